"""Promises about the filter language: what it says, what it refuses, that SQLite finds what a plain reading finds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from molting_tui.curation.filters import LONGEST, MOST, in_state, parse, whole_name, with_order
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.errors import BadFilter, Cancelled
from molting_tui.records.events import Event
from molting_tui.records.filters import FIELDS, NAMES, TEXT, Filter, Order, Takes, Term
from molting_tui.records.pairs import REASON_CODES, Pair
from molting_tui.records.progress import Progress
from molting_tui.store import filters as store_filters
from molting_tui.store import orders as store_orders
from tests.conftest import Asked, asked, new_workspace, write_chats, write_session

WORDS = ("deploy", "deployment", "fila", "ação", "acao", "São", "queue", "NEAR", "and", "or", "café", "x1", "olá")


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("", "state:keep"),
        ("state:open", "state:keep"),
        ("-STATE:drop is:starred", "state:keep is:starred"),
        ('"state:open" tag:"a b"', 'state:keep "state:open" tag:"a b"'),
    ],
)
def test_a_filter_is_asked_of_pairs_in_another_state(source: str, asked: str) -> None:
    assert in_state(source, "keep") == asked


@pytest.mark.parametrize(
    ("source", "terms"),
    [
        ("", []),
        ("deploy", [Term("text", ":", ("deploy",))]),
        ("-deploy", [Term("text", ":", ("deploy",), True)]),
        ('"two words"', [Term("text", ":", ("two words",))]),
        ('-"two words" end', [Term("text", ":", ("two words",), True), Term("text", ":", ("end",))]),
        ("state:open", [Term("state", ":", ("open",))]),
        ("state=open", [Term("state", ":", ("open",))]),
        ("-state:keep,drop", [Term("state", ":", ("keep", "drop"), True)]),
        ("is:starred,flagged", [Term("is", ":", ("starred", "flagged"))]),
        ("flag:agent-speech", [Term("flag", ":", ("agent-speech",))]),
        ('tag:"voice"', [Term("tag", ":", ("voice",))]),
        ("kind:imported", [Term("kind", ":", ("imported",))]),
        ('project:"my project"', [Term("project", ":", ("my project",))]),
        ("model:opus", [Term("model", ":", ("opus",))]),
        ("session:0a1b", [Term("session", ":", ("0a1b",))]),
        ("lang:pt", [Term("lang", ":", ("pt",))]),
        ("id:12,15", [Term("id", ":", ("12", "15"))]),
        ("len>200", [Term("len", ">", ("200",))]),
        ("len>=200", [Term("len", ">=", ("200",))]),
        ("prompt<20", [Term("prompt", "<", ("20",))]),
        ("prompt<=20", [Term("prompt", "<=", ("20",))]),
        ("len=5", [Term("len", "=", ("5",))]),
        ("after:2026-02-01", [Term("after", ":", ("2026-02-01",))]),
        ("before:2026-02", [Term("before", ":", ("2026-02",))]),
        ("https://softtor.com.br", [Term("text", ":", ("https://softtor.com.br",))]),
        ("note: 12:30", [Term("text", ":", ("note:",)), Term("text", ":", ("12:30",))]),
        ("a==b x->y cat<<EOF", [Term("text", ":", (code,)) for code in ("a==b", "x->y", "cat<<EOF")]),
        ("std::vector", [Term("text", ":", ("std::vector",))]),
        ("List<String>", [Term("text", ":", ("List<String>",))]),
        ('"score>50"', [Term("text", ":", ("score>50",))]),
        ("Flag:secret", [Term("flag", ":", ("secret",))]),
        ("-rule:secret", [Term("flag", ":", ("secret",), True)]),
        ("language:en length<9", [Term("lang", ":", ("en",)), Term("len", "<", ("9",))]),
        ('Project:"my project"', [Term("project", ":", ("my project",))]),
        ("id:007", [Term("id", ":", ("007",))]),
        ("project=crm", [Term("project", "=", ("crm",))]),
        ("-session=0a1b,0a2c", [Term("session", "=", ("0a1b", "0a2c"), True)]),
        ('project="a, ""b""" end', [Term("project", "=", ('a, "b"',)), Term("text", ":", ("end",))]),
        ('"state:open"', [Term("text", ":", ("state:open",))]),
        ('state:open -"" "', [Term("state", ":", ("open",))]),
        ('reason:"agent talk"', [Term("reason", ":", ("agent talk",))]),
        ("-comment:later,voz", [Term("comment", ":", ("later", "voz"), True)]),
    ],
)
def test_a_filter_says_what_it_looks_like(source: str, terms: list[Term]) -> None:
    assert parse(source) == Filter(tuple(terms), " ".join(source.split()))


