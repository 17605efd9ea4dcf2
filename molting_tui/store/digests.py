"""Hashes that stand beside what they are of, so that a byte that changed by itself is noticed. The formulas are never
changed: databases hold their results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

ANSWER_WORDS = "contender, run, question_digest, sample, raw, text, tokens, finish_reason, seed, settings"
"""The columns of an answer that its digest is of, in their order."""


def answer_digest(answer: Sequence[object]) -> str:
    """A hash (hex, 128 bits of BLAKE2b) of an answer, by what stands in `ANSWER_WORDS`, as it is stored."""
    whole = json.dumps(list(answer), ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
