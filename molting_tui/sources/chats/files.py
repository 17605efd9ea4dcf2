"""Chat files (ShareGPT, Alpaca, OpenAI messages; JSON or JSONL) into turns, one per conversation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

from molting_tui.records.turns import FileRead, Message, Step, Turn
from molting_tui.sources.chats.shapes import BadItem, messages_of, tool_name
from molting_tui.sources.kinds import CHATS, is_message_list, kind_of, reader_of
from molting_tui.sources.lines import CUT_AT, MAX_LINE, UNREADABLE_JSON, CutLine, OnBytes, batches, decoded, without_bom
from molting_tui.sources.names import stored_name
from molting_tui.sources.tally import Tally


class ChatReader:
    """Collects the turns of one chat file. One bad item doesn't lose the others.

    `recognised` tells whether any item so far was a conversation, taken or not.
    """

    def __init__(self, path: Path) -> None:
        self.tally = Tally(path)
        self._session = stored_name(path.stem)
        self._project = stored_name(path.parent.name)
        self._turns: list[Turn] = []
        self._records = 0
        self.recognised = False

    def take(self, item: object, number: int) -> None:
        """Take one conversation, the 1-based item or line `number`."""
        self._records += isinstance(item, dict) or is_message_list(item)
        self.recognised = self.recognised or kind_of(item) in CHATS
        try:
            messages = messages_of(item)
            turn = self._turn(messages, number)
        except BadItem as bad:
            self.tally.add(bad.reason, number, str(bad))
            return
        if isinstance(item, dict) and item.get("tools"):
            # The definitions of tools have no place in a turn: what is left of them is the calls.
            self.tally.add("tool-definitions", number, "the conversation was taken, its tool definitions weren't")
        self._turns.append(turn)

    def take_bytes(self, data: bytes, number: int) -> None:
        """Take one conversation from its JSON. Bad JSON is counted, and what is too long to be decoded."""
        if isinstance(data, CutLine) or len(data) > MAX_LINE:
            self.tally.add("long-line", number, data[:CUT_AT])
            return
        try:
            item = decoded(data)
        except UNREADABLE_JSON:
            self.tally.add("damaged-item", number, data)
            return
        self.take(item, number)

    def result(self) -> FileRead:
        """What the file held."""
        return FileRead(tuple(self._turns), self._records, 0, self.tally.rows(), reader_of("messages"))

    def _turn(self, messages: list[Message], number: int) -> Turn:
        """Split a conversation: what came before, the last prompt, what the assistant did, its answer."""
        if not messages or messages[-1].role != "assistant" or not messages[-1].text.strip():
            raise BadItem("incomplete-conversation", "the last message isn't an answer")
        kept = [message for message in messages if message.text.strip()]
        for _ in range(len(messages) - len(kept)):
            self.tally.add("blank-message", number, "a message without text")
        asked = max((place for place, message in enumerate(kept) if message.role == "user"), default=-1)
        if asked < 0:
            raise BadItem("incomplete-conversation", "nobody asked anything")
        start = next(place for place, message in enumerate(kept) if message.role != "system")
        system = "\n\n".join(message.text for message in kept[:start])
        context = tuple(kept[start:asked])
        steps = tuple(_steps(kept[asked + 1 :]))
        return Turn(
            key=_key(system, context, kept[asked].text, steps),
            session=self._session,
            project=self._project,
            source="chat",
            human=kept[asked].text,
            steps=steps,
            system=system,
            context=context,
            line=number,
        )


def _steps(messages: list[Message]) -> Iterable[Step]:
    # Context comes before the prompt, so of what lies between the prompt and its answer
    # only the names of the tools are kept, as in a session.
    for role, text in messages:
        if role == "assistant":
            yield Step("text", text)
        elif role == "tool_call":
            yield Step("tool", tool_name(text))


def _key(system: str, context: tuple[Message, ...], human: str, steps: tuple[Step, ...]) -> str:
    content = json.dumps([system, context, human, steps], ensure_ascii=False, separators=(",", ":"))
    return "chat:" + hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()


def read_chat_lines(path: Path, file: BinaryIO, on_bytes: OnBytes) -> FileRead:
    """Read a chat file with one conversation a line. Raises lines.ReadFailed, and what `on_bytes` raises."""
    reader = ChatReader(path)
    number = 0
    for lines in batches(file, on_bytes):
        for line in lines:
            number += 1
            if not isinstance(line, CutLine):
                line = without_bom(line).strip()
            if line:
                reader.take_bytes(line, number)
    return reader.result()


def take_array(reader: ChatReader, data: bytes) -> None:
    """Take every conversation of a JSON array (or the one that a bare array of messages is)."""
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except UNREADABLE_JSON:
        _take_torn_array(reader, data)
        return
    if items and _is_message(items[0]):
        reader.take_bytes(data, 1)
        return
    for number, item in enumerate(items, 1):
        reader.take_bytes(bytes(item), number)


def _is_message(item: msgspec.Raw) -> bool:
    try:
        return is_message_list([decoded(bytes(item))])
    except UNREADABLE_JSON:
        return False


def _take_torn_array(reader: ChatReader, data: bytes) -> None:
    """Take the items of an array that is no whole JSON value, up to the first that is damaged."""
    text = data.decode("utf-8", "replace")
    scan = json.JSONDecoder().raw_decode
    at = text.find("[") + 1
    number = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text) or text[at] == "]":
            return
        number += 1
        try:
            item, at = scan(text, at)
        except (ValueError, RecursionError):
            # Where a damaged item ends can't be told, so the rest of the file goes with it.
            reader.tally.add("damaged-item", number, text[at : at + 320])
            return
        reader.take(item, number)
