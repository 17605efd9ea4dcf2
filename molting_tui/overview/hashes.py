"""Whether what is stored is what was stored: every text beside the hash that it is known by."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from molting_tui.curation.derive import pair_uid
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.store import answers, checks, texts, turns


class Hashed(NamedTuple):
    """How many pairs, turns and answers were hashed, and the numbers of those whose words aren't what they were."""

    hashed: int
    pairs: tuple[int, ...]
    turns: tuple[int, ...]
    answers: tuple[int, ...]

    @property
    def changed(self) -> int:
        """How many aren't what they were."""
        return len(self.pairs) + len(self.turns) + len(self.answers)


def hashed(database: Path, report: Report = silent) -> Hashed:
    """Hash every pair, turn and answer of a database of the newest schema, through a connection that can't write."""
    done, pairs, changed = 0, [], []
    with checks.looking(database) as connection:
        for chunk in texts.stored(connection):
            pairs += [text.id for text in chunk if not same_words(text)]
            done += len(chunk)
            report(Progress(done, 0, "pairs", "hashing what is stored"))
        for count, numbers in turns.changed_turns(connection):
            changed += numbers
            done += count
            report(Progress(done, 0, "texts", "hashing what is stored"))
        count, wrong = answers.changed_answers(connection)
    return Hashed(done + count, tuple(pairs), tuple(changed), tuple(wrong))


def same_words(text: texts.StoredText) -> bool:
    """Whether a pair's words are those that it is known by."""
    try:
        return pair_uid(text.system, text.context, text.instruction, text.response) == text.uid
    except (TypeError, UnicodeError):  # what no text of ours holds
        return False
