"""What tab makes of a line that is being typed: of a path, as a shell does it, and of one word among several."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from molting_tui.text import show_line

_SHOWN_CHARACTERS = 220
"""About three lines of a narrow terminal: what is shown of many candidates."""


class Offer(NamedTuple):
    """What to say under a line as far as it is typed (nothing: the question's own hints), and what tab makes of it.
    With `several` it may still become more than one thing; `wrong` says why nothing can be made of it."""

    hints: tuple[str, ...]
    completed: str
    several: bool = False
    wrong: str = ""


Completion = Callable[[str], Offer]
"""What may become of a line that is typed so far."""


def path_completion(base: Path | None = None, *, folders_only: bool = False, endings: Iterable[str] = ()) -> Completion:
    """Completes a path as a shell does: as much as is certain, then the names that may follow. It reads the disk.

    A path without a folder begins in `base` (else where molting was started); `~` is known. Hidden names are shown only
    to who types the dot. Of files those that end so are offered (`endings`; none: every one), or none at all.
    """
    wanted = tuple(endings)

    def complete(text: str) -> Offer:
        head, slash, begun = text.rpartition("/")
        if not slash and begun.startswith("~"):
            return Offer((), f"{text}/")
        folder = head + slash
        try:
            names = _names_in((base or Path()) / Path(folder).expanduser(), begun)
        except OSError as error:
            return Offer((), text, wrong=_cannot_read(folder, error))
        except (RuntimeError, ValueError):  # `~nobody-of-that-name`; a NUL
            return Offer((), text, wrong=f"There is no folder {show_line(folder, 120)}.")
        fits = [
            name for name in names if name.endswith("/") or not (folders_only or (wanted and not name.endswith(wanted)))
        ]
        return completed_word(text, begun, fits, f"Nothing in {show_line(folder or './', 80)} begins so.")

    return complete


def completed_word(text: str, begun: str, words: Iterable[str], none: str) -> Offer:
    """A text with the word `begun` at its end written as far as all `words` that may take its place agree; the words
    are named where there are several. `none` is said where there is no such word."""
    known = sorted(word for word in words if word.startswith(begun))
    if not known:
        return Offer((none,), text)
    first, last = known[0], known[-1]  # of sorted words these two have the least in common
    common = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    completed = text[: len(text) - len(begun)] + common
    return Offer((_listed(known),), completed, several=True) if len(known) > 1 else Offer((), completed)


def _names_in(folder: Path, begun: str) -> list[str]:
    """The names in a folder that begin so, those of folders with a `/`."""
    with os.scandir(folder) as entries:
        return [
            f"{entry.name}/" if _is_folder(entry) else entry.name
            for entry in entries
            if entry.name.startswith(begun) and entry.name.startswith(".") <= begun.startswith(".")
        ]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _cannot_read(folder: str, error: OSError) -> str:
    shown = show_line(folder or "./", 120)
    if isinstance(error, FileNotFoundError):
        return f"There is no folder {shown}."
    if isinstance(error, NotADirectoryError):
        return f"{shown.rstrip('/')} is a file: nothing is in it."
    if isinstance(error, PermissionError):
        return f"You may not read the folder {shown}."
    return f"The folder {shown} can't be read: {error.strerror or type(error).__name__}."


def _listed(names: list[str]) -> str:
    """As many names as there is room for, safe to show, and how many more there are."""
    parts: list[str] = []
    length = 0
    for name in names:
        shown = show_line(name, 60)
        length += len(shown) + 2
        if parts and length > _SHOWN_CHARACTERS:
            break
        parts.append(shown)
    more = len(names) - len(parts)
    return "  ".join(parts) + (f"  and {more:,} more" if more else "")
