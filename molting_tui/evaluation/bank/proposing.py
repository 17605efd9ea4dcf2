"""Questions that could be asked: from kept pairs, from facts in other words, and for what no question asks.

A proposal is a beginning: a person takes, rewrites or drops it. What stands in the bank, dropped or not, isn't proposed
again, nor what a set within reach asks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain, zip_longest

from molting_tui.curation.common_words import told_by_words
from molting_tui.curation.likeness import ALIKE, Likeness, Wording, likeness
from molting_tui.curation.question_words import LITTLE, content_words, folded, stem, words_of
from molting_tui.datasets.export.export import kept_filter
from molting_tui.datasets.kept_apart import PROMOTED
from molting_tui.evaluation.asking.questions import list_questions
from molting_tui.evaluation.bank.bank import Bank, Draft
from molting_tui.evaluation.bank.other_words import other_wordings
from molting_tui.records.bank import BANK, BankQuestion
from molting_tui.records.evaluation import Question
from molting_tui.store import bank, filters, lineage, pairs
from molting_tui.store.pairs import Prompts
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

DEFAULT = 12
"""How many questions are proposed at once."""
FACT, GAP = "fact:", "gap:"
_SHORTEST, _LONGEST = 12, 160
"""Characters of a pair's prompt that can be a question."""
_ENOUGH = 4
"""Wordings of one fact from which no other is proposed."""
_LEAST_NAMED = 3
"""In how many kept answers a name stands before it is asked for."""
_ASKING = re.compile(
    r"\?$|^(?:who|what|which|why|how|when|where|tell|explain|describe|do you|are you|can you"
    r"|quem|o que|que|qual|quais|por ?que|como|quando|onde|fal[ae]|conta|conte|me (?:conta|diz|fala)|expli(?:ca|que)"
    r"|descrev[ae]|voc[êe])\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:this|that|these|those|it|its|above|below|here|again|the (?:file|error|line|code|log|diff|test|output)"
    r"|isso|isto|esse|essa|esses|essas|este|esta|aqui|acima|abaixo|de novo|dele|dela|ele|ela"
    r"|[oa] (?:arquivo|erro|linha|código|log|teste|saída))\b",
    re.IGNORECASE,
)
_NO_QUESTION = re.compile(r"[`{}<>|\\@#\[\]]|https?:|\w/\w|\n|\.\w{2,4}\b(?!\w)")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_NAME = re.compile(r"(?<=[\w,;:)] )[A-ZÀ-Ý][\w-]*\w(?: [A-ZÀ-Ý][\w-]*\w)*")
_LOWER = re.compile(r"(?<![\w-])[a-zà-ÿ]{2,}")
_SHORTEST_NAME = 3


def propose(workspace: Workspace, most: int = DEFAULT) -> list[BankQuestion]:
    """Put up to so many questions into the bank, as proposed, in one step; as they stand there."""
    desk = Bank(workspace)
    drafts = list(proposals(workspace, most))
    return desk.add(drafts, "proposed", f"propose {plural(len(drafts), 'question')}")


def proposals(workspace: Workspace, most: int = DEFAULT) -> Iterator[Draft]:
    """Up to so many questions that neither the bank nor a set asks: one from each source in turn."""
    entries = bank.every(workspace.store)
    asked = [(entry.question, entry.source) for entry in entries]
    asked += [
        (question, "")
        for each in list_questions(workspace)
        if each.record is not None and each.record.id != BANK
        for question in each.record.questions
    ]
    questions = [question for question, _ in asked]
    kept = list(pairs.prompts(workspace.store, filters.matching(workspace.store, kept_filter(workspace, ""))))
    sources = {source for _, source in asked if source}
    standing = [question for question, source in asked if not source or _stands(entries, question)]
    turns = (
        _from_pairs(workspace, kept, questions, sources),
        _in_other_words(standing, questions),
        _for_gaps(kept, questions, sources),
    )
    given: set[str] = set()
    for draft in filter(None, chain.from_iterable(zip_longest(*turns))):
        if len(given) == most:
            return
        if folded(draft.prompt) not in given:
            given.add(folded(draft.prompt))
            yield draft


def _stands(entries: Iterable[BankQuestion], question: Question) -> bool:
    return any(entry.question is question and entry.status != "dropped" for entry in entries)


# From kept pairs


