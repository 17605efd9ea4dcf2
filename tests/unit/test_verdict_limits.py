"""Promises of what a verdict says of itself: in what the two differ besides, what is said of the recipe, how far raters
agree."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from molting_tui.evaluation.results.agreement import agreement_sentence, agreements
from molting_tui.evaluation.results.differing import differing
from molting_tui.evaluation.results.recipes import recipe_claim, same_recipe
from molting_tui.evaluation.results.table import answers_with_ratings
from molting_tui.recipe.runfolder import TrainConfig
from molting_tui.recipe.settings import TrainingSettings
from molting_tui.records.contenders import Adapter, Base, Contender, Endpoint, Imported
from molting_tui.store import runs
from molting_tui.workspace import Workspace
from tests.compared import FIVE, score, scored_together

TINY = Contender("v1", Base("tiny", "d1"), "Be Cláudio.", "t1", None, '{"temperature": 0.7, "top_p": 0.9}')


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (Contender("v2", Adapter("tiny", "a1", "d1", "0001"), "Be Cláudio.", "t1"), ()),
        (Contender("v2", Base("smollm2"), "Be Cláudio.", "t1"), ("base tiny / smollm2",)),
        (Contender("v2", Base("tiny"), "", "t2"), ("template", "system prompt")),
        (Contender("v2", Base("tiny"), None, None, '{"k": 3}'), ("retrieval",)),
        (Contender("v2", Base("tiny"), generation='{"temperature": 0.2, "top_p": 0.9}'), ("temperature 0.7 / 0.2",)),
        (Contender("v2", Base("tiny"), generation='{"max_new_tokens": 256}'), ()),
        (Contender("v2", Endpoint("http://here", "phi3")), ("base tiny / phi3 at http://here",)),
        (Contender("v2", Imported()), ()),
    ],
)
def test_what_two_differ_in_besides_is_named_and_what_isnt_known_isnt(other: Contender, told: tuple[str, ...]) -> None:
    assert differing([TINY], [other]) == told


def trained(workspace: Workspace, name: str, seed: int, epochs: float = 5.0, dataset: str = "d" * 64) -> str:
    """A training run that the workspace knows."""
    config = TrainConfig(name=name, settings=TrainingSettings(seed=seed, epochs=epochs), dataset_digest=dataset)
    with workspace.store.write() as connection:
        runs.remember(connection, name, "train", msgspec.json.encode(config).decode(), seed=seed)
    return name


def said(workspace: Workspace, a: str, b: str) -> str:
    """What is said of the recipes of two runs (empty: none)."""
    claim = recipe_claim(workspace, [a] if a else [], [b] if b else [])
    return claim.sentence if claim else ""


def test_runs_of_one_recipe_differ_in_their_seed_alone(workspace: Workspace) -> None:
    first, second = trained(workspace, "0001-a", 1), trained(workspace, "0002-a", 2)
    trained(workspace, "0003-again", 2)
    trained(workspace, "0004-longer", 3, epochs=7.0)
    trained(workspace, "0005-other-pairs", 4, dataset="e" * 64)
    assert same_recipe(workspace, first) == (first, second)
    unknown = [trained(workspace, name, seed, dataset="") for name, seed in (("0006-x", 1), ("0007-x", 2))]
    assert same_recipe(workspace, unknown[0]) == (unknown[0],)
    assert same_recipe(workspace, "never-heard-of") == ("never-heard-of",)


def test_nothing_is_said_of_a_recipe_and_why(workspace: Workspace) -> None:
    a, b = trained(workspace, "0001-a", 1), trained(workspace, "0002-b", 1, epochs=7.0)
    assert said(workspace, a, b) == "One training run each: nothing is said of the recipe."
    assert said(workspace, a, "") == "One training run: nothing is said of the recipe."
    assert said(workspace, "", "") == ""
    other = trained(workspace, "0003-a", 2)
    assert said(workspace, a, other) == "Both are of one recipe: what differs is the seed, or chance."
    trained(workspace, "0004-b", 2, epochs=7.0)
    assert said(workspace, a, b) == (
        "There are 2 training runs and 2 training runs by other seeds, 2 degrees of freedom; this is one each: nothing "
        "is said of the recipe."
    )


def test_agreement_has_a_figure_from_sixteen_answers_on(workspace: Workspace) -> None:
    levels = {"v1": [0, 1, 2, 3, 4, 3, 2, 1], "v2": [4, 3, 2, 1, 0, 1, 2, 3]}
    scored_together(workspace, levels)
    rated = answers_with_ratings(workspace, FIVE, (), "", "")
    assert [each for each in agreements(workspace, FIVE, rated) if each.between == "raters"] == []
    score(replace(workspace, actor="rui"), levels)
    rated = answers_with_ratings(workspace, FIVE, (), "", "")
    (between,) = (each for each in agreements(workspace, FIVE, rated) if each.between == "raters")
    assert (between.answers, between.alpha) == (16, {"tone": 1.0})
    assert agreement_sentence(between) == "Agreement of raters over 16 answers (ordinal alpha): tone 1."
    few = [each for each in rated if each.answer.contender == "v1"]
    (between,) = (each for each in agreements(workspace, FIVE, few) if each.between == "raters")
    assert agreement_sentence(between) == "Agreement of raters over 8 answers: fewer than 16 say nothing."
