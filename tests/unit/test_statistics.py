"""Figures of a workspace, against what is known of it."""

from __future__ import annotations

import json
import statistics as figures
from pathlib import Path

import pytest
from cli_workspaces import EXCHANGES, answer, made, session

from molting_tui.curation.importing import import_paths
from molting_tui.curation.statistics import left_out, mode_figures, share, statistics
from molting_tui.records.pairs import AnswerMode
from molting_tui.workspace import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(made(tmp_path / "claudio"))


def lengths(exchanges: list[tuple[str, tuple[str, ...]]]) -> list[int]:
    return [len(blocks[-1]) for _, blocks in exchanges]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_mean_and_median_are_those_of_the_texts(tmp_path: Path, count: int) -> None:
    exchanges = [(f"What is number {n} good for?", ("a word or more " * (n * n + 4) + "end",)) for n in range(count)]
    found = statistics(open_workspace(made(tmp_path / "w", exchanges)))
    assert found.response.mean == pytest.approx(figures.mean(lengths(exchanges)))
    assert found.response.median == figures.median(lengths(exchanges))


def test_the_length_chart_counts_every_pair_once(tmp_path: Path) -> None:
    sizes = (50, 99, 100, 199, 200, 499, 500, 1000, 4999, 5000, 9000)
    exchanges = [(f"What is number {n} good for?", ("x" * size,)) for n, size in enumerate(sizes)]
    found = statistics(open_workspace(made(tmp_path / "w", exchanges)))
    assert found.answer_lengths == (0, 2, 2, 2, 1, 1, 1, 2)


def test_turns_are_pairs_or_left_out_for_a_reason(workspace: Workspace) -> None:
    reasons = {left.reason: left.count for left in left_out(workspace)}
    assert reasons == {"incomplete": 1, "short-prompt": 1}
    assert statistics(workspace).pairs + sum(reasons.values()) == len(EXCHANGES)


def test_what_is_left_out_does_not_depend_on_the_number_of_imports(workspace: Workspace, tmp_path: Path) -> None:
    before = left_out(workspace)
    log = tmp_path / "claudio-logs" / "0a1b2c3d.jsonl"
    log.touch()
    import_paths(workspace, [log])
    assert {left[:2] for left in left_out(workspace)} == {left[:2] for left in before}


def test_repeats_are_counted_with_an_example(workspace: Workspace, tmp_path: Path) -> None:
    # The same history in a resumed session: same uuids. The same words in another one: other uuids.
    session(tmp_path / "resumed.jsonl", EXCHANGES[:2], prefix="0a1b2c3d")
    session(tmp_path / "again.jsonl", EXCHANGES[2:3])
    import_paths(workspace, [tmp_path / "resumed.jsonl", tmp_path / "again.jsonl"])
    found = {left.reason: left for left in left_out(workspace)}
    assert found["duplicate-turn"].count == 2
    assert "resumed.jsonl:1" in found["duplicate-turn"].example
    assert found["duplicate-text"].count == 1
    assert "again:1" in found["duplicate-text"].example
    assert statistics(workspace).pairs == 3


def test_answer_modes_agree_with_deriving_by_them(workspace: Workspace) -> None:
    from molting_tui.curation.importing import derive_again

    compared = {one.mode: one for one in mode_figures(workspace)}
    for mode in AnswerMode:
        derive_again(workspace, mode)
        found = statistics(workspace)
        assert found.answer is mode
        assert (found.pairs, found.response.median) == (compared[mode].kept, compared[mode].median)
        assert found.flagged.get("agent-speech", 0) == compared[mode].anywhere


def test_comparing_the_answer_modes_changes_nothing(workspace: Workspace) -> None:
    before = statistics(workspace)
    mode_figures(workspace)
    assert statistics(workspace) == before


def test_chat_files_do_not_blur_the_comparison(workspace: Workspace, tmp_path: Path) -> None:
    before = mode_figures(workspace)
    turns = [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "Let me check."}]
    (tmp_path / "chat.json").write_text(json.dumps([{"messages": turns}]), "utf-8")
    answer("import", str(tmp_path / "chat.json"), workspace=workspace.folder)
    assert statistics(workspace).pairs == 4
    assert mode_figures(workspace) == before


def test_a_share_of_nothing_is_nothing() -> None:
    assert share(1, 4) == 25.0
    assert share(0, 0) == 0.0
