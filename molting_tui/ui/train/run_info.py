"""Everything about one run: what it was told, what came of it, what it warned of, where its files are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from rich.cells import cell_len
from textual.strip import Strip

from molting_tui.recipe.runfolder import AnswerConfig, AskedContender, TrainConfig
from molting_tui.regular_files import open_regular
from molting_tui.runs.folder import Run
from molting_tui.runs.run_state import Watched
from molting_tui.text import plural, show, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.reader import ReaderScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.train.run_lines import figure
from molting_tui.ui.triage.conversation import when

Rows = list[tuple[str, str]]
_MOST_BYTES = 1 << 20


class RunInfoScreen(ReaderScreen):
    """The whole story of a run, but for its log."""

    def __init__(self, run: Run, now: Watched, warnings: Sequence[str]) -> None:
        super().__init__("Run", f"run {run.number}")
        self._run = run
        self._now = now
        self._warnings = warnings

    def write(self, width: int) -> Iterable[Strip]:
        """What happened, what it was told, what came of it, the warnings, the files."""
        run, now = self._run, self._now
        yield line("")
        yield from _rows(_state(run, now), width)
        settings = _trained(run.config) if isinstance(run.config, TrainConfig) else _asked(run.config)
        yield from _section("What it was told", settings, width)
        yield from _section("What it runs on", _machine(now), width)
        yield from _section("What came of it (training_metrics.json)", _metrics(run), width)
        if self._warnings:
            yield line("")
            yield line((f"  {plural(len(self._warnings), 'warning')}", look.TITLE))
            for warning in self._warnings:
                yield from hanging(f"    {look.FLAG_SIGN} ", look.FLAG_MARK, warning, width)
        yield from _section("Where it is", _places(run), width)
        if now.failed is not None and now.failed.trace:
            yield line("")
            yield line(("  Where it failed", look.TITLE))
            yield from paragraphs(now.failed.trace, width, indent=4, base=look.DIM)


def _section(title: str, rows: Rows, width: int) -> Iterator[Strip]:
    if rows:
        yield line("")
        yield line((f"  {title}", look.TITLE))
        yield from _rows(rows, width, indent=4)


def _rows(rows: Rows, width: int, indent: int = 2) -> Iterator[Strip]:
    shown = [(show_line(name, 24), value) for name, value in rows]  # a version's name comes from the run as well
    left = max((cell_len(name) for name, _ in shown), default=0)
    for name, value in shown:
        yield from hanging(" " * indent + name + " " * (left - cell_len(name) + 2), look.BOLD, value, width)


def _state(run: Run, now: Watched) -> Rows:
    steps = f"{now.step.step:,} of {now.start.steps:,}" if now.step and now.start else ""
    rows = [
        ("run", f"{run.number} {run.name}"),
        ("state", now.state),
        ("started", when(run.config.created)),
        ("steps" if run.kind == "train" else "answers", steps),
        ("loss", f"{figure(now.first_loss)} at first, {figure(now.last_loss)} last" if now.last_loss else ""),
        ("checkpoint", f"step {now.checkpoint.step:,}, {now.checkpoint.path}" if now.checkpoint else ""),
        ("problem", now.problem),
    ]
    return [(name, value) for name, value in rows if value]


def _trained(config: TrainConfig) -> Rows:
    settings = [(name, _text(value)) for name, value in msgspec.structs.asdict(config.settings).items()]
    rows = [
        ("pairs", f"{config.pairs:,}" if config.pairs else ""),
        ("filter", config.filter),
        ("dataset", config.dataset_name),
        ("dataset digest", config.dataset_digest),
        ("system prompt", config.system_prompt or "none"),
        ("molting", config.molting),
    ]
    return [*settings, *((name, value) for name, value in rows if value)]


def _asked(config: AnswerConfig) -> Rows:
    rows = [
        ("question set", f"{config.question_set} ({plural(len(config.questions), 'question')})"),
        ("set digest", config.set_digest),
        *((f"contender {number}", _contender(contender)) for number, contender in enumerate(config.contenders, 1)),
        *((name, _text(value)) for name, value in msgspec.structs.asdict(config.generation).items()),
        ("quantisation", config.quantisation),
        ("batch_size", str(config.batch_size)),
        ("molting", config.molting),
    ]
    return [(name, value) for name, value in rows if value]


def _contender(asked: AskedContender) -> str:
    if asked.url:
        return f"{asked.name}: {asked.model} at {asked.url}"
    adapter = f" with {asked.adapter}" if asked.adapter else ""
    template = f", in the chat template of {asked.template_from}" if asked.template else ""
    return f"{asked.name}: {asked.base}{adapter}{template}"


def _machine(now: Watched) -> Rows:
    start = now.start
    if start is None:
        return []
    rows = [
        ("device", start.device),
        ("parameters", f"{start.trainable:,} of {start.parameters:,} are trained" if start.parameters else ""),
        ("rows", f"{start.n_train:,} to train on" + (f", {start.n_eval:,} held out" if start.n_eval else "")),
        ("resumed from", start.resumed_from),
        *start.versions.items(),
    ]
    return [(name, value) for name, value in rows if value]


def _metrics(run: Run) -> Rows:
    if not isinstance(run.config, TrainConfig):
        return []
    try:
        with open_regular(run.metrics) as file:
            metrics = msgspec.json.decode(file.read(_MOST_BYTES))
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [("unreadable", str(error))]
    if not isinstance(metrics, dict):
        return [("unreadable", "it isn't a JSON object.")]
    return [(str(name), _text(value)) for name, value in metrics.items()]


def _places(run: Run) -> Rows:
    rows = [("folder", str(run.folder)), ("log", run.log.name), ("events", run.events.name)]
    adapter = run.adapter
    return [*rows, *([("adapter", str(adapter))] if adapter is not None else [])]


def _text(value: object) -> str:
    """A setting or a figure for people."""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items())
    return "-" if value is None else show(str(value))
