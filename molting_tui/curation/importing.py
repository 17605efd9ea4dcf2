"""Import: files to turns to pairs, in chunks that let others write in between; and deriving again."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from molting_tui import sources
from molting_tui.curation.derive import Policy
from molting_tui.curation.import_report import ImportReport, Tally
from molting_tui.curation.languages import SAMPLE, language_of
from molting_tui.curation.rules import load_rules
from molting_tui.curation.storing import CHUNK, Storing, count_pairs, pair_of
from molting_tui.errors import BadInput, Cancelled, MoltingError
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.records.turns import LeftOut
from molting_tui.sources.detect import SourceFile, find
from molting_tui.sources.kinds import is_current
from molting_tui.sources.names import stored_name, stored_path
from molting_tui.store import complaints, derivation, events, imports, meta, succession, turns
from molting_tui.store.connection import Store
from molting_tui.workspace import Workspace


def mode(workspace: Workspace, answer: AnswerMode | None = None) -> AnswerMode:
    """Which text is the answer here: `answer` if given, else what it was at the last derivation, else the setting."""
    return answer or AnswerMode(meta.get(workspace.store, "answer", workspace.settings.import_.answer))


def policy(workspace: Workspace, answer: AnswerMode | None = None) -> Policy:
    """How pairs are made here, in the mode that `mode` says."""
    return Policy(mode(workspace, answer), workspace.settings.import_, load_rules(workspace.rule_files()))


def import_paths(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    answer: AnswerMode | None = None,
    again: bool = False,
    report: Report = silent,
) -> ImportReport:
    """Read every session and chat file under `paths` into the workspace.

    Files that haven't changed since they were read are not opened, unless it was by another version of their reader, or
    they are to be read `again`. Cancelling (a report that raises `Cancelled`) keeps what was stored; the next import
    goes on from there. Raises BadInput for a path that doesn't exist or a folder with nothing to read.
    """
    files_found = find(paths)
    store = workspace.store
    tally = Tally()
    if answer is not None and turns.turn_count(store):
        derived = derive_again(workspace, answer, report=report)
        tally.pairs_new, tally.pairs_known = derived.pairs_new, derived.pairs_known
        tally.asked_again = derived.asked_again
    for left in files_found.left_out:
        tally.leave_out(left.reason, left.example, left.count)
    to_read = _to_read(files_found.files, turns.known_files(store), tally, again=again)
    if to_read:
        with turns.while_importing(store):
            _import_files(store, to_read, policy(workspace, answer), tally, report)
    _complete(store, report)  # even if nothing changed: an earlier import may have been stopped
    brought = imports.end(store, events.now(), read=bool(to_read))
    if brought is not None:
        tally.since, tally.projects = brought.since, imports.news_by_project(store, brought)
    return tally.report(mode(workspace, answer))


def derive_again(workspace: Workspace, answer: AnswerMode | None = None, *, report: Report = silent) -> ImportReport:
    """Make the pairs anew from the stored turns, without the files.

    Decisions stay with their texts: a pair whose text is the same keeps its state, a new text is open. The new
    pairs are shown all at once when the last is made, so that cancelling leaves everything as it was.
    """
    store = workspace.store
    rules = policy(workspace, answer)
    imports.end(store, events.now())  # a stopped import: the pairs that are made now didn't come with it
    if not turns.turn_count(store):
        raise BadInput("there are no turns to derive pairs from.", fix="Import something first: molting import PATH.")
    while (tally := _derived_anew(store, rules, report)) is None:
        pass
    return tally.report(rules.answer)


def _derived_anew(store: Store, rules: Policy, report: Report) -> Tally | None:
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
                succeeded = succession.settle(connection, begun.number, rules.answer.value)
    except BaseException:
        # What stopped it is what the person hears; if this fails too, the next switch clears the rest away.
        with contextlib.suppress(MoltingError), store.write() as connection:
            derivation.abandon(connection, begun)
        raise
    if not switched:
        return None
    tally.asked_again = succession.asked_again(store, succeeded)
    return tally


def _derive_all(store: Store, rules: Policy, number: int, report: Report) -> Tally:
    """Make the pairs of derivation `number` from every stored turn, some at a time; none is live yet."""
    tally = Tally()
    total = turns.turn_count(store)
    for chunk in turns.all_turns(store):
        derived = [
            derivation.Derived(turn_id, session, turn.model, turn.time, pair)
            for turn_id, session, turn in chunk
            if (pair := pair_of(turn, rules, tally)) is not None
        ]
        for start in range(0, len(derived), CHUNK):
            part = derived[start : start + CHUNK]
            with store.write() as connection:
                placed = derivation.put_pairs(connection, number, part, live=False)
            count_pairs(tally, part, placed)
        tally.turns += len(chunk)
        report(Progress(tally.turns, max(total, tally.turns), "turns", "making pairs again"))
    return tally


def everything_left_out(workspace: Workspace) -> tuple[LeftOut, ...]:
    """All that was ever left out at reading, summed over the files of the workspace."""
    tally = Tally()
    for summary in turns.file_summaries(workspace.store):
        for left in summary.left_out:
            tally.leave_out(left.reason, left.example, left.count)
    return tally.report(AnswerMode.FINAL).left_out


class _ToRead(NamedTuple):
    """A file to be read, as it is stored; `changed`: it isn't what it was when it was read before."""

    file: SourceFile
    state: turns.FileState
    changed: bool


