"""`molting decide`: keep, drop, skip, reopen, rewrite, star, tag and mask; undo and redo."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import click

from molting_tui.cli.printing import say, say_json
from molting_tui.cli.running import NO, Command, desk_here, json_option, leave, text_of, where_option
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.curation.triage import Desk
    from molting_tui.records.events import Undone
    from molting_tui.records.progress import Report

STATES = ("keep", "drop", "skip", "open")
WORDS = (*STATES, "star", "unstar", "tag", "untag", "mask")
_USAGE = "For example: molting decide 12 keep, or molting decide --where 'flag:secret' drop."


class _Asked(NamedTuple):
    """What the command line asks for. `pair` is empty for a filter, `word` for a rewrite alone."""

    pair: str
    word: str
    where: str
    reason: str
    tag: str
    text: str
    prompt: str
    message: int | None
    yes: bool
    as_json: bool


@click.command(
    cls=Command,
    examples=(
        "molting decide 12 keep",
        "molting decide 12 drop --reason 'no voice'",
        "molting decide 12 --text answer.txt   # keep it with this answer (- reads stdin)",
        "molting decide 12 --message 0 --text system.txt   # … with this text as its first message",
        "molting decide --where 'flag:agent-speech len<80' drop --yes",
        "molting decide --where 'project:crm' tag --tag crm",
        "molting decide --where 'state:keep flag:secret' mask",
        "molting decide --undo",
    ),
)
@click.argument("words", nargs=-1, metavar="[PAIR] WORD")
@where_option("Say it of every pair that matches, as one step.")
@click.option("--reason", default="", help="Why; it stands in the pair's history.")
@click.option("--tag", default="", metavar="NAME", help="The tag to set (tag) or take away (untag).")
@click.option("--text", default="", metavar="FILE", help="Keep the pair with the answer in this file (-: stdin).")
@click.option("--prompt", default="", metavar="FILE", help="Keep the pair with the prompt in this file (-: stdin).")
@click.option(
    "--message",
    type=click.IntRange(min=0),
    metavar="N",
    help="Which message --text is, by the number that `molting pairs PAIR` shows; else the answer, the last one.",
)
@click.option("--undo", is_flag=True, help="Take back your latest step.")
@click.option("--redo", is_flag=True, help="Bring back the step that was taken back last.")
@click.option("--yes", is_flag=True, help="Don't ask before a step over many pairs.")
@json_option()
def decide(
    words: tuple[str, ...],
    where: str,
    reason: str,
    tag: str,
    text: str,
    prompt: str,
    message: int | None,
    undo: bool,
    redo: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Decide on one pair or on all that a filter matches; undo and redo.

    WORD is keep, drop, skip (the pair stays open), open (as if nothing had been decided), star, unstar, tag,
    untag, or mask (the secrets and personal data in it become signs). PAIR is a number or the start of a uid.
    Everything is one step in the history, which --undo takes back; undo reaches your own steps only.
    """
    if undo or redo:
        more = bool(words or where or text or prompt or message is not None or reason or tag)
        _step_back(undo, redo, more, as_json)
        return
    pair, word = _pair_and_word(words, where, bool(text or prompt))
    asked = _Asked(pair, word, where, reason, tag, text, prompt, message, yes, as_json)
    _check(asked)
    with desk_here() as desk:
        if asked.pair:
            _decide_one(desk, asked)
        else:
            _decide_many(desk, asked)


def _check(asked: _Asked) -> None:
    """Raise BadInput for words that don't go together."""
    rewrites = bool(asked.text or asked.prompt)
    if asked.word and asked.word not in WORDS:
        raise BadInput(f"`{asked.word}` is no decision.", fix=f"It is one of {', '.join(WORDS)}.")
    if rewrites and (not asked.pair or asked.word not in ("", "keep")):
        raise BadInput(
            "--text and --prompt keep one pair with new words.", fix="For example: molting decide 12 --text FILE"
        )
    if asked.message is not None and not asked.text:
        raise BadInput(
            "--message says which message --text is.", fix="For example: molting decide 12 --message 0 --text FILE"
        )
    if asked.text == asked.prompt == "-":
        raise BadInput("--text and --prompt can't both read stdin.", fix="Put one of them into a file.")
    if rewrites and asked.reason:
        raise BadInput("a rewrite takes no --reason.", fix="Leave --reason away; the new words say why.")
    if asked.reason and asked.word not in STATES:
        raise BadInput(f"--reason is for {', '.join(STATES)}.", fix="Leave it away.")
    if bool(asked.tag) != (asked.word in ("tag", "untag")):
        raise BadInput(
            "tag and untag need --tag NAME, and nothing else takes it.", fix="For example: decide 12 tag --tag voice"
        )


