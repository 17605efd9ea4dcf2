"""The command line of `molting-train`, and the output folder it asks for: a run folder like any other."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from molting_tui import __version__
from molting_tui.errors import BadInput, Refused
from molting_tui.recipe.run_process import noted_process, standing
from molting_tui.recipe.runfolder import (
    ADAPTER,
    CONFIG,
    EVENTS,
    LOG,
    METRICS,
    PROCESS,
    TrainConfig,
    read_config,
    refuse_other_bytes,
)
from molting_tui.recipe.settings import FIELDS, SettingField, checked_settings
from molting_tui.regular_files import read_regular
from training.reporting import write_whole
from training.rows import read_conversations

_EPILOG = """\
The output folder holds config.json, events.jsonl, process.json, adapter/, checkpoint-*/ and, once all is done,
training_metrics.json. What is printed goes to the terminal only. A run goes on when its terminal is closed; ctrl+c or
SIGTERM ends it at the end of the step, with a checkpoint. Exit codes: 0 done or stopped, 2 misuse, bad input, failure.
"""
_CHECKPOINT = re.compile(r"checkpoint-\d+")
_OF_A_RUN = (EVENTS, LOG, PROCESS)
"""What a run writes beside its config, which is what tells that they are its own."""


class _Parser(argparse.ArgumentParser):
    """Tells a mistake in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message}.", fix="`molting-train --help` lists every option.")


def run_folder(arguments: Sequence[str] | None = None) -> Path:
    """The run folder that the command line asks for: an existing one, or the output folder, made ready.

    Raises BadInput for a mistake on the command line or a dataset that can't be learned, Refused for an output folder
    that holds something of worth.
    """
    given = vars(_parser().parse_args(arguments))
    if given["run"]:
        folder = Path(given["run"])
        if not folder.is_dir():
            raise BadInput("no such run folder.", where=str(folder), fix="`molting runs list` shows every run.")
        refuse_other_bytes(folder.absolute())
        _refuse_again(folder)
        return folder
    for name in ("dataset", "output"):
        if not given[name]:
            raise BadInput(f"--{name} is missing.", fix="`molting-train --help` lists every option.")
        refuse_other_bytes(Path(given[name]).absolute())
    config = _config(given)
    output = Path(given["output"])
    _make_ready(output, given["overwrite"])
    write_whole(output / CONFIG, msgspec.json.format(msgspec.json.encode(config), indent=2))
    return output


def _parser() -> argparse.ArgumentParser:
    """The options of `molting-train`, one for each setting of the recipe among them."""
    parser = _Parser(
        prog="molting-train",
        description="Train a LoRA adapter on a ShareGPT, Alpaca or messages file.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--dataset", metavar="FILE", help="What is learned: a .json or .jsonl file.")
    parser.add_argument("--output", metavar="FOLDER", help="Where the run goes.")
    parser.add_argument("--system_prompt", *_dashed("system_prompt"), metavar="TEXT", default="", help=_PROMPT_HELP)
    parser.add_argument("--overwrite", action="store_true", help="Replace the run that the output folder holds.")
    parser.add_argument(
        "--run", metavar="FOLDER", help="Train as the config.json in this run folder says; nothing else."
    )
    for field in FIELDS:
        _add_setting(parser, field)
    return parser


_PROMPT_HELP = "System prompt for the pairs that have none."


def _add_setting(parser: argparse.ArgumentParser, field: SettingField) -> None:
    default = " ".join(field.default) if isinstance(field.default, tuple) else field.default
    about = "; ".join(part for part in (field.limits, f"default {default}") if part)
    options: dict[str, Any] = {"help": f"{field.meaning} ({about})".replace("%", "%%")}
    if isinstance(field.default, tuple):
        options |= {"nargs": "+", "metavar": "NAME"}
    elif field.choices:
        options |= {"choices": field.choices}
    else:
        options |= {"metavar": "TEXT" if isinstance(field.default, str) else "N"}
    parser.add_argument(f"--{field.name}", *_dashed(field.name), dest=field.name, **options)


def _dashed(name: str) -> list[str]:
    return [f"--{name.replace('_', '-')}"] if "_" in name else []


def _config(given: dict[str, Any]) -> TrainConfig:
    settings = checked_settings({field.name: _value(field, given[field.name]) for field in FIELDS if given[field.name]})
    dataset = Path(given["dataset"])
    pairs = len(read_conversations(dataset, given["system_prompt"]).taken)
    return TrainConfig(
        name=Path(given["output"]).resolve().name,
        settings=settings,
        dataset=str(dataset.resolve()),
        dataset_digest=hashlib.sha256(read_regular(dataset)).hexdigest(),
        pairs=pairs,
        system_prompt=given["system_prompt"],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        molting=__version__,
    )


def _value(field: SettingField, word: Any) -> Any:
    if isinstance(field.default, tuple):
        return tuple(name for part in word for name in part.split(",") if name)
    if isinstance(field.default, str):
        return word
    try:
        return type(field.default)(word)
    except ValueError:
        raise BadInput(
            f"{word!r} is no number.", where=f"--{field.name}", fix=f"{field.meaning} ({field.limits})"
        ) from None


def _make_ready(output: Path, overwrite: bool) -> None:
    """Make the output folder, without the files of a run that ended without saving anything.

    Only names that a run writes are ever removed.
    """
    if output.exists() and not output.is_dir():
        raise BadInput("is a file.", where=str(output), fix="Name a folder for --output.")
    if _is_running(output):
        raise Refused(
            "a run is going on in this folder.", where=str(output), fix="Stop it first, or name another --output."
        )
    saved = [output / METRICS, output / ADAPTER, *_checkpoints(output)]
    held = [path.name for path in saved if path.exists()]
    if held and not overwrite:
        raise Refused(
            f"holds a run already ({held[0]}).", where=str(output), fix="Name another --output, or add --overwrite."
        )
    _refuse_foreign(output, bool(held))
    try:
        output.mkdir(parents=True, exist_ok=True)
        for path in (*saved, *(output / name for name in (*_OF_A_RUN, CONFIG))):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(
            f"can't be written: {error.strerror or error}.", where=str(output), fix="Name another --output."
        ) from error


def _refuse_again(folder: Path) -> None:
    """Training costs hours: that its adapter can't be put down is told before. `process.json` may name ourselves."""
    if (folder / ADAPTER).exists():
        raise Refused("this run has its adapter already.", where=str(folder), fix="Start a new run: `molting train`.")
    if _is_running(folder, but=os.getpid()):
        raise Refused("this run goes on in another process.", where=str(folder), fix="Wait for it, or stop it.")


def _refuse_foreign(output: Path, held: bool) -> None:
    """Many a folder has a config.json or a log.txt that no run wrote: a model's, a project's."""
    names = [name for name in (CONFIG, *_OF_A_RUN) if (output / name).exists()]
    if not names or (held and CONFIG not in names):
        return
    try:
        read_config(output)
    except BadInput as error:
        raise Refused(
            f"holds a {names[0]} that no run wrote, and a run's would replace it.",
            where=str(output),
            fix="Name another --output.",
        ) from error


def _checkpoints(output: Path) -> list[Path]:
    return [path for path in output.glob("checkpoint-*") if _CHECKPOINT.fullmatch(path.name)]


def _is_running(output: Path, but: int = 0) -> bool:
    """Whether a process other than `but` is, or may be, at work on this folder."""
    noted = noted_process(output)
    if noted is None or noted.pid == but or noted.host != os.uname().nodename:
        return False
    return standing(noted, output.resolve()) != "gone"
