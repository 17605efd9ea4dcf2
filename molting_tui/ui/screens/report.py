"""What an import and an export did, as lines."""

from __future__ import annotations

from textual.strip import Strip

from molting_tui.curation.importing import ImportReport
from molting_tui.curation.reasons import meaning
from molting_tui.datasets.export import ExportReport
from molting_tui.datasets.formats import WHY
from molting_tui.records.turns import LeftOut
from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.frame import columns
from molting_tui.ui.paragraphs import line

WIDTH = 200


def import_lines(report: ImportReport) -> list[Strip]:
    """The figures of an import, then every reason for leaving something out."""
    figures = [
        ("files", f"{report.files:,}   ({report.files_known:,} known already, unchanged)"),
        ("sessions", f"{report.sessions:,}"),
        ("records", f"{report.records:,}"),
        ("turns", f"{report.turns:,}   ({report.turns_new:,} new)"),
        ("pairs", f"{report.pairs_new:,} new, {report.pairs_known:,} known   (answer: {report.answer.value})"),
    ]
    return [line(""), *columns(figures, WIDTH), line(""), *_left_out(report.left_out)]


def export_lines(report: ExportReport) -> list[Strip]:
    """What was written, and what was not."""
    figures = [
        ("file", show_line(str(report.path), 180)),
        ("manifest", show_line(str(report.manifest), 180)),
        ("format", report.format),
        ("pairs", f"{report.pairs:,}"),
        ("sha256", report.digest),
    ]
    warnings = [line((f"  {look.FLAG_SIGN} ", look.FLAG_MARK), show_line(text, 180)) for text in report.warnings]
    return [line(""), *columns(figures, WIDTH), line(""), *warnings, *_left_out(report.left_out)]


def _left_out(left_out: tuple[LeftOut, ...]) -> list[Strip]:
    if not left_out:
        return [line("  Nothing was left out.")]
    lines = [line(("  Left out, and why", look.TITLE)), line("")]
    for left in left_out:
        lines.append(line(f"  {left.count:>8,}  ", (f"{left.reason:<20}", look.BOLD), f" {WHY.get(left.reason) or meaning(left.reason)}"))
        lines.append(line((f"            {show_line(left.example, 110)}", look.DIM)))
    return lines
