"""Charts as inline SVG that reads without colour: figures are written beside every mark, levels have patterns of their
own, and what was told by a report has another shape. Colours come from the page's style, light or dark."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from molting_tui.evaluation.reports.blocks import GridChart, LevelBar, LevelChart, ScoreChart, ScoreMark
from molting_tui.evaluation.scoring.points import counted, shown
from molting_tui.text import show_line

WIDTH = 760
"""Units of a chart's width; the page scales it."""
_LEFT, _RIGHT, _ROW = 182, 200, 34
_NAME, _QUESTION, _WORDS = 23, 44, 32
"""Most signs of a version's and a question's name, and of what stands beside a score, in a chart."""


def score_chart(chart: ScoreChart) -> str:
    """Scores with their intervals on one scale, a row a version."""
    right = WIDTH - _RIGHT
    bottom = 14 + _ROW * len(chart.marks)
    parts = []
    for tick in range(0, int(chart.top) + 1, 2):
        x = _at(tick, chart.top, right)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="8" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 16, str(tick), "middle", "small"))
    for place, mark in enumerate(chart.marks):
        parts += _score_row(mark, 14 + _ROW * place + _ROW / 2, chart.top, right)
    words = "; ".join(f"{mark.name} {mark.words}" for mark in chart.marks)
    return _svg(bottom + 26, f"Scores out of {chart.top:g}: {words}", parts)


def _score_row(mark: ScoreMark, y: float, top: float, right: float) -> Iterator[str]:
    x = _at(mark.score, top, right)
    yield _text(_LEFT - 14, y + 4, show_line(mark.name, _NAME), "end")
    if mark.low is not None and mark.high is not None:
        low, high = (_at(min(max(end, 0), top), top, right) for end in (mark.low, mark.high))
        ends = "".join(f"M{x_end:.1f} {y - 6}V{y + 6}" for x_end in (low, high))
        yield f'<path class="whisker" d="{ends}M{low:.1f} {y}H{high:.1f}"/>'
    if mark.told:
        yield f'<path class="told" d="M{x:.1f} {y - 7}L{x + 7:.1f} {y}L{x:.1f} {y + 7}L{x - 7:.1f} {y}Z"/>'
    else:
        yield f'<circle class="mark" cx="{x:.1f}" cy="{y}" r="5.5"/>'
    yield _text(right + 14, y + 4, show_line(mark.words, _WORDS), "start", "small")


def level_chart(chart: LevelChart) -> str:
    """Answers at each level, a bar a dimension, as wide as all its answers."""
    patterns = _patterns_for(len(chart.scale))
    right = WIDTH - 20
    parts = list(_legend(chart.scale, patterns))
    y = 44.0
    words = []
    for name, bars in chart.groups:
        parts.append(_text(0, y + 10, show_line(name, _NAME * 2), "start", "name"))
        y += 18
        for bar in bars:
            parts.append(_text(_LEFT - 14, y + 15, show_line(bar.name, _NAME), "end"))
            parts += _level_bar(bar, y, right, patterns)
            words.append(f"{name} {bar.name} {' '.join(map(counted, bar.counts))}")
            y += 28
        y += 12
    levels = ", ".join(map(str, chart.scale))
    return _svg(y, f"Answers at levels {levels}: {'; '.join(words)}", [_definitions(), *parts])


def _level_bar(bar: LevelBar, y: float, right: float, patterns: Sequence[str]) -> Iterator[str]:
    """A bar's parts, each with its count where there is room for it."""
    whole = sum(bar.counts) + bar.absent
    x = float(_LEFT)
    parts = [*zip(bar.counts, patterns, strict=True), *([(bar.absent, "absent")] if bar.absent else [])]
    for count, pattern in parts:
        if not count:
            continue
        width = (right - _LEFT) * count / whole
        fill = f'fill="url(#{pattern})"' if pattern in ("dots", "lines", "cross") else ""
        yield f'<rect class="level {pattern}" {fill} x="{x:.1f}" y="{y}" width="{width:.1f}" height="22"/>'
        if width > 16:
            middle = x + width / 2
            plate = 5 + 4 * len(counted(count))
            if pattern in ("dots", "lines", "cross"):
                left = f"{middle - plate:.1f}"
                yield f'<rect class="plate" x="{left}" y="{y + 4}" width="{2 * plate}" height="14" rx="3"/>'
            side = "inverse" if pattern == "solid" else "small"
            yield _text(middle, y + 15, counted(count), "middle", side)
        x += width


