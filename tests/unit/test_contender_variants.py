"""A contender is asked as it was trained: its own template, prompt and step; one name is one of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_workspaces import process, run

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.answer_run import Asking, ask
from molting_tui.recipe.events import Done, Failed
from molting_tui.recipe.runfolder import ADAPTER, ANSWERS, AnswerConfig, AskedContender
from molting_tui.recipe.settings import TINY, checked_settings
from molting_tui.workspace import Workspace
from tests.runs_made import ended, nothing_left, on_disk, workspace_with
from tests.small_bases import write_base
from tests.stand_in import stand_in
from tests.training.conftest import CHATML, LLAMA2, PHI3, ZEPHYR

PERSONA = "Você é Cláudio."
STRICT = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system here') }}{% endif %}" + CHATML


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=1, prompt=PERSONA)
    with nothing_left(made):
        yield made
    made.close()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write_base(tmp_path / "base")


def write_lora(folder: Path, base: Path | str, template: str = "", weights: bytes = b"weights") -> Path:
    """An adapter's folder, with a template of its own or without one."""
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(weights)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(base)}))
    if template:
        (folder / "chat_template.jinja").write_text(template)
    return folder


def asked(workspace: Workspace, *contenders: str, **more: Any) -> dict[str, AskedContender]:
    """Whom an answering run asks, by name; it has ended and answered nothing."""
    return {each.name: each for each in config(workspace, *contenders, **more).contenders}


def config(workspace: Workspace, *contenders: str, **more: Any) -> AnswerConfig:
    run = ask(workspace, Asking(contenders=contenders, **more), command=stand_in("done"))
    ended(run)
    assert isinstance(run.config, AnswerConfig)
    return run.config


def answers_given(workspace: Workspace, *contenders: str, **more: Any) -> None:
    """The same, with an answers file that nobody has taken in yet."""
    run = ask(workspace, Asking(contenders=contenders, **more), command=stand_in("done"))
    ended(run)
    (run.folder / ANSWERS).write_bytes(b"")


def digest(template: str) -> str:
    return hashlib.sha256(template.encode()).hexdigest()


# Templates


def test_an_adapter_is_asked_in_the_template_that_it_brings_else_in_its_bases(
    ours: Workspace, base: Path, tmp_path: Path
) -> None:
    own, bare = write_lora(tmp_path / "own", base, CHATML), write_lora(tmp_path / "bare", base)
    by_name = asked(ours, str(own), str(bare), str(base))
    told = {name: (each.template, each.template_from, each.template_digest) for name, each in by_name.items()}
    assert told == {
        "own": (CHATML, "adapter", digest(CHATML)),
        "bare": ("", "base", digest(ZEPHYR)),
        "base": ("", "base", digest(ZEPHYR)),
    }


def test_a_template_in_an_adapters_tokenizer_config_counts_too(ours: Workspace, base: Path, tmp_path: Path) -> None:
    older = write_lora(tmp_path / "older", base)
    (older / "tokenizer_config.json").write_text(json.dumps({"chat_template": PHI3}))
    assert asked(ours, str(older))["older"].template == PHI3


def test_a_template_is_said_for_all_for_one_by_file_or_by_the_base_that_has_it(
    ours: Workspace, base: Path, tmp_path: Path
) -> None:
    lora = write_lora(tmp_path / "lora", base, CHATML)
    file = tmp_path / "phi.jinja"
    file.write_text(PHI3)
    other = write_base(tmp_path / "other", LLAMA2)
    for_all = asked(ours, str(lora), str(base), templates=(str(file),))
    assert {each.template for each in for_all.values()} == {PHI3}
    for_one = asked(ours, str(lora), f"plain={lora}", templates=("plain=base",))
    assert [for_one[name].template for name in ("lora", "plain")] == [CHATML, ""]
    assert for_one["plain"].template_digest == digest(ZEPHYR)
    of_base = asked(ours, str(base), templates=(str(other),))["base"]
    assert (of_base.template, of_base.template_from) == (LLAMA2, f"the base {other}")


def test_who_starts_a_run_is_told_which_template_is_not_its_bases(ours: Workspace, base: Path, tmp_path: Path) -> None:
    own, bare = write_lora(tmp_path / "own", base, CHATML), write_lora(tmp_path / "bare", base)
    alike = write_lora(tmp_path / "alike", base, ZEPHYR)
    from molting_tui.cli.answer import template_words

    by_name = asked(ours, str(own), str(bare), str(base), str(alike))
    assert {name: template_words(each) for name, each in by_name.items()} == {
        "own": ", in its own chat template (not its base's)",
        "bare": ", in its base's chat template",
        "base": "",
        "alike": ", in its own chat template",
    }


@pytest.mark.parametrize(
    ("template", "prompt", "sentence"),
    [
        ("{% for %}", PERSONA, r"lora, file t\.jinja: its chat template can't be read"),
        (STRICT, PERSONA, r"takes no system prompt \(no system here\)\. Leave the system prompt empty"),
        ("{{ messages[7].content }}", "", r"its chat template refuses the conversation"),
        ("  ", "", "there is no template in it"),
    ],
)
def test_a_template_that_cannot_be_used_is_told_before_anything_is_started(
    ours: Workspace, base: Path, tmp_path: Path, template: str, prompt: str, sentence: str
) -> None:
    lora = write_lora(tmp_path / "lora", base)
    (tmp_path / "t.jinja").write_text(template)
    with pytest.raises(BadInput, match=sentence):
        asked(ours, str(lora), templates=(str(tmp_path / "t.jinja"),), system_prompts=(prompt,))
    assert not (ours.folder / "runs").exists()


