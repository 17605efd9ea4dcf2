"""Which files of the paths a person named are candidates."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.records.turns import LeftOut
from molting_tui.sources.tally import Tally

EXTENSIONS = (".jsonl", ".json")


class SourceFile(NamedTuple):
    """A candidate: absolute resolved path, size in bytes, time of the last change in ns."""

    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates, in sorted order of each folder, and what was passed over."""

    files: tuple[SourceFile, ...]
    left_out: tuple[LeftOut, ...]


def find(paths: Sequence[Path]) -> Candidates:
    """List the candidates among `paths`: files as named, and every .jsonl and .json file in folders.

    A file named twice is listed once. Subagents' logs (`agent-*.jsonl`, folders `subagents`) are
    `subagent-file`, what can't be opened is `unreadable`. Raises BadInput for a path that doesn't
    exist, and for a folder without any candidate.
    """
    walk = _Walk()
    for path in paths:
        walk.start(path)
    left_out: dict[str, LeftOut] = {}
    for row in (row for tally in walk.tallies for row in tally.rows()):
        known = left_out.get(row.reason)
        left_out[row.reason] = known._replace(count=known.count + row.count) if known else row
    return Candidates(tuple(walk.files.values()), tuple(left_out[reason] for reason in sorted(left_out)))


class _Walk:
    """One search: what was found, and which folders were seen (links may go in circles)."""

    def __init__(self) -> None:
        self.files: dict[str, SourceFile] = {}
        self.tallies: list[Tally] = []
        self._folders: set[tuple[int, int]] = set()

    def start(self, path: Path) -> None:
        """Take one path that the person named."""
        path = path.expanduser()
        try:
            info = path.stat()
        except FileNotFoundError:
            raise BadInput("no such file or folder.", where=str(path), fix="Check the path.") from None
        except OSError as error:
            self._unreadable(path, error)
            return
        if not stat.S_ISDIR(info.st_mode):
            self._file(path)
            return
        before = len(self.files), len(self.tallies)
        repeated = (info.st_dev, info.st_ino) in self._folders
        self._folder(path)
        if not repeated and (len(self.files), len(self.tallies)) == before and not self._known_below(path):
            raise BadInput(
                "no .jsonl or .json file in this folder.",
                where=str(path),
                fix="Claude Code keeps its sessions in ~/.claude/projects: name that folder, or a file.",
            )

    def _known_below(self, folder: Path) -> bool:
        root = folder.resolve()
        return any(file.path.is_relative_to(root) for file in self.files.values())

    def _folder(self, folder: Path) -> None:
        """Take all that lies in a folder and below it, in sorted order of each."""
        # A list of what is still to be looked at, not recursion: folders go deeper than Python's stack.
        entries = [self._listed(folder, resolved=False)]
        while entries:
            entry = next(entries[-1], None)
            if entry is None:
                entries.pop()
            elif not _is_folder(entry):
                self._candidate(entry)
            elif entry.name == "subagents":
                for file in _candidates_below(entry.path):
                    self._left_out("subagent-file", file, "written by a subagent, not by a person.")
            else:
                entries.append(self._listed(Path(entry.path), resolved=not entry.is_symlink()))

    def _listed(self, folder: Path, *, resolved: bool) -> Iterator[os.DirEntry[str]]:
        """What lies in a folder, by its resolved path; nothing if it was listed before, or can't be."""
        try:
            info = folder.stat()
            if (info.st_dev, info.st_ino) in self._folders:
                return iter(())
            self._folders.add((info.st_dev, info.st_ino))
            # Resolved once: what lies in it and is no link has that path with its own name added.
            return iter(_sorted(folder if resolved else folder.resolve()))
        except OSError as error:
            self._unreadable(folder, error)
            return iter(())

    def _candidate(self, entry: os.DirEntry[str]) -> None:
        if not entry.name.lower().endswith(EXTENSIONS):
            return
        if entry.is_symlink() or entry.name.startswith("agent-"):
            self._file(Path(entry.path))
        else:
            self._regular(Path(entry.path), entry)

    def _regular(self, path: Path, entry: os.DirEntry[str]) -> None:
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._unreadable(path, error)
            return
        self._add(path, info)

    def _add(self, path: Path, info: os.stat_result) -> None:
        if not stat.S_ISREG(info.st_mode):
            self._left_out("unreadable", path, "not a regular file.")
        else:
            self.files.setdefault(str(path), SourceFile(path, info.st_size, info.st_mtime_ns))

    def _file(self, path: Path) -> None:
        if path.name.startswith("agent-") and path.suffix.lower() == ".jsonl":
            self._left_out("subagent-file", path, "written by a subagent, not by a person.")
            return
        try:
            real = path.resolve(strict=True)
            info = real.stat()
        except (OSError, RuntimeError) as error:
            self._unreadable(path, error)
            return
        self._add(real, info)

    def _unreadable(self, path: Path, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self._left_out("unreadable", path, f"can't be read: {reason}.")

    def _left_out(self, reason: str, path: Path, why: str) -> None:
        tally = Tally(path)
        tally.add(reason, excerpt=why)
        self.tallies.append(tally)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # A link to itself.
        return False


def _sorted(folder: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _candidates_below(folder: str) -> Iterator[Path]:
    folders = [folder]
    while folders:
        with contextlib.suppress(OSError):
            entries = _sorted(folders.pop())
            folders += [entry.path for entry in reversed(entries) if entry.is_dir(follow_symlinks=False)]
            yield from (Path(entry.path) for entry in entries if _is_candidate(entry))


def _is_candidate(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower().endswith(EXTENSIONS) and not entry.is_dir(follow_symlinks=False)
