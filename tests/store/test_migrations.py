"""Promises of migrations: what a workspace held before, it holds after, and a backup of it stands beside it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from molting_tui import workspace as workspaces
from molting_tui.curation import flagging
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.store import checks, events, migrations
from molting_tui.store.connection import APPLICATION_ID, SCHEMA_VERSION
from tests.conftest import ROOT, Start, finished

BACKUP = f"molting.db.before-{SCHEMA_VERSION}"
TABLES = ("source_file", "session", "turn", "turn_origin", "model", "pair", "pair_count", "pair_text", "pair_origin",
          "pair_flag", "event", "undone", "tag", "pair_note", "draft", "answer", "meta")  # fmt: skip
OF_SCHEMA_3 = ("flags-anew", "searchable")
"""Facts that the migration notes, or takes away: what follows from the texts is made anew."""


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the tables that the first schema has, in its columns."""
    with closing(sqlite3.connect(path)) as connection:
        found = {name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr) for name in TABLES}
    # A later schema may add columns to a table, behind those there were.
    columns = {"source_file": 9, "answer": 12, "pair_note": 3}
    shorter = {name: [row[:count] for row in found[name]] for name, count in columns.items()}
    return found | shorter | {"meta": [row for row in found["meta"] if row[0] not in OF_SCHEMA_3]}


@pytest.fixture
def old(three: Desk, tmp_path: Path) -> Path:
    """A workspace as the first schema left it, with pairs, decisions, an undo and an answer."""
    three.decide(three.pair(1), "keep")
    words = {"instruction": None, "response": "Let me check: in other words, and long enough."}
    events.say(three.workspace.store, three.workspace.actor, "rewrite pair 2",
               [events.NewEvent(three.pair(2).uid, "rewrite", words)], three.rules.flags)  # fmt: skip
    three.tag(three.pair(3), "voice")
    three.star(three.pair(3))
    three.undo()
    return as_first_schema(three, tmp_path / "old")


def as_first_schema(desk: Desk, folder: Path) -> Path:
    """A copy of the desk's workspace in `folder`, with its database as the first schema has it."""
    desk.workspace.close()
    new = desk.workspace.folder
    folder.mkdir()
    shutil.copy(new / "molting.toml", folder)
    with closing(sqlite3.connect(folder / "molting.db")) as connection:
        connection.execute("pragma journal_mode = wal")
        migrations.migrations.apply(
            Database(connection, execute_plugins=False), stop_before="m002_questions_ratings_sessions"
        )
        connection.execute(f"attach '{new / 'molting.db'}' as new")
        connection.execute("delete from pair_count")
        for table in TABLES:
            columns = [row[1] for row in connection.execute(f"pragma main.table_info({table})")]
            if table == "pair_count":  # kept by triggers
                continue
            names = ", ".join(columns)
            connection.execute(f"insert into main.{table} ({names}) select {names} from new.{table}")
        connection.execute("insert into main.rewrite select pair_id, null, text from new.rewrite")
        connection.execute(
            "insert into main.flag select pair_id, family, rule, 'response', start, end from new.flag f where place ="
            " (select max(place) from (select json_array_length(context) + (system <> '') + 1 as place"
            " from new.pair_text t where t.id = f.pair_id))"
        )
        connection.execute("insert into answer values (1, 'u', 'v1', 'r', 'q', 0, 'Hi</s>', 2, 'stop', 42, '{}', 't')")
        connection.execute("insert into pair_search (pair_search) values ('rebuild')")
        connection.execute("pragma user_version = 1")
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.commit()
    return folder


def test_a_workspace_of_the_first_schema_keeps_all_it_holds(old: Path) -> None:
    before = contents(old / "molting.db")
    assert (len(before["pair"]), len(before["answer"])) == (3, 1)
    desk = Desk(workspaces.open_workspace(old))
    assert contents(old / "molting.db") == before
    assert [desk.pair(number).state for number in (1, 2, 3)] == ["keep", "keep", "open"]
    assert desk.pair(3).tags == ("voice",)
    assert list(desk.matching("words")) == [2]
    store = desk.workspace.store
    assert store.row("select raw, text from answer") == ("Hi</s>", "")
    assert store.value("pragma user_version") == SCHEMA_VERSION
    assert store.rows("pragma foreign_key_check") == []
    desk.redo()
    assert desk.pair(3).starred
    desk.workspace.close()


def test_answers_can_still_not_be_changed_after_the_migration(old: Path) -> None:
    workspace = workspaces.open_workspace(old)
    for statement in ("update answer set text = 'x'", "delete from answer"):
        with pytest.raises(MoltingError, match="answers are never"), workspace.store.write() as connection:
            connection.execute(statement)
    workspace.close()
    facts = checks.examine(old / "molting.db")
    assert isinstance(facts, checks.DatabaseFacts)
    assert facts.missing_triggers == ()


def test_the_backup_is_the_workspace_as_it_was_and_only_its_owner_can_read_it(old: Path, tmp_path: Path) -> None:
    before = contents(old / "molting.db")
    workspaces.open_workspace(old).close()
    backup = old / BACKUP
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert contents(backup) == before
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("pragma user_version").fetchone() == (1,)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.copy(old / "molting.toml", restored)
    shutil.copy(backup, restored / "molting.db")
    desk = Desk(workspaces.open_workspace(restored))
    assert desk.counts().keep == 2
    desk.workspace.close()


