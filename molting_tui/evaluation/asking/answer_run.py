"""Who is asked, and what: contenders and questions made into an answering run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.endpoints import (
    EndpointToAsk,
    endpoint_contenders,
    refuse_what_a_server_decides,
)
from molting_tui.evaluation.asking.missing import only_missing
from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.evaluation.asking.references import ToAsk, find_contender, latest_and_base
from molting_tui.evaluation.asking.variants import (
    check_templates,
    refuse_others_of_a_name,
    with_prompts,
    with_templates,
)
from molting_tui.recipe.runfolder import AnswerConfig, Asked, Generation
from molting_tui.recipe.settings import Quantisation
from molting_tui.records.evaluation import Question, QuestionSet
from molting_tui.runs.folder import Run
from molting_tui.runs.remembering import remember_run
from molting_tui.runs.starting import start_answering
from molting_tui.store import answers
from molting_tui.workspace import Workspace

DEFAULT_SET = "personality-8"
BATCH = 16


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be asked, as it was said.

    `contenders` are bases and training runs as `find_contender` takes them; empty: the latest trained one, and its
    base. `questions` is a set's id or file. `language` and `tag` choose among its questions. `generation` overrides
    what the set says. `system_prompts` and `templates` are said of all contenders or of one (NAME=…), as `variants`
    takes them; without one each is asked in its own. `quantisation` empty: the one that the runs asked were trained
    with. `endpoint` is asked instead of contenders. With `missing` nobody is asked for what they have answered before.
    """

    contenders: tuple[str, ...] = ()
    questions: str = DEFAULT_SET
    language: str = ""
    tag: str = ""
    generation: Mapping[str, Any] = field(default_factory=dict)
    system_prompts: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    quantisation: Quantisation | None = None
    batch_size: int = BATCH
    endpoint: EndpointToAsk | None = None
    missing: bool = False


def ask(workspace: Workspace, asking: Asking, *, name: str = "", command: Sequence[str] = ()) -> Run:
    """Remember the questions and start an answering run. Raises BadInput for a contender, a set or a choice of
    questions that isn't there, Refused where nothing is missing, and as `start_answering` does."""
    asked = find_questions(workspace, asking.questions)
    config = asking_config(workspace, asking, asked)
    check_templates(config.contenders, config.questions)
    refuse_others_of_a_name(workspace, config.contenders)
    if asking.missing:
        config = only_missing(workspace, config)
    answers.remember_questions(workspace.store, asked)
    run = start_answering(workspace, config, name=name, command=command)
    remember_run(workspace, run.id, run.config)
    return run


def asking_config(workspace: Workspace, asking: Asking, asked: QuestionSet) -> AnswerConfig:
    """What the answering run is told."""
    contenders = _contenders(workspace, asking)
    return AnswerConfig(
        name="",
        contenders=tuple(contender.contender for contender in contenders),
        question_set=asked.id,
        set_digest=asked.digest,
        questions=tuple(map(_asked, chosen_questions(asked, asking.language, asking.tag))),
        # Whole numbers become what they are compared as later.
        generation=msgspec.convert({**asked.generation, **asking.generation}, Generation),
        quantisation=asking.quantisation or _quantisation(contenders),
        batch_size=asking.batch_size,
        served=asking.endpoint.served() if asking.endpoint else None,
    )


def chosen_questions(asked: QuestionSet, language: str = "", tag: str = "") -> tuple[Question, ...]:
    """The questions of a set in this language and with this tag. Raises BadInput if there is none."""
    chosen = tuple(
        question
        for question in asked.questions
        if (not language or question.language == language) and (not tag or tag in question.tags)
    )
    if chosen:
        return chosen
    wanted = " and ".join(f"{name} `{value}`" for name, value in (("language", language), ("tag", tag)) if value)
    languages = ", ".join(sorted({question.language for question in asked.questions}))
    tags = ", ".join(sorted({tag for question in asked.questions for tag in question.tags}))
    raise BadInput(
        f"it has no question with {wanted}.",
        where=f"question set {asked.id}",
        fix=f"It has the languages {languages}" + (f" and the tags {tags}." if tags else "."),
    )


# Contenders


def _contenders(workspace: Workspace, asking: Asking) -> list[ToAsk]:
    if asking.endpoint:
        refuse_what_a_server_decides(asking.contenders, asking.templates, asking.quantisation)
        prompt = workspace.settings.persona.system_prompt.strip()
        served = _without_doubles(endpoint_contenders(asking.endpoint, prompt))
        return with_prompts(served, asking.system_prompts)
    named = [find_contender(workspace, reference) for reference in asking.contenders]
    meant = _without_doubles(named or latest_and_base(workspace))
    return with_templates(with_prompts(meant, asking.system_prompts), asking.templates)


def _without_doubles(contenders: Iterable[ToAsk]) -> list[ToAsk]:
    by_name: dict[str, ToAsk] = {}
    for contender in contenders:
        name = contender.contender.name
        if by_name.setdefault(name, contender).contender != contender.contender:
            raise BadInput(
                f"two contenders would be called `{name}`.", fix=f"Call one of them otherwise: OTHER-NAME={name}"
            )
    return list(by_name.values())


def _quantisation(contenders: Iterable[ToAsk]) -> Quantisation:
    trained = {contender.quantisation for contender in contenders if contender.quantisation}
    if len(trained) > 1:
        raise BadInput(
            "the runs were trained on differently loaded bases (nf4 and none).",
            fix="Say how to load it for all: --quantisation nf4, or none.",
        )
    return next(iter(trained), "nf4")


def _asked(question: Question) -> Asked:
    return Asked(question.id, question.digest, question.prompt, question.system, question.followups)
