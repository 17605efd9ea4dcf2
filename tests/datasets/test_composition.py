"""What a dataset is made of is counted as its words say."""

from __future__ import annotations

from pathlib import Path

from conversations import Fill, asked

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.datasets import catalogue
from molting_tui.datasets.composition import Composition, Lengths, Texts
from molting_tui.datasets.description import changed_pairs, composition_rows, counts_words, diff_sentence
from molting_tui.datasets.export.formats import Conversation
from molting_tui.datasets.freezing import freeze
from molting_tui.datasets.frozen_manifest import manifest_of
from molting_tui.records.turns import LeftOut, Message
from molting_tui.workspace import Workspace
from tests.conftest import asked as turn
from tests.conftest import write_session

MIXED = "Let me check the queue first. Now let me look at the logs of it, one moment, please."


def talk(*texts: str, system: str = "") -> Conversation:
    """A conversation of prompts and answers by turns."""
    return Conversation(
        system, tuple(Message("assistant" if place % 2 else "user", text) for place, text in enumerate(texts))
    )


def test_lengths_are_those_of_the_last_prompt_and_of_the_answer() -> None:
    texts = Texts("")
    for number, conversation in enumerate([talk("a", "bb"), talk("aaaa", "b", "cc", "ddd"), talk("a" * 9, "b" * 13)]):
        texts.add(f"{number}", conversation)
    assert texts.prompt_lengths() == Lengths(4.0, 2.0, 9)
    assert texts.answer_lengths() == Lengths(6.0, 3.0, 13)
    assert (texts.several_turns, Texts("").prompt_lengths()) == (1, Lengths(0, 0, 0))


def test_a_pair_that_says_the_same_is_repeated_whatever_its_uid_and_with_the_common_prompt_or_without() -> None:
    texts = Texts("Seja breve.")
    texts.add("a", talk("Oi?", "Olá.", system="Seja breve."))
    texts.add("b", talk("Oi?", "Olá."))
    texts.add("c", talk("Oi?", "Olá.", system="Seja longo."))
    assert (texts.duplicates(), texts.with_system) == (1, 2)


def test_kinds_of_pairs_are_counted_by_pair_and_the_most_frequent_come_first(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [asked(1, MIXED), asked(2), asked(3)])
    desk = Desk(workspace)
    assert len([flag for flag in desk.pair(1).flags if flag.family == "agent-speech"]) > 1
    for number, tag in ((1, "voz"), (2, "voz"), (2, "curta"), (3, "boa")):
        desk.tag(desk.pair(number), tag)
    manifest = manifest_of(freeze(workspace, "v1").dataset)
    summary = manifest.composition
    assert summary.flags == {"agent-speech": 1}
    assert list(summary.tags.items()) == [("voz", 2), ("boa", 1), ("curta", 1)]
    assert summary.languages == manifest.counts.language == {"en": 1, "pt": 2}
    assert dict(composition_rows(manifest))["tags"] == "voz 2, boa 1, curta 1"


def test_models_and_projects_are_those_of_the_sessions(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_session(tmp_path / "logs" / "s1.jsonl", turn(1), turn(2), model="opus")])
    desk = Desk(workspace)
    for number in (1, 2):
        desk.decide(desk.pair(number), "keep")
    summary = manifest_of(freeze(workspace, "v1").dataset).composition
    assert summary.models == {"opus": 2}
    assert summary.projects == {desk.pair(1).project: 2}


def test_of_what_is_left_out_the_first_is_the_example_and_all_were_kept() -> None:
    composition = Composition()
    for number in (1, 2):
        composition.leave_out("tool-messages", f"pair {number}")
    composition.leave_out("other", "pair 3")
    assert composition.left_out() == (LeftOut("tool-messages", 2, "pair 1"), LeftOut("other", 1, "pair 3"))
    assert (composition.kept, composition.written) == (3, 0)


def test_six_names_are_told_and_the_others_are_summed() -> None:
    counts = {name: 10 - place for place, name in enumerate("abcdefgh")}
    assert counts_words(counts) == "a 10, b 9, c 8, d 7, e 6, f 5, 2 others 7"
    assert counts_words({"": 2, "opus": 1}) == "none 2, opus 1"


def test_a_difference_is_told_in_numbers_that_add_up(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [[*asked(1), *asked(2)], asked(3), asked(4), asked(5)])
    first = freeze(workspace, "v1").dataset
    desk = Desk(workspace)
    desk.rewrite(desk.pair(1), response="Outra resposta, escrita depois.")
    for number in (2, 3):
        desk.decide(desk.pair(number), "drop")
    keep(workspace, [asked(6)])
    comparison = catalogue.compare(workspace, first, freeze(workspace, "v2").dataset)
    assert diff_sentence(comparison) == "1 came, 2 went, 1 rewritten, 0 re-derived, 1 the same."
    (rewritten,) = changed_pairs(workspace, comparison, comparison.diff.rewritten)
    assert rewritten.prompt == asked(2)[0][1], "the last prompt, which is the one that is answered"
