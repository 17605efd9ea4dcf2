"""`molting score`: the workbench on the answers that wait; without a terminal, how many wait and how to score them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json, say_table
from molting_tui.cli.running import NO, Command, json_option, leave, workspace_with_results
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.open_answers import Waits, Wanted
    from molting_tui.evaluation.scoring.open_sessions import OpenSession
    from molting_tui.workspace import Workspace

YOURS = "yours"
"""What `--close` means where no number stands behind it."""


@click.command(
    cls=Command,
    examples=(
        "molting score",
        "molting score --rubric four-criteria --questions personality-8 --language pt",
        "molting score --of v2.5 --versus v2.1 # a new version and its baseline, mixed, in one session",
        "molting score --json                  # how many answers wait, and whose sessions are open",
        "molting score --close                 # ends your open session before its last answer",
        "molting score --close 3 --yes         # somebody else's, by its number",
    ),
)
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric; else you are asked.")
@click.option(
    "--questions", "sets", multiple=True, metavar="SET", help="Only answers to this question set; repeatable."
)
@click.option("--language", default="", metavar="CODE", help="Only answers to questions in this language (pt, en).")
@click.option("--of", "contenders", multiple=True, metavar="NAME", help="Only this contender's answers; repeatable.")
@click.option(
    "--versus", multiple=True, metavar="NAME",
    help="Mixed with this baseline's stored answers to the same questions; repeatable.",
)  # fmt: skip
@click.option(
    "--repeats", type=click.IntRange(min=0), metavar="N",
    help="Answers that come a second time, unseen as such: 0, or 16 and more (16 in sessions of 32 or more).",
)  # fmt: skip
@click.option(
    "--again", is_flag=True, help="Score a second time answers that you have scored; blind if you saw no names."
)
@click.option(
    "--close", "closing", is_flag=False, flag_value=YOURS, default="", metavar="[SESSION]",
    help="End an open session for good, yours or the one of this number; what was rated stays.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Close another's session without being asked.")
@json_option()
def score(
    rubric_name: str,
    sets: tuple[str, ...],
    language: str,
    contenders: tuple[str, ...],
    versus: tuple[str, ...],
    repeats: int | None,
    again: bool,
    closing: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Score answers blind: shuffled, without the contenders' names, one digit a dimension.

    Opens the workbench on them; every rating is stored on its key, and you can leave and go on. Where there is no
    terminal it prints how many answers wait and whose sessions are open, and tells no contender. A session that nobody
    goes on with keeps the results back from everybody, until it is closed.

    Scores of one session can be compared, scores of two can't: with --of and --versus a new version is scored together
    with a baseline, and what you had scored of the baseline gets a second pass.
    """
    from molting_tui.evaluation.scoring.open_answers import Wanted, waits
    from molting_tui.evaluation.short_names import full_names
    from molting_tui.ui.terminal import why_not

    if closing:
        if rubric_name or sets or language or again or contenders or versus or repeats is not None:
            raise BadInput("--close stands alone, but for the session's number.", fix="Leave the rest away.")
        with workspace_with_results() as (workspace, _):
            _close(workspace, closing, yes, as_json)
        return
    if yes:
        raise BadInput("--yes goes with --close.", fix="Leave it away.")
    with workspace_with_results() as (workspace, taken):
        new, baseline = full_names(workspace, contenders), full_names(workspace, versus)
        wanted = Wanted(rubric_name, sets, language, again, new, baseline, repeats)
        # Also before the screen opens: a name that isn't known is told here, where one can correct it.
        waiting = waits(workspace, wanted, len(taken.problems))
        if as_json:
            say_json(_fields(waiting))
        elif why_not() is not None:
            _say(waiting, wanted)
        else:
            leave(_opened(workspace, wanted))


def _opened(workspace: Workspace, wanted: Wanted) -> int:
    from molting_tui.ui.app import run

    return run(workspace, wanted)


def _fields(waits: Waits) -> dict[str, object]:
    session = waits.session
    return {
        "waiting": {rubric: count for rubric, count in waits.rubrics},
        "edited": list(waits.edited),
        "session": session and {"rubric": session.rubric, "answers": session.answers, "left": session.left},
        "sessions": [_session_fields(each) for each in waits.sessions],
        "unread": waits.unread,
    }


