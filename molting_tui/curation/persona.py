"""Who the model is to speak as: checked, and written into `molting.toml`, which keeps everything else that it says."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import tempfile
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.regular_files import read_regular
from molting_tui.store import meta
from molting_tui.text import show_line
from molting_tui.workspace import MOST_SETTINGS, SETTINGS_FILE, Persona, Workspace, read_settings, toml_text

if TYPE_CHECKING:
    from tomlkit.items import Item

FIELDS = ("name", "user", "aliases", "foreign_names", "words", "system_prompt")
"""The fields of a persona, in the order they are shown."""
MOST_NAME, MOST_NAMES, MOST_PROMPT = 200, 200, 200_000
"""Characters of a name, names of a field, characters of a system prompt: what a model's context holds is less."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_ESCAPE = re.compile(r"\\.")
_PART = f".{SETTINGS_FILE}-"
"""How the name of a file begins that is still being written."""
_LEFT_SECONDS = 60
"""After so long nobody writes it any more: writing takes less than a second."""
_PLAIN = "A setting that is written by hand: open the file in an editor."


class Saved(NamedTuple):
    """A persona that was written. `others` says that another program had changed other settings of the file meanwhile:
    they stand there, and hold once molting starts again."""

    persona: Persona
    others: bool


def checked(persona: Persona, before: Persona | None = None) -> Persona:
    """The persona as it can be written: no blanks around a name, no blank names, line ends as newlines.

    What is as it was `before` is left alone. Raises BadInput, naming the field, for a name that is empty (though it
    wasn't), too long or more than one line, and for a text with what is no character.
    """
    before = before or Persona()
    name = _kept_or("name", persona, before, _a_name)
    if not name and before.name:
        raise BadInput("needs a name: it is whose voice the model learns.", where="name", fix="Type one.")
    return Persona(
        name=name,
        user=_kept_or("user", persona, before, _a_name),
        aliases=_kept_or("aliases", persona, before, _names),
        foreign_names=_kept_or("foreign_names", persona, before, _names),
        words=_kept_or("words", persona, before, _names),
        system_prompt=_kept_or("system_prompt", persona, before, _a_prompt),
    )


def save(workspace: Workspace, persona: Persona, *, over: bool = False) -> Saved:
    """Write a persona into the workspace's `molting.toml`; it holds at once, here.

    Only what differs is written; comments, order and everything else stay, and the file is changed whole or not at all.
    Raises BadInput for a persona or a file that can't be used, Refused if another program has changed the persona
    there since it was read here and `over` doesn't say to write all the same, MoltingError if it can't be written.
    """
    path = workspace.folder / SETTINGS_FILE
    wanted = checked(persona, workspace.settings.persona)
    there = read_settings(path)
    old = read_regular(path, MOST_SETTINGS)
    held = workspace.settings
    if there.persona != held.persona and not over:
        raise Refused(
            "another program has changed the persona in it since molting read it; nothing was written.",
            where=SETTINGS_FILE,
            fix="Save once more to write yours over it, or take over what is there.",
        )
    new = _edited(old, there.persona, wanted, path)
    if new != old:
        _write(path, old, new)
    workspace.held.settings = msgspec.structs.replace(held, persona=wanted)
    return Saved(wanted, msgspec.structs.replace(there, persona=held.persona) != held)


def take_over(workspace: Workspace) -> Persona:
    """Let the persona hold that stands in `molting.toml` now. Raises BadInput for a file that can't be used."""
    persona = read_settings(workspace.folder / SETTINGS_FILE).persona
    workspace.held.settings = msgspec.structs.replace(workspace.settings, persona=persona)
    return persona


def draft(workspace: Workspace) -> Persona | None:
    """What this person had written and not saved; None where there is nothing."""
    stored = meta.get(workspace.store, f"persona-draft:{workspace.actor}")
    try:
        return msgspec.convert(json.loads(stored), Persona) if stored else None
    except ValueError:  # torn, or another version's: it isn't worth staying away for
        return None


def keep_draft(workspace: Workspace, persona: Persona | None) -> None:
    """Keep what is written for when this person comes back, or forget it (None)."""
    # Python's JSON escapes what is no character, which the database would not take.
    text = json.dumps(msgspec.structs.asdict(persona)) if persona else ""
    if text != meta.get(workspace.store, f"persona-draft:{workspace.actor}"):
        with workspace.store.write() as connection:
            meta.put(connection, f"persona-draft:{workspace.actor}", text)


def _kept_or(field: str, persona: Persona, before: Persona, check: Any) -> Any:
    value = getattr(persona, field)
    return value if value == getattr(before, field) else check(field, value)


def _a_name(field: str, value: str) -> str:
    value = value.strip()
    shown = field.replace("_", " ")
    if match := (_NO_TEXT.search(value) or _CONTROL.search(value)):
        raise BadInput(f"has a character that no name has (U+{ord(match[0]):04X}).", where=shown, fix="Take it out.")
    if len(value) > MOST_NAME:
        raise BadInput(f"has {len(value):,} characters; {MOST_NAME} are the most.", where=shown, fix="Shorten it.")
    return value


def _names(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for value in values if (name := _a_name(field, value))))
    if len(names) > MOST_NAMES:
        raise BadInput(f"has {len(names):,} names; {MOST_NAMES} are the most.", where=field.replace("_", " "))
    return names


