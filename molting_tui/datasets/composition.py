"""What an export is made of, counted while it is written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import msgspec

from molting_tui.datasets.export.formats import Conversation, Format, by_turns
from molting_tui.records.pairs import Pair
from molting_tui.records.turns import LeftOut
from molting_tui.text import plural

_JSON = msgspec.json.Encoder()


class Composition:
    """Counts of what was kept, written and left out. Of each pair it holds two digests, never a text."""

    def __init__(self) -> None:
        self.kept = 0
        self.rewritten = 0
        self.with_system = 0
        self.kinds: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self._rows: list[tuple[str, bytes]] = []
        self._systems: set[bytes] = set()
        self._uneven = 0

    @property
    def written(self) -> int:
        """How many pairs were written."""
        return len(self._rows)

    @property
    def uids(self) -> tuple[str, ...]:
        """The content hashes of the pairs that were written, in their order."""
        return tuple(uid for uid, _ in self._rows)

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Of each pair that was written its uid and the hash of its texts."""
        return iter(self._rows)

    def leave_out(self, reason: str, example: str) -> None:
        """Count a kept pair that the format can't hold."""
        self.kept += 1
        self._left_out[reason] += 1
        self._examples.setdefault(reason, example)

    def add(self, pair: Pair, conversation: Conversation) -> None:
        """Count a pair that was written, with the conversation as it was written."""
        self.kept += 1
        self.rewritten += pair.rewritten
        self.kinds[pair.kind] += 1
        self.models[pair.model] += 1
        self.languages[pair.language] += 1
        self._rows.append((pair.uid, hashlib.sha256(_JSON.encode(conversation.whole())).digest()))
        self._uneven += not by_turns(conversation.messages)
        if conversation.system:
            self.with_system += 1
            self._systems.add(hashlib.sha256(conversation.system.encode()).digest())

    def left_out(self) -> tuple[LeftOut, ...]:
        """Each reason for leaving a pair out, the most frequent first."""
        return tuple(LeftOut(reason, count, self._examples[reason]) for reason, count in self._left_out.most_common())

    def warnings(self, kind: Format) -> tuple[str, ...]:
        """What would surprise whoever trains on the file."""
        found: list[str] = []
        without = self.written - self.with_system
        if self.with_system and without:
            found.append(
                f"{plural(self.with_system, 'pair')} with a system turn and {without:,} without: what a model learns"
                " with one it may not show without it. [persona] system_prompt in molting.toml gives one to the others."
            )
        if len(self._systems) > 1:
            found.append(f"The pairs have {len(self._systems):,} different system turns.")
        if self._uneven and kind != "alpaca":
            found.append(
                f"In {plural(self._uneven, 'pair')} prompt and answer don't alternate: LLaMA-Factory skips such"
                " conversations, and some chat templates refuse them."
            )
        return tuple(found)
