"""Promises about finding files, telling what they are, and bytes of any kind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.records.turns import FileRead
from molting_tui.sources import find, lines, read, reading
from molting_tui.sources.chats import files
from molting_tui.sources.claude.prompts import strip_injected
from molting_tui.sources.kinds import Kind, is_current, reader_of
from molting_tui.sources.names import stored_path
from molting_tui.text import show
from tests.conftest import ROOT

LINE = json.dumps({"type": "user", "uuid": "u", "message": {"content": "hi"}})


def put(path: Path, content: str | bytes = LINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reasons(found: Any) -> dict[str, int]:
    return {row.reason: row.count for row in found.left_out}


def test_folders_are_walked_in_sorted_order_and_other_files_ignored(tmp_path: Path) -> None:
    paths = [put(tmp_path / name) for name in ("a/2.jsonl", "b.json", "c/1.JSONL")]
    put(tmp_path / "notes.md")
    found = find([tmp_path])
    assert [file.path for file in found.files] == [path.resolve() for path in paths]
    assert found.files[0].size == len(LINE)
    assert found.files[0].mtime_ns == paths[0].stat().st_mtime_ns
    assert found.left_out == ()


def test_subagents_are_passed_over_and_counted(tmp_path: Path) -> None:
    put(tmp_path / "agent-1.jsonl")
    put(tmp_path / "s/subagents/deep/journal.jsonl")
    put(tmp_path / "s/subagents/agent-2.jsonl")
    put(tmp_path / "s.jsonl")
    found = find([tmp_path])
    assert [file.path.name for file in found.files] == ["s.jsonl"]
    assert reasons(found) == {"subagent-file": 3}
    assert "agent-1.jsonl" in found.left_out[0].example


def test_a_file_named_twice_is_listed_once(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl")
    (tmp_path / "link.jsonl").symlink_to(path)
    assert len(find([path, tmp_path, tmp_path, path]).files) == 1


def test_folders_that_link_in_circles_end(tmp_path: Path) -> None:
    put(tmp_path / "a/x.jsonl")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/self").symlink_to("self")
    (tmp_path / "a/y.jsonl").symlink_to("y.jsonl")
    found = find([tmp_path])
    assert (len(found.files), reasons(found)) == (1, {"unreadable": 1})


@pytest.mark.parametrize("name", ["d", "subagents"])
def test_folders_may_be_nested_as_deep_as_the_disk_allows(tmp_path: Path, name: str) -> None:
    put(tmp_path / "a.jsonl")
    folders = [os.fspath(tmp_path / name) + "/d" * depth for depth in range(1_200)]
    for folder in folders:
        os.mkdir(folder)
    try:
        assert [file.path.name for file in find([tmp_path]).files] == ["a.jsonl"]
    finally:
        for folder in reversed(folders):  # deeper than pytest can clear away
            os.rmdir(folder)


def test_a_path_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        find([tmp_path / "nowhere"])


def test_a_folder_without_candidates_says_where_to_look(tmp_path: Path) -> None:
    put(tmp_path / "readme.txt")
    with pytest.raises(BadInput, match=r"no \.jsonl or \.json file in this folder.*~/\.claude/projects"):
        find([tmp_path])


def test_what_can_not_be_opened_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    put(tmp_path / "good.jsonl")
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.jsonl")
    found = find([tmp_path])
    assert [file.path.name for file in found.files] == ["good.jsonl"]
    assert reasons(found) == {"unreadable": 2}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_counted(tmp_path: Path) -> None:
    put(tmp_path / "closed/a.jsonl")
    put(tmp_path / "good.jsonl")
    (tmp_path / "closed").chmod(0)
    try:
        assert reasons(find([tmp_path])) == {"unreadable": 1}
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_file_that_went_away_is_unreadable(tmp_path: Path) -> None:
    assert reasons(read(tmp_path / "gone.jsonl")) == {"unreadable": 1}
    assert reasons(read(tmp_path)) == {"unreadable": 1}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty-file"),
        (b"\xef\xbb\xbf\n \n", "empty-file"),
        (b"hello\nworld\n", "not-a-session"),
        (b'{"a": {"file_name": "a.json"}}', "not-a-session"),
        (b'{\n "a": {\n "file_name": "a.json"}}', "not-a-session"),
        (b"[1, 2]", "not-a-session"),
        (b"[[1],\n[2]]", "not-a-session"),
        (b"[", "not-a-session"),
        (b"[" * 100_000, "not-a-session"),
        (LINE.encode("utf-16"), "not-a-session"),
        (LINE.encode("utf-16-be"), "not-a-session"),
        (b'{"timestamp":"t","type":"session_meta","payload":{"id":"x"}}\n', "codex-log"),
        (b'{"id":"x","timestamp":"t","instructions":null}\n{"type":"message","role":"user","content":[]}', "codex-log"),
        (b'{"sessionId":"s","projectHash":"h","messages":[{"type":"user","content":"x"}]}', "gemini-log"),
        (b'{\n"sessionId":"s",\n"messages":[{"type":"gemini","content":"x"}]\n}', "gemini-log"),
    ],
    ids=range(15),
)
def test_a_file_that_is_no_session_says_what_it_is(tmp_path: Path, content: bytes, reason: str) -> None:
    reports: list[int] = []
    found = read(put(tmp_path / "x.jsonl", content), reports.append)
    assert (found.turns, reasons(found)) == ((), {reason: 1})
    assert f"{tmp_path.name}/x.jsonl" in found.left_out[0].example
    assert sum(reports) == len(content)


def test_utf16_is_named(tmp_path: Path) -> None:
    assert "UTF-16" in read(put(tmp_path / "x.json", LINE.encode("utf-16"))).left_out[0].example


def test_a_log_whose_first_line_is_damaged_is_still_a_log(tmp_path: Path) -> None:
    found = read(put(tmp_path / "x.jsonl", b'{"type":"us\n[1]\n' + LINE.encode()))
    assert len(found.turns) == 1
    assert reasons(found) == {"damaged-line": 2}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"messages":[{"role":"user","content":[{"type":{}}]},{"role":"assistant","content":"b"}]}', "damaged-item"),
        (b'{"type":"user","message":{"content":[{"type":{}}]}}', "blank-prompt"),
    ],
)
def test_a_block_of_no_kind_costs_itself_alone(tmp_path: Path, line: bytes, reason: str) -> None:
    log = read(put(tmp_path / "x.jsonl", line))
    assert (log.turns, reasons(log)) == ((), {reason: 1})


def test_a_mistake_of_a_readers_own_costs_one_file_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> FileRead:
        raise KeyError("no such thing")

    monkeypatch.setattr(reading, "read_session", fails)
    reports: list[int] = []
    log = read(put(tmp_path / "x.jsonl"), reports.append)
    assert (log.turns, reasons(log), sum(reports)) == ((), {"unreadable": 1}, len(LINE))
    assert re.search(r"/x\.jsonl molting's reader fails at it: KeyError .*test_sources_", log.left_out[0].example)


def test_what_a_progress_report_raises_is_no_fault_of_the_file(tmp_path: Path) -> None:
    def report(_: int) -> None:
        raise ValueError("the report's own")

    with pytest.raises(ValueError, match="the report's own"):
        read(put(tmp_path / "x.jsonl"), report)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"caf\xe9.jsonl", "caf%E9"),
        (b"caf%E9.jsonl", "caf%E9"),
        ("café.jsonl".encode(), "café"),
        (b"a\nb\x1b[31m.jsonl", "a\nb\x1b[31m"),
    ],
)
def test_a_files_name_may_be_any_bytes(tmp_path: Path, name: bytes, text: str) -> None:
    path = tmp_path / os.fsdecode(b"proj\xff") / os.fsdecode(name)
    (turn,) = read(put(path)).turns
    assert (turn.session, turn.project) == (text, "proj%FF")
    (left,) = read(put(path, b"")).left_out
    assert show(left.example) == left.example
    assert "\n" not in left.example
    assert unquote_to_bytes(stored_path(path).removeprefix("file://")) == os.fsencode(path)


def _read_bytes(content: bytes) -> FileRead:
    with tempfile.TemporaryDirectory() as folder:
        return read(put(Path(folder) / "any.jsonl", content))


PARTS = st.sampled_from(
    [
        LINE.encode(),
        b'{"type":"assistant","message":{"content":[{"type":"text","text":"a"}]}}',
        b'{"type":"queue-operation","operation":"enqueue","content":"b"}',
        b'{"type":"queue-operation","operation":"remove"}',
        b'{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}',
        b'{"messages":[',
        b'"\\ud800"',
        b"[",
        b"{",
        b"\n",
        b",",
        b"\xff\xfe",
        b"\0",
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=200), st.lists(st.one_of(PARTS, st.binary(max_size=5)), max_size=12).map(b"".join)))
def test_bytes_of_any_kind_never_raise_and_are_never_lost_silently(content: bytes) -> None:
    found = _read_bytes(content)
    assert found.turns or found.left_out or found.records
    for turn in found.turns:
        "".join((turn.human, turn.key, *(step.value for step in turn.steps))).encode("utf-8")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["type", "text", "content", "message", "name", "model"]), inner, max_size=3)
)  # fmt: skip
FIELDS = (
    "uuid",
    "message",
    "isMeta",
    "isSidechain",
    "origin",
    "cwd",
    "timestamp",
    "operation",
    "content",
    "planContent",
)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["user", "assistant", "queue-operation", "system", "odd"]),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6),
)
def test_fields_of_any_type_never_raise(kind: str, fields: dict[str, Any]) -> None:
    found = _read_bytes(LINE.encode() + b"\n" + json.dumps({"type": kind, **fields}).encode())
    assert found.records == 2
    assert found.turns[0].human == "hi"


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(
    lambda text: "w" + text + "w"
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(WORDS, st.lists(st.tuples(st.booleans(), WORDS), max_size=4)), min_size=1, max_size=6))
def test_a_written_session_is_read_back(turns: list[tuple[str, list[tuple[bool, str]]]]) -> None:
    lines = []
    for number, (human, steps) in enumerate(turns):
        lines.append({"type": "user", "uuid": f"u{number}", "message": {"content": human}})
        for is_tool, value in steps:
            block = {"type": "tool_use", "name": value} if is_tool else {"type": "text", "text": value}
            lines.append({"type": "assistant", "message": {"content": [block]}})
    for ascii_only in (True, False):
        found = _read_bytes("\n".join(json.dumps(line, ensure_ascii=ascii_only) for line in lines).encode())
        read_back = [(t.human, [(step.kind == "tool", step.value) for step in t.steps]) for t in found.turns]
        assert read_back == [(human.strip(), steps) for human, steps in turns]
        assert found.left_out == ()


@given(st.text(), st.text())
def test_stripping_removes_only_what_was_injected(before: str, after: str) -> None:
    text, names = strip_injected(f"{before}<ide_selection>x</ide_selection>{after}")
    assert names
    assert "<ide_selection>x</ide_selection>" not in text


LIMIT = 20


@given(parts=st.lists(st.sampled_from([b"\n", b"a", b"bcd", b"\r", b"x" * 7, b"y" * LIMIT]), max_size=20))
def test_every_line_comes_whole_or_is_cut_for_its_length(parts: list[bytes]) -> None:
    data, done = b"".join(parts), []
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryFile() as file:
        patched.setattr(lines, "BATCH", 7)
        patched.setattr(lines, "MAX_LINE", LIMIT)
        file.write(data)
        file.seek(0)
        one_by_one = list(lines.single_lines(file))
        file.seek(0)
        in_batches = [line for batch in lines.batches(file, done.append) for line in batch]
    wanted = data.removesuffix(b"\n").split(b"\n") if data else []
    for read_lines in (in_batches, one_by_one):
        for line, whole in zip(read_lines, wanted, strict=True):
            assert isinstance(line, lines.CutLine) == (len(whole) > LIMIT)
            assert isinstance(line, lines.CutLine) or line.removesuffix(b"\n") == whole
    assert sum(done) == len(data)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_line_as_long_as_a_file_costs_little_and_itself_alone(tmp_path: Path, place: int) -> None:
    tool = b'{"type":"user","uuid":"t","message":{"content":[{"type":"tool_result","content":"'
    records = [LINE.encode(), b'{"type":"assistant","message":{"content":"Yes."}}']
    path, reports = tmp_path / "x.jsonl", []
    with path.open("wb") as file:
        for number in range(3):
            if number == place:
                file.write(tool)
                file.seek(100 << 20, os.SEEK_CUR)  # a hole, which takes no room on the disk
                file.write(b'"}]}}\n')
            elif records:
                file.write(records.pop(0) + b"\n")
    tracemalloc.start()
    log = read(path, reports.append)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(turn.human, turn.complete) for turn in log.turns] == [("hi", True)]
    assert reasons(log) == {"long-line": 1}
    assert f"x.jsonl:{place + 1} {{" in log.left_out[0].example
    assert sum(reports) == path.stat().st_size
    assert peak < 1.5 * lines.MAX_LINE


def test_a_conversation_that_is_too_long_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = (json.dumps({"instruction": "a", "output": text}) for text in ("b", "c" * 2_000))
    for module in (lines, files):
        monkeypatch.setattr(module, "MAX_LINE", 1_000)
    for data in (f"[{short},{long},{short}]", f"[\n{short},\n{long},\n{short}]", f"{short}\n{long}\n{short}"):
        chats = read(put(tmp_path / "x.json", data))
        assert (len(chats.turns), reasons(chats)) == (2, {"long-line": 1})


@pytest.mark.parametrize("longest", [500, 50_000])
def test_a_file_that_grows_as_fast_as_it_is_read_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(lines, "BATCH", 100)
    monkeypatch.setattr(lines, "MAX_LINE", longest)
    path = put(tmp_path / "x.jsonl", f"{LINE}\n" * 20)
    reports: list[int] = []

    def grow(count: int) -> None:
        reports.append(count)
        assert len(reports) < 100
        with path.open("ab") as file:
            file.write(b"\n" * 200)

    assert len(read(path, grow).turns) == 1


def test_a_file_that_is_one_long_line_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(lines.MAX_LINE + 1)
    assert reasons(read(path)) == {"long-line": 1}


READ_AS = {
    "claude-code/1": "0a15c8ad91dfc664",
    "chat/1": "3e656ff1cb38a70d",
}
"""What each version of a reader makes of the shipped samples."""


@pytest.mark.parametrize(("kind", "folder"), [("claude-code", "sessions"), ("messages", "chats")])
def test_a_reader_that_reads_the_samples_otherwise_has_another_version(kind: Kind, folder: str) -> None:
    digest = hashlib.sha256()
    for file in find([ROOT / "data" / folder]).files:
        for turn in read(file.path).turns:
            digest.update(repr(turn).encode())
    assert READ_AS.get(reader_of(kind)) == digest.hexdigest()[:16], (
        f"{reader_of(kind)} reads data/{folder} otherwise than it did: raise its number in VERSIONS "
        "(molting_tui/sources/kinds.py), so that files it has read are read anew, and pin the new digest here."
    )


def test_every_kind_of_file_has_a_reader_with_a_version() -> None:
    assert {is_current(reader_of(kind)) for kind in (*get_args(Kind), None)} == {True}
    assert [is_current(reader) for reader in ("", "chat", "chat/", "chat/0", "nobody/1")] == [False] * 5


SAMPLES = Path(os.environ.get("MOLTING_SAMPLES") or Path(__file__).parents[3] / "shared")
needs_samples = pytest.mark.skipif(
    not (SAMPLES / "sessions").is_dir(), reason=f"real logs are not at {SAMPLES} (set MOLTING_SAMPLES)"
)


def _read_all(folder: Path) -> list[FileRead]:
    return [read(file.path) for file in find([folder]).files]


@needs_samples
def test_every_real_record_is_known_and_every_session_counted() -> None:
    found = _read_all(SAMPLES / "sessions" / "claude-code")
    assert all(one.sessions == 1 for one in found)
    assert sum(one.records for one in found) > 10_000
    left = [row for one in found for row in one.left_out]
    # One record of a hand-made file of edge cases has no type.
    assert sum(row.count for row in left if row.reason == "other-record") <= 1


@needs_samples
def test_no_real_prompt_is_something_that_a_program_wrote() -> None:
    turns = [turn for one in _read_all(SAMPLES / "sessions" / "claude-code") for turn in one.turns]
    assert len(turns) > 400
    starts = (
        "<command-",
        "<local-command",
        "<task-",
        "<teammate",
        "<bash-",
        "[Request interrupted",
        "Caveat: The mess",
    )
    assert [turn.human for turn in turns if turn.human.startswith(starts)] == []
    assert all(turn.human.strip() for turn in turns)
    assert sum(turn.complete for turn in turns) > 0.8 * len(turns)


@needs_samples
@pytest.mark.parametrize(("folder", "reason"), [("codex", "codex-log"), ("gemini", "gemini-log")])
def test_real_logs_of_other_assistants_are_recognised(folder: str, reason: str) -> None:
    assert {row.reason for one in _read_all(SAMPLES / "sessions" / folder) for row in one.left_out} == {reason}


@needs_samples
@pytest.mark.parametrize(
    ("name", "turns", "left"),
    [
        ("axolotl_conversation.json", 1, {}),
        ("axolotl_conversation.missingturns.json", 1, {"blank-message": 1}),
        ("fastchat_dummy_conversation.json", 500, {}),
        ("lf_alpaca_en_demo.json", 999, {}),
        ("lf_dataset_info.json", 0, {"not-a-session": 1}),
        ("lf_glaive_toolcall_en_demo.json", 300, {"tool-definitions": 300}),
        ("lf_identity.json", 91, {}),
        ("lf_mllm_demo.json", 0, {"has-image": 6}),
        ("lf_reason_tool_use_demo_50.jsonl", 39, {"incomplete-conversation": 11, "tool-definitions": 39}),
        ("lf_v1_sft_demo.jsonl", 500, {}),
    ],
)
def test_real_chat_files_are_read_whole(name: str, turns: int, left: dict[str, int]) -> None:
    found = read(SAMPLES / "chats" / name)
    assert (len(found.turns), reasons(found)) == (turns, left)
