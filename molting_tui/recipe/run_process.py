"""Whether the process that a run's `process.json` names is the run's own.

The file alone proves nothing: whoever sends a workspace can write any number into it, a number is given again, and a
copied folder names the original's process. So the process itself is asked, and it is a run's own only

- with a token: its start put a random one into its environment and into `process.json`, both say the same, and the
  process works in exactly this folder (the same folder on the disk, so that a moved workspace keeps its run and a
  copied one doesn't get it);
- without one (started by hand, or by an older molting): its command line is our trainer's, with exactly this folder.

Where the folder is reached through a link, the command line has to name it as it is named here: a link to another
workspace's run doesn't make that run ours. A lock held by the process would tell as surely that a run lives, but not
which process holds it, and any child inherits it.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from molting_tui.recipe.runfolder import PROCESS, ProcessFile
from molting_tui.regular_files import read_regular

if TYPE_CHECKING:
    import psutil

TOKEN = "MOLTING_RUN_TOKEN"
"""The variable that a run's process is started with."""
SAME_START = 2.0
"""Seconds: two start times of one process differ by less. The clock they are told by is read anew each time."""
Standing = Literal["own", "gone", "unsure"]
"""`gone`: the process has ended, or the number is another's now. `unsure`: it started when the run's did, and nothing
else can be known of it; it is neither signalled nor taken for dead."""
_LOOKS = 20
"""While a program is put into a process, that shows nothing of itself: then it is looked at again."""
_MOST = 1 << 16
"""Bytes of a `process.json`: it has a hundred or two."""
_MODULES = ("training.qlora", "training.answer", "training.endpoint")
_SCRIPT = "molting-train"
_FOLDER_OPTIONS = ("--run", "--output")


def identity(pid: int, token: str = "") -> ProcessFile:
    """What `process.json` says of this process. Raises psutil.NoSuchProcess if there is none."""
    import psutil

    return ProcessFile(pid, psutil.Process(pid).create_time(), os.uname().nodename, token)


def noted_process(folder: Path) -> ProcessFile | None:
    """What a run's `process.json` says; None where it is missing or damaged."""
    try:
        return msgspec.json.decode(read_regular(folder / PROCESS, _MOST), type=ProcessFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def standing(noted: ProcessFile, folder: Path) -> Standing:
    """How the noted process stands to the run in `folder`; both are of this machine."""
    import psutil

    if noted.pid < 1:
        return "gone"  # kill(2) takes 0 and negative numbers for whole groups
    try:
        if has_ended(noted):
            return "gone"
        process = psutil.Process(noted.pid)
        same_start = abs(process.create_time() - noted.started) < SAME_START
        view = _view(process)
    except psutil.AccessDenied:
        return "unsure"
    except (psutil.Error, ValueError, OverflowError):
        return "gone"
    if _is_own(view, noted.token, folder):
        return "own"
    # The wall clock, which tells the start, may have been set: the proofs above don't ask for it, a doubt does.
    return "unsure" if same_start and _may_be_own(view, folder) else "gone"


def has_ended(noted: ProcessFile) -> bool:
    """Whether there is no process of the noted number any more, or nothing but what its parent has to reap."""
    import psutil

    try:
        return bool(psutil.Process(noted.pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


class _View(NamedTuple):
    """A process as it is seen from outside; None for what it doesn't let us see."""

    words: Sequence[str] | None
    token: str | None
    folder: str | None


def _view(process: psutil.Process) -> _View:
    """A process as it is now. Raises psutil.NoSuchProcess when it ends meanwhile."""
    for _ in range(_LOOKS):
        view = _glance(process)
        if view.words != []:
            break
        time.sleep(0.001)
    return view


def _glance(process: psutil.Process) -> _View:
    import psutil

    words = token = folder = None
    try:
        words = process.cmdline()
        folder = process.cwd()
        token = process.environ().get(TOKEN, "")
    except (psutil.AccessDenied, psutil.ZombieProcess, OSError):
        pass
    return _View(words, token, folder)


def _is_own(view: _View, token: str, folder: Path) -> bool:
    if not token or view.token is None:
        return _is_trainer_on(view, folder)
    linked = folder.resolve() != folder
    named = not linked or str(folder) in (view.words or ())
    return view.token == token and _same_folder(view.folder, folder) and named


def _may_be_own(view: _View, folder: Path) -> bool:
    if view.words and _trainer_options(view.words) is not None and not _named_folders(view.words):
        return True  # ours, and its folder can't be read off its options
    return _same_folder(view.folder, folder) or (view.folder is None and not view.words)


def _is_trainer_on(view: _View, folder: Path) -> bool:
    """Whether a command line is that of our trainer at work on this folder, which it names as one whole argument."""
    linked = folder.resolve() != folder
    for named in _named_folders(view.words or ()):
        if named == str(folder):
            return True
        place = os.path.join(view.folder, named) if view.folder else named
        if not linked and os.path.isabs(place) and _same_folder(place, folder):
            return True
    return False


def _named_folders(words: Sequence[str]) -> list[str]:
    options = _trainer_options(words) or ()
    after = [value for option, value in itertools.pairwise(options) if option in _FOLDER_OPTIONS]
    joined = [word.partition("=") for word in options]
    return after + [value for option, equals, value in joined if equals and option in _FOLDER_OPTIONS]


def _trainer_options(words: Sequence[str]) -> Sequence[str] | None:
    """What follows our trainer's name on a command line; None where it isn't our trainer's."""
    for place, (word, after) in enumerate(itertools.zip_longest(words, words[1:])):
        if word == "-m" and after in _MODULES:
            return words[place + 2 :]
        if place < 2 and os.path.basename(word) == _SCRIPT:  # the script, or the interpreter before it
            return words[place + 1 :]
    return None


def _same_folder(place: str | None, folder: Path) -> bool:
    try:
        return place is not None and os.path.samefile(place, folder)
    except (OSError, ValueError):
        return False
