"""Claude Code session logs into turns.

A turn is a human prompt up to the next one, in file order: threading by parentUuid loses broken
chains, and timestamps are out of order in one file of four. A rewind (two prompts with one
parent) needs nothing of its own: the branch that was left stays a turn, since a person read its
answer too, and the next prompt begins the next turn.

Reading is one pass: each record becomes an event (`claude_turns`), and only texts are kept.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import BinaryIO

from molting_tui.records.turns import FileRead
from molting_tui.sources.claude.prompts import Prompt, is_slash_command, judge, start_kind, strip_injected
from molting_tui.sources.claude.records import (
    BOOKKEEPING,
    Block,
    LogMessage,
    Record,
    decode_record,
    lenient,
    queued_text,
)
from molting_tui.sources.claude.turn_machine import Asked, Events, Mark, Queued, Spoken, assemble
from molting_tui.sources.kinds import reader_of
from molting_tui.sources.lines import UNREADABLE_JSON, CutLine, OnBytes, batches, salvage
from molting_tui.sources.names import stored_name
from molting_tui.sources.tally import Tally

_SYNTHETIC = "<synthetic>"
_SEPARATORS = re.compile(r"[/\\]+")

# What a user record that no human typed does to the running turn. The assistant answers a
# notification, a teammate, a plan or a compaction summary by itself, so what follows isn't the
# answer to the earlier prompt any more. Meta records (skill texts, captions) and injected text
# come within a turn and leave it alone.
_MARKS = {
    "interrupt": Mark.END,
    "plan-handoff": Mark.END,
    "compaction": Mark.END,
    "teammate": Mark.END,
    "task-notification": Mark.END,
    "other-origin": Mark.END,
    "warm-up": Mark.END,
    "image-only": Mark.END,
    "hook": Mark.END,
    "command": Mark.COMMAND,
    "command-output": Mark.OUTPUT,
    "bash": Mark.BASH,
}


def read_session(path: Path, file: BinaryIO, on_bytes: OnBytes) -> FileRead:
    """Read a log from the file's current place. Bad content is counted, never raised.

    Raises lines.ReadFailed, and whatever `on_bytes` raises.
    """
    reader = _Reader(path)
    take = reader.take
    number = 0
    for lines in batches(file, on_bytes):
        for line in lines:
            number += 1
            try:
                record = decode_record(line)
            except UNREADABLE_JSON:
                reader.take_damaged(line, number)
            else:
                take(record, number)
    turns = assemble(reader.events, reader.tally, stored_name(path.stem))
    return FileRead(turns, reader.records, 1, reader.tally.rows(), reader_of("claude-code"))


class _Reader:
    """Turns the records of one file into events."""

    def __init__(self, path: Path) -> None:
        self.tally = Tally(path)
        self.events = Events()
        self.records = 0
        self._session = stored_name(path.stem)
        self._project = stored_name(path.parent.name)
        self._seen: set[str] = set()
        self._pending: list[Queued | None] = []

    def take(self, record: Record, number: int) -> None:
        """Take one record, from 1-based line `number`."""
        self.records += 1
        kind = record.type
        if kind == "assistant":
            self._assistant(record, number)
        elif kind == "user":
            self._user(record, number)
        elif kind == "queue-operation":
            self._queue(record, number)
        elif kind not in BOOKKEEPING:
            self.tally.add("other-record", number, f"type: {kind or '(none)'}")

    def take_damaged(self, line: bytes, number: int) -> None:
        """Take what can be read of a line that isn't one plain record."""
        if isinstance(line, CutLine):
            self.tally.add("long-line", number, line)
            return
        salvaged = salvage(line)
        if salvaged.damaged:
            self.tally.add("damaged-line", number, line)
        if salvaged.lossy and salvaged.objects:
            self.tally.add("recovered-line", number, line)
        for fields in salvaged.objects:
            self.take(lenient(fields), number)

    def _is_new(self, record: Record, number: int) -> bool:
        """Whether the record is of the conversation itself, and hasn't been there before."""
        if record.isSidechain:
            self.tally.add("sidechain", number, record.type)
            return False
        uuid = record.uuid
        if uuid:
            if uuid in self._seen:
                self.tally.add("repeated-record", number, uuid)
                return False
            self._seen.add(uuid)
        return True

    def _assistant(self, record: Record, number: int) -> None:
        """Turn an assistant's record into events, a block each. One that the program wrote itself is counted."""
        if not self._is_new(record, number):
            return
        message = record.message
        if message is None or message.content is None:
            self.tally.add("damaged-line", number, "an assistant record without a message")
            return
        model = message.model or ""
        blocks = message.content
        if record.isApiErrorMessage or model == _SYNTHETIC:
            self.tally.add("synthetic", number, _first_text(blocks))
            return
        if isinstance(blocks, str):
            blocks = [blocks]
        for block in blocks:
            self._block(block, model, number)

    def _block(self, block: Block | str, model: str, number: int) -> None:
        if isinstance(block, str):
            block = Block("text", block)
        if block.type == "text":
            if block.text and not block.text.isspace():
                self.events.add(Spoken("text", block.text, model, number))
        elif block.type == "tool_use":
            # Thousands of steps share a dozen names.
            self.events.add(Spoken("tool", sys.intern(block.name or "tool"), model, number))

    def _user(self, record: Record, number: int) -> None:
        """Turn a prompt into an event. One that no human typed is counted, and may end the turn that runs."""
        if not self._is_new(record, number):
            return
        if _is_tool_result(record.message):
            return
        prompt = judge(record)
        if not prompt.kind:
            return
        if record.cwd:
            self._project = _last_part(record.cwd) or self._project
        if prompt.kind == "human":
            self.events.add(self._asked(record, prompt, number))
            return
        self.tally.add(prompt.kind, number, prompt.text)
        mark = _MARKS.get(prompt.kind)
        if mark is not None:
            self.events.add(mark)

    def _asked(self, record: Record, prompt: Prompt, number: int) -> Asked:
        time = record.timestamp or ""
        key = record.uuid or _hashed(record.sessionId or self._session, time, prompt.text)
        return Asked(key, self._project, prompt.text, prompt.injected, time, number, prompt.command)

    def _queue(self, record: Record, number: int) -> None:
        # The queue is first in, first out. What is taken out of it reaches the assistant there, so
        # that is where a text that stands nowhere else begins its turn; popAll gives the texts
        # back to the person's input line.
        if record.operation == "enqueue":
            self._pending.append(self._queued(record, number))
        elif record.operation == "popAll":
            for queued in self._pending:
                if queued is not None:
                    self.events.withdraw(queued)
            self._pending.clear()
        elif record.operation in ("dequeue", "remove") and self._pending:
            queued = self._pending.pop(0)
            if queued is not None:
                self.events.move_here(queued)

    def _queued(self, record: Record, number: int) -> Queued | None:
        text, injected = strip_injected(queued_text(record))
        if not text or text.startswith(("{", "<")) or start_kind(text):
            return None
        if is_slash_command(text):
            self.tally.add("command", number, text)
            return None
        if record.cwd:
            self._project = _last_part(record.cwd) or self._project
        return self.events.enqueue(self._asked(record, Prompt("human", text, injected), number))


def _is_tool_result(message: LogMessage | None) -> bool:
    # Nine user records of ten: told here, before anything is made of their texts.
    blocks = message.content if message is not None else None
    if not isinstance(blocks, list) or len(blocks) != 1:
        return False
    block = blocks[0]
    return isinstance(block, Block) and block.type == "tool_result"


def _first_text(content: str | list[Block | str]) -> str:
    if isinstance(content, str):
        return content
    return next((block if isinstance(block, str) else block.text or "" for block in content), "")


def _hashed(session: str, time: str, text: str) -> str:
    return "sha256:" + hashlib.sha256("\x1f".join((session, time, text)).encode("utf-8", "replace")).hexdigest()


def _last_part(cwd: str) -> str:
    parts = [part for part in _SEPARATORS.split(cwd) if part]
    return parts[-1] if parts else ""
