"""The one protocol for long work: who does it reports, who watches may cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """How far long work is. `done` and `total` are in `unit` (bytes, pairs); total 0 means not known yet."""

    done: int
    total: int
    unit: str
    label: str


Report = Callable[[Progress], None]
"""Takes a progress; raises `errors.Cancelled` when the person wants the work to stop."""


def silent(_: Progress) -> None:
    """A report that nobody watches."""
