"""Rubrics: what answers are scored by, as data (`rubrics/*.yaml`).

A rubric file (`format: rubric/1`):

    id, version      what ratings call it; the version in quotes
    title, about     for people; `about` says where its words come from
    scale            values: the levels, whole numbers from 0 to 9, lowest first
    dimensions       id, name, key, description, levels (a text for every value of the scale); optional weight, na_when,
                     aliases (what a sheet may call its column; they don't measure)
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
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, cast

import msgspec

from molting_tui.evaluation.digest import content_digest
from molting_tui.evaluation.noticing.word_forms import folded
from molting_tui.evaluation.shelf import Shelved, find_file, shelved
from molting_tui.records.evaluation import Band, Dimension, Gate, Rubric
from molting_tui.workspace import Workspace, rubric_files
from molting_tui.yaml_records import Names, Text, WrongField, check_name, convert
from molting_tui.yamlfile import read_yaml

FORMAT = "rubric/1"
TOP = 10.0
"""The highest score; the lowest is 0."""

_WHEN = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(==|<=|>=)\s*(\d+)\s*")
_When = tuple[str, Literal["==", "<=", ">="], int]

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


class _Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2:
            raise WrongField("values", "a scale needs two values or more.", "For example: values: [0, 1, 2]")
        if any(not 0 <= value <= 9 for value in self.values):
            raise WrongField("values", "a level is one key on the score screen.", "Use whole numbers from 0 to 9.")
        if any(low >= high for low, high in itertools.pairwise(self.values)):
            raise WrongField("values", "the values of the scale must rise.", "Write each once, lowest first.")


class _Dimension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Text
    name: Text
    key: Text
    description: Text
    levels: dict[str, object]  # texts; as such they have no place of their own in msgspec's errors
    weight: float = 1.0
    na_when: Text | msgspec.UnsetType = msgspec.UNSET
    aliases: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        check_name("id", self.id)
        if len(self.key) != 1 or not self.key.isprintable() or self.key.isspace():
            raise WrongField("key", f"key `{self.key}` isn't one sign.", "Use one letter or digit.")
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise WrongField("weight", "a weight must be above 0.", "Leave it out for a weight of 1.")


class _Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Text
    when: Text
    cap: float
    reason: Text
    enabled: bool = True

    def __post_init__(self) -> None:
        check_name("id", self.id)
        _check_on_the_ruler("cap", self.cap, "a cap")


class _Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    min: float
    label: Text

    def __post_init__(self) -> None:
        _check_on_the_ruler("min", self.min, "the start of a band")


class _Normalise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: tuple[float, ...]
    round: int = 2

    def __post_init__(self) -> None:
        if self.to != (0, TOP):
            raise WrongField("to", f"scores are told from 0 to {TOP:g}.", "Write `to: [0, 10]`.")
        if not 0 <= self.round <= 6:
            raise WrongField("round", "a score is shown with 0 to 6 digits.", "Two are enough.")


class _RubricFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rubric as its file has it. What concerns several parts of it is checked here."""

    format: Literal["rubric/1"]
    id: Text
    version: Text
    title: Text
    scale: _Scale
    dimensions: tuple[_Dimension, ...]
    missing: Literal["incomplete"]
    normalise: _Normalise
    about: Text | msgspec.UnsetType = msgspec.UNSET
    gates: tuple[_Gate, ...] = ()
    bands: tuple[_Band, ...] = ()

    def __post_init__(self) -> None:
        check_name("id", self.id)
        if not self.dimensions:
            raise WrongField("dimensions", "a rubric needs a dimension.", "Add one.")
        names = {"id": Names(), "name": Names(), "key": Names()}
        for place, dimension in enumerate(self.dimensions):
            _check_levels(("dimensions", place, "levels"), dimension.levels, self.scale.values)
            for field, taken in names.items():
                value = getattr(dimension, field).strip()
                taken.add(value, ("dimensions", place, field), f"{field} `{value}`")
        self._check_aliases()
        gates = Names()
        for place, gate in enumerate(self.gates):
            _when(gate.when, self.dimensions, self.scale.values, ("gates", place, "when"))
            gates.add(gate.id, ("gates", place, "id"), f"gate `{gate.id}`")
        self._check_bands()

    def _check_aliases(self) -> None:
        called = {folded(name): place for place, each in enumerate(self.dimensions) for name in (each.id, each.name)}
        for place, dimension in enumerate(self.dimensions):
            for alias in dimension.aliases:
                if called.setdefault(folded(alias), place) != place:
                    what = f"`{alias}` is what another dimension is called."
                    raise WrongField(("dimensions", place, "aliases"), what, "Leave it to one of them.")

    def _check_bands(self) -> None:
        starts: dict[float, int] = {}
        labels = Names()
        for place, band in enumerate(self.bands):
            other = starts.setdefault(band.min, place)
            if other != place:
                what, fix = f"two bands start at {band.min:g}.", "The other is on line {line}: move one of them."
                raise WrongField(("bands", place, "min"), what, fix, ("bands", other, "min"))
            label = band.label.strip()
            labels.add(label, ("bands", place, "label"), f"band `{label}`")


