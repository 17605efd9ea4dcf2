"""Drawing tokens row by row: the distribution is the softmax's, and the rows don't know of each other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import needs

pytestmark = [needs("torch"), pytest.mark.xdist_group("answers")]
LOGITS = (3.0, 2.5, 2.0, 1.0, 0.0, -1.0, -4.0, 2.9)
DRAWS = 20_000


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    global torch
    import torch


def drawn(logits: tuple[float, ...], temperature: float, top_p: float, draws: int = DRAWS, first: int = 0) -> Any:
    """How often each token comes, each draw by a row (and a seed) of its own."""
    from training.sampling import RowSampler

    scores = torch.tensor(logits).repeat(draws, 1)
    sampler = RowSampler(range(first, first + draws), temperature, top_p)
    return torch.bincount(sampler(None, scores).argmax(dim=-1), minlength=len(logits)).tolist()


def chance(found: list[int], expected: list[float]) -> float:
    """The p-value of Pearson's chi-square test that counts come from these expectations."""
    assert sum(found) == pytest.approx(sum(expected))
    square = sum((seen - wanted) ** 2 / wanted for seen, wanted in zip(found, expected, strict=True))
    freedom = torch.tensor((len(found) - 1) / 2, dtype=torch.float64)
    return float(torch.special.gammaincc(freedom, torch.tensor(square / 2, dtype=torch.float64)))


def softmax(logits: tuple[float, ...], temperature: float) -> list[float]:
    return (torch.tensor(logits, dtype=torch.float64) / temperature).softmax(dim=-1).tolist()


@pytest.mark.parametrize("temperature", [0.5, 0.7, 1.0, 2.0])
def test_tokens_come_as_often_as_the_softmax_says(temperature: float) -> None:
    expected = [share * DRAWS for share in softmax(LOGITS, temperature)]
    found = drawn(LOGITS, temperature, 1.0)
    # The test wants some of each: the rare ones are counted together.
    groups = [[0], [1], [2], [3], [7], [4, 5, 6]]
    seen = [sum(found[place] for place in group) for group in groups]
    wanted = [sum(expected[place] for place in group) for group in groups]
    assert chance(seen, wanted) > 0.001


def test_one_rows_draws_one_after_the_other_have_that_distribution_too() -> None:
    from training.sampling import RowSampler

    sampler = RowSampler([11], 1.0, 1.0)
    scores = torch.tensor([LOGITS])
    found = torch.bincount(torch.cat([sampler(None, scores).argmax(dim=-1) for _ in range(4000)]), minlength=8)
    expected = [share * 4000 for share in softmax(LOGITS, 1.0)]
    assert chance(found.tolist(), expected) > 0.001


def test_top_p_keeps_the_fewest_likely_tokens_that_make_it_up_and_their_proportions() -> None:
    # Shares at temperature 1, likeliest first: .32 .29 .20 .12 .04 …: .9 needs the first four.
    kept = [0, 7, 1, 2]
    found = drawn(LOGITS, 1.0, 0.9)
    assert [place for place, count in enumerate(found) if count] == sorted(kept)
    shares = softmax(LOGITS, 1.0)
    whole = sum(shares[place] for place in kept)
    assert whole >= 0.9 > whole - shares[2]
    expected = [shares[place] / whole * DRAWS for place in kept]
    assert chance([found[place] for place in kept], expected) > 0.001


def test_the_temperature_counts_before_top_p() -> None:
    # Colder, fewer tokens make up the same share.
    assert sum(count > 0 for count in drawn(LOGITS, 0.2, 0.9)) < sum(count > 0 for count in drawn(LOGITS, 2.0, 0.9))


def test_the_likeliest_token_is_always_left() -> None:
    assert drawn(LOGITS, 1.0, 1e-9, draws=50)[0] == 50


def test_a_temperature_of_zero_takes_the_likeliest() -> None:
    assert drawn(LOGITS, 0.0, 0.5, draws=50)[0] == 50


def test_equal_seeds_draw_equally_in_any_company() -> None:
    from training.sampling import RowSampler

    vocabulary, steps = 300, 20
    logits = torch.randn(5, vocabulary, generator=torch.Generator().manual_seed(1))

    def run(rows: list[int]) -> dict[int, list[int]]:
        sampler = RowSampler([100 + row for row in rows], 0.7, 0.9)
        tokens = torch.stack([sampler(None, logits[rows]).argmax(dim=-1) for _ in range(steps)])
        return dict(zip(rows, tokens.T.tolist(), strict=True))

    together = run([0, 1, 2, 3, 4])
    assert run([4, 2, 0, 3, 1]) == together
    assert {row: run([row])[row] for row in range(5)} == together
    assert len({tuple(tokens) for tokens in together.values()}) == 5


def test_top_p_holds_where_many_tokens_are_needed_beside_a_row_that_needs_few() -> None:
    from training.sampling import RowSampler

    flat, steep = torch.zeros(500), torch.linspace(50, 0, 500)
    flat[:250] += 0.5  # so likely are .62: the rest of .9 is made up of others
    both = RowSampler([1, 2], 1.0, 0.9)(None, torch.stack([flat, steep])).isfinite()
    shares = flat.softmax(dim=-1)
    kept = shares[both[0]]
    assert both[0, :250].all()
    assert 0.9 <= float(kept.sum()) < 0.9 + float(kept.min()) + 1e-5
    assert both[1].sum() < 64
    assert torch.equal(RowSampler([1], 1.0, 0.9)(None, flat[None])[0].isfinite(), both[0])
