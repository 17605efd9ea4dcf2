"""Which tokens of a conversation are learned: what the assistant says, up to and with the token that ends it.

Preview, preflight and training share this one function. It needs no mark in the template and no torch: for each
assistant turn, the ids of the conversation up to it are compared with those of the whole one. What it learns equals
TRL's mask for prompt and completion in every format, and TRL's mask of generation marks, turn for turn, where those
stand around the answer and what ends it (some families mark a token more, which the prompt gives already).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.recipe.templates import ChatMessage

IGNORED = -100
"""The label of a token that isn't learned (PyTorch's `ignore_index`)."""

Encode = Callable[[Sequence[ChatMessage], bool], list[int]]
"""Takes messages and whether the assistant is asked to go on; gives the token ids."""

_STRADDLE = 2
# A token may lie across the border between prompt and answer; as many as these at its left may so be others.


class Labelled(NamedTuple):
    """A conversation as it is learned. `labels` are `input_ids` where a token is learned, else IGNORED; `spans` are
    the learned stretches, [start, end) in tokens, one for each assistant turn."""

    input_ids: list[int]
    labels: list[int]
    spans: tuple[tuple[int, int], ...]

    @property
    def learned(self) -> int:
        """How many tokens are learned."""
        return sum(end - start for start, end in self.spans)


class ShiftingTemplate(BadInput):
    """A template writes a turn otherwise once another turn follows, so that no mask would be right."""


def labelled(messages: Sequence[ChatMessage], encode: Encode) -> Labelled:
    """The token ids of a conversation and which of them are learned.

    For the assistant turn *i* that is from the common prefix of `ids(messages[:i] + generation prompt)` and
    `ids(messages)` to the common prefix of `ids(messages[:i+1])` and `ids(messages)`. Raises ShiftingTemplate where
    those prefixes don't reach as far as they should, BadInput for a conversation without an answer or that begins
    with one, and what `encode` raises.
    """
    turns = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    if not turns:
        raise BadInput("nothing is answered in this conversation.", fix="Add an assistant turn.")
    if turns[0] == 0:
        raise BadInput("this conversation begins with an answer.", fix="Put the question in front of it.")
    whole = encode(messages, False)
    spans: list[tuple[int, int]] = []
    for place in turns:
        start = _asked(messages[:place], whole, encode)
        last = place == len(messages) - 1
        end = len(whole) if last else _answered(messages[: place + 1], whole, encode)
        if not (spans[-1][1] if spans else 0) <= start < end:
            raise _shifting(place)
        spans.append((start, end))
    labels = [IGNORED] * len(whole)
    for start, end in spans:
        labels[start:end] = whole[start:end]
    return Labelled(whole, labels, tuple(spans))


def marked(row: Labelled, decode: Callable[[Sequence[int]], str]) -> str:
    """The conversation as the model reads it, with what is learned of it between ⟦ and ⟧."""
    text, done = "", 0
    for start, end in row.spans:
        text += f"{decode(row.input_ids[done:start])}⟦{decode(row.input_ids[start:end])}⟧"
        done = end
    return text + decode(row.input_ids[done:])


def _asked(before: Sequence[ChatMessage], whole: list[int], encode: Encode) -> int:
    """Where the answer to `before` starts."""
    asked = encode(before, True)
    start = _common(asked, whole)
    if start < _settled(encode(before, False), asked) - _STRADDLE:
        raise _shifting(len(before))
    return start


def _answered(upto: Sequence[ChatMessage], whole: list[int], encode: Encode) -> int:
    """Where the last turn of `upto` ends, which isn't the last one of all."""
    tokens = encode(upto, False)
    end = _common(tokens, whole)
    if end < _settled(tokens, encode(upto, True)) - _STRADDLE:
        raise _shifting(len(upto) - 1)
    return end


def _settled(ended: list[int], asked: list[int]) -> int:
    """How many tokens stay, whether a conversation ends here or goes on: all but what closes it (`<|endoftext|>`) and
    what asks for the next turn."""
    return _common(ended, asked)


def _common(left: list[int], right: list[int]) -> int:
    """Length of the common prefix."""
    length = min(len(left), len(right))
    # Almost always the shorter one is the prefix, and comparing lists is much faster than a loop.
    if left[:length] == right[:length]:
        return length
    return next(place for place in range(length) if left[place] != right[place])


def _shifting(place: int) -> ShiftingTemplate:
    return ShiftingTemplate(
        f"the chat template writes message {place + 1} otherwise once another one follows, "
        "so what is learned of it can't be told.",
        fix="Make each answer a pair of its own.",
    )
