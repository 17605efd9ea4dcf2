"""Promises of `molting compare`: the fields scripts lean on, the verdict first, nothing told early, bad input a
sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from molting_tui.errors import BadInput
from molting_tui.evaluation.battles.starting import start as start_battle
from molting_tui.evaluation.results import comparison
from molting_tui.evaluation.results.table import open_gate
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.sheet_rows import rate_answer
from molting_tui.records.battles import BattleWanted
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import answered, line, question, question_set
from tests.compared import FACTS, FIVE, score, scored_together
from tests.unit.cli_workspaces import answer, run, value

BETTER = {"v2.5": [2, 3, 2, 4, 3, 2, 3, 4], "v2.1": [2, 2, 2, 3, 3, 1, 2, 3]}
ALIKE = {"v2.5": [2, 3, 2, 4, 1, 2, 3, 4], "v2.1": [2, 2, 3, 3, 3, 1, 2, 3]}


def refused(*arguments: str, workspace: Workspace, code: int) -> str:
    """What a comparison that can't be made says, on stderr, in one sentence."""
    result = run("compare", *arguments, workspace=workspace.folder)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    return " ".join(result.stderr.split())


def test_the_fields_that_scripts_lean_on_are_there(workspace: Workspace) -> None:
    scored_together(workspace, BETTER)
    told = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert (told["a"], told["b"], told["verdict"]) == ("v2.5", "v2.1", "DIFFERENT")
    assert told["sentence"].startswith("v2.5 − v2.1 = +1.56, 95 % interval +0.48 .. +2.64 (8 questions, paired).")
    assert told["difference"] == 1.5625
    assert told["interval"] == pytest.approx([0.4808, 2.6442], abs=1e-4)
    assert (told["df"], told["clusters"], told["win_rate"], told["reasons"]) == (7, 8, None, [])
    assert told["p"] == pytest.approx(0.0112, abs=1e-4)
    assert told["p_signflip"] == 1 / 32  # five like differences: 2 of 32 signs, half of them counted
    assert told["smallest"] == pytest.approx(1.4958, abs=1e-3)
    assert (told["ask_more"], told["without"]) == (0, [])
    other_way = value("compare", "v2.1", "v2.5", workspace=workspace.folder)
    assert other_way["difference"] == -1.5625
    assert other_way["p"] == told["p"]


def test_a_version_is_named_without_its_runs_number_where_that_is_one(workspace: Workspace) -> None:
    scored_together(workspace, {"0003-v2.5": BETTER["v2.5"], "0002-v2.1": BETTER["v2.1"]})
    told = value("compare", "v2.5", "0002-v2.1", workspace=workspace.folder)
    assert (told["a"], told["b"], told["verdict"]) == ("0003-v2.5", "0002-v2.1", "DIFFERENT")
    assert "can't be scored together with itself" in " ".join(
        run("score", "--of", "v2.5", "--versus", "0003-v2.5", workspace=workspace.folder).stderr.split()
    )
    answered(workspace, question_set(question("joao"), id="more"), ["0007-v2.5"], run="0009-more")
    assert "2 contenders are called so. Say which: 0003-v2.5, 0007-v2.5." in refused(
        "v2.5", "v2.1", workspace=workspace, code=2
    )


def test_the_verdict_comes_first_and_within_80_columns(workspace: Workspace) -> None:
    scored_together(workspace, ALIKE)
    lines = answer("compare", "v2.5", "v2.1", workspace=workspace.folder).splitlines()
    assert lines[0] == "v2.5 against v2.1 · five 1"
    assert lines[2].startswith("NOT DISTINGUISHABLE (")
    assert lines[3].startswith("v2.5 − v2.1 = ")
    assert max(map(len, lines)) <= 80
    assert any(row.split() == ["self", "2.50", "7.50", "−5.00"] for row in lines)


