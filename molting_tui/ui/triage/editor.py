"""Rewriting in the user's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from molting_tui.errors import MoltingError


def edited(text: str) -> str | None:
    """The text after `$VISUAL` or `$EDITOR` (else vi) had it; None if nothing was changed.

    The text lies in a private temporary file meanwhile. Raises MoltingError if the editor can't be started,
    fails, or leaves something that isn't UTF-8.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    descriptor, name = tempfile.mkstemp(prefix="molting-", suffix=".md")  # made 0600
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        try:
            code = subprocess.call([*shlex.split(command), name])
        except (OSError, ValueError) as error:
            raise MoltingError(
                f"the editor can't be started ({error}).", where=name_of(command), fix="Set $EDITOR."
            ) from error
        if code != 0:
            raise MoltingError(f"the editor ended with code {code}; nothing was changed.", where=name_of(command))
        try:
            after = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise MoltingError(
                "the editor left a text that isn't UTF-8; nothing was changed.", where=name_of(command)
            ) from error
    finally:
        path.unlink(missing_ok=True)
    # Editors end a file with a newline; one that the text didn't have isn't a change.
    if not text.endswith("\n"):
        after = after.removesuffix("\n")
    return None if after == text or not after.strip() else after


def name_of(command: str) -> str:
    """The editor's own name out of `$EDITOR`, short enough for a status line."""
    try:
        words = shlex.split(command)
    except ValueError:  # an unclosed quote
        words = []
    return f"$EDITOR ({Path(words[0]).name if words else command})"
