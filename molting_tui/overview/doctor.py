"""Looking over the program, the terminal and a workspace: what is well, what isn't, what to do about it.

Nothing here changes anything, and nothing that is broken keeps the other checks from being made.
"""

from __future__ import annotations

import locale
import os
import platform
import shutil
import stat
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from molting_tui import __version__
from molting_tui.curation.rules import load_rules
from molting_tui.datasets.catalogue import wrong_bytes
from molting_tui.errors import MoltingError
from molting_tui.overview.hashes import hashed
from molting_tui.records.checks import Check
from molting_tui.records.progress import Report, silent
from molting_tui.store import audit, checks, datasets
from molting_tui.store.connection import Store, writable
from molting_tui.store.reading_copy import readable
from molting_tui.text import plural, show_line
from molting_tui.workspace import DATABASE_FILE, SETTINGS_FILE, HeldSettings, Settings, Workspace, read_settings

LEAST_FREE = 200_000_000
"""Bytes of free disk below which there is a warning: an import of a large folder of logs needs as much."""
LEAST_SIZE = (80, 24)
_REPAIR = "molting doctor --repair makes them anew, after a backup."
_RESTORE = f"Put back a backup: molting restore FILE (`molting backup` makes one; see also {DATABASE_FILE}.before-*)."
_PRIVATE = ("molting.", "exports", "datasets", "rubrics")


class Terminal(NamedTuple):
    """The terminal a command runs on. `size` is columns and rows, None where stdout is no terminal."""

    environment: Mapping[str, str]
    encoding: str
    size: tuple[int, int] | None


def wrong_value(folder: Path) -> MoltingError | None:
    """Why something failed that can't fail on a database that molting wrote: it holds values that can't be. None where
    it doesn't, or can't be looked into."""
    try:
        with checks.looking(folder / DATABASE_FILE) as connection:
            places = checks.impossible_values(connection)
    except checks.DatabaseError:
        return None
    if not places:
        return None
    return MoltingError(
        f"the database holds values that can't be, in {', '.join(places[:5])}: something else changed it.",
        where=str(folder / DATABASE_FILE),
        fix=f"{_RESTORE} `molting doctor` says more.",
    )


def program_checks() -> list[Check]:
    """The versions of what molting stands on."""
    versions = {
        "molting": __version__,
        "python": platform.python_version(),
        "sqlite": checks.sqlite_version(),
        "textual": installed("textual"),
    }
    missing = [name for name, number in versions.items() if not number]
    why = ", ".join(f"{name} {number or 'missing'}" for name, number in versions.items())
    return [Check("versions", "block" if missing else "pass", why, "Install molting again." if missing else "")]


def terminal_checks(terminal: Terminal) -> Iterator[Check]:
    """Whether the workbench can draw on this terminal."""
    name = terminal.environment.get("TERM", "")
    if terminal.size is None:
        yield Check("terminal", "warn", "stdout is no terminal", "The workbench needs one; the commands don't.")
    elif name in ("", "dumb", "unknown"):
        fix = "Set TERM to what your terminal is, for example xterm-256color."
        yield Check("terminal", "warn", f"TERM={name or '(not set)'}: the workbench can't draw on it", fix)
    else:
        yield Check("terminal", "pass", f"TERM={name}, {_colours(terminal.environment)}")
    if terminal.size is not None:
        columns, rows = terminal.size
        small = columns < LEAST_SIZE[0] or rows < LEAST_SIZE[1]
        fix = f"Make it {LEAST_SIZE[0]}x{LEAST_SIZE[1]} or larger." if small else ""
        yield Check("size", "warn" if small else "pass", f"{columns}x{rows}", fix)
    wide = "utf" in terminal.encoding.lower()
    fix = "" if wide else "Set LANG to a UTF-8 locale, for example C.UTF-8."
    why = f"output is {terminal.encoding or 'unknown'}, locale is {locale.setlocale(locale.LC_CTYPE)}"
    yield Check("encoding", "pass" if wide else "warn", why, fix)