def test_one_fact_that_turns_the_verdict_is_named_with_the_way_to_its_answers(workspace: Workspace) -> None:
    levels = {"v2.5": [3, 2, 3, 2, 3, 2, 3, 1], "v2.1": [2, 2, 2, 2, 2, 2, 2, 2]}
    scored_together(workspace, levels)
    told = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert told["verdict"] == "NOT DISTINGUISHABLE"
    assert told["without"] == [{"cluster": "strengths", "verdict": "DIFFERENT"}]
    said = answer("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert "But without *strengths* the verdict is DIFFERENT: --answers strengths" in said
    both = answer("compare", "v2.5", "v2.1", "--answers", "strengths", workspace=workspace.folder)
    assert both.count("strengths answered, sample 0") == 2
    assert "joao answered" not in both
    listed = value("compare", "v2.5", "v2.1", "--answers", "strengths", workspace=workspace.folder)
    assert [(each["contender"], each["score"]) for each in listed] == [("v2.5", 2.5), ("v2.1", 5.0)]


def test_answers_that_were_opened_count_as_seen_and_verdicts_alone_dont(workspace: Workspace) -> None:
    scored_together(workspace, BETTER)
    answer("compare", "v2.5", "v2.1", workspace=workspace.folder)
    count = "select count(*) from shown where place = 'results'"
    assert workspace.store.value(count) == 0
    answer("compare", "v2.5", "v2.1", "--answers", "crm", workspace=workspace.folder)
    assert workspace.store.value(count) == 2


def test_nothing_is_told_while_blind_scoring_goes_on(workspace: Workspace) -> None:
    scored_together(workspace, BETTER)
    answered(workspace, question_set(question("ninth"), id="more"), ("v2.5",), run="0002-more")
    start(workspace, FIVE)
    for more in ((), ("--json",), ("--answers", "crm")):
        said = refused("v2.5", "v2.1", *more, workspace=workspace, code=1)
        assert "1 answer still waits for a blind score" in said
        assert "--unblind" not in said


def test_scores_of_two_sessions_are_not_compared(workspace: Workspace) -> None:
    for number, (name, levels) in enumerate(BETTER.items()):
        scored_together(workspace, {name: levels}, run=f"000{number}-answers")
    result = run("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert result.exit_code == 1
    assert "NOT COMPARABLE (scored apart)" in result.stdout
    assert "8 facts left out (joao, molting, crm, stack, …): scored apart" in result.stdout
    assert "molting score --of v2.5 --versus v2.1" in " ".join(result.stdout.split())
    # Both scored again, in one session: now they can be compared.
    score(workspace, BETTER, again=True)
    assert value("compare", "v2.5", "v2.1", workspace=workspace.folder)["verdict"] == "DIFFERENT"


def test_where_all_may_be_trained_on_it_says_how_questions_come_that_may_not(workspace: Workspace) -> None:
    answered(workspace, question_set(*(replace(question(name), role="memory") for name in FACTS)), BETTER)
    score(workspace, BETTER)
    said = " ".join(run("compare", "v2.5", "v2.1", workspace=workspace.folder).stdout.split())
    assert "all that both answered may be trained on. Ask both what nothing was trained on: molting questions" in said
    assert "molting answer v2.5 v2.1 --questions bank asks them. molting compare --role memory" in said
    assert value("compare", "v2.5", "v2.1", "--role", "memory", workspace=workspace.folder)["verdict"] == "DIFFERENT"


def test_what_is_typed_in_besides_changes_nothing_of_what_is_compared(workspace: Workspace) -> None:
    levels = {name: [level for each in given for level in (each, each - 1)] for name, given in ALIKE.items()}
    scored_together(workspace, levels, samples=2)
    before = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert before["claims"][0]["interval"] is not None
    for name in answers.names(workspace.store):
        if name.contender == "v2.5":
            rate_answer(workspace, FIVE, name.uuid, "tone", 4, rater="rui")
    after = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert {name: after[name] for name in ("difference", "interval", "claims")} == {
        name: before[name] for name in ("difference", "interval", "claims")
    }


def test_facts_that_one_alone_answered_are_left_out_and_counted(workspace: Workspace) -> None:
    answered(workspace, question_set(*map(question, FACTS)), BETTER)
    answered(workspace, question_set(question("ninth"), id="more"), ("v2.5",), run="0002-more")
    levels = {"v2.5": [*BETTER["v2.5"], 4], "v2.1": BETTER["v2.1"]}
    score(workspace, levels, (*FACTS, "ninth"))
    told = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert (told["clusters"], told["verdict"]) == (8, "DIFFERENT")
    assert told["reasons"] == ["1 fact left out (ninth): answered by one of them only."]


def test_nothing_in_common_is_said(workspace: Workspace) -> None:
    answered(workspace, question_set(question("joao")), ("v2.5",))
    answered(workspace, question_set(question("crm"), id="other"), ("v2.1",), run="0002-other")
    score(workspace, {"v2.5": [1, 1], "v2.1": [1, 1]}, ("joao", "crm"))
    result = run("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert (result.exit_code, "NOT COMPARABLE (no question in common)" in result.stdout) == (1, True)


def test_questions_of_other_roles_stay_out_of_the_verdict(workspace: Workspace) -> None:
    scored_together(workspace, BETTER)
    with workspace.store.write() as connection:
        connection.execute(
            "update question set role = 'control', content = json_set(content, '$.role', 'control') where id = 'joao'"
        )
    told = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert told["clusters"] == 7
    assert told["reasons"] == ["1 fact left out (joao): a control: what the base knew and should keep."]
    alone = run("compare", "v2.5", "v2.1", "--role", "control", "--json", workspace=workspace.folder)
    assert alone.exit_code == 1
    assert '"verdict": "UNDERPOWERED"' in alone.stdout
    none = run("compare", "v2.5", "v2.1", "--role", "memory", workspace=workspace.folder)
    assert "NOT COMPARABLE (none of these may be trained on)" in none.stdout


def test_a_rater_who_scored_half_compares_half(workspace: Workspace) -> None:
    answered(workspace, question_set(*map(question, FACTS)), BETTER)
    scoring = start(workspace, FIVE)
    for place in scoring.places:
        found = answers.by_uuid(workspace.store, scoring.item(place).uuid)
        assert found is not None
        if found.question.id in FACTS[:4]:
            scoring.rate(place, "tone", BETTER[found.contender][FACTS.index(found.question.id)])
    assert "8 answers still wait" in refused("v2.5", "v2.1", workspace=workspace, code=1)
    answer("score", "--close", "--yes", workspace=workspace.folder)
    result = run("compare", "v2.5", "v2.1", "--json", workspace=workspace.folder)
    assert result.exit_code == 1
    assert '"verdict": "UNDERPOWERED"' in result.stdout
    assert "4 facts left out (self, voice, work, strengths): not scored whole on both sides." in result.stdout


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("v2.5",), "two contenders are compared."),
        (("v2.5", "v2.5"), "`v2.5` is given twice."),
        (("v2.5", "v21"), "`v21`: no answer is known of this contender. Did you mean `v2.1`?"),
        (("v2.5", "zzzzzz"), "`zzzzzz`: no answer is known of this contender. Known: v2.1, v2.5."),
        (("v2.5", "v2.1", "--answers", "strenghts"), "`strenghts`: neither of the two answered this. Did you mean"),
        (("v2.5", "v2.1", "--plan-looks", "8;16"), "`8;16`: looks are numbers of facts."),
        (("v2.5", "v2.1", "--plan-looks", "16,8"), "16,8: two looks are planned, each at more facts"),
    ],
)
def test_bad_input_is_a_sentence(workspace: Workspace, names: tuple[str, ...], said: str) -> None:
    scored_together(workspace, BETTER)
    assert said in refused(*names, workspace=workspace, code=2)


