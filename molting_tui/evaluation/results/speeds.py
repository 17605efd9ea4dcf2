"""How fast answers came: new tokens a second, by contender."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from molting_tui.records.evaluation import Answer


class AnswerSpeed(NamedTuple):
    """Of a contender's answers those whose time is known: how many, their new tokens, and the seconds of wall clock
    that drawing them took. `at_once` are the fewest and the most answers that were drawn together: an answer of a batch
    has its share, by tokens, of the batch's seconds, so that a speed is that of batches of such sizes."""

    answers: int
    tokens: int
    seconds: float
    at_once: tuple[int, int]

    @property
    def tokens_a_second(self) -> float:
        """New tokens a second."""
        return self.tokens / self.seconds

    def sentence(self) -> str:
        """The speed in words, such as `31.2 tokens a second, 16 at once`."""
        fewest, most = self.at_once
        together = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        return f"{self.tokens_a_second:.1f} tokens a second" + (f", {together} at once" if most > 1 else "")


def answer_speeds(answers: Iterable[Answer]) -> dict[str, AnswerSpeed]:
    """The speed of each contender (by name) that has answers whose seconds and tokens are known."""
    timed: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.seconds and answer.tokens > 0:
            timed.setdefault(answer.contender, []).append(answer)
    return {name: _speed(given) for name, given in timed.items()}


def _speed(timed: list[Answer]) -> AnswerSpeed:
    together = [answer.settings.get("at_once") for answer in timed]
    sizes = [size if isinstance(size, int) and size > 0 else 1 for size in together]
    tokens, seconds = sum(answer.tokens for answer in timed), sum(answer.seconds or 0.0 for answer in timed)
    return AnswerSpeed(len(timed), tokens, seconds, (min(sizes), max(sizes)))