def _session_fields(session: OpenSession) -> dict[str, object]:
    fields = session._asdict()
    return fields | {"blind": fields.pop("gated")}


def _close(workspace: Workspace, closing: str, yes: bool, as_json: bool) -> None:
    """Close a session, and say what that means. Asks first where it is another's, unless `yes`."""
    from molting_tui.evaluation.scoring.open_sessions import close_session, open_sessions

    session = _meant(open_sessions(workspace), closing)
    if not (session.yours or yes) and not _agreed(session):
        say("Nothing was changed.")
        leave(NO)
    closed = close_session(workspace, session.number)
    if as_json:
        say_json({"session": session.number} | closed._asdict())
        return
    of = "Your session" if session.yours else f"{show_line(closed.actor, 40)}'s session"
    rated = closed.answers - closed.unrated
    say(
        f"{of} under {show_line(session.rubric, 40)} is closed: {rated:,} of {plural(closed.answers, 'answer')} scored."
    )
    say("It can't be opened again. Its ratings stay, and results say that it was closed early; what is left waits for")
    say("another session: molting score")


def _meant(sessions: Sequence[OpenSession], closing: str) -> OpenSession:
    """The session of this number, or the actor's only one. Raises BadInput where there isn't exactly one."""
    listed = "; ".join(f"{each.number} ({show_line(each.actor, 40)}, {each.rubric})" for each in sessions)
    fix = f"Open are: {listed}." if sessions else "No session is open."
    if closing != YOURS and not (closing.isascii() and closing.isdigit() and len(closing) < 16):
        raise BadInput(f"`{show_line(closing, 40)}` is no number of a session.", fix=fix)
    meant = [each for each in sessions if (each.yours if closing == YOURS else each.number == int(closing))]
    if len(meant) != 1:
        yours = "several sessions of yours are open." if meant else "no session of yours is open."
        raise BadInput(yours if closing == YOURS else f"session {closing} isn't open.", fix=fix)
    return meant[0]


def _agreed(session: OpenSession) -> bool:
    whose = f"{show_line(session.actor, 40)}'s session"
    if not sys.stdin.isatty():
        raise BadInput(
            f"this is {whose}, and there is no terminal to ask on.", fix="Say --yes if it is meant; it is logged."
        )
    left = f"{plural(session.left, 'answer')} of {session.answers:,} left, open since {session.since[:10]}"
    return click.confirm(f"Close {whose} for good ({left})? It is logged.", default=False, err=True)


def _say(waits: Waits, wanted: Wanted) -> None:
    if waits.session:
        rubric, answers, left = waits.session
        say(f"{plural(left, 'answer')} of {answers:,} left to score under {show_line(rubric, 40)}.")
    _say_sessions(waits.sessions)
    what = "to score again" if wanted.again else "to score together" if wanted.versus else "not scored by you"
    say_table([(rubric, count) for rubric, count in waits.rubrics], ("rubric", f"answers {what}"), right=(1,))
    say()
    for sentence in waits.edited:
        say(show_line(sentence, 1000))
    if waits.session or any(count for _, count in waits.rubrics):
        say("`molting score` on a terminal shows them; `molting rate ANSWER DIMENSION LEVEL` enters one rating.")
    else:
        say("Nothing waits. `molting answer` asks a model the questions; `molting results` shows the scores.")
    if waits.unread:
        say(f"{plural(waits.unread, 'file')} of answers can't be read whole; `molting results` says which.")


def _say_sessions(sessions: Sequence[OpenSession]) -> None:
    """Print everybody's open sessions; nothing where there is none."""
    if not sessions:
        return
    rows = [
        (
            each.number,
            f"{show_line(each.actor, 24)}{' (you)' if each.yours else ''}",
            each.since[:10],
            show_line(each.rubric, 24),
            f"{each.left:,} of {each.answers:,}",
        )
        for each in sessions
    ]
    say_table(rows, ("session", "whose", "since", "rubric", "left"), right=(0, 4))
    say()
