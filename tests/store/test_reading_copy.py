"""Promises about a workspace that can only be read: everything in it is shown, and nothing of it is touched."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation.triage import Desk
from molting_tui.errors import Refused
from molting_tui.store.reading_copy import PREFIX, ReadingCopy
from molting_tui.workspace import Workspace
from tests.conftest import only_reading
from tests.store.test_written_databases import unpacked


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@contextlib.contextmanager
def opened_to_read(folder: Path) -> Iterator[Workspace]:
    with only_reading(folder):
        opened = workspaces.open_workspace(folder)
        try:
            yield opened
        finally:
            opened.close()


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_stands_in_the_log_only_is_read_too(three: Desk, workspace: Workspace) -> None:
    three.decide(three.pair(1), "keep")
    before = contents(workspace.folder)
    assert len(before[workspace.folder / "molting.db-wal"]) > 0
    with opened_to_read(workspace.folder) as reading:
        assert Desk(reading).pair(1).state.value == "keep"
        assert Desk(reading).counts().total == 3
    assert contents(workspace.folder) == before


def test_nothing_can_be_decided_and_a_sentence_says_why(three: Desk, workspace: Workspace) -> None:
    with opened_to_read(workspace.folder) as reading:
        desk = Desk(reading)
        with pytest.raises(Refused, match=r"molting\.db: this workspace can only be read, so nothing was stored"):
            desk.decide(desk.pair(1), "keep")
        assert desk.pair(1).state.value == "open"


def test_the_copy_is_private_and_gone_at_the_end(three: Desk, workspace: Workspace, scratch: Path) -> None:
    with opened_to_read(workspace.folder) as reading:
        (copy,) = scratch.iterdir()
        assert reading.store.path.parent == copy
        assert copy.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in copy.iterdir())
    assert list(scratch.iterdir()) == []


def test_what_a_killed_reader_has_left_is_removed_by_the_next(three: Desk, workspace: Workspace, scratch: Path) -> None:
    left, young, others = (scratch / f"{PREFIX}{name}" for name in ("left", "young", "others"))
    for folder in (left, young):
        folder.mkdir(mode=0o700)
        (folder / "lock").touch()
        (folder / "molting.db").write_bytes(b"private")
    outside = scratch.parent / "outside"
    outside.mkdir()
    (outside / "lock").touch()
    others.symlink_to(outside)
    for folder in (left, outside):
        os.utime(folder, (1, 1))
    copy = ReadingCopy(workspace.store.path)
    assert not left.exists()
    assert (young / "molting.db").exists()
    assert (outside / "lock").exists()
    os.utime(copy.path.parent, (1, 1))
    ReadingCopy(workspace.store.path).close()
    assert copy.path.exists()  # in use
    copy.close()


def test_an_older_schema_is_brought_up_to_date_in_the_copy_only(tmp_path: Path) -> None:
    old = unpacked(2, tmp_path)
    before = contents(old)
    with opened_to_read(old) as reading:
        assert Desk(reading).counts().total > 0
    assert contents(old) == before


def test_a_copy_that_a_checkpoint_comes_between_is_made_again(
    three: Desk, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from molting_tui.store import reading_copy

    copies: list[Path] = []
    copy_file = reading_copy._copy

    def copied(source: Path, target: Path) -> None:
        copies.append(source)
        copy_file(source, target)
        if len(copies) == 1:  # the log goes into the database and begins anew, with one more decision
            workspace.store.rows("pragma wal_checkpoint(truncate)")
            three.decide(three.pair(2), "drop")

    monkeypatch.setattr(reading_copy, "_copy", copied)
    three.decide(three.pair(1), "keep")
    with opened_to_read(workspace.folder) as reading:
        states = [Desk(reading).pair(number).state.value for number in (1, 2, 3)]
    assert states == ["keep", "drop", "open"]
    assert len(copies) == 4
