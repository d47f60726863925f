"""Two families, noisy-or, peers, victims first, counter-evidence, context that finds nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.analysis.money.typologies import (
    FOUND,
    Alert,
    Records,
    alerts,
    default_typologies,
    dry_run,
    noisy_or,
    prepare,
    with_changes,
)
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

START = datetime(2026, 1, 5, tzinfo=UTC)
RULES = [rule.id for rule in default_typologies().rules if rule.runs and rule.group != "context"]


def world(people: int = 600) -> Records:
    """A row of people, each paying the next: ten firms, employees, students from 300 on."""
    names = [f"p{at:03d}" for at in range(people)]
    tx = [
        {
            "tx_id": f"t{at:03d}",
            "ts": START + timedelta(hours=at),
            "src": names[at],
            "dst": names[(at + 1) % people],
            "amount_minor": 5_000,
            "currency": "EUR",
            "channel": "p2p",
        }
        for at in range(people)
    ]
    known = [
        {
            "account": name,
            "holder": f"Given {name}",
            "holder_kind": "business" if at < 10 else "person",
            "segment": "shop" if at < 10 else ("employee" if at < 300 else "student"),
            "country": "FR",
        }
        for at, name in enumerate(names)
    ]
    return prepare(
        pa.Table.from_pylist(tx, schema=STATEMENT_ROWS),
        pa.Table.from_pylist(known, schema=ACCOUNTS),
        default_typologies().words,
    )


WORLD = world()


def hits(*accounts: int, value: int = 5, role: str | None = None, rows: bool = True) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "account": one,
                "value": value,
                "rows": [one] if rows else [],
                "role": role,
                "other": None,
            }
            for one in accounts
        ],
        schema=FOUND,
    )


def made(**found: pa.Table) -> dict[int, Alert]:
    return {one.account: one for one in alerts(WORLD, found, default_typologies())}


def test_one_family_is_not_enough() -> None:
    assert not made(S05=hits(80), S06=hits(80), G04=hits(80))  # all network
    alert = made(S05=hits(80), G01=hits(80))[80]
    assert alert.families == ("behavioural", "network")
    assert {atom.rule for atom in alert.atoms} == {"S05", "G01"}


def test_the_score_is_noisy_or_within_and_over_families() -> None:
    alert = made(S05=hits(80), S06=hits(80), G01=hits(80))[80]
    weight = {atom.rule: atom.weight for atom in alert.atoms}
    network = min(0.9, noisy_or([weight["S05"], weight["S06"]]))
    assert alert.score == round(noisy_or([network, weight["G01"]]), 4)


@given(st.lists(st.floats(0, 0.9), max_size=8))
def test_noisy_or_is_a_share_and_grows(weights: list[float]) -> None:
    whole = noisy_or(weights)
    assert 0 <= whole <= 1
    assert all(noisy_or(weights[:at]) <= whole + 1e-12 for at in range(len(weights)))


def test_an_atom_carries_what_it_rests_on() -> None:
    atom = made(G01=hits(80, value=7), S05=hits(80))[80].atoms[0]
    rule = default_typologies()[atom.rule]
    assert (atom.version, atom.parameters, atom.unit) == (rule.version, rule.parameters, rule.unit)
    assert atom.rows == (80,)
    assert atom.since == atom.until == int((START + timedelta(hours=80)).timestamp())
    assert atom.source == rule.sources


def test_what_is_usual_among_peers_counts_less() -> None:
    few = made(S04=hits(80), G01=hits(80))[80]
    many = made(S04=hits(*range(70, 110)), G01=hits(80))[80]
    of = {alert.score: {a.rule: a for a in alert.atoms}["S04"] for alert in (few, many)}
    assert few.score > many.score
    assert of[few.score].peers == round(1 / 290, 4)
    assert of[many.score].peers == round(40 / 290, 4)
    # Students are other peers than employees.
    students = made(S04=hits(80, *range(300, 350)), G01=hits(80))[80]
    assert {a.rule: a for a in students.atoms}["S04"].peers == round(1 / 290, 4)


def test_victims_come_first_when_roles_are_equal() -> None:
    alert = made(L02=hits(80, role="possible-victim"), S05=hits(80), S10=hits(80))[80]
    assert alert.role == "possible-victim"
    both = pa.concat_tables([hits(80, role="controller"), hits(80, role="possible-victim")])
    assert made(L02=both, G01=hits(80))[80].role == "possible-victim"
    assert made(S06=hits(80), G01=hits(80))[80].role == "controller"


def test_one_rule_with_two_roles_counts_once() -> None:
    both = pa.concat_tables([hits(80, role="controller"), hits(80, role="facilitator")])
    one = made(G05=hits(80, role="facilitator"), G01=hits(80))[80]
    assert made(G05=both, G01=hits(80))[80].score == one.score


def test_what_speaks_against_lowers_only_the_role_it_speaks_to() -> None:
    plain = made(S05=hits(80), G01=hits(80))[80]
    lower = made(S05=hits(80), G01=hits(80), K01=hits(80))[80]
    assert lower.score < plain.score
    assert [one.rule for one in lower.against] == ["K01"]
    buyer = made(C05=hits(80), C03=hits(80))[80]
    same = made(C05=hits(80), C03=hits(80), K01=hits(80))[80]
    assert same.score == buyer.score
    assert not same.against
    assert same.said_against  # what the rules themselves name is told in any case


def test_nothing_is_found_by_what_speaks_against_or_by_context_alone() -> None:
    assert not made(K01=hits(80), K02=hits(80), K05=hits(80))
    # 81 is paid by 80 in a payment that was found, and shows nothing itself.
    found = made(S05=hits(80), G01=hits(80))
    assert set(found) == {80}


def test_context_is_no_second_family() -> None:
    strong = {"S06": hits(80), "G02": hits(80)}
    assert 81 not in made(**strong, L01=hits(81))


def test_context_adds_at_most_what_the_account_shows_itself() -> None:
    # 80 pays 81 in row 80; both are found, 81 only weakly.
    strong = {"S06": hits(80), "G02": hits(80), "L01": hits(81), "S07": hits(81)}
    alert = made(**strong)[81]
    weight = {atom.rule: atom.weight for atom in alert.atoms}
    assert set(weight) == {"L01", "S07", "N01"}
    assert weight["N01"] <= noisy_or([weight["L01"], weight["S07"]]) < 0.3
    assert alert.score < 0.45


@given(st.data())
def test_nothing_depends_on_the_order_of_findings(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(RULES), min_size=2, max_size=6, unique=True))
    found = {
        rule: hits(*data.draw(st.lists(st.integers(60, 90), min_size=1, max_size=9)))
        for rule in chosen
    }
    turned = {
        rule: table.take(list(range(table.num_rows))[::-1])
        for rule, table in reversed(found.items())
    }
    assert alerts(WORLD, found, default_typologies()) == alerts(WORLD, turned, default_typologies())


@given(st.data())
def test_no_alert_on_a_possible_victim_asks_to_shut_anything(data: st.DataObject) -> None:
    """Whatever rules fire together, in whatever roles."""
    chosen = data.draw(st.lists(st.sampled_from(RULES), min_size=2, max_size=10, unique=True))
    roles = st.sampled_from([None, "possible-victim", "controller", "buyer", "facilitator"])
    found = {rule: hits(80, role=data.draw(roles)) for rule in chosen}
    for alert in made(**found).values():
        assert {step.action for step in alert.advice.steps} <= {
            "read",
            "ask",
            "keep",
            "refer",
            "report",
        }
        said = " ".join(step.text for step in alert.advice.steps).lower()
        assert not any(
            word in said for word in ("close", "block", "freeze", "restrict", "terminate")
        )
        if alert.role == "possible-victim":
            assert "no ground to close, block or restrict" in alert.advice.note


def test_a_rule_that_is_off_raises_nothing() -> None:
    off = with_changes(default_typologies(), {"rules": {"G01": {"enabled": False}}}, name="test")
    assert not alerts(WORLD, {"S05": hits(80), "G01": hits(80)}, off)


def test_a_dry_run_counts_for_whom() -> None:
    found = {"G01": hits(80, 320, 5), "S05": hits(80)}
    table = dry_run(
        WORLD, found, alerts(WORLD, found, default_typologies()), default_typologies()
    ).table.to_pylist()
    rows: dict[Any, Any] = {(one["rule"], one["by"], one["group"]): one for one in table}
    assert rows["G01", "all", "all"]["found_per_10000"] == 3 * 10_000 // 600
    assert rows["G01", "segment", "shop"]["found"] == 1
    assert rows["G01", "segment", "student"]["found"] == 1
    assert rows["G01", "holder", "business"]["accounts"] == 10
    assert rows["G01", "country", "FR"]["alerts"] == 1
    assert rows["G01", "all", "all"]["alerts_only_with_it"] == 1
    assert rows["S05", "segment", "student"]["found"] == 0
    for by in ("segment", "country", "holder"):
        assert sum(r["found"] for (rule, b, _), r in rows.items() if (rule, b) == ("G01", by)) == 3


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_alone_raises_an_alert(rule: str) -> None:
    assert not made(**{rule: hits(80, 81, 82)})
