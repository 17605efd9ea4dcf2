"""Promises of stored datasets: whole or not at all, never changed, compared exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, MoltingError
from molting_tui.records.datasets import Dataset, Diff, FrozenPair, PairChange
from molting_tui.store import datasets
from molting_tui.store.connection import Store
from molting_tui.workspace import Workspace
from tests.conftest import new_workspace


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def put(store: Store, name: str, pairs: Sequence[FrozenPair], content: str = "") -> Dataset:
    new = datasets.NewDataset(
        name, content or digest(name), "frozen", "", None, {"said": name}, "ana", "2026-02-03T14:22:00.000Z", 0
    )
    return datasets.put(store, new, pairs)


def uids(changes: Diff) -> tuple[list[str], list[str], list[str], list[str]]:
    came, went, rewritten, rederived = ([change.uid for change in part] for part in changes[:4])
    return came, went, rewritten, rederived


def test_a_dataset_is_read_as_it_was_stored(workspace: Workspace) -> None:
    pairs = [FrozenPair("a", "1", turn_key="t"), FrozenPair("b", "2", "held_out", 2.5), FrozenPair("c", "3", "bank")]
    stored = put(workspace.store, "v1", pairs)
    assert datasets.pairs_of(workspace.store, stored.id) == pairs
    assert stored.parts == {"train": 1, "held_out": 1, "bank": 1}
    assert (stored.pairs, stored.manifest, stored.system_prompt, stored.runs) == (3, {"said": "v1"}, None, ())
    assert datasets.by_name(workspace.store, "v1") == stored
    assert datasets.by_name(workspace.store, "v2") is None


def test_the_turn_of_a_pair_is_looked_up(three: Desk) -> None:
    store = three.workspace.store
    pair = three.pair(1)
    stored = put(store, "v1", [FrozenPair(pair.uid, "1"), FrozenPair("unheard of", "2")])
    first, second = datasets.pairs_of(store, stored.id)
    assert first.turn_key == store.value("select t.key from turn t join pair p on p.turn_id = t.id where p.id = 1")
    assert second.turn_key == ""


def test_a_name_belongs_to_one_content_whatever_its_case(workspace: Workspace) -> None:
    stored = put(workspace.store, "v1", [FrozenPair("a", "1")])
    with pytest.raises(BadInput, match="there is a dataset `v1` already"):
        put(workspace.store, "V1", [FrozenPair("b", "2")], content=digest("other"))
    assert put(workspace.store, "V1", [FrozenPair("a", "1")], content=stored.digest) == stored
    assert datasets.all_datasets(workspace.store) == [stored]


def test_the_same_content_may_have_two_names(workspace: Workspace) -> None:
    first = put(workspace.store, "v1", [FrozenPair("a", "1")], content="c")
    second = put(workspace.store, "v2", [FrozenPair("a", "1")], content="c")
    assert datasets.by_digest(workspace.store, "c") == [first, second]


def test_a_dataset_that_cannot_be_stored_whole_leaves_nothing(workspace: Workspace) -> None:
    with pytest.raises(MoltingError):
        put(workspace.store, "v1", [FrozenPair("a", "1"), FrozenPair("b", "2", "nowhere")])  # type: ignore[arg-type]
    assert datasets.count(workspace.store) == 0
    assert workspace.store.value("select count(*) from dataset_pair") == 0


def test_frozen_datasets_are_never_changed_and_never_go(workspace: Workspace) -> None:
    put(workspace.store, "v1", [FrozenPair("a", "1")])
    for sql in (
        "update dataset set name = 'v2'",
        "delete from dataset",
        "update dataset_pair set weight = 2",
        "delete from dataset_pair",
    ):
        with pytest.raises(MoltingError, match="frozen datasets are never"), workspace.store.write() as connection:
            connection.execute(sql)


def test_came_went_rewritten_and_rederived_are_told_apart(workspace: Workspace) -> None:
    same = FrozenPair("same", "1", turn_key="t1")
    before = put(
        workspace.store,
        "v1",
        [same, FrozenPair("went", "2", turn_key="t2"), FrozenPair("words", "3"), FrozenPair("old", "4", turn_key="t4")],
    )
    after = put(
        workspace.store,
        "v2",
        [FrozenPair("new", "5", turn_key="t4"), same, FrozenPair("words", "6"), FrozenPair("came", "7")],
    )
    changes = datasets.diff(workspace.store, before.id, after.id)
    assert uids(changes) == (["came"], ["went"], ["words"], ["new"])
    assert (changes.rederived[0].before, changes.rederived[0].after) == (3, 0)
    assert (changes.rewritten[0].before, changes.rewritten[0].after) == (2, 2)
    assert datasets.diff(workspace.store, before.id, before.id).none


def test_a_pair_of_no_turn_is_never_rederived(workspace: Workspace) -> None:
    before = put(workspace.store, "v1", [FrozenPair("a", "1")])
    after = put(workspace.store, "v2", [FrozenPair("b", "2")])
    assert uids(datasets.diff(workspace.store, before.id, after.id)) == (["b"], ["a"], [], [])


def test_a_rederived_pair_names_the_first_of_the_pairs_that_its_turn_gave_before(workspace: Workspace) -> None:
    before = put(workspace.store, "v1", [FrozenPair(uid, "1", turn_key="t") for uid in ("old", "older")])
    after = put(workspace.store, "v2", [FrozenPair("new", "2", turn_key="t")])
    diff = datasets.diff(workspace.store, before.id, after.id)
    assert diff == Diff((), (), (), (PairChange("new", 0, 0),))


def test_each_part_of_a_dataset_is_counted_also_the_empty_ones(workspace: Workspace) -> None:
    assert put(workspace.store, "v1", [FrozenPair("a", "1")]).parts == {"train": 1, "held_out": 0, "bank": 0}


_PAIRS = st.lists(
    st.builds(
        FrozenPair,
        uid=st.sampled_from("abcdefgh"),
        row_digest=st.sampled_from("12"),
        part=st.just("train"),
        weight=st.just(1.0),
        turn_key=st.sampled_from(["", "t1", "t2", "t3"]),
    ),
    max_size=8,
    unique_by=lambda pair: pair.uid,
)


@settings(max_examples=60, deadline=None)
@given(before=_PAIRS, after=_PAIRS)
def test_a_diff_is_what_sets_say(before: list[FrozenPair], after: list[FrozenPair]) -> None:
    old, new = {pair.uid: pair for pair in before}, {pair.uid: pair for pair in after}
    only_old = [pair for pair in before if pair.uid not in new]
    only_new = [pair for pair in after if pair.uid not in old]
    left = {pair.turn_key for pair in only_old} - {""}
    arrived = {pair.turn_key for pair in only_new} - {""}
    with TemporaryDirectory() as folder:
        made = new_workspace(Path(folder) / "ws")
        one, other = put(made.store, "v1", before), put(made.store, "v2", after)
        changes = datasets.diff(made.store, one.id, other.id)
        made.close()
    assert uids(changes) == (
        [pair.uid for pair in only_new if pair.turn_key not in left],
        [pair.uid for pair in only_old if pair.turn_key not in arrived],
        [pair.uid for pair in after if pair.uid in old and old[pair.uid].row_digest != pair.row_digest],
        [pair.uid for pair in only_new if pair.turn_key in left],
    )
    for change in (*changes.rewritten, *changes.rederived, *changes.came):
        assert change.after is not None
        assert after[change.after].uid == change.uid
    for change in (*changes.rewritten, *changes.went):
        assert change.before is not None
        assert before[change.before].uid == change.uid


def test_what_was_said_after_the_freeze_is_known(three: Desk) -> None:
    store = three.workspace.store
    for number in (1, 2, 3):
        three.decide(three.pair(number), "keep")
    three.rewrite(three.pair(1), response="Rewritten before the freeze, and long enough.")
    pairs = [FrozenPair(three.pair(number).uid, str(number)) for number in (1, 2, 3)]
    new = datasets.NewDataset("v1", "d", "frozen", "", None, {}, "ana", "2026", datasets.last_event(store))
    stored = datasets.put(store, new, [*pairs, FrozenPair("unheard of", "4")])
    assert datasets.standing(store, stored.id) == datasets.Standing(0, 0, 1, ())
    three.decide(three.pair(3), "drop")
    three.rewrite(three.pair(2), response="Rewritten after the freeze, and long enough too.")
    assert datasets.standing(store, stored.id) == datasets.Standing(1, 0, 1, (three.pair(2).uid,))
    for _ in range(3):  # the last of these takes back the rewrite that is older than the freeze
        three.undo()
    assert datasets.standing(store, stored.id).touched == (three.pair(1).uid, three.pair(2).uid)


def test_a_rewrite_that_was_taken_back_before_the_freeze_touches_no_pair_of_it(three: Desk) -> None:
    store = three.workspace.store
    three.rewrite(three.pair(1), response="Rewritten, and taken back before the freeze.")
    three.undo()
    new = datasets.NewDataset("v1", "d", "frozen", "", None, {}, "ana", "2026", datasets.last_event(store))
    stored = datasets.put(store, new, [FrozenPair(three.pair(1).uid, "1")])
    assert datasets.standing(store, stored.id).touched == ()


def test_events_are_found_by_their_time(three: Desk) -> None:
    store = three.workspace.store
    assert datasets.last_event(store) == 0
    three.decide(three.pair(1), "keep")
    newest = datasets.last_event(store)
    assert newest > 0
    assert datasets.last_event(store, "2020-01-01T00:00:00Z") == 0
    (time,) = store.row("select time from event where id = ?", (newest,)) or ("",)
    assert datasets.last_event(store, str(time)) == newest
    assert datasets.last_event(store, "2999-01-01T00:00:00Z") == newest
