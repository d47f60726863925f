"""Screening: names across scripts and orders, fields that agree or not, grades with a ceiling."""

import doctest
import importlib
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.money.screening import GRADES, kernel, of_accounts, of_payments
from palermo.analysis.money.screening import screen as screen_tables
from palermo.analysis.money.screening.index import compared, weight
from palermo.analysis.money.screening.names import skeleton, tokens
from palermo.model.screening import LISTED, MATCHES, SUBJECTS
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS


def subject(**known: Any) -> dict[str, Any]:
    return {"subject": "s", "kind": "person", **known}


def entry(**known: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {field.name: [] for field in LISTED if pa.types.is_list(field.type)}
    return {
        **empty,
        "entity": "e",
        "list": "made up",
        "caption": "c",
        "kind": "person",
        "line": 1,
        **known,
    }


def found(
    subjects: list[dict[str, Any]], entries: list[dict[str, Any]], least: str = "weak"
) -> list[dict[str, Any]]:
    done = screen_tables(
        pa.Table.from_pylist(subjects, schema=SUBJECTS),
        pa.Table.from_pylist(entries, schema=LISTED),
        least=least,
    )
    assert done.matches.schema == MATCHES
    assert sum(done.by_grade.values()) == done.matches.num_rows
    rows: list[dict[str, Any]] = done.matches.to_pylist()
    return rows


def one(own: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    (match,) = found([own], [theirs])
    return match


@pytest.mark.parametrize("name", ["names", "index", "screen"])
def test_examples_hold(name: str) -> None:
    module = importlib.import_module(f"palermo.analysis.money.screening.{name}")
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("own", "listed"),
    [
        ("Vladimir Petrovsky", "ПЕТРОВСКИЙ Владимир"),
        ("PETROVSKY, Vladimir", "Vladimir Petrovsky"),
        ("Wladimir Petrowskij", "Vladimir Petrovskiy"),
        ("Mohammed Al-Kahtani", "محمد القحطاني"),
        ("Muhammad Kahtani", "Mohamed Al Kahtani"),
        ("Xiaoming Wang", "王小明"),
        ("José Muñoz García", "Jose Munoz Garcia"),
        ("Aleksandr Kuznetsov", "Alexander Kuznetsow"),
        ("Yevgeny Zakharchenko", "Evgenii Zaharchenko"),
        ("Oyunbileg Batbayar", "Oyunbileg Batbaiar"),
        ("Zakharchenko Trading Ltd", "ZAHARCHENKO TRADING CORP"),
    ],
)
def test_one_name_in_two_spellings_agrees(own: str, listed: str) -> None:
    match = one(subject(name=own), entry(names=[listed]))
    assert "name" in match["agreed"]
    assert listed in match["why"]


@pytest.mark.parametrize(
    ("own", "listed"),
    [
        ("Marina Moreno", "Miron Marin"),
        ("Sunrise Trading Corp", "Granite Trading Corp"),
        ("General Services Ltd", "General Holding Ltd"),
        ("Ivan Kuznetsov", "Pyotr Zakharchenko"),
        ("Li Wei", "Lu Wu"),
    ],
)
def test_two_names_do_not(own: str, listed: str) -> None:
    matches = found([subject(name=own)], [entry(names=[listed])], least="possible")
    assert matches == []


def test_short_names_weigh_little_and_long_rare_ones_much() -> None:
    short = one(subject(name="Li Wei"), entry(names=["Wei Li"]))
    long = one(subject(name="Yevgeny Zakharchenko"), entry(names=["Zakharchenko Yevgeny"]))
    assert short["grade"] == "weak"
    assert long["grade"] == "probable"
    assert long["millibits"] > 2 * short["millibits"]


def test_a_common_name_weighs_less_than_a_rare_one() -> None:
    crowd = [subject(subject=f"s{n}", name=f"Ivan Kuznetsov {n}") for n in range(300)]
    rare = [subject(subject="r", name="Yevstafy Zdravomyslov")]
    entries = [entry(names=["Ivan Kuznetsov"]), entry(entity="r", names=["Yevstafy Zdravomyslov"])]
    by = {row["entity"]: row for row in found(crowd + rare, entries)}
    assert by["r"]["millibits"] > by["e"]["millibits"] + 5_000


def test_the_order_goes_on_where_grades_end() -> None:
    entries = [
        entry(entity="a", names=["Yevgeny Zakharchenko"], birth=["1970-02-03"]),
        entry(entity="b", names=["Yevgeny Zakharchenko"], birth=["1970-02-03"], countries=["RU"]),
        entry(entity="c", names=["Yevgeny Sergeevich Zakharchenko"], birth=["1970-02-03"]),
        entry(entity="d", names=["Yevgeny Zakharchenko"], birth=["1971-05-05"]),
    ]
    own = subject(name="Yevgeny Zakharchenko", birth="1970-02-03", country="RU")
    matches = found([own], entries)
    assert [row["entity"] for row in matches] == ["b", "a", "c", "d"]
    assert [row["grade"] for row in matches[:3]] == ["strong"] * 3
    assert all(a["millibits"] > b["millibits"] for a, b in pairwise(matches))


def test_each_match_says_what_agreed_disagreed_and_was_missing() -> None:
    match = one(
        subject(name="Yevgeny Zakharchenko", birth="1970", country="FR", phone="+12025550143"),
        entry(
            names=["Zakharchenko Yevgeny"],
            birth=["1980-01-01"],
            countries=["RU"],
            topics=["wanted"],
        ),
    )
    assert match["agreed"] == ["name", "kind"]
    assert match["disagreed"] == ["year of birth", "country"]
    assert match["missing"] == ["phone", "email"]
    assert match["topics"] == ["wanted"]
    assert "born 1970 and 1980-01-01" in match["why"]
    assert "country FR and RU" in match["why"]


def test_a_name_alone_is_never_strong_and_a_wrong_birth_never_probable() -> None:
    name = "Yevstafy Bartholomew Zdravomyslov Christodoulopoulos"
    alone = one(subject(name=name), entry(names=[name]))
    assert (alone["grade"], alone["millibits"] > 50_000) == ("probable", True)
    born = one(subject(name=name, birth="1950"), entry(names=[name], birth=["1990"]))
    assert born["grade"] == "possible"
    other = one(subject(name=name, kind="organisation"), entry(names=[name]))
    assert other["grade"] == "possible"


@pytest.mark.parametrize(
    ("own", "column", "listed"),
    [
        ({"account": "0xABcdef0123456789abcdef0123456789abcdef01"}, "wallets",
         "0xabcdef0123456789ABCDEF0123456789abcdef01"),
        ({"account": "gb82 west 1234 5698 7654 32"}, "accounts", "GB82WEST12345698765432"),
        ({"phone": "+1 202 555 0143"}, "phones", "+12025550143"),
        ({"email": "Kim@Sample.example"}, "emails", "kim@sample.example"),
    ],
)  # fmt: skip
def test_an_identifier_that_is_the_same_is_strong(
    own: dict[str, str], column: str, listed: str
) -> None:
    match = one(subject(**own), entry(kind="wallet", **{column: [listed]}))
    assert match["grade"] == "strong"
    assert "name" in match["missing"]


def test_base58_addresses_are_not_the_same_in_another_case() -> None:
    address = "3K35dyL85fR9ht7UgzPfd1gLRRXQtNTqE3"
    assert found([subject(account=address.lower())], [entry(wallets=[address])]) == []
    assert found([subject(account="7")], [entry(accounts=["7"])]) == []


def test_a_weak_alias_counts_half() -> None:
    own = subject(name="Yevgeny Zakharchenko")
    full = one(own, entry(names=["Yevgeny Zakharchenko"]))
    weak = one(own, entry(weak_names=["Yevgeny Zakharchenko"]))
    assert weak["millibits"] < full["millibits"]
    assert "a weak alias" in weak["why"]


def test_empty_sides_give_nothing() -> None:
    assert found([], []) == []
    assert found([subject(name=None)], [entry(names=["A B"])]) == []
    assert found([subject(name="???")], [entry(names=["!!!", "A"])]) == []
    with pytest.raises(ValueError, match="grade"):
        screen_tables(SUBJECTS.empty_table(), LISTED.empty_table(), least="sure")


_WORDS = st.lists(
    st.text("abcdefghijklmnoprstuvyz", min_size=1, max_size=9), min_size=1, max_size=4
)


@settings(max_examples=60, deadline=None)
@given(
    own=st.lists(_WORDS, min_size=1, max_size=6), listed=st.lists(_WORDS, min_size=1, max_size=6)
)
def test_the_kernel_agrees_with_a_slow_reference(
    own: list[list[str]], listed: list[list[str]]
) -> None:
    """All pairs, token by token, with the same greedy pairing written plainly."""
    queries, lists = [" ".join(one) for one in own], [" ".join(one) for one in listed]
    both = compared(queries, lists)
    got = {
        (row[0], row[1]): tuple(row[2:])
        for row in kernel.pairs(both.words, both.alike, both.sides, 1).tolist()
    }
    for (query, name), measured in got.items():
        assert measured == reference(both, query, name)
    for query, text in enumerate(queries):
        for name, other in enumerate(lists):
            if sorted(text.split()) == sorted(other.split()):
                assert (query, name) in got


def reference(both: Any, query: int, name: int) -> tuple[int, int, int]:
    words, sides = both.words, both.sides
    left = sides.queries.tokens[sides.queries.at[query] : sides.queries.at[query + 1]].tolist()
    right = sides.listed.tokens[sides.listed.at[name] : sides.listed.at[name + 1]].tolist()
    options = [
        (kernel.likeness(words, a, b) * min(words.weight[a], words.weight[b]) // 1000, -i, -j)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
    ]
    used: set[tuple[str, int]] = set()
    alike = 0
    for value, i, j in sorted(options, reverse=True):
        if value > 0 and ("l", i) not in used and ("r", j) not in used:
            used |= {("l", i), ("r", j)}
            alike += value
    over = [
        sum(int(words.weight[t]) for at, t in enumerate(side) if (mark, -at) not in used)
        for mark, side in (("l", left), ("r", right))
    ]
    return int(alike), over[0], over[1]


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12), st.integers(0, 11))
def test_one_letter_less_is_still_alike(word: str, at: int) -> None:
    if len(word) < 5:
        return
    other = word[: at % len(word)] + word[at % len(word) + 1 :]
    both = compared([word], [other])
    numbers = {token: n for n, token in enumerate(sorted({word, other}))}
    if word != other:
        assert kernel.likeness(both.words, numbers[word], numbers[other]) >= 700
        near = both.alike.tokens[both.alike.at[numbers[word]] : both.alike.at[numbers[word] + 1]]
        assert numbers[other] in near.tolist()


