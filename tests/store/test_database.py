"""Promises about the database file: whose it is, who may read it, what stays when something goes wrong."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, MoltingError
from molting_tui.store.backup import back_up
from molting_tui.store.connection import APPLICATION_ID, SCHEMA_VERSION, Interrupted, open_store
from molting_tui.workspace import Workspace
from tests.conftest import ROOT, Start, asked, finished, write_chats, write_session

TRIGGERS = {
    "answer_never_changes",
    "answer_never_goes",
    "dataset_never_changes",
    "dataset_never_goes",
    "dataset_pair_never_changes",
    "dataset_pair_never_goes",
    "event_never_changes",
    "event_never_goes",
    "event_of_known_kind",
    "event_of_known_subject",
    "pair_counted",
    "pair_never_goes",
    "pair_recounted",
    "seal_never_changes",
    "seal_never_goes",
}


def test_a_new_database_has_all_its_triggers_and_says_whose_it_is(workspace: Workspace) -> None:
    store = workspace.store
    assert {name for (name,) in store.rows("select name from sqlite_master where type = 'trigger'")} == TRIGGERS
    assert store.value("pragma user_version") == SCHEMA_VERSION
    assert store.value("pragma application_id") == APPLICATION_ID
    assert store.value("pragma integrity_check") == "ok"
    assert store.rows("pragma foreign_key_check") == []


def test_every_connection_is_durable_and_watches_its_keys(workspace: Workspace) -> None:
    settings = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    assert {name: workspace.store.value(f"pragma {name}") for name in settings} == settings


def test_only_its_owner_can_read_a_workspace(workspace: Workspace) -> None:
    Desk(workspace).matching()
    with workspace.store.write() as connection:
        connection.execute("insert into meta values ('k', 'v')")
    files = [path for path in workspace.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"molting.db", "molting.db-shm", "molting.db-wal", "molting.toml"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    folders = [workspace.folder, *(path for path in workspace.folder.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_a_newer_database_is_refused_and_stays_as_it_is(workspace: Workspace) -> None:
    with workspace.store.write() as connection:
        connection.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    workspace.close()
    path = workspace.folder / "molting.db"
    before = path.read_bytes()
    with pytest.raises(BadInput, match="newer molting") as refused:
        workspaces.open_workspace(workspace.folder)
    assert "Upgrade" in refused.value.sentence()
    assert path.read_bytes() == before
    assert [other.name for other in workspace.folder.glob("molting.db*")] == ["molting.db"]


def test_another_programs_database_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "molting.db"
    other = sqlite3.connect(path)
    other.execute("create table song (name)")
    other.execute("pragma user_version = 1")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(BadInput, match="another program"):
        open_store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"this is no database, but a text of some length" * 20, b"SQLite format 3\0" + b"\xff" * 900]
)
def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "molting.db"
    path.write_bytes(content)
    with pytest.raises(MoltingError) as refused:
        open_store(path)
    assert str(path) in refused.value.sentence()
    assert path.read_bytes() == content


def test_a_folder_in_the_databases_place_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "molting.db").mkdir()
    with pytest.raises(MoltingError, match="can't be opened"):
        open_store(tmp_path / "molting.db")


def test_a_damaged_database_is_refused_with_a_sentence(three: Desk) -> None:
    three.workspace.close()
    path = three.workspace.folder / "molting.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(BadInput, match="damaged"):
        workspaces.open_workspace(three.workspace.folder)


def test_a_backup_holds_everything_and_only_its_owner_can_read_it(three: Desk, tmp_path: Path) -> None:
    three.decide(three.pair(2), "keep")
    target = tmp_path / "molting.db.before-2"
    back_up(three.workspace.store.path, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    beside = tmp_path / "restored"
    beside.mkdir()
    shutil.copy(target, beside / "molting.db")
    shutil.copy(three.workspace.folder / "molting.toml", beside)
    restored = Desk(workspaces.open_workspace(beside))
    assert restored.counts() == three.counts()
    assert restored.pair(2) == three.pair(2)
    restored.workspace.close()


def test_a_transaction_that_fails_leaves_nothing_behind(workspace: Workspace) -> None:
    store = workspace.store

    def put(key: str, value: str | None) -> None:
        with store.write() as connection:
            connection.execute("insert into meta values (?, '1')", (key,))
            connection.execute("insert into meta values (?, ?)", (key + key, value and str(1 // int(value))))

    with pytest.raises(ZeroDivisionError):
        put("one", "0")
    with pytest.raises(MoltingError, match="refused"):
        put("two", None)
    assert store.value("select count(*) from meta where key in ('one', 'two')") == 0
    with store.write() as connection:
        connection.execute("insert into meta values ('four', '4')")
    assert store.value("select value from meta where key = 'four'") == "4"


def test_a_text_that_is_no_unicode_is_refused_with_a_sentence_and_nothing_is_stored(three: Desk) -> None:
    for say in (
        lambda: three.comment(three.pair(1), "half \ud83d"),
        lambda: three.rewrite(three.pair(1), response="half \ud83d"),
        lambda: three.decide(three.pair(1), "drop", "half \ud83d"),
        lambda: three.find("\udc80\udc80\udc80\udc80\udc80\udc80"),
    ):
        with pytest.raises(BadInput, match="U\\+D"):
            say()
    assert three.undo() is None


def test_a_question_can_be_stopped(three: Desk) -> None:
    store = three.workspace.store
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    ready, ended = threading.Event(), []

    def ask() -> None:
        connection = store.connection()
        connection.set_progress_handler(lambda: ready.set(), 1000)
        holder.append(connection)
        try:
            store.rows(endless)
        except Interrupted as stopped:
            ended.append(stopped)

    holder: list[sqlite3.Connection] = []
    thread = threading.Thread(target=ask)
    thread.start()
    assert ready.wait(30)
    store.interrupt(holder[0])
    thread.join(30)
    assert len(ended) == 1
    assert three.counts().total == 3


KEEP_FROM = """
import sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.curation.triage import Desk
desk = Desk(workspace.open_workspace(Path(sys.argv[1])))
print("ready", flush=True)
sys.stdin.readline()
for number in map(int, sys.argv[2:]):
    desk.decide(desk.pair(number), "keep")
    desk.tag(desk.pair(number), "t" + desk.workspace.actor)
