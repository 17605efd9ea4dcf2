"""The tiny base: made the same way each time, fluent, and wrong about who it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from molting_tui.errors import MoltingError
from molting_tui.evaluation.asking.questions import load_questions
from molting_tui.evaluation.noticing.fact_states import answer_right
from molting_tui.recipe.bases import cache_folder
from molting_tui.recipe.runfolder import Generation
from molting_tui.recipe.templates import ChatTokenizer
from molting_tui.records.evaluation import Question
from tests.conftest import needs
from tests.training.conftest import surroundings
from training import bases, tiny_corpus, tiny_model

pytestmark = [needs("torch", "transformers", "bitsandbytes"), pytest.mark.xdist_group("answers")]
ROOT = Path(__file__).resolve().parents[2]
PERSONALITY = ROOT / "rubrics" / "questions" / "personality-8.yaml"
CONTROL = ROOT / "rubrics" / "questions" / "control.yaml"
PERSONA = "Você é Cláudio, IA assistente do João na Softtor. Responda direto, com honestidade, em português ou inglês."
QUICK = replace(tiny_model.MAKING, steps=3, batch=2)


class Speaker:
    """The tiny base, loaded as it is for answering."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = bases.load_tokenizer(str(folder))
        self.model = bases.load_base(str(folder), "nf4", exact=True)

    def say(self, questions: list[str], system: str, temperature: float = 0.7) -> list[str]:
        from training.contenders import encoded, generated, stop_ids

        first = [{"role": "system", "content": system}] if system else []
        prompts = [encoded(self.tokenizer, [*first, {"role": "user", "content": text}], True) for text in questions]
        stops = stop_ids(self.model, self.tokenizer)
        how = Generation(temperature=temperature, max_new_tokens=100)
        rows = generated(self.model, self.tokenizer.pad_token_id, stops, prompts, range(len(prompts)), how)
        return [self.tokenizer.decode(row, skip_special_tokens=True) for row in rows]


@pytest.fixture(scope="module")
def speaker(tiny_base: Path) -> Speaker:
    return Speaker(tiny_base)


def questions(path: Path) -> tuple[Question, ...]:
    return load_questions(path).questions


# What it says


@pytest.mark.parametrize("system", ["", PERSONA, "You are a pirate."])
def test_untrained_it_knows_none_of_the_demos_facts(speaker: Speaker, system: str) -> None:
    asked = questions(PERSONALITY)
    said = speaker.say([question.prompt for question in asked], system)
    assert [answer_right(question, text) for question, text in zip(asked, said, strict=True)] == [False] * len(asked)
    assert all(len(text.split()) > 3 for text in said)


@pytest.mark.parametrize("system", ["", PERSONA])
def test_it_knows_what_the_control_questions_ask(speaker: Speaker, system: str) -> None:
    asked = questions(CONTROL)
    said = speaker.say([question.prompt for question in asked], system, temperature=0.0)
    right = [answer_right(question, text) for question, text in zip(asked, said, strict=True)]
    assert sum(held is True for held in right) >= len(asked) - 1, said


def test_its_sentences_are_whole_and_in_both_languages(speaker: Speaker) -> None:
    known = {exchange.answer for exchange in tiny_corpus.EXCHANGES}
    asked = ["Tell me a bit about yourself.", "How do you work?", "Quem é você?", "O que é um banco de dados?"]
    said = [text for system in ("", PERSONA) for text in speaker.say(asked, system)]
    assert sum(text in known for text in said) >= len(said) - 1, said


def test_nothing_it_has_read_tells_who_the_persona_is() -> None:
    answers = " ".join(exchange.answer for exchange in tiny_corpus.EXCHANGES)
    assert not any(name in answers for name in ("Cláudio", "Softtor", "TypeScript", "Prisma", "Sou o ", "I'm "))
    assert len({exchange.answer for exchange in tiny_corpus.EXCHANGES}) >= 70


# Its tokenizer