@pytest.mark.parametrize(
    ("source", "term", "names"),
    [
        ("deploy colour:red", "colour:red", "flag"),
        ("state:maybe", "state:maybe", "keep"),
        ("sort:-modle", "sort:-modle", "Did you mean sort:model?"),
        ("sort:", "sort:", "sort:-len"),
        ("sort>5", "sort>5", "sort:-len"),
        ("state:", "state:", "state:open"),
        ("state:,", "state:,", "state:open"),
        ("is:blue", "is:blue", "starred"),
        ("len:200", "len:200", "len>200"),
        ("len>many", "len>many", "len>200"),
        ("len>-5", "len>-5", "len>200"),
        ("len>²", "len>²", "len>200"),
        ("len>99999999999999999999", "len>99999999999999999999", "len>200"),
        ("id:twelve", "id:twelve", "id:12"),
        ("tag>5", "tag>5", "tag:voice"),
        ("after:yesterday", "after:yesterday", "2026-02-01"),
        ("after:2026-13-01", "after:2026-13-01", "2026-02-01"),
        ("-kind:odd", "-kind:odd", "handwritten"),
        ("lang:xx", "lang:xx", "pt, en"),
        ("deploy score>50", "score>50", "Fields: state, is, flag"),
        ("a=b", "a=b", "Quote it to search the words."),
        ("flagg:secret", "flagg:secret", "Did you mean flag?"),
        ("lenght>5", "lenght>5", "Did you mean length?"),
        ("state:opne", "state:opne", "Did you mean state:open?"),
        ("State:Open", "State:Open", "Did you mean state:open?"),
        ("!flag:secret", "!flag:secret", "-flag:agent-speech"),
        ("(state:open)", "(state:open)", "`(`"),
        ("len > 200", "len >", "stand together"),
        ("-flag :secret", "-flag :secret", "flag:agent-speech"),
        (f"model:{'x' * (LONGEST + 1)}", f"model:{'x' * (LONGEST + 1)}", "1,000 characters"),
        (f"len={',5' * (MOST + 1)}", f"len={',5' * (MOST + 1)}", "200 values"),
        ("x " * (MOST + 1), "", "at most 200 terms"),
    ],
)
def test_a_bad_filter_names_the_term_and_what_would_do(source: str, term: str, names: str) -> None:
    with pytest.raises(BadFilter) as refused:
        parse(source)
    assert refused.value.where == term
    assert names in refused.value.sentence()
    assert "\n" not in refused.value.sentence()


def test_every_field_is_explained_by_an_example_that_can_be_read() -> None:
    for field in FIELDS:
        assert field.meaning
        for name in (field.name, *field.aliases):
            chosen = parse(field.example.replace(field.name, name, 1))
            assert [term.field for term in chosen.terms] == ([] if field.takes is Takes.ORDER else [field.name])
            assert chosen.order == ((Order("len", True),) if field.takes is Takes.ORDER else ())


def test_no_two_fields_share_a_name() -> None:
    names = [name for field in FIELDS for name in (field.name, *field.aliases)]
    assert sorted(set(names)) == sorted(names)
    assert TEXT not in names


def test_every_field_is_asked_of_the_database_and_only_those() -> None:
    terms = [field for field in FIELDS if field.takes is not Takes.ORDER]
    (order,) = [field for field in FIELDS if field.takes is Takes.ORDER]
    assert set(store_filters.FIELDS) == {TEXT, *(field.name for field in terms)}
    assert set(store_orders.ORDERS) == set(order.values)
    for field in terms:
        sql = store_filters.FIELDS[field.name]
        assert bool(sql.names) == bool(sql.known) == (field.takes in NAMES)
        assert bool(sql.shape) == (field.takes in (Takes.PART, Takes.START))


