"""How the screens look, at the least and at the usual size. `pytest --snapshot-update` takes the pictures anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from workbench import HOSTILE, Fill, Hand, chat

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.ui.app import MoltingApp
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.workspace import Workspace, shipped
from tests.conftest import new_workspace

SMALL = [(80, 24)]
SIZES = [*SMALL, (120, 40)]
FLAGGED = "Vou verificar a fila primeiro. Deixa eu ver os logs do deploy de ontem, e só então digo o que houve."
SECRET = "O token é ghp_FAKEfakeFAKE0123456789abcdefFAKEfake: guarda no cofre e troca ainda hoje, por favor."
TURNS = {
    "conversations": [
        {"from": "system", "value": "Você é Cláudio, assistente do João na Softtor."},
        {"from": "human", "value": "Como está a fila hoje?"},
        {"from": "gpt", "value": "Vazia desde a manhã: o último trabalho saiu às nove e nada espera por ninguém."},
        {"from": "human", "value": "E o deploy, pode ir agora ou é melhor esperar o fim do dia?"},
        {
            "from": "gpt",
            "value": "Pode ir agora. A fila está vazia, os testes passaram e a versão velha fica ao lado por uma hora.",
        },
    ]
}
CHATS = [
    chat(1),
    chat(2, FLAGGED),
    chat(3, SECRET),
    chat(4),
    chat(5, f"Isto veio de um log: {HOSTILE} e acaba aqui."),
    TURNS,
    *(chat(number) for number in range(7, 60)),
]

Look = Callable[..., None]


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said is always said at the same time."""
    monkeypatch.setattr("molting_tui.store.events.now", lambda: "2026-02-12T09:30:00.000Z")


