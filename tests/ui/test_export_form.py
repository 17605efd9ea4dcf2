"""Promises of the export form: any kept pairs, any format, known before a file is written, and remembered."""

from __future__ import annotations

import json

import pytest
from textual.widgets import Input
from workbench import Fill, Hand, Open, again, chat

from molting_tui.errors import Refused
from molting_tui.records.progress import silent
from molting_tui.ui.dialogs.ask import ConfirmScreen
from molting_tui.ui.dialogs.reader import PageScreen
from molting_tui.ui.export.form import ExportPlan, ExportScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.workspace import Workspace

SECRET = "O token é ghp_FAKEfakeFAKE0123456789abcdefFAKEfake, guarda bem, não o mostre a ninguém."


def kept(workspace: Workspace, *numbers: int) -> Workspace:
    """The workspace with these pairs kept."""
    desk = again(workspace)
    for number in numbers:
        desk.decide(desk.pair(number), "keep")
    return workspace


def form(hand: Hand) -> ExportScreen:
    """The form that stands there."""
    assert isinstance(hand.app.screen, ExportScreen)
    return hand.app.screen


async def fill_in(hand: Hand, **values: str) -> None:
    """Write into lines of the form, as fast as a paste."""
    for name, value in values.items():
        form(hand).query_one(f"#{name}", Input).value = value
    await hand.settle()


def flat(hand: Hand) -> str:
    """The screen, every run of white space as one space."""
    return " ".join(hand.text().split())


async def test_the_starred_are_exported_by_going_on_with_the_filter_in_one_burst(fill: Fill, open_app: Open) -> None:
    workspace = kept(fill([chat(1), chat(2), chat(3)]), 1, 2)
    desk = again(workspace)
    desk.star(desk.pair(2))
    desk.star(desk.pair(3))
    async with open_app(workspace) as hand:
        await hand.press("w")
        assert form(hand).value("where") == "state:keep"
        await hand.type(" is:st")
        await hand.press("tab")
        assert form(hand).value("where") == "state:keep is:starred"
        assert "1 pair ─▸ exports/sharegpt.json, as sharegpt" in flat(hand)
        await hand.press("enter")
        assert isinstance(hand.app.screen, PageScreen)
        assert len(json.loads((workspace.exports / "sharegpt.json").read_text("utf-8"))) == 1
        await hand.press("q", "w")  # the filter is remembered
        assert form(hand).value("where") == "state:keep is:starred"
        await fill_in(hand, where="is:starred")
        assert "2 pairs match the filter, 1 of them kept." in flat(hand)


async def test_from_triage_what_is_kept_of_the_list_is_two_keys_away(fill: Fill, open_app: Open) -> None:
    workspace = kept(fill([chat(1), chat(2)]), 1, 2)
    desk = again(workspace)
    desk.star(desk.pair(2))
    async with open_app(workspace) as hand:
        await hand.triage()
        hand.app.screen.action_set_filter("state:open,keep is:starred")  # type: ignore[attr-defined]
        await hand.settle()
        await hand.press("w", "enter")
        assert len(json.loads((workspace.exports / "sharegpt.json").read_text("utf-8"))) == 1
        manifest = json.loads((workspace.exports / "sharegpt.json.manifest.json").read_text("utf-8"))
        assert manifest["filter"] == "state:keep is:starred"
        await hand.press("q")
        assert isinstance(hand.app.screen, TriageScreen)
        assert "1 pair written to" in hand.status


async def test_a_letter_replaces_the_name_that_is_suggested_and_the_last_one_comes_back(
    fill: Fill, open_app: Open
) -> None:
    workspace = kept(fill([chat(1)]), 1)
    async with open_app(workspace) as hand:
        await hand.press("w", "down", *"mine.jsonl", "enter")
        assert (workspace.exports / "mine.jsonl").exists()
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)
        assert "1 pair written to exports/mine.jsonl" in hand.status
        await hand.press("w")
        entry = form(hand).entry("file")
        assert (entry.value, entry.suggested) == ("mine.jsonl", True)


async def test_a_format_is_chosen_by_its_first_letter_and_the_suggested_name_goes_with_it(
    fill: Fill, open_app: Open
) -> None:
    workspace = kept(fill([chat(1)]), 1)
    async with open_app(workspace) as hand:
        await hand.press("w", "down", "down", "a", "tab")
        assert form(hand).value("format") == "alpaca"
        assert form(hand).value("file") == "alpaca.json"
        await fill_in(hand, format="sharegpt", file="messages.jsonl", where="")
        assert "1 pair ─▸ exports/messages.jsonl, as sharegpt" in flat(hand)
        await hand.press("enter")
        assert "conversations" in json.loads((workspace.exports / "messages.jsonl").read_text("utf-8"))


