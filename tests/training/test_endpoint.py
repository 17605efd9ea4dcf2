"""Models behind an endpoint: what they are sent, what is stored of them, and what becomes of a server that fails."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from molting_tui.recipe import events
from molting_tui.recipe.runfolder import AnswerConfig, Asked, AskedContender, Generation
from molting_tui.recipe.runfolder import Served as Told
from tests.runs_made import until
from tests.served import Served, cut_off, error, says, server, texts, well
from tests.training.answering import config_of, lines, make_run, questions, told
from training.endpoint import ask_endpoint
from training.endpoint_client import goes_in_the_clear, seed_for
from training.reporting import Reporter

KEY = "sk-a-key-of-the-tests"
PERSONA = "Você é Cláudio."
FOUR = ("Quem é João?", "What is Molting?", "Oi", "How do you work?")


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Asking takes the signals of its process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def served() -> Iterator[Served]:
    with server() as running:
        yield running


TRIES = Told(tries=3)


def config(served: Served | str, asked: tuple[Asked, ...] = (), told: Told = TRIES, **also: object) -> AnswerConfig:
    url = served if isinstance(served, str) else served.url
    who = AskedContender("mine", system_prompt=PERSONA, url=url, model="qwen", template_from="endpoint")
    made = config_of([who], asked or questions(FOUR), generation=Generation(0.7, 0.9, 40), served=told)
    return msgspec.structs.replace(made, **also)


def asked(folder: Path) -> int:
    """Ask as the folder says, without waiting between tries: the exit code."""
    with Reporter(folder) as report:
        ask_endpoint(folder, report, second=0)
    return report.exit_code


def sentence(folder: Path) -> str:
    last = told(folder)[-1]
    assert isinstance(last, events.Failed)
    return last.message


# What is sent, and what is stored


def test_a_request_holds_what_the_run_was_told(served: Served, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", config(served))
    assert asked(run) == 0
    line = lines(run)[0]
    assert served.asked[0] == {
        "model": "qwen",
        "messages": [{"role": "system", "content": PERSONA}, {"role": "user", "content": FOUR[0]}],
        "temperature": 0.7,
        "top_p": 0.9,
        "max_tokens": 40,
        "seed": seed_for(line.seed or 0),
        "stream": False,
    }
    assert served.keys == [None] * 4


def test_an_answer_is_stored_with_its_time_its_tokens_and_how_it_ended(served: Served, tmp_path: Path) -> None:
    long = {"choices": [{"message": {"content": "And so"}, "finish_reason": "length"}]}
    served.behave(says(json.dumps(long).encode()))
    run = make_run(tmp_path / "run", config(served))
    asked(run)
    first, second, *_ = lines(run)
    assert (first.text, first.raw, first.tokens, first.finish_reason) == ("And so", "And so", 0, "length")
    assert (second.text, second.tokens, second.finish_reason) == ("You asked: What is Molting?", 7, "stop")
    assert second.seconds is not None
    assert 0 < second.seconds < 30
    assert second.settings["url"] == served.url
    assert (second.settings["model"], second.settings["served_model"]) == ("qwen", "qwen:served")
    assert (second.settings["contender_prompt"], second.settings["at_once"]) == (PERSONA, 1)
    assert "quantisation" not in second.settings
    last = told(run)[-1]
    assert isinstance(last, events.Done)
    assert (last.reason, last.figures["answers"], last.figures["tokens"]) == ("finished", 4, 21)


def test_samples_have_seeds_of_their_own_and_follow_ups_one_conversation(served: Served, tmp_path: Path) -> None:
    question = Asked("q", "d", "Oi", system="", followups=("E daí?",))
    two = Generation(0.7, 0.9, 40, samples=2)
    run = make_run(tmp_path / "run", config(served, (question,), generation=two))
    assert asked(run) == 0
    talk = [("user", "Oi"), ("assistant", "You asked: Oi"), ("user", "E daí?")]
    assert texts(served.asked) == [talk[:1], talk, talk[:1], talk]
    assert len({each["seed"] for each in served.asked}) == 4
    assert [line.text for line in lines(run)] == ["You asked: E daí?"] * 2
    assert lines(run)[0].settings["earlier"] == ["You asked: Oi"]


def test_the_key_is_sent_and_stands_nowhere(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_KEY", KEY)
    run = make_run(tmp_path / "run", config(served, told=Told("LLM_KEY")))
    served.behave(then=error(401, f"Incorrect API key provided: {KEY}."))
    assert asked(run) == 2
    assert served.keys == [f"Bearer {KEY}"]
    assert "it refuses the key in LLM_KEY (HTTP 401: Incorrect API key provided: …)" in sentence(run)
    served.behave()
    assert asked(run) == 0
    printed = "".join(capsys.readouterr())
    assert KEY not in printed + "".join(path.read_text("utf-8") for path in run.iterdir())


@pytest.mark.parametrize("key", ["", "two words", "one\nline", "chave-ã"])
def test_what_cannot_be_a_key_is_never_sent_or_quoted(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("LLM_KEY", key)
    run = make_run(tmp_path / "run", config(served, told=Told("LLM_KEY")))
    assert asked(run) == 2
    assert "there is no key in the environment variable LLM_KEY" in sentence(run)
    assert served.asked == []
    assert not key or key not in (run / "events.jsonl").read_text("utf-8")


def test_a_key_that_goes_over_a_network_in_the_clear_is_told(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not goes_in_the_clear(served.url)
    assert not goes_in_the_clear("https://llm.example.org/v1")
    monkeypatch.setenv("LLM_KEY", KEY)
    run = make_run(tmp_path / "run", config("http://nowhere.invalid/v1", told=Told("LLM_KEY", tries=1)))
    assert asked(run) == 2
    (warned,) = [event.message for event in told(run) if isinstance(event, events.Warned)]
    assert warned == "the key goes to http://nowhere.invalid/v1 as plain text: https would hide it on the way."


# A server that fails

FAILURES: dict[str, tuple[Callable[..., None], str]] = {
    "html": (says(b"<html><body>It works!</body></html>"), r"isn't a chat completion .* it begins: <html><body>It"),
    "rubbish": (says(b"\xff\xfe\x00 rubbish \x1b[2J"), r"isn't a chat completion"),
    "another shape": (says(b'{"choices": [{"text": "old"}]}'), r"isn't a chat completion .*`message`"),
    "no choice": (says(b'{"choices": []}'), r"isn't a chat completion"),
    "no text": (says(b'{"choices": [{"message": {"content": null}}]}'), r"isn't a chat completion .*content"),
    "deep": (says(b"[" * 100_000), r"isn't a chat completion"),
    "cut off": (cut_off, r"the connection broke off"),
    "401": (error(401), r"it refuses a request without a key \(HTTP 401: no\)\. Name the variable .* --key-env VAR"),
    "403": (error(403), r"it refuses a request without a key \(HTTP 403"),
    "404": (error(404, "model `qwen` not found"), r"no such address or no such model \(HTTP 404: model `qwen` not"),
    "429": (error(429, retry_after="1"), r"it is asked too often \(HTTP 429"),
    "500": (error(500, "out of memory"), r"it failed \(HTTP 500: out of memory\)"),
    "400": (error(400, "too long"), r"it doesn't take the question \(HTTP 400: too long\)"),
    "302": (says(b"", 302, location="http://elsewhere/"), r"it sends us elsewhere \(HTTP 302: nothing else\)"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_server_that_fails_is_a_sentence_and_what_came_is_kept(
    served: Served, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    behaviour, words = FAILURES[kind]
    run = make_run(tmp_path / "run", config(served, questions([f"Oi {n}" for n in range(6)])))
    served.behave(well, well, then=behaviour)
    assert asked(run) == 2
    assert sentence(run).startswith(f"{served.url}: ")
    assert re.search(words, sentence(run))
    assert "\x1b" not in "".join(capsys.readouterr())
    came = (run / "answers.jsonl").read_bytes()
    assert came.count(b"\n") == 2

    before = len(served.asked)
    served.behave()
    assert asked(run) == 0
    assert (run / "answers.jsonl").read_bytes().startswith(came)
    assert [line.question for line in lines(run)] == [f"q{n}" for n in range(6)]
    assert served.prompts()[before:] == [f"Oi {n}" for n in range(2, 6)]


def test_a_server_that_is_down_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    run = make_run(tmp_path / "run", config(f"http://127.0.0.1:{port}/v1"))
    assert asked(run) == 2
    assert f"http://127.0.0.1:{port}/v1: nothing answers there" in sentence(run)
    assert sentence(run).endswith("Start the server, or check the address; then ask for what is missing.")


def test_a_server_that_is_too_slow_is_a_sentence(served: Served, tmp_path: Path) -> None:
    served.behave(then=served.silent)
    run = make_run(tmp_path / "run", config(served, told=Told(timeout=0.2)))
    assert asked(run) == 2
    assert "no whole answer came within 0.2 s. Give it longer (--timeout SECONDS)" in sentence(run)
    assert len(served.asked) == 1


def test_a_server_that_drips_is_too_slow_though_it_never_rests(served: Served, tmp_path: Path) -> None:
    served.behave(then=served.dripping)
    run = make_run(tmp_path / "run", config(served, told=Told(timeout=0.3)))
    assert asked(run) == 2
    assert "no whole answer came within 0.3 s" in sentence(run)


def test_a_server_that_never_comes_to_an_end_is_left(served: Served, tmp_path: Path) -> None:
    served.behave(then=says(b" " * (17 << 20)))
    run = make_run(tmp_path / "run", config(served))
    assert asked(run) == 2
    assert "its reply is longer than 16 MiB" in sentence(run)


def test_what_may_pass_is_tried_again_up_to_a_limit(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served.behave(error(500), cut_off)
    run = make_run(tmp_path / "run", config(served))
    assert asked(run) == 0
    assert served.prompts()[:4] == [FOUR[0]] * 3 + [FOUR[1]]
    printed = capsys.readouterr().out
    assert "it failed (HTTP 500: no). Tried again in 1 s (1 of 3 tries)." in printed
    assert "the connection broke off" in printed
    assert len(lines(run)) == 4


def test_one_question_that_a_server_refuses_costs_the_others_nothing(served: Served, tmp_path: Path) -> None:
    served.behave(error(400, "too long"))
    run = make_run(tmp_path / "run", config(served))
    assert asked(run) == 2
    assert [line.question for line in lines(run)] == ["q1", "q2", "q3"]
    assert sentence(run) == (
        "1 answer of 4 didn't come (q0); the log says why. "
        "What came is kept; `molting answer … --missing` asks for the rest."
    )
    (warned,) = [event for event in told(run) if isinstance(event, events.Warned)]
    assert warned.message.startswith(f"q0: {served.url}: it doesn't take the question (HTTP 400: too long).")


def test_three_that_are_not_in_a_row_end_nothing(served: Served, tmp_path: Path) -> None:
    served.behave(error(400), well, error(400), well, error(400))
    run = make_run(tmp_path / "run", config(served, questions([f"Oi {n}" for n in range(7)])))
    assert asked(run) == 2
    assert [line.question for line in lines(run)] == ["q1", "q3", "q5", "q6"]
    assert "3 answers of 7 didn't come (q0, q2, q4)" in sentence(run)


def test_three_in_a_row_end_the_run(served: Served, tmp_path: Path) -> None:
    served.behave(then=error(400))
    run = make_run(tmp_path / "run", config(served))
    assert asked(run) == 2
    assert len(served.asked) == 3


def test_a_stop_ends_the_run_at_once(served: Served, tmp_path: Path) -> None:
    served.behave(then=served.silent)
    run = make_run(tmp_path / "run", config(served))
    process = subprocess.Popen([sys.executable, "-m", "training.endpoint", "--run", str(run)], env=dict(os.environ))
    until(lambda: served.asked, "the first question")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    last = told(run)[-1]
    assert isinstance(last, events.Done)
    assert last.reason == "stopped"


# A real one


@pytest.fixture
def llama_cpp(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts llama.cpp's own server on a tiny model: its address."""
    xllamacpp = pytest.importorskip("xllamacpp")
    from tests.gguf_made import write_gguf

    running: list[object] = []

    def start(**settings: object) -> str:
        told = xllamacpp.CommonParams()
        told.model.path = str(write_gguf(tmp_path / "gguf"))
        plain = {"no_extra_bufts": True, "n_ctx": 256, "n_parallel": 1, "warmup": False, "port": 0, "verbosity": 0}
        for name, value in {**plain, **settings}.items():
            setattr(told, name, value)
        told.cpuparams.n_threads = 1
        running.append(xllamacpp.Server(told))
        return f"{running[-1].listening_address}/v1"  # type: ignore[attr-defined]

    yield start
    running.clear()


