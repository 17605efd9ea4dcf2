"""Promises of the log: it grows, is read where one looks, searched whole, and nothing in it is obeyed."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from workbench import HOSTILE, obeyed

from molting_tui.runs.log import LINE_BYTES, LogFile
from molting_tui.ui.train.log_pane import LogPane


def log_of(path: Path, data: bytes) -> LogFile:
    path.write_bytes(data)
    log = LogFile(path)
    log.read_on()
    return log


def test_a_log_has_the_lines_of_its_file_however_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    log = log_of(path, b"")
    assert len(log) == 0
    chance = random.Random(7)
    whole = b"".join(b"line %d %s\n" % (number, b"x" * chance.randrange(30)) for number in range(2_000)) + b"the last"
    written = 0
    while written < len(whole):
        part = whole[written : written + chance.randrange(1, 3_000)]
        with path.open("ab") as file:
            file.write(part)
        written += len(part)
        assert log.read_on()
        expected = whole[:written].decode().splitlines()
        assert len(log) == len(expected)
        assert log.lines(len(log) - 3, 9) == expected[-3:]
    assert not log.read_on()
    assert log.lines(0, 5_000) == whole.decode().splitlines()


def test_a_log_that_is_begun_anew_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    log = log_of(path, b"one\ntwo\nthree\n")
    path.write_bytes(b"four\n")
    assert log.read_on()
    assert log.lines(0, 9) == ["four"]


def test_a_log_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "none.txt")
    assert not log.read_on()
    assert (len(log), log.lines(0, 9), list(log.find(re.compile("x")))) == (0, [], [])
    path = tmp_path / "none.txt"
    path.write_bytes(b"one\n")
    assert log.read_on()
    path.unlink()
    assert log.lines(0, 1) == []


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b" 1 %\r 50 %\r100 %\n", "100 %"),
        (b"dos\r\n", "dos"),
        (b" 1 %\r 50 %\r", " 50 %"),
        (b"\x1b[31mred\x1b[0m\n", "red"),
        (b"\xff\xfe\n", "\ufffd\ufffd"),
        (b"\n", ""),
    ],
)
def test_a_line_is_what_a_terminal_would_end_up_with(tmp_path: Path, data: bytes, line: str) -> None:
    assert log_of(tmp_path / "log.txt", data).lines(0, 2) == [line]


def test_of_an_endless_line_the_end_of_its_progress_or_its_start_is_read(tmp_path: Path) -> None:
    progress = b"".join(b"%d of 100000\r" % number for number in range(100_000))
    log = log_of(tmp_path / "log.txt", progress + b"\n" + b"y" * 5_000_000 + b"\nend\n")
    bar, long, end = log.lines(0, 3)
    assert bar == "99999 of 100000"
    assert long == "y" * LINE_BYTES + "…"
    assert end == "end"


def test_the_whole_log_is_searched_as_it_is_shown(tmp_path: Path) -> None:
    lines = [b"loss 1.9"] * 10_000
    lines[3], lines[9_876] = b"an ERROR here", b"error 50 %\rdone"
    lines[9_999] = b"um erro: Error"
    log = log_of(tmp_path / "log.txt", b"\n".join(lines))
    assert list(log.find(re.compile("error", re.IGNORECASE))) == [3, 9_999]  # that of 9,876 was written over
    assert list(log.find(re.compile("error", re.IGNORECASE), 4)) == [9_999]
    assert list(log.find(re.compile("loss"), 0, lambda: True)) == []


class _Window(App[None]):
    def compose(self) -> ComposeResult:
        yield LogPane(id="log")

    @property
    def pane(self) -> LogPane:
        return self.query_one("#log", LogPane)

    def rows(self) -> list[str]:
        return [self.pane.render_line(y).text.strip() for y in range(self.pane.size.height)]


async def test_the_end_is_followed_until_somebody_scrolls_up(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    log = log_of(path, b"".join(b"line %d\n" % number for number in range(100)))
    app = _Window()
    async with app.run_test(size=(40, 10)):
        app.pane.show_log(log)
        assert app.rows() == [f"line {number}" for number in range(90, 100)]
        app.pane.scroll_by(1)  # there is nothing below
        assert app.pane.following
        app.pane.scroll_by(-2)
        assert app.rows()[-1] == "line 97"
        with path.open("ab") as file:
            file.write(b"line 100\nline 101")
        log.read_on()
        app.pane.grew()
        assert app.rows()[-1] == "line 97"
        assert app.pane.unread == 2
        app.pane.follow()
        assert app.rows()[-1] == "line 101"
        assert app.pane.unread == 0
        with path.open("ab") as file:
            file.write(b"5\nline 102\n")
        log.read_on()
        app.pane.grew()
        assert app.rows()[-2:] == ["line 1015", "line 102"]  # the unfinished line is read again


async def test_scrolling_goes_through_wrapped_lines_and_stops_at_both_ends(tmp_path: Path) -> None:
    chance = random.Random(3)
    texts = [" ".join(f"w{number}" for _ in range(chance.randrange(1, 40))) for number in range(60)]
    app = _Window()
    async with app.run_test(size=(30, 8)):
        app.pane.show_log(log_of(tmp_path / "log.txt", "\n".join(texts).encode()))
        end = app.rows()
        forth = [end]
        app.pane.scroll_by(-1)
        while app.rows() != forth[-1]:
            assert app.rows()[1:] == forth[-1][:-1]
            forth.append(app.rows())
            app.pane.scroll_by(-1)
        assert len(forth) > 100
        assert forth[-1][0].startswith("w0")
        app.pane.scroll_page(-1)
        assert app.rows() == forth[-1]
        for expected in reversed(forth):
            assert app.rows() == expected
            app.pane.scroll_by(1)
        app.pane.scroll_page(5)
        assert app.rows() == end
        app.pane.go_to(30)
        assert app.rows()[8 // 3].split()[0] == "w30"


async def test_nothing_in_a_log_is_obeyed(tmp_path: Path) -> None:
    app = _Window()
    async with app.run_test(size=(40, 10)):
        app.pane.show_log(log_of(tmp_path / "log.txt", f"{HOSTILE}\n".replace("\r", "").encode() * 5))
        app.pane.go_to(0)
        app.pane.mark(re.compile("INST"))
        for row in app.rows():
            assert obeyed(row) == []
        assert "[/INST] [bold]no[/] list[int]" in " ".join(app.rows())


async def test_only_what_changed_is_painted_again(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    log = log_of(path, b"one\ntwo\n")
    app = _Window()
    async with app.run_test(size=(40, 10)) as pilot:
        app.pane.show_log(log)
        await pilot.pause()
        painted: list[int] = []
        render = app.pane.render_line
        app.pane.render_line = lambda y: (painted.append(y), render(y))[1]  # type: ignore[method-assign, func-returns-value]
        app.pane.grew()
        await pilot.pause()
        assert painted == []
        with path.open("ab") as file:
            file.write(b"three\n")
        log.read_on()
        app.pane.grew()
        await pilot.pause()
        assert set(painted) == {2}
