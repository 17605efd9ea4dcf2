"""Questions from files, and to files.

Read are sets of ours (`questions/1`), MT-bench's `question.jsonl` (`question_id`, `turns`, `category`, `reference`),
OpenAI evals (JSONL of `input` and `ideal`) and promptfoo (YAML with `tests`). What a format says that a question can't
hold is dropped, and counted. Written are sets of ours and samples for Inspect (JSONL).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import yaml

from molting_tui.datasets.export.writing import Part
from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.questions import FORMAT, load_questions
from molting_tui.evaluation.bank.bank import Bank, Draft
from molting_tui.evaluation.bank.contamination import contaminated_among
from molting_tui.records.bank import BankQuestion
from molting_tui.records.evaluation import Fact, Question, Role
from molting_tui.regular_files import read_regular
from molting_tui.text import as_text, plural, show_line
from molting_tui.yamlfile import read_yaml

Kind = Literal["yaml", "inspect"]
KINDS: tuple[Kind, ...] = ("yaml", "inspect")
_MOST_BYTES = 64 << 20
_LONGEST_FACT = 120
"""Characters of an ideal answer that can be looked for in another one."""
_EXAMPLES = 3
_ASKING = ("question", "prompt", "input", "query", "message")
"""The variables of a promptfoo test that may be its question."""
_MENTIONS = {"contains": "one", "icontains": "one", "contains-any": "any", "icontains-any": "any"}
_EACH = ("contains-all", "icontains-all")
_NEVER = ("not-contains", "not-icontains")


class FromFile(NamedTuple):
    """What a file holds: drafts, and sentences about what of it was dropped."""

    drafts: tuple[Draft, ...]
    dropped: tuple[str, ...]


class TakenIn(NamedTuple):
    """What was put into the bank from a file, and sentences about what wasn't."""

    entries: tuple[BankQuestion, ...]
    left_out: tuple[str, ...]


