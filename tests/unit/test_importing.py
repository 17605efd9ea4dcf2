"""Promises about import: nothing twice, nothing lost in silence, and the same end whatever came in between."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import ImportReport, derive_again, everything_left_out, import_paths
from molting_tui.curation.rules import RuleSet
from molting_tui.curation.triage import Desk
from molting_tui.datasets.export.export import export, foresee
from molting_tui.errors import BadInput, Cancelled, MoltingError
from molting_tui.records.pairs import AnswerMode, Before, Flag, Pair, State
from molting_tui.records.progress import Progress
from molting_tui.records.turns import FileRead, Message
from molting_tui.sources import reading
from molting_tui.sources.claude.log import read_session
from molting_tui.sources.kinds import VERSIONS
from molting_tui.sources.lines import OnBytes
from molting_tui.store.connection import Store
from molting_tui.workspace import SETTINGS_FILE, Workspace
from tests.conftest import FILLER, ROOT, Asked, Start, asked, finished, new_workspace, write_chats, write_session

DERIVED = ("duplicate-turn", "duplicate-text", "incomplete", "no-answer", "short-prompt", "short-answer", "tool-only")


def left_out(report: ImportReport) -> dict[str, int]:
    return {left.reason: left.count for left in report.left_out}


def state_of(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    """Everything that an import stores, but for the times when it did."""
    queries = {
        "files": "select path, size, mtime_ns, records, sessions, turns, left_out from source_file order by path",
        "turns": """select t.id, t.key, t.digest, s.project, s.key, f.path, t.line, t.human, t.steps, t.model, t.time
                    from turn t join session s on s.id = t.session_id join source_file f on f.id = t.file_id
                    order by t.id""",
        "places": """select t.key, f.path, s.key, o.line from turn_origin o join turn t on t.id = o.turn_id
                     join source_file f on f.id = o.file_id join session s on s.id = o.session_id order by 1, 2, 4""",
        "pairs": """select p.id, p.uid, p.live, p.kind, p.state, p.rewritten, p.flagged, t.key, s.key, m.name,
                           p.language, p.instruction_length, p.response_length, p.time, c.instruction, c.response
                    from pair p join turn t on t.id = p.turn_id join session s on s.id = p.session_id
                    join model m on m.id = p.model_id join pair_current c on c.id = p.id order by p.id""",
        "origins": """select p.uid, t.key from pair_origin o join pair p on p.id = o.pair_id
                      join turn t on t.id = o.turn_id order by 1, 2""",
        "flags": "select pair_id, family, rule, place, start, end from flag order by 1, 2, 3, 4, 5",
        "searchable": "select value from meta where key in ('searchable', 'answer', 'rules') order by key",
        "found": "select rowid from pair_search where pair_search match 'answer' order by 1",
    }
    return {name: workspace.store.rows(query) for name, query in queries.items()}


def live(workspace: Workspace) -> dict[str, str]:
    """The pairs in the list: answer by prompt."""
    desk = Desk(workspace)
    return {pair.instruction: pair.response for number in desk.matching() if (pair := desk.pair(number))}


def stop_after(count: int, unit: str = "") -> Callable[[Progress], None]:
    """A report that cancels at its count-th call."""
    calls = 0

    def report(progress: Progress) -> None:
        nonlocal calls
        calls += not unit or progress.unit == unit
        if calls == count:
            raise Cancelled

    return report


# Importing again


def test_importing_again_adds_nothing_and_says_so(workspace: Workspace, tmp_path: Path) -> None:
    log = write_session(tmp_path / "crm" / "s.jsonl", asked(1), asked(2), Asked("u", "commit", ("ok",)))
    first = import_paths(workspace, [log])
    assert (first.files, first.sessions, first.records, first.turns, first.pairs_new) == (1, 1, 6, 3, 2)
    assert left_out(first) == {"short-prompt": 1}
    before = state_of(workspace)
    second = import_paths(workspace, [log])
    assert (second.files, second.files_known, second.turns, second.turns_new) == (1, 1, 0, 0)
    assert (second.pairs_new, second.pairs_known, second.left_out) == (0, 0, ())
    assert state_of(workspace) == before
    assert [(left.reason, left.count) for left in everything_left_out(workspace)] == []


def test_a_touched_file_is_read_again_and_adds_nothing(workspace: Workspace, tmp_path: Path) -> None:
    log = write_session(tmp_path / "crm" / "s.jsonl", asked(1), asked(2))
    import_paths(workspace, [log])
    before = state_of(workspace)
    os.utime(log, (1, 1))
    again = import_paths(workspace, [log])
    assert (again.turns, again.turns_new, again.pairs_new, again.pairs_known, again.left_out) == (2, 0, 0, 0, ())
    after = state_of(workspace)
    assert {name: rows for name, rows in after.items() if name != "files"} == {
        name: rows for name, rows in before.items() if name != "files"
    }


def test_a_turn_that_got_its_final_answer_since_gives_its_pair(workspace: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "crm" / "s.jsonl"
    write_session(log, asked(1), asked(2, "I look at it first.", None))
    first = import_paths(workspace, [log])
    assert left_out(first) == {"incomplete": 1}
    write_session(log, asked(1), asked(2, "I look at it first.", None, f"Here it is. {FILLER}"), asked(3))
    second = import_paths(workspace, [log])
    assert (second.turns, second.turns_new, second.pairs_new, left_out(second)) == (3, 1, 2, {})
    assert list(live(workspace).values())[1:] == [f"Here it is. {FILLER}", f"Answer number 3. {FILLER}"]


def test_a_turn_that_went_on_replaces_its_pair_and_the_decision_stays_with_the_old_text(
    workspace: Workspace, tmp_path: Path
) -> None:
    log = tmp_path / "crm" / "s.jsonl"
    import_paths(workspace, [write_session(log, asked(1, f"First. {FILLER}"))])
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    import_paths(workspace, [write_session(log, asked(1, f"First. {FILLER}", None, f"Second. {FILLER}"))])
    assert live(workspace) == {"Question number 1, please?": f"Second. {FILLER}"}
    (number,) = desk.matching()
    new = desk.pair(number)
    assert new.state == "open"
    assert desk.earlier_texts(new) == [(1, State.KEEP)]
    assert desk.counts().total == 1


def test_items_that_move_in_a_chat_file_are_the_same_turns(workspace: Workspace, tmp_path: Path) -> None:
    chats = tmp_path / "chats.json"
    import_paths(workspace, [write_chats(chats, ("one", "first"), ("two", "second"))])
    again = import_paths(workspace, [write_chats(chats, ("zero", "none"), ("one", "first"), ("two", "second"))])
    assert (again.turns, again.turns_new, again.pairs_new, left_out(again)) == (3, 1, 1, {})
    places = workspace.store.rows(
        "select human, o.line, t.line from turn_origin o join turn t on t.id = turn_id order by 1"
    )
    assert places == [("one", 2, 2), ("two", 3, 3), ("zero", 1, 1)]


def test_a_turn_that_has_gone_from_its_file_stays_with_the_place_it_had(workspace: Workspace, tmp_path: Path) -> None:
    chats = tmp_path / "chats.json"
    import_paths(workspace, [write_chats(chats, ("one", "first"), ("two", "second"))])
    import_paths(workspace, [write_chats(chats, ("two", "second"))])
    assert set(live(workspace)) == {"one", "two"}
    assert [origin.line for origin in Desk(workspace).pair(1).origins] == [1]
    assert [origin.line for origin in Desk(workspace).pair(2).origins] == [1]


# Duplicates


def test_a_resumed_sessions_copied_turns_are_counted_and_keep_both_places(workspace: Workspace, tmp_path: Path) -> None:
    write_session(tmp_path / "crm" / "a.jsonl", asked(1), asked(2))
    write_session(tmp_path / "crm" / "b.jsonl", asked(1), asked(2), asked(3))
    report = import_paths(workspace, [tmp_path / "crm"])
    assert (report.turns, report.turns_new, report.pairs_new, left_out(report)) == (5, 3, 3, {"duplicate-turn": 2})
    desk = Desk(workspace)
    assert [(origin.session, origin.line) for origin in desk.pair(1).origins] == [("a", 1), ("b", 1)]
    assert [origin.session for origin in desk.pair(3).origins] == ["b"]


def test_the_same_text_twice_is_one_pair_with_two_places(workspace: Workspace, tmp_path: Path) -> None:
    write_session(tmp_path / "crm" / "a.jsonl", Asked("u1", "Go on, please.", (FILLER,)))
    write_session(tmp_path / "site" / "b.jsonl", Asked("u2", "Go on, please.", ("Hm.", None, FILLER)))
    report = import_paths(workspace, [tmp_path])
    assert (report.turns, report.turns_new, report.pairs_new, left_out(report)) == (2, 2, 1, {"duplicate-text": 1})
    assert [(origin.project, origin.session) for origin in Desk(workspace).pair(1).origins] == [
        ("crm", "a"),
        ("site", "b"),
    ]


def test_the_same_conversation_twice_in_a_file_is_one_turn(workspace: Workspace, tmp_path: Path) -> None:
    chats = write_chats(tmp_path / "chats.json", ("one", "first"), ("two", "second"), ("one", "first"))
    report = import_paths(workspace, [chats])
    assert (report.turns, report.turns_new, report.pairs_new, left_out(report)) == (3, 2, 2, {"duplicate-turn": 1})
    assert [origin.line for origin in Desk(workspace).pair(1).origins] == [1, 3]


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_of_a_turn_cut_short_in_one_file_the_longer_copy_is_taken(
    workspace: Workspace, tmp_path: Path, order: tuple[str, str]
) -> None:
    write_session(tmp_path / "crm" / "a.jsonl", asked(1, "Hm.", None), asked(2))
    write_session(tmp_path / "crm" / "b.jsonl", asked(1, "Hm.", None, f"Done. {FILLER}"))
    reports = [import_paths(workspace, [tmp_path / "crm" / f"{name}.jsonl"]) for name in order]
    assert live(workspace)["Question number 1, please?"] == f"Done. {FILLER}"
    assert sum(report.pairs_new for report in reports) == 2
    os.utime(tmp_path / "crm" / "a.jsonl", (1, 1))
    again = import_paths(workspace, [tmp_path / "crm"])
    assert live(workspace)["Question number 1, please?"] == f"Done. {FILLER}"
    assert (again.pairs_new, left_out(again)) == (0, {"duplicate-turn": 1})
    pair = next(pair for n in (1, 2) if (pair := Desk(workspace).pair(n)).instruction.startswith("Question number 1"))
    assert pair.session == "b"
    assert sorted(origin.session for origin in pair.origins) == ["a", "b"]


@pytest.mark.parametrize("between", [1, 120])
def test_a_turn_that_grows_from_file_to_file_is_counted_once(
    workspace: Workspace, tmp_path: Path, between: int
) -> None:
    write_session(tmp_path / "a.jsonl", asked(1, "Hm.", None))
    write_session(tmp_path / "b.jsonl", *(asked(n) for n in range(100, 100 + between)))
    write_session(tmp_path / "c.jsonl", asked(1, "Hm.", None, f"Done. {FILLER}"))
    write_session(tmp_path / "d.jsonl", asked(1, "Hm.", None, f"Done. {FILLER}", None, f"Done again. {FILLER}"))
    report = import_paths(workspace, [tmp_path])
    assert left_out(report) == {"duplicate-turn": 2}
    assert (report.turns, report.turns_new, report.pairs_new) == (3 + between, 1 + between, 1 + between)
    assert live(workspace)["Question number 1, please?"] == f"Done again. {FILLER}"


def test_a_pair_whose_first_turn_grew_is_shown_with_the_turn_that_still_gives_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    one = write_session(tmp_path / "a.jsonl", Asked("u1", "Go on, please.", (FILLER,)), time="2026-01-01T00:00:00Z")
    two = write_session(tmp_path / "b.jsonl", Asked("u2", "Go on, please.", ("Hm.", FILLER)), model="sonnet")
    import_paths(workspace, [one, two])
    write_session(one, Asked("u1", "Go on, please.", (FILLER, None, f"{FILLER} And more.")))
    import_paths(workspace, [one])
    desk = Desk(workspace)
    pair = desk.pair(1)
    assert (pair.response, pair.session, pair.model) == (FILLER, "b", "sonnet")
    assert desk.turn(pair) == ("Go on, please.", (("text", "Hm."), ("text", FILLER)))


def test_a_text_that_another_turn_brings_back_is_shown_with_that_turn(workspace: Workspace, tmp_path: Path) -> None:
    one = write_session(tmp_path / "a.jsonl", Asked("u1", "Go on, please.", (FILLER,)))
    import_paths(workspace, [one])
    write_session(one, Asked("u1", "Go on, please.", (FILLER, None, f"{FILLER} And more.")))
    import_paths(workspace, [one])
    two = write_session(tmp_path / "b.jsonl", Asked("u2", "Go on, please.", (FILLER,)), model="sonnet")
    report = import_paths(workspace, [two])
    assert (report.pairs_new, report.pairs_known) == (0, 1)
    assert (Desk(workspace).pair(1).session, Desk(workspace).pair(1).model) == ("b", "sonnet")
    assert Desk(workspace).counts().total == 2


# One file and the others


def test_a_name_that_is_no_text_stops_no_import_and_is_known_again(workspace: Workspace, tmp_path: Path) -> None:
    for number, name in enumerate((b"caf\xe9", b"caf%E9", b"a\nb", b"z", b"\xff/\xfe/deep")):
        write_session(tmp_path / "logs" / os.fsdecode(name + b".jsonl"), asked(number))
    first = import_paths(workspace, [tmp_path / "logs"])
    assert (first.files, first.pairs_new) == (5, 5)
    assert import_paths(workspace, [tmp_path / "logs"]).files_known == 5


def test_a_file_that_could_not_be_read_is_tried_again(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write_session(tmp_path / "logs" / f"{number}.jsonl", asked(number))

    def fails_at_one(path: Path, file: BinaryIO, on_bytes: OnBytes) -> FileRead:
        if path.stem == "1":
            raise ValueError("no such thing")
        return read_session(path, file, on_bytes)

    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_session", fails_at_one)
        first = import_paths(workspace, [tmp_path / "logs"])
    assert (first.pairs_new, left_out(first)) == (2, {"unreadable": 1})
    second = import_paths(workspace, [tmp_path / "logs"])
    assert (second.files_known, second.pairs_new, left_out(second)) == (2, 1, {})


def test_a_turn_that_the_rules_fail_at_costs_itself_alone(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write_session(tmp_path / "s.jsonl", *map(asked, range(3)))
    flags = RuleSet.flags

    def flags_or_fails(rules: RuleSet, messages: Sequence[Message]) -> tuple[Flag, ...]:
        if "number 1" in messages[-1].text:
            raise KeyError("no such thing")
        return flags(rules, messages)

    with monkeypatch.context() as patched:
        patched.setattr(RuleSet, "flags", flags_or_fails)
        report = import_paths(workspace, [log])
    assert (report.turns, report.pairs_new, left_out(report)) == (3, 2, {"unforeseen": 1})
    assert (
        "s:3: Question number 1, please?: KeyError ('no such thing') at test_importing.py" in report.left_out[0].example
    )
    assert derive_again(workspace).pairs_new == 1


# Answers that change after they were decided


def answered(workspace: Workspace, tmp_path: Path, *steps: str | None) -> ImportReport:
    """Import a log of one turn with these steps."""
    return import_paths(workspace, [write_session(tmp_path / "crm" / "s.jsonl", asked(1, *steps))])


def only_pair(workspace: Workspace) -> Pair:
    """The one pair of the list."""
    (number,) = Desk(workspace).matching()
    return Desk(workspace).pair(number)


ONE, TWO, THREE = (f"{word}. {FILLER}" for word in ("One", "Two", "Three"))


def test_a_kept_pair_whose_answer_grew_is_asked_again_with_all_that_was_said_of_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    answered(workspace, tmp_path, ONE)
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep", "good")
    desk.star(desk.pair(1))
    desk.tag(desk.pair(1), "voice")
    desk.tag(desk.pair(1), "short")
    desk.comment(desk.pair(1), "Hm.")
    report = answered(workspace, tmp_path, ONE, None, TWO)
    assert (report.turns_grown, report.asked_again, report.answers_gone) == (1, 1, 0)
    assert report.sentences == (
        "1 decided or rewritten pair has another answer now and is asked again, with star, tags and comment: "
        "the filter asked:again.",
    )
    pair = only_pair(workspace)
    assert (pair.response, pair.state, pair.starred, pair.comment) == (TWO, State.OPEN, True, "Hm.")
    assert pair.tags == ("short", "voice")
    assert pair.before == Before(1, State.KEEP, "good", False, "grown")
    assert list(desk.matching("asked:again is:starred tag:voice")) == [pair.id]
    assert list(desk.matching("-asked:again")) == []
    desk.decide(pair, "drop")
    assert list(desk.matching("asked:again")) == []
    desk.undo()
    assert list(desk.matching("asked:again")) == [pair.id]


def test_an_export_tells_of_pairs_that_are_asked_again_and_so_not_in_it(workspace: Workspace, tmp_path: Path) -> None:
    answered(workspace, tmp_path, ONE)
    import_paths(workspace, [write_session(tmp_path / "crm" / "t.jsonl", asked(2, THREE))])
    desk = Desk(workspace)
    desk.decide_where("", "keep")
    answered(workspace, tmp_path, ONE, None, TWO)
    sentence = (
        "1 pair that somebody had decided on or rewritten has another answer now and is open, so not among these: "
        "the filter `state:open asked:again`."
    )
    report = export(workspace, tmp_path / "out.json", format="sharegpt", where="state:keep")
    assert report.pairs == 1
    assert sentence in report.warnings
    assert sentence in foresee(workspace, "sharegpt").warnings
    desk.star(desk.pair(2))
    assert sentence not in foresee(workspace, "sharegpt", where="is:starred").warnings


def test_undo_goes_past_what_was_carried_over(workspace: Workspace, tmp_path: Path) -> None:
    answered(workspace, tmp_path, ONE)
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    desk.star(desk.pair(1))
    answered(workspace, tmp_path, ONE, None, TWO)
    carried = desk.history(only_pair(workspace))
    assert [(event.kind, event.actor, event.payload) for event in carried] == [
        ("star", "", {"on": True, "carried": "grown"})
    ]
    taken_back = [undone.label for undone in iter(desk.undo, None)]
    assert taken_back == ["star pair 1", "keep pair 1"]
    assert only_pair(workspace).starred
    assert list(desk.matching("asked:again")) == []  # nothing is decided any more
    assert [redone.label for redone in iter(desk.redo, None)] == ["keep pair 1", "star pair 1"]
    assert len(desk.matching("asked:again")) == 1


def test_a_rewrite_of_an_answer_that_grew_can_still_be_read(workspace: Workspace, tmp_path: Path) -> None:
    answered(workspace, tmp_path, ONE)
    desk = Desk(workspace)
    desk.rewrite(desk.pair(1), response="In my own words.")
    answered(workspace, tmp_path, ONE, None, TWO)
    pair = only_pair(workspace)
    assert pair.before is not None
    assert pair.before.sentence == "rewritten and kept before its answer grew (pair 1)"
    assert desk.earlier_words(pair) == [("The answer as it was rewritten before", "In my own words.")]
    assert not pair.rewritten


def test_an_unfinished_rewrite_goes_on_at_the_answer_that_grew(workspace: Workspace, tmp_path: Path) -> None:
    answered(workspace, tmp_path, ONE)
    desk = Desk(workspace)
    desk.save_draft(desk.pair(1), {1: "In my own wo"})
    answered(workspace, tmp_path, ONE, None, TWO)
    pair = only_pair(workspace)
    assert (pair.draft, pair.before) == ({1: "In my own wo"}, None)
    desk.save_draft(pair, None)
    answered(workspace, tmp_path, ONE)
    assert only_pair(workspace).draft == {1: "In my own wo"}


def test_an_answer_may_grow_twice_and_go_back(workspace: Workspace, tmp_path: Path) -> None:
    answered(workspace, tmp_path, ONE)
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    desk.tag(desk.pair(1), "voice")
    answered(workspace, tmp_path, ONE, TWO)
    answered(workspace, tmp_path, ONE, TWO, THREE)
    third = only_pair(workspace)
    assert (third.before, third.tags) == (Before(1, State.KEEP, "", False, "grown"), ("voice",))
    back = answered(workspace, tmp_path, ONE, TWO)
    second = only_pair(workspace)
    assert (back.asked_again, second.response, second.before) == (1, TWO, Before(1, State.KEEP, "", False, "grown"))
    desk.decide(second, "drop")
    first = answered(workspace, tmp_path, ONE)
    assert (first.asked_again, only_pair(workspace).state, only_pair(workspace).before) == (0, State.KEEP, None)
    assert (answered(workspace, tmp_path, ONE, TWO).asked_again, only_pair(workspace).state) == (0, State.DROP)
    assert answered(workspace, tmp_path, ONE, TWO, THREE).asked_again == 1
    assert only_pair(workspace).before == Before(second.id, State.DROP, "", False, "grown")


def test_a_decided_answer_that_is_gone_for_a_while_is_asked_again_when_there_is_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    answered(workspace, tmp_path, ONE)
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    gone = answered(workspace, tmp_path, ONE, None)
    assert (gone.answers_gone, gone.asked_again, desk.counts().total) == (1, 0, 0)
    assert gone.sentences == (
        "1 decided or rewritten pair has left the list: its turn goes on, without an answer yet.",
    )
    assert answered(workspace, tmp_path, ONE, None, None).answers_gone == 1
    assert answered(workspace, tmp_path, ONE, None, None, TWO).asked_again == 1
    assert only_pair(workspace).before == Before(1, State.KEEP, "", False, "grown")


def test_another_answer_mode_asks_nothing_again_until_its_own_answers_grow(
    workspace: Workspace, tmp_path: Path
) -> None:
    answered(workspace, tmp_path, ONE, None, TWO)
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    assert derive_again(workspace, AnswerMode.ALL).asked_again == 0
    assert (only_pair(workspace).state, only_pair(workspace).before) == (State.OPEN, None)
    desk.decide(only_pair(workspace), "drop")
    assert derive_again(workspace, AnswerMode.FIRST).asked_again == 0
    grown = answered(workspace, tmp_path, ONE, None, TWO, None, THREE)
    assert (grown.asked_again, only_pair(workspace).response, only_pair(workspace).before) == (0, ONE, None)
    assert derive_again(workspace, AnswerMode.ALL).asked_again == 1
    assert only_pair(workspace).before == Before(2, State.DROP, "", False, "grown")
    assert derive_again(workspace, AnswerMode.FINAL).asked_again == 1
    assert only_pair(workspace).before == Before(1, State.KEEP, "", False, "grown")
    assert derive_again(workspace, AnswerMode.FIRST).asked_again == 0
    assert derive_again(workspace, AnswerMode.FINAL).asked_again == 0


def test_a_decision_stays_with_its_text_where_another_turn_still_gives_it(workspace: Workspace, tmp_path: Path) -> None:
    first = write_session(tmp_path / "a.jsonl", Asked("u1", "Go on, please.", (ONE,)))
    second = write_session(tmp_path / "b.jsonl", Asked("u2", "Go on, please.", (ONE,)))
    import_paths(workspace, [first, second])
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    write_session(first, Asked("u1", "Go on, please.", (ONE, TWO)))
    assert import_paths(workspace, [first]).asked_again == 0
    assert [desk.pair(number).state for number in desk.matching()] == ["keep", "open"]
    write_session(second, Asked("u2", "Go on, please.", (ONE, THREE)))
    assert import_paths(workspace, [second]).asked_again == 1
    assert [desk.pair(number).response for number in desk.matching("asked:again")] == [THREE]


def test_of_a_text_that_two_turns_outgrow_at_once_both_answers_are_asked_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    for name in "ab":
        write_session(tmp_path / f"{name}.jsonl", Asked(name, "Go on, please.", (ONE,)))
    import_paths(workspace, [tmp_path])
    Desk(workspace).decide(Desk(workspace).pair(1), "keep")
    for name, more in zip("ab", (TWO, THREE), strict=True):
        write_session(tmp_path / f"{name}.jsonl", Asked(name, "Go on, please.", (ONE, more)))
    assert import_paths(workspace, [tmp_path]).asked_again == 2
    assert len(Desk(workspace).matching("asked:again")) == 2


def test_a_better_reader_asks_again_what_it_reads_otherwise(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = [write_session(tmp_path / f"{n}.jsonl", asked(n, f"{ONE} {n}", None, f"{TWO} {n}")) for n in (1, 2)]
    import_paths(workspace, logs)
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    desk.tag(desk.pair(1), "voice")

    def read_better(path: Path, file: BinaryIO, on_bytes: OnBytes) -> FileRead:
        read = read_session(path, file, on_bytes)
        return replace(read, turns=tuple(replace(turn, steps=turn.steps[:1]) for turn in read.turns))

    monkeypatch.setattr(reading, "read_session", read_better)
    monkeypatch.setitem(VERSIONS, "claude-code", VERSIONS["claude-code"] + 1)
    report = import_paths(workspace, logs)
    assert (report.files_better_reader, report.turns_grown, report.asked_again) == (2, 2, 1)
    (number,) = desk.matching("asked:again tag:voice")
    before = desk.pair(number).before
    assert before == Before(1, State.KEEP, "", False, "reader")
    assert before is not None
    assert before.sentence == "kept before a better reader read it otherwise (pair 1)"


CHANGES = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.lists(st.sampled_from((None, ONE, TWO, THREE)), max_size=4).map(tuple),
        st.sampled_from(("keep", "drop", "open", "undo", "star", *AnswerMode)),
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
def test_no_decision_vanishes_however_turns_and_answers_change(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, tuple[str | None, ...], str]]
) -> None:
    home = tmp_path_factory.mktemp("changes")
    made = new_workspace(home / "ws")
    desk = Desk(made)
    last: dict[tuple[str, str], Pair] = {}

    def live_pairs() -> dict[tuple[str, str], Pair]:
        """The pairs in the list, by their prompts and the answer mode."""
        mode = made.store.value("select value from meta where key = 'answer'")
        return {(pair.instruction, mode): pair for pair in map(desk.pair, desk.matching())}

    def look() -> None:
        """See that each pair remembers what stood of the one that its turn gave before by the same answer."""
        for place, pair in live_pairs().items():
            then = last.get(place, pair)
            earlier = desk.pair(then.id)
            own_words = any(event.actor and not event.undone for event in desk.history(pair))
            if then.id != pair.id and not own_words:
                decided = "open" not in (then.state, earlier.state)
                assert not decided or (pair.before and pair.before.state != "open")
                if pair.before and pair.before.id == then.id:
                    assert pair.starred or not (then.starred and earlier.starred)

    for number, (name, steps, word) in enumerate(changes):
        import_paths(made, [write_session(home / f"{name}.jsonl", Asked(name, f"Go on, {name}, please.", steps))])
        look()
        if word in list(AnswerMode):
            derive_again(made, AnswerMode(word))
            look()
        elif word == "undo":
            desk.undo()
        elif ids := desk.matching():
            pair = desk.pair(ids[number % len(ids)])
            desk.star(pair) if word == "star" else desk.decide(pair, word)
        last |= live_pairs()
    made.close()


# Better readers


def test_files_of_an_earlier_reader_are_read_anew_though_they_have_not_changed(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write_session(tmp_path / "logs" / f"{number}.jsonl", asked(number))
    write_chats(tmp_path / "logs" / "chats.json", ("one", "first"))
    (tmp_path / "logs" / "empty.json").touch()
    import_paths(workspace, [tmp_path / "logs"])
    with workspace.store.write() as connection:  # as a database of schema 3 has it
        connection.execute("update source_file set reader = '' where path like '%0.jsonl'")
    old = import_paths(workspace, [tmp_path / "logs"])
    assert (old.files, old.files_known, old.files_better_reader, old.pairs_new) == (5, 4, 1, 0)
    assert "1 read anew by a better reader" in old.file_notes
    monkeypatch.setitem(VERSIONS, "claude-code", VERSIONS["claude-code"] + 1)
    better = import_paths(workspace, [tmp_path / "logs"])
    assert (better.files_known, better.files_better_reader, better.turns_new) == (2, 3, 0)
    assert import_paths(workspace, [tmp_path / "logs"]).files_known == 5
    monkeypatch.setitem(VERSIONS, "other", VERSIONS["other"] + 1)
    assert import_paths(workspace, [tmp_path / "logs"]).files_better_reader == 1


# No silent loss


STEPS = st.lists(
    st.sampled_from((None, "ok", FILLER, f"Let me check. {FILLER}", "a\nb\nc\nd\ne\nf\ng" + "h" * 60)), max_size=3
)
TURNS = st.builds(
    Asked, st.sampled_from("abcdefgh"), st.sampled_from(("commit", "Go on, please.", "Why is it so?")), STEPS.map(tuple)
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    files=st.lists(st.lists(TURNS, min_size=1, max_size=4, unique_by=lambda turn: turn.uuid), min_size=1, max_size=4),
    chats=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("cd")), max_size=4),
    answer=st.sampled_from(AnswerMode),
)
def test_every_turn_is_a_pair_or_is_counted_with_its_reason(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[list[Asked]],
    chats: list[tuple[str, str]],
    answer: AnswerMode,
) -> None:
    home = tmp_path_factory.mktemp("loss")
    for number, turns in enumerate(files):
        write_session(home / "logs" / f"{number}.jsonl", *turns)
    write_chats(home / "logs" / "chats.json", *chats)
    made = new_workspace(home / "ws")
    report = import_paths(made, [home / "logs"], answer=answer)
    left = left_out(report)
    assert report.turns == len(chats) + sum(map(len, files))
    assert report.turns == report.pairs_new + report.pairs_known + sum(left.get(reason, 0) for reason in DERIVED)
    assert report.turns == report.turns_new + left.get("duplicate-turn", 0)
    assert len(Desk(made).matching()) == Desk(made).counts().total == report.pairs_new
    again = derive_again(made)
    reasons = {reason: left.get(reason, 0) for reason in DERIVED if reason != "duplicate-turn"}
    assert {reason: left_out(again).get(reason, 0) for reason in reasons} == reasons
    assert (again.pairs_new, again.pairs_known) == (0, report.pairs_new)
    made.close()


def test_what_was_left_out_at_reading_can_be_asked_for_later(workspace: Workspace, tmp_path: Path) -> None:
    log = write_session(tmp_path / "s.jsonl", asked(1), asked(2))
    log.write_text(log.read_text() + '{"type": "user"\n{"type": "new-thing"}\n')
    report = import_paths(workspace, [log])
    assert left_out(report) == {"damaged-line": 1, "other-record": 1}
    assert {left.reason: left.count for left in everything_left_out(workspace)} == left_out(report)


# Settings


def test_the_filters_are_those_of_molting_toml(workspace: Workspace, tmp_path: Path) -> None:
    log = write_session(tmp_path / "s.jsonl", Asked("u", "commit", ("ok",)), asked(2))
    (workspace.folder / SETTINGS_FILE).write_text("[import]\nmin_prompt = 3\nmin_answer = 2\n")
    opened = workspaces.open_workspace(workspace.folder)
    assert import_paths(opened, [log]).pairs_new == 2
    (workspace.folder / SETTINGS_FILE).write_text("[import]\nmin_answer = 1000\n")
    again = workspaces.open_workspace(workspace.folder)
    assert left_out(derive_again(again)) == {"short-prompt": 1, "short-answer": 1}
    assert live(again) == {}
    opened.close()
    again.close()


def test_a_chat_file_isnt_filtered_by_length(workspace: Workspace, tmp_path: Path) -> None:
    report = import_paths(workspace, [write_chats(tmp_path / "chats.json", ("Oi", "Oi."))])
    assert (report.pairs_new, report.left_out) == (1, ())


def test_a_rule_file_that_changed_is_noticed_and_applied_to_the_current_words(
    workspace: Workspace, tmp_path: Path
) -> None:
    import_paths(workspace, [write_session(tmp_path / "a.jsonl", asked(1), asked(2))])
    rule = """format: rules/1
