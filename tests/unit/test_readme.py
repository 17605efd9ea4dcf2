"""The README is true: its key table is the keymap, its filter table is the language."""

from __future__ import annotations

from pathlib import Path

import pytest

from molting_tui.records.filters import FIELDS
from molting_tui.ui import keymap

README = Path(__file__).resolve().parents[2] / "README.md"


def key_table(screen: str, *, everywhere: bool) -> str:
    """The README's key table of a screen, made from the keymap; with the keys that work everywhere or without."""
    rows = ["| key | action | id |", "|---|---|---|"]
    for action in keymap.actions(screen):
        if action.screen == keymap.EVERYWHERE and not everywhere:
            continue
        keys = " ".join(f"`{keymap.key_name(key)}`" for key in action.keys.split(","))
        rows.append(f"| {keys} | {action.meaning} | {action.id} |")
    return "\n".join(rows)


def filter_table() -> str:
    """The README's filter table, made from the fields."""
    rows = (f"| `{field.example}` | {field.explanation} |" for field in FIELDS)
    return "\n".join(("| term | means |", "|---|---|", *rows))


@pytest.mark.parametrize(
    ("screen", "everywhere"),
    [
        (keymap.TRIAGE, True),
        (keymap.DATASETS, False),
        (keymap.TRAIN, False),
        (keymap.SCORE, False),
        (keymap.BATTLE, False),
        (keymap.QUESTIONS, False),
    ],
)
def test_the_key_tables_are_the_keymap(screen: str, everywhere: bool) -> None:
    table = key_table(screen, everywhere=everywhere)
    assert table in README.read_text("utf-8"), f"The key table should be:\n{table}"


def test_the_filter_table_is_the_language() -> None:
    assert filter_table() in README.read_text("utf-8"), f"The filter table should be:\n{filter_table()}"