@given(st.text(max_size=40))
def test_any_text_gives_plain_tokens(text: str) -> None:
    for token in tokens(text):
        assert token.isascii()
        assert token.isalnum()
        assert skeleton(token)


def test_weights_fall_with_frequency_and_never_below_one_bit() -> None:
    falling = [
        weight("zakharchenko", count, 100_000, weak=False) for count in (1, 10, 1000, 99_999)
    ]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == 1000
    assert weight("company", 1, 100_000, weak=True) == 1000


def test_subjects_of_accounts_and_of_payments() -> None:
    accounts = pa.Table.from_pylist(
        [
            {"account": "A", "holder": "Kim Sample", "holder_kind": "person", "birth_year": 2001},
            {"account": "B", "holder": "Sample Ltd", "holder_kind": "business"},
        ],
        schema=ACCOUNTS,
    )
    rows = of_accounts(accounts).to_pylist()
    assert [row["kind"] for row in rows] == ["person", "organisation"]
    assert rows[0]["birth"] == "2001"
    when = np.datetime64("2026-01-01", "us").astype(object)
    paid = [
        {"tx_id": n, "ts": when, "src": "A", "dst": "B", "amount_minor": 1, "currency": "EUR",
         "src_name": name}
        for n, name in (("1", "Kim Sample"), ("2", None), ("3", "Kim Sample"))
    ]  # fmt: skip
    ends = of_payments(pa.Table.from_pylist(paid, schema=STATEMENT_ROWS)).to_pylist()
    assert [(row["account"], row["name"]) for row in ends] == [("A", "Kim Sample"), ("B", None)]


def test_grades_are_in_order() -> None:
    assert GRADES == ("strong", "probable", "possible", "weak")
