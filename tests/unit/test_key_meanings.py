"""A key means one thing, whatever the screen. What an action does is the last word of its id: `pair.undo` undoes."""

from __future__ import annotations

from collections import defaultdict

import pytest

from molting_tui.ui import keymap

ONE_MEANING = {
    "a": ("what is offered is taken", {"keep", "take"}),
    "c": ("words of one's own about the thing", {"comment", "note"}),
    "d": ("two of a kind are compared: datasets, contenders", {"compare", "pair"}),
    "tab": ("the list comes or goes", {"toggle", "answers"}),
    "left": ("one to the left: a dimension, a column", {"previous_dimension", "left"}),
    "right": ("one to the right: a dimension, a column", {"next_dimension", "right"}),
    "e": ("it is written anew: a pair, a question, the persona", {"rewrite", "persona"}),
    "shift+tab": ("to the part before", {"previous_section", "previous"}),
    "s": ("the next one is made: a dataset, a run", {"freeze", "start"}),
    "C": ("the session is ended", {"close", "end"}),
    "enter": (
        "what one stands before is opened, long code too, begun or confirmed",
        {"go", "begin", "fact", "open", "fold_code", "confirm"},
    ),
    "G,end": ("to the end, and along with it where it grows", {"last", "follow"}),
    "q": ("one step out; from home, out of molting", {"back", "quit"}),
    "escape": ("one step out", {"back", "leave"}),
    "j,down": ("one on or back: a thing of a list, a line of a page that has no list", {"next", "down"}),
    "k,up": ("one on or back: a thing of a list, a line of a page that has no list", {"previous", "up"}),
}
"""Keys whose actions have several names for one meaning, and that meaning."""
EXCEPTIONS = {
    ("y", "flag.yes"): "the screen asks yes or no, and y is yes wherever one is asked",
    ("n", "flag.no"): "the screen asks yes or no, and n is no wherever one is asked",
    ("x", "flag.contradicted"): "the third answer to that question: as x elsewhere it says that the thing is no good",
    ("tab", "persona.next"): "a form: tab goes to the next field, as in every form",
    ("tab", "stats.next_section"): "no list comes and goes there; tab goes to the next part, as in a form",
    ("left", "vote.left"): "the answer that stands on that side",
    ("right", "vote.right"): "the answer that stands on that side",
    ("0", "vote.both_bad"): "digits are the answers to what the screen asks: levels there, votes here",
    ("1", "vote.left"): "digits are the answers to what the screen asks: levels there, votes here",
    ("2", "vote.right"): "digits are the answers to what the screen asks: levels there, votes here",
    ("3", "vote.tie"): "digits are the answers to what the screen asks: levels there, votes here",
}
"""A key and the action that it means something else for, and why that is right."""
OTHER_KEYS = {
    "quit": "ctrl+q everywhere, also where letters type; q at home, where it would go one step out",
    "questions": "F8 everywhere; b at home, beside the other keys of home",
    "down": "J where j is the next thing of a list; j too on a page that has no list",
    "up": "K where k is the previous thing of a list; k too on a page that has no list",
}
"""What has several keys, and why."""


def verb(action: keymap.Action) -> str:
    """What an action does, in a word."""
    return action.id.partition(".")[2]


def meanings() -> dict[str, set[str]]:
    """What each key does on any screen, without what stands in the exceptions."""
    by_key: dict[str, set[str]] = defaultdict(set)
    for action in keymap.ACTIONS:
        for key in action.keys.split(","):
            if (key, action.id) not in EXCEPTIONS:
                by_key[key].add(verb(action))
    return by_key


def one_meaning(key: str) -> set[str]:
    """The names of the one meaning of a key."""
    named = (verbs for keys, (_, verbs) in ONE_MEANING.items() if key in keys.split(","))
    return next(named, set())


@pytest.mark.parametrize("key", sorted(meanings()))
def test_a_key_means_the_same_on_every_screen(key: str) -> None:
    verbs = meanings()[key]
    assert len(verbs) == 1 or verbs <= one_meaning(key), (
        f"`{key}` does {sorted(verbs)}: take another key; or, where these are names of one meaning, say which in"
        " ONE_MEANING; or say in EXCEPTIONS why it may mean two things"
    )


def test_what_is_done_has_the_same_key_on_every_screen() -> None:
    by_verb: dict[str, set[str]] = defaultdict(set)
    for action in keymap.ACTIONS:
        if action.screen not in keymap.EDITORS:  # letters type there: what has a letter elsewhere has another key
            by_verb[verb(action)].add(action.keys)
    several = {name: keys for name, keys in by_verb.items() if len(keys) > 1 and name not in OTHER_KEYS}
    several = {name: keys for name, keys in several.items() if not _stands_in_exceptions(name)}
    assert several == {}


def test_no_exception_is_without_its_key() -> None:
    taken = {(key, action.id) for action in keymap.ACTIONS for key in action.keys.split(",")}
    assert set(EXCEPTIONS) <= taken
    verbs = {verb(action) for action in keymap.ACTIONS}
    assert set(OTHER_KEYS) <= verbs
    assert all(names <= verbs for _, names in ONE_MEANING.values())


def _stands_in_exceptions(name: str) -> bool:
    return any(action.partition(".")[2] == name for _, action in EXCEPTIONS)