class _Dropped:
    """What a question can't hold, by what it is, with the first places."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}

    def add(self, what: str, place: str) -> None:
        """Count it."""
        self._places.setdefault(what, []).append(place)

    def sentences(self) -> tuple[str, ...]:
        """One for each: what, how often, where first."""
        return tuple(
            f"{what}: {len(places):,} ({', '.join(places[:_EXAMPLES])}{' …' if len(places) > _EXAMPLES else ''})."
            for what, places in self._places.items()
        )


def take_in_file(
    desk: Bank, path: Path, *, role: Role | None = None, cluster: str = "", language: str = "", promote: bool = False
) -> TakenIn:
    """Put the questions of a file into the bank, open, as one step. `role`, `cluster` and `language` go before what it
    says; with `promote` questions that what is trained asks are taken too.

    What can't be taken is left out, and said. Raises BadInput for a file that can't be read or is of no known kind, and
    where nothing in it can be taken.
    """
    found = read_questions(path)
    given: dict[str, Any] = {"role": role, "cluster": cluster, "language": language}
    drafts = [draft._replace(**{name: value for name, value in given.items() if value}) for draft in found.drafts]
    left = _Dropped()
    entries = []
    for draft, entry in desk.each_made(drafts):
        if isinstance(entry, BadInput):
            left.add(f"left out, since {entry.what.rstrip('.')}", f"`{show_line(draft.prompt, 40)}`")
        else:
            entries.append(entry)
    asked = {} if promote else contaminated_among(desk.workspace, entries)
    for entry in entries:
        if entry.uid in asked:
            place = asked[entry.uid].places[0].sentence()
            left.add("left out, since what is trained asks it (--role memory, or --promote)", f"{entry.id}: {place}")
    taken = tuple(entry for entry in entries if entry.uid not in asked)
    sentences = (*found.dropped, *left.sentences())
    if not taken:
        raise BadInput(f"no question can be taken from it. {' '.join(sentences)}".strip(), where=str(path))
    desk.put(taken, f"add {plural(len(taken), 'question')} from {show_line(path.name, 60)}")
    return TakenIn(taken, sentences)


def read_questions(path: Path) -> FromFile:
    """The questions of a file, of whichever kind. Raises BadInput."""
    try:
        data = read_regular(path, _MOST_BYTES).removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(path), fix="Check the path.") from error
    if data.lstrip()[:1] == b"{":
        return _of_lines(path, data)
    plain = read_yaml(path).plain()
    if isinstance(plain, dict) and "tests" in plain:
        return _of_promptfoo(path, plain)
    if isinstance(plain, dict) and str(plain.get("format", "")).startswith("questions/"):
        return _of_set(path)
    raise BadInput(
        "is no file of questions.",
        where=str(path),
        fix=f"It may be `format: {FORMAT}`, MT-bench's question.jsonl, OpenAI evals (JSONL) or promptfoo (`tests:`).",
    )


def _of_set(path: Path) -> FromFile:
    question_set = load_questions(path)
    drafts = tuple(
        Draft(
            question.prompt,
            id=question.id,
            cluster=question.cluster,
            role=question.role,
            language=question.language,
            tags=question.tags,
            system=question.system,
            facts=question.facts,
            followups=question.followups,
            source=f"set:{question_set.id}",
        )
        for question in question_set.questions
    )
    settings = ", ".join(question_set.generation)
    return FromFile(drafts, (f"Dropped, its generation settings: {settings}.",) if settings else ())


def _of_lines(path: Path, data: bytes) -> FromFile:
    """MT-bench's questions or OpenAI's evals, one JSON value a line."""
    dropped, drafts = _Dropped(), []
    for number, raw in enumerate(data.split(b"\n"), 1):
        if not raw.strip():
            continue
        place = f"line {number}"
        try:
            line = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            dropped.add("Left out, not JSON", f"{place}: {show_line(str(error), 60)}")
            continue
        draft = _of_line(line, place, dropped) if isinstance(line, dict) else None
        if draft is None:
            dropped.add("Left out, neither `turns` nor `input` with a user's words", place)
        else:
            drafts.append(draft._replace(source=f"file:{as_text(Path(path.name))}"))
    if not drafts:
        fix = 'A line is {"question_id", "turns"} (MT-bench) or {"input", "ideal"} (OpenAI evals).'
        raise BadInput(f"holds no question. {' '.join(dropped.sentences())}".strip(), where=str(path), fix=fix)
    return FromFile(tuple(drafts), dropped.sentences())


def _of_line(line: Mapping[str, Any], place: str, dropped: _Dropped) -> Draft | None:
    """A line as a draft; what else it says is counted in `dropped`. None for one without a question."""
    if "turns" in line:
        known: tuple[str, ...] = ("question_id", "turns", "category", "reference")
        turns = _texts(line["turns"])
        references = _texts(line.get("reference"))
        if len(references) > 1:
            dropped.add("Dropped, references of later turns", place)
        draft = Draft(
            turns[0] if turns else "",
            followups=turns[1:],
            tags=_texts(line.get("category")),
            reference=references[0] if references else "",
        )
    else:
        known = ("input", "ideal")
        draft = _of_eval(line, place, dropped)
    for name in line:
        if name not in known:
            dropped.add(f"Dropped, the field `{show_line(str(name), 40)}`", place)
    return draft if draft.prompt.strip() else None


def _of_eval(line: Mapping[str, Any], place: str, dropped: _Dropped) -> Draft:
    given = line.get("input")
    messages = given if isinstance(given, list) else [{"role": "user", "content": given}]
    said = [
        (str(message.get("role")), message["content"])
        for message in messages
        if isinstance(message, dict) and isinstance(message.get("content"), str)
    ]
    users = [text for role, text in said if role == "user"]
    systems = [text for role, text in said if role == "system"]
    # In many evals the whole prompt is the system turn.
    prompt = users[-1] if users else systems[-1] if systems else ""
    if len(said) > len(users[-1:]) + len(systems[:1]):
        dropped.add("Dropped, turns before the last one", place)
    ideals = _texts(line.get("ideal"))
    short = tuple(ideal for ideal in ideals if len(ideal) <= _LONGEST_FACT)
    return Draft(
        prompt,
        system=systems[0] if systems and users else None,
        facts=(Fact("ideal", " or ".join(short), (short,)),) if short else (),
        reference=ideals[0] if ideals else "",
    )


def _of_promptfoo(path: Path, plain: Mapping[str, Any]) -> FromFile:
    dropped, drafts = _Dropped(), []
    for name in plain:
        if name not in ("tests", "description"):
            dropped.add(f"Dropped, `{show_line(str(name), 40)}` of the whole file", "once")
    tests = plain["tests"] if isinstance(plain["tests"], list) else []
    for number, test in enumerate(tests, 1):
        place = f"test {number}"
        given = test.get("vars") if isinstance(test, dict) else None
        variables: dict[str, Any] = given if isinstance(given, dict) else {}
        prompt = _question_of(variables)
        if not prompt:
            dropped.add("Left out, no variable that is its question", place)
            continue
        for name in set(test) - {"vars", "assert", "description"}:
            dropped.add(f"Dropped, `{show_line(str(name), 40)}` of a test", place)
        if len(variables) > 1:
            dropped.add("Dropped, other variables", place)
        facts, reference = _of_asserts(test, place, dropped)
        drafts.append(Draft(prompt, facts=facts, reference=reference, source=f"file:{as_text(Path(path.name))}"))
    if not drafts:
        fix = "A test is `- vars: {question: …}`, with `assert` if a machine can look for something."
        raise BadInput(f"holds no question. {' '.join(dropped.sentences())}".strip(), where=str(path), fix=fix)
    return FromFile(tuple(drafts), dropped.sentences())


def _question_of(variables: Mapping[str, Any]) -> str:
    texts = {str(name): value for name, value in variables.items() if isinstance(value, str) and value.strip()}
    named = next((texts[name] for name in _ASKING if name in texts), "")
    return named or (next(iter(texts.values())) if len(texts) == 1 else "")


def _of_asserts(test: Mapping[str, Any], place: str, dropped: _Dropped) -> tuple[tuple[Fact, ...], str]:
    """What a test's assertions look for, as one fact, and the answer that it equals."""
    mentions: list[tuple[str, ...]] = []
    never: list[str] = []
    reference = ""
    for check in test.get("assert") or ():
        kind = str(check.get("type")) if isinstance(check, dict) else "?"
        values = _texts(check.get("value")) if isinstance(check, dict) else ()
        if kind in _MENTIONS and values:
            mentions.append(values if _MENTIONS[kind] == "any" else values[:1])
        elif kind in _EACH and values:
            mentions += [(value,) for value in values]
        elif kind in _NEVER and values:
            never += values
        elif kind == "equals" and values:
            reference = values[0]
        else:
            dropped.add(f"Dropped, assertions `{show_line(kind, 40)}`", place)
    if not mentions and not never:
        return (), reference
    words = "; ".join("|".join(group) for group in mentions) or f"not {'; '.join(never)}"
    text = show_line(str(test.get("description") or words), 200)
    return (Fact("asserted", text, tuple(mentions), tuple(never)),), reference


