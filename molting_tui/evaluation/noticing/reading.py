"""An answer read for what it says and what it denies: words, the clauses they stand in, and the denials over them.

A denial reaches over the words behind it to the end of its clause, over those of the clause before it where its verb
follows them ("Prisma isn't used"), and a question back says nothing. It is a rule of thumb: whoever counts facts lets a
person decide about what is denied.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from molting_tui.curation.languages import SAMPLE, language_of
from molting_tui.evaluation.noticing.word_forms import form, plain_answer

MOST = 50_000
"""Characters of an answer that are read: more than a small model can give."""
_BEHIND = 3
"""Words before a verb's denial that it reaches."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
# Possessive and bounded, so that no text makes them slow.
_INITIALS = re.compile(r"(?<![^\W_])(?<![^\W_]\.)((?:[^\W\d_]\.){2,}+)(?![^\W_])")
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[^\w\s]{0,6}(?:\s|$)|\n")
_CLAUSE_END = re.compile(r"(?<![.!?…;:])[.!?…;:]++[^\w\s]{0,6}(?:\s|$)|[()\[\]{}\n]|\s[-–—]++\s|—")

_DENYING = """
    not never neither nor none nothing nobody without cannot unable hardly instead lack lacks
    nao nunca jamais nem nada ninguem nenhum nenhuma sem tampouco desconheco inves
"""
_EXCEPT = frozenset(("without", "unless", "until", "sem"))
"""Behind another denial these take it back: "never without reading"."""
_NOT_ALL = frozenset(("only", "just", "so", "apenas", "somente", "doubt", "duvida", "but"))
"""Behind a denial these make none of it: "not only", "sem dúvida"."""
_BEGINNING = """
    but however only i i'm i'll i've he he's she it it's we we're they you although though while yet
    mas porem so apenas somente eu ele ela sou somos estou tenho faco uso trabalho foi fui embora enquanto
"""
"""Behind a comma (and an `and`) these begin a clause of their own. Not `é` and `são`: without accents `e` is "and"."""
_NEW_CLAUSE = frozenset(_BEGINNING.split())
_DENIALS = frozenset(_DENYING.split())
_MAY_BEGIN = _NEW_CLAUSE | {"and", "e"}
_VERB_DENIALS = re.compile(r"(?:is|are|was|were|do|does|did|has|have|ca|wo|could|would|should)n't|not|never|nao|nunca")
_RELATIVES = frozenset(("that", "which", "who", "whose", "que", "quem", "cujo", "cuja", "onde", "where"))
_ALL_DENIED = re.compile(
    r"(?<![^\W_])(?:none of (?:it|this|that|these|those|them|which)|nothing of the (?:sort|kind)|nada disso|nada disto"
    r"|nenhum dos dois|nenhuma das duas|nenhum dele?s|nenhuma dela?s)(?![^\W_])"
)
_IGNORANCE = re.compile(
    r"(?<!if )(?<!when )(?<!se )(?<!quando )(?<!digo que )(?<!dizer que )(?<!say )(?<!say that )(?<![^\W_])"
    r"(?:(?:i |we )?(?:(?:really |honestly |actually )?(?:don't|do not|didn't) (?:really |actually )?"
    r"(?:know|recognise|recognize)(?: (?:of|about))? (?!that\b|everything|all\b)|have (?:never|not) heard|"
    r"(?:have|has|had) no (?:information|idea|knowledge|record|context)|"
    r"(?:don't|do not) have (?:any )?(?:information|knowledge|context|records?))|not familiar with|never heard of|"
    r"knows? nothing|nao conheco|nunca ouvi|desconheco|"
    r"nao (?:sei|faco ideia|tenho (?:nenhuma |qualquer )?(?:informac|conheciment|ideia|context|registr)))"
)


class Reading(NamedTuple):
    """An answer's words (folded), where each begins in the folded text `plain`, the clause and sentence it stands in,
    and what denies it (empty: nothing). `by_word` and `by_stem` tell where words and stems stand (numbers)."""

    plain: str
    words: list[str]
    starts: list[int]
    clauses: list[int]
    sentences: list[int]
    denied_by: list[str]
    by_word: dict[str, list[int]]
    by_stem: dict[str, list[int]]

    def word_at(self, start: int) -> int:
        """The number of the word at a place of the text, or of the one before it."""
        return max(bisect_right(self.starts, start) - 1, 0)

    def adjoining(self, number: int) -> bool:
        """Whether nothing but white space parts a word from the one before it."""
        before = self.starts[number - 1] + len(self.words[number - 1])
        return self.plain[before : self.starts[number]].isspace()


def read_answer(text: str) -> Reading:
    """An answer as it is read. Raises MoltingError where the identifier of languages can't be loaded."""
    text = text[:MOST]
    plain = _INITIALS.sub(lambda initials: initials[1].replace(".", ""), plain_answer(text))
    words: list[str] = []
    starts: list[int] = []
    for match in _WORD.finditer(plain):
        words.append(match[0])
        starts.append(match.start())
    ends = [match.end() - 1 for match in _SENTENCE_END.finditer(plain)]
    reading = Reading(
        plain,
        words,
        starts,
        _numbered(starts, [match.end() - 1 for match in _CLAUSE_END.finditer(plain)]),
        _numbered(starts, ends),
        [""] * len(words),
        *_index(words),
    )
    _deny(reading, "no" if language_by_beginning(text[:SAMPLE]) != "pt" else "", _asked(plain, ends))
    return reading


