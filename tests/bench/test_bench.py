"""The benchmarks run, and measure what they say; how fast anything is isn't judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from molting_tui import sources
from molting_tui.curation.triage import Desk
from molting_tui.workspace import open_workspace
from tests.bench import corpus, many_pairs
from tests.bench.figures import Figure, percentile, table
from tests.conftest import ROOT, asked, write_session


@pytest.fixture
def replicated(tmp_path: Path) -> corpus.Corpus:
    """A corpus of one session with two turns, twice over."""
    path = write_session(tmp_path / "logs" / "crm" / "5e551011-0000-4000-8000-000000000001.jsonl", asked(1), asked(2))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"type":"user","uuid":"0a1b2c3d-1111-4111-8111-0123456789ab","message":{"role":"user",'
                   '"content":"And a third question?"}}\n{torn\n')  # fmt: skip
    return corpus.build(tmp_path / "logs", tmp_path / "corpus", path.stat().st_size * 2)


def read(made: corpus.Corpus) -> list[sources.reading.FileRead]:
    return [sources.read(file.path) for file in sources.find([made.folder]).files]


def test_a_replica_is_read_like_its_original(replicated: corpus.Corpus) -> None:
    first, second = read(replicated)
    assert len(first.turns) == len(second.turns) == 3
    assert first.records == second.records == 5
    assert [left[:2] for left in first.left_out] == [left[:2] for left in second.left_out] == [("damaged-line", 1)]


def test_replicas_share_no_turn_and_no_answer(replicated: corpus.Corpus) -> None:
    turns = [turn for one in read(replicated) for turn in one.turns]
    assert len({turn.key for turn in turns}) == len(turns) == 6
    answers = [turn.steps[-1].value for turn in turns if turn.steps]
    assert len(set(answers)) == len(answers) == 4


def test_many_pairs_are_a_workspace_like_any_other(tmp_path: Path) -> None:
    folder = many_pairs.make(tmp_path / "many", 200)
    opened = open_workspace(folder)
    desk = Desk(opened)
    assert len(desk.matching("")) == desk.counts().open == 200
    assert len(desk.matching("common")) == 20
    assert len(desk.matching("flag:agent-speech")) == 25
    pair = desk.pair(8)
    assert pair.flags[0].end <= len(pair.response)
    assert 500 < len(pair.response) < 1200
    desk.decide(pair, "keep")
    assert desk.counts().keep == 1
    opened.close()


def test_percentiles_are_nearest_rank() -> None:
    assert percentile([4, 1, 3, 2], 50) == 2
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([7], 95) == 7


def test_the_table_says_which_target_was_missed() -> None:
    text = table([Figure("a", 2.5, "x", 2.0), Figure("b", 1.0, "x", 2.0), Figure("c", 3.0, "s")])
    assert [line.count("NOT MET") for line in text.splitlines()] == [0, 0, 1, 0, 0]


@pytest.mark.usefixtures("tiny_base")
def test_the_benchmarks_run(tmp_path: Path) -> None:
    write_session(tmp_path / "sessions" / "claude-code" / "crm" / "s.jsonl", *[asked(number) for number in range(30)])
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--json", "--size", "1", "--repeat", "1", "--pairs", "60",
         "--decisions", "3", "--starts", "1", "--steps", "4", "--batches", "1", "--tokens", "4", "--seconds", "1",
         "--frozen", "60", "--answers", "20"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "MOLTING_SAMPLES": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    found = {figure["what"]: figure for figure in json.loads(done.stdout)["figures"]}
    assert found["import / loop"]["target"] == 3.0
    assert found["first frame / empty Textual app"]["value"] > 0
    assert found["our callbacks' share of training, 4 steps of the tiny base"]["value"] > 0
    assert found["… answers that came out otherwise"]["value"] == 0
    assert found["… mixed answers that came out otherwise"]["value"] == 0
    assert found["diff of two datasets of 60 pairs"]["target"] == 1.0
    assert found["freeze of 6 pairs"]["value"] > 0
    assert found["vote to next battle painted, p95 of 3 votes, 20 answers"]["value"] > 0
    assert found["bytes in 3 s of idling, 60 pairs"]["value"] == 0
    assert found["rating to next one painted, p95 of 3 ratings, 20 answers"]["target"] == 20
    assert found["bytes a decision, median of 3 decisions, 60 pairs"]["value"] > 0
