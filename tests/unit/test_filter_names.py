"""Promises about names in a filter: what nothing has is a mistake that names the nearest, at every door."""

from __future__ import annotations

import ast
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cli_workspaces import ROOT, made, run
from test_cli_rules import OWN

from molting_tui.curation.filter_names import known_names, read_filter
from molting_tui.curation.filters import parse
from molting_tui.curation.importing import import_paths
from molting_tui.curation.rules import MOJIBAKE, load_rules, rule_names
from molting_tui.curation.statistics import rule_counts, statistics
from molting_tui.curation.triage import Desk
from molting_tui.datasets.export.export import export
from molting_tui.errors import BadFilter, BadInput
from molting_tui.recipe.settings import TINY, defaults_for
from molting_tui.runs.starting import start_training
from molting_tui.store.filters import FIELDS
from molting_tui.workspace import Workspace
from tests.conftest import FILLER, Asked, new_workspace, write_session


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk on a pair of agent speech with a tag, a model, a project and a session."""
    home = tmp_path_factory.mktemp("known")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLTING_ACTOR", "ana")
        desk = Desk(new_workspace(home / "ws"))
    turn = Asked("u1", "What does the queue do?", (f"Let me check the logs. {FILLER}",))
    import_paths(desk.workspace, [write_session(home / "crm-api" / "0a1b2c3d.jsonl", turn, model="claude-opus-4")])
    desk.tag(desk.pair(1), "voice")
    desk.tag(desk.pair(1), "later")
    desk.tag(desk.pair(1), "later")
    yield desk
    desk.workspace.close()


@pytest.mark.parametrize(
    "source",
    [
        "flag:agent-speech",
        "flag:secret",
        f"flag:{MOJIBAKE}",
        "tag:voice",
        "-tag:voice,later",
        "model:OPUS",
        "model:claude-opus-4",
        "project:crm",
        "session:0a1b2c3d",
        "session:0",
    ],
)
def test_a_name_that_is_known_is_taken(known: Desk, source: str) -> None:
    assert list(known.matching(source)) in ([], [1])
    assert {*known.matching(source), *known.matching(f"-{source.removeprefix('-')}")} <= {1}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "flag:agnet-speech",
            "flag:agnet-speech: there is no flag `agnet-speech` here. Did you mean flag:agent-speech?",
        ),
        ("-flag:secrt", "-flag:secrt: there is no flag `secrt` here. Did you mean flag:secret?"),
        ("rule:zzz", "flag:zzz: there is no flag `zzz` here. Known: age-key, agent-speech, "),
        ("tag:vioce", "tag:vioce: there is no tag `vioce` here. Did you mean tag:voice?"),
        ("state:open tag:voice,vioce", "tag:voice,vioce: there is no tag `vioce` here. Did you mean tag:voice?"),
        ("tag:Voice", "Did you mean tag:voice?"),
        ("model:opsu", "there is no model `opsu` here. Did you mean model:claude-opus-4?"),
        ("model:gpt", "there is no model `gpt` here. Known: claude-opus-4."),
        ("project:crn-api", "there is no project `crn-api` here. Did you mean project:crm-api?"),
        ("project:%", "there is no project `%` here."),
        ("session:0a1c", "there is no session `0a1c` here. Did you mean session:0a1b?"),
        ("session:a1b2", "there is no session `a1b2` here. Did you mean session:0a1b?"),
    ],
)
def test_a_name_that_nothing_has_is_a_mistake_and_the_nearest_is_named(known: Desk, source: str, sentence: str) -> None:
    with pytest.raises(BadFilter) as refused:
        known.matching(source)
    assert sentence in refused.value.sentence()


def test_a_tag_that_was_taken_away_is_no_mistake(known: Desk) -> None:
    assert list(known.matching("tag:later")) == []
    assert list(known.matching("-tag:later")) == [1]
    assert known_names(known.workspace, "tag") == ["voice"], "but it isn't offered"


def test_without_pairs_any_name_will_do(desk: Desk) -> None:
    for source in ("flag:agnet-speech", "-tag:x", "model:gpt", "project:x", "session:zz"):
        assert list(desk.matching(source)) == []


def test_where_nothing_is_tagged_yet_a_tag_is_a_mistake_that_says_so(three: Desk) -> None:
    with pytest.raises(BadFilter, match=r"there is no tag `voice` here\. No pair has a tag yet\."):
        three.matching("-tag:voice")


def test_a_rule_that_is_gone_is_known_as_long_as_it_flags(desk: Desk, tmp_path: Path) -> None:
    rules = desk.workspace.folder / "rubrics" / "curation" / "house.yaml"
    rules.write_text(OWN, "utf-8")
    turn = Asked("u1", "How do I drain it?", (f"Run queue:drain first. {FILLER}",))
    import_paths(desk.workspace, [write_session(tmp_path / "s.jsonl", turn)])
    rules.unlink()
    assert list(desk.matching("flag:queue-drain")) == list(desk.matching("flag:house")) == [1]
    Desk(desk.workspace).apply_rules()
    with pytest.raises(BadFilter, match="no flag `queue-drain`"):
        desk.matching("flag:queue-drain")


def test_a_rule_file_with_a_mistake_is_named_where_only_it_could_know_the_flag(three: Desk) -> None:
    rules = three.workspace.folder / "rubrics" / "curation" / "house.yaml"
    rules.write_text(OWN.replace("id: house", "idd: house"), "utf-8")
    with pytest.raises(BadInput, match=r"house\.yaml:2"):
        three.matching("flag:house")


def test_the_names_of_rules_are_those_of_the_rules_in_force(workspace: Workspace) -> None:
    rules = [rule for rule in load_rules(workspace.rule_files()).rules if rule.where != "next"]  # these flag prompts
    expected = {MOJIBAKE, *(rule.family for rule in rules), *(rule.id for rule in rules)}
    assert rule_names(workspace.rule_files()) == expected
    assert known_names(workspace, "flag") == sorted(expected)


def test_every_name_is_listed_once_and_in_order(known: Desk) -> None:
    assert known_names(known.workspace, "model") == ["claude-opus-4"]
    assert known_names(known.workspace, "project") == ["crm-api"]
    assert known_names(known.workspace, "session") == ["0a1b2c3d"]
    assert known_names(known.workspace, "lang") == []
    with known.workspace.store.write() as connection:
        connection.executemany("insert or ignore into pair_flag values (?, 1)", [("zz",), ("aa",), ("é",)])
    names = known_names(known.workspace, "flag")
    assert names == sorted(set(names))
    assert {"aa", "zz", "é", "agent-speech"} <= set(names)


DOORS: dict[str, Callable[[Workspace, str, Path], object]] = {
    "list": lambda workspace, where, _: Desk(workspace).matching(where),
    "search": lambda workspace, where, _: Desk(workspace).search(where, "queue"),
    "decide": lambda workspace, where, _: Desk(workspace).decide_where(where, "drop"),
    "star": lambda workspace, where, _: Desk(workspace).star_where(where, True),
    "tag": lambda workspace, where, _: Desk(workspace).tag_where(where, "x", True),
    "mask": lambda workspace, where, _: Desk(workspace).mask_secrets(where),
    "statistics": lambda workspace, where, _: statistics(workspace, where),
    "rules": lambda workspace, where, _: rule_counts(workspace, where),
    "export": lambda workspace, where, here: export(workspace, here / "out.json", format="sharegpt", where=where),
    "train": lambda workspace, where, _: start_training(workspace, defaults_for(TINY), where=where),
    "read": lambda workspace, where, _: read_filter(workspace, where),
}


def test_no_other_door_reads_a_filter_without_its_names() -> None:
    readers = []
    for path in sorted((ROOT / "molting_tui").rglob("*.py")):
        imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        if any(node.module == parse.__module__ and "parse" in [name.name for name in node.names] for node in imports):
            readers.append(path.stem)
    assert readers == ["filter_names"]


@pytest.mark.parametrize("door", DOORS)
def test_every_door_refuses_a_name_that_nothing_has(three: Desk, tmp_path: Path, door: str) -> None:
    three.decide(three.pair(1), "keep")
    with pytest.raises(BadFilter, match="no flag `agnet-speech`"):
        DOORS[door](three.workspace, "-flag:agnet-speech", tmp_path)
    assert not (tmp_path / "out.json").exists()
    assert three.counts().keep == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("pairs",),
        ("pairs", "--json"),
        ("stats",),
        ("decide", "drop", "--yes"),
        ("export", "out.json"),
        ("train",),
    ],
    ids=" ".join,
)
def test_a_typo_in_a_flag_is_exit_code_2_and_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = made(tmp_path / "ws")
    assert run("decide", "1", "keep", workspace=folder).exit_code == 0
    refused = run(*arguments, "--where", "flag:agnet-speech", workspace=folder)
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert refused.stderr == (
        "molting: flag:agnet-speech: there is no flag `agnet-speech` here. Did you mean flag:agent-speech?\n"
    )


def test_a_name_that_a_terminal_would_obey_is_shown_as_signs(tmp_path: Path) -> None:
    folder = made(tmp_path / "ws")
    with closing(sqlite3.connect(folder / "molting.db")) as connection, connection:
        connection.execute("update model set name = ?", ("\x1b]52;c;aGk=\x07opus",))
    refused = run("pairs", "--where", "model:opuss", workspace=folder)
    assert "Did you mean model:␛]52;c;aGk=␇opus?" in refused.stderr
    assert json.dumps(refused.stderr, ensure_ascii=True).count("\\u001b") == 0


@pytest.mark.parametrize(("field", "table"), [("flag", "pair_flag"), ("tag", "tag")])
def test_names_are_read_by_their_key_and_not_row_by_row(three: Desk, field: str, table: str) -> None:
    sql = FIELDS[field]
    for query, values in ((sql.names, ()), (sql.known, ("x",))):
        plan = [row[3] for row in three.workspace.store.rows(f"explain query plan {query}", values)]
        steps = [step for step in plan if f" {table} " in f"{step} "]
        assert steps
        assert all(step.startswith("SEARCH") for step in steps)
