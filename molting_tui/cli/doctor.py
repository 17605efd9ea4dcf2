"""`molting doctor`: is everything well, and what to do where it isn't."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json, say_table, styled
from molting_tui.cli.running import NO, Command, json_option, leave, named_workspace
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.overview.doctor import Check

_STYLES = {"pass": "green", "warn": "yellow", "fail": "red"}


@click.command(cls=Command, examples=("molting doctor", "molting doctor -w claudio", "molting doctor --json"))
@json_option()
def doctor(as_json: bool) -> None:
    """Look over the program, the terminal and the workspace.

    Each check passes, warns or fails; what to do stands below. Nothing is changed. Exits with 1 when
    something fails.
    """
    checks = list(_checks())
    failed = any(check.level == "fail" for check in checks)
    if as_json:
        say_json({"ok": not failed, "checks": [check._asdict() for check in checks]})
    else:
        _say(checks)
    if failed:
        leave(NO)


def _checks() -> Iterator[Check]:
    from molting_tui import workspace
    from molting_tui.overview import doctor as looking

    yield from looking.program_checks()
    yield _training_check()
    yield from looking.terminal_checks(looking.environment_terminal(sys.stdout.encoding or "", sys.stdout.isatty()))
    try:
        folder = workspace.find(named_workspace())
    except BadInput as error:
        # A workspace that was named should be there; that none is near is no fault.
        yield looking.Check(
            "workspace", "fail" if named_workspace() else "warn", f"{error.where}: {error.what}", error.fix
        )
        return
    yield from looking.workspace_checks(folder)
    yield from _export_checks(folder / "exports")
    yield from _run_checks(folder)


def _training_check() -> Check:
    from molting_tui.overview.doctor import Check, installed
    from molting_tui.runs.starting import FOR_FOUR_BITS, FOR_TRAINING, missing_libraries

    missing = missing_libraries((*FOR_TRAINING, *FOR_FOUR_BITS))
    if missing:
        fix = "To train and to ask models here: pip install 'molting[train]'. Everything else works without."
        return Check("training", "warn", f"not installed: {', '.join(missing)}", fix)
    return Check("training", "pass", ", ".join(f"{name} {installed(name)}" for name in FOR_TRAINING[:4]))


def _run_checks(folder: Path) -> Iterator[Check]:
    from molting_tui.overview.doctor import Check
    from molting_tui.runs.folder import run_folders
    from molting_tui.runs.listing import line_of

    lines = [line_of(one) for one in run_folders(folder / "runs")]
    bad = [line for line in lines if line.state in ("failed", "died") or line.kind == "unknown"]
    if bad:
        found = f"{plural(len(bad), 'run')} of {len(lines):,} came to no good end: {show_line(bad[0].id, 60)}"
        yield Check("runs", "warn", found, f"molting runs show {bad[0].number or show_line(bad[0].id, 60)} tells why.")
    elif lines:
        yield Check("runs", "pass", f"{plural(len(lines), 'run')}, none failed")


def _export_checks(exports: Path) -> Iterator[Check]:
    from molting_tui.datasets.export.manifest import SUFFIX, fits
    from molting_tui.overview.doctor import Check

    manifests = sorted(exports.glob(f"*{SUFFIX}")) if exports.is_dir() else []
    strange = []
    for path in manifests:
        try:
            same = fits(path.with_name(path.name.removesuffix(SUFFIX)))
        except OSError:
            same = False
        if not same:
            strange.append(path.name)
    if strange:
        found = f"{plural(len(strange), 'manifest')} beside a file that is another: {strange[0]}"
        yield Check("exports", "warn", found, "Export again: the file was changed, removed, or an export was killed.")
    elif manifests:
        yield Check("exports", "pass", f"{plural(len(manifests), 'export')}, each the file that its manifest tells of")


def _say(checks: list[Check]) -> None:
    say_table(((check.level, check.id, check.found) for check in checks), styles=_STYLES)
    advised = [check for check in checks if check.fix]
    if advised:
        say()
        say(styled("What to do", "bold"))
        for check in advised:
            say(f"{check.id}: {show_line(check.fix, 400)}")
