"""The datasets of a workspace: all of them, one by its name, two beside each other, and what became of their pairs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from molting_tui.datasets.digests import words_digest
from molting_tui.datasets.export.formats import Conversation, conversation_of
from molting_tui.datasets.export.manifest import file_digest
from molting_tui.datasets.freezing import datasets_folder, take_in_strays
from molting_tui.datasets.frozen_manifest import BESIDE, DATA, conversations, manifest_of, not_as_frozen
from molting_tui.errors import BadInput
from molting_tui.records.datasets import PARTS, Dataset, Diff, Since
from molting_tui.store import datasets, pairs
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

_CHUNK = 500


class Catalogue(NamedTuple):
    """All datasets, the newest first; `problems` are sentences on folders that are none."""

    datasets: tuple[Dataset, ...]
    problems: tuple[str, ...]


class Comparison(NamedTuple):
    """Two datasets and how the later one differs; `other_prompt` tells whether they were given different system
    prompts, as far as that is known."""

    before: Dataset
    after: Dataset
    diff: Diff
    other_prompt: bool


def catalogue(workspace: Workspace) -> Catalogue:
    """Everything that was frozen; a folder that a kill has left without a row is taken in first."""
    problems = take_in_strays(workspace)
    return Catalogue(tuple(datasets.all_datasets(workspace.store)), problems)


def names(workspace: Workspace) -> list[str]:
    """The names of all datasets, the newest first."""
    return datasets.names(workspace.store)


def find(workspace: Workspace, name: str) -> Dataset:
    """The dataset of this name. Raises BadInput if there is none."""
    dataset = datasets.by_name(workspace.store, name)
    if dataset is None and take_in_strays(workspace) == ():
        dataset = datasets.by_name(workspace.store, name)
    if dataset is not None:
        return dataset
    known = datasets.names(workspace.store)
    if not known:
        raise BadInput("nothing has been frozen in this workspace yet.", fix="Freeze it: molting dataset freeze NAME")
    listed = ", ".join(show_line(other, 40) for other in known[:5])
    more = f" and {len(known) - 5:,} more (`molting dataset list`)" if len(known) > 5 else ""
    raise BadInput(f"there is no dataset `{show_line(name, 80)}`.", fix=f"There {_is(known)} {listed}{more}.")


def _is(known: list[str]) -> str:
    return "is" if len(known) == 1 else "are"


def same_as(workspace: Workspace, dataset: Dataset) -> tuple[str, ...]:
    """The names of other datasets with the same content, oldest first."""
    same = datasets.by_digest(workspace.store, dataset.digest)
    return tuple(other.name for other in same if other.id != dataset.id)


def data_file(workspace: Workspace, dataset: Dataset) -> Path:
    """Where a dataset's rows stand, as messages, one a line."""
    return datasets_folder(workspace) / dataset.name / DATA


def checked_data(workspace: Workspace, dataset: Dataset) -> Path:
    """The dataset's file, if its bytes are those that were frozen. Raises BadInput if they aren't, or are gone."""
    data = data_file(workspace, dataset)
    try:
        digest = file_digest(data)
    except OSError as error:
        raise BadInput(
            f"the dataset's file can't be read: {error.strerror or error}.",
            where=str(data),
            fix="Put it back (a run that used it holds a copy), or freeze the pairs under another name.",
        ) from error
    if digest != manifest_of(dataset).file.sha256:
        raise not_as_frozen(data)
    return data


def wrong_bytes(workspace: Workspace, dataset: Dataset) -> str:
    """What is wrong with the dataset's file, as a sentence; empty where it is what was frozen."""
    try:
        checked_data(workspace, dataset)
    except BadInput as error:
        return error.sentence()
    return ""


def since(workspace: Workspace, dataset: Dataset) -> Since:
    """What became of the dataset's pairs after the freeze. A pair counts as rewritten where its words are others now:
    one that was rewritten and taken back doesn't."""
    standing = datasets.standing(workspace.store, dataset.id)
    rewritten = 0
    if standing.touched:
        frozen = {pair.uid: pair.row_digest for pair in datasets.pairs_of(workspace.store, dataset.id)}
        prompt = dataset.system_prompt or ""
        for start in range(0, len(standing.touched), _CHUNK):
            for pair in pairs.of_uids(workspace.store, standing.touched[start : start + _CHUNK], workspace.actor):
                words = words_digest(conversation_of(pair, prompt), prompt).hex()
                rewritten += words != frozen[pair.uid]
    return Since(rewritten, standing.unkept, standing.superseded, standing.absent)


def since_sentences(change: Since) -> list[str]:
    """What became of a dataset's pairs, as sentences; none where nothing did."""
    sentences = []
    if change.rewritten:
        sentences.append(f"{plural(change.rewritten, 'of its pairs has', 'of its pairs have')} other words now.")
    if change.unkept:
        sentences.append(f"{plural(change.unkept, 'of its pairs is', 'of its pairs are')} not kept any more.")
    if change.superseded:
        sentences.append(
            f"{plural(change.superseded, 'of its pairs belongs', 'of its pairs belong')} to an earlier derivation."
        )
    if change.absent:
        sentences.append(f"{plural(change.absent, 'of its pairs is', 'of its pairs are')} not in this workspace.")
    if sentences:
        sentences.append("The dataset stays what it was.")
    return sentences


def compare(workspace: Workspace, before: Dataset, after: Dataset) -> Comparison:
    """How `after` differs from `before`."""
    prompts = (before.system_prompt, after.system_prompt)
    return Comparison(
        before,
        after,
        datasets.diff(workspace.store, before.id, after.id),
        other_prompt=None not in prompts and prompts[0] != prompts[1],
    )


def one_before(listed: Iterable[Dataset], dataset: Dataset) -> Dataset | None:
    """Of datasets, the newest first, the one before this one; None for the first."""
    rest = iter(listed)
    for other in rest:
        if other.id == dataset.id:
            return next(rest, None)
    return None


def rows_at(workspace: Workspace, dataset: Dataset, places: Iterable[int | None]) -> dict[int, Conversation]:
    """The rows at these places of a dataset's file, as far as it is there and can be read."""
    wanted = {place for place in places if place is not None}
    if not wanted:
        return {}
    data = data_file(workspace, dataset)
    files = [data, *(data.with_name(BESIDE[part]) for part in PARTS if part in BESIDE and dataset.parts[part])]
    rows = islice(chain.from_iterable(map(conversations, files)), max(wanted) + 1)
    try:
        return {place: conversation for place, conversation in enumerate(rows) if place in wanted}
    except (OSError, ValueError):
        return {}
