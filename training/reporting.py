"""What a run says while it works: `events.jsonl` for the workbench, and one sentence for whatever goes wrong.

Whoever trains or answers uses one Reporter as a context manager:

    with Reporter(folder) as report:
        report.phase("import")
        ...
        report.done("finished", figures)
    sys.exit(report.exit_code)
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Literal, NamedTuple, TextIO

import msgspec

from molting_tui.errors import MoltingError
from molting_tui.recipe import events
from molting_tui.recipe.events import PhaseName, RunEvent
from molting_tui.recipe.run_process import TOKEN, identity
from molting_tui.recipe.runfolder import EVENTS, PROCESS, refuse_links
from molting_tui.text import mask_address, show, show_line

_TRACE = 20_000
"""Characters of a trace that are kept: its end says most."""

Reason = Literal["finished", "early_stop", "stopped"]


class Reporter:
    """Appends the run's events, each a whole line in one write, so that a kill never tears one.

    As a context manager it turns what is raised into an `error` event and a sentence on stderr, and doesn't raise on;
    `exit_code` is then 2, else 0.
    """

    def __init__(self, folder: Path) -> None:
        """Raises OSError, and Refused for a folder with a link where a run writes."""
        refuse_links(folder)
        self.folder = folder
        self.exit_code = 0
        self._file = os.open(folder / EVENTS, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._close_torn_line()

    def event(self, event: RunEvent) -> None:
        """Append one event, with the time of now (seconds since the epoch) unless it has one."""
        line = events.written(event if event.time else msgspec.structs.replace(event, time=time.time()))
        while line:
            line = line[os.write(self._file, line) :]

    def phase(self, name: PhaseName) -> None:
        """A part of the work begins."""
        self.event(events.Phase(name=name))

    def warn(self, kind: str, message: str) -> None:
        """Say what a person should know: as an event, and in the log. `kind` is a stable word."""
        self.event(events.Warned(kind=kind, message=message))
        say(f"warning: {message}")

    def done(self, reason: Reason, figures: dict[str, float | int | str | None]) -> None:
        """The last event of a run that ended well."""
        self.event(events.Done(reason=reason, figures=figures))

    def failed(self, error: BaseException) -> None:
        """The last event of a run that ended badly, and the sentence on stderr."""
        failure = explained(error)
        message = mask_address(failure.message)
        self.exit_code = 2
        # Libraries quote the addresses they fail at, whole: a mirror's or a proxy's may hold a password.
        trace = mask_address("".join(traceback.format_exception(error)))[-_TRACE:]
        # A full disk may take the event too; the sentence still reaches the log or the terminal.
        with contextlib.suppress(OSError):
            self.event(events.Failed(kind=failure.kind, message=message, trace=trace))
        _write(sys.stderr, message)

    def close(self) -> None:
        """Close the file. What was said is already in it."""
        os.close(self._file)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None and not isinstance(error, SystemExit):
            self.failed(error)
        self.close()
        return not isinstance(error, SystemExit)

    def _close_torn_line(self) -> None:
        """An earlier process may have died on a full disk, in the middle of a line."""
        end = os.lseek(self._file, 0, os.SEEK_END)
        if end and os.pread(self._file, 1, end - 1) != b"\n":
            os.write(self._file, b"\n")


class StopSignals:
    """Hears SIGTERM and SIGINT: `requested` is then true and the run has said so in its events.

    `at_once` is what happens in a part of the work that has nothing worth saving: the process writes `done`, with
    reason `stopped`, and ends with code 0. Set it to False while the work comes to a good end by itself once it sees
    `requested`.
    """

    def __init__(self, report: Reporter) -> None:
        self.requested = False
        self.at_once = True
        self._report = report
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        # Nothing here may print: the signal may have come in the middle of one.
        if not self.requested:
            self.requested = True
            self._report.event(events.StopRequested(signal=signal.Signals(number).name))
        if self.at_once:
            self._report.done("stopped", {})
            # A library may be waiting for a download of gigabytes in a thread: leaving the usual way would wait too.
            os._exit(0)


def say(line: str) -> None:
    """One line for people, on stdout, made safe to show."""
    _write(sys.stdout, line)


def _write(stream: TextIO, line: str) -> None:
    # A terminal that is gone doesn't end the run.
    with contextlib.suppress(OSError):
        stream.write(f"{show(line)}\n")
        stream.flush()


def write_process_file(folder: Path) -> None:
    """Write `process.json` for this process, with the token that it was started with."""
    process = identity(os.getpid(), os.environ.get(TOKEN, ""))
    write_whole(folder / PROCESS, msgspec.json.encode(process))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or the one before, whatever happens meanwhile."""
    torn = path.with_name(f".{path.name}.{os.getpid()}")
    with torn.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    torn.replace(path)


class Failure(NamedTuple):
    """What went wrong: a stable word, and one sentence that says what to do."""

    kind: str
    message: str


_MEMORY = Failure(
    "out-of-memory",
    "There isn't enough memory: halve batch_size (and double gradient_accumulation), lower max_seq_len, "
    "or take quantisation nf4.",
)
_DISK = Failure("disk-full", "The disk is full: make room, then start the run again; what was saved before is whole.")
_HUB = "Check the name and the network, or name a local folder."


def explained(error: BaseException) -> Failure:
    """The sentence for an error, whichever library raised it."""
    if isinstance(error, MoltingError):
        return Failure("failed" if type(error) is MoltingError else _word(type(error).__name__), error.sentence())
    chain = list(_chain(error))
    names = {kind.__name__ for cause in chain for kind in type(cause).__mro__}
    text = " ".join(str(cause) for cause in chain)
    if any(isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT) for cause in chain):
        return _DISK
    # torch writes its files in C++, which only says that the writing stopped.
    if "No space left on device" in text or "PytorchStreamWriter failed" in text or "inline_container" in text:
        return _DISK
    if names & {"OutOfMemoryError", "MemoryError"} or "can't allocate memory" in text or "CUDA out of memory" in text:
        return _MEMORY
    if "ImportError" in names:
        return _missing(error, text)
    if names & {"GatedRepoError"}:
        return Failure(
            "gated-model", "The hub wants its terms accepted for this model: do so there, then `hf auth login`."
        )
    if names & {"RepositoryNotFoundError", "HFValidationError"} or "is not a valid model identifier" in text:
        return Failure("unknown-model", f"No such model, neither a local folder nor on the hub. {_HUB}")
    if names & {"LocalEntryNotFoundError", "OfflineModeIsEnabled", "ConnectError"} or "couldn't connect to" in text:
        return Failure("hub-unreachable", f"The model isn't on this machine and the hub can't be reached. {_HUB}")
    return Failure("unexpected", f"It failed unexpectedly ({_sentence_of(error)}): events.jsonl holds the whole trace.")


def _missing(error: BaseException, text: str) -> Failure:
    if "bitsandbytes" in text.lower():
        return Failure(
            "no-bitsandbytes",
            "4-bit needs bitsandbytes, which can't be loaded here: install it (`pip install 'molting[train]'`) "
            "or take quantisation none.",
        )
    return Failure("not-installed", f"A library is missing ({_sentence_of(error)}): `pip install 'molting[train]'`.")


def _sentence_of(error: BaseException) -> str:
    return show_line(f"{type(error).__name__}: {error}", 200).rstrip(".: ")


def _chain(error: BaseException) -> Iterator[BaseException]:
    known: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in known:
        known.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _word(name: str) -> str:
    """`BadInput` -> `bad-input`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