id: ours
version: "1"
title: Ours
about: Ours.
where: response
rules:
  - {id: number-two, pattern: number 2, example: number 2, counter_example: number 3}
  - {id: kiwi, pattern: kiwi, example: kiwi, counter_example: emu}
"""
    (workspace.folder / "rubrics" / "curation" / "ours.yaml").write_text(rule)
    desk = Desk(workspace)
    assert desk.rules_changed()
    import_paths(workspace, [write_session(tmp_path / "b.jsonl", asked(20))])
    assert Desk(workspace).rules_changed()
    desk.rewrite(desk.pair(1), response="A kiwi can't fly, and that is all there is to say of it.")
    assert list(desk.matching("flag:ours")) == [1, 3]
    changes = desk.apply_rules()
    assert (changes.flagged, changes.more, changes.fewer) == (3, {"ours": 1}, {})
    assert list(desk.matching("flag:ours")) == [1, 2, 3]
    assert [flag.rule for flag in desk.pair(1).flags] == ["kiwi"]
    assert not Desk(workspace).rules_changed()


def test_a_text_that_comes_back_is_flagged_by_the_rules_in_force(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_session(tmp_path / "a.jsonl", asked(1, f"Let me check. {FILLER}", None, FILLER))])
    derive_again(workspace, AnswerMode.FIRST)
    assert len(Desk(workspace).matching("flag:agent-speech")) == 1
    derive_again(workspace, AnswerMode.FINAL)
    (workspace.folder / "rubrics" / "curation" / "agent-speech.yaml").write_text(
        """format: rules/1