def _a_prompt(_: str, value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    if match := _NO_TEXT.search(value):
        line = value.count("\n", 0, match.start()) + 1
        raise BadInput(
            f"has what is no character (U+{ord(match[0]):04X}).",
            where=f"system prompt, line {line}",
            fix="Take it out; a text that isn't UTF-8 can't be read.",
        )
    if len(value) > MOST_PROMPT:
        raise BadInput(
            f"has {len(value):,} characters; {MOST_PROMPT:,} are the most.",
            where="system prompt",
            fix="No model reads so much before each answer: shorten it.",
        )
    return value


def _edited(old: bytes, there: Persona, wanted: Persona, path: Path) -> bytes:
    """The file with what differs of the persona, and nothing else changed. Raises MoltingError if that can't be done,
    BadInput if the file would become one that can't be read."""
    import tomlkit  # 30 ms that only who writes settings owes

    changes: dict[str, Any] = {
        field: value for field in FIELDS if (value := getattr(wanted, field)) != getattr(there, field)
    }
    if not changes:
        return old
    text = old.decode("utf-8-sig")
    mark = "\ufeff" if old.startswith(b"\xef\xbb\xbf") else ""
    try:
        document = tomlkit.parse(text)
        if "persona" not in document:
            document.add("persona", tomlkit.table())
        table: Any = document["persona"]
        for field, value in changes.items():
            table[field] = _item(value, table.get(field))
        new = mark + _with_line_ends_of(text, tomlkit.dumps(document))
    except (MoltingError, MemoryError):
        raise
    except Exception as error:  # whatever it can't take: the file stays as it is
        raise MoltingError(f"can't be edited ({show_line(str(error), 200)}).", where=str(path), fix=_PLAIN) from error
    _refuse_other_changes(text, new.removeprefix("\ufeff"), changes, path)
    return new.encode()


def _with_line_ends_of(old: str, new: str) -> str:
    """The new text with the line ends of the old one, where that has but one kind of them."""
    crlf = "\r\n" in old and old.count("\r\n") == old.count("\n")
    return re.sub(r"(?<!\r)\n", "\r\n", new) if crlf else new


def _item(value: str | tuple[str, ...], before: Any) -> Item | Any:
    """A value as the file gets it: a text of several lines over several lines, a list as it was with more at its end,
    where that is all that changed."""
    import tomlkit

    if isinstance(value, tuple):
        known = tuple(str(name) for name in before) if isinstance(before, list) else ()
        if known and value[: len(known)] == known:
            before.extend(value[len(known) :])
            return before
        return tomlkit.parse(f"x = [{', '.join(map(toml_text, value))}]")["x"]
    written = toml_text(value)
    if "\n" in value:
        escaped = [toml_text(line)[1:-1] for line in value.split("\n")]
        # Quotation marks may stand as they are, but for three in a row, and one at the very end.
        lines = [_ESCAPE.sub(_plain_quote, line).replace('"""', '""\\"') for line in escaped[:-1]]
        written = "\n".join(('"""', *lines, f'{escaped[-1]}"""'))
    return tomlkit.parse(f"x = {written}")["x"]


def _plain_quote(escape: re.Match[str]) -> str:
    return '"' if escape[0] == '\\"' else escape[0]


def _refuse_other_changes(old: str, new: str, changes: Mapping[str, Any], path: Path) -> None:
    """Raise unless the new file says what the old one did, with these changes and no others."""
    said = tomllib.loads(old)
    said["persona"] = said.get("persona", {}) | {
        field: list(value) if isinstance(value, tuple) else value for field, value in changes.items()
    }
    with tempfile.TemporaryDirectory(prefix="molting-") as folder:  # read as any settings are, limits and all
        whole = Path(folder) / SETTINGS_FILE
        whole.write_text(new, "utf-8", newline="")
        try:
            read_settings(whole)
        except BadInput as error:
            raise BadInput(f"can't be written so: it {error.what}", where="system prompt", fix=error.fix) from error
    if tomllib.loads(new) != said:
        raise MoltingError("can't be edited without changing something else in it.", where=str(path), fix=_PLAIN)


def _sweep(folder: Path) -> None:
    """Take away what a killed molting left half written; what is written just now stays."""
    for part in folder.glob(f"{_PART}*"):
        with contextlib.suppress(OSError):
            if time.time() - part.lstat().st_mtime > _LEFT_SECONDS:
                part.unlink()


def _write(path: Path, old: bytes, new: bytes) -> None:
    """Put the new file in the old one's place, whole or not at all: its permissions and owner stay, a link stays a
    link. Raises MoltingError."""
    target = path.resolve()
    part = ""
    try:
        before = target.stat()
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "it is read-only")
        _sweep(target.parent)
        descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=_PART)
        with os.fdopen(descriptor, "wb") as file:
            file.write(new)
            file.flush()
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            with contextlib.suppress(OSError):  # another's file, which we may write: it becomes ours
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fsync(file.fileno())
        if read_regular(target, MOST_SETTINGS) != old:
            raise Refused(
                "another program has just changed it; nothing was written.", where=SETTINGS_FILE, fix="Save again."
            )
        os.replace(part, target)
        part = ""
    except OSError as error:
        raise MoltingError(
            f"can't be written: {error.strerror or error}; nothing was changed.",
            where=str(path),
            fix="See that the file and its folder are yours to write.",
        ) from error
    finally:
        if part:
            with contextlib.suppress(OSError):
                os.unlink(part)
