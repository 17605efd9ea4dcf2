"""Promises of contenders: one identity for what is the same in everything, another for what differs or isn't known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molting_tui.errors import MoltingError
from molting_tui.records.contenders import Adapter, Base, Checkpoint, Contender, Endpoint, Imported, contender_of
from molting_tui.store import contenders
from molting_tui.workspace import Workspace

EACH = (
    Contender("a", Base("tiny")),
    Contender("a", Base("tiny", "digest"), "prompt", "template", '{"k": 3}', '{"temperature": 0.7}'),
    Contender("a", Adapter("tiny", "d", "digest", "0007-v2")),
    Contender("a", Adapter("tiny", None, None, "0007-v2")),
    Contender("a", Checkpoint("tiny", "0007-v2", 95)),
    Contender("a", Endpoint("http://localhost:8080", "qwen")),
    Contender("a", Imported()),
)


def put(workspace: Workspace, contender: Contender) -> int:
    with workspace.store.write() as connection:
        return contenders.put(connection, contender)


def test_every_kind_of_contender_is_read_as_it_was_stored(workspace: Workspace) -> None:
    numbers = [put(workspace, contender) for contender in EACH]
    assert contenders.every(workspace.store) == dict(zip(numbers, EACH, strict=True))
    assert [put(workspace, contender) for contender in EACH] == numbers
    assert {known.contender for known in contenders.of_run(workspace.store, "0007-v2")} == set(EACH[2:5])


def test_whatever_differs_makes_another_contender_and_unknown_is_not_empty(workspace: Workspace) -> None:
    first = Contender("v1", Adapter("tiny", "d", "digest", "0001-v1"), "prompt", "template", None, "{}")
    others = [
        replace(first, name="v2"),
        replace(first, system_prompt=""),
        replace(first, system_prompt=None),
        replace(first, template=None),
        replace(first, generation='{"temperature": 1}'),
        replace(first, retrieval="{}"),
        replace(first, model=Adapter("tiny", "d", None, "0001-v1")),
        replace(first, model=Adapter("tiny", "e", "digest", "0001-v1")),
        replace(first, model=Adapter("tiny", "d", "digest", "0002-v1")),
        replace(first, model=Base("tiny", "digest")),
    ]
    assert len({put(workspace, contender) for contender in (first, *others)}) == 11


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("kind", ("oracle",)),
        ("kind", ("base",)),
        ("kind, base", ("checkpoint", "tiny")),
        ("kind, base, step", ("base", "tiny", 3)),
        ("kind", ("endpoint",)),
        ("kind, url", ("imported", "http://localhost")),
    ],
)
def test_a_contender_that_is_nothing_whole_cant_be_stored(
    workspace: Workspace, columns: str, values: tuple[object, ...]
) -> None:
    holes = ", ".join("?" * len(values))
    with pytest.raises(MoltingError, match="CHECK"), workspace.store.write() as connection:
        connection.execute(f"insert into contender (name, {columns}) values ('x', {holes})", values)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    st.dictionaries(
        st.sampled_from(
            ["base", "adapter_digest", "run", "contender_prompt", "base_digest", "template_digest", "quantisation"]
        ),
        st.none() | texts | st.integers(),
    ),
    st.sampled_from(["asked", "file", "sheet"]),
    texts,
)
def test_whatever_stands_in_an_answers_settings_makes_a_contender_that_can_be_stored(
    workspace: Workspace, told: dict[str, object], source: str, name: str
) -> None:
    contender = contender_of(name, source, told)  # type: ignore[arg-type]  # one of the three
    number = put(workspace, contender)
    assert contenders.every(workspace.store)[number] == contender


def test_an_answers_settings_say_which_checkpoint_or_endpoint_gave_it() -> None:
    at_step = {"base": "tiny", "base_digest": "b", "adapter_digest": "a", "run": "0007-v2", "step": 20}
    assert contender_of("x", "asked", at_step).model == Checkpoint("tiny", "0007-v2", 20, "a", "b")
    assert contender_of("x", "asked", at_step | {"step": None}).model == Adapter("tiny", "a", "b", "0007-v2")
    served = {"url": "http://localhost:8080/v1", "model": "qwen", "contender_prompt": "P"}
    known = contender_of("x", "asked", served)
    assert (known.model, known.system_prompt) == (Endpoint("http://localhost:8080/v1", "qwen"), "P")
    assert contender_of("x", "file", served).model == Imported()
