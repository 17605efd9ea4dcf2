"""`molting backup` and `molting restore`: all that was said, in one checked file, and back again."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

from molting_tui.curation.triage import Desk
from molting_tui.store.connection import SCHEMA_VERSION
from molting_tui.workspace import open_workspace
from tests.conftest import only_reading


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def states(folder: Path) -> list[str]:
    return [pair["state"] for pair in value("pairs", workspace=folder)]


def test_a_backup_brings_back_everything_that_was_said_before_it(folder: Path, tmp_path: Path) -> None:
    run("decide", "1", "keep", workspace=folder)
    told = value("backup", str(tmp_path / "b.db"), workspace=folder)
    assert (told["pairs"], told["events"], told["schema"]) == (3, 1, SCHEMA_VERSION)
    assert stat.S_IMODE((tmp_path / "b.db").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("b.db*")) == ["b.db"]
    assert (tmp_path / "b.db").read_bytes()[18] == 1, "one file, that a stick which can't be written holds as well"
    run("decide", "1", "drop", workspace=folder)
    run("decide", "2", "drop", workspace=folder)
    back = value("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)
    assert states(folder) == ["keep", "open", "open"]
    with closing(sqlite3.connect(back["kept"])) as kept:
        assert kept.execute("select count(*) from event").fetchone() == (3,), "what was there is kept"
    assert value("doctor", workspace=folder)["ok"]
    run("decide", "3", "keep", workspace=folder)
    again = value("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)
    assert Path(again["kept"]) != Path(back["kept"]), "no earlier one is lost"


def test_a_backup_is_taken_while_somebody_works_and_a_restore_is_seen_by_them(folder: Path, tmp_path: Path) -> None:
    desk = Desk(open_workspace(folder))
    desk.decide(desk.pair(1), "keep")  # stands in the log alone
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    desk.decide(desk.pair(1), "drop")
    answer("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)
    assert desk.pair(1).state == "keep"
    desk.decide(desk.pair(2), "drop")
    desk.workspace.close()
    assert states(folder) == ["keep", "drop", "open"]


def test_a_damaged_database_is_moved_aside_by_a_restore(folder: Path, tmp_path: Path) -> None:
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    (folder / "molting.db").write_bytes(b"no database " * 1000)
    back = value("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)
    assert Path(back["kept"]).read_bytes() == b"no database " * 1000
    assert value("doctor", workspace=folder)["ok"]
    (folder / "molting.db").unlink()
    os.umask(0o022)
    assert value("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)["kept"] is None
    assert stat.S_IMODE((folder / "molting.db").stat().st_mode) == 0o600
    assert value("doctor", workspace=folder)["ok"]


def test_a_damaged_database_isnt_backed_up_over_a_sound_backup(folder: Path, tmp_path: Path) -> None:
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    sound = (tmp_path / "b.db").read_bytes()
    with closing(sqlite3.connect(folder / "molting.db")) as connection:  # rows that the index doesn't know
        connection.execute("pragma writable_schema = on")
        connection.execute("update sqlite_master set rootpage = 2 where name = 'pair_turn'")
        connection.commit()
    refused = run("backup", str(tmp_path / "b.db"), "--force", workspace=folder)
    assert refused.exit_code == 2
    assert "damaged" in refused.stderr
    assert (tmp_path / "b.db").read_bytes() == sound
    assert sorted(path.name for path in tmp_path.glob("b.db*")) == ["b.db"]


def test_a_restore_without_room_changes_nothing_and_takes_no_sound_database_away(folder: Path, tmp_path: Path) -> None:
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    desk = Desk(open_workspace(folder))
    desk.decide(desk.pair(1), "keep")
    desk.comment(desk.pair(2), "word " * 200_000)
    desk.workspace.close()
    before = (folder / "molting.db").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # There is room for what is put back, but not for what would be kept.
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "b.db").stat().st_size + 400_000, hard))
    try:
        refused = run("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.exit_code != 0
    assert (folder / "molting.db").read_bytes() == before
    assert list(folder.glob("molting.db.before*")) == []
    assert states(folder)[0] == "keep"


def test_a_restore_that_fails_leaves_a_damaged_database_where_it_was(folder: Path, tmp_path: Path) -> None:
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    damaged = b"no database " * 1000
    (folder / "molting.db").write_bytes(damaged)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        refused = run("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.exit_code != 0
    assert (folder / "molting.db").read_bytes() == damaged


def test_each_restore_keeps_what_it_found_and_no_earlier_one_is_written_over(folder: Path, tmp_path: Path) -> None:
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    kept = {value("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)["kept"] for _ in range(4)}
    assert len(kept) == 4
    (folder / "molting.db").write_bytes(b"")  # as a kill while it is made leaves it
    assert value("restore", str(tmp_path / "b.db"), "--yes", workspace=folder)["kept"] not in kept
    assert value("doctor", workspace=folder)["ok"]


def test_what_isnt_a_sound_backup_is_refused_and_nothing_is_changed(folder: Path, tmp_path: Path) -> None:
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    sound = (tmp_path / "b.db").read_bytes()
    before = (folder / "molting.db").read_bytes()
    (tmp_path / "text.db").write_text("no database, but some words", "utf-8")
    (tmp_path / "cut.db").write_bytes(sound[: len(sound) // 2])
    (tmp_path / "bad.db").write_bytes(sound[:8192] + b"\xa5" * (len(sound) - 8192))
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("create table song (name)")
    shutil.copy(tmp_path / "b.db", tmp_path / "newer.db")
    with closing(sqlite3.connect(tmp_path / "newer.db")) as newer:
        newer.execute("pragma user_version = 99")
    shutil.copy(tmp_path / "b.db", tmp_path / "foreign.db")
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as foreign:
        foreign.execute("pragma application_id = 7")
    for name in (
        "text.db",
        "cut.db",
        "bad.db",
        "other.db",
        "newer.db",
        "foreign.db",
        "nothing.db",
        "claudio/molting.db",
        "claudio",
    ):
        refused = run("restore", str(tmp_path / name), "--yes", workspace=folder)
        assert refused.exit_code != 0, name
    assert (folder / "molting.db").read_bytes() == before
    assert states(folder) == ["open"] * 3


def test_a_backup_removes_no_file_beside_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "b.db.part").write_text("mine")
    value("backup", str(tmp_path / "b.db"), workspace=folder)
    assert (tmp_path / "b.db.part").read_text() == "mine"


def test_a_backup_takes_no_other_files_place(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    (tmp_path / "link.db").symlink_to(folder / "molting.db")
    for name, force in (
        ("mine.txt", False),
        ("claudio/molting.db", True),
        ("link.db", True),
        ("claudio", True),
        ("no/such/folder.db", False),
    ):
        refused = run("backup", str(tmp_path / name), *(["--force"] if force else []), workspace=folder)
        assert refused.exit_code != 0, name
    assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"
    (tmp_path / "link.txt").symlink_to("mine.txt")
    answer("backup", str(tmp_path / "link.txt"), "--force", workspace=folder)
    assert (tmp_path / "link.txt").is_symlink(), "what it leads to is written over, as it is by cp"
    answer("restore", str(tmp_path / "mine.txt"), "--yes", workspace=folder)


def test_without_a_terminal_a_restore_wants_to_be_meant(folder: Path, tmp_path: Path) -> None:
    answer("backup", str(tmp_path / "b.db"), workspace=folder)
    run("decide", "1", "keep", workspace=folder)
    refused = run("restore", str(tmp_path / "b.db"), workspace=folder)
    assert refused.exit_code != 0
    assert states(folder)[0] == "keep"


def test_a_workspace_that_cant_be_written_can_be_backed_up_with_what_stands_in_its_log(
    folder: Path, tmp_path: Path
) -> None:
    desk = Desk(open_workspace(folder))
    desk.decide(desk.pair(1), "keep")
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    desk.workspace.close()
    with only_reading(copy):
        told = value("backup", str(tmp_path / "b.db"), workspace=copy)
        refused = run("restore", str(tmp_path / "b.db"), "--yes", workspace=copy)
    assert told["events"] == 1
    assert refused.exit_code == 2
