"""Promises about events: appended and never changed, taken back by their own actor, one step at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.records.turns import Message
from molting_tui.store import events
from molting_tui.workspace import Workspace
from tests.conftest import FILLER, asked, write_chats, write_session

# In two pieces, so that no scanner takes this file for one with a secret in it.
SECRET = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"


def reopened(desk: Desk) -> Desk:
    desk.workspace.close()
    return Desk(workspaces.open_workspace(desk.workspace.folder))


def as_actor(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MOLTING_ACTOR", name)
    return Desk(workspaces.open_workspace(desk.workspace.folder))


@pytest.fixture
def rui(three: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Another person at the same workspace."""
    other = as_actor(three, "rui", monkeypatch)
    yield other
    other.workspace.close()


@pytest.mark.parametrize(
    "change",
    [
        "update event set actor = 'rui'",
        "update event set payload = '{}' where id = 1",
        "delete from event",
        "replace into event select * from event where id = 1",
        "insert or replace into event select * from event where id = 1",
        "update or replace event set id = 2 where id = 1",
        """insert into event select * from event where id = 1 on conflict (uuid) do update set actor = 'rui'""",
    ],
)
def test_an_event_is_never_changed_and_never_deleted(three: Desk, change: str) -> None:
    three.decide(three.pair(1), "keep")
    three.decide(three.pair(2), "drop", "off topic")
    store = three.workspace.store
    before = store.rows("select * from event order by id")
    with pytest.raises(MoltingError, match=r"never (changed|deleted)|UNIQUE"), store.write() as connection:
        connection.execute(change)
    assert store.rows("select * from event order by id") == before


