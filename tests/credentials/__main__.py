"""Print the table of `docs/secrets.md`, and what was missed and what was taken amiss: `python -m tests.credentials`."""

from __future__ import annotations

from tests.credentials import recall
from tests.credentials.planted import planted


def main() -> None:
    """Measure the shipped rules and print what came of it."""
    rules = recall.shipped_rules()
    result = recall.measure(rules)
    print(recall.table(result))
    print()
    for credential in recall.missed(rules, planted()):
        print(f"missed ({credential.family}): {credential.text!r}")
    for line in result.false:
        print(f"taken amiss: {line!r}")


if __name__ == "__main__":
    main()
