"""Certificates, requests, deadlines and statistics: nothing invented, what lacks is listed."""

from typing import Any

import jsonschema
import pytest
from tests.analysis.money.assets.cases import (
    NOTICE,
    PEOPLE,
    after,
    at,
    award,
    confiscated,
    ev,
    frozen,
    on,
    order,
    paid,
    payees,
    sold,
    then,
)

from palermo.analysis.money.assets.deadlines import deadlines
from palermo.analysis.money.assets.form import FORMS, FilledForm, fill, form
from palermo.analysis.money.assets.form_data import as_data, schema
from palermo.analysis.money.assets.known import known, persons
from palermo.analysis.money.assets.statistics import statistics
from palermo.model import Unreadable


def filled(name: str, given: dict[str, Any] | None = None, **more: Any) -> FilledForm:
    ledger = after(confiscated(**more), award("W1", "V1", 100))
    asset = ledger.assets["A1"]
    return fill(form(name), known(ledger, "C-1", asset), persons(ledger, asset), given or {})


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", ["vehicle", "bank", "crypto"])
def test_every_form_follows_its_schema_and_lists_what_lacks(name: str, kind: str) -> None:
    found = filled(name, kind=kind)
    jsonschema.validate(as_data(found), schema(form(name)), cls=jsonschema.Draft202012Validator)
    labels = {one.field.id for one in found.missing}
    stated = {one.field.id for one in found.fields if one.origin}
    assert labels
    assert not labels & stated
    for one in found.fields:
        assert bool(one.value) == bool(one.origin)
        if one.field.by_hand:
            assert one.missing


def test_what_the_ledger_knows_is_filled_in() -> None:
    values = {one.field.id: one.value for one in filled("confiscation").fields}
    assert values["court"] == "Court of X"
    assert values["order_reference"] == "J-A1"
    assert values["order_final"] == on(0).isoformat()
    assert values["victim_decision"] == "compensation"
    assert values["name"] == "One"
    assert values["value"] == {"minor": 1_000_000, "currency": "EUR"}
    assert values["nature"] == "proceeds"


def test_the_certificates_have_the_sections_of_the_regulation() -> None:
    letters = {
        name: "".join(one.id for one in form(name).sections if len(one.id) == 1)
        for name in ("freezing", "confiscation")
    }
    assert letters == {"freezing": "ABCDEFGHIJKLMNOP", "confiscation": "ABCDEFGHIJKLMN"}


def test_a_person_has_the_last_word() -> None:
    given = {
        "issuing_state": "XX",
        "listed_offences": ["trafficking_in_human_beings"],
        "persons": [{"name": "One Ltd", "address": "known"}],
    }
    found = filled("freezing", given)
    values = {one.field.id: (one.value, one.origin) for one in found.fields}
    assert values["name"] == ("One Ltd", "given")
    assert values["issuing_state"] == ("XX", "given")
    assert "issuing_state" not in {one.field.id for one in found.missing}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"isuing_state": "XX"}, "`isuing_state` is no field"),
        ({"execution_date": "soon"}, "expected a day"),
        ({"concerns": "everything"}, "expected one of money"),
        ({"listed_offences": ["theft"]}, "expected a list out of"),
        ({"amount_here": {"minor": "1.5", "currency": "EUR"}}, "whole number"),
        ({"restitution": "perhaps"}, "yes or no"),
        ({"persons": [{"nom": "x"}]}, "`nom` is no field"),
        ({"persons": "x"}, "expected a list of people"),
        ({"issuing_state": ["XX"]}, "expected a text"),
    ],
)
def test_wrong_values_are_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        filled("freezing", given)


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(Unreadable, match="no such form"):
        form("../freezing")


def test_deadlines_come_nearest_first_and_pass() -> None:
    sent = ev("request_sent", "A1", request="Q1", kind="confiscation", authority="Z", day=on(0))
    ledger = after(NOTICE, frozen(), sent)
    found = [(one.day, one.passed) for one in deadlines(ledger, on(6))]
    assert found == [(on(5), True), (on(45), False), (on(90), False), (on(365), False)]
    done = then(ledger, ev("request_recognised", "A1", request="Q1", day=on(1)))
    assert on(45) not in {one.day for one in deadlines(done, on(6))}


def test_a_remedy_is_listed_while_it_can_be_filed() -> None:
    judged = ev("confiscated_first_instance", "A1", basis="proceeds", order=order("J", remedy=30))
    ledger = after(frozen(), judged)
    assert "J can be challenged until then" in {one.words for one in deadlines(ledger, on(30))}
    assert "J can be challenged until then" not in {one.words for one in deadlines(ledger, on(31))}


def test_statistics_by_hand() -> None:
    """A1: frozen at 10,000.00, sold for 9,000.00, 4,000.00 to a victim; A2: frozen only, 50.00."""
    events = [
        *PEOPLE,
        *sold("A1", price=900_000),
        *frozen("A2", kind="bank", value=5_000),
        award("W1", "V1", 400_000),
        *payees("V1"),
        paid(("W1", 400_000), when=20),
    ]
    found = statistics(events, at(30))
    figures = {(one.heading, one.currency): (one.assets, one.minor) for one in found.figures}
    assert figures == {
        ("frozen", "EUR"): (2, 1_005_000),
        ("confiscated", "EUR"): (1, 1_000_000),
        ("to victims", "EUR"): (1, 400_000),
        ("held as money", "EUR"): (1, 500_000),
    }
    assert found.victims_paid == 1
    assert found.confiscated_of_frozen == {"EUR": (1_000_000, 1_005_000)}
    assert found.days["frozen"] == (30, 2)  # A1 no day, A2 thirty
    assert found.days["disposed"] == (20, 1)
    assert found.days["distributed"] == (10, 1)
    assert statistics(events, at(10)).victims_paid == 0
