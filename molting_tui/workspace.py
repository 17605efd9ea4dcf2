"""A workspace: the folder with the database and the settings; how it is made and found."""

from __future__ import annotations

import getpass
import importlib.resources
import json
import os
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from molting_tui.errors import BadInput, MoltingError
from molting_tui.regular_files import read_regular
from molting_tui.store.connection import Store, open_store
from molting_tui.text import as_text, show_line

SETTINGS_FILE = "molting.toml"
DATABASE_FILE = "molting.db"
MOST_SETTINGS = 1 << 20
"""Bytes of a settings file: the longest system prompt that fits a model is a fraction of it."""
_MOST_DOTS = 10_000_000
"""The squares of the dots in each line, summed: 3,000 in one line, or 100 in each of 1,000."""


class Persona(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who the model is to speak as. `aliases` are other names of its own, `foreign_names` names that it must not
    introduce itself by, `words` what only it speaks of."""

    name: str = ""
    user: str = ""
    aliases: tuple[str, ...] = ()
    foreign_names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    system_prompt: str = ""


Length = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class ImportSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pairs are worth having: lengths in characters."""

    answer: str = "final"
    min_prompt: Length = 10
    min_answer: Length = 50
    tool_only_chars: Length = 100
    tool_only_newlines: Length = 5


class RunSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What runs are given. `environment` names variables that look like credentials and are handed on all the same."""

    environment: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"import_": "import"}):
    """Everything in `molting.toml`."""

    persona: Persona = Persona()
    import_: ImportSettings = ImportSettings()
    training: RunSettings = RunSettings()
    theme: str = "ansi-dark"
    keys: dict[str, str] = {}


TEMPLATE = """\
# Settings of this molting workspace. Every value stands here with its default; delete a line and the default holds.

# Colours: any Textual theme. ansi-dark and ansi-light use your terminal's own colours and send the fewest bytes.
theme = "ansi-dark"

[persona]
# Whose voice the model is to learn, and who talks to it. Shown above the answers and the prompts.
name = {name}
user = {user}
# Other names of its own; names that it must not introduce itself by (known assistants' are known); words that only it
# speaks of, as its projects: an answer with none of them, and no fact, is flagged as generic.
aliases = []
foreign_names = []
words = []
# Written as the system turn of every exported pair that has none of its own. Empty: no system turn.
# Three quotation marks on each side let it run over several lines.
system_prompt = {system_prompt}

[import]
# Which text of a turn is its answer: final (the last text, with no tool after it), last, first or all.
answer = "final"
# Prompts and answers shorter than this (in characters) are left out, and counted.
min_prompt = 10
min_answer = 50
# An answer with fewer characters and more newlines than this is the output of a tool, not an answer.
tool_only_chars = 100
tool_only_newlines = 5

[training]
# A run gets your environment without what looks like a credential, but with the hub's own (HF_TOKEN). Others that it
# needs, by name, for example ["WANDB_API_KEY"].
environment = []

[keys]
# Other keys for an action, by its id (`?` in the workbench lists them), for example:
# "pair.keep" = "f"
"""


@dataclass(slots=True)
class HeldSettings:
    """The settings in force: what the file said when it was read, or what was written into it from here since. Whoever
    asks a workspace for them gets these, so that what is written holds at once."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace. `actor` is who speaks: every event carries the name, and undo reaches only their own."""

    folder: Path
    held: HeldSettings
    store: Store
    actor: str

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.held.settings

    @property
    def name(self) -> str:
        """The folder's name, as text."""
        return as_text(self.folder.name)

    @property
    def exports(self) -> Path:
        """Where exports go that are given by name alone."""
        return self.folder / "exports"

    @property
    def read_only(self) -> str:
        """What a person should know of a workspace that can only be read, as a sentence; empty for any other."""
        copy = self.store.reads
        if copy is None:
            return ""
        at = time.strftime("%H:%M:%S", time.localtime(copy.taken))
        return f"This workspace can't be written: it is shown as it was at {at}, and nothing can be stored."

    def rule_files(self) -> list[Path]:
        """The rule files in force: the shipped ones, and those in `rubrics/curation` here in their place, by name."""
        files = {path.name: path for path in _yaml_files(shipped("rubrics") / "curation")}
        files |= {path.name: path for path in _yaml_files(self.folder / "rubrics" / "curation")}
        return [files[name] for name in sorted(files)]

    def close(self) -> None:
        """Close the database."""
        self.store.close()


def rubric_files(workspace: Workspace | None) -> list[Path]:
    """The rubric files within reach: the shipped ones, and the workspace's own (`rubrics`) in their place, by name.

    Without a workspace, the shipped ones.
    """
    return _within_reach(workspace, "")


def question_files(workspace: Workspace | None) -> list[Path]:
    """The same for sets of questions (`rubrics/questions`)."""
    return _within_reach(workspace, "questions")


def _within_reach(workspace: Workspace | None, room: str) -> list[Path]:
    files = {path.name: path for path in _yaml_files(shipped("rubrics") / room)}
    if workspace is not None:
        files |= {path.name: path for path in _yaml_files(workspace.folder / "rubrics" / room)}
    return [files[name] for name in sorted(files)]


def shipped(name: str) -> Path:
    """A folder that travels with molting (`rubrics`, `data`), from the wheel or from the checkout."""
    installed = Path(str(importlib.resources.files("molting_tui"))) / "shipped" / name
    if installed.is_dir():
        return installed
    checkout = Path(__file__).resolve().parent.parent / name
    if checkout.is_dir():
        return checkout
    raise MoltingError(f"the folder `{name}` that comes with molting is missing.", fix="Install molting again.")


def make(folder: Path, *, name: str = "", user: str = "", system_prompt: str = "") -> Workspace:
    """Make a workspace in `folder` (made if need be, private to its owner) and open it.

    Raises BadInput if there is one already, or if the folder can't be written.
    """
    settings = folder / SETTINGS_FILE
    try:
        if settings.exists():
            raise BadInput(
                "there is a workspace here already.", where=str(folder), fix="Use it, or choose another folder."
            )
        _make_private(folder)
        _write_private(settings, _filled(name, user, system_prompt))
        for room in ("exports", "rubrics", "rubrics/curation"):
            (folder / room).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"the workspace can't be made: {error.strerror or error}.",
            where=str(folder),
            fix="Choose a folder that you can write.",
        ) from error
    return open_workspace(folder)


