"""Home as lines: the counts, the next step, and beside each other where the pairs stand and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from molting_tui.text import duration, plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging
from molting_tui.ui.pace import Pace
from molting_tui.ui.paragraphs import fit, line

if TYPE_CHECKING:
    from molting_tui.overview.standing import Person, Standing
    from molting_tui.overview.way import Way
    from molting_tui.records.datasets import Dataset
    from molting_tui.records.imports import Project
    from molting_tui.runs.listing import RunLine

TWO_COLUMNS = 110
"""From this width on the pairs stand beside what came of them."""
ROOMY = 36
"""From this height on, beside that width, lists have a line for each item."""
WIDEST = 76
"""Cells of the widest column, and half of the widest line: more would be no easier to read."""
LISTED = 7
"""Lines of a list with a line for each item."""
Item = tuple[str, int, str]
"""A name that can be shown, its pairs, and what more there is to say."""
MORE = {"Projects": ": P"}
"""The keys that show the rest of a list."""
_LABEL = 12
_GAP = 3
_PEOPLE = 3
"""People who have a line of their own."""
_ITEM = 30
"""Cells of the longest name of a project or a family of flags."""
_SPARKS = "▁▂▃▄▅▆▇█"
_COUNTING = "…"


def home_lines(
    way: Way,
    width: int,
    standing: Standing | None = None,
    notes: Sequence[str] = (),
    *,
    height: int = 0,
    today: date | None = None,
) -> list[Strip]:
    """Where one stands and what to do next; what isn't counted yet has its place, and `notes` are those by rules. Where
    there is room, each project and each family of flags has a line."""
    wide = min(width, 2 * WIDEST + _GAP)
    today, roomy = today or date.today(), height >= ROOMY
    lines = [line(""), *_count_lines(way, wide), line("")]
    lines += _next_lines(way, wide)
    if width >= TWO_COLUMNS and way.pairs.counts.total:
        column = (wide - _GAP) // 2
        left, right = _pairs(way, standing, column, roomy), _outcomes(way, standing, column, today, roomy)
        lines += [line(""), *_beside(left, right, column)]
    else:
        lines += _going_on(way, wide, roomy=False)
        for part in (_pairs(way, standing, wide, False), _made(way, standing, wide, today, roomy=False)):
            lines += [line(""), *part] if part else []
    lines.append(line(""))
    for note in (*way.notes, *notes):
        lines += hanging(f"  {look.FLAG_SIGN} ", look.FLAG_MARK, note, wide)
    return lines


def running_sentence(run: RunLine) -> str:
    """A run that is at work, in one sentence: `7 v2.1, step 61 of 114, 4 min 12 s left. F4 to watch.`"""
    word = "step" if run.kind == "train" else "answer"
    parts = [f"{run.number} {run.name}"]
    parts.append(f"{word} {run.step:,} of {run.steps:,}" if run.steps else run.state)
    if run.seconds_left is not None:
        parts.append(f"{duration(run.seconds_left)} left")
    return f"{', '.join(parts)}. F4 to watch."


def spark(days: Sequence[int]) -> str:
    """A bar a day, the highest as high as a line; a day without any is a point."""
    most = max(days, default=0)
    return "".join(_SPARKS[(len(_SPARKS) - 1) * count // most] if count else "·" for count in days)


# Above


def _count_lines(way: Way, width: int) -> list[Strip]:
    """From sessions to scores: as many counts on a line as there is room for; of what comes after the pairs only what
    there is."""
    pairs = way.pairs
    counts = [
        ("sessions", pairs.sessions), ("turns", pairs.turns), ("pairs", pairs.counts.total), ("exports", pairs.exports),
        ("datasets", way.datasets), ("runs", way.runs), ("answers", way.answers), ("scored", way.scored),
    ]  # fmt: skip
    told = counts[:3] + [count for count in counts[3:] if count[1] or (count[0] == "scored" and way.answers)]
    return [line((text, look.BOLD)) for text in _flowing([f"{name} {number:,}" for name, number in told], width, 2)]


def _next_lines(way: Way, width: int) -> Iterator[Strip]:
    for index, text in enumerate(way.next_steps):
        for strip in hanging(_label("" if index else "Next"), look.BOLD, text, width):
            yield strip if index else strip.apply_style(look.BOLD)
        if not index and way.pairs.counts.open and (pace := Pace(way.decided).sentence(way.pairs.counts.open)):
            yield line((fit(f"{'':{_LABEL}}{pace}.", width), look.DIM))


# The pairs


def _pairs(way: Way, standing: Standing | None, width: int, roomy: bool) -> list[Strip]:
    """States as bars, flags, projects, and who decided how much in the last days."""
    if not way.pairs.counts.total:
        return []
    gap = [line("")] if roomy else []
    states = list(_state_lines(way, width))
    if standing is None:
        counting = ([*gap, _one(name, _COUNTING, width)] for name in ("14 days", "Flags", "Projects"))
        return [*states, *(strip for part in counting for strip in part)]
    flags = [(show_line(family, _ITEM), pairs, "") for family, pairs in standing.flags.items()]
    projects = [_project(each, tell_new=way.pairs.new_wait) for each in standing.projects]
    listed = _listed if roomy else _items
    return [
        *states,
        *gap,
        *_people(standing.people, width),
        *gap,
        *(listed("Flags", flags, width) if flags else [_one("Flags", "none", width)]),
        *gap,
        *listed("Projects", projects, width),
        *(
            [line(""), line((fit(f"{'':{_LABEL}}F9: all figures, and the pairs behind each.", width), look.DIM))]
            if roomy
            else []
        ),
    ]


def _state_lines(way: Way, width: int) -> Iterator[Strip]:
    counts = way.pairs.counts
    states = (
        (look.KEPT_SIGN, "kept", counts.keep),
        (look.DROPPED_SIGN, "dropped", counts.drop),
        (look.OPEN_SIGN, "open", counts.open),
        (look.REWRITTEN_SIGN, "rewritten", counts.rewritten),
    )
    digits = len(f"{counts.total:,}")
    for number, (sign, name, pairs) in enumerate(states):
        share = 100 * pairs / counts.total
        percent = "< 1 %" if 0 < share < 0.5 else f"{share:.0f} %"
        label = _label("" if number else "Pairs")
        text = f"{sign} {name:<9} {pairs:>{digits},}  {percent:>5}  "
        bar = _bar(pairs, counts.total, width - len(label) - len(text) - 1)
        yield line((label, look.BOLD), fit(f"{text}{bar}", width - len(label)))


def _bar(count: int, whole: int, width: int) -> str:
    """A bar in halves of a cell; anything above nothing has one."""
    if not count or width < 1:
        return ""
    halves = max(round(2 * width * count / whole), 1)
    return "━" * (halves // 2) + "╸" * (halves % 2)


def _project(project: Project, *, tell_new: bool) -> Item:
    """A project, its pairs, what of them is open and (of a later import than the first) new."""
    inside = [f"{project.open:,} open"] if project.open else []
    inside += [f"{project.new:,} new"] if project.new and tell_new else []
    return show_line(project.name, _ITEM) or "no project", project.pairs, ", ".join(inside)


def _people(people: Sequence[Person], width: int) -> Iterator[Strip]:
    if not people:
        yield _one("14 days", "nothing decided", width)
    named = len(people) > 1
    name_room = max((cell_len(show_line(person.name, 16)) for person in people[:_PEOPLE]), default=0)
    for number, person in enumerate(people[:_PEOPLE]):
        name = f"{show_line(person.name, 16):<{name_room}}  " if named else ""
        told = f"{name}{spark(person.days)}  {_work_of(person, width - _LABEL - cell_len(name) - 16, named)}"
        yield _one("" if number else "14 days", told, width)
    if len(people) > _PEOPLE:
        yield _one("", f"and {plural(len(people) - _PEOPLE, 'other')}", width)


def _work_of(person: Person, room: int, named: bool) -> str:
    """`182 decisions, 60 an hour, 380 in bulk`, in fewer words beside a name, and of that as much as there is room
    for."""
    count = f"{person.one_by_one:,}" if named else plural(person.one_by_one, "decision")
    parts = [count] if person.one_by_one or not person.in_bulk else []
    if rate := Pace(person.times).an_hour():
        parts.append(f"{rate:,.0f} an hour")
    if person.in_bulk:
        parts.append(f"{person.in_bulk:,} in bulk")
    while len(parts) > 1 and len(", ".join(parts)) > room:
        parts.pop()
    return ", ".join(parts)


# What came of them


def _outcomes(way: Way, standing: Standing | None, width: int, today: date, roomy: bool) -> list[Strip]:
    """What is at work, what waits, and the latest of each kind."""
    going_on, made = list(_going_on(way, width, roomy)), list(_made(way, standing, width, today, roomy))
    return [*going_on, *([line("")] if roomy and going_on and made else []), *made]


def _going_on(way: Way, width: int, roomy: bool) -> Iterator[Strip]:
    """What is at work, and what waits for this person with the key that leads there."""
    for run in way.at_work:
        yield from _hung("Running", running_sentence(run), width)
    waiting = [
        f"{plural(count, one, many)} {what}"
        for count, one, many, what in (
            (way.waiting, "answer waits", "answers wait", "for a blind score. F5."),
            (way.battles, "battle waits", "battles wait", "for a vote. F6."),
            (way.proposed, "question is", "questions are", "proposed for the bank. F8."),
            (way.drafts, "rewrite is", "rewrites are", "unfinished. F2, F is:draft."),
        )
        if count
    ]
    for number, sentence in enumerate(waiting if roomy else filter(None, [" ".join(waiting)])):
        yield from _hung("" if number else "Waiting", sentence, width, most=4)


def _made(way: Way, standing: Standing | None, width: int, today: date, roomy: bool) -> Iterator[Strip]:
    """The runs that have ended, the newest dataset, the last result."""
    yield from _ended(way.ended if roomy else _telling(way.ended), width)
    yield from _dataset(way, standing, width, today)
    result = list(_result(standing, width, today))
    if result and roomy and (way.ended or way.datasets):
        yield line("")
    yield from result


def _ended(ended: Sequence[RunLine], width: int) -> Iterator[Strip]:
    for number, run in enumerate(ended):
        yield from _hung("" if number else "Runs", _run_sentence(run), width)


def _dataset(way: Way, standing: Standing | None, width: int, today: date) -> Iterator[Strip]:
    if way.datasets:
        dataset = standing.dataset if standing else None
        yield from _hung("Dataset", _dataset_sentence(dataset, today) if dataset else _COUNTING, width)


def _result(standing: Standing | None, width: int, today: date) -> Iterator[Strip]:
    """The verdict that was shown last, and under it by which rubric and when."""
    result = standing.result if standing else None
    if result is None:
        return
    names = f"{show_line(result.a, _ITEM)} against {show_line(result.b, _ITEM)}"
    figures = f", {result.figures}" if result.figures else ""
    yield from _hung("Result", f"{names}: {result.title}{figures}.", width)
    seen = "Scored again since: F7 adds up anew." if result.outdated else "F7."
    told = f"{show_line(result.rubric, _ITEM)}, shown {_day(result.time, today)}. {seen}"
    for strip in _hung("", told, width):
        yield strip.apply_style(look.DIM)


def _telling(ended: Sequence[RunLine]) -> Sequence[RunLine]:
    """Of runs that have ended the one that tells most: the newest training, else the newest."""
    trained = [run for run in ended if run.kind == "train"]
    return (trained or ended)[:1]


def _run_sentence(run: RunLine) -> str:
    parts = [f"{run.number} {run.name} {run.state}"]
    if run.kind == "train" and run.loss is not None:
        parts.append(f"loss {run.loss:.2f}")
    if run.kind == "answer" and run.steps:
        parts.append(plural(run.step, "answer"))
    return f"{', '.join(parts)}. F4."


def _dataset_sentence(dataset: Dataset, today: date) -> str:
    words = {"train": "train", "held_out": "held out", "bank": "questions"}
    parts = [f"{pairs:,} {words[part]}" for part, pairs in dataset.parts.items() if pairs and part in words]
    parts.append(f"frozen {_day(dataset.time, today)}")
    return f"{show_line(dataset.name, _ITEM)}: {', '.join(parts)}. F3."


def _day(time: str, today: date) -> str:
    """A day as people say it: `today`, `yesterday`, `on 3 Feb`, with its year where it is another."""
    try:
        day = datetime.fromisoformat(time).astimezone().date()
    except ValueError:
        return f"on {show_line(time, 10)}"
    if (today - day).days in (0, 1):
        return ("today", "yesterday")[(today - day).days]
    return f"on {day.day} {day:%b}" + ("" if day.year == today.year else f" {day.year}")


# How lines are made


def _label(name: str) -> str:
    return f"  {f'{name}:' if name else '':<{_LABEL - 2}}"


def _hung(name: str, sentence: str, width: int, most: int = 2) -> Iterator[Strip]:
    """A sentence beside its label, on so many lines at most."""
    for strip in hanging(_label(name), look.BOLD, sentence, width, most=most):
        yield strip if strip.cell_length <= width else strip.crop(0, width)


def _one(name: str, text: str, width: int) -> Strip:
    return line((_label(name), look.BOLD), fit(text, width - _LABEL))


def _items(name: str, items: Sequence[Item], width: int, most: int = 2) -> Iterator[Strip]:
    """Items one after the other on at most so many lines; how many others there are stands at the end."""
    texts = [f"{title} {pairs:,}" + (f" ({more})" if more else "") for title, pairs, more in items]
    rows, shown = _flowing(texts, width, _LABEL), len(texts)
    while shown > 1 and len(rows) > most:
        shown -= 1
        rows = _flowing([*texts[:shown], f"and {len(texts) - shown:,} more{MORE.get(name, '')}"], width, _LABEL)
    for number, row in enumerate(rows[:most]):
        yield line((_label("" if number else name), look.BOLD), row[_LABEL:])


def _listed(name: str, items: Sequence[Item], width: int) -> Iterator[Strip]:
    """Items one under the other, their figures aligned."""
    most = items if len(items) <= LISTED else items[: LISTED - 1]
    room = max((cell_len(title) for title, _, _ in most), default=0)
    digits = max((len(f"{pairs:,}") for _, pairs, _ in most), default=0)
    for number, (title, pairs, more) in enumerate(most):
        pad = " " * (room - cell_len(title))
        yield _one("" if number else name, f"{title}{pad}  {pairs:>{digits},}  {more}", width)
    if len(items) > len(most):
        yield _one("", f"and {len(items) - len(most):,} more{MORE.get(name, '')}", width)


def _flowing(items: Iterable[str], width: int, indent: int) -> list[str]:
    """Items with three spaces between them, on as many lines as they need."""
    rows: list[str] = []
    for item in items:
        text = fit(item, width - indent)
        if rows and cell_len(rows[-1]) + 3 + cell_len(text) <= width:
            rows[-1] += f"   {text}"
        else:
            rows.append(f"{'':{indent}}{text}")
    return rows


def _beside(left: Sequence[Strip], right: Sequence[Strip], width: int) -> Iterator[Strip]:
    """Two columns; the left is padded to its width."""
    gap = Strip([Segment(" " * _GAP)])
    blank = Strip([])
    for one, other in zip_longest(left, right, fillvalue=blank):
        yield Strip([*one.adjust_cell_length(width, look.PLAIN), *gap, *other]) if other.cell_length else one
