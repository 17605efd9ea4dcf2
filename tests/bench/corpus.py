"""A large archive of session logs with real shapes, for the import benchmark.

Real logs are replicated file by file. In each replica every uuid, session id and message id is fresh (so nothing
is a known turn or a resumed history), and every text block of the assistant carries the replica's number (so that
no pair is a duplicate of another replica's by its text, and all the work of storing and indexing is done).
Everything else (line lengths, tool results, damaged lines, how many files) is as the samples have it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

# Marks that stand for what differs between replicas. NUL can't stand in JSON, so no real text holds one of them.
_UUID = b"\0uuid\0"
_NAME = b"\0name\0"
_TEXT = "\0text\0"

# The middle groups of a uuid are replaced: hand-made uuids (00000000-…-000000000001) differ only at their ends.
_UUIDS = re.compile(rb"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{4}-[0-9a-f]{12})\b")
_MESSAGE_IDS = re.compile(rb'"(msg|req|toolu)_[A-Za-z0-9]{8}')
_OTHER_IDS = re.compile(
    rb'"(uuid|parentUuid|sessionId|messageId|leafUuid|logicalParentUuid|sourceToolAssistantUUID)":( ?)"([^"\\\0]+)"'
)


class Template(NamedTuple):
    """One sample file with marks where replicas differ. `name` is its path below the replica's folder."""

    name: str
    data: bytes

    def replica(self, number: int) -> bytes:
        """The file's bytes in replica `number`."""
        data = self.data.replace(_UUID, b"%04x-4%03x" % (number >> 12, number & 0xFFF))
        return data.replace(_NAME, b"%07d" % number).replace(_TEXT.encode(), b"%d" % number)


class Corpus(NamedTuple):
    """A corpus on disk: its folder, its size in bytes, its files and how often the samples were replicated."""

    folder: Path
    size: int
    files: int
    replicas: int


def sample_folder() -> Path:
    """Where real logs are: below `$MOLTING_SAMPLES` (else beside the checkout); without them, the shipped ones."""
    samples = Path(os.environ.get("MOLTING_SAMPLES", ROOT.parent / "shared")) / "sessions" / "claude-code"
    return samples if samples.is_dir() else ROOT / "data" / "sessions"


def build(samples: Path, target: Path, size: int) -> Corpus:
    """Replicate the logs below `samples` into `target` until they have `size` bytes (the last replica is whole)."""
    templates = list(_templates(samples))
    if not templates:
        raise FileNotFoundError(f"no session logs below {samples}")
    written = files = replicas = 0
    while written < size:
        replicas += 1
        for template in templates:
            path = target / f"replica-{replicas:05d}" / template.name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = template.replica(replicas)
            path.write_bytes(data)
            written += len(data)
            files += 1
            if written >= size and replicas > 1:
                break
    return Corpus(target, written, files, replicas)


def _templates(samples: Path) -> Iterator[Template]:
    for path in sorted(samples.rglob("*.jsonl")):
        lines = [_marked(line) for line in path.read_bytes().replace(b"\0", b"").splitlines(keepends=True)]
        data = b"".join(lines)
        data = _UUIDS.sub(rb"\1-" + _UUID + rb"-\2", data)
        data = _MESSAGE_IDS.sub(rb'"\1_0' + _NAME, data)
        yield Template(str(path.relative_to(samples)), _OTHER_IDS.sub(rb'"\1":\2"\3-' + _NAME + b'"', data))


def _marked(line: bytes) -> bytes:
    """The line, with the text mark at the end of each text block of an assistant's record."""
    if b'"assistant"' not in line:
        return line
    try:
        record = json.loads(line)
        blocks = record["message"]["content"] if record.get("type") == "assistant" else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return line
    if not isinstance(blocks, list):
        return line
    texts = [block["text"] for block in blocks if isinstance(block, dict) and isinstance(block.get("text"), str)]
    for text in texts:
        line = _appended(line, text)
    return line


def _appended(line: bytes, text: str) -> bytes:
    """The line with the mark after `text`, wherever it is spelled as JavaScript and Python spell it."""
    for ascii_only in (False, True):
        spelled = json.dumps(text, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        if text.strip() and spelled in line:
            return line.replace(spelled, spelled[:-1] + b" " + _TEXT.encode() + b'"')
    return line
