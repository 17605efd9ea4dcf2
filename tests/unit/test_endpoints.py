"""Endpoints in a workspace: asked beside whatever else runs, stored as contenders of their own, gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_workspaces import answer
from cli_workspaces import run as command

from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.asking.answer_run import Asking, ask
from molting_tui.evaluation.asking.endpoints import EndpointToAsk, endpoint_url
from molting_tui.evaluation.results.speeds import answer_speeds
from molting_tui.overview.taking_in import take_in
from molting_tui.recipe.runfolder import AnswerConfig
from molting_tui.records.contenders import Endpoint
from molting_tui.runs.folder import Run
from molting_tui.runs.preflight import other_run_check
from molting_tui.store import answers, contenders
from molting_tui.workspace import Workspace
from tests.runs_made import ended, nothing_left, started, workspace_with
from tests.served import Served, error, server, well
from tests.stand_in import stand_in

PERSONA = "Você é Cláudio."


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=2, prompt=PERSONA)
    with nothing_left(made):
        yield made
    made.close()


@pytest.fixture
def served() -> Iterator[Served]:
    with server() as running:
        yield running


def asking(served: Served, *models: str, **more: Any) -> Asking:
    endpoint = EndpointToAsk(served.url, models or ("qwen",), more.pop("key_env", ""))
    return Asking(**({"language": "en", "tag": "identity", "endpoint": endpoint} | more))


def config(run: Run) -> AnswerConfig:
    assert isinstance(run.config, AnswerConfig)
    return run.config


def test_an_endpoint_is_asked_while_another_run_is_at_work_and_keeps_none_from_starting(
    ours: Workspace, served: Served
) -> None:
    started(ours, "start:9", "wait")
    run = ask(ours, asking(served, "qwen", "mine=org/big"))
    assert ended(run).state == "done"
    count = len(config(run).questions)
    assert take_in(ours).answers == 2 * count
    stored = answers.answers(ours.store)
    assert {each.contender for each in stored} == {"qwen", "mine"}
    assert all(each.text == f"You asked: {each.question.prompt}" for each in stored)
    known = [each for each in contenders.every(ours.store).values() if each.name == "mine"]
    assert [(each.model, each.system_prompt, each.template) for each in known] == [
        (Endpoint(served.url, "org/big"), PERSONA, None)
    ]
    assert known[0].generation == '{"max_new_tokens": 384, "temperature": 0.7, "top_p": 0.9}'
    speed = answer_speeds(stored)["mine"]
    assert (speed.answers, speed.tokens, speed.at_once) == (count, 7 * count, (1, 1))


def test_a_run_that_asks_an_endpoint_takes_no_memory_from_another(ours: Workspace, served: Served) -> None:
    served.behave(then=served.silent)
    run = ask(ours, asking(served), command=stand_in("start:9", "wait"))
    assert other_run_check(ours).level == "pass"
    assert config(run).served is not None


def test_after_a_failure_only_what_is_missing_is_asked_for(ours: Workspace, served: Served) -> None:
    served.behave(well, then=error(404, "model not found"))
    first = ask(ours, asking(served))
    assert ended(first).state == "failed"
    take_in(ours)
    (kept,) = answers.answers(ours.store)
    served.behave()
    before = len(served.asked)
    second = ask(ours, asking(served, missing=True))
    assert ended(second).state == "done"
    assert take_in(ours).answers == len(config(second).questions) - 1 == config(second).wanted
    assert kept.question.prompt not in served.prompts()[before:]
    with pytest.raises(
        Refused, match=r"nothing is missing: qwen answered all \d questions already\. Ask for more with"
    ):
        ask(ours, asking(served, missing=True))
    more = ask(ours, asking(served, missing=True, generation={"samples": 2}), command=stand_in("done"))
    assert config(more).wanted == len(config(more).questions)
    other = ask(ours, asking(served, missing=True, generation={"temperature": 0}), command=stand_in("done"))
    assert config(other).answered == ()


def test_samples_beyond_what_is_asked_for_count_for_nothing(ours: Workspace, served: Served) -> None:
    ended(ask(ours, asking(served, generation={"samples": 2})))
    assert take_in(ours).answers > 0
    both = ask(ours, asking(served, "qwen", "other", missing=True), command=stand_in("done"))
    assert config(both).wanted == len(config(both).questions)
    assert {sample for _, _, sample in config(both).answered} == {0}


def test_the_key_is_handed_to_the_endpoints_run_alone(
    ours: Workspace, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_KEY", "sk-of-the-tests")
    with_key = ask(ours, asking(served, key_env="LLM_KEY"))
    ended(with_key)
    assert set(served.keys) == {"Bearer sk-of-the-tests"}
    without = ask(ours, asking(served, "other"), command=stand_in("environment", "done"))
    ended(without)
    assert "LLM_KEY=" not in without.log.read_text("utf-8")
    for run in (with_key, without):
        assert "sk-of-the-tests" not in "".join(path.read_text("utf-8") for path in run.folder.iterdir())


def test_the_command_says_whom_it_asks_and_follows(ours: Workspace, served: Served) -> None:
    words = ("--endpoint", served.url, "--model", "qwen:7b", "--language", "en", "--tag", "identity", "--watch")
    said = answer("answer", *words, workspace=ours.folder)
    assert f"qwen-7b: qwen:7b at {served.url}, system prompt: {PERSONA}" in said
    again = command("answer", *words, "--missing", workspace=ours.folder)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "nothing is missing: qwen-7b answered all" in again.stderr


def test_another_model_or_server_never_answers_under_one_name(ours: Workspace, served: Served) -> None:
    ended(ask(ours, asking(served)))
    with pytest.raises(BadInput, match=r"another model has answered as `qwen` before \(qwen at http"):
        ask(ours, asking(served, "qwen=other"))
    elsewhere = EndpointToAsk("http://localhost:9/v1", ("qwen",))
    with pytest.raises(BadInput, match=r"another model has answered as `qwen` before"):
        ask(ours, Asking(endpoint=elsewhere))


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("https://llm.example.org/openai/v1/chat/completions", "https://llm.example.org/openai/v1"),
        ("http://[::1]:8080/api", "http://[::1]:8080/api"),
    ],
)
def test_an_address_is_taken_as_people_write_it(address: str, url: str) -> None:
    assert endpoint_url(address) == url


@pytest.mark.parametrize(
    "address",
    [
        *("localhost:11434", "ftp://x/v1", "http://", "http://x:port/v1", "http://[::1/v1", "", "qwen"),
        *("http://user:hunter2@x/v1", "https://hunter2@x/v1", "https://x/v1?key=hunter2", "https://x/v1#hunter2"),
    ],
)
def test_an_address_that_cannot_be_one_or_holds_a_password_is_a_sentence(address: str) -> None:
    with pytest.raises(BadInput) as refused:
        endpoint_url(address)
    assert "hunter2" not in refused.value.sentence()
    assert "address" in refused.value.sentence()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--endpoint", "http://x/v1"), "which model is to be asked there? Name it: --model NAME."),
        (("--endpoint", "http://x/v1", "--model", "a", "tiny"), "an endpoint is asked by a run of its own"),
        (("--endpoint", "http://x/v1", "--model", "a", "--template", "base"), "has its own template and weights"),
        (("--endpoint", "http://x/v1", "--model", "a", "--model", "a=b"), "two contenders would be called `a`"),
        (("--endpoint", "http://x/v1", "--model", "a", "--key-env", "NO_SUCH_KEY"), "no key in the environment"),
        (("--endpoint", "http://x/v1", "--model", "a", "--key-env", "sk-123"), "isn't the name of an environment"),
        (("--model", "a"), "--model: goes with --endpoint"),
    ],
)
def test_what_cannot_be_asked_of_an_endpoint_is_a_sentence(ours: Workspace, words: tuple[str, ...], said: str) -> None:
    done = command("answer", *words, workspace=ours.folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "sk-123" not in done.stderr
    assert not (ours.folder / "runs").exists()
