"""What can't be asked, or by whom: a sentence each, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from molting_tui.errors import BadInput
from molting_tui.recipe.runfolder import Asked, AskedContender
from tests.conftest import needs
from tests.training.answering import (
    PROMPTS,
    answered,
    config_of,
    failure,
    make_run,
    questions,
    write_adapter,
)
from tests.training.conftest import PHI3, surroundings, write_tokenizer
from training.asked import jobs_of

pytestmark = [needs("torch", "peft", "bitsandbytes"), pytest.mark.xdist_group("answers")]


@pytest.fixture(scope="module")
def adapter(small_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_adapter(tmp_path_factory.mktemp("adapters") / "one", small_base, 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"questions": ()}, "there is no question in it"),
        ({"contenders": ()}, "there is nobody to ask"),
        ({"batch_size": 0}, "samples, max_new_tokens and batch_size must be at least 1"),
        ({"contenders": (AskedContender("a", "x"), AskedContender("a", "y"))}, "2 contenders are called `a`"),
        ({"contenders": (AskedContender("a", "tiny", "/nowhere"),)}, "adapter_config.json is missing"),
        ({"contenders": (AskedContender("a", "./nowhere"),)}, "no such folder"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(change: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    config = msgspec.structs.replace(config_of([AskedContender("base", "tiny")], questions()), **change)
    assert sentence in failure(answered(make_run(tmp_path / "run", config), code=2))


def test_a_folder_that_is_no_run_is_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "training.answer", "--run", str(tmp_path / "nowhere")],
        env={**os.environ, **surroundings()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "is no run folder: there is no config.json in it" in done.stderr
    assert "Traceback" not in done.stderr


def loading(base: Path, adapter: Path | str = "", asked: Sequence[Asked] = (), **also: Any) -> Any:
    from training.contenders import Contenders

    who = AskedContender("one", str(base), str(adapter))
    config = config_of([who], asked or questions(), **also)
    made = Contenders(str(base), [who], config)
    made.check_room(jobs_of(config))
    return [drawn for batch in made.answers(jobs_of(config)) for drawn in batch]


def copied_adapter(adapter: Path, target: Path, **change: Any) -> Path:
    shutil.copytree(adapter, target)
    config = json.loads((target / "adapter_config.json").read_text())
    (target / "adapter_config.json").write_text(json.dumps({**config, **change}))
    return target


def test_an_adapter_of_another_base_is_refused_though_it_would_fit(
    small_base: Path, adapter: Path, tmp_path: Path
) -> None:
    other = copied_adapter(adapter, tmp_path / "other", base_model_name_or_path="someone/another-model")
    with pytest.raises(BadInput, match=r"was trained on someone/another-model, not on .*small\. Ask it with that base"):
        loading(small_base, other)


def test_a_base_that_was_moved_is_still_the_same(small_base: Path, adapter: Path, tmp_path: Path) -> None:
    moved = copied_adapter(adapter, tmp_path / "moved", base_model_name_or_path="/elsewhere/small")
    assert len(loading(small_base, moved)) == len(PROMPTS)


def test_an_adapter_of_a_base_that_has_changed_since_is_refused(
    small_base: Path, adapter: Path, tmp_path: Path
) -> None:
    older = copied_adapter(adapter, tmp_path / "older")
    write_tokenizer(older, PHI3)
    with pytest.raises(BadInput, match=r"was trained with another tokenizer than .* has now"):
        loading(small_base, older)


def test_an_adapter_that_does_not_fit_is_a_sentence(small_base: Path, adapter: Path, tmp_path: Path) -> None:
    wide = copied_adapter(adapter, tmp_path / "wide", r=8)
    with pytest.raises(BadInput, match="the adapter doesn't fit"):
        loading(small_base, wide)
    torn = copied_adapter(adapter, tmp_path / "torn")
    (torn / "adapter_config.json").write_text("{")
    with pytest.raises(BadInput, match=r"adapter_config\.json can't be read"):
        loading(small_base, torn)


def test_a_pickled_adapter_is_not_read(small_base: Path, adapter: Path, tmp_path: Path) -> None:
    pickled = copied_adapter(adapter, tmp_path / "pickled")
    (pickled / "adapter_model.safetensors").rename(pickled / "adapter_model.bin")
    config = config_of([AskedContender("one", str(small_base), str(pickled))], questions())
    assert "adapter_model.safetensors is missing" in failure(answered(make_run(tmp_path / "run", config), code=2))


def test_a_base_without_a_chat_template_is_a_sentence(small_base: Path, tmp_path: Path) -> None:
    base = tmp_path / "mute"
    shutil.copytree(small_base, base)
    (base / "chat_template.jinja").unlink()
    with pytest.raises(BadInput, match="has no chat template: it never learned to chat"):
        loading(base)


def test_a_template_that_takes_no_system_turn_says_so(small_base: Path, tmp_path: Path) -> None:
    base = tmp_path / "strict"
    shutil.copytree(small_base, base)
    refusing = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no \x1b[31msystem') }}{% endif %}"
    (base / "chat_template.jinja").write_text(refusing + (base / "chat_template.jinja").read_text())
    with pytest.raises(BadInput, match="refuses the conversation: no ␛") as caught:
        loading(base, asked=questions(system="S"))
    assert "send no system turn" in caught.value.sentence()
    assert len(loading(base)) == len(PROMPTS)


def test_a_question_longer_than_the_base_can_read_is_named(small_base: Path) -> None:
    asked = (*questions(["Oi"]), Asked("novel", "d", "Quem é João? " * 900))
    with pytest.raises(BadInput, match=r"question novel and its answer take up to [\d,]+ tokens; the base reads 2,048"):
        loading(small_base, asked=asked)