SIGNS_OF_THE_LANGUAGE = ["-", '"', ":", ">", "<=", "=", ",", " ", "5", "2026-02", "%", "_", "\\", "\x00", "\udc80", "'"]
PIECES = [*SIGNS_OF_THE_LANGUAGE, *(field.name for field in FIELDS), *(field.example for field in FIELDS), "Flag", "x"]
TYPED = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@given(TYPED)
def test_nothing_typed_is_worse_than_a_bad_filter(source: str) -> None:
    try:
        chosen = parse(source)
    except BadFilter:
        return
    assert all(any(term.values) for term in chosen.terms)


@given(TYPED)
def test_what_can_be_read_can_be_asked_of_any_database(sixty: Desk, nobody: Desk, source: str) -> None:
    try:
        chosen = parse(source)
    except BadFilter:
        return
    assert set(store_filters.matching(sixty.workspace.store, chosen)) <= set(range(1, 61))
    assert list(store_filters.matching(nobody.workspace.store, chosen)) == []
    assert list(nobody.matching(source)) == []


def test_a_filter_at_its_limits_is_asked(sixty: Desk) -> None:
    values = ",".join(["x" * (LONGEST - 3) + f"{number:03}" for number in range(MOST)])
    terms = [f"-{'x' * LONGEST}"] * (MOST - 3)
    source = " ".join(
        [f"model:{values}", f"len={','.join('1' * MOST)}", f"id:{','.join(map(str, range(40_000)))}", *terms]
    )
    assert list(store_filters.matching(sixty.workspace.store, parse(source))) == []


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk without a pair."""
    desk = Desk(new_workspace(tmp_path_factory.mktemp("nobody") / "ws"))
    yield desk
    desk.workspace.close()


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Sixty pairs of three sessions and a chat file, decided, marked and rewritten in every way."""
    home = tmp_path_factory.mktemp("sixty")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLTING_ACTOR", "ana")
        desk = Desk(new_workspace(home / "ws"))
    places = [
        ("crm-api", "0a1b", "claude-opus-4", "2026-02-03T10:00:00Z"),
        ("50%_off", "0a2c", "", "2026-03-01T10:00:00Z"),
    ]
    for number, (project, session, model, time) in enumerate(places):
        turns = [Asked(f"u{number}-{n}", *_said(number * 20 + n)) for n in range(20)]
        write_session(home / "logs" / project / f"{session}.jsonl", *turns, model=model, time=time)
    write_chats(home / "logs" / "chats.json", *[(prompt, answer[0]) for prompt, answer in map(_said, range(40, 60))])
    import_paths(desk.workspace, [home / "logs"])
    for number in desk.matching():
        pair = desk.pair(number)
        for kind in Random(number).sample(range(8), number % 5):
            _work(desk, pair, kind)
    assert desk.counts().total == 60
    assert min(desk.counts()) > 5
    yield desk
    desk.workspace.close()


def _said(number: int) -> tuple[str, tuple[str]]:
    chosen = [WORDS[(number * 7 + place * 5) % len(WORDS)] for place in range(1 + number % 5)]
    talk = "Let me check the logs first. " if number % 6 == 0 else ""
    answer = (
        f"{talk}Answer {number}: {' '.join(chosen)}, "
        + "and so on " * (number % 7)
        + "and this is the place where it all comes to its end."
    )
    return f"Question {number} about {' '.join(reversed(chosen))}?", (answer,)


def _work(desk: Desk, pair: Pair, kind: int) -> None:
    match kind:
        case 0 | 1 | 2 | 3:
            desk.decide(pair, ("keep", "drop", "skip", "drop")[kind], "because" if kind % 3 else "")
        case 4:
            desk.star(desk.pair(pair.id))
        case 5:
            desk.tag(desk.pair(pair.id), ("voice", "later")[pair.id % 2])
        case 6:
            desk.rewrite(pair, response=f"Uma ação reescrita sobre o café número {pair.id}, que basta para um teste.")
        case _:
            desk.comment(pair, f"note {pair.id}")


