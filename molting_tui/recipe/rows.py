"""What of the conversations can be learned, and the tokens and labels they become: the same for preflight and training.

A conversation that can't be learned whole is left out, counted by its reason, and told with an example. None is cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from molting_tui.recipe.beginnings import Beginnings
from molting_tui.recipe.labels import Labelled, ShiftingTemplate, labelled
from molting_tui.recipe.templates import ChatMessage, ChatTokenizer, TemplateRefused
from molting_tui.records.turns import LeftOut

TOO_LONG = "too-long"
UNLEARNABLE = {
    "damaged-item": "damaged, or no conversation",
    "has-image": "with images",
    "tool-messages": "with tool calls, which are not learned by this version",
    "no-answer": "without an assistant turn",
    "no-question": "with an answer that nobody asked for",
    "unfinished": "not ending with an answer",
}
EMPTY = {"empty-answer": "with an empty answer", "empty-question": "with an empty question"}
REFUSED = {
    "template-refuses": "refused by the base's chat template",
    "shifting-template": "with several answers, of which the base's chat template changes the earlier ones",
}
WHY = {**UNLEARNABLE, **EMPTY, **REFUSED, TOO_LONG: "longer than max_seq_len"}
"""What each reason for leaving a conversation out means."""

_TOOLS = ("tool", "tool_call")


class Conversation(NamedTuple):
    """One conversation to learn; `number` is the pair's, or the 1-based item or line of a file."""

    number: int
    messages: list[ChatMessage]


def unlearnable(messages: Sequence[ChatMessage]) -> str:
    """Why nothing can be learned of these messages, as one of the reasons in `WHY`; empty if it can."""
    roles = [message["role"] for message in messages]
    if any(role in _TOOLS for role in roles):
        return "tool-messages"
    if "assistant" not in roles:
        return "no-answer"
    if roles[-1] != "assistant":
        return "unfinished"
    if "user" not in roles or roles.index("assistant") < roles.index("user"):
        return "no-question"
    for message in messages:
        if not message["content"].strip() and message["role"] != "system":
            return "empty-answer" if message["role"] == "assistant" else "empty-question"
    return ""


def takes_turns(messages: Sequence[ChatMessage]) -> bool:
    """Whether question and answer alternate behind the system turn, the question first."""
    roles = [message["role"] for message in messages if message["role"] != "system"]
    return all(role == ("user", "assistant")[place % 2] for place, role in enumerate(roles))


def _go_on() -> None:
    """Nobody is there to cancel."""


class RowReader:
    """Reads conversations as a run learns them, one at a time, and counts what preflight has to say of them.

    Without a tokenizer (`chat` None: the base isn't here) nothing is said of tokens and the template. `place` names
    where a conversation stands, given its number and a text of it. It holds digests and counts, never a text but for
    one example of each reason.
    """

    def __init__(self, chat: ChatTokenizer | None, max_seq_len: int, place: Callable[[int, str], str]) -> None:
        """`max_seq_len` is in tokens: a conversation of more is left out."""
        self.max_seq_len = max_seq_len
        self.learned = 0
        self.longest = 0
        """Tokens of the longest conversation that was left out for its length."""
        self.with_system = 0
        self.duplicates = 0
        self.uneven = 0
        self.without_stop = 0
        self.with_lost_text = 0
        self.hears_system: bool | None = None
        """Whether the template writes a system turn; None where none was to be written."""
        self.chat = chat
        self._place = place
        self._left_out: dict[str, tuple[int, str]] = {}
        self._known: set[bytes] = set()
        self._systems: set[bytes] = set()

    @property
    def read(self) -> int:
        """How many conversations there were."""
        return self.learned + sum(count for count, _ in self._left_out.values())

    @property
    def systems(self) -> int:
        """How many different system turns there are."""
        return len(self._systems)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Each reason for which one was left out, in alphabetical order."""
        return tuple(LeftOut(reason, *self._left_out[reason]) for reason in sorted(self._left_out))

    def leave_out(self, reason: str, number: int, text: str = "") -> None:
        """Count a conversation that is left out."""
        count, example = self._left_out.get(reason, (0, ""))
        self._left_out[reason] = (count + 1, example or self._place(number, text))

    def left_out_before(self, rows: Sequence[LeftOut]) -> None:
        """Count those that were left out before they could be taken."""
        for row in rows:
            count, example = self._left_out.get(row.reason, (0, ""))
            self._left_out[row.reason] = (count + row.count, example or row.example)

    def take(self, conversation: Conversation, still: Callable[[], None] = _go_on) -> Labelled | None:
        """The tokens and labels of a conversation; None where it is left out, or without a tokenizer.

        `still` is called for each beginning of it that is encoded, and may raise Cancelled.
        """
        number, messages = conversation
        reason = unlearnable(messages)
        if reason:
            self.leave_out(reason, number)
            return None
        row = self._labelled(number, messages, still) if self.chat else None
        if self.chat and row is None:
            return None
        self.learned += 1
        self._count(messages)
        return row

    def _labelled(self, number: int, messages: list[ChatMessage], still: Callable[[], None]) -> Labelled | None:
        """Render, encode and label, or count why that can't be."""
        chat = self.chat
        assert chat is not None
        try:
            beginnings = Beginnings(chat, messages)
            needed = len(beginnings.ids)
            # Before it is labelled: of a conversation of hundreds of turns that takes a while.
            if needed > self.max_seq_len:
                self.longest = max(self.longest, needed)
                self.leave_out(TOO_LONG, number, messages[-1]["content"])
                return None

            def encode(part: Sequence[ChatMessage], prompted: bool) -> list[int]:
                still()
                return beginnings.encode(part, prompted)

            row = labelled(messages, encode)
        except (TemplateRefused, ShiftingTemplate) as error:
            reason = "template-refuses" if isinstance(error, TemplateRefused) else "shifting-template"
            self.leave_out(reason, number, error.sentence())
            return None
        self._look_at_tokens(messages, row, beginnings.text)
        return row

    def _look_at_tokens(self, messages: list[ChatMessage], row: Labelled, written: str) -> None:
        assert self.chat is not None
        stops = self.chat.stops
        self.without_stop += not all(stops.intersection(row.input_ids[start:end]) for start, end in row.spans)
        texts = [message["content"].strip() for message in messages if message["role"] != "system"]
        self.with_lost_text += not all(text in written for text in texts)
        if messages[0]["role"] == "system" and self.hears_system is None:
            self.hears_system = _hears(self.chat, messages, written)

    def _count(self, messages: list[ChatMessage]) -> None:
        self.uneven += not takes_turns(messages)
        whole = _digest(*(text for message in messages for text in (message["role"], message["content"])))
        self.duplicates += whole in self._known
        self._known.add(whole)
        if messages[0]["role"] == "system":
            self.with_system += 1
            self._systems.add(_digest(messages[0]["content"]))


def _digest(*texts: str) -> bytes:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).digest()


def _hears(chat: ChatTokenizer, messages: list[ChatMessage], written: str) -> bool:
    """Whether the template writes otherwise with the system turn than without it."""
    try:
        return written != chat.render(messages[1:], False)
    except TemplateRefused:  # it insists on one
        return True
