"""What the statistics promise, with few draws; `make simulate` draws many and writes `docs/simulate.md`."""

from __future__ import annotations

import numpy as np
import pytest

from molting_tui.evaluation.statistics.paired import paired_t
from tests.simulate.__main__ import PAGE, PARTS, simulated
from tests.simulate.figures import Figure, table
from tests.simulate.score_models import MODELS, differences, told_apart

DRAWS = 1000
LOOSE = 0.03
"""Four standard errors of a share of .05 and three of one of .9, at so many draws."""


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return [figure for part in PARTS for figure in simulated(part, DRAWS)]


def test_few_draws_come_near_every_target(figures: list[Figure]) -> None:
    missed = [
        figure
        for figure in figures
        if not (figure.least or 0) - LOOSE <= figure.value <= (np.inf if figure.most is None else figure.most) + LOOSE
    ]
    assert missed == []


def test_the_page_tells_these_figures(figures: list[Figure]) -> None:
    rows = [row.split(" | ") for row in PAGE.read_text("utf-8").splitlines() if row.startswith("| ")][1:]
    by_hand = [row.split(" | ") for row in table(figures).splitlines()[2:]]
    assert [(row[0], row[1], row[3:]) for row in rows] == [(row[0], row[1], row[3:]) for row in by_hand]
    for row, figure in zip(rows, figures, strict=True):
        assert float(row[2].split(" ")[0]) == pytest.approx(figure.value, abs=0.06, rel=0.02), row
    assert not any("missed" in row[2] for row in rows)


def test_many_draws_are_judged_as_the_paired_test_judges_one() -> None:
    for model in MODELS.values():
        drawn = differences(model(np.random.default_rng(4), (60, 8, 2, 1)))
        alone = [paired_t([float(each) for each in row]) for row in drawn]
        assert list(told_apart(drawn)) == [test is not None and test.p < 0.05 for test in alone]


def test_equal_differences_are_told_apart_by_nobody() -> None:
    assert not told_apart(np.full((3, 8), 1.25)).any()


@pytest.mark.parametrize(
    ("value", "least", "most", "met", "target"),
    [
        (0.05, 0.03, 0.065, True, ".03 to .065"),
        (0.07, None, 0.065, False, "≤ .065"),
        (0.93, 0.94, None, False, "≥ .94"),
    ],
)
def test_a_target_that_is_missed_says_so(
    value: float, least: float | None, most: float | None, met: bool, target: str
) -> None:
    figure = Figure("size", "a cell", value, least, most)
    assert (figure.met, figure.target) == (met, target)
    assert ("**missed**" in table([figure])) is not met