def test_a_new_workspace_and_one_that_is_up_to_date_get_no_backup(three: Desk) -> None:
    three.workspace.close()
    workspaces.open_workspace(three.workspace.folder).close()
    assert list(three.workspace.folder.glob("molting.db.before-*")) == []


OPEN = """
import sys
from pathlib import Path
from molting_tui.store.connection import open_store
print("ready", flush=True)
sys.stdin.readline()
store = open_store(Path(sys.argv[1]))
print(store.value("select count(*) from event"))
store.close()
"""


def test_several_moltings_that_open_an_old_workspace_at_once_leave_the_backup_as_it_was(
    old: Path, start: Start
) -> None:
    before = contents(old / "molting.db")
    several = [start(OPEN, old / "molting.db") for _ in range(3)]
    for process in several:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in several:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert {finished(process).strip() for process in several} == {str(len(before["event"]))}
    assert contents(old / BACKUP) == before
    with closing(sqlite3.connect(old / BACKUP)) as connection:
        assert connection.execute("pragma user_version").fetchone() == (1,)


def test_a_migration_that_fails_leaves_the_workspace_as_it_was(old: Path) -> None:
    before = contents(old / "molting.db")
    with closing(sqlite3.connect(old / "molting.db")) as connection:
        connection.execute("create table taken (something)")  # in the way of the last statement but one
        connection.commit()
    with pytest.raises(MoltingError, match="already exists"):
        workspaces.open_workspace(old)
    with closing(sqlite3.connect(old / "molting.db")) as connection:
        assert connection.execute("pragma user_version").fetchone() == (1,)
        assert connection.execute("select count(*) from sqlite_master where name = 'rating'").fetchone() == (0,)
        connection.execute("drop table taken")
        connection.commit()
    workspaces.open_workspace(old).close()
    assert contents(old / "molting.db") == before


def test_doctor_says_what_the_next_command_does_to_an_old_workspace(old: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "molting_tui", "-w", str(old), "doctor"], cwd=ROOT, capture_output=True, text=True
    )
    assert f"schema 1; {SCHEMA_VERSION} is the newest" in ran.stdout


KEY = "AKIA" + "AB23" * 4
TURNS = [
    {"from": "system", "value": "Sê breve."},
    {"from": "human", "value": f"A chave é {KEY}."},
    {"from": "gpt", "value": "Está guardada."},
    {"from": "human", "value": "E agora?"},
    {"from": "gpt", "value": "Let me check the queue first."},
]


@pytest.fixture
def old_turns(desk: Desk, tmp_path: Path) -> Path:
    """A workspace as the first schema left it, with a pair of two turns: a key in the first, a rewritten answer."""
    path = tmp_path / "chats.json"
    path.write_text(json.dumps([{"conversations": TURNS}]), "utf-8")
    import_paths(desk.workspace, [path])
    for label, payload in (
        ("mask secrets", {"instruction": "E agora?", "response": "Let me check the [REDACTED:x].", "keep": False}),
        ("rewrite pair 1", {"instruction": None, "response": "Let me check the logs."}),
    ):
        said = [events.NewEvent(desk.pair(1).uid, "rewrite", payload)]
        events.say(desk.workspace.store, desk.workspace.actor, label, said, desk.rules.flags)
    return as_first_schema(desk, tmp_path / "old")


def test_rewrites_and_flags_lie_on_their_messages_and_the_others_are_looked_at_after_the_migration(
    old_turns: Path,
) -> None:
    desk = Desk(workspaces.open_workspace(old_turns))
    store = desk.workspace.store
    assert store.rows("select * from rewrite") == [(1, 4, "Let me check the logs.", "style")]
    assert store.rows("select rule, place, start, end from flag") == [("let-me-en", 4, 0, 12)]
    assert flagging.being_made(desk.workspace) == (0, 1, "pairs", "flagging every message")
    changes = flagging.finish(desk.workspace)
    assert changes == (1, {"secret": 1}, {})
    assert [(flag.rule, flag.place) for flag in desk.pair(1).flags] == [("aws-key-id", 1), ("let-me-en", 4)]
    assert list(desk.matching("chave")) == list(desk.matching("logs")) == [1]
    assert list(desk.matching("queue")) == []
    desk.undo()
    assert desk.pair(1).response == "Let me check the [REDACTED:x]."
    assert store.rows("select cause from rewrite") == [("mask",)]
    desk.undo()
    assert (desk.pair(1).response, desk.pair(1).rewritten) == ("Let me check the queue first.", False)
    desk.workspace.close()


def test_the_first_command_after_the_migration_says_which_flags_changed(old_turns: Path) -> None:
    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "molting_tui", "-w", str(old_turns), *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    first, second = ran("pairs", "--where", "flag:secret"), ran("pairs", "--where", "flag:secret")
    assert "this version's rules. Pairs with a flag: secret 1 more." in first.stderr
    assert first.stdout == second.stdout != ""
    assert second.stderr == ""


def test_doctor_says_how_many_pairs_wait_for_their_flags(old_turns: Path) -> None:
    workspaces.open_workspace(old_turns).close()
    doctor = [sys.executable, "-m", "molting_tui", "-w", str(old_turns), "doctor"]
    said = subprocess.run(doctor, cwd=ROOT, capture_output=True, text=True).stdout
    assert "the flags are being made anew, 1 of 1 pair to go" in said
