"""CONTRIBUTING.md is true: what it names is there, and it gives a reason for every import contract."""

from __future__ import annotations

import re
import tomllib

from cli_workspaces import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:molting_tui|training|rubrics|tests)/[\w/.-]*)`", TEXT))
    assert len(named) > 30
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_room_stands_in_the_map() -> None:
    rooms = {path.name for path in (ROOT / "molting_tui").iterdir() if (path / "__init__.py").is_file()}
    assert [room for room in sorted(rooms) if f"| `molting_tui/{room}/` |" not in TEXT] == []


def test_every_import_contract_has_its_reason() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]
    assert [name for name in names if not re.search(rf"^\| {re.escape(name)} \| \S", TEXT, re.MULTILINE)] == []
