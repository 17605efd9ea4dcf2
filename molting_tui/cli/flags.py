"""`molting flags`: what a machine notices in answers, overruled by a person, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_heading, say_json, say_table, say_wrapped, tell
from molting_tui.cli.running import NO, Command, json_option, leave, workspace_with_results
from molting_tui.errors import BadInput, Refused
from molting_tui.text import plural, show, show_line

if TYPE_CHECKING:
    from molting_tui.records.evaluation import Answer
    from molting_tui.records.flags import FlagTable, Share
    from molting_tui.workspace import Workspace

_USAGE = "For example: molting flags 12 agent_like no, or molting flags 12 fact:work said."
_NAME = 24


@click.command(
    cls=Command,
    examples=(
        "molting flags                         # how many answers have each, by contender",
        "molting flags --language pt --json | jq '.contenders[].flags.agent_like'",
        "molting flags 12                      # one answer's, once you have rated it",
        "molting flags 12 agent_like no        # overrule the machine, or add what it missed",
        "molting flags 12 fact:work said       # a fact's state: said, missing, contradicted",
        "molting flags 12 --confirm            # all of them are right as they stand",
        "molting flags --undo",
    ),
)
@click.argument("words", nargs=-1, metavar="[ANSWER [FLAG yes|no]]")
@click.option("--confirm", is_flag=True, help="Say that all flags and facts of ANSWER are right as they stand.")
@click.option("--questions", "sets", multiple=True, metavar="SET", help="Count answers to this set; repeatable.")
@click.option("--language", default="", metavar="CODE", help="Count answers to questions in this language (pt, en).")
@click.option("--undo", is_flag=True, help="Take back your latest word on flags.")
@click.option("--redo", is_flag=True, help="Bring back what was taken back last.")
@click.option("--unblind", is_flag=True, help="Though blind scoring goes on: logged, and what follows isn't blind.")
@json_option()
def flags(
    words: tuple[str, ...],
    confirm: bool,
    sets: tuple[str, ...],
    language: str,
    undo: bool,
    redo: bool,
    unblind: bool,
    as_json: bool,
) -> None:
    """Count what a machine noticed in answers, or overrule it.

    Flags are hints, never scores. They are told after you have rated an answer; your word stands over the machine's
    in every count. Precision is of the flags that you judged; recall only of answers that you confirmed.
    """
    counted = bool(sets or language or unblind)
    if undo or redo:
        if (undo and redo) or words or confirm or counted:
            raise BadInput("--undo and --redo stand alone.", fix="Leave the rest away.")
        _step_back(undo, as_json)
        return
    if len(words) not in (0, 1, 3) or (words and counted) or (confirm and len(words) != 1):
        raise BadInput("an answer, a flag and a word on it are needed, or the answer alone.", fix=_USAGE)
    with workspace_with_results() as (workspace, taken):
        for problem in taken.problems:
            tell(f"molting: {show(problem)}")
        if words:
            _one(workspace, words, confirm, as_json)
        else:
            from molting_tui.evaluation.results.flag_counts import flag_table

            table = flag_table(workspace, sets=sets, language=language, unblind=unblind)
            say_json(_table_fields(table)) if as_json else _say_table(table)


def _one(workspace: Workspace, words: tuple[str, ...], confirm: bool, as_json: bool) -> None:
    """Say something of one answer's flags, then show them."""
    from molting_tui.evaluation.noticing import hints
    from molting_tui.evaluation.scoring.sheet_rows import answer_meant

    answer = answer_meant(workspace, words[0])
    if why := hints.not_to_be_told(workspace, answer.uuid):
        raise Refused(why, fix="Rate it first: molting score.")
    if confirm:
        hints.confirm(workspace, answer)
    elif len(words) == 3:
        hints.say(workspace, answer, words[1], words[2])
    _say_answer(workspace, answer, as_json)


