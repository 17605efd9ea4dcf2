"""Whether an answer says what a question's facts ask for: said, denied (a person decides), missing or contradicted.

A hint, never a score. Words are compared without case, accents and width and in their inflected forms
(`word_forms.py`); names, which begin with a capital, in their own form alone. A phrase that begins or ends in a letter
or digit begins or ends at the edge of a word. What stands under a denial, in a question back, or is said of somebody
else ("created by OpenAI") is `denied` where it stands nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from molting_tui.evaluation.noticing.reading import MOST, Reading, read_answer
from molting_tui.evaluation.noticing.word_forms import WordForm, folded, form, same_word
from molting_tui.records.evaluation import Fact, FactNoticed, Question

_BY = re.compile(r"(?<!\w)(?:by|por|pelo|pela)\s+(?:(?:o|a|the|um|uma|an)\s+)?([A-ZÀ-Þ][\w-]*)")
_REACH = 30
"""Characters behind a word in which a "by" is looked for."""
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class _Phrase(NamedTuple):
    """One alternative: as one folded `word`, by `exact` where it is several or has signs, and by the `forms` of its
    words, empty where it has signs or is a name, so that no inflection is looked for."""

    word: str
    exact: re.Pattern[str] | None
    forms: tuple[WordForm, ...]


class _Place(NamedTuple):
    """Where a phrase stands: its first word and its last (numbers), and what denies it (empty: nothing)."""

    first: int
    last: int
    denied_by: str


def answer_right(question: Question, text: str) -> bool | None:
    """Whether an answer says all facts of the question that can be checked; None where none can be.

    A fact that it may deny isn't said: a person decides.
    """
    states = fact_states(question, text)
    return all(fact.state == "said" for fact in states) if states else None


def fact_states(question: Question, text: str) -> tuple[FactNoticed, ...]:
    """What an answer makes of each fact of its question that can be checked, in their order."""
    if not any(fact.checkable for fact in question.facts):
        return ()
    reading = read_answer(text)
    names = _names(question)
    return tuple(_noticed(fact, reading, text[:MOST], names) for fact in question.facts if fact.checkable)


def _noticed(fact: Fact, reading: Reading, text: str, names: frozenset[str]) -> FactNoticed:
    """The state of one fact: `detail` is the words that were found, what denies them, or what was looked for."""
    if not reading.words:
        return FactNoticed(fact.id, "missing", "the answer has no words")
    for phrase in fact.must_not_mention:
        if any(not place.denied_by for place in _places(reading, phrase)):
            return FactNoticed(fact.id, "contradicted", phrase)
    words: list[str] = []
    denied = ""
    for group in fact.must_mention:
        places = [place for phrase in group for place in _places(reading, phrase)]
        if not places:
            return FactNoticed(fact.id, "missing", " / ".join(group[:3]))
        free = next((each for each in places if not _denial(reading, each, text, names)), None)
        at = free or places[0]
        words.append(" ".join(reading.words[at.first : at.last + 1]))
        if free is None and not denied:
            by = _denial(reading, at, text, names)
            denied = f"asked: {words[-1]}" if by == "?" else f"{by} … {words[-1]}"
    return FactNoticed(fact.id, "denied", denied) if denied else FactNoticed(fact.id, "said", ", ".join(words))


def _denial(reading: Reading, place: _Place, text: str, names: frozenset[str]) -> str:
    """What denies a place, or whom it is said of who is somebody else; empty for nothing."""
    if place.denied_by:
        return place.denied_by
    last = reading.words[place.last]
    if len(reading.plain) != len(text):  # the text can't be looked at by the same offsets
        return ""
    end = reading.starts[place.last] + len(last)
    by = _BY.search(text, end, end + _REACH)
    if by is None or not text[end : by.start()].isspace() or folded(by[1]) in names:
        return ""
    return folded(by[0])


def _places(reading: Reading, phrase: str) -> Iterator[_Place]:
    """Every place of a phrase, as it is written and in other forms of its words."""
    wanted = _phrase(phrase)
    if wanted is None:
        return
    for number in reading.by_word.get(wanted.word, ()):
        yield _place(reading, number, number)
    for match in wanted.exact.finditer(reading.plain) if wanted.exact else ():
        yield _place(reading, reading.word_at(match.start()), reading.word_at(match.end() - 1))
    size = len(wanted.forms)
    for order in {wanted.forms, wanted.forms[::-1]} if size == 2 else {wanted.forms}:
        for number in reading.by_stem.get(order[0].stem, ()) if order else ():
            if number + size <= len(reading.words) and _stand(reading, number, order):
                yield _place(reading, number, number + size - 1)


def _place(reading: Reading, first: int, last: int) -> _Place:
    return _Place(first, last, next(filter(None, reading.denied_by[first : last + 1]), ""))


def _stand(reading: Reading, number: int, forms: tuple[WordForm, ...]) -> bool:
    """Whether forms of these words stand together from a word on."""
    return all(
        (not place or reading.adjoining(number + place))
        and same_word(form(reading.words[number + place].partition("'")[0]), wanted)
        for place, wanted in enumerate(forms)
    )


@lru_cache(maxsize=4096)
def _phrase(phrase: str) -> _Phrase | None:
    words = folded(phrase)
    if not words:
        return None
    plain = words.replace(" ", "").isalpha() and not any(word[:1].isupper() for word in phrase.split())
    forms = tuple(map(form, words.split())) if plain else ()
    if words.isalnum():
        return _Phrase(words, None, forms)
    # `\b` would fail beside a sign ("C#" before a space), so an edge is asked for only where a word is; an underscore
    # is emphasis in an answer, not part of a word.
    before = r"(?<![^\W_])" if words[0].isalnum() else ""
    after = r"(?![^\W_])" if words[-1].isalnum() else ""
    return _Phrase("", re.compile(f"{before}{re.escape(words)}{after}".replace(r"\ ", r"\s+")), forms)


@lru_cache(maxsize=512)
def _names(question: Question) -> frozenset[str]:
    """The words of a question and of its facts: who is named there isn't somebody else."""
    texts = [question.prompt, *(fact.text for fact in question.facts)]
    texts += [phrase for fact in question.facts for group in fact.must_mention for phrase in group]
    return frozenset(word for text in texts for word in _WORDS.findall(folded(text)))