def _pair_and_word(words: tuple[str, ...], where: str, rewrites: bool) -> tuple[str, str]:
    if where and len(words) == 1:
        return "", words[0]
    if where:
        raise BadInput("with --where there is one word to say, and no pair.", fix=_USAGE)
    if len(words) == 2:
        return words[0], words[1]
    if len(words) == 1 and rewrites:
        return words[0], ""
    raise BadInput("a decision needs a pair and a word.", fix=_USAGE)


def _decide_one(desk: Desk, asked: _Asked) -> None:
    pair = desk.find(asked.pair)
    if asked.text or asked.prompt:
        desk.rewrite(pair, _new_words(asked, len(pair.messages) - 1))
    elif asked.word in STATES:
        desk.decide(pair, asked.word, asked.reason)
    else:
        _say_where(desk, asked, f"id:{pair.id}", lambda _: None)
    after = desk.pair(pair.id)
    if asked.as_json:
        state = {"state": after.state.value, "rewritten": after.rewritten, "skipped": after.skipped}
        say_json({"pair": after.id, "uid": after.uid, **state, "starred": after.starred, "tags": list(after.tags)})
        return
    marks = ((after.rewritten, ", rewritten"), (after.skipped, ", skipped"), (after.starred, ", starred"))
    say(f"Pair {after.id} is {after.state.value}{''.join(mark for on, mark in marks if on)}. --undo takes it back.")


def _new_words(asked: _Asked, last: int) -> dict[int, str]:
    """The new words by place, of a pair whose answer stands at `last`."""
    words = {last - 1: text_of(asked.prompt)} if asked.prompt else {}
    place = last if asked.message is None else asked.message
    if asked.prompt and place == last - 1:
        raise BadInput("--prompt and --message name the same message.", fix="Leave one of them away.")
    return words | ({place: text_of(asked.text)} if asked.text else {})


def _decide_many(desk: Desk, asked: _Asked) -> None:
    """Decide all pairs of the filter in one step. Asks first unless `--yes` was given; leaves with 1 on a no."""
    matched = len(desk.matching(asked.where))
    if matched and not asked.yes and not _agreed(asked, matched):
        say("Nothing was changed.")
        leave(NO)
    changed = 0
    if matched:
        with watched("Stopped. Nothing was changed.") as progress:
            changed = _say_where(desk, asked, asked.where, progress)
    if asked.as_json:
        say_json({"word": asked.word, "matched": matched, "changed": changed})
        return
    same = matched - changed
    say(f"{asked.word}: {plural(changed, 'pair')} changed" + (f", {same:,} were so already." if same else "."))
    if changed:
        say("It is one step: molting decide --undo takes it back.")


def _agreed(asked: _Asked, matched: int) -> bool:
    if not sys.stdin.isatty():
        raise BadInput(
            f"this would say `{asked.word}` of {plural(matched, 'pair')}, and there is no terminal to ask on.",
            fix="Say --yes if it is meant.",
        )
    of = f"{plural(matched, 'pair')} where {show_line(asked.where)}"
    return click.confirm(f"{asked.word} {of}?", default=False, err=True)


def _say_where(desk: Desk, asked: _Asked, where: str, progress: Report) -> int:
    steps: dict[str, Callable[[], int]] = {
        "star": lambda: desk.star_where(where, True),
        "unstar": lambda: desk.star_where(where, False),
        "tag": lambda: desk.tag_where(where, asked.tag, True),
        "untag": lambda: desk.tag_where(where, asked.tag, False),
        "mask": lambda: desk.mask_secrets(where, progress),
    }
    step = steps.get(asked.word)
    return step() if step else desk.decide_where(where, asked.word, asked.reason)


def _step_back(undo: bool, redo: bool, more: bool, as_json: bool) -> None:
    if (undo and redo) or more:
        raise BadInput("--undo and --redo stand alone.", fix="Leave the rest away.")
    name = "undo" if undo else "redo"
    with desk_here() as desk:
        step = desk.undo() if undo else desk.redo()
    if as_json:
        say_json(_step_fields(name, step))
    elif step is None:
        say(f"There is nothing of yours to {name}.")
    else:
        done = "Taken back" if undo else "Done again"
        say(f"{done}: {show_line(step.label)} ({plural(step.pairs, 'pair')}).")
    if step is None:
        leave(NO)


def _step_fields(name: str, step: Undone | None) -> dict[str, object]:
    if step is None:
        return {name: None, "pairs": 0, "ids": []}
    return {name: step.label, "pairs": step.pairs, "ids": list(step.ids)}
