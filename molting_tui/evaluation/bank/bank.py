"""What a person does with the question bank: add, take, drop, rewrite; undo and redo.

Each of these is one step: stored in one transaction, taken back by one undo. What a question's words have to do with
what is trained stands in `contamination`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple, TypeVar

import msgspec

from molting_tui.curation.question_words import folded, name_of
from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.questions import ANY, is_language, new_question
from molting_tui.records.bank import BANK, STATUSES, BankQuestion, Status
from molting_tui.records.evaluation import ROLES, Fact, Question, Role
from molting_tui.records.events import QUESTION_KINDS, Event, NewEvent, Undone
from molting_tui.store import bank, events
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace
from molting_tui.yaml_records import NAME

LONGEST_PROMPT = 20_000
"""Characters of a question."""
_LONGEST_NAME = 60
_SHOWN = 60
Choice = TypeVar("Choice", bound=str)


class Draft(NamedTuple):
    """A question that is to be added. What is empty is made up: the language from the prompt's words, the cluster too,
    the id from both. `system` None: each contender's own."""

    prompt: str
    id: str = ""
    cluster: str = ""
    role: Role = "generalise"
    language: str = ""
    tags: tuple[str, ...] = ()
    system: str | None = None
    facts: tuple[Fact, ...] = ()
    followups: tuple[str, ...] = ()
    reference: str = ""
    source: str = ""
    why: str = ""


class Change(NamedTuple):
    """What becomes of a question in other words; None leaves it as it is."""

    prompt: str | None = None
    cluster: str | None = None
    role: Role | None = None
    language: str | None = None
    facts: tuple[Fact, ...] | None = None
    reference: str | None = None


