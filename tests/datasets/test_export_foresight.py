"""Promises about what is told before an export: exactly what would be written, and nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest
from conversations import Fill, asked

from molting_tui.curation.triage import Desk
from molting_tui.datasets.export.export import export, foresee
from molting_tui.datasets.export.formats import FORMATS
from molting_tui.errors import BadInput, Refused
from molting_tui.workspace import Workspace

TOOLS = [
    ("user", "horas?"),
    ("call", "clock"),
    ("tool", "10:00"),
    ("assistant", "Dez."),
    ("user", "e?"),
    ("assistant", "É tarde."),
]
UNEVEN = [("user", "oi"), ("user", "olá?"), ("assistant", "Olá."), ("user", "quem?"), ("assistant", "Sou o Cláudio.")]
TOKEN = "O token é ghp_FAKEfakeFAKE0123456789abcdefFAKEfake, guarda bem, não o mostre a ninguém."


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_foreseen_is_what_is_written_then(
    workspace: Workspace, keep: Fill, tmp_path: Path, format: str
) -> None:
    keep(workspace, [asked(1), asked(2), TOOLS, UNEVEN])
    keep(workspace, [asked(3)], decide="drop")
    foreseen = foresee(workspace, format)
    target = tmp_path / ("out.parquet" if format == "parquet" else "out.json")
    assert list(tmp_path.glob("out*")) == []
    report = export(workspace, target, format=format)
    assert (foreseen.matching, foreseen.kept) == (5, 4)
    assert (foreseen.pairs, foreseen.left_out, foreseen.warnings) == (report.pairs, report.left_out, report.warnings)
    assert foreseen.pairs + sum(left.count for left in foreseen.left_out) == 4


def test_a_secret_is_refused_before_as_it_would_be_then(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [asked(1), asked(2, TOKEN)])
    with pytest.raises(Refused, match="1 kept pair holds a secret"):
        foresee(workspace, "sharegpt")
    assert foresee(workspace, "sharegpt", mask=True).masked == 1


def test_of_the_starred_only_the_kept_are_counted(workspace: Workspace, keep: Fill) -> None:
    first, _ = keep(workspace, [asked(1), asked(2)])
    (third,) = keep(workspace, [asked(3)], decide="open")
    desk = Desk(workspace)
    for number in (first, third):
        desk.star(desk.pair(number))
    foreseen = foresee(workspace, "sharegpt", where="is:starred")
    assert (foreseen.matching, foreseen.kept, foreseen.pairs) == (2, 1, 1)
    with pytest.raises(BadInput, match="none of the 2 kept pairs matches the filter"):
        foresee(workspace, "sharegpt", where=f"id:{third}")
