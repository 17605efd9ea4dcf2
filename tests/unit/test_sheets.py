"""Score sheets: the customer's v2.3 table gives 29 of 64, and every mistake of a sheet is told at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.evaluation.scoring.points import points, score_of_levels, shown
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.evaluation.scoring.sheets import BadSheet, Sheet, read_sheet
from molting_tui.workspace import shipped

SHIPPED = find_rubric(None, "four-criteria")
FOUR = replace(SHIPPED, dimensions=tuple(each._replace(na_when="not asked for") for each in SHIPPED.dimensions))
"""The customer's four criteria, as if each could be not applicable."""
EIGHT = find_questions(None, "personality-8")
CONTROL = find_questions(None, "control")
HEAD = "question,agent,factual,personality,complete\n"


def read(folder: Path, text: str | bytes, *, language: str = "en") -> Sheet:
    path = folder / "sheet.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sheet(path, FOUR, EIGHT, language=language)


def mistakes(folder: Path, text: str, *, language: str = "en") -> list[str]:
    with pytest.raises(BadSheet) as caught:
        read(folder, text, language=language)
    start = f"{folder / 'sheet.csv'}:"
    assert all(one.startswith(start) for one in caught.value.mistakes)
    assert "Nothing was taken" in caught.value.sentence()
    return [one.removeprefix(start) for one in caught.value.mistakes]


def read_or_refused(path: Path) -> Sheet | str:
    """The sheet, or the sentence that refuses it."""
    try:
        return read_sheet(path, FOUR, CONTROL, language="en")
    except BadInput as error:
        return error.sentence()


@pytest.mark.parametrize("language", ["en", "pt"])
def test_the_customers_sheet_gives_29_of_64(language: str) -> None:
    sheet = read_sheet(shipped("data") / "sheets" / "v2.3.csv", FOUR, EIGHT, language=language)
    assert [row.question.id for row in sheet.rows] == [
        f"{name}.{language}" for name in ("joao", "molting", "crm", "tech", "self", "personality", "work", "strengths")
    ]
    scores = [score for row in sheet.rows if (score := score_of_levels(FOUR, row.levels)) is not None]
    assert sum(points(FOUR, row.levels)[0] for row in sheet.rows) == 29
    assert shown(sum(scores) / len(scores)) == "4.53"
    assert (sheet.sums, sheet.empty, sheet.missing) == (13, 0, ())
    assert sheet.left_out == ("13 sums checked against the levels and left out.",)


def test_a_row_holds_who_rated_which_answer(tmp_path: Path) -> None:
    sheet = read(
        tmp_path,
        "Question,Contender,Sample,Rater,AGENT,Factual,personality,Complete,Note\n"
        'joao.en,v2.3,1,ana,2,-,0,,"good, but short"\n',
    )
    row = sheet.rows[0]
    assert (row.line, row.contender, row.sample, row.rater, row.note) == (2, "v2.3", 1, "ana", "good, but short")
    assert row.levels == {"agent": 2, "factual": None, "personality": 0}


def test_not_applicable_is_refused_of_a_dimension_that_always_applies(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"{HEAD}Q1,-,2,2,n/a\nQ2,1,1,1,7\n", "utf-8")
    with pytest.raises(BadSheet) as caught:
        read_sheet(path, SHIPPED, EIGHT, language="en")
    always = "always applies under four-criteria (no `na_when`): give it 0, 1 or 2."
    assert [one.removeprefix(f"{path}:") for one in caught.value.mistakes] == [
        f"2: column `agent`: `-` is no level: agent {always}",
        f"2: column `complete`: `n/a` is no level: complete {always}",
        "3: column `complete`: `7` isn't on the scale (0 1 2).",
    ]


def test_dimensions_may_be_named_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(
        "question\tIdentity Coherence\td2\tD3 (voice)\tD4: Cleanliness\tQUALITY /2\njoao.en\t1\t2\t0\t1\t2\n"
    )
    rows = read_sheet(path, find_rubric(None, "personality-v1"), EIGHT).rows
    assert rows[0].levels == {"D1": 1, "D2": 2, "D3": 0, "D4": 1, "D5": 2}


