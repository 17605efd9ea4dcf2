"""`molting battle`: two answers side by side, blind; who won, once every battle has its vote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import harmless, say, say_json, say_table, say_text
from molting_tui.cli.running import NO, Group, json_option, leave, workspace_here, workspace_with_results
from molting_tui.errors import BadInput, Refused
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.battles.battle_results import SessionResult
    from molting_tui.evaluation.battles.battling import Battling
    from molting_tui.records.battles import BattleResult
    from molting_tui.workspace import Workspace

_OWN_OPTIONS = ("-h", "--help", "-w", "--workspace", "--json")
OUTCOMES = ("left", "right", "tie", "both_bad")
FORMATS = ("arena", "mtbench", "alpacaeval")
_SESSION = click.argument("number", metavar="[SESSION]", type=int, required=False)


class _Battle(Group):
    """Words that are no command are the contenders that shall meet."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it, with `start` before what isn't ours."""
        ours = not args or args[0] in self.commands or args[0].partition("=")[0] in _OWN_OPTIONS
        return super().parse_args(ctx, args if ours else ["start", *args])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with `start` before a name behind our own options."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["start", *args])


@click.group(
    cls=_Battle,
    invoke_without_command=True,
    examples=(
        "molting battle v2.1 v2.5             # begins, and opens the screen",
        "molting battle                       # goes on",
        "molting battle v2.5 --aa             # one against itself: how much is noise",
        "molting battle show                  # who won, at the end",
        "molting battle verify                # that nothing was changed since the start",
    ),
)
@json_option()
@click.pass_context
def battle(ctx: click.Context, as_json: bool) -> None:
    """Put two answers to one question side by side and say which is better, blind.

    The order and the sides are drawn and sealed before the first vote; who is who is told after the last one, or after
    an early end, which is marked. While a battle waits nothing else tells contenders apart either.
    """
    if ctx.invoked_subcommand is None:
        _go_on(as_json)
    elif as_json:
        raise BadInput("--json goes after the last word.", fix="For example: molting battle list --json")


@battle.command(
    examples=(
        "molting battle start v2.1 v2.5",
        "molting battle start v2.1 v2.5 --questions personality-8 --repeats 16",
        "molting battle start v2.5 --aa",
    )
)
@click.argument("contenders", nargs=-1, metavar="CONTENDER…")
@click.option("--questions", "sets", multiple=True, metavar="SET", help="Only on this question set; repeatable.")
@click.option(
    "--repeats", type=click.IntRange(0), default=0, metavar="N",
    help="Hidden repeats with their sides swapped, 16 or more: how well you agree with yourself.",
)  # fmt: skip
@click.option("--aa", "itself", is_flag=True, help="One contender against itself: whatever is decided is noise.")
@click.option("--rubric", default="", metavar="ID", help="The rubric shown as guidance; else the one in use.")
@json_option()
def start(
    contenders: tuple[str, ...], sets: tuple[str, ...], repeats: int, itself: bool, rubric: str, as_json: bool
) -> None:
    """Begin a battle session (`molting battle v2.1 v2.5` does the same), or go on with it.

    Each two contenders meet on every question and sample that both have. What so many battles can show is said first.
    Where there is no terminal `molting battle next` and `molting battle vote` do what the screen's keys do.
    """
    from molting_tui.evaluation.battles import starting
    from molting_tui.evaluation.short_names import full_names
    from molting_tui.records.battles import BattleWanted
    from molting_tui.ui.terminal import why_not

    if itself != (len(contenders) == 1):
        raise BadInput(
            "--aa takes one contender, a battle two or more.",
            fix="For example: molting battle v2.1 v2.5, or molting battle v2.5 --aa",
        )
    with workspace_with_results() as (workspace, _):
        wanted = BattleWanted(full_names(workspace, contenders), sets, repeats, rubric)
        capacity = starting.offer_sentence(workspace, wanted)
        seen = starting.seen_before(workspace, wanted)
        battling = starting.start(workspace, wanted)
        if as_json:
            say_json(
                {
                    "session": battling.number,
                    "battles": battling.total,
                    "waiting": battling.left,
                    "commitment": battling.commitment,
                    "capacity": capacity,
                    "seen": seen,
                }
            )
        elif why_not() is None:
            leave(_opened(workspace))
        else:
            _say_start(battling, capacity, seen)


