"""What went wrong in an answer, as far as a machine can notice: hints, never scores, each with what it goes by.

Functions of the answer alone; each takes time linear in it, and reads `MOST` characters at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from molting_tui.curation.languages import SAMPLE
from molting_tui.curation.rules import RuleSet
from molting_tui.evaluation.noticing.fact_states import fact_states
from molting_tui.evaluation.noticing.reading import MOST, language_by_beginning
from molting_tui.evaluation.noticing.word_forms import folded, plain_answer, plain_signs
from molting_tui.records.evaluation import Answer, AnswerFlag, AnswerNoticed, FactNoticed
from molting_tui.records.turns import Message
from molting_tui.workspace import Persona

VERSION = "1"
"""Raised whenever the same answer may get other flags or fact states."""
FLAGS = {
    "truncated": "it was cut off at the most tokens it was given",
    "template_bleed": "special tokens or the words of a chat template stand in it",
    "role_run_on": "it speaks for the user, too",
    "agent_like": "it tells what it is about to do, instead of answering",
    "wrong_identity": "it introduces itself by another's name",
    "refusal": "it refuses to answer",
    "repetition": "it ends in a loop, or says a fifth of its words again",
    "language_mismatch": "it isn't in the language of its question",
    "empty": "it has no words",
    "fact_missing": "a fact that is asked for isn't in it",
    "fact_contradicted": "it says what a fact of its question rules out",
    "generic": "no word of the persona and no fact stands in it",
}
"""Every flag, and what it says of an answer."""
AGENT_SPEECH = "agent-speech"

_SHOWN = 80
"""Characters of what matched that are kept."""
_LEAST_WORDS = 5
"""Words that a language is told by: of fewer it isn't judged here."""
_LEAST_GRAMS, _MOST_SHARE = 20, 0.2
"""Runs of four words that an answer must have to be judged by them, and the share of them said again that is flagged.
"""
_LOOP_WORDS, _LOOP_CHARACTERS = 400, 600
"""How much of an answer's end is searched for a loop."""

_WORD = re.compile(r"[^\W_]+")
# What models of one family write and a tokenizer of another shows as text. `｜` and `▁` are DeepSeek's.
_TOKEN = re.compile(
    r"<[|｜][^\s|｜<>]{1,40}[|｜]>|<[|｜](?:im_start|im_end|user|assistant|system|endoftext|end|eot_id)\b"
    r"|</?s>|<(?:unk|pad|bos|eos|mask|sep|cls|start_of_turn|end_of_turn|extra_id_\d{1,3}|0x[0-9A-F]{2})>"
    r"|\[/?INST\]|<</?SYS>>|\[(?:BOS|EOS|PAD|CLS|SEP|MASK|gMASK|UNK)\]"
    r"|^#{2,3} (?:Instruction|Response|Input|Human|Assistant|System|User):"
    r"|\{[{%]-? ?(?:bos_token|eos_token|messages|message\[|for message|if message|add_generation_prompt)",
    re.MULTILINE,
)
_ENDINGS = (
    *("</s>", "<eos>", "<pad>", "<end_of_turn>", "<｜end▁of▁sentence｜>", "[PAD]", "[EOS]"),
    *(
        f"<|{name}|>"
        for name in ("im_end", "endoftext", "end", "eot_id", "eot", "end_of_text", "eom_id", "return", "pad")
    ),
)
_LONGEST = 50
"""Characters of a token that ends an answer."""
_OWN_ENDING = re.compile(r"<[|｜][^\s|｜<>]{1,40}[|｜]>\s*\Z")
_USER_TOKEN = re.compile(
    r"<\|user\|>|<\|im_start\|>\s*user|<start_of_turn>\s*user|<\|start_header_id\|>\s*user|\[INST\]"
)
_USER_LABEL = r"^[ \t>#*_\-]{0,6}(?:user|human|usu[áa]rio|humano%s)[ \t*_]{0,4}:"
_ASKED_LABEL = re.compile(r"\n[ \t>#*_\-]{0,6}(?:question|pergunta|q)[ \t*_]{0,4}:", re.IGNORECASE)

