"""Facts are found by their words: any case, any accents, any width, and only as whole words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.results.fact_check import answer_right, fact_holds, folded
from molting_tui.records.evaluation import Fact, Question


def fact(*must: str | tuple[str, ...], never: tuple[str, ...] = ()) -> Fact:
    return Fact("f", "a fact", tuple((one,) if isinstance(one, str) else one for one in must), never)


def question(*facts: Fact) -> Question:
    return Question("q", "Quem?", "pt", (), None, facts, (), "0" * 64)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("João", "JOAO trabalha na Softtor."),
        ("joao", "**João** trabalha."),
        ("Joao", "Joa\u0303o"),
        ("Cláudio", "_Claudio_, às ordens"),
        ("SQLite", "\uff33\uff31\uff2c\uff49\uff54\uff45"),
        ("H2O", "A água é H₂O."),
        ("sales queue", "the sales\n   queue"),
        ("C#", "I write C# and Go"),
        (".NET", "on .net here"),
        ("Next.js", "Next.js, Prisma"),
        ("don't", "I don\u2019t know"),
        ("STRASSE", "straße"),
        ("não", "Não."),
        ("4", "2 + 2 = 4."),
    ],
)
def test_a_phrase_is_found_however_it_is_written(phrase: str, text: str) -> None:
    assert fact_holds(fact(phrase), text) is True


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("não", "nãosei"),
        ("não", "senão"),
        ("4", "24"),
        ("4", "42"),
        ("read", "I am ready"),
        ("Next.js", "Nextxjs"),
        ("sales queue", "sales, queue"),
        ("João", "o meu irmão"),
    ],
)
def test_a_phrase_isnt_found_inside_another_word(phrase: str, text: str) -> None:
    assert fact_holds(fact(phrase), text) is False


def test_every_group_needs_one_of_its_alternatives() -> None:
    wanted = fact("Softtor", ("developer", "desenvolvedor"))
    assert fact_holds(wanted, "Desenvolvedor na Softtor.") is True
    assert fact_holds(wanted, "A developer at Softtor.") is True
    assert fact_holds(wanted, "A developer.") is False
    assert fact_holds(wanted, "Softtor.") is False


def test_what_must_not_be_mentioned_undoes_the_fact() -> None:
    wanted = fact("Cláudio", never=("Gabriel",))
    assert fact_holds(wanted, "I am Cláudio.") is True
    assert fact_holds(wanted, "I am Cláudio, or GABRIEL.") is False
    assert fact_holds(fact(never=("Gabriel",)), "I am Cláudio.") is True


@pytest.mark.parametrize("text", ["", "  \n ", "\u0301"])
def test_an_empty_answer_holds_no_fact(text: str) -> None:
    assert fact_holds(fact(never=("Gabriel",)), text) is False


def test_a_fact_without_words_is_left_to_the_scorer() -> None:
    assert fact_holds(fact(), "anything") is None
    assert answer_right(question(fact()), "anything") is None
    assert answer_right(question(), "anything") is None


def test_an_answer_is_right_if_every_fact_that_can_be_checked_holds() -> None:
    asked = question(fact("João"), fact(), fact("Softtor"))
    assert answer_right(asked, "João, da Softtor") is True
    assert answer_right(asked, "João") is False


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=40), st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8))
def test_a_word_of_an_answer_is_found_in_any_composition(rest: str, word: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, f"{rest} {word} ")
        assert fact_holds(fact(word), written) is (folded(word) != "")
