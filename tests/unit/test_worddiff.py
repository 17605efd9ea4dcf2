"""Promises about the word difference."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from molting_tui.curation.worddiff import Change, word_diff

texts = st.text(alphabet="ab é,.\n", max_size=40)


@given(texts, texts)
def test_the_runs_join_to_both_versions(old: str, new: str) -> None:
    changes = word_diff(old, new)
    assert "".join(change.text for change in changes if change.kind != "added") == old
    assert "".join(change.text for change in changes if change.kind != "removed") == new


@given(texts, texts)
def test_what_was_removed_stands_before_what_took_its_place(old: str, new: str) -> None:
    kinds = [change.kind for change in word_diff(old, new)]
    assert ("added", "removed") not in list(itertools.pairwise(kinds))


def test_a_replaced_word_is_one_removal_and_one_addition() -> None:
    assert word_diff("depois vai", "só então vai") == (
        Change("removed", "depois"),
        Change("added", "só então"),
        Change("same", " vai"),
    )


def test_words_that_were_replaced_side_by_side_are_one_change() -> None:
    assert word_diff("Linha I, e mais", "Now um, e mais") == (
        Change("removed", "Linha I"),
        Change("added", "Now um"),
        Change("same", ", e mais"),
    )


def test_what_only_went_or_only_came_stays_beside_what_was_there() -> None:
    assert word_diff("um dois três", "um três") == (
        Change("same", "um "),
        Change("removed", "dois "),
        Change("same", "três"),
    )
    assert [change.kind for change in word_diff("a\nb", "c\nd")] == ["removed", "added", "same", "removed", "added"]
