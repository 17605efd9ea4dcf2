"""Errors that say what went wrong, where, and what to do about it."""

from __future__ import annotations

import os


class MoltingError(Exception):
    """A failure that a person can act on, as one sentence.

    `what` is the failure, `where` the file, line, field or pair it happened at
    (empty when there is no such place), `fix` what the person can do.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The whole error in one line: where, what, what to do."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} {self.fix}".strip() if self.fix else head


class BadInput(MoltingError):
    """A file, a field or an argument that can't be used as it is."""


class BadFilter(BadInput):
    """A filter that the filter language doesn't know."""


class Refused(MoltingError):
    """Something that molting won't do, because it would do harm (an export with a secret in it)."""


class Cancelled(MoltingError):
    """Long work stopped because the person asked for it. What was stored stays stored."""

    def __init__(self, what: str = "Cancelled.") -> None:
        super().__init__(what)


def mistake_words(error: Exception) -> str:
    """What went wrong in our own code, where nobody foresaw it, and the file and line of it."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    place = f" at {os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno}" if last else ""
    return f"{type(error).__name__} ({error}){place}"
