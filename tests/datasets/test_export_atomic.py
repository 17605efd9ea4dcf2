"""The old file stays until the new one is whole: kills, full disks and cancelling, each of them real."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from conversations import Fill, Python, asked

from molting_tui.datasets.export.destination import WouldReplace
from molting_tui.datasets.export.export import export
from molting_tui.datasets.export.manifest import fits
from molting_tui.datasets.export.writing import Part, sweep
from molting_tui.errors import BadInput, Cancelled
from molting_tui.records.progress import Progress
from molting_tui.workspace import Workspace

OLD = b"what was there before"
EXPORT = """
import os, resource, signal, sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.datasets.export.export import export
from molting_tui.errors import Cancelled, MoltingError

folder, target, kind, when = sys.argv[1:]

def report(progress):
    if progress.done == 7:
        if when == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if when == "cancel":
            raise Cancelled()

renamed = []

def before_system_call(event, arguments):
    if event == "os.rename":
        renamed.append(arguments)
        if when == "kill-between" and len(renamed) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(before_system_call)
if when == "small":
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    export(workspace.open_workspace(Path(folder)), Path(target), format=kind, replace=True, report=report)
except MoltingError as error:
    print(error.sentence())
"""
FORMATS = (("sharegpt", "out.json"), ("messages", "out.jsonl"), ("parquet", "out.parquet"))
each_format = pytest.mark.parametrize(("kind", "name"), FORMATS)


@pytest.fixture
def filled(workspace: Workspace, keep: Fill) -> Workspace:
    """20 kept pairs of about 20,000 characters that don't compress."""
    keep(workspace, [asked(number, f"{number} " + os.urandom(10_000).hex()) for number in range(20)])
    return workspace


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def needs(kind: str) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="Parquet files need pyarrow")


@each_format
def test_a_kill_in_the_middle_leaves_the_old_file(
    filled: Workspace, place: Path, python: Python, kind: str, name: str
) -> None:
    needs(kind)
    (place / name).write_bytes(OLD)
    done = python(EXPORT, filled.folder, place / name, kind, "kill")
    assert done.returncode == -signal.SIGKILL
    assert (place / name).read_bytes() == OLD
    left_behind = [found for found in names(place) if found != name]
    assert len(left_behind) == 2  # the parts of the file and of its manifest
    assert all(found.startswith(".molting-export-") for found in left_behind)


def test_the_next_export_clears_away_what_a_kill_left_and_nothing_else(
    filled: Workspace, place: Path, python: Python
) -> None:
    python(EXPORT, filled.folder, place / "out.json", "sharegpt", "kill")
    killed = set(names(place))
    assert len(killed) == 2
    theirs = {
        "notes.part": "a file with another name",
        ".molting-export-": "not quite our name",
        ".molting-export-12345678.part.txt": "not quite our name",
        ".molting-export-LONGNAME.part": "not quite our name",
    }
    for name, text in theirs.items():
        (place / name).write_text(text)
    (place / ".molting-export-a_folder.part").mkdir()
    (place / ".molting-export-a_linked.part").symlink_to(place / "notes.part")
    (place / ".molting-export-dangling.part").symlink_to(place / "nothing")
    os.mkfifo(place / ".molting-export-the_pipe.part")
    before = set(names(place)) - killed
    report = export(filled, place / "out.json", format="sharegpt")
    assert set(names(place)) == before | {"out.json", "out.json.manifest.json"}
    assert {name: (place / name).read_text() for name in theirs} == theirs
    assert report.pairs == 20


def test_a_part_of_an_export_that_still_runs_is_not_cleared_away(place: Path) -> None:
    with Part(place / "out.json") as part:
        part.write(b"[")
        assert sweep(place) == 0
        assert len(names(place)) == 1
        part.finish()
        part.take_place()
    assert (place / "out.json").read_bytes() == b"["


def test_two_exports_to_one_place_leave_one_of_them_whole(filled: Workspace, place: Path) -> None:
    inner: list[str] = []

    def report(progress: Progress) -> None:
        if progress.done == 7 and not inner:
            inner.append(export(filled, place / "out.json", format="messages").digest)

    outer = export(filled, place / "out.json", format="sharegpt", replace=True, report=report)
    assert outer.digest != inner[0]
    assert fits(place / "out.json")
    assert names(place) == ["out.json", "out.json.manifest.json"]


