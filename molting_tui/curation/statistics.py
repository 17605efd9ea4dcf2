"""What a workspace holds, in figures: any filter's pairs, what was left out, and what each answer mode would give."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from molting_tui.curation.derive import answer_of, pair_uid, reason_against
from molting_tui.curation.filter_names import read_filter
from molting_tui.curation.importing import everything_left_out
from molting_tui.curation.importing import mode as answer_mode
from molting_tui.curation.rules import RuleSet, load_rules
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.records.turns import LeftOut, Message, Turn
from molting_tui.store import filters
from molting_tui.store import statistics as counting
from molting_tui.store.statistics import RuleCount as RuleCount
from molting_tui.store.statistics import SessionPairs as SessionPairs
from molting_tui.workspace import ImportSettings, Workspace

AGENT_SPEECH = "agent-speech"
UNKNOWN = filters.UNNAMED
"""Stands for a model, project or language that isn't known."""
LENGTHS = (50, 100, 200, 500, 1000, 2000, 5000)
"""Where the length chart's steps begin, in characters."""
_STEPS = 8
"""What `statistics` counts one after the other."""


class Spread(NamedTuple):
    """Lengths in characters; None where there is nothing to measure."""

    mean: float | None
    median: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of the pairs that a filter matches; `left_out` is of the whole workspace.

    `flagged` has the pairs with any flag (`any`) and with each family's; `rules` counts pairs and hits
    apart; `disputed` are those whose next prompt complains. Lengths are in characters; `prompt_lengths` and
    `answer_lengths` have a count for each step of `LENGTHS`, with one below the first. `sessions` counts logs, not chat
    files; `by_session` has every session or chat file. `days` has the pairs that were decided on each day (YYYY-MM-DD,
    here), the latest first.
    """

    pairs: int
    sessions: int
    open: int
    keep: int
    drop: int
    rewritten: int
    starred: int
    skipped: int
    disputed: int
    kinds: dict[str, int]
    flagged: dict[str, int]
    rules: tuple[RuleCount, ...]
    instruction: Spread
    response: Spread
    prompt_lengths: tuple[int, ...]
    answer_lengths: tuple[int, ...]
    models: dict[str, int]
    languages: dict[str, int]
    projects: dict[str, int]
    tags: dict[str, int]
    by_session: tuple[SessionPairs, ...]
    days: dict[str, int]
    left_out: tuple[LeftOut, ...]
    answer: AnswerMode


@dataclass(frozen=True, slots=True)
class ModeFigures:
    """What one answer mode gives, from the turns of assistant logs; equal texts count once.

    `pairs` have a prompt and an answer; `kept` pass the filters of molting.toml. The other figures are of those
    kept: `starts` begin with agent speech (a hit among the first 2 characters that aren't space),
    `anywhere` hold it anywhere, `median` is the answers' median length in characters (None where nothing is kept).
    """

    mode: AnswerMode
    pairs: int
    kept: int
    starts: int
    anywhere: int
    median: float | None


@dataclass(slots=True)
class _ModeTally:
    uids: set[str] = field(default_factory=set)
    lengths: list[int] = field(default_factory=list)
    starts: int = 0
    anywhere: int = 0


def statistics(workspace: Workspace, filter_text: str = "", report: Report = silent) -> Statistics:
    """The figures of the pairs that a filter matches: seconds at a million pairs. Raises BadFilter, and what `report`
    raises to stop it."""
    store, chosen = workspace.store, read_filter(workspace, filter_text)
    filters.make_searchable(store, chosen)
    done = 0

    def counted(what: str) -> None:
        nonlocal done
        report(Progress(done, _STEPS, "figures", f"counting {what}"))
        done += 1

    counted("pairs")
    overview = counting.overview(store, chosen)
    counted("flags")
    families, rules = counting.family_counts(store, chosen), tuple(counting.rule_counts(store, chosen))
    counted("lengths")
    prompts, answers = counting.lengths(store, chosen)
    counted("models and languages")
    models, languages = counting.by_model(store, chosen), counting.by_language(store, chosen)
    kinds, tags = counting.by_kind(store, chosen), counting.by_tag(store, chosen)
    counted("projects")
    projects = counting.by_project(store, chosen)
    counted("sessions")
    by_session = tuple(counting.by_session(store, chosen))
    counted("decisions")
    days = counting.by_day_decided(store, chosen)
    counted("what was left out")
    return Statistics(
        pairs=overview.pairs,
        sessions=overview.sessions,
        open=overview.open,
        keep=overview.keep,
        drop=overview.drop,
        rewritten=overview.rewritten,
        starred=overview.starred,
        skipped=overview.skipped,
        disputed=overview.disputed,
        kinds=kinds,
        flagged={"any": overview.flagged} | families,
        rules=rules,
        instruction=_spread(prompts),
        response=_spread(answers),
        prompt_lengths=_steps(prompts),
        answer_lengths=_steps(answers),
        models=_named(models),
        languages=_named(languages),
        projects=_named(projects),
        tags=tags,
        by_session=by_session,
        days=days,
        left_out=left_out(workspace),
        answer=answer_mode(workspace),
    )


def rule_counts(workspace: Workspace, filter_text: str = "") -> tuple[RuleCount, ...]:
    """What each rule noticed in the pairs that a filter matches: pairs and hits."""
    return tuple(counting.rule_counts(workspace.store, read_filter(workspace, filter_text)))


def complaint_counts(workspace: Workspace, filter_text: str = "") -> tuple[RuleCount, ...]:
    """What each rule on the next prompt noticed after the pairs that a filter matches: pairs and prompts."""
    return tuple(counting.complaint_counts(workspace.store, read_filter(workspace, filter_text)))


def left_out(workspace: Workspace) -> tuple[LeftOut, ...]:
    """Everything in the imported files that is not among the pairs, by reason, most first.

    Reading's reasons are as the files gave them; why turns give no pair follows from the turns that are stored,
    so it is right after any number of imports.
    """
    reasons: dict[str, LeftOut] = {left.reason: left for left in everything_left_out(workspace)}
    mode, filters = answer_mode(workspace), workspace.settings.import_
    for turn in counting.turns_without_pair(workspace.store):
        reason = reason_against(turn, mode, filters)
        if reason:  # else the settings changed: the next derivation makes a pair of it
            _add(reasons, reason, 1, f"{turn.session}:{turn.line} {turn.human[:80]}")
    for reason, (count, example) in (
        ("duplicate-turn", counting.repeated_turns(workspace.store)),
        ("duplicate-text", counting.repeated_texts(workspace.store)),
    ):
        if count:
            _add(reasons, reason, count, example)
    return tuple(sorted(reasons.values(), key=lambda left: (-left.count, left.reason)))


def mode_figures(workspace: Workspace, report: Report = silent) -> list[ModeFigures]:
    """What each answer mode would give, by the settings and the rules in force; nothing is stored."""
    rules = load_rules(workspace.rule_files())
    modes = (AnswerMode.FIRST, AnswerMode.LAST, AnswerMode.FINAL, AnswerMode.ALL)
    tallies = {mode: _ModeTally() for mode in modes}
    total = counting.session_turn_count(workspace.store)
    for done, turn in enumerate(counting.session_turns(workspace.store), 1):
        for mode, tally in tallies.items():
            _count(tally, turn, mode, workspace.settings.import_, rules)
        report(Progress(done, total, "turns", "comparing the answer modes"))
    return [_figures(mode, tally) for mode, tally in tallies.items()]


def _count(tally: _ModeTally, turn: Turn, mode: AnswerMode, filters: ImportSettings, rules: RuleSet) -> None:
    response = answer_of(turn, mode).strip()
    uid = pair_uid(turn.system, turn.context, turn.human.strip(), response)
    if not response or uid in tally.uids:
        return
    tally.uids.add(uid)
    if reason_against(turn, mode, filters):
        return
    tally.lengths.append(len(response))
    starts = [flag.start for flag in rules.flags([Message("assistant", response)]) if flag.family == AGENT_SPEECH]
    tally.anywhere += bool(starts)
    tally.starts += any(len("".join(response[:start].split())) < 2 for start in starts[:1])


def _figures(mode: AnswerMode, tally: _ModeTally) -> ModeFigures:
    return ModeFigures(mode, len(tally.uids), len(tally.lengths), tally.starts, tally.anywhere, _median(tally.lengths))


def _median(lengths: list[int]) -> float | None:
    ordered = sorted(lengths)
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    return sum(middle) / len(middle) if middle else None


def _spread(lengths: Mapping[int, int]) -> Spread:
    """Mean and median of lengths, each with how many have it."""
    count = sum(lengths.values())
    if not count:
        return Spread(None, None)
    middle, passed = [], 0
    for length, times in sorted(lengths.items()):
        middle += [length for place in ((count - 1) // 2, count // 2) if passed <= place < passed + times]
        passed += times
    return Spread(sum(length * times for length, times in lengths.items()) / count, sum(middle) / len(middle))


def _steps(lengths: Mapping[int, int]) -> tuple[int, ...]:
    """How many are below the first of `LENGTHS`, from each to the next, and from the last on up."""
    counts = [0] * (len(LENGTHS) + 1)
    for length, times in lengths.items():
        counts[bisect(LENGTHS, length)] += times
    return tuple(counts)


def _named(counts: dict[str, int]) -> dict[str, int]:
    return {name or UNKNOWN: count for name, count in counts.items()}


def _add(reasons: dict[str, LeftOut], reason: str, count: int, example: str) -> None:
    known = reasons.get(reason)
    reasons[reason] = known._replace(count=known.count + count) if known else LeftOut(reason, count, example)


def share(part: int, whole: int) -> float:
    """A part in per cent of the whole; 0 of nothing."""
    return 100 * part / whole if whole else 0.0
