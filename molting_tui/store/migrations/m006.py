"""Schema 6: the turns of a file in their order, and which of them complain of the answer before them."""

from __future__ import annotations

# fmt: off
STATEMENTS = (
    # A pair is read with the turns before and after it: those of its session's file, by their line. A session that was
    # resumed begins with a copy of what went before, so the places say more of it than the turns themselves.
    "create index turn_place on turn_origin (file_id, line)",
    # What a rule noticed in a prompt about the answer before it ("no, wrong"): a hint on the pairs of the turn before.
    # `start` and `end` are character offsets into the prompt.
    """create table complaint (
        turn_id integer primary key references turn (id),
        rule text not null,
        start integer not null,
        end integer not null)""",
)
# fmt: on
