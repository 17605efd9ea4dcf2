"""Import against a bare loop that parses each line of the same files.

Each measurement is a process of its own, so that its peak memory is its own; time is taken inside it, around the
work, without starting Python. What molting loads on the way (rules, the language identifier) is counted.

    python -m tests.bench.importing loop FOLDER
    python -m tests.bench.importing make WORKSPACE
    python -m tests.bench.importing import FOLDER WORKSPACE
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.corpus import ROOT, build, sample_folder
from tests.bench.figures import Figure, median, spread

MEGABYTE = 1_000_000


def figures(size: int, repeat: int, say: Callable[[str], None]) -> list[Figure]:
    """Import `size` bytes of replicated logs, `repeat` times, each time beside the loop."""
    with tempfile.TemporaryDirectory(prefix="molting-bench-") as folder:
        home = Path(folder)
        made = build(sample_folder(), home / "corpus", size)
        say(f"corpus: {made.size / MEGABYTE:.0f} MB in {made.files} files, the samples {made.replicas} times over")
        runs = [_once(home, number, say) for number in range(repeat)]
    ratios = [first["seconds"] / loop["seconds"] for loop, first, _ in runs]
    again = [second["seconds"] / loop["seconds"] for loop, _, second in runs]
    peaks = [first["peak_mib"] for _, first, _ in runs]
    loops = [loop["seconds"] for loop, _, _ in runs]
    return [
        Figure("orjson line loop", median(loops), "s", None, spread(loops)),
        Figure("import / loop", median(ratios), "x", 3.0, spread(ratios)),
        Figure("import, peak memory", median(peaks), "MiB", 200, spread(peaks)),
        Figure("import again, unchanged / loop", median(again), "x", 0.1, spread(again)),
    ]


def _once(home: Path, number: int, say: Callable[[str], None]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    corpus, workspace = str(home / "corpus"), home / f"workspace-{number}"
    loop = _process("loop", corpus)
    _process("make", str(workspace))
    first = _process("import", corpus, str(workspace))
    second = _process("import", corpus, str(workspace))
    shutil.rmtree(workspace)
    times = f"loop {loop['seconds']:.2f} s, import {first['seconds']:.2f} s, again {second['seconds']:.3f} s"
    say(f"{times}; {first['report']}")
    if second["report"]["pairs_new"]:
        raise AssertionError("importing again added pairs, so its time means nothing")
    return loop, first, second


def _process(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.importing", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr}")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _loop(folder: Path) -> dict[str, Any]:
    import orjson

    started = time.perf_counter()
    records = 0
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            with open(os.path.join(parent, name), "rb") as file:
                for line in file:
                    try:
                        orjson.loads(line)
                    except orjson.JSONDecodeError:
                        continue
                    records += 1
    return {"seconds": time.perf_counter() - started, "report": {"records": records}}


def _import(folder: Path, workspace: Path) -> dict[str, Any]:
    from molting_tui.curation.importing import import_paths
    from molting_tui.workspace import open_workspace

    opened = open_workspace(workspace)
    started = time.perf_counter()
    report = import_paths(opened, [folder])
    seconds = time.perf_counter() - started
    opened.close()
    counts = {name: getattr(report, name) for name in ("files", "records", "turns", "pairs_new", "pairs_known")}
    return {"seconds": seconds, "report": counts}


def _make(workspace: Path) -> dict[str, Any]:
    # In a process of its own, as `molting init` is: migrating loads sqlite_utils, which loads pandas if it is there.
    from molting_tui.workspace import make

    make(workspace).close()
    return {}


def peak_mib() -> float:
    """The most memory this process held, in MiB."""
    try:
        # ru_maxrss begins with what the parent had when it forked; the kernel's high-water mark is this program's own.
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _main(arguments: list[str]) -> None:
    work, *paths = arguments
    measured = {"loop": _loop, "make": _make, "import": _import}[work](*map(Path, paths))
    print(json.dumps({**measured, "peak_mib": peak_mib()}))


if __name__ == "__main__":
    _main(sys.argv[1:])
