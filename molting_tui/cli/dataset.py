"""`molting dataset`: freeze what was kept under a name, list and show what was frozen, compare two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_heading, say_json, say_table, styled, terminal_width
from molting_tui.cli.running import Group, json_option, where_option, workspace_here, workspace_with_flags
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput, MoltingError
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.datasets.catalogue import Comparison
    from molting_tui.datasets.description import ChangedPair, Description
    from molting_tui.datasets.freezing import Frozen
    from molting_tui.records.datasets import Dataset, PairChange
    from molting_tui.workspace import Workspace

_LIMIT = 10
_WIDTH = 100
"""Cells of a preview where the output is no terminal."""


def dataset_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The names of datasets that begin so, for the shell."""
    from molting_tui.datasets.catalogue import names

    try:
        with ctx.scope(cleanup=False), workspace_here() as workspace:
            return [name for name in names(workspace) if name.startswith(incomplete)]
    except MoltingError:  # no workspace here: nothing to offer
        return []


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=(
        "molting dataset freeze v2.5",
        "molting dataset",
        "molting dataset show v2.5",
        "molting dataset diff v2.4 v2.5",
    ),
)
@json_option()
@click.pass_context
def dataset(ctx: click.Context, as_json: bool) -> None:
    """Freeze what was kept, and list, show and compare what was frozen.

    A dataset never changes: what you decide later is for the next one. `molting train --dataset NAME` trains on one.
    """
    if ctx.invoked_subcommand is None:
        _list(as_json)
    elif as_json:
        raise BadInput("--json goes after the last word.", fix="For example: molting dataset list --json")


@dataset.command(
    examples=(
        "molting dataset freeze v2.5           # all that is kept",
        "molting dataset freeze v2.5-pt --where 'lang:pt -tag:test'",
        "molting dataset freeze v2.5 --held-out 10%",
    )
)
@click.argument("name")
@where_option("Only those of the kept pairs that match.")
@click.option(
    "--held-out",
    default="",
    metavar="N|N%",
    help="Hold out so many pairs: whole sessions, nothing like what is trained.",
)
@json_option()
def freeze(name: str, where: str, held_out: str, as_json: bool) -> None:
    """Freeze the kept pairs, rewrites applied, under a NAME.

    They are written to datasets/NAME/ in the workspace, as messages, with a manifest: dataset.jsonl is what a run is
    given, held_out.jsonl what --held-out keeps from it, bank.jsonl the pairs that ask a question of the bank. A secret
    that isn't masked refuses it (exit code 1).
    """
    from molting_tui.datasets.freezing import freeze as freeze_pairs
    from molting_tui.datasets.kept_apart import read_held_out

    wanted = read_held_out(held_out) if held_out else None
    with workspace_with_flags() as workspace, watched("Stopped. Nothing was frozen.") as progress:
        frozen = freeze_pairs(workspace, name, where=where, report=progress, held_out=wanted)
        if as_json:
            say_json(_fields(frozen.dataset) | {"same_as": list(frozen.same_as), "warnings": _warnings(frozen.dataset)})
        else:
            _say_frozen(workspace, frozen)


@dataset.command(name="list", examples=("molting dataset list", "molting dataset list --json"))
@json_option()
def list_(as_json: bool) -> None:
    """List the datasets, newest first."""
    _list(as_json)


@dataset.command(name="show", examples=("molting dataset show v2.5", "molting dataset show v2.5 --json"))
@click.argument("name", shell_complete=dataset_names)
@json_option()
def show_dataset(name: str, as_json: bool) -> None:
    """Show the dataset NAME: what it is made of, where it came from, which runs used it, what has changed since."""
    from molting_tui.datasets.catalogue import find, wrong_bytes
    from molting_tui.datasets.description import describe

    with workspace_here() as workspace:
        description = describe(workspace, find(workspace, name))
        wrong = wrong_bytes(workspace, description.dataset)
    if as_json:
        say_json(_whole(description, wrong))
    else:
        _say(description, wrong)


@dataset.command(
    examples=("molting dataset diff v2.4 v2.5", "molting dataset diff v2.4 v2.5 --json | jq '.came | length'")
)
@click.argument("before", shell_complete=dataset_names)
@click.argument("after", shell_complete=dataset_names)
@click.option(
    "--limit", type=click.IntRange(min=0), default=_LIMIT, metavar="N", help="Show N pairs of each sort [10]."
)
@json_option()
def diff(before: str, after: str, limit: int, as_json: bool) -> None:
    """Compare two datasets, BEFORE and AFTER.

    Pairs came, went, were rewritten (the same pair in other words), or re-derived (another text of the same turn).
    """
    from molting_tui.datasets.catalogue import compare, find

    with workspace_here() as workspace:
        comparison = compare(workspace, find(workspace, before), find(workspace, after))
        if as_json:
            say_json({sort: [change.uid for change in changes] for sort, changes in comparison.diff._asdict().items()})
        else:
            _say_diff(workspace, comparison, limit)


