"""A report as JSON: everything that the page says and what it leaves out, field by field as the records name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from molting_tui.records.reports import Report

FORMAT = "report/1"


def report_fields(report: Report) -> dict[str, Any]:
    """The report as values that JSON can hold."""
    rubric = report.results.rubric
    return {
        "format": FORMAT,
        "title": report.title,
        "created": report.created,
        "molting": report.molting,
        "rubric": {
            "id": rubric.id,
            "version": rubric.version,
            "title": rubric.title,
            "digest": rubric.digest,
            "scale": list(rubric.scale),
            "dimensions": [{"id": each.id, "name": each.name, "weight": each.weight} for each in rubric.dimensions],
        },
        "questions": list(report.results.question_sets),
        "versions": [_plain(version) for version in report.versions],
        "verdicts": [_plain(verdict) for verdict in report.verdicts],
        "battles": [_plain(fought) for fought in report.battles],
        "strengths": [_plain(strength) for strength in report.strengths],
        "scored_after_seeing": _plain(report.results.after_seeing),
        "seen": _plain(report.results.shown),
        "closed_early": _plain(report.results.closed),
        "notes": list(report.notes),
        "answers": [_plain(answer) for answer in report.answers],
    }


def _plain(value: Any) -> Any:
    """A record as a mapping of its fields, whatever is in it."""
    if isinstance(value, float):
        # What the sums of floats add behind the ninth digit is no measurement.
        return round(value, 9)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(of) for name, of in value._asdict().items()}
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(of) for name, of in value.items()}
    return [_plain(of) for of in value] if isinstance(value, list | tuple) else value
