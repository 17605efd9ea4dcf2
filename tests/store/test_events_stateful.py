"""Two people decide, rewrite, mark, undo and redo in any order: the store says what a plain Python model says."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.records.pairs import Pair, pair_messages
from molting_tui.store import audit
from tests.conftest import new_workspace, write_chats

ORIGINAL = {1: ("first question", "first answer"), 2: ("second question", "second answer"), 3: ("third", "the answer")}
WORDS = ("zebra stripes", "giraffe neck", "Let me check the logs first.", "the answer", "first answer")
ACTORS = st.sampled_from(("ana", "rui"))
PAIRS = st.sampled_from(sorted(ORIGINAL))
STATES = ("open", "keep", "drop")


@dataclass
class Step:
    """What one person said at once: (pair, kind, payload) each."""

    actor: str
    said: list[tuple[int, str, dict[str, Any]]]
    undone: bool = False


@dataclass
class Expected:
    """A pair as the model has it."""

    instruction: str
    response: str
    state: str = "open"
    reason: str = ""
    skipped: bool = False
    starred: bool = False
    comment: str = ""
    tags: set[str] = field(default_factory=set)


class TwoPeople(RuleBasedStateMachine):
    """The machine that hypothesis drives."""

    @initialize()
    def begin(self) -> None:
        self.home = tempfile.TemporaryDirectory()
        folder = Path(self.home.name)
        new_workspace(folder / "ws").close()
        self.folder = folder / "ws"
        self.desks: dict[str, Desk] = {}
        self.steps: list[Step] = []
        self.redoable: dict[str, list[Step]] = {"ana": [], "rui": []}
        import_paths(self.desk("ana").workspace, [write_chats(folder / "chats.json", *ORIGINAL.values())])

    def desk(self, actor: str) -> Desk:
        if actor not in self.desks:
            with patch.dict(os.environ, MOLTING_ACTOR=actor):
                self.desks[actor] = Desk(workspaces.open_workspace(self.folder))
        return self.desks[actor]

    def say(self, actor: str, *said: tuple[int, str, dict[str, Any]]) -> None:
        self.steps.append(Step(actor, list(said)))
        self.redoable[actor].clear()

    def expected(self, number: int) -> Expected:
        instruction, response = ORIGINAL[number]
        made = Expected(instruction, response)
        for step in self.steps:
            for pair, kind, payload in step.said if not step.undone else ():
                if pair == number:
                    _apply(made, kind, payload)
        return made

    @rule(actor=ACTORS, number=PAIRS, word=st.sampled_from((*STATES, "skip")), reason=st.sampled_from(("", "dull")))
    def decide(self, actor: str, number: int, word: str, reason: str) -> None:
        desk = self.desk(actor)
        desk.decide(desk.pair(number), word, reason)
        self.say(actor, (number, "decide", {"state": word, "reason": reason}))

    @rule(actor=ACTORS, number=PAIRS, side=st.sampled_from(("instruction", "response")), words=st.sampled_from(WORDS))
    def rewrite(self, actor: str, number: int, side: str, words: str) -> None:
        desk = self.desk(actor)
        desk.rewrite(desk.pair(number), **{side: words})  # type: ignore[arg-type]
        self.say(actor, (number, "rewrite", {side: words}))

    @rule(actor=ACTORS, number=PAIRS)
    def star(self, actor: str, number: int) -> None:
        desk = self.desk(actor)
        on = not self.expected(number).starred
        desk.star(desk.pair(number))
        self.say(actor, (number, "star", {"on": on}))

    @rule(actor=ACTORS, number=PAIRS, name=st.sampled_from(("voice", "later")))
    def tag(self, actor: str, number: int, name: str) -> None:
        desk = self.desk(actor)
        on = name not in self.expected(number).tags
        desk.tag(desk.pair(number), name)
        self.say(actor, (number, "tag", {"tag": name, "on": on}))

    @rule(actor=ACTORS, number=PAIRS, text=st.sampled_from(("", "good", "a\nb")))
    def comment(self, actor: str, number: int, text: str) -> None:
        desk = self.desk(actor)
        desk.comment(desk.pair(number), text)
        self.say(actor, (number, "comment", {"text": text}))

    @rule(actor=ACTORS, of=st.sampled_from(STATES), word=st.sampled_from(STATES))
    def decide_all_of_a_state(self, actor: str, of: str, word: str) -> None:
        chosen = [n for n in ORIGINAL if self.expected(n).state == of and of != word]
        assert self.desk(actor).decide_where(f"state:{of}", word) == len(chosen)
        if chosen:
            self.say(actor, *((n, "decide", {"state": word, "reason": ""}) for n in chosen))

    @rule(actor=ACTORS)
    def undo(self, actor: str) -> None:
        standing = [step for step in self.steps if step.actor == actor and not step.undone]
        undone = self.desk(actor).undo()
        assert (undone is not None) == bool(standing)
        if standing:
            standing[-1].undone = True
            self.redoable[actor].append(standing[-1])

    @rule(actor=ACTORS)
    def redo(self, actor: str) -> None:
        redone = self.desk(actor).redo()
        assert (redone is not None) == bool(self.redoable[actor])
        if self.redoable[actor]:
            self.redoable[actor].pop().undone = False

    @precondition(lambda self: self.desks)
    @rule()
    def close_and_open_again(self) -> None:
        for desk in self.desks.values():
            desk.workspace.close()
        self.desks.clear()

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        if not hasattr(self, "steps"):
            return
        desk = self.desk("ana")
        for number in ORIGINAL:
            pair, expected = desk.pair(number), self.expected(number)
            assert _seen(pair) == expected
            assert pair.rewritten == ((expected.instruction, expected.response) != ORIGINAL[number])
            texts = pair_messages("", (), expected.instruction, expected.response)
            assert pair.flags == desk.rules.flags(texts)
        for word in ("zebra", "giraffe", "logs", "second"):
            spoken = [n for n in ORIGINAL if word in f"{(e := self.expected(n)).instruction} {e.response}"]
            assert list(desk.matching(word)) == spoken
        states = [self.expected(number).state for number in ORIGINAL]
        # The comparison that doctor makes agrees with the folds, whatever was said in whichever order.
        assert audit.differences(desk.workspace.store.connection()) == ()
        counts = desk.counts()
        assert (counts.open, counts.keep, counts.drop) == tuple(states.count(state) for state in STATES)

    def teardown(self) -> None:
        for desk in self.desks.values():
            desk.workspace.close()
        self.home.cleanup()


def _apply(pair: Expected, kind: str, payload: dict[str, Any]) -> None:
    if kind == "decide":
        pair.skipped = payload["state"] == "skip"
        if not pair.skipped:
            pair.state, pair.reason = payload["state"], payload["reason"]
    elif kind == "rewrite":
        pair.state, pair.reason, pair.skipped = "keep", "", False
        for side, words in payload.items():
            setattr(pair, side, words)
    elif kind == "star":
        pair.starred = payload["on"]
    elif kind == "comment":
        pair.comment = payload["text"]
    elif payload["on"]:
        pair.tags.add(payload["tag"])
    else:
        pair.tags.discard(payload["tag"])


def _seen(pair: Pair) -> Expected:
    return Expected(
        pair.instruction,
        pair.response,
        pair.state.value,
        pair.reason,
        pair.skipped,
        pair.starred,
        pair.comment,
        set(pair.tags),
    )


TwoPeople.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_two_people_and_the_model_agree = TwoPeople.TestCase
