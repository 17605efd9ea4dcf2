"""Portuguese, English or another language: judged by the first words of an answer."""

from __future__ import annotations

import contextlib
import functools
import tempfile
import threading
from typing import Any

from molting_tui.curation.common_words import NOT_LATIN, told_by_words
from molting_tui.errors import MoltingError
from molting_tui.records.pairs import OTHER_LANGUAGE

SAMPLE = 80
"""Characters of an answer that its language is judged by: of 3,175 real answers, 1 is judged otherwise by 1,000."""

_OWN = ("pt", "en")
_FAR, _FAR_A_LETTER = 20.0, 0.6
"""How much likelier (in natural logarithms) another language must be: of 2,394 real answers 2 in Latin letters are,
both Spanish; lists, names and code stay below 15, a plain sentence of another language above 29 and 0.8 a letter."""
_LOADING = threading.Lock()


def language_of(text: str) -> str:
    """`pt`, `en` or `other`, judged by the first 80 characters; empty for text with no words to judge.

    Raises MoltingError if the identifier can't be loaded.
    """
    sample = text[:SAMPLE]
    told = _told(sample)
    return _identified(sample) if told is None else told


def needs_identifier(text: str) -> bool:
    """Whether `language_of` a text needs more than its letters and commonest words."""
    return _told(text[:SAMPLE]) is None


def _told(sample: str) -> str | None:
    """What letters and commonest words tell; None where they tell nothing."""
    if sample.isascii():  # most answers, told without a look at every letter
        return told_by_words(sample) or (None if any(map(str.isalpha, sample)) else "")
    letters = sum(character.isalpha() for character in sample)
    if not letters:
        return ""
    if 2 * sum(sign >= NOT_LATIN and sign.isalpha() for sign in sample) > letters:
        return OTHER_LANGUAGE
    return told_by_words(sample) or None


def _identified(sample: str) -> str:
    """The likelier of the two, unless another language is likelier by far: of short texts the identifier is never
    sure, and calls "Boa noite." Galician."""
    scores = dict(_identifier().rank(sample))
    likelier = max(_OWN, key=lambda language: scores[language])
    margin = max(scores.values()) - scores[likelier]
    letters = sum(character.isalpha() for character in sample)
    return OTHER_LANGUAGE if margin >= _FAR and margin >= _FAR_A_LETTER * letters else likelier


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
    # Loaded when the first text needs it: it brings numpy, which nothing else needs.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE)
    except OSError as error:  # it unpacks its model into a temporary file
        raise MoltingError(
            f"the language identifier can't be loaded: {error.strerror or error}.",
            where=tempfile.gettempdir(),
            fix="Free some space there, or name another folder in TMPDIR.",
        ) from error
