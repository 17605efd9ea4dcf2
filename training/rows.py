"""What is learned: the conversations of a chat file, and the tokens and labels they become.

A conversation that can't be learned whole is left out, counted by its reason, and told with an example. None is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.recipe.labels import Labelled, ShiftingTemplate, labelled
from molting_tui.recipe.templates import ChatMessage, ChatTokenizer, TemplateRefused
from molting_tui.records.turns import LeftOut, Message
from molting_tui.sources.chats.files import ChatReader, take_array
from molting_tui.sources.chats.shapes import BadItem, messages_of
from molting_tui.sources.lines import UNREADABLE_JSON, decoded, without_bom
from molting_tui.sources.tally import Tally
from molting_tui.text import plural

TOO_LONG = "too-long"
_WHY = {
    "damaged-item": "damaged, or no conversation",
    "has-image": "with images",
    "tool-messages": "with tool calls, which are not learned by this version",
    "no-answer": "without an assistant turn",
    "no-question": "with an answer that nobody asked for",
    "unfinished": "not ending with an answer",
    "empty-answer": "with an empty answer",
    "empty-question": "with an empty question",
    "template-refuses": "refused by the base's chat template",
    "shifting-template": "with several answers, of which the base's chat template changes the earlier ones",
}


class Conversation(NamedTuple):
    """One conversation of the dataset; `number` is its 1-based item or line."""

    number: int
    messages: list[ChatMessage]


class Conversations(NamedTuple):
    """What a dataset file holds."""

    taken: tuple[Conversation, ...]
    left_out: tuple[LeftOut, ...]


class Rows(NamedTuple):
    """What a run learns. `taken` are the conversations that `rows` were made of; `longest` is the length, in tokens, of
    the longest one that was left out for its length (0: none was)."""

    rows: tuple[Labelled, ...]
    taken: tuple[Conversation, ...]
    left_out: tuple[LeftOut, ...]
    longest: int


def read_conversations(path: Path, system_prompt: str = "") -> Conversations:
    """Read a ShareGPT, Alpaca or messages file, JSON or one item a line; its content tells which.

    `system_prompt` is given to the conversations that have none. Raises BadInput for a file that can't be opened, or
    that holds nothing to learn from.
    """
    try:
        data = without_bom(path.read_bytes())
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(path), fix="Check the path.") from error
    reader = _Reader(path, system_prompt)
    if _is_lines(data):
        for number, line in enumerate(data.split(b"\n"), 1):
            if line.strip():
                reader.take_bytes(line, number)
    elif data.lstrip()[:1] == b"[":
        take_array(reader, data)
    else:
        reader.take_bytes(data, 1)
    found = Conversations(tuple(reader.conversations), reader.tally.rows())
    if not found.taken:
        raise _nothing_left(path, found.left_out, 0, 0)
    return found


def label_rows(path: Path, read: Conversations, tokenizer: ChatTokenizer, max_seq_len: int) -> Rows:
    """Render, encode and label every conversation; `path` is where they were read, for examples.

    Those of more than `max_seq_len` tokens are left out, as are those that the template refuses. Raises BadInput when
    none is left.
    """
    tally = Tally(path)
    rows: list[Labelled] = []
    taken: list[Conversation] = []
    longest = 0
    refusal: BadInput | None = None
    for conversation in read.taken:
        try:
            row = labelled(conversation.messages, tokenizer.encode)
        except (TemplateRefused, ShiftingTemplate) as error:
            refusal = refusal or error
            reason = "template-refuses" if isinstance(error, TemplateRefused) else "shifting-template"
            tally.add(reason, conversation.number, error.sentence())
            continue
        if len(row.input_ids) > max_seq_len:
            longest = max(longest, len(row.input_ids))
            tally.add(TOO_LONG, conversation.number, conversation.messages[-1]["content"])
            continue
        rows.append(row)
        taken.append(conversation)
    left_out = (*read.left_out, *tally.rows())
    if not rows:
        # One template refused them all: its own sentence says more than a count.
        raise refusal if refusal and not longest else _nothing_left(path, left_out, longest, max_seq_len)
    return Rows(tuple(rows), tuple(taken), left_out, longest)


def unheard_system(rows: Rows, tokenizer: ChatTokenizer) -> bool:
    """Whether the template writes the same with a system turn and without one, as some do without a word."""
    said = next((one.messages for one in rows.taken if one.messages[0]["role"] == "system"), None)
    if said is None:
        return False
    try:
        return tokenizer.render(said, False) == tokenizer.render(said[1:], False)
    except TemplateRefused:  # it insists on one
        return False


def sentence(left_out: LeftOut, longest: int, max_seq_len: int) -> str:
    """What a person is told of conversations left out for one reason."""
    count = plural(left_out.count, "pair")
    if left_out.reason == TOO_LONG:
        return (
            f"{count} left out: longer than max_seq_len {max_seq_len}; the longest needs {longest} tokens "
            f"(first: {left_out.example})."
        )
    return f"{count} left out: {_WHY.get(left_out.reason, left_out.reason)} (first: {left_out.example})."


def _nothing_left(path: Path, left_out: Sequence[LeftOut], longest: int, max_seq_len: int) -> BadInput:
    if not left_out:
        return BadInput("there is nothing in it to learn.", where=str(path), fix="Export or name another dataset.")
    most = max(left_out, key=lambda row: row.count)
    fix = f"Set max_seq_len to {longest}." if most.reason == TOO_LONG else "Export or name another dataset."
    return BadInput(f"nothing in it can be learned: {sentence(most, longest, max_seq_len)}", where=str(path), fix=fix)


def _is_lines(data: bytes) -> bool:
    """Whether each line is an item of its own; an array of items, or a single item over many lines, isn't."""
    first, _, rest = data.lstrip().partition(b"\n")
    if not rest.strip():
        return False
    if _is_json(first):
        return True
    # A torn first line doesn't make one item of the others.
    return not first.startswith(b"[") and not _is_json(data)


