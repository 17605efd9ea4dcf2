"""The README knows every command."""

from __future__ import annotations

import pytest
from cli_workspaces import ROOT
from test_cli_help import EVERY


@pytest.mark.parametrize("path", [path for path in EVERY if path], ids=" ".join)
def test_every_command_stands_in_the_readme(path: tuple[str, ...]) -> None:
    assert " ".join(("molting", *path)) in (ROOT / "README.md").read_text("utf-8")