VALUES = {
    "state": ("open", "keep", "drop"),
    "is": ("starred", "rewritten", "skipped", "flagged", "reasoned", "commented", "draft", "new"),
    "reason": ("BECAUSE", "caus", "agent-talk", "private"),
    "comment": ("note", "OTE", "9", "%", "nowhere"),
    "flag": ("agent-speech", "secret", "let-me-en"),
    "tag": ("voice", "later"),
    "kind": ("extracted", "imported", "synthetic"),
    "model": ("opus", "CLAUDE"),
    "project": ("crm", "0%_o", "%", "_", "logs"),
    "session": ("0a", "0a1b"),
    "lang": ("pt", "en"),
    "id": ("1", "2", "30", "61"),
    "asked": ("again",),
}
NUMBERS = st.builds(
    "{}{}{}".format,
    st.sampled_from([field.name for field in FIELDS if field.takes is Takes.NUMBER]),
    st.sampled_from((">", "<", ">=", "<=", "=")),
    st.integers(0, 150),
)
DAYS = st.builds(
    "{}:{}".format,
    st.sampled_from([field.name for field in FIELDS if field.takes is Takes.DAY]),
    st.sampled_from(("2026-02", "2026-02-03", "2026-02-04", "2027-01")),
)
NAMED = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=2).map(
        lambda some: f"{name}:{','.join(some)}"
    )
)
SPOKEN = st.one_of(
    st.sampled_from([*WORDS, "deplo", "Acao", "SAO", "caf", "ques", "(", "NEAR(", "answer:"]).filter(
        lambda word: word != "answer:"
    ),
    st.lists(st.sampled_from([*WORDS, "answer", "and"]), min_size=2, max_size=3).map(
        lambda some: f'"{" ".join(some)}"'
    ),
)
TERMS = st.tuples(st.sampled_from(("", "", "-")), st.one_of(NAMED, NUMBERS, DAYS, SPOKEN)).map("".join)


def test_every_field_is_asked_in_these_tests() -> None:
    assert set(VALUES) == {field.name for field in FIELDS if field.takes not in (Takes.NUMBER, Takes.DAY, Takes.ORDER)}


@given(terms=st.lists(TERMS, max_size=3))
@example(terms=["-project:crm"])
@example(terms=["deploy", "-deployment"])
@example(terms=["-is:skipped", "-model:opus"])
@example(terms=["-model=unknown"])
@example(terms=["project=crm-api"])
@example(terms=["project=unknown", f"decided:{datetime.now():%Y-%m}"])
def test_sqlite_finds_what_a_plain_reading_finds(sixty: Desk, terms: list[str]) -> None:
    source = " ".join(terms)
    chosen = parse(source)
    expected = [number for number in range(1, 61) if all(_holds(term, sixty, number) for term in chosen.terms)]
    assert list(sixty.matching(source)) == expected


ORDERS = st.lists(st.builds(Order, st.sampled_from(sorted(store_orders.ORDERS)), st.booleans()), min_size=1, max_size=3)


@given(order=ORDERS, term=st.one_of(st.just(""), TERMS), few=st.sampled_from((0, store_orders._FEW)))
@example(order=[Order("model", True)], term="", few=0)
@example(order=[Order("time")], term="", few=0)
def test_a_list_is_sorted_as_a_plain_reading_sorts_it_and_what_is_alike_stays_in_list_order(
    sixty: Desk, order: list[Order], term: str, few: int
) -> None:
    matching = [sixty.pair(number) for number in sixty.matching(term)]
    for by, down in reversed(order):
        keyed = [pair for pair in matching if _key(pair, by) is not None]
        keyed.sort(key=lambda pair: _key(pair, by), reverse=down)
        matching = keyed + [pair for pair in matching if _key(pair, by) is None]
    words = " ".join(f"sort:{'-' if down else ''}{by}" for by, down in order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_orders, "_FEW", few)  # below and above the number from which numpy sorts
        assert list(sixty.matching(f"{words} {term}")) == [pair.id for pair in matching]


