"""Numbers that prove themselves by their check digits, and the sign that stands where a secret was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

MASK = re.compile(r"\[REDACTED:[a-z0-9-]+\]")
"""What `masked` writes; a rule never matches it."""
_MASK_START = "[REDACTED:"


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


CHECKS: Mapping[str, Callable[[str], bool]] = {"cpf": cpf, "cnpj": cnpj, "luhn": luhn}
"""What a rule may ask for as its `check`."""


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
