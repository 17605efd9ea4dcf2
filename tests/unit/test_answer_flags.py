"""What a machine notices in an answer, in English and Portuguese, and what it must not mistake for it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.curation.rules import load_rules
from molting_tui.evaluation.noticing.answer_flags import FLAGS, Flagger
from molting_tui.records.evaluation import Answer, Fact, Question
from molting_tui.workspace import Persona, shipped

PERSONA = Persona("Cláudio", "João", aliases=("Claudinho",), foreign_names=("Gabriel",), words=("Softtor", "Molting"))
FLAGGER = Flagger(PERSONA, load_rules([shipped("rubrics") / "curation" / "agent-speech.yaml"]), "here")
FACTS = (Fact("name", "is Cláudio", (("Cláudio",),), ("Gabriel",)),)


def answer(
    text: str, *, raw: str = "", finish_reason: str = "stop", language: str = "any", facts: bool = False
) -> Answer:
    question = Question("q", "Who are you?", language, (), None, FACTS if facts else (), (), "0" * 64)
    return Answer(
        7, "u", "v2", 1, "asked", "r", question, 0, text, raw or text, 384, finish_reason, None, {}, "2026-02-01"
    )


def flags(text: str, **more: object) -> dict[str, str]:
    return dict(FLAGGER.notice(answer(text, **more)).flags)  # type: ignore[arg-type]


def test_an_answer_with_nothing_wrong_has_no_flag() -> None:
    text = "Sou o Cláudio, assistente de IA do João na Softtor. Vou direto ao ponto e digo quando não sei."
    assert flags(text, raw=f"{text}</s>", language="pt", facts=True) == {}


def test_an_answer_cut_at_its_most_tokens_is_truncated() -> None:
    assert flags("Sou o Cláudio e", finish_reason="length") == {"truncated": "after 384 tokens"}


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        ("Cláudio.</s> Cláudio.</s>", "</s>"),
        ("Cláudio. <|im_end|>\n<|im_start|>assistant", "<|im_end|>"),
        ("Cláudio <|endoftext|> e mais", "<|endoftext|>"),
        ("Cláudio [/INST] sim", "[/INST]"),
        ("Cláudio <<SYS>>", "<<SYS>>"),
        ("Cláudio <start_of_turn>model", "<start_of_turn>"),
        ("Cláudio <|anything_new|> e mais", "<|anything_new|>"),
        ("Cláudio <｜User｜> e mais", "<｜User｜>"),
        ("Cláudio <0x0A> e mais", "<0x0A>"),
        ("### Response: Cláudio", "### Response:"),
        ("Cláudio {% for message in messages %}", "{% for message"),
    ],
)
def test_tokens_and_template_words_in_a_raw_decode_are_bleed(raw: str, what: str) -> None:
    assert flags("Cláudio.", raw=raw)["template_bleed"] == what


@pytest.mark.parametrize(
    "raw",
    [
        "Cláudio.</s>",
        "Cláudio.<|im_end|>\n",
        "Cláudio.<|end|><|endoftext|>",
        "Cláudio.</s></s></s>",
        "Cláudio.<|my_own_end|>",
        "Cláudio: o fim é `</s>`, a lista é list[int], `a | b` e x < y > z.",
    ],
)
def test_the_ending_token_and_a_quoted_one_are_no_bleed(raw: str) -> None:
    assert "template_bleed" not in flags("Cláudio.", raw=raw)


def test_a_token_of_its_own_at_a_cut_is_bleed() -> None:
    assert flags("Cláudio.", raw="Cláudio.<|strange|>", finish_reason="length")["template_bleed"] == "<|strange|>"


@pytest.mark.parametrize(
    "text",
    [
        "Cláudio.\nUser: and you?",
        "Cláudio.\n**Usuário:** e você?",
        "Cláudio.\n### Human: and you?",
        "Cláudio.\nJoão: e você?",
        "Cláudio.\nPergunta: quem?",
        "Cláudio <|user|> quem?",
        "Cláudio <|im_start|>user\nquem?",
    ],
)
def test_speaking_for_the_user_is_a_role_run_on(text: str) -> None:
    assert "role_run_on" in flags(text)


@pytest.mark.parametrize(
    "text", ["The user: Cláudio knows him.", "Cláudio.\nUsers: three of them", "Cláudio e João: amigos"]
)
def test_speaking_of_the_user_is_none(text: str) -> None:
    assert "role_run_on" not in flags(text)


@pytest.mark.parametrize("text", ["I'll start by reading the file, Cláudio here.", "Vou analisar o código do Molting."])
def test_telling_the_next_step_is_agent_like_by_the_rules_of_curation(text: str) -> None:
    assert "agent_like" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm ChatGPT, João's assistant.",
        "I am a language model trained by OpenAI, João.",
        "Eu sou o Gabriel, do Molting.",
        "Meu nome é Helena e ajudo o João.",
        "Sou o Llama-2.",
        "My name is **Bob**.",
        "Fui criado pela Anthropic para ajudar o João.",
        "Sou um assistente treinado pelo Google.",
    ],
)
def test_another_ones_name_is_a_wrong_identity(text: str) -> None:
    assert "wrong_identity" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm Cláudio; ChatGPT is another one.",
        "Não sou o ChatGPT, sou o Cláudio.",
        "I'm not Gabriel.",
        "I was not made by OpenAI, but by João.",
        "Não fui criado pela OpenAI.",
        "Meu nome é Claudinho.",
        "Sou desenvolvido aos poucos pelo João.",
        "This is Softtor's CRM, built by João.",
        "Call me when Google answers.",
    ],
)
def test_its_own_name_and_others_named_are_none(text: str) -> None:
    assert "wrong_identity" not in flags(text)


def test_a_persona_called_as_a_known_assistant_may_say_so() -> None:
    own = Flagger(Persona("Claude"), None, "here")
    assert "wrong_identity" not in dict(own.notice(answer("I'm Claude, and I work here.")).flags)
    assert "wrong_identity" in dict(own.notice(answer("I'm Gemini, and I work here.")).flags)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot assist with that request.",
        "As an AI language model, I don't have access to personal data.",
        "Desculpe, mas não posso responder a isso.",
        "Infelizmente, não consigo ajudar.",
        "Como um modelo de linguagem, eu não tenho opiniões.",
        "Não posso ajudar com isso.",
    ],
)
def test_a_refusal_is_flagged(text: str) -> None:
    assert "refusal" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't help but like small commits.",
        "I'm sorry to say that the queue was down.",
        "Não sei a idade do João; isso ninguém me contou.",
        "I won't pretend to know.",
        "Não posso negar que gosto de testes.",
        "The server said: I cannot connect.",
    ],
)
def test_not_knowing_is_no_refusal(text: str) -> None:
    assert "refusal" not in flags(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Sou o Cláudio. " + "Eu gosto de testes. " * 4, "ends in a loop: eu gosto de testes"),
        ("Cláudio " + "ha" * 60, "ends in a loop: ha"),
        ("The CRM of Softtor is the one for sales and for clients. " * 2 + "And it has a queue.", "repeats"),
    ],
)
def test_a_loop_and_words_said_again_are_repetition(text: str, what: str) -> None:
    assert what in flags(text)["repetition"]


@pytest.mark.parametrize(
    "text", ["Cláudio. " + "-" * 80, "Sim, sim, Cláudio.", "Cláudio: um, dois, três, um, dois, quatro."]
)
def test_a_rule_and_a_word_said_twice_are_none(text: str) -> None:
    assert "repetition" not in flags(text)


def test_an_answer_in_another_language_than_asked_is_flagged() -> None:
    text = "I work with João at Softtor and I like what the queue does."
    assert flags(text, language="pt")["language_mismatch"] == "en, asked in pt"
    assert "language_mismatch" not in flags(text, language="en")
    assert "language_mismatch" not in flags(text, language="any")
    assert "language_mismatch" not in flags("João, Softtor.", language="en")


@pytest.mark.parametrize("text", ["", " \n", "…!?"])
def test_an_answer_without_words_is_empty_and_nothing_else_but_its_facts(text: str) -> None:
    assert set(flags(text, facts=True)) == {"empty", "fact_missing"}


def test_facts_missing_and_contradicted_are_named() -> None:
    assert flags("O João trabalha na Softtor.", facts=True)["fact_missing"] == "name (Cláudio)"
    assert flags("Cláudio, ou Gabriel.", facts=True)["fact_contradicted"] == "name (Gabriel)"


def test_an_answer_that_anybody_could_give_is_generic() -> None:
    assert "generic" in flags("I like to help people with their questions.", facts=True)
    assert "generic" not in flags("I like to help people at Softtor.", facts=True)
    nobody = Flagger(Persona(), None, "here")
    assert "generic" not in dict(nobody.notice(answer("I like to help people.")).flags)


def test_every_flag_that_is_given_has_its_meaning() -> None:
    text = "I'm Gemini. I'll start by reading it.\nUser: no"
    given_flags = set(flags(text, facts=True, finish_reason="length", raw=f"{text}<|x|>", language="pt"))
    assert given_flags == {
        "truncated", "template_bleed", "role_run_on", "agent_like", "wrong_identity", "language_mismatch",
        "fact_missing", "generic",
    }  # fmt: skip
    assert given_flags <= set(FLAGS)


@given(st.text(max_size=300), st.text(max_size=40), st.sampled_from(["pt", "en", "any"]))
def test_no_text_makes_it_fail_and_no_detail_is_long(text: str, more: str, language: str) -> None:
    noticed = FLAGGER.notice(answer(text, raw=text + more, language=language, facts=True))
    assert all(flag.flag in FLAGS and 0 < len(flag.detail) <= 80 for flag in noticed.flags)
    assert len(noticed.facts) == 1


_PIECES = [
    "não ", "I'm not ", "none of it ", "<|", "|>", "</s>", "\n#", "a.", ".-", "by ",
    "as an ai ", "I was a ", "?", "é\u0301", "\ud800", "User:", "[INST]",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=60))
def test_no_mix_of_what_it_looks_for_makes_it_fail(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert FLAGGER.notice(answer(text, language="pt", facts=True)).answer == 7


@pytest.mark.parametrize("piece", ["não sem ", "<|a", ".-", "i was a ", "é\u0301", "I'm Cl", "none of it ", "ab"])
def test_two_megabytes_of_junk_take_less_than_a_second(piece: str) -> None:
    junk = answer(piece * (2_000_000 // len(piece)), language="pt", facts=True)
    FLAGGER.notice(answer("Boa noite, João.", language="pt"))  # what is loaded once isn't the junk's
    start = time.process_time()
    FLAGGER.notice(junk)
    assert time.process_time() - start < 1
