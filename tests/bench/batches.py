"""What a batch of answers gains over one answer after the other, and adapters mixed in one batch over a batch of each,
measured in one run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from molting_tui.recipe.runfolder import AskedContender, Generation
from molting_tui.recipe.settings import TINY, Quantisation
from tests.training.answering import config_of, questions, write_adapter
from training import bases
from training.asked import Job, jobs_of, row_seed
from training.contenders import Contenders, encoded, generated, stop_ids

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


def mixed_gain(
    folder: Path,
    base: str = TINY,
    size: int = 16,
    how: Generation | None = None,
    *,
    quantisation: Quantisation = "nf4",
) -> Gain:
    """Ask a base and two adapters of it `size` questions, one contender after the other and all in one batch, and
    compare time and answers. `folder` is where the adapters are made."""
    source = bases.resolve(base)
    adapters = [str(write_adapter(folder / f"a{seed}", Path(source), seed, rank=16)) for seed in (1, 2)]
    who = [AskedContender("base", base), *(AskedContender(Path(one).name, base, one) for one in adapters)]
    asked = questions([f"{PROMPTS[place % len(PROMPTS)]} {place}" for place in range(size)])
    drawing = how or Generation(max_new_tokens=128)
    config = config_of(who, asked, batch_size=size, quantisation=quantisation, generation=drawing)
    contenders, jobs = Contenders(base, who, config), jobs_of(config)
    by_contender = [[job for job in jobs if job.contender == contender] for contender in who]

    def answer(some: Sequence[Job]) -> dict[object, str]:
        return {drawn.job.key: drawn.turns[-1].raw for batch in contenders.answers(some) for drawn in batch}

    answer(jobs[:1])  # what is only made once is not measured
    began = time.perf_counter()
    alone = {key: raw for some in by_contender for key, raw in answer(some).items()}
    between = time.perf_counter()
    together = answer(jobs)
    ended = time.perf_counter()
    equal = sum(alone[key] == raw for key, raw in together.items())
    return Gain(between - began, ended - between, size, len(jobs), equal, 0)
