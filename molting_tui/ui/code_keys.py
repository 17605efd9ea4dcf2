"""What keys do to the code in the texts of a screen: unfold it, move it sideways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.strip import Strip

from molting_tui.ui import keymap, look
from molting_tui.ui.prose import SIDEWAYS, CodeView, goes_on, has_long_code

if TYPE_CHECKING:
    from molting_tui.ui.widgets.lines import Lines
    from molting_tui.workspace import Workspace


class CodeKeys:
    """For a screen on which texts with code are read. What is unfolded or moved is so until another text is read."""

    KEYS: str
    UNFOLDS = "fold_code"
    """The action of the screen that unfolds code."""
    _code_unfolded = False
    _code_moved = 0

    def code_texts(self) -> Iterable[str]:
        """The texts in sight."""
        raise NotImplementedError

    text: Lines

    def code_lines(self) -> Sequence[Strip]:
        """The lines in sight."""
        return self.text.lines_in_sight()

    def paint_code(self) -> None:
        """Paint the texts anew, from the line on that one has read to."""
        raise NotImplementedError

    def say(self, message: str) -> None:
        """Put a sentence into the status line."""

    def code_view(self) -> CodeView:
        """How code is shown now."""
        assert isinstance(self, Screen)
        app = self.app
        workspace: Workspace | None = getattr(app, "workspace", None)
        own = workspace.settings.keys if workspace is not None else {}
        keys = next((action.keys for action in keymap.actions(self.KEYS, own) if action.name == self.UNFOLDS), "enter")
        ground = look.code_ground(app.current_theme.dark, app.console.color_system)
        return CodeView(ground, self._code_unfolded, self._code_moved, keymap.key_name(keys.split(",")[0]))

    def another_text(self) -> None:
        """Fold and move back, for another text."""
        self._code_unfolded, self._code_moved = False, 0

    def action_fold_code(self) -> None:
        """Show long code whole, or fold it again."""
        if has_long_code(self.code_texts()):
            self._code_unfolded = not self._code_unfolded
            self.paint_code()
        else:
            self.say("No code here is long enough to fold.")

    def action_sideways(self, step: int) -> None:
        """Move code to the right or to the left, as far as there is some."""
        if step < 0 and not self._code_moved:
            self.say("Code stands at its beginning.")
        elif step > 0 and not goes_on(self.code_lines()):
            self.say("No code in sight goes on to the right.")
        else:
            self._code_moved = max(self._code_moved + step * SIDEWAYS, 0)
            self.paint_code()
