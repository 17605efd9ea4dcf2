"""The question before a training run: which pairs, which base, which settings, and what will come of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import work
from textual.strip import Strip
from textual.widgets import Input
from textual.worker import get_current_worker

from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, Cancelled, MoltingError
from molting_tui.recipe.settings import DEFAULT_BASE, FIELDS, TINY, TrainingSettings, checked_settings
from molting_tui.records.checks import Check
from molting_tui.records.progress import Progress, Report
from molting_tui.runs.folder import short_name
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.completion import Completion, Offer, completed_word, path_completion
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.triage.filter_question import filter_offer
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.recipe.preflight import Preflight
    from molting_tui.runs.folder import Run

_BETWEEN_LETTERS = 0.1
"""Seconds that a change waits for the next one before it is looked at."""
_ABOVE_THE_PLAN = 8
"""Rows of the screen that the rule, the title and the entries take."""
_SIGNS = {"block": ("✗", look.WRONG), "warn": (look.FLAG_SIGN, look.FLAG_MARK), "note": ("·", look.DIM)}
_FIELDS = {field.name: field for field in FIELDS}
_OF_OTHER_LINES = ("model_name", "epochs")


class Asked(NamedTuple):
    """Which pairs, and how they are to be learned."""

    where: str
    dataset: str
    settings: TrainingSettings


class Plan(NamedTuple):
    """A training run as it was asked for. `where` narrows the kept pairs, `dataset` names a frozen dataset to take in
    their place; an empty `name` leaves it to molting."""

    settings: TrainingSettings
    name: str
    where: str
    dataset: str = ""

    @property
    def asked(self) -> Asked:
        """What of it preflight looks at."""
        return Asked(self.where, self.dataset, self.settings)

    @property
    def asked_name(self) -> str:
        """What the run will be called."""
        return self.name or short_name(self.settings.model_name)

    @property
    def shown(self) -> str:
        """What it is, for a title."""
        return f"a run on {show_line(self.settings.model_name, 60)}"

    def start(self, workspace: Workspace, report: Report) -> Run:
        """Freeze the pairs and start the run."""
        from molting_tui.runs.starting import start_training

        return start_training(
            workspace, self.settings, name=self.name, where=self.where, dataset=self.dataset, report=report
        )


class StartScreen(EntriesScreen):
    """Which pairs, which base, which settings. Dismisses with a plan, or None."""

    TITLE_TEXT = "Start a training run"
    ENTRIES = (
        ("base", "base", "tiny, a hub id or a folder"),
        ("where", "pairs", "all that are kept, or a filter"),
        ("epochs", "epochs", "as the base has them"),
        ("words", "settings", "none but the defaults, or learning_rate=1e-4 lora_rank=32"),
        ("name", "name", "the base's"),
        ("dataset", "dataset", "what is kept, frozen under the run's name; or a frozen one's name"),
    )
    SUGGESTED = frozenset({"base", "epochs", "name", "dataset"})

    def __init__(self, workspace: Workspace, values: Mapping[str, str]) -> None:
        self._desk = Desk(workspace)
        super().__init__(workspace, {"base": DEFAULT_BASE, **values})
        self._asked: Asked | None = None
        self._looked: Looked | None = None
        self.chosen: dict[str, str] = {}
        """What stood in the lines when it was answered, with the name that the run gets."""

    def offers(self) -> Mapping[str, Completion]:
        """Terms of the filter, and settings."""
        return {"where": filter_offer(self._desk), "words": _setting_offer}

    def completions(self) -> Mapping[str, Completion]:
        """Bases that are here, folders, and frozen datasets."""
        return {"base": complete_base, "dataset": self._complete_dataset}

    def _complete_dataset(self, text: str) -> Offer:
        from molting_tui.datasets.catalogue import names

        return completed_word(text, text, names(self.workspace), "No dataset begins so.")

    def changed(self) -> None:
        """Look before anew, if something else is meant."""
        plan = self._plan_so_far()
        if plan is not None and plan.asked != self._asked:
            self._asked = plan.asked
            self._look(plan.asked)
        self.paint()

    @work(thread=True, exclusive=True, exit_on_error=False, group="preflight")
    def _look(self, asked: Asked) -> None:
        """Do what preflight does, unless something else is typed meanwhile."""
        from molting_tui.runs.preflight import look_before

        worker = get_current_worker()

        def report(_: Progress) -> None:
            if worker.is_cancelled:
                raise Cancelled

        time.sleep(_BETWEEN_LETTERS)
        preflight, wrong = None, ""
        try:
            report(Progress(0, 0, "pairs", ""))
            preflight = look_before(
                self.workspace, asked.settings, where=asked.where, dataset=asked.dataset, report=report
            )
        except Cancelled:
            return
        except MoltingError as error:
            wrong = error.sentence()
        self.app.call_from_thread(self._saw, Looked(asked, preflight, wrong))

    def _saw(self, looked: Looked) -> None:
        if self.is_attached and looked.asked == self._asked:
            self._looked = looked
            self.paint()

    def answer(self) -> Plan:
        """The plan. Raises BadInput for settings that can't be, Blocked where preflight says no."""
        plan = self._plan(self.value("words"))
        looked = self._looked_at(plan)
        if looked is not None and looked.wrong:
            raise BadInput(looked.wrong)
        if looked is not None and looked.preflight is not None:
            looked.preflight.refuse_blocked()
        words = " ".join(word for word in self.value("words").split() if not word.startswith("name="))
        self.chosen = {name: self.value(name) for name, _, _ in self.ENTRIES}
        self.chosen |= {"words": words, "name": plan.asked_name}
        return plan

    def _plan(self, words: str) -> Plan:
        epochs = self.value("epochs")
        settings, name = asked_for(self.value("base"), f"epochs={epochs} {words}" if epochs else words)
        return Plan(settings, name or self.value("name"), self.value("where"), self.value("dataset"))

    def _plan_so_far(self) -> Plan | None:
        try:
            return self._plan(_without_half_a_word(self.query_one("#words", Input).value))
        except BadInput:
            return None

    def _looked_at(self, plan: Plan) -> Looked | None:
        """What was seen of this plan, if it was looked at."""
        looked = self._looked
        return looked if looked is not None and looked.asked == plan.asked else None

    def outcome(self, width: int) -> Iterator[Strip]:
        """The plan on a few lines, whether the base is here, and what preflight says of it."""
        plan = self._plan(_without_half_a_word(self.query_one("#words", Input).value))
        looked = self._looked_at(plan)
        if looked is not None and looked.wrong:
            raise BadInput(looked.wrong)
        lines = list(plan_lines(plan, looked.preflight if looked is not None else None, width))
        prompt = self.workspace.settings.persona.system_prompt.strip()
        if prompt and not plan.dataset:
            lines.append(line((fit(f" system prompt: {show_line(prompt, width)}", width - 1), look.PLAIN)))
        missing = _not_here(plan.settings.model_name)
        if missing:
            lines += hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, f"base: {missing}", width - 1)
        yield from lines
        # What was seen before stays until there is something new: a list that comes and goes is no help.
        if self._looked is not None and self._looked.preflight is not None:
            checks = [check for check in self._looked.preflight.checks if not (missing and _is_missing_base(check))]
            yield from check_lines(checks, width, self.size.height - _ABOVE_THE_PLAN - len(lines))