def _list(as_json: bool) -> None:
    from molting_tui.datasets.catalogue import catalogue

    with workspace_here() as workspace:
        listed = catalogue(workspace)
    if as_json:
        say_json([_fields(dataset) for dataset in listed.datasets])
        return
    if not listed.datasets:
        say("Nothing has been frozen yet. Freeze what is kept: molting dataset freeze NAME")
    else:
        _say_list(listed.datasets)
    for problem in listed.problems:
        say(f"Note: {show_line(problem, 400)}")


def _fields(dataset: Dataset) -> dict[str, object]:
    return {
        "name": dataset.name,
        "digest": dataset.digest,
        "pairs": dataset.pairs,
        "parts": dataset.parts,
        "frozen": dataset.time,
        "made": dataset.made,
        "runs": list(dataset.runs),
    }


def _whole(description: Description, wrong: str) -> dict[str, object]:
    """The dataset as `--json` gives it; `wrong` is the sentence on what is amiss with it, empty where all is well."""
    import msgspec

    dataset, manifest = description.dataset, description.manifest
    return {
        **_fields(dataset),
        "actor": dataset.actor,
        "filter": dataset.filter,
        "system_prompt": dataset.system_prompt,
        "composition": msgspec.to_builtins(manifest.composition),
        "rewritten": manifest.counts.rewritten,
        "left_out": {left.reason: left.count for left in manifest.left_out},
        "warnings": list(manifest.warnings),
        "since": description.since._asdict(),
        "same_as": list(description.same_as),
        "problem": wrong,
    }


def _warnings(dataset: Dataset) -> list[str]:
    from molting_tui.datasets.frozen_manifest import manifest_of

    return list(manifest_of(dataset).warnings)


def _say_frozen(workspace: Workspace, frozen: Frozen) -> None:
    from molting_tui.datasets.catalogue import data_file
    from molting_tui.datasets.description import DIGEST, parts_words

    dataset = frozen.dataset
    parts = "" if dataset.pairs == dataset.parts["train"] else f" ({parts_words(dataset.parts)})"
    say(f"Dataset {dataset.name} is frozen: {plural(dataset.pairs, 'pair')}{parts}, digest {dataset.digest[:DIGEST]}.")
    say(f"It stands in {show_line(str(data_file(workspace, dataset).parent), 400)}")
    if frozen.same_as:
        say(f"Note: it holds the same as {', '.join(frozen.same_as)}.")
    for warning in _warnings(dataset):
        say(f"Note: {show_line(warning, 400)}")


def _say_list(datasets: tuple[Dataset, ...]) -> None:
    from molting_tui.datasets.description import DIGEST, parts_words

    rows = [
        (
            dataset.name,
            dataset.pairs,
            dataset.digest[:DIGEST],
            dataset.time[:16].replace("T", " "),
            parts_words(dataset.parts),
            ", ".join(dataset.runs),
        )
        for dataset in datasets
    ]
    say_table(rows, ("name", "pairs", "digest", "frozen (UTC)", "parts", "runs"), right=(1,))


def _say(description: Description, wrong: str) -> None:
    """Print origin, composition, what was left out, notes (`wrong` among them) and what changed since the freeze."""
    from molting_tui.datasets.catalogue import since_sentences
    from molting_tui.datasets.description import composition_rows, left_out_rows, origin_rows

    dataset, manifest = description.dataset, description.manifest
    say_table([("dataset", dataset.name), ("frozen", dataset.time), *origin_rows(description)])
    say_heading("What it is made of")
    say_table(composition_rows(manifest))
    if manifest.left_out:
        say_heading("Kept, but not in it")
        say_table(left_out_rows(manifest))
    notes = [*manifest.warnings, *([wrong] if wrong else [])]
    if notes:
        say_heading(plural(len(notes), "note"))
        for note in notes:
            say(f"  {show_line(note, 400)}")
    say_heading("Since the freeze")
    for sentence in since_sentences(description.since) or ["Its pairs are kept, in the same words."]:
        say(f"  {sentence}")


def _say_diff(workspace: Workspace, comparison: Comparison, limit: int) -> None:
    from molting_tui.datasets.description import changed_pairs, diff_sentence

    say(f"{comparison.before.name} to {comparison.after.name}: {diff_sentence(comparison)}")
    headings = {
        "came": "came",
        "went": "went",
        "rewritten": "rewritten",
        "rederived": "re-derived: another text",
        "moved": "in another part",
    }
    for sort, heading in headings.items():
        changes: tuple[PairChange, ...] = getattr(comparison.diff, sort)
        if changes and limit:
            say_heading(f"{len(changes):,} {heading}")
            for pair in changed_pairs(workspace, comparison, changes[:limit]):
                _say_changed(pair)
            if len(changes) > limit:
                say(f"  and {len(changes) - limit:,} more (--limit)")


def _say_changed(pair: ChangedPair) -> None:
    width = max(terminal_width() or _WIDTH, 40) - 4
    say(f"  {pair.uid[:8]} {show_line(pair.prompt, width - 9)}")
    if pair.before is not None:
        say(f"    {styled('-', 'red')} {show_line(pair.before, width - 4)}")
    if pair.after is not None:
        say(f"    {styled('+', 'green')} {show_line(pair.after, width - 4)}")
