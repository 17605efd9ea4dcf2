"""A workspace's database kept in one file, and put back."""

from __future__ import annotations

from pathlib import Path

from molting_tui.errors import BadInput
from molting_tui.records.progress import Report, silent
from molting_tui.store import backup
from molting_tui.store.backup import Copied
from molting_tui.store.connection import beside
from molting_tui.workspace import DATABASE_FILE

__all__ = ["Copied", "look", "put_back", "save"]


def save(folder: Path, target: Path, report: Report = silent, *, over: bool = False) -> Copied:
    """Copy the database of the workspace in `folder` to `target`, checked.

    Raises BadInput where there is no database yet, for the database itself, and for a file that is there already
    unless `over` says that it goes.
    """
    database, where = folder / DATABASE_FILE, str(target)
    if not database.exists():
        raise BadInput("there is no database yet.", where=str(database), fix="Any command makes it.")
    if target.is_dir():
        raise BadInput("this is a folder.", where=where, fix="Name a file in it, molting-backup.db for example.")
    if not target.parent.is_dir():
        raise BadInput("there is no such folder.", where=str(target.parent), fix="Make it first, or choose another.")
    if target.exists() or target.is_symlink():
        if not target.is_file() or _ours(target, database):
            raise BadInput("the backup can't take that file's place.", where=where, fix="Choose another name.")
        if not over:
            raise BadInput("there is such a file already.", where=where, fix="Choose another name, or say --force.")
    return backup.back_up(database, target.resolve(), report)


def look(file: Path) -> Copied:
    """What a backup holds, after looking over the whole of it. Raises BadInput for a file that is none."""
    return backup.look_at(file)


def put_back(folder: Path, file: Path) -> Path | None:
    """Put a backup in the place of a workspace's database; returns where the one that was there is kept."""
    database = folder / DATABASE_FILE
    if _same(file, database):
        raise BadInput("this is the database itself.", where=str(file), fix="Name a file that `molting backup` wrote.")
    return backup.put_back(file, database)


def _ours(target: Path, database: Path) -> bool:
    """Whether a path is the database or one of the files that belong to it."""
    return any(_same(target, beside(database, end)) for end in ("", "-wal", "-shm"))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