class Looked(NamedTuple):
    """What preflight found for what was asked, or what is wrong with its filter or its dataset."""

    asked: Asked
    preflight: Preflight | None
    wrong: str = ""


def _not_here(base: str) -> str:
    """What to know of a base that isn't on this machine; empty for one that is, and for what preflight refuses."""
    from molting_tui.recipe.bases import not_here

    try:
        return not_here(base)
    except MoltingError:
        return ""


def _is_missing_base(check: Check) -> bool:
    return check.id == "base" and check.level == "note"


def complete_base(text: str) -> Offer:
    """A base as far as it is certain: one that is on this machine, or a folder."""
    from molting_tui.recipe.bases import bases_here

    known = completed_word(text, text, bases_here(), "")
    return known if known.several or known.completed != text else path_completion(folders_only=True)(text)


def _setting_offer(text: str) -> Offer:
    """The settings that begin as the last word does, or what the one that is being written may be."""
    name, equals, _ = (begun := text.rpartition(" ")[2]).partition("=")
    if equals and name in _FIELDS:
        field = _FIELDS[name]
        limits = ", ".join(filter(None, (field.limits, " or ".join(field.choices))))
        return Offer((f"{name}: {field.meaning}{f' ({limits})' if limits else ''}",), text)
    if not begun or equals:
        return Offer((), text)
    names = [f"{field}=" for field in _FIELDS if field.startswith(begun) and field not in _OF_OTHER_LINES]
    return completed_word(text, begun, names, "") if names else Offer((), text)


