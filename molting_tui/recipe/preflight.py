"""Preflight: what can be said of a run before its base is loaded; form, commands and trainer show this list.

Here are the checks over rows, settings and the base's files; what needs the workspace is in `runs/preflight.py`. The
thresholds are those of runs that were seen to fail: 50 steps with 50 of warm-up left the base as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from molting_tui.errors import Refused
from molting_tui.recipe.rows import EMPTY, REFUSED, TOO_LONG, UNLEARNABLE, WHY, RowReader
from molting_tui.recipe.settings import TrainingSettings
from molting_tui.recipe.steps import optimizer_steps, warm_up_steps
from molting_tui.records.checks import Check, gravest_first
from molting_tui.records.turns import LeftOut
from molting_tui.text import plural, show_line

LEAST_PAIRS = 2
FEWEST_STEPS = 100
"""Optimizer steps below which a run hardly changes its base."""
MOST_WARM_UP = 0.3
"""Share of the steps above which the warm-up is most of the run."""
NO_IDENTITY = (
    "no pair has a system turn: a model trained without one has no identity to hold on to",
    "Write [persona] system_prompt in molting.toml (for molting-train: --system_prompt).",
)
_KEEP_MORE = "Keep some more: `molting` opens the workbench."
_OTHER_BASE = "Choose another base, or other pairs."


class Preflight(NamedTuple):
    """What was checked, the optimizer steps that the run takes, how many pairs it learns, and how many it leaves out,
    by reason."""

    checks: tuple[Check, ...]
    steps: int
    pairs: int
    left_out: dict[str, int]

    @property
    def ok(self) -> bool:
        """Whether nothing blocks the run."""
        return not self.blocking

    @property
    def blocking(self) -> list[Check]:
        """The checks that block it."""
        return [check for check in self.checks if check.level == "block"]

    @property
    def warnings(self) -> list[str]:
        """What may spoil the run, as sentences."""
        return [check.sentence for check in self.checks if check.level == "warn"]

    def fields(self) -> dict[str, Any]:
        """The list as scripts are given it."""
        return {"ok": self.ok, "checks": [check.fields() for check in self.checks], "steps": self.steps}

    def refuse_blocked(self) -> None:
        """Raise Blocked if something blocks the run."""
        if self.blocking:
            raise Blocked(self.blocking)


class Blocked(Refused):
    """A run that preflight doesn't let start. `checks` are those that block it."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = tuple(checks)
        *before, last = self.checks
        first = " ".join(check.sentence for check in before)
        super().__init__(f"{first} {last.why}.".strip(), fix=last.fix)


def preflight(reader: RowReader, settings: TrainingSettings, others: Sequence[Check]) -> Preflight:
    """The list, after every row has passed the reader; `others` are checks of the base, the workspace, the machine.

    The gravest come first.
    """
    steps = optimizer_steps(reader.learned, settings)
    # One sentence says that there is nothing: what else isn't in it is no news.
    rows = [*_row_checks(reader), *_token_checks(reader), *_step_checks(steps, settings)] if reader.learned else []
    checks = gravest_first([*others, pairs_check(reader), *_left_out_checks(reader), *rows])
    return Preflight(tuple(checks), steps, reader.learned, {row.reason: row.count for row in reader.left_out})


def pairs_check(reader: RowReader) -> Check:
    """Whether there is enough to learn."""
    left = sum(row.count for row in reader.left_out)
    if reader.learned >= LEAST_PAIRS:
        return Check("pairs", "pass", f"{plural(reader.learned, 'pair')} to learn", count=reader.learned)
    if reader.learned:
        also = f" ({left:,} left out)" if left else ""
        why = f"there is only one pair to train on{also}; it takes at least {LEAST_PAIRS}"
        return Check("pairs", "block", why, _KEEP_MORE, reader.learned)
    if not left:
        return Check("pairs", "block", "there is nothing to learn", _KEEP_MORE)
    most = max(reader.left_out, key=lambda row: row.count)
    fix = _OTHER_BASE if most.reason in REFUSED else _KEEP_MORE
    if most.reason == TOO_LONG:
        fix = f"Set max_seq_len to {reader.longest}."
    return Check("pairs", "block", f"nothing in it can be learned: {_left_out(most, reader)}", fix)


def system_checks(with_system: int, without: int, systems: int) -> Iterator[Check]:
    """Whether the pairs have a system turn, all of them, and the same one."""
    if not with_system:
        yield Check("system-prompt", "warn", *NO_IDENTITY, count=without)
        return
    if without:
        why = (
            f"{plural(with_system, 'pair')} with a system turn and {without:,} without: what a model learns with one it"
            " may not show without it"
        )
        fix = "[persona] system_prompt in molting.toml gives one to the others."
        yield Check("system-prompt", "warn", why, fix, without)
    else:
        yield Check("system-prompt", "pass", "every pair has a system turn")
    if systems > 1:
        yield Check("one-prompt", "note", f"the pairs have {systems:,} different system turns", count=systems)
    else:
        yield Check("one-prompt", "pass", "there is one system turn")


