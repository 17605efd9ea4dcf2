"""Names and system prompt: a line for each name, an editor for the prompt, and below it what the prompt is used for."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, TextArea

from molting_tui.curation.persona import FIELDS, draft, keep_draft, save, take_over
from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.overview.persona_use import PersonaUse, length_words, persona_use, use_sentences
from molting_tui.ui import keymap, look
from molting_tui.ui.dialogs.entry import SafeInput
from molting_tui.ui.frame import FrameScreen, hanging
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.triage.editor import edited
from molting_tui.ui.triage.rewrite import SafeTextArea, editable
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Persona, Workspace

_MEANINGS = {
    "name": "whose voice the model learns",
    "user": "who talks to it",
    "aliases": "other names of its own, a comma between two",
    "foreign_names": "names that it must not introduce itself by",
    "words": "what only it speaks of, as its projects",
}
_USES_LINES = 6
"""Lines of what the prompt is used for."""


class PersonaScreen(FrameScreen[None]):
    """The persona's settings. Saving writes them into molting.toml, and they hold at once; leaving keeps a draft."""

    KEYS = keymap.PERSONA
    BINDINGS: ClassVar[list[BindingType]] = [
        *keymap.bindings(keymap.PERSONA),
        # Not the editor's: there they move the cursor.
        Binding("down", "app.focus_next", "next field", show=False, id="persona.down"),
        Binding("up", "app.focus_previous", "field before", show=False, id="persona.up"),
    ]
    AUTO_FOCUS = "#name"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._begun = workspace.settings.persona
        """What the fields showed before anything was typed."""
        self._draft = draft(workspace)
        self._use: PersonaUse | None = None
        self._over = False

    def body(self) -> ComposeResult:
        """A line for each field but the prompt, the prompt's editor, what it is used for."""
        shown = self._draft or self._begun
        for field in FIELDS[:-1]:
            with Horizontal(classes="entry"):
                yield Bar(id=f"{field}-label", classes="label")
                entry = SafeInput(
                    _written(getattr(shown, field)), placeholder=_MEANINGS[field], select_on_focus=False, id=field
                )
                entry.cursor_blink = False
                yield entry
        yield Bar(id="prompt-label")
        editor = SafeTextArea(editable(shown.system_prompt), id="editor", soft_wrap=True, show_line_numbers=False)
        editor.cursor_blink = False
        yield editor
        yield Lines(id="uses")

    def on_mount(self) -> None:
        """Count what the prompt is used for; say that it goes on where one left."""
        for field in FIELDS[:-1]:
            self.query_one(f"#{field}-label", Bar).show(line((f" {field.replace('_', ' ')}", look.BOLD)))
        if self._draft is not None and self._draft != self._begun:
            # Behind the fields' own news that they hold something, which is nobody's typing.
            self.call_after_refresh(self.say, "Your draft is back. ctrl+o shows what is in force.")
        self._count()

    def on_resize(self) -> None:
        """Paint at the new size."""
        self.call_after_refresh(self._paint)

    def _count(self) -> None:
        self.in_background("persona", lambda: persona_use(self.workspace), self._counted)

    def _counted(self, use: PersonaUse) -> None:
        self._use = use
        self._paint()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _typed(self) -> None:
        self.status.clear()
        self._paint()

    def _paint(self) -> None:
        width = self.size.width
        prompt = self.query_one("#editor", SafeTextArea).text
        changed = "" if self._unsaved() is None else "not saved yet"
        words = fit(f" {length_words(prompt)}" if prompt else " none: a model trained without one has no identity", 60)
        self.query_one("#prompt-label", Bar).show(line((" system prompt", look.BOLD), (f"  {words}", look.DIM)))
        uses = self.query_one("#uses", Lines)
        sentences = use_sentences(self._use) if self._use else ()
        strips = [strip for text in sentences for strip in hanging(" ", look.DIM, text, width)]
        uses.styles.height = min(max(len(strips), 1), _USES_LINES) + 1  # and the rule above
        uses.show_lines(strips)
        self.paint_frame("Persona", changed)

    def _persona(self) -> Persona:
        """What is written. A field that nobody touched is as it was, whatever can't be typed in it. Raises BadInput."""
        values: dict[str, Any] = {}
        for field in FIELDS:
            before = getattr(self._begun, field)
            text = (
                self.query_one("#editor", SafeTextArea).text
                if field == "system_prompt"
                else self.query_one(f"#{field}", Input).value
            )
            untouched = text == (editable(before) if field == "system_prompt" else _written(before))
            values[field] = before if untouched else text if isinstance(before, str) else _names(field, text)
        return Persona(**values)

    def _unsaved(self) -> Persona | None:
        """What is written and not in force; None where nothing is."""
        try:
            persona = self._persona()
        except BadInput:  # said when it is saved; a draft keeps the rest
            persona = msgspec.structs.replace(self._begun, system_prompt=self.query_one("#editor", SafeTextArea).text)
        return None if persona == self.workspace.settings.persona else persona

    def _show(self, persona: Persona) -> None:
        self._begun = persona
        for field in FIELDS[:-1]:
            self.query_one(f"#{field}", Input).value = _written(getattr(persona, field))
        self.query_one("#editor", SafeTextArea).text = editable(persona.system_prompt)

    def action_save(self) -> None:
        """Write it into molting.toml."""
        try:
            saved = save(self.workspace, self._persona(), over=self._over)
            keep_draft(self.workspace, None)
        except Refused as error:
            self._over = True
            self.say(f"{error.what[:1].upper()}{error.what[1:]} ctrl+s writes yours over it; ctrl+o shows theirs.")
            return
        except MoltingError as error:
            self.say(error.sentence())
            return
        self._over = False
        self._show(saved.persona)
        others = " Other settings in it were changed by another program: they hold from the next start."
        self.call_after_refresh(
            self.say, f"Written into molting.toml; it holds from now on.{others if saved.others else ''}"
        )
        self._count()

    def action_original(self) -> None:
        """Show what stands in molting.toml, in place of what is written here."""
        try:
            self._show(take_over(self.workspace))
        except MoltingError as error:
            self.say(error.sentence())
            return
        self._over = False
        self._count()

    def action_editor(self) -> None:
        """Write the system prompt in `$EDITOR`."""
        area = self.query_one("#editor", SafeTextArea)
        wrong = ""
        text = None
        try:
            with self.app.suspend():
                try:
                    text = edited(area.text)
                except MoltingError as error:  # caught in here: an exception would keep Textual suspended
                    wrong = error.sentence()
        except SuspendNotSupported:
            wrong = "This terminal can't be given to another editor."
        if text is None:
            self.say(wrong or "Nothing was changed.")
        else:
            area.text = editable(text)

    def action_leave(self) -> None:
        """Leave, and keep what isn't saved as a draft."""
        try:
            self.put_away()
        except MoltingError as error:
            self.say(error.sentence())
            return
        self.dismiss(None)

    def put_away(self) -> None:
        """Keep what isn't saved as a draft."""
        keep_draft(self.workspace, self._unsaved())


def _written(value: str | Sequence[str]) -> str:
    """A field's value as it is typed: names with a comma between two, in quotation marks where they have one."""
    if isinstance(value, str):
        return value
    return ", ".join(
        '"{}"'.format(name.replace('"', '""')) if set(name) & set(',"\r\n') or name != name.strip() else name
        for name in value
    )


def _names(field: str, text: str) -> tuple[str, ...]:
    """The names that a line of them says. Raises BadInput for quotation marks that don't end."""
    try:
        rows = list(csv.reader([text], skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise BadInput(
            "can't be read: quotation marks stand around a whole name.",
            where=field.replace("_", " "),
            fix='For example: Claudinho, "C, the first".',
        ) from error
    return tuple(stripped for row in rows for name in row if (stripped := name.strip()))