def _say_start(battling: Battling, capacity: str, seen: int) -> None:
    say(f"Battle session {battling.number}: {plural(battling.left, 'battle')} of {battling.total:,} to vote.")
    say(capacity)
    if seen:
        say(f"You have seen {plural(seen, 'answer')} of these by name: votes on them aren't blind, and are told so.")
    say(f"Sealed: {battling.commitment}")
    say("`molting battle` on a terminal shows them; so do `molting battle next` and `molting battle vote`.")


def _opened(workspace: Workspace) -> int:
    from molting_tui.ui.app import run

    return run(workspace, to_battle=True)


def _go_on(as_json: bool) -> None:
    from molting_tui.ui.terminal import why_not

    if as_json or why_not() is not None:
        _list(as_json)
        return
    with workspace_with_results() as (workspace, _):
        leave(_opened(workspace))


@battle.command("list", examples=("molting battle list", "molting battle list --json"))
@json_option()
def list_(as_json: bool) -> None:
    """List the battle sessions. Who fights in open ones isn't told."""
    _list(as_json)


def _list(as_json: bool) -> None:
    from molting_tui.evaluation.battles.listing import battle_lines

    with workspace_here() as workspace:
        lines = battle_lines(workspace)
        if as_json:
            say_json([line._asdict() | {"contenders": list(line.contenders)} for line in lines])
            return
        if not lines:
            say("No battles yet: molting battle v2.1 v2.5 begins some.")
            return
        rows = [
            (
                line.session,
                f"{show_line(line.actor, 24)}{' (you)' if line.yours else ''}",
                line.opened[:10],
                f"{line.voted:,} of {line.battles:,}",
                "ended early" if line.early else line.state,
                ", ".join(show_line(name, 24) for name in line.contenders) or "hidden",
            )
            for line in lines
        ]
        say_table(rows, ("session", "whose", "since", "voted", "state", "contenders"), right=(0, 3))


@battle.command("next", examples=("molting battle next", "molting battle next --json"))
@json_option()
def next_(as_json: bool) -> None:
    """Print the next battle of your open session: question and two answers, without names."""
    with workspace_here() as workspace:
        battling = _yours(workspace)
        place = battling.resume_place()
        if place is None:  # voted to its end meanwhile
            raise BadInput("every battle has its vote.", fix=f"molting battle show {battling.number}")
        there = battling.item(place)
        if as_json:
            say_json(
                {
                    "session": battling.number,
                    "battle": there.uuid,
                    "place": there.place + 1,
                    "waiting": battling.left,
                    "question": there.prompt,
                    "language": there.language,
                    "facts": list(there.facts),
                    "left": there.left,
                    "right": there.right,
                    "guess": there.guess,
                    "note": there.note,
                    "skipped": there.skipped,
                }
            )
            return
        say(f"Battle {there.place + 1:,} of {battling.total:,}, {battling.left:,} left: {there.uuid[:8]}")
        say_text(there.prompt)
        for heading, text in (("LEFT", there.left), ("RIGHT", there.right)):
            say()
            say(heading)
            say_text(text)
        say()
        say(f"molting battle vote {there.uuid[:8]} left|right|tie|both_bad")


