"""Who is asked, and what: contenders and questions made into an answering run."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from molting_tui.errors import BadInput, MoltingError
from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.recipe.runfolder import (
    ANSWERS,
    AnswerConfig,
    Asked,
    AskedContender,
    Generation,
    RunConfig,
    TrainConfig,
    read_config,
)
from molting_tui.recipe.settings import TINY, Quantisation, refuse_address
from molting_tui.records.evaluation import Question, QuestionSet
from molting_tui.regular_files import open_regular, read_regular
from molting_tui.runs.folder import Run, adapter_in, run_folders, run_in, runs_folder, safe_name, short_name
from molting_tui.runs.listing import LATEST, find_run, line_of
from molting_tui.runs.remembering import remember_run
from molting_tui.runs.run_state import ACTIVE
from molting_tui.runs.starting import ANSWERER, anywhere, start_answering
from molting_tui.store import answers
from molting_tui.store.contenders import models_of_names
from molting_tui.text import mask_address, show_line
from molting_tui.workspace import Workspace

DEFAULT_SET = "personality-8"
BATCH = 16
_WAYS = (
    "Name a base (`tiny`, a hub id such as TinyLlama/TinyLlama-1.1B-Chat-v1.0, a folder), or a training run:"
    " `molting runs` lists them."
)
_NAMED = re.compile(r"([A-Za-z0-9._-]+)=(.+)", re.DOTALL)
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be asked, as it was said.

    `contenders` are bases and training runs as `find_contender` takes them; empty: the latest trained one, and its
    base. `questions` is a set's id or file. `language` and `tag` choose among its questions. `generation` overrides
    what the set says. `system_prompt` None: each contender's own. `quantisation` empty: the one that the runs asked
    were trained with.
    """

    contenders: tuple[str, ...] = ()
    questions: str = DEFAULT_SET
    language: str = ""
    tag: str = ""
    generation: Mapping[str, Any] = field(default_factory=dict)
    system_prompt: str | None = None
    quantisation: Quantisation | None = None
    batch_size: int = BATCH


def ask(workspace: Workspace, asking: Asking, *, name: str = "", command: Sequence[str] = ANSWERER) -> Run:
    """Remember the questions and start an answering run. Raises BadInput for a contender, a set or a choice of
    questions that isn't there, and as `start_answering` does."""
    asked = find_questions(workspace, asking.questions)
    config = asking_config(workspace, asking, asked)
    _refuse_others_of_a_name(workspace, config.contenders)
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
        generation=Generation(**{**asked.generation, **asking.generation}),
        quantisation=asking.quantisation or _quantisation(contenders),
        batch_size=asking.batch_size,
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


@dataclass(frozen=True, slots=True)
class _ToAsk:
    """A contender, and how its base was loaded when it was trained (None: it wasn't)."""

    contender: AskedContender
    quantisation: Quantisation | None = None


def _contenders(workspace: Workspace, asking: Asking) -> list[_ToAsk]:
    if asking.contenders:
        asked = [_find(workspace, reference) for reference in asking.contenders]
    else:
        trained = _of_run(_latest_trained(workspace))
        asked = [_base(workspace, trained.contender.base), trained]
    if asking.system_prompt is not None:
        prompt = asking.system_prompt
        asked = [
            _ToAsk(msgspec.structs.replace(contender.contender, system_prompt=prompt), contender.quantisation)
            for contender in asked
        ]
    return _without_doubles(asked)


def _without_doubles(contenders: Iterable[_ToAsk]) -> list[_ToAsk]:
    by_name: dict[str, _ToAsk] = {}
    for contender in contenders:
        name = contender.contender.name
        if by_name.setdefault(name, contender).contender != contender.contender:
            raise BadInput(
                f"two contenders would be called `{name}`.", fix=f"Call one of them otherwise: OTHER-NAME={name}"
            )
    return list(by_name.values())


def _refuse_others_of_a_name(workspace: Workspace, contenders: Sequence[AskedContender]) -> None:
    """Answers are shown by their contender's name: another model under it would be scored as the same one."""
    models = {asked.name: (anywhere(asked.base), asked.adapter_digest) for asked in contenders}
    # Answers of theirs may not have been taken in yet.
    answering = [folder.name for folder in run_folders(runs_folder(workspace)) if (folder / ANSWERS).exists()]
    for name, base, digest in models_of_names(workspace.store, answering):
        if models.get(name, (base, digest)) != (base, digest):
            raise BadInput(
                f"another model has answered as `{name}` before"
                f" ({show_line(base, 80)}{', another adapter' if digest else ''}).",
                fix=f"Call this one otherwise: OTHER-NAME={name}",
            )


def _quantisation(contenders: Iterable[_ToAsk]) -> Quantisation:
    trained = {contender.quantisation for contender in contenders if contender.quantisation}
    if len(trained) > 1:
        raise BadInput(
            "the runs were trained on differently loaded bases (nf4 and none).",
            fix="Say how to load it for all: --quantisation nf4, or none.",
        )
    return next(iter(trained), "nf4")


def _find(workspace: Workspace, reference: str) -> _ToAsk:
    named = _NAMED.fullmatch(reference)
    if named and not _folder(reference).is_dir():
        named_contender = _find_unnamed(workspace, named[2].strip())
        return _ToAsk(
            msgspec.structs.replace(named_contender.contender, name=safe_name(named[1])), named_contender.quantisation
        )
    return _find_unnamed(workspace, reference.strip())


