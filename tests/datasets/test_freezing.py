"""Promises of freezing: what a dataset holds, that it stays so, and what is refused."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
from conversations import Fill, asked, with_prompt

from molting_tui.curation.importing import derive_again, import_paths
from molting_tui.curation.triage import Desk
from molting_tui.datasets import catalogue
from molting_tui.datasets.composition import Lengths
from molting_tui.datasets.description import changed_pairs, describe, diff_sentence
from molting_tui.datasets.digests import dataset_digest, row_digest
from molting_tui.datasets.export.export import export
from molting_tui.datasets.freezing import Frozen, disk_sentences, freeze, keep_copy, take_in_strays
from molting_tui.datasets.frozen_manifest import conversations, manifest_of
from molting_tui.errors import BadInput, Cancelled, MoltingError, Refused
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.progress import Progress
from molting_tui.workspace import Workspace
from tests.conftest import asked as turn
from tests.conftest import new_workspace, write_session

TOOLS = [("user", "Horas, por favor?"), ("call", "clock"), ("tool", "10:00"), ("assistant", "Dez."), *asked(9)]
SECRET = "A chave é AKIA" + "IOSFODNN7EXAMPLQ, guarde bem."


def place(workspace: Workspace, name: str = "v1") -> Path:
    return workspace.folder / "datasets" / name


def frozen_names(workspace: Workspace) -> list[str]:
    return [dataset.name for dataset in catalogue.catalogue(workspace).datasets]


@pytest.fixture
def three(workspace: Workspace, keep: Fill) -> Workspace:
    """A workspace with three kept pairs."""
    keep(workspace, [asked(number) for number in (1, 2, 3)])
    return workspace


def test_a_dataset_holds_the_same_bytes_as_an_export_of_messages(three: Workspace) -> None:
    freeze(three, "v1")
    exported = export(three, three.exports / "out.jsonl", format="messages")
    assert (place(three) / "dataset.jsonl").read_bytes() == exported.path.read_bytes()
    manifest = json.loads((place(three) / "manifest.json").read_bytes())
    assert manifest["file"]["sha256"] == exported.digest
    assert manifest["dataset_digest"] == exported.dataset_digest
    assert len(manifest["pairs"]) == 3


def test_a_dataset_is_private(three: Workspace) -> None:
    freeze(three, "v1")
    for path in (place(three).parent, place(three)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in place(three).iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.name for path in place(three).iterdir()) == ["dataset.jsonl", "manifest.json"]


def test_what_is_said_later_changes_no_dataset_and_is_told(three: Workspace) -> None:
    dataset = freeze(three, "v1").dataset
    before = (place(three) / "dataset.jsonl").read_bytes()
    desk = Desk(three)
    assert catalogue.since(three, dataset) == (0, 0, 0, 0)
    desk.rewrite(desk.pair(1), response="Outra resposta, escrita depois do congelamento.")
    desk.decide(desk.pair(2), "drop")
    since = catalogue.since(three, dataset)
    assert (since.rewritten, since.unkept) == (1, 1)
    assert catalogue.since_sentences(since)[-1] == "The dataset stays what it was."
    assert catalogue.find(three, "v1") == dataset
    assert (place(three) / "dataset.jsonl").read_bytes() == before
    desk.undo()
    desk.undo()
    assert catalogue.since(three, dataset) == (0, 0, 0, 0)
    assert catalogue.since_sentences(catalogue.since(three, dataset)) == []


def test_the_system_prompt_of_later_makes_no_pair_another(three: Workspace) -> None:
    first = freeze(with_prompt(three, "Você é Cláudio."), "v1").dataset
    second = freeze(with_prompt(three, "Você é Ana."), "v2").dataset
    assert (first.system_prompt, second.system_prompt) == ("Você é Cláudio.", "Você é Ana.")
    assert first.digest != second.digest
    comparison = catalogue.compare(three, first, second)
    assert comparison.diff.none
    assert diff_sentence(comparison) == "the same 3 pairs; the system prompt is another."
    assert catalogue.since(with_prompt(three, "Você é Rui."), first) == (0, 0, 0, 0)


def test_a_prompt_that_is_not_known_is_not_taken_for_another(three: Workspace) -> None:
    first, second = freeze(three, "v1").dataset, freeze(with_prompt(three, "Você é Ana."), "v2").dataset
    assert catalogue.compare(three, first, second).other_prompt
    assert not catalogue.compare(three, first._replace(system_prompt=None), second).other_prompt


def test_every_pair_with_other_words_is_counted_however_many_they_are(
    three: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_CHUNK", 2)
    dataset = freeze(three, "v1").dataset
    desk = Desk(three)
    for number in (1, 2, 3):
        desk.rewrite(desk.pair(number), response=f"Outra resposta {number}, escrita depois.")
    desk.rewrite(desk.pair(3), response=asked(3)[1][1])
    assert catalogue.since(three, dataset).rewritten == 2


def test_the_same_pairs_have_the_same_digest_under_another_name(three: Workspace) -> None:
    first, second = freeze(three, "v1"), freeze(three, "v2")
    assert first.dataset.digest == second.dataset.digest
    assert (first.same_as, second.same_as) == ((), ("v1",))
    assert describe(three, first.dataset).same_as == ("v2",)
    assert frozen_names(three) == ["v2", "v1"]


def test_a_filter_chooses_what_is_frozen(three: Workspace) -> None:
    dataset = freeze(three, "v1", where="id:1,3").dataset
    assert (dataset.pairs, dataset.filter, dataset.actor) == (2, "id:1,3", three.actor)


def test_the_composition_is_counted(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [asked(1), asked(2), [("system", "Seja breve."), *asked(3)], [*asked(4), *asked(5)]])
    keep(workspace, [TOOLS])
    desk = Desk(workspace)
    desk.rewrite(desk.pair(1), instruction=desk.pair(2).instruction, response=desk.pair(2).response)
    desk.tag(desk.pair(2), "voz")
    manifest = manifest_of(freeze(workspace, "v1").dataset)
    made_of = manifest.composition
    assert made_of.kinds == {"imported": 4}
    assert made_of.tags == {"voz": 1}
    assert made_of.flags == {}
    assert (made_of.duplicates, made_of.with_system, made_of.several_turns) == (1, 1, 1)
    length = len(asked(1)[0][1])
    assert made_of.prompts == Lengths(length, length, length)
    assert manifest.counts.rewritten == 1
    assert [(left.reason, left.count) for left in manifest.left_out] == [("tool-messages", 1)]
    assert manifest.warnings[0].startswith("1 of 5 kept pairs left out")


def test_a_dataset_without_any_system_turn_says_so(three: Workspace) -> None:
    assert "no identity" in manifest_of(freeze(three, "v1").dataset).warnings[-1]
    named = freeze(with_prompt(three, "Você é Cláudio."), "v2").dataset
    assert manifest_of(named).warnings == ()


def test_a_diff_shows_the_words_before_and_after(three: Workspace, keep: Fill) -> None:
    first = freeze(three, "v1").dataset
    desk = Desk(three)
    desk.rewrite(desk.pair(2), response="Outra resposta, escrita depois.")
    desk.decide(desk.pair(3), "drop")
    keep(three, [asked(7)])
    comparison = catalogue.compare(three, first, freeze(three, "v2").dataset)
    (came,), (went,), (rewritten,), rederived = (changed_pairs(three, comparison, part) for part in comparison.diff[:4])
    assert (came.before, came.after) == (None, asked(7)[1][1])
    assert (went.before, went.after, went.prompt) == (asked(3)[1][1], None, asked(3)[0][1])
    assert (rewritten.before, rewritten.after) == (asked(2)[1][1], "Outra resposta, escrita depois.")
    assert rederived == []


def test_another_answer_of_the_same_turn_is_rederived(workspace: Workspace, tmp_path: Path) -> None:
    steps = ("First I look at the queue, and then I answer you.", None, "The queue is drained before each deploy.")
    log = write_session(
        tmp_path / "logs" / "s1.jsonl", turn(1, *[f"{step} {step}" if step else None for step in steps])
    )
    import_paths(workspace, [log])
    desk = Desk(workspace)
    desk.decide(desk.pair(1), "keep")
    first = freeze(workspace, "v1").dataset
    desk.decide(desk.pair(1), "drop")
    assert catalogue.since(workspace, first) == (0, 1, 0, 0)
    derive_again(workspace, AnswerMode.FIRST)
    assert catalogue.since(workspace, first) == (0, 0, 1, 0)
    assert "earlier derivation" in " ".join(catalogue.since_sentences(catalogue.since(workspace, first)))
    desk.decide(desk.pair(2), "keep")
    second = freeze(workspace, "v2").dataset
    diff = catalogue.compare(workspace, first, second).diff
    assert [change.uid for change in diff.rederived] == [desk.pair(2).uid]
    assert diff._replace(rederived=()).none
    assert catalogue.since(workspace, first).superseded == 1


# Names


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../v1", "a/b", "/etc", "-v1", ".v1", "v 1", "v1\n", "ação", "v1\0", "\x1b[2J", "a" * 65, "~"],
)
def test_a_name_that_could_be_a_path_or_a_trick_is_refused(three: Workspace, name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        freeze(three, name)
    assert not place(three).parent.exists()


@pytest.mark.parametrize("name", ["v2.5", "0", "A-b_c.d", "a" * 64, "a..b"])
def test_names_with_letters_digits_and_signs_are_taken(three: Workspace, name: str) -> None:
    assert freeze(three, name).dataset.name == name
    assert (place(three, name) / "dataset.jsonl").is_file()


def test_a_taken_name_is_refused_and_the_dataset_stays(three: Workspace) -> None:
    dataset = freeze(three, "v1").dataset
    Desk(three).decide(Desk(three).pair(1), "drop")
    for name in ("v1", "V1"):
        with pytest.raises(BadInput, match="there is a dataset `v1` already"):
            freeze(three, name)
    assert catalogue.catalogue(three).datasets == (dataset,)


def test_a_name_taken_by_something_else_is_refused_and_it_stays(three: Workspace) -> None:
    place(three).parent.mkdir()
    place(three).write_text("my own notes")
    with pytest.raises(BadInput, match="isn't a dataset"):
        freeze(three, "v1")
    assert place(three).read_text() == "my own notes"
    place(three, "v2").symlink_to("nowhere")
    with pytest.raises(BadInput, match="isn't a dataset"):
        freeze(three, "v2")
    assert place(three, "v2").is_symlink()


# Refusals


def test_nothing_kept_is_a_sentence(workspace: Workspace) -> None:
    with pytest.raises(BadInput, match="nothing to freeze"):
        freeze(workspace, "v1")
    assert not place(workspace).parent.exists()


def test_a_filter_that_matches_nothing_is_a_sentence(three: Workspace) -> None:
    with pytest.raises(BadInput, match="none of the 3 kept pairs matches"):
        freeze(three, "v1", where="id:99")


def test_a_secret_refuses_the_freeze_with_advice_for_what_is_stored(three: Workspace, keep: Fill) -> None:
    keep(three, [asked(9, SECRET)])
    with pytest.raises(Refused, match="holds a secret") as refused:
        freeze(three, "v1")
    assert "--mask" not in refused.value.sentence()
    assert "molting decide" in refused.value.sentence()
    with pytest.raises(Refused) as in_prompt:
        freeze(with_prompt(three, SECRET), "v1", where="id:1")
    assert "--mask" not in in_prompt.value.sentence()
    assert frozen_names(three) == []
    assert [path.name for path in place(three).parent.iterdir()] == [".freezing"]


def test_only_pairs_with_tools_are_a_sentence_and_no_dataset(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [TOOLS])
    with pytest.raises(BadInput, match="none of the kept pairs fits"):
        freeze(workspace, "v1")
    assert frozen_names(workspace) == []


def test_cancelling_leaves_nothing(three: Workspace) -> None:
    def report(progress: Progress) -> None:
        assert (progress.unit, progress.label) == ("pairs", "freezing")
        if progress.done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        freeze(three, "v1", report=report)
    assert [path.name for path in place(three).parent.iterdir()] == [".freezing"]
    assert freeze(three, "v1").dataset.pairs == 3


def test_two_freezes_at_once_are_a_sentence(three: Workspace) -> None:
    inner: list[MoltingError] = []

    def report(progress: Progress) -> None:
        if not inner:
            with pytest.raises(MoltingError, match="another dataset is being frozen") as busy:
                freeze(three, "v2")
            inner.append(busy.value)
            assert take_in_strays(three) == ()

    freeze(three, "v1", report=report)
    assert len(inner) == 1
    assert frozen_names(three) == ["v1"]


def test_a_folder_that_cannot_be_made_is_a_sentence(three: Workspace) -> None:
    place(three).parent.write_text("in the way")
    with pytest.raises(BadInput, match=r"datasets: can't be made: .*exists"):
        freeze(three, "v1")


# The bytes


def test_a_file_that_was_changed_by_hand_is_noticed(three: Workspace) -> None:
    dataset = freeze(three, "v1").dataset
    data = catalogue.checked_data(three, dataset)
    assert hashlib.sha256(data.read_bytes()).hexdigest() == manifest_of(dataset).file.sha256
    data.write_bytes(data.read_bytes().replace(b"Resposta 2", b"Resposta 8"))
    with pytest.raises(BadInput, match="isn't what was frozen any more"):
        catalogue.checked_data(three, dataset)
    data.unlink()
    with pytest.raises(BadInput, match="can't be read"):
        catalogue.checked_data(three, dataset)
    assert catalogue.rows_at(three, dataset, [0]) == {}


def test_a_folder_copied_from_another_workspace_is_taken_in(three: Workspace, tmp_path: Path) -> None:
    frozen: Frozen = freeze(with_prompt(three, "Você é Cláudio."), "v1", where="id:1,2")
    other = new_workspace(tmp_path / "other")
    place(other).parent.mkdir()
    os.rename(place(three), place(other))
    (dataset,) = catalogue.catalogue(other).datasets
    assert dataset._replace(id=0) == frozen.dataset._replace(id=0)
    assert manifest_of(dataset) == manifest_of(frozen.dataset)
    assert catalogue.since(other, dataset).absent == 2
    assert catalogue.find(other, "V1") == dataset
    other.close()


def test_a_folder_that_was_copied_in_has_its_own_name_and_what_was_said_since_it_was_frozen_is_told(
    three: Workspace, keep: Fill, tmp_path: Path
) -> None:
    freeze(three, "v1")
    other = new_workspace(tmp_path / "other")
    keep(other, [asked(number) for number in (1, 2, 3)])
    desk = Desk(other)
    desk.rewrite(desk.pair(2), response="Outra resposta, escrita depois do congelamento.")
    place(other).parent.mkdir()
    os.rename(place(three), place(other, "v9"))
    (dataset,) = catalogue.catalogue(other).datasets
    assert (dataset.name, dataset.manifest["name"]) == ("v9", "v9")
    assert catalogue.since(other, dataset) == (1, 0, 0, 0)
    other.close()


def test_a_manifest_without_a_composition_gets_what_its_rows_tell(three: Workspace, tmp_path: Path) -> None:
    freeze(three, "v1")
    other = new_workspace(tmp_path / "other")
    place(other).parent.mkdir()
    os.rename(place(three), place(other))
    manifest = place(other) / "manifest.json"
    fields = json.loads(manifest.read_bytes())
    del fields["composition"]
    manifest.write_text(json.dumps(fields))
    (dataset,) = catalogue.catalogue(other).datasets
    length = len(asked(1)[1][1])
    made_of = manifest_of(dataset).composition
    assert (made_of.kinds, made_of.answers) == ({"imported": 3}, Lengths(length, length, length))
    assert (made_of.flags, made_of.languages) == (None, {}), "what the rows don't tell stays unknown"
    other.close()


def test_a_copy_that_is_there_already_is_the_dataset_that_is_there(three: Workspace, tmp_path: Path) -> None:
    dataset = freeze(three, "v1").dataset
    files = (place(three) / "dataset.jsonl", place(three) / "manifest.json")
    assert keep_copy(three, "v1", *files) == keep_copy(three, "V1", *files) == dataset
    copy = keep_copy(three, "v2", *files, made="run")
    assert (copy.name, copy.digest, copy.made) == ("v2", dataset.digest, "run")
    assert frozen_names(three) == ["v2", "v1"]


def test_what_is_rewritten_while_it_is_frozen_is_told_as_said_since(three: Workspace) -> None:
    desk = Desk(three)

    def report(progress: Progress) -> None:
        if progress.done == 3:
            desk.rewrite(desk.pair(1), response="Outra resposta, escrita durante o congelamento.")

    dataset = freeze(three, "v1", report=report).dataset
    assert catalogue.since(three, dataset).rewritten == 1


def test_a_full_disk_is_no_mistake_in_what_was_typed(three: Workspace) -> None:
    for code, kind in ((errno.ENOSPC, MoltingError), (errno.EDQUOT, MoltingError), (errno.EACCES, BadInput)):
        with pytest.raises(MoltingError, match="Nothing was frozen") as refused, disk_sentences(three.folder):
            raise OSError(code, os.strerror(code))
        assert type(refused.value) is kind


def test_a_dataset_is_compared_with_the_one_that_was_frozen_before_it(three: Workspace) -> None:
    first, second, third = (freeze(three, name).dataset for name in ("v1", "v2", "v3"))
    listed = catalogue.catalogue(three).datasets
    assert [catalogue.one_before(listed, dataset) for dataset in (third, second, first)] == [second, first, None]


@pytest.mark.parametrize(
    "damage",
    [
        *(
            "no manifest",
            "another file",
            "other bytes",
            "not ours",
            "fewer pairs",
            "fewer by their digest",
            "other pairs",
        ),
        *("a row of nobody", "a row of a prompt alone"),
    ],
)
def test_a_folder_that_is_no_dataset_is_left_alone_and_said(three: Workspace, tmp_path: Path, damage: str) -> None:
    freeze(three, "v1")
    other = new_workspace(tmp_path / "other")
    place(other).parent.mkdir()
    os.rename(place(three), place(other))
    manifest, data = place(other) / "manifest.json", place(other) / "dataset.jsonl"
    fields = json.loads(manifest.read_bytes())
    if damage == "no manifest":
        manifest.unlink()
    elif damage == "another file":
        data.write_bytes(b"{}\n")
    elif damage == "other bytes":
        data.write_bytes(data.read_bytes().replace(b'{"messages"', b'{ "messages"'))
    elif damage == "fewer pairs":
        manifest.write_text(json.dumps(fields | {"pairs": fields["pairs"][:1]}))
    elif damage == "fewer by their digest":
        first = next(conversations(data))
        digest = dataset_digest([(fields["pairs"][0], row_digest(first))])
        manifest.write_text(json.dumps(fields | {"pairs": fields["pairs"][:1], "dataset_digest": digest}))
    elif damage == "other pairs":
        manifest.write_text(json.dumps(fields | {"pairs": fields["pairs"][::-1]}))
    elif damage.startswith("a row of"):
        prompt = b'{"role": "system", "content": "Sou eu."}' if damage == "a row of a prompt alone" else b""
        data.write_bytes(b'{"messages": [' + prompt + b"]}\n")
        fields["file"]["sha256"] = hashlib.sha256(data.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(fields | {"pairs": fields["pairs"][:1]}))
    else:
        manifest.write_text('["something else"]')
    before = sorted(path.name for path in place(other).iterdir())
    listed = catalogue.catalogue(other)
    assert listed.datasets == ()
    assert len(listed.problems) == 1
    assert listed.problems[0].startswith("datasets/v1 is no dataset, and left alone.")
    assert sorted(path.name for path in place(other).iterdir()) == before
    other.close()


def test_an_unknown_name_is_answered_with_those_there_are(three: Workspace) -> None:
    with pytest.raises(BadInput, match="nothing has been frozen"):
        catalogue.find(three, "v1")
    freeze(three, "v1")
    with pytest.raises(BadInput, match=r"there is no dataset `v9`. There is v1\."):
        catalogue.find(three, "v9")
    for number in range(2, 6):
        freeze(three, f"v{number}")
    with pytest.raises(BadInput, match=r"There are v5, v4, v3, v2, v1\."):
        catalogue.find(three, "v9")
    freeze(three, "v6")
    with pytest.raises(BadInput, match=r"There are v6, v5, v4, v3, v2 and 1 more \(`molting dataset list`\)\."):
        catalogue.find(three, "v9")
