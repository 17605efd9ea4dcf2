"""Promises of the page to publish: no figure typed by hand, nothing compared that can't be, hostile words harmless."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.reports.blocks import GridChart, LevelBar, LevelChart, Table, Verbatim
from molting_tui.evaluation.reports.changes import changes_between
from molting_tui.evaluation.reports.charts import grid_chart, level_chart
from molting_tui.evaluation.reports.html_page import html_page
from molting_tui.evaluation.reports.markdown import escaped, escaped_cell
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.records.datasets import Diff, PairChange
from molting_tui.records.reports import Training, Version
from molting_tui.records.totals import Kinds
from molting_tui.store import answers, scoring
from molting_tui.workspace import Workspace, shipped
from tests.answered import answered, line, question, question_set
from tests.conftest import new_workspace
from tests.unit.cli_workspaces import answer, run, value

FOUR = ("--rubric", "four-criteria")
TOLD = (
    ("v2.0", "7.4", "--pairs", "484", "--kind", "raw", "--answers", "8", "--date", "2026-02-10"),
    ("v2.1", "8.2", "--pairs", "153", "--kind", "curated", "--epochs", "5", "--loss", "1.707", "--answers", "8",
     "--max-new-tokens", "256", "--count", "agent-like=2/8", "--count", "factual=8/8", "--date", "2026-02-11"),
    ("v2.3", "4.5", "--pairs", "148", "--kind", "curated=100", "--kind", "synthetic=48", "--epochs", "6",
     "--batch", "2", "--accumulation", "4", "--steps", "114", "--loss", "2.2643", "--answers", "8",
     "--max-new-tokens", "384", "--date", "2026-02-12"),
    ("v2.4", "4.5", "--pairs", "153", "--batch", "1", "--accumulation", "8", "--steps", "156", "--loss", "1.80",
     "--answers", "8", "--date", "2026-02-18"),
)  # fmt: skip
BY_ANOTHER = (
    "personality-v1", "2.9", "--pairs", "79", "--kind", "handwritten", "--epochs", "5", "--steps", "50", "--loss",
    "2.47", "--answers", "8", "--date", "2026-02-19", "--rubric", "personality-v1",
)  # fmt: skip
SHEET = (
    ("Who is João?", 2, 0, 0, 2, "4/8"),
    ("What is Molting?", 1, 0, 0, 2, "3/8"),
    ("Tell me about the CRM project.", 1, 1, 0, 2, "4/8"),
    ("Which technologies do you use?", 0, 1, 0, 2, "3/8"),
    ("Tell me a bit about yourself.", 1, 0, 0, 2, "3/8"),
    ("How would you describe your personality?", 2, 0, 0, 1, "3/8"),
    ("How do you work?", 1, 1, 1, 2, "5/8"),
    ("Your strengths and weaknesses?", 0, 1, 1, 2, "4/8"),
    ("Total", 8, 4, 2, 15, "29/64"),
)
"""The v2.3 sheet as its report has it, by the questions as they were asked."""


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the customer's totals and their sheet of v2.3."""
    made = new_workspace(tmp_path_factory.mktemp("report") / "claudio")
    made.close()
    sheet = str(shipped("data") / "sheets" / "v2.3.csv")
    answer("rate", "--sheet", sheet, "--contender", "v2.3", *FOUR, "--language", "en", workspace=made.folder)
    for words in TOLD:
        answer("results", "import", *words, *FOUR, workspace=made.folder)
    answer("results", "import", *BY_ANOTHER, workspace=made.folder)
    return made.folder