def test_several_versions_share_their_five_percent(workspace: Workspace) -> None:
    levels = {**BETTER, "v2.3": [2, 2, 2, 4, 3, 1, 2, 3]}
    scored_together(workspace, levels)
    told = value("compare", *levels, workspace=workspace.folder)
    by_pair = {(each["a"], each["b"]): each for each in told["comparisons"]}
    assert list(by_pair) == [("v2.5", "v2.1"), ("v2.5", "v2.3"), ("v2.1", "v2.3")]
    first = by_pair["v2.5", "v2.1"]
    assert first["p_holm"] == pytest.approx(3 * first["p"])
    assert "The best of 3 equal versions would look 0." in told["notes"][0]
    two = value("compare", "v2.5", "v2.3", "--against", "v2.1", workspace=workspace.folder)["comparisons"]
    assert [(each["a"], each["b"]) for each in two] == [("v2.5", "v2.1"), ("v2.3", "v2.1")]
    assert two[0]["p_holm"] == pytest.approx(2 * first["p"])


# Planned looks


def test_a_planned_first_look_waits_for_its_facts_then_stands(workspace: Workspace) -> None:
    few = {name: levels[:6] for name, levels in BETTER.items()}
    asked = question_set(*map(question, FACTS[:6]))
    answered(workspace, asked, BETTER)
    made = comparison.plan(workspace, FIVE, "v2.5", "v2.1", (8, 16))
    assert (made.looks, made.taken) == ((8, 16), {})
    score(workspace, few, FACTS[:6])
    assert "looks at 8 and 16 facts; 6 can be compared so far" in refused("v2.5", "v2.1", workspace=workspace, code=1)
    last = {name: levels[6:] for name, levels in BETTER.items()}
    scored_together(workspace, last, FACTS[6:], run="0002-more")
    told = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    # p = .011 is DIFFERENT at one look, not at the first of two.
    assert (told["verdict"], told["plan"]["look"]) == ("NOT DISTINGUISHABLE", 1)
    assert told["confidence"] == pytest.approx(0.9948, abs=1e-4)
    more = {"v2.5": [4], "v2.1": [0]}
    scored_together(workspace, more, ("ninth",), run="0003-more")
    again = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert (again["clusters"], again["p"]) == (8, told["p"])
    said = " ".join(answer("compare", "v2.1", "v2.5", workspace=workspace.folder).split())
    assert "Look 1 of 2, planned on" in said
    assert "The next is at 16 facts." in said