async def test_what_cannot_be_exported_stands_as_it_was_typed_with_the_reason(fill: Fill, open_app: Open) -> None:
    workspace = kept(fill([chat(1), chat(2)]), 1)
    async with open_app(workspace) as hand:
        await hand.press("w")
        for name, value, sentence in (
            ("file", "~nobody-of-this-name/x.json", "There is no such home folder"),
            ("file", "no/such/folder/x.json", "there is no such folder"),
            ("file", "x\x00.json", "can't be a file's name"),
            ("file", "a" * 300 + ".json", "name too long"),
            ("file", "notes.txt", "ends in .json or .jsonl"),
            ("file", "  ", "Type a name"),
            ("format", "csv", "there is no format `csv`"),
            ("secrets", "show", "Write mask, or nothing"),
            ("where", "tag:none", "there is no tag `none` here"),
            ("where", "id:2", "none of the 1 kept pair matches the filter"),
        ):
            before = form(hand).value(name)
            await fill_in(hand, **{name: value})
            await hand.press("enter")
            assert sentence in flat(hand)
            assert "--" not in flat(hand)
            assert form(hand).query_one(f"#{name}", Input).value == value
            await fill_in(hand, **{name: before})
        assert list(workspace.exports.iterdir()) == []


async def test_a_file_that_stands_there_is_replaced_only_after_a_yes(fill: Fill, open_app: Open) -> None:
    workspace = kept(fill([chat(1)]), 1)
    notes = workspace.exports / "notes.json"
    notes.write_text("a month of work")
    async with open_app(workspace) as hand:
        await hand.press("w")
        await fill_in(hand, file="notes.json")
        assert "There is a file of this name: enter asks before it is replaced." in flat(hand)
        await hand.press("enter")
        assert isinstance(hand.app.screen, ConfirmScreen)
        assert "notes.json: there is a file of this name already, and no export of ours. Replace it?" in hand.text()
        await hand.press("n")
        assert notes.read_text() == "a month of work"
        assert form(hand).value("file") == "notes.json"  # for another name
        await hand.press("enter", "y")
        assert "conversations" in notes.read_text("utf-8")
        await hand.press("q", "w", "enter")  # which is an export now
        assert "notes.json: an export of 1 pair (state:keep) of 2" in flat(hand)
        await hand.press("y", "q")
        assert "1 pair written to" in hand.status


def test_a_file_that_came_there_after_the_question_was_answered_stays(fill: Fill) -> None:
    workspace = kept(fill([chat(1)]), 1)
    plan = ExportPlan("", "notes.json", "sharegpt", mask=False)
    notes = plan.target(workspace)
    notes.write_text("a month of work")
    with pytest.raises(Refused, match="no export of ours"):
        plan.write(workspace, replace=False, report=silent)
    assert notes.read_text() == "a month of work"


async def test_a_secret_refuses_before_anything_is_written_and_mask_lets_it_pass(fill: Fill, open_app: Open) -> None:
    workspace = kept(fill([chat(1, SECRET), chat(2)]), 1)
    async with open_app(workspace) as hand:
        await hand.press("w", "enter")
        assert "1 kept pair holds a secret: 1 (github-token)" in flat(hand)
        assert "Write mask at secrets" in flat(hand)
        assert "molting decide" not in hand.text()
        assert not (workspace.exports / "sharegpt.json").exists()
        await hand.press("up", "m")
        await hand.settle()
        assert "1 secret or personal detail masked" in flat(hand)
        await hand.press("enter")
        assert "FAKEfake" not in (workspace.exports / "sharegpt.json").read_text("utf-8")


async def test_nothing_kept_is_said_at_once(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.press("w", "enter")
        assert "Keep some first: F2 shows the pairs, a keeps one." in flat(hand)
        assert form(hand)


async def test_a_name_is_completed_among_the_exports_that_are_there(fill: Fill, open_app: Open) -> None:
    workspace = kept(fill([chat(1)]), 1)
    (workspace.exports / "claudio-v1.json").write_text("")
    (workspace.exports / "notes.txt").write_text("")
    async with open_app(workspace) as hand:
        await hand.press("w", "tab")  # a finished filter: on to the next line
        assert form(hand).entry("file").has_focus
        await hand.press("c", "tab")
        assert form(hand).value("file") == "claudio-v1.json"
        await hand.press("tab")
        assert form(hand).entry("format").has_focus