def _find_unnamed(workspace: Workspace, reference: str) -> _ToAsk:
    if reference == TINY:
        return _base(workspace, reference)
    run = _run(workspace, reference) if reference and "/" not in reference else None
    if run is not None:
        return _of_run(run)
    folder, base = _split(reference)
    if reference and folder.is_dir():
        return _in_folder(workspace, folder.resolve(), base)
    if _HUB_ID.fullmatch(reference):
        return _base(workspace, reference)
    raise BadInput(f"there is no base and no run `{show_line(mask_address(reference), 80)}`.", fix=_WAYS)


def _split(reference: str) -> tuple[Path, str]:
    """FOLDER, or FOLDER@BASE."""
    folder = _folder(reference)
    if folder.is_dir() or "@" not in reference:
        return folder, ""
    before, _, base = reference.rpartition("@")
    return _folder(before), base


def _folder(path: str) -> Path:
    # Path.expanduser raises where there is no such user.
    return Path(os.path.expanduser(path))


def _run(workspace: Workspace, reference: str) -> Run | None:
    if reference == LATEST:
        return _latest_trained(workspace)
    try:
        return find_run(workspace, reference)
    except BadInput as error:
        if error.where:  # it is there, but torn
            raise
        return None


def _base(workspace: Workspace, base: str) -> _ToAsk:
    return _ToAsk(AskedContender(short_name(base), base, system_prompt=_persona_prompt(workspace)))


def _persona_prompt(workspace: Workspace) -> str:
    return workspace.settings.persona.system_prompt.strip()


def _of_run(run: Run) -> _ToAsk:
    if not isinstance(run.config, TrainConfig):
        raise BadInput(f"run {show_line(run.id, 80)} is one that answered, not a training run.", fix=_WAYS)
    line = line_of(run.folder)
    if line.state in ACTIVE:
        raise BadInput(
            f"run {show_line(run.id, 80)} is {line.state}.", fix=f"Wait for it: molting runs watch {run.number}"
        )
    if run.adapter is None:
        why = f" {line.problem}" if line.problem else ""
        raise BadInput(f"run {show_line(run.id, 80)} has no adapter: it {_ENDS[line.state]}.{why}", fix=_WAYS)
    return _trained(run.config, run.adapter, run.id, run.id)


_ENDS = {"stopped": "was stopped", "done": "is done without one", "failed": "failed", "died": "died"}


def _trained(config: TrainConfig, adapter: Path, name: str, run: str) -> _ToAsk:
    contender = AskedContender(
        name=name,
        base=config.settings.model_name,
        adapter=str(adapter.resolve()),
        adapter_digest=adapter_digest(adapter),
        run=run,
        system_prompt=config.system_prompt,
    )
    return _ToAsk(contender, config.settings.quantisation)


def _in_folder(workspace: Workspace, folder: Path, base: str) -> _ToAsk:
    """What a folder holds: a training's output (`adapter/` and `config.json`), an adapter, or a base."""
    name = safe_name(folder.name)
    adapter = adapter_in(folder)
    if adapter is not None and not base:
        config = _config_or_none(folder)
        if isinstance(config, TrainConfig):
            return _trained(config, adapter, name, "")
    adapter = adapter or (folder if (folder / "adapter_config.json").is_file() else None)
    if adapter is not None:
        return _ToAsk(
            AskedContender(
                name=name,
                base=base or _base_of_adapter(adapter),
                adapter=str(adapter),
                adapter_digest=adapter_digest(adapter),
                system_prompt=_persona_prompt(workspace),
            )
        )
    if not (folder / "config.json").is_file():
        raise BadInput("there is neither a model nor an adapter in this folder.", where=str(folder), fix=_WAYS)
    return _base(workspace, str(folder))


def _config_or_none(folder: Path) -> RunConfig | None:
    try:
        return read_config(folder)
    except BadInput:  # another trainer's
        return None


def _base_of_adapter(adapter: Path) -> str:
    try:
        base = msgspec.json.decode(read_regular(adapter / "adapter_config.json"))["base_model_name_or_path"]
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        base = None
    if not base or not isinstance(base, str):
        raise BadInput(
            "its adapter_config.json doesn't say which base it belongs to.",
            where=str(adapter),
            fix=f"Say it: {adapter}@BASE",
        )
    refuse_address(base)
    return base


def _latest_trained(workspace: Workspace) -> Run:
    for folder in run_folders(runs_folder(workspace)):
        try:
            run = run_in(folder)
        except MoltingError:
            continue
        if run.kind == "train" and run.adapter is not None and line_of(folder).state not in ACTIVE:
            return run
    raise BadInput("no training run has made an adapter yet.", fix="Train one (`molting train`), or name a base.")


def adapter_digest(adapter: Path) -> str:
    """SHA-256 (hex) of an adapter's weights. Raises BadInput if they can't be read."""
    digest, weights = hashlib.sha256(), adapter / "adapter_model.safetensors"
    try:
        with open_regular(weights) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(weights), fix=_WAYS) from error
    return digest.hexdigest()


def _asked(question: Question) -> Asked:
    return Asked(question.id, question.digest, question.prompt, question.system, question.followups)
