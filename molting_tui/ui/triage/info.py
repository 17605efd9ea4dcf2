"""Everything about one pair: where it comes from, its flags, what was said of it, the turn it was made from."""

from __future__ import annotations

from collections.abc import Iterable

from textual.strip import Strip

from molting_tui.curation.triage import Desk
from molting_tui.records.pairs import Pair
from molting_tui.records.surroundings import Surroundings
from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.reader import ReaderScreen
from molting_tui.ui.frame import columns
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.prose import prose
from molting_tui.ui.triage.conversation import turn_words, when
from molting_tui.ui.triage.facts import event_sentence, flagged_text


class InfoScreen(ReaderScreen):
    """The whole story of a pair."""

    def __init__(self, desk: Desk, pair: Pair) -> None:
        super().__init__("Pair", f"pair {pair.id} · {pair.uid[:12]}")
        self._desk = desk
        self._pair = pair

    def write(self, width: int) -> Iterable[Strip]:
        """Facts, flags, origins, history, turn."""
        pair = self._pair
        yield line("")
        yield from columns(_facts(pair, self._desk.surroundings(pair, 0)), width)
        yield from self._section(
            "Flags", width, [(f"{f.family} · {f.rule}", show_line(flagged_text(pair, f), 120)) for f in pair.flags]
        )
        yield from self._section(
            "Found in",
            width,
            [
                (
                    f"{show_line(o.file.rsplit('/', 1)[-1], 44)}:{o.line}",
                    " · ".join(part for part in (show_line(o.project, 30), when(o.time)) if part),
                )
                for o in pair.origins
            ],
        )
        history = [(str(number), event_sentence(event)) for number, event in enumerate(self._desk.history(pair), 1)]
        history += [
            (f"pair {number}", f"an earlier text of this turn: {state.value}")
            for number, state in self._desk.earlier_texts(pair)
        ]
        yield from self._section("Said of it", width, history)
        for message in pair.messages:
            if message.text != message.original:
                yield from self._text(f"The original {pair.name_of(message.place)}", message.original, width)
        for title, text in self._desk.earlier_words(pair):
            yield from self._text(title, text, width)
        turn = self._desk.turn(pair)
        if turn is not None:
            yield from self._turn(turn[1], width)

    def code_texts(self) -> Iterable[str]:
        """The original words, and those of the turn."""
        pair = self._pair
        yield from (message.original for message in pair.messages if message.text != message.original)
        yield from (text for _, text in self._desk.earlier_words(pair))
        turn = self._desk.turn(pair)
        yield from (value for kind, value in turn[1] if kind != "tool") if turn is not None else ()

    def _section(self, title: str, width: int, rows: list[tuple[str, str]]) -> Iterable[Strip]:
        if rows:
            yield line("")
            yield line((f"  {title}", look.TITLE))
            yield from columns(rows, width, indent=4)

    def _text(self, title: str, text: str, width: int) -> Iterable[Strip]:
        yield line("")
        yield line((f"  {title}", look.TITLE))
        yield from prose(text, width, indent=4, code=self.code_view())

    def _turn(self, steps: tuple[tuple[str, str], ...], width: int) -> Iterable[Strip]:
        yield line("")
        yield line(("  The whole turn", look.TITLE))
        for kind, value in steps:
            if kind == "tool":
                yield line((fit(f"    ⚙ {show_line(value, 60)}", width), look.DIM))
            else:
                yield from prose(value, width, indent=4, code=self.code_view())


def _facts(pair: Pair, around: Surroundings | None) -> list[tuple[str, str]]:
    rows = [
        ("state", pair.state.value + (f", because: {show_line(pair.reason, 100)}" if pair.reason else "")),
        ("before", show_line(pair.before.sentence, 200) if pair.before else ""),
        ("kind", pair.kind),
        ("project", show_line(pair.project, 80)),
        ("session", show_line(pair.session, 80)),
        ("turn", turn_words(around).removeprefix("turn ") if around else ""),
        ("complaint", show_line(around.complaint_words, 100) if around else ""),
        ("model", show_line(pair.model, 80)),
        ("time", when(pair.time)),
        ("language", pair.language),
        ("prompt", f"{len(pair.instruction):,} characters"),
        ("answer", f"{len(pair.response):,} characters"),
        ("tags", " ".join(f"#{show_line(tag, 40)}" for tag in pair.tags)),
        ("comment", show_line(pair.comment, 300)),
    ]
    return [(name, value) for name, value in rows if value]
