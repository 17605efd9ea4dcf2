"""Promises about the desk: what a person sees of the pairs and says of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import derive_again, import_paths
from molting_tui.curation.triage import Desk
from molting_tui.errors import BadFilter, BadInput, Cancelled
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Progress
from tests.conftest import FILLER, asked, write_chats, write_session


@pytest.fixture
def rui(three: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Another person at the same workspace."""
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    other = Desk(workspaces.open_workspace(three.workspace.folder))
    yield other
    other.workspace.close()


def test_a_pair_tells_everything_that_is_known_of_it(three: Desk, tmp_path: Path) -> None:
    pair = three.pair(2)
    assert (pair.id, pair.kind, pair.state, pair.reason) == (2, "extracted", "open", "")
    assert (pair.instruction, pair.messages[0].original) == ("Question number 2, please?",) * 2
    assert (pair.response, pair.messages[1].original) == (f"Answer number 2. {FILLER}",) * 2
    assert (pair.session, pair.project, pair.model) == ("s1", "crm", "opus")
    assert (pair.time, pair.language) == ("2026-02-03T14:22:00.000Z", "en")
    assert (pair.system, pair.context, pair.tags, pair.comment, pair.draft) == ("", (), (), "", None)
    (origin,) = pair.origins
    assert (origin.file, origin.line) == (str(tmp_path / "logs" / "crm" / "s1.jsonl"), 3)


def test_a_system_turn_and_what_came_before_are_part_of_a_pair(desk: Desk, tmp_path: Path) -> None:
    chats = tmp_path / "chats.json"
    chats.write_text(
        """[{"messages": [{"role": "system", "content": "Seja breve."}, {"role": "user", "content": "Oi"},
        {"role": "assistant", "content": "Oi."}, {"role": "user", "content": "Tudo bem?"},
        {"role": "assistant", "content": "Tudo."}]}]"""
    )
    import_paths(desk.workspace, [chats])
    pair = desk.pair(1)
    assert (pair.system, pair.instruction, pair.response) == ("Seja breve.", "Tudo bem?", "Tudo.")
    assert [tuple(message) for message in pair.context] == [("user", "Oi"), ("assistant", "Oi.")]


def test_lines_come_in_the_order_that_was_asked_for(three: Desk) -> None:
    three.decide(three.pair(2), "drop")
    three.star(three.pair(3))
    lines = three.lines([3, 99, 1, 2, 3])
    assert [line.id for line in lines] == [3, 1, 2, 3]
    assert [(line.state, line.starred, line.flagged) for line in lines[:3]] == [
        ("open", True, False),
        ("open", False, False),
        ("drop", False, False),
    ]
    assert lines[1].preview == "Question number 1, please?"
    assert three.lines([]) == []


def test_a_line_shows_the_rewritten_words(three: Desk) -> None:
    three.rewrite(three.pair(1), instruction="Quem é você?")
    (line,) = three.lines([1])
    assert (line.preview, line.rewritten, line.state) == ("Quem é você?", True, "keep")


def test_a_pair_is_found_by_its_number_or_by_the_start_of_its_uid(three: Desk) -> None:
    pair = three.pair(2)
    assert three.find("2") == three.find(pair.uid) == three.find(pair.uid[:6]) == pair
    for reference in ("99", pair.uid[:5], "", "zzzzzz", "-1", "2.0", "9" * 40, "²", pair.uid + "0", "%%%%%%"):
        with pytest.raises(BadInput, match="no such pair"):
            three.find(reference)
    with pytest.raises(BadInput, match="pair 99"):
        three.pair(99)


@pytest.mark.parametrize("word", ["", "maybe", "KEEP", "skipped"])
def test_only_the_four_words_can_be_decided(three: Desk, word: str) -> None:
    with pytest.raises(BadInput, match="keep, drop, skip, open"):
        three.decide(three.pair(1), word)
    with pytest.raises(BadInput, match="keep, drop, skip, open"):
        three.decide_where("", word)
    assert three.undo() is None


@pytest.mark.parametrize("blank", ["", "  \n\t"])
def test_a_pair_keeps_both_its_sides(three: Desk, blank: str) -> None:
    before = three.pair(1)
    for side in ("instruction", "response"):
        with pytest.raises(BadInput, match="pair 1"):
            three.rewrite(before, **{side: blank})
    assert three.pair(1) == before


@pytest.mark.parametrize("name", ["", "#", "two words", "a,b", 'a"b', "x" * 41, "tab\there"])
def test_a_tag_is_one_word(three: Desk, name: str) -> None:
    for tag in (lambda: three.tag(three.pair(1), name), lambda: three.tag_where("", name, True)):
        with pytest.raises(BadInput, match="one word"):
            tag()
    assert three.pair(1).tags == ()


def test_a_tag_comes_and_goes_and_is_found(three: Desk) -> None:
    three.tag(three.pair(1), "#voz")
    three.tag(three.pair(1), "ação")
    assert three.pair(1).tags == ("ação", "voz")
    assert list(three.matching("tag:ação")) == [1]
    three.tag(three.pair(1), "voz")
    assert three.pair(1).tags == ("ação",)
    assert list(three.matching("tag:voz")) == []


def test_a_comment_replaces_the_one_before_and_an_empty_one_takes_it_away(three: Desk) -> None:
    three.comment(three.pair(1), "  first\nline ")
    three.comment(three.pair(1), "second")
    assert three.pair(1).comment == "second"
    assert list(three.matching("is:commented")) == [1]
    three.comment(three.pair(1), " ")
    assert list(three.matching("is:commented")) == []
    three.undo()
    assert three.pair(1).comment == "second"


