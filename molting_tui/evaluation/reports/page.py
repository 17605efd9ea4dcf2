"""The page to publish: a report as headings, tables and charts, whichever way it is written down."""

from __future__ import annotations

from collections.abc import Iterator

from molting_tui.evaluation.reports.blocks import (
    ABSENT,
    Block,
    Bullets,
    GridChart,
    Heading,
    LevelBar,
    LevelChart,
    Paragraph,
    ScoreChart,
    ScoreMark,
    Table,
    Verbatim,
    with_columns_known,
)
from molting_tui.evaluation.reports.page_words import (
    KNOWN_FROM,
    TOLD,
    interval_words,
    level_words,
    made_words,
    mean_words,
    points_words,
    rate_words,
    score_shown,
    score_words,
    share_words,
    told_words,
)
from molting_tui.evaluation.results.verdict_words import interval, signed
from molting_tui.evaluation.scoring.points import counted, shown
from molting_tui.records.evaluation import ContenderResult, Rubric
from molting_tui.records.reports import Report, Training, Version
from molting_tui.records.totals import ReportedTotal

DIGEST = 12
"""Characters of a digest that are compared by eye; the JSON has all of them."""


def blocks_of(report: Report) -> list[Block]:
    """Everything that a report says, from its title to its lineage. A section that would be empty isn't there."""
    return [
        *_head(report),
        *_scores(report),
        *_what_changed(report),
        *_verdicts(report),
        *_recipes(report),
        *_dimensions(report),
        *_questions(report),
        *_sheets(report),
        *_levels(report),
        *_hints(report),
        *_told(report),
        *_notes(report),
        *_lineage(report),
        *_answers(report),
    ]


def _head(report: Report) -> Iterator[Block]:
    rubric = report.results.rubric
    sets = ", ".join(report.results.question_sets)
    yield Heading(1, f"{report.title}: versions by {rubric.id} {rubric.version}")
    asked = f" Questions: {sets}." if sets else ""
    yield Paragraph(
        f"Made by molting {report.molting} on {report.created[:10]} from what is stored. Scores are out of 10, by "
        f"{rubric.title} (digest {rubric.digest[:DIGEST]}).{asked}"
    )


def _scores(report: Report) -> Iterator[Block]:
    """Every version in a line: what was measured, what was told, what it was made of."""
    if not report.versions:
        yield Paragraph("No version is known yet: nothing was trained, scored or told by a report.")
        return
    names = list(dict.fromkeys(share.name for version in report.versions for share in version.counts))
    rows = [
        (
            version.name,
            score_words(report.results.rubric, version),
            interval_words(version.result),
            "/".join(map(counted, version.result.points)) if version.result and version.result.n else "",
            *(share_words(version, name) for name in names),
        )
        for version in report.versions
    ]
    marks = tuple(filter(None, (_mark(report.results.rubric, version) for version in report.versions)))
    yield Heading(2, "Versions")
    if marks:
        yield ScoreChart(marks)
    yield with_columns_known(("Version", "Score", "95 % interval", "Points", *names), rows)
    if any(version.reported and version.score is None for version in report.versions):
        yield Paragraph(
            f"A score marked “{TOLD}” stands in a report whose sheet isn't here. It can't be compared with one that "
            "was measured."
        )
    made = [(version.name, *made_words(version.training)) for version in report.versions if version.training]
    if made:
        yield Heading(2, "What they were made of")
        yield with_columns_known(
            ("Version", "Pairs", "Steps", "Loss", "Time", "Memory", "Run"), made, frozenset({0, 1, 6})
        )


def _what_changed(report: Report) -> Iterator[Block]:
    """Of each version what changed since the one before, and what may be said of the two."""
    compared = [version for version in report.versions if version.changes]
    if compared:
        yield Heading(2, "What changed")
    for version in compared:
        changes = version.changes
        assert changes is not None, "it was asked for above"
        yield Heading(3, f"{changes.since} → {version.name}")
        if changes.variables:
            rows = tuple((each.variable, each.before, each.after) for each in changes.variables)
            yield Table(("Variable", changes.since, version.name), rows, frozenset({0, 1, 2}))
        sentences = [changes.sentence] + ([version.compared.sentence] if version.compared else [])
        yield Bullets(tuple(sentences))


def _verdicts(report: Report) -> Iterator[Block]:
    """Verdicts that no version's own lines tell, and what battles say."""
    if report.verdicts:
        yield Heading(2, "Other verdicts")
        yield Bullets(tuple(" ".join((f"{each.title}.", each.sentence, *each.without)) for each in report.verdicts))
    if report.battles:
        yield Heading(2, "Battles")
        yield Paragraph("Two answers side by side, blind. Ties and battles that both lost count half a win each.")
        head = ("Contender", "Against", "Won", "Lost", "Tied", "Both bad", "Win rate", "95 % interval")
        rows = tuple(
            (
                each.result.a,
                each.result.b,
                *(
                    str(count)
                    for count in (each.result.wins, each.result.losses, each.result.ties, each.result.both_bad)
                ),
                "" if each.result.rate is None else f"{100 * each.result.rate:.0f} %",
                " .. ".join(f"{100 * end:.0f}" for end in each.result.interval or ()),
            )
            for each in report.battles
        )
        yield with_columns_known(head, rows, frozenset({0, 1}))
        yield Bullets(tuple(" ".join((each.sentence, *each.trust)) for each in report.battles))
    if report.strengths:
        yield Heading(3, "Strength of each")
        yield Paragraph(f"Log odds among the {len(report.strengths)} that fought each other, by Davidson's model.")
        rows = tuple((each.contender, signed(each.value), interval(each.interval)) for each in report.strengths)
        yield Table(("Contender", "Strength", "95 % interval"), rows)


