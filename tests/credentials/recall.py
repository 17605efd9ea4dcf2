"""How many planted credentials the rules find, by family, and how many ordinary lines they take for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from molting_tui.curation.rules import RuleSet, load_rules
from tests.credentials.ordinary import ordinary
from tests.credentials.planted import Planted, planted

RULES = Path(__file__).parents[2] / "rubrics" / "curation"
PAGE = Path(__file__).parents[2] / "docs" / "secrets.md"

BEFORE: Mapping[str, int] = {
    "github": 6, "gitlab": 3, "registries": 2, "openai": 4, "anthropic": 3, "other models": 7, "aws": 3, "azure": 2,
    "google": 5, "clouds": 6, "vault": 1, "messengers": 9, "payments": 4, "services": 3, "private keys": 7,
    "headers": 5, "urls": 11, "commands": 2, "configurations": 10, "portuguese": 0, "prose": 0, "encoded": 1,
    "edges": 3,
}  # fmt: skip
"""What the rules of version 1 found, measured once with the same lists."""
BEFORE_FALSE = 11
"""Ordinary lines that the rules of version 1 took for a secret or for personal data."""


class Family(NamedTuple):
    """One family of planted credentials: how many there are, and how many are flagged whole."""

    name: str
    planted: int
    flagged: int


class Recall(NamedTuple):
    """What the rules make of the two lists."""

    families: tuple[Family, ...]
    ordinary: int
    false: tuple[str, ...]

    @property
    def planted(self) -> int:
        """Credentials of all families."""
        return sum(family.planted for family in self.families)

    @property
    def flagged(self) -> int:
        """Those that are flagged whole."""
        return sum(family.flagged for family in self.families)


def shipped_rules() -> RuleSet:
    """The rules as they are shipped."""
    return load_rules(sorted(RULES.glob("*.yaml")))


def missed(rules: RuleSet, credentials: Iterable[Planted]) -> list[Planted]:
    """Those of which a sign, or more, is under no flag of a secret."""
    return [credential for credential in credentials if not _covered(rules, credential)]


def measure(rules: RuleSet) -> Recall:
    """Look for all planted credentials and through all ordinary lines."""
    credentials = planted()
    total = Counter(credential.family for credential in credentials)
    lost = Counter(credential.family for credential in missed(rules, credentials))
    lines = ordinary()
    families = tuple(Family(name, count, count - lost[name]) for name, count in total.items())
    return Recall(families, len(lines), tuple(line for line in lines if rules.sensitive(line)))


def table(recall: Recall) -> str:
    """The result as a Markdown table, beside what the rules of version 1 found."""
    rows = [("family", "planted", "before", "now")]
    rows += [
        (family.name, str(family.planted), str(BEFORE[family.name]), str(family.flagged)) for family in recall.families
    ]
    before = sum(BEFORE.values())
    rows.append(
        ("**all**", str(recall.planted), _share(before, recall.planted), _share(recall.flagged, recall.planted))
    )
    rows.append(("ordinary lines flagged", str(recall.ordinary), str(BEFORE_FALSE), str(len(recall.false))))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join((lines[0], "|---|---:|---:|---:|", *lines[1:]))


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})"


def _covered(rules: RuleSet, credential: Planted) -> bool:
    under: set[int] = set()
    for flag in rules.sensitive(credential.text, ("secret",)):
        under.update(range(flag.start, flag.end))
    return under.issuperset(range(credential.start, credential.end))
