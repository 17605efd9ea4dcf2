"""YAML values as records: msgspec converts and checks them, and a mistake is told with its line and in our words."""

from __future__ import annotations

import re
import threading
from typing import Annotated, TypeVar

import msgspec
from msgspec import inspect

from molting_tui.errors import BadInput
from molting_tui.yamlfile import Located

Record = TypeVar("Record")
Path = tuple[str | int, ...]
Text = Annotated[str, msgspec.Meta(pattern=r"\S")]
"""A text with something in it."""
Texts = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
"""At least one of them."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list (`- …` lines)",
    "object": "a mapping (`name: value` lines)",
}

_ONE_AT_A_TIME = threading.Lock()
"""msgspec works out a record's types when it first converts one. Two threads that do so at once free them twice, and
the program crashes at its end."""


class WrongField(ValueError):
    """Raised in a record's `__post_init__` about one of its fields (or a path from it down): what is wrong and what to
    do. `first`, from the same record, is what it clashes with: `{line}` in `fix` stands for its line."""

    def __init__(self, field: str | Path, what: str, fix: str = "", first: Path = ()) -> None:
        super().__init__()
        self.path = (field,) if isinstance(field, str) else field
        self.what = what
        self.fix = fix
        self.first = first


def convert(root: Located, record: type[Record]) -> Record:
    """The values as a record (a msgspec Struct). Raises BadInput, with file and line, for anything that isn't one."""
    try:
        with _ONE_AT_A_TIME:
            return msgspec.convert(root.plain(), record)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        path = tuple(name or int(number) for name, number in _STEP.findall(place))
        raise _mistake(root, record, path, message, error.__cause__) from None
    except UnicodeEncodeError:
        raise root.wrong(
            "it holds half a character.", "Look for \\ud800 to \\udfff in a text, and take it out."
        ) from None


def check_name(field: str, name: str) -> None:
    """Refuse an id that can't be one. Raises WrongField."""
    if not NAME.fullmatch(name):
        raise WrongField(field, f"id `{name}` can't be used.", "Use letters, digits, points and hyphens.")


class Names:
    """The names that stand in a file already, in any case."""

    def __init__(self, fix: str = "The first is on line {line}: change one of them.") -> None:
        self._paths: dict[str, Path] = {}
        self._fix = fix

    def add(self, name: str, path: Path, what: str) -> None:
        """Add the name at a path. Raises WrongField if it stands elsewhere; `what` is it for people."""
        first = self._paths.setdefault(name.casefold(), path)
        if first != path:
            raise WrongField(path, f"{what} stands here a second time.", self._fix, first)


def _mistake(root: Located, record: type, path: Path, message: str, cause: BaseException | None) -> BadInput:
    """What msgspec, or a record of ours, has found at a path, as our own sentence at its line."""
    place = root.at(path)
    if isinstance(cause, WrongField):
        line = place.at(cause.first).line
        return place.at(cause.path).wrong(cause.what, cause.fix.replace("{line}", str(line)))
    field = re.fullmatch(r"Object (missing required|contains unknown) field `(.*)`", message, re.DOTALL)
    if field is not None:
        return (
            place.lacks(field[2]) if field[1].startswith("missing") else place.unknown(field[2], _names(record, path))
        )
    expected = re.match(r"Expected `([a-z |]+)`", message)
    if expected is None:
        choices = getattr(_kind_at(record, path), "values", ())
        return place.not_one_of(choices) if choices else place.wrong(f"{message}.")
    if ", got " not in message:
        return place.is_empty()
    words = [_WORDS[kind] for kind in expected[1].split(" | ") if kind in _WORDS]
    return place.must_be(" or ".join(words))


def _names(record: type, path: Path) -> tuple[str, ...]:
    kind = _kind_at(record, path)
    return tuple(field.encode_name for field in kind.fields) if isinstance(kind, inspect.StructType) else ()


def _kind_at(record: type, path: Path) -> inspect.Type | None:
    """The type that a record has at a path."""
    kind: inspect.Type | None = inspect.type_info(record)
    for step in path:
        kind = _kind_inside(kind, step)
    return kind


def _kind_inside(kind: inspect.Type | None, step: str | int) -> inspect.Type | None:
    for option in kind.types if isinstance(kind, inspect.UnionType) else (kind,):
        if isinstance(option, inspect.StructType):
            return next((field.type for field in option.fields if field.encode_name == step), None)
        if isinstance(option, inspect.VarTupleType):
            return option.item_type
    return None
