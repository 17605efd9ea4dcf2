"""What a person does with pairs: keep, drop, skip, rewrite, star, tag, comment; undo and redo.

Each of these is one step: stored in one transaction when it is said, taken back by one undo.
"""

from __future__ import annotations

import contextlib
import functools
import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from molting_tui.curation import complaints
from molting_tui.curation.filter_names import known_names, read_filter
from molting_tui.errors import BadFilter, BadInput
from molting_tui.records.events import Event, EventKind, NewEvent, Undone
from molting_tui.records.filters import TEXT, Filter, Term
from molting_tui.records.pairs import REASON_CODES, Cause, Counts, Flag, FlagChanges, Pair, PairLine, State, TagCount
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.records.surroundings import Surroundings
from molting_tui.records.turns import Message
from molting_tui.store import events, filters, flags, meta, pairs
from molting_tui.store import surroundings as session_turns
from molting_tui.text import plural
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.curation.rules import RuleSet

WORDS = ("keep", "drop", "skip", "open")
Which = str | Sequence[int]
"""Which pairs a step is over: those that a filter matches, or those with these numbers."""


class Desk:
    """A person at work on the pairs of a workspace: what they see and what they can say.

    It reads and writes through the workspace's store from whichever thread calls it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._store = workspace.store

    @functools.cached_property
    def rules(self) -> RuleSet:
        """The rules in force. Raises BadInput for a rule file with a mistake."""
        # Loaded when the first text is judged: the patterns take 60 ms that the first frame doesn't need.
        from molting_tui.curation.rules import load_rules

        return load_rules(self.workspace.rule_files())

    # What is there

    def matching(self, which: Which = "") -> array[int]:
        """The ids of the pairs that a filter matches, in its order, else in list order. Raises BadFilter."""
        return filters.matching(self._store, self.chosen(which))

    def search(self, filter_text: str, words: str) -> array[int]:
        """The ids of the pairs of a filter that hold these words."""
        chosen = self.chosen(filter_text)
        return filters.matching(self._store, Filter((*chosen.terms, Term(TEXT, ":", (words,)))))

    def chosen(self, which: Which) -> Filter:
        """The filter that a person typed. Raises BadFilter, for a name too that nothing here has."""
        if isinstance(which, str):
            return read_filter(self.workspace, which)
        return Filter((Term("id", ":", tuple(map(str, which))),))

    def names(self, field: str) -> list[str]:
        """All names that a field of the filter language knows here, sorted."""
        return known_names(self.workspace, field)

    def tags(self, which: Which = "") -> list[TagCount]:
        """The tags of these pairs (of all), the most used first, each with how many of them have it."""
        return pairs.tags(self._store, self.chosen(which))

    def last_tag(self) -> str:
        """The tag that you gave or took away last; empty before the first."""
        return meta.get(self._store, f"tag:{self.workspace.actor}")

    def all_starred(self, which: Which) -> bool:
        """Whether every one of these pairs is starred."""
        return self._all_are(which, Term("is", ":", ("starred",)))

    def all_tagged(self, which: Which, name: str) -> bool:
        """Whether every one of these pairs has a tag. Raises BadInput for a name that is no tag."""
        return self._all_are(which, Term("tag", ":", (tag_name(name),)))

    def lines(self, ids: Sequence[int]) -> list[PairLine]:
        """The list lines of these pairs."""
        return pairs.lines(self._store, ids)

    def pair(self, number: int) -> Pair:
        """Everything about a pair. Raises BadInput if there is none with this number."""
        pair = pairs.pair(self._store, number, self.workspace.actor)
        if pair is None:
            raise BadInput("there is no such pair.", where=f"pair {number}", fix="`molting pairs` lists them.")
        return pair

    def find(self, reference: str) -> Pair:
        """The pair with this number, or whose uid starts so (6 characters or more)."""
        number = pairs.pair_id(self._store, reference)
        if number is None:
            raise BadInput("there is no such pair.", where=f"pair {reference}", fix="`molting pairs` lists them.")
        return self.pair(number)

    def counts(self) -> Counts:
        """How many pairs are in each state."""
        return pairs.counts(self._store)

    def next_open(self, ids: Sequence[int]) -> int | None:
        """The position in `ids` of the first open pair."""
        return pairs.next_open(self._store, ids)

    def history(self, pair: Pair) -> list[Event]:
        """Everything that was said of a pair, oldest first."""
        return events.history(self._store, pair.uid)

    def earlier_texts(self, pair: Pair) -> list[tuple[int, State]]:
        """Earlier texts of the same turn that were decided on, and how."""
        return pairs.siblings(self._store, pair.id)

    def earlier_words(self, pair: Pair) -> list[tuple[str, str]]:
        """The words that somebody gave the pair before this one, each message under a title of its own."""
        if pair.before is None or not pair.before.rewritten:
            return []
        earlier = self.pair(pair.before.id)
        return [
            (f"The {earlier.name_of(place)} as it was rewritten before", text)
            for place, _, text, original in earlier.messages
            if text != original
        ]

    def turn(self, pair: Pair) -> tuple[str, tuple[tuple[str, str], ...]] | None:
        """The prompt and all the steps of the turn that a pair was made from."""
        return pairs.turn_of(self._store, pair.id)

    def surroundings(self, pair: Pair, before: int = 1, after: int = 0) -> Surroundings | None:
        """Where a pair stands in its session, with up to so many turns before and after it; None if it is in none."""
        return session_turns.surroundings(self._store, pair.id, before, after)

    def decision_times(self) -> list[datetime]:
        """When your latest decisions were made, up to 200 of them, oldest first."""
        times = events.decision_times(self._store, self.workspace.actor, 200)
        return [datetime.fromisoformat(time) for time in times]

    def place(self) -> tuple[str, int]:
        """Where you left the list: the filter, and the pair's number (0: nowhere yet)."""
        filter_text, _, number = meta.get(self._store, f"place:{self.workspace.actor}").rpartition("\n")
        return filter_text, int(number or 0)

    def left_list(self) -> tuple[str, array[int], int]:
        """The list as it is opened again: its filter, the ids, and the number of the pair where you left it.

        A filter that matches nothing any more is taken away, and so is one that names what is there no more (a rule
        that was deleted): what was left to do is done.
        """
        filter_text, number = self.place()
        with contextlib.suppress(BadFilter):
            ids = self.matching(filter_text)
            if ids:
                return filter_text, ids, number
        return "", self.matching(), number

    def leave_at(self, filter_text: str, number: int) -> None:
        """Remember where you left the list."""
        if self.place() != (filter_text, number):
            with self._store.write() as connection:
                meta.put(connection, f"place:{self.workspace.actor}", f"{filter_text}\n{number}")

    def data_version(self) -> int:
        """A number that changes when somebody else changed the workspace."""
        return self._store.data_version()

    # What is said of one pair

    def decide(self, pair: Pair, word: str, reason: str = "") -> None:
        """Keep, drop, skip or reopen a pair. Raises BadInput for another word."""
        self._say(f"{word} pair {pair.id}", pair, "decide", _decision(word, reason))

    def rewrite(
        self,
        pair: Pair,
        words: Mapping[int, str] | None = None,
        *,
        instruction: str | None = None,
        response: str | None = None,
        cause: Cause = "style",
    ) -> None:
        """Keep a pair with new words for the messages at these places; the others stay as they are now.

        The prompt and the answer can be given by name. The old words stay in the store. Raises BadInput for a message
        with nothing in it, or one that there isn't.
        """
        last = len(pair.messages) - 1
        named = {place: text for place, text in ((last - 1, instruction), (last, response)) if text is not None}
        texts = {place: _storable(text) for place, text in {**(words or {}), **named}.items()}
        for place, text in texts.items():
            if not 0 <= place < len(pair.messages):
                raise BadInput(
                    "there is no such message.",
                    where=f"pair {pair.id}, message {place}",
                    fix=f"It has {plural(len(pair.messages), 'message')}, counted from 0.",
                )
            if not text:
                needs = (
                    f"{pair.name_of(place)} needs words."
                    if place < last - 1
                    else "a pair needs a prompt and an answer."
                )
                raise BadInput(
                    needs,
                    where=f"pair {pair.id}",
                    fix="To be rid of the pair, drop it.",
                )
        self._say(f"rewrite pair {pair.id}", pair, "rewrite", _rewriting(pair, texts, cause))
        self.save_draft(pair, None)

    def star(self, pair: Pair) -> None:
        """Star a pair, or take its star away."""
        self._say(f"star pair {pair.id}", pair, "star", {"on": not pair.starred})

    def tag(self, pair: Pair, name: str) -> None:
        """Tag a pair, or take that tag away. A tag is one word of up to 40 characters."""
        tag = tag_name(name)
        self._say(f"tag pair {pair.id} {tag}", pair, "tag", {"tag": tag, "on": tag not in pair.tags})
        self._remember_tag(tag)

    def comment(self, pair: Pair, text: str) -> None:
        """Write a comment on a pair in place of the one it has; an empty text takes it away."""
        self._say(f"comment on pair {pair.id}", pair, "comment", {"text": _storable(text)})

    def save_draft(self, pair: Pair, words: Mapping[int, str] | None) -> None:
        """Keep an unfinished rewrite of a pair, the words by place, or forget it (None)."""
        text = None if words is None else json.dumps({"messages": dict(words)}, ensure_ascii=False)
        pairs.set_draft(self._store, pair.id, self.workspace.actor, text, events.now())

    # Steps over many pairs

    def decide_where(self, which: Which, word: str, reason: str = "") -> int:
        """Decide on every one of these pairs, as one step; returns how many it changed."""
        return self._say_where(which, _label(word, which), "decide", _decision(word, reason))

    def star_where(self, which: Which, on: bool) -> int:
        """Star every one of these pairs, or take the stars away."""
        return self._say_where(which, _label("star", which), "star", {"on": on})

    def tag_where(self, which: Which, name: str, on: bool) -> int:
        """Tag every one of these pairs, or take the tag away. Raises BadInput for a name that is no tag."""
        tag = tag_name(name)
        changed = self._say_where(which, _label("tag", which, tag), "tag", {"tag": tag, "on": on})
        self._remember_tag(tag)
        return changed

    def rewrite_where(
        self, which: Which, label: str, change: Callable[[str], str], cause: Cause, report: Report = silent
    ) -> int:
        """Rewrite every message of each of these pairs by a function, as one step; returns how many pairs changed."""
        rewrites: list[NewEvent] = []
        chosen = self.chosen(which)
        total = len(filters.matching(self._store, chosen))
        for done, pair in enumerate(pairs.chosen(self._store, chosen, self.workspace.actor), 1):
            texts = [change(message.text) for message in pair.messages]
            changed = {place: text for place, text in enumerate(texts) if text != pair.messages[place].text}
            if changed:
                # A machine's change to the words is no decision: the pair stays as open, kept or dropped as it was.
                rewrites.append(NewEvent(pair.uid, "rewrite", _rewriting(pair, changed, cause) | {"keep": False}))
            report(Progress(done, total, "pairs", label))
        if rewrites:
            events.say(self._store, self.workspace.actor, label, rewrites, self._reflag)
        return len(rewrites)

    def mask_secrets(self, which: Which, report: Report = silent) -> int:
        """Rewrite each of these pairs with its secrets and personal data masked, as one step."""
        return self.rewrite_where(which, "mask secrets", lambda text: self.rules.mask(text)[0], "mask", report)

    def repair_mojibake(self, which: Which, report: Report = silent) -> int:
        """Rewrite each of these pairs with its wrongly decoded letters put right, as one step."""
        from molting_tui.curation.mojibake import repaired

        return self.rewrite_where(which, "repair mojibake", repaired, "repair", report)

    def apply_rules(self, report: Report = silent) -> FlagChanges:
        """Flag every pair anew by the rules in force, and search the prompts for complaints anew."""
        complaints.search_again(self.workspace, self.rules, report)
        return flags.flag_again(self._store, self.rules.flags, self.rules.digest, report)

    def rules_changed(self) -> bool:
        """Whether the rule files say something else than when the pairs were flagged and complaints searched for."""
        flagged_by = meta.get(self._store, "rules", self.rules.digest)
        return flagged_by != self.rules.digest or complaints.changed(self.workspace, self.rules)

    def undo(self) -> Undone | None:
        """Take back your latest step on pairs; None if there is none."""
        return events.undo(self._store, self.workspace.actor, self._reflag)

    def redo(self) -> Undone | None:
        """Bring back the step on pairs that was taken back last; None if there is none."""
        return events.redo(self._store, self.workspace.actor, self._reflag)

    def _say(self, label: str, pair: Pair, kind: EventKind, payload: dict[str, Any]) -> None:
        events.say(self._store, self.workspace.actor, label, [NewEvent(pair.uid, kind, payload)], self._reflag)

    def _all_are(self, which: Which, term: Term) -> bool:
        chosen = self.chosen(which)
        lacking = Filter((*chosen.terms, term._replace(negated=True)))
        return not filters.matching(self._store, lacking)

    def _remember_tag(self, tag: str) -> None:
        if self.last_tag() != tag:
            with self._store.write() as connection:
                meta.put(connection, f"tag:{self.workspace.actor}", tag)

    def _say_where(self, which: Which, label: str, kind: EventKind, payload: dict[str, Any]) -> int:
        chosen = self.chosen(which)
        return events.say_where(self._store, self.workspace.actor, label, chosen, kind, payload, self._reflag).pairs

    def _reflag(self, messages: Sequence[Message]) -> Sequence[Flag]:
        return self.rules.flags(messages)


