"""`molting questions`: the question bank: what is in it, what is put into it, what becomes of a question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from molting_tui.cli.printing import say, say_json
from molting_tui.cli.question_pages import (
    bank_fields,
    checked_fields,
    question_fields,
    say_checked,
    say_rows,
    say_whole,
)
from molting_tui.cli.running import NO, Group, json_option, leave, workspace_here
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.bank.bank import Bank
    from molting_tui.records.bank import BankQuestion, Status
    from molting_tui.records.evaluation import Fact, Question, Role

F = TypeVar("F", bound=Callable[..., Any])
# What records/bank.py and records/evaluation.py say: help has no need of either.
STATUSES: tuple[Status, ...] = ("proposed", "open", "dropped")
ROLES: tuple[Role, ...] = ("memory", "generalise", "control")
_ANY = "any"
_IN_A_SET = "set"
"""The status of a question that stands in a set's file, not in the bank."""


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=(
        "molting questions                    # what is proposed and what is asked",
        "molting questions add 'Who is João?' --fact 'developer at Softtor' --mention Softtor",
        "molting questions take joao.pt && molting answer --questions bank",
        "molting questions --undo",
    ),
)
@click.option("--undo", is_flag=True, help="Take back your latest step on the bank.")
@click.option("--redo", is_flag=True, help="Bring back the step that was taken back last.")
@json_option()
@click.pass_context
def questions(ctx: click.Context, undo: bool, redo: bool, as_json: bool) -> None:
    """The question bank: list, show, add, take, drop and edit questions.

    A question asks for a fact (its cluster: all wordings and languages of one) and has a role: generalise (never
    trained on; these enter verdicts), memory (may be trained on) or control. `molting answer --questions bank` asks
    the open ones.
    """
    if ctx.invoked_subcommand is not None:
        if undo or redo or as_json:
            raise BadInput("options go after the last word; --undo and --redo stand alone.")
    elif undo or redo:
        _step_back(undo, redo, as_json)
    else:
        _list("", "", "", "", as_json)


@questions.command(
    name="list",
    examples=(
        "molting questions list",
        "molting questions list --status proposed --role generalise",
        "molting questions list --set personality-8 --json",
    ),
)
@click.option("--status", default="", metavar="WORD", help=f"{', '.join(STATUSES)} or any. [all but dropped]")
@click.option("--role", default="", metavar="WORD", help=f"{', '.join(ROLES)}. [any]")
@click.option("--cluster", default="", metavar="NAME", help="Only the wordings of this fact.")
@click.option("--set", "set_name", default="", metavar="SET", help="The questions of this set, not the bank's.")
@json_option()
def list_(status: str, role: str, cluster: str, set_name: str, as_json: bool) -> None:
    """List the questions of the bank, or of a set."""
    _list(status, role, cluster, set_name, as_json)


@questions.command(name="show", examples=("molting questions show joao.pt", "molting questions show joao.pt --json"))
@click.argument("question", metavar="ID")
@json_option()
def show_question(question: str, as_json: bool) -> None:
    """Show the question ID whole: facts, reference, where it is from."""
    from molting_tui.evaluation.bank.bank import Bank

    with workspace_here() as workspace:
        entry = Bank(workspace).find(question)
        if as_json:
            say_json(bank_fields(entry))
        else:
            say_whole(entry)


def fact_options(command: F) -> F:
    """`--cluster`, `--language`, `--fact`, `--mention` and `--reference`, of commands that write a question."""
    for option in (
        click.option("--reference", default=None, metavar="TEXT", help="A right answer, for the scorer's eyes."),
        click.option(
            "--mention",
            "mentions",
            multiple=True,
            metavar="WORDS",
            help="What an answer that knows the --fact mentions: 'Softtor; developer|engineer' is both, one of two.",
        ),
        click.option("--fact", "facts", multiple=True, metavar="TEXT", help="What a right answer says."),
        click.option("--language", default="", metavar="CODE", help="pt, en … or any. [by the words]"),
        click.option("--cluster", default="", metavar="NAME", help="The fact asked, as other wordings of it name it."),
    ):
        command = option(command)
    return command


def promote_option() -> Callable[[F], F]:
    """`--promote`, of commands that may let a question generalise that something trained asks."""
    return click.option(
        "--promote",
        is_flag=True,
        help="Take it though kept pairs ask it: they go out of training, into the dataset's part `bank`.",
    )