def test_a_real_llama_cpp_server_answers_and_the_same_seed_answers_the_same(
    llama_cpp: Callable[..., str], tmp_path: Path
) -> None:
    talk = Asked("talk", "d", "Oi", followups=("E daí?",))
    told = config(llama_cpp(model_alias={"tiny"}), (*questions(FOUR), talk), generation=Generation(0.9, 0.95, 12))
    first, second = make_run(tmp_path / "first", told), make_run(tmp_path / "second", told)
    assert [asked(first), asked(second)] == [0, 0]
    answers = lines(first)
    assert [line.question for line in answers] == ["q0", "q1", "q2", "q3", "talk"]
    assert [line.text for line in answers] == [line.text for line in lines(second)]
    assert len({line.text for line in answers}) == 5
    for line in answers:
        assert line.finish_reason in ("stop", "length")
        assert 1 <= line.tokens <= 12
        assert line.seconds
        assert line.settings["served_model"] == "tiny"


def test_a_real_llama_cpp_server_refuses_in_words_that_are_passed_on(
    llama_cpp: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = llama_cpp(api_keys=[KEY])
    run = make_run(tmp_path / "run", config(url, (*questions(["Oi"]), Asked("novel", "n", "Quem é João? " * 90))))
    assert asked(run) == 2
    assert "it refuses a request without a key (HTTP 401" in sentence(run)
    monkeypatch.setenv("LLM_KEY", KEY)
    novel = msgspec.structs.replace(config(url, told=Told("LLM_KEY")), questions=json_config(run).questions)
    (run / "config.json").write_bytes(msgspec.json.encode(novel))
    assert asked(run) == 2
    assert [line.question for line in lines(run)] == ["q0"]
    assert "1 answer of 2 didn't come (novel)" in sentence(run)
    assert any("context" in event.message for event in told(run) if isinstance(event, events.Warned))


def json_config(run: Path) -> AnswerConfig:
    return msgspec.json.decode((run / "config.json").read_bytes(), type=AnswerConfig)
