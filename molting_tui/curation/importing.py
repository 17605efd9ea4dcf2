"""Import: files to turns to pairs, in chunks that let others write in between; and deriving again."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from molting_tui import sources
from molting_tui.curation.derive import NotAPair, Policy, derive, reason_against
from molting_tui.curation.languages import SAMPLE, language_of, load_languages
from molting_tui.curation.rules import load_rules
from molting_tui.errors import BadInput, Cancelled, MoltingError
from molting_tui.records.pairs import AnswerMode, NewPair
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.records.turns import FileRead, LeftOut, Turn
from molting_tui.sources.detect import SourceFile, find
from molting_tui.store import derivation, events, meta, turns
from molting_tui.store.connection import Connection, Store
from molting_tui.workspace import Workspace

CHUNK = 200
"""Turns stored in one transaction, which holds the lock for about 10 ms: a decision never waits long for an import."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `left_out` has each reason once, with its count and one example."""

    files: int
    files_known: int
    sessions: int
    records: int
    turns: int
    turns_new: int
    pairs_new: int
    pairs_known: int
    answer: AnswerMode
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Tally:
    files: int = 0
    files_known: int = 0
    sessions: int = 0
    records: int = 0
    turns: int = 0
    turns_new: int = 0
    pairs_new: int = 0
    pairs_known: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def leave_out(self, reason: str, example: str, count: int = 1) -> None:
        self.counts[reason] += count
        self.examples.setdefault(reason, example)

    def count(self, read: FileRead) -> None:
        """Count what a file held."""
        self.records += read.records
        self.sessions += read.sessions
        self.turns += len(read.turns)
        for left in read.left_out:
            self.leave_out(left.reason, left.example, left.count)

    def add(self, other: _Tally) -> None:
        """Add what was counted of turns and pairs; counts below zero take back what was counted before."""
        self.turns_new += other.turns_new
        self.pairs_new += other.pairs_new
        self.pairs_known += other.pairs_known
        self.counts.update(other.counts)
        for reason, example in other.examples.items():
            self.examples.setdefault(reason, example)

    def report(self, answer: AnswerMode) -> ImportReport:
        left = tuple(
            LeftOut(reason, count, self.examples.get(reason, ""))
            for reason, count in self.counts.most_common()
            if count > 0
        )
        return ImportReport(
            self.files, self.files_known, self.sessions, self.records, self.turns, self.turns_new, self.pairs_new,
            self.pairs_known, answer, left,
        )  # fmt: skip


def mode(workspace: Workspace, answer: AnswerMode | None = None) -> AnswerMode:
    """Which text is the answer here: `answer` if given, else what it was at the last derivation, else the setting."""
    return answer or AnswerMode(meta.get(workspace.store, "answer", workspace.settings.import_.answer))


def policy(workspace: Workspace, answer: AnswerMode | None = None) -> Policy:
    """How pairs are made here, in the mode that `mode` says."""
    return Policy(mode(workspace, answer), workspace.settings.import_, load_rules(workspace.rule_files()))


def import_paths(
    workspace: Workspace, paths: Sequence[Path], *, answer: AnswerMode | None = None, report: Report = silent
) -> ImportReport:
    """Read every session and chat file under `paths` into the workspace.

    Files that haven't changed since they were read are not opened. Cancelling (a report that raises
    `Cancelled`) keeps what was stored; the next import goes on from there. Raises BadInput for a path that
    doesn't exist or a folder with nothing to read.
    """
    found = find(paths)
    store = workspace.store
    if answer is not None and turns.turn_count(store):
        derive_again(workspace, answer, report=report)
    tally = _Tally()
    for left in found.left_out:
        tally.leave_out(left.reason, left.example, left.count)
    changed = _changed(found.files, turns.known_files(store))
    tally.files, tally.files_known = len(found.files), len(found.files) - len(changed)
    if changed:
        load_languages()
        with turns.while_importing(store):
            _import_files(store, changed, policy(workspace, answer), tally, report)
    _complete(store, report)  # even if nothing changed: an earlier import may have been stopped
    return tally.report(mode(workspace, answer))


def derive_again(workspace: Workspace, answer: AnswerMode | None = None, *, report: Report = silent) -> ImportReport:
    """Make the pairs anew from the stored turns, without the files.

    Decisions stay with their texts: a pair whose text is the same keeps its state, a new text is open. The new
    pairs are shown all at once when the last is made, so that cancelling leaves everything as it was.
    """
    store = workspace.store
    rules = policy(workspace, answer)
    if not turns.turn_count(store):
        raise BadInput("there are no turns to derive pairs from.", fix="Import something first: molting import PATH.")
    while (tally := _derived_anew(store, rules, report)) is None:
        pass
    return tally.report(rules.answer)


