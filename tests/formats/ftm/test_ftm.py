"""A case as entities: sound by the schemata, back without loss, and without possible victims."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.formats.ftm import (
    FLOWS,
    CaseTables,
    Entity,
    Exported,
    Imported,
    export_case,
    import_entities,
    problems,
    read_ftm,
    schemata,
    write_ftm,
)
from palermo.formats.ftm.protection import protection
from palermo.formats.ftm.tables import flows
from palermo.model import IDENTIFIERS, ITEMS, LINKS
from palermo.model.report import CONTROLLER, POSSIBLE_VICTIM, Alert, Atom
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

WALLET = "1Archive1n2C579dMsAu3iC6tWzuQJz8dN"


def paid(number: str, src: str, dst: str, day: int, **more: Any) -> dict[str, Any]:
    return {
        "tx_id": number,
        "ts": datetime(2026, 3, day, 22, 10, tzinfo=UTC),
        "src": src,
        "dst": dst,
        "amount_minor": 1000 * day,
        "currency": "EUR",
        "channel": "p2p",
        **more,
    }


def item(number: str, text: str, **more: Any) -> dict[str, Any]:
    known = {"id": number, "text": text, "lang": "eng", "exhibit": "e", "row": 1, "row_hash": "h"}
    return {**known, **more}


def stated(number: str, kind: str, value: str) -> dict[str, Any]:
    return {
        "id": number,
        "kind": kind,
        "value": value,
        "raw": value,
        "start": 0,
        "end": 1,
        "confidence": "high",
        "reason": "r",
    }


VICTIM = {
    "account": "DE-VICTIM-77",
    "kind": "bank",
    "holder": "Élena Vélazquez",
    "holder_kind": "person",
    "address": "12 Quay Street",
    "phone": "+12025550143",
    "email": "elena@mail.example",
    "device": "device-9f9f",
    "currency": "EUR",
}


def case() -> CaseTables:
    accounts = [
        VICTIM,
        {
            "account": "GB82WEST12345698765432",
            "kind": "bank",
            "holder": "Spa Example Ltd",
            "holder_kind": "business",
            "segment": "spa",
            "country": "XA",
            "city": "Port",
            "phone": "+12025550199",
            "opened": date(2026, 1, 2),
            "currency": "EUR",
        },
        {"account": WALLET, "kind": "wallet", "holder": "Robin Else", "holder_kind": "person",
         "birth_year": 1980, "currency": "BTC", "country": "XB"},
    ]  # fmt: skip
    payments = [
        paid("t1", "payer-1", "DE-VICTIM-77", 1),
        paid("t2", "DE-VICTIM-77", "GB82WEST12345698765432", 2),
        paid("t3", "GB82WEST12345698765432", WALLET, 3, memo="goods"),
        paid("t4", "GB82WEST12345698765432", WALLET, 4, channel="crypto"),
        paid("t5", "GB82WEST12345698765432", "cash-desk", 5, memo="for Elena, room 4"),
        paid("ref DE VICTIM 77", "GB82WEST12345698765432", "cash-desk", 6),
    ]
    items = [
        item("ad1", "Rooms in Port, call +12025550199", account="poster", platform="board",
             posted_at=datetime(2026, 2, 1, tzinfo=UTC), url="https://board.example/1",
             place="Port"),
        item("ad2", "Ask for ELENA, (202) 555-0143"),
        item("ad3", f"Pay to {WALLET}"),
    ]  # fmt: skip
    return CaseTables(
        accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS),
        payments=pa.Table.from_pylist(payments, schema=STATEMENT_ROWS),
        items=pa.Table.from_pylist(items, schema=ITEMS),
        identifiers=pa.Table.from_pylist(
            [
                stated("ad1", "phone", "+12025550199"),
                stated("ad2", "phone", "+12025550143"),
                stated("ad3", "bitcoin", WALLET),
                stated("ad3", "price", "12 EUR"),
            ],
            schema=IDENTIFIERS,
        ),
        links=pa.Table.from_pylist(
            [
                {"a": "ad1", "b": "ad2", "reason": "phone:+12025550143", "strength": 0.9},
                {"a": "ad1", "b": "ad3", "reason": "wallet", "strength": 0.25},
            ],
            schema=LINKS,
        ),
        alerts=(
            Alert(account="DE-VICTIM-77", role=POSSIBLE_VICTIM, atoms=(Atom(rule="S05"),)),
            Alert(
                account="GB82WEST12345698765432",
                role=CONTROLLER,
                score="0.9",
                atoms=(
                    Atom(rule="S06", version="1", value="3; of 4", tx_ids=("t2", "t3")),
                    Atom(rule="S10", tx_ids=("t4",), parameters="k=3"),
                ),
                against=("a spa has many payers", "known for years"),
            ),
        ),
        assets=(
            {"asset_id": "A1", "name": "van", "kind": "vehicle", "state": "frozen",
             "amount_minor": 5, "currency": "EUR", "country": "XA", "order": "o-1"},
        ),
    )  # fmt: skip


def back(done: Exported, folder: Path) -> Imported:
    path = folder / "case.ftm.json"
    path.write_bytes(write_ftm(done.entities))
    return import_entities(path)


def faults(done: Exported) -> list[str]:
    ids = {one.id: one.schema for one in done.entities}
    return [problem for one in done.entities for problem in problems(one, ids)]


@pytest.mark.parametrize("with_victims", [False, True])
def test_every_entity_fits_its_schema_and_points_at_something(with_victims: bool) -> None:
    done = export_case(case(), with_victims=with_victims)
    assert faults(done) == []
    assert {"BankAccount", "CryptoWallet", "PaymentFlow", "Alert", "Advertisement"} <= {
        one.schema for one in done.entities
    }
    assert len({one.id for one in done.entities}) == len(done.entities)


def test_what_is_carried_comes_back_equal(tmp_path: Path) -> None:
    whole = case()
    read = back(export_case(whole, with_victims=True), tmp_path)
    lost = {"city", "device", "income_minor", "staff"}
    have = {row["account"]: row for row in read.accounts.to_pylist()}
    for row in whole.accounts.to_pylist():
        assert {k: v for k, v in have[row["account"]].items() if k not in lost} == {
            k: v for k, v in row.items() if k not in lost
        }
    assert read.flows.schema == FLOWS
    assert read.flows.equals(flows(whole.payments))
    assert read.alerts == tuple(sorted(whole.alerts, key=lambda one: one.account))
    assert read.assets == whole.assets
    assert read.links.to_pylist() == whole.links.to_pylist()
    columns = read.advertisements.column_names
    assert read.advertisements.to_pylist() == whole.items.select(columns).to_pylist()
    assert read.stated.to_pylist() == [
        {"id": row["id"], "kind": row["kind"], "value": row["value"]}
        for row in whole.identifiers.to_pylist()
        if row["kind"] != "price"
    ]
    assert read.other == ()


def test_what_cannot_be_carried_is_listed_with_counts() -> None:
    done = export_case(case(), with_victims=True)
    losses = {(one.table, one.column): one.values for one in done.losses}
    assert losses["accounts", "city"] == 1
    assert losses["accounts", "device"] == 1
    assert losses["identifiers", "price"] == 1
    assert losses["items", "row_hash"] == 3
    assert losses["payments", "each payment"] == 6
    assert done.held_back == {}


def test_the_same_case_gives_the_same_bytes_whatever_the_order_of_rows() -> None:
    whole = case()
    first = write_ftm(export_case(whole).entities)
    assert write_ftm(export_case(case()).entities) == first
    turned = replace(whole, accounts=whole.accounts.take([2, 1, 0]), links=whole.links.take([1, 0]))
    assert write_ftm(export_case(turned).entities) == first


def test_unknown_entities_and_fields_are_kept_word_for_word(tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    theirs = {
        "id": "q1",
        "schema": "Vessel",
        "properties": {"name": ["Ship"], "flag": ["xa"]},
        "datasets": ["d"],
        "referents": ["z"],
    }
    path.write_text(json.dumps(theirs) + "\nnot json\n{}\n")
    read = import_entities(path)
    assert json.loads(read.other[0].line()) == theirs
    assert [one.row for one in read.set_aside] == [2, 3]


def test_secrets_are_not_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    wallet = {"publicKey": [WALLET], "privateKey": ["k1", "k2"]}
    path.write_text(json.dumps({"id": "w", "schema": "CryptoWallet", "properties": wallet}))
    read = import_entities(path)
    assert read.secrets == 2
    assert read.accounts["account"].to_pylist() == [WALLET]


def test_payments_of_other_tools_are_read_where_they_are_exact(tmp_path: Path) -> None:
    def payment(number: int, **properties: str) -> str:
        known = {"payer": "p1", "beneficiary": "p2", "date": "2026-03-05", "currency": "EUR"}
        said = {name: [value] for name, value in {**known, **properties}.items()}
        return json.dumps({"id": f"y{number}", "schema": "Payment", "properties": said})

    people = [json.dumps({"id": one, "schema": "Person", "properties": {}}) for one in ("p1", "p2")]
    path = tmp_path / "theirs.json"
    path.write_text(
        "\n".join([
            *people, payment(1, amount="12.5"), payment(2, amount="1.234"), payment(3, amount="x"),
        ])
    )  # fmt: skip
    read = import_entities(path)
    (row,) = read.flows.to_pylist()
    assert (row["src"], row["dst"], row["amount_minor"]) == ("entity:p1", "entity:p2", 1250)
    assert {one.id for one in read.other} == {"p1", "p2", "y2", "y3"}


def test_own_schemata_extend_public_ones_in_the_public_form() -> None:
    known = schemata()
    own = {name for name, one in known.items() if one.own}
    assert own == {"Advertisement", "Alert", "PaymentFlow", "PhoneNumber", "RestrainedAsset"}
    for name in own:
        assert not set(known[name].lineage[1:]) & own
        assert "Thing" in known[name].lineage or "Interval" in known[name].lineage
    assert "Payment" in known["PaymentFlow"].lineage


def test_problems_are_told() -> None:
    bad = Entity(
        id="a",
        schema="Ownership",
        properties={"owner": ("b",), "asset": ("c", "d"), "colour": ("x",), "startDate": ("May",)},
    )
    told = list(problems(bad, {"b": "Person", "c": "Person"}))
    assert len(told) == 5
    assert list(problems(Entity(id="x", schema="Thing", properties={}), {})) == [
        "x: no schema Thing"
    ]


#: Every way in which the possible victim's own data might leave.
_NAMES = (
    "VICTIM", "Vélazquez", "Velazquez", "Elena", "ELENA", "Élena", "2025550143", "555-0143",
    "Quay", "elena@", "9f9f", "t1", "t2",
)  # fmt: skip


def test_nothing_that_names_a_possible_victim_leaves() -> None:
    done = export_case(case())
    text = write_ftm(done.entities).decode()
    for word in _NAMES:
        assert f'"{word}"' not in text
        if word not in {"t1", "t2"}:
            assert word not in text
    assert faults(done) == []
    assert done.held_back["accounts"] == 1
    assert done.held_back["payments"] == 2
    assert done.held_back["Advertisement.text"] == 1
    assert done.held_back["PaymentFlow.purpose"] == 1
    assert done.held_back["PaymentFlow.transactionNumber"] == 1
    assert "goods" in text  # other people's payments stay
    assert "Rooms in Port" in text


_HIDDEN = protection({VICTIM["account"]}, [{**dict.fromkeys(ACCOUNTS.names), **VICTIM}])


@pytest.mark.parametrize(
    "text",
    [
        "paid to elena",
        "VELAZQUEZ, Élena",
        "e l e n a v e l a z q u e z",
        "Элена",
        "tel 202.555.0143",
        "0012025550143",
        "２０２５５５０１４３",
        "x-de_victim/77-x",
        "ELENA@MAIL.EXAMPLE",
        "12 quay street, port",
        "id:device9f9f",
        '{"a": "DE-VICTIM-77"}',
    ],
)
def test_attempts_to_slip_through_are_seen(text: str) -> None:
    assert _HIDDEN.names(text)


@pytest.mark.parametrize("text", ["rent for March", "Spa Example Ltd", "202 555 0199", "", "quay"])
def test_other_texts_are_not(text: str) -> None:
    assert not _HIDDEN.names(text)


def test_short_names_and_accounts_are_words_of_their_own() -> None:
    hidden = protection(
        {"V1"}, [{**dict.fromkeys(ACCOUNTS.names), "account": "V1", "holder": "Li"}]
    )
    assert hidden.names("to V1")
    assert hidden.names("for li")
    assert not hidden.names("V12")
    assert not hidden.names("Lima")


def test_further_people_can_be_protected_by_name() -> None:
    done = export_case(case(), protect=[("Robin Else", "name"), (WALLET, "account")])
    text = write_ftm(done.entities).decode()
    assert "Robin" not in text
    assert WALLET not in text
    assert faults(done) == []


_LETTERS = st.text("abcdefghijklmnop", min_size=3, max_size=8)


@settings(max_examples=40, deadline=None)
@given(first=_LETTERS, last=_LETTERS, before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_protected_name_is_seen_in_any_text(
    first: str, last: str, before: str, after: str
) -> None:
    hidden = protection(
        {"acc-000"},
        [{**dict.fromkeys(ACCOUNTS.names), "account": "acc-000", "holder": f"{first} {last}"}],
    )
    assert hidden.names(f"{before} {last.upper()}, {first} {after}")
    assert hidden.names(f"{before}{first}{last}{after}") or len(first + last) < 5


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "schema", "properties", "amountMinor", "date", "payer"])
                | st.text(max_size=5),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_set_aside(tmp_path_factory: Any, raw: Any) -> None:
    path = tmp_path_factory.mktemp("ftm") / "x.json"
    path.write_text(json.dumps(raw) + "\n")
    entities, aside = read_ftm(path)
    assert len(entities) + len(aside) == 1
    import_entities(path)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_values_of_our_own_entities_do_not_stop_an_import(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    entities = list(export_case(case(), with_victims=True).entities)
    at = data.draw(st.integers(0, len(entities) - 1))
    one = entities[at]
    name = data.draw(st.sampled_from(sorted(one.properties)))
    value = data.draw(st.text(max_size=10) | st.sampled_from(["9" * 30, "-", "1e9", one.id, "²"]))
    entities[at] = replace(one, properties={**one.properties, name: (value,)})
    path = tmp_path_factory.mktemp("ftm") / "x.json"
    path.write_bytes(write_ftm(entities))
    import_entities(path)
