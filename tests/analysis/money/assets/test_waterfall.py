"""The order of payment: victims before any State, exact shares, steps that change nothing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.analysis.money.assets.cases import (
    NOTICE,
    TERMS,
    after,
    award,
    confiscated,
    eur,
    ev,
    on,
    order,
    paid,
    payees,
    sold,
    then,
    worth,
)

from palermo.analysis.money.assets import Ledger, tiers, waterfall
from palermo.analysis.money.assets.shares import entitled, largest_remainder
from palermo.model import Refused
from palermo.model.asset import Holding, Money


def plan(ledger: Ledger, day: int = 10) -> dict[tuple[str, str], tuple[int, int]]:
    """(tier, of): (now, kept)."""
    return {(one.tier, one.of): (one.now, one.kept) for one in waterfall(ledger, on(day)).lines}


def test_the_whole_order_with_enough_for_everybody() -> None:
    """10,000.00 in the fund: worked out by hand.

    Awards 3,000 and 1,000; costs 500; remainder 5,500; 50 % shared: 2,750; 10 % social: 550;
    the State has the rest, 2,200.
    """
    ledger = after(
        NOTICE,
        confiscated(),
        ev("cost_paid", "A1", money=eur(50_000), reference="yard", paid_from="advance"),
        ev("disposed", "A1", method="auction", money=eur(1_000_000), party="buyer"),
        award("W1", "V1", 300_000),
        award("W2", "V2", 100_000),
        payees("V1", "V2"),
        ev(
            "remainder_assigned",
            assignment="S1",
            party="there",
            kind="sharing",
            share=5000,
            agreement=TERMS,
        ),
        ev(
            "remainder_assigned",
            assignment="S2",
            party="school",
            kind="social",
            share=1000,
            agreement=TERMS,
        ),
    )
    expected = {
        ("victims", "W1"): (300_000, 0),
        ("victims", "W2"): (100_000, 0),
        ("costs", ""): (50_000, 0),
        ("sharing", "S1"): (275_000, 0),
        ("social", "S2"): (55_000, 0),
        ("state", ""): (220_000, 0),
    }
    assert plan(ledger) == expected
    steps = [
        (paid(("W1", 300_000), ("W2", 100_000), when=6), "victims"),
        (ev("costs_repaid", when=6, money=eur(50_000), party="office"), "costs"),
        (ev("shared", when=6, assignment="S1", money=eur(275_000)), "sharing"),
        (ev("shared", when=6, assignment="S2", money=eur(55_000)), "social"),
        (ev("state_received", when=6, money=eur(220_000), party="here"), "state"),
    ]
    for number, (step, tier) in enumerate(steps):
        for later, _ in steps[number + 1 :]:
            with pytest.raises(Refused):
                then(ledger, later)
        ledger = then(ledger, step)
        expected = {key: sums for key, sums in expected.items() if key[0] != tier}
        assert plan(ledger) == expected
    assert then(ledger, ev("closed", "A1", when=6, reference="end")).assets["A1"].state == "closed"


def test_short_money_is_shared_by_the_awards_to_the_last_cent() -> None:
    ledger = after(
        sold(price=100),
        award("W1", "V1", 100),
        award("W2", "V2", 100),
        award("W3", "V2", 100),
        payees("V1", "V2"),
    )
    assert plan(ledger) == {
        ("victims", "W1"): (34, 0),
        ("victims", "W2"): (33, 0),
        ("victims", "W3"): (33, 0),
    }
    with pytest.raises(Refused, match=r"0\.34 EUR for award W1, as the order of payment gives"):
        then(ledger, paid(("W1", 33), ("W2", 34), ("W3", 33)))
    with pytest.raises(Refused, match="payments above 0"):
        then(ledger, paid(("W1", 35), ("W1", -1), ("W2", 33), ("W3", 33)))
    why = {one.of: one.why for one in waterfall(ledger, on(0)).lines}
    assert why["W1"] == "1.00 EUR for awards of 3.00 EUR: 1.00 EUR has the share of 0.34 EUR"


def test_the_share_of_a_victim_without_a_safe_account_is_kept() -> None:
    ledger = after(
        NOTICE, sold(price=100), award("W1", "V1", 300), award("W2", "V2", 100), payees("V1")
    )
    assert plan(ledger) == {("victims", "W1"): (75, 0), ("victims", "W2"): (0, 25)}
    ledger = then(ledger, paid(("W1", 75)))
    assert plan(ledger) == {("victims", "W1"): (0, 0), ("victims", "W2"): (0, 25)}
    with pytest.raises(Refused, match="W1 of V1 is owed"):
        then(ledger, ev("state_received", when=6, money=eur(25), party="here"))
    ledger = then(ledger, *payees("V2"))
    assert plan(ledger)["victims", "W2"] == (25, 0)


def test_an_award_in_another_currency_keeps_every_state_waiting() -> None:
    dollars = Money(minor=5, currency="USD")
    ledger = after(NOTICE, sold(price=100), award("W1", "V1", 5, money=dollars), payees("V1"))
    found = waterfall(ledger, on(10))
    assert [(one.tier, one.currency, one.now) for one in found.lines] == [("victims", "USD", 0)]
    assert found.waiting == {"EUR": 100}
    assert "award W1 of V1 is not met: 0.05 USD" in found.stops
    with pytest.raises(Refused, match="W1 of V1 is owed"):
        then(ledger, ev("state_received", when=6, money=eur(100), party="here"))


def test_restitution_goes_to_that_victim_alone() -> None:
    ledger = after(
        confiscated(),
        award("R1", "V1", 1_000_000, kind="restitution", reference="A1", head="her car"),
        award("W2", "V2", 500),
        payees("V1", "V2"),
    )
    assert plan(ledger) == {("restitution", "A1"): (1_000_000, 0), ("victims", "W2"): (0, 0)}
    ledger = then(ledger, ev("restituted", "A1", award="R1"))
    assert ledger.assets["A1"].state == "returned"
    assert ledger.awards["R1"].due == 0


def test_restitution_of_what_was_sold_early_is_the_price() -> None:
    sale = ev(
        "sold_early",
        "A1",
        order=order("SALE"),
        method="auction",
        money=eur(700),
        party="buyer",
    )
    restitution = award("R1", "V1", 1_000_000, kind="restitution", reference="A1")
    judged = confiscated()
    ledger = after(judged[:3], sale, judged[3:], restitution, award("W2", "V2", 500), payees("V2"))
    assert plan(ledger) == {("restitution", "A1"): (700, 0), ("victims", "W2"): (0, 0)}
    with pytest.raises(Refused, match="a safe account"):
        then(ledger, ev("restituted", "A1", award="R1"))
    ledger = then(ledger, *payees("V1"), ev("restituted", "A1", award="R1"))
    assert ledger.books.of("returned", "A1", "EUR") == 700


def test_restitution_of_what_was_lost_becomes_money() -> None:
    ledger = after(
        confiscated("A1"),
        sold("A2", price=1_000),
        award("R1", "V1", 400, kind="restitution", reference="A1"),
        ev("lost", "A1", reason="fire", reference="report"),
        payees("V1"),
    )
    assert plan(ledger) == {("victims", "R1"): (400, 0)}


def test_money_of_an_asset_under_challenge_is_not_in_the_fund() -> None:
    third = ev("third_party_claimed", "A1", claim="T", party="school", reason="lien")
    ledger = after(sold(price=100), award("W1", "V1", 100), payees("V1"), third)
    assert plan(ledger) == {("victims", "W1"): (0, 0)}


@pytest.mark.parametrize(
    ("owners", "words"),
    [
        ((Holding(owner="boss", share=1),), "owns 0.01 % of shell"),
        ((Holding(owner="boss", share=0, means="director"),), r"controls \(director\) shell"),
    ],
)
def test_nothing_goes_to_what_an_offender_owns_through_others(
    owners: tuple[Holding, ...], words: str
) -> None:
    """shell is owned by a controller; the charity is owned by shell, and shell by the charity."""
    charity = ev(
        "party_registered",
        party="charity",
        name="Charity",
        roles=("organisation",),
        owners=(Holding(owner="shell", share=2000),),
    )
    shell = ev(
        "party_registered",
        party="shell",
        name="Shell",
        roles=("organisation",),
        owners=(*owners, Holding(owner="charity", share=5000)),
    )
    to_charity = ev(
        "social_use", "A1", when=6, agreement=TERMS, party="charity", purpose="classrooms"
    )
    with pytest.raises(Refused, match=f"boss is registered as controller, and {words}"):
        then(after(NOTICE, charity, shell, confiscated()), to_charity)


def test_nothing_goes_into_an_account_of_a_controller() -> None:
    victim = ev("payee_named", victim="V1", account="xx 11")
    with pytest.raises(Refused, match="is one of boss"):
        then(after(confiscated()), victim)
    alert = ev(
        "account_blocked", accounts=("YY 22",), reason="drained by a controller", source="L2"
    )
    with pytest.raises(Refused, match="YY22 is blocked"):
        then(after(alert), ev("payee_named", victim="V1", account="YY22"))


def test_an_account_found_out_later_is_not_paid_into() -> None:
    ledger = after(sold(price=100), award("W1", "V1", 100), payees("V1"))
    assert plan(ledger)["victims", "W1"] == (100, 0)
    alert = ev("account_blocked", accounts=("SAFE V1",), reason="a controller has it", source="S6")
    ledger = then(ledger, alert)
    assert plan(ledger)["victims", "W1"] == (0, 100)
    with pytest.raises(Refused):
        then(ledger, paid(("W1", 100)))


def test_a_victim_who_had_to_hold_property_is_paid() -> None:
    held = [
        ev("suspected", "A9", kind="bank", description="x", currency="EUR", basis="proceeds"),
        ev("identified", "A9", holder="V1", valuation=worth(5)),
    ]
    ledger = after(held, sold(price=100), award("W1", "V1", 100), payees("V1"))
    assert plan(ledger)["victims", "W1"] == (100, 0)


def test_registering_somebody_again_does_not_unblock_them() -> None:
    again = ev("party_registered", party="boss", name="Firm One", roles=("buyer",))
    with pytest.raises(Refused, match="boss is registered as controller"):
        then(
            after(confiscated(), again),
            ev("disposed", "A1", method="auction", money=eur(1), party="boss"),
        )


def test_every_tier_has_its_source() -> None:
    assert all(one.source and one.rule for one in tiers().values())


SUMS = st.lists(st.integers(0, 10**24), min_size=1, max_size=8)


@given(whole=st.integers(0, 10**24), weights=SUMS)
def test_shares_are_exact_and_fair(whole: int, weights: list[int]) -> None:
    found = largest_remainder(whole, weights)
    assert sum(found) == (whole if sum(weights) else 0)
    for share, weight in zip(found, weights, strict=True):
        if sum(weights):
            assert abs(share * sum(weights) - whole * weight) < sum(weights)


@settings(max_examples=300)
@given(
    owed=st.lists(st.integers(1, 1000), min_size=1, max_size=6),
    steps=st.lists(st.integers(0, 800), min_size=1, max_size=5),
)
@example(owed=[300, 100], steps=[100, 25])
def test_paying_in_steps_pays_what_paying_at_once_does(owed: list[int], steps: list[int]) -> None:
    """But for fractions: a unit that was paid to one stays there."""
    have = [0] * len(owed)
    for step in steps:
        before = have
        have = entitled(step, owed, have)
        assert all(new >= old for new, old in zip(have, before, strict=True))
        assert sum(have) - sum(before) == min(step, sum(owed) - sum(before))
    at_once = entitled(sum(steps), owed, [0] * len(owed))
    assert all(abs(a - b) <= 1 for a, b in zip(have, at_once, strict=True))
