"""What makes two frozen pairs, and two datasets, the same."""

from __future__ import annotations

from molting_tui.datasets.digests import dataset_digest, row_digest, words_digest
from molting_tui.datasets.export.formats import Conversation
from molting_tui.records.turns import Message

ASKED, ANSWERED = Message("user", "Quem é João?"), Message("assistant", "O dev.")


def said(*messages: Message, system: str = "") -> Conversation:
    return Conversation(system, messages or (ASKED, ANSWERED))


def test_the_order_of_its_pairs_makes_no_other_dataset() -> None:
    rows = [("a", row_digest(said())), ("b", row_digest(said(ASKED, Message("assistant", "Não sei."))))]
    assert dataset_digest(rows) == dataset_digest(reversed(rows))


def test_the_same_words_of_another_pair_make_another_dataset() -> None:
    texts = row_digest(said())
    assert dataset_digest([("a", texts)]) != dataset_digest([("b", texts)])
    assert dataset_digest([("a", texts)]) != dataset_digest([("a", texts), ("a", texts)])


def test_another_system_turn_speaker_word_or_border_makes_another_row() -> None:
    others = [
        said(system="Seja breve."),
        said(ASKED, ANSWERED._replace(text="O dev")),
        said(ANSWERED, ASKED),
        said(ASKED._replace(role="assistant"), ANSWERED._replace(role="user")),
        said(Message("user", ASKED.text + ANSWERED.text)),
    ]
    assert len({row_digest(row) for row in [said(), *others]}) == 6


def test_the_prompt_of_a_dataset_belongs_to_no_pairs_words_and_a_system_turn_of_its_own_does() -> None:
    first, second = said(system="Você é Cláudio."), said(system="Você é Ana.")
    assert words_digest(first, "Você é Cláudio.") == words_digest(second, "Você é Ana.") == words_digest(said(), "")
    assert words_digest(first, "Você é Ana.") != words_digest(second, "Você é Ana.")
