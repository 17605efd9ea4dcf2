"""Closing an open session before its last answer: which one, and whether that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from molting_tui.errors import MoltingError
from molting_tui.evaluation.scoring.open_sessions import OpenSession, close_session, open_sessions
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.ask import ConfirmScreen
from molting_tui.ui.dialogs.choose import ChooseScreen, Row

if TYPE_CHECKING:
    from molting_tui.ui.score.score import ScoreScreen

NAME = 20
"""Cells of whose session it is."""


def ask_to_close(screen: ScoreScreen) -> None:
    """Ask which session to close where several are open, then whether it is meant, and close it."""
    sessions = open_sessions(screen.workspace)
    # One's own first: it is what is in sight.
    ordered = sorted(sessions, key=lambda session: not session.yours)
    if not ordered:
        screen.say("No session is open.")
    elif len(ordered) == 1:
        _confirm(screen, ordered[0])
    else:

        def chosen(numbers: tuple[int, ...] | None) -> None:
            if numbers is not None:
                _confirm(screen, ordered[numbers[0]])

        names = tuple(
            f"{_whose(each)} since {each.since[:10]}, {each.left:,} left, {show_line(each.rubric, NAME)}"
            for each in ordered
        )
        meaning = "What was rated in it stays; it can't be opened again, and who closed it is logged."
        screen.app.push_screen(ChooseScreen("Close which one?", [Row("session", names)], lambda _: meaning), chosen)


def _confirm(screen: ScoreScreen, session: OpenSession) -> None:
    def answered(yes: bool | None) -> None:
        if not yes:
            return
        try:
            closed = close_session(screen.workspace, session.number)
        except MoltingError as error:
            screen.say(error.sentence())
            return
        rated = closed.answers - closed.unrated
        answers = plural(closed.answers, "answer")
        screen.closed(session.number, f"Closed {_whose(session)}: {rated:,} of {answers} scored.")

    question = f"Close {_whose(session)} for good, with {session.left:,} left? It is logged."
    screen.app.push_screen(ConfirmScreen(question), answered)


def _whose(session: OpenSession) -> str:
    return "your session" if session.yours else f"{show_line(session.actor, NAME)}'s session"