def test_a_dimension_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"sheet\.csv:1: four-criteria has dimensions without a column here: complete\."):
        read(tmp_path, "question,agent,factual,personality\nQ1,2,2,2\n")
    path = tmp_path / "s.csv"
    path.write_text("question,D1,D2,D3\nQ1,1,1,1\n")
    with pytest.raises(BadInput, match="D4 Behavioral Cleanliness, D5 Response Quality"):
        read_sheet(path, find_rubric(None, "personality-v1"), EIGHT, language="en")
    assert read(tmp_path, "question,agent,factual,personality,complete\nQ1,2,2,2,\n").rows[0].levels == {
        "agent": 2, "factual": 2, "personality": 2
    }  # fmt: skip


def test_a_sheet_of_a_portuguese_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "folha.csv"
    path.write_bytes(
        "\ufeffsep=;\r\nPergunta;Identidade;Precisão factual;VOZ;Comportamento;Qualidade;Nota;Avaliador;Observação\r\n"
        "P1: Quem é o João?;2,0;1;0;2;2;7/10;ana;boa, mas curta\r\n"
        "P2;1;1,0;0;2;2;6,0;ana;\r\n"
        "Soma;3;2;0;4;4;13/20;;\r\n".encode()
    )
    sheet = read_sheet(path, find_rubric(None, "personality-v1"), EIGHT, language="pt")
    assert [(row.line, row.question.id, row.rater, row.note) for row in sheet.rows] == [
        (3, "joao.pt", "ana", "boa, mas curta"), (4, "molting.pt", "ana", "")
    ]  # fmt: skip
    assert [tuple(row.levels.values()) for row in sheet.rows] == [(2, 1, 0, 2, 2), (1, 1, 0, 2, 2)]
    assert sheet.sums == 8


def test_a_mark_may_be_points_or_a_score_of_ten_or_words(tmp_path: Path) -> None:
    head = "Pergunta;Agente;Fatos;Personalidade;Completo;Nota\n"
    for mark in ("3", "3/8", "3,75", "3,8", "3.75/10", "4"):
        assert read(tmp_path, f"{head}P1;2;0;0;1;{mark}\n").sums == 1
    assert mistakes(tmp_path, f"{head}P1;2;0;0;1;5,0\n") == [
        "2: column `nota`: the sum is 5,0, but the levels add up to 3/8."
    ]
    assert read(tmp_path, f"{head}P1;2;0;0;1;resposta vaga\nP2;1;1;1;1;4\n").rows[0].note == "resposta vaga"
    assert read(tmp_path, f"{head}P1;2;0;0;1;\n").rows[0].note == ""
    with pytest.raises(BadInput, match="two columns of notes"):
        read(tmp_path, f"{head.strip()};note\nP1;2;0;0;1;vaga;x\n")


PAGE = """\
# Report

| Version | Score | Notes |
|---------|-------|-------|
| v9 | 4.5/10 | **FAILED** |

```
| Question | Agent | Factual | Personality | Complete |
|---|---|---|---|---|
| Q1 | 9 | 9 | 9 | 9 |
```

### Manual Scoring (2 questions × 4 criteria each)

| Question | Agent | Factual | Personality | Complete | Subtotal |
|----------|:-----:|---------|-------------|----------|---------:|
| Q1: Who \\| what is João? | 2 | 0 | *0* | 2 | 4/8 |
| Q2: What is Molting? | 1 | `1` | 0 | 2 | 4/8 |
| **TOTAL** | **3** | **1** | **0** | **4** | **8/16** |

### After it

Question | Why
--- | ---
Q1 | made up
"""


def test_the_sheet_of_a_markdown_report_is_found_among_its_tables(tmp_path: Path) -> None:
    sheet = read(tmp_path, PAGE)
    assert [(row.line, row.question.id) for row in sheet.rows] == [(17, "joao.en"), (18, "molting.en")]
    assert [tuple(row.levels.values()) for row in sheet.rows] == [(2, 0, 0, 2), (1, 1, 0, 2)]
    assert (sheet.sums, len(sheet.missing)) == (7, 6)
    assert mistakes(tmp_path, PAGE.replace("8/16", "9/16")) == [
        "19: column `total`: the sum is 9/16, but the levels add up to 8/16."
    ]
    assert mistakes(tmp_path, PAGE.replace("| 1 | `1`", "| x | `1`"))[0].startswith("18: column `agent`: `x` isn't")


