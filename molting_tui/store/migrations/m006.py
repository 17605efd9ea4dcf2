"""Schema 6: the turns of a session in their order, and which of them complain of the answer before them."""

from __future__ import annotations

# fmt: off
STATEMENTS = (
    # A pair is read with the turns before and after it: those of its session and file, by their line.
    "create index turn_session on turn (session_id, file_id, line)",
    # What a rule noticed in a prompt about the answer before it ("no, wrong"): a hint on the pairs of the turn before.
    # `start` and `end` are character offsets into the prompt.
    """create table complaint (
        turn_id integer primary key references turn (id),
        rule text not null,
        start integer not null,
        end integer not null)""",
)
# fmt: on