_KNOWN = """
chatgpt gpt gpt-2 gpt-3 gpt-3.5 gpt-4 gpt-4o gpt-5 claude gemini bard copilot llama tinyllama alpaca vicuna mistral
mixtral qwen deepseek phi phi-3 zephyr falcon grok alexa siri cortana bing sydney gemma cohere bloom stablelm dolly
openassistant kimi ernie hermes watson jarvis codex smollm smollm2 orca guanaco wizardlm
"""
_ASSISTANTS = frozenset(_KNOWN.split())
_MAKERS = (
    "openai|open ai|anthropic|google|deepmind|meta ai|meta|facebook|microsoft|alibaba|mistral ai|deepseek|xai"
    "|hugging ?face|stability ai|nvidia|apple|amazon"
)
_INTRODUCED = re.compile(
    r"(?<!nao )(?<!nem )(?<!nunca )(?<![^\W_])(?:i am|i'm|my name is|my name's|call me|this is|eu sou|sou"
    r"|me chamo|chamo-me|meu nome e|me chame de|me chamar de|aqui e|aqui quem fala e)\s+"
    r"[*_\"“']{0,3}(?:(?:the|an?|o|a|um|uma)\s+)?[*_\"“']{0,3}"
    r"([^\W_][\w.-]{0,30})"
)
_NAMED = re.compile(
    r"(?<![Nn][ãa]o )(?<![^\W_])(?i:my name is|my name['’]s|you can call me|call me|me chamo|chamo-me|meu nome [ée]"
    r"|pode me chamar de)"
    r"\s+[*_\"“']{0,3}(?:[Oo]\s|[Aa]\s)?[*_\"“']{0,3}([A-ZÀ-Þ][\w-]{1,30})"
)
_MADE_BY = re.compile(
    r"(?<!nao )(?<!nem )(?<!nunca )(?<![^\W_])"
    r"(?:(?:i was|i'm|i am|i've been|fui|sou|eu fui|eu sou)\s(?:[^.!?\n]{0,60}\s)?|"
    r"(?:assistant|assistente|language model|modelo de linguagem|model|modelo)[^.!?\n]{0,25}\s)"
    r"(?:trained|developed|created|made|built|designed|treinad[oa]|desenvolvid[oa]|criad[oa]|feit[oa])\s\Z"
)
_MAKER = re.compile(rf"(?<![^\W_])(?:by|pela|pelo|por)\s(?:the\s|a\s|o\s)?({_MAKERS})(?![^\W_])")
_BEFORE, _MOST_MAKERS = 120, 20
"""Characters before a maker in which it is said what it made, and the makers in an answer that are looked at."""
_NOT = re.compile(r"(?<![^\W_])(?:not|never|nao|nunca|nem)(?![^\W_])")
_SENTENCE = r"(?:^|[.!?\n]\s{0,3})[*_\"“']{0,3}"
_SORRY = (
    r"(?:(?:i'm|i am) (?:very |so |really )?(?:sorry|afraid)|sorry|apologies|i apologi[sz]e|unfortunately"
    r"|desculpe|desculpa|me desculpe|sinto muito|lamento|infelizmente|perdao)(?:,| -| —)?\s(?:but |mas )?"
)
_REFUSAL = re.compile(
    rf"{_SENTENCE}(?:"
    rf"{_SORRY}(?:i |eu )?(?:can't|cannot|can not|won't|am unable|am not able|'m unable|'m not able|must decline"
    r"|nao posso|nao consigo|nao sou capaz|nao estou autorizad[oa])(?![^\W_])"
    r"|i (?:can't|cannot|can not|won't|am unable to|am not able to) (?:help|assist|comply|answer that|answer this"
    r"|fulfil|provide that|provide this|discuss that|discuss this)(?! but)(?![^\W_])"
    r"|i must (?:respectfully )?(?:decline|refuse)"
    r"|as an? (?:ai|artificial intelligence|language model|large language model|assistant)[^.!?\n]{0,40},? "
    r"i (?:can't|cannot|am not able|am unable|(?:don't|do not) have (?:access|the ability|personal))"
    r"|(?:eu )?nao posso (?:ajudar|atender|responder a |responder ess|responder isso|fornecer|discutir)"
    r"|como (?:um |uma )?(?:ia|inteligencia artificial|modelo de linguagem|assistente)[^.!?\n]{0,40},? "
    r"(?:eu )?nao (?:posso|consigo|tenho (?:acesso|capacidade|como|opini|sentiment)))"
)
_REFUSED_WITHIN = 400
"""Characters from the beginning in which a refusal is one."""