def test_a_page_with_no_sheet_or_several_is_asked_back(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="none of its 3 tables has questions and dimensions of four-criteria"):
        read(
            tmp_path,
            PAGE.replace("| Question | Agent | Factual | Personality | Complete |", "| Question | A | B | C | D |"),
        )
    again = PAGE + PAGE[PAGE.index("### Manual") :]
    with pytest.raises(BadInput, match=r"2 of its tables are sheets, on lines 15, \d+\. Copy the one that is meant"):
        read(tmp_path, again)
    with pytest.raises(BadInput, match="without a column here: complete"):
        read(tmp_path, PAGE.replace("| Complete |", "| Note |"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_sheets_of_any_program_are_read(tmp_path: Path, delimiter: str, end: str, mark: str) -> None:
    lines = ["question,agent,factual,personality,complete", "Q1,2,1.0,0/2,2 / 2", "", '"Q2: What, then?",1,n/a,NA,–']
    text = mark + end.join(lines).replace(",", delimiter).replace(f"What{delimiter} then", "What, then")
    rows = read(tmp_path, text).rows
    assert [row.line for row in rows] == [2, 4]
    assert rows[0].levels == {"agent": 2, "factual": 1, "personality": 0, "complete": 2}
    assert rows[1].levels == {"agent": 1, "factual": None, "personality": None, "complete": None}


@pytest.mark.parametrize(
    ("cell", "question"),
    [
        ("joao.en", "joao.en"),
        ("JOAO.PT", "joao.pt"),
        ("Who is João?", "joao.en"),
        ("quem é joao?", "joao.pt"),
        ("Which tech", "tech.en"),
    ],
)
def test_a_question_is_known_by_id_prompt_or_beginning(tmp_path: Path, cell: str, question: str) -> None:
    assert [row.question.id for row in read(tmp_path, f"{HEAD}{cell},1,1,1,1\n", language="").rows] == [question]


@pytest.mark.parametrize("cell", ["Q3", "q3", "Q 3", "Q3: CRM project?", "Q3. what?", "Q3) x", "Q3 - CRM"])
def test_a_question_is_known_by_its_place_in_its_language(tmp_path: Path, cell: str) -> None:
    assert read(tmp_path, f'{HEAD}"{cell}",1,1,1,1\n', language="pt").rows[0].question.id == "crm.pt"


def test_a_place_in_a_set_of_several_languages_is_asked_back(tmp_path: Path) -> None:
    said = mistakes(tmp_path, f"{HEAD}Q1,1,1,1,1\n", language="")
    assert said == [
        "2: column `question`: `Q1` is a place, and personality-8 has several languages: which? Say --language en."
    ]
    with pytest.raises(BadInput, match="has no questions in `de`"):
        read(tmp_path, f"{HEAD}Q1,1,1,1,1\n", language="de")


def test_all_mistakes_are_told_at_once_and_in_order(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        f"{HEAD}Q1,3,x,1,1\nQ99,1,1,1,1\nWho is Maria?,1,1,1,1\n,1,1,1,1\nHow,1,1,1,2/3\n"
        "Q2,1,1,1,1,5\nQ3,1,1,1,1\nQ3,1,1,1,1\n",
    )
    assert [one.split("`")[0] + one.split("`")[1] for one in said[:2]] == ["2: column agent", "2: column factual"]
    assert "isn't on the scale (0 1 2; - for not applicable)" in said[0]
    assert said[2] == "3: column `question`: `Q99`: personality-8 has 8 questions here."
    assert "has no question `Who is Maria?`" in said[3]
    assert said[4] == "5: column `question`: no question is named."
    assert said[5].startswith("6: column `complete`: `2/3` is out of 3")
    assert "begin with `How`, `personality.en` and `work.en`" in said[6]
    assert said[7].startswith("7: it goes beyond its 5 columns")
    assert "`crm.en` is rated on line 8 already" in said[8]
    assert len(said) == 9


def test_ten_mistakes_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    text = HEAD + "".join(f"Q1,{number},1,1,1\n" for number in range(10, 25))
    with pytest.raises(BadSheet) as caught:
        read(tmp_path, text)
    assert len(caught.value.mistakes) == 15
    assert "sheet.csv:11: " in caught.value.sentence()
    assert "sheet.csv:12: " not in caught.value.sentence()
    assert "And 5 more." in caught.value.sentence()


def test_sums_that_dont_add_up_are_mistakes(tmp_path: Path) -> None:
    head = HEAD.replace("\n", ",subtotal\n")
    said = mistakes(
        tmp_path, f"{head}Q1,2,0,0,2,5/8\nQ2,1,0,-,2,3/6\nTOTAL,3,1,0,4,7/14\nSum,,,,,8/14\nTotal,,,,,much\n"
    )
    assert said == ["2: column `total`: the sum is 5/8, but the levels add up to 4/8."]
    said = mistakes(tmp_path, f"{head}Q1,2,0,0,2,4/8\nQ2,1,0,-,2,3/6\nTOTAL,3,1,0,4,7/14\n")
    assert said == ["4: column `factual`: the sum is 1, but the levels add up to 0/4."]
    said = mistakes(tmp_path, f"{head}Q1,2,0,0,2,4\nSum,,,,,8/14\n")
    assert said == ["3: column `total`: the sum is 8/14, but the levels add up to 4/8."]
    said = mistakes(tmp_path, f"{head}Q1,2,0,0,2,4\nSum,,,,,much\n")
    assert said == ["3: column `total`: `much` isn't a sum."]


def test_lines_without_levels_and_questions_without_lines_are_counted(tmp_path: Path) -> None:
    sheet = read(tmp_path, f"{HEAD}Q1,1,1,1,1\nQ2,,,,\n")
    assert sheet.empty == 1
    assert len(sheet.missing) == 7
    assert sheet.left_out == (
        "1 line without any level left out.",
        "7 questions without a line: molting.en, crm.en, tech.en, self.en, personality.en, work.en, strengths.en.",
    )


def test_one_answer_of_several_contenders_samples_and_raters_is_rated_once_each(tmp_path: Path) -> None:
    head = "question,contender,sample,rater,agent,factual,personality,complete\n"
    rows = "Q1,a,0,x,1,,,\nQ1,b,0,x,1,,,\nQ1,a,1,x,1,,,\nQ1,a,0,y,1,,,\n"
    assert len(read(tmp_path, head + rows).rows) == 4
    assert "rated on line 2 already" in mistakes(tmp_path, head + rows + "Q1,a,,x,2,,,\n")[0]


def test_a_trailing_delimiter_is_no_column(tmp_path: Path) -> None:
    head = HEAD.strip().replace(",", ";")
    assert len(read(tmp_path, f"{head};;\nQ1;1;1;1;1;;\nQ2;1;1;1;1;;\n").rows) == 2
    assert mistakes(tmp_path, f"{head};;\nQ1;1;1;1;1;2;\n")[0].startswith("2: it goes beyond its 5 columns")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column `question`"),
        ("agent,factual\n1,1\n", "no column `question`"),
        ("question,points\nQ1,1\n", "column `points` isn't known to four-criteria"),
        ("question,note\nQ1,1\n", "no dimension of four-criteria"),
        ("question,agent,Agent\nQ1,1,1\n", "`Agent` stands here twice"),
        (HEAD, "no rating in it"),
        (f"{HEAD}Q1,\n", "no rating in it"),
        ("question,agent\n", "without a column here: factual, personality, complete"),
        ('question,agent\n"Q1,1\n', "isn't CSV"),
        (b"question,agent\nQ1,1\nQ\xe9,1\n", r"sheet\.csv:3: not UTF-8"),
        (b"question,agent\nQ1,\x00\n", "sheet"),
        (b"\xff\xfeq\x00", "not UTF-8"),
    ],
)
def test_what_isnt_a_sheet_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read(tmp_path, text)


def test_a_sheet_that_isnt_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        read_sheet(tmp_path / "none.csv", FOUR, EIGHT)
    with pytest.raises(BadInput, match="can't be read"):
        read_sheet(tmp_path, FOUR, EIGHT)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(
            st.sampled_from(["Q1", "Q2", "total", "1", "2/2", "-", "", '"', "\n", "x,y", "what", "\x00"]), max_size=7
        ),
        max_size=6,
    ),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_no_sheet_is_worse_than_a_sentence(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    text = HEAD.replace(",", delimiter) + "\n".join(delimiter.join(row) for row in rows)
    path = tmp_path / "any.csv"
    path.write_text(text, "utf-8")
    sheet = read_or_refused(path)
    if isinstance(sheet, str):
        assert str(path) in sheet
    else:
        assert sheet.rows
        assert all(level is None or level in FOUR.scale for row in sheet.rows for level in row.levels.values())
