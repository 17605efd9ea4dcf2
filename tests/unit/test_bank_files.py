"""Promises of question files: what a format says is taken or named as dropped, and nothing is half taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

from molting_tui.evaluation.asking.questions import load_questions
from molting_tui.workspace import shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def lines(path: Path, *values: object) -> Path:
    path.write_text("".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in values), "utf-8")
    return path


def added(folder: Path, path: Path, *options: str) -> tuple[list[dict[str, object]], str]:
    taken = value("questions", "add", "--from-file", str(path), *options, workspace=folder)
    shown = [value("questions", "show", name, workspace=folder) for name in taken["added"]]
    return shown, " ".join(taken["left_out"])


def test_mt_benchs_questions(folder: Path, tmp_path: Path) -> None:
    path = lines(
        tmp_path / "question.jsonl",
        {
            "question_id": 81,
            "category": "writing",
            "turns": ["Describe Braga.", "Now shorter."],
            "reference": ["A", "B"],
        },
        {"question_id": 82, "turns": ["What is a queue?"], "level": 3},
        "not json",
        {"question_id": 83, "turns": []},
    )
    (braga, queue), dropped = added(folder, path)
    assert (braga["prompt"], braga["followups"], braga["tags"], braga["reference"]) == (
        "Describe Braga.",
        ["Now shorter."],
        ["writing"],
        "A",
    )
    assert queue["source"] == "file:question.jsonl"
    for words in ("references of later turns: 1 (line 1)", "`level`: 1 (line 2)", "not JSON: 1 (line 3", "(line 4)"):
        assert words in dropped


def test_openai_evals(folder: Path, tmp_path: Path) -> None:
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi."},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "Capital of Portugal?"},
    ]
    path = lines(tmp_path / "evals.jsonl", {"input": chat, "ideal": ["Lisbon", "Lisboa"]}, {"input": "Who wrote it?"})
    (capital, wrote), dropped = added(folder, path, "--role", "control")
    assert (capital["prompt"], capital["role"]) == ("Capital of Portugal?", "control")
    assert capital["facts"] == [
        {"id": "ideal", "text": "Lisbon or Lisboa", "must_mention": [["Lisbon", "Lisboa"]], "must_not_mention": []}
    ]
    assert wrote["facts"] == []
    assert "turns before the last one: 1 (line 1)" in dropped


def test_promptfoos_tests(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(
        """
providers: [openai:gpt-4]
tests:
  - description: knows the firm
    vars: {question: "Where does João work?", tone: dry}
    assert:
      - {type: icontains, value: Softtor}
      - {type: contains-any, value: [firm, company]}
      - {type: not-contains, value: Google}
      - {type: llm-rubric, value: is polite}
  - vars: {topic: "What is Molting?"}
  - vars: {a: one, b: two}
""",
        "utf-8",
    )
    (work, molting), dropped = added(folder, path)
    assert work["facts"] == [
        {
            "id": "asserted",
            "text": "knows the firm",
            "must_mention": [["Softtor"], ["firm", "company"]],
            "must_not_mention": ["Google"],
        }
    ]
    assert molting["prompt"] == "What is Molting?"
    for words in ("`providers`", "other variables: 1 (test 1)", "`llm-rubric`: 1 (test 1)", "question: 1 (test 3)"):
        assert words in dropped


def test_a_set_is_taken_whole_and_written_as_it_was(folder: Path, tmp_path: Path) -> None:
    path = shipped("rubrics") / "questions" / "personality-8.yaml"
    questions, dropped = added(folder, path)
    assert len(questions) == 16
    assert "generation settings: temperature" in dropped
    out = tmp_path / "out.yaml"
    answer("questions", "export", str(out), workspace=folder)
    before = {question.id: question for question in load_questions(path).questions}
    assert {question.id: question for question in load_questions(out).questions} == before
    assert run("questions", "export", str(out), workspace=folder).exit_code == 2
    answer("questions", "export", str(out), "--force", "--cluster", "joao", "--id", "mine", workspace=folder)
    assert [question.id for question in load_questions(out).questions] == ["joao.en", "joao.pt"]
    answer("questions", "--undo", workspace=folder)
    assert value("questions", "list", workspace=folder) == []


def test_inspects_samples(folder: Path, tmp_path: Path) -> None:
    answer("questions", "add", "Who is João?", "--fact", "developer", "--mention", "dev", workspace=folder)
    answer("questions", "add", "What is it?", "--reference", "A thing.", "--role", "control", workspace=folder)
    out = tmp_path / "samples.jsonl"
    answer("questions", "export", str(out), workspace=folder)
    samples = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(sample["input"], sample["target"]) for sample in samples] == [
        ("Who is João?", ["developer"]),
        ("What is it?", "A thing."),
    ]
    assert samples[0]["metadata"]["role"] == "generalise"


def test_what_is_known_or_trained_is_left_out_and_the_rest_taken(folder: Path, tmp_path: Path) -> None:
    answer("decide", "2", "keep", workspace=folder)
    answer("questions", "add", "Who is João?", workspace=folder)
    path = lines(
        tmp_path / "question.jsonl",
        {"turns": ["who is joao"]},
        {"turns": ["Why is the queue so slow today?"]},
        {"turns": ["What is Molting?"]},
        {"turns": ["What is Molting?"]},
    )
    questions, left = added(folder, path)
    assert [question["prompt"] for question in questions] == ["What is Molting?"]
    assert "`joao.en` asks the same already: 1" in left
    assert "what is trained asks it (--role memory, or --promote): 1 (queue-so-slow.en: pair 2" in left
    questions, _ = added(folder, path, "--promote")
    assert [question["prompt"] for question in questions] == ["Why is the queue so slow today?"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.jsonl", '{"text": "x"}\n', "holds no question"),
        ("a.jsonl", "{" * 2000, "holds no question"),
        ("a.yaml", "- one\n- two\n", "is no file of questions"),
        ("a.yaml", "tests: [1, {vars: 3}, {vars: {}}]\n", "holds no question"),
        ("a.yaml", "tests: none\n", "holds no question"),
        ("a.yaml", "format: questions/1\nid: x\n", "`version`"),
        ("a.yaml", "a: [", "a.yaml:"),
        ("a.txt", "", "is empty"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(
    folder: Path, tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    result = run("questions", "add", "--from-file", str(tmp_path / name), workspace=folder)
    assert (result.exit_code, sentence in result.stderr) == (2, True), result.stderr
    assert value("questions", "list", workspace=folder) == []


def test_a_file_and_words_at_once_are_refused(folder: Path, tmp_path: Path) -> None:
    result = run("questions", "add", "Why?", "--from-file", str(tmp_path / "no.jsonl"), workspace=folder)
    assert "a file has its own questions" in result.stderr
    assert run("questions", "add", "--from-file", str(tmp_path / "no.jsonl"), workspace=folder).exit_code == 2
    assert "can't be used" in run("questions", "export", str(tmp_path / "x.yaml"), "--id", "a b",
                                  workspace=folder).stderr  # fmt: skip
