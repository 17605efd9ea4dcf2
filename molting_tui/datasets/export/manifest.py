"""What stands beside an export: `NAME.manifest.json`, which says what the file holds and where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from molting_tui import __version__
from molting_tui.datasets.export.formats import WHY
from molting_tui.records.turns import LeftOut
from molting_tui.regular_files import open_regular, read_regular
from molting_tui.text import plural, show_line

FORMAT = "export/1"
SUFFIX = ".manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that an export's manifest says. Digests are SHA-256, hex; `created` is ISO 8601, UTC.

    `system_prompt_digest` is of the `[persona]` prompt as it was written into the file, empty where there is none.
    `masked` counts the signs that were put in, `masked_pairs` the pairs they stand in. `uids` are the content hashes
    of the pairs, in the order of the file.
    """

    created: str
    workspace: str
    filter: str
    answer: str
    rules_digest: str
    system_prompt_digest: str
    file: str
    kind: str
    bytes: int
    digest: str
    dataset_digest: str
    kept: int
    written: int
    rewritten: int
    with_system: int
    masked: int
    masked_pairs: int
    left_out: tuple[LeftOut, ...]
    kinds: Mapping[str, int]
    models: Mapping[str, int]
    languages: Mapping[str, int]
    warnings: tuple[str, ...]
    uids: tuple[str, ...]


def manifest_path(export: Path) -> Path:
    """Where the manifest of an export stands."""
    return export.with_name(export.name + SUFFIX)


def written_out(fields: Mapping[str, Any]) -> bytes:
    """The fields of a manifest as they stand in its file."""
    return json.dumps(fields, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"


def fields_of(manifest: Manifest) -> dict[str, Any]:
    """Everything that the manifest says, as JSON has it; `pairs` is the last."""
    return {
        "format": FORMAT,
        "created": manifest.created,
        "molting": __version__,
        "workspace": manifest.workspace,
        "filter": manifest.filter,
        "answer": manifest.answer,
        "rules_digest": manifest.rules_digest,
        "system_prompt_digest": manifest.system_prompt_digest,
        "file": {
            "name": manifest.file,
            "format": manifest.kind,
            "bytes": manifest.bytes,
            "sha256": manifest.digest,
        },
        "dataset_digest": manifest.dataset_digest,
        "counts": {
            "kept": manifest.kept,
            "written": manifest.written,
            "rewritten": manifest.rewritten,
            "with_system": manifest.with_system,
            "masked": manifest.masked,
            "masked_pairs": manifest.masked_pairs,
            "left_out": sum(left.count for left in manifest.left_out),
            "kind": dict(sorted(manifest.kinds.items())),
            "model": dict(sorted(manifest.models.items())),
            "language": dict(sorted(manifest.languages.items())),
        },
        "left_out": [
            {"reason": left.reason, "count": left.count, "why": WHY[left.reason], "example": left.example}
            for left in manifest.left_out
        ],
        "warnings": list(manifest.warnings),
        "pairs": list(manifest.uids),
    }


def fits(export: Path) -> bool:
    """Whether the manifest beside an export is that file's own.

    It isn't where the file was changed afterwards, or where a kill came between the two of them: then the file is
    new and whole, and the manifest still the older one's. Raises OSError where one of them can't be read.
    """
    try:
        wanted = json.loads(read_regular(manifest_path(export)))["file"]["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return bool(wanted == file_digest(export))


def summary_of(path: Path) -> str:
    """What the manifest in a file says of its export, in a sentence: how many pairs, of when, which filter."""
    try:
        fields = json.loads(read_regular(path))
        pairs, created, where = int(fields["counts"]["written"]), str(fields["created"]), str(fields["filter"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "an export stands there already."
    chosen = f" ({show_line(where, 60)})" if where else ""
    return f"an export of {plural(pairs, 'pair')}{chosen} of {show_line(created[:16].replace('T', ' '), 16)} UTC."


def is_export_manifest(path: Path) -> bool:
    """Whether a file is the manifest of an export, of whichever version. Raises OSError where it can't be read."""
    try:
        return str(json.loads(read_regular(path))["format"]).startswith(FORMAT.partition("/")[0] + "/")
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def file_digest(path: Path) -> str:
    """The SHA-256 (hex) of a file's bytes. Raises OSError."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