def _is_json(data: bytes) -> bool:
    try:
        decoded(data)
    except UNREADABLE_JSON:
        return False
    return True


class _Reader(ChatReader):
    """Takes conversations whole, where the workbench's own reader makes turns of them."""

    def __init__(self, path: Path, system_prompt: str) -> None:
        super().__init__(path)
        self.conversations: list[Conversation] = []
        self._system_prompt = system_prompt

    def take(self, item: object, number: int) -> None:
        """Take one conversation, the 1-based item or line `number`."""
        try:
            messages = _learnable(messages_of(item))
        except BadItem as bad:
            self.tally.add(bad.reason, number, str(bad))
            return
        if self._system_prompt and messages[0]["role"] != "system":
            messages.insert(0, {"role": "system", "content": self._system_prompt})
        self.conversations.append(Conversation(number, messages))


def _learnable(messages: list[Message]) -> list[ChatMessage]:
    """The conversation as chat messages, its leading system turns as one. Raises BadItem if it can't be learned."""
    roles = [message.role for message in messages]
    if "tool" in roles or "tool_call" in roles:
        raise BadItem("tool-messages", "a conversation with tool calls")
    if "assistant" not in roles:
        raise BadItem("no-answer", "a conversation without an assistant turn")
    if roles[-1] != "assistant":
        raise BadItem("unfinished", "the last message isn't an answer")
    if "user" not in roles or roles.index("assistant") < roles.index("user"):
        raise BadItem("no-question", "the first answer comes before any question")
    for role, text in messages:
        if not text.strip() and role != "system":
            kind = "answer" if role == "assistant" else "question"
            raise BadItem(f"empty-{kind}", f"{kind} without text")
    start = next(place for place, role in enumerate(roles) if role != "system")
    system = "\n\n".join(message.text for message in messages[:start] if message.text.strip())
    said: list[ChatMessage] = [{"role": role, "content": text} for role, text in messages[start:]]
    return [{"role": "system", "content": system}, *said] if system else said
