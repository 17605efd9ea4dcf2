"""Storing what was read: turns that are new or have grown, and the pairs they give."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from molting_tui.curation.complaints import complaint_in
from molting_tui.curation.derive import NotAPair, Policy, derive, reason_against, uid_of
from molting_tui.curation.import_report import Tally
from molting_tui.curation.languages import load_languages, needs_identifier
from molting_tui.errors import MoltingError, mistake_words
from molting_tui.records.pairs import AnswerMode, NewPair
from molting_tui.records.surroundings import Complaint
from molting_tui.records.turns import FileRead, Turn
from molting_tui.store import complaints, derivation, events, meta, succession, turns
from molting_tui.store.connection import Connection, Store
from molting_tui.text import show_line

CHUNK = 200
"""Turns stored in one transaction, which holds the lock for about 10 ms: a decision never waits long for an import."""


class _Part(NamedTuple):
    """Turns of one file that are stored in one transaction.

    `changed`: the file isn't what it was when it was read before.
    `repeated` holds those positions in `turns` whose turn stood in the file before. Only the last part of a file
    holds its summary and, if the file was read in an earlier import too, the places (key, line) of all its turns.
    """

    file: turns.FileState
    changed: bool
    turns: Sequence[Turn]
    repeated: frozenset[int]
    summary: turns.FileSummary | None = None
    places: Sequence[tuple[str, int]] = ()


class _Fresh(NamedTuple):
    """A turn that is new or has grown: the part it stands in, what is stored of it, the pair it gives now (if any)."""

    part: int
    turn: Turn
    digest: str
    before: turns.KnownTurn | None
    pair: NewPair | None


class _Judged(NamedTuple):
    """A batch compared with what is stored: turns to store, turns that only moved, and what was counted."""

    fresh: list[_Fresh]
    moved: list[tuple[str, int]]
    tally: Tally


class Storing:
    """Stores what was read, `CHUNK` turns a transaction: a part of a long file, or many short files at once.

    A commit waits for the disk, so one for each of thousands of short files would take longer than reading them.
    """

    def __init__(self, store: Store, rules: Policy, tally: Tally) -> None:
        self._store = store
        self._read_before = turns.known_files(store).keys()
        self._rules = rules
        self._tally = tally
        self._last_turn, self._last_pair = derivation.newest(store)
        self._sessions: dict[tuple[str, str], int] = {}
        self._parts: list[_Part] = []
        self._turns = 0
        self._preparing = False
        self._grown: set[int] = set()
        self._succeeded: set[int] = set()

    def take(self, file: turns.FileState, read: FileRead, *, changed: bool) -> None:
        """Store a file that was read, now or together with the next ones; `changed` since it was read before."""
        keys: set[str] = set()
        start = 0
        while len(read.turns) - start > (room := CHUNK - self._turns):
            self._add(_part(file, changed, read.turns[start : start + room], keys))
            start += room
        last = _part(file, changed, read.turns[start:], keys)
        summary = turns.FileSummary(read.records, read.sessions, len(read.turns), read.left_out, read.reader)
        places = [(turn.key, turn.line) for turn in read.turns] if file.path in self._read_before else []
        self._add(last._replace(summary=summary, places=places))
        self._tally.count(read)

    def flush(self) -> None:
        """Store what was taken and isn't stored yet, in one transaction."""
        parts, self._parts, self._turns = self._parts, [], 0
        if not parts:
            return
        keys = [turn.key for part in parts for turn in part.turns]
        # Pairs are judged before the lock is taken; again only if another import came in between.
        known = turns.known_turns(self._store, keys)
        judged = self._judge(parts, known)
        self._prepare_identifier(judged)
        with self._store.write() as connection:
            self._same_answer()
            known_now = turns.known_turns(self._store, keys)
            if known_now != known:
                judged = self._judge(parts, known_now)
            self._put(connection, parts, judged)
        self._tally.add(judged.tally)

    def count_successions(self) -> None:
        """Count what was decided and is asked again, or has no answer at the moment: known when all is stored."""
        self._tally.asked_again += succession.asked_again(self._store, self._succeeded)
        self._tally.answers_gone += succession.waiting(self._store, self._rules.answer.value, self._grown)

    def _put(self, connection: Connection, parts: Sequence[_Part], judged: _Judged) -> None:
        """Store judged parts inside the caller's transaction, and count their pairs into `judged.tally`."""
        current = meta.derivation(self._store)
        files = turns.put_files(connection, [(part.file, part.summary) for part in parts], events.now())
        homes = {(turn.project, turn.session) for part in parts for turn in part.turns}
        self._sessions |= turns.session_ids(connection, homes - self._sessions.keys())
        cut_short = self._counted_before(judged)
        outgrown = list(self._outgrown(parts, judged))
        put = turns.put_turns(
            connection,
            [(fresh.turn, fresh.digest, self._session(fresh.turn), files[fresh.part]) for fresh in judged.fresh],
        )
        complaints.put(connection, [(put.ids[fresh.turn.key], self._complaint(fresh.turn)) for fresh in judged.fresh])
        turns.move_turns(connection, judged.moved)
        places = zip(files, parts, strict=True)
        turns.put_origins(
            connection,
            [(turn.key, file, self._session(turn), turn.line) for file, part in places for turn in part.turns],
        )
        for file, part in zip(files, parts, strict=True):
            if part.places:
                turns.forget_places(connection, file, part.places)
        succession.note(connection, outgrown)
        forgotten = derivation.forget_origins(connection, current, put.grown)
        derived = [
            derivation.Derived(put.ids[turn.key], self._session(turn), turn.model, turn.time, pair)
            for _, turn, _, _, pair in judged.fresh
            if pair is not None
        ]
        placed = derivation.put_pairs(connection, current, derived, live=True)
        count_pairs(judged.tally, derived, placed)
        self._uncount(judged.tally, cut_short, forgotten)
        self._grown.update(put.grown)
        self._succeeded.update(succession.settle(connection, current, self._rules.answer.value, put.grown))

    def _add(self, part: _Part) -> None:
        self._parts.append(part)
        self._turns += len(part.turns)
        if self._turns >= CHUNK or len(self._parts) >= CHUNK:
            self.flush()

    def _judge(self, parts: Sequence[_Part], stored: Mapping[str, turns.KnownTurn]) -> _Judged:
        """Which turns are new, longer than before or on another line now, with the pair of each that is stored."""
        tally = Tally()
        known = dict(stored)
        fresh: dict[str, tuple[int, Turn, str]] = {}
        moved: list[tuple[str, int]] = []
        for number, part in enumerate(parts):
            path = part.file.path
            for position, turn in enumerate(part.turns):
                digest = turns.turn_digest(turn)
                before = known.get(turn.key)
                grown = before is not None and _grown(before, turn, digest, path)
                if before is not None and (before.path != path or position in part.repeated):
                    tally.leave_out("duplicate-turn", _example(path, turn))
                if before is None or grown:
                    known[turn.key] = turns.KnownTurn(0, digest, len(turn.steps), path, turn.line)
                    fresh[turn.key] = number, turn, digest
                elif before.path == path and before.line != turn.line and position not in part.repeated:
                    moved.append((turn.key, turn.line))
        tally.sources.update(parts[number].file.path for number, _, _ in fresh.values())
        tally.turns_new = sum(key not in stored for key in fresh)
        tally.turns_grown = len(fresh) - tally.turns_new
        return _Judged(
            # Of a turn that stands in the batch twice, the later (longer) copy is what is stored.
            [
                _Fresh(number, turn, digest, stored.get(key), pair_of(turn, self._rules, tally))
                for key, (number, turn, digest) in fresh.items()
            ],
            moved,
            tally,
        )

    def _prepare_identifier(self, judged: _Judged) -> None:
        """Have the identifier of languages loaded beside the import once a pair will need it: many never do."""
        if not self._preparing and any(fresh.pair and needs_identifier(fresh.pair.response) for fresh in judged.fresh):
            self._preparing = True
            load_languages()

    def _same_answer(self) -> None:
        if meta.get(self._store, "answer") != self._rules.answer.value:
            raise MoltingError(
                "the pairs were made again with another answer while this import ran; what it stored is kept.",
                fix="Import again.",
            )

    def _counted_before(self, judged: _Judged) -> list[tuple[int, str]]:
        """Turns that this import stored already, cut short: the number of each, and why it gave no pair, if so."""
        cut = {
            fresh.turn.key: fresh.before.id
            for fresh in judged.fresh
            if fresh.before and fresh.before.id > self._last_turn
        }
        answer, settings, _ = self._rules
        stored = turns.stored_turns(self._store, list(cut)) if cut else []
        return [(cut[turn.key], reason_against(turn, answer, settings)) for turn in stored]

    def _uncount(
        self, tally: Tally, cut_short: Sequence[tuple[int, str]], forgotten: Mapping[int, derivation.Forgotten]
    ) -> None:
        """Take what was counted of turns when they were cut short out of the counts again."""
        for number, reason in cut_short:
            lost = forgotten.get(number)
            if reason:
                tally.counts[reason] -= 1
            elif lost is not None and lost.held:
                tally.counts["duplicate-text"] -= 1
            elif lost is not None and lost.pair_id > self._last_pair:
                tally.pairs_new -= 1
            elif lost is not None:
                tally.pairs_known -= 1

    def _outgrown(self, parts: Sequence[_Part], judged: _Judged) -> Iterator[succession.Outgrown]:
        """The pairs that stored turns give, by whichever answer, and as they are now give no more."""
        changed = {fresh.turn.key: fresh for fresh in judged.fresh if fresh.before}
        for stored in turns.stored_turns(self._store, list(changed)) if changed else ():
            number, turn, _, before, _ = changed[stored.key]
            for mode in AnswerMode:
                uid = uid_of(stored, mode)
                if uid and before and uid != uid_of(turn, mode):
                    yield succession.Outgrown(
                        before.id, mode.value, uid, "grown" if parts[number].changed else "reader"
                    )

    def _complaint(self, turn: Turn) -> Complaint | None:
        """What a turn of a session complains of; in a chat file nobody knows which answer a prompt is about."""
        return None if turn.source == "chat" else complaint_in(self._rules.rules, turn.human)

    def _session(self, turn: Turn) -> int:
        return self._sessions[turn.project, turn.session]


