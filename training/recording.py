"""An answering run's frame: its folder read, its answers written as they come, its end told. Light: no torch."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.events import Start, Step
from molting_tui.recipe.runfolder import ANSWERS, CONFIG, AnswerConfig, read_config
from molting_tui.text import plural, show_line
from training.asked import Drawn, Job, jobs_of, kept_lines, line_of, written_line
from training.figures import versions
from training.reporting import Reason, Reporter, explained, say, write_process_file


class Given(NamedTuple):
    """An answer as it came, and what is to be said of the model that gave it."""

    drawn: Drawn
    model: Mapping[str, Any]


def in_run_folder(
    program: str, description: str, do: Callable[[Path, Reporter], None], words: Sequence[str] | None = None
) -> None:
    """Do the work of the folder that `--run` names, and exit with 0 (done or stopped) or 2 (a sentence on stderr says
    why)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a character never ends a run
    parser = argparse.ArgumentParser(prog=program, description=description)
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
        do(folder, report)
    sys.exit(report.exit_code)


def _reporter(folder: Path) -> Reporter:
    if not (folder / CONFIG).is_file():
        raise BadInput(f"is no run folder: there is no {CONFIG} in it.", where=str(folder), fix="See `molting answer`.")
    return Reporter(folder)


def checked_config(folder: Path) -> AnswerConfig:
    """What an answering run is told. Raises BadInput for one that can't be asked."""
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
    return config


def record_answers(
    folder: Path,
    config: AnswerConfig,
    report: Reporter,
    device: str,
    ask: Callable[[list[Job]], Iterator[list[Given]]],
) -> None:
    """Write what `ask` brings for the jobs that are still open, a line each as soon as it is there, and tell the run's
    steps and its end."""
    jobs = jobs_of(config)
    kept = kept_lines(folder)
    if kept.damaged:
        report.warn("damaged-answers", f"{plural(kept.damaged, 'line')} of {ANSWERS} can't be read: asked again.")
    open_jobs = [job for job in jobs if job.key not in kept.keys]
    done = len(jobs) - len(open_jobs)
    report.event(Start(steps=len(jobs), device=device, versions=versions(), resumed_from=ANSWERS if done else ""))
    if done:
        say(f"{done} of {plural(len(jobs), 'answer')} are there already")

    began, tokens = time.perf_counter(), 0
    with (folder / ANSWERS).open("ab", buffering=0) as out:
        for batch in ask(open_jobs):
            out.write(b"".join(written_line(line_of(given.drawn, config, given.model)) for given in batch))
            os.fsync(out.fileno())
            for given in batch:
                # No contender, length or finish reason: whoever reads the log may have to score the answers blind.
                say(f"answered {show_line(given.drawn.job.question.id, 60)}")
            done += len(batch)
            tokens += sum(given.drawn.generated for given in batch)
            report.event(Step(step=done, tokens=tokens, tok_s=round(tokens / (time.perf_counter() - began), 1)))

    report.phase("save")
    seconds = round(time.perf_counter() - began, 3)
    reason: Reason = "stopped" if done < len(jobs) else "finished"
    report.done(reason, {"answers": done, "tokens": tokens, "seconds": seconds, "device": device})
    say(f"{reason}: {done} of {plural(len(jobs), 'answer')}, {tokens:,} tokens in {seconds:.1f} s")
