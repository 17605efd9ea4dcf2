"""Sets of questions, as data (`rubrics/questions/*.yaml`).

A question file (`format: questions/1`):

    id, version      what answers call it; the version in quotes
    language         of its questions: `en`, `pt` …, or `any` where each says its own
    title, about     optional, for people
    defaults         optional: system (a system turn), generation (temperature, top_p, max_new_tokens, samples,
                     seed_base)
    questions        id, prompt; optional language, tags, system, facts, followups, notes

`system: null` sends no system turn; leaving it out takes the set's default, and without one the contender's own.
A fact has an id and a text; with `must_mention` (each entry a text, or a list of alternatives) or `must_not_mention`
a machine can look for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from molting_tui.evaluation.digest import content_digest
from molting_tui.evaluation.shelf import Shelved, find_file, shelved
from molting_tui.records.evaluation import Fact, Question, QuestionSet
from molting_tui.text import plural
from molting_tui.workspace import Workspace, question_files
from molting_tui.yamlfile import Located, read_yaml

FORMAT = "questions/1"
ANY = "any"
"""The language of a question that has none, and of a set whose questions say their own."""

_FIELDS = ("format", "id", "version", "language", "questions")
_MORE_FIELDS = ("title", "about", "defaults")
_QUESTION_FIELDS = ("language", "tags", "system", "facts", "followups", "notes")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LANGUAGE = re.compile(r"any|[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

__all__ = ["ANY", "FORMAT", "find_questions", "list_questions", "load_questions", "question_files"]


class _Range(NamedTuple):
    """What a generation setting may be; `above` leaves the lower end out."""

    read: Callable[[Located], float]
    low: float
    high: float
    above: bool = False


_GENERATION = {
    "temperature": _Range(Located.number, 0, 10),
    "top_p": _Range(Located.number, 0, 1, above=True),
    "max_new_tokens": _Range(Located.whole, 1, 1_000_000),
    "samples": _Range(Located.whole, 1, 1000),
    "seed_base": _Range(Located.whole, 0, 2**32 - 1),
}


def find_questions(workspace: Workspace | None, name: str) -> QuestionSet:
    """The set with this id or file name (without `.yaml`), or in this file.

    The workspace's own files (`rubrics/questions`) stand in the place of shipped ones with their file name. Raises
    BadInput, naming the known ones, if there is none, or with file and line if it is wrong.
    """
    return load_questions(find_file(name, question_files(workspace), "question set"))


def list_questions(workspace: Workspace | None) -> list[Shelved[QuestionSet]]:
    """Every set within reach, by file name; one that is wrong with the sentence that says so."""
    return shelved(question_files(workspace), load_questions)


def load_questions(path: Path) -> QuestionSet:
    """The set in a file. Raises BadInput with file and line for anything wrong in it.

    A set without facts is taken; its `notes` say that no answer to it can be checked by machine.
    """
    fields = read_yaml(path).fields(_FIELDS, _MORE_FIELDS)
    fields["format"].one_of(FORMAT)
    name, language = _identifier(fields["id"]), _language(fields["language"])
    defaults = fields["defaults"].fields((), ("system", "generation")) if "defaults" in fields else {}
    questions = _questions(fields["questions"], language, _system(defaults.get("system"), None))
    return QuestionSet(
        id=name,
        version=fields["version"].text(),
        title=fields["title"].text().strip() if "title" in fields else name,
        language=language,
        questions=questions,
        generation=_generation(defaults.get("generation")),
        digest=content_digest(sorted([question.id, question.digest] for question in questions)),
        source=str(path),
        note=fields["about"].text().strip() if "about" in fields else "",
        notes=tuple(_notes(questions)),
    )


def _questions(given: Located, language: str, system: str | None) -> tuple[Question, ...]:
    entries = given.items()
    if not entries:
        raise given.wrong("a set needs a question.", "Add one.")
    names: dict[str, int] = {}
    asked: dict[str, tuple[str, int]] = {}
    questions = []
    for entry in entries:
        question = _question(entry, language, system)
        place = entry.mapping()["id"]
        if question.id.casefold() in names:
            raise place.wrong(
                f"question `{question.id}` stands here a second time.",
                f"The first is on line {names[question.id.casefold()]}: give it another id.",
            )
        if question.digest in asked:
            twin, line = asked[question.digest]
            raise place.wrong(
                f"question `{question.id}` asks the same as `{twin}`.",
                f"That one is on line {line}: keep one; `samples` asks a question more than once.",
            )
        names[question.id.casefold()] = place.line
        asked[question.digest] = question.id, place.line
        questions.append(question)
    return tuple(questions)


def _question(entry: Located, language: str, system: str | None) -> Question:
    fields = entry.fields(("id", "prompt"), _QUESTION_FIELDS)
    if "notes" in fields:
        fields["notes"].text()
    prompt = fields["prompt"].text().strip()
    own_system = _system(fields.get("system"), system)
    facts = _facts(fields.get("facts"))
    followups = tuple(text.strip() for text in fields["followups"].texts()) if "followups" in fields else ()
    return Question(
        id=_identifier(fields["id"]),
        prompt=prompt,
        language=_language(fields["language"]) if "language" in fields else language,
        tags=tuple(tag.strip() for tag in fields["tags"].texts()) if "tags" in fields else (),
        system=own_system,
        facts=facts,
        followups=followups,
        digest=content_digest({"prompt": prompt, "system": own_system, "followups": followups, "facts": facts}),
    )


def _system(given: Located | None, otherwise: str | None) -> str | None:
    """The system turn: left out takes `otherwise`, `null` (and an empty text) sends none."""
    if given is None:
        return otherwise
    return "" if given.value is None else given.text(empty=True).strip()


def _facts(given: Located | None) -> tuple[Fact, ...]:
    seen: dict[str, int] = {}
    facts = []
    for entry in given.items() if given else ():
        fields = entry.fields(("id", "text"), ("must_mention", "must_not_mention"))
        name = _identifier(fields["id"])
        if name.casefold() in seen:
            raise fields["id"].wrong(
                f"fact `{name}` stands here a second time.", f"The first is on line {seen[name.casefold()]}."
            )
        seen[name.casefold()] = fields["id"].line
        mention = tuple(entry.texts() for entry in _entries(fields.get("must_mention")))
        facts.append(
            Fact(
                id=name,
                text=fields["text"].text().strip(),
                must_mention=tuple(tuple(map(str.strip, words)) for words in mention),
                must_not_mention=tuple(entry.text().strip() for entry in _entries(fields.get("must_not_mention"))),
            )
        )
    return tuple(facts)


def _entries(given: Located | None) -> tuple[Located, ...]:
    """The entries of a list that may be left out, but not be empty; one text stands for a list of it."""
    if given is None:
        return ()
    if isinstance(given.value, str):
        return (given,)
    if not given.items():
        raise given.wrong(f"field `{given.name}` is empty.", "Write at least one text, or leave it out.")
    return given.items()


def _generation(given: Located | None) -> dict[str, Any]:
    """What the file says of generation; what it leaves out isn't there."""
    found: dict[str, Any] = {}
    for name, field in (given.fields((), _GENERATION) if given else {}).items():
        limits = _GENERATION[name]
        value = limits.read(field)
        if not (limits.low <= value <= limits.high) or (limits.above and value == limits.low):
            least = f"above {limits.low:g}" if limits.above else f"from {limits.low:g}"
            raise field.wrong(f"{name} can't be {value:g}.", f"It goes {least} to {limits.high:,.10g}.")
        found[name] = value
    return found


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


def _language(given: Located) -> str:
    text = given.text()
    if not _LANGUAGE.fullmatch(text):
        raise given.wrong(f"language `{text}` isn't known.", "Write a code such as `en` or `pt`, or `any`.")
    return text


def _identifier(given: Located) -> str:
    name = given.text()
    if not _NAME.fullmatch(name):
        raise given.wrong(f"id `{name}` can't be used.", "Use letters, digits, points and hyphens.")
    return name
