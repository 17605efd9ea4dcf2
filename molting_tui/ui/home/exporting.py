"""The question where to export, and the export itself, in the words of the workbench."""

from __future__ import annotations

from pathlib import Path

from molting_tui.datasets.export.destination import checked_format, destination
from molting_tui.datasets.export.export import EXPORTING, ExportReport, export
from molting_tui.datasets.export.secrecy import Advice
from molting_tui.errors import MoltingError
from molting_tui.records.progress import Report
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


def export_question(workspace: Workspace) -> AskScreen:
    """Asks for a file's name. One that can't be written stands as it was typed, with the reason under it."""

    def mistake(name: str) -> str:
        if not name.strip():
            return "Type a name, for example sharegpt.json."
        try:
            target = target_of(workspace, name)
            destination(workspace, target, checked_format(format_of(target)))
        except MoltingError as error:
            return error.sentence()
        except RuntimeError:
            return "There is no such home folder."
        return ""

    return AskScreen(
        "Export the kept pairs to which file?",
        value="sharegpt.json",
        hints=(
            "In exports/ of this workspace, or a path of your own. The name chooses the format:",
            "alpaca*.json, messages*.jsonl and *.parquet by their names, everything else ShareGPT.",
        ),
        check=mistake,
    )


def export_to(workspace: Workspace, name: str, report: Report) -> ExportReport:
    """Write the kept pairs to the file of a name that was not refused. Raises what `export` raises."""
    target = target_of(workspace, name)
    return export(workspace, target, format=format_of(target), purpose=FROM_HERE, report=report)


def target_of(workspace: Workspace, name: str) -> Path:
    """The file that is meant: in the workspace's exports, where no folder is named. Raises RuntimeError for a home
    folder that there isn't."""
    return workspace.exports / Path(name).expanduser()


def format_of(target: Path) -> str:
    """The format that a file's name chooses."""
    if target.suffix == ".parquet":
        return "parquet"
    return next((name for name in ("alpaca", "messages") if name in target.name), "sharegpt")
