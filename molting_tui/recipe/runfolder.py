"""The run folder: where the two processes meet. Names of its files, and the shapes of those both read and write.

`config.json` is written once, before the process starts, and holds all that it is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from molting_tui.errors import BadInput, Refused
from molting_tui.recipe.settings import Quantisation, TrainingSettings
from molting_tui.records.checks import Check, Level
from molting_tui.regular_files import read_regular
from molting_tui.text import as_text, mask_address

CONFIG, DATASET, EVENTS, LOG, PROCESS = "config.json", "dataset.jsonl", "events.jsonl", "log.txt", "process.json"
PREFLIGHT = "preflight.json"
_MOST = 64 << 20
"""Bytes of a config or a preflight list: far more than any question set makes of them."""
METRICS, ADAPTER, ANSWERS = "training_metrics.json", "adapter", "answers.jsonl"


class TrainConfig(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="train"):
    """What a training run is told. `dataset` is a path (relative: to the run folder) of a ShareGPT, Alpaca or messages
    file; `dataset_name` is that of the frozen dataset that it is a copy of, empty where the run froze its own;
    `system_prompt` is given to every pair that has none of its own."""

    name: str
    settings: TrainingSettings
    dataset: str = DATASET
    dataset_name: str = ""
    dataset_digest: str = ""
    pairs: int = 0
    filter: str = ""
    system_prompt: str = ""
    created: str = ""
    molting: str = ""


class Generation(msgspec.Struct, frozen=True):
    """How answers are drawn. `max_new_tokens` counts tokens, `samples` answers a question. A temperature of 0 takes
    the likeliest token each time."""

    temperature: float = 0.7
    top_p: float = 0.9
    max_new_tokens: int = 384
    samples: int = 1
    seed_base: int = 42


class AskedContender(msgspec.Struct, frozen=True):
    """Who answers: a base, or a base with an adapter (an absolute path; empty for none), or the `model` behind an
    endpoint's `url` (then there is no base).

    `system_prompt` is used for the questions that name none themselves; `run` is the training run's id, empty for a
    base, and `step` that of a checkpoint. `template` is the chat template that it is asked in (empty: the base's own),
    `template_from` says where that is from (`base`, `adapter`, `file …`, `the base …`), and `template_digest` is its
    SHA-256 (empty: not known before it is asked).
    """

    name: str
    base: str = ""
    adapter: str = ""
    adapter_digest: str = ""
    run: str = ""
    system_prompt: str = ""
    step: int | None = None
    template: str = ""
    template_from: str = ""
    template_digest: str = ""
    url: str = ""
    model: str = ""


class Asked(msgspec.Struct, frozen=True):
    """One question as it is asked. `system` is the question's own system turn: None takes the contender's, an empty
    text sends none. `followups` are further user turns, asked one after the other in the same conversation."""

    id: str
    digest: str
    prompt: str
    system: str | None = None
    followups: tuple[str, ...] = ()


class Served(msgspec.Struct, frozen=True):
    """How a run asks an endpoint. `key_env` names the environment variable that holds its key (empty: it wants none);
    the key itself stands nowhere. `timeout` is in seconds, for one answer; `tries` is how often it is asked for."""

    key_env: str = ""
    timeout: float = 300.0
    tries: int = 4


class AnswerConfig(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="answer"):
    """What an answering run is told. `questions` are copies: the files may change while it runs. `batch_size` answers
    of each contender are drawn at once. `served` is there where the contenders stand behind an endpoint: such a run
    takes no memory for a model. `answered` are answers (contender, question's digest, sample) that aren't wanted: they
    were given before."""

    name: str
    contenders: tuple[AskedContender, ...]
    question_set: str
    set_digest: str
    questions: tuple[Asked, ...]
    generation: Generation = Generation()
    quantisation: Quantisation = "nf4"
    batch_size: int = 16
    served: Served | None = None
    answered: tuple[tuple[str, str, int], ...] = ()
    created: str = ""
    molting: str = ""

    @property
    def wanted(self) -> int:
        """How many answers it is to bring."""
        return len(self.contenders) * len(self.questions) * self.generation.samples - len(self.answered)


RunConfig = TrainConfig | AnswerConfig


class AnswerLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `answers.jsonl`.

    `raw` is decoded with special tokens; `text` is the same without the token that ended it. `tokens` counts the new
    ones. `finish_reason` is `stop` or `length`. `settings` holds everything the answer depends on: base, adapter
    digest, system prompt, generation settings, quantisation, versions. `seconds` of wall clock went into drawing it;
    answers of one batch share its seconds by their tokens.
    """

    uuid: str
    contender: str
    question: str
    question_digest: str
    sample: int
    raw: str
    text: str
    tokens: int
    finish_reason: str
    seed: int | None
    settings: dict[str, Any]
    time: str
    seconds: float | None = None


class ProcessFile(msgspec.Struct, frozen=True):
    """`process.json`: which process the run is. `started` is the process's start time (seconds since the epoch).
    `token` is a random text that the process was given in its environment; empty for one that was started by hand, or
    by an older molting."""

    pid: int
    started: float
    host: str
    token: str = ""


State = Literal["queued", "running", "stopping", "stopped", "done", "failed", "died"]


def read_config(folder: Path) -> RunConfig:
    """The run's `config.json`. Raises BadInput if it is missing or isn't one."""
    path = folder / CONFIG
    try:
        config: RunConfig = msgspec.json.decode(read_regular(path, _MOST), type=RunConfig)
        return _without_addresses(config)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(path), fix="Start a new run.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"isn't a run's config: {error}.", where=str(path), fix="Start a new run.") from error


def refuse_other_bytes(path: Path) -> None:
    """Raise BadInput for a path that isn't UTF-8: a config can't hold it, and the libraries that train can't write
    there."""
    if as_text(path) != str(path):
        raise BadInput(
            "its name isn't UTF-8, and the libraries that train and answer need one that is.",
            where=as_text(path),
            fix="Rename it, or name another place.",
        )


def _without_addresses(config: RunConfig) -> RunConfig:
    """The config without the password of an address that somebody gave for a base, when that wasn't refused yet."""
    if isinstance(config, AnswerConfig):
        asked = tuple(
            msgspec.structs.replace(contender, base=_masked_base(contender.base), url=_masked_base(contender.url))
            for contender in config.contenders
        )
        return msgspec.structs.replace(config, contenders=asked)
    settings = config.settings
    base = _masked_base(settings.model_name)
    return msgspec.structs.replace(config, settings=msgspec.structs.replace(settings, model_name=base))


def _masked_base(base: str) -> str:
    return mask_address(base) if "://" in base else base


def refuse_links(folder: Path) -> None:
    """Raise Refused where a link stands in the place of something that a run writes or replaces in its folder: what it
    leads to may be anybody's."""
    written = (EVENTS, LOG, PROCESS, METRICS, ADAPTER, ANSWERS)
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and (path.name in written or path.name.startswith(("checkpoint-", "."))):
            raise Refused(
                "is a link, and a run would write where it leads.",
                where=str(path),
                fix="Remove it, or start a new run.",
            )


class _CheckLine(msgspec.Struct):
    id: str
    level: Level
    why: str
    fix: str = ""
    count: int = 0


class _PreflightFile(msgspec.Struct):
    checks: list[_CheckLine]


def read_preflight(folder: Path) -> tuple[Check, ...]:
    """What preflight said when the run was started: none where its folder doesn't tell, or tells nothing readable."""
    try:
        written = msgspec.json.decode(read_regular(folder / PREFLIGHT, _MOST), type=_PreflightFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    return tuple(Check(line.id, line.level, line.why, line.fix, line.count) for line in written.checks)