def test_a_plain_connection_cant_change_an_event_either(three: Desk) -> None:
    three.decide(three.pair(1), "keep")
    with closing(sqlite3.connect(three.workspace.folder / "molting.db")) as plain:
        for change in ("update event set actor = 'rui'", "delete from event"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                plain.execute(change)


def test_an_answer_is_never_changed_and_never_deleted(workspace: Workspace) -> None:
    store = workspace.store
    with store.write() as connection:
        connection.execute(
            """insert into answer (uuid, contender, run, question_digest, sample, raw, tokens, finish_reason, settings,
                                   time)
               values ('u', 'base', '', 'q', 1, 'Oi.', 2, 'stop', '{}', 't')"""
        )
    for change in ("update answer set raw = ''", "delete from answer", "replace into answer select * from answer"):
        with pytest.raises(MoltingError, match="never"), store.write() as connection:
            connection.execute(change)
    assert store.value("select raw from answer") == "Oi."


@pytest.mark.parametrize("missing", ["rubric_digest", "question_digest", "rating_pass", "blind"])
def test_a_rating_without_what_it_was_made_with_is_refused(workspace: Workspace, missing: str) -> None:
    rating = {"rubric_digest": "r", "question_digest": "q", "rating_pass": 1, "blind": 1}

    with workspace.store.write() as connection:
        connection.execute(
            """insert into answer (uuid, contender, run, question_digest, sample, raw, tokens, finish_reason, settings,
                                   time)
               values ('a', 'base', '', 'q', 1, 'Oi.', 2, 'stop', '{}', 't')"""
        )

    def rate(**fields: object) -> None:
        names = ", ".join(fields)
        with workspace.store.write() as connection:
            connection.execute(
                f"""insert into event (uuid, batch, label, actor, time, subject, kind, payload, {names})
                    values ('u', 'b', 'rate', 'ana', 't', 'a', 'rate', '{{}}', {", ".join("?" * len(fields))})""",
                list(fields.values()),
            )

    with pytest.raises(MoltingError, match="CHECK"):
        rate(**(rating | {missing: None}))
    rate(**rating)
    assert workspace.store.value("select count(*) from event where kind = 'rate'") == 1


def test_undo_takes_back_exactly_the_last_step(three: Desk) -> None:
    three.decide(three.pair(1), "keep")
    three.star(three.pair(1))
    three.decide(three.pair(2), "drop", "off topic")
    undone = three.undo()
    assert undone is not None
    assert (undone.label, undone.pairs, undone.ids) == ("drop pair 2", 1, (2,))
    assert (three.pair(2).state, three.pair(2).reason) == ("open", "")
    assert (three.pair(1).state, three.pair(1).starred) == ("keep", True)
    three.undo()
    assert (three.pair(1).state, three.pair(1).starred) == ("keep", False)


def test_undo_survives_a_restart(three: Desk) -> None:
    three.decide(three.pair(1), "keep")
    three.decide(three.pair(2), "drop")
    three.undo()
    desk = reopened(three)
    assert [desk.pair(n).state for n in (1, 2)] == ["keep", "open"]
    desk.undo()
    assert desk.pair(1).state == "open"
    desk = reopened(desk)
    assert desk.undo() is None
    desk.redo()
    desk = reopened(desk)
    desk.redo()
    assert [desk.pair(n).state for n in (1, 2)] == ["keep", "drop"]
    assert desk.redo() is None
    desk.workspace.close()


def test_redo_brings_back_in_the_order_it_was_taken(three: Desk) -> None:
    for number in (1, 2, 3):
        three.decide(three.pair(number), "keep")
    for _ in range(3):
        three.undo()
    seen = [redone.ids for _ in range(3) if (redone := three.redo())]
    assert seen == [(1,), (2,), (3,)]
    assert three.redo() is None
    assert three.counts().keep == 3


def test_undo_and_redo_can_go_back_and_forth(three: Desk) -> None:
    three.decide(three.pair(1), "keep")
    three.decide(three.pair(1), "drop")
    for _ in range(3):
        three.undo()
        assert three.pair(1).state == "keep"
        three.redo()
        assert three.pair(1).state == "drop"


def test_a_new_word_after_an_undo_ends_redo(three: Desk) -> None:
    three.decide(three.pair(1), "keep")
    three.undo()
    three.star(three.pair(3))
    assert three.redo() is None
    assert three.pair(1).state == "open"
    three.undo()
    assert three.pair(3).starred is False
    three.redo()
    assert three.pair(3).starred is True
    assert three.pair(1).state == "open"


def test_undo_reaches_only_ones_own_steps(three: Desk, rui: Desk) -> None:
    three.decide(three.pair(1), "keep")
    rui.decide(rui.pair(1), "drop")
    rui.decide(rui.pair(2), "keep")
    three.undo()
    assert [three.pair(n).state for n in (1, 2)] == ["drop", "keep"]
    assert three.undo() is None
    rui.undo()
    rui.undo()
    assert [rui.pair(n).state for n in (1, 2)] == ["open", "open"]
    three.redo()
    assert rui.pair(1).state == "keep"


def test_somebody_elses_word_doesnt_end_ones_redo(three: Desk, rui: Desk) -> None:
    three.decide(three.pair(1), "keep")
    three.undo()
    rui.decide(rui.pair(2), "keep")
    assert three.redo() is not None
    assert [three.pair(n).state for n in (1, 2)] == ["keep", "keep"]


def test_a_bulk_is_one_step(three: Desk) -> None:
    three.decide(three.pair(2), "keep")
    assert three.decide_where("question", "drop", "all of it") == 3
    assert three.counts().drop == 3
    undone = three.undo()
    assert undone is not None
    assert (undone.pairs, undone.ids) == (3, (1, 2, 3))
    assert [three.pair(n).state for n in (1, 2, 3)] == ["open", "keep", "open"]
    three.redo()
    assert {three.pair(n).reason for n in (1, 2, 3)} == {"all of it"}


def test_a_bulk_leaves_alone_what_is_so_already_and_no_step_is_no_step(three: Desk) -> None:
    three.decide(three.pair(2), "keep")
    assert three.decide_where("", "keep") == 2
    assert three.decide_where("", "keep") == 0
    assert three.star_where("id:1,2", True) == 2
    assert three.star_where("", True) == 1
    assert three.star_where("", True) == 0
    assert three.tag_where("id:1", "voice", True) == 1
    assert three.tag_where("", "voice", True) == 2
    assert three.tag_where("", "other", False) == 0
    undone = three.undo()
    assert undone is not None
    assert undone.ids == (2, 3)


def test_a_skipped_pair_is_open_and_an_earlier_decision_stands(three: Desk) -> None:
    three.decide(three.pair(1), "skip")
    assert (three.pair(1).state, three.pair(1).skipped) == ("open", True)
    assert list(three.matching("is:skipped")) == [1]
    three.decide(three.pair(2), "drop", "dull")
    three.decide(three.pair(2), "skip")
    assert (three.pair(2).state, three.pair(2).reason) == ("drop", "dull")
    three.decide(three.pair(1), "keep")
    assert (three.pair(1).state, three.pair(1).skipped) == ("keep", False)
    assert list(three.matching("is:skipped")) == []


def test_rewriting_a_skipped_pair_ends_the_skip(three: Desk) -> None:
    three.decide(three.pair(1), "skip")
    three.rewrite(three.pair(1), response="Other words.")
    assert (three.pair(1).state, three.pair(1).skipped) == ("keep", False)
    three.undo()
    assert (three.pair(1).state, three.pair(1).skipped) == ("open", True)


def test_a_pair_can_be_opened_again(three: Desk) -> None:
    three.decide(three.pair(1), "drop", "dull")
    three.decide(three.pair(1), "open")
    assert (three.pair(1).state, three.pair(1).reason) == ("open", "")


def test_dropping_a_rewritten_pair_keeps_the_words(three: Desk) -> None:
    three.rewrite(three.pair(1), response="Other words.")
    three.decide(three.pair(1), "drop")
    pair = three.pair(1)
    assert (pair.state, pair.rewritten, pair.response) == ("drop", True, "Other words.")
    assert pair.messages[1].original.startswith("Answer number 1.")


def test_rewriting_back_to_the_original_takes_the_mark_away(three: Desk) -> None:
    original = three.pair(1).response
    three.rewrite(three.pair(1), response="Other words.")
    assert list(three.matching("is:rewritten")) == [1]
    three.rewrite(three.pair(1), response=f"  {original}\n")
    assert (three.pair(1).rewritten, three.pair(1).response, three.pair(1).state) == (False, original, "keep")
    assert list(three.matching("is:rewritten")) == []
    three.undo()
    assert three.pair(1).response == "Other words."


def test_rewriting_one_side_leaves_the_other_as_it_was_rewritten(three: Desk) -> None:
    three.rewrite(three.pair(1), instruction="Quem é você?")
    three.rewrite(three.pair(1), response="Sou Cláudio.")
    assert (three.pair(1).instruction, three.pair(1).response) == ("Quem é você?", "Sou Cláudio.")
    three.undo()
    assert three.pair(1).instruction == "Quem é você?"
    assert three.pair(1).response.startswith("Answer number 1.")


def test_search_finds_the_current_words_and_no_others(three: Desk) -> None:
    def found() -> tuple[list[int], list[int]]:
        return list(three.matching("platypus")), list(three.matching('"number 1"'))

    assert found() == ([], [1])
    three.rewrite(three.pair(1), instruction="What is a platypus?", response="It lays eggs.")
    assert found() == ([1], [])
    three.undo()
    assert found() == ([], [1])
    three.redo()
    assert found() == ([1], [])
    three.rewrite(three.pair(1), instruction="What is a kiwi?")
    assert found() == ([], [])
    with three.workspace.store.write() as connection:
        connection.execute("insert into pair_search (pair_search) values ('integrity-check')")


def test_lengths_follow_the_current_words(three: Desk) -> None:
    three.rewrite(three.pair(1), instruction="é?", response="日本語")
    assert list(three.matching("len=3 prompt=2")) == [1]
    three.undo()
    assert list(three.matching("len=3")) == []


def test_flags_follow_the_current_words(desk: Desk, tmp_path: Path) -> None:
    said = f"Put {SECRET} into the settings, then it works."
    import_paths(desk.workspace, [write_chats(tmp_path / "chats.json", ("How do I log in?", said))])
    assert list(desk.matching("flag:secret")) == [1]
    assert desk.mask_secrets("") == 1
    masked = desk.pair(1)
    assert SECRET not in masked.response
    assert masked.flags == ()
    assert list(desk.matching("flag:secret")) == list(desk.matching("is:flagged")) == []
    desk.undo()
    assert desk.pair(1).response == said
    assert list(desk.matching("flag:secret is:flagged")) == [1]
    (flag,) = [flag for flag in desk.pair(1).flags if flag.family == "secret"]
    assert SECRET.startswith(said[flag.start : flag.end]) or SECRET in said[flag.start : flag.end]
    desk.redo()
    assert desk.pair(1).flags == ()
    assert desk.mask_secrets("") == 0


def test_masking_decides_nothing(desk: Desk, tmp_path: Path) -> None:
    pairs = [(f"How do I log in, {n}?", f"Put {SECRET} into the settings, {n}.") for n in range(4)]
    import_paths(desk.workspace, [write_chats(tmp_path / "chats.json", *pairs)])
    desk.decide(desk.pair(1), "keep")
    desk.decide(desk.pair(2), "drop", "dull")
    desk.decide(desk.pair(3), "skip")
    assert desk.mask_secrets("") == 4
    after = [desk.pair(n) for n in (1, 2, 3, 4)]
    assert [(pair.state, pair.reason, pair.skipped) for pair in after] == [
        ("keep", "", False),
        ("drop", "dull", False),
        ("open", "", True),
        ("open", "", False),
    ]
    assert all(pair.rewritten for pair in after)
    desk.decide(desk.pair(2), "open")
    assert desk.pair(2).state == "open"


def test_an_undo_reaches_below_somebody_elses_masking(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_paths(desk.workspace, [write_chats(tmp_path / "chats.json", ("How do I log in?", f"Put {SECRET} there."))])
    desk.decide(desk.pair(1), "keep")
    rui = as_actor(desk, "rui", monkeypatch)
    rui.mask_secrets("")
    desk.undo()
    assert (desk.pair(1).state, desk.pair(1).rewritten) == ("open", True)
    rui.workspace.close()


def test_history_tells_everything_that_was_said_and_what_was_taken_back(three: Desk, rui: Desk) -> None:
    three.decide(three.pair(1), "drop", "dull")
    rui.comment(rui.pair(1), "I like it")
    three.undo()
    three.rewrite(three.pair(1), response="Other words.")
    three.tag(three.pair(1), "#voice")
    three.star(three.pair(2))
    said = [(event.actor, event.kind, event.payload, event.undone) for event in three.history(three.pair(1))]
    assert said == [
        ("ana", "decide", {"state": "drop", "reason": "dull"}, True),
        ("rui", "comment", {"text": "I like it"}, False),
        ("ana", "rewrite", {"messages": {"1": "Other words."}, "cause": "style"}, False),
        ("ana", "tag", {"tag": "voice", "on": True}, False),
    ]


def test_a_step_that_cant_be_stored_whole_isnt_stored_at_all(three: Desk) -> None:
    def broken(messages: Sequence[Message]) -> tuple[()]:
        raise RuntimeError("the rules failed")

    before = three.pair(1)
    said = [
        events.NewEvent(before.uid, "decide", {"state": "keep"}),
        events.NewEvent(before.uid, "rewrite", {"response": "x"}),
    ]
    with pytest.raises(RuntimeError):
        events.say(three.workspace.store, "ana", "both", said, broken)
    assert three.pair(1) == before
    assert three.history(before) == []
    assert three.undo() is None


def test_the_counts_are_those_of_the_pairs(three: Desk, tmp_path: Path) -> None:
    import_paths(three.workspace, [write_session(tmp_path / "p" / "s.jsonl", *map(asked, range(10, 30)))])
    three.decide_where("len>0 id:1,2,3,4,5", "keep")
    three.rewrite(three.pair(7), response=FILLER)
    three.decide(three.pair(8), "drop")
    three.rewrite(three.pair(9), response="Other words.")
    three.decide(three.pair(9), "drop")
    three.undo()
    rows = three.workspace.store.rows("select state, rewritten, count(*) from pair where live = 1 group by 1, 2")
    counted = {state: sum(n for found, _, n in rows if found == state) for state in ("open", "keep", "drop")}
    counts = three.counts()
    assert {"open": counts.open, "keep": counts.keep, "drop": counts.drop} == counted
    assert counts.rewritten == sum(n for _, rewritten, n in rows if rewritten) == 2
    assert counts.total == 23


@pytest.mark.parametrize(
    ("kind", "subject", "why"),
    [
        ("applaud", "", "no such kind"),
        ("decide", "nobody's", "not stored"),
        ("rate", "nobody's", "not stored"),
        ("undo", "a pair", "not stored"),
    ],
)
def test_an_event_of_an_unknown_kind_or_of_nothing_that_is_stored_is_refused(
    workspace: Workspace, kind: str, subject: str, why: str
) -> None:
    with pytest.raises(MoltingError, match=why), workspace.store.write() as connection:
        connection.execute(
            """insert into event (uuid, batch, label, actor, time, subject, kind, payload, undoes)
               values ('u', 'b', 'l', 'ana', 't', ?, ?, '{}', iif(?2 = 'undo', 'b', null))""",
            (subject, kind),
        )
    assert workspace.store.value("select count(*) from event") == 0


def test_a_new_kind_of_event_is_a_row(workspace: Workspace) -> None:
    with workspace.store.write() as connection:
        connection.execute("insert into event_kind values ('applaud', 'any')")
        connection.execute(
            """insert into event (uuid, batch, label, actor, time, subject, kind, payload)
               values ('u', 'b', 'l', 'ana', 't', 'anything', 'applaud', '{}')"""
        )
    assert workspace.store.value("select kind from event") == "applaud"
