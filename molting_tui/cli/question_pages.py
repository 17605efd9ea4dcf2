"""Questions as the commands show them: rows, a question whole, a look over the bank; for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from molting_tui.cli.printing import say, say_heading, say_table, say_text
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.bank.contamination import Asked, Checked
    from molting_tui.records.bank import BankQuestion
    from molting_tui.records.evaluation import Question


def question_fields(question: Question, status: str) -> dict[str, object]:
    """What `--json` gives of a question wherever it stands."""
    return {
        "id": question.id,
        "cluster": question.fact_asked,
        "role": question.role,
        "language": question.language,
        "prompt": question.prompt,
        "status": status,
    }


def bank_fields(entry: BankQuestion) -> dict[str, object]:
    """What `--json` gives of a question of the bank, whole."""
    question = entry.question
    return question_fields(question, entry.status) | {
        "facts": [
            {
                "id": fact.id,
                "text": fact.text,
                "must_mention": [list(group) for group in fact.must_mention],
                "must_not_mention": list(fact.must_not_mention),
            }
            for fact in question.facts
        ],
        "reference": entry.reference,
        "source": entry.source,
        "why": entry.why,
        "tags": list(question.tags),
        "followups": list(question.followups),
        "uid": entry.uid,
        "digest": question.digest,
    }


def say_rows(rows: list[dict[str, object]]) -> None:
    """Print questions as a table, a line each."""
    columns = ("id", "cluster", "role", "language", "status", "prompt")
    say_table([tuple(row[column] for column in columns) for row in rows], columns)


def say_whole(entry: BankQuestion) -> None:
    """Print a question of the bank, whole."""
    question = entry.question
    rows = [(name, str(value)) for name, value in question_fields(question, entry.status).items() if name != "prompt"]
    say_table([*rows, *[row for row in (("source", entry.source), ("why", entry.why)) if row[1]]])
    say_heading("Question")
    for text in (question.prompt, *question.followups):
        say_text(text)
    if question.facts:
        say_heading(plural(len(question.facts), "fact"))
        for fact in question.facts:
            words = "; ".join("|".join(group) for group in fact.must_mention)
            say(f"  {show_line(fact.text, 200)}{f' (mentions {show_line(words, 200)})' if words else ''}")
    if entry.reference:
        say_heading("Reference")
        say_text(entry.reference)


def checked_fields(checked: Checked) -> dict[str, object]:
    """What `--json` gives of a look over the bank."""

    def fields(asked: Asked) -> dict[str, object]:
        return {
            "id": asked.id,
            "cluster": asked.cluster,
            "role": asked.role,
            "contaminated": asked.contaminated,
            "places": [
                {"kind": place.kind, "name": place.name, "rows": place.rows, "runs": list(place.runs)}
                for place in asked.places
            ],
        }

    return {
        "contaminated": [asked.id for asked in checked.contaminated],
        "questions": [fields(asked) for asked in checked.questions],
        "sets": [{"set": name, **fields(asked)} for name, asked in checked.of_sets],
        "twins": [list(pair) for pair in checked.twins],
        "one_wording": list(checked.one_wording),
        "one_language": list(checked.one_language),
    }


def say_checked(checked: Checked) -> None:
    """Print a look over the bank: what is contaminated, what stands where it may, and what is thin."""
    if not checked.questions and not checked.of_sets:
        say("The bank is empty: molting questions add 'Who is João?'")
        return
    for asked in checked.contaminated:
        say(f"{asked.id} ({asked.cluster}) is to generalise, and is trained on:")
        for place in asked.places:
            say(f"  {place.sentence()}")
    others = [asked for asked in checked.questions if asked.places and asked not in checked.contaminated]
    if others:
        say_heading("In what is kept or trained, as it may be")
        for asked in others:
            away = " (proposed)" if asked.proposed else " (kept out of training)" if asked.role == "generalise" else ""
            say(f"  {asked.id}, {asked.role}{away}: {', '.join(place.sentence() for place in asked.places[:3])}")
    if checked.of_sets:
        say_heading("Questions of sets: memory for who was trained on these")
        for name, asked in checked.of_sets:
            say(f"  {name} {asked.id}: {', '.join(place.sentence() for place in asked.places[:3])}")
    for one, other in checked.twins:
        say(f"Note: {one} and {other} ask nearly the same.")
    if checked.one_wording:
        say(f"Note: only one wording asks for {', '.join(checked.one_wording)}.")
    if checked.one_language:
        say(f"Note: only one language asks for {', '.join(checked.one_language)}.")
    number = plural(len(checked.questions), "question")
    if not checked.contaminated:
        say(f"{number} of the bank: none that is to generalise stands in a dataset or was trained on.")
