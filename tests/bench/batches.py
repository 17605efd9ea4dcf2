"""What a batch of answers gains over one answer after the other, measured in one run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from molting_tui.recipe.runfolder import Generation
from molting_tui.recipe.settings import TINY, Quantisation
from training import bases
from training.asked import row_seed
from training.contenders import encoded, generated, stop_ids

PROMPTS = ("Quem é João?", "What is Molting?", "me fala de você", "Which technologies do you use?")


class Gain(NamedTuple):
    """Seconds for the same answers, one by one and `size` at a time. `equal` counts those that came out the same, of
    `answers`; `tokens` are the new ones."""

    alone: float
    together: float
    size: int
    answers: int
    equal: int
    tokens: int

    @property
    def ratio(self) -> float:
        """How many times faster a batch is."""
        return self.alone / self.together


def batch_gain(
    base: str = TINY,
    size: int = 16,
    how: Generation | None = None,
    *,
    quantisation: Quantisation = "nf4",
    prompts: Sequence[str] = PROMPTS,
) -> Gain:
    """Answer `size` questions with a base, one by one and at once, and compare time and answers."""
    source = bases.resolve(base)
    tokenizer = bases.load_tokenizer(source)
    model = bases.load_base(source, quantisation, exact=True)
    stops = stop_ids(model, tokenizer)
    drawing = how or Generation(max_new_tokens=128)
    asked = [
        encoded(tokenizer, [{"role": "user", "content": prompts[place % len(prompts)]}], True) for place in range(size)
    ]
    seeds = [row_seed(drawing.seed_base, "", place) for place in range(size)]

    def answer(places: Sequence[int]) -> list[list[int]]:
        rows, luck = [asked[place] for place in places], [seeds[place] for place in places]
        return generated(model, tokenizer.pad_token_id, stops, rows, luck, drawing)

    answer([0])  # what is only made once is not measured
    began = time.perf_counter()
    alone = [answer([place])[0] for place in range(size)]
    between = time.perf_counter()
    together = answer(range(size))
    ended = time.perf_counter()
    equal = sum(one == other for one, other in zip(alone, together, strict=True))
    return Gain(between - began, ended - between, size, size, equal, sum(map(len, together)))
