"""The question before a training run: which pairs, which base, which settings, and what will come of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import work
from textual.strip import Strip
from textual.widgets import Input

from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.settings import DEFAULT_BASE, FIELDS, TINY, TrainingSettings, checked_settings
from molting_tui.records.progress import Report
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.runs.folder import Run

_FIELDS = {field.name: field for field in FIELDS}


class Plan(NamedTuple):
    """A training run as it was asked for. `where` narrows the kept pairs; an empty `name` leaves it to molting."""

    settings: TrainingSettings
    name: str
    where: str

    @property
    def shown(self) -> str:
        """What it is, for a title."""
        return f"a run on {show_line(self.settings.model_name, 60)}"

    def start(self, workspace: Workspace, report: Report) -> Run:
        """Freeze the pairs and start the run."""
        from molting_tui.runs.starting import start_training

        return start_training(workspace, self.settings, name=self.name, where=self.where, report=report)


class Kept(NamedTuple):
    """How many pairs a filter leaves of those that are kept, and in how many of these there is a secret; `busy` is the
    number of a run that is at work (0: none)."""

    where: str
    pairs: int
    secrets: int
    busy: int = 0
    wrong: str = ""


class StartScreen(EntriesScreen):
    """Which pairs, which base, which settings. Dismisses with a plan, or None."""

    TITLE_TEXT = "Start a training run"
    ENTRIES = (
        ("where", "pairs", "all that are kept, or a filter"),
        ("base", "base", "tiny, a hub id or a folder"),
        ("words", "settings", "none but the defaults, or epochs=10 learning_rate=1e-4 name=v2"),
    )

    def __init__(self, workspace: Workspace, *, base: str = "") -> None:
        from molting_tui.runs.starting import missing_libraries

        super().__init__(workspace, {"base": base or DEFAULT_BASE})
        self._desk = Desk(workspace)
        self._kept: Kept | None = None
        self._missing = missing_libraries()

    def changed(self) -> None:
        """Count anew, if other pairs are meant."""
        where = self.value("where")
        if self._kept is None or self._kept.where != where:
            self._count(where)
        self.paint()

    @work(thread=True, exclusive=True, exit_on_error=False, group="kept")
    def _count(self, where: str) -> None:
        from molting_tui.runs.listing import runs_at_work

        try:
            pairs = len(self._desk.matching(f"state:keep {where}"))
            secrets = len(self._desk.matching(f"state:keep flag:secret {where}"))
            at_work = runs_at_work(self._workspace)
            kept = Kept(where, pairs, secrets, at_work[0].number if at_work else 0)
        except MoltingError as error:
            kept = Kept(where, 0, 0, wrong=error.sentence())
        self.app.call_from_thread(self._counted, kept)

    def _counted(self, kept: Kept) -> None:
        if self.is_attached and kept.where == self.value("where"):
            self._kept = kept
            self.paint()

    def answer(self) -> Plan:
        """The plan. Raises BadInput for settings that can't be, or where there is no pair."""
        return self._plan(self.value("words"))

    def _plan(self, words: str) -> Plan:
        where = self.value("where")
        settings, name = asked_for(self.value("base"), words)
        if self._kept is not None and self._kept.where == where:
            _checked(self._kept)
        return Plan(settings, name, where)

    def outcome(self, width: int) -> Iterator[Strip]:
        """The plan, on a few lines."""
        plan = self._plan(_without_half_a_word(self.query_one("#words", Input).value))
        yield from plan_lines(plan, self._kept, width)
        prompt = self._workspace.settings.persona.system_prompt.strip()
        if prompt:
            yield line((fit(f" system prompt: {show_line(prompt, width)}", width - 1), look.PLAIN))
        else:
            yield from _warning("no system prompt in molting.toml: the model will have no identity.", width)
        if self._kept is not None and self._kept.secrets:
            yield from _warning(
                f"{plural(self._kept.secrets, 'of these pairs holds', 'of these pairs hold')} a secret: molting won't"
                " train on it. In triage the filter `state:keep flag:secret` shows them, m masks.",
                width,
            )
        if self._kept is not None and self._kept.busy:
            yield from _warning(f"run {self._kept.busy} is at work: one at a time, since they share the memory.", width)
        if self._missing:
            yield from _warning(
                f"not installed here: {', '.join(self._missing)}. pip install 'molting[train]', then start.", width
            )


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


def steps_of(pairs: int, settings: TrainingSettings) -> int:
    """How many optimizer steps a run takes: ceil(ceil(pairs / batch) / accumulation), at least 1, an epoch."""
    passes = math.ceil(pairs / settings.batch_size)
    return math.ceil(max(math.ceil(passes / settings.gradient_accumulation), 1) * settings.epochs)


def plan_lines(plan: Plan, kept: Kept | None, width: int) -> Iterator[Strip]:
    """Pairs and steps, the adapter, the way it learns."""
    settings = plan.settings
    if kept is None:
        yield line((" counting…", look.DIM))
    else:
        steps = steps_of(kept.pairs, settings)
        yield line(
            (
                fit(
                    f" {plural(kept.pairs, 'pair')} kept{' and in this filter' if kept.where else ''}"
                    f" ─▸ {plural(steps, 'optimizer step')}",
                    width - 1,
                ),
                look.BOLD,
            )
        )
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


def _warning(text: str, width: int) -> Iterator[Strip]:
    yield from hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, text, width - 1)


def _checked(kept: Kept) -> None:
    if kept.wrong:
        raise BadInput(kept.wrong)
    if not kept.pairs:
        if kept.where:
            raise BadInput("no kept pair matches this filter.", fix="Empty it to train on all that are kept.")
        raise BadInput("nothing is kept yet.", fix="F2 shows the pairs; a keeps one.")
