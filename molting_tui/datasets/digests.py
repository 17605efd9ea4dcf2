"""What makes two frozen pairs, and two datasets, the same: hashes (SHA-256) of their texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from molting_tui.datasets.export.formats import Conversation
from molting_tui.records.turns import Message

_JSON = msgspec.json.Encoder()


def row_digest(conversation: Conversation) -> bytes:
    """The hash of a conversation as it is written, the system turn included."""
    return _digest(conversation.whole())


def words_digest(conversation: Conversation, prompt: str) -> bytes:
    """The hash of a conversation without its system turn where that is the dataset's own `prompt`: another prompt
    doesn't make another pair of it."""
    return _digest(conversation.messages if conversation.system == prompt else conversation.whole())


def dataset_digest(rows: Iterable[tuple[str, bytes]]) -> str:
    """One hash (hex) over pairs in whatever order: of each its uid and its `row_digest`."""
    whole = hashlib.sha256()
    for uid, texts in sorted(rows):
        whole.update(uid.encode() + b"\0" + texts)
    return whole.hexdigest()


def _digest(messages: Sequence[Message]) -> bytes:
    return hashlib.sha256(_JSON.encode([(message.role, message.text) for message in messages])).digest()