def _say_answer(workspace: Workspace, answer: Answer, as_json: bool) -> None:
    """Show the flags that stand or were judged, and every fact's state; nothing that tells whose the answer is."""
    from molting_tui.evaluation.noticing.hints import hint_rows, hints_of

    stands = hints_of(workspace, [answer])[answer.id]
    rows = hint_rows(answer, stands)
    if as_json:
        say_json(
            {
                "id": answer.id,
                "uuid": answer.uuid,
                "question": answer.question.id,
                "confirmed": stands.confirmed,
                "flags": [
                    {"flag": row.name, "stands": row.state == "yes", "detail": row.detail, "said": row.said or None}
                    for row in rows
                    if not row.is_fact
                ],
                "facts": [
                    {"fact": row.name, "state": row.state or None, "detail": row.detail, "said": row.said or None}
                    for row in rows
                    if row.is_fact
                ],
            }
        )
        return
    given = [row for row in rows if row.is_fact or row.state or row.said]
    say(f"Answer {answer.id} · {show_line(answer.question.id, 40)}{' · confirmed' if stands.confirmed else ''}")
    if not given:
        say("No flag, and no fact to look for.")
        return
    say_table(
        [
            (
                show_line(row.name, 40),
                row.shown_state or ("no" if not row.is_fact else "·"),
                row.said or "·",
                show_line(row.detail, 40),
            )
            for row in given
        ],
        ("flag", "stands", "you said", "the machine goes by"),
    )


def _say_table(table: FlagTable) -> None:
    if not table.contenders:
        say("No answer with words is here yet: molting answer")
        return
    names = [trust.flag for trust in table.trust]
    for contender in table.contenders:
        say_heading(f"{show_line(contender.contender, _NAME)}: {plural(contender.answers, 'answer')}")
        rows = [("factual", contender.factual), ("coherent", contender.coherent)]
        rows += [(name, contender.flags[name]) for name in names if contender.flags[name].hits]
        say_table(
            [(name, _count(share), _interval(share)) for name, share in rows], ("", "answers", "95 %"), right=(1, 2)
        )
        if contender.waiting:
            say(f"  {plural(contender.waiting, 'answer')} may deny a fact: a person decides, so it isn't counted.")
    judged = [trust for trust in table.trust if trust.precision.trials or trust.recall]
    say()
    if judged:
        rows_of_trust = [
            (
                trust.flag,
                _count(trust.precision),
                _interval(trust.precision),
                _count(trust.recall) if trust.recall else "not known",
                _interval(trust.recall) if trust.recall else "",
            )
            for trust in judged
        ]
        say_table(rows_of_trust, ("flag", "right of judged", "95 %", "found of true", "95 %"), right=(1, 2, 3, 4))
    say_wrapped(
        "Hints, never scores. coherent: no template tokens, no speaking for the user, no loop, in its question's "
        "language, not empty. Nobody knows what was missed but in answers whose flags a person confirmed."
    )


def _count(share: Share) -> str:
    return f"{share.hits}/{share.trials}" if share.trials else "·"


def _interval(share: Share) -> str:
    return f"{share.interval[0]:.0%} .. {share.interval[1]:.0%}" if share.interval else "·"


def _share_fields(share: Share | None) -> dict[str, object] | None:
    if share is None:
        return None
    return {
        "hits": share.hits,
        "of": share.trials,
        "interval": share.interval and [round(at, 6) for at in share.interval],
    }


def _table_fields(table: FlagTable) -> dict[str, object]:
    return {
        "contenders": [
            {
                "name": each.contender,
                "answers": each.answers,
                "factual": _share_fields(each.factual),
                "coherent": _share_fields(each.coherent),
                "flags": {name: _share_fields(share) for name, share in each.flags.items()},
                "waiting": each.waiting,
                "confirmed": each.confirmed,
            }
            for each in table.contenders
        ],
        "trust": [
            {
                "flag": each.flag,
                "precision": _share_fields(each.precision) if each.precision.trials else None,
                "recall": _share_fields(each.recall) if each.recall and each.recall.trials else None,
            }
            for each in table.trust
        ],
    }


def _step_back(undo: bool, as_json: bool) -> None:
    from molting_tui.evaluation.noticing import hints

    name = "undo" if undo else "redo"
    with workspace_with_results() as (workspace, _):
        step = hints.undo(workspace) if undo else hints.redo(workspace)
    if as_json:
        say_json({name: step.label if step else None})
    elif step is None:
        say(f"There is nothing of yours to {name}.")
    else:
        say(f"{'Taken back' if undo else 'Done again'}: {show_line(step.label)}.")
    if step is None:
        leave(NO)
