"""The records of a Claude Code log, as far as turns need them.

Only the fields named here are decoded; the rest of a line (tool results stand in it twice) is
skipped by the decoder, which is what makes reading fast. A record in which a field has another
type than it should is read again, field by field, and loses that field only.
"""

from __future__ import annotations

import msgspec

from molting_tui.sources.lines import clean

BOOKKEEPING = frozenset(
    (
        "progress",
        "file-history-snapshot",
        "file-history-delta",
        "queue-operation",
        "system",
        "attachment",
        "summary",
        "last-prompt",
        "permission-mode",
        "pr-link",
        "ai-title",
        "mode",
        "custom-title",
        "agent-name",
        "agent-color",
        "agent-setting",
        "started",
        "result",
        "tag",
        "task-summary",
        "worktree-state",
        "content-replacement",
        "attribution-snapshot",
    )
)
"""Types that are known and hold nothing a person or the assistant said (queue-operation is looked at by itself)."""


class Block(msgspec.Struct, gc=False):
    """One content block. A tool result's content is not decoded."""

    type: str = ""
    text: str | None = None
    name: str | None = None


class LogMessage(msgspec.Struct, gc=False):
    """`message` of a record: the API message."""

    content: str | list[Block | str] | None = None
    model: str | None = None


class Origin(msgspec.Struct, gc=False):
    """`origin` of a user record, in new versions: who wrote it."""

    kind: str | None = None


class Record(msgspec.Struct, gc=False):
    """One record. `content` is that of a queue-operation, undecoded."""

    type: str = ""
    uuid: str | None = None
    sessionId: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    isSidechain: bool | None = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    isApiErrorMessage: bool | None = None
    planContent: msgspec.Raw = msgspec.Raw()
    origin: Origin | None = None
    message: LogMessage | None = None
    operation: str | None = None
    content: msgspec.Raw = msgspec.Raw()

    @property
    def has_plan(self) -> bool:
        """Whether the record carries a plan that the model wrote."""
        return bytes(self.planContent) not in (b"", b"null", b'""', b"false")


decode_record = msgspec.json.Decoder(Record).decode
"""A line into a Record. Raises one of `lines.UNREADABLE_JSON`: then `lines.salvage` and `lenient`."""

_decode_queued = msgspec.json.Decoder(str | list[Block | str] | None).decode


def queued_text(record: Record) -> str:
    """The text of a queue-operation; "" when it has none."""
    try:
        content = _decode_queued(record.content)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return ""
    if isinstance(content, list):
        return "\n".join(text for block in content if (text := block if isinstance(block, str) else block.text))
    return content or ""


def lenient(fields: dict[str, object]) -> Record:
    """A Record from a decoded object, without the fields that have a wrong type. Texts are cleaned."""
    origin = fields.get("origin")
    return Record(
        type=_text(fields.get("type")) or "",
        uuid=_text(fields.get("uuid")),
        sessionId=_text(fields.get("sessionId")),
        timestamp=_text(fields.get("timestamp")),
        cwd=_text(fields.get("cwd")),
        isSidechain=bool(fields.get("isSidechain")),
        isMeta=bool(fields.get("isMeta")),
        isCompactSummary=bool(fields.get("isCompactSummary")),
        isApiErrorMessage=bool(fields.get("isApiErrorMessage")),
        planContent=msgspec.Raw(b"true" if fields.get("planContent") else b""),
        origin=Origin(_text(origin.get("kind"))) if isinstance(origin, dict) else None,
        message=_message(fields.get("message")),
        operation=_text(fields.get("operation")),
        content=_raw(fields.get("content")) if fields.get("type") == "queue-operation" else msgspec.Raw(),
    )


def _message(value: object) -> LogMessage | None:
    return LogMessage(_content(value.get("content")), _text(value.get("model"))) if isinstance(value, dict) else None


def _text(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(_content(value)))


def _content(value: object) -> str | list[Block | str] | None:
    if isinstance(value, list):
        return [_block(item) for item in value if isinstance(item, (dict, str))]
    return _text(value)


def _block(value: dict[str, object] | str) -> Block | str:
    if isinstance(value, str):
        return clean(value)
    return Block(_text(value.get("type")) or "", _text(value.get("text")), _text(value.get("name")))
