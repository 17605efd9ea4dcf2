"""Promises of the statistics' lines: each leads to exactly the pairs that it counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from molting_tui.curation.filters import parse
from molting_tui.curation.importing import import_paths
from molting_tui.curation.statistics import statistics
from molting_tui.curation.statistics_lines import Line, _term, narrowed, percent, sections
from molting_tui.curation.triage import Desk
from molting_tui.errors import Cancelled
from molting_tui.records.filters import Term
from molting_tui.records.progress import Progress
from tests.conftest import asked, new_workspace, write_chats, write_session

HOSTILE = 'a, "b" [/INST] \x1b[2J'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Pairs of two models, a project with a name of two words and a chat file, some of them decided and tagged."""
    home = tmp_path_factory.mktemp("lines")
    desk = Desk(new_workspace(home / "ws"))
    write_session(home / "logs" / "two words" / "0a1b.jsonl", *(asked(n) for n in range(6)), model="opus-4")
    write_session(home / "logs" / "crm" / "0a1b2.jsonl", *(asked(n) for n in range(6, 10)), model="opus-4-6")
    write_session(home / "logs" / "crm-api" / "0c.jsonl", asked(11), model="")
    flagged = (
        "Let me check the logs first. Let me check the tests as well. " + "The queue is drained before a deploy. " * 4
    )
    write_chats(home / "logs" / "chats.json", ("Why is the queue slow?", flagged), ("12345 67890?", "1 2 3 " * 9))
    import_paths(desk.workspace, [home / "logs"])
    for number, word in ((1, "keep"), (2, "drop"), (3, "keep"), (4, "skip"), (7, "keep")):
        desk.decide(desk.pair(number), word)
    desk.undo()
    desk.tag(desk.pair(2), "voice")
    desk.star(desk.pair(5))
    desk.rewrite(desk.pair(6), response="Another answer, by a person, long enough to be one of the pairs.")
    yield desk
    desk.workspace.close()


@pytest.mark.parametrize("filter_text", ["", "state:open", "project:crm -is:flagged", "queue"])
def test_each_line_leads_to_exactly_the_pairs_that_it_counts(desk: Desk, filter_text: str) -> None:
    listed = sections(statistics(desk.workspace, filter_text))
    lines = [line for section in listed for line in section.lines]
    assert {line.name: line.pairs for line in lines} == {
        line.name: len(desk.matching(narrowed(filter_text, line))) for line in lines if line.term
    }
    assert {section.title for section in listed} >= {"States", "Answers by length", "Models", "Projects", "Sessions"}


def test_decisions_stand_under_the_day_they_were_made_on_and_what_was_taken_back_does_not(desk: Desk) -> None:
    figures = statistics(desk.workspace)
    assert list(figures.days.values()) == [4]  # two kept, one dropped, one rewritten; a skip is none
    assert (figures.keep, figures.drop, figures.rewritten, figures.skipped) == (3, 1, 1, 1)


def test_a_whole_name_of_whatever_signs_is_a_term() -> None:
    assert parse(_term("project", HOSTILE)).terms == (Term("project", "=", (HOSTILE,)),)
    assert _term("project", "") == ""
    assert _term("project", "two words") == 'project="two words"'


def test_shares_say_that_there_is_something_and_never_more_than_all() -> None:
    assert [percent(part, 1000) for part in (0, 1, 5, 500, 1000)] == ["0 %", "< 1 %", "0 %", "50 %", "100 %"]


def test_counting_stops_where_nobody_wants_it_any_more(desk: Desk) -> None:
    def leave(progress: Progress) -> None:
        if progress.label == "counting sessions":
            raise Cancelled("left")

    with pytest.raises(Cancelled, match="left"):
        statistics(desk.workspace, report=leave)


def test_a_line_that_the_filter_says_already_adds_nothing() -> None:
    flagged = Line("any flag", 4, "is:flagged")
    assert narrowed("is:flagged project:crm", flagged) == "is:flagged project:crm"
    assert narrowed("-is:flagged", flagged) == "-is:flagged is:flagged"
