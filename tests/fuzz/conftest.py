"""A folder for what is fuzzed: one for all examples of a test, since each writes its file anew."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def fuzz_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one test module."""
    return tmp_path_factory.mktemp("fuzz") / "project"


@pytest.fixture(scope="module", autouse=True)
def _made(fuzz_folder: Path) -> None:
    fuzz_folder.mkdir()
