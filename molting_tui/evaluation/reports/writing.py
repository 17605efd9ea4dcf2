"""A report into a file: whole or not at all, and never over a file that stands there unless that is said."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, get_args

from molting_tui.datasets.export.destination import WouldReplace, check_folder, check_place
from molting_tui.datasets.export.writing import Part, disk_error
from molting_tui.errors import BadInput
from molting_tui.text import as_text

PageFormat = Literal["markdown", "html", "json"]
FORMATS: tuple[PageFormat, ...] = get_args(PageFormat)
_ENDINGS: dict[PageFormat, tuple[str, ...]] = {
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm"),
    "json": (".json",),
}


def format_of_name(name: str) -> PageFormat | None:
    """The format that a file's ending says; None for another ending."""
    ending = Path(name.lower()).suffix
    return next((form for form, endings in _ENDINGS.items() if ending in endings), None)


def write_page(target: Path, form: PageFormat, text: str, *, replace: bool = False) -> Path:
    """Write a page, and return where it stands, links followed.

    Raises BadInput for a name that doesn't end as the format's files do, a missing folder and a place that is taken by
    something else than a file; WouldReplace, unless `replace`, for a file that stands there with other words.
    """
    where = as_text(target)
    try:
        path = Path(os.path.realpath(target.expanduser()))
        for name in (target, path):
            if name.suffix.lower() not in _ENDINGS[form]:
                raise BadInput(
                    f"the name of a {form} page ends in {' or '.join(_ENDINGS[form])}.",
                    where=as_text(name),
                    fix="Change the name or the format.",
                )
        check_folder(path.parent)
        check_place(path)
        data = text.encode("utf-8", "replace")
        if path.exists() and not replace and path.read_bytes() != data:
            raise WouldReplace(
                "there is a file of this name already.", where=where, fix="Choose another name; --force replaces it."
            )
    except OSError as error:
        raise disk_error(error, target) from error
    except (ValueError, RuntimeError) as error:  # a NUL in the name; `~nobody-of-that-name`
        raise BadInput(f"can't be a file's name: {error}.", where=where, fix="Choose another name.") from error
    with Part(path) as part:
        part.write(data)
        part.finish()
        part.take_place()
    return path
