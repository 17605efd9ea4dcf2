"""What a run says about itself: `events.jsonl`, one JSON object a line, flushed after each.

The process that trains or answers appends; the workbench only reads. A torn last line is a line that is still being
written; a torn line in the middle (a full disk, a kill) is counted and passed over.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import msgspec

from molting_tui.regular_files import open_regular

PhaseName = Literal["import", "load_model", "prepare_data", "train", "answer", "save"]
PHASE_WORDS: dict[str, str] = {
    "import": "loading the libraries",
    "prepare_data": "preparing the pairs",
    "load_model": "loading the base",
    "train": "training",
    "answer": "answering",
    "save": "saving",
}
"""What a person is told a run is doing."""


class _Event(msgspec.Struct, frozen=True, tag_field="event", kw_only=True):
    time: float = 0.0


class Phase(_Event, frozen=True, tag="phase"):
    """A part of the work begins."""

    name: PhaseName


class Start(_Event, frozen=True, tag="start"):
    """What is known once the work can begin. `steps` counts optimizer steps, or answers of an answering run."""

    steps: int
    epochs: float = 0.0
    trainable: int = 0
    parameters: int = 0
    n_train: int = 0
    n_eval: int = 0
    device: str = ""
    versions: dict[str, str] = {}
    resumed_from: str = ""


class Step(_Event, frozen=True, tag="step"):
    """One optimizer step (or, of an answering run, how many answers are done). `tokens` counts all seen so far,
    `tok_s` is tokens a second, memory is in MiB (0 without a GPU)."""

    step: int
    epoch: float = 0.0
    loss: float | None = None
    lr: float | None = None
    grad_norm: float | None = None
    accuracy: float | None = None
    tokens: int = 0
    tok_s: float = 0.0
    vram_mb: float = 0.0
    vram_peak_mb: float = 0.0


class Checkpoint(_Event, frozen=True, tag="checkpoint"):
    """A checkpoint was saved; `path` is relative to the run folder."""

    step: int
    path: str


class Warned(_Event, frozen=True, tag="warning"):
    """Something that a person should know: what was left out and why. `kind` is a stable word."""

    kind: str
    message: str


class StopRequested(_Event, frozen=True, tag="stop_requested"):
    """The process heard the signal and will stop at the end of this step."""

    signal: str


class Done(_Event, frozen=True, tag="done"):
    """The work ended well. `figures` are those of `training_metrics.json`."""

    reason: Literal["finished", "early_stop", "stopped"]
    figures: dict[str, float | int | str | None] = {}


class Failed(_Event, frozen=True, tag="error"):
    """The work ended badly. `message` is one sentence that says what to do; `trace` is for the log's reader."""

    kind: str
    message: str
    trace: str = ""


RunEvent = Phase | Start | Step | Checkpoint | Warned | StopRequested | Done | Failed
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(RunEvent)


LONGEST_LINE = 1 << 26
"""Bytes that an event may have: more without a newline is no line that is still being written."""
_PIECE = 1 << 20


class EventsRead(NamedTuple):
    """New events, where to read on (bytes), and how many lines could not be read."""

    events: tuple[RunEvent, ...]
    offset: int
    damaged: int


def written(event: RunEvent) -> bytes:
    """The event as one line, with its newline."""
    # JSON has no NaN: msgspec writes null, which is what a reader sees of a loss that is none.
    return _ENCODER.encode(event) + b"\n"


def _read_with_newline(file: BinaryIO, most: int) -> bytes:
    """`most` bytes, and on to the end of a line, if there is one before the file's end or `LONGEST_LINE`."""
    parts = [file.read(most)]
    size = len(parts[0])
    while parts[-1] and b"\n" not in parts[-1] and size <= LONGEST_LINE:
        parts.append(file.read(_PIECE))
        size += len(parts[-1])
    return b"".join(parts)


def read_events(path: Path, offset: int = 0, most: int = -1) -> EventsRead:
    """The events of a file from a byte offset on. A file that isn't there yet has none.

    `most` limits the bytes read at once (but never below a whole line): read on from the offset that is given back.
    What follows the last newline is left for the next reading. A file that has become shorter is read from the start.
    """
    try:
        with open_regular(path) as file:
            if offset > file.seek(0, 2):
                offset = 0
            file.seek(offset)
            data = _read_with_newline(file, most)
    except FileNotFoundError:
        return EventsRead((), 0, 0)
    if len(data) > LONGEST_LINE and b"\n" not in data:
        return EventsRead((), offset + len(data), 1)
    whole = data[: data.rfind(b"\n") + 1]
    events: list[RunEvent] = []
    damaged = 0
    for line in whole.splitlines():
        if line.strip():
            try:
                events.append(_DECODER.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                damaged += 1
    return EventsRead(tuple(events), offset + len(whole), damaged)
