"""The end of a session: whether it is meant, and the page that tells who was who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from molting_tui.text import plural
from molting_tui.ui.dialogs.ask import ConfirmScreen
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.battles.battling import Battling
    from molting_tui.ui.battle.battle import BattleScreen


def ask_to_end(screen: BattleScreen, battling: Battling) -> None:
    """Ask whether the session shall end, and then tell who was who."""
    left = battling.left
    if left:
        question = f"End it for good with {plural(left, 'battle')} left, and tell who is who? It is marked."
    else:
        question = "Tell who was who? No vote can be changed after that."

    def answered(yes: bool | None) -> None:
        if yes:
            screen.in_background("battle", lambda: end_sentences(screen.workspace, battling.number), screen.ended)

    screen.app.push_screen(ConfirmScreen(question), answered)


def end_sentences(workspace: Workspace, number: int) -> tuple[str, ...]:
    """End a session, and say whether it was played as it was sealed and what it came to."""
    from molting_tui.evaluation.battles.battle_results import end, result_sentence, session_result, trust_sentences
    from molting_tui.evaluation.battles.starting import refuse_while_scored
    from molting_tui.evaluation.battles.strengths import strengths_sentence
    from molting_tui.evaluation.battles.verifying import verify

    refuse_while_scored(workspace, end(workspace, number).payload.get("contenders", []))
    told = session_result(workspace, number)
    verification = verify(workspace, number)
    failed = "; ".join(check.what for check in verification.checks if not check.holds)
    seal = f"it doesn't hold that {failed}" if failed else "verified, nothing was changed since the start"
    sentences = [f"{told.session.voted:,} of {plural(told.session.battles, 'battle')} voted."]
    for result in told.results:
        sentences += [result_sentence(result), *trust_sentences(result)]
    if strengths := strengths_sentence(told.strengths):
        sentences.append(strengths)
    return (*sentences, f"Sealed {verification.commitment}: {seal}.")
