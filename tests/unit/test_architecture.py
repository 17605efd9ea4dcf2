"""Promises about what is loaded: only a process of its own can tell, by what it finds in `sys.modules`."""

from __future__ import annotations

import pytest

from tests.conftest import Start, finished

HEAVY = ("textual", "sqlite_utils", "numpy", "ftfy", "py3langid", "pandas", "torch", "scipy", "pyarrow", "transformers")
LOOK = "import sys; print(sorted(name for name in {heavy!r} if name in sys.modules))"


@pytest.mark.parametrize(
    "module",
    [
        "molting_tui",
        "molting_tui.errors",
        "molting_tui.text",
        "molting_tui.records.pairs",
        "molting_tui.sources",
        "molting_tui.store.connection",
        "molting_tui.store.pairs",
        "molting_tui.workspace",
        "training.endpoint",
        "molting_tui.curation.filters",
        "molting_tui.curation.importing",
        "molting_tui.curation.triage",
    ],
)
def test_importing_a_module_of_the_core_loads_nothing_heavy(module: str, start: Start) -> None:
    assert finished(start(f"import {module}\n{LOOK.format(heavy=HEAVY)}")).strip() == "[]"


def test_importing_molting_loads_nothing_of_its_own(start: Start) -> None:
    code = "import molting_tui, sys; print(sorted(name for name in sys.modules if name.startswith('molting_tui')))"
    assert finished(start(code)).strip() == "['molting_tui']"


def test_the_first_frame_waits_for_no_room_but_its_own(start: Start) -> None:
    code = (
        "import molting_tui.cli, molting_tui.ui.app, sys\n"
        "print(*sorted({name.split('.')[1] for name in sys.modules if name.startswith('molting_tui.')}))"
    )
    assert finished(start(code)).split() == [
        "cli",
        "errors",
        "records",
        "regular_files",
        "store",
        "text",
        "ui",
        "workspace",
    ]


def test_statistics_load_scipy_only_when_a_figure_is_asked_for(start: Start) -> None:
    code = (
        "import sys, molting_tui.cli, molting_tui.cli.compare, molting_tui.cli.results, molting_tui.ui.app\n"
        "import molting_tui.ui.results.results, molting_tui.ui.results.result_lines\n"
        "import molting_tui.evaluation.results.comparison\n"
        "print(sorted(name for name in ('scipy', 'numpy') if name in sys.modules))"
    )
    assert finished(start(code)).strip() == "[]"


USE = """
import sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.curation.triage import Desk
desk = Desk(workspace.open_workspace(Path(sys.argv[1])))
pair = desk.pair(desk.matching("state:open question")[0])
desk.lines([1, 2, 3])
desk.decide(pair, "keep")
desk.rewrite(pair, response="Nova resposta.")
desk.undo()
desk.counts()
"""


def test_triage_needs_nothing_heavy(three: object, start: Start, tmp_path: object) -> None:
    said = finished(start(USE + LOOK.format(heavy=HEAVY), f"{tmp_path}/ws"))
    assert said.strip() == "[]"
