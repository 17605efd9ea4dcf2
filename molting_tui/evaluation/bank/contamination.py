"""Where the words of questions stand in what is trained, and what is amiss in the bank.

A `generalise` question whose words, nearly its words, or another wording of whose cluster stand in a frozen dataset or
in what a run was trained on measures memory there. Kept pairs that ask it are no harm: freezing keeps them apart
(`datasets/kept_apart.py`); but a question that is only now to be asked says so first, so that nobody loses training
pairs unawares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from molting_tui.curation.likeness import Likeness, Wording
from molting_tui.datasets.catalogue import data_file
from molting_tui.datasets.export.export import kept_filter
from molting_tui.datasets.frozen_manifest import BESIDE, conversations
from molting_tui.datasets.kept_apart import PROMOTED
from molting_tui.errors import Refused
from molting_tui.evaluation.asking.questions import list_questions
from molting_tui.evaluation.asking.training_prompts import trained_rows
from molting_tui.records.bank import BANK, BankQuestion
from molting_tui.records.datasets import Dataset
from molting_tui.records.evaluation import QuestionSet
from molting_tui.store import bank, datasets, filters, pairs, runs
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

Kind = Literal["pair", "dataset", "run"]
_EXAMPLE = 60
_NAMED = 3


class Place(NamedTuple):
    """Something that asks a question: a kept pair (`name` is its number), a frozen dataset, or a run whose dataset
    isn't among these. `rows` of it do; `words` are those of the first, `runs` were trained on that dataset."""

    kind: Kind
    name: str
    rows: int
    words: str
    runs: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The place in words, safe to show."""
        words = f"`{show_line(self.words, _EXAMPLE)}`"
        if self.kind == "pair":
            return f"pair {self.name} ({words})"
        trained = f", trained by {show_line(', '.join(self.runs), _EXAMPLE)}" if self.runs else ""
        return f"{self.kind} {show_line(self.name, _EXAMPLE)} ({plural(self.rows, 'row')}: {words}{trained})"


class Asked(NamedTuple):
    """A question and the places that ask it, or another wording of its cluster. `proposed`: nobody has taken it yet."""

    id: str
    cluster: str
    role: str
    places: tuple[Place, ...]
    proposed: bool = False

    @property
    def contaminated(self) -> bool:
        """Whether it is meant to generalise and was trained on, or is frozen to be."""
        return self.role == "generalise" and any(place.kind != "pair" for place in self.places)

    @property
    def kept_pairs(self) -> tuple[str, ...]:
        """The numbers of the kept pairs that ask it."""
        return tuple(place.name for place in self.places if place.kind == "pair")


class Checked(NamedTuple):
    """What a look over the bank found. `questions` are all that are open or proposed, `of_sets` those of question sets
    that something asks; `twins` are ids of two questions that ask the same, `one_wording` and `one_language` name
    clusters."""

    questions: tuple[Asked, ...]
    of_sets: tuple[tuple[str, Asked], ...]
    twins: tuple[tuple[str, str], ...]
    one_wording: tuple[str, ...]
    one_language: tuple[str, ...]

    @property
    def contaminated(self) -> tuple[Asked, ...]:
        """The questions that are asked and no longer what their role says; who takes a proposal is told then."""
        return tuple(asked for asked in self.questions if asked.contaminated and not asked.proposed)


def check_bank(workspace: Workspace) -> Checked:
    """Look over the bank: both ways between its questions and what is trained, and among the questions."""
    entries = [entry for entry in bank.every(workspace.store) if entry.status != "dropped"]
    sets = [each.record for each in list_questions(workspace) if each.record is not None and each.record.id != BANK]
    listed = [*_wordings(entries), *(wording for each in sets for wording in _of_set(each))]
    places = _Places(workspace, Likeness(listed))
    by_cluster: dict[str, list[BankQuestion]] = defaultdict(list)
    for entry in entries:
        by_cluster[entry.question.fact_asked].append(entry)
    return Checked(
        tuple(_asked(entry, places) for entry in entries),
        tuple(_asked_of_sets(sets, places)),
        tuple(_twins(entries)),
        tuple(cluster for cluster, wordings in by_cluster.items() if len(wordings) == 1),
        tuple(
            cluster
            for cluster, wordings in by_cluster.items()
            if len(wordings) > 1 and len({each.question.language for each in wordings}) == 1
        ),
    )


def places_of(workspace: Workspace, entry: BankQuestion) -> tuple[Place, ...]:
    """Where a question, stored or not, or another wording of its cluster is asked in what is trained: kept pairs but
    the one that it was made from, frozen datasets, runs."""
    others = [
        other
        for other in bank.every(workspace.store)
        if other.status == "open" and other.uid != entry.uid and other.question.fact_asked == entry.question.fact_asked
    ]
    return _asked(entry, _Places(workspace, Likeness(_wordings([entry, *others])))).places


def refuse_contaminated(workspace: Workspace, entry: BankQuestion, *, promote: bool = False) -> tuple[str, ...]:
    """Raise Refused if a question that is to generalise is asked by what is trained; with `promote`, or where it was
    made from a pair, sentences on what becomes of that instead: none for another role."""
    if entry.question.role != "generalise":
        return ()
    places = places_of(workspace, entry)
    if not places:
        return ()
    asked = Asked(entry.id, entry.question.fact_asked, "generalise", places)
    if promote or entry.source.startswith(PROMOTED):
        return tuple(_consequences(asked))
    named = ", ".join(place.sentence() for place in places[:_NAMED])
    more = f" and {len(places) - _NAMED:,} more" if len(places) > _NAMED else ""
    raise Refused(
        f"what is trained asks this already: {named}{more}.",
        where=f"question {entry.id}",
        fix="Make it memory (--role memory), or promote those pairs out of training (--promote).",
    )


def contaminated_among(workspace: Workspace, entries: Sequence[BankQuestion]) -> dict[str, Asked]:
    """Those of these questions, by uid, that are to generalise and that what is trained asks; all in one look."""
    places = _Places(workspace, Likeness(_wordings([*entries, *bank.every(workspace.store)])))
    asked = {entry.uid: _asked(entry, places) for entry in entries if entry.question.role == "generalise"}
    return {uid: each for uid, each in asked.items() if each.places}


def _consequences(asked: Asked) -> Iterator[str]:
    if asked.kept_pairs:
        number = plural(len(asked.kept_pairs), "kept pair asks", "kept pairs ask")
        yield f"{number} it: from now on in a dataset's part `bank`, and never trained on."
    older = [place for place in asked.places if place.kind != "pair"]
    if older:
        names = ", ".join(show_line(place.name, _EXAMPLE) for place in older[:_NAMED])
        yield f"It stands in {names}: for what was trained on that it counts as memory, and that isn't trained again."


class _Places:
    """Everything in a workspace that is trained and asks one of some wordings, by wording. Each text is looked at once,
    in however many datasets it stands."""

    def __init__(self, workspace: Workspace, likeness: Likeness) -> None:
        self._likeness = likeness
        self._hits: dict[str, tuple[Wording, ...]] = {}
        self._found: dict[Wording, dict[tuple[Kind, str], Place]] = defaultdict(dict)
        self.uids: dict[str, str] = {}
        if likeness:
            self._look(workspace)

    def of(self, chosen: Callable[[Wording], bool]) -> tuple[Place, ...]:
        """The places that ask any of these wordings, kept pairs first."""
        places: dict[tuple[Kind, str], Place] = {}
        for wording, found in self._found.items():
            if chosen(wording):
                places |= found
        return tuple(sorted(places.values(), key=_order))

    def _look(self, workspace: Workspace) -> None:
        store = workspace.store
        for kept in pairs.prompts(store, filters.matching(store, kept_filter(workspace, ""))):
            self.uids[str(kept.id)] = kept.uid
            self._add("pair", str(kept.id), kept.turns)
        for dataset in datasets.all_datasets(store):
            for turns in _rows(workspace, dataset):
                self._add("dataset", dataset.name, turns, dataset.runs)
        for run in runs.without_dataset(store):
            for row in trained_rows(workspace, run) or ():
                self._add("run", run, [message.text for message in row if message.role == "user"])

    def _add(self, kind: Kind, name: str, turns: Iterable[str], of_runs: tuple[str, ...] = ()) -> None:
        asked = {wording: turn for turn in turns for wording in self._wordings_in(turn)}
        for wording, turn in asked.items():
            before = self._found[wording].get((kind, name))
            place = Place(kind, name, 1, turn, of_runs) if before is None else before._replace(rows=before.rows + 1)
            self._found[wording][kind, name] = place

    def _wordings_in(self, text: str) -> tuple[Wording, ...]:
        hits = self._hits.get(text)
        if hits is None:
            hits = self._hits[text] = tuple(like.wording for like in self._likeness.every(text))
        return hits


def _rows(workspace: Workspace, dataset: Dataset) -> Iterator[list[str]]:
    """The user turns of each row that is trained or held out; none where the file can't be read any more."""
    data = data_file(workspace, dataset)
    files = [data, *([data.with_name(BESIDE["held_out"])] if dataset.parts["held_out"] else [])]
    for file in files:
        try:
            for row in conversations(file):
                yield [message.text for message in row.messages if message.role == "user"]
        except (OSError, ValueError):
            return


