"""What was measured: one record a row, and the table they make."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """One measured value. `target` is the most it may be (None where the issue names none); `noise` says how far
    repetitions of it lay apart."""

    what: str
    value: float
    unit: str
    target: float | None = None
    noise: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None where there is none."""
        return None if self.target is None else self.value <= self.target

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**self._asdict(), "met": self.met}


def spread(values: Sequence[float]) -> str:
    """`0.91–1.07`: the least and the most of some repetitions."""
    return f"{_number(min(values))}–{_number(max(values))}" if len(values) > 1 else ""


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` per cent of the values don't exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


def median(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def table(figures: Sequence[Figure]) -> str:
    """All figures as a Markdown table."""
    rows = [("measured", "value", "target", "", "spread")]
    for one in figures:
        target = "" if one.target is None else f"≤ {_number(one.target)} {one.unit}"
        met = {None: "", True: "met", False: "NOT MET"}[one.met]
        rows.append((one.what, f"{_number(one.value)} {one.unit}", target, met, one.noise))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