@dataclass(frozen=True, slots=True)
class Flagger:
    """What answers are looked at with: the persona's names and words, and the rules of agents' speech (None: they
    can't be read, and `agent_like` isn't looked for). `made_by` tells one flagger from another."""

    persona: Persona
    rules: RuleSet | None
    made_by: str

    def notice(self, answer: Answer) -> AnswerNoticed:
        """The flags of an answer in the order of `FLAGS`, and the state of each fact that can be checked.

        Of an answer that is known by its sheet only, nothing. Raises MoltingError where the identifier of languages
        can't be loaded.
        """
        if not answer.read:
            return AnswerNoticed(answer.id, (), ())
        facts = fact_states(answer.question, answer.text)
        flags = tuple(AnswerFlag(name, _kept(detail)) for name, detail in self._flags(answer, facts))
        return AnswerNoticed(answer.id, flags, facts)

    def _flags(self, answer: Answer, facts: Sequence[FactNoticed]) -> Iterator[tuple[str, str]]:
        text = answer.text[:MOST]
        looks: tuple[tuple[str, Callable[[], str]], ...] = (
            ("truncated", lambda: truncated(answer)),
            ("template_bleed", lambda: template_bleed(answer.raw or answer.text, answer.finish_reason)),
            ("role_run_on", lambda: role_run_on(text, self.persona.user)),
            ("agent_like", lambda: self._agent_like(text)),
            ("wrong_identity", lambda: wrong_identity(text, self.persona)),
            ("refusal", lambda: refusal(text)),
            ("repetition", lambda: repetition(text)),
            ("language_mismatch", lambda: language_mismatch(text, answer.question.language)),
            ("empty", lambda: "" if _WORD.search(text) else "no letter and no digit"),
            ("fact_missing", lambda: _of_state(facts, "missing")),
            ("fact_contradicted", lambda: _of_state(facts, "contradicted")),
            ("generic", lambda: self._generic(answer, text, facts)),
        )
        for name, look in looks:
            if detail := look():
                yield name, detail

    def _agent_like(self, text: str) -> str:
        if self.rules is None:
            return ""
        hits = [flag for flag in self.rules.flags([Message("assistant", text)]) if flag.family == AGENT_SPEECH]
        return text[hits[0].start : hits[0].end] if hits else ""

    def _generic(self, answer: Answer, text: str, facts: Sequence[FactNoticed]) -> str:
        """That nothing in an answer is the persona's; nothing where there is nothing to look for, or of controls."""
        wanted = persona_words(self.persona)
        if answer.question.role == "control" or not (wanted or facts) or not _WORD.search(text):
            return ""
        said = any(fact.state in ("said", "denied") for fact in facts)
        return "" if said or not wanted.isdisjoint(_WORD.findall(plain_answer(text))) else "no name, no word, no fact"


def persona_words(persona: Persona) -> frozenset[str]:
    """The words that only the persona says: its names, the user's, and those that the settings list; folded."""
    texts = (persona.name, persona.user, *persona.aliases, *persona.words)
    return frozenset(word for text in texts for word in _WORD.findall(folded(text)) if len(word) > 1)


def truncated(answer: Answer) -> str:
    """Where an answer was cut off; empty where it ended by itself."""
    if answer.finish_reason != "length":
        return ""
    return f"after {answer.tokens:,} tokens" if answer.tokens else "at its most tokens"


def template_bleed(raw: str, finish_reason: str = "stop") -> str:
    """The first token or template literal in a raw decode, but the tokens that end it; a quoted one (`</s>`) isn't."""
    body = _without_ending(raw[:MOST]) if len(raw) <= MOST else raw[:MOST]
    if finish_reason != "length" and body == raw.rstrip():
        body = body[: -len(own[0])] if (own := _OWN_ENDING.search(body[-_LONGEST:])) else body
    if not any(sign in body for sign in "<[{#"):
        return ""
    raw = body
    for match in _TOKEN.finditer(raw):
        if not (raw[match.start() - 1 : match.start()] == "`" == raw[match.end() : match.end() + 1]):
            return match[0]
    return ""


def _without_ending(raw: str) -> str:
    """A raw decode without the tokens that end it, and without white space behind it."""
    raw = raw.rstrip()
    while ending := next((token for token in _ENDINGS if raw.endswith(token)), ""):
        raw = raw[: -len(ending)].rstrip()
    return raw


