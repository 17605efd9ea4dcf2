"""Rubrics: what answers are scored by, as data (`rubrics/*.yaml`).

A rubric file (`format: rubric/1`):

    id, version      what ratings call it; the version in quotes
    title, about     for people; `about` says where its words come from
    scale            values: the levels, whole numbers from 0 to 9, lowest first
    dimensions       id, name, key, description, levels (a text for every value of the scale); optional weight, na_when
    gates            optional: id, when (`D1 == 0`), cap, reason; optional enabled
    missing          incomplete: an answer with a dimension that isn't rated has no score
    normalise        to: [0, 10]; optional round (digits shown)
    bands            optional: min, label

Its identity is the digest of the part that measures; ratings under unequal digests are never put together.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, cast

from molting_tui.errors import BadInput
from molting_tui.evaluation.digest import content_digest
from molting_tui.evaluation.shelf import Shelved, find_file, shelved
from molting_tui.records.evaluation import Band, Dimension, Gate, Rubric
from molting_tui.workspace import Workspace, rubric_files
from molting_tui.yamlfile import Located, read_yaml

FORMAT = "rubric/1"
TOP = 10.0
"""The highest score; the lowest is 0."""

_FIELDS = ("format", "id", "version", "title", "scale", "dimensions", "missing", "normalise")
_MORE_FIELDS = ("about", "gates", "bands")
_DIMENSION_FIELDS = ("id", "name", "key", "description", "levels")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_WHEN = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(==|<=|>=)\s*(\d+)\s*")
_ROUND = 2

__all__ = ["FORMAT", "TOP", "find_rubric", "list_rubrics", "load_rubric", "rubric_files"]


def find_rubric(workspace: Workspace | None, name: str) -> Rubric:
    """The rubric with this id or file name (without `.yaml`), or in this file.

    The workspace's own files stand in the place of shipped ones with their file name; without a workspace the shipped
    ones are there. Raises BadInput, naming the known ones, if there is none, or with file and line if it is wrong.
    """
    return load_rubric(find_file(name, rubric_files(workspace), "rubric"))


def list_rubrics(workspace: Workspace | None) -> list[Shelved[Rubric]]:
    """Every rubric within reach, by file name; one that is wrong with the sentence that says so."""
    return shelved(rubric_files(workspace), load_rubric)


def load_rubric(path: Path) -> Rubric:
    """The rubric in a file. Raises BadInput with file and line for anything wrong in it."""
    fields = read_yaml(path).fields(_FIELDS, _MORE_FIELDS)
    fields["format"].one_of(FORMAT)
    fields["missing"].one_of("incomplete")
    scale = _scale(fields["scale"])
    dimensions = _dimensions(fields["dimensions"], scale)
    gates = _gates(fields.get("gates"), dimensions, scale)
    return Rubric(
        id=_identifier(fields["id"]),
        version=fields["version"].text(),
        title=fields["title"].text(),
        note=fields["about"].text().strip() if "about" in fields else "",
        scale=scale,
        dimensions=dimensions,
        gates=gates,
        bands=_bands(fields.get("bands")),
        round=_rounding(fields["normalise"]),
        digest=_digest(scale, dimensions, gates),
        source=str(path),
    )


def _digest(scale: tuple[int, ...], dimensions: Iterable[Dimension], gates: Iterable[Gate]) -> str:
    """What measures, and nothing else: not the title, the keys, the bands, the rounding, a gate that is off."""
    return content_digest(
        {
            "scale": scale,
            "dimensions": [_measuring(dimension) for dimension in dimensions],
            "gates": sorted([*gate.when, gate.cap] for gate in gates if gate.enabled),
            "missing": "incomplete",
            "normalise": [0, 10],
        }
    )


def _measuring(dimension: Dimension) -> dict[str, object]:
    told: dict[str, object] = {
        "id": dimension.id,
        "name": dimension.name,
        "description": dimension.description,
        "levels": dimension.levels,
        "weight": dimension.weight,
    }
    # When a dimension can't be judged decides what is judged; most rubrics don't say, and have one digest either way.
    return told | ({"na_when": dimension.na_when} if dimension.na_when else {})


def _scale(given: Located) -> tuple[int, ...]:
    values = given.fields(("values",))["values"]
    scale = tuple(item.whole() for item in values.items())
    if len(scale) < 2:
        raise values.wrong("a scale needs two values or more.", "For example: values: [0, 1, 2]")
    if any(not 0 <= value <= 9 for value in scale):
        raise values.wrong("a level is one key on the score screen.", "Use whole numbers from 0 to 9.")
    if any(low >= high for low, high in itertools.pairwise(scale)):
        raise values.wrong("the values of the scale must rise.", "Write each once, lowest first.")
    return scale


def _dimensions(given: Located, scale: tuple[int, ...]) -> tuple[Dimension, ...]:
    entries = given.items()
    if not entries:
        raise given.wrong("a rubric needs a dimension.", "Add one.")
    seen: dict[str, dict[str, int]] = {"id": {}, "name": {}, "key": {}}
    found = []
    for entry in entries:
        fields = entry.fields(_DIMENSION_FIELDS, ("weight", "na_when"))
        dimension = _dimension(fields, scale)
        for name, value in (("id", dimension.id), ("name", dimension.name), ("key", dimension.key)):
            _once(fields[name], f"{name} `{value}`", value, seen[name])
        found.append(dimension)
    return tuple(found)


def _dimension(fields: Mapping[str, Located], scale: tuple[int, ...]) -> Dimension:
    key = fields["key"].text()
    if len(key) != 1 or not key.isprintable() or key.isspace():
        raise fields["key"].wrong(f"key `{key}` isn't one sign.", "Use one letter or digit.")
    return Dimension(
        id=_identifier(fields["id"]),
        name=fields["name"].text().strip(),
        key=key,
        description=fields["description"].text().strip(),
        levels=_levels(fields["levels"], scale),
        weight=_weight(fields["weight"]) if "weight" in fields else 1.0,
        na_when=fields["na_when"].text().strip() if "na_when" in fields else "",
    )


def _levels(given: Located, scale: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    texts = given.mapping()
    names = [str(value) for value in scale]
    for name, field in texts.items():
        if name not in names:
            raise field.wrong(f"level `{name}` isn't on the scale.", f"The scale is {' '.join(names)}.")
    for name in names:
        if name not in texts:
            raise given.wrong(f"level {name} has no text.", f"Say what {name} means.")
    return tuple((value, texts[str(value)].text().strip()) for value in scale)


def _weight(given: Located) -> float:
    weight = given.number()
    if not (math.isfinite(weight) and weight > 0):
        raise given.wrong("a weight must be above 0.", "Leave it out for a weight of 1.")
    return weight


def _gates(given: Located | None, dimensions: tuple[Dimension, ...], scale: tuple[int, ...]) -> tuple[Gate, ...]:
    seen: dict[str, int] = {}
    gates = []
    for entry in given.items() if given else ():
        fields = entry.fields(("id", "when", "cap", "reason"), ("enabled",))
        gate = Gate(
            id=_identifier(fields["id"]),
            when=_when(fields["when"], dimensions, scale),
            cap=_on_the_ruler(fields["cap"], "a cap"),
            reason=fields["reason"].text().strip(),
            enabled=fields["enabled"].truth() if "enabled" in fields else True,
        )
        _once(fields["id"], f"gate `{gate.id}`", gate.id, seen)
        gates.append(gate)
    return tuple(gates)


def _when(
    given: Located, dimensions: tuple[Dimension, ...], scale: tuple[int, ...]
) -> tuple[str, Literal["==", "<=", ">="], int]:
    text = given.text()
    match = _WHEN.fullmatch(text)
    if match is None:
        raise given.wrong(f"`{text}` isn't a condition.", "Write `D1 == 0`: a dimension, one of == <= >=, a level.")
    known = {dimension.id.lower(): dimension.id for dimension in dimensions}
    if match[1].lower() not in known:
        raise given.wrong(f"`{match[1]}` isn't a dimension of this rubric.", f"They are: {', '.join(known.values())}.")
    if match[3] not in map(str, scale):
        raise given.wrong(f"level `{match[3]}` isn't on the scale.", f"The scale is {' '.join(map(str, scale))}.")
    return known[match[1].lower()], cast(Literal["==", "<=", ">="], match[2]), int(match[3])


def _bands(given: Located | None) -> tuple[Band, ...]:
    starts: dict[float, int] = {}
    labels: dict[str, int] = {}
    bands = []
    for entry in given.items() if given else ():
        fields = entry.fields(("min", "label"))
        start, label = _on_the_ruler(fields["min"], "the start of a band"), fields["label"].text().strip()
        if start in starts:
            raise fields["min"].wrong(
                f"two bands start at {start:g}.", f"The other is on line {starts[start]}: move one of them."
            )
        starts[start] = fields["min"].line
        _once(fields["label"], f"band `{label}`", label, labels)
        bands.append(Band(start, label))
    return tuple(sorted(bands))


def _on_the_ruler(given: Located, what: str) -> float:
    value = given.number()
    if not 0 <= value <= TOP:  # false for NaN too
        raise given.wrong(f"{what} must lie between 0 and {TOP:g}.", "Scores are told on that ruler.")
    return value


def _rounding(given: Located) -> int:
    fields = given.fields(("to",), ("round",))
    if [item.number() for item in fields["to"].items()] != [0, TOP]:
        raise fields["to"].wrong(f"scores are told from 0 to {TOP:g}.", "Write `to: [0, 10]`.")
    digits = fields["round"].whole() if "round" in fields else _ROUND
    if not 0 <= digits <= 6:
        raise fields["round"].wrong("a score is shown with 0 to 6 digits.", "Two are enough.")
    return digits


def _identifier(given: Located) -> str:
    name = given.text()
    if not _NAME.fullmatch(name):
        raise given.wrong(f"id `{name}` can't be used.", "Use letters, digits, points and hyphens.")
    return name


def _once(place: Located, what: str, value: str, seen: dict[str, int]) -> None:
    """Refuse a name that stands in the file already (in any case)."""
    folded = value.casefold()
    if folded in seen:
        raise _twice(place, what, seen[folded])
    seen[folded] = place.line


def _twice(place: Located, what: str, line: int) -> BadInput:
    return place.wrong(f"{what} stands here a second time.", f"The first is on line {line}: change one of them.")
