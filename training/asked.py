"""What an answering run has to do, and what has come of it: jobs, and the lines of answers.jsonl."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5

import msgspec

from molting_tui.recipe.runfolder import ANSWERS, AnswerConfig, AnswerLine, Asked, AskedContender
from molting_tui.regular_files import read_regular

Key = tuple[str, str, str, int]
"""What tells one answer of a run from the others: contender, question, its digest, sample."""


@dataclass(frozen=True, slots=True)
class Job:
    """One answer that is wanted."""

    contender: AskedContender
    question: Asked
    sample: int
    seed_base: int

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return self.contender.name, self.question.id, self.question.digest, self.sample

    def seed(self, turn: int = 0) -> int:
        """The seed of the answer to the prompt (turn 0) or to a follow-up."""
        return row_seed(self.seed_base, self.question.digest, self.sample, turn)

    @property
    def system(self) -> str:
        """The system turn: the question's own, else the contender's; empty for none."""
        return self.contender.system_prompt if self.question.system is None else self.question.system

    def messages(self, answers: Sequence[str] = ()) -> list[dict[str, str]]:
        """The conversation up to the next answer, after the answers `said`."""
        system = self.system
        asked = (self.question.prompt, *self.question.followups)
        messages = [{"role": "system", "content": system}] if system.strip() else []
        for prompt, answer in zip(asked, answers, strict=False):
            messages += [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
        return [*messages, {"role": "user", "content": asked[len(answers)]}]


class Turn(NamedTuple):
    """What a model said in one turn. `raw` is decoded with special tokens, `text` is that without the token that ended
    it; `tokens` counts that one too. `seconds` is its share, by its tokens, of what the `at_once` answers of its batch
    took together."""

    raw: str
    text: str
    tokens: int
    finish_reason: str
    seconds: float
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer as it came: one turn, and one more for each follow-up. The last one is the answer."""

    job: Job
    turns: tuple[Turn, ...]

    @property
    def tokens(self) -> int:
        """New tokens of the answer."""
        return self.turns[-1].tokens

    @property
    def generated(self) -> int:
        """New tokens of all turns."""
        return sum(turn.tokens for turn in self.turns)

    @property
    def finish_reason(self) -> str:
        """How the answer ended: `stop` or `length`."""
        return self.turns[-1].finish_reason


class Kept(NamedTuple):
    """The answers that are there already, and how many lines couldn't be read."""

    keys: frozenset[Key]
    damaged: int


def jobs_of(config: AnswerConfig) -> list[Job]:
    """Every contender, question and sample that is wanted."""
    before = frozenset(config.answered)
    return [
        Job(contender, question, sample, config.generation.seed_base)
        for contender in config.contenders
        for question in config.questions
        for sample in range(config.generation.samples)
        if (contender.name, question.digest, sample) not in before
    ]


def row_seed(seed_base: int, question_digest: str, sample: int, turn: int = 0) -> int:
    """The seed of one answer, below 2^63: the same for every contender, so that they are given the same luck."""
    seed_text = f"{seed_base}\0{question_digest}\0{sample}\0{turn}".encode()
    return int.from_bytes(hashlib.sha256(seed_text).digest()[:8], "big") >> 1


def kept_lines(folder: Path) -> Kept:
    """The answers that are there already. A torn last line (a kill, a full disk) is taken off the file."""
    path = folder / ANSWERS
    try:
        data = read_regular(path)
    except FileNotFoundError:
        return Kept(frozenset(), 0)
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
    keys: set[Key] = set()
    damaged = 0
    for line in filter(None, data[:whole].splitlines()):
        try:
            answer = msgspec.json.decode(line, type=AnswerLine)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            damaged += 1
            continue
        keys.add((answer.contender, answer.question, answer.question_digest, answer.sample))
    return Kept(frozenset(keys), damaged)


def line_of(drawn: Drawn, config: AnswerConfig, model: Mapping[str, Any]) -> AnswerLine:
    """The answer with everything that it depends on; `model` is what is to be said of the model that gave it.

    After follow-ups `text`, `tokens`, `seconds`, `finish_reason` and `seed` are those of the last answer; `raw` has all
    the answers, an empty line between two, and `settings["earlier"]` the raw ones before the last, one by one.
    """
    job, last = drawn.job, drawn.turns[-1]
    raw = "\n\n".join(turn.raw for turn in drawn.turns)
    return AnswerLine(
        # The same answer of the same run has the same id, however often its line is written.
        uuid=uuid5(NAMESPACE_OID, "\0".join((config.created, config.name, *map(str, job.key), raw))).hex,
        contender=job.contender.name,
        question=job.question.id,
        question_digest=job.question.digest,
        sample=job.sample,
        raw=raw,
        text=last.text,
        tokens=last.tokens,
        finish_reason=last.finish_reason,
        seed=job.seed(len(drawn.turns) - 1) if config.generation.temperature else None,
        settings=_settings(drawn, config, model),
        seconds=round(last.seconds, 6),
        time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def written_line(line: AnswerLine) -> bytes:
    """The answer as one line, with its newline."""
    return msgspec.json.encode(line) + b"\n"


def _settings(drawn: Drawn, config: AnswerConfig, model: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer was made with, written beside it; `earlier` only where the question has several turns."""
    job = drawn.job
    settings: dict[str, Any] = {
        **model,
        "system_prompt": job.system,
        "contender_prompt": job.contender.system_prompt,
        "question_set": config.question_set,
        "set_digest": config.set_digest,
        "generation": msgspec.to_builtins(config.generation),
        "at_once": drawn.turns[-1].at_once,
    }
    earlier = [turn.raw for turn in drawn.turns[:-1]]
    return settings | ({"earlier": earlier} if earlier else {})
