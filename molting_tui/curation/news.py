"""What an import brought, in words: since when, and from which files."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from molting_tui.curation.import_report import ImportReport
from molting_tui.records.imports import NewPairs
from molting_tui.store import imports
from molting_tui.store.connection import Store
from molting_tui.text import plural, show_line

NEW = "is:new"
"""The filter that finds what the latest import brought."""
_MOST_FILES = 5


def new_pairs(store: Store) -> NewPairs | None:
    """What is left of the latest import that brought pairs; None where there was none since molting keeps note."""
    brought = imports.latest(store)
    if brought is None or brought.pair == brought.pair_before:
        return None
    total, still_open = imports.count_new(store)
    return NewPairs(total, still_open, brought.time, first=not brought.since) if total else None


def when(time: str) -> str:
    """A stored time as the day and minute here: `22 Nov 02:40`; as it is, where it is no time."""
    try:
        moment = datetime.fromisoformat(time).astimezone()
    except ValueError:
        return show_line(time, 40)
    return f"{moment.day} {moment:%b} {moment:%H:%M}"


def new_since(report: ImportReport) -> str:
    """The heading over what came to each project."""
    return f"New since the import of {when(report.since)}" if report.since else "By project"


def source_words(report: ImportReport) -> str:
    """From which files the new and grown turns came: `From 3 files: a.jsonl (5 turns), b.jsonl (2), c.jsonl (1).`"""
    if not report.sources:
        return ""
    named = [
        f"{show_line(PurePath(file.path).name, 60)} ({plural(file.turns, 'turn') if not place else f'{file.turns:,}'})"
        for place, file in enumerate(report.sources[:_MOST_FILES])
    ]
    rest = len(report.sources) - len(named)
    more = f" and {rest:,} more" if rest else ""
    return f"From {plural(len(report.sources), 'file')}: {', '.join(named)}{more}."


def news_sentence(news: NewPairs) -> str:
    """What is left of the latest import: `12 new pairs came with the import of 22 Nov 02:40, 9 of them open`."""
    still = {0: "all decided", news.total: "all open"}.get(news.open, f"{news.open:,} of them open")
    came = plural(news.total, "new pair came", "new pairs came")
    return f"{came} with the import of {when(news.time)}, {still}"
