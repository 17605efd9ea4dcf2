"""Ask models questions. Read it from top to bottom: `answer` is the steps, in their order.

`python -m training.answer --run FOLDER` asks what that folder's config.json says. Each answer is a line of
answers.jsonl as soon as its batch is done; started again, a run goes on with those that are missing.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.events import Start, Step
from molting_tui.recipe.runfolder import ANSWERS, CONFIG, AnswerConfig, AskedContender, read_config
from molting_tui.recipe.settings import TINY
from molting_tui.text import plural, show_line
from training.asked import Drawn, Job, jobs_of, kept_lines, line_of, written_line
from training.figures import device, versions
from training.reporting import Reason, Reporter, StopSignals, explained, say, write_process_file


def main(words: Sequence[str] | None = None) -> None:
    """Ask, and exit with 0 (done or stopped) or 2 (a sentence on stderr says why)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a character never ends a run
    parser = argparse.ArgumentParser(prog="python -m training.answer", description="Ask models questions.")
    parser.add_argument("--run", required=True, metavar="FOLDER", help="a run folder with its config.json")
    folder = Path(parser.parse_args(words).run)
    try:
        report = _reporter(folder)
    except (MoltingError, OSError) as error:
        sys.stderr.write(f"{explained(error).message}\n")
        sys.exit(2)
    # A dropped line doesn't end a run that was started by hand.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with report:
        write_process_file(folder)
        answer(folder, report)
    sys.exit(report.exit_code)


def _reporter(folder: Path) -> Reporter:
    if not (folder / CONFIG).is_file():
        raise BadInput(f"is no run folder: there is no {CONFIG} in it.", where=str(folder), fix="See `molting answer`.")
    return Reporter(folder)


def answer(folder: Path, report: Reporter) -> None:
    """Ask as the folder's config says. Raises what `reporting` explains."""
    stop = StopSignals(report)
    config = _answer_config(folder)
    jobs = jobs_of(config)
    kept = kept_lines(folder)
    if kept.damaged:
        report.warn("damaged-answers", f"{plural(kept.damaged, 'line')} of {ANSWERS} can't be read: asked again.")
    open_jobs = [job for job in jobs if job.key not in kept.keys]

    report.phase("import")
    _settle_surroundings(config)
    done = len(jobs) - len(open_jobs)
    report.event(Start(steps=len(jobs), device=device(), versions=versions(), resumed_from=ANSWERS if done else ""))
    if done:
        say(f"{done} of {plural(len(jobs), 'answer')} are there already")

    began, tokens = time.perf_counter(), 0
    with (folder / ANSWERS).open("ab", buffering=0) as out:
        for drawn, identity in _drawn(config, open_jobs, report, stop):
            lines = (line_of(reply, config, identity(reply.job.contender)) for reply in drawn)
            out.write(b"".join(map(written_line, lines)))
            os.fsync(out.fileno())
            for reply in drawn:
                _tell(reply)
            done += len(drawn)
            tokens += sum(reply.generated for reply in drawn)
            report.event(Step(step=done, tokens=tokens, tok_s=round(tokens / (time.perf_counter() - began), 1)))

    report.phase("save")
    seconds = round(time.perf_counter() - began, 3)
    reason: Reason = "stopped" if done < len(jobs) else "finished"
    report.done(reason, {"answers": done, "tokens": tokens, "seconds": seconds, "device": device()})
    say(f"{reason}: {done} of {plural(len(jobs), 'answer')}, {tokens:,} tokens in {seconds:.1f} s")


def _drawn(
    config: AnswerConfig, jobs: list[Job], report: Reporter, stop: StopSignals
) -> Iterator[tuple[list[Drawn], Callable[[AskedContender], Mapping[str, str]]]]:
    """The answers, batch by batch, each with what tells its base from another: one load of a base serves it and all its
    adapters."""
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
        for batch in contenders.answers(of_base):
            yield batch, contenders.identity
            if stop.requested:
                return
        stop.at_once = True


def _tell(drawn: Drawn) -> None:
    # No contender, length or finish reason: whoever reads the log may have to score the answers blind.
    say(f"answered {show_line(drawn.job.question.id, 60)}")


def _answer_config(folder: Path) -> AnswerConfig:
    """What to ask. All that can be told without a model is told here."""
    config = read_config(folder)
    where = str(folder)
    if not isinstance(config, AnswerConfig):
        raise BadInput("is a training run's config.", where=where, fix="Start it with `molting train`.")
    if not config.questions:
        raise BadInput("there is no question in it.", where=where, fix="Name a question set that has some.")
    if not config.contenders:
        raise BadInput("there is nobody to ask.", where=where, fix="Name a base or a training run.")
    if config.generation.samples < 1 or config.generation.max_new_tokens < 1 or config.batch_size < 1:
        raise BadInput(
            "samples, max_new_tokens and batch_size must be at least 1.",
            where=where,
            fix="Start a new run with others.",
        )
    name, times = Counter(contender.name for contender in config.contenders).most_common(1)[0]
    if times > 1:
        raise BadInput(f"{times} contenders are called `{name}`.", where=where, fix="Give each a name of its own.")
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
