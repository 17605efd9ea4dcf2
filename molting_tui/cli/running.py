"""How a command runs: which workspace it is given, how its errors are told, what it exits with.

Exit codes: 0 done, 1 the answer is "no", 2 misuse, bad input or failure, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from molting_tui.cli import printing
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput, Cancelled, MoltingError, Refused
from molting_tui.text import show, show_line

if TYPE_CHECKING:
    from molting_tui.curation.triage import Desk
    from molting_tui.overview.taking_in import Taken
    from molting_tui.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])
NO = 1
FAILED = 2
STOPPED = 130
"""128 + SIGINT, as shells report it."""

COMPLETE = "_MOLTING_COMPLETE"
"""The variable by which a shell asks what a word that was begun may become."""

_WORKSPACE = "molting.workspace"
_STDIN = ("-", "/dev/stdin")
_MOST_TEXT = 64 << 20
"""Bytes of a text that a person writes for a pair."""


class Command(click.Command):
    """A command that knows its examples and takes `-w` after its name too."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = tuple(examples)
        self.params.append(workspace_option())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, one a line."""
        _write_examples(self.examples, formatter)


class Group(click.Group):
    """A command with commands of its own."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = tuple(examples)
        self.params.append(workspace_option())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, one a line."""
        _write_examples(self.examples, formatter)


class Root(Group):
    """The `molting` command: private files, errors as one sentence, the exit codes above."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A reader that has seen enough (`molting pairs | head`) is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _reader_left()

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and leave with its exit code."""
        os.umask(0o077)
        printing.prepare_streams()
        run = functools.partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        code = _guarded(run)
        _let_lost_streams_go()
        return sys.exit(code)


def workspace_option() -> click.Option:
    """`-w FOLDER`, for the group and for every command."""
    return click.Option(
        ["-w", "--workspace"],
        metavar="FOLDER",
        expose_value=False,
        callback=_remember_workspace,
        help="The workspace; else $MOLTING_WORKSPACE, else the nearest parent folder with a molting.toml.",
    )


def json_option() -> Callable[[F], F]:
    """`--json`, for every command that reads."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON value and nothing else.")


def where_option(meaning: str) -> Callable[[F], F]:
    """`--where FILTER`."""
    return click.option(
        "--where",
        metavar="FILTER",
        default="",
        shell_complete=_filter_words,
        help=f"{meaning} For example 'state:open flag:agent-speech -lang:pt deploy'.",
    )


def named_workspace() -> str | None:
    """What `-w` said, or None."""
    folder: str | None = click.get_current_context().meta.get(_WORKSPACE)
    return folder


@contextmanager
def workspace_here(*, quiet: bool = False) -> Iterator[Workspace]:
    """The workspace that the command is about, open. Raises BadInput if there is none.

    That it can only be read is said on stderr, unless `quiet`.
    """
    from molting_tui import workspace

    opened = workspace.open_workspace(workspace.find(named_workspace()))
    try:
        if opened.read_only and not quiet:
            printing.tell(f"molting: {opened.read_only}")
        yield opened
    except (MoltingError, OSError, click.ClickException, click.exceptions.Exit, click.Abort):
        raise  # told as what they are
    except Exception as error:
        wrong = _of_values(opened)
        if wrong is None:
            raise
        raise wrong from error
    finally:
        opened.close()


def _of_values(opened: Workspace) -> MoltingError | None:
    """Whether a mistake is the database's: nothing of ours can be expected to go well on values that can't be."""
    from molting_tui.overview.doctor import wrong_value

    return None if os.environ.get("MOLTING_TRACEBACK") else wrong_value(opened.folder)


@contextmanager
def workspace_with_results() -> Iterator[tuple[Workspace, Taken]]:
    """The workspace that the command is about, with what its runs have made taken in."""
    from molting_tui.evaluation.scoring.open_answers import changed_since

    with workspace_here() as workspace:
        taken = results_taken(workspace)
        for sentence in changed_since(workspace):
            printing.tell(f"molting: {sentence}")
        yield workspace, taken


def results_taken(workspace: Workspace) -> Taken:
    """Take in what runs have made since the last look."""
    from molting_tui.overview.taking_in import take_in

    with watched("Stopped. Some answers have their flags; the next command goes on.") as progress:
        return take_in(workspace, progress)


@contextmanager
def workspace_with_flags() -> Iterator[Workspace]:
    """The workspace that the command is about, its flags made whole first, with a progress of their own."""
    with workspace_here() as workspace:
        finish_flags(workspace)
        yield workspace


@contextmanager
def desk_here() -> Iterator[Desk]:
    """A desk at the workspace that the command is about."""
    from molting_tui.curation.triage import Desk

    with workspace_here() as workspace:
        finish_flags(workspace)
        yield Desk(workspace)


