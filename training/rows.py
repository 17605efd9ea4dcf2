"""What is learned: the conversations of a chat file, and the tokens and labels they become (`recipe/rows.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.recipe.labels import Labelled
from molting_tui.recipe.preflight import pairs_check
from molting_tui.recipe.rows import WHY, Conversation, RowReader, unlearnable
from molting_tui.recipe.templates import ChatMessage, ChatTokenizer
from molting_tui.records.turns import LeftOut, Message
from molting_tui.regular_files import read_regular
from molting_tui.sources.chats.files import ChatReader, take_array
from molting_tui.sources.chats.shapes import BadItem, messages_of
from molting_tui.sources.lines import UNREADABLE_JSON, decoded, without_bom
from molting_tui.sources.tally import example_of


class Conversations(NamedTuple):
    """What a dataset file holds."""

    taken: tuple[Conversation, ...]
    left_out: tuple[LeftOut, ...]


class Rows(NamedTuple):
    """What a run learns: `taken` are the conversations that `rows` were made of."""

    rows: tuple[Labelled, ...]
    taken: tuple[Conversation, ...]


def read_conversations(path: Path, system_prompt: str = "") -> Conversations:
    """Read a ShareGPT, Alpaca or messages file, JSON or one item a line; its content tells which.

    `system_prompt` is given to the conversations that have none. Raises BadInput for a file that can't be opened, or
    that holds nothing to learn from.
    """
    try:
        data = without_bom(read_regular(path))
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
    conversations = Conversations(tuple(reader.conversations), reader.tally.rows())
    if not conversations.taken:
        raise _nothing_to_learn(path, conversations)
    return conversations


def reader_of(path: Path, read: Conversations, chat: ChatTokenizer | None, max_seq_len: int) -> RowReader:
    """A reader for the conversations of the file at `path` that has counted those which were left out already."""
    reader = RowReader(chat, max_seq_len, lambda number, text: example_of(path, number, text))
    reader.left_out_before(read.left_out)
    return reader


def label_rows(read: Conversations, reader: RowReader) -> Rows:
    """Render, encode and label every conversation that can be learned whole; the reader counts the others."""
    labelled = [(conversation, reader.take(conversation)) for conversation in read.taken]
    kept = [(conversation, row) for conversation, row in labelled if row is not None]
    return Rows(tuple(row for _, row in kept), tuple(conversation for conversation, _ in kept))


def _nothing_to_learn(path: Path, read: Conversations) -> BadInput:
    reader = reader_of(path, read, None, 0)
    check = pairs_check(reader)
    return BadInput(f"{check.why}.", where=str(path), fix="Export or name another dataset.")


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
    plain: list[ChatMessage] = [{"role": role, "content": text} for role, text in messages]
    reason = unlearnable(plain)
    if reason:
        raise BadItem(reason, f"a conversation {WHY[reason]}")
    start = next(place for place, message in enumerate(messages) if message.role != "system")
    system = "\n\n".join(message.text for message in messages[:start] if message.text.strip())
    return [{"role": "system", "content": system}, *plain[start:]] if system else plain[start:]