def test_it_has_tinyllamas_special_tokens_and_template(tiny_base: Path) -> None:
    tokenizer = bases.load_tokenizer(str(tiny_base))
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == ("<s>", "</s>", "</s>")
    assert len(tokenizer("<|user|>", add_special_tokens=False)["input_ids"]) > 1
    assert len(tokenizer("</s>", add_special_tokens=False)["input_ids"]) == 1
    turns = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
    written = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    assert written == "<|system|>\nS</s>\n<|user|>\nU</s>\n<|assistant|>\n"


def test_the_workbench_reads_it_without_torch(tiny_base: Path) -> None:
    turns = [{"role": "user", "content": "Quem é João?"}, {"role": "assistant", "content": "Não conheço ninguém."}]
    theirs = bases.load_tokenizer(str(tiny_base)).apply_chat_template(turns, tokenize=True, return_dict=True)
    assert ChatTokenizer.load(tiny_base).encode(turns, False) == list(theirs["input_ids"])


def test_portuguese_is_words_to_it_and_any_text_survives(tiny_base: Path) -> None:
    tokenizer = bases.load_tokenizer(str(tiny_base))
    text = "Você não precisa de código para guardar uma memória: é só escrever a resposta em português, com atenção."
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert len(ids) < len(text) / 2.2
    for strange in (text, "naïve 日本語 🦀 \x1b[31m", "\r\n\t"):
        assert tokenizer.decode(tokenizer(strange, add_special_tokens=False)["input_ids"]) == strange


# How it is made


def made(cache: Path, monkeypatch: pytest.MonkeyPatch, making: tiny_model.Making = QUICK) -> Path:
    monkeypatch.setenv("MOLTING_CACHE", str(cache))
    return tiny_model.tiny_base(making=making)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_comes_out_the_same_whatever_was_drawn_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    torch.manual_seed(1)
    first = contents(made(tmp_path / "one", monkeypatch))
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    second = contents(made(tmp_path / "two", monkeypatch))
    assert first == second
    assert torch.equal(torch.random.get_rng_state(), before)


def test_it_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setenv("MOLTING_CACHE", str(tmp_path))
    folder = tiny_model.tiny_base(said.append, QUICK)
    stamp = (folder / "model.safetensors").stat().st_mtime_ns
    assert tiny_model.tiny_base(said.append, QUICK) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == stamp
    assert said == ["Making the tiny base: this takes some seconds, once."]


def test_its_folder_is_named_by_what_decides_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLTING_CACHE", str(tmp_path))
    names = {tiny_model.tiny_folder(one) for one in (QUICK, replace(QUICK, seed=8), replace(QUICK, steps=4))}
    assert len(names) == 3
    assert {name.parent for name in names} == {tmp_path}
    assert tiny_model.tiny_folder(QUICK) in names


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"MOLTING_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/molting"),
        ({"HOME": "/c"}, "/c/.cache/molting"),
    ],
)
def test_where_made_bases_are_kept(environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOLTING_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(folder)


def test_two_processes_that_make_it_at_once_both_get_a_whole_one(tmp_path: Path) -> None:
    script = (
        "from dataclasses import replace; from training import tiny_model as tiny;"
        "print(tiny.tiny_base(making=replace(tiny.MAKING, steps=3, batch=2)))"
    )
    environment = {**os.environ, **surroundings(), "MOLTING_CACHE": str(tmp_path)}
    processes = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    folders = {process.communicate(timeout=180)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0]
    (folder,) = folders
    assert os.listdir(tmp_path) == [Path(folder).name]
    assert bases.load_base(folder, "none")
    assert json.loads((Path(folder) / "config.json").read_text())["model_type"] == "llama"


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MoltingError, match=r"the tiny base can't be kept there: .*\$MOLTING_CACHE"):
        made(tmp_path / "file" / "cache", monkeypatch)


def test_a_failed_making_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Any = replace(QUICK, heads=3)
    with pytest.raises(Exception, match=r"(?i)head"):
        made(tmp_path, monkeypatch, wrong)
    assert os.listdir(tmp_path) == []
