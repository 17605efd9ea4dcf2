"""Start a run: everything it needs is frozen into its folder, then its process is started and left alone."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from molting_tui import __version__
from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.recipe.runfolder import CONFIG, DATASET, AnswerConfig, RunConfig, TrainConfig
from molting_tui.recipe.settings import TINY, Quantisation, TrainingSettings
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.runs.folder import Run, allot, hidden_folders, run_in, runs_folder, safe_name, short_name
from molting_tui.runs.listing import runs_at_work
from molting_tui.runs.process import launch
from molting_tui.runs.room import refuse_without_room, room_for_answers, room_for_training
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

TRAINER = (sys.executable, "-m", "training.qlora")
ANSWERER = (sys.executable, "-m", "training.answer")
"""Command lines that `--run FOLDER` is added to."""
LEAST_PAIRS = 2
FOR_TRAINING = ("torch", "transformers", "peft", "trl", "datasets", "accelerate")
FOR_ANSWERING = ("torch", "transformers", "peft", "accelerate")
FOR_FOUR_BITS = ("bitsandbytes",)
"""What each can't do without."""
_LOCK = ".starting"
_SECRETS = (
    "Mask it (`molting decide --where 'state:keep flag:secret' mask`), rewrite or drop the pair, or take it out there."
)
_FEW_SECONDS = "It takes a few seconds: try again then, and see `molting runs`."


def start_training(
    workspace: Workspace,
    settings: TrainingSettings,
    *,
    name: str = "",
    where: str = "",
    report: Report = silent,
    command: Sequence[str] = TRAINER,
) -> Run:
    """Freeze the kept pairs that the filter `where` matches and start a training run on them.

    `report` hears of the pairs frozen. Returns when the process is started; how it does is what `watching` tells.
    Raises BadFilter; BadInput where nothing, or a single pair, is kept; Refused for a secret in a pair; MoltingError
    where another run is at work, a library is missing or the disk has no room. Then there is no run.
    """
    _check_installed(FOR_TRAINING, settings.quantisation)
    settings = msgspec.structs.replace(settings, model_name=anywhere(settings.model_name))

    def frozen(folder: Path) -> RunConfig:
        return _frozen(workspace, folder, settings, where, report)

    _refuse_nothing_kept(workspace)
    room = room_for_training(settings)
    return _start(workspace, name or short_name(settings.model_name), frozen, room, command)


def start_answering(
    workspace: Workspace, config: AnswerConfig, *, name: str = "", command: Sequence[str] = ANSWERER
) -> Run:
    """Start an answering run; name, time and version in `config` are filled in. Raises as `start_training` does."""
    _check_installed(FOR_ANSWERING, config.quantisation)
    contenders = tuple(
        msgspec.structs.replace(contender, base=anywhere(contender.base)) for contender in config.contenders
    )

    def filled(_: Path) -> RunConfig:
        return msgspec.structs.replace(config, contenders=contenders)

    named = name or config.name or f"answers-{config.question_set}"
    return _start(workspace, named, filled, room_for_answers(config), command)


def missing_libraries(modules: Sequence[str] = FOR_TRAINING) -> list[str]:
    """Those of the libraries that aren't installed; none is loaded."""
    return [module for module in modules if importlib.util.find_spec(module) is None]


def _start(
    workspace: Workspace,
    name: str,
    prepare: Callable[[Path], RunConfig],
    room: tuple[int, str],
    command: Sequence[str],
) -> Run:
    runs = runs_folder(workspace)
    with _sentences(runs):
        runs.mkdir(mode=0o700, exist_ok=True)
        with _starting(runs) as alone:
            _refuse_second(workspace)
            refuse_without_room(runs, *room)
            if alone:
                _sweep(runs)
            return _made_and_started(runs, safe_name(name), prepare, command)


def _made_and_started(runs: Path, name: str, prepare: Callable[[Path], RunConfig], command: Sequence[str]) -> Run:
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
        launch([*command, "--run", str(folder)], folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run_in(folder)


def _frozen(workspace: Workspace, folder: Path, settings: TrainingSettings, where: str, report: Report) -> TrainConfig:
    from molting_tui.datasets.export.export import export, system_prompt

    def freezing(progress: Progress) -> None:
        report(progress._replace(label="freezing"))

    try:
        written = export(workspace, folder / DATASET, format="messages", where=where, report=freezing)
    except Refused as error:
        # An export can be masked on its way out; what is trained on is what is stored.
        raise Refused(error.what, where=error.where, fix=_SECRETS) from error
    report(Progress(written.pairs, written.pairs, "pairs", "starting"))  # the last moment to cancel
    if written.pairs < LEAST_PAIRS:
        left = sum(left.count for left in written.left_out)
        also = f" ({plural(left, 'kept pair')} with tool messages left out)" if left else ""
        raise BadInput(
            f"there is only one pair to train on{also}; it takes at least {LEAST_PAIRS}. Nothing was started.",
            fix="Keep some more: `molting` opens the workbench.",
        )
    return TrainConfig(
        name="",
        settings=settings,
        dataset_digest=written.dataset_digest,
        pairs=written.pairs,
        filter=where,
        system_prompt=system_prompt(workspace),
    )


def _refuse_nothing_kept(workspace: Workspace) -> None:
    from molting_tui.store import pairs

    if not pairs.counts(workspace.store).keep:
        raise BadInput(
            "no pair has been kept yet, so there is nothing to train on.",
            fix="Keep some first: `molting` opens the workbench, `molting decide PAIR keep` does it from here.",
        )


def _refuse_second(workspace: Workspace) -> None:
    busy = next(iter(runs_at_work(workspace)), None)
    if busy is None:
        return
    of = f", step {busy.step:,} of {busy.steps:,}" if busy.steps else ""
    reference = busy.number or busy.id
    raise MoltingError(
        f"run {show_line(busy.id, 80)} is {busy.state}{of}; one at a time, since they would share the memory."
        f"{' ' + busy.problem if busy.problem else ''}",
        fix=f"Wait for it (`molting runs watch {reference}`) or stop it (`molting runs stop {reference}`).",
    )


def _check_installed(modules: Sequence[str], quantisation: Quantisation) -> None:
    missing = missing_libraries((*modules, *FOR_FOUR_BITS) if quantisation == "nf4" else modules)
    if missing:
        also = " (or choose --quantisation none)" if missing == ["bitsandbytes"] else ""
        raise MoltingError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed.",
            fix=f"Install what training needs: pip install 'molting[train]'{also}",
        )


def anywhere(base: str) -> str:
    """A base by a name that means the same in any folder: the run is started in its own."""
    if base == TINY:  # whatever folder may be called so here
        return base
    folder = Path(os.path.expanduser(base))
    return str(folder.resolve()) if folder.is_dir() else base


@contextlib.contextmanager
def _starting(runs: Path) -> Iterator[bool]:
    """Be the only one who starts a run here; false where the file system has no locks to be sure of it.

    Raises MoltingError if somebody else is starting one at this moment. The lock goes with whoever holds it.
    """
    descriptor = os.open(runs / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise MoltingError("another run is being started at this moment.", fix=_FEW_SECONDS) from None
            alone = False
        yield alone
    finally:
        os.close(descriptor)


def _sweep(runs: Path) -> None:
    """Remove what killed starts have left. Only for who holds the lock: no other start is under way then."""
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
