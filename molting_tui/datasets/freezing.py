"""Freezing: the kept pairs, as they are now, under a name of their own: `WORKSPACE/datasets/NAME/`, and a row for it.

The folder is made hidden and takes its name when it is whole and on the disk; then comes the row. A kill between these
leaves a whole folder without a row: whoever looks at the datasets next takes it in, after reading it back. So does a
folder that was copied here from another workspace.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from molting_tui.datasets.composition import Row, Summary, Texts
from molting_tui.datasets.export.export import Beside, Purpose, refuse_nothing_kept, system_prompt, write_kept
from molting_tui.datasets.export.manifest import written_out
from molting_tui.datasets.export.secrecy import Advice
from molting_tui.datasets.export.writing import Part, rows_into, sync_folder
from molting_tui.datasets.frozen_manifest import (
    BESIDE,
    DATA,
    MANIFEST,
    FileFacts,
    PartFacts,
    described,
    part_read_back,
    read_back,
    read_manifest,
)
from molting_tui.datasets.kept_apart import HeldOut
from molting_tui.datasets.lock import sole
from molting_tui.errors import BadInput, MoltingError
from molting_tui.records.datasets import PARTS, Dataset, FrozenPair, Made
from molting_tui.records.datasets import Part as PartName
from molting_tui.records.progress import Report, silent
from molting_tui.regular_files import open_regular
from molting_tui.store import datasets, events
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

LONGEST_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_LOCK, _UNDER_WAY = ".freezing", ".freezing-"
_BLOCK = 1 << 20
STORED = Advice(
    secret="Mask them (`molting decide --where 'state:keep flag:secret' mask`), rewrite or drop them.",
    prompt="Take it out there.",
    personal="",
)
"""What to do about secrets in what is kept: a dataset is what is stored, and isn't masked on its way."""
FREEZING = Purpose("freezing", "nothing to freeze", "Keep other pairs; `molting export` has formats for these.", STORED)


PartRows = Mapping[PartName, Sequence[Row]]
"""The rows of each part of a dataset, in the order of its file."""


class Frozen(NamedTuple):
    """A dataset that was frozen just now, and the names of those that hold the same, oldest first."""

    dataset: Dataset
    same_as: tuple[str, ...]


def datasets_folder(workspace: Workspace) -> Path:
    """Where a workspace's datasets stand; it may not be there yet."""
    return workspace.folder / "datasets"


def checked_name(name: str) -> str:
    """The name, if it can be a dataset's. Raises BadInput if it can't: a name is a folder's, on any disk."""
    if _NAME.fullmatch(name):
        return name
    rule = f"A name has 1 to {LONGEST_NAME} letters (without accents), digits, `.`, `-` and `_`, and begins with a"
    fix = f"{rule} letter or a digit: v2.5, for example."
    if not name:
        raise BadInput("a dataset needs a name.", fix=fix)
    raise BadInput("can't be the name of a dataset.", where=f"`{show_line(name, 80)}`", fix=fix)


def freeze(
    workspace: Workspace,
    name: str,
    *,
    where: str = "",
    report: Report = silent,
    made: Made = "frozen",
    held_out: HeldOut | None = None,
) -> Frozen:
    """Freeze the kept pairs that the filter `where` matches, as they are now, under a name. `report` hears of the pairs
    done.

    Its part `train` is what a run is given; so many pairs as `held_out` says, and those that ask a question of the
    bank, stand in files beside it.

    Whatever fails, is cancelled or killed leaves no dataset, or a whole one. Raises BadFilter; BadInput for a name that
    is taken or can't be one, and where nothing is kept or fits; Refused for a secret; MoltingError for a full disk, or
    while another is being frozen.
    """
    folder = datasets_folder(workspace)
    checked_name(name)
    refuse_nothing_kept(workspace, where, FREEZING)
    with disk_sentences(folder), _only_one(folder) as alone:
        if alone:
            _sweep(folder)
            _take_in_strays(workspace)
        _refuse_taken(workspace, folder / name)
        dataset = _frozen(workspace, folder, name, where, made, report, held_out)
    same = datasets.by_digest(workspace.store, dataset.digest)
    return Frozen(dataset, tuple(other.name for other in same if other.id != dataset.id))


def take_in_strays(workspace: Workspace) -> tuple[str, ...]:
    """Give a row to every folder of a dataset that has none, if it is whole; returns a sentence for each that isn't.

    A few microseconds where there is nothing to do, and nothing at all while something is being frozen.
    """
    folder = datasets_folder(workspace)
    if not _strays(workspace, folder):
        return ()
    try:
        with _only_one(folder):
            return _take_in_strays(workspace)
    except (MoltingError, OSError):  # it is being frozen; or a folder that can't be written, which the freeze says
        return ()