def load_rubric(path: Path) -> Rubric:
    """The rubric in a file. Raises BadInput with file and line for anything wrong in it."""
    file = convert(read_yaml(path), _RubricFile)
    scale = file.scale.values
    dimensions = tuple(_dimension(dimension, scale) for dimension in file.dimensions)
    gates = tuple(
        Gate(gate.id, _when(gate.when, file.dimensions, scale), gate.cap, gate.reason.strip(), gate.enabled)
        for gate in file.gates
    )
    return Rubric(
        id=file.id,
        version=file.version,
        title=file.title,
        note=file.about.strip() if file.about else "",
        scale=scale,
        dimensions=dimensions,
        gates=gates,
        bands=tuple(sorted(Band(band.min, band.label.strip()) for band in file.bands)),
        round=file.normalise.round,
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
    measured: dict[str, object] = {
        "id": dimension.id,
        "name": dimension.name,
        "description": dimension.description,
        "levels": dimension.levels,
        "weight": dimension.weight,
    }
    # When a dimension can't be judged decides what is judged; most rubrics don't say, and have one digest either way.
    return measured | ({"na_when": dimension.na_when} if dimension.na_when else {})


def _dimension(dimension: _Dimension, scale: tuple[int, ...]) -> Dimension:
    return Dimension(
        id=dimension.id,
        name=dimension.name.strip(),
        key=dimension.key,
        description=dimension.description.strip(),
        levels=tuple((value, str(dimension.levels[str(value)]).strip()) for value in scale),
        weight=dimension.weight,
        na_when=dimension.na_when.strip() if dimension.na_when else "",
        aliases=tuple(alias.strip() for alias in dimension.aliases),
    )


def _check_levels(path: tuple[str | int, ...], levels: dict[str, object], scale: tuple[int, ...]) -> None:
    """Refuse levels that aren't the scale's, each with a text."""
    names = [str(value) for value in scale]
    for name, text in levels.items():
        if name not in names:
            raise WrongField((*path, name), f"level `{name}` isn't on the scale.", f"The scale is {' '.join(names)}.")
        if not isinstance(text, str):
            fix = "Put it in quotes." if isinstance(text, bool | int | float) else f"Say what {name} means."
            raise WrongField((*path, name), f"level {name} must be text.", fix)
        if not text.strip():
            raise WrongField((*path, name), f"level {name} is empty.", f"Say what {name} means.")
    for name in names:
        if name not in levels:
            raise WrongField(path, f"level {name} has no text.", f"Say what {name} means.")


def _when(
    text: str, dimensions: Iterable[_Dimension], scale: tuple[int, ...], path: tuple[str | int, ...] = ()
) -> _When:
    """The condition that a text is. Raises WrongField, about what stands at the path."""
    match = _WHEN.fullmatch(text)
    if match is None:
        fix = "Write `D1 == 0`: a dimension, one of == <= >=, a level."
        raise WrongField(path, f"`{text}` isn't a condition.", fix)
    known = {dimension.id.lower(): dimension.id for dimension in dimensions}
    if match[1].lower() not in known:
        fix = f"They are: {', '.join(known.values())}."
        raise WrongField(path, f"`{match[1]}` isn't a dimension of this rubric.", fix)
    if match[3] not in map(str, scale):
        raise WrongField(path, f"level `{match[3]}` isn't on the scale.", f"The scale is {' '.join(map(str, scale))}.")
    return known[match[1].lower()], cast(Literal["==", "<=", ">="], match[2]), int(match[3])


def _check_on_the_ruler(field: str, value: float, what: str) -> None:
    if not 0 <= value <= TOP:  # false for NaN too
        raise WrongField(field, f"{what} must lie between 0 and {TOP:g}.", "Scores are told on that ruler.")