def _from_pairs(
    workspace: Workspace, kept: Sequence[Prompts], questions: Sequence[Question], sources: set[str]
) -> Iterator[Draft]:
    """Prompts of kept pairs that a person could ask out of nowhere, those first that few questions have words with."""
    known = Likeness(Wording(question.id, "", question.prompt) for question in questions)
    candidates = {
        pair.id: pair for pair in kept if askable(pair) and f"{PROMOTED}{pair.uid}" not in sources
    }  # fmt: skip
    about = {number: _topic(pair.turns[-1]) for number, pair in candidates.items()}
    topics = Counter(word for question in questions for word in _topic(question.prompt))

    def rank(number: int) -> tuple[int, int, int]:
        """How many questions have a word of content with a pair's prompt in common, at most; then the shorter ones."""
        most = max((topics[word] for word in about[number]), default=0)
        return most, len(candidates[number].turns[-1]), number

    given: list[str] = []
    waiting = [rank(number) for number in candidates]
    heapify(waiting)
    while waiting:
        ranked = heappop(waiting)
        number = ranked[-1]
        # What was proposed before counts as asked: a rank only grows.
        if rank(number) > ranked:
            heappush(waiting, rank(number))
            continue
        pair = candidates[number]
        prompt = pair.turns[-1].strip()
        if known.find(prompt) is not None or any(likeness(prompt, other) >= ALIKE for other in given):
            continue
        given.append(prompt)
        topics.update(about[number])
        yield Draft(
            prompt,
            language=told_by_words(prompt) or (pair.language if pair.language in ("pt", "en") else ""),
            reference=pair.answer,
            source=f"{PROMOTED}{pair.uid}",
            why=_why_pair(workspace, pair),
        )


def askable(pair: Prompts) -> bool:
    """Whether a pair's prompt stands by itself: one short question, with nothing before it and nothing to look at."""
    prompt = pair.turns[-1].strip()
    return (
        len(pair.turns) == 1
        and _SHORTEST <= len(prompt) <= _LONGEST
        and _ASKING.search(prompt) is not None
        and _POINTING.search(prompt) is None
        and _NO_QUESTION.search(prompt) is None
    )


def _topic(prompt: str) -> set[str]:
    return {stem(word) for word in content_words(prompt)}


def _why_pair(workspace: Workspace, pair: Prompts) -> str:
    frozen = lineage.datasets_with(workspace.store, pair.uid)
    where = f"; it stands in dataset {frozen[-1]}, for which it is memory" if frozen else ""
    return f"kept pair {pair.id} asks it by itself{where}. Taking it promotes the pair out of training."


# In other words


def _in_other_words(standing: Sequence[Question], questions: Sequence[Question]) -> Iterator[Draft]:
    """Wordings of facts that stand in few wordings or in one language, by our own templates."""
    asked = {folded(question.prompt) for question in questions}
    clusters: dict[str, list[Question]] = {}
    for question in standing:
        if question.role != "control":
            clusters.setdefault(question.fact_asked, []).append(question)
    for cluster, wordings in sorted(clusters.items(), key=lambda item: (len(item[1]), item[0])):
        if len(wordings) >= _ENOUGH:
            continue
        languages = {question.language for question in wordings}
        others = [
            (question, wording) for question in wordings for wording in other_wordings(question.prompt)
            if folded(wording.prompt) not in asked
        ]  # fmt: skip
        if not others:
            continue
        # The missing language first.
        question, wording = min(others, key=lambda each: each[1].language in languages)
        missing = wording.language not in languages
        yield Draft(
            wording.prompt,
            cluster=cluster,
            role=question.role,
            language=wording.language,
            tags=question.tags,
            system=question.system,
            facts=question.facts,
            source=f"{FACT}{cluster}",
            why=f"{plural(len(wordings), 'wording asks', 'wordings ask')} for {cluster}"
            + (f", none in {wording.language}." if missing else ": this is it in other words."),
        )


# What no question asks


def _for_gaps(kept: Sequence[Prompts], questions: Sequence[Question], sources: set[str]) -> Iterator[Draft]:
    """A question for each name that stands in several kept answers and in no question or fact, the most frequent
    first."""
    mentioned = {word for question in questions for word in _mentioned(question)}
    named, languages, lower = _names(kept)
    for name, number in named.most_common():
        if number < _LEAST_NAMED:
            return
        words = words_of(name)
        common = lower[name.lower()] * 2 > number
        if common or len(name) < _SHORTEST_NAME or LITTLE.issuperset(words) or mentioned.issuperset(words):
            continue
        if f"{GAP}{name}" in sources:
            continue
        portuguese = languages[name, "pt"] * 2 > number
        yield Draft(
            f"O que é {name}?" if portuguese else f"What is {name}?",
            language="pt" if portuguese else "en",
            source=f"{GAP}{name}",
            why=f"{number:,} kept answers name {show_line(name, 40)}, and no question or fact does.",
        )


def _mentioned(question: Question) -> Iterator[str]:
    yield from words_of(question.prompt)
    for fact in question.facts:
        for text in (fact.text, *chain.from_iterable(fact.must_mention), *fact.must_not_mention):
            yield from words_of(text)


def _names(kept: Sequence[Prompts]) -> tuple[Counter[str], Counter[tuple[str, str]], Counter[str]]:
    """In how many kept answers each name stands (a word with a capital inside a sentence), the same by the answer's
    language, and in how many the same word stands without one."""
    named: Counter[str] = Counter()
    languages: Counter[tuple[str, str]] = Counter()
    lower: Counter[str] = Counter()
    for pair in kept:
        text = _CODE.sub(" ", pair.answer)
        names = set(_NAME.findall(text))
        named.update(names)
        languages.update((name, pair.language) for name in names)
        lower.update(set(_LOWER.findall(text)))
    return named, languages, lower