def _derived_anew(store: Store, rules: Policy, report: Report) -> _Tally | None:
    """Derive every turn and switch; None if another process stored turns or switched meanwhile."""
    with store.write() as connection:
        begun = derivation.begin(connection)
    try:
        tally = _derive_all(store, rules, begun.number, report)
        _complete(store, report)  # before they are seen, so that cancelling it changes nothing either
        with store.write() as connection:
            switched = derivation.switch(connection, begun)
            if switched:
                meta.put(connection, "answer", rules.answer.value)
    except BaseException:
        # What stopped it is what the person hears; if this fails too, the next switch clears the rest away.
        with contextlib.suppress(MoltingError), store.write() as connection:
            derivation.abandon(connection, begun)
        raise
    return tally if switched else None


def _derive_all(store: Store, rules: Policy, number: int, report: Report) -> _Tally:
    tally = _Tally()
    total = turns.turn_count(store)
    for chunk in turns.all_turns(store):
        derived = [
            derivation.Derived(turn_id, session, turn.model, turn.time, pair)
            for turn_id, session, turn in chunk
            if (pair := _pair(turn, rules, tally)) is not None
        ]
        for start in range(0, len(derived), CHUNK):
            part = derived[start : start + CHUNK]
            with store.write() as connection:
                placed = derivation.put_pairs(connection, number, part, live=False)
            _count_pairs(tally, part, placed)
        tally.turns += len(chunk)
        report(Progress(tally.turns, max(total, tally.turns), "turns", "making pairs again"))
    return tally


def everything_left_out(workspace: Workspace) -> tuple[LeftOut, ...]:
    """All that was ever left out at reading, summed over the files of the workspace."""
    tally = _Tally()
    for summary in turns.file_summaries(workspace.store):
        for left in summary.left_out:
            tally.leave_out(left.reason, left.example, left.count)
    return tally.report(AnswerMode.FINAL).left_out


def _changed(
    files: Sequence[SourceFile], known: Mapping[str, tuple[int, int]]
) -> list[tuple[SourceFile, turns.FileState]]:
    named = [(file, turns.FileState(stored_path(file.path), file.size, file.mtime_ns)) for file in files]
    return [(file, state) for file, state in named if known.get(state.path) != (state.size, state.mtime_ns)]


def _import_files(
    store: Store, files: Sequence[tuple[SourceFile, turns.FileState]], rules: Policy, tally: _Tally, report: Report
) -> None:
    _note_policy(store, rules)
    storing = _Storing(store, rules, tally)
    try:
        _read_files(files, storing, report)
    except Cancelled:
        # What was read is kept, and can be searched.
        storing.flush()
        _complete(store, silent)
        raise
    storing.flush()


def _complete(store: Store, report: Report) -> None:
    """What can wait until the pairs are stored: their languages, and making their words searchable."""
    derivation.judge_languages(store, language_of, SAMPLE, report)
    derivation.extend_search(store, report)


def _read_files(files: Sequence[tuple[SourceFile, turns.FileState]], storing: _Storing, report: Report) -> None:
    total = sum(file.size for file, _ in files)
    done = 0
    for file, state in files:
        label = file.path.name
        reached = done

        def on_bytes(count: int, label: str = label) -> None:
            nonlocal reached
            reached += count
            report(Progress(min(reached, total), total, "bytes", label))

        storing.take(state, sources.read(file.path, on_bytes))
        done += file.size
        report(Progress(min(done, total), total, "bytes", label))


class _Part(NamedTuple):
    """Turns of one file that are stored in one transaction.

    `repeated` holds those positions in `turns` whose turn stood in the file before. Only the last part of a file
    holds its summary and, if the file was read in an earlier import too, the places (key, line) of all its turns.
    """

    file: turns.FileState
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
    tally: _Tally


