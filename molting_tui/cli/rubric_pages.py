"""How a rubric, a set of questions and the figures of a report are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from molting_tui.cli.printing import say, say_heading, say_table, say_text
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.results.granularity import Reported
    from molting_tui.evaluation.scoring.points import Fit
    from molting_tui.records.evaluation import Dimension, Fact, Gate, QuestionSet, Rubric


def rubric_summary(rubric: Rubric) -> dict[str, object]:
    """What a list says of a rubric."""
    return {
        "id": rubric.id,
        "version": rubric.version,
        "title": rubric.title,
        "digest": rubric.digest,
        "dimensions": [dimension.id for dimension in rubric.dimensions],
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
    return sorted({question.language for question in asked.questions})


def extent(asked: QuestionSet) -> str:
    """How much a set holds, in words; only facts that a machine can look for are counted."""
    facts = sum(fact.checkable for question in asked.questions for fact in question.facts)
    return f"{plural(len(asked.questions), 'question')} ({', '.join(_languages(asked))}), {plural(facts, 'fact')}"


def say_rubric(rubric: Rubric) -> None:
    """Print a rubric whole."""
    say_heading(show_line(f"{rubric.id} {rubric.version} · {rubric.title}", 200))
    _say_about(rubric.note, rubric.digest, rubric.source)
    for dimension in rubric.dimensions:
        say_heading(show_line(f"{dimension.id} {dimension.name}{_weight(dimension)}", 200))
        say_text(dimension.description)
        say_table([("", level, text) for level, text in dimension.levels])
        if dimension.na_when:
            say_text(f"not applicable: {dimension.na_when}")
        if dimension.aliases:
            say_text(f"in a sheet also: {', '.join(dimension.aliases)}")
    if rubric.gates:
        say_heading("gates")
        say_table(
            [
                ("", gate.id, "on" if gate.enabled else "off", _when(gate), f"at most {gate.cap:g}", gate.reason)
                for gate in rubric.gates
            ]
        )
    if rubric.bands:
        say_heading("bands")
        say_table([("", f"from {band.min:g}", band.label) for band in rubric.bands])


def _when(gate: Gate) -> str:
    return " ".join(map(str, gate.when))


def _weight(dimension: Dimension) -> str:
    return f" · weight {dimension.weight:g}" if dimension.weight != 1 else ""


def say_questions(asked: QuestionSet) -> None:
    """Print a set of questions whole, with the words that a machine looks for."""
    say_heading(show_line(f"{asked.id} {asked.version} · {asked.title}", 200))
    _say_about(asked.note, asked.digest, asked.source)
    if asked.generation:
        say_text("generation: " + ", ".join(f"{name} {value:g}" for name, value in asked.generation.items()))
    for note in asked.notes:
        say_text(f"note: {note}")
    for question in asked.questions:
        tags = f" · {', '.join(question.tags)}" if question.tags else ""
        say_heading(show_line(f"{question.id} · {question.language}{tags}", 200))
        say_text(question.prompt)
        for turn in question.followups:
            say_text(f"then: {turn}")
        if question.system is not None:
            say_text(f"system: {question.system or 'none'}")
        for fact in question.facts:
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


def rubric_fields(rubric: Rubric) -> dict[str, object]:
    """A rubric whole, for `--json`."""
    return {
        **rubric_summary(rubric),
        "note": rubric.note,
        "scale": list(rubric.scale),
        "dimensions": [
            dimension._asdict() | {"levels": {str(level): text for level, text in dimension.levels}}
            for dimension in rubric.dimensions
        ],
        "gates": [gate._asdict() | {"when": _when(gate)} for gate in rubric.gates],
        "bands": [band._asdict() for band in rubric.bands],
        "round": rubric.round,
        "file": rubric.source,
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
                "id": question.id,
                "digest": question.digest,
                "prompt": question.prompt,
                "language": question.language,
                "tags": list(question.tags),
                "system": question.system,
                "followups": list(question.followups),
                "facts": [fact._asdict() for fact in question.facts],
            }
            for question in asked.questions
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
        say_table(
            [("", mean.dimension.id, mean.dimension.name, mean.written, mean.sentence) for mean in reported.means]
        )
    if reported.whole is not None and any(mean.fit and mean.fit.kind != "exact" for mean in reported.means):
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
            {"id": mean.dimension.id, "mean": float(mean.mean), **_fit_fields(mean.fit)} for mean in reported.means
        ],
        "whole": dict(zip(("score", "points", "possible"), reported.whole, strict=True)) if reported.whole else None,
        "stated": {"score": float(reported.stated_fit.stated), **_fit_fields(reported.stated_fit)}
        if reported.stated_fit
        else None,
        "notes": list(reported.notes),
    }


def _fit_fields(fit: Fit | None) -> dict[str, object]:
    return {"fit": fit.kind if fit else None, "nearest": [float(mean) for mean in fit.nearest] if fit else []}
