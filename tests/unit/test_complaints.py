"""Promises about complaints: what a prompt says of the answer before it is a hint on that answer's pair, never more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cli_workspaces import LONG, answer, made, session, value

from molting_tui.curation import complaints, flagging
from molting_tui.curation.complaints import OPENING, complaint_in
from molting_tui.curation.importing import derive_again, import_paths
from molting_tui.curation.rules import RuleSet, load_rules
from molting_tui.curation.triage import Desk
from molting_tui.errors import Cancelled
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Progress
from molting_tui.store import complaints as stored
from molting_tui.ui.triage.facts import facts_lines
from tests.conftest import new_workspace

SHIPPED = Path(__file__).parents[2] / "rubrics" / "curation" / "complaints.yaml"
COMPLAINTS = (
    "no, wrong",
    "No. That's not what I asked for.",
    "that's not what I asked",
    "still broken",
    "it’s still not working",
    "revert that",
    "You deleted the wrong file!",
    "hmm, this isn't right",
    "ok but it doesn't compile",
    "não, errado",
    "não era isso",
    "Não foi isso que eu pedi",
    "errado, a fila é outra",
    "ainda não funciona",
    "deu erro de novo",
    "você esqueceu o teste",
    "desfaz isso",
    "tá errado",
)
OTHERS = (
    "no",
    "yes, do it",
    "No need, thanks.",
    "no, the second one",
    "make a PR for this",
    "What happens if the upload fails?",
    "Is it still needed?",
    "Fix the wrong title in the README",
    "can you explain why they fail now?",
    "great, that works",
    "não precisa",
    "sim, pode fazer",
    "não, obrigado",
    "por que a fila está lenta?",
    "se der erro, me avisa",
    "agora escreve o teste",
    "",
)
TURNS: tuple[tuple[str, Sequence[str]], ...] = (
    ("How do I drain the queue?", (LONG,)),
    ("ok", ("Fine, it stays as it is then, until you say so and I change it for you.",)),
    ("no, that is wrong: the worker is another one", (LONG.replace("CRM", "worker"),)),
    ("thank you, and the proxy?", (LONG.replace("CRM", "proxy"),)),
    ("ainda não funciona, olha o log", (LONG.replace("CRM", "log"),)),
)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules([SHIPPED])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    workspace = new_workspace(tmp_path / "claudio")
    logs = tmp_path / "crm"
    logs.mkdir()
    import_paths(workspace, [session(logs / "s1.jsonl", TURNS)])
    yield Desk(workspace)
    workspace.close()


def disputed(desk: Desk, where: str = "is:disputed") -> list[str]:
    return [desk.pair(number).instruction for number in desk.matching(where)]


@pytest.mark.parametrize("prompt", COMPLAINTS)
def test_who_complains_in_either_language_is_noticed(rules: RuleSet, prompt: str) -> None:
    assert complaint_in(rules, prompt) is not None


@pytest.mark.parametrize("prompt", OTHERS)
def test_who_asks_answers_or_goes_on_is_left_alone(rules: RuleSet, prompt: str) -> None:
    assert complaint_in(rules, prompt) is None


def test_a_complaint_points_at_its_words_in_the_prompt(rules: RuleSet) -> None:
    prompt = " \n  Olá, João. Não era isso: " + "x" * 300
    found = complaint_in(rules, prompt)
    assert found is not None
    assert prompt[found.start : found.end].startswith("Não era isso")


def test_only_the_first_words_count(rules: RuleSet) -> None:
    assert complaint_in(rules, "Here is the log. " * 20 + "This is wrong.") is None
    assert complaint_in(rules, " " * 3 * OPENING + "This is wrong.") is None
    assert complaint_in(rules, "no, wrong. " + "x" * 10_000_000) is not None


def test_rules_on_the_next_prompt_flag_no_message_and_change_no_flags_digest(rules: RuleSet) -> None:
    files = sorted(SHIPPED.parent.glob("*.yaml"))
    every, without = load_rules(files), load_rules([file for file in files if file != SHIPPED])
    assert every.digest == without.digest
    assert every.next_digest == rules.next_digest
    from molting_tui.records.turns import Message

    assert every.flags([Message("user", "no, that is wrong"), Message("assistant", "You forgot it: deu erro.")]) == ()


def test_the_pair_before_a_complaint_is_disputed_and_undecided(desk: Desk) -> None:
    assert disputed(desk) == ["thank you, and the proxy?"]  # the turn before the other one gave no pair
    assert disputed(desk, "is:disputed state:open") == disputed(desk)
    assert len(disputed(desk, "-is:disputed")) == len(desk.matching()) - 1
    pair = desk.pair(desk.matching("is:disputed")[0])
    around = desk.surroundings(pair)
    shown = [strip.text for strip in facts_lines(pair, [], 80, 2, around)]
    assert '⚑ next prompt: "ainda não funciona, olha o log"' in shown[1]


def test_who_begins_with_a_complaint_disputes_nothing(desk: Desk, tmp_path: Path) -> None:
    import_paths(
        desk.workspace, [session(tmp_path / "crm" / "s3.jsonl", [("no, that is wrong: see the log", (LONG,))])]
    )
    assert disputed(desk) == ["thank you, and the proxy?"]
    assert len(disputed(desk, "-is:disputed")) == len(desk.matching()) - 1


def test_a_pair_made_anew_is_disputed_still(desk: Desk) -> None:
    derive_again(desk.workspace, AnswerMode.ALL)
    assert disputed(desk) == ["thank you, and the proxy?"]


def test_a_complaint_in_a_resumed_session_is_about_the_copied_turn(desk: Desk, tmp_path: Path) -> None:
    resumed = tmp_path / "crm" / "s2.jsonl"
    more = session(tmp_path / "more.jsonl", [("no, wrong again", (LONG,))], prefix="more")
    resumed.write_text((tmp_path / "crm" / "s1.jsonl").read_text("utf-8") + more.read_text("utf-8"), "utf-8")
    import_paths(desk.workspace, [resumed])
    assert disputed(desk) == ["thank you, and the proxy?", "ainda não funciona, olha o log"]


def test_a_chat_file_has_no_next_prompt(desk: Desk, tmp_path: Path) -> None:
    chats = tmp_path / "chats.jsonl"
    chats.write_text('{"instruction": "no, that is wrong", "output": "Then it is right so."}\n' * 2, "utf-8")
    import_paths(desk.workspace, [chats])
    assert len(disputed(desk)) == 1
    assert desk.workspace.store.value("select count(*) from complaint") == 2


def test_complaints_are_found_after_an_upgrade_where_the_search_was_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "CHUNK", 2)
    with desk.workspace.store.write() as connection:
        connection.execute("delete from complaint")
        connection.execute("delete from meta where key = 'complaint-rules'")
    making = flagging.being_made(desk.workspace)
    assert making is not None
    assert "0 of 5 turns" in flagging.progress_sentence(making)

    def stop(_: Progress) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        complaints.finish(desk.workspace, stop)
    making = flagging.being_made(desk.workspace)
    assert making is not None
    assert (making.done, making.total) == (2, 5)
    assert disputed(desk) == ["thank you, and the proxy?"]  # a filter on them waits until they are whole
    assert flagging.being_made(desk.workspace) is None


def test_own_rules_take_hold_when_they_are_applied(tmp_path: Path) -> None:
    folder = made(tmp_path / "claudio", TURNS)
    text = SHIPPED.read_text("utf-8").split("rules:\n")[0]
    own = 'rules:\n  - {id: aff, pattern: "(?i:thank you)", example: "Thank you", counter_example: "aff"}\n'
    (folder / "rubrics" / "curation" / "complaints.yaml").write_text(text + own, "utf-8")
    assert value("rules", workspace=folder)["changed"] is True
    answer("rules", "apply", workspace=folder)
    rows = {rule["rule"]: (rule["pairs"], rule["hits"]) for rule in value("rules", workspace=folder)["rules"]}
    assert rows["aff"] == (1, 1)
    assert value("rules", workspace=folder)["changed"] is False
    assert [pair["id"] for pair in value("pairs", "--where", "is:disputed", workspace=folder)] == [2]
    assert value("stats", workspace=folder)["disputed"] == 1