@lru_cache(maxsize=8)
def language_by_beginning(beginning: str) -> str:
    """`language_of` the first `SAMPLE` characters of an answer, which is asked for more than once."""
    return language_of(beginning)


def _index(words: list[str]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Where words and their stems stand: a word also without its genitive or the version behind it (SQLite3)."""
    by_word: dict[str, list[int]] = {}
    for number, word in enumerate(words):
        by_word.setdefault(word, []).append(number)
    by_stem: dict[str, list[int]] = {}
    for word, numbers in list(by_word.items()):
        by_stem.setdefault(form(word.partition("'")[0]).stem, []).extend(numbers)
        if word.isalpha():
            continue
        bare = word.partition("'")[0]
        unversioned = bare.rstrip("0123456789")
        for other in {bare, unversioned if 3 < len(unversioned) >= len(bare) - 2 else bare} - {word}:
            by_word.setdefault(other, []).extend(numbers)
    return by_word, by_stem


def _numbered(starts: list[int], ends: list[int]) -> list[int]:
    """For each word the number of the part it stands in, by where the parts end."""
    numbers, part = [], 0
    for start in starts:
        while part < len(ends) and ends[part] < start:
            part += 1
        numbers.append(part)
    return numbers


def _asked(plain: str, ends: list[int]) -> set[int]:
    """The numbers of the sentences that are questions."""
    if "?" not in plain:
        return set()
    begins = [0, *(end + 1 for end in ends)]
    sentences = zip(begins, [*(end + 1 for end in ends), len(plain)], strict=True)
    return {
        number for number, (start, end) in enumerate(sentences) if plain[start:end].rstrip(" \n\"'*_)").endswith("?")
    }


def _deny(reading: Reading, no: str, asked: set[int]) -> None:
    """Write what denies each word into the reading. `no` is the word no, where it is a denial."""
    words, denied_by = reading.words, reading.denied_by
    cue, clause = "", -1
    for number, (word, here, sentence) in enumerate(zip(words, reading.clauses, reading.sentences, strict=True)):
        if sentence in asked:
            denied_by[number] = "?"
        if here != clause or (word in _MAY_BEGIN and _new_clause(reading, number)):
            cue, clause = "", here
        if cue and word in _EXCEPT:
            cue = ""  # "never without reading": what follows is done
        elif not (word in _DENIALS or word.endswith("n't") or word == no != ""):
            if cue and not denied_by[number]:
                denied_by[number] = cue
        elif not _taken_back(reading, number):
            cue = word
            _backward(reading, number)
    _whole_sentences(reading)


def _taken_back(reading: Reading, number: int) -> bool:
    """Whether a denial denies nothing: "not only", "No, he does"."""
    words = reading.words
    after = words[number + 1] if number + 1 < len(words) else ""
    if words[number] == "instead" and after != "of":
        return True
    if after in _NOT_ALL:
        return True
    return words[number] in ("no", "nao", "not") and bool(after) and "," in _gap(reading, number + 1)


def _new_clause(reading: Reading, number: int) -> bool:
    """Whether a comma and a word that begins a clause stand here, or a word that turns the sentence round."""
    words = reading.words
    if words[number] in ("but", "mas", "porem", "however"):
        return True
    if "," in _gap(reading, number):
        joined = words[number] in ("and", "e") and number + 1 < len(words)
        return words[number + joined] in _NEW_CLAUSE
    return False


def _backward(reading: Reading, number: int) -> None:
    """Deny the words before a verb's denial ("Prisma isn't used"), unless it is a clause that tells more of them."""
    words = reading.words
    if not _VERB_DENIALS.fullmatch(words[number]):
        return
    for back in range(number - 1, max(number - 1 - _BEHIND, -1), -1):
        gap = _gap(reading, back + 1)
        if reading.clauses[back] != reading.clauses[number] or "," in gap or words[back] in _RELATIVES | _NEW_CLAUSE:
            return
        reading.denied_by[back] = reading.denied_by[back] or words[number]


def _whole_sentences(reading: Reading) -> None:
    """Deny the sentence that ends in "none of that", and every word of an answer that begins with not knowing."""
    done = -1
    for match in _ALL_DENIED.finditer(reading.plain):
        last = reading.word_at(match.start())
        for number in range(last - 1, done, -1):
            if reading.sentences[number] != reading.sentences[last]:
                break
            reading.denied_by[number] = reading.denied_by[number] or match[0]
        done = last
    if not reading.words:
        return
    first = bisect_right(reading.sentences, reading.sentences[0]) - 1  # the last word of the first sentence
    unknown = _IGNORANCE.search(reading.plain, 0, reading.starts[first] + len(reading.words[first]) + 1)
    if unknown:
        for number in range(len(reading.words)):
            reading.denied_by[number] = reading.denied_by[number] or unknown[0].strip()


def _gap(reading: Reading, number: int) -> str:
    """The signs between a word and the one before it."""
    before = reading.starts[number - 1] + len(reading.words[number - 1]) if number else 0
    return reading.plain[before : reading.starts[number]]
