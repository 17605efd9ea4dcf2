"""YAML read so that every mistake is told with its file and line.

A file becomes a tree of `Located` values. Whoever reads it asks for what should be there
(`fields`, `text`, `items` …) and gets it, or a `BadInput` that names the line to look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml
from yaml.constructor import SafeConstructor

from molting_tui.errors import BadInput
from molting_tui.regular_files import open_regular

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
# libyaml is about ten times as fast; builds of PyYAML without it have only the other one.
_LOADER = cast(type[yaml.SafeLoader], getattr(yaml, "CSafeLoader", yaml.SafeLoader))
_TAG = "tag:yaml.org,2002:"
_PLAIN = {"bool": "construct_yaml_bool", "int": "construct_yaml_int", "float": "construct_yaml_float"}
_TEXT_TAGS = ("str", "timestamp", "value")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Located:
    """One value of a YAML file and the place it stands at.

    `value` is a text, a number, true/false, None, a tuple of `Located` (a list) or a dict from
    names to `Located`. `name` is the field it belongs to (empty at the top), `line` is 1-based.
    """

    file: str
    line: int
    name: str
    value: Scalar | tuple[Located, ...] | dict[str, Located]

    @property
    def where(self) -> str:
        """`file:line`, as errors show it."""
        return f"{self.file}:{self.line}"

    def wrong(self, what: str, fix: str = "") -> BadInput:
        """The error to raise about this value."""
        return BadInput(what, where=self.where, fix=fix)

    def at(self, path: Iterable[str | int]) -> Located:
        """What stands at a path of names and places (0 is the first); as far down as there is something."""
        place = self
        for step in path:
            inner = place.value
            if isinstance(inner, dict) and step in inner:
                place = inner[str(step)]
            elif isinstance(inner, tuple) and isinstance(step, int) and step < len(inner):
                place = inner[step]
        return place

    def mapping(self) -> dict[str, Located]:
        """The fields, whatever their names. Raises BadInput for anything but a mapping."""
        if not isinstance(self.value, dict):
            raise self.must_be("a mapping (`name: value` lines)")
        return self.value

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Located]:
        """The fields by name; those of `optional` may be absent.

        Raises BadInput for anything but a mapping, for a required field that is missing and for one
        that neither list knows.
        """
        fields, required = self.mapping(), tuple(required)
        known = (*required, *optional)
        for name in fields:
            if name not in known:
                raise self.unknown(name, known)
        for name in required:
            if name not in fields:
                raise self.lacks(name)
        return fields

    def unknown(self, name: str, known: tuple[str, ...]) -> BadInput:
        """The error about a field that isn't one of those known here."""
        return self.at((name,)).wrong(f"field `{name}` isn't known here.", _suggestion(name, known))

    def lacks(self, name: str) -> BadInput:
        """The error about a field that is missing here."""
        return self.wrong(f"field `{name}` is missing.", f"Add `{name}:`{self._inside()}.")

    def items(self) -> tuple[Located, ...]:
        """The entries of a list. Raises BadInput for anything else."""
        if not isinstance(self.value, tuple):
            raise self.must_be("a list (`- …` lines)")
        return self.value

    def text(self, *, empty: bool = False) -> str:
        """The text. Raises BadInput for anything else, and for an empty text unless `empty` allows it."""
        if not isinstance(self.value, str):
            raise self.must_be("text")
        if not empty and not self.value.strip():
            raise self.is_empty()
        return self.value

    def texts(self) -> tuple[str, ...]:
        """One text, or a list of texts with at least one in it."""
        if not isinstance(self.value, tuple):
            return (self.text(),)
        if not self.value:
            raise self.is_empty()
        return tuple(item.text() for item in self.value)

    def one_of(self, *choices: str) -> str:
        """The text, which must be one of `choices`. Raises BadInput for any other."""
        text = self.text()
        if text not in choices:
            raise self.not_one_of(choices)
        return text

    def plain(self) -> Any:
        """The value as ordinary Python objects (dict, list, scalars), without its places."""
        if isinstance(self.value, dict):
            return {name: field.plain() for name, field in self.value.items()}
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return self.value

    def must_be(self, wanted: str) -> BadInput:
        """The error about a value of another kind than is wanted."""
        quotes = wanted.startswith("text") and isinstance(self.value, bool | int | float)
        return self.wrong(
            f"{self._it()} must be {wanted}, not {_kind(self.value)}.", "Put it in quotes." if quotes else ""
        )

    def is_empty(self) -> BadInput:
        """The error about a text, or a list of texts, with nothing in it."""
        fix = "Write at least one text." if isinstance(self.value, tuple) else "Write a text."
        return self.wrong(f"{self._it()} is empty.", fix)

    def not_one_of(self, choices: Iterable[object]) -> BadInput:
        """The error about a text that is none of those that it may be."""
        return self.wrong(f"{self._it()} is `{self.value}`.", f"It must be one of: {', '.join(map(str, choices))}.")

    def _it(self) -> str:
        return f"field `{self.name}`" if self.name else "the file"

    def _inside(self) -> str:
        return f" to `{self.name}`" if self.name else ""