id: agent-speech
version: "2"
title: None
about: None.
where: response
rules:
  - {id: nothing, pattern: qwertz, example: qwertz, counter_example: emu}
"""
    )
    Desk(workspace).apply_rules()
    derive_again(workspace, AnswerMode.FIRST)
    assert list(Desk(workspace).matching("flag:agent-speech")) == []


# Other answers


def test_decisions_stay_with_their_texts_when_another_answer_is_asked_for(workspace: Workspace, tmp_path: Path) -> None:
    log = write_session(
        tmp_path / "s.jsonl", asked(1), asked(2, f"First. {FILLER}", None, f"Final. {FILLER}"), asked(3)
    )
    import_paths(workspace, [log])
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    desk.decide(desk.pair(2), "drop", "dull")
    desk.rewrite(desk.pair(3), response="Reescrita.")
    before = {n: desk.pair(n) for n in (1, 2, 3)}
    report = derive_again(workspace, AnswerMode.FIRST)
    assert (report.turns, report.pairs_new, report.pairs_known, report.answer) == (3, 1, 2, AnswerMode.FIRST)
    assert list(desk.matching()) == [1, 3, 4]
    assert (desk.pair(1), desk.pair(3)) == (before[1], before[3])
    assert (desk.pair(4).state, desk.pair(4).response) == ("open", f"First. {FILLER}")
    assert desk.earlier_texts(desk.pair(4)) == [(2, State.DROP)]
    back = import_paths(workspace, [log], answer=AnswerMode.FINAL)
    assert (back.files_known, back.pairs_new) == (1, 0)
    assert list(desk.matching()) == [1, 2, 3]
    assert {n: desk.pair(n) for n in (1, 2, 3)} == before
    assert list(desk.matching("first")) == []


def test_the_answer_that_was_asked_for_holds_for_later_imports(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_session(tmp_path / "a.jsonl", asked(1, f"One. {FILLER}", None, f"Two. {FILLER}"))])
    derive_again(workspace, AnswerMode.ALL)
    report = import_paths(workspace, [write_session(tmp_path / "b.jsonl", asked(2, "One.", None, f"Two. {FILLER}"))])
    assert report.answer is AnswerMode.ALL
    assert list(live(workspace).values()) == [f"One. {FILLER}\n\nTwo. {FILLER}", f"One.\n\nTwo. {FILLER}"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_cancelling_another_answer_leaves_everything_as_it_was(
    workspace: Workspace, tmp_path: Path, count: int
) -> None:
    turns = [asked(n, f"First {n}. {FILLER}", None, f"Final {n}. {FILLER}") for n in range(700)]
    import_paths(workspace, [write_session(tmp_path / "s.jsonl", *turns)])
    desk = Desk(workspace)
    desk.decide_where("id:1,2,3", "keep")
    before, counts = live(workspace), desk.counts()
    origins = [desk.pair(n).origins for n in (1, 700)]
    with pytest.raises(Cancelled):
        derive_again(workspace, AnswerMode.FIRST, report=stop_after(count))
    assert (live(workspace), desk.counts()) == (before, counts)
    assert [desk.pair(n).origins for n in (1, 700)] == origins
    assert import_paths(workspace, [tmp_path / "s.jsonl"]).answer is AnswerMode.FINAL
    assert list(desk.matching("first")) == []
    assert derive_again(workspace, AnswerMode.FIRST).turns == 700
    assert len(desk.matching("first")) == 700


def test_turns_that_arrive_while_pairs_are_made_again_are_not_lost(workspace: Workspace, tmp_path: Path) -> None:
    turns = [asked(n, f"First {n}. {FILLER}", None, f"Final {n}. {FILLER}") for n in range(60)]
    import_paths(workspace, [write_session(tmp_path / "a.jsonl", *turns)])
    other = workspaces.open_workspace(workspace.folder)
    late = write_session(tmp_path / "b.jsonl", asked(90, f"First 90. {FILLER}", None, f"Final 90. {FILLER}"))

    def report(_: Progress) -> None:
        import_paths(other, [late])

    assert derive_again(workspace, AnswerMode.FIRST, report=report).turns == 61
    assert len(Desk(workspace).matching("first")) == 61
    other.close()


def test_a_turn_that_grows_while_pairs_are_made_again_gives_its_new_text(workspace: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    import_paths(workspace, [write_session(log, asked(1, f"One. {FILLER}"), asked(2))])
    other = workspaces.open_workspace(workspace.folder)
    write_session(log, asked(1, f"One. {FILLER}", None, f"Two. {FILLER}"), asked(2))

    def report(_: Progress) -> None:
        import_paths(other, [log])

    derive_again(workspace, AnswerMode.LAST, report=report)
    assert live(workspace)["Question number 1, please?"] == f"Two. {FILLER}"
    assert len(live(workspace)) == 2
    other.close()


def test_two_people_who_ask_for_other_answers_at_once_get_one_of_them_whole(
    workspace: Workspace, tmp_path: Path
) -> None:
    turns = [asked(n, f"First {n}. {FILLER}", None, f"Final {n}. {FILLER}") for n in range(60)]
    import_paths(workspace, [write_session(tmp_path / "a.jsonl", *turns)])
    other = workspaces.open_workspace(workspace.folder)
    asked_for = [AnswerMode.ALL]

    def report(_: Progress) -> None:
        if asked_for:
            derive_again(other, asked_for.pop())

    derive_again(workspace, AnswerMode.FIRST, report=report)
    assert len(Desk(workspace).matching("first -final")) == len(Desk(workspace).matching()) == 60
    assert [len(Desk(workspace).pair(n).origins) for n in Desk(workspace).matching()] == [1] * 60
    other.close()


def test_an_import_notices_that_another_answer_was_asked_for_meanwhile(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_session(tmp_path / "a.jsonl", asked(1, f"One. {FILLER}", None, f"Two. {FILLER}"))])
    more = [write_session(tmp_path / "b" / f"{n}.jsonl", *(asked(n * 100 + k) for k in range(60))) for n in (1, 2)]
    other = workspaces.open_workspace(workspace.folder)
    asked_for = [AnswerMode.FIRST]

    def report(_: Progress) -> None:
        if asked_for:
            derive_again(other, asked_for.pop())

    with pytest.raises(MoltingError, match="Import again"):
        import_paths(workspace, more, report=report)
    assert import_paths(workspace, more).answer is AnswerMode.FIRST
    assert len(live(workspace)) == 121
    other.close()


def test_there_is_nothing_to_derive_from_in_an_empty_workspace(workspace: Workspace) -> None:
    with pytest.raises(BadInput, match="molting import"):
        derive_again(workspace)


# Stopping in the middle


def many_logs(home: Path) -> Path:
    """Four sessions of 70 turns each, with copies and texts that repeat."""
    for number in range(4):
        turns = [asked(number * 60 + n, *((FILLER,) if n % 9 == 0 else ())) for n in range(70)]
        write_session(home / f"s{number}.jsonl", *turns)
    return home


@pytest.mark.parametrize("count", [1, 3, 4, 8])
def test_a_cancelled_import_keeps_what_it_stored_and_the_next_one_completes_it(tmp_path: Path, count: int) -> None:
    logs = many_logs(tmp_path / "logs")
    whole, stopped = new_workspace(tmp_path / "whole"), new_workspace(tmp_path / "stopped")
    import_paths(whole, [logs])
    with pytest.raises(Cancelled):
        import_paths(stopped, [logs], report=stop_after(count, "bytes"))
    kept = Desk(stopped).counts().total
    assert kept < Desk(whole).counts().total or count == 8
    desk = Desk(stopped)
    assert len(desk.matching("answer")) == len(desk.matching('"long enough"')) == kept
    import_paths(stopped, [logs])
    assert state_of(stopped) == state_of(whole)
    whole.close()
    stopped.close()


IMPORT_AND_DIE = """
import os, signal, sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.curation.importing import import_paths
from molting_tui.store.connection import Store
commits = 0
write = Store.write
def dying(self):
    global commits
    commits += 1
    if commits == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self)
