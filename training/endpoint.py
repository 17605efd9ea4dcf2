"""Ask models behind an OpenAI-compatible endpoint. Light: no torch, and no memory for a model.

`python -m training.endpoint --run FOLDER` asks what that folder's config.json says, one answer after the other. Each
is a line of answers.jsonl as soon as it is there; started again, a run goes on with those that are missing.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from molting_tui import __version__
from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.runfolder import AnswerConfig, Served
from molting_tui.text import plural, show_line
from training.asked import Drawn, Job, Turn
from training.endpoint_client import EndpointClient, EndpointError, goes_in_the_clear, seed_for
from training.recording import Given, checked_config, in_run_folder, record_answers
from training.reporting import Reporter, StopSignals, say

_IN_A_ROW = 3
"""Questions that bring no answer, one after the other, until nothing more is asked."""


def main(words: Sequence[str] | None = None) -> None:
    """Ask, and exit with 0 (done or stopped) or 2 (a sentence on stderr says why)."""
    in_run_folder("python -m training.endpoint", "Ask models behind an endpoint.", ask_endpoint, words)


def ask_endpoint(folder: Path, report: Reporter, second: float = 1.0) -> None:
    """Ask as the folder's config says. Raises what `reporting` explains; `second` is as in EndpointClient."""
    # What came is written at once: a signal ends the run wherever it is.
    StopSignals(report)
    config = checked_config(folder)
    if config.served is None:
        raise BadInput("asks no endpoint.", where=str(folder), fix="`python -m training.answer --run FOLDER` does.")
    served = config.served
    key = _key(served)
    report.phase("answer")
    for url in dict.fromkeys(contender.url for contender in config.contenders) if key else ():
        if goes_in_the_clear(url):
            report.warn("plain-http", f"the key goes to {url} as plain text: https would hide it on the way.")
    where = ", ".join(dict.fromkeys(contender.url for contender in config.contenders))
    record_answers(folder, config, report, where, lambda jobs: _given(config, served, key, jobs, report, second))


def _key(served: Served) -> str:
    """The endpoint's key, out of the environment. Raises BadInput where there is none."""
    if not served.key_env:
        return ""
    key = os.environ.get(served.key_env, "").strip()
    # What couldn't be a header would be quoted by whatever refuses it.
    if not key or not (key.isascii() and key.isprintable()) or " " in key:
        raise BadInput(
            f"there is no key in the environment variable {show_line(served.key_env, 60)}.",
            fix="Set it for the shell that starts the run.",
        )
    return key


def _given(
    config: AnswerConfig, served: Served, key: str, jobs: list[Job], report: Reporter, second: float
) -> Iterator[list[Given]]:
    """The answers, one by one. What brings none is passed over and told at the end; what would stop any question, and
    several in a row, end it at once. Raises MoltingError then."""
    clients: dict[str, EndpointClient] = {}
    failed: list[str] = []
    in_a_row = 0
    try:
        for job in jobs:
            url = job.contender.url
            client = clients.get(url) or clients.setdefault(url, EndpointClient(url, key, served, say, second))
            try:
                given = _conversed(client, job, config)
            except EndpointError as error:
                failed.append(job.question.id)
                in_a_row += 1
                if error.lasting or in_a_row == _IN_A_ROW:
                    raise
                report.warn("no-answer", f"{show_line(job.question.id, 60)}: {error.sentence()}")
            else:
                in_a_row = 0
                yield [given]
    finally:
        for client in clients.values():
            client.close()
    if failed:
        named = show_line(", ".join(dict.fromkeys(failed)), 200)
        raise MoltingError(
            f"{plural(len(failed), 'answer')} of {len(jobs):,} didn't come ({named}); the log says why.",
            fix="What came is kept; `molting answer … --missing` asks for the rest.",
        )


def _conversed(client: EndpointClient, job: Job, config: AnswerConfig) -> Given:
    """The answer to a question, and to each of its follow-ups in the same conversation."""
    turns: list[Turn] = []
    for turn in range(1 + len(job.question.followups)):
        messages = job.messages([each.text for each in turns])
        reply = client.ask(job.contender.model, messages, config.generation, job.seed(turn))
        turns.append(Turn(reply.text, reply.text, reply.tokens, reply.finish_reason, reply.seconds))
    drawn = Drawn(job, tuple(turns))
    settings: dict[str, Any] = {
        "url": job.contender.url,
        "model": job.contender.model,
        "served_model": reply.model,
        "sent_seed": seed_for(job.seed(len(turns) - 1)),
        "versions": {"molting": __version__, "httpx2": importlib.metadata.version("httpx2")},
    }
    return Given(drawn, settings)


if __name__ == "__main__":
    main()
