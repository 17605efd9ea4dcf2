"""Promises of the likeness of questions: what asks the same is told from what asks something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.curation.likeness import ALIKE, Likeness, Wording, likeness

SAME = [
    ("Who is João?", "Who is joao"),
    ("Who is João?", "who's João?"),
    ("Quem é João?", "Quem é o João?"),
    ("Quem é João?", "quem e joao"),
    ("Quem é o João?", "Me diz, quem é o João?"),
    ("What is Molting?", "What's Molting?"),
    ("What is Molting?", "what is molting exactly?"),
    ("What is Molting?", "Can you tell me what Molting is?"),
    ("O que é o Molting?", "o que e molting"),
    ("O que é o Molting?", "O que é esse Molting?"),
    ("Tell me about the CRM project.", "tell me about our CRM project"),
    ("Tell me about the CRM project.", "Please tell me about the CRM project!"),
    ("O que é o projeto do CRM?", "o que é o projeto CRM?"),
    ("Which technologies do you use?", "What technologies do you use?"),
    ("Which technologies do you use?", "which technologies are you using?"),
    ("Which technologies do you use?", "Which technology do you use?"),
    ("Que tecnologias você usa?", "Quais tecnologias você usa?"),
    ("Que tecnologias você usa?", "que tecnologias voce usa hoje?"),
    ("Tell me about yourself.", "Can you tell me about yourself?"),
    ("Fale sobre você.", "Fala sobre você"),
    ("Who are you?", "who are you"),
    ("Quem é você?", "quem é vc?"),
    ("What is your personality?", "what's your personality like?"),
    ("What is your personality?", "Describe your personality."),
    ("How do you work?", "how do you work?"),
    ("How do you work?", "How is it that you work?"),
    ("What are your strengths and weaknesses?", "what are your strengths and your weaknesses?"),
    ("What are your strengths and weaknesses?", "What strengths and weaknesses do you have?"),
    ("Quais são seus pontos fortes e fracos?", "quais os seus pontos fortes e fracos?"),
    ("Quais são seus pontos fortes e fracos?", "Seus pontos fortes e fracos?"),
    ("What does the worker do with a failed job?", "What does the worker do with failed jobs?"),
    ("What does the worker do with a failed job?", "what happens to a failed job in the worker?"),
    ("How do I deploy the CRM without stopping the queue?", "How do I deploy the CRM without stopping our queue"),
    ("Como eu faço o deploy do CRM sem derrubar a fila?", "como faço deploy do CRM sem derrubar a fila"),
    ("Como eu faço o deploy do CRM sem derrubar a fila?", "Como fazer o deploy do CRM sem derrubar a fila?"),
    ("Where does Molting keep its memory?", "Where is Molting's memory kept?"),
    ("Which database does the CRM use?", "which database does our CRM use"),
    ("Qual banco de dados o CRM usa?", "Que banco de dados o CRM usa?"),
    ("What is Softtor?", "what is Softor?"),
    ("Who made Molting?", "Who was it that made Molting?"),
]

OTHER = [
    ("Who is João?", "Who is Maria?"),
    ("Quem é João?", "Quem é você?"),
    ("What is Molting?", "What is Softtor?"),
    ("O que é o Molting?", "O que é o CRM?"),
    ("O que é o projeto do CRM?", "O que é o projeto do Molting?"),
    ("Tell me about the CRM project.", "Tell me about the Molting project."),
    ("Which technologies do you use?", "Which technologies do you avoid?"),
    ("Que tecnologias você usa?", "Que tecnologias você evita?"),
    ("Who are you?", "How are you?"),
    ("Who are you?", "Where are you?"),
    ("Who made Molting?", "Who uses Molting?"),
    ("What does João do at Softtor?", "What does Maria do at Softtor?"),
    ("What does João like?", "What does João dislike about tests?"),
    ("Which database does the CRM use?", "Which queue does the CRM use?"),
    ("Qual banco de dados o CRM usa?", "Qual linguagem o CRM usa?"),
    ("What are your strengths and weaknesses?", "What are the strengths and weaknesses of SQLite?"),
    ("How do you work?", "How do you test?"),
    ("How do you work?", "How does this work?"),
    ("What does the worker do with a failed job?", "What does the worker do with a new job?"),
    ("Como eu faço o deploy do CRM sem derrubar a fila?", "Como eu faço o backup do CRM sem derrubar a fila?"),
    ("Where does Molting keep its memory?", "Where does Molting keep its logs?"),
    ("What is your personality?", "What is your name?"),
    ("Tell me about yourself.", "Tell me about João."),
    ("Fale sobre você.", "Fale sobre o João."),
    ("Quando começou o CRM?", "Quando começou o Molting?"),
    ("How many customers has the CRM?", "How many proposals has the CRM?"),
    ("Who reviews the code at Softtor?", "Who writes the code at Softtor?"),
    ("What is the port of the memory server?", "What is the language of the memory server?"),
    ("Which model did you train first?", "Which model did you train last?"),
    ("Qual foi a nota da v2.1?", "Qual foi a nota da v2.3?"),
]


def asks(question: str, text: str) -> bool:
    return Likeness([Wording("q", "c", question)]).find(text) is not None


def test_of_forty_rewordings_thirty_six_are_told_and_of_thirty_others_one() -> None:
    assert sum(asks(question, text) for question, text in SAME) == 36
    assert sum(asks(question, text) for question, text in OTHER) == 1


@pytest.mark.parametrize(
    "text",
    [
        "QUEM É O JOÃO??",
        "quem e\u0301 o joa\u0303o",
        "Bom dia!\nQuem é o João?\nObrigado.",
        "Deixa isso. Quem é o João? E quem é a Ana?",
    ],
)
def test_case_accents_and_what_stands_around_hide_no_question(text: str) -> None:
    assert asks("Quem é o João?", text)


def test_a_long_question_is_found_inside_a_longer_sentence() -> None:
    question = "what does the worker do with a failed job"
    assert asks(question, f"before the deploy of tomorrow I want to know {question} when the queue is full of them")
    assert not asks("Who is João?", "before the deploy I asked who is joão in the team that reviews the parser of logs")


def test_a_question_of_many_sentences_is_found_in_its_own_words() -> None:
    question = "The queue is slow. The worker waits. Nobody sleeps. The proxy is old. João left. What now, Cláudio?"
    assert asks(question, question.upper())
    assert asks(question, question.replace("slow", "slower"))
    assert not asks(question, "The queue is slow. What now, Cláudio?")


def test_whole_texts_are_compared_whole_where_that_is_asked_for() -> None:
    wording = Wording("q", "c", "Go on.")
    assert Likeness([wording]).find("Thanks. Go on.") is not None
    assert Likeness([wording], sentences=False).find("Thanks for the parser of the logs. Go on.") is None


def test_every_wording_that_a_text_asks_is_told_once() -> None:
    found = Likeness([Wording("en", "joao", "Who is João?"), Wording("pt", "joao", "Quem é João?")])
    hits = found.every("Who is João? Quem é João? Who is João?")
    assert sorted(hit.wording.question for hit in hits) == ["en", "pt"]
    assert {hit.likeness for hit in hits} == {1.0}


WORDS = st.lists(
    st.sampled_from(["who", "is", "joao", "what", "the", "crm", "queue", "deploy", "molting", "você", "é"]), max_size=8
)


@given(WORDS, WORDS)
def test_looking_by_the_rarest_words_misses_nothing_that_is_alike(question: list[str], text: list[str]) -> None:
    """The index finds what comparing every two texts finds."""
    one, other = " ".join(question), " ".join(text)
    found = Likeness([Wording("q", "c", one), Wording("r", "c", "is the queue")], sentences=False).every(other)
    assert (likeness(one, other) >= ALIKE) <= any(hit.wording.question == "q" for hit in found)
