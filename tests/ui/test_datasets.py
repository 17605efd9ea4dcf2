"""Promises of the datasets screen: what is frozen is listed and shown, freezing is a key, nothing is lost by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_screens import Look, look  # noqa: F401  (a fixture)
from workbench import HOSTILE, Fill, Open, again, chat, obeyed

from molting_tui.datasets import catalogue
from molting_tui.datasets.freezing import freeze
from molting_tui.evaluation.bank.bank import Bank, Draft
from molting_tui.ui.datasets.datasets import DatasetsScreen
from molting_tui.ui.datasets.freezing import FreezeScreen, next_name
from molting_tui.workspace import Workspace

SIZES = [(80, 24), (120, 40)]
SECRET = "O token é ghp_FAKEfakeFAKE0123456789abcdefFAKEfake: guarda no cofre e troca ainda hoje, por favor."


@pytest.fixture
def kept(fill: Fill) -> Workspace:
    """A workspace with six kept pairs."""
    workspace = fill([chat(number) for number in range(1, 8)])
    desk = again(workspace)
    for number in range(1, 7):
        desk.decide(desk.pair(number), "keep")
    desk.workspace.close()
    return workspace


@pytest.fixture
def two(kept: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The same with two datasets; one pair was dropped, one rewritten, one kept between them."""
    monkeypatch.setattr("molting_tui.store.events.now", lambda: "2026-02-12T09:30:00.000Z")
    freeze(kept, "v1")
    desk = again(kept)
    desk.decide(desk.pair(1), "drop")
    desk.decide(desk.pair(7), "keep")
    desk.rewrite(desk.pair(2), response="A fila é drenada antes de cada deploy, e a resposta é outra agora.")
    desk.workspace.close()
    monkeypatch.setattr("molting_tui.store.events.now", lambda: "2026-02-13T18:05:00.000Z")
    freeze(kept, "v2", where="-id:3")
    return kept


