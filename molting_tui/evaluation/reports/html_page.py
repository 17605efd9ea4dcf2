"""A page as one HTML file that stands alone: no scripts, nothing from elsewhere, light and dark, fit to print.

Every text passes `show` and is escaped; the page's own policy forbids whatever might still slip in.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from molting_tui.evaluation.reports.blocks import (
    ABSENT,
    Block,
    Bullets,
    GridChart,
    Heading,
    LevelChart,
    Paragraph,
    ScoreChart,
    Table,
    Verbatim,
)
from molting_tui.evaluation.reports.charts import grid_chart, level_chart, score_chart
from molting_tui.text import show, show_line

_CELL = 2_000
_STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1d2127; --soft: #5a626c; --line: #d9dce0; --wash: #f3f4f1;
  --mark: #1f5d8c; --inverse: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e4e6e8; --soft: #a0a8b1; --line: #343a42;
  --wash: #1d2126; --mark: #7db8e0; --inverse: #10161c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .6rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .7rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .5rem; }
p, ul { max-width: 46rem; margin: .6rem 0; } ul { padding-left: 1.2rem; }
h1 + p { color: var(--soft); }
figure { margin: 1.2rem 0; max-width: 46rem; overflow-x: auto; }
svg { display: block; width: 100%; min-width: 34rem; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0; font-size: .92rem; }
th, td { padding: .34rem .8rem .34rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; max-width: 26rem; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; min-width: 9rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
.total > * { font-weight: 700; border-top: 2px solid var(--line); }
pre { background: var(--wash); border-left: 3px solid var(--line); padding: .7rem 1rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font: .88rem/1.5 ui-monospace, monospace; }
text { fill: var(--ink); font: 13px system-ui, sans-serif; } text.small { font-size: 12px; }
text.name { font-weight: 600; } text.faint { fill: var(--soft); font-size: 12px; }
text.inverse { fill: var(--inverse); font-size: 12px; }
.grid { stroke: var(--line); } .whisker { stroke: var(--mark); stroke-width: 2; fill: none; }
.mark { fill: var(--mark); } .told { fill: var(--paper); stroke: var(--soft); stroke-width: 1.6; }
.level { stroke: var(--mark); stroke-width: 1.2; } .blank { fill: var(--paper); } .solid { fill: var(--mark); }
.absent { fill: var(--wash); stroke-dasharray: 3 3; } .paper, .plate { fill: var(--paper); }
.ink { stroke: var(--mark); stroke-width: 2; fill: none; } .dot { fill: var(--mark); }
.cell { fill: var(--wash); stroke: var(--line); } .bar { fill: var(--mark); }
@media print { :root { --paper: #fff; --ink: #000; --soft: #333; --line: #bbb; --wash: #fff; --mark: #000;
  --inverse: #fff; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; }
  tr, figure { break-inside: avoid; } .scroll { overflow: visible; } svg { print-color-adjust: exact; } }
"""
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
"""


def html_page(blocks: Iterable[Block]) -> str:
    """The page as HTML, whole."""
    written = list(blocks)
    title = next((block.text for block in written if isinstance(block, Heading)), "")
    body = "\n".join(map(_written, written))
    head = f"{_HEAD}<title>{_line(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
    return f"{head}<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"


def _written(block: Block) -> str:
    """A block as HTML."""
    match block:
        case Heading(level, text):
            return f"<h{level}>{_line(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{_line(text)}</p>"
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{_line(item)}</li>' for item in items)}</ul>"
        case Verbatim(text):
            return f"<pre>{html.escape(show(text))}</pre>"
        case Table():
            return _table(block)
        case ScoreChart():
            return f"<figure>{score_chart(block)}</figure>"
        case LevelChart():
            return f"<figure>{level_chart(block)}</figure>"
        case GridChart():
            return f"<figure>{grid_chart(block)}</figure>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col"{_side(table, place)}>{_line(cell)}</th>' for place, cell in enumerate(table.head))
    rows = "".join(
        f"<tr{_total(table, number)}>{''.join(_cell(table, place, cell) for place, cell in enumerate(row))}</tr>"
        for number, row in enumerate(table.rows)
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cell(table: Table, place: int, cell: str) -> str:
    tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
    return f"<{tag}{scope}{_side(table, place)}>{_line(cell or ABSENT)}</{tag}>"


def _side(table: Table, place: int) -> str:
    return "" if place in table.words else ' class="number"'


def _total(table: Table, number: int) -> str:
    return ' class="total"' if table.total and number == len(table.rows) - 1 else ""


def _line(text: str) -> str:
    return html.escape(show_line(text, _CELL))
