"""`molting doctor`: is everything well, and what to do where it isn't."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from molting_tui.cli.checks import say_checks
from molting_tui.cli.printing import say_json, tell
from molting_tui.cli.running import NO, Command, json_option, leave, named_workspace, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput
from molting_tui.records.checks import Check
from molting_tui.records.progress import Report
from molting_tui.text import plural, show_line

_NAMES = {"block": "fail"}
"""Nothing is in the way of anything here: it fails, which is the word that scripts know."""


@click.command(
    cls=Command,
    examples=(
        "molting doctor",
        "molting doctor -w claudio --json",
        "molting doctor --repair               # put right what follows from something that is whole",
    ),
)
@click.option("--repair", is_flag=True, help="First put right what can be, after a backup of the database.")
@json_option()
def doctor(repair: bool, as_json: bool) -> None:
    """Look over the program, the terminal and the workspace.

    Each check passes, warns or fails; what to do stands below. States are compared with what was said, texts with their
    hashes. Nothing is changed, unless by --repair. Exits with 1 when something fails.
    """
    repairs = _repaired() if repair else None
    for sentence in repairs or ():
        tell(sentence)
    with watched("Stopped. Nothing was changed.") as progress:
        checks = list(_checks(progress))
    failed = any(check.level == "block" for check in checks)
    if as_json:
        fields: dict[str, object] = {"ok": not failed, "checks": [_fields(check) for check in checks]}
        say_json(fields if repairs is None else {**fields, "repairs": repairs})
    else:
        say_checks(checks, _NAMES)
    if failed:
        leave(NO)


def _repaired() -> list[str]:
    from molting_tui.overview.repairing import repair

    with workspace_here() as workspace, watched("Stopped. Nothing was changed.") as progress:
        return repair(workspace, progress)


def _checks(progress: Report) -> Iterator[Check]:
    """Every check, as it is made: the program's first, then the workspace's, if one can be found."""
    from molting_tui import workspace
    from molting_tui.overview import doctor as looking

    yield from looking.program_checks()
    yield _training_check()
    yield from looking.terminal_checks(looking.environment_terminal(sys.stdout.encoding or "", sys.stdout.isatty()))
    try:
        folder = workspace.find(named_workspace())
    except BadInput as error:
        # A workspace that was named should be there; that none is near is no fault.
        yield Check("workspace", "block" if named_workspace() else "warn", f"{error.where}: {error.what}", error.fix)
        return
    yield from looking.workspace_checks(folder, progress)
    yield from _export_checks(folder / "exports")
    yield from _run_checks(folder)


def _training_check() -> Check:
    from molting_tui.overview.doctor import installed
    from molting_tui.recipe.libraries import FOR_FOUR_BITS, FOR_TRAINING, missing_libraries

    missing = missing_libraries((*FOR_TRAINING, *FOR_FOUR_BITS))
    if missing:
        fix = "To train and to ask models here: pip install 'molting[train]'. Everything else works without."
        return Check("training", "warn", f"not installed: {', '.join(missing)}", fix)
    return Check("training", "pass", ", ".join(f"{name} {installed(name)}" for name in FOR_TRAINING[:4]))


def _run_checks(folder: Path) -> Iterator[Check]:
    from molting_tui.runs.folder import run_folders
    from molting_tui.runs.listing import line_of

    lines = [line_of(run) for run in run_folders(folder / "runs")]
    bad = [line for line in lines if line.state in ("failed", "died") or line.kind == "unknown"]
    if bad:
        why = f"{plural(len(bad), 'run')} of {len(lines):,} came to no good end: {show_line(bad[0].id, 60)}"
        yield Check("runs", "warn", why, f"molting runs show {bad[0].number or show_line(bad[0].id, 60)} tells why.")
    elif lines:
        yield Check("runs", "pass", f"{plural(len(lines), 'run')}, none failed")


def _export_checks(exports: Path) -> Iterator[Check]:
    """One check for all exports: whether each file is still what its manifest says; nothing where there are none."""
    from molting_tui.datasets.export.manifest import SUFFIX, fits

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
        why = f"{plural(len(strange), 'manifest')} beside a file that is another: {strange[0]}"
        yield Check("exports", "warn", why, "Export again: the file was changed, removed, or an export was killed.")
    elif manifests:
        yield Check("exports", "pass", f"{plural(len(manifests), 'export')}, each the file that its manifest tells of")


def _fields(check: Check) -> dict[str, str]:
    return {"id": check.id, "level": _NAMES.get(check.level, check.level), "found": check.why, "fix": check.fix}