def put(
    workspace: Workspace,
    name: str,
    fields: dict[str, Any],
    rows: PartRows,
    *,
    last_event: int,
) -> Dataset:
    """Store the row of a dataset whose manifest says `fields`. Raises BadInput for a name that is taken."""
    beside = {part: {"file": facts["file"]} for part, facts in fields.get("beside", {}).items() if part in rows}
    stored = {key: value for key, value in fields.items() if key != "pairs"} | {"beside": beside}
    new = datasets.NewDataset(
        name=name,
        digest=fields["dataset_digest"],
        made=fields["made"],
        filter=fields["filter"],
        system_prompt=fields["system_prompt"],
        manifest=stored,
        actor=fields["actor"],
        time=fields["created"],
        last_event=last_event,
    )
    frozen = [FrozenPair(row.uid, row.words.hex(), part) for part in PARTS for row in rows.get(part, ())]
    return datasets.put(workspace.store, new, frozen)


def keep_copy(workspace: Workspace, name: str, data: Path, manifest: Path, **known: Any) -> Dataset:
    """Give pairs that were frozen elsewhere a place among the datasets; `known` goes before what their manifest says.

    A dataset of this name that is there already is returned as it is. Raises BadInput where the two files don't fit
    each other, MoltingError for a full disk, or while something is being frozen.
    """
    folder = datasets_folder(workspace)
    checked_name(name)
    with disk_sentences(folder), _only_one(folder) as alone:
        if alone:
            _sweep(folder)
            _take_in_strays(workspace)
        there = datasets.by_name(workspace.store, name)
        if there is not None:
            return there
        _refuse_taken(workspace, folder / name)
        with _under_way(folder, name) as (under_way, show):
            _copy(data, under_way / DATA)
            for file in BESIDE.values():
                if data.with_name(file).is_file():
                    _copy(data.with_name(file), under_way / file)
            facts = _read(under_way / DATA, manifest, known | {"name": name})
            with Part(under_way / MANIFEST) as beside:
                beside.write(written_out(facts.fields))
                beside.finish()
                beside.take_place()
            show()
            return _put_read(workspace, name, facts)


def _frozen(
    workspace: Workspace, folder: Path, name: str, where: str, made: Made, report: Report, held_out: HeldOut | None
) -> Dataset:
    """Write the dataset into a hidden folder, show it under its name when it is whole, and store its row."""
    with _under_way(folder, name) as (under_way, show):
        last_event = datasets.last_event(workspace.store)
        fields, rows = write_frozen(
            workspace, under_way / DATA, under_way / MANIFEST, where, report, name=name, made=made, held_out=held_out
        )
        show()
        return put(workspace, name, fields, rows, last_event=last_event)


