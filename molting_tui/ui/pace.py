"""How fast somebody decides, and how long the rest will take at that."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from datetime import datetime

PAUSE_SECONDS = 300
"""A longer gap than this between two decisions is a pause, not work."""
FASTEST_SECONDS = 0.2
"""Decisions that follow each other more quickly on average are a program's."""


class Pace:
    """Decisions an hour, over the last fifty that had no pause between them."""

    def __init__(self, times: Iterable[datetime]) -> None:
        self._times: deque[datetime] = deque(times, maxlen=50)

    def decided(self, time: datetime) -> None:
        """Note a decision."""
        self._times.append(time)

    def an_hour(self) -> float:
        """Decisions an hour, pauses left out; 0 until there are five to judge by, made by hand."""
        times = list(self._times)
        gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
        gaps = [gap for gap in gaps if 0 <= gap <= PAUSE_SECONDS]
        worked = sum(gaps)
        by_hand = len(gaps) >= 4 and worked >= FASTEST_SECONDS * len(gaps)
        return len(gaps) * 3600 / worked if by_hand else 0.0

    def sentence(self, left: int) -> str:
        """`74 an hour · 7 h 28 min at this pace`, or an empty text when there is nothing to judge by."""
        rate = self.an_hour()
        if not rate:
            return ""
        minutes = round(left * 60 / rate)
        rest = f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
        return f"{rate:,.0f} an hour" + (f" · {rest} left at this pace" if left else "")
