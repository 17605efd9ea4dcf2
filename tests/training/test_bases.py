"""Base models by name: what is found, what is refused, and in which words. Nothing that a base brings is run."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from molting_tui.errors import BadInput, MoltingError
from tests.training.conftest import surroundings, write_tokenizer
from training import bases

pytestmark = pytest.mark.xdist_group("learning")

HUB_ID = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"


def copied(base: Path, target: Path) -> Path:
    shutil.copytree(base, target)
    return target


# Names


def test_a_folder_is_found_by_its_path(small_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_base.parent)
    assert bases.resolve(str(small_base)) == bases.resolve(small_base.name) == str(small_base.resolve())


def test_a_folder_wins_over_a_hub_id_of_the_same_spelling(
    small_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(small_base, tmp_path / HUB_ID)
    monkeypatch.chdir(tmp_path)
    assert bases.resolve(HUB_ID) == str(tmp_path / HUB_ID)


@pytest.mark.parametrize("name", [HUB_ID, "gpt2"])
def test_what_could_be_a_hub_id_stays_what_it_is(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert bases.resolve(name) == name


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "~/nowhere", "a b", "a/b/c", "x/", "ação", ""])
def test_what_can_be_nothing_gets_a_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r"Name `tiny`, a folder with a model in it, or a hub id"):
        bases.resolve(name)


def test_a_file_a_bare_folder_and_an_adapter_are_no_bases(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    (tmp_path / "empty").mkdir()
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    for name, sentence in (
        ("model.gguf", "is a file, not a model's folder"),
        ("empty", "there is no config.json in it"),
        ("adapter", "holds an adapter, not a base. Name the base it was trained on"),
    ):
        with pytest.raises(BadInput, match=sentence):
            bases.resolve(str(tmp_path / name))


@pytest.mark.parametrize("doing", ["local_folder(name)", "load_tokenizer(name)", "load_base(name, 'none')"])
def test_a_hub_id_that_cannot_be_reached_gets_a_sentence_at_once(doing: str, tmp_path: Path) -> None:
    script = f"""
from molting_tui.errors import MoltingError
from training.bases import *
name = {HUB_ID!r}
try:
    {doing}
except MoltingError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **surroundings(), "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == (
        f"{HUB_ID}: isn't on this machine, and the hub is set to offline. "
        "Check the network and the spelling, or name a local folder.\n"
    )


# Tokenizers


def test_a_local_folder_is_read_where_it_lies(small_base: Path) -> None:
    assert bases.local_folder(str(small_base)) == small_base


def test_a_tokenizer_without_a_padding_token_pads_with_its_end_token(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    folder = write_tokenizer(tmp_path / "base", pad_token=None)
    assert bases.load_tokenizer(str(folder)).pad_token == "</s>"


def test_a_tokenizer_without_an_end_token_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    folder = write_tokenizer(tmp_path / "base", eos_token=None, pad_token=None)
    with pytest.raises(BadInput, match=r"has no end token \(`eos_token`\), so an answer would never end"):
        bases.load_tokenizer(str(folder))


# Weights


def test_four_bits_are_four_bits_and_none_is_whole(small_base: Path) -> None:
    torch = pytest.importorskip("torch")
    bitsandbytes = pytest.importorskip("bitsandbytes")
    small = bases.load_base(str(small_base), "nf4")
    assert isinstance(small.model.layers[0].mlp.up_proj, bitsandbytes.nn.Linear4bit)
    state = small.model.layers[0].mlp.up_proj.weight.quant_state
    assert (state.quant_type, state.nested) == ("nf4", True)
    whole = bases.load_base(str(small_base), "none")
    dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    assert {weight.dtype for weight in whole.parameters()} == {dtype}
    assert not whole.training


def test_a_torn_file_of_weights_is_named(small_base: Path, tmp_path: Path) -> None:
    folder = copied(small_base, tmp_path / "torn")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(BadInput, match=r"model\.safetensors: is damaged or not whole: .* Download or copy it again\."):
        bases.load_base(str(folder), "none")


def test_pickled_weights_are_not_read(small_base: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    folder = copied(small_base, tmp_path / "pickled")
    torch.save(bases.load_base(str(small_base), "none").state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(BadInput, match=r"holds no weights as safetensors; pickled weights"):
        bases.load_base(str(folder), "none")


@pytest.mark.parametrize("doing", [bases.load_tokenizer, lambda source: bases.load_base(source, "none")])
def test_code_that_comes_with_a_model_is_never_run(doing: object, small_base: Path, tmp_path: Path) -> None:
    folder = copied(small_base, tmp_path / "foreign")
    config = json.loads((folder / "config.json").read_text())
    mapped = {name: f"theirs.{name}" for name in ("AutoConfig", "AutoModelForCausalLM")}
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "theirs", "auto_map": mapped}))
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    theirs = {"tokenizer_class": "Theirs", "auto_map": {"AutoTokenizer": ["theirs.Theirs", None]}}
    (folder / "tokenizer_config.json").write_text(json.dumps({**tokenizer, **theirs}))
    (folder / "theirs.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    # A tokenizer whose files say enough is loaded without that code.
    with contextlib.suppress(BadInput):
        doing(str(folder))  # type: ignore[operator]
    assert not (tmp_path / "ran").exists()


def test_a_model_with_foreign_code_only_is_refused(small_base: Path, tmp_path: Path) -> None:
    folder = copied(small_base, tmp_path / "foreign")
    config = json.loads((folder / "config.json").read_text())
    mapped = {"AutoConfig": "theirs.Config", "AutoModelForCausalLM": "theirs.Model"}
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "theirs", "auto_map": mapped}))
    with pytest.raises(BadInput, match="needs code that comes with the model"):
        bases.load_base(str(folder), "none")


def test_a_config_that_is_none_gets_a_sentence(small_base: Path, tmp_path: Path) -> None:
    folder = copied(small_base, tmp_path / "odd")
    for text in ("{", "[]", '{"model_type": "no-such-type"}'):
        (folder / "config.json").write_text(text)
        with pytest.raises(MoltingError, match=r"^.*odd: can't be loaded"):
            bases.load_base(str(folder), "none")


def test_four_bits_without_bitsandbytes_says_what_to_do(small_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transformers")
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(MoltingError, match=r"4-bit needs bitsandbytes, which isn't installed\. Install it"):
        bases.load_base(str(small_base), "nf4")
    assert bases.load_base(str(small_base), "none")
