"""Promises of the question bank screen: one key a decision, nothing is lost, and what is trained is said first."""

from __future__ import annotations

import pytest
from workbench import HOSTILE, Fill, Open, again, chat, obeyed

from molting_tui.evaluation.bank.bank import Bank, Draft
from molting_tui.records.evaluation import Fact
from molting_tui.ui.questions.questions import QuestionsScreen
from molting_tui.workspace import Workspace

SIZES = [(80, 24), (120, 40)]
DEVELOPER = Fact("work", "developer at Softtor", (("Softtor",), ("developer", "dev")))


@pytest.fixture
def kept(fill: Fill) -> Workspace:
    """A workspace with kept pairs, one of which can be asked by itself."""
    workspace = fill(
        [
            chat(1, "O João desenvolve o Molting na Ventura, e gosta de commits pequenos.", "Quem é o João?"),
            chat(2, "Na Ventura chama-se a fila comprida, e é drenada de noite.", "Arruma isso e faz o commit"),
            chat(3, "Foi a Ventura que pediu, em fevereiro, e ninguém mais lembra.", "E agora corrige o teste ali"),
        ]
    )
    desk = again(workspace)
    desk.decide_where("", "keep")
    desk.workspace.close()
    return workspace


def statuses(workspace: Workspace) -> dict[str, tuple[str, str]]:
    return {entry.id: (entry.status, entry.question.role) for entry in Bank(workspace).questions()}


def add(workspace: Workspace, *drafts: Draft, status: str = "proposed") -> None:
    Bank(workspace).add(drafts, status)  # type: ignore[arg-type]


async def test_an_empty_bank_tells_the_next_step_and_p_proposes(kept: Workspace, open_app: Open) -> None:
    async with open_app(kept) as hand:
        await hand.press("b")
        assert isinstance(hand.app.screen, QuestionsScreen)
        assert "The bank is empty. p proposes questions" in hand.text()
        for key in ("a", "x", "e", "R", "L", "i", "j", "full_stop", "u", "ctrl+r", "F", "G", "tab", "z", "tab", "z"):
            await hand.press(key)
        assert hand.alive
        await hand.press(*["F"] * 4, "p")
        assert "questions proposed: a takes, e rewrites, x drops." in hand.status
        assert {status for status, _ in statuses(kept).values()} == {"proposed"}
        await hand.press("u")
        assert hand.status.startswith("Taken back: propose")
        assert statuses(kept) == {}
        await hand.press("ctrl+r")
        assert statuses(kept)
        await hand.press("q")
        assert not isinstance(hand.app.screen, QuestionsScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_each_decision_is_a_key_and_goes_on_to_the_next_proposal(
    kept: Workspace, open_app: Open, size: tuple[int, int]
) -> None:
    add(kept, *(Draft(f"What is {name}?", cluster=name) for name in ("alpha", "beta", "gamma", "delta")))
    async with open_app(kept, size) as hand:
        # Typed ahead in one burst.
        await hand.press("f8", "a", "x", "full_stop", "R", "R", "a")
        assert statuses(kept) == {
            "alpha.en": ("open", "generalise"),
            "beta.en": ("dropped", "generalise"),
            "delta.en": ("proposed", "generalise"),
            "gamma.en": ("open", "memory"),
        }
        assert hand.line("#question-title").startswith("delta.en · proposed · generalise · en · delta")
        assert "1 proposed, 2 open, 1 dropped" in hand.text()
        await hand.press("u", "u", "u")
        assert statuses(kept)["beta.en"] == ("dropped", "generalise")
        assert statuses(kept)["gamma.en"] == ("proposed", "generalise")


async def test_undo_goes_to_the_question_it_was_of(kept: Workspace, open_app: Open) -> None:
    add(kept, *(Draft(f"What is {name}?", cluster=name) for name in ("alpha", "beta", "gamma", "delta")))
    async with open_app(kept) as hand:
        await hand.press("f8", "a", "G", "u")
        assert hand.line("#question-title").startswith("alpha.en · proposed")
        await hand.press("G", "ctrl+r")
        assert hand.line("#question-title").startswith("alpha.en · open")


async def test_a_question_stands_there_whole(kept: Workspace, open_app: Open) -> None:
    draft = Draft("Who made Molting?", cluster="maker", facts=(DEVELOPER,), reference="João did.")
    add(kept, draft._replace(source="gap:Molting", why="3 kept answers name it."))
    async with open_app(kept, (80, 24)) as hand:
        await hand.press("f8")
        for words in (
            "Who made Molting?",
            "developer at Softtor",
            "mentions Softtor; developer | dev",
            "João did.",
            "From a name in kept answers that no question mentions: Molting.",
            "3 kept answers name it.",
        ):
            assert words in hand.text()
        await hand.press("i")
        assert "joao: proposed, generalise: Who made Molting?" in hand.text()


async def test_what_is_trained_on_asks_first_what_it_shall_be(kept: Workspace, open_app: Open) -> None:
    add(kept, Draft("Quem é João?", cluster="joao"))
    async with open_app(kept) as hand:
        await hand.press("f8")
        await hand.until("Taken, these go out of training: pair 1 (`Quem é o João?`).")
        await hand.press("a")
        assert "memory   1 of 2" in hand.text()
        await hand.press("escape")
        assert statuses(kept)["joao.pt"] == ("proposed", "generalise")
        await hand.press("a", "right", "enter")
        assert statuses(kept)["joao.pt"] == ("open", "generalise")
        await hand.until("Kept out of training: pair 1")
        await hand.press("u", "a", "enter")
        assert statuses(kept)["joao.pt"] == ("open", "memory")


async def test_a_question_is_rewritten_and_given_another_cluster(kept: Workspace, open_app: Open) -> None:
    add(kept, Draft("Who made Molting?", cluster="maker", facts=(DEVELOPER, Fact("more", "in Braga"))))
    async with open_app(kept, (80, 24)) as hand:
        await hand.press("f8", "e")
        assert "Nothing changes yet. 1 other fact stays as it is." in hand.text()
        hand.app.screen.query_one("#prompt").value = ""
        await hand.press("enter")
        assert "a question needs words" in hand.text()
        hand.app.screen.query_one("#prompt").value = "Who wrote Molting?"
        hand.app.screen.query_one("#mentions").value = "Softtor"
        await hand.press("enter")
        await hand.press("L")
        await hand.ask("a b")
        assert "can't be used" in hand.text()
        await hand.ask("author")
        question = Bank(kept).questions()[0].question
        assert (question.prompt, question.cluster) == ("Who wrote Molting?", "author")
        assert [fact.must_mention for fact in question.facts] == [(("Softtor",),), ()]


async def test_views_hold_what_they_say_and_a_hostile_question_is_shown_not_obeyed(
    kept: Workspace, open_app: Open
) -> None:
    add(
        kept,
        Draft(HOSTILE, id="hostile", cluster="hostile", reference=HOSTILE, why=HOSTILE, facts=(Fact("f", HOSTILE),)),
    )
    add(kept, Draft("What is alpha?", cluster="alpha"), status="dropped")
    async with open_app(kept, (80, 24)) as hand:
        await hand.press("f8")
        assert obeyed(hand.text()) == ["0xa"] * 23
        await hand.press("e")
        assert obeyed(hand.text()) == ["0xa"] * 23
        await hand.press("escape", "i", "q", "F", "F")
        assert "No question is open. F shows others." in hand.text()
        await hand.press("F")
        assert hand.line("#question-title").startswith("alpha.en · dropped")
        await hand.press("a")
        assert statuses(kept)["alpha.en"][0] == "open"
