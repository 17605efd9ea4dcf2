"""Words in their forms, English and Portuguese: which two are the same word, inflected.

The rules are few and our own. A word is cut into a stem and a kind of ending; two words are forms of one where the
stems are equal and the kinds go together, so that `developer` is `developers` and `developing`, `direto` is
`diretamente`, and `direct` isn't `director`, nor `customer` `custom`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

Ending = Literal["bare", "quality", "verb", "agent"]
"""What was cut off: nothing; a gender, an adverb's or a quality's ending; a verb's; that of one who does, or the deed.
"""
_QUOTE, _HYPHEN = re.compile("[\u2018\u2019\u00b4]"), re.compile("[\u2010\u2011]")
# The accents of Latin, Greek and Cyrillic letters; other scripts are looked at sign by sign.
_ACCENTS, _OTHER_MARKS = re.compile("[\u0300-\u036f]+"), re.compile("[\u0483-\u1fff\u20d0-\uffff\U00010000-\U0010ffff]")
_SHORTEST = {"bare": 0, "quality": 4, "verb": 3, "agent": 3}
"""Letters that an ending leaves: of less, what is left tells no word (`fila`, `file`)."""
# The longest first. Gender is cut by one letter, after the plural.
_ENDINGS: tuple[tuple[Ending, tuple[str, ...]], ...] = (
    ("agent", ("adora", "edora", "idora", "ador", "edor", "idor", "mento", "ment", "acao", "icao", "ion", "er", "or")),
    ("quality", ("amente", "mente", "idade", "issim", "ness", "ely", "ly", "est", "ela")),
    ("verb", ("ando", "endo", "indo", "aram", "eram", "iram", "ava", "ado", "ada", "ido", "ida", "ing", "ed",
              "ou", "eu", "iu", "ar", "er", "ir")),
    ("quality", ("o", "a", "e")),
)  # fmt: skip
_GO_TOGETHER = {("bare", "quality"), ("bare", "verb"), ("verb", "agent")}
# Short and foreign forms of words that are asked for again and again, each by a stem that stands for all.
_SAME = {
    "dev": "developer", "devs": "developer", "desenvolvedor": "developer", "desenvolvedora": "developer",
    "desarrollador": "developer", "desarrolladora": "developer", "engenheiro": "engineer", "engenheira": "engineer",
    "ingeniero": "engineer", "ingeniera": "engineer", "programador": "programmer", "programadora": "programmer",
    "coder": "programmer", "creador": "criador", "creadora": "criador",
    "assist": "assistant", "assists": "assistant", "memoria": "memory", "lembranca": "memory",
}  # fmt: skip


class WordForm(NamedTuple):
    """A word's stem, and what kind of ending was cut off."""

    stem: str
    ending: Ending


def folded(text: str) -> str:
    """The text as it is compared: compatibility forms made plain, no case, no accents, single spaces."""
    return " ".join(plain_signs(text).split())


def plain_signs(text: str) -> str:
    """`folded`, with white space as it is."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    plain = _ACCENTS.sub("", _QUOTE.sub("'", _HYPHEN.sub("-", plain)))
    if _OTHER_MARKS.search(plain):
        return "".join(sign for sign in plain if not unicodedata.combining(sign))
    return plain


@lru_cache(maxsize=8)
def plain_answer(text: str) -> str:
    """`plain_signs` of an answer, which every flag looks at."""
    return plain_signs(text)


def same_word(left: WordForm, right: WordForm) -> bool:
    """Whether two words are forms of one."""
    kinds = (left.ending, right.ending)
    return left.stem == right.stem and (
        kinds[0] == kinds[1] or kinds in _GO_TOGETHER or (kinds[1], kinds[0]) in _GO_TOGETHER
    )


@lru_cache(maxsize=1 << 14)
def form(word: str) -> WordForm:
    """The form of a folded word. A word with signs or digits in it, or of less than four letters, has but one."""
    word = _SAME.get(word, word)
    if len(word) < 4 or not word.isalpha():
        return WordForm(word, "bare")
    single = _SAME.get(_singular(word), _singular(word))
    for kind, endings in _ENDINGS:
        for ending in endings:
            if single.endswith(ending) and len(single) - len(ending) >= _SHORTEST[kind]:
                return WordForm(_undoubled(single[: -len(ending)]), kind)
    return WordForm(single, "bare")


def _singular(word: str) -> str:
    """The word without its plural, or the s of a verb's third person."""
    if word.endswith("ies") and len(word) > 5:
        return f"{word[:-3]}y"
    if word.endswith("oes"):
        return f"{word[:-3]}ao"
    if word.endswith("ores"):  # desenvolvedores
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _undoubled(stem: str) -> str:
    """`programm` is `program`; what ends in a doubled l, s or r of its own stays."""
    return stem[:-1] if len(stem) > 4 and stem[-1] == stem[-2] and stem[-1] not in "lsr" else stem
