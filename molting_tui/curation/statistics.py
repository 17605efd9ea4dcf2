"""What a workspace holds, in figures: any filter's pairs, what was left out, and what each answer mode would give."""

from __future__ import annotations

from dataclasses import dataclass, field

from molting_tui.curation.derive import answer_of, pair_uid, reason_against
from molting_tui.curation.filter_names import read_filter
from molting_tui.curation.importing import everything_left_out
from molting_tui.curation.importing import mode as answer_mode
from molting_tui.curation.rules import RuleSet, load_rules
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.records.turns import LeftOut, Message, Turn
from molting_tui.store import statistics as counting
from molting_tui.store.statistics import RuleCount as RuleCount
from molting_tui.store.statistics import Spread as Spread
from molting_tui.workspace import ImportSettings, Workspace

AGENT_SPEECH = "agent-speech"
UNKNOWN = "unknown"
"""Stands for a model, project or language that isn't known."""
LENGTHS = (50, 100, 200, 500, 1000, 2000, 5000)
"""Where the length chart's steps begin, in characters."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of the pairs that a filter matches; `left_out` is of the whole workspace.

    `flagged` has the pairs with any flag (`any`) and with each family's; `rules` counts pairs and hits
    apart. Lengths are in characters; `answer_lengths` has a count for each step of `LENGTHS`,
    with one below the first. `sessions` counts logs, not chat files.
    """

    pairs: int
    sessions: int
    open: int
    keep: int
    drop: int
    rewritten: int
    flagged: dict[str, int]
    rules: tuple[RuleCount, ...]
    instruction: Spread
    response: Spread
    answer_lengths: tuple[int, ...]
    models: dict[str, int]
    languages: dict[str, int]
    projects: dict[str, int]
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


def statistics(workspace: Workspace, filter_text: str = "") -> Statistics:
    """The figures of the pairs that a filter matches. Raises BadFilter."""
    store, chosen = workspace.store, read_filter(workspace, filter_text)
    overview = counting.overview(store, chosen)
    return Statistics(
        pairs=overview.pairs,
        sessions=overview.sessions,
        open=overview.open,
        keep=overview.keep,
        drop=overview.drop,
        rewritten=overview.rewritten,
        flagged={"any": overview.flagged} | counting.family_counts(store, chosen),
        rules=tuple(counting.rule_counts(store, chosen)),
        instruction=counting.spread(store, chosen, "instruction"),
        response=counting.spread(store, chosen, "response"),
        answer_lengths=tuple(counting.lengths_between(store, chosen, "response", LENGTHS)),
        models=_named(counting.by_model(store, chosen)),
        languages=_named(counting.by_language(store, chosen)),
        projects=_named(counting.by_project(store, chosen)),
        left_out=left_out(workspace),
        answer=answer_mode(workspace),
    )


def rule_counts(workspace: Workspace, filter_text: str = "") -> tuple[RuleCount, ...]:
    """What each rule noticed in the pairs that a filter matches: pairs and hits."""
    return tuple(counting.rule_counts(workspace.store, read_filter(workspace, filter_text)))


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


def _named(counts: dict[str, int]) -> dict[str, int]:
    return {name or UNKNOWN: count for name, count in counts.items()}


def _add(reasons: dict[str, LeftOut], reason: str, count: int, example: str) -> None:
    known = reasons.get(reason)
    reasons[reason] = known._replace(count=known.count + count) if known else LeftOut(reason, count, example)


def share(part: int, whole: int) -> float:
    """A part in per cent of the whole; 0 of nothing."""
    return 100 * part / whole if whole else 0.0
