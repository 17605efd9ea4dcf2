"""Promises of the comparison that doctor makes: each thing that doesn't follow from what was said is told, alone, and
made anew by a repair."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from molting_tui.curation.rules import load_rules
from molting_tui.store import audit, checks, derivation
from molting_tui.store.connection import Store, open_store
from molting_tui.workspace import open_workspace
from tests.store.test_written_databases import said, unpacked

DAMAGES = [
    ("update pair set state = 'drop' where id = 1", "state", "pair 1"),
    ("update pair set state = 'keep' where id = 9", "state", "pair 9"),
    ("update pair set skipped = 1 where id = 1", "state", "pair 1"),
    ("update pair set starred = 0 where id = 4", "state", "pair 4"),
    ("update pair set rewritten = 1 where id = 6", "state", "pair 6"),
    ("update pair_note set reason = 'x' where pair_id = 7", "note", "pair 7"),
    ("update pair_note set code = 'x' where pair_id = 7", "note", "pair 7"),
    ("update pair_note set comment = 'x' where pair_id = 7", "note", "pair 7"),
    ("delete from tag", "tag", "pair 3"),
    ("insert into tag (name, pair_id) values ('nobody', 8)", "tag", "pair 8"),
    ("update rewrite set text = 'x' where pair_id = 2", "rewrite", "pair 2"),
    ("insert into rewrite (pair_id, place, text) values (6, 0, 'x')", "rewrite", "pair 6"),
    ("update rating set level = coalesce(level, 0) + 1 where rowid_of = 1", "rating", "answer "),
    ("delete from rating where dimension = 'D1'", "rating", "answer "),
    ("update rating set blind = 1 - blind where dimension = 'D2'", "rating", "answer "),
    ("update rating set session = 'nowhere' where dimension = 'D2'", "rating", "answer "),
    ("update pair set live = 0 where id = 12", "list", "pair 12"),
    ("update pair_count set pairs = pairs + 1 where state = 'keep'", "count", "keep pairs"),
    ("delete from pair_count where state = 'drop'", "count", "drop pairs"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with decisions, rewrites, tags, ratings and a sheet, brought up to date."""
    folder = unpacked(3, tmp_path_factory.mktemp("written"))
    open_workspace(folder).close()
    return folder


@pytest.fixture
def store(written: Path, tmp_path: Path) -> Store:
    return open_store(Path(shutil.copy(written / "molting.db", tmp_path)))


@pytest.mark.parametrize(("damage", "kind", "example"), DAMAGES)
def test_each_thing_that_nobody_said_is_told_alone_and_made_anew(
    store: Store, written: Path, damage: str, kind: str, example: str
) -> None:
    before = said(store.path)
    assert audit.differences(store.connection()) == ()
    with store.write() as connection:
        connection.execute(damage.replace("rowid_of = 1", "dimension = 'D1'"))
    told = {difference.kind: difference for difference in audit.differences(store.connection())}
    assert told[kind].example.startswith(example)
    # A pair's state and place stand in the counts too, and words in the mark that says that there are some.
    follows = {"rewrite": {"state", "count"}, "state": {"count"}, "list": {"count"}}.get(kind, set())
    assert set(told) <= {kind} | follows
    audit.repair(store, load_rules(open_workspace(written).rule_files()).flags)
    assert audit.differences(store.connection()) == ()
    assert said(store.path) == before
    store.close()


def test_a_repair_of_what_is_sound_changes_nothing(store: Store) -> None:
    before = said(store.path)
    flags = store.rows("select * from flag order by 1, 2, 3, 4, 5")
    audit.repair(store, lambda _: ())
    assert said(store.path) == before
    assert store.rows("select * from flag order by 1, 2, 3, 4, 5") == flags
    store.close()


def test_a_repair_protects_the_history_again(store: Store) -> None:
    with store.write() as connection:
        connection.execute("drop trigger event_never_goes")
    audit.repair(store, lambda _: ())
    store.close()
    facts = checks.examine(store.path)
    assert isinstance(facts, checks.DatabaseFacts)
    assert facts.missing_triggers == ()


def test_words_that_were_made_anew_are_found_and_those_that_nobody_wrote_are_not(store: Store) -> None:
    def hits(word: str) -> list[int]:
        derivation.extend_search(store)
        return [row[0] for row in store.rows("select rowid from pair_search where pair_search match ?", (word,))]

    assert hits("escrito") == [2, 5, 6]
    with store.write() as connection:
        connection.execute("update rewrite set text = 'zebra' where pair_id = 2")
    audit.repair(store, lambda _: ())
    assert hits("escrito") == [2, 5, 6]
    assert hits("zebra") == []
    store.close()
