"""Every check over rows, settings and the base's files: what makes it speak up, and what satisfies it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from molting_tui.errors import Refused
from molting_tui.recipe.bases import Base, files_here, linear_layers, look_over, weights_of
from molting_tui.recipe.libraries import FOR_TRAINING, libraries_check
from molting_tui.recipe.preflight import FEWEST_STEPS, Blocked, Preflight, preflight
from molting_tui.recipe.rows import Conversation, RowReader
from molting_tui.recipe.settings import TINY, TrainingSettings
from molting_tui.recipe.steps import optimizer_steps, steps_an_epoch, warm_up_steps
from molting_tui.recipe.templates import ChatMessage
from molting_tui.records.checks import Check
from molting_tui.records.turns import LeftOut
from tests.small_bases import PHI3_LAYERS, write_base, write_weights
from tests.training.conftest import CHATML, LLAMA2, PHI3, ZEPHYR

DEAF = "{% for m in messages if m.role != 'system' %}<|{{ m.role }}|>{{ m.content }}{{ eos_token }}{% endfor %}"
SHIFTING = (
    "{% for m in messages %}<|{{ m.role }}|>{% if loop.last or m.role != 'assistant' %}{{ m.content }}"
    "{% else %}(cut){% endif %}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LOWER = "{% for m in messages %}<|{{ m.role }}|>{{ m.content | lower }}{{ eos_token }}{% endfor %}"
ROOMY = TrainingSettings(epochs=60, batch_size=1, gradient_accumulation=1)
"""Settings under which two pairs make steps enough."""


def talk(number: int = 1, *more: str, system: str = "Você é Cláudio.") -> list[ChatMessage]:
    """A conversation unlike those of other numbers."""
    texts = (f"Quem é João, pergunta {number}?", f"Resposta {number}: o dev da Softtor.", *more)
    said = [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]
    return [{"role": "system", "content": system}, *said] if system else said


def looked(
    *talks: list[ChatMessage], base: Path | None = None, settings: TrainingSettings = ROOMY, name: str = "base"
) -> Preflight:
    """The list for these conversations; without a base only what needs none."""
    known = look_over(name, settings.target_modules, base) if base else Base(None, ())
    reader = RowReader(known.chat, settings.max_seq_len, lambda number, _: f"pair {number}")
    for number, messages in enumerate(talks, 1):
        reader.take(Conversation(number, messages))
    return preflight(reader, settings, known.checks)


def check(found: Preflight, id: str) -> Check:
    """The one check with this id."""
    (wanted,) = [check for check in found.checks if check.id == id]
    return wanted


def level(found: Preflight, id: str) -> str:
    """Its level."""
    return check(found, id).level


def changed(**values: Any) -> TrainingSettings:
    """The roomy settings with other values."""
    return msgspec.structs.replace(ROOMY, **values)


@pytest.fixture(scope="module")
def zephyr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base in TinyLlama's format."""
    return write_base(tmp_path_factory.mktemp("base") / "zephyr")


def test_a_sound_run_passes_every_check(zephyr: Path) -> None:
    found = looked(talk(1), talk(2), base=zephyr)
    assert {check.id: check.level for check in found.checks} == dict.fromkeys(
        [
            "base", "template", "weights", "target-modules", "pairs", "messages", "empty", "template-takes", "too-long",
            "system-prompt", "one-prompt", "turns", "duplicates", "template-system", "template-texts", "stop-token",
            "steps", "warm-up",
        ],
        "pass",
    )  # fmt: skip
    assert (found.ok, found.steps, found.pairs, found.left_out, found.warnings) == (True, 120, 2, {}, [])
    found.refuse_blocked()


# The rows


def test_two_pairs_are_enough_and_one_is_not() -> None:
    assert check(looked(talk(1), talk(2)), "pairs").count == 2
    for found, why in (
        (looked(talk(1)), "there is only one pair to train on; it takes at least 2"),
        (looked(talk(1), talk(2, "unfinished?")), "there is only one pair to train on (1 left out); it takes"),
        (looked(), "there is nothing to learn"),
    ):
        assert level(found, "pairs") == "block"
        assert check(found, "pairs").why.startswith(why)
        with pytest.raises(Blocked, match=r"nothing to learn|only one pair"):
            found.refuse_blocked()


