"""Sampling with a generator for each row, so that an answer doesn't depend on what else is in its batch.

Drawing from a softmax is taking the largest of logits plus Gumbel noise (Gumbel 1954; "Gumbel-max trick", Maddison et
al. 2014, arXiv 1411.0030). So the noise is added here, and `generate` is told to take the largest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import LogitsProcessor

_LIKELY = 64
"""Tokens that are nearly always enough: to sort a whole vocabulary takes twenty times as long."""


class RowSampler(LogitsProcessor):
    """Draws each row's next token with that row's own generator; use it with `do_sample=False`, for one `generate`.

    `seeds` are by row. `temperature` divides the logits (0 takes the likeliest token); of the tokens, most likely
    first, those are left that make up `top_p` (Holtzman et al. 2019, arXiv 1904.09751), the likeliest always.
    """

    def __init__(self, seeds: Sequence[int], temperature: float, top_p: float) -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._temperature = temperature
        self._top_p = top_p

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Logits (rows x vocabulary) with what isn't to be drawn at minus infinity, and noise on the rest."""
        if self._temperature == 0:
            return scores
        logits = scores.float() / self._temperature
        if self._top_p < 1:
            logits = logits.masked_fill(_beyond(logits, self._top_p), float("-inf"))
        return logits + self._noise(logits)

    def _noise(self, logits: Any) -> Any:
        """Gumbel noise, the same numbers whatever the batch: drawn row by row, on the CPU."""
        uniform = torch.empty(logits.shape, dtype=torch.float32)
        for row, generator in zip(uniform, self._generators, strict=True):
            row.uniform_(generator=generator)
        # 0 has a chance of 2^-24 a token; its noise would be minus infinity, and could leave nothing to draw.
        uniform = uniform.clamp_(min=1e-12).to(logits.device)
        return -torch.log(-torch.log(uniform))


def _beyond(logits: Any, top_p: float) -> Any:
    """Which tokens (rows x vocabulary) aren't among the likeliest that make up `top_p`."""
    whole = logits.logsumexp(dim=-1, keepdim=True)
    few, enough = _beyond_the_first(logits, whole, top_p, min(_LIKELY, logits.shape[-1]))
    # Row by row again, so that no row's numbers depend on another's.
    for row in (~enough).nonzero().flatten().tolist():
        span = slice(row, row + 1)
        few[span], _ = _beyond_the_first(logits[span], whole[span], top_p, logits.shape[-1])
    return few


def _beyond_the_first(logits: Any, whole: Any, top_p: float, count: int) -> tuple[Any, Any]:
    """The same, if the `count` likeliest are enough for it; and for which rows they are. `whole` is the logarithm of
    what the shares are of."""
    ordered, places = logits.topk(count, dim=-1)
    share = (ordered - whole).exp()
    sums = share.cumsum(dim=-1)
    # What is likelier than a token, without itself, already makes up the share: it isn't needed.
    unneeded = sums - share >= top_p
    beyond = torch.ones_like(logits, dtype=torch.bool).scatter(-1, places, unneeded)
    return beyond, (sums[:, -1] >= top_p) | (count == logits.shape[-1])