class _Storing:
    """Stores what was read, `CHUNK` turns a transaction: a part of a long file, or many short files at once.

    A commit waits for the disk, so one for each of thousands of short files would take longer than reading them.
    """

    def __init__(self, store: Store, rules: Policy, tally: _Tally) -> None:
        self._store = store
        self._read_before = turns.known_files(store).keys()
        self._rules = rules
        self._tally = tally
        self._last_turn, self._last_pair = derivation.newest(store)
        self._sessions: dict[tuple[str, str], int] = {}
        self._parts: list[_Part] = []
        self._turns = 0

    def take(self, file: turns.FileState, read: FileRead) -> None:
        """Store a file that was read, now or together with the next ones."""
        seen: set[str] = set()
        start = 0
        while len(read.turns) - start > (room := CHUNK - self._turns):
            self._add(_part(file, read.turns[start : start + room], seen))
            start += room
        last = _part(file, read.turns[start:], seen)
        summary = turns.FileSummary(read.records, read.sessions, len(read.turns), read.left_out)
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
        with self._store.write() as connection:
            self._same_answer()
            known_now = turns.known_turns(self._store, keys)
            if known_now != known:
                judged = self._judge(parts, known_now)
            self._put(connection, parts, judged)
        self._tally.add(judged.tally)

    def _put(self, connection: Connection, parts: Sequence[_Part], judged: _Judged) -> None:
        current = meta.derivation(self._store)
        files = turns.put_files(connection, [(part.file, part.summary) for part in parts], events.now())
        homes = {(turn.project, turn.session) for part in parts for turn in part.turns}
        self._sessions |= turns.session_ids(connection, homes - self._sessions.keys())
        outgrown = self._counted_before(judged)
        put = turns.put_turns(
            connection, [(one.turn, one.digest, self._session(one.turn), files[one.part]) for one in judged.fresh]
        )
        turns.move_turns(connection, judged.moved)
        places = zip(files, parts, strict=True)
        turns.put_origins(
            connection,
            [(turn.key, file, self._session(turn), turn.line) for file, part in places for turn in part.turns],
        )
        for file, part in zip(files, parts, strict=True):
            if part.places:
                turns.forget_places(connection, file, part.places)
        forgotten = derivation.forget_origins(connection, current, put.grown)
        derived = [
            derivation.Derived(put.ids[turn.key], self._session(turn), turn.model, turn.time, pair)
            for _, turn, _, _, pair in judged.fresh
            if pair is not None
        ]
        placed = derivation.put_pairs(connection, current, derived, live=True)
        _count_pairs(judged.tally, derived, placed)
        self._uncount(judged.tally, outgrown, forgotten)

    def _add(self, part: _Part) -> None:
        self._parts.append(part)
        self._turns += len(part.turns)
        if self._turns >= CHUNK or len(self._parts) >= CHUNK:
            self.flush()

    def _judge(self, parts: Sequence[_Part], stored: Mapping[str, turns.KnownTurn]) -> _Judged:
        tally = _Tally()
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
        tally.turns_new = sum(key not in stored for key in fresh)
        return _Judged(
            # Of a turn that stands in the batch twice, the later (longer) copy is what is stored.
            [_Fresh(*one, stored.get(key), _pair(one[1], self._rules, tally)) for key, one in fresh.items()],
            moved,
            tally,
        )

    def _same_answer(self) -> None:
        if meta.get(self._store, "answer") != self._rules.answer.value:
            raise MoltingError(
                "the pairs were made again with another answer while this import ran; what it stored is kept.",
                fix="Import again.",
            )

    def _counted_before(self, judged: _Judged) -> list[tuple[int, str]]:
        """Turns that this import stored already, cut short: the number of each, and why it gave no pair, if so."""
        cut = {one.turn.key: one.before.id for one in judged.fresh if one.before and one.before.id > self._last_turn}
        answer, settings, _ = self._rules
        stored = turns.stored_turns(self._store, list(cut)) if cut else []
        return [(cut[turn.key], reason_against(turn, answer, settings)) for turn in stored]

    def _uncount(
        self, tally: _Tally, outgrown: Sequence[tuple[int, str]], forgotten: Mapping[int, derivation.Forgotten]
    ) -> None:
        """Take what was counted of turns when they were cut short out of the counts again."""
        for number, reason in outgrown:
            lost = forgotten.get(number)
            if reason:
                tally.counts[reason] -= 1
            elif lost is not None and lost.held:
                tally.counts["duplicate-text"] -= 1
            elif lost is not None and lost.pair_id > self._last_pair:
                tally.pairs_new -= 1
            elif lost is not None:
                tally.pairs_known -= 1

    def _session(self, turn: Turn) -> int:
        return self._sessions[turn.project, turn.session]


def _part(file: turns.FileState, said: Sequence[Turn], seen: set[str]) -> _Part:
    repeated = []
    for position, turn in enumerate(said):
        if turn.key in seen:
            repeated.append(position)
        seen.add(turn.key)
    return _Part(file, said, frozenset(repeated))


def _grown(before: turns.KnownTurn, turn: Turn, digest: str, path: str) -> bool:
    if before.digest == digest:
        return False
    # A copy in another file (resumed history) may be cut short; the longer one is the turn.
    return before.path == path or len(turn.steps) > before.steps


def _pair(turn: Turn, rules: Policy, tally: _Tally) -> NewPair | None:
    pair = derive(turn, rules)
    if isinstance(pair, NotAPair):
        tally.leave_out(pair.reason, _example(turn.session, turn))
        return None
    return pair


def _count_pairs(tally: _Tally, derived: Sequence[derivation.Derived], placed: Sequence[derivation.Placed]) -> None:
    for one, place in zip(derived, placed, strict=True):
        if place is derivation.Placed.NEW:
            tally.pairs_new += 1
        elif place is derivation.Placed.KNOWN:
            tally.pairs_known += 1
        else:
            tally.leave_out("duplicate-text", f"turn {one.turn_id}: {one.pair.instruction[:80]}")


def _example(where: str, turn: Turn) -> str:
    return f"{os.path.basename(where)}:{turn.line}: {turn.human[:80]}"


def _note_policy(store: Store, rules: Policy) -> None:
    with store.write() as connection:
        if not meta.get(store, "answer") or not turns.turn_count(store):
            meta.put(connection, "answer", rules.answer.value)
        if not meta.get(store, "rules"):  # pairs that are there already keep their flags until the rules are applied
            meta.put(connection, "rules", rules.rules.digest)


def stored_path(path: Path) -> str:
    """A path as text that SQLite can hold: bytes that aren't UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")
