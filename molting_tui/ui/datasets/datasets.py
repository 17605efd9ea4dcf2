"""Datasets: what was frozen, and one of them beside what was frozen before it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget

from molting_tui.records.datasets import Dataset
from molting_tui.text import plural
from molting_tui.ui import keymap, look
from molting_tui.ui.datasets.dataset_lines import ShownDataset, dataset_lines, look_at
from molting_tui.ui.datasets.dataset_list import DatasetList
from molting_tui.ui.dialogs.ask import WorkScreen
from molting_tui.ui.list_screen import ListScreen, TextSide
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.triage.conversation import when
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.datasets.catalogue import Catalogue
    from molting_tui.datasets.freezing import Frozen
    from molting_tui.ui.datasets.freezing import FreezePlan

NONE_FROZEN = "Nothing is frozen yet. s freezes what is kept under a name; a training run freezes what it is given."


class DatasetsScreen(ListScreen):
    """The list of datasets; of one of them its origin, composition, what changed since, and its differences."""

    KEYS = keymap.DATASETS
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.DATASETS)]
    THING = "dataset"
    NOTHING = NONE_FROZEN
    ENDS = ("This is the newest dataset.", "This is the oldest dataset.")

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._list = DatasetList(id="datasets")
        self._title = Bar(id="dataset-title")
        self.text = Lines(id="dataset")
        self._chosen = ""  # the name of the dataset that is to be looked at
        self._against = ""  # the one it is compared with; empty: the one before
        self._shown: ShownDataset | None = None

    def sides(self) -> tuple[Widget, TextSide]:
        """The list, and the dataset."""
        return self._list, TextSide(self._title, self.text)

    def cursor_of(self) -> tuple[int, int]:
        """Which dataset is looked at, and how many there are."""
        return self._list.cursor, len(self._list.items)

    def on_screen_resume(self) -> None:
        """Look again: a run, or a decision, may have come meanwhile."""
        self._read()

    # Looking

    def _read(self) -> None:
        from molting_tui.datasets.catalogue import catalogue

        self.in_background("catalogue", lambda: catalogue(self.workspace), self._listed)

    def _listed(self, listed: Catalogue) -> None:
        if not self.is_attached:
            return
        self.list_came()
        if self._chosen not in [dataset.name for dataset in listed.datasets]:
            self._chosen = next((dataset.name for dataset in listed.datasets), "")
        self._list.show_items(listed.datasets, self._place_of(listed.datasets))
        if listed.problems:
            self.say(listed.problems[0])
        self._look()

    def _place_of(self, datasets: tuple[Dataset, ...]) -> int:
        return next((place for place, dataset in enumerate(datasets) if dataset.name == self._chosen), 0)

    def _look(self) -> None:
        """Look at the chosen dataset, beside the one it is compared with."""
        from molting_tui.datasets.catalogue import one_before

        datasets = self._list.items
        if not datasets:
            self.paint()
            return
        dataset = datasets[self._list.cursor]
        against = next((other for other in datasets if other.name == self._against), None)
        if against is None or against.id == dataset.id:
            against = one_before(datasets, dataset)
        self.in_background("dataset", partial(look_at, self.workspace, dataset, against), self._saw)

    def _saw(self, shown: ShownDataset) -> None:
        if not self.is_attached or shown.description.dataset.name != self._chosen:
            return
        same = self._shown is not None and self._shown.description.dataset.id == shown.description.dataset.id
        self._shown = shown
        self.paint(top=self.text.top if same else 0)

    # Painting

    def paint(self, top: int | None = None) -> None:
        """Paint the dataset as it is now, from a line of it on."""
        if not self.is_attached:
            return
        width = self.text.size.width
        if width:
            self.text.show_lines(self._lines(width), top=self.text.top if top is None else top)
            self._title.show(self._title_line(width))
        count = len(self._list.items)
        figure = plural(count, "dataset") if count else ""
        self.paint_frame("Datasets", figure, without=() if count > 1 else ("dataset.compare",))

    def _lines(self, width: int) -> list[Strip]:
        if self._shown is not None:
            return list(dataset_lines(self._shown, width))
        if self.listed and not self._list.items:
            return list(paragraphs(NONE_FROZEN, width - 1, indent=1))
        return [line("")]

    def _title_line(self, width: int) -> Strip:
        if self._shown is None:
            return line("")
        dataset = self._shown.description.dataset
        words = f" · {plural(dataset.pairs, 'pair')} · frozen {when(dataset.time)}"
        return line((f" {fit(dataset.name, width - 2)}", look.TITLE), fit(words, width - len(dataset.name) - 2))

    def where(self, width: int) -> Strip:
        """The place in the list."""
        return line((fit(" " + " · ".join(self.place_words()), width), look.DIM))

    def choose(self, place: int) -> None:
        """Look at another dataset."""
        self._chosen = self._list.items[place].name
        self._list.show_items(self._list.items, place)
        self._look()

    # What is done

    def action_freeze(self) -> None:
        """Ask for a name and a filter, and freeze what is kept."""
        from molting_tui.ui.datasets.freezing import FreezeScreen, next_name

        def planned(plan: FreezePlan | None) -> None:
            if plan is not None:
                freeze = partial(plan.freeze, self.workspace)
                self.app.push_screen(
                    WorkScreen["Frozen"](f"Freezing {plan.name}", freeze, failed=self.say), self._frozen
                )

        names = [dataset.name for dataset in self._list.items]
        # What a run froze for itself is called as the run is: nobody counts on from there.
        name = next_name([dataset.name for dataset in self._list.items if dataset.made == "frozen"])
        self.app.push_screen(FreezeScreen(self.workspace, names, name), planned)

    def _frozen(self, frozen: Frozen | None) -> None:
        if frozen is not None:
            dataset = frozen.dataset
            same = f" It holds the same as {', '.join(frozen.same_as)}." if frozen.same_as else ""
            self._chosen, self._against = dataset.name, ""
            held_out = f", {dataset.parts['held_out']:,} of them held out" if dataset.parts["held_out"] else ""
            self.say(f"{dataset.name} is frozen: {plural(dataset.pairs, 'pair')}{held_out}.{same}")
            self._read()

    def action_compare(self) -> None:
        """Ask which dataset to compare with."""
        from molting_tui.ui.dialogs.choose import ChooseScreen, Row

        others = [dataset for dataset in self._list.items if dataset.name != self._chosen]
        if not others:
            self.say("There is no other dataset to compare with." if self._chosen else NONE_FROZEN)
            return

        def other_words(values: tuple[int, ...]) -> str:
            other = others[values[0]]
            return f"{other.name}: {plural(other.pairs, 'pair')}, frozen {when(other.time)}."

        def chosen(values: tuple[int, ...] | None) -> None:
            if values is not None:
                self.status.clear()
                self._against = others[values[0]].name
                self._look()

        row = Row("with", tuple(other.name for other in others))
        self.app.push_screen(ChooseScreen(f"Compare {self._chosen}", (row,), other_words), chosen)
