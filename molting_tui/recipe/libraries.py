"""The libraries that training and answering can't do without, looked for without loading any."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from molting_tui.recipe.settings import Quantisation
from molting_tui.records.checks import Check

FOR_TRAINING = ("torch", "transformers", "peft", "trl", "datasets", "accelerate")
FOR_ANSWERING = ("torch", "transformers", "peft", "accelerate")
FOR_FOUR_BITS = ("bitsandbytes",)


def missing_libraries(modules: Sequence[str] = FOR_TRAINING) -> list[str]:
    """Those of the libraries that aren't installed; none is loaded."""
    return [module for module in modules if importlib.util.find_spec(module) is None]


def libraries_check(modules: Sequence[str], quantisation: Quantisation) -> Check:
    """Whether these libraries, and what the quantisation needs, are installed."""
    missing = missing_libraries((*modules, *FOR_FOUR_BITS) if quantisation == "nf4" else modules)
    if not missing:
        return Check("libraries", "pass", "what is needed is installed")
    why = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
    also = " (or choose --quantisation none)" if missing == list(FOR_FOUR_BITS) else ""
    return Check("libraries", "block", why, f"Install what it takes: pip install 'molting[train]'{also}.", len(missing))
