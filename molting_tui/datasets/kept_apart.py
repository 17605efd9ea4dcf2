"""What is kept out of training: pairs that ask a question of the bank, and pairs that are held out.

A pair whose user turn asks, in these words or nearly, what an open `generalise` question of the bank asks, belongs to
a dataset's part `bank`; so does the pair that such a question was made from. Held out are whole sessions, chosen by a
hash of their name: the same ones in the next dataset too.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from molting_tui.curation.likeness import Like, Likeness, Wording
from molting_tui.errors import BadInput
from molting_tui.records.bank import BankQuestion
from molting_tui.records.datasets import Part
from molting_tui.records.pairs import Pair
from molting_tui.store import bank, pairs
from molting_tui.store.pairs import Prompts
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

PROMOTED = "pair:"
"""How the source of a question begins that was made from a pair; the pair's uid follows."""
_WANTED = re.compile(r"(\d{1,9})\s*(%?)")
_MOST_ROUNDS = 20
_HEAD, _HEAD_CHARACTERS = 40, 400
"""Words of a prompt, and characters at most, that held-out pairs are compared by."""


class HeldOut(NamedTuple):
    """How many pairs are to be held out: a number, or a share of all (percent)."""

    number: int
    percent: bool = False

    def of(self, pairs: int) -> int:
        """How many of so many pairs."""
        return round(pairs * self.number / 100) if self.percent else self.number


def read_held_out(text: str, where: str = "--held-out") -> HeldOut:
    """`16` or `10%`. Raises BadInput for anything else, naming `where` it was written."""
    match = _WANTED.fullmatch(text.strip())
    wanted = HeldOut(int(match[1]), bool(match[2])) if match else None
    if wanted is None or not wanted.number or (wanted.percent and wanted.number > 50):
        raise BadInput(
            f"`{show_line(text, 40)}` can't be held out.",
            where=where,
            fix="Write a number of pairs, or 1% to 50%.",
        )
    return wanted


class BankGuard:
    """Tells what asks a question that may not be trained on."""

    def __init__(self, entries: Iterable[BankQuestion]) -> None:
        kept_out = list(entries)
        self.likeness = Likeness(
            Wording(entry.id, entry.question.fact_asked, prompt)
            for entry in kept_out
            for prompt in (entry.question.prompt, *entry.question.followups)
        )
        self.promoted = {
            entry.source.removeprefix(PROMOTED): entry.id for entry in kept_out if entry.source.startswith(PROMOTED)
        }

    def question_of(self, uid: str, turns: Sequence[str]) -> str:
        """The id of the question that a pair with these user turns asks; empty for none."""
        if uid in self.promoted:
            return self.promoted[uid]
        hits = [hit for turn in turns if (hit := self.likeness.find(turn)) is not None]
        return max(hits, key=_how_like).wording.question if hits else ""


def _how_like(hit: Like) -> float:
    return hit.likeness


def bank_guard(workspace: Workspace) -> BankGuard:
    """The guard of the questions that are open now."""
    return BankGuard(bank.kept_out(workspace.store))


class Parts(NamedTuple):
    """Which part of a dataset each pair belongs to."""

    guard: BankGuard
    held_out: frozenset[str] = frozenset()

    def of(self, pair: Pair) -> Part:
        """The part of this pair."""
        turns = [message.text for message in pair.messages if message.role == "user"]
        if self.guard.question_of(pair.uid, turns):
            return "bank"
        return "held_out" if pair.uid in self.held_out else "train"


def parts_of(workspace: Workspace, ids: Sequence[int], held_out: HeldOut | None = None) -> Parts:
    """How the pairs with these ids are to be parted. Raises BadInput where so many can't be held out."""
    guard = bank_guard(workspace)
    if held_out is None:
        return Parts(guard)
    asked = [each for each in pairs.prompts(workspace.store, ids) if not guard.question_of(each.uid, each.turns)]
    return Parts(guard, held_out_of(asked, held_out))


def count_parts(workspace: Workspace, ids: Sequence[int], held_out: HeldOut | None = None) -> Counter[Part]:
    """How many of the pairs with these ids go into which part. Raises BadInput where so many can't be held out."""
    guard = bank_guard(workspace)
    asked = list(pairs.prompts(workspace.store, ids))
    free = [each for each in asked if not guard.question_of(each.uid, each.turns)]
    held = len(held_out_of(free, held_out)) if held_out is not None else 0
    counts: Counter[Part] = Counter()
    counts.update({"train": len(free) - held, "held_out": held, "bank": len(asked) - len(free)})
    return counts


def held_out_of(asked: Sequence[Prompts], wanted: HeldOut) -> frozenset[str]:
    """The uids of the pairs to hold out: whole sessions in the order of a hash of their names, as many as fit into the
    number wanted, none with a prompt that is like one that stays in training.

    Raises BadInput where that holds nothing out.
    """
    sessions: dict[str, list[Prompts]] = {}
    for each in asked:
        # The pairs of one conversation begin alike.
        sessions.setdefault(each.session or f"\0{each.turns[0]}", []).append(each)
    waiting = sorted(sessions, key=lambda name: hashlib.sha256(name.encode("utf-8", "replace")).digest())
    most = min(wanted.of(len(asked)), len(asked) - 1)
    heads = {name: [_head(each) for each in members] for name, members in sessions.items()}
    chosen: list[str] = []
    gone: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        before = set(chosen)
        waiting = _fill(chosen, waiting, sessions, most)
        new, outside = set(chosen) - before, sessions.keys() - set(chosen)
        # Those chosen before are unlike what was outside then: only who went out meanwhile can be like them.
        mixed = _alike(new, outside, heads) | _alike(before, gone, heads)
        if not mixed:
            break
        chosen, gone = [name for name in chosen if name not in mixed], mixed
    else:
        while mixed := _alike(set(chosen), sessions.keys() - set(chosen), heads):
            chosen = [name for name in chosen if name not in mixed]
    if not chosen and most < 1:
        raise BadInput(
            f"that holds out none of the {plural(len(asked), 'kept pair')}.",
            where="held out",
            fix="Hold out more, keep more pairs, or hold none out.",
        )
    if not chosen:
        raise BadInput(
            f"no session of at most {most:,} kept pairs can be held out: what stays in training asks the same.",
            where="held out",
            fix="Hold out more, keep pairs of more sessions, or hold none out.",
        )
    return frozenset(each.uid for name in chosen for each in sessions[name])


def _fill(chosen: list[str], waiting: list[str], sessions: dict[str, list[Prompts]], most: int) -> list[str]:
    """Add the sessions that still fit to those chosen; returns the others that weren't looked at for good."""
    held = sum(len(sessions[name]) for name in chosen)
    rest = []
    for name in waiting:
        if held + len(sessions[name]) <= most:
            chosen.append(name)
            held += len(sessions[name])
        else:
            rest.append(name)
    return rest


def _head(asked: Prompts) -> str:
    """The beginning of a pair's prompt, by which it is compared: long ones that are alike begin alike."""
    return " ".join(asked.turns[-1][:_HEAD_CHARACTERS].split()[:_HEAD])


def _alike(inside: Set[str], outside: Set[str], heads: dict[str, list[str]]) -> set[str]:
    """The sessions among those inside that have a prompt like one of those outside."""
    likeness = Likeness((Wording("", name, head) for name in sorted(inside) for head in heads[name]), sentences=False)
    return {hit.wording.cluster for name in outside for head in heads[name] for hit in likeness.every(head)}
