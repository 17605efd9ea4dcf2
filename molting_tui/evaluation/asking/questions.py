"""Sets of questions, as data (`rubrics/questions/*.yaml`), and the set `bank`: the open questions of the bank.

A question file (`format: questions/1`):

    id, version      what answers call it; the version in quotes
    language         of its questions: `en`, `pt` …, or `any` where each says its own
    title, about     optional, for people
    defaults         optional: system (a system turn), generation (temperature, top_p, max_new_tokens, samples,
                     seed_base)
    questions        id, prompt; optional language, tags, system, facts, followups, notes, cluster, role

`system: null` sends no system turn; leaving it out takes the set's default, and without one the contender's own.
A fact has an id and a text; with `must_mention` (each entry a text, or a list of alternatives) or `must_not_mention`
a machine can look for it. `cluster` names the fact that is asked: all wordings and languages of one share it (left
out: the id, without a final `.LANGUAGE`). `role` is `generalise` (never trained on; these enter verdicts), `memory`
(may be) or `control` (what the base knew and should keep; so are questions tagged `control`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from molting_tui.errors import BadInput
from molting_tui.evaluation.digest import content_digest
from molting_tui.evaluation.shelf import Shelved, find_file, shelved
from molting_tui.records.bank import BANK
from molting_tui.records.evaluation import Fact, Question, QuestionSet, Role
from molting_tui.store import bank
from molting_tui.text import plural
from molting_tui.workspace import Workspace, question_files, shipped
from molting_tui.yaml_records import Names, Text, Texts, WrongField, check_name, convert
from molting_tui.yamlfile import Located, read_yaml

FORMAT = "questions/1"
CONTROL = "control"
"""The tag of questions (and the id of a set) that ask what the base knew and should keep."""
ANY = "any"
"""The language of a question that has none, and of a set whose questions say their own."""

AS_ASKED = "personality-8"
"""The set whose sampling the bank's questions have."""

_LANGUAGE = re.compile(r"any|[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LIMITS = {
    "temperature": (0, 10, "from 0"),
    "top_p": (0, 1, "above 0"),
    "max_new_tokens": (1, 1_000_000, "from 1"),
    "samples": (1, 1000, "from 1"),
    "seed_base": (0, 2**32 - 1, "from 0"),
}
"""The least and the most that a generation setting may be, and how the least is told."""

__all__ = [
    "ANY",
    "FORMAT",
    "bank_set",
    "find_questions",
    "is_language",
    "list_questions",
    "load_questions",
    "new_question",
    "question_files",
]


def find_questions(workspace: Workspace | None, name: str) -> QuestionSet:
    """The set with this id or file name (without `.yaml`), or in this file.

    The workspace's own files (`rubrics/questions`) stand in the place of shipped ones with their file name; `bank` is
    always the question bank. Raises BadInput, naming the known ones, if there is none, or with file and line if it is
    wrong, and where the bank has no open question.
    """
    if workspace is not None and name.casefold() == BANK:
        return bank_set(workspace)
    return load_questions(find_file(name, question_files(workspace), "question set"))


def list_questions(workspace: Workspace | None) -> list[Shelved[QuestionSet]]:
    """Every set within reach, by file name, the bank the first if it has open questions; one that is wrong with the
    sentence that says so."""
    files = shelved(question_files(workspace), load_questions)
    if workspace is None or not bank.count(workspace.store, "open"):
        return files
    return [Shelved(Path(BANK), bank_set(workspace), ""), *files]


def bank_set(workspace: Workspace) -> QuestionSet:
    """The open questions of the bank as a set, asked the way `personality-8` is. Raises BadInput if there is none."""
    opened = [entry for entry in bank.every(workspace.store) if entry.status == "open"]
    if not opened:
        raise BadInput(
            "the question bank has no open question yet.",
            fix="Add one (`molting questions add`), or take what is proposed (`molting questions propose`).",
        )
    questions = tuple(entry.question for entry in opened)
    return QuestionSet(
        id=BANK,
        version=max(entry.time for entry in opened)[:10],
        title="The question bank",
        language=ANY,
        questions=questions,
        generation=load_questions(shipped("rubrics") / "questions" / f"{AS_ASKED}.yaml").generation,
        digest=set_digest(questions),
        source=BANK,
        notes=tuple(_notes(questions)),
    )


def set_digest(questions: Iterable[Question]) -> str:
    """What tells sets apart: which questions they hold, under which ids."""
    return content_digest(sorted([question.id, question.digest] for question in questions))


class _Generation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of generation; what it leaves out isn't there."""

    temperature: float | UnsetType = UNSET
    top_p: float | UnsetType = UNSET
    max_new_tokens: int | UnsetType = UNSET
    samples: int | UnsetType = UNSET
    seed_base: int | UnsetType = UNSET

    def __post_init__(self) -> None:
        for name, value in msgspec.structs.asdict(self).items():
            low, high, least = _LIMITS[name]
            # The second is false for NaN too.
            if value is not UNSET and ((value == low and least.startswith("above")) or not low <= value <= high):
                raise WrongField(name, f"{name} can't be {value:g}.", f"It goes {least} to {high:,.10g}.")


class _Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    system: str | UnsetType | None = UNSET
    generation: _Generation = _Generation()


