"""A workspace with any number of pairs, written straight into the schema: importing a million would take minutes.

Texts are about 700 characters (the median of real final answers), put together from a few thousand sentences of
frequent and rare words. `common` is in one answer of ten, `raridade` in one of 100,000, every eighth pair is flagged,
and every 33rd prompt complains. A session is a file of 20 turns, each with its words.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from molting_tui import workspace as workspaces
from molting_tui.store import derivation

CHUNK = 20_000
SENTENCES = 4000
SENTENCES_AN_ANSWER = 7
SEED = 7
_MODELS = ("claude-opus-4-6", "claude-sonnet-4", "claude-haiku-4", "")
_LETTERS = "aaabcdeeefghiiilmnooopqrrsstuvz"


def make(folder: Path, count: int) -> Path:
    """The workspace with `count` open pairs in `folder`, made there if it isn't there already."""
    ready = folder / f"ready-{count}-in-sessions"
    if ready.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = workspaces.make(folder, name="Cláudio", user="João", system_prompt="Você é Cláudio.")
    connection = made.store.connection()
    connection.execute("pragma synchronous=off")
    chance = random.Random(SEED)
    sentences = _sentences(chance)
    sessions = max(1, count // 20)
    with made.store.write():
        _put(
            connection,
            "session (id, key, project)",
            ((n, f"{n:08x}-5e55", f"project-{n % 40}") for n in _up_to(sessions)),
        )
        _put(connection, "model (id, name)", enumerate(_MODELS, 1))
        files = ((n, f"/logs/{n:08x}.jsonl", 1, 1, 20, 1, 20, "[]", "") for n in _up_to(sessions))
        _put(connection, "source_file (id, path, size, mtime_ns, records, sessions, turns, left_out, read_at)", files)
        _put(connection, "meta (key, value)", [("complaint-rules", "measured")])
    for start in range(1, count + 1, CHUNK):
        _put_chunk(made.store, range(start, min(start + CHUNK, count + 1)), sessions, sentences, chance)
    _index(made.store)
    made.close()
    ready.touch()
    return folder


def _sentences(chance: random.Random) -> list[str]:
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 10))) for _ in range(20_000)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    return [
        " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(9, 17))).capitalize() + "."
        for _ in range(SENTENCES)
    ]


def _put_chunk(store: Any, numbers: range, sessions: int, sentences: list[str], chance: random.Random) -> None:
    connection = store.connection()
    texts = {number: _text(number, sentences, chance) for number in numbers}
    with store.write():
        _put(
            connection,
            "turn (id, key, digest, session_id, file_id, line, source, system, context, human, steps, injected, model,"
            " time, complete)",
            (
                (
                    *(n, f"turn-{n}", "", n % sessions + 1, n % sessions + 1, n, "claude-code", "", "[]"),
                    *(texts[n][0], json.dumps([("text", texts[n][1])]), "[]", "", "", 1),
                )
                for n in numbers
            ),
        )
        _put(
            connection,
            "turn_origin (turn_id, file_id, session_id, line)",
            ((n, n % sessions + 1, n % sessions + 1, n) for n in numbers),
        )
        _put(
            connection,
            "complaint (turn_id, rule, start, end)",
            ((n, "no-en", 0, 2) for n in numbers if n % 33 == 0),
        )
        _put(
            connection,
            "pair (id, uid, live, kind, flagged, turn_id, session_id, model_id, language, instruction_length,"
            " response_length, time)",
            (
                (
                    n,
                    f"{n * 0x9E3779B97F4A7C15 % 2**64:016x}{n:016x}",
                    1,
                    "extracted",
                    n % 8 == 0,
                    n,
                    n % sessions + 1,
                    n % len(_MODELS) + 1,
                    "pt" if n % 3 else "en",
                    len(texts[n][0]),
                    len(texts[n][1]),
                    f"2026-{1 + n % 12:02d}-{1 + n % 28:02d}T10:00:00.000Z",
                )
                for n in numbers
            ),
        )
        _put(
            connection,
            "pair_text (id, system, context, instruction, response)",
            ((n, "", "[]", *texts[n]) for n in numbers),
        )
        _put(connection, "pair_origin (derivation, pair_id, turn_id)", ((1, n, n) for n in numbers))
        flagged = [n for n in numbers if n % 8 == 0]
        _put(
            connection,
            "flag (pair_id, family, rule, place, start, end)",
            ((n, "agent-speech", "vou-verbo", 1, 0, 12) for n in flagged),
        )
        _put(
            connection,
            "pair_flag (name, pair_id)",
            ((name, n) for n in flagged for name in ("agent-speech", "vou-verbo")),
        )


def _text(number: int, sentences: list[str], chance: random.Random) -> tuple[str, str]:
    said = chance.choices(sentences, k=SENTENCES_AN_ANSWER)
    if number % 10 == 0:
        said[3] += " It is common here."
    if number % 100_000 == 7:
        said[2] += " Uma raridade."
    return f"{chance.choice(sentences)[:90]} ({number})", f"{' '.join(said[:3])}\n\n{' '.join(said[3:])}"


def _index(store: Any) -> None:
    usual = derivation.SEARCH_CHUNK
    derivation.SEARCH_CHUNK = CHUNK
    try:
        derivation.extend_search(store)
    finally:
        derivation.SEARCH_CHUNK = usual


def _up_to(count: int) -> Iterable[int]:
    return range(1, count + 1)


def _put(connection: sqlite3.Connection, into: str, rows: Iterable[tuple[Any, ...]] | Iterator[Any]) -> None:
    holes = ", ".join("?" * (into.count(",") + 1))
    connection.executemany(f"insert into {into} values ({holes})", rows)
