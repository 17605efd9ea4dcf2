"""Promises about what is new: which pairs came with the latest import that brought any, by project and file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from molting_tui.curation.import_report import ImportReport
from molting_tui.curation.importing import derive_again, import_paths
from molting_tui.curation.news import new_pairs
from molting_tui.curation.projects import filter_of, projects
from molting_tui.curation.triage import Desk
from molting_tui.errors import Cancelled
from molting_tui.records.imports import Project, ProjectNews
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Progress
from molting_tui.workspace import open_workspace
from tests.conftest import FILLER, asked, write_session


def new(desk: Desk) -> list[int]:
    return list(desk.matching("is:new"))


def test_the_pairs_of_the_latest_import_are_new_and_those_before_it_are_not(desk: Desk, tmp_path: Path) -> None:
    assert new_pairs(desk.workspace.store) is None
    first = import_paths(desk.workspace, [write_session(tmp_path / "crm" / "a.jsonl", asked(1), asked(2))])
    assert first.since == ""
    assert new(desk) == [1, 2]
    second = import_paths(
        desk.workspace,
        [
            write_session(tmp_path / "crm-api" / "b.jsonl", asked(3), asked(4)),
            write_session(tmp_path / "crm" / "c.jsonl", asked(5)),
        ],
    )
    assert new(desk) == [3, 4, 5]
    assert second.since
    assert second.projects == (ProjectNews("crm-api", 2, 2), ProjectNews("crm", 1, 1))
    assert [(os.path.basename(file.path), file.turns) for file in second.sources] == [("b.jsonl", 2), ("c.jsonl", 1)]
    desk.decide(desk.pair(3), "keep")
    left = new_pairs(desk.workspace.store)
    assert left is not None
    assert (left.total, left.open, left.first) == (3, 2, False)
    assert list(desk.matching("state:open is:new")) == [4, 5]
    assert list(desk.matching("-is:new")) == [1, 2]


def test_an_import_that_brings_nothing_leaves_what_was_new(desk: Desk, tmp_path: Path) -> None:
    logs = tmp_path / "crm"
    import_paths(desk.workspace, [write_session(logs / "a.jsonl", asked(1))])
    write_session(logs / "b.jsonl", asked(2))
    import_paths(desk.workspace, [logs])
    for again in (False, True):
        report = import_paths(desk.workspace, [logs], again=again)
        assert (report.projects, report.sources) == ((), ())
        assert new(desk) == [2]


def test_a_turn_that_has_grown_is_new(desk: Desk, tmp_path: Path) -> None:
    log = tmp_path / "crm" / "a.jsonl"
    import_paths(desk.workspace, [write_session(log, asked(1), asked(2, "Let me see.", None))])
    assert new(desk) == [1]
    write_session(log, asked(1), asked(2, "Let me see.", None, f"The answer. {FILLER}"))
    report = import_paths(desk.workspace, [log])
    assert new(desk) == [2]
    assert report.projects == (ProjectNews("crm", 0, 1),)
    assert [file.turns for file in report.sources] == [1]


def test_a_stopped_import_and_the_one_that_goes_on_from_it_are_one(desk: Desk, tmp_path: Path) -> None:
    import_paths(desk.workspace, [write_session(tmp_path / "old" / "a.jsonl", asked(1))])
    logs = tmp_path / "crm"
    for number in (2, 3):
        write_session(logs / f"{number}.jsonl", asked(number))

    def stop(progress: Progress) -> None:
        if progress.unit == "bytes" and progress.label == "3.jsonl":
            raise Cancelled

    with pytest.raises(Cancelled):
        import_paths(desk.workspace, [logs], report=stop)
    assert new(desk) == [2]
    assert import_paths(desk.workspace, [logs]).projects == (ProjectNews("crm", 2, 2),)
    assert new(desk) == [2, 3]


def test_of_two_imports_at_once_both_bring_what_is_new(desk: Desk, tmp_path: Path) -> None:
    import_paths(desk.workspace, [write_session(tmp_path / "old" / "a.jsonl", asked(1))])
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    for number in (2, 3):
        write_session(slow / f"{number}.jsonl", asked(number))
    write_session(quick / "4.jsonl", asked(4))
    beside = open_workspace(desk.workspace.folder)
    quick_reports: list[ImportReport] = []

    def while_it_reads(progress: Progress) -> None:
        if progress.unit == "bytes" and progress.label == "3.jsonl" and not quick_reports:
            quick_reports.append(import_paths(beside, [quick]))

    report = import_paths(desk.workspace, [slow], report=while_it_reads)
    beside.close()
    assert sorted(desk.pair(number).session for number in new(desk)) == ["2", "3", "4"]
    assert {project.name: project.pairs for project in report.projects} == {"slow": 2, "quick": 1}
    import_paths(desk.workspace, [slow, quick], again=True)
    assert len(new(desk)) == 3


def test_by_another_answer_the_new_pairs_are_those_of_the_turns_that_came(desk: Desk, tmp_path: Path) -> None:
    steps = (f"First, then. {FILLER}", None, f"And last. {FILLER}")
    import_paths(desk.workspace, [write_session(tmp_path / "crm" / "a.jsonl", asked(1, *steps))])
    import_paths(desk.workspace, [write_session(tmp_path / "crm" / "b.jsonl", asked(2, *steps))])
    derive_again(desk.workspace, AnswerMode.ALL)
    assert [desk.pair(number).session for number in new(desk)] == ["b"]
    derive_again(desk.workspace, AnswerMode.FINAL)
    assert new(desk) == [2]


def test_projects_are_counted_each_for_itself(desk: Desk, tmp_path: Path) -> None:
    write_session(tmp_path / "crm" / "a.jsonl", asked(1), asked(2), time="2026-02-03T14:22:00.000Z")
    write_session(tmp_path / "crm-api" / "b.jsonl", asked(3, f"Let me check the logs first. {FILLER}"))
    import_paths(desk.workspace, [tmp_path / "crm"])
    import_paths(desk.workspace, [tmp_path / "crm-api"])
    desk.decide(desk.pair(1), "keep")
    desk.decide(desk.pair(2), "drop")
    crm = Project("crm", 2, 0, 1, 1, 0, 0, "2026-02-03T14:22:00.000Z")
    assert projects(desk.workspace) == (crm._replace(name="crm-api", pairs=1, open=1, keep=0, drop=0, flagged=1, new=1),
                                        crm)  # fmt: skip
    assert projects(desk.workspace, "state:keep") == (crm._replace(pairs=1, drop=0),)
    assert list(desk.matching(filter_of(crm))) == [1, 2]


def test_the_pairs_of_no_project_are_named_too(three: Desk) -> None:
    with three.workspace.store.write() as connection:
        connection.execute("update pair set session_id = null where id = 2")
    nameless = next(project for project in projects(three.workspace) if not project.name)
    assert list(three.matching(filter_of(nameless))) == [2]


@pytest.mark.parametrize("torn", ["import-begun", "import-latest"])
def test_a_torn_note_of_an_import_stops_no_other(desk: Desk, tmp_path: Path, torn: str) -> None:
    logs = tmp_path / "crm"
    import_paths(desk.workspace, [write_session(logs / "a.jsonl", asked(1))])
    with desk.workspace.store.write() as connection:
        connection.execute("insert or replace into meta values (?, '{')", (torn,))
    write_session(logs / "b.jsonl", asked(2))
    import_paths(desk.workspace, [logs])
    assert new(desk) == [2]
