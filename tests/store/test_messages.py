"""Promises about messages: each of a pair is rewritten, flagged, searched and masked by its place, in either shape."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation import flagging
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, Cancelled, MoltingError
from molting_tui.records.pairs import rewritten_messages
from molting_tui.records.progress import Progress
from molting_tui.store import events, meta
from molting_tui.workspace import Workspace

# In two pieces, so that no scanner takes this file for one with a secret in it.
KEY = "AKIA" + "AB23" * 4
SAYS = [
    ("system", "Você é Cláudio, e responde com girafas."),
    ("human", f"A chave é {KEY}."),
    ("function_call", "{}"),
    ("observation", "zebras na fila"),
    ("gpt", "Let me check the queue first."),
    ("human", "E agora, o que falta fazer?"),
    ("gpt", "Nada falta: a fila foi drenada ontem."),
]


@pytest.fixture
def long(desk: Desk, tmp_path: Path) -> Desk:
    """A workspace with one pair of seven messages."""
    path = tmp_path / "chats.json"
    path.write_text(json.dumps([{"conversations": [{"from": who, "value": text} for who, text in SAYS]}]), "utf-8")
    import_paths(desk.workspace, [path])
    return desk


def say_rewrite(desk: Desk, payload: dict[str, Any], label: str = "rewrite pair 1") -> None:
    said = [events.NewEvent(desk.pair(1).uid, "rewrite", payload)]
    events.say(desk.workspace.store, desk.workspace.actor, label, said, desk.rules.flags)


def words(desk: Desk) -> list[str]:
    return [message.text for message in desk.pair(1).messages]


def causes(desk: Desk) -> dict[int, str | None]:
    return dict(desk.workspace.store.rows("select place, cause from rewrite order by place"))  # type: ignore[arg-type]


def index_is_whole(desk: Desk) -> bool:
    """FTS5 compares its index with the words there are, and raises where they differ."""
    with desk.workspace.store.write() as connection:
        connection.execute("insert into pair_search (pair_search) values ('integrity-check')")
    return True


def test_a_pair_is_the_list_of_its_messages(long: Desk) -> None:
    pair = long.pair(1)
    assert [message.place for message in pair.messages] == list(range(7))
    assert [message.text for message in pair.messages] == [text for _, text in SAYS]
    assert [message.role for message in pair.messages] == [
        "system", "user", "tool_call", "tool", "assistant", "user", "assistant",
    ]  # fmt: skip
    assert (pair.system, pair.instruction, pair.response) == (SAYS[0][1], SAYS[5][1], SAYS[6][1])
    assert [message.text for message in pair.context] == [text for _, text in SAYS[1:5]]


def test_a_secret_in_the_first_turn_is_flagged_there_and_agent_speech_where_the_assistant_says_it(long: Desk) -> None:
    assert [(flag.family, flag.place) for flag in long.pair(1).flags] == [("secret", 1), ("agent-speech", 4)]
    assert list(long.matching("flag:secret")) == [1]


def test_every_message_is_searched_in_its_current_words(long: Desk) -> None:
    for word in ("girafas", "zebras", "queue", "drenada"):
        assert list(long.matching(word)) == [1]
    long.rewrite(long.pair(1), {0: "Você é Cláudio.", 3: "emas na fila"})
    assert [list(long.matching(word)) for word in ("girafas", "zebras", "emas", "queue")] == [[], [], [1], [1]]
    assert index_is_whole(long)
    long.undo()
    assert [list(long.matching(word)) for word in ("girafas", "zebras", "emas")] == [[1], [1], []]
    assert index_is_whole(long)


def test_masking_reaches_every_message_and_says_why_the_words_changed(long: Desk) -> None:
    assert long.mask_secrets("flag:secret") == 1
    assert words(long)[1] == "A chave é [REDACTED:aws-key-id]."
    assert [text for place, text in enumerate(words(long)) if place != 1] == [
        text for place, (_, text) in enumerate(SAYS) if place != 1
    ]
    assert (list(long.matching("flag:secret")), causes(long)) == ([], {1: "mask"})
    assert long.pair(1).state == "open"


def test_a_rewrite_says_only_the_messages_it_changes(long: Desk) -> None:
    long.rewrite(long.pair(1), {3: "emas"})
    long.rewrite(long.pair(1), {0: "Sê breve."})
    assert (words(long)[0], words(long)[3]) == ("Sê breve.", "emas")
    assert [event.payload["messages"] for event in long.history(long.pair(1))] == [{"3": "emas"}, {"0": "Sê breve."}]
    long.undo()
    assert (words(long)[0], words(long)[3]) == (SAYS[0][1], "emas")


def test_original_words_put_back_are_no_rewrite(long: Desk) -> None:
    long.rewrite(long.pair(1), {1: "A chave é minha."})
    assert (long.pair(1).rewritten, long.pair(1).messages[1].original) == (True, SAYS[1][1])
    long.rewrite(long.pair(1), {1: SAYS[1][1]})
    assert (long.pair(1).rewritten, causes(long)) == (False, {})
    say_rewrite(long, {"messages": {"1": SAYS[1][1], "3": "emas"}})
    assert causes(long) == {3: "style"}


@pytest.mark.parametrize("place", [-1, 7, 400])
def test_a_message_that_there_is_not_cant_be_rewritten(long: Desk, place: int) -> None:
    with pytest.raises(BadInput, match=f"message {place}: there is no such message. It has 7 messages"):
        long.rewrite(long.pair(1), {place: "x"})
    with pytest.raises(BadInput, match="message 3 needs words"):
        long.rewrite(long.pair(1), {3: " "})
    assert long.history(long.pair(1)) == []


def test_a_rewrite_of_the_older_shape_says_the_last_two_messages_and_both_of_them(long: Desk) -> None:
    long.rewrite(long.pair(1), {3: "emas"})
    say_rewrite(long, {"instruction": "E já?", "response": None})
    assert words(long)[3:] == ["emas", SAYS[4][1], "E já?", SAYS[6][1]]
    say_rewrite(long, {"response": "Nada."})
    assert words(long)[5:] == [SAYS[5][1], "Nada."], "what an older rewrite doesn't say is the original"
    long.rewrite(long.pair(1), {5: "Que falta?"})
    assert words(long)[5:] == ["Que falta?", "Nada."]
    long.undo()
    long.undo()
    assert words(long)[5:] == ["E já?", SAYS[6][1]]


@pytest.mark.parametrize(
    ("payload", "label", "cause"),
    [
        ({"messages": {"6": "x"}, "cause": "cut"}, "cut", "cut"),
        ({"messages": {"6": "x"}, "cause": "cut"}, "mask secrets", "cut"),
        ({"instruction": None, "response": "x"}, "rewrite pair 1", "style"),
        ({"instruction": None, "response": "x", "keep": False}, "mask secrets", "mask"),
        ({"instruction": None, "response": "x", "keep": False}, "repair mojibake", "repair"),
        ({"instruction": None, "response": "x"}, "something else", None),
    ],
)
def test_why_words_were_changed_is_known_as_far_as_the_step_tells(
    long: Desk, payload: dict[str, Any], label: str, cause: str | None
) -> None:
    say_rewrite(long, payload, label)
    assert causes(long) == {6: cause}


@pytest.mark.parametrize("place", ["7", "-1", "1.5", "²", "", "9" * 5000, "x"])
def test_a_place_that_there_is_not_is_passed_over(long: Desk, place: str) -> None:
    assert rewritten_messages({"messages": {place: "x"}}, 6) == {}
    say_rewrite(long, {"messages": {place: "x", "6": "y"}})
    assert words(long) == [*(text for _, text in SAYS[:6]), "y"]


def test_a_draft_of_either_shape_is_read(long: Desk) -> None:
    long.save_draft(long.pair(1), {3: "em"})
    assert long.pair(1).draft == {3: "em"}
    with long.workspace.store.write() as connection:
        connection.execute("update draft set text = ?", (json.dumps({"instruction": "E", "response": "Na"}),))
    assert long.pair(1).draft == {5: "E", 6: "Na"}


def test_a_reason_that_stands_for_many_has_a_code(long: Desk) -> None:
    store = long.workspace.store
    long.decide(long.pair(1), "drop", "private")
    assert store.row("select reason, code from pair_note") == ("private", "private")
    long.decide(long.pair(1), "drop", "agent talk")
    assert store.row("select reason, code from pair_note") == ("agent talk", "agent-talk")
    long.decide(long.pair(1), "drop", "my own words")
    assert store.row("select reason, code from pair_note") == ("my own words", "")


def many(workspace: Workspace, folder: Path, count: int) -> None:
    """Pairs as an earlier molting left them: with a key in the first of two turns, and no flag for it."""
    conversations = [[("human", f"É {KEY}."), ("gpt", "Sim."), ("human", f"E a {n}?"), ("gpt", f"A {n} é boa.")]
                     for n in range(count)]  # fmt: skip
    path = folder / "many.json"
    chats = [{"conversations": [{"from": who, "value": text} for who, text in said]} for said in conversations]
    path.write_text(json.dumps(chats), "utf-8")
    import_paths(workspace, [path])
    with workspace.store.write() as connection:
        connection.execute("delete from flag")
        connection.execute("delete from pair_flag")
        connection.execute("update pair set flagged = 0")
        standing = {"reached": 0, "rules": "", "more": {}, "fewer": {}}
        meta.put(connection, "flags-anew", json.dumps(standing))


def test_flags_that_a_migration_left_half_made_are_finished_from_where_it_stopped(
    workspace: Workspace, tmp_path: Path
) -> None:
    many(workspace, tmp_path, 250)

    def stop(progress: Progress) -> None:
        if progress.done >= 100:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        flagging.finish(workspace, stop)
    assert flagging.being_made(workspace) == (100, 250, "pairs", "flagging every message")
    workspace.close()
    again = workspaces.open_workspace(workspace.folder)
    reports: list[Progress] = []
    changes = flagging.finish(again, reports.append)
    assert [report.done for report in reports] == [200, 250]
    assert changes == (250, {"secret": 250}, {})
    assert flagging.changes_sentence(changes) == "Pairs with a flag: secret 250 more."
    assert (flagging.being_made(again), flagging.finish(again)) == (None, None)
    again.close()


def test_a_filter_that_asks_for_flags_waits_until_they_are_whole(workspace: Workspace, tmp_path: Path) -> None:
    many(workspace, tmp_path, 3)
    assert list(Desk(workspace).matching("state:open")) == [1, 2, 3]
    assert flagging.being_made(workspace) is not None
    assert list(Desk(workspace).matching("-is:flagged")) == []
    assert flagging.being_made(workspace) is None


def test_rules_that_changed_meanwhile_flag_every_pair_anew(workspace: Workspace, tmp_path: Path) -> None:
    many(workspace, tmp_path, 3)
    with workspace.store.write() as connection:
        standing = {"reached": 2, "rules": "other rules", "more": {"secret": 1}, "fewer": {}}
        meta.put(connection, "flags-anew", json.dumps(standing))
    changes = flagging.finish(workspace)
    assert changes is not None
    assert (changes.flagged, changes.more) == (3, {"secret": 4})
    assert not Desk(workspace).rules_changed()


def test_nothing_is_flagged_anew_while_a_rule_file_has_a_mistake(workspace: Workspace, tmp_path: Path) -> None:
    many(workspace, tmp_path, 3)
    (workspace.folder / "rubrics" / "curation" / "ours.yaml").write_text("format: rules/2")
    with pytest.raises(MoltingError, match=r"ours\.yaml:1"):
        Desk(workspace).matching("flag:secret")
    assert flagging.being_made(workspace) == (0, 3, "pairs", "flagging every message")
    assert len(Desk(workspace).matching("state:open")) == 3


def test_a_pair_of_four_hundred_messages_is_read_flagged_and_rewritten(desk: Desk, tmp_path: Path) -> None:
    says = [("human" if n % 2 == 0 else "gpt", f"Mensagem {n}: {KEY if n == 57 else 'nada'}") for n in range(400)]
    path = tmp_path / "chats.json"
    path.write_text(json.dumps([{"conversations": [{"from": who, "value": text} for who, text in says]}]), "utf-8")
    import_paths(desk.workspace, [path])
    assert len(desk.pair(1).messages) == 400
    assert [flag.place for flag in desk.pair(1).flags] == [57]
    desk.mask_secrets("flag:secret")
    desk.rewrite(desk.pair(1), {399: "Última."})
    assert (desk.pair(1).flags, desk.pair(1).response) == ((), "Última.")
    assert index_is_whole(desk)


def test_the_store_refuses_a_cause_it_doesnt_know(long: Desk) -> None:
    with (
        closing(sqlite3.connect(long.workspace.folder / "molting.db")) as connection,
        pytest.raises(sqlite3.IntegrityError),
    ):
        connection.execute("insert into rewrite values (1, 0, 'x', 'whim')")