def turns_check(uneven: int) -> Check:
    """Whether question and answer alternate in every pair."""
    if not uneven:
        return Check("turns", "pass", "prompt and answer alternate")
    why = (
        f"in {plural(uneven, 'pair')} prompt and answer don't alternate: LLaMA-Factory skips such conversations, and"
        " some chat templates refuse them"
    )
    return Check("turns", "note", why, count=uneven)


def _row_checks(reader: RowReader) -> Iterator[Check]:
    yield from system_checks(reader.with_system, reader.learned - reader.with_system, reader.systems)
    yield turns_check(reader.uneven)
    if reader.duplicates:
        why = f"{plural(reader.duplicates, 'pair says', 'pairs say')} word for word what another one says"
        yield Check("duplicates", "note", why, "Drop the copies, unless they are to count twice.", reader.duplicates)
    else:
        yield Check("duplicates", "pass", "no two pairs are the same")


def _left_out_checks(reader: RowReader) -> Iterator[Check]:
    """What is left out: by its messages, for an empty text, by the template, for its length."""
    rows = {row.reason: row for row in reader.left_out}

    def check(id: str, reasons: Sequence[str], well: str, fix: str) -> Check:
        found = [rows[reason] for reason in reasons if reason in rows]
        if not found:
            return Check(id, "pass", well)
        count = sum(row.count for row in found)
        return Check(id, "warn", "; ".join(_left_out(row, reader) for row in found), fix, count)

    yield check("messages", tuple(UNLEARNABLE), "every pair is a conversation that ends with an answer", "")
    yield check("empty", tuple(EMPTY), "no text is empty", "Rewrite or drop them.")
    if reader.chat is not None:
        yield check("template-takes", tuple(REFUSED), "the template takes every pair", _OTHER_BASE)
        fix = f"Set max_seq_len to {reader.longest} to learn them too; it takes more memory."
        yield check("too-long", (TOO_LONG,), "no pair is longer than max_seq_len", fix)


def _left_out(row: LeftOut, reader: RowReader) -> str:
    example = f"(first: {show_line(row.example, 200)})"
    count = plural(row.count, "pair")
    if row.reason == TOO_LONG:
        longest = f"the longest needs {reader.longest} tokens"
        return f"{count} left out: longer than max_seq_len {reader.max_seq_len}; {longest} {example}"
    return f"{count} left out: {WHY.get(row.reason, show_line(row.reason, 60))} {example}"


def _token_checks(reader: RowReader) -> Iterator[Check]:
    """What the base's template and tokenizer make of the rows."""
    if reader.chat is None:
        return
    if reader.hears_system is False:
        why = (
            "the base's chat template leaves system turns out without a word: the pairs are learned without their"
            " system prompt, and asked without it"
        )
        yield Check("template-system", "warn", why, "Choose a base that takes one if it matters.", reader.with_system)
    elif reader.hears_system:
        yield Check("template-system", "pass", "the template writes the system turn")
    if reader.with_lost_text:
        why = f"of {plural(reader.with_lost_text, 'pair')} the chat template doesn't write every text as it stands"
        yield Check("template-texts", "warn", why, "The log of the run shows the shortest pair.", reader.with_lost_text)
    else:
        yield Check("template-texts", "pass", "the template writes every text as it stands")
    yield _stop_check(reader)


def _stop_check(reader: RowReader) -> Check:
    assert reader.chat is not None
    if not reader.chat.stops:
        why = "the tokenizer has no end token (`eos_token`), so an answer would never end"
        return Check("stop-token", "block", why, "Take the chat variant of this base.")
    if not reader.without_stop:
        return Check("stop-token", "pass", "every answer ends with a token that stops the model")
    names = " ".join(sorted(reader.chat.decode([number]) for number in reader.chat.stops))
    why = (
        f"in {plural(reader.without_stop, 'pair')} an answer is learned without a token that ends it"
        f" ({show_line(names, 60)}): the model won't know when to stop"
    )
    return Check("stop-token", "warn", why, "Choose a base whose chat template ends each answer.", reader.without_stop)


def _step_checks(steps: int, settings: TrainingSettings) -> Iterator[Check]:
    size = f"{plural(steps, 'optimizer step')} in {settings.epochs:g} {'epoch' if settings.epochs == 1 else 'epochs'}"
    if steps < FEWEST_STEPS:
        why = f"{size}: runs of fewer than {FEWEST_STEPS} have left the base as it was"
        yield Check("steps", "warn", why, "More epochs or pairs, or a smaller batch, make more of them.", steps)
    else:
        yield Check("steps", "pass", size, count=steps)
    warm_up = warm_up_steps(steps, settings)
    if warm_up > steps * MOST_WARM_UP and warm_up > 1:
        why = f"{warm_up:,} of {plural(steps, 'step')} are warm-up: the full learning rate comes late, or never"
        yield Check("warm-up", "warn", why, "Set warmup_steps to 0.05, a share of all steps.", warm_up)
    else:
        yield Check("warm-up", "pass", f"{plural(warm_up, 'step')} of warm-up", count=warm_up)