def _legend(scale: Sequence[int], patterns: Sequence[str]) -> Iterator[str]:
    x = float(_LEFT)
    yield _text(_LEFT - 14, 19, "level", "end", "small")
    for level, pattern in zip(scale, patterns, strict=True):
        fill = f'fill="url(#{pattern})"' if pattern in ("dots", "lines", "cross") else ""
        yield f'<rect class="level {pattern}" {fill} x="{x:.1f}" y="6" width="26" height="18"/>'
        yield _text(x + 34, 19, str(level), "start", "small")
        x += 70


def grid_chart(chart: GridChart) -> str:
    """Scores question by question: a cell holds its figure and a bar as long as the score is high."""
    left = 300
    width = min((WIDTH - left) / max(len(chart.columns), 1), 150)
    parts = []
    for place, name in enumerate(chart.columns):
        parts.append(
            _text(left + place * width + 6, 16, show_line(name, max(int((width - 12) / 8), 3)), "start", "name")
        )
    y = 26
    for question, scores in chart.rows:
        parts.append(_text(left - 14, y + 19, show_line(question, _QUESTION), "end"))
        for place, score in enumerate(scores):
            parts += _cell(left + place * width, y, width - 8, score)
        y += 32
    words = "; ".join(
        f"{question} {' '.join('not scored' if score is None else shown(score) for score in scores)}"
        for question, scores in chart.rows
    )
    return _svg(y + 4, f"Scores by question: {words}", parts)


def _cell(x: float, y: float, width: float, score: float | None) -> Iterator[str]:
    yield f'<rect class="cell" x="{x:.1f}" y="{y}" width="{width:.1f}" height="26"/>'
    if score is None:
        yield _text(x + 8, y + 17, "not scored", "start", "faint")
        return
    yield f'<rect class="bar" x="{x:.1f}" y="{y + 20}" width="{width * score / 10:.1f}" height="6"/>'
    yield _text(x + 8, y + 15, shown(score), "start", "small")


def _patterns_for(levels: int) -> list[str]:
    """A pattern a level: the lowest blank, the highest solid, between them from light to dense."""
    if levels == 1:
        return ["solid"]
    between = {1: ["lines"], 2: ["dots", "cross"], 3: ["dots", "lines", "cross"]}.get(levels - 2)
    if between is None:
        # More levels than patterns: neighbours still differ, and every part has its count beside it.
        between = [("dots", "lines", "cross")[place % 3] for place in range(levels - 2)]
    return ["blank", *between, "solid"]


def _definitions() -> str:
    return (
        '<defs><pattern id="lines" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="paper" width="6" height="6"/><line class="ink" x1="0" y1="0" x2="0" y2="6"/></pattern>'
        '<pattern id="cross" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="paper" width="6" height="6"/><path class="ink" d="M0 0V6M0 0H6"/></pattern>'
        '<pattern id="dots" width="7" height="7" patternUnits="userSpaceOnUse">'
        '<rect class="paper" width="7" height="7"/><circle class="dot" cx="2" cy="2" r="1.2"/></pattern></defs>'
    )


def _at(score: float, top: float, right: float) -> float:
    return _LEFT + (right - _LEFT) * score / top


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(show_line(text, 200))}</text>'


def _svg(height: float, words: str, parts: Sequence[str]) -> str:
    label = html.escape(show_line(words, 4_000), quote=True)
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
