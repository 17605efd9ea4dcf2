"""A program on a real terminal: keys go in, bytes and a screen come out.

    with Terminal([sys.executable, "-m", "molting_tui", "-w", folder]) as terminal:
        terminal.wait_for("Home")
        terminal.send("F2", "j", "a")

Nothing here sleeps for a fixed time to let something happen: waiting is always for a condition on the screen, on the
bytes, for quiet, or for the end.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import pyte
from wcwidth import wcwidth

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60.0
"""Seconds that a condition may take before a test fails: far more than any needs, for slow machines."""

_NAMED_KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "space": " ",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pgup": "\x1b[5~",
    "pgdn": "\x1b[6~",
    "F1": "\x1bOP",
    "F2": "\x1bOQ",
    "F3": "\x1bOR",
    "F4": "\x1bOS",
    "F5": "\x1b[15~",
    "F6": "\x1b[17~",
    "F7": "\x1b[18~",
    "F8": "\x1b[19~",
    "F9": "\x1b[20~",
    "F10": "\x1b[21~",
    "F11": "\x1b[23~",
    "F12": "\x1b[24~",
}
# pyte takes these for others: `CSI > 1 u` would restore the cursor, `CSI > 4 ; 1 m` underline.
_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]")
_UNFINISHED = re.compile(rb"\x1b(\[[<>=?]?[0-9;]*)?\Z")


def key_bytes(key: str) -> bytes:
    """What an xterm sends for a key: a name (`pgdn`, `F2`, `ctrl+x`) or one character."""
    if key in _NAMED_KEYS:
        return _NAMED_KEYS[key].encode()
    if key.startswith("ctrl+") and len(key) == 6:
        return bytes((ord(key[-1].upper()) & 0x1F,))
    if len(key) != 1:
        raise ValueError(f"no key is called {key!r}")
    return key.encode()


class Burst(NamedTuple):
    """What some keys caused: bytes, and seconds from the first key sent to the last byte received."""

    bytes: int
    seconds: float


class Terminal:
    """A command on a pty of its own, as the leader of its session, with the pty as its controlling terminal.

    `environment` is added to a small one (no COLORTERM, a UTF-8 locale); a value of None takes a name out.
    """

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        columns: int = 120,
        lines: int = 40,
        term: str = "xterm-256color",
        environment: Mapping[str, str | None] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self._command = [os.fspath(part) for part in command]
        self._environment = _environment(term, environment or {})
        self._cwd = cwd
        self._size = (lines, columns)
        self._news = threading.Condition()
        self._output = bytearray()
        self._mark = 0
        self._last = 0.0
        self._ended = False
        self._fed = 0
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        self._master, slave = os.openpty()
        self._asleep, self._wake = os.pipe()
        self._tell_size()
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            self._command, stdin=slave, stdout=slave, stderr=slave, env=self._environment, cwd=self._cwd,
            start_new_session=True, preexec_fn=_take_terminal,
        )  # fmt: skip
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="pty-reader", daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                self.kill(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(5)
        self.close()

    # What goes in

    def send(self, *keys: str) -> None:
        """Press keys, each a name that `key_bytes` knows or one character."""
        self.write(b"".join(map(key_bytes, keys)))

    def type(self, text: str) -> None:
        """Type a text."""
        self.write(text.encode())

    def write(self, data: bytes) -> None:
        """Write bytes to the terminal, as a keyboard does."""
        while data:
            data = data[os.write(self._master, data) :]

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; the program hears of it (SIGWINCH)."""
        with self._news:
            self._feed()
            self._size = (lines, columns)
            self._screen.resize(lines, columns)
        self._tell_size()

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program and its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def close(self) -> None:
        """Drop the line: the terminal is gone, and the kernel sends SIGHUP to the program."""
        if self._master < 0:
            return
        # The reader waits on this descriptor: it stops first, lest it read from whoever gets the number next.
        os.write(self._wake, b".")
        self._reader.join()
        for descriptor in (self._master, self._asleep, self._wake):
            os.close(descriptor)
        self._master = -1

    # What comes out

    def mark(self) -> None:
        """Let `raw` begin here."""
        with self._news:
            self._mark = len(self._output)

    @property
    def raw(self) -> bytes:
        """Everything the program wrote since the last `mark`."""
        with self._news:
            return bytes(self._output[self._mark :])

    @property
    def bytes_received(self) -> int:
        """How many bytes the program wrote since it started."""
        with self._news:
            return len(self._output)

    @property
    def last_byte(self) -> float:
        """When the last byte came, by `time.perf_counter`."""
        with self._news:
            return self._last

    @property
    def screen(self) -> list[str]:
        """The lines of the screen, as a person sees them now."""
        with self._news:
            self._feed()
            return [self._line(number) for number in range(self._screen.lines)]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(line.rstrip() for line in self.screen)

    def find(self, text: str) -> tuple[int, int] | None:
        """Line and column (from 0) of the first place where the screen says this, or None."""
        for number, line in enumerate(self.screen):
            column = line.find(text)
            if column >= 0:
                return number, column
        return None

    def says(self, *texts: str) -> bool:
        """Whether each of the texts stands on a line of the screen."""
        shown = self.text
        return all(text in shown for text in texts)

    # Waiting

    def wait_until(self, condition: Callable[[Terminal], bool], what: str = "", timeout: float = TIMEOUT) -> None:
        """Wait until the condition holds; it is asked again whenever something was written.

        Raises AssertionError with the screen when it doesn't hold in time, or the program ends before.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while not condition(self):
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    why = "the program ended" if self._ended else f"{timeout:.0f} s passed"
                    raise AssertionError(f"{why} before {what or 'the condition held'}. The screen:\n{self.text}")
                self._news.wait(left)

    def wait_for(self, *texts: str, timeout: float = TIMEOUT) -> None:
        """Wait until the screen says each of the texts."""
        self.wait_until(lambda terminal: terminal.says(*texts), f"the screen said {texts}", timeout)

    def wait_gone(self, text: str, timeout: float = TIMEOUT) -> None:
        """Wait until the screen doesn't say the text any more."""
        self.wait_until(lambda terminal: not terminal.says(text), f"{text!r} went", timeout)

    def wait_quiet(self, quiet_ms: float = 150, timeout: float = TIMEOUT) -> None:
        """Wait until nothing was written for `quiet_ms` milliseconds."""
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                seen = len(self._output)
                self._news.wait(quiet_ms / 1000)
                if len(self._output) == seen:
                    return
                if time.monotonic() > deadline:
                    raise AssertionError(
                        f"the program wrote for {timeout:.0f} s without a pause. The screen:\n{self.text}"
                    )

    def read_until_quiet(self, quiet_ms: float = 150) -> bytes:
        """What the program writes from now on, until it writes nothing for `quiet_ms` milliseconds."""
        self.mark()
        self.wait_quiet(quiet_ms)
        return self.raw

    def burst(self, *keys: str, quiet_ms: float = 60) -> Burst:
        """Press keys and say what they cause: bytes, and the time to the last of them (without the quiet after it)."""
        before = self.bytes_received
        started = time.perf_counter()
        self.send(*keys)
        self.wait_until(lambda terminal: terminal.bytes_received > before, f"anything came of {keys}")
        self.wait_quiet(quiet_ms)
        return Burst(self.bytes_received - before, self.last_byte - started)

    def bytes_within(self, seconds: float) -> int:
        """How many bytes come within a time, or until the first does: to see that nothing is written."""
        before = self.bytes_received
        with self._news:
            self._news.wait_for(lambda: len(self._output) > before, seconds)
        return self.bytes_received - before

    def wait_exit(self, timeout: float = TIMEOUT) -> int:
        """Wait for the program's end and all it wrote; returns its exit code (minus the signal that killed it)."""
        code = self.process.wait(timeout)
        with self._news:
            self._news.wait_for(lambda: self._ended, timeout)
        return code

    # Inside

    def _tell_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", *self._size, 0, 0))

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._asleep], [], [])
            if self._asleep in ready:
                break
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # EIO: nobody holds the other end any more
                data = b""
            if not data:
                break
            with self._news:
                self._output += data
                self._last = time.perf_counter()
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _line(self, number: int) -> str:
        # The second cell of a wide character is empty; one whose first cell was overwritten is a blank.
        cells = self._screen.buffer[number]
        signs = [cells[column].data for column in range(self._screen.columns)]
        wide = [wcwidth(sign[:1] or " ") == 2 for sign in signs]
        return "".join(sign or ("" if column and wide[column - 1] else " ") for column, sign in enumerate(signs))

    def _feed(self) -> None:
        data = bytes(self._output[self._fed :])
        unfinished = _UNFINISHED.search(data)
        if unfinished:
            data = data[: unfinished.start()]
        self._fed += len(data)
        self._stream.feed(_NOT_FOR_PYTE.sub(b"", data))


def _take_terminal() -> None:
    # Standard input is the pty; a session leader gets it as its controlling terminal, so that SIGHUP and SIGWINCH come.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored, and dropping the line do nothing


def _environment(term: str, more: Mapping[str, str | None]) -> dict[str, str]:
    kept = (
        "PATH", "HOME", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "USER", "LOGNAME", "MOLTING_CACHE", "OMP_NUM_THREADS"
    )  # fmt: skip
    base: dict[str, str | None] = {name: os.environ.get(name) for name in kept}
    base |= {"LANG": "C.UTF-8", "TERM": term, **more}
    return {name: value for name, value in base.items() if value is not None}
