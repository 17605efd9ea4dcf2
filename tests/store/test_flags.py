"""Promises of flags that are made anew: for every pair, by its current words; what changed is told of the list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from molting_tui.curation import flagging
from molting_tui.curation.importing import derive_again, import_paths
from molting_tui.curation.triage import Desk
from molting_tui.records.pairs import AnswerMode, FlagChanges
from molting_tui.records.progress import Progress
from molting_tui.store import meta
from molting_tui.workspace import Workspace
from tests.conftest import asked, write_chats, write_session

HOUSE = """\
format: rules/1
id: house
version: "1"
title: Words of the house
about: What only we say.
where: both
rules:
  - id: house-word
    pattern: {word}
    example: {example}
    counter_example: others
"""
Rule = Callable[..., None]


@pytest.fixture
def rule(workspace: Workspace) -> Rule:
    """Puts a rule with this pattern in force, which matches the example (else itself); without one takes it away."""
    path = workspace.folder / "rubrics" / "curation" / "house.yaml"

    def put(word: str, example: str = "") -> None:
        if word:
            path.write_text(HOUSE.format(word=word, example=example or word), "utf-8")
        else:
            path.unlink()

    return put


def chats(workspace: Workspace, folder: Path, *answers: str) -> None:
    """A pair of each answer, in their order."""
    pairs = [(f"Question {number} about the queue?", answer) for number, answer in enumerate(answers, 1)]
    import_paths(workspace, [write_chats(folder / "chats.json", *pairs)])


def half_made(workspace: Workspace, reached: int, rules: str, **counts: dict[str, int]) -> None:
    """Leave the flags as a stopped migration does: done up to a pair, by the rules with this digest."""
    standing = {"reached": reached, "rules": rules, "more": {}, "fewer": {}, **counts}
    with workspace.store.write() as connection:
        meta.put(connection, "flags-anew", json.dumps(standing))


def test_a_pair_is_found_by_the_name_of_a_rule_and_by_that_of_its_family(
    workspace: Workspace, tmp_path: Path, rule: Rule
) -> None:
    rule("queue:drain")
    chats(workspace, tmp_path, "Run queue:drain before each deploy.", "Nothing is left to be done here.")
    desk = Desk(workspace)
    for name in ("house", "house-word"):
        assert list(desk.matching(f"flag:{name}")) == [1]


def test_a_rule_that_is_taken_away_takes_its_flags_along(workspace: Workspace, tmp_path: Path, rule: Rule) -> None:
    rule("queue:drain")
    chats(workspace, tmp_path, "Run queue:drain before each deploy.")
    rule("")
    assert Desk(workspace).apply_rules() == FlagChanges(0, {}, {"house": 1})
    desk = Desk(workspace)
    assert (desk.pair(1).flags, list(desk.matching("is:flagged"))) == ((), [])


def test_a_flag_moves_with_its_rule(workspace: Workspace, tmp_path: Path, rule: Rule) -> None:
    rule("queue:drain")
    text = "Run queue:drain before each deploy, and queue:fill behind it."
    chats(workspace, tmp_path, text)
    rule("queue:fill")
    Desk(workspace).apply_rules()
    (flag,) = Desk(workspace).pair(1).flags
    assert text[flag.start : flag.end] == "queue:fill"
    assert not Desk(workspace).rules_changed()


def test_each_pair_is_flagged_by_its_own_current_words(workspace: Workspace, tmp_path: Path, rule: Rule) -> None:
    chats(workspace, tmp_path, *(f"The answer {number} says what was done." for number in (1, 2, 3)))
    desk = Desk(workspace)
    desk.rewrite(desk.pair(1), response="Nothing was done, in other words.")
    desk.rewrite(desk.pair(2), response="Run queue:drain before each deploy.")
    rule("queue:drain|what was done", "queue:drain")
    assert Desk(workspace).apply_rules() == FlagChanges(2, {"house": 2}, {})
    assert list(Desk(workspace).matching("flag:house")) == [2, 3]


def superseded(workspace: Workspace, folder: Path) -> None:
    """A pair of the first text of a turn, which is in the list, and one of the last, which isn't any more."""
    said = ("First I run queue:drain, and say so.", None, "The queue is drained: queue:drain is done now.")
    turn = asked(1, *[f"{step} {step}" if step else None for step in said])
    import_paths(workspace, [write_session(folder / "logs" / "s1.jsonl", turn)])
    derive_again(workspace, AnswerMode.FIRST)
    assert workspace.store.rows("select live from pair order by id") == [(0,), (1,)]


def test_pairs_of_another_derivation_are_flagged_and_not_counted(
    workspace: Workspace, tmp_path: Path, rule: Rule
) -> None:
    superseded(workspace, tmp_path)
    rule("queue:drain")
    assert Desk(workspace).apply_rules() == FlagChanges(1, {"house": 1}, {})
    derive_again(workspace, AnswerMode.FINAL)
    assert list(Desk(workspace).matching("flag:house")) == [1]


def test_finishing_counts_the_pairs_of_the_list_alone(workspace: Workspace, tmp_path: Path, rule: Rule) -> None:
    superseded(workspace, tmp_path)
    rule("queue:drain")
    half_made(workspace, 0, "")
    assert flagging.finish(workspace) == FlagChanges(1, {"house": 1}, {})


def test_applying_the_rules_finishes_what_a_migration_left_half_made(workspace: Workspace, tmp_path: Path) -> None:
    chats(workspace, tmp_path, "Let me check the queue first, one moment, please.")
    half_made(workspace, 0, "")
    Desk(workspace).apply_rules()
    assert flagging.being_made(workspace) is None


def test_what_changed_is_summed_over_every_time_that_it_was_stopped(
    workspace: Workspace, tmp_path: Path, rule: Rule
) -> None:
    rule("queue:drain")
    chats(workspace, tmp_path, *(f"Run queue:drain before deploy {number}." for number in (1, 2, 3)))
    rule("")
    half_made(workspace, 1, Desk(workspace).rules.digest, more={"secret": 2}, fewer={"house": 1})
    changes = flagging.finish(workspace)
    assert changes == FlagChanges(1, {"secret": 2}, {"house": 3})
    assert flagging.changes_sentence(changes) == "Pairs with a flag: house 3 fewer; secret 2 more."
    assert not Desk(workspace).rules_changed()


def test_flags_made_from_the_start_by_other_rules_count_from_the_start(workspace: Workspace, tmp_path: Path) -> None:
    chats(workspace, tmp_path, *(f"The answer {number} says what was done." for number in (1, 2, 3)))
    half_made(workspace, 2, "other rules")
    progress = flagging.being_made(workspace)
    assert progress == (2, 3, "pairs", "flagging every message")
    assert flagging.progress_sentence(progress).endswith("for every message: 2 of 3 pairs.")
    heard: list[Progress] = []
    changes = flagging.finish(workspace, heard.append)
    assert [(progress.done, progress.total) for progress in heard] == [(3, 3)]
    assert changes is not None
    assert flagging.changes_sentence(changes) == "No pair has another flag than before."


def test_whole_flags_need_no_rules(workspace: Workspace, tmp_path: Path) -> None:
    chats(workspace, tmp_path, "The answer says what was done.")
    (workspace.folder / "rubrics" / "curation" / "ours.yaml").write_text("format: rules/2")
    assert flagging.finish(workspace) is None
