"""Where an export may go, and what its name says: checked before anything is read.

A file that stands there already is replaced without a question only if it is an export of ours as it was written: the
manifest beside it is ours and has its digest. Anything else is somebody's work, an export that was changed by hand too.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from molting_tui.datasets.export.formats import FORMATS, Format
from molting_tui.datasets.export.manifest import SUFFIX, fits, is_export_manifest, manifest_path, summary_of
from molting_tui.datasets.export.writing import arrow, disk_error
from molting_tui.errors import BadInput, Refused
from molting_tui.text import as_text
from molting_tui.workspace import Workspace

TEXT_ENDINGS = (".json", ".jsonl")
PARQUET_ENDINGS = (".parquet",)


def checked_format(name: str) -> Format:
    """The format of this name. Raises BadInput if there is none, or if what writes it isn't installed."""
    if name not in FORMATS:
        raise BadInput(f"there is no format `{name}`.", fix=f"It is one of {', '.join(FORMATS)}.")
    if name == "parquet":
        arrow()
    return name


def format_of_name(name: str) -> Format:
    """The format that a file's name chooses: `parquet` by its ending, else the first word in it that is a format
    (`alpaca.json`, `claudio-messages.jsonl`), else ShareGPT."""
    path = Path(name.lower())
    if path.suffix in PARQUET_ENDINGS:
        return "parquet"
    words = re.split(r"[^a-z]+", path.stem)
    return next((kind for word in words for kind in FORMATS if word == kind != "parquet"), "sharegpt")


class WouldReplace(Refused):
    """A file stands where the export would go that isn't one of ours, as it was written."""


def destination(workspace: Workspace, target: Path, kind: Format, *, replace: bool = False) -> Path:
    """The absolute path of the file to write, links followed.

    The workspace's own `exports/` is made if it is missing. Raises BadInput for a name that doesn't end as the format's
    files do (which also keeps an export from taking the place of a database or a script), a missing folder, and a place
    that is taken by something else than a file; WouldReplace, unless `replace`, for a file that no export of ours left.
    """
    where = as_text(target)
    _check_ending(target, kind, where)
    try:
        path = Path(os.path.realpath(target.expanduser()))
        _check_ending(path, kind, as_text(path))
        if path.parent == workspace.exports:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        check_folder(path.parent)
        for place in (path, manifest_path(path)):
            check_place(place)
        if not replace:
            _check_is_ours(path)
    except OSError as error:
        raise disk_error(error, target) from error
    except (ValueError, RuntimeError) as error:  # a NUL in the name; `~nobody-of-that-name`
        raise BadInput(f"can't be a file's name: {error}.", where=where, fix="Choose another name.") from error
    return path


def what_stands(workspace: Workspace, target: Path, kind: Format) -> str:
    """What an export to this file would replace, as a sentence; empty where nothing stands there. Raises as
    `destination`."""
    try:
        path = destination(workspace, target, kind)
    except WouldReplace as error:
        return error.what
    return summary_of(manifest_path(path)) if path.exists() else ""


def _check_ending(path: Path, kind: Format, where: str) -> None:
    endings = PARQUET_ENDINGS if kind == "parquet" else TEXT_ENDINGS
    if path.name.lower().endswith(SUFFIX):
        raise BadInput("that is how the manifests of exports are named.", where=where, fix="Choose another name.")
    if path.suffix.lower() not in endings and not path.is_dir():
        raise BadInput(
            f"the name of a {kind} file ends in {' or '.join(endings)}.",
            where=where,
            fix="Change the name or the format.",
        )


def check_folder(folder: Path) -> None:
    """Raise BadInput where a file's folder is missing or is none."""
    where = as_text(folder)
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        raise BadInput("there is no such folder.", where=where, fix="Make it first, or choose another.") from None
    if not stat.S_ISDIR(mode):
        raise BadInput("this isn't a folder.", where=where, fix="Choose another place for the file.")


def _check_is_ours(path: Path) -> None:
    beside = manifest_path(path)
    if not path.exists() and not beside.exists():
        return
    fix = "Choose another name; --force replaces it."
    if beside.exists() and not is_export_manifest(beside):
        raise WouldReplace("this isn't the manifest of an export.", where=as_text(beside), fix=fix)
    if not path.exists():
        return  # its file was moved away
    if not beside.exists():
        raise WouldReplace("there is a file of this name already, and no export of ours.", where=as_text(path), fix=fix)
    if not fits(path):
        raise WouldReplace("this file isn't any more what was exported.", where=as_text(path), fix=fix)


def check_place(place: Path) -> None:
    """Raise BadInput where a file is to go and something else stands."""
    try:
        mode = place.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise BadInput("this is a folder.", where=as_text(place), fix="Name a file in it, pairs.json for example.")
    if not stat.S_ISREG(mode):
        raise BadInput("this isn't a regular file.", where=as_text(place), fix="Choose another place for the file.")