@pytest.mark.parametrize(
    ("id", "messages", "reason", "why"),
    [
        ("messages", [*talk(), {"role": "tool", "content": "42"}], "tool-messages", "with tool calls"),
        ("messages", [*talk(), {"role": "tool_call", "content": "x()"}], "tool-messages", "with tool calls"),
        ("messages", talk()[:2], "no-answer", "without an assistant turn"),
        ("messages", talk(1, "e depois?"), "unfinished", "not ending with an answer"),
        ("messages", [talk()[2], *talk()], "no-question", "with an answer that nobody asked for"),
        ("messages", [], "no-answer", "without an assistant turn"),
        ("empty", talk(1, "e depois?", " \n"), "empty-answer", "with an empty answer"),
        ("empty", talk(1, "", "sim"), "empty-question", "with an empty question"),
    ],
)
def test_a_pair_that_cannot_be_learned_whole_is_left_out_and_told(
    id: str, messages: list[ChatMessage], reason: str, why: str
) -> None:
    found = looked(talk(1), talk(2), messages)
    assert (level(found, id), check(found, id).count) == ("warn", 1)
    assert check(found, id).why.startswith(f"1 pair left out: {why}")
    assert check(found, id).why.endswith("(first: pair 3)")
    assert (found.pairs, found.left_out, found.ok) == (2, {reason: 1}, True)
    assert level(looked(talk(1), talk(2)), id) == "pass"


def test_pairs_without_mixed_and_with_different_system_turns_are_told_apart() -> None:
    none = looked(talk(1, system=""), talk(2, system=""))
    assert level(none, "system-prompt") == "warn"
    assert "no identity to hold on to" in check(none, "system-prompt").why
    mixed = looked(talk(1), talk(2), talk(3, system=""))
    assert check(mixed, "system-prompt").why.startswith("2 pairs with a system turn and 1 without")
    assert (level(mixed, "system-prompt"), check(mixed, "system-prompt").count) == ("warn", 1)
    several = looked(talk(1), talk(2, system="Fale pouco."))
    assert (level(several, "system-prompt"), level(several, "one-prompt")) == ("pass", "note")
    assert check(several, "one-prompt").why == "the pairs have 2 different system turns"


def test_pairs_that_say_the_same_are_counted_and_a_word_makes_the_difference() -> None:
    found = looked(talk(1), talk(1), talk(1), talk(2))
    assert (level(found, "duplicates"), check(found, "duplicates").count) == ("note", 2)
    assert level(looked(talk(1), talk(1, system="Outra pessoa.")), "duplicates") == "pass"


def test_turns_that_do_not_alternate_are_noted() -> None:
    twice = [*talk()[:2], *talk(2)[1:]]
    found = looked(talk(1), twice)
    assert (level(found, "turns"), check(found, "turns").count) == ("note", 1)
    assert level(looked(talk(1), talk(2, "e?", "sim")), "turns") == "pass"


def test_every_reason_for_leaving_pairs_out_is_told_and_counted_and_none_of_them_is_learned() -> None:
    unfinished, tools = talk(3, "e depois?"), [*talk(4), {"role": "tool", "content": "42"}]
    without_system = talk(5, "e depois?", system="")
    listed = looked(talk(1), talk(2), unfinished, tools, without_system)
    messages = check(listed, "messages")
    assert (messages.count, listed.left_out) == (3, {"tool-messages": 1, "unfinished": 2})
    assert "1 pair left out: with tool calls" in messages.why
    assert "2 pairs left out: not ending with an answer" in messages.why
    assert level(listed, "system-prompt") == "pass"


def test_what_was_left_out_before_is_counted_with_its_numbers() -> None:
    reader = RowReader(None, 512, lambda number, _: f"pair {number}")
    reader.left_out_before([LeftOut("damaged-item", 3, "line 7")])
    reader.take(Conversation(9, talk(1, "e depois?")))
    reader.left_out_before([LeftOut("damaged-item", 2, "line 12")])
    assert reader.left_out == (LeftOut("damaged-item", 5, "line 7"), LeftOut("unfinished", 1, "pair 9"))
    assert reader.read == 6


def test_where_nothing_is_learned_the_most_frequent_reason_is_told_and_nothing_else_of_the_rows() -> None:
    listed = looked(talk(1, "e depois?"), talk(2, "e depois?"), talk(3, "e?", " "))
    assert check(listed, "pairs").why.startswith("nothing in it can be learned: 2 pairs left out: not ending with an")
    assert "Keep some more" in check(listed, "pairs").fix
    assert [check.id for check in listed.checks] == ["pairs", "messages", "empty"]