def _recipes(report: Report) -> Iterator[Block]:
    """Settings by version; those that are the same wherever they are told are one sentence."""
    trained = {version.name: dict(version.training.recipe) for version in report.versions if version.training}
    asked = {version.name: dict(version.asked) for version in report.versions}
    for title, settings in (("Recipes", trained), ("How they were asked", asked)):
        by_version = {name: of for name, of in settings.items() if of}
        names = list(dict.fromkeys(name for of in by_version.values() for name in of))
        values = {name: {of[name] for of in by_version.values() if name in of} for name in names}
        differing = [name for name in names if len(values[name]) > 1 or len(by_version) == 1]
        alike = [name for name in names if name not in differing]
        if not names:
            continue
        yield Heading(2, title)
        if differing:
            rows = tuple((name, *(of.get(name, ABSENT) for of in by_version.values())) for name in differing)
            yield Table(("Setting", *by_version), rows)
        if alike:
            yield Paragraph(
                f"The same wherever it is told: {', '.join(f'{name} {next(iter(values[name]))}' for name in alike)}."
            )


def _dimensions(report: Report) -> Iterator[Block]:
    rubric = report.results.rubric
    measured = _measured(report)
    if not measured:
        return
    yield Heading(2, "Dimensions")
    top = f"{rubric.scale[0]}–{rubric.scale[-1]}"
    yield Paragraph(f"The mean level of each dimension, on the scale {top}.")
    rows = tuple(
        (version.name, *(mean_words(result, each.id) for each in rubric.dimensions)) for version, result in measured
    )
    yield Table(("Version", *(each.name for each in rubric.dimensions)), rows)


def _questions(report: Report) -> Iterator[Block]:
    """Scores question by question, version beside version."""
    measured = _measured(report)
    prompts = _asked(report)
    if not measured or not prompts:
        return
    scores = {
        (version.name, question.question): question.score
        for version, result in measured
        for question in result.questions
    }
    grid = tuple(
        (prompt, tuple(scores.get((version.name, question)) for version, _ in measured))
        for question, prompt in prompts.items()
    )
    names = tuple(version.name for version, _ in measured)
    yield Heading(2, "Question by question")
    yield GridChart(names, grid)
    rows = tuple((prompt, *(ABSENT if score is None else shown(score) for score in of)) for prompt, of in grid)
    yield Table(("Question", *names), rows)


def _sheets(report: Report) -> Iterator[Block]:
    """The sheet of each version: points by question and dimension, and their sums."""
    rubric = report.results.rubric
    for version, result in _measured(report):
        levels = {level for question in result.questions for level in question.levels.values()}
        yield Heading(3, f"The sheet of {version.name}")
        if any(question.samples > 1 for question in result.questions) or any(level % 1 for level in levels):
            yield Paragraph("Levels and points are means over a question's answers and over their ratings.")
        scored = [question for question in result.questions if question.levels]
        rows = [
            (
                question.prompt,
                *(level_words(question, each.id) for each in rubric.dimensions),
                points_words(rubric, [question]),
            )
            for question in scored
        ]
        totals = (counted(sum(of.levels.get(each.id, 0) for of in scored)) for each in rubric.dimensions)
        last = ("Total", *totals, points_words(rubric, scored))
        head = ("Question", *(each.name for each in rubric.dimensions), "Subtotal")
        yield Table(head, (*rows, last), total=True)
        band = f", {result.band}" if result.band else ""
        yield Paragraph(f"Score: {score_shown(rubric, result.score)} of 10{band}.")


def _levels(report: Report) -> Iterator[Block]:
    rubric = report.results.rubric
    measured = _measured(report)
    if not measured:
        return
    absent = any(any(result.not_applicable.values()) for _, result in measured)
    yield Heading(2, "Answers at each level")
    yield LevelChart(
        rubric.scale,
        tuple(
            (
                version.name,
                tuple(
                    LevelBar(each.name, result.levels[each.id], result.not_applicable[each.id])
                    for each in rubric.dimensions
                ),
            )
            for version, result in measured
        ),
    )
    head = ("Version", "Dimension", *map(str, rubric.scale), *(["not applicable"] if absent else []))
    rows = tuple(
        (
            version.name,
            each.name,
            *map(counted, result.levels[each.id]),
            *([counted(result.not_applicable[each.id])] if absent else []),
        )
        for version, result in measured
        for each in rubric.dimensions
    )
    yield Table(head, rows, frozenset({0, 1}))