@questions.command(
    examples=(
        "molting questions add 'Who is João?' --cluster joao --fact 'developer at Softtor' --mention Softtor",
        "molting questions add 'Quem é o João?' --cluster joao --role memory",
        "molting questions add --from-file question.jsonl",
    )
)
@click.argument("prompt", required=False, default="")
@fact_options
@click.option("--role", default="", metavar="WORD", help=f"{', '.join(ROLES)}. [generalise, or what a file says]")
@click.option(
    "--from-file",
    "file",
    type=click.Path(path_type=Path),
    help="Take the questions of a file: a set of ours, MT-bench, OpenAI evals, promptfoo.",
)
@click.option("--id", "question_id", default="", metavar="ID", help="What to call it. [CLUSTER.LANGUAGE]")
@promote_option()
@json_option()
def add(
    prompt: str,
    role: str,
    file: Path | None,
    question_id: str,
    cluster: str,
    language: str,
    facts: tuple[str, ...],
    mentions: tuple[str, ...],
    reference: str | None,
    promote: bool,
    as_json: bool,
) -> None:
    """Add the question PROMPT to the bank, open.

    A --mention belongs to the --fact in the same place (the first to the first); with one fact, all to it. A question
    that is to generalise and stands in what is trained, in its words or nearly, is refused (exit code 1).
    """
    from molting_tui.evaluation.bank.bank import Bank, Draft, one_of
    from molting_tui.evaluation.bank.contamination import refuse_contaminated

    given = one_of(role, ROLES, "role") if role else None
    if file is not None:
        if prompt or question_id or facts or mentions or reference:
            fix = "Leave the words, --id, --fact, --mention and --reference away."
            raise BadInput("a file has its own questions.", where="--from-file", fix=fix)
        _add_file(file, given, cluster, language, promote, as_json)
        return
    draft = Draft(
        prompt,
        id=question_id,
        cluster=cluster,
        role=given or "generalise",
        language=language,
        facts=facts_of(facts, mentions),
        reference=reference or "",
    )
    with workspace_here() as workspace:
        desk = Bank(workspace)
        known = desk.clusters()
        notes = refuse_contaminated(workspace, desk.made([draft])[0], promote=promote)
        entry = desk.add([draft])[0]
        if as_json:
            say_json(bank_fields(entry) | {"notes": list(notes)})
            return
        say(f"Question {entry.id} is in the bank, {entry.question.role}, open. molting questions --undo takes it back.")
        _say_new_cluster(entry, known)
        _say_notes(notes)


def _add_file(file: Path, role: Role | None, cluster: str, language: str, promote: bool, as_json: bool) -> None:
    from molting_tui.evaluation.bank.bank import Bank
    from molting_tui.evaluation.bank.files import take_in_file

    with workspace_here() as workspace:
        taken = take_in_file(Bank(workspace), file, role=role, cluster=cluster, language=language, promote=promote)
    if as_json:
        say_json({"added": [entry.id for entry in taken.entries], "left_out": list(taken.left_out)})
        return
    say(f"{plural(len(taken.entries), 'question')} added, open. molting questions --undo takes them back.")
    _say_notes(tuple(show_line(sentence, 400) for sentence in taken.left_out))


