"""Promises about workspaces that earlier versions wrote: they are carried over whole, or stay as they were."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation import flagging
from molting_tui.curation.triage import Desk
from molting_tui.overview.taking_in import take_in
from molting_tui.recipe.runfolder import ANSWERS, AnswerLine
from molting_tui.records.contenders import Adapter, Base, Contender, Imported
from molting_tui.store import answers, checks, contenders, runs
from molting_tui.store.connection import SCHEMA_VERSION
from molting_tui.workspace import Workspace
from tests.conftest import Start, finished

WRITTEN = Path(__file__).with_name("databases")
PROMPT = "Você é Cláudio, IA assistente do João na Softtor."
ASKING = "0002-answers-personality-8"


def unpacked(schema: int, folder: Path) -> Path:
    with tarfile.open(WRITTEN / f"schema-{schema}.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    return folder / "claudio"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A workspace of schema 2, with runs, answers, ratings and a sheet."""
    return unpacked(2, tmp_path)


def said(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """What people and models said, in the columns that the first two schemas have."""
    queries = {
        "event": "select id, uuid, batch, label, actor, time, subject, kind, payload, undoes, rubric_digest,"
        " question_digest, rating_pass, blind from event order by id",
        "undone": "select batch from undone order by batch",
        "pair": "select id, uid, live, state, rewritten, skipped, starred, language from pair order by id",
        "text": "select id, instruction, response from pair_current order by id",
        "tag": "select name, pair_id from tag order by 1, 2",
        "note": "select pair_id, reason, comment from pair_note order by 1",
        "answer": "select id, uuid, contender, run, question_digest, sample, raw, tokens, finish_reason, seed,"
        " settings, time from answer order by id",
        "turn": "select key, human, steps, line from turn order by id",
    }
    with closing(sqlite3.connect(database)) as connection:
        there = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        if "rating" in there:
            columns = "answer, rubric_digest, rater, pass, dimension, level, blind, event_id, time"
            queries["rating"] = f"select {columns} from rating order by 1, 2, 3, 4, 5"
            queries["note of rating"] = "select * from rating_note order by 1, 2, 3, 4"
        nothing: dict[str, list[tuple[object, ...]]] = {"rating": [], "note of rating": []}
        return nothing | {name: connection.execute(query).fetchall() for name, query in queries.items()}


@pytest.fixture(autouse=True)
def _joao(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wrote them."""
    monkeypatch.setenv("MOLTING_ACTOR", "joao")


@pytest.mark.parametrize("schema", [1, 2, 3, 4, 5])
def test_all_that_was_said_is_carried_over_and_stays_protected(tmp_path: Path, schema: int) -> None:
    folder = unpacked(schema, tmp_path)
    before = said(folder / "molting.db")
    assert len(before["event"]) > 15
    desk = Desk(workspaces.open_workspace(folder))
    assert said(folder / "molting.db") == before
    assert said(folder / f"molting.db.before-{SCHEMA_VERSION}") == before
    facts = checks.examine(folder / "molting.db")
    assert isinstance(facts, checks.DatabaseFacts)
    assert (facts.schema, facts.damage, facts.orphans, facts.missing_triggers) == (SCHEMA_VERSION, (), 0, ())
    assert desk.pair(2).response.startswith("Um texto novo")
    # The history goes on where it was: the last step can be taken back, and brought back.
    undone = desk.undo()
    assert undone is not None
    assert said(folder / "molting.db")["pair"] != before["pair"]
    desk.redo()
    assert said(folder / "molting.db")["pair"] == before["pair"]
    desk.workspace.close()


def test_a_trigger_that_says_something_else_is_missing_to_doctor(two: Path) -> None:
    workspace = workspaces.open_workspace(two)
    with workspace.store.write() as connection:
        connection.execute("drop trigger answer_never_goes")
        connection.execute("create trigger answer_never_goes before delete on answer begin select 1; end")
    workspace.close()
    facts = checks.examine(two / "molting.db")
    assert isinstance(facts, checks.DatabaseFacts)
    assert facts.missing_triggers == ("answer_never_goes",)


def by_name(workspace: Workspace) -> dict[str, Contender]:
    known = contenders.every(workspace.store)
    used = {number for (number,) in workspace.store.rows("select distinct contender_id from answer")}
    assert set(known) == used, "a contender that nobody's answer is of"
    return {who.name: who for who in known.values()}


def test_answers_of_schema_2_are_told_apart_by_who_gave_them_and_how_they_came(two: Path) -> None:
    workspace = workspaces.open_workspace(two)
    who = by_name(workspace)
    assert {name: type(contender.model) for name, contender in who.items()} == {
        "tiny": Base, "0001-tiny": Adapter, "gpt": Imported, "v2.3": Imported,
    }  # fmt: skip
    assert (who["0001-tiny"].run, who["0001-tiny"].system_prompt) == ("0001-tiny", PROMPT)
    assert who["tiny"].generation == who["0001-tiny"].generation
    assert '"temperature": 0.7' in (who["tiny"].generation or "")
    # What the store can't know isn't made up: unknown is not empty.
    assert (who["tiny"].template, who["gpt"].system_prompt) == (None, None)
    sources = workspace.store.rows("select contender, source, count(*) from answer group by 1, 2 order by 1")
    assert sources == [("0001-tiny", "asked", 8), ("gpt", "file", 1), ("tiny", "asked", 8), ("v2.3", "sheet", 8)]
    workspace.close()


def without_prompts(folder: Path) -> None:
    """As if the answers didn't say which system prompt they were given under."""
    with closing(sqlite3.connect(folder / "molting.db")) as connection:
        sql = connection.execute("select sql from sqlite_master where name = 'answer_never_changes'").fetchone()[0]
        connection.execute("drop trigger answer_never_changes")
        connection.execute("update answer set settings = json_remove(settings, '$.system_prompt')")
        connection.execute(sql)
        connection.commit()


def test_what_the_store_cant_know_is_filled_in_once_from_what_the_run_was_told(two: Path) -> None:
    without_prompts(two)
    workspace = workspaces.open_workspace(two)
    assert {who.system_prompt for who in by_name(workspace).values()} == {None}
    assert runs.by_name(workspace.store, "0001-tiny") == (1, "0001-tiny", "train", "", "", "", "", "", None, "", "")
    take_in(workspace)
    who = by_name(workspace)
    assert {name: who[name].system_prompt for name in ("tiny", "0001-tiny", "gpt")} == {
        "tiny": PROMPT, "0001-tiny": PROMPT, "gpt": None,
    }  # fmt: skip
    trained = runs.by_name(workspace.store, "0001-tiny")
    assert trained is not None
    assert (trained.kind, trained.seed, trained.created[:4]) == ("train", 42, "2026")
    facts = checks.examine(two / "molting.db")
    assert isinstance(facts, checks.DatabaseFacts)
    assert facts.missing_triggers == ()
    workspace.close()


@pytest.mark.parametrize("wrong", ['["x"]', "7", "{}", "true"])
def test_settings_that_no_run_of_ours_wrote_dont_keep_a_workspace_closed(two: Path, wrong: str) -> None:
    with closing(sqlite3.connect(two / "molting.db")) as connection:
        connection.execute("drop trigger answer_never_changes")
        for name in ("adapter_digest", "run", "generation", "quantisation"):
            changed = f"json_set(settings, '$.{name}', json('{wrong}'))"
            connection.execute(f"update answer set settings = {changed} where contender = 'tiny'")
        connection.commit()
    workspace = workspaces.open_workspace(two)
    tiny = by_name(workspace)["tiny"]
    assert tiny.model == Base("tiny")
    assert tiny.system_prompt == PROMPT
    workspace.close()


def test_a_questions_own_prompt_isnt_taken_for_the_contenders(two: Path) -> None:
    with closing(sqlite3.connect(two / "molting.db")) as connection:
        connection.execute("drop trigger answer_never_changes")
        [digest] = connection.execute(
            "select question_digest from answer where contender = 'tiny' order by id limit 1"
        ).fetchone()
        connection.execute(
            "update question set content = json_set(content, '$.system', 'Its own.') where digest = ?", (digest,)
        )
        connection.execute(
            "update answer set settings = json_set(settings, '$.system_prompt', 'Its own.') where question_digest = ?",
            (digest,),
        )
        connection.commit()
    workspace = workspaces.open_workspace(two)
    assert {name: by_name(workspace)[name].system_prompt for name in ("tiny", "0001-tiny")} == {
        "tiny": PROMPT, "0001-tiny": PROMPT,
    }  # fmt: skip
    workspace.close()


def test_a_run_whose_folder_has_gone_stays_known_by_its_name(two: Path) -> None:
    shutil.rmtree(two / "runs")
    workspace = workspaces.open_workspace(two)
    take_in(workspace)
    stub = runs.by_name(workspace.store, "0001-tiny")
    assert stub is not None
    assert (stub.kind, stub.config) == ("train", "")
    assert by_name(workspace)["0001-tiny"].run == "0001-tiny"
    assert answers.count(workspace.store) == 25
    workspace.close()


def test_a_run_that_goes_on_while_the_workspace_is_carried_over_loses_nothing(two: Path) -> None:
    file = two / "runs" / ASKING / ANSWERS
    last = msgspec.json.decode(file.read_bytes().splitlines()[-1], type=AnswerLine)
    with file.open("ab") as out:  # one came before anybody opened the workspace, one is half written
        out.write(msgspec.json.encode(msgspec.structs.replace(last, uuid="b" * 32, sample=1)) + b"\n")
        line = msgspec.json.encode(msgspec.structs.replace(last, uuid="c" * 32, sample=2)) + b"\n"
        out.write(line[:50])
    workspace = workspaces.open_workspace(two)
    assert take_in(workspace).answers == 1
    with file.open("ab") as out:
        out.write(line[50:])
    assert take_in(workspace).answers == 1
    late = [answers.by_uuid(workspace.store, uuid * 32) for uuid in ("b", "c")]
    assert {answer and answer.contender_id for answer in late} == {
        workspace.store.value("select contender_id from answer where uuid = ?", (last.uuid,))
    }
    workspace.close()


DIE = """
import os, signal, sys
from pathlib import Path
from molting_tui.store import guards
from molting_tui.store.connection import open_store
guard = guards.guard
def killed(connection, table):  # the triggers are off at this moment
    os.kill(os.getpid(), signal.SIGKILL)
guards.guard = killed
open_store(Path(sys.argv[1]))
"""

FULL = """
import resource, signal, sys
from pathlib import Path
from molting_tui.errors import MoltingError
from molting_tui.store.connection import open_store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    open_store(Path(sys.argv[1]))
except MoltingError as error:
    print(error.sentence())
"""


def test_a_kill_in_the_middle_of_the_migration_leaves_the_workspace_as_it_was(two: Path, start: Start) -> None:
    before = said(two / "molting.db")
    process = start(DIE, two / "molting.db")
    assert process.wait() == -signal.SIGKILL
    with closing(sqlite3.connect(two / "molting.db")) as connection:
        assert connection.execute("pragma user_version").fetchone() == (2,)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert said(two / "molting.db") == before
    workspaces.open_workspace(two).close()
    assert said(two / "molting.db") == before


def test_a_disk_that_is_full_for_the_backup_stops_the_migration_with_a_sentence(two: Path, start: Start) -> None:
    database = two / "molting.db"
    before = said(database)
    out = finished(start(FULL, database, database.stat().st_size // 3))
    assert "space" in out
    assert list(two.glob("molting.db.before*")) == []
    assert said(database) == before
    workspaces.open_workspace(two).close()
    assert said(database) == before


def test_a_disk_that_fills_up_while_it_is_carried_over_changes_nothing(two: Path, start: Start) -> None:
    database = two / "molting.db"
    with closing(sqlite3.connect(database)) as connection:
        # Every answer is filled in: the log of the migration becomes longer than the whole database was.
        connection.executemany(
            """insert into answer (uuid, contender, run, question_digest, sample, raw, tokens, finish_reason, settings,
                                   time) values (?, 'v9', 'r', 'q', ?, ?, 1, 'stop', '{}', 't')""",
            [(f"{number:032}", number, "x" * 300_000) for number in range(60)],
        )
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")
    before = said(database)
    out = finished(start(FULL, database, database.stat().st_size + 4096))
    assert "space" in out
    assert (two / f"molting.db.before-{SCHEMA_VERSION}").is_file()
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("pragma user_version").fetchone() == (2,)
    assert said(database) == before
    workspaces.open_workspace(two).close()
    assert said(database) == before


def test_a_workspace_of_other_rules_is_flagged_anew_once_by_those_of_today(tmp_path: Path) -> None:
    folder = unpacked(3, tmp_path)
    workspace = workspaces.open_workspace(folder)
    waiting = flagging.being_made(workspace)
    assert waiting is not None
    assert (waiting.done, waiting.total > 0) == (0, True)
    assert Desk(workspace).rules_changed()
    assert flagging.finish(workspace) is not None
    assert not Desk(workspace).rules_changed()
    workspace.close()
    again = workspaces.open_workspace(folder)
    assert flagging.being_made(again) is None
    again.close()


def test_the_digest_of_an_answer_is_computed_for_ever_as_it_was(tmp_path: Path) -> None:
    workspace = workspaces.open_workspace(unpacked(3, tmp_path))
    digests = workspace.store.rows("select digest from answer where id in (1, 17, 25) order by id")
    assert [digest for (digest,) in digests] == [
        "910b4b8b556948acd2235ccfe0ca9f61",
        "08ef2485c279031d299363e1c78c428b",
        "6b59cc24cfcc27d30c700325189ac5bf",
    ]
    workspace.close()
