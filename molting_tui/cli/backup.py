"""`molting backup` and `molting restore`: the database as one file, whole and checked, and back again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json
from molting_tui.cli.running import Command, json_option, leave, named_workspace
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_path

if TYPE_CHECKING:
    from molting_tui.overview.safekeeping import Copied


@click.command(
    cls=Command,
    examples=("molting backup claudio.db", "molting backup /media/usb/claudio.db --force"),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over FILE if it is there.")
@json_option()
def backup(file: Path, force: bool, as_json: bool) -> None:
    """Copy the database into FILE, as it is now, and check the copy.

    Pairs, everything that was said of them, answers and ratings are in it; molting can go on working meanwhile. The
    settings, rules, datasets and runs are files of the workspace: copy them as files. `molting restore` puts a backup
    back.
    """
    from molting_tui.overview.safekeeping import save

    with watched("Stopped. Nothing was written.") as progress:
        copied = save(_folder(), file, progress, over=force)
    if as_json:
        say_json({"file": str(file), **_fields(copied)})
    else:
        say(f"{_words(copied)} in {show_path(file)} ({copied.size / 1e6:,.1f} MB), checked.")


@click.command(cls=Command, examples=("molting restore claudio.db", "molting restore claudio.db --yes"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option()
def restore(file: Path, yes: bool, as_json: bool) -> None:
    """Put the backup in FILE back in the place of the database.

    FILE is checked first. The database as it is now is kept beside it (molting.db.before-restore).
    """
    from molting_tui.overview.safekeeping import look, put_back

    folder = _folder()
    with watched("Stopped. Nothing was changed."):
        held = look(file)
    if not yes and not _meant(file, held):
        say("Nothing was changed.")
        leave(1)
    kept = put_back(folder, file)
    if as_json:
        say_json({"file": str(file), "kept": kept and str(kept), **_fields(held)})
        return
    say(f"The database is what {show_path(file)} holds: {_words(held)}.")
    if kept:
        say(f"As it was before, it is kept: {show_path(kept)}")


def _folder() -> Path:
    from molting_tui import workspace

    return workspace.find(named_workspace())


def _meant(file: Path, held: Copied) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadInput(
            "this would put the backup in the place of the database, and there is no terminal to ask on.",
            where=str(file),
            fix="Say --yes if it is meant.",
        )
    return click.confirm(f"Put back {_words(held)}?", default=False, err=True)


def _words(copied: Copied) -> str:
    said = f"{plural(copied.pairs, 'pair')}, {copied.events:,} things said of them"
    return f"{said}, {plural(copied.answers, 'answer')}"


def _fields(copied: Copied) -> dict[str, int]:
    return {
        "bytes": copied.size,
        "schema": copied.schema,
        "pairs": copied.pairs,
        "events": copied.events,
        "answers": copied.answers,
    }