class Bank:
    """A person at work on the question bank of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._store = workspace.store

    # What is there

    def questions(self, statuses: Sequence[Status] = STATUSES, role: str = "", cluster: str = "") -> list[BankQuestion]:
        """The questions with one of these statuses, of this role and cluster (empty: any), by cluster and id."""
        return [
            entry
            for entry in bank.every(self._store)
            if entry.status in statuses
            and role in ("", entry.question.role)
            and cluster.casefold() in ("", entry.question.fact_asked.casefold())
        ]

    def find(self, reference: str) -> BankQuestion:
        """The question with this id, in any case, or whose uid starts so (6 characters or more). Raises BadInput."""
        entry = bank.of_uid(self._store, bank.uid_of(reference))
        if entry is not None:
            return entry
        every = bank.every(self._store)
        starting = [entry for entry in every if len(reference) >= 6 and entry.uid.startswith(reference.lower())]
        if len(starting) == 1:
            return starting[0]
        close = get_close_matches(reference, [entry.id for entry in every], n=1)
        fix = f"Did you mean `{close[0]}`?" if close else "`molting questions list` lists them."
        raise BadInput("there is no such question in the bank.", where=f"`{show_line(reference, 80)}`", fix=fix)

    def history(self, entry: BankQuestion) -> list[Event]:
        """Everything that was said of a question, oldest first."""
        return events.history(self._store, entry.uid)

    def clusters(self) -> list[str]:
        """The clusters of the questions that weren't dropped, sorted."""
        return sorted({entry.question.fact_asked for entry in self.questions(("proposed", "open"))})

    # What is said

    def add(self, drafts: Iterable[Draft], status: Status = "open", label: str = "") -> list[BankQuestion]:
        """Put questions into the bank, all of them in one step; as they stand there then.

        Raises BadInput, and adds none, for one that is empty, has a name that can't be, or is in the bank already.
        """
        entries = self.made(drafts, status)
        name = entries[0].id if len(entries) == 1 else plural(len(entries), "question")
        self.put(entries, label or f"add {name} to the bank")
        return entries

    def made(self, drafts: Iterable[Draft], status: Status = "open") -> list[BankQuestion]:
        """The questions that these drafts would be, unstored. Raises BadInput as `add` does."""
        entries = []
        for _, entry in self.each_made(drafts, status):
            if isinstance(entry, BadInput):
                raise entry
            entries.append(entry)
        return entries

    def each_made(
        self, drafts: Iterable[Draft], status: Status = "open"
    ) -> Iterator[tuple[Draft, BankQuestion | BadInput]]:
        """Each draft with the question that it would be, or why it can't be one."""
        every = bank.every(self._store)
        ids, uids = {entry.id.casefold() for entry in every}, {entry.uid for entry in every}
        asked = {_asks(entry.question): entry for entry in reversed(every)}
        for draft in drafts:
            try:
                entry = self._made(draft, status, ids, uids)
            except BadInput as error:
                yield draft, error
                continue
            twin = asked.get(_asks(entry.question))
            if twin is not None:
                yield draft, _twin(entry.question, twin)
                continue
            ids.add(entry.id.casefold())
            uids.add(entry.uid)
            asked[_asks(entry.question)] = entry
            yield draft, entry

    def put(self, entries: Sequence[BankQuestion], label: str) -> None:
        """Store questions that were made, as one step."""
        if entries:
            self._say(label, entries)

    def take(self, entry: BankQuestion, role: Role | None = None) -> BankQuestion:
        """Open a question that was proposed or dropped, in this role (None: its own)."""
        return self._become(f"take question {entry.id}", entry, "open", Change(role=role))

    def drop(self, entry: BankQuestion) -> BankQuestion:
        """Drop a question: it isn't asked, and not proposed again."""
        return self._become(f"drop question {entry.id}", entry, "dropped", Change())

    def edit(self, entry: BankQuestion, change: Change) -> BankQuestion:
        """Give a question other words, another cluster or role; its status and id stay. Raises BadInput as `add` does,
        and where another asks the same."""
        return self._become(f"rewrite question {entry.id}", entry, entry.status, change)

    def changed(self, entry: BankQuestion, change: Change, status: Status | None = None) -> BankQuestion:
        """What a question would be after a change, unstored. Raises BadInput."""
        old = entry.question
        question = new_question(
            old.id,
            _prompt(old.prompt if change.prompt is None else change.prompt),
            language=_language(change.language) if change.language else old.language,
            cluster=_name("cluster", change.cluster) if change.cluster else old.cluster,
            role=change.role or old.role,
            tags=old.tags,
            system=old.system,
            facts=old.facts if change.facts is None else change.facts,
            followups=old.followups,
        )
        if _asks(question) != _asks(old):
            for twin in bank.every(self._store):
                if twin.uid != entry.uid and _asks(twin.question) == _asks(question):
                    raise _twin(question, twin)
        reference = entry.reference if change.reference is None else storable(change.reference)
        return BankQuestion(entry.uid, question, status or entry.status, reference, entry.source, entry.why)

    def undo(self) -> Undone | None:
        """Take back your latest step on the bank; None if there is none."""
        return events.undo(self._store, self.workspace.actor, kinds=QUESTION_KINDS)

    def redo(self) -> Undone | None:
        """Bring back the step on the bank that was taken back last; None if there is none."""
        return events.redo(self._store, self.workspace.actor, kinds=QUESTION_KINDS)

    def _become(self, label: str, entry: BankQuestion, status: Status, change: Change) -> BankQuestion:
        after = self.changed(entry, change, status)
        self._say(label, [after])
        return after

    def _say(self, label: str, entries: Iterable[BankQuestion]) -> None:
        said = [NewEvent(entry.uid, "question", _payload(entry)) for entry in entries]
        events.say(self._store, self.workspace.actor, label, said)

    def _made(self, draft: Draft, status: Status, ids: set[str], uids: set[str]) -> BankQuestion:
        """A draft as a question, with what it leaves empty made up; `ids` are those that are taken."""
        prompt = _prompt(draft.prompt)
        language = _language(draft.language) if draft.language else language_told(prompt)
        cluster = _name("cluster", draft.cluster or _cluster_of_id(draft.id, language) or name_of(prompt))
        question = new_question(
            _name("id", draft.id) if draft.id else _free_id(cluster, language, ids),
            prompt,
            language=language,
            cluster=cluster,
            role=one_of(draft.role, ROLES, "role"),
            tags=tuple(map(storable, draft.tags)),
            system=None if draft.system is None else storable(draft.system),
            facts=draft.facts,
            followups=tuple(map(storable, draft.followups)),
        )
        uid = bank.uid_of(question.id)
        if uid in uids:
            raise BadInput(
                "the bank has a question of this id already.",
                where=f"`{show_line(question.id, 80)}`",
                fix="Leave --id away, or choose another; `molting questions edit` changes the one that is there.",
            )
        return BankQuestion(uid, question, status, storable(draft.reference), storable(draft.source), draft.why)


