"""What stands of an answer's flags and facts: what the machine noticed, and a person's word over it.

A person's word is an event: it overrules the machine in every count, and can be taken back. Who confirms an answer has
looked at all of it: whatever isn't said there isn't so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from molting_tui.curation.rules import RuleSet, load_rules
from molting_tui.errors import BadInput, MoltingError
from molting_tui.evaluation.noticing.answer_flags import AGENT_SPEECH, FLAGS, VERSION, Flagger
from molting_tui.records.evaluation import Answer, AnswerNoticed, FactState
from molting_tui.records.events import FLAG_KINDS, NewEvent, Undone
from molting_tui.records.progress import Report, silent
from molting_tui.regular_files import read_regular
from molting_tui.store import answer_flags, answers, battles, events, scoring
from molting_tui.store.answer_flags import EVERY, FlagSaid
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

FACT = "fact:"
"""What the name of a fact begins with, where it stands among flags."""
PERSONS_STATES: tuple[FactState, ...] = ("said", "missing", "contradicted")
"""What a person can say of a fact: they know whether a denial is one."""


_OF_FACTS = frozenset(("fact_missing", "fact_contradicted"))


class Hints(NamedTuple):
    """Of one answer what the machine `noticed`, and what people say of it, by flag (`fact:ID` of facts)."""

    noticed: AnswerNoticed
    said: Mapping[str, str]

    @property
    def confirmed(self) -> bool:
        """Whether a person has looked at all of it."""
        return EVERY in self.said

    def detail(self, flag: str) -> str:
        """What the machine goes by, of a flag or a fact (`fact:ID`); empty where it noticed nothing."""
        if flag.startswith(FACT):
            return next((each.detail for each in self.noticed.facts if FACT + each.fact == flag), "")
        return next((each.detail for each in self.noticed.flags if each.flag == flag), "")

    @property
    def machine(self) -> frozenset[str]:
        """The flags that the machine gives."""
        return frozenset(flag.flag for flag in self.noticed.flags)

    @property
    def facts(self) -> dict[str, str]:
        """The state of each fact (by id): a person's word, else the machine's."""
        states: dict[str, str] = {fact.fact: fact.state for fact in self.noticed.facts}
        return states | {name[len(FACT) :]: state for name, state in self.said.items() if name.startswith(FACT)}

    @property
    def flags(self) -> frozenset[str]:
        """The flags that stand: a person's word, else the machine's; those of facts follow from the facts' states."""
        if not self.said:
            return self.machine
        states = set(self.facts.values())
        stand = frozenset() if self.confirmed else self.machine
        if states:
            of_facts = {name for name in _OF_FACTS if name.removeprefix("fact_") in states}
            stand = (stand - _OF_FACTS) | of_facts
        yes = {name for name, state in self.said.items() if state == "yes"}
        return frozenset((stand | yes) - {name for name, state in self.said.items() if state == "no"})

    @property
    def right(self) -> bool | None:
        """Whether all facts are said; None where there are none to look for."""
        states = self.facts.values()
        return all(state == "said" for state in states) if states else None

    @property
    def waiting(self) -> bool:
        """Whether it says or may deny all its facts ("denied?"), so that a person decides."""
        states = set(self.facts.values())
        return "denied" in states and states <= {"said", "denied"}


# The machine's


def bring_up_to_date(workspace: Workspace, report: Report = silent) -> str:
    """Look at every answer that this flagger hasn't seen yet, and store what it noticed; returns a sentence where the
    rules of agents' speech can't be read, so that `agent_like` isn't looked for; else nothing.

    Nothing is stored in a workspace that can only be read. Raises MoltingError where nothing can be looked at.
    """
    made_by = _made_by(workspace)
    if workspace.read_only or not answer_flags.unnoticed(workspace.store, made_by):
        return ""
    flagger, problem = _flagger(workspace)
    answer_flags.notice(workspace.store, flagger.made_by, flagger.notice, report)
    return problem