class Source(NamedTuple):
    """A file that was read: its text, and its name as a person would type it."""

    text: str
    file: str


def read_yaml(path: Path) -> Located:
    """The file as a tree of located values.

    Raises BadInput, with file and line where there is one, for a file that can't be read, isn't
    UTF-8, isn't YAML, is empty, is larger than `MAX_BYTES`, holds a key twice, an alias (`*name`),
    a tag of its own, or is nested deeper than `MAX_DEPTH`.
    """
    return parse_yaml(*read_source(path))


def read_source(path: Path) -> Source:
    """The file's text and the name that errors show. Raises BadInput where it can't be read, or isn't UTF-8."""
    return Source(_decoded(path), _shown(path))


def parse_yaml(source: str, file: str) -> Located:
    """The same for a text that has been read already; `file` is the name errors show."""
    try:
        _refuse_bombs(source, file)
        node = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{file}:{mark.line + 1}" if mark else file
        raise BadInput(
            f"not valid YAML: {error.problem or error.context}.",
            where=place,
            fix="Check the indentation, the quotes and the colons on that line and the one above.",
        ) from None
    except yaml.reader.ReaderError as error:
        place = f"{file}:{source.count(chr(10), 0, error.position) + 1}"
        raise BadInput("a character that YAML doesn't allow.", where=place, fix="Remove it.") from None
    if node is None:
        raise BadInput("the file is empty.", where=file)
    return _located(node, file, "")


def _decoded(path: Path) -> str:
    """The file's text, without its byte order mark. Raises BadInput: unreadable, too large or not UTF-8."""
    file = _shown(path)
    try:
        with open_regular(path) as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=file) from None
    except ValueError:  # a NUL in the name
        raise BadInput("that can't be a file's name.", where=file) from None
    if len(data) > MAX_BYTES:
        raise BadInput(f"larger than {MAX_BYTES:,} bytes.", where=file, fix="Split it into several files.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput("not UTF-8.", where=f"{file}:{line}", fix="Save the file as UTF-8.") from None


def _shown(path: Path) -> str:
    """The path as a person would type it: relative where it lies below the current folder."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return str(path)
    return str(path) if relative.startswith("..") else relative


def _refuse_bombs(source: str, file: str) -> None:
    """Aliases can make a small file huge, deep nesting exhausts the stack: both are refused before a tree is built."""
    depth = 0
    for event in yaml.parse(source, Loader=_LOADER):
        place = f"{file}:{event.start_mark.line + 1}" if event.start_mark else file
        if isinstance(event, yaml.AliasEvent):
            raise BadInput(f"alias `*{event.anchor}` isn't allowed.", where=place, fix="Write the value out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BadInput(f"nested deeper than {MAX_DEPTH} levels.", where=place, fix="Flatten it.")


def _located(node: yaml.Node, file: str, name: str) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Located(file, line, name, _mapping(node, file))
    if isinstance(node, yaml.SequenceNode):
        return Located(file, line, name, tuple(_located(item, file, name) for item in node.value))
    return Located(file, line, name, _scalar(node, f"{file}:{line}"))


def _mapping(node: yaml.MappingNode, file: str) -> dict[str, Located]:
    """Fields by name, each with the line of its name. Raises BadInput for a name that isn't text or comes twice."""
    fields: dict[str, Located] = {}
    for key, value in node.value:
        place = f"{file}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise BadInput("a field's name must be plain text.", where=place)
        name = str(key.value)
        if name in fields:
            raise BadInput(
                f"field `{name}` stands here a second time.",
                where=place,
                fix=f"The first is on line {fields[name].line}: keep one.",
            )
        child = _located(value, file, name)
        # A block text or a nested block starts below its name; the name's line is where a person looks.
        fields[name] = Located(file, key.start_mark.line + 1, name, child.value)
    return fields


def _scalar(node: yaml.Node, place: str) -> Scalar:
    kind = node.tag.removeprefix(_TAG)
    if kind in _TEXT_TAGS:
        return str(node.value)
    if kind == "null":
        return None
    if kind not in _PLAIN:
        raise BadInput(f"tag `{node.tag}` isn't allowed.", where=place, fix="Write plain text, numbers, lists, fields.")
    try:
        return cast(Scalar, getattr(SafeConstructor(), _PLAIN[kind])(node))
    except (ValueError, KeyError, IndexError):
        raise BadInput(f"`{node.value}` can't be read as a number.", where=place, fix="Put it in quotes.") from None


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, tuple) else "a mapping"


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(known)}."