def test_a_plan_after_a_look_or_another_plan_is_refused(workspace: Workspace) -> None:
    scored_together(workspace, BETTER)
    planned = ("v2.5", "v2.1", "--plan-looks", "8,16")
    assert "at what all raters say" in refused(*planned, "--rater", workspace.actor, workspace=workspace, code=2)
    said = " ".join(answer("compare", *planned, workspace=workspace.folder).split())
    assert "as large as its spread over facts is found in 96 % of cases, with 14 facts on average." in said
    assert "were planned for these two" in refused(*planned, workspace=workspace, code=1)
    answer("compare", "v2.5", "v2.1", workspace=workspace.folder)
    # Another selection would be a look beside the plan.
    of_one = ("--rater", workspace.actor)
    for more in (("--language", "en"), ("--role", "memory"), of_one, ("--plan-looks", "8,16", "--language", "en")):
        beside = refused("v2.5", "v2.1", *more, workspace=workspace, code=1)
        assert "for another selection of questions" in beside
        assert "Compare them by the plan's: --role generalise." in beside
    late = {name: BETTER["v2.5"] for name in ("v3.0", "v2.9")}
    scored_together(workspace, late, run="0002-late")
    answer("results", workspace=workspace.folder)
    assert "a look was taken already" in refused("v3.0", "v2.9", "--plan-looks", "8,16", workspace=workspace, code=1)


def test_hostile_names_are_harmless(workspace: Workspace) -> None:
    name = "v1\x1b]52;c;x\x07\u202e"
    asked = question_set(*map(question, FACTS))
    answers.remember_questions(workspace.store, asked)
    for run_name, contender in (("r", name), ("s", "v2")):
        answers.add(
            workspace.store, run_name, [line(contender, one, text="[/INST] \x1b[2J") for one in asked.questions]
        )
    score(workspace, {name: BETTER["v2.5"], "v2": BETTER["v2.1"]})
    for more in ((), ("--json",), ("--answers", "crm")):
        printed = answer("compare", name, "v2", *more, workspace=workspace.folder)
        assert not {"\x1b", "\x07", "\u202e"} & set(printed), more


