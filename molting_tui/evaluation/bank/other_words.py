"""A question in other words, English and Portuguese, by our own templates: a beginning for a person to rewrite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from molting_tui.curation.question_words import folded


class OtherWords(NamedTuple):
    """A wording and its language."""

    prompt: str
    language: str


class _Frame(NamedTuple):
    """Ways to ask one thing of somebody or something, `{}`, by language; `patterns` tell the thing in a prompt."""

    patterns: tuple[re.Pattern[str], ...]
    wordings: tuple[OtherWords, ...]


def _told(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"^\W*{pattern}\W*$", re.IGNORECASE) for pattern in patterns)


_SELF = (
    (
        OtherWords("Tell me about yourself.", "en"),
        OtherWords("How would you introduce yourself?", "en"),
        OtherWords("Who are you?", "en"),
        OtherWords("Fale sobre você.", "pt"),
        OtherWords("Como você se apresentaria?", "pt"),
        OtherWords("Quem é você?", "pt"),
    ),
    (
        OtherWords("What is your personality?", "en"),
        OtherWords("How would a colleague describe your character?", "en"),
        OtherWords("Como é a sua personalidade?", "pt"),
        OtherWords("Qual é a sua personalidade?", "pt"),
        OtherWords("Como um colega descreveria o seu jeito?", "pt"),
    ),
    (
        OtherWords("How do you work?", "en"),
        OtherWords("What do you do first when you are given a task?", "en"),
        OtherWords("Como você trabalha?", "pt"),
        OtherWords("O que você faz primeiro quando recebe uma tarefa?", "pt"),
    ),
    (
        OtherWords("What are your strengths and weaknesses?", "en"),
        OtherWords("What are you good at, and what not?", "en"),
        OtherWords("Quais são seus pontos fortes e fracos?", "pt"),
        OtherWords("Quais são os seus pontos fortes e fracos?", "pt"),
        OtherWords("Em que você é bom, e em que não é?", "pt"),
    ),
    (
        OtherWords("Which technologies do you use?", "en"),
        OtherWords("What is your stack?", "en"),
        OtherWords("Que tecnologias você usa?", "pt"),
        OtherWords("Qual é a sua stack?", "pt"),
    ),
)
"""What is asked of the one who answers: each line one question."""

_FRAMES = (
    _Frame(
        _told(r"who(?: is|'s|’s) (?P<it>.+?)", r"quem (?:é|e) (?:[oa] )?(?P<it>.+?)"),
        (
            OtherWords("What can you tell me about {}?", "en"),
            OtherWords("Somebody mentions {}: who is that?", "en"),
            OtherWords("O que você pode me contar sobre {}?", "pt"),
            OtherWords("Alguém fala de {}: quem é?", "pt"),
        ),
    ),
    _Frame(
        _told(
            r"what(?: is|'s|’s) (?P<it>.+?)",
            r"tell me about (?P<it>.+?)",
            r"(?:o )?que (?:é|e) (?:[oa] )?(?P<it>.+?)",
            r"fal[ae] sobre (?:[oa] )?(?P<it>.+?)",
        ),
        (
            OtherWords("How would you explain {} to somebody new?", "en"),
            OtherWords("What is {} for?", "en"),
            OtherWords("Como você explicaria {} a quem chega agora?", "pt"),
            OtherWords("Para que serve {}?", "pt"),
        ),
    ),
)
_A_NAME = re.compile(r"[A-ZÀ-Ý][\w.À-ÿ-]*(?: [A-ZÀ-Ý][\w.À-ÿ-]*)*")
_OF_PORTUGUESE = re.compile(r"^\W*(?:quem|o que|que|fal[ae])\b", re.IGNORECASE)


def other_wordings(prompt: str) -> Iterator[OtherWords]:
    """The question of a prompt in other words, as far as our templates know it; into the other language only what is
    asked of the one who answers, or of a name."""
    words = folded(prompt)
    for line in _SELF:
        if any(folded(wording.prompt) == words for wording in line):
            yield from (wording for wording in line if folded(wording.prompt) != words)
            return
    language = "pt" if _OF_PORTUGUESE.search(prompt) else "en"
    for frame in _FRAMES:
        for pattern in frame.patterns:
            match = pattern.match(prompt.strip())
            if match is not None:
                thing = match["it"]
                named = _A_NAME.fullmatch(thing) is not None
                for wording in frame.wordings:
                    if named or wording.language == language:
                        yield OtherWords(wording.prompt.format(thing), wording.language)
                return
