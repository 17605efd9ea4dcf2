"""How a rubric, a set of questions and the figures of a report are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from molting_tui.cli.printing import say, say_heading, say_table, say_text
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.results.granularity import Reported
    from molting_tui.evaluation.scoring.points import Fit
    from molting_tui.records.evaluation import Dimension, Fact, Gate, QuestionSet, Rubric


def rubric_summary(found: Rubric) -> dict[str, object]:
    """What a list says of a rubric."""
    return {
        "id": found.id,
        "version": found.version,
        "title": found.title,
        "digest": found.digest,
        "dimensions": [one.id for one in found.dimensions],
    }


def question_summary(asked: QuestionSet) -> dict[str, object]:
    """What a list says of a set of questions."""
    return {
        "id": asked.id,
        "version": asked.version,
        "title": asked.title,
        "digest": asked.digest,
        "questions": len(asked.questions),
        "languages": _languages(asked),
        "notes": list(asked.notes),
    }


def _languages(asked: QuestionSet) -> list[str]:
    return sorted({one.language for one in asked.questions})


def extent(asked: QuestionSet) -> str:
    """How much a set holds, in words; only facts that a machine can look for are counted."""
    facts = sum(fact.checkable for one in asked.questions for fact in one.facts)
    return f"{plural(len(asked.questions), 'question')} ({', '.join(_languages(asked))}), {plural(facts, 'fact')}"


def say_rubric(found: Rubric) -> None:
    """Print a rubric whole."""
    say_heading(show_line(f"{found.id} {found.version} · {found.title}", 200))
    _say_about(found.note, found.digest, found.source)
    for one in found.dimensions:
        say_heading(show_line(f"{one.id} {one.name}{_weight(one)}", 200))
        say_text(one.description)
        say_table([("", level, text) for level, text in one.levels])
        if one.na_when:
            say_text(f"not applicable: {one.na_when}")
    if found.gates:
        say_heading("gates")
        say_table(
            [
                ("", gate.id, "on" if gate.enabled else "off", _when(gate), f"at most {gate.cap:g}", gate.reason)
                for gate in found.gates
            ]
        )
    if found.bands:
        say_heading("bands")
        say_table([("", f"from {band.min:g}", band.label) for band in found.bands])


def _when(gate: Gate) -> str:
    return " ".join(map(str, gate.when))


def _weight(one: Dimension) -> str:
    return f" · weight {one.weight:g}" if one.weight != 1 else ""


def say_questions(asked: QuestionSet) -> None:
    """Print a set of questions whole, with the words that a machine looks for."""
    say_heading(show_line(f"{asked.id} {asked.version} · {asked.title}", 200))
    _say_about(asked.note, asked.digest, asked.source)
    if asked.generation:
        say_text("generation: " + ", ".join(f"{name} {value:g}" for name, value in asked.generation.items()))
    for note in asked.notes:
        say_text(f"note: {note}")
    for one in asked.questions:
        tags = f" · {', '.join(one.tags)}" if one.tags else ""
        say_heading(show_line(f"{one.id} · {one.language}{tags}", 200))
        say_text(one.prompt)
        for turn in one.followups:
            say_text(f"then: {turn}")
        if one.system is not None:
            say_text(f"system: {one.system or 'none'}")
        for fact in one.facts:
            say_text(f"- {fact.text}")
            say_text(_looked_for(fact), "      ")


def _looked_for(fact: Fact) -> str:
    words = [" | ".join(group) for group in fact.must_mention]
    words += [f"not {phrase}" for phrase in fact.must_not_mention]
    return f"looked for: {', '.join(words)}" if words else "for the scorer's eyes"


def _say_about(note: str, digest: str, source: str) -> None:
    if note:
        say_text(note)
    say_table([("", "digest", digest), ("", "file", source)])


def rubric_fields(found: Rubric) -> dict[str, object]:
    """A rubric whole, for `--json`."""
    return {
        **rubric_summary(found),
        "note": found.note,
        "scale": list(found.scale),
        "dimensions": [
            one._asdict() | {"levels": {str(level): text for level, text in one.levels}} for one in found.dimensions
        ],
        "gates": [gate._asdict() | {"when": _when(gate)} for gate in found.gates],
        "bands": [band._asdict() for band in found.bands],
        "round": found.round,
        "file": found.source,
    }


def question_fields(asked: QuestionSet) -> dict[str, object]:
    """A set of questions whole, for `--json`."""
    return {
        **question_summary(asked),
        "note": asked.note,
        "generation": asked.generation,
        "file": asked.source,
        "questions": [
            {
                "id": one.id,
                "digest": one.digest,
                "prompt": one.prompt,
                "language": one.language,
                "tags": list(one.tags),
                "system": one.system,
                "followups": list(one.followups),
                "facts": [fact._asdict() for fact in one.facts],
            }
            for one in asked.questions
        ],
    }


def say_reported(reported: Reported) -> None:
    """Print the score that a report's means give, and what the number of answers says of each figure."""
    from molting_tui.evaluation.scoring.points import shown

    rubric = reported.rubric
    if reported.score is not None:
        band = rubric.band(reported.score)
        named = show_line(f"{rubric.id} {rubric.version}", 120)
        say(f"{named}: {shown(reported.score, rubric.round)} of 10{f' ({show_line(band, 60)})' if band else ''}")
        say_table([("", one.dimension.id, one.dimension.name, one.written, one.sentence) for one in reported.means])
    if reported.whole is not None and any(one.fit and one.fit.kind != "exact" for one in reported.means):
        score, points, possible = reported.whole
        say(f"With the whole points behind them: {shown(score, rubric.round)} ({points} of {possible}).")
    if reported.stated_sentence:
        say(reported.stated_sentence)
    for note in reported.notes:
        say(show_line(note, 400))


def reported_fields(reported: Reported) -> dict[str, object]:
    """The same for `--json`; scores from 0 to 10."""
    rubric, score = reported.rubric, reported.score
    return {
        "rubric": rubric.id,
        "version": rubric.version,
        "digest": rubric.digest,
        "score": None if score is None else round(score, 9),
        "band": None if score is None else rubric.band(score),
        "dimensions": [
            {"id": one.dimension.id, "mean": float(one.mean), **_fit_fields(one.fit)} for one in reported.means
        ],
        "whole": dict(zip(("score", "points", "possible"), reported.whole, strict=True)) if reported.whole else None,
        "stated": {"score": float(reported.stated_fit.stated), **_fit_fields(reported.stated_fit)}
        if reported.stated_fit
        else None,
        "notes": list(reported.notes),
    }


def _fit_fields(fit: Fit | None) -> dict[str, object]:
    return {"fit": fit.kind if fit else None, "nearest": [float(one) for one in fit.nearest] if fit else []}
