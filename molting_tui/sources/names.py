"""Names of files as text that can be stored and shown, whatever bytes they are made of."""

from __future__ import annotations

from pathlib import Path

_BYTE = 0xDC00
"""What Python adds to a byte of a name that isn't UTF-8."""


def stored_path(path: Path) -> str:
    """An absolute path as text, another for every path: one with bytes that aren't UTF-8 is a `file://` address."""
    text = str(path)
    return text if stored_name(text) == text else path.as_uri()


def stored_name(name: str) -> str:
    """A name as text: a byte that isn't UTF-8 is written as in an address (`caf%E9`), the rest stays."""
    if name.isascii():
        return name
    return "".join(f"%{ord(sign) - _BYTE:02X}" if "\udc80" <= sign <= "\udcff" else sign for sign in name)