def test_battles_stand_beside_the_scores(workspace: Workspace) -> None:
    scored_together(workspace, BETTER)
    answer("battle", "v2.5", "v2.1", workspace=workspace.folder)
    waiting = refused("v2.5", "v2.1", workspace=workspace, code=1)
    assert "8 battles still wait for a vote" in waiting
    assert "Vote first (`molting battle`), or end the session: molting battle end" in waiting
    assert "molting score" not in waiting
    for _ in FACTS:
        place = value("battle", "next", workspace=workspace.folder)
        answer("battle", "vote", place["battle"], "left", workspace=workspace.folder)
    told = value("compare", "v2.5", "v2.1", workspace=workspace.folder)["win_rate"]
    assert (told["wins"], told["losses"], told["ties"], told["both_bad"], told["rate"]) == (4, 4, 0, 0, 0.5)
    assert told["interval"] == pytest.approx([0.139, 0.861], abs=0.01)
    said = " ".join(answer("compare", "v2.5", "v2.1", workspace=workspace.folder).split())
    assert "Battles: v2.5 won 4, lost 4, tied 0 against v2.1: 50 %" in said
    assert "The left side won 8 of 8 decided (100 %)." in said


def test_what_is_different_alone_may_not_be_among_several(workspace: Workspace) -> None:
    levels = {"v2.5": [3, 3, 3, 3, 2, 2, 2, 2], "v2.1": [2] * 8, "v2.3": [2, 2, 2, 2, 2, 2, 2, 3]}
    scored_together(workspace, levels)
    alone = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert (alone["verdict"], round(alone["p"], 3)) == ("DIFFERENT", 0.033)
    first = value("compare", *levels, workspace=workspace.folder)["comparisons"][0]
    assert (first["verdict"], round(first["p_holm"], 2)) == ("NOT DISTINGUISHABLE", 0.1)
    assert "Alone it would be different, among several comparisons p = .099 (Holm)." in first["sentence"]


def test_a_comparison_of_anothers_scores_counts_as_seen(workspace: Workspace) -> None:
    scored_together(workspace, BETTER)
    comparison.compared(replace(workspace, actor="rui"), FIVE, "v2.5", "v2.1")
    rows = workspace.store.rows("select actor, place, count(*) from shown group by 1, 2")
    assert [tuple(row) for row in rows] == [("rui", "figures", 16)]


def test_what_cant_be_compared_says_why_though_looks_are_planned(workspace: Workspace) -> None:
    for number, (name, levels) in enumerate(BETTER.items()):
        scored_together(workspace, {name: levels}, run=f"000{number}-answers")
    comparison.plan(workspace, FIVE, "v2.5", "v2.1", (8, 16))
    assert comparison.compared(workspace, FIVE, "v2.5", "v2.1").why == "scored apart"


def test_several_models_under_one_name_are_compared_with_nothing(workspace: Workspace) -> None:
    scored_together(workspace, {**BETTER, "v1": [2] * 8})
    asked = question_set(question("ninth"), question("tenth"), id="more")
    answers.remember_questions(workspace.store, asked)
    for base, one in zip(("tiny", "smollm2"), asked.questions, strict=True):
        answers.add(workspace.store, f"r-{base}", [line("v1", one, settings={"base": base})])
    score(workspace, {"v1": [*[2] * 8, 2, 2]}, (*FACTS, "ninth", "tenth"))
    fought = start_battle(workspace, BattleWanted(("v1", "v2.5"), sets=("eight",)))
    for place in range(fought.total):
        fought.vote(place, "tie")
    verdict = comparison.compared(workspace, FIVE, "v2.5", "v1")
    assert (verdict.word, verdict.why) == ("NOT COMPARABLE", "v1 is the name of 3 models")
    assert (verdict.win_rate, verdict.battles) == (None, ())
    with pytest.raises(BadInput, match="v1 is the name of 2 models"):
        start_battle(workspace, BattleWanted(("v1",), sets=("more",)))


def test_a_scorer_who_knew_the_versions_is_told(workspace: Workspace) -> None:
    answered(workspace, question_set(*map(question, FACTS)), BETTER)
    start(workspace, FIVE, contenders=tuple(BETTER))
    open_gate(workspace, FIVE.digest, unblind=True)
    score(workspace, BETTER)
    told = value("compare", "v2.5", "v2.1", workspace=workspace.folder)
    assert (told["blind"], told["sentence"].endswith("The scorer knew the version: bias possible.")) == (False, True)
