"""The seal of a plan: a secret, what was drawn from it, and a digest of both that is shown at the start.

Whoever has seen the digest can make sure afterwards that nobody chose another order, other sides, other answers or
other words meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from molting_tui.evaluation.battles.plan import Meeting, PlannedBattle, draw_plan

SECRET_BYTES = 32


class Sealed(NamedTuple):
    """A secret (hex) and the mapping (JSON) that was drawn from it."""

    secret: str
    mapping: str

    @property
    def commitment(self) -> str:
        """SHA-256 (hex) over `{"mapping": …, "secret": "…"}` as canonical JSON: keys sorted, no white space, UTF-8."""
        return _digest({"mapping": json.loads(self.mapping), "secret": self.secret})


def battle_name(secret: bytes, place: int) -> str:
    """The uuid of the battle at a place, drawn from the secret: votes can't be moved from one to another unnoticed."""
    return hmac.new(secret, f"battle:{place}".encode(), hashlib.sha256).hexdigest()[:32]


def seal_plan(secret: bytes, plan: Sequence[PlannedBattle], words: Mapping[str, str]) -> Sealed:
    """The seal of a plan; `words` are the digests of what the answers (by uuid) say."""
    return Sealed(secret.hex(), _canonical(_mapping(secret, plan, words)))


def redrawn(sealed: Sealed) -> bool:
    """Whether the secret draws this very mapping: order, sides, repeats and the names of the battles. Raises ValueError
    for a mapping or secret that is none."""
    secret = bytes.fromhex(sealed.secret)
    mapping = json.loads(sealed.mapping)
    try:
        contenders = {uuid: answer["contender"] for uuid, answer in mapping["answers"].items()}
        words = {uuid: answer["words"] for uuid, answer in mapping["answers"].items()}
        battles = mapping["battles"]
        meetings = [_meeting(battle, contenders) for battle in battles if battle["repeat_of"] is None]
        plan = draw_plan(secret, meetings, len(battles) - len(meetings))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no mapping") from error
    return _canonical(_mapping(secret, plan, words)) == _canonical(mapping)


def _mapping(secret: bytes, plan: Sequence[PlannedBattle], words: Mapping[str, str]) -> dict[str, Any]:
    contenders: dict[str, str] = {}
    for meeting in (battle.meeting for battle in plan):
        contenders |= {meeting.first: meeting.first_contender, meeting.second: meeting.second_contender}
    return {
        "answers": {uuid: {"contender": name, "words": words[uuid]} for uuid, name in contenders.items()},
        "battles": [
            {
                "place": place,
                "battle": battle_name(secret, place),
                "question": battle.meeting.question,
                "left": battle.left,
                "right": battle.right,
                "swapped": battle.swapped,
                "repeat_of": battle.repeat_of,
            }
            for place, battle in enumerate(plan)
        ],
    }


def _meeting(battle: Mapping[str, Any], contenders: Mapping[str, str]) -> Meeting:
    left, right = battle["left"], battle["right"]
    first, second = (right, left) if battle["swapped"] else (left, right)
    return Meeting(battle["question"], first, second, contenders[first], contenders[second])


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(value: object) -> str:
    return hashlib.sha256(_canonical(value).encode("utf-8", "surrogatepass")).hexdigest()