def find(given: str | None = None) -> Path:
    """The workspace folder: `given`, else `$MOLTING_WORKSPACE`, else the nearest parent with a `molting.toml`."""
    named = given or os.environ.get("MOLTING_WORKSPACE")
    if named:
        folder = Path(os.path.expanduser(named))
        if not _is_workspace(folder):
            raise BadInput(
                f"there is no workspace here (no {SETTINGS_FILE}).",
                where=str(folder),
                fix=f"Make one: molting init {folder}",
            )
        return folder
    try:
        here = Path.cwd()
    except OSError as error:
        raise BadInput(
            "the current folder is gone.", fix="Go to another folder, or name a workspace with -w."
        ) from error
    for folder in (here, *here.parents):
        if _is_workspace(folder):
            return folder
    raise BadInput(
        f"there is no workspace in this folder or above it (no {SETTINGS_FILE}).",
        where=str(here),
        fix="Make one with `molting init`, or name one with -w FOLDER.",
    )


def _is_workspace(folder: Path) -> bool:
    try:
        return (folder / SETTINGS_FILE).is_file()
    except OSError:  # a folder that mayn't be looked into is no workspace of ours
        return False


def open_workspace(folder: Path) -> Workspace:
    """Open the workspace in `folder`. Raises BadInput for settings or a database that can't be read."""
    settings = read_settings(folder / SETTINGS_FILE)
    try:
        store = open_store(folder / DATABASE_FILE)
    except OSError as error:
        raise BadInput(
            f"the database can't be made: {error.strerror or error}.",
            where=str(folder / DATABASE_FILE),
            fix="See `molting doctor`.",
        ) from error
    return Workspace(folder.resolve(), HeldSettings(settings), store, _actor())


def read_settings(path: Path) -> Settings:
    """The settings in a `molting.toml`. Raises BadInput with the line or the field that is wrong."""
    raw = _read_toml(path)
    try:
        settings = msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise BadInput(
            f"{show_line(str(error), 300)}.",
            where=str(path),
            fix="`molting init` writes every setting with its meaning.",
        ) from error
    if settings.import_.answer not in ("final", "first", "last", "all"):
        raise BadInput(
            f"[import] answer can't be `{show_line(settings.import_.answer, 60)}`.",
            where=str(path),
            fix="It is final, first, last or all.",
        )
    return settings


def _read_toml(path: Path) -> dict[str, Any]:
    """The values of a TOML file. Raises BadInput for one that isn't TOML, or is larger or deeper than settings are."""
    try:
        text = read_regular(path, MOST_SETTINGS).decode("utf-8-sig")
        # The parser's memory grows with the square of the parts of a key.
        if sum(line.count(".") ** 2 for line in text.splitlines()) > _MOST_DOTS:
            raise BadInput(
                "has too many dots in a line.", where=str(path), fix='Write a long text over several lines, in """.'
            )
        return tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror}.", where=str(path), fix="See `molting doctor`.") from error
    except RecursionError as error:
        raise BadInput(
            "is nested deeper than any setting.", where=str(path), fix="`molting init` writes every setting."
        ) from error
    except ValueError as error:  # TOML's own, bytes that aren't UTF-8, a number of thousands of digits
        why = show_line(str(error), 300).rstrip(".")
        raise BadInput(f"isn't TOML: {why}.", where=str(path), fix="Correct that line.") from error


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml")) if folder.is_dir() else []


def _filled(name: str, user: str, system_prompt: str) -> str:
    """The settings file with these values."""
    return TEMPLATE.format(name=toml_text(name), user=toml_text(user), system_prompt=toml_text(system_prompt))


def toml_text(value: str) -> str:
    """A text as TOML writes it on one line."""
    # JSON's escapes are TOML's; DEL is what TOML alone wants escaped. A lone surrogate (an argument that isn't
    # UTF-8) can't be written at all.
    text = value.encode("utf-8", "replace").decode()
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone; what is there stays as it is."""
    for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(exist_ok=True)  # a file in its place is refused


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _actor() -> str:
    named = os.environ.get("MOLTING_ACTOR", "").strip()
    if named:
        return named.encode("utf-8", "replace").decode()
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        return f"user-{os.getuid()}"