def test_an_adapter_whose_own_template_is_broken_can_be_asked_in_its_bases(
    ours: Workspace, base: Path, tmp_path: Path
) -> None:
    lora = write_lora(tmp_path / "lora", base, "{% if %}")
    with pytest.raises(BadInput, match=r"lora, adapter: its chat template can't be read .*or lora=base for its base's"):
        asked(ours, str(lora))
    assert asked(ours, str(lora), templates=("lora=base",))["lora"].template == ""


def test_a_template_that_takes_no_system_turn_is_fine_where_none_is_sent(
    ours: Workspace, base: Path, tmp_path: Path
) -> None:
    lora = write_lora(tmp_path / "lora", base, STRICT)
    assert asked(ours, str(lora), system_prompts=("",))["lora"].template == STRICT


# System prompts


def test_a_prompt_is_said_for_all_for_one_as_text_or_as_a_file(ours: Workspace, base: Path, tmp_path: Path) -> None:
    file = tmp_path / "prompt.txt"
    file.write_text("Você é breve.\nE direto.\n", "utf-8")
    by_name = asked(
        ours, str(base), f"terse={base}", f"long={base}", system_prompts=("terse=Be brief.", f"long={file}")
    )
    prompts = {name: each.system_prompt for name, each in by_name.items()}
    assert prompts == {"base": PERSONA, "terse": "Be brief.", "long": "Você é breve.\nE direto."}
    everybody = asked(ours, str(base), f"terse={base}", system_prompts=("terse=Be brief.", "Be kind."))
    assert [everybody[name].system_prompt for name in ("base", "terse")] == ["Be kind.", "Be brief."]


@pytest.mark.parametrize(
    ("prompts", "sentence"),
    [
        (("ters=Be brief.",), "no contender is called `ters`, so its system prompt is nobody's"),
        (("terse=A", "terse=B"), "two of a system prompt for `terse`"),
        (("A", "B"), "two of a system prompt for all contenders"),
    ],
)
def test_a_prompt_that_is_nobodys_is_a_sentence(
    ours: Workspace, base: Path, prompts: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        asked(ours, f"terse={base}", system_prompts=prompts)


# Names


def test_one_name_is_one_prompt_and_one_template(ours: Workspace, base: Path, tmp_path: Path) -> None:
    lora = write_lora(tmp_path / "lora", base, CHATML)
    answers_given(ours, str(lora))
    asked(ours, str(lora))  # the same again
    with pytest.raises(BadInput, match=r"`lora` has answered with another system prompt before \(“Você é Cláudio\.”\)"):
        asked(ours, str(lora), system_prompts=("Be brief.",))
    with pytest.raises(BadInput, match=r"`lora` has answered in another chat template before .*OTHER-NAME=lora"):
        asked(ours, str(lora), templates=("base",))
    assert asked(ours, f"terse={lora}", system_prompts=("Be brief.",)).keys() == {"terse"}


def test_another_way_of_drawing_keeps_the_name(ours: Workspace, base: Path) -> None:
    answers_given(ours, str(base))
    assert config(ours, str(base), generation={"temperature": 0.0}).generation.temperature == 0


# Checkpoints


def checkpoints(workspace: Workspace, *steps: int, base: str = TINY) -> Path:
    """A training run's folder with checkpoints and without an adapter: it was stopped, or died."""
    settings = checked_settings({"model_name": base})
    folder = on_disk(workspace, 7, [Failed(kind="k", message="The disk is full.")], settings=settings, name="v2")
    for step in steps:
        write_lora(folder / f"checkpoint-{step}", base, ZEPHYR, b"at %d" % step)
    return folder


def test_a_checkpoint_is_asked_by_run_and_step_or_by_its_folder(ours: Workspace) -> None:
    folder = checkpoints(ours, 20, 100)
    by_name = asked(ours, "7@20", "v2@100")
    told = [(name, each.run, each.step, each.adapter) for name, each in by_name.items()]
    assert told == [
        ("0007-v2@20", "0007-v2", 20, str(folder / "checkpoint-20")),
        ("0007-v2@100", "0007-v2", 100, str(folder / "checkpoint-100")),
    ]
    assert by_name["0007-v2@20"].adapter_digest != by_name["0007-v2@100"].adapter_digest
    assert by_name["0007-v2@20"].template == ZEPHYR
    assert asked(ours, str(folder / "checkpoint-100")) == {"0007-v2@100": by_name["0007-v2@100"]}


def test_a_step_without_a_checkpoint_names_those_that_there_are(ours: Workspace) -> None:
    checkpoints(ours, 20, 100)
    with pytest.raises(BadInput, match=r"run 0007-v2 has no checkpoint of step 50\. It has 20, 100\."):
        asked(ours, "7@50")
    with pytest.raises(BadInput, match=r"run 0007-v2 has no adapter: it failed.*Its checkpoints can be asked: 7@100"):
        asked(ours, "7")
    with pytest.raises(BadInput, match="there is no base and no run `9@50`"):
        asked(ours, "9@50")


def test_a_checkpoint_of_anothers_training_is_asked_by_its_folder(ours: Workspace, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    checkpoints(ours, 20).rename(elsewhere)
    (each,) = asked(ours, str(elsewhere / "checkpoint-20")).values()
    assert (each.name, each.run, each.step, each.base) == ("elsewhere-checkpoint-20", "", None, TINY)


def test_the_commands_say_how_each_is_asked(ours: Workspace, base: Path) -> None:
    folder = on_disk(ours, 1, [Done(reason="finished")], settings=checked_settings({"model_name": str(base)}))
    write_lora(folder / ADAPTER, base, ZEPHYR)
    done = process("answer", "1", "--template", "nobody", workspace=ours.folder)
    assert done.returncode == 2
    assert "nobody: is no file, and no base on this machine. Name a file with a template" in done.stderr
    assert "--template" in run("answer", "--help").output