def _key(pair: Pair, by: str) -> Any:
    """What a pair is sorted by; None where it has none."""
    numbers = {"len": len(pair.response), "prompt": len(pair.instruction), "flags": len(pair.flags)}
    texts = {"time": pair.time, "model": pair.model.casefold(), "project": pair.project.casefold()}
    return numbers[by] if by in numbers else texts.get(by, pair.language) or None


@pytest.mark.parametrize(
    ("source", "order"),
    [
        ("sort:len", [Order("len")]),
        ("sort:-len", [Order("len", True)]),
        ("-sort:len", [Order("len", True)]),
        ("-sort:-len", [Order("len")]),
        ("sort:model,-time state:open", [Order("model"), Order("time", True)]),
        ("sort:model state:open sort:-time", [Order("model"), Order("time", True)]),
        ('"sort:len"', []),
    ],
)
def test_an_order_is_no_condition(source: str, order: list[Order]) -> None:
    chosen = parse(source)
    assert list(chosen.order) == order
    assert all(term.field in (TEXT, "state") for term in chosen.terms)


@given(TYPED)
def test_an_order_is_put_into_any_filter_and_taken_out_again(source: str) -> None:
    try:
        before = parse(source)
    except BadFilter:
        return
    after = parse(with_order(source, Order("len", True)))
    assert (after.terms, after.order) == (before.terms, (Order("len", True),))
    assert with_order(with_order(source, Order("len")), None) == with_order(source, None)


def test_a_filter_and_its_order_are_asked_of_a_workspace_without_pairs(nobody: Desk) -> None:
    assert list(nobody.matching("sort:-time,model")) == []


def _holds(term: Term, desk: Desk, number: int) -> bool:
    pair = desk.pair(number)
    if term.field == "decided":
        days = [each.time for each in desk.history(pair) if not each.undone and _decides(each)]
        return any(day.startswith(value) for value in term.values for day in days) != term.negated
    return any(_one_holds(term, value, pair) for value in term.values) != term.negated


def _decides(event: Event) -> bool:
    if event.kind == "rewrite":
        return bool(event.payload.get("keep", True))
    return event.kind == "decide" and event.payload["state"] in ("keep", "drop")


def _one_holds(term: Term, value: str, pair: Pair) -> bool:
    lengths = {"len": len(pair.response), "prompt": len(pair.instruction)}
    match term.field:
        case "text":
            return _spoken(value, pair.instruction) or _spoken(value, pair.response)
        case "len" | "prompt":
            compared = {">": int.__gt__, "<": int.__lt__, ">=": int.__ge__, "<=": int.__le__, "=": int.__eq__}
            return compared[term.op](lengths[term.field], int(value))
        case "asked":
            return pair.state == "open" and pair.before is not None
        case "state" | "kind":
            return value == getattr(pair, term.field)
        case "is":
            marks = {"flagged": bool(pair.flags), "commented": bool(pair.comment), "draft": pair.draft is not None}
            marks["reasoned"] = bool(pair.reason)
            marks["skipped"] = pair.skipped and pair.state == "open"
            marks["new"] = True  # all of them came with one import
            return marks.get(value, getattr(pair, value, False))
        case "flag":
            return any(value in (flag.family, flag.rule) for flag in pair.flags)
        case "tag":
            return value in pair.tags
        case "reason":
            return value.lower() in f"{pair.reason}\n{REASON_CODES.get(pair.reason, '')}".lower()
        case "comment":
            return value.lower() in pair.comment.lower()
        case "lang":
            return value == pair.language
        case "id":
            return int(value) == pair.id
        case "session" | "model" | "project" if term.op == "=":
            return getattr(pair, term.field) == ("" if value == "unknown" else value)
        case "session":
            return pair.session.startswith(value)
        case "model" | "project":
            return value.lower() in getattr(pair, term.field).lower()
        case "after":
            return pair.time != "" and pair.time >= value
        case "before":
            return pair.time != "" and pair.time < value
    raise AssertionError(term.field)


def _spoken(words: str, text: str) -> bool:
    wanted, said = _plain(words), _plain(text)
    if not wanted:
        return False
    *whole, last = wanted
    return any(
        said[place : place + len(whole)] == whole and said[place + len(whole)].startswith(last)
        for place in range(len(said) - len(whole))
    )


