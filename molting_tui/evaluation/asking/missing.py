"""Which answers are missing: what a contender, asked in this very way, hasn't answered yet."""

from __future__ import annotations

import msgspec

from molting_tui.errors import Refused
from molting_tui.recipe.runfolder import AnswerConfig
from molting_tui.records.contenders import drawing_of
from molting_tui.store import answers, contenders
from molting_tui.store.answers import Chosen
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace


def only_missing(workspace: Workspace, config: AnswerConfig) -> AnswerConfig:
    """The config without the answers that are stored already, of a contender of that name drawn in the same way. Raises
    Refused where none is left to ask for."""
    names = tuple(contender.name for contender in config.contenders)
    wanted = {question.digest for question in config.questions}
    told = {"generation": msgspec.to_builtins(config.generation)}
    drawn = drawing_of(told if config.served else told | {"quantisation": config.quantisation})
    alike = {number for number, each in contenders.every(workspace.store).items() if each.generation == drawn}
    answered = {
        (answer.contender, answer.question.digest, answer.sample)
        for answer in answers.answers(workspace.store, Chosen(contenders=names))
        if answer.contender_id in alike
        and answer.question.digest in wanted
        and answer.sample < config.generation.samples
    }
    fewer = msgspec.structs.replace(config, answered=tuple(sorted(answered)))
    if fewer.wanted < 1:
        raise Refused(
            f"nothing is missing: {show_line(', '.join(names), 200)} answered {_all(len(wanted))} already.",
            fix="Ask for more with --samples, or other questions.",
        )
    return fewer


def _all(questions: int) -> str:
    return "the question" if questions == 1 else f"all {plural(questions, 'question')}"