def test_a_kill_between_the_file_and_its_manifest_can_be_noticed(
    filled: Workspace, place: Path, python: Python
) -> None:
    old = export(filled, place / "out.json", format="sharegpt", where="id:1,2")
    assert fits(old.path)
    done = python(EXPORT, filled.folder, place / "out.json", "sharegpt", "kill-between")
    assert done.returncode == -signal.SIGKILL
    assert not fits(old.path)
    with pytest.raises(WouldReplace, match="isn't any more what was exported"):
        export(filled, place / "out.json", format="sharegpt")
    new = export(filled, place / "out.json", format="sharegpt", replace=True)
    assert fits(new.path)
    assert names(place) == ["out.json", "out.json.manifest.json"]


def test_a_manifest_that_is_none_fits_no_file(filled: Workspace, place: Path) -> None:
    report = export(filled, place / "out.json", format="sharegpt")
    for broken in (b"", b"[]", b"{}", b'{"file": 1}'):
        report.manifest.write_bytes(broken)
        assert not fits(report.path)


@each_format
def test_a_file_that_may_not_grow_is_a_sentence_and_leaves_the_old_one(
    filled: Workspace, place: Path, python: Python, kind: str, name: str
) -> None:
    needs(kind)
    (place / name).write_bytes(OLD)
    done = python(EXPORT, filled.folder, place / name, kind, "small")
    assert f"{name}: the file would be larger than this session may write." in done.stdout
    assert done.stderr == ""
    assert (place / name).read_bytes() == OLD
    assert names(place) == [name]


@each_format
def test_a_full_disk_is_a_sentence_and_leaves_the_old_file(
    filled: Workspace, place: Path, python: Python, kind: str, name: str
) -> None:
    needs(kind)
    mounting = ("unshare", "--map-root-user", "--mount")
    attempt = (*mounting, "mount", "-t", "tmpfs", "none", str(place))
    if not shutil.which("unshare") or subprocess.run(attempt, capture_output=True, check=False).returncode:
        pytest.skip("a small disk to fill can't be mounted here")
    disk = """
import os, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", os.path.dirname(sys.argv[2])], check=True)
open(sys.argv[2], "wb").write(b"what was there before")
"""
    look = """
place, name = os.path.split(target)
print(open(target, "rb").read() == b"what was there before", os.listdir(place) == [name])
"""
    done = python(disk + EXPORT + look, filled.folder, place / name, kind, "full", before=mounting)
    assert (
        f"{name}: there is no space left on the disk. What was there before is untouched. Free some space"
        in done.stdout
    )
    assert done.stdout.endswith("True True\n")
    assert done.stderr == ""


@each_format
def test_cancelling_leaves_the_old_file_and_no_trace(
    filled: Workspace, place: Path, python: Python, kind: str, name: str
) -> None:
    needs(kind)
    (place / name).write_bytes(OLD)
    done = python(EXPORT, filled.folder, place / name, kind, "cancel")
    assert (done.stdout, done.stderr) == ("Cancelled.\n", "")
    assert (place / name).read_bytes() == OLD
    assert names(place) == [name]


@pytest.mark.parametrize("done", [1, 20])
def test_an_export_may_be_cancelled_up_to_its_last_pair(filled: Workspace, place: Path, done: int) -> None:
    def report(progress: Progress) -> None:
        if progress.done == done:
            raise Cancelled

    with pytest.raises(Cancelled):
        export(filled, place / "out.json", format="sharegpt", replace=True, report=report)
    assert names(place) == []


def test_an_interrupt_leaves_no_trace(filled: Workspace, place: Path) -> None:
    def report(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(filled, place / "out.json", format="sharegpt", replace=True, report=report)
    assert names(place) == []


def test_a_file_that_cannot_take_its_name_changes_nothing(filled: Workspace, place: Path) -> None:
    def report(progress: Progress) -> None:
        if progress.done == 1:
            (place / "out.json").mkdir()

    with pytest.raises(BadInput, match="can't be written: Is a directory"):
        export(filled, place / "out.json", format="sharegpt", replace=True, report=report)
    assert names(place) == ["out.json"]


def test_data_manifest_and_folder_are_on_the_disk_when_the_export_ends(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: dict[int, int] = {}
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        found = os.fstat(descriptor)
        synced[found.st_ino] = found.st_size
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    report = export(filled, tmp_path / "out.json", format="sharegpt")
    for path in (report.path, report.manifest):
        found = path.stat()
        assert synced.get(found.st_ino) == found.st_size > 0, path.name
    assert list(synced)[-1] == tmp_path.stat().st_ino, "the folder last: it holds both names"
