"""Promises of what Home tells besides the way: who decided how much, what waits, and the result shown last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.evaluation.battles import starting as battles
from molting_tui.evaluation.results.comparison import compared
from molting_tui.evaluation.results.last_verdict import last_verdict
from molting_tui.evaluation.results.table import results
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.overview.pairs import notes_by_rules
from molting_tui.overview.standing import people, standing
from molting_tui.overview.way import way
from molting_tui.records.battles import BattleWanted
from molting_tui.store import events, scoring
from molting_tui.workspace import Workspace, open_workspace
from tests.answered import answered, question, question_set
from tests.compared import FIVE, score, scored_together
from tests.conftest import new_workspace, write_chats

LEVELS = {"v1": (1, 2, 1, 2, 1, 2, 1, 2), "v2": (4, 4, 3, 4, 4, 3, 4, 4)}
SENTENCE = "The queue is drained before every deploy, and only then does the proxy switch over. "


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("MOLTING_ACTOR", "joao")
    workspace = new_workspace(tmp_path / "claudio")
    pairs = [(f"Question {number}, in other words?", f"{SENTENCE} Answer {number}.") for number in range(9)]
    import_paths(workspace, [write_chats(tmp_path / "chats.json", *pairs)])
    yield workspace
    workspace.close()


def at(monkeypatch: pytest.MonkeyPatch, time: datetime) -> None:
    """From now on it is this time."""
    stamp = time.astimezone().isoformat(timespec="milliseconds")
    utc = datetime.fromisoformat(stamp).astimezone(tz=datetime.fromisoformat("2026-01-01T00:00:00Z").tzinfo)
    monkeypatch.setattr(events, "now", lambda: utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def test_decisions_stand_under_their_day_one_by_one_and_in_bulk_apart(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, now = Desk(workspace), datetime.now().astimezone().replace(hour=12)
    at(monkeypatch, now - timedelta(days=20))
    desk.decide(desk.pair(1), "keep")  # too long ago
    at(monkeypatch, now - timedelta(days=3))
    desk.decide(desk.pair(1), "drop")
    desk.decide(desk.pair(2), "keep")
    desk.decide_where("id:3,4,5", "drop")
    at(monkeypatch, now)
    desk.rewrite(desk.pair(6), response=f"{SENTENCE} By hand.")
    desk.decide(desk.pair(7), "skip")
    desk.decide(desk.pair(8), "keep")
    desk.undo()
    (person,) = people(workspace, now)
    assert person.name == "joao"
    assert person.days == (0,) * 10 + (2, 0, 0, 1)
    assert (person.one_by_one, person.in_bulk) == (3, 3)


def test_you_stand_first_and_then_who_decided_most(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = workspace.folder
    for name, numbers in (("ana", (1, 2, 3)), ("rui", (4, 5)), ("joao", (6,))):
        monkeypatch.setenv("MOLTING_ACTOR", name)
        other = open_workspace(folder)
        for number in numbers:
            Desk(other).decide(Desk(other).pair(number), "keep")
        other.close()
    told = standing(workspace).people
    assert [(person.name, person.one_by_one) for person in told] == [("joao", 1), ("ana", 3), ("rui", 2)]


def test_unfinished_rewrites_are_yours_alone(workspace: Workspace) -> None:
    desk = Desk(workspace)
    desk.save_draft(desk.pair(1), {1: "half a"})
    assert way(workspace).drafts == 1
    desk.save_draft(desk.pair(1), None)
    assert way(workspace).drafts == 0


def test_a_broken_rule_file_is_a_note_and_everything_else_is_told(workspace: Workspace) -> None:
    file = workspace.folder / "rubrics" / "curation" / "mine.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("family: [\n", "utf-8")
    (note,) = notes_by_rules(workspace)
    assert "mine.yaml" in note
    assert standing(workspace).projects[0].pairs == 9


# The last result


def test_nothing_is_told_of_a_result_before_it_was_shown(workspace: Workspace) -> None:
    scored_together(workspace, LEVELS)
    assert standing(workspace).result is None
    assert not scoring.looked_at(workspace.store, _sessions(workspace))  # and asking has shown nobody a name
    results(workspace, FIVE)
    told = standing(workspace).result
    assert told is not None
    assert (told.a, told.b, told.title, told.outdated) == ("v2", "v1", "DIFFERENT", False)
    assert told.figures.startswith("+5.6")


def test_what_one_was_shown_is_not_told_to_another(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    scored_together(workspace, LEVELS)
    results(workspace, FIVE)
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    other = open_workspace(workspace.folder)
    assert last_verdict(other) is None
    other.close()


def test_a_result_is_kept_back_while_somebody_scores_blind(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored_together(workspace, LEVELS)
    results(workspace, FIVE)
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    other = open_workspace(workspace.folder)
    start(other, FIVE, contenders=tuple(LEVELS))
    other.close()
    assert last_verdict(workspace) is None


def test_a_result_is_kept_back_while_a_battle_waits_for_a_vote(workspace: Workspace) -> None:
    scored_together(workspace, LEVELS)
    results(workspace, FIVE)
    assert last_verdict(workspace) is not None
    battles.start(workspace, BattleWanted(("v1", "v2")))
    assert last_verdict(workspace) is None


def test_a_result_says_when_somebody_has_scored_since(workspace: Workspace) -> None:
    scored_together(workspace, LEVELS)
    compared(workspace, FIVE, "v1", "v2")
    told = last_verdict(workspace)
    assert told is not None
    assert (told.a, told.outdated) == ("v1", False)
    score(workspace, LEVELS, again=True)
    told = last_verdict(workspace)
    assert told is not None
    assert told.outdated


def test_a_look_that_shows_nothing_new_writes_nothing(workspace: Workspace) -> None:
    scored_together(workspace, LEVELS)
    results(workspace, FIVE)
    before = open_workspace(workspace.folder)
    version = before.store.data_version()
    results(workspace, FIVE)
    assert before.store.data_version() == version
    before.close()


def test_answers_that_wait_for_nobody_yet_hide_no_result(workspace: Workspace) -> None:
    scored_together(workspace, LEVELS)
    results(workspace, FIVE)
    answered(workspace, question_set(question("later")), ("v3",), run="0002-later")
    assert last_verdict(workspace) is not None


def _sessions(workspace: Workspace) -> list[str]:
    return [uuid for (uuid,) in workspace.store.rows("select uuid from blind_session")]