def _texts(given: object) -> tuple[str, ...]:
    """The texts with something in them; one text stands for a list of it."""
    listed = given if isinstance(given, list) else [given]
    return tuple(text for text in listed if isinstance(text, str) and text.strip())


# To files


def write_questions(entries: Sequence[BankQuestion], path: Path, kind: Kind, *, id: str, force: bool = False) -> None:
    """Write questions into a file: a set of ours, or samples for Inspect. Raises BadInput for a file that is there
    (unless `force`), or can't be written."""
    if not entries:
        raise BadInput("there is no question to write.", fix="`molting questions list` shows the bank.")
    if path.exists() and not force:
        raise BadInput("there is such a file already.", where=as_text(path), fix="Choose another name, or say --force.")
    data = _as_set(entries, id) if kind == "yaml" else _as_samples(entries)
    with Part(path) as part:
        part.write(data)
        part.finish()
        part.take_place()


def _as_set(entries: Sequence[BankQuestion], id: str) -> bytes:
    root = {
        "format": FORMAT,
        "id": id,
        "version": max(entry.time for entry in entries)[:10] or "1",
        "language": "any",
        "questions": [_fields(entry.question) for entry in entries],
    }
    dumped: str = yaml.safe_dump(root, allow_unicode=True, sort_keys=False, width=110)
    return dumped.encode()


def _fields(question: Question) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": question.id,
        "prompt": question.prompt,
        "language": question.language,
        "cluster": question.fact_asked,
        "role": question.role,
    }
    if question.tags:
        fields["tags"] = list(question.tags)
    if question.system is not None:
        fields["system"] = question.system
    if question.facts:
        fields["facts"] = [_fact_fields(fact) for fact in question.facts]
    if question.followups:
        fields["followups"] = list(question.followups)
    return fields


def _fact_fields(fact: Fact) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": fact.id, "text": fact.text}
    if fact.must_mention:
        fields["must_mention"] = [list(group) for group in fact.must_mention]
    if fact.must_not_mention:
        fields["must_not_mention"] = list(fact.must_not_mention)
    return fields


def _as_samples(entries: Iterable[BankQuestion]) -> bytes:
    """Samples as Inspect's `json_dataset` reads them."""
    return b"".join(msgspec.json.encode(sample) + b"\n" for sample in _samples(entries))


def _samples(entries: Iterable[BankQuestion]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        question = entry.question
        yield {
            "id": question.id,
            "input": question.prompt,
            "target": entry.reference or [fact.text for fact in question.facts],
            "metadata": {
                "cluster": question.fact_asked,
                "role": question.role,
                "language": question.language,
                "facts": [_fact_fields(fact) for fact in question.facts],
            },
        }
