"""Numbers drawn from a secret: the same secret draws the same ones again, and nobody else can guess them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

Item = TypeVar("Item")
_BITS = 64


class Draw:
    """A stream of numbers out of HMAC-SHA256(secret, `purpose:n`), n = 0, 1, 2 …; each gives 64 bits, most significant
    first. Numbers that would make a remainder more likely than another are passed over."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._secret = secret
        self._purpose = purpose
        self._drawn = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, each as likely as any other."""
        fair = (1 << _BITS) - (1 << _BITS) % limit
        while True:
            message = f"{self._purpose}:{self._drawn}".encode()
            number = int.from_bytes(hmac.new(self._secret, message, hashlib.sha256).digest()[: _BITS // 8], "big")
            self._drawn += 1
            if number < fair:
                return number % limit

    def coin(self) -> bool:
        """Heads or tails."""
        return bool(self.below(2))

    def shuffle(self, items: MutableSequence[Item]) -> None:
        """Put the items into an order drawn at random (Fisher and Yates)."""
        for last in range(len(items) - 1, 0, -1):
            chosen = self.below(last + 1)
            items[last], items[chosen] = items[chosen], items[last]

    def weighted(self, items: Sequence[Item], weights: Sequence[int]) -> Item:
        """One of the items, each as likely as its weight says."""
        number = self.below(sum(weights))
        for item, weight in zip(items, weights, strict=True):
            number -= weight
            if number < 0:
                return item
        raise AssertionError("a number below the sum of the weights is below one of their sums")
