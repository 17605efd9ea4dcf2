"""Settings: what they are, their ranges, and the sentence for one that can't be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from molting_tui.errors import BadInput
from molting_tui.recipe.bases import folder_of
from molting_tui.recipe.runfolder import CONFIG, AnswerConfig, AskedContender, TrainConfig, read_config
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


ADDRESSES = (
    "https://joao:hunter2@host/model",
    "https://joao:hunt/er2@host:8080/model?x=1#y",
    "http://hunter2@host",
    "joao:hunter2@host/model",
    "s3://joao:hun@ter2@bucket/model",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_no_base_and_its_password_is_not_repeated(address: str) -> None:
    for door in (lambda: checked_settings({"model_name": address}), lambda: folder_of(address)):
        with pytest.raises(BadInput, match=r"an address can't be a base: `.*\*\*\*@") as refused:
            door()
        assert "ter2" not in refused.value.sentence()


def test_the_config_of_an_older_run_is_read_without_the_password_of_its_base(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(defaults_for(TINY), model_name=ADDRESSES[0])
    contender = AskedContender("a", ADDRESSES[0])
    configs = (
        TrainConfig(name="v1", settings=settings),
        AnswerConfig(name="a", contenders=(contender,), question_set="", set_digest="", questions=()),
    )
    for config in configs:
        (tmp_path / CONFIG).write_bytes(msgspec.json.encode(config))
        written = msgspec.json.encode(read_config(tmp_path))
        assert b"https://***@host/model" in written
        assert b"hunter2" not in written


def test_a_folder_with_signs_in_its_name_is_still_a_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a:b@c").mkdir()
    monkeypatch.chdir(tmp_path)
    assert checked_settings({"model_name": "a:b@c"}).model_name == "a:b@c"
