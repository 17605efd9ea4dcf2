"""What was frozen into a training run's folder: how many pairs, what was left out, what to know of them."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from molting_tui.recipe.runfolder import DATASET, TrainConfig
from molting_tui.runs.folder import Run
from molting_tui.text import plural

_NO_SYSTEM = (
    "No pair has a system turn, and [persona] system_prompt in molting.toml is empty: a model trained without one has"
    " no identity to hold on to."
)


_OF_EXPORTS = " --mask takes it out of the file."


class Frozen(NamedTuple):
    """The dataset of a run. `left_out` counts kept pairs that couldn't be in it, by reason; `warnings` are
    sentences."""

    pairs: int
    digest: str
    left_out: dict[str, int]
    warnings: tuple[str, ...]


def frozen(run: Run) -> Frozen:
    """What the manifest in a training run's folder says; of one that is missing or damaged, what the config says."""
    assert isinstance(run.config, TrainConfig), "answering runs freeze no pairs"
    try:
        told = msgspec.json.decode((run.folder / f"{DATASET}.manifest.json").read_bytes(), type=_Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Frozen(run.config.pairs, run.config.dataset_digest, {}, ())
    left_out = {left.reason: left.count for left in told.left_out}
    warnings = [warning.removesuffix(_OF_EXPORTS) for warning in told.warnings]
    if left_out:
        count = plural(sum(left_out.values()), "kept pair")
        warnings.insert(0, f"{count} left out: messages of tools have no place in what is trained.")
    if not told.counts.with_system:
        warnings.append(_NO_SYSTEM)
    return Frozen(run.config.pairs, run.config.dataset_digest, left_out, tuple(warnings))


class _LeftOut(msgspec.Struct):
    reason: str
    count: int


class _Counts(msgspec.Struct):
    with_system: int


class _Manifest(msgspec.Struct):
    """What of an export's manifest matters here."""

    counts: _Counts
    left_out: list[_LeftOut]
    warnings: list[str]
