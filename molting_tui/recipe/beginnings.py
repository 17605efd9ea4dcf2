"""The token ids of a conversation's beginnings, in which what the whole has too isn't encoded again.

Labels ask for the ids up to each answer. Encoded from the start, a conversation of 400 messages is encoded 800 times
over. A tokenizer splits a text at its control tokens before it does anything else, and encodes what lies between two of
them by itself: a text that is like the whole up to such a token has the ids of the whole before it. Where a base has no
control tokens in its format, every beginning is encoded as it stands.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from molting_tui.recipe.templates import ChatMessage, ChatTokenizer, Cut


class Beginnings:
    """A conversation, rendered and encoded once, and its beginnings. `text` and `ids` are those of the whole."""

    def __init__(self, chat: ChatTokenizer, messages: Sequence[ChatMessage]) -> None:
        """Raises TemplateRefused."""
        self.text = chat.render(messages, False)
        self.ids, self._cuts = chat.tokens(self.text)
        self._ends = [cut.start + cut.size for cut in self._cuts]
        self._chat = chat
        self._messages = messages

    def encode(self, messages: Sequence[ChatMessage], prompted: bool) -> list[int]:
        """Exactly what `ChatTokenizer.encode` gives. Raises TemplateRefused."""
        if messages is self._messages and not prompted:
            return self.ids
        return self.ids_of(self._chat.render(messages, prompted))

    def ids_of(self, text: str) -> list[int]:
        """The token ids of a text, only what is behind the last sure cut encoded anew."""
        alike = _alike(self.text, text)
        for cut in reversed(self._cuts[: bisect_right(self._ends, alike)]):
            # What ends early has no other control tokens than the whole; what goes on otherwise may have.
            if alike == len(text) or not self._may_straddle(text, cut, alike):
                return self.ids[: cut.token] + self._chat.ids(text[cut.start :])
        return self._chat.ids(text)

    def _may_straddle(self, text: str, cut: Cut, alike: int) -> bool:
        """Whether a control token begins in front of the cut, or at it, and ends in what is unlike."""
        return any(
            text[start : start + size] in self._chat.control
            for size in {len(content) for content in self._chat.control}
            for start in range(max(0, alike - size + 1), cut.start + 1)
        )


def _alike(whole: str, text: str) -> int:
    """How many characters two texts have in common at their start."""
    if whole.startswith(text):
        return len(text)
    low, high = 0, min(len(whole), len(text))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if whole[low:middle] == text[low:middle] else (low, middle - 1)
    return low