def workspace_checks(folder: Path, report: Report = silent) -> Iterator[Check]:
    """Everything about the workspace in `folder`: settings, files, database, rules, disk."""
    yield Check("workspace", "pass", str(folder.resolve()))
    try:
        settings = read_settings(folder / SETTINGS_FILE)
        yield Check("settings", "pass", f"{SETTINGS_FILE} is read")
    except MoltingError as error:
        yield Check.blocked("settings", error)
        settings = Settings()
    yield _privacy(folder)
    place = folder / DATABASE_FILE
    if place.exists() and not writable(place):
        why = "this workspace can only be read: its folder, or the database, isn't yours to write"
        yield Check("writing", "warn", why, "Copy the whole workspace to work on it.")
    try:
        with readable(place) as database:
            yield from _database_checks(folder, settings, database, report)
    except MoltingError as error:
        yield Check.blocked("database", error)
    yield _disk(folder)


def _database_checks(folder: Path, settings: Settings, database: Path, report: Report) -> Iterator[Check]:
    """The database, which is read at `database`, and what depends on it: rules and datasets."""
    facts = checks.examine(database)
    yield from _database(database, facts)
    known = facts if isinstance(facts, checks.DatabaseFacts) else checks.DatabaseFacts(0)
    sound = known.schema == checks.newest_schema() and not known.damage
    if sound:
        yield _values(known)
        if not known.impossible:
            yield _states(known)
        yield _texts(database, report)
    opened = Workspace(folder.resolve(), HeldSettings(settings), Store(database), "")
    try:
        yield from _rules(opened, known)
        if sound:
            yield from _datasets(opened)
    finally:
        opened.close()


def _privacy(folder: Path) -> Check:
    files = [folder, *(path for path in folder.iterdir() if path.name.startswith(_PRIVATE))]
    files += [path for path in (folder / "exports").glob("*") if path.is_file()]
    files += [path for path in (folder / "datasets").rglob("*") if path.exists()]
    open_to_others = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_to_others:
        return Check("privacy", "pass", "only you can read the workspace (0700, files 0600)")
    first = open_to_others[0]
    mode = stat.S_IMODE(first.stat().st_mode)
    why = f"others may read {plural(len(open_to_others), 'file')}, for example {first} ({mode:04o})"
    return Check("privacy", "warn", why, f"chmod -R go= {folder}")


def _datasets(workspace: Workspace) -> Iterator[Check]:
    """Whether the files of the frozen datasets are what was frozen."""
    frozen = datasets.all_datasets(workspace.store)
    wrong = [sentence for dataset in frozen if (sentence := wrong_bytes(workspace, dataset))]
    if wrong:
        why = f"{len(wrong):,} of {plural(len(frozen), 'dataset')} can't be trained on: {show_line(wrong[0], 300)}"
        yield Check("datasets", "warn", why, "The other files of the workspace don't depend on them.")
    elif frozen:
        yield Check("datasets", "pass", f"{plural(len(frozen), 'dataset')}, their bytes as they were frozen")


def _database(path: Path, facts: checks.DatabaseFacts | checks.Unreadable) -> Iterator[Check]:
    """The checks of the database file: its contents are looked at only if it is whole and of the newest schema."""
    if not path.exists():
        yield Check(
            "database", "warn", f"there is no {path.name} yet", "Any command makes it, `molting import` for one."
        )
        return
    if isinstance(facts, checks.Unreadable):
        yield Check("database", "block", f"{path.name} can't be read: {facts.why}", _RESTORE)
        return
    newest = checks.newest_schema()
    if facts.damage:
        yield Check("database", "block", f"damaged: {facts.damage[0]}", _RESTORE)
    elif facts.schema > newest:
        why = f"written by a newer molting (schema {facts.schema}, this one knows {newest})"
        yield Check("database", "block", why, "Upgrade molting.")
    elif facts.schema < newest:
        yield Check(
            "database",
            "warn",
            f"schema {facts.schema}; {newest} is the newest",
            "The next command brings it up to date.",
        )
    else:
        yield Check("database", "pass", f"schema {facts.schema}, {plural(facts.pairs, 'pair')}, no damage found")
        yield from _contents(facts)


