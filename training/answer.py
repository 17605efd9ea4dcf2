"""Ask models questions. Read it from top to bottom: `answer` is the steps, in their order.

`python -m training.answer --run FOLDER` asks what that folder's config.json says. Each answer is a line of
answers.jsonl as soon as its batch is done; started again, a run goes on with those that are missing.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from molting_tui.errors import BadInput
from molting_tui.recipe.runfolder import AnswerConfig, AskedContender
from molting_tui.recipe.settings import TINY
from training.asked import Job
from training.figures import device, versions
from training.recording import Given, checked_config, in_run_folder, record_answers
from training.reporting import Reporter, StopSignals


def main(words: Sequence[str] | None = None) -> None:
    """Ask, and exit with 0 (done or stopped) or 2 (a sentence on stderr says why)."""
    in_run_folder("python -m training.answer", "Ask models questions.", answer, words)


def answer(folder: Path, report: Reporter) -> None:
    """Ask as the folder's config says. Raises what `reporting` explains."""
    stop = StopSignals(report)
    config = _answer_config(folder)
    report.phase("import")
    _settle_surroundings(config)
    record_answers(folder, config, report, device(), lambda jobs: _drawn(config, jobs, report, stop))


def _drawn(config: AnswerConfig, jobs: list[Job], report: Reporter, stop: StopSignals) -> Iterator[list[Given]]:
    """The answers, batch by batch: one load of a base serves it and all its adapters."""
    from training.contenders import Contenders

    for base in dict.fromkeys(job.contender.base for job in jobs):
        of_base = [job for job in jobs if job.contender.base == base]
        report.phase("load_model")
        asked = list(dict.fromkeys(job.contender for job in of_base))
        contenders = Contenders(base, asked, config)
        for sentence in contenders.in_other_templates(asked):
            report.warn("other-template", sentence)
        contenders.check_room(of_base)
        report.phase("answer")
        # From here on a signal ends the run after its batch, and what was answered is kept.
        stop.at_once = False
        of_each = {contender: _model_settings(config, contender, contenders.identity(contender)) for contender in asked}
        for batch in contenders.answers(of_base):
            yield [Given(drawn, of_each[drawn.job.contender]) for drawn in batch]
            if stop.requested:
                return
        stop.at_once = True


def _model_settings(config: AnswerConfig, contender: AskedContender, identity: Mapping[str, str]) -> dict[str, Any]:
    """What an answer's line says of the model; `identity` are the digests of the base and of the template."""
    return {
        "base": contender.base,
        "adapter": contender.adapter,
        "adapter_digest": contender.adapter_digest,
        "run": contender.run,
        **({} if contender.step is None else {"step": contender.step}),
        **identity,
        "quantisation": config.quantisation,
        "device": device(),
        "versions": versions(),
    }


def _answer_config(folder: Path) -> AnswerConfig:
    """What to ask. All that can be told without a model is told here."""
    config = checked_config(folder)
    if config.served is not None:
        raise BadInput("asks an endpoint.", where=str(folder), fix="`python -m training.endpoint --run FOLDER` does.")
    for contender in config.contenders:
        _check_adapter(contender.adapter)
    return config


def _check_adapter(adapter: str) -> None:
    if not adapter:
        return
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (Path(adapter) / name).is_file():
            raise BadInput(
                f"there is no adapter in this folder: {name} is missing.",
                where=adapter,
                fix="`molting runs` lists the runs that have one.",
            )


def _settle_surroundings(config: AnswerConfig) -> None:
    """What has to be set before torch is imported: no figures sent anywhere, no more threads than help."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if all(contender.base == TINY for contender in config.contenders):
        # Its matrices are too small to share.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    # A matter between peft and transformers.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


if __name__ == "__main__":
    main()
