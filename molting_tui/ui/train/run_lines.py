"""What is known of a run, as lines: state, progress, figures, warnings, what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.recipe.events import PHASE_WORDS
from molting_tui.recipe.runfolder import State, TrainConfig
from molting_tui.text import duration, plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line, paragraphs

if TYPE_CHECKING:
    from molting_tui.runs.folder import Run
    from molting_tui.runs.listing import RunLine
    from molting_tui.runs.run_state import Watched

_SIGNS: dict[State, tuple[str, Style]] = {
    "queued": ("○", look.PLAIN),
    "running": ("●", Style(color="green", bold=True)),
    "stopping": ("●", look.MESSAGE),
    "stopped": ("■", look.PLAIN),
    "done": (look.KEPT_SIGN, Style(color="green")),
    "failed": (look.DROPPED_SIGN, look.WRONG),
    "died": (look.DROPPED_SIGN, look.WRONG),
}


def sign(state: State) -> tuple[str, Style]:
    """The sign of a run's state, and its colour."""
    return _SIGNS[state]


def run_row(run: RunLine, number_width: int, selected: bool, width: int) -> Strip:
    """A run in the list: cursor, number, sign, name, and the loss, how far it is, or what became of it."""
    mark, style = _SIGNS[run.state]
    value = _value(run)
    room = max(width - number_width - cell_len(value) - 6, 4)
    name = fit(show_line(("? " if run.kind == "answer" else "") + run.name, room + 1), room)
    return line(
        (look.CURSOR_SIGN if selected else " ", look.CURSOR),
        (f"{run.number:>{number_width}} ", look.CURSOR if selected else look.PLAIN),
        (mark, style),
        (f" {name}{' ' * (room - cell_len(name))} ", look.CURSOR if selected else look.PLAIN),
        (value, look.DIM if run.state in ("failed", "died") else look.PLAIN),
    )


def _value(run: RunLine) -> str:
    if run.kind == "unknown":
        return "torn"
    if run.state in ("failed", "died", "queued", "stopping"):
        return run.state
    if run.kind == "answer":
        return f"{run.step:,} of {run.steps:,}" if run.state != "done" else plural(run.step, "answer")
    return figure(run.loss) if run.loss is not None else run.state


def figure(value: float | None) -> str:
    """A loss or a rate for people: `1.92`, `0.0004`, `1.6e-04`; `-` for none."""
    return "-" if value is None else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.2g}"


def top_figure(run: Run, now: Watched, width: int) -> str:
    """The figure of the top line: the run, its state, the time left."""
    left = f" · {duration(now.seconds_left)} left" if now.seconds_left is not None and now.active else ""
    name = show_line(run.name, max(width - 56, 12))
    return f"{run.number} {name} · {now.state}{left}"


def run_lines(run: Run, now: Watched, warnings: Sequence[str], width: int, most: int) -> list[Strip]:
    """The head of a run: state, bar, figures, what to do where it went wrong, and at most `most` warnings."""
    lines = [_state_line(run, now, width), _bar_line(run, now, width)]
    figures = "   ".join(_figures(now))
    if figures:
        lines.append(line((fit(f" {figures}", width), look.PLAIN)))
    if now.problem:
        lines += list(paragraphs(now.problem, width - 1, indent=1, base=look.WRONG))[:4]
    for warning in warnings[:most]:
        lines += hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, warning, width - 1, most=2)
    more = len(warnings) - most
    if more > 0:
        lines.append(line((f"   and {plural(more, 'more warning')}: i", look.DIM)))
    return lines


def _state_line(run: Run, now: Watched, width: int) -> Strip:
    mark, style = _SIGNS[now.state]
    words: list[str] = [now.state]
    if now.active and now.phase:
        words.append(PHASE_WORDS.get(now.phase, now.phase))
    words += _settings(run, width)
    return line((f" {mark} ", style), (fit(" · ".join(words), width - 3), look.PLAIN))


def _settings(run: Run, width: int) -> list[str]:
    config = run.config
    if isinstance(config, TrainConfig):
        pairs = [plural(config.pairs, "pair")] if config.pairs else []
        return [*pairs, f"base {show_line(config.settings.model_name, width)}"]
    who = ", ".join(show_line(contender.name, 30) for contender in config.contenders)
    return [f"{plural(len(config.questions), 'question')} of {show_line(config.question_set, 30)}", f"asked of {who}"]


def _bar_line(run: Run, now: Watched, width: int) -> Strip:
    """How far the run is, as a bar with its figures; words alone before the first step."""
    steps = now.start.steps if now.start else 0
    step = now.step.step if now.step else 0
    if not steps:
        return line((" not begun yet" if now.active else " never began", look.DIM))
    word = "step" if isinstance(run.config, TrainConfig) else "answer"
    left, share = f" {word} {step:,} / {steps:,} ", min(step / steps, 1.0)
    right = f" {share:.0%}"
    if now.start and now.start.epochs and now.step:
        right += f"   epoch {now.step.epoch:.1f} / {now.start.epochs:g}"
    cells = max(min(width - len(left) - len(right) - 1, 50), 4)
    full = int(share * cells)
    return Strip(
        [
            Segment(left, look.BOLD),
            Segment("━" * full, look.BOLD),
            Segment("─" * (cells - full), look.DIM),
            Segment(right, look.PLAIN),
        ]
    )


def _figures(now: Watched) -> list[str]:
    step = now.step
    parts: list[str] = []
    if step is None:
        return parts
    if now.last_loss is not None:
        first = f" (first {figure(now.first_loss)})" if now.first_loss is not None else ""
        parts.append(f"loss {figure(now.last_loss)}{first}")
    if step.lr is not None:
        parts.append(f"lr {step.lr:.1e}".replace("e-0", "e-"))
    if step.tok_s:
        parts.append(f"{step.tok_s:,.0f} tok/s")
    if step.vram_mb:
        parts.append(f"{step.vram_mb / 1024:.2f} GB (most {max(step.vram_peak_mb, step.vram_mb) / 1024:.2f})")
    return parts
