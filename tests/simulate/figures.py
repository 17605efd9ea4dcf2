"""One simulated figure, what it is held against, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Figure(NamedTuple):
    """What came out of so many draws. `least` and `most` are the target, None where there is none to that side; with
    neither, the figure stands for itself. `other` is what was expected: what the methods were chosen by."""

    part: str
    cell: str
    value: float
    least: float | None = None
    most: float | None = None
    other: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def target(self) -> str:
        """The target in words."""
        if self.least is not None and self.most is not None:
            return f"{_short(self.least)} to {_short(self.most)}"
        return (f"≥ {_short(self.least)}" if self.least is not None else "") + (
            f"≤ {_short(self.most)}" if self.most is not None else ""
        )


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table; what misses its target says so."""
    lines = ["| what | cell | figure | target | expected |", "|---|---|---:|---|---|"]
    for figure in figures:
        missed = " (**missed**)" if figure.met is False else ""
        cells = (figure.part, figure.cell, f"{_short(figure.value, 3)}{missed}", figure.target, figure.other)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def share(hits: Bools) -> float:
    """The share of draws for which this is true."""
    return float(np.mean(hits))


def _short(number: float, digits: int = 0) -> str:
    text = f"{number:.{digits}f}" if digits else f"{number:g}"
    return text.replace("0.", ".", 1) if text.startswith("0.") else text
