"""Which places of a session wait for a rating, known without looking at all of them after every key."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict

from molting_tui.store import events, scoring
from molting_tui.store.connection import Store


class OpenPlaces:
    """The places of one session that aren't rated whole. Whatever is rated or taken back, here or by another program,
    is an event: only the answers that were spoken of since the last look are looked at again."""

    def __init__(self, store: Store, session: int) -> None:
        self._store = store
        self._session = session
        self._event = events.latest(store)
        places = scoring.places(store, session)
        self.order = [(place.answer, place.rating_pass) for place in places]
        """Of every place the answer (uuid) and the pass that its ratings there belong to."""
        self._at: dict[str, list[int]] = defaultdict(list)
        for place in places:
            self._at[place.answer].append(place.place)
        self._open = [place.place for place in places if place.unrated]

    def now(self) -> list[int]:
        """The places that aren't rated whole at this moment, in order."""
        latest = events.latest(self._store)
        if latest != self._event:
            rated = events.rated_between(self._store, self._event, latest)
            for place in (place for answer in rated for place in self._at.get(answer, ())):
                self._note(place, scoring.unrated(self._store, self._session, place))
            self._event = latest
        return self._open

    def next(self, place: int, step: int) -> int | None:
        """The nearest of them after (1) or before (-1) a place; None if there is none on that side."""
        still_open = self.now()
        at = bisect_left(still_open, place + 1) if step > 0 else bisect_left(still_open, place) - 1
        return still_open[at] if 0 <= at < len(still_open) else None

    def _note(self, place: int, unrated: bool) -> None:
        at = bisect_left(self._open, place)
        there = at < len(self._open) and self._open[at] == place
        if unrated and not there:
            insort(self._open, place)
        elif there and not unrated:
            del self._open[at]