"""


def test_two_processes_write_to_one_workspace_and_neither_loses_anything(
    workspace: Workspace, tmp_path: Path, start: Start
) -> None:
    import_paths(workspace, [write_session(tmp_path / "p" / "s.jsonl", *map(asked, range(100)))])
    both = [
        start(KEEP_FROM, workspace.folder, *range(1, 61), MOLTING_ACTOR="ana"),
        start(KEEP_FROM, workspace.folder, *range(41, 101), MOLTING_ACTOR="rui"),
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        finished(process)
    desk = Desk(workspace)
    assert desk.counts().keep == 100
    assert len(desk.matching("tag:tana")) == len(desk.matching("tag:trui")) == 60
    assert workspace.store.value("select count(*) from event") == 240
    assert workspace.store.value("pragma integrity_check") == "ok"


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


def test_several_processes_may_make_the_same_database_at_once(tmp_path: Path, start: Start) -> None:
    for round_ in range(3):
        several = [start(OPEN, tmp_path / f"molting-{round_}.db") for _ in range(4)]
        for process in several:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in several:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [finished(process).strip() for process in several] == ["0"] * 4


def test_a_full_disk_is_a_sentence_and_what_was_stored_stays(three: Desk) -> None:
    store = three.workspace.store
    three.decide(three.pair(1), "keep")
    connection = store.connection()
    pages = connection.execute("pragma page_count").fetchone()[0]
    connection.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(MoltingError, match="no space left") as full:
        three.comment(three.pair(2), "word " * 20_000)
    assert str(store.path) in full.value.sentence()
    assert three.pair(2).comment == ""
    assert three.pair(1).state == "keep"
    connection.execute("pragma max_page_count = 1073741823")
    three.comment(three.pair(2), "word " * 20_000)
    assert len(three.pair(2).comment) == 20_000 * 5 - 1


IMPORT_LIMITED = """
import resource, sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.curation.importing import import_paths
from molting_tui.curation.languages import language_of
from molting_tui.errors import MoltingError
language_of("Configuration")  # loaded while there is space
made = workspace.open_workspace(Path(sys.argv[1]))
made.store.connection().execute("pragma wal_autocheckpoint = 10")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    import_paths(made, [Path(sys.argv[2])])
except MoltingError as error:
    print(error.sentence())