def role_run_on(text: str, user: str = "") -> str:
    """Where an answer goes on as the user: a role's token, or a line that begins with the user's label or name."""
    named = f"|{re.escape(user)}" if len(user) > 1 and user.isprintable() else ""
    label = re.compile(_USER_LABEL % named, re.IGNORECASE | re.MULTILINE)
    match = _USER_TOKEN.search(text) or label.search(text) or _ASKED_LABEL.search(text.lstrip())
    return match[0].strip() if match else ""


def wrong_identity(text: str, persona: Persona) -> str:
    """By whose name an answer introduces itself, where that isn't the persona's: a name of the settings' foreign ones
    or a known assistant's, a maker of those, or, where the persona has a name, any other that it calls its own."""
    own = {word for name in (persona.name, *persona.aliases) for word in _WORD.findall(folded(name))}
    plain = plain_answer(text)
    foreign = {folded(name).split(" ")[0] for name in persona.foreign_names if name.strip()}
    known = (foreign | _ASSISTANTS) - own
    for match in _INTRODUCED.finditer(plain):
        name = match[1].rstrip(".-")
        if name in known or name.partition("-")[0] in known:
            return match[0]
    for match in _NAMED.finditer(text) if own else ():
        if folded(match[1]) not in own:
            return match[0]
    for maker in islice(_MAKER.finditer(plain), _MOST_MAKERS):
        made = _MADE_BY.search(plain[max(maker.start() - _BEFORE, 0) : maker.start()])
        if made and maker[1] not in own and not _NOT.search(made[0]):
            return made[0] + maker[0]
    return ""


def refusal(text: str) -> str:
    """How an answer refuses, near its beginning; empty where it doesn't."""
    match = _REFUSAL.search(plain_signs(text[:_REFUSED_WITHIN]))
    return match[0].strip(" .!?\n") if match else ""


def repetition(text: str) -> str:
    """What an answer says again and again: the loop it ends in (three times over), or the share of its runs of four
    words that it has said before."""
    words = _WORD.findall(plain_answer(text))
    last = words[-_LOOP_WORDS:]
    if last and last.count(last[-1]) > 2 and (loop := _looped(last, 6)):
        return f"ends in a loop: {' '.join(loop)}"
    letters = text.rstrip()[-_LOOP_CHARACTERS:]
    # Of a loop over 40 characters its last eight stand there twice, beside each other or further on.
    period = _looped(letters, 40) if letters.count(letters[-8:]) > 1 else ""
    if period and any(map(str.isalnum, period)):
        return f"ends in a loop: {period}"
    runs = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    share = 1 - len(set(runs)) / len(runs) if len(runs) >= _LEAST_GRAMS else 0
    return f"{share:.0%} of its runs of four words are repeats" if share >= _MOST_SHARE else ""


def _looped(units: Sequence[str], least: int) -> Sequence[str]:
    """What the end of a sequence repeats three times or more over `least` units; empty for nothing. The Z-algorithm on
    the reversed sequence (Gusfield, Algorithms on Strings, 1.3): linear in its length."""
    back = units[::-1]
    size = len(back)
    reach = [0] * size  # how far the sequence from a place on is the sequence itself
    left = right = 0
    for place in range(1, size):
        if place < right:
            reach[place] = min(right - place, reach[place - left])
        while place + reach[place] < size and back[reach[place]] == back[place + reach[place]]:
            reach[place] += 1
        if place + reach[place] > right:
            left, right = place, place + reach[place]
        if reach[place] >= 2 * place and place + reach[place] >= least:
            return units[-place:]
    return units[:0]


def language_mismatch(text: str, language: str) -> str:
    """Which language an answer is in, where it isn't its question's; of a few words it isn't judged."""
    if language not in ("pt", "en") or len(text.split(None, _LEAST_WORDS)) < _LEAST_WORDS:
        return ""
    judged = language_by_beginning(text[:SAMPLE])
    return f"{judged}, asked in {language}" if judged and judged != language else ""


def _of_state(facts: Sequence[FactNoticed], state: str) -> str:
    return ", ".join(f"{fact.fact} ({fact.detail})" for fact in facts if fact.state == state)


def _kept(detail: str) -> str:
    shown = " ".join(detail.split())
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