def test_each_system_turn_is_counted() -> None:
    assert check(looked(talk(1, system=""), talk(2, system="")), "system-prompt").count == 2
    assert check(looked(talk(1), talk(2, system="Fale pouco."), talk(3)), "one-prompt").count == 2


def test_notes_are_no_warnings() -> None:
    listed = looked(talk(1), talk(1), talk(2, system=""))
    assert (level(listed, "duplicates"), level(listed, "system-prompt")) == ("note", "warn")
    assert listed.warnings == [check(listed, "system-prompt").sentence]


def test_the_same_words_of_another_speaker_or_in_other_messages_are_another_pair() -> None:
    said = ["a", "b", "c", "d"]
    pairs = [
        [{"role": role, "content": text} for role, text in zip(roles, said, strict=True)]
        for roles in (["user", "assistant"] * 2, ["user", "user", "user", "assistant"])
    ]
    joined = [{"role": "user", "content": "aassistantbuserc"}, {"role": "assistant", "content": "d"}]
    assert level(looked(*pairs, joined), "duplicates") == "pass"


# What the base makes of them


def test_a_pair_longer_than_the_window_is_left_out_and_the_tokens_it_needs_are_told(zephyr: Path) -> None:
    long = talk(3, "longa " * 50, "longa " * 50)
    needed = len(chat_of(zephyr).encode(long, False))
    found = looked(talk(1), talk(2), long, base=zephyr, settings=changed(max_seq_len=needed - 1))
    told = check(found, "too-long")
    assert (told.level, told.count, found.pairs) == ("warn", 1, 2)
    assert told.fix.startswith(f"Set max_seq_len to {needed} to learn them too")
    assert f"longer than max_seq_len {needed - 1}; the longest needs {needed} tokens (first: pair 3)" in told.why
    assert (
        level(looked(talk(1), talk(2), long, base=zephyr, settings=changed(max_seq_len=needed)), "too-long") == "pass"
    )


def chat_of(folder: Path) -> Any:
    """A base's tokenizer."""
    return look_over("base", (), folder).chat


def test_when_all_are_too_long_nothing_is_left_and_the_window_they_need_is_the_advice(zephyr: Path) -> None:
    needed = max(len(chat_of(zephyr).encode(talk(number), False)) for number in (1, 2))
    found = looked(talk(1), talk(2), base=zephyr, settings=changed(max_seq_len=16))
    assert check(found, "pairs").why.startswith("nothing in it can be learned: 2 pairs left out: longer than")
    assert check(found, "pairs").fix == f"Set max_seq_len to {needed}."
    assert (found.steps, found.ok) == (0, False)


def test_the_longest_of_the_pairs_that_are_too_long_is_the_one_that_is_told(zephyr: Path) -> None:
    long, longer = talk(3, "longa " * 50, "sim"), talk(4, "longa " * 90, "sim")
    for talks in ((long, longer), (longer, long)):
        listed = looked(talk(1), talk(2), *talks, base=zephyr, settings=changed(max_seq_len=128))
        assert f"the longest needs {len(chat_of(zephyr).encode(longer, False))} tokens" in check(listed, "too-long").why


def test_a_template_that_refuses_a_pair_leaves_it_out_and_one_that_refuses_all_blocks(tmp_path: Path) -> None:
    llama = write_base(tmp_path / "llama", LLAMA2)
    twice = [*talk()[:2], *talk(2)[1:]]
    found = looked(talk(1), talk(2), twice, base=llama)
    assert (level(found, "template-takes"), found.left_out, found.ok) == ("warn", {"template-refuses": 1}, True)
    assert level(looked(talk(1), talk(2), base=llama), "template-takes") == "pass"
    none = looked(twice, twice, base=llama)
    assert "refused by the base's chat template" in check(none, "pairs").why
    assert check(none, "pairs").fix == "Choose another base, or other pairs."
    assert not none.ok


def test_a_template_that_changes_earlier_answers_leaves_them_out(tmp_path: Path) -> None:
    shifting = write_base(tmp_path / "shifting", SHIFTING)
    found = looked(talk(1), talk(2), talk(3, "e depois?", "sim"), base=shifting)
    assert (level(found, "template-takes"), found.left_out) == ("warn", {"shifting-template": 1})