def _plain(text: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", bare.lower())


@given(st.text(min_size=1, max_size=60))
def test_a_whole_name_is_written_so_that_it_is_read_again(name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    source = f"state:open {whole_name('project', name)} words"
    assert parse(source).terms[1:] == (Term("project", "=", (name,)), Term("text", ":", ("words",)))


@pytest.mark.parametrize(
    ("source", "matched"),
    [
        ("project:crm", [1, 2, 3]),
        ("project=crm", [1]),
        ("-project=crm", [2, 3]),
        ("project=crm,crm-api", [1, 2]),
        ('project="crm, ""old"""', [3]),
        ("session=s1", [1]),
        ("model=opus", [1, 2, 3]),
    ],
)
def test_after_an_equals_sign_a_name_is_the_whole_name(
    desk: Desk, tmp_path: Path, source: str, matched: list[int]
) -> None:
    for number, project in enumerate(("crm", "crm-api", 'crm, "old"'), 1):
        write_session(tmp_path / project / f"s{number}.jsonl", asked(number))
        import_paths(desk.workspace, [tmp_path / project])
    assert list(desk.matching(source)) == matched


@pytest.mark.parametrize("source", ["project=cr", "project=CRM", "session=s", "model=opu"])
def test_a_part_of_a_name_is_no_whole_name(desk: Desk, tmp_path: Path, source: str) -> None:
    import_paths(desk.workspace, [write_session(tmp_path / "crm" / "s1.jsonl", asked(1))])
    with pytest.raises(BadFilter, match=f"there is no {source.split('=')[0]} `"):
        desk.matching(source)


OPERATORS = ["AND", "OR", "NOT", "NEAR(", "NEAR(a b, 5)", "*", "a*", "^a", "col:", "instruction : a", "{a b}", "a + b"]
SIGNS = ["(", ")", "'", "''", "--", ";", "\\", "%", "\x00", "a\x00b", "\udc80", "🙂", "[/INST]", "<|endoftext|>"]


@pytest.mark.parametrize("words", [*OPERATORS, *SIGNS])
def test_search_words_that_look_like_operators_are_words(sixty: Desk, words: str) -> None:
    quoted = '"' + words.replace('"', " ") + '"'
    assert set(sixty.matching(quoted)) <= set(range(1, 61))
    assert set(sixty.matching(f"-{quoted}")) <= set(range(1, 61))


@pytest.mark.parametrize(("typed", "written"), [("acao", "ação"), ("AÇÃO", "acao"), ("sao", "São"), ("cafe", "café")])
def test_accents_and_case_dont_matter_in_a_search(sixty: Desk, typed: str, written: str) -> None:
    found = set(sixty.matching(typed))
    assert found
    assert found >= {n for n in range(1, 61) if re.search(rf"\b{written}\b", sixty.pair(n).response)}


def test_the_last_word_may_be_the_start_of_one(three: Desk) -> None:
    assert list(three.matching('"question num"')) == [1, 2, 3]
    assert list(three.matching('"quest number"')) == []


def test_a_filter_of_one_term_and_its_negation_share_nothing_and_lack_nothing(sixty: Desk) -> None:
    for name, values in VALUES.items():
        for value in values:
            with_it, without = set(sixty.matching(f"{name}:{value}")), set(sixty.matching(f"-{name}:{value}"))
            assert not with_it & without
            assert with_it | without == set(range(1, 61))


def test_words_are_found_though_the_import_that_brought_them_was_stopped(desk: Desk, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.unit == "pairs":
            raise Cancelled

    pairs = [(f"Where is animal {n}?", "A zebra is there." if n in (0, 899) else "None is there.") for n in range(900)]
    with pytest.raises(Cancelled):
        import_paths(desk.workspace, [write_chats(tmp_path / "chats.json", *pairs)], report=stop)
    assert list(desk.matching("zebra")) == [1, 900]


def test_a_pair_of_no_session_is_in_no_project_and_so_in_not_that_one(three: Desk) -> None:
    store = three.workspace.store
    with store.write() as connection:
        connection.execute("update pair set session_id = null where id = 2")
    assert list(three.matching("project:crm")) == [1, 3]
    assert list(three.matching("-project:crm")) == [2]
