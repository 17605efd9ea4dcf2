"""Words of questions and prompts as they are compared, and names made of them."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_NOT_PLAIN = re.compile("[^a-z0-9]+")
_NAME_WORDS = 3
_STEMMED, _STEM = 3, 2
"""Letters of the shortest word that is cut, and of what stays."""
_ENDINGS = (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", ""))
_LITTLE = """a an and are as at be by como da de deve did do does dos e em for from how is it na no nos o of on or os ou
    para por que qual quais se the to um uma was what which who why with you your você vocês seu sua seus suas me my meu
    minha tell about fale sobre quem onde quando porque s please can could pode poderia i eu ao à as ser é são fala
    faz fazer faço sem our nosso nossa esse essa este esta desse dessa vc exactly it exatamente hoje today have has
    me diz diga explain explica explique describe descreva mean means significa there this that isso like oi olá
    hi hello hey"""
"""Words that say little of what a question is about, English and Portuguese."""


def words_of(text: str) -> list[str]:
    """The words of a text, without case, accents and marks."""
    plain = text.lower() if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return _WORD.findall(plain)


def stem(word: str) -> str:
    """A word without the endings of number and tense that English and Portuguese share or nearly so: crude, and alike
    for both sides of a comparison. Final vowels that tell Paulo from Paula stay."""
    if len(word) < _STEMMED:
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word.removesuffix(ending) + instead
    return word


def folded(text: str) -> str:
    """The words of a text alone, with single spaces."""
    return " ".join(words_of(text))


def content_words(text: str) -> list[str]:
    """The words of a text that say what it is about, in their order; all of them where none do."""
    words = words_of(text)
    return [word for word in words if word not in LITTLE and len(word) > 1] or words


def name_of(text: str) -> str:
    """A name for the fact that a question asks: its first words of content, in ASCII letters and digits."""
    plain = (_NOT_PLAIN.sub("", word) for word in content_words(text))
    return "-".join([word for word in plain if word][:_NAME_WORDS])[:40] or "question"


LITTLE = frozenset(words_of(_LITTLE))
"""The same, folded."""
