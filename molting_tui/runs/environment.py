"""What a run's process gets of the environment of whoever started it: everything but what looks like a credential.

A list of what is let through would be safer, and would break runs on machines that we don't know: drivers, clusters,
module systems, proxies and mirrors are all told by variables, and one that is missing shows in the middle of the night.
So everything passes but names that speak of a key, a token, a password, and addresses with a password in them. The
hub's own (`HF_TOKEN` …) and proxies pass; `[training] environment` in `molting.toml` names others that a run needs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import molting_tui
from molting_tui.text import mask_address

_PASS = re.compile(r"(HF|HUGGINGFACE|HUGGING_FACE|CUDA|NCCL|OMP)_.*|.*_PROXY")
_WORDS = frozenset(["PASS", "PAT", "AUTH", "JWT", "DSN", "WEBHOOK", "COOKIE", "COOKIES", "CONNSTR"])
_ENDS = tuple(
    word + plural
    for word in ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "CREDS", "PWD")
    for plural in ("", "S")
)
_FOLDERS = ("PWD", "OLDPWD")


class Surroundings(NamedTuple):
    """The environment of a run, and the names of what was held back."""

    variables: dict[str, str]
    held_back: tuple[str, ...]


def surroundings(ours: Mapping[str, str], allowed: Collection[str] = ()) -> Surroundings:
    """The environment of a run, of ours, with what `allowed` names.

    Nothing from the folder it runs in is ever imported, its words come out at once, and from a checkout it finds the
    same code as we did.
    """
    root = Path(molting_tui.__file__).resolve().parent.parent
    path = [str(root)] if (root / "pyproject.toml").is_file() else []
    # A relative one was meant from here; there it would be the run's folder.
    path += [os.path.abspath(entry) for entry in ours.get("PYTHONPATH", "").split(os.pathsep) if entry]
    held_back = tuple(sorted(name for name in ours if name not in allowed and is_credential(name, ours[name])))
    passed = {name: value for name, value in ours.items() if name not in held_back}
    python = {"PYTHONPATH": os.pathsep.join(path)} if path else {}
    return Surroundings({**passed, **python, "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}, held_back)


def is_credential(name: str, value: str) -> bool:
    """Whether a variable looks like a credential: by a word of its name, or an address with a password in its value."""
    upper = name.upper()
    if _PASS.fullmatch(upper) or upper in _FOLDERS:
        return False
    words = upper.split("_")
    by_name = any(word in _WORDS or word.endswith(_ENDS) for word in words) or "CONNECTION_STRING" in upper
    return by_name or ("://" in value and mask_address(value) != value)
