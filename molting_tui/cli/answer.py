"""`molting answer`: ask models a set of questions, or take in the answers that another gave."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from molting_tui.cli.following import end_fields, exit_code, follow, say_end
from molting_tui.cli.printing import say, say_json
from molting_tui.cli.running import Command, json_option, leave, results_taken, workspace_here
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.asking.answer_files import Entered
    from molting_tui.recipe.runfolder import AskedContender
    from molting_tui.runs.folder import Run

_SET = "personality-8"
_GENERATION = ("samples", "temperature", "top_p", "max_new_tokens", "seed_base")


@click.command(
    cls=Command,
    examples=(
        "molting answer                        # the latest training run, and its base",
        "molting answer 7 --base tiny --watch",
        "molting answer 7 8 --questions control --samples 3",
        "molting answer before=7 after=8 --language pt",
        'molting answer 7 terse=7 --system-prompt terse="Answer in one sentence."',
        "molting answer 7@120 7               # a checkpoint of run 7 beside what came of it",
        "molting answer ../lora@tiny --template zephyr.jinja",
        "molting answer ../trained-elsewhere   # a folder with adapter/ and config.json",
        "molting answer 7 --questions bank --missing   # only what it hasn't answered yet",
        "molting answer --endpoint http://localhost:11434/v1 --model llama3.2:3b",
        "molting answer --endpoint https://llm.example.org/v1 --model mine=org/big --key-env LLM_KEY",
        "molting answer --from answers.jsonl --contender gpt",
    ),
)
@click.argument("contenders", nargs=-1, metavar="[CONTENDER]...")
@click.option("--base", "bases", multiple=True, metavar="BASE", help="Ask this base too; may be given several times.")
@click.option("--questions", default=_SET, metavar="SET", help=f"A question set by its id, or a file. [{_SET}]")
@click.option("--language", default="", metavar="CODE", help="Only the questions in this language: pt, en …")
@click.option("--tag", default="", help="Only the questions with this tag.")
@click.option("--samples", type=click.IntRange(1, 1000), help="Answers to each question. [what the set says]")
@click.option("--temperature", type=click.FloatRange(0, 10), help="0 takes the likeliest token. [what the set says]")
@click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), help="[what the set says]")
@click.option("--max-new-tokens", type=click.IntRange(1, 1_000_000), help="Tokens of an answer. [what the set says]")
@click.option("--seed", "seed_base", type=click.IntRange(0, 2**32 - 1), help="[what the set says]")
@click.option("--batch-size", type=click.IntRange(1, 4096), default=16, help="Answers of each contender at once. [16]")
@click.option("--quantisation", type=click.Choice(["nf4", "none"]), help="How bases are loaded. [as in the training]")
@click.option(
    "--system-prompt",
    "prompts",
    multiple=True,
    metavar="TEXT|FILE",
    help="For all contenders, or NAME=… for one. [what each was trained with]",
)
@click.option("--no-system-prompt", is_flag=True, help="Ask all contenders without a system turn.")
@click.option(
    "--template",
    "templates",
    multiple=True,
    metavar="FILE|BASE",
    help="The chat template for all, or NAME=… for one: a file, a base that has it, or `base`: its own base's. "
    "[the adapter's, else its base's]",
)
@click.option("--endpoint", metavar="URL", help="Ask an OpenAI-compatible server (Ollama, vLLM, llama.cpp) instead.")
@click.option("--model", "models", multiple=True, metavar="MODEL", help="With --endpoint: whom, or NAME=MODEL.")
@click.option("--key-env", default="", metavar="VAR", help="With --endpoint: the environment variable with its key.")
@click.option("--timeout", type=click.FloatRange(1, 86_400), help="With --endpoint: seconds for an answer. [300]")
@click.option("--missing", is_flag=True, help="Ask only for answers that aren't there yet.")
@click.option("--name", default="", help="What to call the run. [answers-SET]")
@click.option("--watch", is_flag=True, help="Follow the run until it ends and take its answers in.")
@click.option(
    "--from", "file", type=click.Path(path_type=Path), help="Ask nobody: take the answers of this JSONL file."
)
@click.option("--contender", "answerer", default="", metavar="NAME", help="With --from: who gave them.")
@json_option()
def answer(
    contenders: tuple[str, ...],
    bases: tuple[str, ...],
    questions: str,
    file: Path | None,
    answerer: str,
    name: str,
    watch: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Ask CONTENDERs a set of questions, in the background.

    A CONTENDER is a training run (number, id, name), a base (`tiny`, a hub id, a folder), or a folder with an adapter;
    RUN@STEP is a checkpoint, FOLDER@BASE says which base an adapter belongs to, and NAME=CONTENDER calls it by another
    name. Without one, the latest training run and its base are asked.

    Each is asked in the chat template that its adapter brings, else in its base's. One name stands for one model, one
    system prompt and one template: in another of them it is a contender of its own, and wants a name of its own.

    --endpoint asks models behind a server, without a GPU, beside whatever else runs. Its key is read from the
    environment and stored nowhere.

    A line of --from FILE is {"question": an id or a prompt of the set, "contender": …, "text": …}, with "sample" and
    "finish_reason" if there are any.
    """
    if file is not None:
        if contenders or bases or watch or name:
            raise BadInput("--from asks nobody.", where="--from", fix="Leave contenders, --base, --name, --watch away.")
        _enter(file, questions, answerer, as_json)
        return
    if answerer:
        raise BadInput("--contender goes with --from.", where="--contender", fix="Name who is to be asked without it.")
    if how["no_system_prompt"] and how["prompts"]:
        raise BadInput(
            "with a system prompt and without?", where="--no-system-prompt", fix="Leave one of the two away."
        )
    _check_endpoint(how)
    _ask((*contenders, *bases), questions, name, watch, as_json, how)


