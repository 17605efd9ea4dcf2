"""Promises about Claude Code logs: what is a turn, what a human typed, what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from molting_tui.errors import Cancelled
from molting_tui.records.turns import FileRead, Step
from molting_tui.sources import read


def user(content: Any, uuid: str = "", **fields: Any) -> dict[str, Any]:
    record = {"type": "user", "message": {"role": "user", "content": content}, "sessionId": "s"}
    return record | ({"uuid": uuid} if uuid else {}) | fields


def said(*blocks: Any, model: str = "claude-x", **fields: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": block} if isinstance(block, str) else block for block in blocks]
    return {"type": "assistant", "message": {"role": "assistant", "model": model, "content": content}} | fields


def tool(name: str = "Bash") -> dict[str, Any]:
    return said({"type": "tool_use", "id": "t", "name": name, "input": {"command": "ls"}})


def result() -> dict[str, Any]:
    return user([{"type": "tool_result", "tool_use_id": "t", "content": "text in a tool result"}])


def queue(operation: str, content: str | None = None) -> dict[str, Any]:
    return {"type": "queue-operation", "operation": operation} | ({"content": content} if content is not None else {})


def text(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


IMAGE = {"type": "image", "source": {"type": "base64", "data": "AAAA"}}


def log(tmp_path: Path, *records: Any, name: str = "session.jsonl") -> FileRead:
    path = tmp_path / name
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return read(path)


def counts(found: FileRead) -> dict[str, int]:
    return {row.reason: row.count for row in found.left_out}


def humans(found: FileRead) -> list[str]:
    return [turn.human for turn in found.turns]


def finals(found: FileRead) -> list[str]:
    return [turn.steps[-1].value if turn.complete else "" for turn in found.turns]


def test_a_turn_is_a_human_prompt_and_all_steps_up_to_the_next_one(tmp_path: Path) -> None:
    found = log(
        tmp_path,
        user("fix it", "u1", cwd="/home/me/proj", timestamp="2026-01-01T00:00:00Z"),
        said({"type": "thinking", "thinking": "hm"}),
        said("I'll look."),
        tool("Read"),
        result(),
        said("Done."),
        user("thanks", "u2"),
        said("Welcome."),
    )
    first, second = found.turns
    assert (first.key, first.session, first.project, first.line) == ("u1", "session", "proj", 1)
    assert first.time == "2026-01-01T00:00:00Z"
    assert first.steps == (Step("text", "I'll look."), Step("tool", "Read"), Step("text", "Done."))
    assert (first.complete, first.model, first.source) == (True, "claude-x", "claude-code")
    assert second.human == "thanks"
    assert (found.records, found.sessions, found.left_out) == (8, 1, ())


def test_a_turn_without_text_after_its_last_tool_is_kept_as_incomplete(tmp_path: Path) -> None:
    found = log(tmp_path, user("go", "u1"), said("Let me see."), tool())
    assert [turn.complete for turn in found.turns] == [False]


def test_blank_text_is_no_step(tmp_path: Path) -> None:
    assert log(tmp_path, user("go", "u1"), said("  \n")).turns[0].steps == ()


def test_the_project_is_the_folder_where_the_record_names_none(tmp_path: Path) -> None:
    assert log(tmp_path, user("go", "u1")).turns[0].project == tmp_path.name
    assert log(tmp_path, user("go", "u1", cwd="C:\\code\\crm")).turns[0].project == "crm"


def test_a_prompt_without_uuid_has_a_key_that_stays(tmp_path: Path) -> None:
    first, again = (log(tmp_path, user("go", timestamp="t")).turns[0].key for _ in range(2))
    assert first == again
    assert first.startswith("sha256:")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (user("[Request interrupted by user]"), "interrupt"),
        (user([text("[Request interrupted by user for tool use]")]), "interrupt"),
        (user("Implement the following plan:\n\n# Plan"), "plan-handoff"),
        (user("Do this", planContent="# Plan"), "plan-handoff"),
        (user("Summary.", isCompactSummary=True), "compaction"),
        (user("This session is being continued from a previous conversation that…"), "compaction"),
        (user("This session is being continued from a previous conversation that…", isMeta=True), "compaction"),
        (user('<teammate-message teammate_id="a">hi</teammate-message>'), "teammate"),
        (user("<task-notification><task-id>1</task-id></task-notification>"), "task-notification"),
        (user("done", origin={"kind": "task-notification"}), "task-notification"),
        (user("beep", origin={"kind": "cron"}), "other-origin"),
        (user("Warmup"), "warm-up"),
        (user("<command-name>/pr</command-name>\n<command-args></command-args>"), "command"),
        (user("<command-message>pr</command-message>\n<command-name>/pr</command-name>"), "command"),
        (user([IMAGE]), "image-only"),
    ],
)
def test_what_follows_something_else_than_a_human_prompt_never_answers_the_earlier_one(
    tmp_path: Path, record: dict[str, Any], reason: str
) -> None:
    found = log(tmp_path, user("ask", "u1"), said("Answer."), record, said("About something else."))
    assert humans(found) == ["ask"]
    assert finals(found) == ["Answer."]
    assert counts(found) == {reason: 1, "unprompted": 1}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (user("Base directory for this skill: /x", isMeta=True), "meta"),
        (user("Caveat: The messages below were generated by the user while running local commands. DO"), "meta"),
        (user("<local-command-stdout>ok</local-command-stdout>"), "command-output"),
        (user("<local-command-stderr>no</local-command-stderr>"), "command-output"),
        (user("<bash-input>ls</bash-input>"), "bash"),
        (user("<bash-stdout>x</bash-stdout><bash-stderr></bash-stderr>"), "bash"),
        (user("<system-reminder>Remember.</system-reminder>"), "injected-only"),
        (user(""), "blank-prompt"),
    ],
)
def test_what_comes_within_a_turn_leaves_it_open(tmp_path: Path, record: dict[str, Any], reason: str) -> None:
    found = log(tmp_path, user("ask", "u1"), tool(), record, said("Answer."))
    assert finals(found) == ["Answer."]
    assert counts(found) == {reason: 1}


def test_an_answer_to_a_shell_line_is_not_the_answer_to_an_answered_prompt(tmp_path: Path) -> None:
    shell = user("<bash-stdout>x</bash-stdout>")
    assert finals(log(tmp_path, user("ask", "u1"), said("Answer."), shell, said("I see x."))) == ["Answer."]


def test_the_arguments_of_a_command_are_human_text(tmp_path: Path) -> None:
    command = "<command-message>review</command-message>\n<command-name>/review</command-name>\n"
    skill = user("You are an expert reviewer.", isMeta=True)
    found = log(tmp_path, user(command + "<command-args>look at 167</command-args>", "u1"), skill, said("Looks good."))
    assert humans(found) == ["look at 167"]
    assert finals(found) == ["Looks good."]


@pytest.mark.parametrize("args", ["", "opus"])
def test_a_local_command_does_not_end_the_turn_it_was_typed_in(tmp_path: Path, args: str) -> None:
    command = user(f"<command-name>/model</command-name>\n<command-args>{args}</command-args>", "u2")
    output = user("<local-command-stdout>Set model</local-command-stdout>")
    found = log(tmp_path, user("ask", "u1"), tool(), command, output, said("Answer."))
    assert humans(found) == ["ask"]
    assert finals(found) == ["Answer."]
    assert counts(found) == {"command": 1, "command-output": 1}


COMMAND = user("<command-name>/model</command-name>\n<command-args></command-args>")
OUTPUT = user("<local-command-stdout>ok</local-command-stdout>")


def test_two_local_commands_in_a_row_do_not_end_the_turn_either(tmp_path: Path) -> None:
    found = log(tmp_path, user("ask", "u1"), tool(), COMMAND, COMMAND, OUTPUT, said("Answer."))
    assert finals(found) == ["Answer."]
    assert counts(found) == {"command": 2, "command-output": 1}


def test_a_command_without_and_one_with_arguments_in_a_row_do_not_end_the_turn(tmp_path: Path) -> None:
    theme = user("<command-name>/theme</command-name>\n<command-args>dark</command-args>", "u2")
    found = log(tmp_path, user("ask", "u1"), tool(), COMMAND, theme, OUTPUT, OUTPUT, said("Answer."))
    assert humans(found) == ["ask"]
    assert finals(found) == ["Answer."]
    assert counts(found) == {"command": 2, "command-output": 2}


def test_a_command_that_the_assistant_answered_ends_the_turn_whatever_is_printed_later(tmp_path: Path) -> None:
    found = log(tmp_path, user("ask", "u1"), tool(), COMMAND, said("Of the command."), OUTPUT, said("More of it."))
    assert finals(found) == [""]
    assert counts(found) == {"command": 1, "command-output": 1, "unprompted": 2}


def test_what_ends_a_turn_ends_it_under_a_command_too(tmp_path: Path) -> None:
    stop = user("[Request interrupted by user]")
    found = log(tmp_path, user("ask", "u1"), tool(), COMMAND, stop, OUTPUT, said("Of something else."))
    assert finals(found) == [""]
    assert counts(found) == {"command": 1, "interrupt": 1, "command-output": 1, "unprompted": 1}


def test_arguments_that_were_answered_stay_human_text_whatever_is_printed_later(tmp_path: Path) -> None:
    review = user("<command-name>/review</command-name>\n<command-args>look at 167</command-args>", "u1")
    found = log(tmp_path, review, said("Looks good."), OUTPUT, said("It does."))
    assert humans(found) == ["look at 167"]
    assert finals(found) == ["It does."]


def test_the_model_of_a_turn_is_that_of_its_last_text(tmp_path: Path) -> None:
    def model(*spoken: dict[str, Any]) -> str:
        return log(tmp_path, user("ask", "u1"), *spoken).turns[0].model

    used = {"type": "tool_use", "id": "t", "name": "Bash", "input": {}}
    assert model(said("First.", model="small"), said("Answer.", model="large")) == "large"
    assert model(said(used, model="small"), said("Answer.", model="large")) == "large"
    assert model(said("Answer.", model="large"), said(used, model="small")) == "large"
    assert model(said("First.", model="large"), said("Answer.", model="")) == "large"
    assert model(said(used, model="small")) == "small"


def test_words_after_an_interrupt_mark_are_human_text(tmp_path: Path) -> None:
    text = "[Request interrupted by user] is what I see: why?"
    assert humans(log(tmp_path, user(text, "u1"))) == [text]


def test_injected_blocks_are_stripped_and_named(tmp_path: Path) -> None:
    prompt = "<ide_opened_file>a.py</ide_opened_file>\nwhy?\n<system-reminder>be\nkind</system-reminder>"
    turn = log(tmp_path, user(prompt, "u1")).turns[0]
    assert (turn.human, turn.injected) == ("why?", ("ide_opened_file", "system-reminder"))


def test_a_tag_that_a_person_wrote_about_stays(tmp_path: Path) -> None:
    assert humans(log(tmp_path, user("what is <system-reminder> for?", "u1"))) == ["what is <system-reminder> for?"]


def test_a_tag_that_is_never_closed_hides_no_later_block(tmp_path: Path) -> None:
    turn = log(tmp_path, user("what is <ide_selection> here?<system-reminder>be kind</system-reminder>", "u1")).turns[0]
    assert (turn.human, turn.injected) == ("what is <ide_selection> here?", ("system-reminder",))


def test_a_prompt_with_an_image_keeps_its_text(tmp_path: Path) -> None:
    turn = log(tmp_path, user([text("see this"), IMAGE], "u1")).turns[0]
    assert (turn.human, turn.injected) == ("see this", ("image",))


def test_an_interrupt_beside_a_text_keeps_the_text(tmp_path: Path) -> None:
    found = log(tmp_path, user([text("[Request interrupted by user for tool use]"), text("use b")], "u1"))
    assert humans(found) == ["use b"]


def test_text_beside_a_tool_result_begins_a_turn(tmp_path: Path) -> None:
    steering = result()
    steering["message"]["content"].append(text("and test it"))
    found = log(tmp_path, user("ask", "u1"), tool(), steering, said("Tested."))
    assert humans(found) == ["ask", "and test it"]
    assert finals(found) == ["", "Tested."]


def test_sidechains_and_synthetic_answers_never_enter_a_turn(tmp_path: Path) -> None:
    found = log(
        tmp_path,
        user("ask", "u1"),
        said("Answer."),
        user("do a part", "u2", isSidechain=True),
        said("Part.", isSidechain=True),
        said("No response requested.", model="<synthetic>"),
        said("API Error: 529", isApiErrorMessage=True),
    )
    assert finals(found) == ["Answer."]
    assert counts(found) == {"sidechain": 2, "synthetic": 2}


def test_a_record_that_is_repeated_counts_once(tmp_path: Path) -> None:
    found = log(tmp_path, user("ask", "u1"), said("One.", uuid="a1"), user("ask", "u1"), said("One.", uuid="a1"))
    assert humans(found) == ["ask"]
    assert len(found.turns[0].steps) == 1
    assert counts(found) == {"repeated-record": 2}


def test_a_rewind_leaves_two_turns(tmp_path: Path) -> None:
    found = log(
        tmp_path,
        user("try a", "u1", parentUuid="p"),
        said("A."),
        user("try b", "u2", parentUuid="p"),
        said("B."),
    )
    assert list(zip(humans(found), finals(found), strict=True)) == [("try a", "A."), ("try b", "B.")]


def test_a_text_that_stands_only_in_the_queue_begins_a_turn_where_it_was_delivered(tmp_path: Path) -> None:
    found = log(
        tmp_path,
        user("ask", "u1"),
        queue("enqueue", "and the tests?"),
        said("Half."),
        queue("remove"),
        tool(),
        said("All tested."),
    )
    assert list(zip(humans(found), finals(found), strict=True)) == [("ask", "Half."), ("and the tests?", "All tested.")]
    assert found.turns[1].key.startswith("sha256:")


def test_what_was_taken_back_from_the_queue_is_not_what_is_delivered_next(tmp_path: Path) -> None:
    found = log(
        tmp_path,
        user("ask", "u1"),
        queue("enqueue", "taken back"),
        queue("popAll"),
        queue("enqueue", "and the tests?"),
        said("Half."),
        queue("dequeue"),
        said("All tested."),
    )
    assert list(zip(humans(found), finals(found), strict=True)) == [("ask", "Half."), ("and the tests?", "All tested.")]


def test_a_queued_text_without_a_trace_of_delivery_begins_a_turn_at_its_place(tmp_path: Path) -> None:
    found = log(tmp_path, user("ask", "u1"), tool(), queue("enqueue", "faster"), said("Done."))
    assert finals(found) == ["", "Done."]


@pytest.mark.parametrize(
    "records",
    [
        [queue("enqueue", "later"), queue("popAll", "later")],
        [queue("enqueue", "later"), queue("dequeue"), user("later", "u2")],
        [queue("enqueue", "later"), queue("enqueue", "on"), user("later\non", "u2")],
        [queue("enqueue", "<task-notification>x</task-notification>")],
        [queue("enqueue", '{"task_id": "b1"}')],
        [queue("enqueue", "/theme")],
    ],
    ids=["withdrawn", "repeated", "joined", "notification", "json", "command"],
)
def test_other_queued_texts_begin_no_turn_of_their_own(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    found = log(tmp_path, user("ask", "u1"), *records)
    assert all(not turn.key.startswith("sha256:") for turn in found.turns)
    assert len(found.turns) == 1 + sum(record["type"] == "user" for record in records)


def test_a_path_in_the_queue_is_human_text(tmp_path: Path) -> None:
    assert humans(log(tmp_path, user("a", "u1"), queue("enqueue", "/tmp/x.png is it")))[1:] == ["/tmp/x.png is it"]


def test_known_bookkeeping_is_not_left_out_and_new_types_are_counted(tmp_path: Path) -> None:
    progress = {"type": "progress", "data": {"message": {"content": 1}}, "uuid": "p"}
    found = log(tmp_path, user("ask", "u1"), progress, {"type": "hologram"}, {"type": "hologram"}, {"no": "type"})
    assert counts(found) == {"other-record": 3}
    assert "hologram" in found.left_out[0].example
    assert f"{tmp_path.name}/session.jsonl:3" in found.left_out[0].example


def test_a_torn_last_line_loses_nothing_before_it(tmp_path: Path) -> None:
    found = log(tmp_path, user("ask", "u1"), said("Answer."), b'{"type":"assistant","message":{"content":[{"ty')
    assert finals(found) == ["Answer."]
    assert counts(found) == {"damaged-line": 1}


def test_glued_records_are_recovered(tmp_path: Path) -> None:
    glued = json.dumps(user("ask", "u1")).encode() + json.dumps(said("Answer.")).encode()
    found = log(tmp_path, user("before", "u0"), glued)
    assert finals(found) == ["", "Answer."]
    assert counts(found) == {"recovered-line": 1}
    assert found.records == 3


def test_a_record_after_a_torn_one_on_its_line_is_recovered(tmp_path: Path) -> None:
    whole = json.dumps({"parentUuid": None} | user("ask", "u1")).replace('": ', '":').encode()
    found = log(tmp_path, user("before", "u0"), b'{"type":"progress","data":{"a' + whole)
    assert humans(found) == ["before", "ask"]
    assert counts(found) == {"damaged-line": 1, "recovered-line": 1}


@pytest.mark.parametrize(
    "line",
    [b'"massive error"', b"42", b"[1]", b"null", b"\0\0\0", b"{", b"[" * 100_000],
    ids=["text", "number", "array", "null", "zeros", "torn", "deep"],
)
def test_a_line_that_is_no_record_is_counted_as_damaged(tmp_path: Path, line: bytes) -> None:
    found = log(tmp_path, line, user("ask", "u1"), said("Answer."))
    assert finals(found) == ["Answer."]
    assert counts(found) == {"damaged-line": 1}


def test_nesting_too_deep_is_a_damaged_line(tmp_path: Path) -> None:
    deep = b'{"type":"user","toolUseResult":' + b'{"a":' * 200_000 + b"1" + b"}" * 200_001
    assert counts(log(tmp_path, user("ask", "u1"), deep)) == {"damaged-line": 1}


def test_invalid_utf8_and_lone_surrogates_become_replacement_characters(tmp_path: Path) -> None:
    bad = json.dumps(user("caf?", "u1")).encode().replace(b"caf?", b"caf\xe9")
    lone = json.dumps(user("a\ud800b", "u2")).encode()
    emoji = json.dumps(user("\U0001f600", "u3")).encode()
    found = log(tmp_path, bad, lone, emoji)
    assert humans(found) == ["caf\ufffd", "a\ufffdb", "\U0001f600"]
    assert counts(found) == {"recovered-line": 2}


def test_a_field_of_a_wrong_type_loses_only_itself(tmp_path: Path) -> None:
    odd = user("ask", "u1", cwd=7, timestamp=["t"], isMeta="", origin="human", version={})
    found = log(tmp_path, odd, said("Answer.", 5, {"type": "text", "text": None}, isSidechain=0))
    assert (humans(found), finals(found)) == (["ask"], ["Answer."])
    assert found.left_out == ()


@pytest.mark.parametrize("message", [None, "error", {"content": None}, 3])
def test_a_record_without_a_message_is_damaged(tmp_path: Path, message: Any) -> None:
    found = log(tmp_path, user("ask", "u1"), {"type": "user", "message": message, "uuid": "x"})
    assert humans(found) == ["ask"]
    assert counts(found) == {"damaged-line": 1}


def test_content_may_be_a_plain_text(tmp_path: Path) -> None:
    answer = {"type": "assistant", "message": {"content": "Plain."}}
    assert finals(log(tmp_path, user(["ask", "me"], "u1"), answer)) == ["Plain."]


def test_a_log_is_told_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    summary = {"type": "summary", "summary": "x", "leafUuid": "l"}
    found = log(tmp_path, b"", b"\xef\xbb\xbf" + json.dumps(summary).encode(), user("ask", "u1"), name="chat.json")
    assert humans(found) == ["ask"]
    assert found.left_out == ()


def test_progress_is_reported_by_the_megabyte_and_adds_up(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("\n".join(json.dumps(user("x" * 5000, f"u{number}")) for number in range(1000)))
    reports: list[int] = []
    found = read(path, reports.append)
    assert len(found.turns) == 1000
    assert sum(reports) == path.stat().st_size
    assert len(reports) >= 4


def test_cancelling_passes_through(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(user("x", "u1")))

    def cancel(_: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        read(path, cancel)


def test_many_open_tags_take_no_quadratic_time(tmp_path: Path) -> None:
    found = log(tmp_path, user("<system-reminder>" * 200_000, "u1"))
    assert len(found.turns) == 1