def _hints(report: Report) -> Iterator[Block]:
    """What a machine noticed in the answers' words, a person's word over it: flags, facts, and how fast they came."""
    flagged = [(version, version.flags) for version in report.versions if version.flags]
    if flagged:
        names = [name for name in flagged[0][1].flags if any(of.flags[name].hits for _, of in flagged)]
        rows = [
            ("answers", *(str(of.answers) for _, of in flagged)),
            *((name, *(rate_words(of.flags[name]) for _, of in flagged)) for name in names),
            ("factual", *(rate_words(of.factual) for _, of in flagged)),
            ("coherent", *(rate_words(of.coherent) for _, of in flagged)),
            ("waiting for a person (denied?)", *(str(of.waiting) for _, of in flagged)),
            ("confirmed by a person", *(str(of.confirmed) for _, of in flagged)),
        ]
        yield Heading(2, "Flags and facts")
        yield Paragraph(
            "What a machine noticed in the answers' words, a person's word over it: hints, never scores. Factual: all "
            "the facts that can be looked for are said. Coherent: no flag says that the answer is broken. In brackets "
            "the 95 % interval of the rate."
        )
        yield Table(
            ("Flag", *(version.name for version, _ in flagged)),
            tuple(
                tuple(cell or ABSENT for cell in row) for row in rows if any(cell not in ("", "0") for cell in row[1:])
            ),
        )
    speeds = tuple(
        f"{version.name}: {version.result.speed}"
        for version in report.versions
        if version.result and version.result.speed
    )
    if speeds:
        yield Heading(2, "Answer speed")
        yield Bullets(speeds)


def _told(report: Report) -> Iterator[Block]:
    """What the checks say of every total that a report states, and what was measured of the same version."""
    told = [(version, version.reported) for version in report.versions if version.reported is not None]
    if told:
        yield Heading(2, "Totals told by reports")
    for version, total in told:
        notes = [f"Notes: {total.notes}"] if total.notes else []
        yield Heading(3, f"{total.version}: {total.score} by {total.rubric}")
        yield Bullets((*total.checks, *_against_measured(report.results.rubric, version, total), *notes))


def _against_measured(rubric: Rubric, version: Version, total: ReportedTotal) -> Iterator[str]:
    """Whether a total is what was measured here by the same rubric, to the digits that it is told with."""
    score = version.result.score if version.result else None
    if score is None or total.rubric != rubric.id:
        return
    digits = len(total.score.partition(".")[2])
    agrees = abs(float(total.score) - score) <= 0.5 * 10.0**-digits + 1e-9
    yield f"What was measured here is {score_shown(rubric, score)}: {'they agree' if agrees else 'another figure'}."


def _notes(report: Report) -> Iterator[Block]:
    if report.notes:
        yield Heading(2, "What limits this")
        yield Bullets(report.notes)


def _lineage(report: Report) -> Iterator[Block]:
    head = ("Version", "Known from", "Run", "Dataset", "Dataset digest", "Base", "Base digest", "Adapter digest")
    rows = [
        (
            version.name,
            KNOWN_FROM[version.origin],
            made.run,
            made.dataset,
            made.digest[:DIGEST],
            made.base,
            made.base_digest[:DIGEST],
            made.adapter_digest[:DIGEST],
        )
        for version in report.versions
        if (made := version.training or Training(told=True))
    ]
    if rows:
        yield Heading(2, "Lineage")
        yield with_columns_known(head, rows, frozenset(range(len(head))))


def _answers(report: Report) -> Iterator[Block]:
    if report.answers:
        yield Heading(2, "Answers")
    for answer in report.answers:
        sample = f", sample {answer.sample}" if answer.sample else ""
        score = "not scored" if answer.score is None else f"{score_shown(report.results.rubric, answer.score)} of 10"
        yield Heading(3, f"{answer.version}, {answer.question}{sample}: {score}")
        yield Paragraph(answer.prompt)
        yield Verbatim(answer.text)


def _mark(rubric: Rubric, version: Version) -> ScoreMark | None:
    """A version in the chart of scores; None for one without a score."""
    if version.result is not None and version.result.score is not None:
        score, interval = version.result.score, interval_words(version.result)
        words = f"{score_shown(rubric, score)} ({interval})" if interval else score_shown(rubric, score)
        low, high = version.result.interval or (None, None)
        return ScoreMark(version.name, score, low, high, told=False, words=words)
    if version.reported is None:
        return None
    words = told_words(rubric, version.reported)
    return ScoreMark(version.name, float(version.reported.score), None, None, told=True, words=words)


def _measured(report: Report) -> list[tuple[Version, ContenderResult]]:
    """The versions that have a score of their own, with their figures."""
    return [
        (version, version.result)
        for version in report.versions
        if version.result is not None and version.result.score is not None
    ]


def _asked(report: Report) -> dict[str, str]:
    """The questions that any version was scored on, in their order, with their prompts."""
    return {
        question.question: question.prompt
        for _, result in _measured(report)
        for question in result.questions
        if question.samples
    }
