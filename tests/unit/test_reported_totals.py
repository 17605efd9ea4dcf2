"""Promises about totals of old reports: what they can't be is said, nothing is replaced unasked, all is undone."""

from __future__ import annotations

import pytest

from molting_tui.evaluation.reports.arithmetic import steps_sentence
from molting_tui.overview.repairing import repair
from molting_tui.records.progress import silent
from molting_tui.store import audit, totals
from molting_tui.store.checks import looking
from molting_tui.workspace import Workspace
from tests.unit.cli_workspaces import answer, run, value

IMPORT = ("results", "import")
FOUR = ("--rubric", "four-criteria")


def test_a_total_that_whole_points_cant_give_says_what_could(workspace: Workspace) -> None:
    said = answer(*IMPORT, "v2.0", "7.4", *FOUR, "--answers", "8", workspace=workspace.folder)
    assert "7.4 can't be whole points of 64: 47 are 7.344, 48 are 7.5." in said
    assert "With 1 cell not applicable it could be: 7.4 is 46 of 62 points (7.419)." in said
    assert "By the sheet of personality-v1: 7.4 is 59 of 80 points (7.375)." in said
    kept = value(*IMPORT, "v2.1", "8.2", *FOUR, "--answers", "8", workspace=workspace.folder)["checks"]
    assert kept == [
        "8.2 can't be whole points of 64: 52 are 8.125, 53 are 8.281.",
        "With 1 cell not applicable it could be: 8.2 is 51 of 62 points (8.226).",
        "By the sheet of personality-v1: 8.2 is 66 of 80 points (8.25), only if half is rounded to even.",
    ]
    assert list(totals.every(workspace.store)[1].total.checks) == kept


def test_a_total_that_whole_points_give_is_told_so(workspace: Workspace) -> None:
    means = [word for mean in ("D1=0.0", "D2=0.6", "D3=0.25", "D4=1.6", "D5=0.4") for word in ("--mean", mean)]
    rubric = ("--rubric", "personality-v1", "--answers", "8")
    kept = value(*IMPORT, "personality-v1", "2.9", *rubric, *means, workspace=workspace.folder)
    assert kept["checks"] == ["2.9 is 23 of 80 points (2.875).", "The means are 23 of 80 points: 2.88."]
    v23 = value(*IMPORT, "v2.3", "4.53", *FOUR, "--answers", "8", workspace=workspace.folder)
    assert v23["checks"] == ["4.53 is 29 of 64 points (4.531)."]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            (153, 156, None, 1, 8),
            "153 pairs at 1 x 8 are 20 steps an epoch: 156 are no whole number of epochs. 156 steps of 153 pairs come "
            "from 4 epochs at an effective batch of 4 (1 x 4, 2 x 2, 4 x 1).",
        ),
        ((148, 114, 6, 2, 4), "114 steps fit: 148 pairs at 2 x 4 are 19 steps an epoch, 6 epochs of them are 114."),
        (
            (148, 114, 5, 2, 4),
            "148 pairs at 2 x 4 are 19 steps an epoch, and 5 epochs are 95: not 114. 114 steps of 148 pairs come from "
            "6 epochs at an effective batch of 8 (1 x 8, 2 x 4, 4 x 2, 8 x 1).",
        ),
        ((79, 50, None, 1, 8), "50 steps fit: 79 pairs at 1 x 8 are 10 steps an epoch, so these are 5 epochs."),
        (
            (148, 113, 6, None, None),
            "No usual batch and accumulation (1 to 16) in 6 epochs give 113 steps of 148 pairs: other pairs, or a run "
            "that was stopped.",
        ),
        ((148, None, 6, 2, 4), ""),
    ],
)
def test_steps_are_reckoned_as_the_trainer_does_it(
    told: tuple[int | None, int | None, float | None, int | None, int | None], says: str
) -> None:
    pairs, steps, epochs, batch, accumulation = told
    assert steps_sentence(pairs, steps, epochs=epochs, batch=batch, accumulation=accumulation) == says


