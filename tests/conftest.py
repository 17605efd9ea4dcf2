"""Small real workspaces, session logs and chat files, and Python in a process of its own."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import functools
import importlib.util
import json
import os
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.runs.environment import is_credential
from molting_tui.workspace import DATABASE_FILE, Workspace

# A machine under load is no reason to fail; `make fuzz` looks at many more examples than `make test`.
settings.register_profile("quick", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", deadline=None, max_examples=3_000, suppress_health_check=list(HealthCheck))
settings.load_profile("quick")
ROOT = Path(__file__).resolve().parent.parent
FILLER = "It is long enough to be an answer, and says no more than that."
Start = Callable[..., "subprocess.Popen[str]"]


class Asked(NamedTuple):
    """One turn of a session: the prompt record's uuid, the prompt, and texts and tools (None) in their order."""

    uuid: str
    prompt: str
    steps: tuple[str | None, ...]


def asked(number: int, *steps: str | None) -> Asked:
    """A turn unlike those of other numbers; without steps it gets one long enough answer."""
    return Asked(
        f"uuid-{number}", f"Question number {number}, please?", steps or (f"Answer number {number}. {FILLER}",)
    )


def write_session(path: Path, *turns: Asked, model: str = "opus", time: str = "2026-02-03T14:22:00.000Z") -> Path:
    """Write a Claude Code session log; the parent folder is its project."""
    records: list[dict[str, Any]] = []
    for turn in turns:
        said = {"role": "user", "content": turn.prompt}
        records.append({"type": "user", "uuid": turn.uuid, "sessionId": path.stem, "timestamp": time, "message": said})
        for place, step in enumerate(turn.steps):
            block = (
                {"type": "tool_use", "id": "t", "name": "Bash", "input": {}}
                if step is None
                else {"type": "text", "text": step}
            )
            message = {"role": "assistant", "model": model, "content": [block]}
            records.append({"type": "assistant", "uuid": f"{turn.uuid}-{place}", "timestamp": time, "message": message})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def write_chats(path: Path, *pairs: tuple[str, str]) -> Path:
    """Write a file of conversations of one prompt and one answer (ShareGPT)."""
    items = [
        {"conversations": [{"from": "human", "value": prompt}, {"from": "gpt", "value": answer}]}
        for prompt, answer in pairs
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(items), "utf-8")
    return path


@functools.cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        workspaces.make(Path(folder) / "ws").close()
        return (Path(folder) / "ws" / DATABASE_FILE).read_bytes()


def new_workspace(folder: Path, *, name: str = "", user: str = "", system_prompt: str = "") -> Workspace:
    """What `workspaces.make` makes, in a tenth of the time: the empty database, the same each time, is made once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = folder / DATABASE_FILE
    database.touch(mode=0o600)
    database.write_bytes(_empty_database())
    return workspaces.make(folder, name=name, user=user, system_prompt=system_prompt)


def needs(*modules: str) -> pytest.MarkDecorator:
    """Skips what needs a module that isn't installed. Nothing is loaded for it, unlike `importorskip`: torch takes
    seconds, and each of the tests' processes would load it though it runs none of those tests."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)} (the extra `train`)")


def pytest_configure() -> None:
    """A core a process, since tests run beside each other; and one folder for made bases, which outlives the run."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("MOLTING_CACHE", str(ROOT / ".pytest_cache" / "molting"))


def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: twice as many as there are cores, since a test at a screen or a terminal mostly waits."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 2 * cores


@pytest.fixture(scope="session")
def tiny_base() -> Path:
    """The folder of the tiny base. It takes half a minute to make, once: the others wait for whoever is first."""
    pytest.importorskip("torch")
    from training import tiny_model

    tiny_model.cache_folder().mkdir(parents=True, exist_ok=True)
    with (tiny_model.cache_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return tiny_model.tiny_base()


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests has a workspace, a name and keys of their own; none is for the tests."""
    for name in [name for name, value in os.environ.items() if is_credential(name, value)]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("MOLTING_WORKSPACE", raising=False)
    monkeypatch.setenv("MOLTING_ACTOR", "ana")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    made = new_workspace(tmp_path / "ws", name="Cláudio", user="João")
    yield made
    made.close()


@contextlib.contextmanager
def only_reading(folder: Path) -> Iterator[None]:
    """Nothing in `folder` can be written meanwhile, not even by root."""
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(0o500 if stat.S_ISDIR(mode) else 0o400)
    try:
        with _bound_by_modes():
            yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextlib.contextmanager
def _bound_by_modes() -> Iterator[None]:
    """Root lays down the capabilities by which the modes of files don't bind it (in this thread and its children)."""
    if os.geteuid() != 0 or sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("=Ii", 0x20080522, 0)
    held = ctypes.create_string_buffer(24)
    assert libc.capget(header, held) == 0
    words = list(struct.unpack("=6I", held.raw))
    words[0] &= ~0b1110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, of what is in effect
    assert libc.capset(header, struct.pack("=6I", *words)) == 0
    try:
        yield
    finally:
        assert libc.capset(header, held) == 0


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    """A desk on the empty workspace."""
    return Desk(workspace)


@pytest.fixture
def three(workspace: Workspace, tmp_path: Path) -> Desk:
    """A desk on three open pairs, numbered 1 to 3."""
    import_paths(workspace, [write_session(tmp_path / "logs" / "crm" / "s1.jsonl", asked(1), asked(2), asked(3))])
    return Desk(workspace)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Python code in a process of its own, with molting importable; what is left of it at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def finished(process: subprocess.Popen[str]) -> str:
    """What a process printed; it must have ended well."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out
