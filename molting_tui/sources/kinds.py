"""What kind of file a JSON value belongs to, told by its content and never by a name."""

from __future__ import annotations

from typing import Literal

from molting_tui.sources.claude.records import BOOKKEEPING

Kind = Literal["claude-code", "sharegpt", "alpaca", "messages", "codex-log", "gemini-log"]
CHATS: tuple[Kind, ...] = ("sharegpt", "alpaca", "messages")

Reader = Literal["claude-code", "chat", "codex-log", "gemini-log", "other"]
VERSIONS: dict[Reader, int] = {"claude-code": 1, "chat": 1, "codex-log": 1, "gemini-log": 1, "other": 1}
"""The version of each reader, `other` being what nothing reads. It is raised whenever what is made of the same file
changes: files that an earlier version read are then read anew by the next import, though they haven't changed."""


_READERS: dict[Kind, Reader] = {
    "claude-code": "claude-code",
    "sharegpt": "chat",
    "alpaca": "chat",
    "messages": "chat",
    "codex-log": "codex-log",
    "gemini-log": "gemini-log",
}


def reader_of(kind: Kind | None) -> str:
    """By which reader files of a kind are read now, and its version: `claude-code/1`."""
    reader = "other" if kind is None else _READERS[kind]
    return f"{reader}/{VERSIONS[reader]}"


def is_current(reader: str) -> bool:
    """Whether a file that was read by this reader and version would be read the same way now."""
    name, _, version = reader.partition("/")
    return any(name == current and version == str(number) for current, number in VERSIONS.items())


_CODEX = frozenset(("session_meta", "turn_context", "response_item", "event_msg", "compacted"))
_CODEX_BARE = frozenset(("message", "reasoning", "function_call", "function_call_output", "local_shell_call"))
_CLAUDE_MARKS = ("sessionId", "uuid", "message", "leafUuid", "messageId", "agentId", "operation", "snapshot")


def kind_of(value: object) -> Kind | None:
    """The kind of file that a record, an item or a whole file's value is of; None for anything else."""
    if isinstance(value, list):
        return _kind_of_list(value)
    if not isinstance(value, dict):
        return None
    return _log_kind(value) or chat_kind(value)


def chat_kind(value: object) -> Kind | None:
    """The shape of one conversation of a chat file; None when it isn't one."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("conversations"), list):
        return "sharegpt"
    if isinstance(value.get("messages"), list):
        return "messages"
    return "alpaca" if "instruction" in value and "output" in value else None


def is_message_list(value: object) -> bool:
    """Whether the value is a conversation written as a bare list of `{role, content}`."""
    return isinstance(value, list) and bool(value) and all(isinstance(m, dict) and "role" in m for m in value)


def _kind_of_list(values: list[object]) -> Kind | None:
    if is_message_list(values):
        return "messages"
    return next((kind for value in values if (kind := chat_kind(value))), None)


def _log_kind(value: dict[str, object]) -> Kind | None:
    word = value.get("type")
    if "sessionId" in value and ("projectHash" in value or _is_gemini(value.get("messages"))):
        return "gemini-log"
    if not isinstance(word, str):
        return "codex-log" if "record_type" in value or {"id", "timestamp", "instructions"} <= value.keys() else None
    if word in _CODEX and "payload" in value:
        return "codex-log"
    if word in ("user", "assistant") and isinstance(value.get("message"), dict):
        return "claude-code"
    if word in BOOKKEEPING and any(mark in value for mark in _CLAUDE_MARKS):
        return "claude-code"
    return "codex-log" if word in _CODEX_BARE and "uuid" not in value and "messages" not in value else None


def _is_gemini(messages: object) -> bool:
    return isinstance(messages, list) and not any(isinstance(m, dict) and "role" in m for m in messages)
