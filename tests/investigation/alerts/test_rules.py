"""Each kind of rule on the smallest records that show it, and on the same with one change."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from palermo.analysis.money.typologies import (
    Records,
    Typologies,
    default_typologies,
    prepare,
    with_changes,
)
from palermo.investigation.alerts import look
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

START = datetime(2026, 1, 5, tzinfo=UTC)
Row = dict[str, Any]


def pay(day: float, src: str, dst: str, euros: float, channel: str = "p2p", **more: Any) -> Row:
    """A payment so many days after the start, in UTC."""
    return {
        "ts": START + timedelta(days=day),
        "src": src,
        "dst": dst,
        "amount_minor": round(euros * 100),
        "currency": "EUR",
        "channel": channel,
        "zone": "UTC",
        **more,
    }


def person(name: str, surname: str = "", **more: Any) -> Row:
    """A person whose surname is their own unless told."""
    return {
        "account": name,
        "holder": f"Given {surname or name.capitalize()}",
        "holder_kind": "person",
        "country": "FR",
        **more,
    }


def firm(name: str, segment: str = "office", **more: Any) -> Row:
    return {
        "account": name,
        "holder": name,
        "holder_kind": "business",
        "segment": segment,
        "country": "FR",
        **more,
    }


def records(rows: Sequence[Row], known: Sequence[Row]) -> Records:
    numbered = [{"tx_id": f"t{at}", **row} for at, row in enumerate(rows)]
    return prepare(
        pa.Table.from_pylist(numbered, schema=STATEMENT_ROWS),
        pa.Table.from_pylist(list(known), schema=ACCOUNTS),
        default_typologies().words,
    )


def alone(rules: set[str]) -> Typologies:
    """Switch all other rules off, those that speak against too."""
    against = {
        one.id: {"enabled": False} for one in default_typologies().rules if one.group == "counter"
    }
    changes = {"default": "off", "rules": against | {one: {} for one in rules}}
    return with_changes(default_typologies(), changes, name="test")


def fires(
    rule: str,
    rows: Sequence[Row],
    known: Sequence[Row],
    lists: Mapping[str, Sequence[Row]] | None = None,
) -> dict[str, str | None]:
    """Run one rule with those it builds on; return the accounts it finds, with the role."""
    found = records(rows, known)
    needed = {rule, *default_typologies()[rule].after}
    only = alone(needed)
    names = found.people.accounts.values.to_pylist()
    tables = {
        name: pa.Table.from_pylist(
            [{k: names.index(v) if k == "account" else v for k, v in row.items()} for row in given]
        )
        for name, given in (lists or {}).items()
    }
    for name, table in tables.items():
        if "account" in table.column_names:
            at = table.schema.get_field_index("account")
            tables[name] = table.set_column(at, "account", table["account"].cast(pa.int32()))
    looked = look(found, only, tables)
    role = default_typologies()[rule].role
    return {names[one["account"]]: one["role"] or role for one in looked.found[rule].to_pylist()}


def drained(share: float = 0.9, surname: str = "") -> tuple[list[Row], list[Row]]:
    """Three people whom many pay, and who pass it on to one."""
    rows, known = [], [person("boss")]
    for who in ("ana", "bea", "eva"):
        known.append(person(who, surname))
        for at in range(12):
            rows.append(pay(2 * at, f"client{who}{at}", who, 100))
            rows.append(pay(2 * at + 0.5, who, "boss", 100 * share))
    return rows, known


def wages(
    back: float, *, to: str = "firm", memo: str = "", workers: int = 4
) -> tuple[list[Row], list[Row]]:
    rows = []
    names = [f"worker{at}" for at in range(workers)]
    for month in range(4):
        for at, name in enumerate(names):
            rows.append(pay(30 * month, "firm", name, 1400, "transfer", memo="wages"))
            rows.append(pay(30 * month + 1 + at / 9, name, to, 1400 * back, "transfer", memo=memo))
    return rows, [
        firm("firm", "farm", staff=4),
        *(person(name) for name in names),
        person("keeper"),
    ]


def sent(
    hour: float = 23, *, surname: str = "", euros: int = 50, abroad: str = "XA"
) -> tuple[list[Row], list[Row]]:
    days = (1, 4, 5, 20, 33, 34, 61)
    rows = [pay(day + hour / 24, "ana", "kin", euros, "remittance") for day in days]
    return rows, [person("ana"), person("kin", surname, country=abroad)]


def tickets(who: str, names: Sequence[str], **more: Any) -> list[Row]:
    return [
        pay(5 + at, who, "air", 200, "card", mcc="4511", memo=f"ticket {name}", **more)
        for at, name in enumerate(names)
    ]


CREW = ["Given Uno", "Given Dos", "Given Tres", "Given Quatre"]

Case = tuple[str, tuple[list[Row], list[Row]], dict[str, str | None]]
VICTIM: str | None = "possible-victim"
CONTROLLER: str | None = "controller"
WORKERS: dict[str, str | None] = {f"worker{at}": VICTIM for at in range(4)}

CASES: list[Case] = [
    ("S05", drained(), dict.fromkeys(("ana", "bea", "eva"), VICTIM)),
    ("S05", drained(share=0.4), {}),
    ("S05", drained(surname="Boss"), {}),  # one family, one purse
    ("S06", drained(), {"boss": CONTROLLER}),
    ("S06", drained(share=0.4), {}),
    ("L02", wages(0.8), {**WORKERS, "firm": CONTROLLER}),
    ("L02", wages(0.8, to="keeper"), {**WORKERS, "firm": CONTROLLER, "keeper": CONTROLLER}),
    ("L02", wages(0.2), {}),
    ("L02", wages(0.8, workers=2), {}),
    ("L06", wages(0.1, to="keeper", memo="instalment"), {**WORKERS, "keeper": "facilitator"}),
    ("L06", wages(0.1, to="keeper", memo="rent"), {}),
    ("L01", wages(0.1), {}),
    (
        "L01",
        (
            [pay(30 * m, "firm", "ana", 900, "transfer", memo="wages") for m in range(4)],
            [firm("firm", staff=10), person("ana")],
        ),
        {"firm": CONTROLLER},
    ),
    (
        "L04",
        (
            [pay(1, "firm", "keeper", 1200, "transfer", memo="salary", dst_name=n) for n in CREW],
            [firm("firm"), person("keeper")],
        ),
        {"keeper": CONTROLLER},
    ),
    (
        "L05",
        (
            [
                row
                for at in range(4)
                for row in (
                    pay(1, "firm", f"worker{at}", 1400, "transfer", memo="wages"),
                    pay(1.2 + at / 1000, f"worker{at}", "machine", 1300, "atm"),
                )
            ],
            wages(0)[1],
        ),
        WORKERS,
    ),
    (
        "L05",
        (
            [
                row
                for at in range(4)
                for row in (
                    pay(1, "firm", f"worker{at}", 1400, "transfer", memo="wages"),
                    pay(1.2 + at / 10, f"worker{at}", "machine", 1300, "atm"),
                )
            ],
            wages(0)[1],
        ),
        {},
    ),
    (
        "L12",
        (
            [
                pay(1, "firm", "office", 500, "card", memo="ticket Given Ana visa"),
                *(pay(30 * m, "ana", "firm", 300, "transfer") for m in range(1, 4)),
            ],
            [firm("firm"), firm("office"), person("ana", holder="Given Ana visa")],
        ),
        {"ana": VICTIM},
    ),
    ("C01", sent(), {"ana": "buyer"}),
    ("C01", sent(surname="Ana"), {}),
    ("C01", sent(abroad="FR"), {}),
    ("C01", sent(euros=400), {}),
    ("C02", sent(), {"ana": "buyer"}),
    ("C02", sent(euros=51), {}),
    ("C03", sent(), {"ana": "buyer"}),
    ("C03", sent(hour=15), {}),
    (
        "C05",
        (
            [pay(9 * at, "ana", f"kin{at}", 60, "remittance") for at in range(5)],
            [person("ana"), *(person(f"kin{at}", country="XA", city="Town") for at in range(5))],
        ),
        {"ana": "buyer"},
    ),
    (
        "C11",
        (
            [pay(n * 5 + k / 2, f"kid{n}", "taker", 80) for n in range(2) for k in range(4)]
            + [pay(90, "x", "y", 1)],
            [person("taker"), *(person(f"kid{n}", birth_year=2010) for n in range(2))],
        ),
        {"taker": CONTROLLER},
    ),
    (
        "C10",
        (
            [pay(k / 2, "kid", "taker", 80) for k in range(4)] + [pay(90, "x", "y", 1)],
            [person("taker"), person("kid", birth_year=1980)],
        ),
        {},
    ),
    (
        "O02",
        (
            [
                pay(1, "sick", "broker", 60_000, "transfer"),
                pay(9, "broker", "donor", 1500, "remittance"),
            ],
            [person("sick"), person("broker"), person("donor", country="XA")],
        ),
        {"broker": CONTROLLER, "donor": VICTIM},
    ),
    (
        "O01",
        (
            [pay(1, "sick", "broker", 60_000, "transfer", memo="treatment")],
            [person("sick"), firm("broker", "clinic")],
        ),
        {},
    ),
    ("S09", (tickets("ana", CREW), [person("ana"), firm("air", "airline")]), {"ana": CONTROLLER}),
    ("S09", (tickets("ana", CREW[:2]), [person("ana"), firm("air", "airline")]), {}),
    (
        "S09",
        (
            tickets("ana", ["Uno Ana", "Dos Ana", "Tres Ana"]),
            [person("ana"), firm("air", "airline")],
        ),
        {},
    ),
    (
        "F03",
        (tickets("ana", CREW, country="XA"), [person("ana"), firm("air")]),
        {"ana": "facilitator"},
    ),
    ("F03", (tickets("ana", CREW, country="FR"), [person("ana"), firm("air")]), {}),
    (
        "F01",
        (
            [
                pay(30 * m, "purse", f"w{at}", 400 + at, "crypto")
                for m in range(3)
                for at in range(9)
            ],
            [person("purse"), *(person(f"w{at}") for at in range(9))],
        ),
        {"purse": CONTROLLER, **{f"w{at}": VICTIM for at in range(9)}},
    ),
    (
        "F01",
        (
            [
                pay(30 * m, "purse", f"w{at}", 400 * (1 + at), "crypto")
                for m in range(3)
                for at in range(9)
            ],
            [person("purse")],
        ),
        {},
    ),
    (
        "F05",
        (
            [pay(1 + at / 24, f"p{at}", "mule", 90) for at in range(9)]
            + [pay(1.8, "mule", "coins", 800, "card", mcc="6051")],
            [person("mule"), firm("coins", "crypto exchange")],
        ),
        {"mule": VICTIM},
    ),
    (
        "G01",
        ([pay(at, "till", "ana", 9_000, "cash") for at in range(4)], [person("ana")]),
        {"ana": None},
    ),
    ("G01", ([pay(at, "till", "ana", 5_000, "cash") for at in range(4)], [person("ana")]), {}),
    (
        "G04",
        (
            [pay(1, "ana", "bea", 900), pay(1.5, "bea", "eva", 880), pay(2, "eva", "ana", 850)],
            [person("ana"), person("bea"), person("eva")],
        ),
        dict.fromkeys(("ana", "bea", "eva"), "facilitator"),
    ),
    (
        "G05",
        (
            [
                row
                for at in range(4)
                for row in (pay(1, "ana", f"m{at}", 500), pay(1.5, f"m{at}", "eva", 450))
            ],
            [person("ana"), person("eva"), *(person(f"m{at}") for at in range(4))],
        ),
        {"ana": CONTROLLER, "eva": CONTROLLER, **{f"m{at}": "facilitator" for at in range(4)}},
    ),
    (
        "G06",
        ([pay(1, "a0", "a1", 5)], [person(f"a{at}", phone="+1", device="d") for at in range(4)]),
        {f"a{at}": None for at in range(4)},
    ),
    (
        "G10",
        (
            [
                row
                for at in range(8)
                for row in (
                    pay(3 * at, f"p{at}", "here", 300 + 40 * at),
                    pay(3 * at + 1, "there", f"q{at}", 297 + 40 * at),
                )
            ],
            [person("here"), person("there", country="XA")],
        ),
        {"here": "facilitator", "there": "facilitator"},
    ),
]


@pytest.mark.parametrize(("rule", "world", "expected"), CASES)
def test_a_rule_finds_what_it_says(
    rule: str, world: tuple[list[Row], list[Row]], expected: dict[str, str | None]
) -> None:
    assert fires(rule, *world) == expected


LISTED: list[tuple[str, str, list[Row], dict[str, str | None]]] = [
    ("S12", "ads", [{"value": "+15", "last_seen": None}], {"ana": None}),
    ("S12", "ads", [{"value": "+16", "last_seen": None}], {}),
    ("S12", "ads", [{"value": "+15", "last_seen": 1_500_000_000}], {}),
    ("C12", "tags", [{"account": "bea", "category": "csam"}], {"ana": "buyer"}),
    ("C12", "tags", [{"account": "bea", "category": "exchange"}], {}),
    ("F06", "tags", [{"account": "bea", "category": "guarantee_market"}], {"ana": None}),
    ("G07", "flags", [{"account": "ana"}, {"account": "ana"}], {"ana": VICTIM}),
    ("G07", "flags", [{"account": "ana"}], {}),
]


@pytest.mark.parametrize(("rule", "name", "given", "expected"), LISTED)
def test_a_list_switches_its_rule_on(
    rule: str, name: str, given: list[Row], expected: dict[str, str | None]
) -> None:
    rows = [pay(1, "ana", "bea", 70, "crypto")]
    known = [person("ana", phone="+15")]
    found = records(rows, known)
    only = alone({rule})
    without = {one.rule: one.why for one in look(found, only).not_looked}
    assert name in without[rule]
    if name == "ads":
        for one in given:
            one.setdefault("last_seen", None)
        table = pa.Table.from_pylist(
            given, schema=pa.schema([("value", pa.string()), ("last_seen", pa.int64())])
        )
        names = found.people.accounts.values.to_pylist()
        hits = look(found, only, {"ads": table}).found[rule].to_pylist()
        assert {names[one["account"]]: one["role"] for one in hits} == expected
    else:
        assert fires(rule, rows, known, {name: given}) == expected


def test_a_rule_whose_ground_is_off_says_so() -> None:
    off = with_changes(default_typologies(), {"rules": {"C01": {"enabled": False}}}, name="test")
    looked = look(records([pay(1, "a", "b", 1)], [person("a", opened=date(2020, 1, 1))]), off)
    why = {one.rule: one.why for one in looked.not_looked}
    assert why["C01"] == "switched off"
    assert "C01" in why["C03"]
    assert "payslips" in why["L03"]
    assert set(looked.found) & {"C01", "C02", "C03", "L03"} == set()
    every = {rule.id for rule in off.rules if rule.group != "context"}
    wholly = {one.rule for one in looked.not_looked if not one.why.startswith("in part")}
    assert wholly | set(looked.found) == every