@pytest.fixture
def look(snap_compare: Any) -> Look:
    """Compare a screen, after some keys, with its picture."""

    def compare(workspace: Workspace, size: tuple[int, int], *steps: str, triage: str | None = None) -> None:
        async def before(pilot: Pilot[int]) -> None:
            hand = Hand(pilot)
            await hand.settle()
            if triage is not None:
                screen = await hand.triage()
                screen.action_set_filter(triage)
                await hand.settle()
            for step in steps:
                if step.startswith("text:"):
                    await hand.type(step.removeprefix("text:"))
                elif step.startswith("until:"):
                    await hand.until(step.removeprefix("until:"))
                elif step.startswith("action:"):
                    await hand.app.run_action(step.removeprefix("action:"), hand.app.screen)
                else:
                    await hand.pilot.press(step)
                await hand.settle()
            # The first screen of a pair is painted by its lines; here the whole screen is.
            hand.app.screen.refresh(layout=True)
            await hand.settle()

        assert snap_compare(MoltingApp(workspace), terminal_size=size, run_before=before)

    return compare


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with all of `data/`, imported once."""
    folder = tmp_path_factory.mktemp("imported") / "claudio"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLTING_ACTOR", "joao")
        workspace = new_workspace(folder, name="Cláudio", user="João", system_prompt="Você é Cláudio.")
        import_paths(workspace, [shipped("data")])
        workspace.close()
    return folder


@pytest.fixture
def demo(imported: Path, tmp_path: Path) -> Iterator[Workspace]:
    """That workspace, a copy for this test alone."""
    shutil.copytree(imported, tmp_path / "claudio")
    workspace = workspaces.open_workspace(tmp_path / "claudio")
    yield workspace
    workspace.close()


@pytest.fixture
def chats(fill: Fill) -> Workspace:
    """A workspace of chats, some of them decided."""
    workspace = fill(CHATS)
    desk = Desk(workspace)
    desk.rewrite(desk.pair(4), response="Resposta 4: a fila é drenada, e depois o proxy troca de versão.")
    desk.decide(desk.pair(2), "drop", "agent talk")
    desk.comment(desk.pair(4), "a do meio ficou melhor")
    desk.tag(desk.pair(4), "voz")
    desk.star(desk.pair(6))
    return workspace


@pytest.mark.parametrize("size", SMALL)
def test_home_of_an_empty_workspace(look: Look, fill: Fill, size: tuple[int, int]) -> None:
    look(fill(), size)


@pytest.mark.parametrize("size", SIZES)
def test_home_after_an_import(look: Look, demo: Workspace, size: tuple[int, int]) -> None:
    desk = Desk(demo)
    for number in range(20, 40):
        desk.decide(desk.pair(number), "keep" if number % 3 else "drop")
    desk.decide(desk.pair(desk.matching("flag:secret")[0]), "keep")
    desk.leave_at("state:open", 41)
    look(demo, size)


@pytest.mark.parametrize("size", SIZES)
def test_persona(look: Look, demo: Workspace, size: tuple[int, int]) -> None:
    look(demo, size, "e")


@pytest.mark.parametrize("size", SIZES)
def test_projects(look: Look, demo: Workspace, size: tuple[int, int]) -> None:
    look(demo, size, "P", "text:s")


@pytest.mark.parametrize("size", SIZES)
def test_import_report(
    look: Look, fill: Fill, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(shipped("data"), tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    look(fill(), size, "I", "ctrl+u", "text:data", "enter", "until:Left out, and why")


@pytest.mark.parametrize("size", SIZES)
def test_triage_of_a_session(look: Look, demo: Workspace, size: tuple[int, int]) -> None:
    look(demo, size, triage="project:crm-api fila")


@pytest.mark.parametrize("size", SIZES)
def test_triage_of_a_flagged_pair(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, triage="flag:agent-speech")


@pytest.mark.parametrize("size", SIZES)
def test_triage_of_a_secret(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, triage="flag:secret")


@pytest.mark.parametrize("size", SMALL)
def test_triage_of_a_rewritten_pair(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, triage="is:rewritten")


@pytest.mark.parametrize("size", SIZES)
def test_triage_of_hostile_text(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, triage="acaba")


@pytest.mark.parametrize("size", SMALL)
def test_triage_of_several_turns(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, triage="is:starred")


@pytest.mark.parametrize("size", SIZES)
def test_the_list(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, *(["tab"] if size[0] < 100 else []), "j", triage="")


@pytest.mark.parametrize("size", SMALL)
def test_search_hits(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "slash", "text:drenada", "enter", triage="")


@pytest.mark.parametrize("size", SMALL)
def test_no_pair_matches(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, triage="zzz")


@pytest.mark.parametrize("size", SMALL)
def test_the_filter_question(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "F", triage="state:open")


@pytest.mark.parametrize("size", SMALL)
def test_a_mistake_in_the_filter_question(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "F", "ctrl+u", "text:flagg:x", "enter", triage="state:open")


@pytest.mark.parametrize("size", SMALL)
def test_the_question_why(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "X", triage="flag:agent-speech")


@pytest.mark.parametrize("size", SMALL)
def test_the_question_before_a_bulk(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "action:screen.bulk('keep')", triage="state:open")


@pytest.mark.parametrize("size", SIZES)
def test_rewriting(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "e", "text:Sim: ", "end", "backspace", triage="is:rewritten")


@pytest.mark.parametrize("size", SIZES)
def test_info(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "i", triage="is:rewritten")


@pytest.mark.parametrize("size", SIZES)
def test_help(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "question_mark", triage="")


@pytest.mark.parametrize("size", SIZES)
def test_palette(look: Look, chats: Workspace, size: tuple[int, int]) -> None:
    look(chats, size, "colon", triage="")


def test_the_pictures_are_of_triage(chats: Workspace) -> None:
    desk = Desk(chats)
    found = {
        name: len(desk.matching(name))
        for name in ("flag:agent-speech", "flag:secret", "is:rewritten", "is:starred", "acaba")
    }
    assert found == {name: 1 for name in found}
    assert TriageScreen.PALETTE