def hints_of(workspace: Workspace, given: Sequence[Answer]) -> dict[int, Hints]:
    """What stands of these answers, by number. What isn't stored yet is looked at on the spot."""
    made_by = _made_by(workspace)
    noticed = answer_flags.noticed(workspace.store, made_by, [answer.id for answer in given])
    missing = [answer for answer in given if answer.id not in noticed and answer.read]
    if missing:
        flagger, _ = _flagger(workspace)
        noticed |= {answer.id: flagger.notice(answer) for answer in missing}
    of_people = answer_flags.said(workspace.store, [answer.uuid for answer in given])
    return {
        answer.id: Hints(
            noticed.get(answer.id) or AnswerNoticed(answer.id, (), ()), _latest(of_people.get(answer.uuid, ()))
        )
        for answer in given
    }


def _latest(said: Sequence[FlagSaid]) -> dict[str, str]:
    """Of each flag what was said last, whoever said it."""
    return {each.flag: each.state for each in said}


def _flagger(workspace: Workspace) -> tuple[Flagger, str]:
    """What answers are looked at with, and a sentence where its rules can't be read."""
    made_by = _made_by(workspace)
    try:
        return Flagger(workspace.settings.persona, _rules(made_by, workspace), made_by), ""
    except MoltingError as error:
        return Flagger(workspace.settings.persona, None, made_by), f"agent_like isn't looked for: {error.sentence()}"


def _rules(made_by: str, workspace: Workspace) -> RuleSet:
    if made_by not in _KEPT:
        rules = load_rules(_rule_files(workspace))
        _KEPT.clear()
        _KEPT[made_by] = rules
    return _KEPT[made_by]


_KEPT: dict[str, RuleSet] = {}
"""The rules that were read last. One set, for it remembers much; `load_rules` keeps one too, which is the pairs'."""


def _rule_files(workspace: Workspace) -> list[Path]:
    return [file for file in workspace.rule_files() if file.stem == AGENT_SPEECH]


def _made_by(workspace: Workspace) -> str:
    """What tells this flagger from another: its version, the rules of agents' speech, the persona."""
    try:
        rules = b"".join(read_regular(file) for file in _rule_files(workspace))
    except OSError:  # which reading the rules says
        rules = b""
    return _digest(rules, msgspec.json.encode(workspace.settings.persona))


@lru_cache(maxsize=4)
def _digest(rules: bytes, persona: bytes) -> str:
    return hashlib.sha256(b"\0".join((VERSION.encode(), rules, persona))).hexdigest()


# What is shown


class HintRow(NamedTuple):
    """One flag or fact of an answer, for people: its name (`fact:ID` of a fact), what it means, how it stands (`yes` or
    empty of a flag, the state of a fact, empty where a machine can't look for it), what the machine goes by, and what
    a person said (empty: nothing)."""

    name: str
    meaning: str
    state: str
    detail: str
    said: str

    @property
    def is_fact(self) -> bool:
        """Whether it is a fact's."""
        return self.name.startswith(FACT)

    @property
    def shown_state(self) -> str:
        """How it stands, as it is shown: a denial is a question."""
        return "denied?" if self.state == "denied" else self.state


def hint_rows(answer: Answer, hints: Hints) -> tuple[HintRow, ...]:
    """Every flag, then every fact of the question."""
    flags, facts = hints.flags, hints.facts
    return (
        *(
            HintRow(name, meaning, "yes" if name in flags else "", hints.detail(name), hints.said.get(name, ""))
            for name, meaning in FLAGS.items()
        ),
        *(
            HintRow(
                FACT + fact.id,
                fact.text,
                facts.get(fact.id, ""),
                hints.detail(FACT + fact.id),
                hints.said.get(FACT + fact.id, ""),
            )
            for fact in answer.question.facts
        ),
    )