def test_a_template_that_leaves_the_system_turn_out_is_noticed(tmp_path: Path, zephyr: Path) -> None:
    deaf = write_base(tmp_path / "deaf", DEAF)
    unheard = looked(talk(1), talk(2), base=deaf)
    assert (level(unheard, "template-system"), check(unheard, "template-system").count) == ("warn", 2)
    assert level(unheard, "template-texts") == "pass"  # what it says of the system turn is enough
    assert level(looked(talk(1), talk(2), base=zephyr), "template-system") == "pass"
    without = looked(talk(1, system=""), talk(2, system=""), base=deaf)
    assert "template-system" not in [check.id for check in without.checks]


def test_a_template_that_insists_on_a_system_turn_hears_it(tmp_path: Path) -> None:
    insists = f"{{% if messages[0].role != 'system' %}}{{{{ raise_exception('no system') }}}}{{% endif %}}{ZEPHYR}"
    listed = looked(talk(1), talk(2), base=write_base(tmp_path / "insists", insists))
    assert (level(listed, "template-system"), listed.pairs) == ("pass", 2)


def test_a_template_that_changes_a_text_is_noticed(tmp_path: Path, zephyr: Path) -> None:
    lower = write_base(tmp_path / "lower", LOWER)
    found = looked(talk(1), talk(2), base=lower)
    assert (level(found, "template-texts"), check(found, "template-texts").count) == ("warn", 2)
    small = [{"role": "user", "content": "quem?"}, {"role": "assistant", "content": "João."}]
    assert check(looked(talk(1), small, base=lower), "template-texts").count == 2  # one text of it is enough
    assert level(looked(talk(1, "Sim? ", " Sim.\n"), talk(2), base=zephyr), "template-texts") == "pass"


@pytest.mark.parametrize(
    ("template", "generation", "expected"),
    [
        (ZEPHYR, None, "pass"),
        (PHI3, None, "pass"),  # it ends the whole with its end token
        (CHATML, None, "warn"),  # `<|im_end|>` stops nothing here
        (CHATML, '{"eos_token_id": [1, 3]}', "pass"),
        (CHATML, '{"eos_token_id": 3}', "pass"),
        (CHATML, '{"eos_token_id": 1}', "warn"),
    ],
)
def test_an_answer_learned_without_what_ends_it_is_noticed(
    template: str, generation: str | None, expected: str, tmp_path: Path
) -> None:
    base = write_base(tmp_path / "base", template)
    if generation:
        (base / "generation_config.json").write_text(generation)
    found = looked(talk(1), talk(2), base=base)
    assert level(found, "stop-token") == expected
    assert check(found, "stop-token").count == (2 if expected == "warn" else 0)
    if expected == "warn":
        assert "(</s>)" in check(found, "stop-token").why


def test_every_answer_of_a_pair_must_have_its_end(tmp_path: Path) -> None:
    phi = write_base(tmp_path / "phi", PHI3)
    found = looked(talk(1), talk(2, "e?", "sim"), base=phi)  # only the last one ends with `</s>`
    assert (level(found, "stop-token"), check(found, "stop-token").count) == ("warn", 1)