@pytest.mark.parametrize(
    "text", ["\x1b]52;c;\x07", "[/INST] 日本 \u202e", "x" * 100_000, '{"a": 1}', "'; drop table pair"]
)
def test_whatever_a_person_writes_is_read_back_as_it_was(three: Desk, text: str) -> None:
    three.comment(three.pair(1), text)
    three.rewrite(three.pair(2), response=text)
    three.decide(three.pair(3), "drop", text)
    three.save_draft(three.pair(3), {1: text})
    assert three.pair(1).comment == text
    assert three.pair(2).response == text
    assert (three.pair(3).reason, three.pair(3).draft) == (text, {1: text})


def test_a_nul_in_what_a_person_writes_doesnt_end_it(three: Desk) -> None:
    three.comment(three.pair(1), "a\x00b")
    three.rewrite(three.pair(2), response="a\x00b")
    three.decide(three.pair(3), "drop", "a\x00b")
    assert three.pair(1).comment == three.pair(2).response == three.pair(3).reason == "a\ufffdb"


def test_a_draft_is_ones_own_and_survives_a_restart(three: Desk, rui: Desk) -> None:
    three.save_draft(three.pair(1), {1: "half a sen"})
    rui.save_draft(rui.pair(1), {0: "mine"})
    again = Desk(workspaces.open_workspace(three.workspace.folder))
    assert (again.pair(1).draft, three.pair(1).draft) == ({0: "mine"}, {1: "half a sen"})
    again.workspace.close()
    three.save_draft(three.pair(1), None)
    assert (three.pair(1).draft, rui.pair(1).draft) == (None, {0: "mine"})


def test_a_draft_ends_with_the_rewrite_it_was_for_even_if_the_pair_was_read_before(three: Desk) -> None:
    pair = three.pair(1)
    three.save_draft(pair, {1: "half a sen"})
    assert list(three.matching("is:draft")) == [1]
    three.rewrite(pair, response="A whole sentence.")
    assert three.pair(1).draft is None
    assert list(three.matching("is:draft")) == []


def test_the_next_open_pair_is_the_first_in_the_list_that_is_open(desk: Desk, tmp_path: Path) -> None:
    import_paths(desk.workspace, [write_session(tmp_path / "s.jsonl", *map(asked, range(1200)))])
    ids = list(desk.matching())
    assert desk.next_open(ids) == 0
    desk.decide_where(f"id:{','.join(map(str, ids[:1100]))}", "drop")
    assert desk.next_open(ids) == 1100
    assert desk.next_open(ids[:1100]) is None
    assert desk.next_open(ids[1150:]) == 0
    assert desk.next_open(list(reversed(ids))) == 0
    assert desk.next_open([]) is None
    desk.decide(desk.pair(ids[1100]), "skip")
    assert desk.next_open(ids) == 1100


def test_a_bad_filter_changes_nothing(three: Desk) -> None:
    for ask in (three.matching, lambda words: three.decide_where(words, "drop")):
        with pytest.raises(BadFilter):
            ask("colour:red")
    assert three.counts().drop == 0


def test_a_bulk_reaches_only_the_pairs_of_the_list(desk: Desk, tmp_path: Path) -> None:
    turns = [asked(1), asked(2, f"First. {FILLER}", None, f"Final. {FILLER}")]
    import_paths(desk.workspace, [write_session(tmp_path / "s.jsonl", *turns)])
    derive_again(desk.workspace, AnswerMode.FIRST)
    assert desk.decide_where("", "keep") == 2
    derive_again(desk.workspace, AnswerMode.FINAL)
    assert [desk.pair(n).state for n in desk.matching()] == ["keep", "open"]


def test_a_bulk_by_words_finds_the_pairs_of_an_import_that_was_stopped(desk: Desk, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.unit == "pairs":
            raise Cancelled

    pairs = [(f"Where is animal {n}?", "A zebra is there." if n in (0, 899) else "None is there.") for n in range(900)]
    with pytest.raises(Cancelled):
        import_paths(desk.workspace, [write_chats(tmp_path / "chats.json", *pairs)], report=stop)
    assert desk.decide_where("zebra", "keep") == 2


def test_decision_times_are_ones_own_and_in_order(three: Desk, rui: Desk) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    three.decide(three.pair(1), "keep")
    rui.decide(rui.pair(2), "keep")
    three.decide(three.pair(3), "drop")
    times = three.decision_times()
    assert len(times) == 2
    assert before < times[0] <= times[1] < datetime.now(UTC) + timedelta(seconds=1)


def test_where_one_left_the_list_is_ones_own(three: Desk, rui: Desk) -> None:
    assert three.place() == ("", 0)
    three.leave_at("state:open flag:agent-speech", 2)
    assert rui.place() == ("", 0)
    rui.leave_at("", 3)
    assert three.place() == ("state:open flag:agent-speech", 2)
    assert rui.place() == ("", 3)


def test_one_notices_that_somebody_else_said_something(three: Desk, rui: Desk) -> None:
    before = three.data_version()
    assert three.data_version() == before
    rui.decide(rui.pair(1), "keep")
    assert three.data_version() != before


def test_the_turn_behind_a_pair_shows_every_step(desk: Desk, tmp_path: Path) -> None:
    import_paths(desk.workspace, [write_session(tmp_path / "s.jsonl", asked(1, "Let me look.", None, FILLER))])
    said = ("Question number 1, please?", (("text", "Let me look."), ("tool", "Bash"), ("text", FILLER)))
    assert desk.turn(desk.pair(1)) == said