def _without_half_a_word(words: str) -> str:
    """The words without the last one, while that may still become a setting."""
    before, _, last = words.rpartition(" ")
    half = last.removesuffix("=")
    return before if any(name.startswith(half) for name in (*_FIELDS, "name")) else words


def asked_for(base: str, words: str) -> tuple[TrainingSettings, str]:
    """The settings for a base with what was typed (`epochs=10 name=v2`), and the run's name (empty: none was typed).

    Raises BadInput, naming the word that can't be one.
    """
    values: dict[str, Any] = {"model_name": base}
    name = ""
    for word in words.split():
        key, _, value = word.partition("=")
        if not value:
            raise BadInput("isn't a setting.", where=f"`{word}`", fix="Write it as name=value, for example epochs=10.")
        if key == "name":
            name = value
        elif key in _FIELDS:
            values[key] = _typed_value(key, value)
        else:
            raise BadInput("there is no such setting.", where=f"`{key}`", fix=f"There are: {', '.join(_FIELDS)}, name.")
    return checked_settings(values), name


def _typed_value(key: str, value: str) -> object:
    default = _FIELDS[key].default
    if isinstance(default, tuple):
        return tuple(part for part in value.split(",") if part)
    for read in (int, float) if isinstance(default, int | float) else ():
        try:
            return read(value)
        except ValueError:
            continue
    return value


def plan_lines(plan: Plan, preflight: Preflight | None, width: int) -> Iterator[Strip]:
    """Pairs and steps, the adapter, the way it learns."""
    settings = plan.settings
    if preflight is None:
        yield line((" counting…", look.DIM))
    else:
        size = f" {plural(preflight.pairs, 'pair')} to learn ─▸ {plural(preflight.steps, 'optimizer step')}"
        yield line((fit(size, width - 1), look.BOLD))
    learning = (
        f"{plural_epochs(settings.epochs)} · batch {settings.batch_size} × {settings.gradient_accumulation}"
        f" · learning rate {settings.learning_rate:g}, {settings.scheduler}, warm-up {_warmup(settings.warmup_steps)}"
    )
    modules = show_line(" ".join(name.removesuffix("_proj") for name in settings.target_modules), 60)
    adapter = (
        f"LoRA rank {settings.lora_rank}, alpha {settings.lora_alpha} on {modules}"
        f" · {'4-bit nf4' if settings.quantisation == 'nf4' else 'bf16'} · {settings.max_seq_len:,} tokens a pair"
    )
    for text in (learning, adapter):
        yield from paragraphs(text, width - 1, indent=1)
    if settings.model_name == TINY:
        yield line((fit(" tiny is made on the spot: it shows that the way works, in seconds.", width - 1), look.DIM))


def plural_epochs(epochs: float) -> str:
    """`5 epochs`, `0.5 epochs`, `1 epoch`."""
    return f"{epochs:g} {'epoch' if epochs == 1 else 'epochs'}"


def _warmup(steps: float) -> str:
    return f"{steps:.0%}" if steps < 1 else plural(round(steps), "step")


def check_lines(checks: Sequence[Check], width: int, most: int) -> Iterator[Strip]:
    """What blocks, warns and is worth knowing, the gravest first, and the names of what is well, on `most` lines."""
    lines: list[Strip] = []
    for check in checks:
        if check.level != "pass":
            sign, style = _SIGNS[check.level]
            # What is merely worth knowing is told in few words.
            words = f"{check.why}." if check.level == "note" else check.sentence
            lines += hanging(f" {sign} ", style, f"{check.id}: {words}", width - 1)
    well = ", ".join(check.id for check in checks if check.level == "pass")
    more = len(lines) - max(most - 2, 1)
    if more > 0:
        del lines[-more:]
        lines.append(line((fit(f" … {plural(more, 'line')} more: `molting preflight` shows all", width - 1), look.DIM)))
    yield from lines
    if well:
        yield line((fit(f" well: {well}", width - 1), look.DIM))