def _contents(facts: checks.DatabaseFacts) -> Iterator[Check]:
    why = (
        f"{plural(facts.orphans, 'row')} without the other half" if facts.orphans else "everything belongs to something"
    )
    yield Check("references", "block" if facts.orphans else "pass", why, _RESTORE if facts.orphans else "")
    gone = ", ".join(facts.missing_triggers)
    why = f"unprotected: {gone} missing" if gone else "what was said can't be changed or deleted"
    yield Check("history", "block" if gone else "pass", why, _REPAIR if gone else "")
    left = facts.unsearchable
    why = f"{plural(left, 'pair')} not in the index" if left else "every pair can be found"
    yield Check("search", "warn" if left else "pass", why, "Import something: that completes it." if left else "")


def _values(facts: checks.DatabaseFacts) -> Check:
    """Whether every value is one that can be."""
    if not facts.impossible:
        return Check("values", "pass", "every value is of its kind")
    why = f"values that can't be, in {', '.join(facts.impossible[:5])}: the database was changed by something else"
    return Check("values", "block", why, _RESTORE)


def _states(facts: checks.DatabaseFacts) -> Check:
    """Whether what is shown follows from what was said."""
    if not facts.differences:
        return Check("states", "pass", "every state follows from what was said")
    differing = "; ".join(f"{audit.KINDS[each.kind]}: {each.count:,} ({each.example})" for each in facts.differences)
    return Check("states", "block", differing, _REPAIR)


def _texts(database: Path, report: Report) -> Check:
    """Whether the words are those that were stored."""
    result = hashed(database, report)
    if not result.changed:
        return Check("texts", "pass", f"{plural(result.hashed, 'text')} as they were stored, by their hashes")
    parts = {"pair": result.pairs, "turn": result.turns, "answer": result.answers}
    why = ", ".join(f"{plural(len(ids), name)} ({name} {ids[0]})" for name, ids in parts.items() if ids)
    fix = _REPAIR if result.pairs or result.turns else _RESTORE
    return Check("texts", "block", f"words that aren't those that were stored: {why}", fix)


def _rules(workspace: Workspace, facts: checks.DatabaseFacts) -> Iterator[Check]:
    try:
        files = workspace.rule_files()
        rules = load_rules(files)
    except MoltingError as error:
        yield Check.blocked("rules", error)
        return
    yield Check("rules", "pass", f"{plural(len(rules.rules), 'rule')} in {plural(len(files), 'file')}")
    if facts.unflagged:
        why = f"the flags are being made anew, {facts.unflagged:,} of {plural(facts.pairs, 'pair')} to go"
        yield Check("flags", "warn", why, "molting rules, or the workbench, goes on with it.")
    elif facts.rules_digest and facts.rules_digest != rules.digest:
        yield Check("flags", "warn", "the rules have changed since the pairs were flagged", "molting rules apply")
    elif facts.rules_digest:
        yield Check("flags", "pass", "the pairs are flagged by these rules")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    scarce = free < LEAST_FREE
    why = f"{free / 1e9:,.1f} GB free"
    return Check("disk", "warn" if scarce else "pass", why, "Free some space before the next import." if scarce else "")


def installed(package: str) -> str:
    """The version of an installed package; empty where there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _colours(environment: Mapping[str, str]) -> str:
    if environment.get("NO_COLOR"):
        return "no colours (NO_COLOR is set)"
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if "256" in environment.get("TERM", "") else "16 colours"


def environment_terminal(encoding: str, is_terminal: bool) -> Terminal:
    """The terminal of this process."""
    size = shutil.get_terminal_size() if is_terminal else None
    return Terminal(dict(os.environ), encoding, (size.columns, size.lines) if size else None)