def tables(page: str) -> dict[str, list[list[str]]]:
    """The tables of a page in Markdown, by the heading before them, cell by cell."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for text in page.splitlines():
        if text.startswith("#"):
            heading = text.lstrip("# ")
        elif text.startswith("| ") and not text.startswith("| ---"):
            cells = [cell.strip().strip("*") for cell in re.split(r"(?<!\\)\|", text)[1:-1]]
            found.setdefault(heading, []).append(cells)
    return found


def test_a_told_total_without_a_day_stands_before_what_was_made_here(tmp_path: Path) -> None:
    made = new_workspace(tmp_path / "claudio")
    made.close()
    answer("results", "import", *TOLD[1], *FOUR, workspace=made.folder)
    answer("results", "import", "v9", "7.4", *FOUR, workspace=made.folder)
    versions = tables(answer("report", *FOUR, workspace=made.folder))["Versions"]
    assert [row[0] for row in versions[1:]] == ["v9", "v2.1"]


def test_a_setting_that_was_trained_and_asked_with_is_named_once() -> None:
    both = (("quantisation", "nf4"),)
    made = Version("v1", "run", "", Training(told=False, recipe=both), both, None, None, None)
    assert (
        changes_between(made, Version("v2", "run", "", None, (), None, None, None)).unknown.count("quantisation") == 1
    )


def test_the_tables_of_the_v23_report_come_out_cell_by_cell(customers: Path) -> None:
    page = tables(answer("report", *FOUR, workspace=customers))
    head = ["Question", "Agent", "Factual", "Personality", "Complete", "Subtotal"]
    assert page["The sheet of v2.3"] == [head, *([str(cell) for cell in row] for row in SHEET)]
    assert page["Dimensions"] == [["Version", *head[1:5]], ["v2.3", "1.00", "0.50", "0.25", "1.88"]]
    assert [row[1] for row in page["Question by question"][1:]] == [
        "5.00", "3.75", "5.00", "3.75", "3.75", "3.75", "6.25", "5.00"
    ]  # fmt: skip
    assert page["Answers at each level"] == [
        ["Version", "Dimension", "0", "1", "2"],
        ["v2.3", "Agent", "2", "4", "2"],
        ["v2.3", "Factual", "4", "4", "0"],
        ["v2.3", "Personality", "6", "2", "0"],
        ["v2.3", "Complete", "0", "1", "7"],
    ]
    assert page["Versions"] == [
        ["Version", "Score", "95 % interval", "Points", "agent-like", "factual"],
        ["v2.0", "7.4 (told)", "·", "·", "·", "·"],
        ["v2.1", "8.2 (told)", "·", "·", "2/8", "8/8"],
        ["v2.3", "4.53", "3.75 .. 5.31", "29/64", "·", "·"],
        ["v2.4", "4.5 (told)", "·", "·", "·", "·"],
        ["personality-v1", "2.9 (told, personality-v1)", "·", "·", "·", "·"],
    ]
    assert page["What they were made of"] == [
        ["Version", "Pairs", "Steps", "Loss"],
        ["v2.0", "484 raw", "·", "·"],
        ["v2.1", "153 curated", "·", "1.707"],
        ["v2.3", "148 (100 curated, 48 synthetic)", "114", "2.2643"],
        ["v2.4", "153", "156", "1.8"],
        ["personality-v1", "79 handwritten", "50", "2.47"],
    ]


def test_a_total_is_held_against_what_was_measured_of_its_version(customers: Path) -> None:
    page = answer("report", *FOUR, workspace=customers)
    assert "- What was measured here is 4.53: they agree." in page
    answer("results", "import", "v2.3", "4.6", *FOUR, "--replace", workspace=customers)
    assert "- What was measured here is 4.53: another figure." in answer("report", *FOUR, workspace=customers)
    answer("results", "import", "--undo", workspace=customers)


def test_every_variable_that_changed_is_named_and_what_cant_be_compared_says_why(customers: Path) -> None:
    v20, v21, v23, v24, last = value("report", *FOUR, workspace=customers)["versions"]
    assert (v20["changes"], v20["compared"]) == (None, None)
    assert v21["changes"]["sentence"] == (
        "One variable is known to have changed: pairs 484 raw → 153 curated. Not told of both: epochs, max_new_tokens."
    )
    assert [(each["variable"], each["before"], each["after"]) for each in v23["changes"]["variables"]] == [
        ("curated pairs", "153", "100"),
        ("synthetic pairs", "0", "48"),
        ("epochs", "5", "6"),
        ("max_new_tokens", "256", "384"),
    ]
    assert v23["changes"]["sentence"].startswith("Four things at once (curated pairs 153 → 100, synthetic pairs 0 → 48")
    assert "no cause can be named." in v23["changes"]["sentence"]
    assert (v23["compared"]["against"], v23["compared"]["word"]) == ("v2.1", "NOT COMPARABLE")
    assert v23["compared"]["why"] == [
        "v2.1's 8.2 is told by a report; no sheet of it is here.",
        "8.2 can't be whole points of 64: it may be of another sheet.",
        "They were asked with max_new_tokens 256 and 384.",
    ]
    assert [each["compared"]["word"] for each in (v21, v23, v24, last)] == ["NOT COMPARABLE"] * 4
    assert "156 are no whole number of epochs" in v24["reported"]["checks"][1]
    assert last["compared"]["why"][2:] == [
        "It was scored by another rubric (personality-v1), whose levels mean something else."
    ]


def made_of(name: str, **training: object) -> Version:
    return Version(name, "run", "", Training(told=False, **training), (), None, None, None)  # type: ignore[arg-type]


def test_one_variable_alone_is_said_to_be_one() -> None:
    kinds = (Kinds("extracted", 100),)
    recipe = (("epochs", "5"), ("seed", "42"))
    before = made_of("a", pairs=100, kinds=kinds, digest="1", recipe=recipe)
    same = changes_between(before, made_of("b", pairs=100, kinds=kinds, digest="1", recipe=recipe))
    assert same.sentence == "Nothing changed since a."
    other = (("epochs", "6"), ("seed", "42"))
    one = changes_between(before, made_of("b", pairs=100, kinds=kinds, digest="1", recipe=other))
    assert one.sentence == "One variable: epochs 5 → 6."
    diff = Diff((PairChange("x", None, 1),), (PairChange("y", 1, None),), (), ())
    swapped = changes_between(before, made_of("b", pairs=100, kinds=kinds, digest="2", recipe=other), diff)
    assert swapped.sentence == (
        "Two things at once (pairs 100 extracted → 100 extracted (1 came, 1 went), epochs 5 → 6): "
        "no cause can be named."
    )


def test_kinds_without_numbers_make_one_variable_of_the_pairs() -> None:
    kinds = (Kinds("extracted", None), Kinds("synthetic", None))
    fewer = changes_between(made_of("a", pairs=100, kinds=kinds), made_of("b", pairs=90, kinds=kinds))
    assert fewer.sentence == "One variable: pairs 100 (extracted, synthetic) → 90 (extracted, synthetic)."


def test_of_two_totals_of_a_version_the_rubrics_own_stands(workspace: Workspace) -> None:
    for score, rubric in (("4.5", "four-criteria"), ("2.9", "personality-v1")):
        answer("results", "import", "v2.4", score, "--rubric", rubric, workspace=workspace.folder)
    for rubric, score in (("four-criteria", "4.5"), ("personality-v1", "2.9")):
        (version,) = value("report", "--rubric", rubric, workspace=workspace.folder)["versions"]
        assert version["reported"]["score"] == score


class Page(HTMLParser):
    """What a page holds: tags with attributes, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_html_page_stands_alone_and_says_what_the_markdown_says(customers: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert "5 versions as html" in answer("report", *FOUR, "-o", str(file), workspace=customers)
    text = file.read_text("utf-8")
    page = Page(text)
    named = {tag for tag, _ in page.tags}
    assert {"table", "svg", "style"} <= named
    assert named.isdisjoint({"script", "link", "img", "iframe", "object", "a", "form"})
    assert "http" not in text.replace("http-equiv", "")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert {"29/64", "4.53", "3.75 .. 5.31", "4.53 (3.75 .. 5.31)", "7.4 (told)"} <= set(page.words)
    labels = [str(of["aria-label"]) for tag, of in page.tags if tag == "svg"]
    assert labels[0].startswith("Scores out of 10: v2.0 7.4 (told); v2.1 8.2 (told); v2.3 4.53 (3.75 .. 5.31); v2.4")
    assert "v2.3 Complete 0 1 7" in labels[2]


def test_levels_have_a_pattern_and_a_figure_each() -> None:
    chart = level_chart(LevelChart((0, 1, 2), (("v", (LevelBar("tone", (2, 3, 4), 1),)),)))
    kinds = re.findall(r'class="level (\w+)"', chart)
    assert kinds == ["blank", "lines", "solid", "blank", "lines", "solid", "absent"]
    assert re.findall(r">([\d.]+)</text>", chart)[3:] == ["2", "3", "4", "1"]
    widths = [float(width) for width in re.findall(r'class="level .*?width="([\d.]+)"', chart)[3:]]
    assert [round(width / widths[-1]) for width in widths] == [2, 3, 4, 1]
    grid = grid_chart(GridChart(("v", "w"), (("q", (None, 5.0)),)))
    assert "not scored" in grid
    cell, bar = (re.findall(rf'class="{name}" .*?width="([\d.]+)"', grid) for name in ("cell", "bar"))
    assert (float(cell[1]) / float(bar[0]), len(bar)) == (2.0, 1)


def test_a_file_that_stands_there_is_never_written_over_unasked(customers: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    file.write_text("my notes")
    refused = run("report", *FOUR, "-o", str(file), workspace=customers)
    assert (refused.exit_code, file.read_text()) == (1, "my notes")
    assert "there is a file of this name already. Choose another name; --force replaces it." in refused.stderr
    answer("report", *FOUR, "-o", str(file), "--force", workspace=customers)
    assert "29/64" in file.read_text("utf-8")
    wrong = run("report", *FOUR, "--format", "html", "-o", str(tmp_path / "molting.db"), workspace=customers)
    assert (wrong.exit_code, "ends in .html or .htm" in wrong.stderr) == (2, True)
    (tmp_path / "folder.md").mkdir()
    folder = run("report", *FOUR, "-o", str(tmp_path / "folder.md"), workspace=customers)
    assert (folder.exit_code, "this is a folder." in folder.stderr) == (2, True)
    file = tmp_path / "report.json"
    answer("report", *FOUR, "-o", str(file), workspace=customers)
    assert json.loads(file.read_text("utf-8"))["format"] == "report/1"


HOSTILE = "v1 | <script>alert(1)</script> [x](http://e) `a`\x1b]52;c;x\x07\u202e"


PLAIN = {tag for tag, _ in Page(html_page([Table(("a",), (("b",),)), Verbatim("c")])).tags}


def score(workspace: Workspace) -> None:
    session = start(workspace, find_rubric(workspace, "personality-v1"))
    for place in session.places:
        for dimension in session.rubric.dimensions:
            session.rate(place, dimension.id, 1)


def test_hostile_names_and_answers_are_words_and_nothing_else(workspace: Workspace, tmp_path: Path) -> None:
    asked = question_set(question("joao", HOSTILE))
    answers.remember_questions(workspace.store, asked)
    text = f"`````\n{HOSTILE}\n</pre><script>"
    answers.add(workspace.store, "r", [line(HOSTILE, each, text=text) for each in asked.questions])
    score(workspace)
    more = ("--notes", HOSTILE, "--rubric", "personality-v1")
    answer("results", "import", HOSTILE, "7.4", *more, workspace=workspace.folder)
    markdown = run("report", "--answers", workspace=workspace.folder).stdout
    head, body = markdown.split("## Answers\n")
    assert not re.search(r"(?<!\\)[<`\[]", head)
    versions = tables(head)["Versions"]
    assert len(versions[1]) == len(versions[0]), "a bar in a name opens no column"
    assert "``````text\n`````\n" in body
    file = tmp_path / "r.html"
    assert run("report", "--answers", "-o", str(file), workspace=workspace.folder).exit_code == 0
    page = file.read_text("utf-8")
    assert {tag for tag, _ in Page(page).tags}.isdisjoint({"script", "a", "img"})
    for said in (markdown, page, answer("report", "--json", workspace=workspace.folder)):
        assert not any(sign in said for sign in "\x1b\x07\u202e")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_b max_new_tokens", "a_b max_new_tokens"),
        ("_a_ *b*", r"\_a\_ \*b\*"),
        ("1. first", r"1\. first"),
        ("7.4 of 10", "7.4 of 10"),
        ("- x", r"\- x"),
        ("see http://x.y www.z.de a@b", r"see http\://x.y www\.z.de a\@b"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, written: str) -> None:
    assert escaped(text) == written


@given(st.text())
def test_no_text_leaves_its_cell(text: str) -> None:
    written = escaped_cell(text)
    assert "\n" not in written
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", written)
    assert not set("|<`*[]") & set(bare)
    assert {tag for tag, _ in Page(html_page([Table(("a",), ((text,),)), Verbatim(text)])).tags} == PLAIN


def test_nothing_is_told_while_blind_scoring_goes_on_and_words_count_as_seen(workspace: Workspace) -> None:
    asked = question_set(question("joao"))
    answered(workspace, asked, ("secret-v1",))
    start(workspace, find_rubric(workspace, "personality-v1"))
    refused = run("report", *FOUR, workspace=workspace.folder)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "secret-v1" not in refused.output
    score(workspace)
    assert "joao answered" not in answer("report", workspace=workspace.folder)
    assert scoring.shown(workspace.store, [1]) == []
    told = run("report", "--answers", workspace=workspace.folder)
    assert "joao answered, sample 0" in told.stdout
    assert "from now on your ratings of them aren't stored as blind." in told.stderr
    assert [tuple(row)[1:] for row in scoring.shown(workspace.store, [1])] == [("results", 1)]


def test_flags_that_a_page_counts_of_an_unscored_answer_count_as_seen(workspace: Workspace) -> None:
    answered(workspace, question_set(question("joao")), ("v1",))
    score(workspace)
    answered(workspace, question_set(question("more"), id="more"), ("v1",), run="0002-more")
    answer("report", workspace=workspace.folder)
    assert start(workspace, find_rubric(workspace, "personality-v1")).seen == 1


def test_an_empty_workspace_has_a_page_that_says_so(workspace: Workspace) -> None:
    assert "No version is known yet" in answer("report", workspace=workspace.folder)
