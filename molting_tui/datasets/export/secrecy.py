"""No secret leaves unseen: every text of a conversation is searched by the rules before it is written."""

from __future__ import annotations

import functools
from typing import NamedTuple

from molting_tui.curation.rules import RuleSet
from molting_tui.datasets.export.formats import Conversation
from molting_tui.errors import Refused
from molting_tui.text import plural

NAMED = 5
"""How many pairs a sentence names; the others are counted."""


class Advice(NamedTuple):
    """What a person can do about a find, which depends on where the texts go: about a secret, about one in the
    workspace's system prompt, about personal data."""

    secret: str
    prompt: str
    personal: str


FOR_A_FILE = Advice(
    secret="Mask them (`molting decide --where 'state:keep flag:secret' mask`), rewrite or drop them, or use --mask.",
    prompt="Take it out there, or export with --mask.",
    personal=" --mask takes it out of the file.",
)


class _Find(NamedTuple):
    family: str
    rule: str


class _Finds:
    """Pairs in which something was found: all of them counted, the first few with the rules that found it."""

    def __init__(self) -> None:
        self.count = 0
        self._named: list[str] = []

    def add(self, number: int, rules: set[str]) -> None:
        self.count += 1
        if len(self._named) < NAMED:
            self._named.append(f"{number} ({', '.join(sorted(rules))})")

    def __str__(self) -> str:
        more = self.count - len(self._named)
        return ", ".join(self._named) + (f" and {more:,} more" if more else "")


class Gate:
    """Lets conversations through to a file, masked if that was asked for, and remembers what it found in them.

    It goes by the texts as they are now; stored flags may be older than the rules. What counts as
    a find is what `RuleSet.mask` would take out, so a masked text always passes.
    """

    def __init__(self, rules: RuleSet, mask: bool, advice: Advice = FOR_A_FILE) -> None:
        self._advice = advice
        self.masked = 0
        self.masked_pairs = 0
        self._rules = rules
        self._mask = mask
        self._secrets = _Finds()
        self._personal = _Finds()
        # The same system turn stands in front of many pairs.
        self._found_in_system = functools.lru_cache(maxsize=64)(self._found_in)

    def passed(self, number: int, conversation: Conversation, *, own_system: bool) -> Conversation | None:
        """The conversation of this pair as it may be written; None where a secret stands in its way.

        `own_system` tells whether the system turn is the pair's own. Raises Refused at once where it is the
        workspace's and holds a secret: no pair could be written with it.
        """
        in_system = self._found_in_system(conversation.system)
        finds = in_system.union(*(self._found_in(message.text) for message in conversation.messages))
        if not finds:
            return conversation
        if self._mask:
            return self._masked(conversation)
        if not own_system and (rules := _of("secret", in_system)):
            raise _secret_in_prompt(rules, self._advice)
        if personal := _of("personal", finds):
            self._personal.add(number, personal)
        if not (secrets := _of("secret", finds)):
            return conversation
        self._secrets.add(number, secrets)
        return None

    @property
    def masks(self) -> bool:
        """Whether what it finds is masked."""
        return self._mask

    @property
    def refuses(self) -> bool:
        """Whether a secret was found that stands in the way of the whole file."""
        return self._secrets.count > 0

    @property
    def secrets(self) -> tuple[int, str]:
        """In how many pairs there is a secret, and the first of them with the rules that found it."""
        return self._secrets.count, str(self._secrets)

    @property
    def personal(self) -> tuple[int, str]:
        """In how many pairs there is personal data, and the first of them with the rules that found it."""
        return self._personal.count, str(self._personal)

    def masked_text(self, text: str) -> str:
        """The text with every secret and personal datum masked."""
        return self._rules.mask(text)[0]

    def refuse_secrets(self) -> None:
        """Raise Refused, naming the pairs, if any conversation held a secret."""
        count = self._secrets.count
        if not self.refuses:
            return
        raise Refused(
            f"{plural(count, 'kept pair')} {'holds' if count == 1 else 'hold'} a secret: {self._secrets}."
            " Nothing was written.",
            fix=self._advice.secret,
        )

    def warnings(self) -> tuple[str, ...]:
        """What a person should know of what passed."""
        if not self._personal.count:
            return ()
        return (
            f"Personal data is in {plural(self._personal.count, 'pair')}: {self._personal}.{self._advice.personal}",
        )

    def _masked(self, conversation: Conversation) -> Conversation:
        self.masked_pairs += 1

        def mask(text: str) -> str:
            masked, count = self._rules.mask(text)
            self.masked += count
            return masked

        return conversation.mapped(mask)

    def _found_in(self, text: str) -> frozenset[_Find]:
        return frozenset(_Find(flag.family, flag.rule) for flag in self._rules.sensitive(text))


def _of(family: str, finds: frozenset[_Find]) -> set[str]:
    return {find.rule for find in finds if find.family == family}


def _secret_in_prompt(rules: set[str], advice: Advice) -> Refused:
    return Refused(
        f"it holds a secret ({', '.join(sorted(rules))}) and would be a system turn in the file. Nothing was written.",
        where="molting.toml, [persona] system_prompt",
        fix=advice.prompt,
    )