class _Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Text
    text: Text
    must_mention: Text | tuple[Text | Texts, ...] | UnsetType = UNSET
    must_not_mention: Text | Texts | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_name("id", self.id)
        if self.must_mention == ():
            fix = "Write at least one text, or leave it out."
            raise WrongField("must_mention", "field `must_mention` is empty.", fix)


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Text
    prompt: Text
    language: Text | UnsetType = UNSET
    tags: Text | Texts | UnsetType = UNSET
    system: str | UnsetType | None = UNSET
    facts: tuple[_Fact, ...] = ()
    followups: Text | Texts | UnsetType = UNSET
    cluster: Text | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    notes: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_name("id", self.id)
        if self.cluster:
            check_name("cluster", self.cluster)
        if self.language:
            _check_language(self.language)
        names = Names("The first is on line {line}.")
        for place, fact in enumerate(self.facts):
            names.add(fact.id, ("facts", place, "id"), f"fact `{fact.id}`")


class _SetFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set of questions as its file has it."""

    format: Literal["questions/1"]
    id: Text
    version: Text
    language: Text
    questions: tuple[_Question, ...]
    title: Text | UnsetType = UNSET
    about: Text | UnsetType = UNSET
    defaults: _Defaults = _Defaults()

    def __post_init__(self) -> None:
        check_name("id", self.id)
        if self.id.casefold() == BANK:
            raise WrongField("id", f"id `{self.id}` is the question bank's own.", "Give the set another one.")
        _check_language(self.language)
        if not self.questions:
            raise WrongField("questions", "a set needs a question.", "Add one.")
        names = Names("The first is on line {line}: give it another id.")
        for place, question in enumerate(self.questions):
            names.add(question.id, ("questions", place, "id"), f"question `{question.id}`")


def load_questions(path: Path) -> QuestionSet:
    """The set in a file. Raises BadInput with file and line for anything wrong in it.

    A set without facts is taken; its `notes` say that no answer to it can be checked by machine.
    """
    root = read_yaml(path)
    file = convert(root, _SetFile)
    system = _system(file.defaults.system, None)
    questions = tuple(_question(question, file.language, system) for question in file.questions)
    _refuse_twins(questions, root)
    return QuestionSet(
        id=file.id,
        version=file.version,
        title=file.title.strip() if file.title else file.id,
        language=file.language,
        questions=questions,
        generation=msgspec.to_builtins(file.defaults.generation),
        digest=set_digest(questions),
        source=str(path),
        note=file.about.strip() if file.about else "",
        notes=tuple(_notes(questions)),
    )


def _refuse_twins(questions: Iterable[Question], root: Located) -> None:
    """Refuse a question that asks the same as another one. Raises BadInput."""
    asked: dict[str, tuple[str, int]] = {}
    for number, question in enumerate(questions):
        place = root.at(("questions", number, "id"))
        twin, line = asked.setdefault(question.digest, (question.id, place.line))
        if twin != question.id:
            raise place.wrong(
                f"question `{question.id}` asks the same as `{twin}`.",
                f"That one is on line {line}: keep one; `samples` asks a question more than once.",
            )


def _question(question: _Question, language: str, system: str | None) -> Question:
    """The question with what it takes from its set: the language, the system turn."""
    own_language, tags = question.language or language, _texts(question.tags)
    return new_question(
        question.id,
        question.prompt,
        language=own_language,
        tags=tags,
        system=_system(question.system, system),
        facts=tuple(map(_fact, question.facts)),
        followups=_texts(question.followups),
        cluster=question.cluster or question.id.removesuffix(f".{own_language}"),
        role=question.role or ("control" if CONTROL in tags else "generalise"),
    )


def new_question(
    id: str,
    prompt: str,
    *,
    language: str,
    cluster: str,
    role: Role,
    tags: tuple[str, ...] = (),
    system: str | None = None,
    facts: tuple[Fact, ...] = (),
    followups: tuple[str, ...] = (),
) -> Question:
    """A question with its digest: of the prompt, the system turn, the follow-ups and the facts."""
    words = prompt.strip()
    digest = content_digest({"prompt": words, "system": system, "followups": followups, "facts": facts})
    return Question(id, words, language, tags, system, facts, followups, digest, cluster, role)


def _fact(fact: _Fact) -> Fact:
    mention = (fact.must_mention,) if isinstance(fact.must_mention, str) else fact.must_mention or ()
    return Fact(fact.id, fact.text.strip(), tuple(map(_texts, mention)), _texts(fact.must_not_mention))


def _texts(given: str | tuple[str, ...] | UnsetType) -> tuple[str, ...]:
    """The texts of a field that may be left out; one text stands for a list of it."""
    return tuple(text.strip() for text in ((given,) if isinstance(given, str) else given or ()))


def _system(given: str | UnsetType | None, otherwise: str | None) -> str | None:
    """The system turn: left out takes `otherwise`, `null` (and an empty text) sends none."""
    return otherwise if given is UNSET else (given or "").strip()


def _notes(questions: Iterable[Question]) -> Iterable[str]:
    unchecked = [question.id for question in questions if not any(fact.checkable for fact in question.facts)]
    total = len(tuple(questions))
    if unchecked and len(unchecked) == total:
        yield "No question has a fact that a machine can look for: answers can be scored, but not checked."
    elif unchecked:
        named = ", ".join(unchecked[:5]) + (f" and {len(unchecked) - 5} more" if len(unchecked) > 5 else "")
        yield (
            f"{len(unchecked)} of {plural(total, 'question')} {'has' if len(unchecked) == 1 else 'have'} no fact that "
            f"a machine can look for: {named}."
        )


def is_language(language: str) -> bool:
    """Whether this can be a question's language: a code, or `any`."""
    return _LANGUAGE.fullmatch(language) is not None


def _check_language(language: str) -> None:
    if not is_language(language):
        fix = "Write a code such as `en` or `pt`, or `any`."
        raise WrongField("language", f"language `{language}` isn't known.", fix)