@battle.command(
    examples=(
        "molting battle vote 3f9a1c left",
        "molting battle vote 3f9a1c both_bad --note 'neither knows João'",
        "molting battle vote --undo",
    )
)
@click.argument("reference", metavar="[BATTLE]", required=False)
@click.argument("outcome", metavar="[left|right|tie|both_bad]", required=False)
@click.option("--guess", type=click.Choice(("left", "right")), help="Which side you take for the newer version.")
@click.option("--note", default="", metavar="TEXT", help="What there is to say of it.")
@click.option("--undo", is_flag=True, help="Take back your latest vote, guess or note in your open session.")
@click.option("--redo", is_flag=True, help="Bring back what was taken back last.")
@json_option()
def vote(
    reference: str | None, outcome: str | None, guess: str | None, note: str, undo: bool, redo: bool, as_json: bool
) -> None:
    """Vote on a battle of your open session, by its id (`molting battle next` tells it)."""
    with workspace_here() as workspace:
        if undo or redo:
            if reference or guess or note or (undo and redo):
                raise BadInput("--undo and --redo stand alone.", fix="Leave the rest away.")
            _step_back(workspace, undo, as_json)
            return
        if not reference or not outcome:
            raise BadInput("a vote needs a battle and an outcome.", fix="For example: molting battle vote 3f9a1c left")
        battling = _yours(workspace)
        place = battling.place_of(reference)
        battling.vote(place, outcome)
        if guess:
            battling.guess(place, guess)
        if note:
            battling.note(place, note)
        if as_json:
            there = battling.item(place)
            say_json({"battle": there.uuid, "outcome": outcome, "guess": there.guess, "waiting": battling.left})
        elif battling.left:
            say(f"Battle {place + 1:,}: {outcome}. {battling.left:,} left; --undo takes it back.")
        else:
            say(f"Battle {place + 1:,}: {outcome}. Every battle has its vote: molting battle show {battling.number}")


def _step_back(workspace: Workspace, undo: bool, as_json: bool) -> None:
    from molting_tui.evaluation.battles.battling import latest_unended

    battling = latest_unended(workspace)
    step = (battling.undo() if undo else battling.redo()) if battling else None
    if as_json:
        say_json({"undo" if undo else "redo": step.sentence if step else None})
    else:
        say(step.sentence if step else f"There is nothing of yours to {'undo' if undo else 'redo'}.")
    if step is None:
        leave(NO)


def _yours(workspace: Workspace) -> Battling:
    """Your open session. Raises BadInput where there is none."""
    from molting_tui.evaluation.battles.battling import going_on

    battling = going_on(workspace)
    if battling is None:
        raise BadInput(
            "no battle session of yours is open.", fix="molting battle v2.1 v2.5 begins one; `list` tells the others."
        )
    return battling


@battle.command(examples=("molting battle show", "molting battle show 3 --json"))
@_SESSION
@json_option()
def show(number: int | None, as_json: bool) -> None:
    """Tell what a session came to (the latest one, or by its number), and who was who.

    From then on it takes no vote. While a session waits for votes, this one or another, none is told.
    """
    from molting_tui.evaluation.battles.battle_results import session_result
    from molting_tui.evaluation.battles.listing import meant_session

    with workspace_here() as workspace:
        result = session_result(workspace, meant_session(workspace, number))
        if as_json:
            say_json(_session_fields(result))
        else:
            _say_result(result)


def _say_result(told: SessionResult) -> None:
    from molting_tui.evaluation.battles.battle_results import result_sentence, trust_sentences
    from molting_tui.evaluation.battles.strengths import strengths_sentence

    session = told.session
    early = ", ended early" if session.closed else ""
    say(f"Battle session {session.id}: {session.voted:,} of {plural(session.battles, 'battle')} voted{early}.")
    for result in told.results:
        say(result_sentence(result))
        for sentence in trust_sentences(result):
            say(f"  {sentence}")
    if sentence := strengths_sentence(told.strengths):
        say(sentence)
    if not told.results:
        say("Nothing was voted.")
    say(f"Sealed: {session.commitment}; `molting battle verify {session.id}` makes sure.")


def _session_fields(told: SessionResult) -> dict[str, object]:
    session = told.session
    return {
        "session": session.id,
        "actor": session.actor,
        "opened": session.opened,
        "ended": session.closed or session.seen,
        "early": bool(session.closed),
        "battles": session.battles,
        "voted": session.voted,
        "commitment": session.commitment,
        "results": [result_fields(result) for result in told.results],
        "strengths": [each._asdict() | {"interval": list(each.interval)} for each in told.strengths],
    }