def _label(word: str, which: Which, *more: str) -> str:
    """What a step over several pairs is called in their history, and by its undo."""
    if isinstance(which, str):
        return f"{word} where {which or 'everything'}"
    return " ".join((word, plural(len(which), "pair"), *more))


def _decision(word: str, reason: str) -> dict[str, Any]:
    if word not in WORDS:
        raise BadInput("nobody can decide that.", where=f"`{word}`", fix=f"It is one of {', '.join(WORDS)}.")
    if not reason:
        return {"state": word}
    words = _storable(reason)
    code = REASON_CODES.get(words)
    return {"state": word, "reason": words} | ({"code": code} if code else {})


def _rewriting(pair: Pair, words: Mapping[int, str], cause: Cause) -> dict[str, Any]:
    """The payload of a rewrite: what it makes of the messages at these places (null: their original words)."""
    messages = {str(place): None if text == pair.messages[place].original else text for place, text in words.items()}
    return {"messages": messages, "cause": cause}


def _storable(text: str) -> str:
    # SQLite's JSON functions would end the text at a NUL.
    return text.strip().replace("\x00", "\ufffd")


def tag_name(given: str) -> str:
    """The name of a tag as somebody gave it. Raises BadInput for what is no tag."""
    name = given.strip().removeprefix("#")
    if not name or len(name) > 40 or any(character.isspace() or character in '",' for character in name):
        raise BadInput("a tag is one word of up to 40 characters.", where=f"`{given}`", fix="For example: voice.")
    return name
