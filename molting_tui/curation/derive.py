"""From a turn to a pair: which text is the answer, and whether the pair is worth having."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import msgspec

from molting_tui.curation.rules import RuleSet
from molting_tui.records.pairs import AnswerMode, NewPair, pair_messages
from molting_tui.records.turns import Turn
from molting_tui.workspace import ImportSettings

_JSON = msgspec.json.Encoder()


class NotAPair(NamedTuple):
    """Why a turn gives no pair."""

    reason: str


class Policy(NamedTuple):
    """How pairs are made from turns: which text is the answer, the filters, the rules that flag."""

    answer: AnswerMode
    filters: ImportSettings
    rules: RuleSet


def answer_of(turn: Turn, mode: AnswerMode) -> str:
    """The answer of a turn, or an empty string if it has none in this mode.

    FINAL is the last text if no tool runs after it; LAST the last text wherever it stands; FIRST the first
    text; ALL every text, joined by blank lines.
    """
    texts = [step.value for step in turn.steps if step.kind == "text"]
    if not texts:
        return ""
    if mode is AnswerMode.FINAL:
        return turn.steps[-1].value if turn.complete else ""
    if mode is AnswerMode.LAST:
        return texts[-1]
    if mode is AnswerMode.FIRST:
        return texts[0]
    return "\n\n".join(texts)


def pair_uid(system: str, context: object, instruction: str, response: str) -> str:
    """The content hash of a pair: 32 hexadecimal digits."""
    encoded = _JSON.encode((system, context, instruction, response))
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


def uid_of(turn: Turn, mode: AnswerMode) -> str:
    """The uid of the pair that a turn gives in a mode, filters apart; empty where it has no answer."""
    response = answer_of(turn, mode).strip()
    return pair_uid(turn.system, turn.context, turn.human.strip(), response) if response else ""


def derive(turn: Turn, policy: Policy) -> NewPair | NotAPair:
    """The pair that a turn gives under a policy, with its flags; or why it gives none."""
    response = answer_of(turn, policy.answer).strip()
    instruction = turn.human.strip()
    reason = _reason(turn, instruction, response, policy.answer, policy.filters)
    if reason:
        return NotAPair(reason)
    return NewPair(
        uid=pair_uid(turn.system, turn.context, instruction, response),
        kind="imported" if turn.source == "chat" else "extracted",
        system=turn.system,
        context=turn.context,
        instruction=instruction,
        response=response,
        flags=policy.rules.flags(pair_messages(turn.system, turn.context, instruction, response)),
    )


def reason_against(turn: Turn, answer: AnswerMode, filters: ImportSettings) -> str:
    """Why a turn gives no pair, as a stable word; an empty string if it gives one."""
    return _reason(turn, turn.human.strip(), answer_of(turn, answer).strip(), answer, filters)


def _reason(turn: Turn, instruction: str, response: str, answer: AnswerMode, filters: ImportSettings) -> str:
    if not response:
        return "incomplete" if answer is AnswerMode.FINAL else "no-answer"
    # The seeds' filters are for logs; a chat file was curated by whoever made it.
    return "" if turn.source == "chat" else _too_little(instruction, response, filters)


def _too_little(instruction: str, response: str, filters: ImportSettings) -> str:
    if len(instruction) < filters.min_prompt:
        return "short-prompt"
    if len(response) < filters.min_answer:
        return "short-answer"
    if len(response) < filters.tool_only_chars and response.count("\n") > filters.tool_only_newlines:
        return "tool-only"
    return ""
