"""Whether a text asks what a question asks, in its words or in nearly these.

Compared are words, without case, accents and marks, whatever their order: the share that two texts have in common
(Dice's coefficient), in which a word of content weighs seven times a little one, so that *Quem é João?* and *quem e o
joao* are alike and *Quem é Maria?* is another question. A text is looked at whole and sentence by sentence, and a
question of some length is found word for word inside a longer sentence. Words that differ by an ending or a slip count
as one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from molting_tui.curation.question_words import LITTLE, stem, words_of

ALIKE = 0.8
"""The likeness from which two texts ask the same. Of 40 pairs of wordings, English and Portuguese, that a person would
call one question 36 reach it, of 30 that differ in what they ask one does (tests/unit/test_likeness.py); of the 44,850
pairs that 300 short prompts of real sessions make eight do, and seven of these ask the same."""
LITTLE_WEIGHT = 0.15
_SLIP = 86
"""How alike (rapidfuzz's ratio, 0 to 100) two words of five letters or more are that count as one."""
_SLIP_LETTERS = 5
_CONTAINED = 4
"""Words from which a question is looked for inside a longer sentence, word for word."""
_SPREAD = (2 - ALIKE) / ALIKE + 1e-9
"""How many times as much as another one an alike text can weigh."""
_SENTENCE = re.compile(r"(?<=[.?!…;])\s+|\n+")


class Wording(NamedTuple):
    """Words that a question is asked in: its id and cluster, and the words."""

    question: str
    cluster: str
    prompt: str


class Like(NamedTuple):
    """A wording that a text asks, and how like it is (1: the same words)."""

    wording: Wording
    likeness: float


class _Bag(NamedTuple):
    """The words of a wording: how often each stands there and what that weighs, all together, and in their order."""

    counts: Counter[str]
    weights: tuple[tuple[str, int, float], ...]
    weight: float
    distinct: frozenset[str]
    words: str


class Likeness:
    """Wordings made ready to be found in many texts.

    With `sentences` false a text is compared whole, as two prompts are. A wording is looked for by its rarest words:
    two texts that are alike share at least one of the words that make up a third of its weight.
    """

    def __init__(self, wordings: Iterable[Wording], *, sentences: bool = True) -> None:
        self._wordings = list(dict.fromkeys(wordings))
        self._sentences = sentences
        self._bags = [_bag(_stems(wording.prompt)) for wording in self._wordings]
        frequency = Counter(word for bag in self._bags for word in bag.counts)
        self._by_word: dict[str, list[int]] = {}
        for place, bag in enumerate(self._bags):
            for word in _rarest(bag, frequency):
                self._by_word.setdefault(word, []).append(place)
        self._by_letter: dict[str, list[str]] = {}
        for word in frequency:
            if len(word) >= _SLIP_LETTERS:
                self._by_letter.setdefault(word[0], []).append(word)
        self._in_wordings = frozenset(frequency)
        self._index = frozenset(self._by_word)
        self._heaviest = max((bag.weight for bag in self._bags), default=0.0)
        self._words: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._wordings)

    def find(self, text: str) -> Like | None:
        """The wording that a text is likest to, if it asks it; None else."""
        return max(self.every(text), key=lambda like: like.likeness, default=None)

    def every(self, text: str) -> list[Like]:
        """Every wording that a text asks, each once, in no order."""
        if not self._wordings:
            return []
        likest: dict[int, float] = {}
        for words in self._parts(text):
            for place, likeness in self._asked_by(words):
                likest[place] = max(likeness, likest.get(place, 0))
        return [Like(self._wordings[place], likeness) for place, likeness in likest.items()]

    def _parts(self, text: str) -> Iterator[list[str]]:
        """The words of a text whole, then those of its sentences if it has several."""
        sentences = _SENTENCE.split(text) if self._sentences else [text]
        parts = [[self._known(word) for word in words_of(sentence)] for sentence in sentences]
        if len(parts) > 1 and self._can_be_alike(parts):
            yield [word for part in parts for word in part]
        yield from parts

    def _can_be_alike(self, parts: list[list[str]]) -> bool:
        """Whether a text isn't too long to be alike as a whole."""
        room = self._heaviest * _SPREAD
        for part in parts:
            room -= sum(_weight(word) for word in part)
            if room < 0:
                return False
        return True

    def _asked_by(self, words: list[str]) -> Iterator[tuple[int, float]]:
        distinct = frozenset(words)
        hits = distinct & self._index
        if not hits:
            return
        weight = sum(_weight(word) for word in words)
        counts, text = Counter(words), f" {' '.join(words)} "
        for place in {place for word in hits for place in self._by_word[word]}:
            bag = self._bags[place]
            # Beyond half as much again, no words in common would make them alike.
            if weight <= bag.weight * _SPREAD and bag.weight <= weight * _SPREAD:
                likeness = _likeness(bag, counts, weight)
                if likeness >= ALIKE:
                    yield place, likeness
                    continue
            if weight >= bag.weight and bag.distinct <= distinct and _contains(text, bag):
                yield place, 1.0

    def _known(self, word: str) -> str:
        """A word as the wordings have it: without its ending, and without a slip; remembered."""
        known = self._words.get(word)
        if known is None:
            stemmed = word if word in LITTLE else stem(word)
            known = self._words[word] = stemmed if stemmed in self._in_wordings else self._without_slip(stemmed)
        return known

    def _without_slip(self, word: str) -> str:
        candidates = self._by_letter.get(word[0]) if len(word) >= _SLIP_LETTERS else None
        if not candidates:
            return word
        from rapidfuzz import fuzz, process

        hit = process.extractOne(word, candidates, scorer=fuzz.ratio, score_cutoff=_SLIP)
        return hit[0] if hit else word


def _rarest(bag: _Bag, frequency: Counter[str]) -> Iterator[str]:
    """The rarest words of a wording, until they weigh more than a text that is alike could lack."""
    spare = bag.weight * (1 - ALIKE / (2 - ALIKE))
    for word in sorted(bag.counts, key=lambda word: (word in LITTLE, frequency[word], word)):
        yield word
        spare -= _weight(word) * bag.counts[word]
        if spare < 0:
            return


def likeness(one: str, other: str) -> float:
    """How alike two texts are as questions, from 0 to 1."""
    bag = _bag(_stems(other))
    return _likeness(_bag(_stems(one)), bag.counts, bag.weight)


def _stems(text: str) -> list[str]:
    return [word if word in LITTLE else stem(word) for word in words_of(text)]


def _bag(words: list[str]) -> _Bag:
    counts = Counter(words)
    weights = tuple((word, number, _weight(word)) for word, number in counts.items())
    weight = sum(number * each for _, number, each in weights)
    return _Bag(counts, weights, weight, frozenset(counts), f" {' '.join(words)} ")


def _weight(word: str) -> float:
    return LITTLE_WEIGHT if word in LITTLE else 1.0


def _likeness(one: _Bag, counts: Counter[str], weight: float) -> float:
    shared = 0.0
    for word, number, each in one.weights:
        there = counts.get(word)
        if there:
            shared += each * min(number, there)
    return 2 * shared / ((one.weight + weight) or 1)


def _contains(text: str, wording: _Bag) -> bool:
    return wording.counts.total() >= _CONTAINED and wording.words in text