def _asked(entry: BankQuestion, places: _Places) -> Asked:
    """A question with its places; the pair that it was made from is none of them."""
    cluster, own = entry.question.fact_asked, entry.source.removeprefix(PROMOTED)
    found = places.of(lambda wording: wording.cluster == cluster)
    others = tuple(place for place in found if place.kind != "pair" or places.uids[place.name] != own)
    return Asked(entry.id, cluster, entry.question.role, others, entry.status == "proposed")


def _asked_of_sets(sets: Sequence[QuestionSet], places: _Places) -> Iterator[tuple[str, Asked]]:
    for each in sets:
        for question in each.questions:
            own = Wording(question.id, _set_cluster(each.id, question.fact_asked), question.prompt)
            found = places.of(lambda wording, own=own: wording == own)  # type: ignore[misc]
            if found:
                yield each.id, Asked(question.id, question.fact_asked, question.role, found)


def _wordings(entries: Iterable[BankQuestion]) -> Iterator[Wording]:
    for entry in entries:
        for prompt in (entry.question.prompt, *entry.question.followups):
            yield Wording(entry.id, entry.question.fact_asked, prompt)


def _of_set(question_set: QuestionSet) -> Iterator[Wording]:
    """A set's wordings. They are told, and block nothing, so their clusters aren't the bank's."""
    for question in question_set.questions:
        yield Wording(question.id, _set_cluster(question_set.id, question.fact_asked), question.prompt)


def _set_cluster(set_id: str, cluster: str) -> str:
    return f"{set_id}\0{cluster}"


def _twins(entries: Sequence[BankQuestion]) -> Iterator[tuple[str, str]]:
    """Two questions of the bank that ask the same in nearly the same words, each pair once."""
    likeness = Likeness(_wordings(entries), sentences=False)
    for entry in entries:
        for hit in likeness.every(entry.question.prompt):
            if entry.id < hit.wording.question:
                yield entry.id, hit.wording.question


def _order(place: Place) -> tuple[int, int, str]:
    rank = ("pair", "dataset", "run").index(place.kind)
    return rank, int(place.name) if place.kind == "pair" else 0, place.name
