"""Contenders by their short names: `v2.5` for `0003-v2.5`, where only one is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from molting_tui.errors import BadInput
from molting_tui.store import answers, totals
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

_RUN = re.compile(r"\d{4,}-")
"""How the name of a contender begins that is called as the run it came from."""


def full_names(workspace: Workspace, names: Iterable[str]) -> tuple[str, ...]:
    """The names as contenders are called: a short one becomes the only name that is a run's number and it. One that is
    a whole name, or nobody's, stays.

    Raises BadInput for a short name that could be several.
    """
    told = (stored.total.version for stored in totals.every(workspace.store))
    known = dict.fromkeys([*answers.contender_names(workspace.store), *told])
    return tuple(name if name in known else _full_name(name, known) for name in names)


def _full_name(name: str, known: Iterable[str]) -> str:
    meant = [each for each in known if _RUN.match(each) and _RUN.sub("", each, count=1) == name]
    if len(meant) > 1:
        raise BadInput(
            f"{len(meant)} contenders are called so.",
            where=f"`{show_line(name)}`",
            fix=f"Say which: {', '.join(show_line(each, 40) for each in meant)}.",
        )
    return meant[0] if meant else name