def set_name(given: str) -> str:
    """The id, if it can be that of a set in a file. Raises BadInput; the bank's own can't."""
    if given.casefold() == BANK:
        raise BadInput(f"`{BANK}` is the question bank itself.", fix="Give the file's set another --id.")
    return _name("id", given)


def one_of(given: str, choices: Sequence[Choice], what: str) -> Choice:
    """The choice that is meant, in any case. Raises BadInput, naming them all."""
    for choice in choices:
        if choice == given.casefold():
            return choice
    raise BadInput(f"there is no {what} `{show_line(given, 40)}`.", fix=f"It is one of {', '.join(choices)}.")


def language_told(prompt: str) -> str:
    """The language that a prompt's words tell: `pt`, `en`, or `any` where they tell nothing."""
    from molting_tui.curation.languages import language_of

    told = language_of(prompt)
    return told if told in ("pt", "en") else ANY


def storable(text: str) -> str:
    """A text as it is stored: no half characters, and no NUL, at which SQLite's JSON functions would end."""
    return text.strip().replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _asks(question: Question) -> tuple[str, str]:
    """What two questions that ask the same have in common."""
    return folded(question.prompt) or question.prompt, question.language


def _twin(question: Question, twin: BankQuestion) -> BadInput:
    fix = (
        f"It was dropped: `molting questions take {twin.id}` takes it back."
        if twin.status == "dropped"
        else "Write another wording, or edit that one."
    )
    return BadInput(f"`{twin.id}` asks the same already.", where=f"`{show_line(question.prompt, _SHOWN)}`", fix=fix)


def _prompt(given: str) -> str:
    prompt = storable(given)
    if not prompt:
        raise BadInput("a question needs words.", fix='For example: molting questions add "Who is João?"')
    if len(prompt) > LONGEST_PROMPT:
        raise BadInput(
            f"a question has at most {LONGEST_PROMPT:,} characters; this one has {len(prompt):,}.",
            where=f"`{show_line(prompt, _SHOWN)}`",
            fix="Ask for one fact.",
        )
    return prompt


def _language(given: str) -> str:
    if is_language(given):
        return given
    raise BadInput(
        f"language `{show_line(given, 40)}` isn't known.", fix="Write a code such as `en` or `pt`, or `any`."
    )


def _name(what: str, given: str) -> str:
    if NAME.fullmatch(given) and len(given) <= _LONGEST_NAME:
        return given
    raise BadInput(
        f"{what} `{show_line(given, 60)}` can't be used.",
        fix=f"Use letters without accents, digits, points and hyphens, {_LONGEST_NAME} at most.",
    )


def _cluster_of_id(question_id: str, language: str) -> str:
    return question_id.removesuffix(f".{language}")


def _free_id(cluster: str, language: str, taken: set[str]) -> str:
    """`CLUSTER.LANGUAGE`, or that with a number behind it."""
    name = f"{cluster}.{language}"
    number = 2
    while name.casefold() in taken:
        name = f"{cluster}.{language}.{number}"
        number += 1
    return name


def _payload(entry: BankQuestion) -> dict[str, object]:
    payload = bank.Payload(
        question=entry.question,
        status=entry.status,
        reference=entry.reference,
        source=entry.source,
        why=entry.why,
    )
    built: dict[str, object] = msgspec.to_builtins(payload)
    return built
