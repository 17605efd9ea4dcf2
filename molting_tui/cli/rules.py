"""`molting rules`: what the rules are, what they notice, whether a rule file is right, and flagging anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from molting_tui.cli.printing import say, say_heading, say_json, say_table, tell
from molting_tui.cli.running import FAILED, Group, desk_here, json_option, leave, named_workspace, where_option
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput, MoltingError
from molting_tui.text import plural, show, show_line

if TYPE_CHECKING:
    from molting_tui.curation.rules import Rule
    from molting_tui.curation.statistics import RuleCount
    from molting_tui.curation.triage import Desk


class _Checked(NamedTuple):
    """A rule file that was checked: how many rules it has, or the sentence that says what is wrong."""

    file: str
    rules: int
    error: str | None


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=("molting rules", "molting rules show agent-speech", "molting rules --json", "molting rules apply"),
)
@where_option("Count in the pairs that match only.")
@json_option()
@click.pass_context
def rules(ctx: click.Context, where: str, as_json: bool) -> None:
    """List the rules, with the pairs that each flags and its hits.

    A rule is a hint for your eyes: it never decides. Your own rule files go into rubrics/curation of the
    workspace; one with the name of a shipped file stands in its place.
    """
    if ctx.invoked_subcommand is not None:
        if where or as_json:
            raise BadInput(
                "--where and --json go after the last word.", fix="For example: molting rules show secret --json"
            )
        return
    with desk_here() as desk:
        rows = _rows(desk, where)
        changed = desk.rules_changed()
    if as_json:
        say_json({"rules": [_fields(rule, count) for rule, count in rows], "changed": changed})
        return
    _say_list(rows)
    if changed:
        say()
        say("The rules have changed since the pairs were flagged: molting rules apply")


@rules.command(name="show", examples=("molting rules show agent-speech", "molting rules show secret --json"))
@click.argument("family")
@json_option()
def show_family(family: str, as_json: bool) -> None:
    """Show the rules of one FAMILY whole: pattern, examples, counter-examples."""
    with desk_here() as desk:
        every = _rows(desk, "")
    rows = [(rule, count) for rule, count in every if rule.family == family]
    families = sorted({rule.family for rule, _ in every})
    if not rows:
        raise BadInput(
            "there is no such family of rules.", where=f"`{family}`", fix=f"It is one of {', '.join(families)}."
        )
    if as_json:
        say_json([_fields(rule, count) | {"pattern": rule.pattern, "unless": rule.unless} for rule, count in rows])
        return
    for rule, (pairs, hits) in rows:
        say_heading(rule.id)
        say_table(_facts(rule, pairs, hits))


@rules.command(examples=("molting rules check", "molting rules check my-rules.yaml"))
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path(path_type=Path))
@json_option()
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Check rule files: their form, their patterns, their examples.

    Without FILE, the files in force are checked: the shipped ones and the workspace's own. Every file with
    a mistake is named with the line (exit code 2).
    """
    from molting_tui.curation.rules import load_rules

    wanted = files or tuple(_files_in_force())
    checked: list[_Checked] = []
    for names in (*((path,) for path in wanted), *((wanted,) if len(wanted) > 1 else ())):
        try:
            count = len(load_rules(names).rules)
        except MoltingError as error:
            # Two files that are right each may still give one name to two rules: told once, of both together.
            if len(names) == 1 or all(entry.error is None for entry in checked):
                checked.append(_Checked(str(names[0]), 0, error.sentence()))
        else:
            if len(names) == 1:
                checked.append(_Checked(str(names[0]), count, None))
    _say_checked(checked, as_json)


@rules.command(name="apply", examples=("molting rules apply",))
@json_option()
def apply_rules(as_json: bool) -> None:
    """Flag every pair anew by the rules in force; decisions stay."""
    with (
        desk_here() as desk,
        watched("Stopped. Some pairs are flagged anew; the same command does the rest.") as progress,
    ):
        from molting_tui.curation.flagging import changes_sentence

        changes, total = desk.apply_rules(progress), desk.counts().total
    if as_json:
        say_json({"pairs": total, "flagged": changes.flagged, "more": changes.more, "fewer": changes.fewer})
    else:
        say(f"{changes.flagged:,} of {plural(total, 'pair')} have a flag now.")
        say(changes_sentence(changes))


def _rows(desk: Desk, where: str) -> list[tuple[Rule, tuple[int, int]]]:
    from molting_tui.curation.statistics import complaint_counts, rule_counts

    counted = (*rule_counts(desk.workspace, where), *complaint_counts(desk.workspace, where))
    counts: dict[str, RuleCount] = {count.rule: count for count in counted}
    rows = []
    for rule in (*desk.rules.rules, _mojibake()):
        count = counts.get(rule.id)
        rows.append((rule, (count.pairs, count.hits) if count else (0, 0)))
    return rows


def _mojibake() -> Rule:
    """What stands for the one thing that is noticed without a rule in a file."""
    from molting_tui.curation.rules import MOJIBAKE, Rule

    return Rule(MOJIBAKE, MOJIBAKE, "any", "ours", "both", "", "", "", ("vocÃª",), ("você",))


def _say_list(rows: Iterable[tuple[Rule, tuple[int, int]]]) -> None:
    table = [
        (rule.family, rule.id, rule.language, pairs, hits, next(iter(rule.examples), ""))
        for rule, (pairs, hits) in rows
    ]
    say_table(table, ("family", "rule", "language", "pairs", "hits", "example"), right=(3, 4))


def _facts(rule: Rule, pairs: int, hits: int) -> Iterator[tuple[str, str]]:
    yield "found", f"{plural(hits, 'hit')} in {plural(pairs, 'pair')}"
    yield "language", rule.language
    yield "looks at", rule.where
    if rule.pattern:
        yield "pattern", rule.pattern
    if rule.hint:
        yield "hint", rule.hint
    if rule.unless:
        yield "unless", rule.unless
    if rule.check:
        yield "check", rule.check
    yield "comes from", "the customer's reports" if rule.source == "seeds" else "molting"
    for example in rule.examples:
        yield "finds", example
    for counter in rule.counter_examples:
        yield "leaves", counter


def _fields(rule: Rule, count: tuple[int, int]) -> dict[str, object]:
    return {
        "family": rule.family,
        "rule": rule.id,
        "language": rule.language,
        "source": rule.source,
        "where": rule.where,
        "pairs": count[0],
        "hits": count[1],
        "examples": list(rule.examples),
        "counter_examples": list(rule.counter_examples),
    }


def _files_in_force() -> list[Path]:
    from molting_tui import workspace

    try:
        folder = workspace.find(named_workspace())
    except BadInput:
        if named_workspace():
            raise
        return sorted((workspace.shipped("rubrics") / "curation").glob("*.yaml"))
    opened = workspace.open_workspace(folder)
    try:
        return opened.rule_files()
    finally:
        opened.close()


def _say_checked(checked: Sequence[_Checked], as_json: bool) -> None:
    wrong = [entry.error for entry in checked if entry.error is not None]
    if as_json:
        say_json([entry._asdict() for entry in checked])
    else:
        for entry in checked:
            if entry.error is None:
                say(f"{show(entry.file)}: {plural(entry.rules, 'rule')}, all right")
    for sentence in wrong:
        tell(f"molting: {show_line(sentence, 1000)}")
    if wrong:
        leave(FAILED)