@contextlib.contextmanager
def _under_way(folder: Path, name: str) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A hidden folder (0700) to make a dataset in, and what shows it under its name when it is whole. Whatever fails
    takes the folder with it."""
    under_way = place = Path(tempfile.mkdtemp(prefix=_UNDER_WAY, dir=folder))

    def show() -> None:
        nonlocal place
        sync_folder(under_way)
        os.rename(under_way, folder / name)
        place = folder / name
        sync_folder(folder)

    try:
        yield under_way, show
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _copy(source: Path, target: Path) -> None:
    with open_regular(source) as file, Part(target) as part:
        while block := file.read(_BLOCK):
            part.write(block)
        part.finish()
        part.take_place()


def write_frozen(
    workspace: Workspace,
    data: Path,
    beside: Path,
    where: str,
    report: Report,
    *,
    name: str = "",
    made: Made = "run",
    held_out: HeldOut | None = None,
) -> tuple[dict[str, Any], PartRows]:
    """Write the kept pairs and their manifest into new files, those of other parts than `train` next to `data`, and
    bring them to the disk: the fields of the manifest, and the rows. Raises as `freeze` does."""
    created, prompt = events.now(), system_prompt(workspace)
    with contextlib.ExitStack() as open_files:
        rows, manifest_file = open_files.enter_context(Part(data)), open_files.enter_context(Part(beside))
        files = {part: open_files.enter_context(Part(data.with_name(file))) for part, file in BESIDE.items()}
        places = {part: Beside(rows_into(file, "messages"), Texts(prompt)) for part, file in files.items()}
        manifest, composition = write_kept(
            workspace,
            rows,
            "messages",
            where=where,
            purpose=FREEZING,
            report=report,
            beside=places,
            held_out=held_out,
        )
        used = {part: files[part] for part, place in places.items() if place.texts.rows}
        for file in used.values():
            file.finish()
        fields = described(
            manifest,
            composition.summary(),
            name=name,
            made=made,
            actor=workspace.actor,
            created=created,
            prompt=prompt,
            beside={part: _part_facts(file, places[part].texts) for part, file in used.items()},
        )
        manifest_file.write(written_out(fields))
        manifest_file.finish()
        for file in (rows, *used.values(), manifest_file):
            file.take_place()
    sync_folder(data.parent)
    part_rows: dict[PartName, Sequence[Row]] = {part: places[part].texts.rows for part in used}
    return fields, part_rows | {"train": composition.texts.rows}


def _part_facts(file: Part, texts: Texts) -> PartFacts:
    return PartFacts(FileFacts(file.target.name, file.size, file.digest), tuple(row.uid for row in texts.rows))


def _refuse_taken(workspace: Workspace, place: Path) -> None:
    taken = datasets.by_name(workspace.store, place.name)
    if taken is not None:
        raise datasets.name_taken(taken.name)
    if os.path.lexists(place):
        raise BadInput(
            "this name is taken by something that isn't a dataset.",
            where=str(place),
            fix="Look what it is, or choose another name.",
        )


def _strays(workspace: Workspace, folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return []
    if not names:
        return []
    known = {name.lower() for name in datasets.names(workspace.store)}
    return [folder / name for name in sorted(names) if name.lower() not in known]


def _take_in_strays(workspace: Workspace) -> tuple[str, ...]:
    problems = []
    for place in _strays(workspace, datasets_folder(workspace)):
        try:
            name = checked_name(place.name)
            _put_read(workspace, name, _read(place / DATA, place / MANIFEST, {"name": name}))
        except MoltingError as error:
            problems.append(f"datasets/{show_line(place.name, 80)} is no dataset, and left alone. {error.sentence()}")
    return tuple(problems)


class _Read(NamedTuple):
    """A dataset that was read back: the fields of its manifest, and its rows."""

    fields: dict[str, Any]
    rows: PartRows


def _read(data: Path, manifest: Path, known: Mapping[str, Any]) -> _Read:
    """Read a dataset's files; `known` goes before what the manifest says. A part whose file isn't there is no part of
    it any more. Raises BadInput if they don't fit."""
    facts, fields = read_manifest(manifest)
    fields |= known
    prompt = fields["system_prompt"] or ""
    texts = read_back(data, facts, prompt)
    rows: dict[PartName, Sequence[Row]] = {"train": texts.rows}
    for part, part_facts in facts.beside.items():
        if part in BESIDE and data.with_name(BESIDE[part]).is_file():
            rows[part] = part_read_back(data.with_name(BESIDE[part]), part_facts, prompt).rows
    fields["beside"] = {part: told for part, told in fields["beside"].items() if part in rows}
    if facts.composition == Summary():
        fields["composition"] = msgspec.to_builtins(_summary(texts, facts.counts.kind))
    return _Read(fields, rows)


def _put_read(workspace: Workspace, name: str, read: _Read) -> Dataset:
    last_event = datasets.last_event(workspace.store, read.fields["created"])
    return put(workspace, name, read.fields, read.rows, last_event=last_event)


def _summary(texts: Texts, kinds: dict[str, int]) -> Summary:
    return Summary(
        kinds=kinds,
        prompts=texts.prompt_lengths(),
        answers=texts.answer_lengths(),
        duplicates=texts.duplicates(),
        with_system=texts.with_system,
        several_turns=texts.several_turns,
    )


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[bool]:
    """Be the only one who freezes here, in a folder that is there; false where the file system can't tell."""
    folder.mkdir(mode=0o700, exist_ok=True)
    busy = MoltingError(
        "another dataset is being frozen at this moment.", fix="Try again when it is there: `molting dataset list`."
    )
    with sole(folder / _LOCK, busy) as alone:
        yield alone


def _sweep(folder: Path) -> None:
    """Remove what killed freezes have left, unless a link leads out of the workspace. Only for who holds the lock: no
    other is under way then."""
    if folder.is_symlink():
        return
    for name in os.listdir(folder):
        if name.startswith(_UNDER_WAY):
            shutil.rmtree(folder / name, ignore_errors=True)


@contextlib.contextmanager
def disk_sentences(folder: Path) -> Iterator[None]:
    """What the disk refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        where = str(error.filename or folder)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MoltingError(
                "there is no space left on the disk. Nothing was frozen.", where=where, fix="Free some space."
            ) from error
        raise BadInput(
            f"can't be made: {error.strerror or error}. Nothing was frozen.",
            where=where,
            fix="`datasets` in the workspace must be a folder that you can write.",
        ) from error
