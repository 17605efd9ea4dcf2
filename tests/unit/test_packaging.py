"""A wheel installed outside the checkout works, and carries everything it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


# The demo to its last step, but with an epoch of training in place of 48, and answers of a few words.
DEMO = """
import sys
from importlib import import_module

from molting_tui.cli import main

demo = import_module("molting_tui.cli.demo")
SHORTER = {"train": ("--epochs", "1"), "answer": ("--max-new-tokens", "4")}
whole = demo.model_steps
demo.model_steps = lambda data: [step._replace(words=step.words + SHORTER.get(step.words[0], ()))
                                 for step in whole(data)]
sys.argv = ["molting", "demo"]
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout by the build backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
    ]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True, timeout=300)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_rules_samples_and_styles(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("shipped/rubrics/curation/agent-speech.yaml", "shipped/data/README.md", "ui/styles.tcss"):
        assert f"molting_tui/{needed}" in names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


@pytest.mark.usefixtures("tiny_base")
def test_a_wheel_outside_the_checkout_runs_the_whole_demo(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    # -P and the folder first on the path: the checkout (installed in editable form) must not be what runs.
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    where = subprocess.run(
        [sys.executable, "-c", "import molting_tui; print(molting_tui.__file__)"],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=True,
    )  # fmt: skip
    assert where.stdout.strip().startswith(str(installed))
    done = subprocess.run(
        [sys.executable, "-c", DEMO],
        capture_output=True, text=True, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "molting export" in done.stdout
    assert "molting train --base tiny --watch --epochs 1" in done.stdout
    assert "molting score" in done.stdout