def test_other_figures_of_the_same_version_are_asked_for(workspace: Workspace) -> None:
    answer(*IMPORT, "v2.3", "4.5", *FOUR, workspace=workspace.folder)
    assert "stands already" in answer(*IMPORT, "V2.3", "4.5", *FOUR, workspace=workspace.folder)
    refused = run(*IMPORT, "v2.3", "4.6", *FOUR, workspace=workspace.folder)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "v2.3: a report's total of 4.5 stands for it under four-criteria" in refused.stderr
    assert "replaced" in answer(*IMPORT, "v2.3", "4.6", *FOUR, "--replace", workspace=workspace.folder)
    assert [each.total.score for each in totals.every(workspace.store)] == ["4.6"]
    answer(*IMPORT, "--undo", workspace=workspace.folder)
    assert [each.total.score for each in totals.every(workspace.store)] == ["4.5"]
    answer(*IMPORT, "--undo", workspace=workspace.folder)
    assert totals.every(workspace.store) == []
    assert run(*IMPORT, "--undo", workspace=workspace.folder).exit_code == 1
    answer(*IMPORT, "--redo", workspace=workspace.folder)
    assert [each.total.score for each in totals.every(workspace.store)] == ["4.5"]


def test_figures_that_dont_add_up_are_named(workspace: Workspace) -> None:
    counts = ("--answers", "8", "--count", "agent-like=2/10", "--count", "factual=8/8")
    kinds = ("--pairs", "148", "--kind", "curated=100", "--kind", "synthetic=50")
    told = value(*IMPORT, "v2.3", "4.53", *FOUR, *counts, *kinds, workspace=workspace.folder)
    assert told["checks"][1:] == [
        "Its kinds are 150 pairs together, and 148 pairs are stated.",
        "agent-like is of 10 answers, the score of 8.",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("v2.0", "11.0", *FOUR), "`11.0` isn't a score out of 10. It goes from 0 to 10."),
        (("v2.0", "good", *FOUR), "`good` isn't a number."),
        (("v2.0", "7.4", "--rubric", "nothing"), "there is no rubric of that name."),
        (("v2.0", "7.4", *FOUR, "--count", "agent=9/8"), "`agent=9/8` isn't a count."),
        (("v2.0", "7.4", *FOUR, "--kind", "raw=some"), "`raw=some` is no kind of pairs."),
        (("v2.0", "7.4", *FOUR, "--mean", "D9=1"), "`D9` isn't a dimension of four-criteria."),
        (("v2.0", "7.4", *FOUR, "--loss", "nan"), "loss can't be nan."),
        (("v2.0", "7.4", *FOUR, "--date", "soon"), "`soon` isn't a day."),
        (("v2.0",), "a total needs a version and a score."),
        (("--undo", "v2.0"), "--undo and --redo stand alone."),
    ],
)
def test_what_cant_be_is_a_sentence_and_stores_nothing(workspace: Workspace, words: tuple[str, ...], says: str) -> None:
    refused = run(*IMPORT, *words, workspace=workspace.folder)
    assert refused.exit_code == 2
    assert says in refused.stderr
    assert totals.every(workspace.store) == []


def test_options_before_the_word_import_arent_taken_for_its_own(workspace: Workspace) -> None:
    refused = run("results", *FOUR, "import", "v2.0", "7.4", workspace=workspace.folder)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "options go after the last word." in refused.stderr


def test_hostile_names_and_notes_are_stored_as_they_are_and_shown_harmless(workspace: Workspace) -> None:
    name, note = "v\x1b]52;c;x\x07[/INST]", "<script>\x1b[2J"
    said = answer(*IMPORT, name, "7.4", *FOUR, "--notes", note, workspace=workspace.folder)
    assert not any(sign in said for sign in "\x1b\x07")
    assert (totals.every(workspace.store)[0].total.version, totals.every(workspace.store)[0].total.notes) == (
        name,
        note,
    )


def test_doctor_sees_a_total_that_nobody_took_in_and_makes_them_anew(workspace: Workspace) -> None:
    answer(*IMPORT, "v2.0", "7.4", *FOUR, workspace=workspace.folder)
    with workspace.store.write() as connection:
        connection.execute("update reported_total set content = replace(content, '7.4', '9.4')")
    with looking(workspace.folder / "molting.db") as connection:
        assert [(each.kind, each.example) for each in audit.differences(connection)] == [("total", "version v2.0")]
    repair(workspace, silent)
    assert [each.total.score for each in totals.every(workspace.store)] == ["7.4"]
