"""What proves that a text is a number of somebody or may be a password, and the sign that stands where a secret was."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

MASK = re.compile(r"\[REDACTED:[a-z0-9-]+\]")
"""What `masked` writes; a rule never matches it."""
_MASK_START = "[REDACTED:"
_LETTER, _LOWER, _UPPER, _SIGN = (re.compile(signs) for signs in ("[A-Za-z]", "[a-z]", "[A-Z]", r"[^\w.,:/()-]"))
_NO_PASSWORD = re.compile(
    r"^[a-z]+(?:[-_.][a-z0-9]+)+$|^[A-Z]+(?:_[A-Z0-9]+)+$|^[A-Za-z_.]+\(|\(\)|^[a-z]+[A-Z][A-Za-z]*[0-9]?$|[\[\]]"
    r"|^(?i:sha|md|aes|rsa|base|utf|bcrypt|argon|pbkdf|oauth|http|ipv|v|python|node|es)[-_]?[0-9]+[.a-z0-9_/-]{0,12}$"
)
_PHRASE = re.compile(r"[a-z]+(?:[-_.][a-z]+)+[-_.][0-9]{2,}")
_NAMING = re.compile(
    "secret|segredo|pass|senha|token|key|name|test|user|file|version|step|page|auth|login|reset|admin|config|data|value|field"
    "|input|cred|cert|demo|dev|prod|example|release|sample"
)
_CAMEL = re.compile(r"[A-Za-z]+[0-9]{1,4}(?:[A-Z][a-z]+)*")
_JOINED_WORDS = re.compile(r"(?:(?:[A-Za-z]+[0-9]{0,4}|[0-9]{1,4})(?:[-_./:]+|$))+")
_LOGIN = re.compile(rb"[!-9;-~]+:[!-~]{4,}")


class Hit(NamedTuple):
    """A place a rule found: character offsets into the text, and the rule's id."""

    start: int
    end: int
    rule: str


def masked(text: str, hits: Iterable[Hit]) -> tuple[str, int]:
    """The text with `[REDACTED:rule-id]` for every hit, and how many such signs were put in.

    Hits that overlap become one sign, named after the one that starts first (of those, the longest).
    """
    parts: list[str] = []
    at = 0
    merged = _merged(hits)
    for start, end, rule in merged:
        parts += (text[at:start], f"[REDACTED:{rule}]")
        at = end
    parts.append(text[at:])
    return "".join(parts), len(merged)


def mask_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where signs of `masked` stand in the text already."""
    if _MASK_START not in text:
        return ()
    return tuple(match.span() for match in MASK.finditer(text))


def cpf(text: str) -> bool:
    """Whether the digits of the text are a CPF: eleven, not all alike, with both check digits right.

    Weights 10 … 2 and 11 … 2, the digit is 11 minus the sum modulo 11, or 0 from 10 up (Receita Federal).
    """
    digits = _digits(text)
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    return all(_modulo_11(digits[:n], range(n + 1, 1, -1)) == digits[n] for n in (9, 10))


def cnpj(text: str) -> bool:
    """Whether the text is a CNPJ: fourteen signs, not all alike, with both check digits right.

    Letters count as their ASCII code minus 48, as in the alphanumeric CNPJ of 2026 (Receita Federal,
    IN RFB 2.229/2024); weights run 2 … 9 from the right, over and over.
    """
    values = [ord(sign) - 48 for sign in text.upper() if sign.isascii() and sign.isalnum()]
    if len(values) != 14 or len(set(values)) == 1:
        return False
    return all(_modulo_11(values[:n], [(n - 1 - i) % 8 + 2 for i in range(n)]) == values[n] for n in (12, 13))


def luhn(text: str) -> bool:
    """Whether the digits of the text end in their Luhn check digit (ISO/IEC 7812-1), and aren't all alike."""
    digits = _digits(text)
    if len(digits) < 2 or len(set(digits)) == 1:
        return False
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def password(text: str) -> bool:
    """Whether the text may be a password that somebody made up, rather than a word of code or of a sentence.

    It has a letter and a digit, and three kinds of signs, three digits or twelve signs. Names of algorithms (`sha256`),
    calls and joined words (`my-name-2`) aren't, unless a number of two digits is behind two words that name nothing
    (`gato-preto-77`).
    """
    if _PHRASE.fullmatch(text):
        return not _NAMING.search(text)
    if len(text) < 6 or not _LETTER.search(text) or _NO_PASSWORD.search(text):
        return False
    digits = len(_digits(text))
    kinds = sum(bool(kind.search(text)) for kind in (_LOWER, _UPPER, _SIGN)) + 1
    return digits > 0 and (kinds > 2 or digits > 2 or len(text) > 11)


def random(text: str) -> bool:
    """Whether the text may be a key that a machine made: letters and digits mixed, not words with numbers."""
    if any(words.fullmatch(text) for words in (_JOINED_WORDS, _CAMEL)) or _NO_PASSWORD.search(text):
        return False
    return len(_digits(text)) > 1 and sum(sign.isalpha() for sign in text) > 1


def login(text: str) -> bool:
    """Whether the text is base64 of `user:password`, in ASCII."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return False
    return _LOGIN.fullmatch(plain) is not None


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "cpf": cpf,
    "cnpj": cnpj,
    "luhn": luhn,
    "password": password,
    "random": random,
    "login": login,
}
"""What a rule may ask for as its `check`."""
LOOKS = ("password", "random")
"""The checks that go by looks: what only they vouch for gives way to a rule that knows the form."""


def _digits(text: str) -> list[int]:
    return [int(sign) for sign in text if sign in "0123456789"]


def _modulo_11(values: list[int], weights: Iterable[int]) -> int:
    rest = 11 - sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11
    return 0 if rest > 9 else rest


def _merged(hits: Iterable[Hit]) -> list[Hit]:
    merged: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.rule)):
        if merged and hit.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = last._replace(end=max(last.end, hit.end))
        else:
            merged.append(hit)
    return merged
