"""What an import and an export did, and what the workspace is, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.strip import Strip

from molting_tui.curation.import_report import ImportReport
from molting_tui.curation.news import NEW, new_since, source_words
from molting_tui.curation.reasons import meaning
from molting_tui.datasets.export.export import ExportReport
from molting_tui.datasets.export.formats import WHY
from molting_tui.overview.about import Part
from molting_tui.records.turns import LeftOut
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import columns, hanging
from molting_tui.ui.paragraphs import fit, line


def import_lines(report: ImportReport, width: int) -> list[Strip]:
    """The figures of an import, then every reason for leaving something out."""
    grown = f", {report.turns_grown:,} changed" if report.turns_grown else ""
    figures = [
        ("files", f"{report.files:,}" + (f"   ({report.file_notes})" if report.file_notes else "")),
        ("sessions", f"{report.sessions:,}"),
        ("records", f"{report.records:,}"),
        ("turns", f"{report.turns:,}   ({report.turns_new:,} new{grown})"),
        ("pairs", f"{report.pairs_new:,} new, {report.pairs_known:,} known   (answer: {report.answer.value})"),
    ]
    sentences = [strip for text in report.sentences for strip in hanging("  ", look.PLAIN, text, width)]
    return [
        line(""),
        *_figures(figures, width),
        *sentences,
        *_news(report, width),
        line(""),
        *_left_out(report.left_out, width),
    ]


def _news(report: ImportReport, width: int) -> Iterator[Strip]:
    """What came to each project, and from which files."""
    if not report.projects:
        return
    pairs = sum(project.pairs for project in report.projects)
    yield line("")
    yield line((f"  {new_since(report)}", look.TITLE))
    yield line("")
    if pairs:
        yield from hanging("  ", look.PLAIN, f"{plural(pairs, 'new pair')}: enter goes to them ({NEW}).", width)
    for project in report.projects:
        figures = f"  {project.turns:>6,} {'turn ' if project.turns == 1 else 'turns'}  {project.pairs:>6,} "
        figures += "pair   " if project.pairs == 1 else "pairs  "
        yield line(figures, fit(show_line(project.name or "no project", 200), width - len(figures) - 1))
    if report.since:
        yield from hanging("  ", look.DIM, source_words(report), width)


def about_lines(parts: Iterable[Part], width: int) -> Iterator[Strip]:
    """The figures of a workspace under their headings."""
    for part in parts:
        yield line("")
        yield line((f"  {part.title}", look.TITLE))
        yield from columns([(show_line(name, 60), show_line(value, 2 * width)) for name, value in part.rows], width)


def export_lines(report: ExportReport, width: int) -> list[Strip]:
    """What was written, and what was not."""
    figures = [
        ("file", str(report.path)),
        ("manifest", str(report.manifest)),
        ("format", report.format),
        ("pairs", f"{report.pairs:,}"),
        ("sha256", report.digest),
    ]
    warnings = [
        strip for text in report.warnings for strip in hanging(f"  {look.FLAG_SIGN} ", look.FLAG_MARK, text, width)
    ]
    return [line(""), *_figures(figures, width), line(""), *warnings, *_left_out(report.left_out, width)]


def _figures(figures: list[tuple[str, str]], width: int) -> Iterator[Strip]:
    for name, value in figures:
        yield from hanging(f"  {name:<10}", look.BOLD, value, width)


def _left_out(left_out: tuple[LeftOut, ...], width: int) -> list[Strip]:
    if not left_out:
        return [line("  Nothing was left out.")]
    lines = [line(("  Left out, and why", look.TITLE)), line("")]
    for left in left_out:
        why = WHY.get(left.reason) or meaning(left.reason)
        lines += hanging(f"  {left.count:>6,}  {left.reason:<22} ", look.BOLD, why, width)
        lines.append(line((fit(f"          {show_line(left.example, 200)}", width - 1), look.DIM)))
    return lines
