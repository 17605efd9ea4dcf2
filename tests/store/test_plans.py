"""Promises about planned looks: registered once, undone and brought back like anything that is said, and compared by
doctor with what was said."""

from __future__ import annotations

from molting_tui.store import audit, events, plans
from molting_tui.workspace import Workspace

CONTENT = {
    "a": "v2.5", "b": "v2.1", "rubric": "f" * 64, "looks": [8, 16], "sets": [], "language": "", "role": "generalise",
}  # fmt: skip


def test_a_plan_and_its_first_look_survive_as_they_were_said(workspace: Workspace) -> None:
    store = workspace.store
    uuid = plans.register(store, "ana", CONTENT)
    (plan,) = plans.plans(store, "f" * 64)
    assert (plan.uuid, plan.actor, plan.looks, plan.taken, plan.content) == (uuid, "ana", (8, 16), {}, CONTENT)
    plans.take_look(store, "rui", plan, 1, ("joao", "crm"))
    plans.take_look(store, "rui", plan, 1, ("another",))
    (plan,) = plans.plans(store, "f" * 64)
    assert (plan.taken, plan.actor) == ({1: ("joao", "crm")}, "ana")
    assert plans.plans(store, "0" * 64) == []


def test_a_plan_is_taken_back_and_brought_back(workspace: Workspace) -> None:
    store = workspace.store
    plans.register(store, "ana", CONTENT)
    events.undo(store, "ana", kinds=("plan",))
    assert plans.plans(store, "f" * 64) == []
    events.redo(store, "ana", kinds=("plan",))
    assert len(plans.plans(store, "f" * 64)) == 1


def test_a_plan_that_nobody_registered_is_told_and_made_anew(workspace: Workspace) -> None:
    store = workspace.store
    uuid = plans.register(store, "ana", CONTENT)
    with store.write() as connection:
        connection.execute("update verdict_plan set content = json_set(content, '$.looks[0]', 6)")
    assert [(each.kind, each.example) for each in audit.differences(store.connection())] == [
        ("plan", f"plan {uuid[:8]}")
    ]
    audit.repair(store, events.no_flags)
    assert plans.plans(store, "f" * 64)[0].looks == (8, 16)
    assert audit.differences(store.connection()) == ()
