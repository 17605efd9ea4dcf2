"""Facts are found by their words: any case, accents, width and inflection, and only as whole words; what is denied,
asked or said of another isn't said."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.noticing.fact_states import answer_right, fact_states
from molting_tui.evaluation.noticing.word_forms import folded
from molting_tui.records.evaluation import Fact, FactState, Question


def fact(*must: str | tuple[str, ...], never: tuple[str, ...] = ()) -> Fact:
    return Fact("f", "a fact", tuple((one,) if isinstance(one, str) else one for one in must), never)


def question(*facts: Fact) -> Question:
    return Question("q", "Quem?", "pt", (), None, facts, (), "0" * 64)


def state(wanted: Fact, text: str) -> FactState | None:
    states = fact_states(question(wanted), text)
    return states[0].state if states else None


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
    assert state(fact(phrase), text) == "said"


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
    assert state(fact(phrase), text) == "missing"


def test_every_group_needs_one_of_its_alternatives() -> None:
    wanted = fact("Softtor", ("developer", "desenvolvedor"))
    assert state(wanted, "Desenvolvedor na Softtor.") == "said"
    assert state(wanted, "A developer at Softtor.") == "said"
    assert state(wanted, "A developer.") == "missing"
    assert state(wanted, "Softtor.") == "missing"


def test_what_must_not_be_mentioned_contradicts_unless_it_is_denied() -> None:
    wanted = fact("Cláudio", never=("Gabriel",))
    assert state(wanted, "I am Cláudio.") == "said"
    assert state(wanted, "I am Cláudio, or GABRIEL.") == "contradicted"
    assert state(wanted, "I'm not Gabriel, I'm Cláudio.") == "said"
    assert state(fact(never=("Gabriel",)), "I am Cláudio.") == "said"


@pytest.mark.parametrize("text", ["", "  \n ", "\u0301"])
def test_an_empty_answer_holds_no_fact(text: str) -> None:
    assert state(fact(never=("Gabriel",)), text) == "missing"


def test_a_fact_without_words_is_left_to_the_scorer() -> None:
    assert state(fact(), "anything") is None
    assert answer_right(question(fact()), "anything") is None
    assert answer_right(question(), "anything") is None


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("developer", "two developers"),
        ("developer", "João é dev"),
        ("developer", "a desenvolvedora"),
        ("engineer", "é engenheiro"),
        ("criador", "foi criando"),
        ("queue", "queues"),
        ("fila", "as filas"),
        ("técnico", "tecnicamente"),
        ("technical", "technically"),
        ("honesto", "a honestidade"),
        ("mudança pequena", "pequenas mudanças"),
        ("memory", "memories"),
        ("SQLite", "SQLite3"),
        ("João", "João's"),
        ("IA", "his I.A."),
    ],
)
def test_an_inflected_word_is_the_word(phrase: str, text: str) -> None:
    assert state(fact(phrase), text) == "said"


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("direct", "the director"),
        ("customer", "a custom build"),
        ("fila", "the file"),
        ("Cláudio", "Cláudia"),
        ("Molting", "molts"),
        ("author", "authority"),
        ("sales queue", "queue for sales"),
    ],
)
def test_a_word_of_another_sense_or_a_name_isnt_an_inflection(phrase: str, text: str) -> None:
    assert state(fact(phrase), text) == "missing"


@pytest.mark.parametrize(
    "text",
    [
        "João isn't a developer.",
        "I don't know whether he is a developer.",
        "I know nothing about João. A developer, perhaps.",
        "Is he a developer?",
        "Não é developer.",
        "He never was a good or even a paid developer.",
        "Neither a singer nor a developer.",
        "A developer isn't what he is.",
        "Developer, singer: none of that is known to me.",
        "He's a singer instead of a developer.",
        "The developer by Google",
    ],
)
def test_a_denial_near_or_far_a_question_or_another_ones_name_leaves_it_to_a_person(text: str) -> None:
    assert state(fact("developer"), text) == "denied"


@pytest.mark.parametrize(
    "text",
    [
        "He isn't a singer; he is a developer.",
        "He isn't a singer, he is a developer.",
        "He isn't a singer but a developer.",
        "No, he is a developer.",
        "Não, ele é developer.",
        "He is not only a developer.",
        "Sem dúvida um developer.",
        "Who is he? A developer.",
        "He's never seen without being a developer.",
        "No CRM ele é developer.",
        "I'm not sure of his age. He is a developer.",
        "A developer who never sleeps.",
    ],
)
def test_a_denial_of_something_else_leaves_a_fact_said(text: str) -> None:
    assert state(fact("developer"), text) == "said"


def test_what_is_said_and_denied_is_said_and_the_detail_tells_what_it_goes_by() -> None:
    asked = question(fact("developer"), fact("Softtor"), fact("painter"))
    states = fact_states(asked, "Not a developer at Softtor? He is a developer.")
    assert [(each.state, each.detail) for each in states] == [
        ("said", "developer"),
        ("denied", "asked: softtor"),
        ("missing", "painter"),
    ]


def test_an_answer_is_right_if_every_fact_that_can_be_checked_holds() -> None:
    asked = question(fact("João"), fact(), fact("Softtor"))
    assert answer_right(asked, "João, da Softtor") is True
    assert answer_right(asked, "João") is False
    assert answer_right(asked, "João, que não é da Softtor") is False


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=40), st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8))
def test_a_word_of_an_answer_is_found_in_any_composition(rest: str, word: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, f"{rest} {word} ")
        assert (state(fact(word), written) != "missing") is (folded(word) != "")