def _part(file: turns.FileState, changed: bool, part_turns: Sequence[Turn], keys: set[str]) -> _Part:
    repeated = []
    for position, turn in enumerate(part_turns):
        if turn.key in keys:
            repeated.append(position)
        keys.add(turn.key)
    return _Part(file, changed, part_turns, frozenset(repeated))


def _grown(before: turns.KnownTurn, turn: Turn, digest: str, path: str) -> bool:
    if before.digest == digest:
        return False
    # A copy in another file (resumed history) may be cut short; the longer one is the turn.
    return before.path == path or len(turn.steps) > before.steps


def pair_of(turn: Turn, rules: Policy, tally: Tally) -> NewPair | None:
    """The pair that a turn gives, or None, with the reason counted."""
    try:
        pair = derive(turn, rules)
    except Exception as error:  # one turn that we fail at mustn't cost the others
        tally.leave_out("unforeseen", f"{_example(turn.session, turn)}: {show_line(mistake_words(error), 200)}")
        return None
    if isinstance(pair, NotAPair):
        tally.leave_out(pair.reason, _example(turn.session, turn))
        return None
    return pair


def count_pairs(tally: Tally, derived: Sequence[derivation.Derived], placed: Sequence[derivation.Placed]) -> None:
    """Count what storing derived pairs came to; a text that another turn gave already is left out."""
    for derived_pair, place in zip(derived, placed, strict=True):
        if place is derivation.Placed.NEW:
            tally.pairs_new += 1
        elif place is derivation.Placed.KNOWN:
            tally.pairs_known += 1
        else:
            tally.leave_out("duplicate-text", f"turn {derived_pair.turn_id}: {derived_pair.pair.instruction[:80]}")


def _example(where: str, turn: Turn) -> str:
    return f"{os.path.basename(where)}:{turn.line}: {turn.human[:80]}"
