"""Whether an answer says what a question's facts ask for: by the words it must and must not mention.

A hint, never a score. Letters are compared without case, accents and width, white space runs are one space, and a
phrase that begins or ends in a letter or digit begins or ends at the edge of a word, so `não` isn't found in `nãosei`.
Denials aren't understood: "I don't work with João" mentions João.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from molting_tui.records.evaluation import Fact, Question

_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00b4": "'", "\u2010": "-", "\u2011": "-"})


def answer_right(question: Question, text: str) -> bool | None:
    """Whether all facts of the question that can be checked hold in an answer; None where none can be."""
    facts_held = [held for fact in question.facts if (held := fact_holds(fact, text)) is not None]
    return all(facts_held) if facts_held else None


def fact_holds(fact: Fact, text: str) -> bool | None:
    """Whether the answer mentions one alternative of each `must_mention` and none of `must_not_mention`.

    None for a fact that says neither. An empty answer holds no fact.
    """
    if not fact.checkable:
        return None
    answer = folded(text)
    return (
        bool(answer)
        and all(any(_mentions(answer, phrase) for phrase in group) for group in fact.must_mention)
        and not any(_mentions(answer, phrase) for phrase in fact.must_not_mention)
    )


def folded(text: str) -> str:
    """The text as it is compared: compatibility forms made plain, no case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    bare = "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))
    return " ".join(bare.split())


def _mentions(answer: str, phrase: str) -> bool:
    pattern = _pattern(phrase)
    return pattern is not None and pattern.search(answer) is not None


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str] | None:
    words = folded(phrase)
    if not words:
        return None
    # `\b` would fail beside a sign ("C#" before a space), so an edge is asked for only where a word is; an underscore
    # is emphasis in an answer, not part of a word.
    before = r"(?<![^\W_])" if words[0].isalnum() else ""
    after = r"(?![^\W_])" if words[-1].isalnum() else ""
    return re.compile(f"{before}{re.escape(words)}{after}")
