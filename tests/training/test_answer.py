"""Answering, with real processes and adapters on a small base: what is written, and that nothing but its own seed
decides an answer."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from molting_tui.errors import MoltingError
from molting_tui.recipe import events
from molting_tui.recipe.runfolder import Asked, AskedContender, Generation
from tests.conftest import needs
from tests.training.answering import (
    PROMPTS,
    SHORT,
    SYSTEM,
    all_answered,
    answered,
    config_of,
    lines,
    make_run,
    questions,
    started,
    texts,
    told,
    write_adapter,
)
from tests.training.conftest import CHATML, PHI3, write_model
from training.asked import Job, jobs_of, kept_lines, row_seed

pytestmark = [needs("torch", "peft", "bitsandbytes"), pytest.mark.xdist_group("answers")]


@pytest.fixture(scope="module")
def adapters(small_base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("adapters")
    return write_adapter(folder / "one", small_base, 1), write_adapter(folder / "two", small_base, 2)


@pytest.fixture(scope="module")
def contenders(small_base: Path, adapters: tuple[Path, Path]) -> tuple[AskedContender, ...]:
    base = str(small_base)
    tuned = [AskedContender(f"tuned-{n}", base, str(path), f"d{n}", f"000{n}") for n, path in enumerate(adapters, 1)]
    return (AskedContender("base", base), tuned[0], tuned[1], AskedContender("told", base, system_prompt=SYSTEM))


@pytest.fixture(scope="module")
def others(
    finished: Path, contenders: tuple[AskedContender, ...], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Further runs: one contender alone, follow-ups, no temperature, and the finished run once whole, once torn."""
    place = tmp_path_factory.mktemp("others")
    long, plain = *questions(["Oi"], followups=("And then?", "E depois?")), *questions(["Oi"])
    configs = {
        "base": config_of([contenders[0]], questions()),
        "second": config_of([contenders[2]], questions()),
        "greedy": config_of(
            [contenders[0]], questions(["Oi"]), generation=Generation(temperature=0.0, max_new_tokens=4, samples=2)
        ),
        "followups": config_of([contenders[0]], (long, msgspec.structs.replace(plain, id="plain"))),
    }
    runs = {name: make_run(place / name, config) for name, config in configs.items()}
    for name in ("torn", "whole"):
        runs[name] = shutil.copytree(finished, place / name)
        (runs[name] / "events.jsonl").unlink()
    whole = (finished / "answers.jsonl").read_bytes().splitlines(keepends=True)
    (runs["torn"] / "answers.jsonl").write_bytes(b"".join(whole[:7]) + whole[7][: len(whole[7]) // 2])
    all_answered(*runs.values())
    return runs


@pytest.fixture(scope="module")
def finished(contenders: tuple[AskedContender, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four contenders, five questions, two samples each, by a process of its own."""
    config = config_of(contenders, questions(), generation=msgspec.structs.replace(SHORT, samples=2))
    return answered(make_run(tmp_path_factory.mktemp("runs") / "finished", config))


# What is written


def test_every_contender_answers_every_question_and_sample_once(finished: Path) -> None:
    found = lines(finished)
    assert len(found) == len(texts(found)) == 4 * 5 * 2
    assert len({line.uuid for line in found}) == len(found)


def test_an_answer_carries_all_that_it_depends_on(
    finished: Path, small_base: Path, adapters: tuple[Path, Path]
) -> None:
    line = next(
        line for line in lines(finished) if (line.contender, line.question, line.sample) == ("tuned-1", "q0", 1)
    )
    assert line.question_digest == "digest-0"
    assert line.seed == row_seed(42, "digest-0", 1)
    assert line.settings["base"] == str(small_base)
    assert line.settings["adapter"] == str(adapters[0])
    assert (line.settings["adapter_digest"], line.settings["run"]) == ("d1", "0001")
    assert line.settings["generation"] == msgspec.to_builtins(msgspec.structs.replace(SHORT, samples=2))
    assert line.settings["quantisation"] == "none"
    assert line.settings["contender_prompt"] == ""
    weights = hashlib.sha256((small_base / "model.safetensors").read_bytes()).hexdigest()
    config = hashlib.sha256((small_base / "config.json").read_bytes()).hexdigest()
    whole = f"config.json\0{config}\nmodel.safetensors\0{weights}\n"
    assert line.settings["base_digest"] == hashlib.sha256(whole.encode()).hexdigest()
    template = (small_base / "chat_template.jinja").read_bytes()
    assert line.settings["template_digest"] == hashlib.sha256(template).hexdigest()
    assert {"torch", "transformers", "peft", "molting"} <= line.settings["versions"].keys()
    assert line.time.endswith("Z")


def test_the_raw_text_ends_with_the_token_that_ended_it_and_the_shown_one_does_not(finished: Path) -> None:
    found = lines(finished)
    for line in found:
        assert line.raw == line.text + ("</s>" if line.finish_reason == "stop" else "")
        assert line.finish_reason in ("stop", "length")
        assert 1 <= line.tokens <= SHORT.max_new_tokens
        assert (line.tokens < SHORT.max_new_tokens) <= (line.finish_reason == "stop")
    assert any(line.finish_reason == "length" for line in found)


def test_the_run_tells_its_phases_and_counts_its_answers(finished: Path) -> None:
    seen = told(finished)
    assert [event.name for event in seen if isinstance(event, events.Phase)] == [
        "import",
        "load_model",
        "answer",
        "save",
    ]
    (start,) = [event for event in seen if isinstance(event, events.Start)]
    assert start.steps == 40
    counts = [event.step for event in seen if isinstance(event, events.Step)]
    assert counts == sorted(set(counts))
    assert counts[-1] == 40
    assert isinstance(seen[-1], events.Done)
    assert seen[-1].reason == "finished"
    assert seen[-1].figures["answers"] == 40
    assert seen[-1].figures["tokens"] == sum(line.tokens for line in lines(finished))


def test_each_answer_is_a_line_for_people_that_does_not_tell_who_gave_it(finished: Path) -> None:
    log = (finished / "log.txt").read_text("utf-8").splitlines()
    assert sorted(log[:-1]) == sorted(f"answered {line.question}" for line in lines(finished))
    assert log[-1].startswith("finished: 40 of 40 answers")


def test_a_system_turn_is_the_questions_else_the_contenders(contenders: tuple[AskedContender, ...]) -> None:
    def first(contender: AskedContender, system: str | None) -> dict[str, str]:
        return Job(contender, Asked("q", "d", "Oi", system=system), 0, 42).messages()[0]

    plain, _, _, persona = contenders
    assert first(persona, None) == {"role": "system", "content": SYSTEM}
    assert first(persona, "Be brief.") == {"role": "system", "content": "Be brief."}
    assert first(persona, "") == first(plain, None) == {"role": "user", "content": "Oi"}


# What an answer depends on


def test_the_base_answers_beside_its_adapters_as_it_does_alone(finished: Path, others: dict[str, Path]) -> None:
    alone = texts(lines(others["base"]))
    assert len(alone) == 5
    beside = texts(lines(finished))
    assert alone == {key: beside[key] for key in alone}


def test_adapters_answer_as_themselves(finished: Path, others: dict[str, Path]) -> None:
    beside = texts(lines(finished))
    spoken = [tuple(beside[name, f"q{n}", 0] for n in range(5)) for name in ("base", "tuned-1", "tuned-2")]
    assert len(set(spoken)) == 3
    alone = texts(lines(others["second"]))
    assert len(alone) == 5
    assert alone == {key: beside[key] for key in alone}


@pytest.mark.parametrize("quantisation", ["none", "nf4"])
def test_an_answer_is_the_same_alone_in_a_batch_of_16_and_in_another_order(
    small_base: Path, quantisation: str, adapters: tuple[Path, Path]
) -> None:
    from training.contenders import Contenders

    asked = questions([f"{'Quem é João? ' * (n % 4)}{PROMPTS[n % 5]} {n}" for n in range(16)])
    who = AskedContender("tuned", str(small_base), str(adapters[0]))
    config = config_of([who], asked, batch_size=16, quantisation=quantisation, generation=Generation(1.0, 0.95, 8))
    jobs = jobs_of(config)
    shuffled = random.Random(3).sample(jobs, len(jobs))

    def said(order: list[Job], size: int) -> dict[str, tuple[str, int]]:
        made = Contenders(str(small_base), [who], msgspec.structs.replace(config, batch_size=size))
        found = [drawn for batch in made.answers(order) for drawn in batch]
        return {drawn.job.question.id: (drawn.turns[0].raw, drawn.tokens) for drawn in found}

    together = said(jobs, 16)
    assert len(together) == 16
    assert said(jobs, 1) == said(shuffled, 5) == together


def test_contenders_are_given_the_same_luck_and_samples_are_not(contenders: tuple[AskedContender, ...]) -> None:
    jobs = jobs_of(config_of(contenders, questions(), generation=Generation(samples=3)))
    by_place: dict[tuple[str, int], set[int]] = {}
    for job in jobs:
        by_place.setdefault((job.question.id, job.sample), set()).add(job.seed())
    assert all(len(seeds) == 1 for seeds in by_place.values())
    assert len(set.union(*by_place.values())) == 5 * 3
    assert jobs[0].seed(1) != jobs[0].seed(0) != replace(jobs[0], seed_base=43).seed(0)


def test_a_temperature_of_zero_needs_no_seed(others: dict[str, Path]) -> None:
    one, other = lines(others["greedy"])
    assert one.raw == other.raw
    assert one.seed is None


def test_follow_ups_are_asked_in_turn_and_the_last_answer_counts(others: dict[str, Path]) -> None:
    long, plain = sorted(lines(others["followups"]), key=lambda line: line.question == "plain")
    assert len(long.settings["earlier"]) == 2
    # The same digest and no earlier turn: the same beginning.
    assert long.settings["earlier"][0] == plain.raw
    assert long.raw.startswith("\n\n".join(long.settings["earlier"]) + "\n\n")
    assert long.raw.endswith(long.text + ("</s>" if long.finish_reason == "stop" else ""))
    assert "earlier" not in plain.settings


def test_a_conversation_goes_on_from_what_was_answered() -> None:
    job = Job(AskedContender("base", "tiny"), Asked("q", "d", "Oi", followups=("E daí?",)), 0, 42)
    assert [message["content"] for message in job.messages(["Olá."])] == ["Oi", "Olá.", "E daí?"]


def test_an_answer_ends_where_training_ends_a_turn(tmp_path: Path) -> None:
    from training import bases
    from training.contenders import stop_ids

    base = write_model(tmp_path / "phi", PHI3)
    tokenizer, model = bases.load_tokenizer(str(base)), bases.load_base(str(base), "none")
    assert {tokenizer.decode([one]) for one in stop_ids(model, tokenizer)} == {"</s>", "<|end|>"}
    model.generation_config.eos_token_id = [tokenizer.convert_tokens_to_ids("<|user|>")]
    assert "<|user|>" in tokenizer.decode(stop_ids(model, tokenizer))


def test_a_template_that_opens_an_answer_with_a_control_token_does_not_end_it_there(tmp_path: Path) -> None:
    from training import bases
    from training.contenders import stop_ids

    opening = (
        "{% for message in messages %}<|{{ message['role'] }}|>\n{% if message['role'] == 'assistant' %}<|system|>"
        "{% endif %}{{ message['content'] }}<|end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
    )
    base = write_model(tmp_path / "phi", PHI3)
    (base / "chat_template.jinja").write_text(opening)
    tokenizer, model = bases.load_tokenizer(str(base)), bases.load_base(str(base), "none")
    assert {tokenizer.decode([one]) for one in stop_ids(model, tokenizer)} == {"</s>", "<|end|>"}


def test_a_contender_is_asked_in_its_own_template_and_stops_where_that_ends_a_turn(tmp_path: Path) -> None:
    """The same weights, once with the template as its base's, once with it as an adapter's own."""
    from training.contenders import Contenders

    learned = write_model(tmp_path / "learned", PHI3)
    base = shutil.copytree(learned, tmp_path / "base")
    (base / "chat_template.jinja").write_text(CHATML)
    own = AskedContender("own", str(base), template=PHI3, template_from="adapter")
    plain = AskedContender("plain", str(base))

    def spoken(base: Path, *who: AskedContender) -> tuple[dict[object, str], Contenders]:
        config = config_of(who, questions(), generation=Generation(1.0, 1.0, 40), batch_size=16)
        made = Contenders(str(base), who, config)
        drawn = [each for batch in made.answers(jobs_of(config)) for each in batch]
        # Who stops otherwise is asked by itself: a batch holds one of them.
        assert max(each.turns[0].at_once for each in drawn) <= len(questions())
        return {(each.job.contender.name, each.job.question.id): each.turns[0].raw for each in drawn}, made

    together, made = spoken(base, own, plain)
    for name, folder, template in (("own", learned, ""), ("plain", base, "")):
        alone, _ = spoken(folder, AskedContender(name, str(folder), template=template))
        assert alone == {key: together[key] for key in alone}
    assert [together["own", f"q{n}"] for n in range(5)] != [together["plain", f"q{n}"] for n in range(5)]
    assert made.identity(own)["template_digest"] == hashlib.sha256(PHI3.encode()).hexdigest()
    assert [made.identity(each)["template_from"] for each in (own, plain)] == ["adapter", "base"]
    assert list(made.in_other_templates([own, plain])) == [
        "own is asked in another chat template than its base's: its own."
    ]


# A run that is interrupted


def test_a_run_goes_on_with_the_answers_that_are_missing(finished: Path, others: dict[str, Path]) -> None:
    again = others["torn"]
    whole = (finished / "answers.jsonl").read_bytes().splitlines(keepends=True)
    assert (again / "answers.jsonl").read_bytes().startswith(b"".join(whole[:7]))
    assert texts(lines(again)) == texts(lines(finished))
    assert len(lines(again)) == len(whole)
    assert {line.uuid for line in lines(again)} == {line.uuid for line in lines(finished)}
    (start,) = [event for event in told(again) if isinstance(event, events.Start)]
    assert (start.steps, start.resumed_from) == (40, "answers.jsonl")
    assert "7 of 40 answers are there already" in (again / "log.txt").read_text("utf-8")


def test_a_damaged_line_in_the_middle_is_told_and_asked_again(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_bytes(b'{"contender": "base"}\n\xff\xfe\nnot json\n')
    kept = kept_lines(tmp_path)
    assert (kept.keys, kept.damaged) == (frozenset(), 3)


def test_a_whole_run_asked_again_asks_nothing(finished: Path, others: dict[str, Path]) -> None:
    again = others["whole"]
    assert (again / "answers.jsonl").read_bytes() == (finished / "answers.jsonl").read_bytes()
    last = told(again)[-1]
    assert isinstance(last, events.Done)
    assert last.reason == "finished"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_after_its_batch_and_loses_no_answer(
    number: signal.Signals, small_base: Path, tmp_path: Path
) -> None:
    many = config_of(
        [AskedContender("base", str(small_base))], questions([f"Oi {n}" for n in range(400)]), batch_size=2
    )
    folder = make_run(tmp_path / "many", many)
    process = started(folder)
    wait_for_step(folder, process)
    process.send_signal(number)
    assert process.wait(timeout=60) == 0
    last = told(folder)[-1]
    assert isinstance(last, events.Done)
    assert last.reason == "stopped"
    found = lines(folder)
    assert 0 < len(found) < 400
    assert last.figures["answers"] == len(found)
    assert any(isinstance(event, events.StopRequested) for event in told(folder))


def wait_for_step(folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not any(isinstance(event, events.Step) for event in told(folder)):
        assert process.poll() is None, (folder / "log.txt").read_text("utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.01)


# Memory


def test_out_of_memory_halves_the_batch_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    from training.contenders import in_batches

    sizes: list[int] = []

    def at_most_three(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        if len(items) > 3:
            import torch

            raise torch.OutOfMemoryError("CUDA out of memory")
        return [item * 10 for item in items]

    done = [one for batch in in_batches(range(20), 16, at_most_three) for one in batch]
    assert done == [item * 10 for item in range(20)]
    assert sizes == [16, 8, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert "out of memory with 16 answers at once: trying 8" in capsys.readouterr().out


def test_no_memory_for_one_answer_is_a_sentence_and_other_errors_stay() -> None:
    from training.contenders import in_batches

    def never(items: Sequence[int]) -> list[int]:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    with pytest.raises(MoltingError, match=r"isn't enough memory for a single answer\. Lower max_new_tokens"):
        list(in_batches([1, 2], 2, never))

    def broken(items: Sequence[int]) -> list[int]:
        raise RuntimeError("shapes don't fit")

    with pytest.raises(RuntimeError, match="shapes"):
        list(in_batches([1, 2], 2, broken))


# Speed


def test_a_base_and_two_adapters_answer_in_one_batch_what_each_answers_alone(small_base: Path, tmp_path: Path) -> None:
    from tests.bench.batches import mixed_gain

    gain = mixed_gain(tmp_path, str(small_base), 3, Generation(1.0, 0.95, max_new_tokens=8), quantisation="none")
    assert (gain.answers, gain.equal) == (9, 9)


def test_an_adapter_that_cannot_be_mixed_is_asked_by_itself(
    small_base: Path, adapters: tuple[Path, Path], tmp_path: Path
) -> None:
    from training.contenders import Contenders

    strange = shutil.copytree(adapters[0], tmp_path / "strange")
    written = json.loads((strange / "adapter_config.json").read_text())
    (strange / "adapter_config.json").write_text(json.dumps({**written, "layer_replication": [[0, 2]]}))
    base = str(small_base)
    who = [AskedContender(str(n), base, str(one)) for n, one in enumerate((*adapters, ""))]
    other = [AskedContender("0", base, str(strange)), *who[1:]]

    def spoken(contenders: list[AskedContender]) -> tuple[dict[object, str], set[int]]:
        config = config_of(contenders, questions())
        made = Contenders(base, contenders, config)
        drawn = [each for batch in made.answers(jobs_of(config)) for each in batch]
        return {each.job.key: each.turns[0].raw for each in drawn}, {each.turns[0].at_once for each in drawn}

    (mixed, together), (apart, alone) = spoken(who), spoken(other)
    assert mixed == apart
    assert len(mixed) == 15
    assert (max(together), max(alone)) == (12, 4)


def test_the_seconds_of_a_batch_are_shared_by_tokens(finished: Path) -> None:
    """Lines stand batch by batch, and each says how many its batch had."""
    left, batches = lines(finished), 0
    while left:
        batch = left[: left[0].settings["at_once"]]
        assert {line.settings["at_once"] for line in batch} == {len(batch)}
        seconds = [line.seconds or 0.0 for line in batch]
        pace = sum(seconds) / sum(line.tokens for line in batch)
        assert pace > 0
        for line, took in zip(batch, seconds, strict=True):
            assert took == pytest.approx(pace * line.tokens, abs=2e-6)
        left, batches = left[len(batch) :], batches + 1
    assert batches == 3


def test_a_batch_gives_the_answers_of_one_by_one(small_base: Path) -> None:
    from tests.bench.batches import batch_gain

    gain = batch_gain(str(small_base), 4, Generation(temperature=0.7, max_new_tokens=8))
    assert (gain.equal, gain.answers, gain.size) == (4, 4, 4)
    assert 4 <= gain.tokens <= 32
