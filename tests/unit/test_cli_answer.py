"""`molting answer`: who is asked, with what, and answers that come from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cli_workspaces import answer, process, run, value

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.answer_run import Asking, ask
from molting_tui.evaluation.asking.references import adapter_digest
from molting_tui.recipe.events import Done, Failed
from molting_tui.recipe.runfolder import ADAPTER, ANSWERS, AnswerConfig, AskedContender, Generation
from molting_tui.recipe.settings import TINY, checked_settings
from molting_tui.runs.folder import Run
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.runs_made import ended, nothing_left, on_disk, started, workspace_with
from tests.stand_in import stand_in

PERSONA = "Você é Cláudio."
TRAINED = "You are Cláudio, as it was when I was trained."


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=2, prompt=PERSONA)
    with nothing_left(made):
        yield made
    made.close()


def trained(workspace: Workspace, number: int, base: str = TINY, quantisation: str = "nf4", **more: Any) -> Path:
    """The folder of a training run that is done."""
    settings = checked_settings({"model_name": base, "quantisation": quantisation})
    folder = on_disk(
        workspace, number, [Done(reason="finished")], settings=settings, **({"system_prompt": TRAINED} | more)
    )
    adapter = folder / ADAPTER
    adapter.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(b"weights %d" % number)
    (adapter / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "meta/base"}))
    return folder


def asked(workspace: Workspace, *contenders: str, **more: Any) -> AnswerConfig:
    """What an answering run of these contenders is told; it has ended."""
    run = ask(workspace, Asking(contenders=contenders, **more), command=stand_in("done"))
    ended(run)
    assert isinstance(run.config, AnswerConfig)
    return run.config


# Who is asked


def test_without_a_name_the_latest_training_run_and_its_base_are_asked(ours: Workspace) -> None:
    trained(ours, 1, "other/base")
    folder = trained(ours, 2)
    on_disk(ours, 3, [Failed(kind="k", message="No.")])
    config = asked(ours)
    known = [msgspec.structs.replace(each, template_digest="", template_from="") for each in config.contenders]
    assert known == [
        AskedContender("tiny", TINY, system_prompt=PERSONA),
        AskedContender(
            "0002-run2", TINY, str(folder / ADAPTER), adapter_digest(folder / ADAPTER), "0002-run2", TRAINED
        ),
    ]  # fmt: skip
    assert asked(ours, "latest").contenders == config.contenders[1:]


def test_contenders_are_named_by_number_id_name_base_or_as_one_likes(ours: Workspace) -> None:
    trained(ours, 1, name="v1")
    trained(ours, 2, name="v2")
    config = asked(ours, "1", "0002-v2", "tiny", "old=v1", "org/some-model", "again=tiny")
    assert [(one.name, one.run, one.base) for one in config.contenders] == [
        ("0001-v1", "0001-v1", TINY), ("0002-v2", "0002-v2", TINY), ("tiny", "", TINY), ("old", "0001-v1", TINY),
        ("some-model", "", "org/some-model"), ("again", "", TINY),
    ]  # fmt: skip


def test_the_word_tiny_is_the_base_even_where_a_run_is_called_so(ours: Workspace) -> None:
    trained(ours, 1, name="tiny")
    (contender,) = asked(ours, "tiny").contenders
    assert contender.adapter == ""


def test_a_contender_named_twice_is_asked_once_and_two_of_one_name_are_refused(ours: Workspace, tmp_path: Path) -> None:
    trained(ours, 1)
    assert len(asked(ours, "1", "0001-run1").contenders) == 1
    with pytest.raises(BadInput, match=r"two contenders would be called `tiny`.*OTHER-NAME=tiny"):
        asked(ours, "tiny", "tiny=1")


def test_two_models_never_answer_under_one_name(ours: Workspace, tmp_path: Path) -> None:
    """A folder trained in again, or two bases of one name, would be scored as one contender."""
    elsewhere = tmp_path / "output"
    trained(ours, 1).rename(elsewhere)
    for reference, other in ((str(elsewhere), str(elsewhere)), ("one/model", "other/model")):
        first = ask(ours, Asking(contenders=(reference,)), command=stand_in("done"))
        ended(first)
        asked(ours, reference)  # nothing was answered: any model may have the name
        (first.folder / ANSWERS).write_bytes(b"")
        asked(ours, reference)  # the same model again
        (elsewhere / ADAPTER / "adapter_model.safetensors").write_bytes(b"trained again")
        with pytest.raises(BadInput, match=r"another model has answered as `\w+` before.*OTHER-NAME="):
            asked(ours, other)
        assert asked(ours, f"other={other}").contenders[0].name == "other"


def test_a_training_made_elsewhere_is_asked_by_its_folder(ours: Workspace, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    trained(ours, 1, base="org/base", quantisation="none").rename(elsewhere)
    config = asked(ours, str(elsewhere))
    (one,) = config.contenders
    assert (one.name, one.base, one.run, one.system_prompt) == ("elsewhere", "org/base", "", TRAINED)
    assert one.adapter == str(elsewhere / ADAPTER)
    assert config.quantisation == "none"


def test_a_bare_adapter_is_asked_on_the_base_it_names_or_on_another(ours: Workspace, tmp_path: Path) -> None:
    adapter = tmp_path / "lora"
    (trained(ours, 1) / ADAPTER).rename(adapter)
    (one,) = asked(ours, str(adapter)).contenders
    assert (one.name, one.base, one.adapter, one.system_prompt) == ("lora", "meta/base", str(adapter), PERSONA)
    (one,) = asked(ours, f"mine={adapter}@tiny").contenders
    assert (one.name, one.base) == ("mine", TINY)


def test_a_base_named_by_a_relative_path_is_the_same_model_the_next_time(
    ours: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (trained(ours, 1) / ADAPTER).rename(tmp_path / "lora")
    (tmp_path / "base").mkdir()
    monkeypatch.chdir(tmp_path)
    first = ask(ours, Asking(contenders=("lora@base",)), command=stand_in("done"))
    ended(first)
    (first.folder / ANSWERS).write_bytes(b"")
    assert asked(ours, "lora@base").contenders[0].base == str(tmp_path / "base")


def test_a_folder_with_a_model_is_a_base(ours: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    (tmp_path / "models" / "mine" / "config.json").write_text('{"model_type": "llama"}')
    monkeypatch.chdir(tmp_path / "models")
    (one,) = asked(ours, "mine").contenders
    assert (one.name, one.base, one.adapter) == ("mine", str(tmp_path / "models" / "mine"), "")
    trained(ours, 7, name="mine")
    assert asked(ours, "mine").contenders[0].run == "0007-mine"
    assert asked(ours, "./mine").contenders[0].run == ""


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("nobody", "there is no base and no run `nobody`"),
        ("7", "there is no base and no run `7`"),
        ("2", "run 0002-run2 has no adapter: it failed. No such model."),
        ("EMPTY", "neither a model nor an adapter in this folder"),
        ("", "there is no base and no run ``"),
        ("~nobody-here/x", "there is no base and no run `~nobody-here/x`"),
        ("x\x1b[2J", "no run `x␛"),
    ],
)
def test_a_contender_that_cannot_be_asked_is_a_sentence(
    ours: Workspace, tmp_path: Path, reference: str, said: str
) -> None:
    trained(ours, 1)
    on_disk(ours, 2, [Failed(kind="k", message="No such model.")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput) as refused:
        asked(ours, str(tmp_path / "empty") if reference == "EMPTY" else reference)
    assert said in refused.value.sentence()
    assert answers.set_ids(ours.store) == []


def test_a_run_still_at_work_and_one_that_answered_are_no_contenders(ours: Workspace) -> None:
    run = started(ours, "start:9", "wait")
    with pytest.raises(BadInput, match=r"0001-tiny is (queued|running)\. Wait for it: molting runs watch 1"):
        asked(ours, "1")
    with pytest.raises(BadInput, match="no training run has made an adapter yet"):
        asked(ours)
    assert isinstance(run, Run)


def test_runs_trained_on_differently_loaded_bases_need_a_word(ours: Workspace) -> None:
    trained(ours, 1, quantisation="nf4")
    trained(ours, 2, quantisation="none")
    assert asked(ours, "2", "tiny").quantisation == "none"
    with pytest.raises(BadInput, match="differently loaded bases"):
        asked(ours, "1", "2")
    assert asked(ours, "1", "2", quantisation="nf4").quantisation == "nf4"


# What is asked


def test_the_questions_are_copied_and_remembered(ours: Workspace) -> None:
    config = asked(ours, "tiny")
    assert config.question_set == "personality-8"
    assert len(config.questions) == 16
    assert config.questions[0].prompt == "Who is João?"
    assert config.generation == Generation(0.7, 0.9, 384, 1, 42)
    assert answers.set_ids(ours.store) == ["personality-8"]
    digests = {question.digest for question in config.questions}
    assert answers.known_questions(ours.store, digests) == digests


def test_questions_are_chosen_by_language_and_tag(ours: Workspace) -> None:
    portuguese = asked(ours, "tiny", language="pt")
    assert len(portuguese.questions) == 8
    assert all(question.id.endswith(".pt") for question in portuguese.questions)
    assert 0 < len(asked(ours, "tiny", language="pt", tag="identity").questions) < 8
    with pytest.raises(BadInput, match=r"no question with language `xx` and tag `none`.*languages en, pt"):
        asked(ours, "tiny", language="xx", tag="none")


def test_options_win_over_what_the_set_says(ours: Workspace, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        'format: questions/1\nid: own\nversion: "1"\nlanguage: en\n'
        "defaults: {generation: {temperature: 0.2, samples: 3}}\n"
        "questions: [{id: q1, prompt: Who are you?, followups: [And who am I?]}, {id: q2, prompt: Hi, system: null}]\n"
    )
    config = asked(ours, "tiny", questions=str(own))
    assert config.generation == Generation(temperature=0.2, samples=3)
    assert [(one.system, one.followups) for one in config.questions] == [(None, ("And who am I?",)), ("", ())]
    config = asked(ours, "tiny", questions=str(own), generation={"temperature": 0.0, "max_new_tokens": 9})
    assert config.generation == Generation(temperature=0.0, samples=3, max_new_tokens=9)


def test_the_system_prompt_can_be_another_or_none(ours: Workspace) -> None:
    trained(ours, 1)
    for said in ("Be brief.", ""):
        assert {one.system_prompt for one in asked(ours, "1", "tiny", system_prompts=(said,)).contenders} == {said}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--questions", "nothing"), "nothing"),
        (("--samples", "0"), "0 is not in the range"),
        (("--system-prompt", "x", "--no-system-prompt"), "--no-system-prompt"),
        (("--contender", "x"), "--contender goes with --from"),
        (("tiny", "--from", "x.jsonl"), "--from asks nobody"),
        (("nobody",), "there is no base and no run `nobody`"),
        ((), "no training run has made an adapter yet"),
    ],
)
def test_misuse_is_a_sentence_and_starts_nothing(ours: Workspace, words: tuple[str, ...], said: str) -> None:
    done = process("answer", *words, workspace=ours.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (ours.folder / "runs").exists()


# From a file


def line(question: str, text: str, **more: object) -> bytes:
    return json.dumps({"question": question, "text": text} | more).encode() + b"\n"


def test_answers_of_a_file_are_stored_and_known_the_next_time(ours: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "gpt.jsonl"
    file.write_bytes(
        line("joao.en", "A developer.", contender="gpt", finish_reason="stop")
        + line("who is joão?", "A maker.", contender="gpt", sample=1)
        + line("joao.pt", "", contender="other")
    )
    told = value("answer", "--from", str(file), workspace=ours.folder)
    assert told == {"answers": 3, "known": 0, "contenders": ["gpt", "other"], "problems": []}
    stored = answers.answers(ours.store)
    assert [(one.contender, one.question.id, one.sample, one.text, one.run) for one in stored] == [
        ("gpt", "joao.en", 0, "A developer.", "file:gpt.jsonl"), ("gpt", "joao.en", 1, "A maker.", "file:gpt.jsonl"),
        ("other", "joao.pt", 0, "", "file:gpt.jsonl"),
    ]  # fmt: skip
    assert answer("answer", "--from", str(file), workspace=ours.folder) == (
        "0 new answers, 3 known already, of gpt, other.\n"
    )
    assert answers.count(ours.store) == 3


def test_what_cannot_be_taken_of_a_file_is_counted_and_named(ours: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "mixed.jsonl"
    file.write_bytes(
        b"\xef\xbb\xbf" + line("joao.en", "A developer.") + b"{torn\n\n" + b'{"question": "joao.en"}\n' + b"\xff\xfe\n"
        + line("no-such\x1b[2J", "x") + line("joao.en", "Again.") + line("joao.pt", "x", sample=-1)
        + line("joao.pt", "Um dev.", contender="named")
    )  # fmt: skip
    done = process("answer", "--from", str(file), "--contender", "mine", workspace=ours.folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 new answers, of mine, named.\n")
    assert "4 lines left out: it can't be read (line 2: " in done.stdout
    assert "1 line left out: no such question in personality-8 (line 6: no-such␛[2J)." in done.stdout
    assert "1 line left out: that contender's answer to that question stands in the file already" in done.stdout
    assert "\x1b" not in done.stdout
    assert [one.text for one in answers.answers(ours.store)] == ["A developer.", "Um dev."]


def test_an_answer_in_other_words_is_not_taken_for_a_second_one(ours: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(line("joao.en", "A developer.", contender="gpt"))
    answer("answer", "--from", str(file), workspace=ours.folder)
    file.write_bytes(line("joao.en", "A gardener.", contender="gpt") + line("joao.pt", "Um dev.", contender="gpt"))
    said = answer("answer", "--from", str(file), workspace=ours.folder)
    assert "is stored with other words" in said
    assert [one.text for one in answers.answers(ours.store)] == ["A developer.", "Um dev."]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no answer can be taken from it: it is empty."),
        (b"\n\n", "it is empty"),
        (line("joao.en", "x"), "it doesn't say who answered; --contender NAME does (line 1)"),
        (line("nothing", "x", contender="g"), "no such question in personality-8 (line 1: nothing)"),
        (b"[" * 100_000, "it can't be read"),
        (None, "can't be read: No such file"),
    ],
)
def test_a_file_with_no_answer_to_take_stores_nothing(
    ours: Workspace, tmp_path: Path, data: bytes | None, said: str
) -> None:
    file = tmp_path / "a.jsonl"
    if data is not None:
        file.write_bytes(data)
    done = process("answer", "--from", str(file), workspace=ours.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert (answers.count(ours.store), answers.set_ids(ours.store)) == (0, [])


@pytest.mark.parametrize("address", ["https://joao:hunter2@host/model", "joao:hunter2@host", "a=https://hunter2@host"])
def test_who_is_no_contender_is_named_without_a_password(ours: Workspace, address: str) -> None:
    result = run("answer", address, workspace=ours.folder)
    assert (result.exit_code, "***@host" in result.stderr, "hunter2" in result.stderr) == (2, True, False)