Store.write = dying
import_paths(workspace.open_workspace(Path(sys.argv[1])), [Path(sys.argv[2])])
"""


@pytest.mark.parametrize("commit", [1, 2, 3, 4, 5])
def test_an_import_that_is_killed_and_done_again_ends_like_one_that_wasnt(
    tmp_path: Path, start: Start, commit: int
) -> None:
    logs = many_logs(tmp_path / "logs")
    whole, killed = new_workspace(tmp_path / "whole"), new_workspace(tmp_path / "killed")
    import_paths(whole, [logs])
    process = start(IMPORT_AND_DIE, killed.folder, logs, commit)
    process.wait(120)
    assert process.returncode == -signal.SIGKILL
    assert Desk(killed).counts().total <= 280
    import_paths(killed, [logs])
    assert state_of(killed) == state_of(whole)
    assert killed.store.value("pragma integrity_check") == "ok"
    whole.close()
    killed.close()


@pytest.mark.parametrize("commit", [2, 3])
def test_a_kill_among_grown_answers_carries_nothing_twice_and_loses_nothing(
    tmp_path: Path, start: Start, commit: int
) -> None:
    made = {name: new_workspace(tmp_path / name) for name in ("whole", "killed")}
    for workspace in made.values():
        import_paths(workspace, [many_logs(tmp_path / "logs")])
        Desk(workspace).decide_where("", "keep")
        Desk(workspace).tag_where("", "voice", on=True)
    for number in range(4):
        turns = [asked(number * 60 + n, ONE, f"{n} {TWO}") for n in range(70)]
        write_session(tmp_path / "logs" / f"s{number}.jsonl", *turns)
    import_paths(made["whole"], [tmp_path / "logs"])
    process = start(IMPORT_AND_DIE, made["killed"].folder, tmp_path / "logs", commit)
    process.wait(120)
    assert process.returncode == -signal.SIGKILL
    import_paths(made["killed"], [tmp_path / "logs"])
    assert state_of(made["killed"]) == state_of(made["whole"])
    stories = []
    for workspace in made.values():
        rows = workspace.store.rows("select actor, kind, subject, payload from event order by 1, 2, 3, 4")
        before = workspace.store.rows("select pair_id, before_id, cause from pair_before order by 1")
        stories.append((rows, before, len(Desk(workspace).matching("asked:again tag:voice"))))
        workspace.close()
    assert stories[0] == stories[1]
    assert stories[0][2] > 200


IMPORT = """
import sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.curation.languages import language_of
from molting_tui.curation.importing import import_paths
made = workspace.open_workspace(Path(sys.argv[1]))
language_of("Configuration")  # loaded before the start
print("ready", flush=True)
sys.stdin.readline()
import_paths(made, [Path(sys.argv[2])])
"""


def test_two_imports_at_once_end_like_one(tmp_path: Path, start: Start) -> None:
    logs = many_logs(tmp_path / "logs")
    write_session(logs / "t1.jsonl", asked(500, "Hm.", None), asked(501, "Hm.", None, FILLER))
    write_session(logs / "t2.jsonl", asked(500, "Hm.", None, FILLER), asked(501, "Hm.", None))
    alone, shared = new_workspace(tmp_path / "alone"), new_workspace(tmp_path / "shared")
    import_paths(alone, [logs])
    both = [start(IMPORT, shared.folder, logs) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        finished(process)
    assert state_of(shared) == state_of(alone)
    alone.close()
    shared.close()


def test_a_longer_copy_that_another_import_stores_in_between_stays(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = write_session(tmp_path / "a.jsonl", asked(1, "Hm.", None))
    longer = write_session(tmp_path / "b.jsonl", asked(1, "Hm.", None, f"Done. {FILLER}"))
    other = workspaces.open_workspace(workspace.folder)
    write, calls = Store.write, []

    def write_after_the_other(store: Store) -> AbstractContextManager[sqlite3.Connection]:
        # The second thing that an import writes is its first turns: they have been compared with what is stored.
        calls.append(store is workspace.store)
        if sum(calls) == 2 and store is workspace.store:
            import_paths(other, [longer])
        return write(store)

    monkeypatch.setattr(Store, "write", write_after_the_other)
    report = import_paths(workspace, [short])
    assert (report.turns_new, left_out(report)) == (0, {"duplicate-turn": 1})
    assert live(workspace) == {"Question number 1, please?": f"Done. {FILLER}"}
    other.close()


def test_an_import_goes_on_while_somebody_decides(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_session(tmp_path / "a.jsonl", *map(asked, range(20)))])
    other = Desk(workspaces.open_workspace(workspace.folder))
    numbers = iter(range(1, 21))

    def decide(_: Progress) -> None:
        number = next(numbers, 0)
        if number:
            other.decide(other.pair(number), "keep")

    import_paths(workspace, [many_logs(tmp_path / "logs")], report=decide)
    assert Desk(workspace).counts().keep == 20 - len(list(numbers))
    other.workspace.close()


# Real logs


def sample_logs() -> Path:
    found = Path(os.environ.get("MOLTING_SAMPLES", ROOT.parent / "shared")) / "sessions" / "claude-code"
    if not found.is_dir():
        pytest.skip(f"no sample sessions: {found} (set MOLTING_SAMPLES)")
    return found


@pytest.mark.parametrize("answer", AnswerMode)
def test_no_turn_of_real_logs_is_lost_in_silence(workspace: Workspace, answer: AnswerMode) -> None:
    report = import_paths(workspace, [sample_logs()], answer=answer)
    left = left_out(report)
    assert report.turns == report.pairs_new + report.pairs_known + sum(left.get(reason, 0) for reason in DERIVED)
    assert report.turns == report.turns_new + left["duplicate-turn"]
    assert report.pairs_new == Desk(workspace).counts().total
    before = state_of(workspace)
    assert import_paths(workspace, [sample_logs()]).pairs_new == 0
    assert state_of(workspace) == before