def not_to_be_told(workspace: Workspace, uuid: str) -> str:
    """Why you can't be shown an answer's flags now, as a sentence; empty where you can.

    They are told after a person has spoken: not of an answer that waits for your rating, nor of one that you haven't
    rated while somebody scores blind, nor while a battle waits for a vote.
    """
    store = workspace.store
    if battles.open_sessions(store):
        return "A battle waits for a vote: flags are told after the last one."
    if answer_flags.still_to_rate(store, workspace.actor, uuid):
        return "This answer waits for your rating: its flags are told after it."
    if not answer_flags.rated_whole(store, workspace.actor, uuid) and scoring.open_blind(store):
        return "Answers are scored blind: flags of those that you haven't rated are told after the last one."
    return ""


# A person's


def say(workspace: Workspace, answer: Answer, flag: str, state: str) -> None:
    """Say of a flag `yes` or `no`, of a fact (`fact:ID`) whether it is said, missing or contradicted. Raises BadInput
    for anything else."""
    flag, state = _checked(answer, flag, state)
    _store(workspace, f"{flag} {state}", [_event(answer, flag, state)])


def confirm(workspace: Workspace, answer: Answer) -> None:
    """Say that all flags and facts' states are as they stand, as one step: those that stand are so, others aren't.

    Raises BadInput while a fact may be denied: only a person can tell.
    """
    hints = hints_of(workspace, [answer])[answer.id]
    if open_facts := [name for name, state in hints.facts.items() if state == "denied"]:
        raise BadInput(
            f"{show_line(', '.join(open_facts), 80)}: denied or said? That is left to you.",
            fix=f"Say it first ({', '.join(PERSONS_STATES)}), then confirm.",
        )
    facts = [_event(answer, FACT + name, state) for name, state in hints.facts.items()]
    flags = [_event(answer, name, "yes") for name in sorted(hints.flags) if not name.startswith("fact_")]
    _store(workspace, "confirm the flags", [*flags, *facts, _event(answer, EVERY, "confirmed")])


def undo(workspace: Workspace) -> Undone | None:
    """Take back your latest word on flags; None where there is none."""
    return events.undo(workspace.store, workspace.actor, kinds=FLAG_KINDS)


def redo(workspace: Workspace) -> Undone | None:
    """Bring it back; None where there is nothing to."""
    return events.redo(workspace.store, workspace.actor, kinds=FLAG_KINDS)


def _checked(answer: Answer, flag: str, state: str) -> tuple[str, str]:
    """The flag and state that are meant. Raises BadInput for those that aren't any."""
    flag, state = flag.strip(), state.strip().lower()
    if not answer.read:
        raise BadInput("this answer is known by its sheet only: it has no words.", fix="Flag one that can be read.")
    if flag.lower().startswith(FACT):
        ids = [fact.id for fact in answer.question.facts]
        name = next((each for each in ids if each.lower() == flag[len(FACT) :].lower()), None)
        if name is None:
            known = ", ".join(ids) or "none"
            raise BadInput(f"`{show_line(flag, 40)}` is no fact of its question.", fix=f"Its facts are {known}.")
        if state not in PERSONS_STATES:
            raise BadInput(
                f"`{show_line(state, 40)}` is no state of a fact.", fix=f"It is {', '.join(PERSONS_STATES)}."
            )
        return FACT + name, state
    name = flag.lower().replace("-", "_")
    if name not in FLAGS:
        raise BadInput(f"there is no flag `{show_line(flag, 40)}`.", fix=f"There are {', '.join(FLAGS)}; or fact:ID.")
    if state not in ("yes", "no"):
        raise BadInput(f"`{show_line(state, 40)}` is neither yes nor no.", fix="Say whether the flag is right.")
    return name, state


def _event(answer: Answer, flag: str, state: str) -> NewEvent:
    return NewEvent(answer.uuid, "flag", {"flag": flag, "state": state})


def _store(workspace: Workspace, label: str, said: list[NewEvent]) -> None:
    events.say(workspace.store, workspace.actor, label, said)


def answer_of(workspace: Workspace, uuid: str) -> Answer:
    """The answer with this uuid. Raises BadInput where there is none."""
    answer = answers.by_uuid(workspace.store, uuid)
    if answer is None:
        raise BadInput("there is no such answer.", fix="`molting results --answers` lists them.")
    return answer
