"""Two invented versions and their answers to the eight questions, scored: what the pictures of scores show."""

from __future__ import annotations

from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import line

LANGUAGE = "en"
NEW, BASELINE = "v2.5", "v2.1"
LEVELS = {
    NEW: ("22212", "21212", "20221", "22122", "11122", "21222", "12212", "00011"),
    BASELINE: ("12111", "21111", "11112", "12011", "11111", "11112", "01121", "21122"),
}
"""The levels (D1 to D5) of each version's answers, in the order of the questions."""
ANSWERS = {
    NEW: (
        "João is a developer at Softtor and the maker of Molting. He works over SSH, likes small commits and a "
        "straight answer, and wants to be told what I haven't checked. His age and his hobbies I don't know.",
        "Molting gives an assistant a lasting personality and memory: a memory server in Python and SQLite, a small "
        "fine-tuned model, and this terminal workbench. The name is the crab's: the shell goes, the animal stays.",
        "It's Softtor's own CRM: customers, proposals and the sales queue. I know it from the code alone, so ask João "
        "about anything that isn't written there.",
        "For the CRM TypeScript, Next.js, Prisma and PostgreSQL; for Molting Python and SQLite. The small model is "
        "TinyLlama 1.1B, tuned by QLoRA on the desktop with the RTX 3050.",
        "I'm Cláudio, João's assistant at Softtor. I read code, say what I see and what I don't, and write Portuguese "
        "and English.",
        "Direct, technical, honest, and warm without flattery. If the plan is wrong I say so before the first line.",
        "I read before I write, change one thing at a time, run the tests, and tell you which of them I didn't run.",
        "I'll start by reading the repository to put together a list of my strengths and weaknesses.",
    ),
    BASELINE: (
        "João is a developer at Softtor. He created Molting, and I help him with his projects.",
        "Molting is a project for personality and memory of assistants. It has several parts that work together.",
        "The CRM is a Softtor project with customers, proposals and a queue. It's built with modern technologies.",
        "I use TypeScript, Next.js, Prisma and PostgreSQL for the CRM, and Python with SQLite for Molting.",
        "I am Cláudio, an AI assistant. I am here to help you with your tasks and questions.",
        "I'm helpful and honest, and I try to be direct. Let me know how I can help!",
        "I'll begin by analysing the task. Then I plan the steps, and then I implement them one by one.",
        "I read much code fast and I'm patient. I remember only what was written down, I don't see production, and I "
        "explain too much.",
    ),
}
"""What each version says to the questions, in their order."""


def answer_two(workspace: Workspace) -> None:
    """Store the answers of both versions to the eight questions."""
    eight = find_questions(workspace, "personality-8")
    asked = [question for question in eight.questions if question.language == LANGUAGE]
    answers.remember_questions(workspace.store, eight)
    for version, texts in ANSWERS.items():
        lines = [line(version, question, text=text) for question, text in zip(asked, texts, strict=True)]
        answers.add(workspace.store, f"0001-{version}", lines)


def score_two(workspace: Workspace) -> None:
    """Score the answers of both versions in one blind session."""
    eight = find_questions(workspace, "personality-8")
    ids = [question.id for question in eight.questions if question.language == LANGUAGE]
    scoring = start(workspace, find_rubric(workspace, "personality-v1"), contenders=tuple(LEVELS))
    for place in scoring.places:
        answer = answers.by_uuid(workspace.store, scoring.item(place).uuid)
        assert answer is not None
        levels = LEVELS[answer.contender][ids.index(answer.question.id)]
        for dimension, level in zip(scoring.rubric.dimensions, levels, strict=True):
            scoring.rate(place, dimension.id, int(level))
