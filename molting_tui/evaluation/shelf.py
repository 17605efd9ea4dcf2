"""Rubric and question files on the shelf: listed with what is wrong in them, and found by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from molting_tui.errors import BadInput
from molting_tui.yamlfile import Located, read_yaml


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Record = TypeVar("Record", bound=_Named)


class Shelved(NamedTuple, Generic[Record]):
    """One file: what it holds, or (with `record` None) the sentence that says what is wrong in it."""

    path: Path
    record: Record | None
    problem: str


def shelved(files: Sequence[Path], load: Callable[[Path], Record]) -> list[Shelved[Record]]:
    """Every file with what it holds. A file with a mistake hides no other."""
    entries = []
    for path in files:
        try:
            entries.append(Shelved(path, load(path), ""))
        except BadInput as error:
            entries.append(Shelved[Record](path, None, error.sentence()))
    return entries


def find_file(name: str, files: Sequence[Path], what: str) -> Path:
    """The file that is meant by a name: a path, a file's name without `.yaml`, or the `id` that stands in it.

    `what` is the word for it (`rubric`, `question set`). Raises BadInput, with the known names, if there is none, and
    if two files have that id.
    """
    given = Path(os.path.expanduser(name))
    if os.sep in name or (given.suffix in (".yaml", ".yml") and given.is_file()):
        return given
    named = [path for path in files if name.casefold() in (path.stem.casefold(), path.name.casefold())]
    matching = named or [path for path in files if _id_in(path).casefold() == name.casefold()]
    if len(matching) == 1:
        return matching[0]
    if matching:
        both = " and ".join(str(path) for path in matching[:2])
        raise BadInput(f"`{name}` is the id of two files, {both}.", fix="Name the one you mean by its file's name.")
    known = [path.stem for path in files]
    close = get_close_matches(name, known, n=1)
    raise BadInput(
        f"there is no {what} of that name.",
        where=f"`{name}`",
        fix=f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(known)}; or give a file.",
    )


def _id_in(path: Path) -> str:
    """The id that a file gives itself; empty for one that can't be read (who asks for it by name is told why)."""
    try:
        root: Located = read_yaml(path)
        return root.mapping()["id"].text()
    except (BadInput, KeyError):
        return ""