async def test_without_a_dataset_the_screen_tells_the_next_step(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.press("f3")
        assert isinstance(hand.app.screen, DatasetsScreen)
        assert "Nothing is frozen yet. s freezes what is kept" in hand.text()
        for key in ("j", "k", "g", "G", "d", "J", "K", "tab", "z"):
            await hand.press(key)
        assert hand.alive
        await hand.press("q")
        assert not isinstance(hand.app.screen, DatasetsScreen)


async def test_s_freezes_what_is_kept_under_the_next_name(kept: Workspace, open_app: Open) -> None:
    async with open_app(kept) as hand:
        await hand.press("f3")
        await hand.press("s")
        await hand.until("6 pairs kept ─▸ datasets/v1/")
        await hand.press("enter")
        await hand.until("v1 is frozen: 6 pairs.")
        await hand.press("s")
        await hand.until("datasets/v2/")
        await hand.press("enter")
        await hand.until("It holds the same as v1.")
        assert [dataset.name for dataset in catalogue.catalogue(kept).datasets] == ["v2", "v1"]


async def test_what_a_run_froze_for_itself_is_no_name_to_count_on_from(kept: Workspace, open_app: Open) -> None:
    freeze(kept, "v1")
    freeze(kept, "0004-tiny", made="run")
    async with open_app(kept) as hand:
        await hand.press("f3", "s")
        assert isinstance(hand.app.screen, FreezeScreen)
        assert hand.app.screen.value("name") == "v2"


async def test_a_part_is_held_out_of_a_freeze_and_how_many_that_is_said_before(kept: Workspace, open_app: Open) -> None:
    async with open_app(kept) as hand:
        await hand.press("f3", "s", *"v9", "up", *"34x")  # the letters take the place of the suggested name
        assert "`34x` can't be held out. Write a number of pairs, or 1% to 50%." in hand.text()
        await hand.press("enter")
        assert isinstance(hand.app.screen, FreezeScreen)
        await hand.press("backspace", "%")
        await hand.until("4 to train on · 2 held out")
        await hand.press("enter")
        await hand.until("v9 is frozen: 6 pairs, 2 of them held out.")
        (dataset,) = catalogue.catalogue(kept).datasets
        assert (dataset.name, dataset.parts["train"], dataset.parts["held_out"]) == ("v9", 4, 2)


async def test_a_name_or_filter_that_cannot_be_is_said_before_anything_is_frozen(
    two: Workspace, open_app: Open
) -> None:
    async with open_app(two) as hand:
        await hand.press("f3")
        await hand.press("s")
        await hand.until("datasets/v3/")
        for name, words in (("V1", "there is a dataset `V1` already"), ("../v9", "can't be the name"), ("", "a name")):
            await hand.ask(name)
            assert words in hand.text()
        await hand.ask("v3")
        assert [dataset.name for dataset in catalogue.catalogue(two).datasets] == ["v3", "v2", "v1"]


async def test_a_secret_is_said_before_and_refuses_the_freeze(kept: Workspace, fill: Fill, open_app: Open) -> None:
    fill([chat(8, SECRET)])
    desk = again(kept)
    desk.decide(desk.pair(8), "keep")
    desk.workspace.close()
    async with open_app(kept) as hand:
        await hand.press("f3")
        await hand.press("s")
        await hand.until("1 of these pairs holds a secret: molting won't freeze it.")
        await hand.press("enter")
        await hand.until("1 kept pair holds a secret")
        assert catalogue.catalogue(kept).datasets == ()


async def test_a_dataset_is_shown_against_the_one_before(two: Workspace, open_app: Open) -> None:
    async with open_app(two) as hand:
        await hand.press("f3")
        await hand.until("1 came, 2 went, 1 rewritten, 0 re-derived, 3 the same.")
        assert "+ A fila é drenada antes de cada deploy, e a resposta é outra agora." in hand.text()
        assert hand.line("#dataset-title").startswith("v2 · 5 pairs · frozen 13 Feb 2026 18:05")
        await hand.press("j")
        await hand.until("of its pairs has other words now.")
        assert "against" not in hand.text()
        await hand.press("j")
        assert hand.status == "This is the oldest dataset."


async def test_d_compares_with_any_other_dataset(two: Workspace, open_app: Open) -> None:
    freeze(two, "v3")
    async with open_app(two) as hand:
        await hand.press("f3")
        await hand.until("against v2")
        await hand.press("d")
        assert "v2: 5 pairs, frozen 13 Feb 2026 18:05." in hand.text()
        await hand.press("right")
        await hand.press("enter")
        await hand.until("against v1")


async def test_what_another_process_freezes_is_there_when_one_comes_back(kept: Workspace, open_app: Open) -> None:
    async with open_app(kept) as hand:
        await hand.press("f3")
        await hand.press("q")
        freeze(kept, "v1")
        await hand.press("f3")
        await hand.until("frozen by")
        assert "v1" in hand.text()


async def test_hostile_words_are_shown_and_never_obeyed(kept: Workspace, open_app: Open) -> None:
    freeze(kept, "v1")
    desk = again(kept)
    desk.rewrite(desk.pair(2), instruction=HOSTILE, response=HOSTILE)
    desk.tag(desk.pair(2), "[/INST]\x1b[2J\u202e")
    desk.workspace.close()
    freeze(kept, "v2", where="-[/INST]\x1b[2J")
    (kept.folder / "datasets" / "\x1b[2J[bold]").mkdir()
    async with open_app(kept) as hand:
        await hand.press("f3")
        await hand.until("rewritten")
        assert hand.alive
        assert obeyed(hand.text().replace("\n", "")) == []


async def test_a_file_changed_by_hand_is_said(two: Workspace, open_app: Open) -> None:
    Path(two.folder / "datasets" / "v2" / "dataset.jsonl").write_text("{}")
    async with open_app(two) as hand:
        await hand.press("f3")
        await hand.until("isn't what was frozen any more")


def test_the_next_name_counts_on() -> None:
    assert next_name([]) == "v1"
    assert next_name(["v2.9", "v2.8"]) == "v2.10"
    assert next_name(["final", "V3", "v4", "v5"]) == "V6"
    assert next_name(["final"]) == "v1"


@pytest.mark.parametrize("size", SIZES)
def test_nothing_frozen(look: Look, kept: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(kept, size, "f3", "until:Nothing is frozen")


@pytest.mark.parametrize("size", SIZES)
def test_two_datasets(look: Look, two: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(two, size, "f3", "until:the same.")


@pytest.mark.parametrize("size", SIZES)
def test_before_a_freeze(look: Look, two: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(two, size, "f3", "until:the same.", "s", "until:never changes")


async def test_pairs_in_another_part_are_shown_as_such(kept: Workspace, open_app: Open) -> None:
    freeze(kept, "v1")
    Bank(kept).add([Draft(again(kept).pair(1).instruction)])
    freeze(kept, "v2")
    async with open_app(kept) as hand:
        await hand.press("f3")
        await hand.until("1 in another part")
        assert "6 (train 5, question bank 1)" in hand.text()