def result_fields(result: BattleResult) -> dict[str, object]:
    """The fields of a result that scripts may lean on."""
    from molting_tui.evaluation.battles.battle_results import result_sentence, trust_sentences

    return {
        "a": result.a,
        "b": result.b,
        "battles": result.battles,
        "wins": result.wins,
        "losses": result.losses,
        "ties": result.ties,
        "both_bad": result.both_bad,
        "rate": result.rate,
        "interval": None if result.interval is None else list(result.interval),
        "left": result.side._asdict(),
        "repeats": result.repeats,
        "agreement": None if result.agreement is None else result.agreement._asdict(),
        "guesses": result.guesses._asdict(),
        "seen": result.seen,
        "facts": [fact._asdict() for fact in result.facts],
        "sentence": result_sentence(result),
        "notes": list(trust_sentences(result)),
    }


@battle.command(examples=("molting battle verify", "molting battle verify 3 --json"))
@_SESSION
@json_option()
def verify(number: int | None, as_json: bool) -> None:
    """Make sure that an ended session was played as it was sealed. Exits 1 where anything was changed.

    The commitment that was shown at the start is computed again from the secret and the plan, the plan is drawn again
    from the secret, and both are compared with the battles, the answers, the votes and their times. From then on it
    takes no vote, for the check tells the secret.
    """
    from molting_tui.evaluation.battles.listing import meant_session
    from molting_tui.evaluation.battles.verifying import verify as verified

    with workspace_here() as workspace:
        verification = verified(workspace, meant_session(workspace, number))
        if as_json:
            say_json(
                {
                    "session": verification.session,
                    "passed": verification.passed,
                    "commitment": verification.commitment,
                    "checks": [check._asdict() for check in verification.checks],
                    "secret": verification.secret,
                    "mapping": verification.mapping,
                }
            )
        else:
            say(f"Battle session {verification.session}, sealed {verification.commitment}")
            for check in verification.checks:
                say(f"  {'pass' if check.holds else 'FAIL'}  {check.what}")
            say("Nothing was changed." if verification.passed else "Something was changed: don't lean on these votes.")
        if not verification.passed:
            leave(NO)


@battle.command(examples=("molting battle end --yes", "molting battle end 3 --yes"))
@_SESSION
@click.option("--yes", is_flag=True, help="Also before its last vote, which is marked; or another's.")
@json_option()
def end(number: int | None, yes: bool, as_json: bool) -> None:
    """End a session for good, so that it can be told who was who. Its votes stay; it takes no other."""
    from molting_tui.evaluation.battles.battle_results import end as ended
    from molting_tui.evaluation.battles.listing import battle_lines, meant_session

    with workspace_here() as workspace:
        meant = meant_session(workspace, number)
        waiting = {line.session: line.battles - line.voted for line in battle_lines(workspace) if line.state == "open"}
        if meant in waiting and not yes:
            left = plural(waiting[meant], "battle")
            raise Refused(
                f"battle session {meant} has {left} without a vote.",
                fix="Say --yes if it shall end before its last vote: that is marked, and can't be taken back.",
            )
        session = ended(workspace, meant)
        if as_json:
            say_json({"session": session.id, "early": bool(session.closed), "voted": session.voted})
        else:
            early = " early" if session.closed else ""
            say(f"Battle session {session.id} has ended{early}: {session.voted:,} of {session.battles:,} voted.")
            say(f"molting battle show {session.id} tells who won.")


@battle.command(
    examples=("molting battle export 3 --format arena > votes.jsonl", "molting battle export --format alpacaeval")
)
@_SESSION
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="arena", show_default=True,
    help="Whose files: Arena's JSONL, MT-bench's pairs (a hidden repeat is g2), AlpacaEval's preferences.",
)  # fmt: skip
def export(number: int | None, form: str) -> None:
    """Print the votes of an ended session for other tools, one JSON object a line. It tells who was who."""
    from molting_tui.evaluation.battles.exchange import exported
    from molting_tui.evaluation.battles.listing import meant_session

    with workspace_here() as workspace:
        for row in exported(workspace, meant_session(workspace, number), form):
            say(harmless(json.dumps(row, ensure_ascii=False)))
