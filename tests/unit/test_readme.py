"""The README is true: its key table is the keymap, its filter table is the language."""

from __future__ import annotations

from pathlib import Path

from molting_tui.curation.filters import FIELDS
from molting_tui.ui import keymap

README = Path(__file__).resolve().parents[2] / "README.md"


def key_table() -> str:
    """The README's key table, made from the keymap."""
    rows = ["| key | action | id |", "|---|---|---|"]
    for action in keymap.actions(keymap.TRIAGE):
        keys = " ".join(f"`{keymap.key_name(key)}`" for key in action.keys.split(","))
        rows.append(f"| {keys} | {action.meaning} | {action.id} |")
    return "\n".join(rows)


def filter_table() -> str:
    """The README's filter table, made from the language's own help."""
    rows = []
    for field in FIELDS:
        values = f": {', '.join(field.values)}" if field.values else ""
        rows.append(f"| `{field.example}` | {field.meaning}{values} |")
    return "\n".join(rows)


def test_the_key_table_is_the_keymap() -> None:
    assert key_table() in README.read_text("utf-8"), f"The key table should be:\n{key_table()}"


def test_the_filter_table_is_the_language() -> None:
    assert filter_table() in README.read_text("utf-8"), f"The filter table should be:\n{filter_table()}"