"""


def test_an_import_that_runs_out_of_space_says_so_and_goes_on_when_there_is_some(
    three: Desk, tmp_path: Path, start: Start
) -> None:
    three.decide(three.pair(3), "drop")
    three.workspace.close()
    before = three.workspace.folder / "molting.db"
    long = " and so it went on" * 300
    chats = write_chats(tmp_path / "long.json", *[(f"Tell me story {n}", f"Story {n}:{long}") for n in range(200)])
    limit = before.stat().st_size + 300_000
    said = finished(start(IMPORT_LIMITED, three.workspace.folder, chats, limit))
    assert str(before) in said
    assert said.count("\n") == 1
    assert "everything before it was" in said
    again = Desk(workspaces.open_workspace(three.workspace.folder))
    stored = again.counts().total
    assert 3 <= stored < 203
    assert again.pair(3).state == "drop"
    assert again.workspace.store.value("pragma integrity_check") == "ok"
    assert import_paths(again.workspace, [chats]).pairs_new == 203 - stored
    assert len(again.matching("story")) == 200
    again.workspace.close()


def test_a_workspace_on_a_read_only_place_says_so(three: Desk) -> None:
    if os.geteuid() == 0:
        # The owner of everything may write anywhere, so the database itself is told to refuse.
        three.workspace.store.connection().execute("pragma query_only = on")
    else:
        three.workspace.close()
        (three.workspace.folder / "molting.db").chmod(0o400)
    with pytest.raises(MoltingError, match="can't be opened for writing"):
        three.decide(three.pair(1), "keep")


def test_opening_an_up_to_date_database_loads_no_sqlite_utils(three: Desk) -> None:
    code = (
        "import sys; from pathlib import Path; from molting_tui.workspace import open_workspace;"
        "open_workspace(Path(sys.argv[1])); print([m for m in ('sqlite_utils', 'pandas') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, three.workspace.folder], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"


def test_a_database_that_is_removed_under_molting_is_said_and_none_is_made_in_its_place(three: Desk) -> None:
    path = three.workspace.store.path
    pair = three.pair(1)
    moved = path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(MoltingError, match="removed or replaced"):
        three.decide(pair, "keep")
    with pytest.raises(MoltingError, match="removed or replaced"):
        three.pair(1)
    assert not path.exists()
    moved.rename(path)
    three.decide(pair, "keep")
    assert three.pair(1).state == "keep"


@pytest.mark.parametrize("left", [0.5, 0.0])
def test_a_database_that_is_cut_short_under_molting_is_a_sentence(three: Desk, left: float) -> None:
    path = three.workspace.store.path
    three.workspace.close()
    three.pair(1)  # read from the file from now on
    os.truncate(path, int(path.stat().st_size * left))
    for _ in range(2):
        with pytest.raises(MoltingError, match="damaged"):
            three.workspace.store.rows("select * from pair_text, event, turn")


def test_a_database_that_was_emptied_is_refused_and_its_log_stays(three: Desk, tmp_path: Path) -> None:
    three.decide(three.pair(1), "keep")
    copy = tmp_path / "copy"
    shutil.copytree(three.workspace.folder, copy)
    log = copy / "molting.db-wal"
    before = log.read_bytes()
    assert before
    os.truncate(copy / "molting.db", 0)
    with pytest.raises(BadInput, match="cut short"):
        workspaces.open_workspace(copy)
    assert log.read_bytes() == before


def test_a_removed_log_is_noticed_on_reading_and_what_it_held_is_saved(three: Desk) -> None:
    three.decide(three.pair(2), "keep")
    folder = three.workspace.folder
    for end in ("-wal", "-shm"):
        (folder / f"molting.db{end}").unlink()
    with pytest.raises(MoltingError, match=r"log was removed.*saved in the database"):
        three.pair(2)
    with pytest.raises(MoltingError, match="log was removed"):
        three.decide(three.pair(3), "keep")
    again = Desk(workspaces.open_workspace(folder))
    assert [again.pair(number).state for number in (1, 2, 3)] == ["open", "keep", "open"]
    # Who had it open before changes nothing any more, and takes nobody's log away.
    again.decide(again.pair(1), "drop")
    with pytest.raises(MoltingError, match=r"log was removed or replaced.*may be lost"):
        three.pair(2)
    three.workspace.close()
    again.workspace.close()
    last = Desk(workspaces.open_workspace(folder))
    assert [last.pair(number).state for number in (1, 2, 3)] == ["drop", "keep", "open"]
    assert last.workspace.store.value("pragma integrity_check") == "ok"
    last.workspace.close()


def test_what_was_decided_is_moved_out_of_the_log_when_told_and_at_closing(three: Desk, tmp_path: Path) -> None:
    store = three.workspace.store

    def alone() -> str:
        """The state of the first pair in the one file, without its log."""
        copy = tmp_path / "alone.db"
        shutil.copy(store.path, copy)
        connection = sqlite3.connect(copy)
        state = str(connection.execute("select state from pair where id = 1").fetchone()[0])
        connection.close()
        return state

    store.settle()
    three.decide(three.pair(1), "keep")
    assert store.unsettled(0)
    assert not store.unsettled(60)
    assert alone() == "open", "or this shows nothing"
    store.settle()
    assert alone() == "keep"
    assert not store.unsettled(0)
    other = open_store(store.path)
    other.value("select 1")
    three.decide(three.pair(1), "drop")
    store.close()
    assert alone() == "drop", "though another molting is open"
    other.close()


def test_a_log_that_somebody_still_reads_is_moved_later(three: Desk) -> None:
    store = three.workspace.store
    reader = sqlite3.connect(store.path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from event").fetchall()
    three.decide(three.pair(1), "keep")
    store.settle()
    assert store.unsettled(0)
    reader.execute("commit")
    store.settle()
    assert not store.unsettled(0)
    reader.close()


def test_a_removed_log_that_could_not_be_saved_whole_is_said_to_be_lost(three: Desk) -> None:
    reader = sqlite3.connect(three.workspace.store.path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from event").fetchall()  # holds what is moved up to here
    three.decide(three.pair(2), "keep")
    for end in ("-wal", "-shm"):
        (three.workspace.folder / f"molting.db{end}").unlink()
    with pytest.raises(MoltingError, match=r"log was removed.*may be lost"):
        three.pair(2)
    reader.close()
