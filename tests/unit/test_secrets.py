"""What a secret or a personal number is, what only looks like one, and what stands in its place.

Keys are built from pieces here, so that this file holds nothing a secret scanner would stop at.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.curation.rules import RuleSet, load_rules
from molting_tui.curation.secrets import CHECKS, Hit, cnpj, cpf, luhn, masked
from molting_tui.records.turns import Message

RULES = Path(__file__).parents[2] / "rubrics" / "curation"
SENSITIVE = load_rules([RULES / "secrets.yaml", RULES / "personal.yaml"])
KEY = "Ab0" * 16
DASHES = "-" * 5
PEM = f"{DASHES}BEGIN OPENSSH PRIVATE KEY{DASHES}\n{KEY}\n{KEY}\nAb0=\n{DASHES}END OPENSSH PRIVATE KEY{DASHES}"


def flagged(text: str, rules: RuleSet = SENSITIVE) -> list[tuple[str, str]]:
    return [(flag.rule, text[flag.start : flag.end]) for flag in rules.flags([Message("assistant", text)])]


@pytest.mark.parametrize("number", ["529.982.247-25", "52998224725", "111.444.777-35", "000.000.001-91"])
def test_a_cpf_with_right_check_digits_is_one(number: str) -> None:
    assert cpf(number)


@pytest.mark.parametrize("number", ["529.982.247-24", "529.982.247-15", "111.111.111-11", "5299822472", ""])
def test_a_cpf_with_wrong_check_digits_is_none(number: str) -> None:
    assert not cpf(number)


@pytest.mark.parametrize("number", ["11.222.333/0001-81", "11222333000181", "12.ABC.345/01DE-35"])
def test_a_cnpj_with_right_check_digits_is_one(number: str) -> None:
    assert cnpj(number)


@pytest.mark.parametrize("number", ["11.222.333/0001-80", "12.ABC.345/01DE-53", "00.000.000/0000-00", "1", ""])
def test_a_cnpj_with_wrong_check_digits_is_none(number: str) -> None:
    assert not cnpj(number)


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "5555555555554444", "378282246310005", "79927398713"])
def test_a_number_with_its_luhn_digit_passes(number: str) -> None:
    assert luhn(number)


@pytest.mark.parametrize("number", ["4111 1111 1111 1112", "79927398710", "0000000000000000", "7", ""])
def test_a_number_without_its_luhn_digit_fails(number: str) -> None:
    assert not luhn(number)


@given(st.text(), st.sampled_from(sorted(CHECKS)))
def test_a_check_answers_for_any_text(text: str, check: str) -> None:
    assert CHECKS[check](text) in (True, False)


@pytest.mark.parametrize("digit", range(9))
def test_one_changed_digit_makes_a_cpf_wrong(digit: int) -> None:
    number = list("52998224725")
    number[digit] = str((int(number[digit]) + 1) % 10)
    assert not cpf("".join(number))


@pytest.mark.parametrize(
    ("text", "rule", "secret"),
    [
        (f"https://bob:{KEY}@git.host/x", "url-password", KEY),
        (f"postgresql://app:p@ss{KEY}@db:5432/app", "database-url", f"p@ss{KEY}"),
        (f"mongodb+srv://app:{KEY}@c0.mongodb.net", "database-url", KEY),
        (f"-H 'Authorization: Bearer {KEY}'", "bearer-token", KEY),
        (f'{{"senha": "{KEY}"}}', "quoted-password", KEY),
        (f"curl api.telegram.org/bot123456789:AA{KEY[:33]}/getMe", "telegram-bot", f"123456789:AA{KEY[:33]}"),
        (f"aws_secret_access_key={KEY[:40]}", "aws-secret-key", KEY[:40]),
        (f"A=1\nJWT_SECRET={KEY}\nB=2", "env-secret", KEY),
    ],
)
def test_only_the_secret_part_is_flagged(text: str, rule: str, secret: str) -> None:
    assert flagged(text) == [(rule, secret)]


def test_a_whole_private_key_is_one_find() -> None:
    text = f"before\n{PEM}\nafter"
    assert flagged(text) == [("private-key", PEM)]
    assert SENSITIVE.mask(text) == ("before\n[REDACTED:private-key]\nafter", 1)


def test_a_private_key_escaped_in_json_or_cut_off_is_found() -> None:
    escaped = PEM.replace("\n", "\\n")
    assert flagged(f'"key": "{escaped}"') == [("private-key", escaped)]
    cut = PEM[: PEM.index("\nAb0=")]
    assert flagged(f"{cut}\n\nThen it stopped.") == [("private-key", cut)]


@pytest.mark.parametrize("run", ["xxxxxx", "XXXXXX", "xxxxxxxx"])
def test_a_token_that_holds_a_run_of_x_is_no_placeholder(run: str) -> None:
    token = f"ghp_{KEY[:15]}{run}{KEY[:15]}"
    assert flagged(f"it is {token}.") == [("github-token", token)]


@pytest.mark.parametrize(
    ("before", "after"), [("token_", "_old"), ("a,", ",b"), ("\u201c", "\u201d"), ("café ", "é"), ("key=", "&b=1")]
)
def test_a_token_is_found_whatever_stands_beside_it(before: str, after: str) -> None:
    text, count = SENSITIVE.mask(f"{before}ghp_{KEY}{after}")
    assert (count, text.startswith(before), KEY in text) == (1, True, False)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"{{\\u0022password\\u0022: \\u0022{KEY}\\u0022}}", KEY),
        (f"x%3Dghp_{KEY}%26y", f"ghp_{KEY}"),
        (f"   12→DB_PASSWORD={KEY}\n   13→X=1", KEY),
        ("password&#61;&quot;p%21Ab0Ab0&quot;", "p%21Ab0Ab0"),
    ],
)
def test_a_secret_behind_an_encoding_is_flagged_by_the_signs_of_the_text(text: str, secret: str) -> None:
    assert [words for _, words in flagged(text)] == [secret]
    assert secret not in SENSITIVE.mask(text)[0]


def test_a_key_with_line_numbers_in_front_is_masked_with_them() -> None:
    numbered = "\n".join(f"{number:>6}\t{line}" for number, line in enumerate(PEM.split("\n"), 1))
    assert SENSITIVE.mask(f"Read:\n{numbered}\nDone.") == ("Read:\n     1\t[REDACTED:private-key]\nDone.", 1)


def test_of_base64_only_what_holds_the_secret_is_masked() -> None:
    plain = f"HOST=10.0.0.1\nTOKEN=ghp_{KEY}\nPORT=80 and more of it\n"
    text = base64.b64encode(plain.encode()).decode()
    masked, count = SENSITIVE.mask(f"echo {text} | base64 -d")
    before, _, after = masked.removeprefix("echo ").removesuffix(" | base64 -d").partition("[REDACTED:github-token]")
    assert count == 1
    assert b"HOST=10.0.0.1" in base64.b64decode(before)
    assert b"and more of it" in base64.b64decode(after)
    assert KEY[:24].encode() not in base64.b64decode(before) + base64.b64decode(after)


def test_the_full_stop_of_its_sentence_is_no_part_of_a_password() -> None:
    assert SENSITIVE.mask("A senha é Lobo4711!x. Guarda-a.") == ("A senha é [REDACTED:said-password]. Guarda-a.", 1)
    assert SENSITIVE.mask("Your password: Lobo4711!x.\n") == ("Your password: [REDACTED:plain-password].\n", 1)


def test_one_secret_is_one_flag_by_the_rule_that_knows_its_form() -> None:
    assert flagged(f'GITHUB_TOKEN="ghp_{KEY}"') == [("github-token", f"ghp_{KEY}")]


@pytest.mark.parametrize(
    "text",
    [
        "ssh root@vps.softmail.com",
        "ssh -p 2222 -i key deploy@srv.softmail.com uptime",
        "root@vps.softmail.com",
        "bob@vps.softmail.com:~$ ls",
        "scp a.tgz bob@vps.softmail.com:/tmp",
        "root@localhost.localdomain",
    ],
)
def test_an_account_on_a_machine_is_no_mailbox(text: str) -> None:
    assert flagged(text) == []
    assert flagged(f"{text} and maria@softmail.com")[-1:] == [("email", "maria@softmail.com")]


def test_a_token_after_an_escaped_newline_is_found() -> None:
    assert flagged(f"A=1\\nghp_{KEY}") == [("github-token", f"ghp_{KEY}")]


@pytest.mark.parametrize(
    "text",
    [
        "REDACTED_ANTHROPIC_KEY",
        "export ANTHROPIC_API_KEY=sk-ant-...",
        "sk-ant-api03-" + "x" * 40,
        "sk-proj-YOUR_KEY_GOES_IN_HERE_PLEASE",
        "Authorization: Bearer <token>",
        "Authorization: Bearer $TOKEN",
        "Authorization: Bearer ${SERVICE_TOKEN_2}",
        "Authorization: Bearer {{ token_1 }}",
        "ghp_" + "x" * 36,
        "ghp_REDACTED_GITHUB_TOKEN_REDACTED_GITHUB_TOKEN",
        "AKIAIOSFODNN7EXAMPLE",
        "postgres://postgres:postgres@localhost:5432/app",
        "postgres://user:<password>@localhost/app",
        "postgres://user:***@localhost/app",
        "redis://localhost:6379/0",
        "http://localhost:3000/@vite/client",
        'password = "********"',
        'password = os.environ["DB_PASSWORD_1"]',
        'api_key: "YOUR_API_KEY_1"',
        "GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN }}",
        "The bearer of this news was late.",
        "a commit 0123456789abcdef0123456789abcdef01234567 in git",
        "550e8400-e29b-41d4-a716-446655440000",
        "at 1700000000000 ms, version 1.2.3-4, port 65535",
    ],
)
def test_a_placeholder_is_no_secret(text: str) -> None:
    assert flagged(text) == []


@pytest.mark.parametrize("rule", SENSITIVE.rules, ids=lambda rule: rule.id)
def test_each_example_is_masked_and_stays_masked(rule: object) -> None:
    for example in rule.examples:  # type: ignore[attr-defined]
        text, count = SENSITIVE.mask(f"vocês:\n{example}\n— fim")
        assert count >= 1
        assert "[REDACTED:" in text
        assert text.startswith("vocês:\n")
        assert SENSITIVE.mask(text) == (text, 0)


def test_mask_keeps_everything_else_to_the_letter() -> None:
    text = f"olá 🚀\nAuthorization: Bearer {KEY}\r\nfim\x00 é {KEY[:5]}"
    assert SENSITIVE.mask(text) == (text.replace(KEY, "[REDACTED:bearer-token]"), 1)


def test_mask_takes_only_the_families_asked_for() -> None:
    text = f"maria@softmail.com.br has sk-ant-{KEY}"
    assert SENSITIVE.mask(text) == ("[REDACTED:email] has [REDACTED:anthropic-key]", 2)
    assert SENSITIVE.mask(text, ("secret",)) == ("maria@softmail.com.br has [REDACTED:anthropic-key]", 1)
    assert SENSITIVE.mask(text, ()) == (text, 0)


def test_finds_that_overlap_become_one_sign() -> None:
    assert masked("0123456789", [Hit(2, 6, "b"), Hit(2, 8, "a"), Hit(7, 9, "c")]) == ("01[REDACTED:a]9", 1)
    assert masked("0123456789", [Hit(5, 6, "b"), Hit(2, 5, "a")]) == ("01[REDACTED:a][REDACTED:b]6789", 2)


def test_a_text_full_of_masks_and_secrets_takes_time_in_proportion() -> None:
    text = f"[REDACTED:email] GITHUB_TOKEN=ghp_{KEY} %20 " * 5_000
    out, count = SENSITIVE.mask(text)
    assert count == 5_000
    assert KEY not in out


def _as_json(text: str) -> str:
    return json.dumps(json.dumps(text))[3:-3]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_PIECES = st.sampled_from(
    [example for rule in SENSITIVE.rules for example in rule.examples]
    + [
        spell(example)
        for rule in SENSITIVE.rules[::4]
        for example in rule.examples
        for spell in (quote, _as_json, _base64)
    ]
    + [
        "\\u0022",
        "%3D",
        "\\\\n",
        "   12\t",
        "\n> ",
        "&quot;",
        "QUJD",
        "[REDACTED:email]",
        "[REDACTED:",
        "]",
        " ",
        "\n",
        "é",
        "🚀",
        "\x00",
        "\ud800",
        "sk-ant-",
        "AKIA",
        "eyJ",
        "@",
        ":",
        "//",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=8).map("".join))
def test_nothing_sensitive_is_left_in_a_masked_text(text: str) -> None:
    out, count = SENSITIVE.mask(text)
    assert {flag.family for flag in SENSITIVE.flags([Message("user", out), Message("assistant", out)])} <= {"mojibake"}
    assert SENSITIVE.mask(out) == (out, 0)
    assert (count == 0) == (out == text)
