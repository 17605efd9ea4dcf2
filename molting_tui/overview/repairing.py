"""Putting right what `molting doctor` finds, as far as it follows from something that is whole."""

from __future__ import annotations

from pathlib import Path

from molting_tui.curation.derive import answer_of, pair_uid
from molting_tui.overview.hashes import hashed
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Report
from molting_tui.records.turns import Turn
from molting_tui.store import audit, derivation, texts, turns
from molting_tui.store.backup import back_up, unused
from molting_tui.store.checks import looking
from molting_tui.store.connection import Store
from molting_tui.store.flags import Reflag
from molting_tui.text import plural, show
from molting_tui.workspace import DATABASE_FILE, Workspace


def repair(workspace: Workspace, report: Report) -> list[str]:
    """Put right what can be, after a backup; what was done, as sentences.

    States, tags, notes, rewritten words, ratings and counts are made anew from what was said; the triggers that keep
    the history are put on again; a pair whose words have changed gets them from its turn; a turn whose words have
    changed is read anew from its file at the next import.
    """
    database = workspace.folder / DATABASE_FILE
    kept = unused(database.with_name(f"{database.name}.before-repair"))
    back_up(database, kept, report)
    sentences = [f"The database as it was is kept as {show(kept.name)}."]
    changed = hashed(database, report)
    if changed.pairs:
        restored = _restore_pairs(workspace.store, database, changed.pairs)
        sentences.append(f"{plural(restored, 'pair')} of {len(changed.pairs):,} got their first words back.")
    if changed.turns:
        with workspace.store.write() as connection:
            paths = turns.read_again(connection, changed.turns)
        sentences.append(
            f"{plural(len(changed.turns), 'turn')} will be read anew: import again what holds"
            f" {', '.join(map(show, paths[:3]))}{' …' if len(paths) > 3 else ''}"
        )
    with looking(database) as connection:
        differing = audit.differences(connection)
    audit.repair(workspace.store, _flags(workspace))
    derivation.extend_search(workspace.store, report)
    sentences += [f"{audit.KINDS[each.kind]}: {each.count:,} made anew from what was said." for each in differing]
    return sentences


def _flags(workspace: Workspace) -> Reflag:
    from molting_tui.curation.rules import load_rules

    return load_rules(workspace.rule_files()).flags


def _restore_pairs(store: Store, database: Path, numbers: tuple[int, ...]) -> int:
    """Give these pairs the words of a turn that makes them, where one does; how many got theirs."""
    wanted = set(numbers)
    with looking(database) as connection:
        uids = {text.id: text.uid for chunk in texts.stored(connection) for text in chunk if text.id in wanted}
    by_uid = {uid: number for number, uid in uids.items()}
    restored = []
    for chunk in turns.all_turns(store):
        for _, _, turn in chunk:
            restored += [text for text in _made_of(turn) if text.uid in by_uid]
    with store.write() as connection:
        for text in restored:
            texts.put_stored(connection, text._replace(id=by_uid[text.uid]))
        audit.forget_search(connection)
    return len({text.uid for text in restored})


def _made_of(turn: Turn) -> list[texts.StoredText]:
    """The pairs that a turn gives by any choice of its answer."""
    instruction = turn.human.strip()
    answers = {answer_of(turn, mode).strip() for mode in AnswerMode}
    return [
        texts.StoredText(
            0, pair_uid(turn.system, turn.context, instruction, answer), turn.system, turn.context, instruction, answer
        )
        for answer in answers
        if answer
    ]