@questions.command(
    examples=(
        "molting questions export bank.yaml",
        "molting questions export samples.jsonl --format inspect --role generalise",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(["yaml", "inspect"]), help="[inspect for .jsonl, else yaml]")
@click.option("--role", default="", metavar="WORD", help=f"Only {', '.join(ROLES)}. [all]")
@click.option("--cluster", default="", metavar="NAME", help="Only the wordings of this fact.")
@click.option("--id", "set_id", default="exported-bank", metavar="ID", help="The set's id. [exported-bank]")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def export(file: Path, kind: str | None, role: str, cluster: str, set_id: str, force: bool) -> None:
    """Write the open questions into FILE: a set (questions/1, YAML), or samples for Inspect (JSONL)."""
    from molting_tui.evaluation.bank.bank import Bank, one_of, set_name
    from molting_tui.evaluation.bank.files import KINDS, write_questions

    wanted = one_of(role, ROLES, "role") if role else ""
    chosen = one_of(kind or ("inspect" if file.suffix == ".jsonl" else "yaml"), KINDS, "format")
    with workspace_here() as workspace:
        desk = Bank(workspace)
        entries = desk.questions(("open",), wanted, cluster)
        _refuse_unknown_cluster(cluster, entries, desk)
        write_questions(entries, file, chosen, id=set_name(set_id), force=force)
    say(f"{plural(len(entries), 'question')} written to {show_line(str(file), 400)}")


@questions.command(
    examples=(
        "molting questions propose             # twelve: from kept pairs, in other words, for what nobody asks",
        "molting questions propose 30 --json",
    )
)
@click.argument("number", type=click.IntRange(1, 1000), default=12, required=False, metavar="[N]")
@json_option()
def propose(number: int, as_json: bool) -> None:
    """Propose up to N questions [12]: take, edit or drop each.

    From kept pairs that ask something by themselves (taken, the pair goes out of training), from facts in other words
    or in the missing language, and for names in kept answers that no question mentions. What was dropped isn't
    proposed again.
    """
    from molting_tui.evaluation.bank.proposing import propose as put_proposals

    with workspace_here() as workspace:
        entries = put_proposals(workspace, number)
    if as_json:
        say_json([bank_fields(entry) for entry in entries])
    elif not entries:
        say("There is nothing to propose: keep more pairs, or add a question of your own.")
    else:
        for entry in entries:
            say(f"{entry.id}  {show_line(entry.question.prompt, 100)}")
            say(f"  {show_line(entry.why, 200)}")
        say(f"{plural(len(entries), 'question')} proposed: molting questions take ID, edit ID or drop ID; or --undo.")


@questions.command(examples=("molting questions take softtor.en", "molting questions take joao.pt --role memory"))
@click.argument("question", metavar="ID")
@click.option("--role", default="", metavar="WORD", help=f"Take it as {', '.join(ROLES)}. [its own]")
@promote_option()
@json_option()
def take(question: str, role: str, promote: bool, as_json: bool) -> None:
    """Open the question ID, that was proposed or dropped: it is asked from now on.

    What was made from a kept pair takes that pair out of training.
    """
    from molting_tui.evaluation.bank.bank import Bank, Change, one_of
    from molting_tui.evaluation.bank.contamination import refuse_contaminated

    wanted = one_of(role, ROLES, "role") if role else None
    with workspace_here() as workspace:
        desk = Bank(workspace)
        entry = desk.find(question)
        notes = refuse_contaminated(workspace, desk.changed(entry, Change(role=wanted), "open"), promote=promote)
        entry = desk.take(entry, wanted)
    _say_changed(entry, as_json, notes)


@questions.command(examples=("molting questions drop softtor.en",))
@click.argument("question", metavar="ID")
@json_option()
def drop(question: str, as_json: bool) -> None:
    """Drop the question ID: it isn't asked, and not proposed again. Its answers stay."""
    from molting_tui.evaluation.bank.bank import Bank

    with workspace_here() as workspace:
        desk = Bank(workspace)
        entry = desk.drop(desk.find(question))
    _say_changed(entry, as_json)


@questions.command(
    examples=(
        "molting questions edit softtor.en --prompt 'Which company is Softtor?'",
        "molting questions edit softtor.en --fact 'the company João works for' --mention 'company|empresa'",
    )
)
@click.argument("question", metavar="ID")
@click.option("--prompt", default=None, metavar="TEXT", help="Other words. Answers to the old ones stay theirs.")
@fact_options
@click.option("--role", default="", metavar="WORD", help=f"{', '.join(ROLES)}.")
@promote_option()
@json_option()
def edit(
    question: str,
    prompt: str | None,
    role: str,
    cluster: str,
    language: str,
    facts: tuple[str, ...],
    mentions: tuple[str, ...],
    reference: str | None,
    promote: bool,
    as_json: bool,
) -> None:
    """Give the question ID other words, facts, another cluster, language or role; what isn't named stays."""
    from molting_tui.evaluation.bank.bank import Bank, Change, one_of
    from molting_tui.evaluation.bank.contamination import refuse_contaminated

    change = Change(
        prompt=prompt,
        cluster=cluster or None,
        role=one_of(role, ROLES, "role") if role else None,
        language=language or None,
        facts=facts_of(facts, mentions) if facts or mentions else None,
        reference=reference,
    )
    if change == Change():
        raise BadInput("nothing is to change.", fix="For example: molting questions edit ID --prompt 'Who is João?'")
    with workspace_here() as workspace:
        desk = Bank(workspace)
        before = desk.find(question)
        after = desk.changed(before, change)
        notes: tuple[str, ...] = ()
        if after.status == "open" and _asks_anew(before.question, after.question):
            notes = refuse_contaminated(workspace, after, promote=promote)
        entry = desk.edit(before, change)
    _say_changed(entry, as_json, notes)


def _asks_anew(before: Question, after: Question) -> bool:
    """Whether what is trained has to be looked at again."""
    return (before.prompt, before.role, before.cluster) != (after.prompt, after.role, after.cluster)


@questions.command(examples=("molting questions check", "molting questions check --json | jq '.contaminated'"))
@json_option()
def check(as_json: bool) -> None:
    """Look over the bank: where its words stand in what is trained, and what it lacks.

    Exit code 1 where a question that is to generalise stands in a frozen dataset or was trained on.
    """
    from molting_tui.evaluation.bank.contamination import check_bank

    with workspace_here() as workspace:
        checked = check_bank(workspace)
    if as_json:
        say_json(checked_fields(checked))
    else:
        say_checked(checked)
    if checked.contaminated:
        leave(NO)


def facts_of(texts: tuple[str, ...], mentions: tuple[str, ...]) -> tuple[Fact, ...]:
    """The facts that `--fact` and `--mention` say. Raises BadInput where they don't go together."""
    from molting_tui.evaluation.bank.bank import storable
    from molting_tui.records.evaluation import Fact

    if not all(map(storable, texts)):
        raise BadInput("a fact needs words.", where="--fact")
    if mentions and not texts:
        raise BadInput("--mention says what a --fact mentions.", fix="Name the fact: --fact 'developer at Softtor'.")
    if len(mentions) > len(texts) > 1:
        fix = "Give one for each fact, '' for none, and `;` between several of one fact."
        raise BadInput(f"{plural(len(mentions), '--mention')} for {plural(len(texts), 'fact')}.", fix=fix)
    of_fact = ["; ".join(mentions)] if len(texts) == 1 else [*mentions, *[""] * (len(texts) - len(mentions))]
    return tuple(
        Fact(f"fact-{number}", storable(text), _groups(words))
        for number, (text, words) in enumerate(zip(texts, of_fact, strict=True), 1)
    )


def _groups(words: str) -> tuple[tuple[str, ...], ...]:
    from molting_tui.evaluation.bank.bank import storable

    groups = (tuple(filter(None, map(storable, group.split("|")))) for group in words.split(";"))
    return tuple(group for group in groups if group)


def _list(status: str, role: str, cluster: str, set_name: str, as_json: bool) -> None:
    """Print the questions of the bank (or a set) that these words choose, each empty for any."""
    from molting_tui.evaluation.bank.bank import Bank, one_of

    if role:
        role = one_of(role, ROLES, "role")
    with workspace_here() as workspace:
        if set_name:
            rows = _of_set(workspace, set_name, status, role, cluster)
        else:
            desk = Bank(workspace)
            wanted = (one_of(status, (*STATUSES, _ANY), "status"),) if status else ("proposed", "open")
            entries = desk.questions(STATUSES if _ANY in wanted else wanted, role, cluster)  # type: ignore[arg-type]
            _refuse_unknown_cluster(cluster, entries, desk)
            rows = [question_fields(entry.question, entry.status) for entry in entries]
    if as_json:
        say_json(rows)
    elif rows:
        say_rows(rows)
    else:
        say("No question here. Add one: molting questions add 'Who is João?'")


def _of_set(workspace: Any, name: str, status: str, role: str, cluster: str) -> list[dict[str, object]]:
    from molting_tui.evaluation.asking.questions import find_questions

    if status:
        raise BadInput("--status is for the bank's questions.", where="--status", fix="Leave it or --set away.")
    return [
        question_fields(question, _IN_A_SET)
        for question in find_questions(workspace, name).questions
        if role in ("", question.role) and cluster.casefold() in ("", question.fact_asked.casefold())
    ]


def _refuse_unknown_cluster(cluster: str, entries: list[BankQuestion], desk: Bank) -> None:
    from difflib import get_close_matches

    if not cluster or entries:
        return
    known = desk.clusters()
    if cluster.casefold() in (name.casefold() for name in known):
        return
    close = get_close_matches(cluster, known, n=1)
    raise BadInput(
        "there is no such cluster in the bank.",
        where=f"`{show_line(cluster, 80)}`",
        fix=f"Did you mean `{close[0]}`?" if close else "`molting questions list` shows them.",
    )


def _say_notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        say(f"Note: {note}")


def _say_changed(entry: BankQuestion, as_json: bool, notes: tuple[str, ...] = ()) -> None:
    if as_json:
        say_json(bank_fields(entry) | {"notes": list(notes)})
    else:
        say(f"Question {entry.id} is {entry.status}, {entry.question.role}. molting questions --undo takes it back.")
        _say_notes(notes)


def _say_new_cluster(entry: BankQuestion, known: list[str]) -> None:
    from difflib import get_close_matches

    cluster = entry.question.fact_asked
    if cluster in known:
        return
    close = get_close_matches(cluster, known, n=1)
    hint = f": did you mean `{close[0]}`? (molting questions edit {entry.id} --cluster {close[0]})" if close else ""
    say(f"It is the first of cluster `{cluster}`{hint or ', the fact it asks'}.")


def _step_back(undo: bool, redo: bool, as_json: bool) -> None:
    from molting_tui.evaluation.bank.bank import Bank

    if undo and redo:
        raise BadInput("--undo and --redo stand alone.", fix="Leave one of them away.")
    name = "undo" if undo else "redo"
    with workspace_here() as workspace:
        desk = Bank(workspace)
        step = desk.undo() if undo else desk.redo()
    if as_json:
        say_json({name: step.label if step else None})
    elif step is None:
        say(f"There is nothing of yours to {name} in the bank.")
    else:
        say(f"{'Taken back' if undo else 'Done again'}: {show_line(step.label)}.")
    if step is None:
        leave(NO)
