"""README and docs/ are true: links lead somewhere, made parts are the program's, every command line is one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from molting_tui.cli import molting
from tests import pages, screenshots

ROOT = pages.ROOT
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted(pages.DOCS.glob("*.md"))]
LONGEST_README = 7_000
"""Bytes."""

_FENCED = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ANYWHERE = {"--help", "--json", "--version", "-h", "-w"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    """What a link to a heading of the page says after `#`."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(path: Path) -> Iterator[str]:
    """Every line of fenced code, joined where it ends in a backslash, and every piece of code within a line."""
    text = path.read_text("utf-8")
    for block in _FENCED.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from (piece.replace("\\|", "|") for piece in _CODE.findall(_FENCED.sub("", text)))


def parameters(command: click.Command) -> list[click.Parameter]:
    return command.get_params(click.Context(command, help_option_names=["-h", "--help"]))


def command_lines() -> list[tuple[str, str]]:
    """Every `molting …` of every page, once."""
    lines = ((name(path), line.strip()) for path in PAGES for line in code(path))
    return sorted({(page, line) for page, line in lines if re.match(r"molting( |$)", line)})


def mistake(line: str) -> str:
    """Why a `molting …` line is none; empty if it is one."""
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = molting
    context = click.Context(molting, info_name="molting", help_option_names=["-h", "--help"])
    try:
        while isinstance(command, click.Group):
            parser = command.make_parser(context)
            parser.allow_interspersed_args = False
            _, rest, _ = parser.parse_args(words)
            if not rest:
                return ""
            _, child, words = command.resolve_command(context, rest)
            assert child is not None
            command, context = child, click.Context(child, parent=context, info_name=child.name)
        command.make_parser(context).parse_args(words)
    except click.UsageError as error:
        return error.format_message()
    return ""


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_and_picture_is_there(path: Path) -> None:
    missing = []
    for target in _LINK.findall(_FENCED.sub("", path.read_text("utf-8"))):
        if target.startswith(("https:", "http:", "mailto:")):
            continue
        where, _, anchor = target.partition("#")
        found = path if not where else (path.parent / where)
        if not found.exists() or (anchor and anchor not in anchors(found)):
            missing.append(target)
    assert missing == []


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    text = README.read_text("utf-8")
    assert len(text.encode()) < LONGEST_README
    assert "docs/README.md" in _LINK.findall(text)
    index = set(_LINK.findall((pages.DOCS / "README.md").read_text("utf-8")))
    assert {path.name for path in pages.DOCS.glob("*.md")} - {"README.md"} - index == set()


def test_every_picture_stands_on_a_page() -> None:
    shown = {Path(target).name for path in PAGES for target in _LINK.findall(path.read_text("utf-8"))}
    pictures = {path.name for path in pages.DOCS.iterdir() if path.suffix in (".svg", ".png", ".gif")}
    assert pictures - shown == set()


def test_every_picture_is_made_by_make_screenshots() -> None:
    pictures = sorted(path.name for path in pages.DOCS.iterdir() if path.suffix in (".svg", ".png", ".gif"))
    assert pictures == screenshots.picture_names()


@pytest.mark.parametrize("page", pages.MADE)
def test_what_a_page_takes_from_the_program_is_the_programs(page: str) -> None:
    text = (pages.DOCS / page).read_text("utf-8")
    assert pages.with_made_part(page, text) == text, (
        f"docs/{page} isn't what the program is now: python -m tests.pages --write"
    )


def test_every_command_stands_in_the_commands_page() -> None:
    text = (pages.DOCS / "commands.md").read_text("utf-8")
    assert [command for command, _ in pages.commands() if f"`{command}" not in text] == []


@pytest.mark.parametrize(("page", "line"), command_lines())
def test_every_command_line_is_one(page: str, line: str) -> None:
    assert mistake(line) == "", page


def test_a_command_line_with_an_option_that_is_none_is_noticed() -> None:
    assert mistake("molting export out.json --where is:starred # a note") == ""
    assert mistake("molting battle v2.1 v2.5") == ""
    assert "--wear" in mistake("molting export out.json --wear is:starred")
    assert "exprot" in mistake("molting exprot out.json")


def test_every_option_in_the_text_is_one_of_ours() -> None:
    options = {option for _, command in pages.commands() for one in parameters(command) for option in one.opts}
    wrong = [
        (name(path), piece)
        for path in [README, *sorted(pages.DOCS.glob("*.md"))]
        for piece in code(path)
        if piece.startswith("-") and re.match(r"--[a-z]", piece)
        if re.split(r"[ =]", piece)[0] not in options | _ANYWHERE
    ]
    assert wrong == []


def test_the_six_keys_of_the_readme_are_the_keymaps() -> None:
    keys = {action.id: pages.keymap.key_names(action.keys).split() for action in pages.keymap.ACTIONS}
    named = {"pair.keep": "a", "pair.drop": "x", "pair.rewrite": "e", "pair.undo": "u", "app.help": "?"}
    named["app.palette"] = ":"
    six = README.read_text("utf-8").partition("## Six keys")[2].partition("##")[0]
    assert all(key in keys[action] and f"`{key}`" in six for action, key in named.items())


def test_every_check_before_a_training_stands_on_its_page() -> None:
    """The table names each id in code; the README counts them."""
    table = re.findall(
        r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", (pages.DOCS / "training.md").read_text("utf-8"), re.MULTILINE
    )
    named = {check.strip("`") for cell in table for check in cell.split(", ")}
    sources = [ROOT / "molting_tui/recipe/preflight.py", ROOT / "molting_tui/runs/preflight.py"]
    made = {check for path in sources for check in re.findall(r'Check\(\s*"([a-z-]+)"', path.read_text("utf-8"))}
    assert made - named == set()
    assert f"one of {len(named)} checks" in README.read_text("utf-8")


def test_a_build_machine_runs_the_readmes_own_test_command() -> None:
    runs = [line for line in (ROOT / ".ci/run").read_text("utf-8").splitlines() if line.startswith("make ")]
    assert runs == ["make check test"]
    assert runs[0] in README.read_text("utf-8")
