"""Settings: what they are, their ranges, and the sentence for one that can't be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from molting_tui.errors import BadInput
from molting_tui.recipe.settings import DEFAULT_BASE, FIELDS, TINY, TrainingSettings, checked_settings, defaults_for

SEEDS = {
    "model_name",
    "epochs",
    "batch_size",
    "gradient_accumulation",
    "learning_rate",
    "lora_rank",
    "lora_alpha",
    "warmup_steps",
    "max_seq_len",
}


def test_every_setting_has_a_meaning_and_every_number_a_range() -> None:
    assert {field.name for field in FIELDS} >= SEEDS
    for field in FIELDS:
        assert field.meaning.endswith("."), field.name
        if isinstance(field.default, int | float):
            assert field.limits, field.name


def test_defaults_are_settings_that_pass_their_own_check() -> None:
    for base in (TINY, DEFAULT_BASE, "some/other-model"):
        made = defaults_for(base)
        assert made.model_name == base
        assert checked_settings(msgspec.to_builtins(made)) == made


def test_the_tiny_base_learns_with_more_and_larger_steps_unless_told_otherwise() -> None:
    assert checked_settings({"model_name": TINY}) == defaults_for(TINY)
    assert checked_settings({"model_name": TINY}).learning_rate > TrainingSettings().learning_rate
    assert checked_settings({"model_name": TINY, "epochs": 3}).epochs == 3
    assert checked_settings({}) == TrainingSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", "five"),
        ("batch_size", 0),
        ("batch_size", 1.5),
        ("learning_rate", -1e-4),
        ("learning_rate", 2),
        ("lora_rank", 0),
        ("lora_dropout", 1.0),
        ("max_seq_len", 8),
        ("quantisation", "int3"),
        ("scheduler", "stairs"),
        ("target_modules", []),
        ("seed", -1),
        ("warmup_steps", float("inf")),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(BadInput, match=name):
        checked_settings({name: value})


def test_the_ends_of_a_range_are_in_it() -> None:
    assert checked_settings({"max_seq_len": 16, "seed": 2**32 - 1, "warmup_steps": 0}).max_seq_len == 16


def test_a_setting_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="group_by_length"):
        checked_settings({"group_by_length": True})