def test_a_tokenizer_without_an_end_token_blocks(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base", DEAF, eos_token=None)
    found = looked(talk(1), talk(2), base=base)
    assert level(found, "stop-token") == "block"
    assert "has no end token" in check(found, "stop-token").why


# The settings


@pytest.mark.parametrize(
    ("pairs", "batch", "accumulation", "epochs", "steps"),
    [(79, 1, 8, 5, 50), (148, 2, 4, 6, 114), (1, 8, 8, 3, 3), (9, 2, 2, 0.5, 2), (0, 2, 4, 5, 0), (153, 2, 4, 5, 100)],
)
def test_steps_are_those_of_the_trainer(pairs: int, batch: int, accumulation: int, epochs: float, steps: int) -> None:
    settings = TrainingSettings(batch_size=batch, gradient_accumulation=accumulation, epochs=epochs)
    assert optimizer_steps(pairs, settings) == steps
    assert steps_an_epoch(pairs, settings) >= 1


def test_the_steps_are_those_of_the_pairs_that_are_learned() -> None:
    settings = changed(epochs=5, batch_size=1, gradient_accumulation=8)
    found = looked(*(talk(number) for number in range(79)), talk(80, "unfinished?"), settings=settings)
    assert (found.pairs, found.steps) == (79, 50)
    assert check(found, "steps").why.startswith("50 optimizer steps in 5 epochs")


def test_too_few_steps_are_told_and_as_many_as_have_worked_are_not() -> None:
    at = changed(epochs=FEWEST_STEPS / 2)
    assert (level(looked(talk(1), talk(2), settings=at), "steps")) == "pass"
    below = looked(talk(1), talk(2), settings=changed(epochs=FEWEST_STEPS / 2 - 1))
    assert (level(below, "steps"), check(below, "steps").count) == ("warn", FEWEST_STEPS - 2)
    assert FEWEST_STEPS == 100  # 50 left the base as it was, 114 didn't


@pytest.mark.parametrize(
    ("steps", "asked", "warm_up", "expected"),
    [
        (120, 0.05, 6, "pass"),
        (120, 0.0, 0, "pass"),
        (120, 36, 36, "pass"),
        (120, 37, 37, "warn"),
        (50, 50, 50, "warn"),  # as the recipe's first users planned it
        (120, 0.5, 60, "warn"),
        (2, 1, 1, "pass"),
    ],
)
def test_a_warm_up_that_is_most_of_the_run_is_told(steps: int, asked: float, warm_up: int, expected: str) -> None:
    settings = changed(epochs=steps / 2, warmup_steps=asked)
    found = looked(talk(1), talk(2), settings=settings)
    assert (found.steps, warm_up_steps(steps, settings)) == (steps, warm_up)
    assert (level(found, "warm-up"), check(found, "warm-up").count) == (expected, warm_up)


def test_libraries_that_are_missing_block_and_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert libraries_check(("json",), "none").level == "pass"
    missing = libraries_check(("json", "no_such_library"), "none")
    assert (missing.level, missing.count) == ("block", 1)
    assert missing.why == "no_such_library is not installed"
    monkeypatch.setitem(__import__("sys").modules, "bitsandbytes", None)
    assert "--quantisation none" in libraries_check(("json",), "nf4").fix
    assert libraries_check(("json",), "none").level == "pass"
    assert FOR_TRAINING[0] == "torch"


# The base's files


@pytest.mark.parametrize("name", ["./nowhere", "a b", "/nowhere/at/all", "x\x1b]0;y\x07/../z"])
def test_a_name_that_can_be_no_base_blocks(name: str) -> None:
    (told,) = look_over(name, ("q_proj",)).checks
    assert (told.id, told.level) == ("base", "block")
    assert "Name `tiny`, a folder with a model in it, or a hub id" in told.fix


def test_a_base_that_is_not_here_is_a_note_and_nothing_is_said_of_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("MOLTING_CACHE", str(tmp_path))
    for name in ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", TINY):
        base = look_over(name, ("q_proj",))
        assert [(check.id, check.level) for check in base.checks] == [("base", "note")]
        assert base.chat is None
    found = looked(talk(1), talk(2))
    assert {"template-takes", "too-long", "stop-token", "template-texts"} & {
        check.id for check in found.checks
    } == set()
    assert found.pairs == 2


def test_a_base_in_the_hubs_cache_is_read_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "org/small-chat"
    cached = tmp_path / "hub" / "models--org--small-chat"
    snapshot = write_base(cached / "snapshots" / "abc123")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("abc123")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(variable, raising=False)
    assert files_here(name) == snapshot
    assert [check.level for check in look_over(name, ("q_proj",)).checks] == ["pass"] * 4
    # The small files may be there before the weights are.
    (snapshot / "model.safetensors").unlink()
    assert [check.id for check in look_over(name, ("q_proj",)).checks] == ["base", "template"]


def test_of_the_tiny_base_the_one_made_last_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLTING_CACHE", str(tmp_path))
    for age, digest in ((100, "aaaa"), (50, "bbbb"), (10, "cccc")):
        made = write_base(tmp_path / f"tiny-{digest}")
        os.utime(made, (time.time() - age,) * 2)
    (tmp_path / "tiny-cccc" / "config.json").unlink()  # not whole
    assert files_here(TINY) == tmp_path / "tiny-bbbb"


def test_a_folder_without_a_tokenizer_or_template_blocks(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base", None)
    (told,) = [check for check in look_over(str(base), ("q_proj",)).checks if check.level == "block"]
    assert (told.id, told.fix) == ("template", "Choose a chat or instruct model.")
    (base / "tokenizer.json").unlink()
    found = looked(talk(1), talk(2), base=base, name=str(base))
    assert "no tokenizer.json in the model's folder" in check(found, "template").why
    assert not found.ok


def test_target_modules_that_are_no_layer_of_the_base_block_and_those_it_has_are_named(tmp_path: Path) -> None:
    phi = write_base(tmp_path / "phi", PHI3, PHI3_LAYERS)
    found = looked(talk(1), talk(2), base=phi)
    told = check(found, "target-modules")
    assert (told.level, told.count) == ("block", 3)
    assert told.why == "target_modules names no linear layer of it: q_proj, k_proj, v_proj"
    assert told.fix == "Its linear layers are down_proj, gate_up_proj, o_proj, qkv_proj."
    fitting = changed(target_modules=("qkv_proj", "self_attn.o_proj"))
    assert level(looked(talk(1), talk(2), base=phi, settings=fitting), "target-modules") == "pass"
    half = changed(target_modules=("roj", "embed_tokens", "lm_head", "norm"))
    assert check(looked(talk(1), talk(2), base=phi, settings=half), "target-modules").count == 4


def test_weights_that_are_torn_missing_or_no_safetensors_block(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base")
    assert "model.layers.0.self_attn.q_proj" in linear_layers(weights_of(base))
    weights = base / "model.safetensors"
    whole = weights.read_bytes()
    for torn in (whole[:-1], whole + b"x", whole[:40], b"", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0[]"):
        weights.write_bytes(torn)
        (told,) = [check for check in look_over(str(base), ("q_proj",)).checks if check.id == "weights"]
        assert told.level == "block"
        assert "model.safetensors: is damaged or not whole" in told.why
    weights.unlink()
    (told,) = [check for check in look_over(str(base), ("q_proj",)).checks if check.id == "weights"]
    assert "holds no weights as safetensors" in told.why
    write_weights(base, ("self_attn.q_proj",))
    assert look_over(str(base), ("q_proj",)).checks[-1].level == "pass"


# The list


def test_the_gravest_come_first_and_the_fields_are_those_that_scripts_lean_on() -> None:
    found = looked(talk(1), talk(1), talk(1, "unfinished?"), settings=TrainingSettings())
    levels = [check.level for check in found.checks]
    assert levels == sorted(levels, key=["block", "warn", "note", "pass"].index)
    told = found.fields()
    assert list(told) == ["ok", "checks", "steps"]
    assert all(list(line) == ["id", "level", "count", "why", "fix"] for line in told["checks"])
    assert (told["ok"], told["steps"]) == (True, 5)


def test_what_blocks_is_refused_in_one_sentence_with_all_that_blocks(tmp_path: Path) -> None:
    phi = write_base(tmp_path / "phi", PHI3, PHI3_LAYERS)
    with pytest.raises(Refused) as refused:
        looked(talk(1), base=phi).refuse_blocked()
    assert isinstance(refused.value, Blocked)
    assert [check.id for check in refused.value.checks] == ["target-modules", "pairs"]
    assert refused.value.sentence() == (
        "target_modules names no linear layer of it: q_proj, k_proj, v_proj. Its linear layers are down_proj,"
        " gate_up_proj, o_proj, qkv_proj. there is only one pair to train on; it takes at least 2. Keep some more:"
        " `molting` opens the workbench."
    )


def test_a_pair_of_400_messages_is_looked_at_in_a_moment(zephyr: Path) -> None:
    long = talk(1, *(f"Mensagem {number} da fila." for number in range(398)))
    began = time.perf_counter()
    found = looked(talk(1), talk(2), long, base=zephyr)
    short = time.perf_counter() - began
    assert (found.left_out, short < 2) == ({"too-long": 1}, True)


def test_a_name_from_a_file_is_never_more_than_text(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base")
    shutil.move(base, tmp_path / "[b]\x1b]0;t\x07")
    told = look_over(str(tmp_path / "[b]\x1b]0;t\x07"), ("q\x1b[2J",)).checks
    assert "\x1b" not in next(check.why for check in told if check.id == "target-modules")