def finish_flags(workspace: Workspace) -> None:
    """Make the flags whole if a migration left them half made, and say on stderr what changed.

    A rule file with a mistake is said and stops nothing that doesn't need flags.
    """
    from molting_tui.curation import flagging

    if flagging.being_made(workspace) is None or workspace.read_only:
        return
    try:
        with watched("Stopped. Some pairs are flagged anew; the next command goes on.") as progress:
            changes = flagging.finish(workspace, progress)
    except Cancelled:
        raise
    except MoltingError as error:
        waiting = flagging.being_made(workspace)
        printing.tell(f"molting: {show_line(error.sentence(), 1000)}")
        printing.tell(flagging.progress_sentence(waiting) if waiting else "")
        return
    if changes is not None:
        printing.tell(f"The flags were made anew by this version's rules. {flagging.changes_sentence(changes)}")


def text_of(path: str) -> str:
    """The text of a file (`-`: of stdin). Raises BadInput for one that can't be read, isn't UTF-8 or is blank."""
    from molting_tui.regular_files import read_regular

    try:
        data = sys.stdin.buffer.read(_MOST_TEXT + 1) if path in _STDIN else read_regular(path, _MOST_TEXT)
        if len(data) > _MOST_TEXT:
            raise OSError(errno.EFBIG, f"it is larger than {_MOST_TEXT:,} bytes")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=path, fix="Check the path.") from error
    except UnicodeDecodeError as error:
        raise BadInput("isn't UTF-8.", where=path, fix="Save the file as UTF-8.") from error
    if not text.strip():
        raise BadInput("there is no text in it.", where=path, fix="Write the new text into it.")
    return text


def ask_to_replace(error: Refused, *, ask: bool) -> None:
    """Return where a person at a terminal lets something be replaced. Raises `error`, which says what stands there,
    where there is nobody to `ask`, and for a no."""
    if not ask or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise error
    printing.tell(f"{error.where}: {error.what}")
    if not click.confirm("Replace it?", default=False, err=True):
        raise error


def leave(code: int) -> NoReturn:
    """End the command with an exit code."""
    click.get_current_context().exit(code)


def _remember_workspace(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        ctx.meta[_WORKSPACE] = value
    return value


def _filter_words(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    from molting_tui.curation.filter_completion import last_word, offered

    before = incomplete.removesuffix(last_word(incomplete))
    with ctx.scope(cleanup=False):
        return [before + word for word in offered(incomplete, _names_here).words]


def _names_here(field: str) -> list[str]:
    """The names that a field knows in the workspace here; none where none can be read: a shell can't say why."""
    from molting_tui.curation.filter_names import known_names

    try:
        with workspace_here(quiet=True) as workspace:
            return known_names(workspace, field)
    except (MoltingError, OSError):
        return []


def _write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{' ' * formatter.current_indent}{example}\n")


def _guarded(run: Callable[[], object]) -> int:
    """The exit code of `run`; whatever it raises becomes one sentence on stderr."""
    try:
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        return _failure(_misuse(error))
    except (Cancelled, KeyboardInterrupt, click.Abort) as stopped:
        sentence = stopped.sentence() if isinstance(stopped, MoltingError) else "Stopped."
        return _failure(sentence, STOPPED)
    except Refused as refused:
        return _failure(refused.sentence(), NO)
    except MoltingError as error:
        return _failure(error.sentence())
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        fix = "Free some space and do it again." if error.errno == errno.ENOSPC else "See `molting doctor`."
        return _failure(f"{place}{error.strerror or error}. {fix}")
    except Exception as error:
        if os.environ.get("MOLTING_TRACEBACK"):
            raise
        return _failure(
            f"a mistake in molting itself ({type(error).__name__}: {error}); what was stored is safe. "
            "MOLTING_TRACEBACK=1 shows where: please report it."
        )


def _failure(sentence: str, code: int = FAILED) -> int:
    printing.tell("molting: " + " ".join(show(sentence).split()))
    return code


def _misuse(error: click.ClickException) -> str:
    message = error.format_message()
    sentence = message if message.endswith(("?", ".")) else f"{message}."
    ctx = getattr(error, "ctx", None)
    return f"{sentence} See `{ctx.command_path} --help`." if ctx is not None else sentence


def _let_lost_streams_go() -> None:
    """Where the terminal is gone, the interpreter's last flush must not fail: it would change the exit code to 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            if error.errno == errno.EIO:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _reader_left() -> int:
    # `molting pairs | head`: the reader has what it wanted. The interpreter flushes stdout once more at its end,
    # which must not fail then.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
