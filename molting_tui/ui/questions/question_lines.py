"""One question of the bank as lines: its words, facts, reference, where it is from, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual.strip import Strip

from molting_tui.records.bank import BankQuestion
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.prose import PLAIN_CODE, CodeView, prose

if TYPE_CHECKING:
    from molting_tui.evaluation.bank.contamination import Asked, Checked
    from molting_tui.records.events import Event

_PLACES = 6
"""Places that a warning names; `molting questions check` names them all."""
_SOURCES = {
    "pair": "a kept pair: its prompt is the question, its answer the reference",
    "set": "the question set",
    "fact": "other words for the fact",
    "gap": "a name in kept answers that no question mentions:",
    "file": "the file",
}


def question_lines(
    entry: BankQuestion, warnings: Sequence[str], width: int, code: CodeView = PLAIN_CODE
) -> Iterator[Strip]:
    """Everything about a question that helps to decide on it."""
    yield from _titled("QUESTION", entry.question.prompt, width, code)
    for followup in entry.question.followups:
        yield from _titled("THEN", followup, width, code)
    if entry.question.facts:
        yield line((f" {plural(len(entry.question.facts), 'FACT', 'FACTS')}", look.HUMAN))
    for fact in entry.question.facts:
        yield from hanging("   - ", look.PLAIN, fact.text, width - 1)
        mentions = "; ".join(" | ".join(group) for group in fact.must_mention)
        if mentions:
            yield from paragraphs(f"mentions {mentions}", width - 1, indent=5, base=look.DIM)
        if fact.must_not_mention:
            yield from paragraphs(f"not {'; '.join(fact.must_not_mention)}", width - 1, indent=5, base=look.DIM)
    if entry.question.facts:
        yield line("")
    if entry.reference:
        yield from _titled("REFERENCE", entry.reference, width, code, look.ASSISTANT)
    for warning in warnings:
        yield from hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, warning, width - 1)
    for text in filter(None, (source_words(entry.source), entry.why)):
        yield from paragraphs(text, width - 1, indent=1, base=look.DIM)


def source_words(source: str) -> str:
    """Where a question is from, in words; empty where it was written by hand."""
    kind, _, name = source.partition(":")
    if not source:
        return ""
    named = "" if kind == "pair" else f" {name}"
    return f"From {_SOURCES.get(kind, kind)}{named}."


def title_words(entry: BankQuestion) -> str:
    """A question's name and what it is, for the line above its words."""
    question = entry.question
    return f"{show_line(entry.id, 40)} · {entry.status} · {question.role} · {question.language} · {question.fact_asked}"


def warnings_of(entry: BankQuestion, checked: Checked) -> list[str]:
    """What a look over the bank says of a question, as sentences."""
    asked = next((each for each in checked.questions if each.id == entry.id), None)
    sentences = [] if asked is None or not asked.places else [_of_places(entry, asked)]
    for pair in checked.twins:
        if entry.id in pair:
            other = pair[pair[0] == entry.id]
            sentences.append(f"{other} asks nearly the same.")
    if entry.question.fact_asked in checked.one_language:
        sentences.append(f"Only one language asks for {entry.question.fact_asked}.")
    return sentences


def _of_places(entry: BankQuestion, asked: Asked) -> str:
    named = ", ".join(place.sentence() for place in asked.places[:_PLACES])
    more = f" and {len(asked.places) - _PLACES:,} more" if len(asked.places) > _PLACES else ""
    if asked.contaminated:
        what = "Memory for what was trained on these"
    elif asked.role == "generalise":
        what = "Kept out of training" if entry.status == "open" else "Taken, these go out of training"
    else:
        what = "Trained on, as it may be"
    return f"{what}: {named}{more}."


def history_lines(entry: BankQuestion, events: Sequence[Event], width: int) -> Iterator[Strip]:
    """Who said what of a question, oldest first, and what it is known by."""
    for name, value in (
        ("uid", entry.uid),
        ("digest", entry.question.digest),
        ("tags", ", ".join(entry.question.tags)),
    ):
        if value:
            yield from hanging(f"   {name:<8}", look.BOLD, value, width - 1)
    yield line("")
    for event in events:
        question = event.payload.get("question", {})
        undone = " (taken back)" if event.undone else ""
        words = (
            f"{event.actor}: {event.payload.get('status')}, {question.get('role')}: {question.get('prompt')}{undone}"
        )
        yield from hanging(f"   {event.time[:16].replace('T', ' ')}  ", look.DIM, words, width - 1)


def _titled(title: str, text: str, width: int, code: CodeView, style: Style = look.HUMAN) -> Iterator[Strip]:
    yield line((f" {title}", style))
    yield from prose(text, width - 1, indent=3, code=code)
    yield line("")
