"""Rules flag what they say they flag, tell a mistake in their file with its line, and cost next to nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.curation.mojibake import mojibake, repaired
from molting_tui.curation.rules import Rule, RuleSet, load_rules
from molting_tui.errors import BadInput
from molting_tui.records.pairs import Flag
from molting_tui.records.turns import Message, Role

RULES = Path(__file__).parents[2] / "rubrics" / "curation"
FILES = [RULES / f"{name}.yaml" for name in ("agent-speech", "secrets", "personal", "template-leak")]
SHIPPED = load_rules(FILES)
BROKEN = "voc\u00c3\u00aa"

FILE = """\
format: rules/1
id: mine
version: "1"
title: Mine
about: Mine.
where: both
rules:
  - id: shout
    pattern: "(?i)hey+"
    example: "heyyy"
    counter_example: "hay"
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a rule file and returns its path; each one a new file."""

    def written(source: str) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(source, encoding="utf-8")
        return path

    return written


def both(instruction: str, response: str) -> list[Message]:
    """A pair of a prompt and an answer."""
    return [Message("user", instruction), Message("assistant", response)]


def rules_for(text: str, rules: RuleSet = SHIPPED) -> set[str]:
    return {flag.rule for flag in rules.flags(both("", text))}


def both_ways(rule: Rule, text: str) -> set[str]:
    return {flag.rule for flag in SHIPPED.flags(both(*((text, "") if rule.where == "instruction" else ("", text))))}


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=lambda rule: rule.id)
def test_a_rule_finds_its_examples_and_not_its_counter_examples(rule: Rule) -> None:
    assert rule.examples
    assert rule.counter_examples
    for example in rule.examples:
        assert rule.id in both_ways(rule, example)
    for counter in rule.counter_examples:
        assert rule.id not in both_ways(rule, counter)


def test_twenty_one_rules_know_agent_speech_and_three_come_from_the_seeds() -> None:
    rules = [rule for rule in SHIPPED.rules if rule.family == "agent-speech"]
    assert len(rules) == 21
    assert [rule.language for rule in rules].count("en") == 12
    assert [rule.language for rule in rules].count("pt") == 9
    assert [rule.id for rule in rules if rule.source == "seeds"] == ["start-by-en", "let-me-en", "vou-fazer-pt"]


@pytest.mark.parametrize(
    "text",
    [
        "I'll start by reading the config.",
        "I’ll continue by fixing the second test.",
        "Good question. Let me check the parser.",
        "- Let me analyze this first",
        "✅ Done! Now let me run the tests:",
        "Sure - let me look at the logs.",
        "First, I need to understand the layout.",
        "Perfect! Now let me run them all.",
        "**Looking at the code**, it never closes the file.",
        "Now I have a clear picture.",
        "Vou implementar a função agora.",
        "Claro! Vou analisar os testes.",
        "Deixa eu ver isso.",
        "Deixe-me verificar o arquivo.",
        "Agora vou atualizar o README.",
        "Primeiro, vou ler o código.",
        "Preciso ler o arquivo inteiro.",
        "Estou analisando a estrutura.",
        "Vamos verificar os logs.",
        "Ótimo! Agora vou rodar os testes.",
        "Otimo! Agora está pronto.",
        "Vou comecar pela migração.",
    ],
)
def test_an_agent_talking_to_itself_is_flagged(text: str) -> None:
    assert any(flag.family == "agent-speech" for flag in SHIPPED.flags(both("", text)))


@pytest.mark.parametrize(
    "text",
    [
        "Let me know if you want more detail.",
        "I'll be honest: I don't know who João is.",
        "It starts by reading the config, then it lets me check the result.",
        'The phrase "Let me check" stood in 107 pairs.',
        "You need to read the file first. Check the logs, then run the tests.",
        "I need your config to answer. I like it. I work at Softtor.",
        "Now is better than never. Next year it will be faster.",
        "The tool will now read the file.",
        "First, read the file. Then run it.",
        "Sou o Cláudio, trabalho com o João na Softtor.",
        "Vou ser direto: não sei.",
        "Vou explicar em duas frases. Vou te contar o que mudou.",
        "Você vai verificar os logs e ler o arquivo.",
        "Não preciso ler nada para saber isso.",
        "O próximo passo é criar a tabela. Agora a tabela existe.",
        "Vamos supor que o arquivo não exista.",
        "Perfeito é inimigo do bom. Certo é certo.",
        "I",
        "",
    ],
)
def test_plain_speech_to_a_person_is_not_flagged(text: str) -> None:
    assert SHIPPED.flags(both("", text)) == ()


def test_agent_speech_is_looked_for_in_the_answer_only() -> None:
    text = "Let me check the tests."
    assert SHIPPED.flags(both(text, "")) == ()
    assert SHIPPED.flags(both("", text)) == (Flag("agent-speech", "let-me-en", 1, 0, 12),)


def test_offsets_count_characters_whatever_stands_before() -> None:
    head = "Olá, João 🚀\x00 ção.\n"
    (flag,) = SHIPPED.flags(both("", f"{head}Vou analisar o código."))
    assert (flag.start, flag.end) == (len(head), len(head) + len("Vou analisar"))


def test_a_lone_surrogate_neither_crashes_nor_moves_an_offset() -> None:
    (flag,) = SHIPPED.flags(both("\ud800", "\ud800é\n<|im_end|>"))
    assert flag == Flag("template-leak", "chatml-token", 1, 3, 13)


def test_flags_come_in_the_order_of_the_text() -> None:
    text = "Let me check it <|user|>. Now let me run it <|user|>."
    flags = SHIPPED.flags(both(text, text))
    assert [flag.place for flag in flags] == [0] * 2 + [1] * 4
    assert list(flags) == sorted(flags, key=lambda flag: (flag.place, flag.start))


def test_every_message_is_searched_and_speech_is_judged_by_its_speaker() -> None:
    """Secrets and the like count wherever they stand; agent speech only where the assistant says it."""
    text = "Let me check it <|user|>."
    roles = get_args(Role)
    flags = SHIPPED.flags([Message(role, text) for role in roles])
    assert [roles[flag.place] for flag in flags if flag.family == "template-leak"] == list(roles)
    assert [roles[flag.place] for flag in flags if flag.family == "agent-speech"] == ["assistant"]


def test_a_rule_about_prompts_looks_at_what_the_user_says_alone(write: Write) -> None:
    rules = load_rules([write(FILE.replace("where: both", "where: instruction"))])
    roles = get_args(Role)
    assert [roles[flag.place] for flag in rules.flags([Message(role, "hey") for role in roles])] == ["user"]


def test_strike_through_is_not_taken_for_a_template() -> None:
    assert rules_for("It costs <s>20</s>\n<s>old</s> new") == set()
    assert rules_for("It costs 20.</s>") == {"sentence-end"}


def test_mojibake_is_flagged_on_both_sides_and_repaired() -> None:
    text = f"ok\nE {BROKEN} sabe?"
    assert SHIPPED.flags(both(text, text)) == (
        Flag("mojibake", "mojibake", 0, 8, 10),
        Flag("mojibake", "mojibake", 1, 8, 10),
    )
    assert repaired(text) == "ok\nE você sabe?"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("it\u00e2\u20ac\u2122s", "it’s"),
        ("\u00c3\u00a0s vezes", "às vezes"),
        ("n\u00c3\u00a3o", "não"),
        ("\u00f0\u0178\u0161\u20ac go", "🚀 go"),
        ("\u0420\u0457\u0421\u0402\u0420\u0451\u0420\u0406\u0420\u00b5\u0421\u201a", "привет"),
        ("don\u201a\u00c4\u00f4t", "don’t"),
    ],
)
def test_common_mojibake_is_found_and_repaired(broken: str, whole: str) -> None:
    assert mojibake(broken)
    assert repaired(broken) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Não há ÂNGULO, só “você” — e o trânsito…",
        "SÃO PAULO, É ÓTIMO",
        "naïve café — 20 €",
        "日本語",
        "Привет, мир — да",
        "plain",
    ],
)
def test_good_text_is_not_mojibake(text: str) -> None:
    assert mojibake(text) == ()
    assert repaired(text) == text


def test_a_repaired_text_has_no_mojibake_span_where_it_was_changed() -> None:
    text = "\n".join([f"linha {n}: {BROKEN}" for n in range(5)])
    assert len(mojibake(text)) == 5
    assert mojibake(repaired(text)) == ()


_WORDS = st.sampled_from(
    [text for rule in SHIPPED.rules for text in (*rule.examples, *rule.counter_examples)]
    + [BROKEN, "\u00e2\u20ac\u2122", "\u0085", " ", ". ", "\n", "é", "🚀", "\x00", "\ud800"]
)


@settings(max_examples=300, deadline=None)
@given(*[st.lists(_WORDS | st.text(max_size=6), max_size=6).map("".join)] * 2)
def test_spans_lie_inside_the_text_and_those_of_one_rule_never_overlap(instruction: str, response: str) -> None:
    ends: dict[tuple[int, str], int] = {}
    for flag in SHIPPED.flags(both(instruction, response)):
        text = (instruction, response)[flag.place]
        assert ends.get((flag.place, flag.rule), 0) <= flag.start < flag.end <= len(text)
        ends[flag.place, flag.rule] = flag.end


@settings(max_examples=200, deadline=None)
@given(st.lists(_WORDS | st.text(max_size=6), max_size=8).map("".join))
def test_one_pass_over_all_rules_finds_what_each_rule_finds_alone(text: str) -> None:
    found, encoded = rules_for(text), text.encode("utf-8", "replace")
    for rule in SHIPPED.rules:
        if not rule.unless and not rule.check:
            assert (rule.id in found) == (re2.search(rule.pattern, encoded) is not None)


def test_a_mask_is_never_flagged_whatever_a_rule_asks_for(write: Write) -> None:
    rules = load_rules([write(FILE.replace("(?i)hey+", "(?i)[a-z]+:[a-z]+|hey+"))])
    assert rules_for("[REDACTED:email] and this:too", rules) == {"shout"}
    assert rules_for("[REDACTED:email] alone", rules) == set()


def test_a_part_may_be_used_in_patterns_and_in_later_parts(write: Write) -> None:
    parts = 'parts:\n  a: "x|y"\n  b: "(?&a)z"\nrules:'
    rules = load_rules([write(FILE.replace("rules:", parts).replace('"(?i)hey+"', '"(?i)h(?&b)|heyyy"'))])
    assert rules_for("hyz", rules) == {"shout"}
    assert rules_for("hy", rules) == set()


def test_unless_lets_a_find_go(write: Write) -> None:
    rules = load_rules([write(FILE.replace("    example", '    unless: "y{4}"\n    example'))])
    assert rules_for("heyyy", rules) == {"shout"}
    assert rules_for("heyyyy", rules) == set()


def test_a_hint_decides_where_its_rule_is_looked_for(write: Write) -> None:
    rules = load_rules([write(FILE.replace("    example", '    hint: "y{3}"\n    example'))])
    assert rules_for("heyyy", rules) == {"shout"}
    assert rules_for("heyy", rules) == set()


def test_a_rule_may_differ_from_its_file_in_where(write: Write) -> None:
    rules = load_rules([write(FILE.replace("    example", "    where: instruction\n    example"))])
    assert [flag.place for flag in rules.flags(both("hey", "hey"))] == [0]


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        ("rules/1", "rules/2", 1, "must be one of: rules/1"),
        ("id: mine", "id: My_Rules", 2, "id `My_Rules` can't be used"),
        ('version: "1"', "version: 1", 3, "field `version` must be text, not a number. Put it in quotes."),
        ("title: Mine\n", "", 1, "field `title` is missing"),
        ("where: both", "where: answer", 6, "must be one of: response, instruction, both"),
        ("rules:\n", "rule:\n", 7, "field `rule` isn't known here. Did you mean `rules`?"),
        ("where: both", "where: both\nat: start", 7, "must be one of: anywhere, sentence"),
        ('    pattern: "(?i)hey+"\n', "", 8, "field `pattern` is missing"),
        ("(?i)hey+", "hey(", 9, "rule `shout` doesn't compile: missing ): hey(."),
        ("(?i)hey+", "(?=hey)", 9, "rule `shout` doesn't compile: invalid perl operator: (?=."),
        ("(?i)hey+", "(?i)h(?&ey)", 9, "part `ey` isn't defined"),
        ("(?i)hey+", "(?i)(?:hey)*", 9, "rule `shout` matches an empty text"),
        ('"heyyy"', '"hello"', 10, "rule `shout` doesn't match its example"),
        ('"heyyy"', '["heyyy", "hello"]', 10, "rule `shout` doesn't match its example"),
        ('"heyyy"', "[]", 10, "field `example` is empty"),
        ('"hay"', '"they"', 11, "rule `shout` matches its counter-example `they`"),
        ('"hay"\n', '"hay"\n    check: crc\n', 12, "must be one of: cpf, cnpj, luhn"),
        ('"hay"\n', '"hay"\n    hint: "ho"\n', 12, "the hint of rule `shout` isn't in its example"),
        ('"hay"\n', '"hay"\n    hint: "("\n', 12, "`hint` of rule `shout` doesn't compile"),
        ('"hay"\n', '"hay"\n    unless: "["\n', 12, "`unless` of rule `shout` doesn't compile"),
        ('"hay"\n', '"hay"\n    colour: red\n', 12, "field `colour` isn't known here"),
    ],
)
def test_a_mistake_in_a_rule_file_names_file_and_line(
    write: Write, before: str, after: str, line: int, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert before in FILE
    path = write(FILE.replace(before, after, 1))
    with pytest.raises(BadInput) as caught:
        load_rules([path])
    assert caught.value.where == f"{path}:{line}"
    assert what in caught.value.sentence()
    assert capfd.readouterr() == ("", "")


def test_an_id_used_twice_is_told_where_it_stood_first(write: Write) -> None:
    first, second = write(FILE), write(FILE.replace("id: mine", "id: yours"))
    with pytest.raises(BadInput) as caught:
        load_rules([first, second])
    assert caught.value.where == f"{second}:8"
    assert f"{first}:8" in caught.value.what


def test_no_rule_may_call_itself_mojibake(write: Write) -> None:
    with pytest.raises(BadInput, match="exists already"):
        load_rules([write(FILE.replace("shout", "mojibake"))])


def test_without_files_only_mojibake_is_flagged() -> None:
    rules = load_rules([])
    assert rules.flags(both("Let me check", "Let me check <|user|>")) == ()
    assert rules_for(BROKEN, rules) == {"mojibake"}


def test_the_digest_changes_with_what_measures_and_with_nothing_else(write: Write) -> None:
    digest = load_rules([write(FILE)]).digest
    same = [FILE.replace("title: Mine", "title: Other"), FILE.replace("heyyy", "hey"), FILE.replace("hay", "ho")]
    assert {load_rules([write(source)]).digest for source in same} == {digest}
    other = [
        FILE.replace("hey+", "he+y+"),
        FILE.replace("id: shout", "id: cry"),
        FILE.replace("id: mine", "id: yours"),
        FILE.replace("where: both", "where: response"),
        FILE.replace("where: both", "where: both\nat: sentence"),
        FILE.replace("where: both", 'where: both\nunless: "zz"'),
        FILE.replace("    example", '    hint: "hey"\n    example'),
    ]
    digests = {load_rules([write(source)]).digest for source in other}
    assert len(digests | {digest}) == len(other) + 1


def test_the_order_of_files_does_not_change_the_digest() -> None:
    assert load_rules(FILES[::-1]).digest == SHIPPED.digest


def test_rule_files_hold_nothing_that_a_scanner_would_take_for_a_secret() -> None:
    for path in FILES:
        flags = SHIPPED.flags(both("", path.read_text(encoding="utf-8")))
        assert [flag.rule for flag in flags if flag.family == "secret"] == []


def test_rules_load_without_ftfy_and_numpy() -> None:
    script = """if True:
        import sys
        from pathlib import Path
        from molting_tui.curation.rules import load_rules
        from molting_tui.records.turns import Message
        rules = load_rules([Path(name) for name in sys.argv[1:]])
        rules.flags([Message("user", "Não há — nada"), Message("assistant", "Let me check “this”")])
        print([name for name in ("ftfy", "numpy", "textual", "sqlite3") if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", script, *map(str, FILES)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_rule_file_that_changed_is_read_anew(write: Write) -> None:
    path = write(FILE)
    assert load_rules([path]) is load_rules([path])
    before = load_rules([path])
    path.write_text(FILE.replace("hey+", "hoy+").replace("heyyy", "hoyyy"), encoding="utf-8")
    after = load_rules([path])
    assert [flag.rule for flag in after.flags(both("", "hoy"))] == ["shout"]
    assert before.flags(both("", "hoy")) == ()
    assert before.digest != after.digest
