"""Frozen datasets, and how two of them differ."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Part = Literal["train", "held_out", "bank"]
PARTS: tuple[Part, ...] = ("train", "held_out", "bank")
Made = Literal["frozen", "run", "manifest"]


class FrozenPair(NamedTuple):
    """One pair of a dataset as it was frozen. `row_digest` (SHA-256, hex) is of its words as they were written, without
    the dataset's own system prompt, so that another prompt doesn't make other pairs of them. `turn_key` names the turn
    that the pair came from; empty where it came from none, or from none that this workspace holds."""

    uid: str
    row_digest: str
    part: Part = "train"
    weight: float = 1.0
    turn_key: str = ""


class Dataset(NamedTuple):
    """A frozen dataset. `digest` is over the pairs of its part `train` with their system turns, in whatever order, and
    `pairs` counts those of all parts; `made` says whether
    somebody froze it, a run that named none, or an older run's manifest told of it. `system_prompt` is what the pairs
    were given that had none (None: not known). `manifest` is what stands in its `manifest.json`, but for the list of
    pairs. `time` is ISO 8601, UTC; `runs` are the ids of the runs that used it, oldest first."""

    id: int
    name: str
    digest: str
    made: Made
    pairs: int
    parts: dict[str, int]
    filter: str
    system_prompt: str | None
    manifest: dict[str, Any]
    actor: str
    time: str
    runs: tuple[str, ...]


class PairChange(NamedTuple):
    """A pair that isn't the same in two datasets, and its place in each (None where it isn't in that one)."""

    uid: str
    before: int | None
    after: int | None


class Diff(NamedTuple):
    """What lies between two datasets: pairs that only the later one has (`came`) or only the earlier one (`went`),
    pairs of both whose words are others (`rewritten`), and pairs of the later one whose turn gave another text to the
    earlier one (`rederived`); these are not in `came`, nor are their forerunners in `went`. `moved` are those pairs of
    both that belong to another part now, whatever their words."""

    came: tuple[PairChange, ...]
    went: tuple[PairChange, ...]
    rewritten: tuple[PairChange, ...]
    rederived: tuple[PairChange, ...]
    moved: tuple[PairChange, ...] = ()

    @property
    def none(self) -> bool:
        """Whether the two hold the same pairs in the same words and parts."""
        return not any(self)


class Since(NamedTuple):
    """What became of a dataset's pairs in the workspace after the freeze; the dataset stays what it was. `rewritten`
    have other words now, `unkept` are dropped or open again, `superseded` belong to another answer mode or to a turn
    that has grown, `absent` are not in this workspace."""

    rewritten: int
    unkept: int
    superseded: int
    absent: int
