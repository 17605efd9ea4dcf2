"""What a person chose last in a form, so that the form stands filled in the next time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Literal

from molting_tui.errors import MoltingError
from molting_tui.store import meta
from molting_tui.workspace import Workspace

Form = Literal["export", "train"]


def last_choice(workspace: Workspace, form: Form) -> dict[str, str]:
    """What this person chose last in a form, by the names of its lines; empty where they never did."""
    try:
        values = json.loads(meta.get(workspace.store, _key(workspace, form), "{}"))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def remember_choice(workspace: Workspace, form: Form, values: Mapping[str, str]) -> None:
    """Keep it for the next time; in a workspace that can't be written it is forgotten."""
    if last_choice(workspace, form) == values:
        return
    text = json.dumps(dict(values), ensure_ascii=False).encode("utf-8", "replace").decode()
    with contextlib.suppress(MoltingError), workspace.store.write() as connection:
        meta.put(connection, _key(workspace, form), text)


def _key(workspace: Workspace, form: Form) -> str:
    return f"{form}:{workspace.actor}"
