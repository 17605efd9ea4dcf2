"""Portuguese or English: judged by the first words of an answer."""

from __future__ import annotations

import contextlib
import functools
import tempfile
import threading
from typing import Any

from molting_tui.curation.common_words import told_by_words
from molting_tui.errors import MoltingError
from molting_tui.records.pairs import LANGUAGES

SAMPLE = 80
"""Characters of an answer that its language is judged by: of 3,175 real answers, 1 is judged otherwise by 1,000."""

_LOADING = threading.Lock()


def language_of(text: str) -> str:
    """`pt` or `en`, judged by the first 80 characters; empty for text with no words to judge.

    Raises MoltingError if the identifier can't be loaded.
    """
    sample = text[:SAMPLE]
    if not any(character.isalpha() for character in sample):
        return ""
    return told_by_words(sample) or str(_identifier().classify(sample)[0])


def needs_identifier(text: str) -> bool:
    """Whether `language_of` a text needs more than its commonest words."""
    sample = text[:SAMPLE]
    return not told_by_words(sample) and any(character.isalpha() for character in sample)


def load_languages() -> None:
    """Begin to load the identifier beside other work: unpacking its model takes 0.3 s. Errors are told by the first
    `language_of`."""

    def load() -> None:
        with contextlib.suppress(MoltingError):
            _identifier()

    threading.Thread(target=load, name="languages", daemon=True).start()


def _identifier() -> Any:
    with _LOADING:
        return _load_identifier()


@functools.cache
def _load_identifier() -> Any:
    # Loaded when the first text needs it: it brings numpy, which nothing else needs. Restricted to the two
    # languages, since unrestricted it calls "Boa noite." Galician.
    from py3langid import langid

    try:
        langid.set_languages(list(LANGUAGES))
    except OSError as error:  # it unpacks its model into a temporary file
        raise MoltingError(
            f"the language identifier can't be loaded: {error.strerror or error}.",
            where=tempfile.gettempdir(),
            fix="Free some space there, or name another folder in TMPDIR.",
        ) from error
    return langid
