"""The four scores that the customer wrote down, 7.4 -> 8.2 -> 4.5 -> 2.9, and what may be said of their steps: nothing,
and why. What could be said if they had all been on one sheet is illustration."""

from __future__ import annotations

import pytest

from molting_tui.evaluation.results import comparison
from molting_tui.evaluation.results.verdict_words import sentence, title
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.evaluation.statistics.paired import mean_interval, smallest_effect
from molting_tui.evaluation.statistics.student import critical_t, two_sided_p
from molting_tui.workspace import Workspace, shipped
from tests.unit.cli_workspaces import answer, run, value

SHEET = shipped("data") / "sheets" / "v2.3.csv"
POINTS = (4, 3, 4, 3, 3, 3, 5, 4)
"""Of 8, question by question, on the one sheet that was kept (v2.3)."""


@pytest.fixture
def seeds(workspace: Workspace) -> Workspace:
    """All that is left of the four scores: a sheet, and three totals."""
    four = ("--rubric", "four-criteria", "--answers", "8")
    for words in (
        ("v2.0", "7.4", *four, "--pairs", "484"),
        ("v2.1", "8.2", *four, "--pairs", "153", "--max-new-tokens", "256"),
        ("personality-v1", "2.9", "--rubric", "personality-v1", "--answers", "8", "--pairs", "79"),
    ):
        run("results", "import", *words, workspace=workspace.folder)
    sheet = ("--sheet", str(SHEET), "--contender", "v2.3", "--rubric", "four-criteria", "--language", "en")
    answer("rate", *sheet, workspace=workspace.folder)
    return workspace


@pytest.mark.parametrize(
    ("after", "before", "why", "reason"),
    [
        ("v2.1", "v2.0", "of v2.1 and v2.0 a report's total is all there is", "7.4 can't be whole points of 64"),
        ("v2.3", "v2.1", "of v2.1 a report's total is all there is", "8.2 can't be whole points of 64"),
        ("personality-v1", "v2.3", "of personality-v1 a report's total is all there is", "2.9 is by another rubric"),
    ],
)
def test_no_step_is_comparable_and_each_says_why(
    seeds: Workspace, after: str, before: str, why: str, reason: str
) -> None:
    result = run("compare", after, before, "--rubric", "four-criteria", workspace=seeds.folder)
    said = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert f"NOT COMPARABLE ({why})" in said
    assert reason in said
    verdict = comparison.compared(seeds, find_rubric(seeds, "four-criteria"), after, before)
    assert (verdict.word, verdict.difference, verdict.figures, verdict.without) == ("NOT COMPARABLE", None, None, ())
    assert title(verdict) == f"NOT COMPARABLE ({why})"
    assert sentence(verdict) == f"{after} and {before} can't be compared: {why}."


def test_the_one_sheet_that_was_kept_has_its_score_and_interval(seeds: Workspace) -> None:
    (contender,) = value("results", "--rubric", "four-criteria", workspace=seeds.folder)["contenders"]
    assert contender["points"] == [29, 64]
    assert [contender["score"], *contender["interval"]] == pytest.approx([4.53, 3.75, 5.31], abs=0.005)


@pytest.mark.parametrize(("r", "first_p", "half_width", "smallest"), [
    (0.0, 0.129, 1.10, 1.52), (0.25, 0.087, 0.95, 1.32), (0.5, 0.045, 0.78, 1.08),
])  # fmt: skip
def test_on_one_sheet_of_that_spread_the_first_step_would_hang_on_a_correlation_that_nobody_knows(
    r: float, first_p: float, half_width: float, smallest: float
) -> None:
    """Two versions paired by question, each with the sheet's spread, their scores correlating by r."""
    kept = mean_interval([10 * points / 8 for points in POINTS])
    assert kept is not None
    assert kept.sd == pytest.approx(0.93, abs=0.005)
    spread = kept.sd * (2 * (1 - r)) ** 0.5
    error = spread / 8**0.5
    assert two_sided_p((8.2 - 7.4) / error, 7) == pytest.approx(first_p, abs=0.002)
    assert two_sided_p((4.53 - 8.2) / error, 7) < 0.001
    assert critical_t(0.95, 7) * error == pytest.approx(half_width, abs=0.01)
    assert smallest_effect(spread, 8) == pytest.approx(smallest, abs=0.02)
