"""Which training runs are of one recipe, told apart by their seeds alone: what may be said of the recipe hangs on it.

A verdict is about checkpoints. Of a recipe something could be said only where each arm was trained with two seeds or
more, and two an arm leave two degrees of freedom.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from molting_tui.records.verdicts import Claim
from molting_tui.store import runs
from molting_tui.text import plural
from molting_tui.workspace import Workspace

OF = "the recipe"


def same_recipe(workspace: Workspace, run: str) -> tuple[str, ...]:
    """The training runs with everything that this run was told (settings, data, system prompt) but the seed, itself
    among them; one for each seed. Only itself where its config isn't known."""
    known = {run.name: run.config for run in runs.trained(workspace.store)}
    if run not in known:
        return (run,)
    wanted, own_seed = _recipe(known[run])
    by_seed = {own_seed: run}
    for name, config in known.items():
        recipe, seed = _recipe(config)
        if recipe == wanted and "dataset_digest" in recipe:
            by_seed.setdefault(seed, name)
    return tuple(sorted(by_seed.values()))


def _recipe(config: str) -> tuple[dict[str, str], str]:
    """What makes a run's recipe, and its seed. Without a dataset's digest nobody knows whether two are of one."""
    told = json.loads(config)
    settings = dict(told.get("settings") or {})
    seed = str(settings.pop("seed", ""))
    recipe = {"settings": json.dumps(settings, sort_keys=True), "system_prompt": str(told.get("system_prompt", ""))}
    if told.get("dataset_digest"):
        recipe["dataset_digest"] = str(told["dataset_digest"])
    return recipe, seed


def recipe_claim(workspace: Workspace, a: Sequence[str], b: Sequence[str]) -> Claim | None:
    """What may be said of the recipes behind two contenders' training runs (by name): nothing, and why; None where
    neither was trained here.

    Even with other seeds there the verdict is on one checkpoint an arm, so the recipe is withheld with the degrees of
    freedom that a comparison of seeds would have.
    """
    arms = [{same for run in arm for same in same_recipe(workspace, run)} for arm in (a, b) if arm]
    if not arms:
        return None
    if len(arms) == 2 and arms[0] == arms[1]:
        return Claim(OF, "Both are of one recipe: what differs is the seed, or chance.")
    counts = [len(arm) for arm in arms]
    if max(counts) == 1:
        return Claim(OF, f"One training run{' each' * (len(arms) == 2)}: nothing is said of the recipe.")
    seeds = " and ".join(plural(count, "training run") for count in counts)
    df = sum(count - 1 for count in counts) if min(counts) > 1 else 0
    of = f", {plural(df, 'degree')} of freedom" if df else ""
    return Claim(OF, f"There are {seeds} by other seeds{of}; this is one each: nothing is said of the recipe.", df=df)
