"""Promises of migrations: what a workspace held before, it holds after, and a backup of it stands beside it."""

from __future__ import annotations

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
from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.store import checks, migrations
from molting_tui.store.connection import APPLICATION_ID, SCHEMA_VERSION
from tests.conftest import ROOT, Start, finished

BACKUP = f"molting.db.before-{SCHEMA_VERSION}"
TABLES = ("source_file", "session", "turn", "turn_origin", "model", "pair", "pair_count", "pair_text", "pair_origin",
          "flag", "pair_flag", "event", "undone", "rewrite", "tag", "pair_note", "draft", "answer", "meta")  # fmt: skip


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the tables that the first schema has, in its columns."""
    with closing(sqlite3.connect(path)) as connection:
        found = {name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr) for name in TABLES}
    # A later schema may add columns to the answers, behind those there were.
    return found | {"answer": [row[:12] for row in found["answer"]]}


@pytest.fixture
def old(three: Desk, tmp_path: Path) -> Path:
    """A workspace as the first schema left it, with pairs, decisions, an undo and an answer."""
    three.decide(three.pair(1), "keep")
    three.rewrite(three.pair(2), response="An answer in other words, and long enough to be one.")
    three.tag(three.pair(3), "voice")
    three.star(three.pair(3))
    three.undo()
    three.workspace.close()
    new = three.workspace.folder
    folder = tmp_path / "old"
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
