"""The manifest of a frozen dataset: what it says, and the rows that it speaks of, read back from their file.

It is an export's manifest with more in it, so an export or a run that is older than datasets can be read the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from molting_tui.datasets.composition import Summary, Texts
from molting_tui.datasets.digests import dataset_digest
from molting_tui.datasets.export.formats import Conversation
from molting_tui.datasets.export.manifest import Manifest, fields_of, file_digest
from molting_tui.errors import BadInput
from molting_tui.records.datasets import Dataset, Made, Part
from molting_tui.records.turns import Message, Role
from molting_tui.regular_files import open_regular, read_regular
from molting_tui.text import plural

FORMAT = "dataset/1"
DATA, MANIFEST = "dataset.jsonl", "manifest.json"
BESIDE: dict[Part, str] = {"held_out": "held_out.jsonl", "bank": "bank.jsonl"}
"""The files of the parts that aren't trained on."""
_NO_SYSTEM = (
    "No pair has a system turn, and [persona] system_prompt in molting.toml is empty: a model trained without one has"
    " no identity to hold on to."
)


_OF_THE_BANK = (
    "what a `generalise` question of the bank asks: in the part `bank`, never trained on (`molting questions check`)."
)


class FileFacts(msgspec.Struct, frozen=True):
    """The file that a manifest speaks of; `sha256` is hex."""

    name: str
    bytes: int
    sha256: str


class Counts(msgspec.Struct, frozen=True):
    """How many pairs were kept, written, written with a person's own words, and have a system turn; what they are."""

    kept: int
    written: int
    rewritten: int = 0
    with_system: int = 0
    kind: dict[str, int] = {}
    model: dict[str, int] = {}
    language: dict[str, int] = {}


class LeftOutFacts(msgspec.Struct, frozen=True):
    """Kept pairs that couldn't be written."""

    reason: str
    count: int
    why: str = ""
    example: str = ""


class PartFacts(msgspec.Struct, frozen=True):
    """A part that isn't trained on: its file, and the uids of its pairs in their order."""

    file: FileFacts
    pairs: tuple[str, ...] = ()


class FrozenManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest of a frozen dataset says. `pairs`, `file`, `dataset_digest` and the counts are of its part
    `train`, `beside` tells the others. `system_prompt` is what the pairs were given that had none; None and
    the missing `composition` are those of an older export."""

    file: FileFacts
    dataset_digest: str
    counts: Counts
    created: str = ""
    filter: str = ""
    left_out: tuple[LeftOutFacts, ...] = ()
    warnings: tuple[str, ...] = ()
    made: Made = "manifest"
    actor: str = ""
    system_prompt: str | None = None
    composition: Summary = Summary()
    beside: dict[Part, PartFacts] = {}
    pairs: tuple[str, ...] = ()


def described(
    manifest: Manifest,
    summary: Summary,
    *,
    name: str,
    made: Made,
    actor: str,
    created: str,
    prompt: str,
    beside: dict[Part, PartFacts],
) -> dict[str, Any]:
    """The fields of a dataset's manifest, `pairs` the last of them."""
    fields = fields_of(manifest)
    uids = fields.pop("pairs")
    left_out = sum(left.count for left in manifest.left_out)
    warnings = [*fields.pop("warnings")]
    if left_out:
        warnings.insert(
            0, f"{left_out:,} of {manifest.kept:,} kept pairs left out: messages of tools have no place in a dataset."
        )
    if not manifest.with_system:
        warnings.append(_NO_SYSTEM)
    if "bank" in beside:
        number = len(beside["bank"].pairs)
        warnings.insert(0, f"{plural(number, 'kept pair asks', 'kept pairs ask')} {_OF_THE_BANK}")
    return fields | {
        "format": FORMAT,
        "created": created,
        "name": name,
        "made": made,
        "actor": actor,
        "system_prompt": prompt,
        "composition": msgspec.to_builtins(summary),
        "warnings": warnings,
        "beside": {part: msgspec.to_builtins(facts) for part, facts in beside.items()},
        "pairs": uids,
    }


def manifest_of(dataset: Dataset) -> FrozenManifest:
    """What is stored of a dataset's manifest."""
    return msgspec.convert(dataset.manifest, FrozenManifest)


def read_manifest(path: Path) -> tuple[FrozenManifest, dict[str, Any]]:
    """The manifest in a file, and all its fields as JSON has them. Raises BadInput if it is missing or isn't one."""
    try:
        fields = msgspec.json.decode(read_regular(path))
        manifest = msgspec.convert(fields, FrozenManifest)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(path)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"isn't the manifest of a dataset: {error}.", where=str(path)) from error
    return manifest, msgspec.to_builtins(manifest) | fields


def read_back(data: Path, manifest: FrozenManifest, prompt: str) -> Texts:
    """The rows of a dataset's file, counted as they were when it was frozen.

    Raises BadInput if the file can't be read, or isn't, byte for byte and pair for pair, what the manifest speaks of.
    """
    texts = part_read_back(data, PartFacts(manifest.file, manifest.pairs), prompt)
    if dataset_digest((row.uid, row.texts) for row in texts.rows) != manifest.dataset_digest:
        raise BadInput("doesn't fit its manifest: the digest over its pairs is another.", where=str(data))
    return texts


def part_read_back(data: Path, facts: PartFacts, prompt: str) -> Texts:
    """The rows of one part's file. Raises BadInput if it can't be read, isn't what the manifest speaks of, byte for
    byte, or has other rows than pairs."""
    try:
        if file_digest(data) != facts.file.sha256:
            raise not_as_frozen(data)
        texts = Texts(prompt)
        for uid, conversation in zip(facts.pairs, conversations(data), strict=True):
            texts.add(uid, conversation)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(data)) from error
    except ValueError as error:  # more rows than pairs, or fewer; a row of another shape
        raise BadInput(f"doesn't fit its manifest: {error}.", where=str(data)) from error
    return texts


def not_as_frozen(data: Path) -> BadInput:
    """What to say of a file that was changed after the freeze."""
    return BadInput(
        "isn't what was frozen any more: its SHA-256 is not the manifest's.",
        where=str(data),
        fix="Put back the file (a run that used it holds a copy), or freeze the pairs under another name.",
    )


class _Said(msgspec.Struct):
    role: Role
    content: str


class _Row(msgspec.Struct):
    messages: list[_Said]


def conversations(data: Path) -> Iterator[Conversation]:
    """The rows of a file of messages, one a line. Raises OSError, ValueError for a row of another shape."""
    decoder = msgspec.json.Decoder(_Row)
    with open_regular(data) as file:
        for line in file:
            messages = tuple(Message(said.role, said.content) for said in decoder.decode(line).messages)
            system = messages[0].text if messages and messages[0].role == "system" else ""
            spoken = messages[1:] if system else messages
            if not spoken:
                raise ValueError("a row in which nobody speaks")
            yield Conversation(system, spoken)
