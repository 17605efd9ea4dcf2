"""Words of questions and prompts as they are compared, and names made of them."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_NAME_WORDS = 3
_LITTLE = """a an and are as at be by como da de deve did do does dos e em for from how is it na no nos o of on or os ou
    para por que qual quais se the to um uma was what which who why with you your você vocês seu sua seus suas me my meu
    minha tell about fale sobre quem onde quando porque"""
"""Words that say nothing of what a question is about, English and Portuguese."""


def folded(text: str) -> str:
    """The words of a text alone: no case, no accents, no marks, single spaces."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(_WORD.findall(bare))


def content_words(text: str) -> list[str]:
    """The words of a text that say what it is about, folded, in their order; all of them where none do."""
    words = folded(text).split()
    return [word for word in words if word not in _BARE_LITTLE and len(word) > 1] or words


def name_of(text: str) -> str:
    """A name for the fact that a question asks: its first words of content, in ASCII letters and digits."""
    ascii_words = (re.sub(r"[^a-z0-9]", "", word) for word in content_words(text))
    return "-".join([word for word in ascii_words if word][:_NAME_WORDS])[:40] or "question"


_BARE_LITTLE = frozenset(folded(_LITTLE).split())
