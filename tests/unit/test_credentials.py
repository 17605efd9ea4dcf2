"""What the page about secrets promises: so many planted credentials are found and masked, so few lines taken amiss."""

from __future__ import annotations

import pytest

from molting_tui.curation.secrets import MASK
from tests.credentials import recall
from tests.credentials.ordinary import ordinary
from tests.credentials.planted import Planted, planted

RULES = recall.shipped_rules()
PLANTED = planted()
BY_LOOKS = {rule.id for rule in RULES.rules if rule.check}


def test_the_page_tells_the_recall_as_it_is() -> None:
    page = recall.PAGE.read_text("utf-8")
    table = recall.table(recall.measure(RULES))
    assert table in page, f"docs/secrets.md should have:\n{table}"


def test_no_family_is_found_less_than_before_and_four_fifths_are_found() -> None:
    result = recall.measure(RULES)
    assert [family.name for family in result.families if family.flagged < recall.BEFORE[family.name]] == []
    assert result.flagged / result.planted >= 0.8
    assert len(result.false) <= recall.BEFORE_FALSE


def test_the_lists_are_long_and_the_same_every_time() -> None:
    assert planted() == PLANTED
    assert len(PLANTED) >= 120
    assert len({credential.text for credential in PLANTED}) == len(PLANTED)
    assert ordinary() == ordinary()
    assert len(set(ordinary())) >= 665


FLAGGED = [credential for credential in PLANTED if not recall.missed(RULES, [credential])]


@pytest.mark.parametrize("credential", FLAGGED, ids=lambda credential: credential.family)
def test_masking_takes_out_what_was_found_and_leaves_the_rest_as_it_was(credential: Planted) -> None:
    """Wherever it stands behind an encoding: its signs in the text itself are gone, and no others than flags cover."""
    flags = RULES.sensitive(credential.text)
    masked, _ = RULES.mask(credential.text)
    assert credential.secret not in masked
    assert masked.startswith(credential.text[: min(flag.start for flag in flags)])
    assert masked.endswith(credential.text[max(flag.end for flag in flags) :])
    assert RULES.mask(masked) == (masked, 0)
    assert MASK.search(masked)


def test_no_file_of_the_lists_holds_what_it_makes() -> None:
    """No scanner of a forge has anything to stop at."""
    for path in (recall.RULES.parents[1] / "tests" / "credentials").glob("*.py"):
        forms = [flag for flag in RULES.sensitive(path.read_text("utf-8"), ("secret",)) if flag.rule not in BY_LOOKS]
        assert [(flag.rule, path.name) for flag in forms] == []