def _check_endpoint(how: dict[str, Any]) -> None:
    """Raise BadInput for what is said of an endpoint where none is named."""
    for option, said in (("--model", how["models"]), ("--key-env", how["key_env"]), ("--timeout", how["timeout"])):
        if said and how["endpoint"] is None:
            raise BadInput("goes with --endpoint.", where=option, fix="Name the server: --endpoint URL.")


def _ask(
    contenders: tuple[str, ...], questions: str, name: str, watch: bool, as_json: bool, how: dict[str, Any]
) -> None:
    """Start the run and, with `watch`, follow it to its end: then the command leaves with the run's exit code."""
    from molting_tui.evaluation.asking.answer_run import Asking, ask
    from molting_tui.evaluation.asking.endpoints import TIMEOUT, EndpointToAsk

    url, models, key = how["endpoint"], how["models"], how["key_env"]
    asking = Asking(
        contenders=contenders,
        questions=questions,
        language=how["language"],
        tag=how["tag"],
        generation={key: how[key] for key in _GENERATION if how[key] is not None},
        system_prompts=("",) if how["no_system_prompt"] else how["prompts"],
        templates=how["templates"],
        quantisation=how["quantisation"],
        batch_size=how["batch_size"],
        endpoint=None if url is None else EndpointToAsk(url, models, key, how["timeout"] or TIMEOUT),
        missing=how["missing"],
    )
    with workspace_here() as workspace:
        if asking.missing:
            results_taken(workspace)
        run = ask(workspace, asking, name=name)
        if not as_json:
            _say_started(run, watch)
        if not watch:
            if as_json:
                say_json(_fields(run))
            return
        run_end = follow(run, sys.stderr if as_json else sys.stdout)
        if as_json:
            say_json(_fields(run) | end_fields(workspace, run, run_end))
        else:
            say_end(workspace, run, run_end)
    leave(exit_code(run_end))


def _fields(run: Run) -> dict[str, object]:
    from molting_tui.recipe.runfolder import AnswerConfig

    assert isinstance(run.config, AnswerConfig)
    return {
        "id": run.id,
        "folder": str(run.folder),
        "contenders": [contender.name for contender in run.config.contenders],
        "questions": len(run.config.questions),
        "samples": run.config.generation.samples,
        "answers": run.config.wanted,
    }


def _say_started(run: Run, watch: bool) -> None:
    """Say what is asked of whom, with which prompt, and how to follow the run where nobody watches."""
    from molting_tui.recipe.runfolder import AnswerConfig

    assert isinstance(run.config, AnswerConfig)
    config = run.config
    asked = plural(len(config.questions), "question")
    still = f" ({len(config.answered):,} are there already)" if config.answered else ""
    what = f"{asked} of {show_line(config.question_set, 60)}, {plural(config.wanted, 'answer')}{still}"
    say(f"Run {show_line(run.id, 80)} is started: {what}.")
    for contender in config.contenders:
        who = f"{show_line(contender.model, 60)} at {show_line(contender.url, 80)}" if contender.url else (
            f"{'an adapter on ' if contender.adapter else ''}{show_line(contender.base, 80)}"
        )  # fmt: skip
        prompt = f"system prompt: {show_line(contender.system_prompt, 60)}" if contender.system_prompt else (
            "no system prompt"
        )  # fmt: skip
        template = template_words(contender)
        say(f"  {show_line(contender.name, 60)}: {who}, {prompt}{template}")
    if not watch:
        say(f"It goes on by itself: `molting runs watch {run.number}` follows it. Then: molting score")


def template_words(contender: AskedContender) -> str:
    """What is to be known of the template that a contender is asked in; empty for a base in its own."""
    from molting_tui.evaluation.asking.variants import BASES_OWN, differs_from_base

    if contender.url:
        return ""
    if contender.template_from == BASES_OWN:
        return ", in its base's chat template" if contender.adapter else ""
    own = contender.template_from == "adapter"
    which = "its own chat template" if own else f"the chat template of {show_line(contender.template_from, 80)}"
    return f", in {which}" + (" (not its base's)" if differs_from_base(contender) else "")


def _enter(file: Path, questions: str, answerer: str, as_json: bool) -> None:
    from molting_tui.evaluation.asking.answer_files import enter_answers

    with workspace_here() as workspace:
        entered = enter_answers(workspace, file, questions, answerer)
    if as_json:
        say_json(entered._asdict())
    else:
        _say_entered(entered)


def _say_entered(entered: Entered) -> None:
    who = ", ".join(show_line(name, 60) for name in entered.contenders)
    known = f", {entered.known:,} known already" if entered.known else ""
    say(f"{plural(entered.answers, 'new answer')}{known}, of {who}.")
    for problem in entered.problems:
        say(f"Note: {show_line(problem, 400)}")
    if entered.answers:
        say("Next: molting score")