def _to_read(
    files: Sequence[SourceFile], known_files: Mapping[str, turns.KnownFile], tally: Tally, *, again: bool
) -> list[_ToRead]:
    """The files that are to be read, and of all of them what is to be counted before."""
    tally.files = len(files)
    to_read: list[_ToRead] = []
    for file in files:
        state = turns.FileState(stored_path(file.path), file.size, file.mtime_ns)
        known = known_files.get(state.path)
        if known is None or (known.size, known.mtime_ns) != (state.size, state.mtime_ns):
            to_read.append(_ToRead(file, state, True))
        elif not is_current(known.reader):
            tally.files_better_reader += 1
            to_read.append(_ToRead(file, state, False))
        elif again:
            tally.files_again += 1
            to_read.append(_ToRead(file, state, False))
        else:
            tally.files_known += 1
            tally.count_file(known.turns, empty=known.empty)
    return to_read


def _import_files(store: Store, files: Sequence[_ToRead], rules: Policy, tally: Tally, report: Report) -> None:
    _note_policy(store, rules)
    storing = Storing(store, rules, tally)
    try:
        _read_files(files, storing, report)
    except Cancelled:
        # What was read is kept, and can be searched.
        storing.flush()
        _complete(store, silent)
        imports.end(store, events.now(), stopped=True)
        raise
    storing.flush()
    storing.count_successions()


def _complete(store: Store, report: Report) -> None:
    """What can wait until the pairs are stored: their languages, and making their words searchable."""
    derivation.judge_languages(store, language_of, SAMPLE, report)
    derivation.extend_search(store, report)


def _read_files(files: Sequence[_ToRead], storing: Storing, report: Report) -> None:
    total = sum(to_read.file.size for to_read in files)
    done = 0
    for file, state, changed in files:
        label = stored_name(file.path.name)
        reached = done

        def on_bytes(count: int, label: str = label) -> None:
            nonlocal reached
            reached += count
            report(Progress(min(reached, total), total, "bytes", label))

        read = sources.read(file.path, on_bytes)
        storing.take(state._replace(mtime_ns=turns.NEVER) if read.unreadable else state, read, changed=changed)
        done += file.size
        report(Progress(min(done, total), total, "bytes", label))


def _note_policy(store: Store, rules: Policy) -> None:
    with store.write() as connection:
        imports.begin(connection)
        if not meta.get(store, "answer") or not turns.turn_count(store):
            meta.put(connection, "answer", rules.answer.value)
        if not turns.turn_count(store):
            complaints.note_rules(connection, rules.rules.next_digest)
        if not meta.get(store, "rules"):  # pairs that are there already keep their flags until the rules are applied
            meta.put(connection, "rules", rules.rules.digest)
