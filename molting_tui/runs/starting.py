"""Start a run: everything it needs is frozen into its folder, then its process is started and left alone."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from molting_tui import __version__
from molting_tui.datasets.catalogue import find
from molting_tui.datasets.lock import sole
from molting_tui.errors import MoltingError
from molting_tui.recipe.libraries import FOR_ANSWERING, libraries_check
from molting_tui.recipe.preflight import Preflight
from molting_tui.recipe.runfolder import CONFIG, PREFLIGHT, AnswerConfig, RunConfig, Served, refuse_other_bytes
from molting_tui.recipe.settings import TINY, TrainingSettings
from molting_tui.records.checks import Check
from molting_tui.records.progress import Report, silent
from molting_tui.runs.folder import Run, allot, hidden_folders, run_in, runs_folder, safe_name, short_name
from molting_tui.runs.preflight import look_before, other_run_check
from molting_tui.runs.process import launch
from molting_tui.runs.room import room_check, room_for_answers, room_for_training
from molting_tui.runs.run_dataset import adopt_dataset, copy_frozen, freeze_kept
from molting_tui.workspace import Workspace

TRAINER = (sys.executable, "-m", "training.qlora")
ANSWERER = (sys.executable, "-m", "training.answer")
ENDPOINT_ASKER = (sys.executable, "-m", "training.endpoint")
"""Command lines that `--run FOLDER` is added to."""
_LOCK = ".starting"
_FEW_SECONDS = "It takes a few seconds: try again then, and see `molting runs`."


def start_training(
    workspace: Workspace,
    settings: TrainingSettings,
    *,
    name: str = "",
    where: str = "",
    dataset: str = "",
    report: Report = silent,
    on_preflight: Callable[[Preflight], None] = lambda _: None,
    command: Sequence[str] = TRAINER,
) -> Run:
    """Freeze the kept pairs that the filter `where` matches, or take those of a frozen `dataset`, and start a training
    run on them.

    `on_preflight` is given the list of what was checked before anything is written; `report` hears of the pairs looked
    over and frozen. Returns when the process is started; how it does is what `watching` tells. Raises BadFilter;
    BadInput for a dataset that isn't there, or whose bytes were changed; Blocked where preflight says no; MoltingError
    where another run is being started. Then there is no run.
    """
    settings = msgspec.structs.replace(settings, model_name=anywhere(settings.model_name))
    checked = look_before(workspace, settings, where=where, dataset=dataset, report=report)
    on_preflight(checked)
    checked.refuse_blocked()

    def prepared(folder: Path) -> RunConfig:
        _write_private(folder / PREFLIGHT, msgspec.json.format(msgspec.json.encode(checked.fields())) + b"\n")
        if dataset:
            return copy_frozen(workspace, find(workspace, dataset), folder, settings)
        return freeze_kept(workspace, folder, settings, where, report)

    room = room_for_training(settings)
    run = _start(workspace, name or short_name(settings.model_name), prepared, room, command)
    with contextlib.suppress(MoltingError):  # it is at work: what can't be stored now is taken in later
        adopt_dataset(workspace, run.folder)
    return run


def start_answering(workspace: Workspace, config: AnswerConfig, *, name: str = "", command: Sequence[str] = ()) -> Run:
    """Start an answering run; name, time and version in `config` are filled in. Raises as `start_training` does.

    One that asks an endpoint needs no library that trains, is given the key that it names, and waits for nobody.
    """
    if config.served is None:
        _refuse(libraries_check(FOR_ANSWERING, config.quantisation))
    contenders = tuple(
        msgspec.structs.replace(contender, base=anywhere(contender.base)) for contender in config.contenders
    )
    command = command or (ANSWERER if config.served is None else ENDPOINT_ASKER)

    def filled(_: Path) -> RunConfig:
        return msgspec.structs.replace(config, contenders=contenders)

    named = name or config.name or f"answers-{config.question_set}"
    return _start(workspace, named, filled, room_for_answers(config), command, config.served)


def _start(
    workspace: Workspace,
    name: str,
    prepare: Callable[[Path], RunConfig],
    room: tuple[int, str],
    command: Sequence[str],
    served: Served | None = None,
) -> Run:
    """Make a run's folder and start its process, while no other start goes on. Raises MoltingError when it can't be."""
    runs = runs_folder(workspace)
    refuse_other_bytes(runs)
    with _sentences(runs):
        runs.mkdir(mode=0o700, exist_ok=True)
        busy = MoltingError("another run is being started at this moment.", fix=_FEW_SECONDS)
        with sole(runs / _LOCK, busy) as alone:
            if served is None:
                _refuse(other_run_check(workspace))
            _refuse(room_check(runs, *room))
            if alone:
                _sweep(runs)
            allowed = (*workspace.settings.training.environment, *((served.key_env,) if served else ()))
            return _made_and_started(runs, safe_name(name), prepare, command, allowed)


def _made_and_started(
    runs: Path, name: str, prepare: Callable[[Path], RunConfig], command: Sequence[str], allowed: Sequence[str]
) -> Run:
    """Make the run in a hidden folder, show it under its name when it is whole, start it. Whatever fails, or is
    cancelled, takes the folder with it."""
    number, folder = allot(runs)
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        config = msgspec.structs.replace(prepare(folder), name=name, created=now, molting=__version__)
        _write_private(folder / CONFIG, msgspec.json.format(msgspec.json.encode(config)) + b"\n")
        named = runs / f"{number:04}-{name}"
        os.rename(folder, named)
        folder = named
        launch([*command, "--run", str(folder)], folder, allowed)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run_in(folder)


def _refuse(check: Check) -> None:
    """Raise MoltingError if the check blocks."""
    if check.level == "block":
        raise MoltingError(f"{check.why}. Nothing was started.", fix=check.fix)


def anywhere(base: str) -> str:
    """A base by a name that means the same in any folder: the run is started in its own."""
    if base in ("", TINY):  # whatever folder may be called so here
        return base
    folder = Path(os.path.expanduser(base))
    return str(folder.resolve()) if folder.is_dir() else base


def _sweep(runs: Path) -> None:
    """Remove what killed starts have left, unless a link leads out of the workspace. Only for who holds the lock: no
    other start is under way then."""
    if runs.is_symlink():
        return
    for folder in hidden_folders(runs):
        shutil.rmtree(folder, ignore_errors=True)


def _write_private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


@contextlib.contextmanager
def _sentences(runs: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = str(error.filename or runs)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MoltingError(
                "there is no space left on the disk. Nothing was started.", where=where, fix="Free some space."
            ) from error
        raise MoltingError(
            f"the run can't be started: {error.strerror or error}. Nothing is left of it.",
            where=where,
            fix="`runs` must be a folder that you can write.",
        ) from error
