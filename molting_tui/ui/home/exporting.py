"""The question where to export, and the export itself, in the words of the workbench."""

from __future__ import annotations

from pathlib import Path

from molting_tui.datasets.export.destination import WouldReplace, checked_format, destination, format_of_name
from molting_tui.datasets.export.export import EXPORTING, ExportReport, export
from molting_tui.datasets.export.secrecy import Advice
from molting_tui.errors import MoltingError
from molting_tui.records.progress import Report
from molting_tui.text import show_line
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.workspace import Workspace

FROM_HERE = EXPORTING._replace(
    keep_first="Keep some first: F2 shows the pairs, a keeps one.",
    unfit="Choose another format by another name.",
    advice=Advice(
        secret="F2 shows them under the filter `state:keep flag:secret` (F); m masks, e rewrites, x drops one.",
        prompt="Take it out there.",
        personal=" In triage m masks it.",
    ),
)
"""What to do about a refusal, by keys instead of commands."""


def export_question(workspace: Workspace, typed: str) -> AskScreen:
    """Asks for a file's name; `typed` stands there at first. One that can't be written stays, with the reason under
    it."""

    def mistake(name: str) -> str:
        if not name.strip():
            return "Type a name, for example sharegpt.json."
        try:
            target = target_of(workspace, name)
            destination(workspace, target, checked_format(format_of_name(target.name)))
        except WouldReplace:
            return ""  # asked next
        except MoltingError as error:
            return error.sentence()
        except RuntimeError:
            return "There is no such home folder."
        return ""

    return AskScreen(
        "Export the kept pairs to which file?",
        value=typed,
        hints=(
            "In exports/ of this workspace, or a path of your own. The name chooses the format:",
            "alpaca.json, messages.jsonl and *.parquet by their names, everything else ShareGPT.",
        ),
        check=mistake,
    )


def question_of_replacing(workspace: Workspace, name: str) -> str:
    """What has to be asked before the file of a name is replaced; empty where there is nothing to ask."""
    target = target_of(workspace, name)
    try:
        destination(workspace, target, checked_format(format_of_name(target.name)))
    except WouldReplace as error:
        return f"{show_line(Path(error.where).name, 60)}: {error.what} Replace it?"
    return ""


def export_to(workspace: Workspace, name: str, report: Report) -> ExportReport:
    """Write the kept pairs to the file of a name that was not refused, and, if it stood there, was said to be replaced.
    Raises what `export` raises."""
    target = target_of(workspace, name)
    return export(workspace, target, format=format_of_name(target.name), replace=True, purpose=FROM_HERE, report=report)


def target_of(workspace: Workspace, name: str) -> Path:
    """The file that is meant: in the workspace's exports, where no folder is named. Raises RuntimeError for a home
    folder that there isn't."""
    return workspace.exports / Path(name).expanduser()
