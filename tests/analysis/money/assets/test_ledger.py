"""The asset ledger: what each event needs, where it leads, and what is refused with which words."""

from dataclasses import replace
from importlib.resources import files

import pytest
from tests.analysis.money.assets.cases import (
    NOTICE,
    TERMS,
    after,
    award,
    confiscated,
    eur,
    ev,
    frozen,
    on,
    order,
    paid,
    payees,
    sold,
    then,
    worth,
)

from palermo.analysis.money.assets import Ledger, state_table
from palermo.analysis.money.assets.books import off_balance
from palermo.analysis.money.assets.codec import as_plain, read_event
from palermo.analysis.money.assets.guards import GUARDS
from palermo.analysis.money.assets.states import read_table
from palermo.model import Refused
from palermo.model.asset import AssetEvent, Finality, Holding, Identifier, Money


def state(ledger: Ledger, asset: str = "A1") -> str:
    return ledger.assets[asset].state


def of(ledger: Ledger, account: str, asset: str = "A1") -> int:
    return ledger.books.of(account, asset, "EUR")


def test_the_table_names_every_guard_and_no_other() -> None:
    named = {name for kind in state_table().events.values() for name in kind.guards}
    assert named == set(GUARDS)


def test_every_rule_has_a_source_or_says_that_it_is_ours() -> None:
    for kind in state_table().events.values():
        assert kind.source
        assert kind.ours == kind.source.startswith("ours"), kind.name


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("to: frozen,", "to: thawed,", "thawed is no state"),
        ("needs: [order]", "needs: [ordre]", "ordre is no fact"),
        ("scope: asset, from: [frozen]", "scope: asset, form: [frozen]", "form is no key"),
        ("controlled: [frozen,", "controlled: [thawed,", "group controlled: thawed is no state"),
    ],
)
def test_a_wrong_table_is_named(old: str, new: str, words: str) -> None:
    text = files("palermo.analysis.money.assets").joinpath("states.yaml").read_text("utf-8")
    assert old in text
    with pytest.raises(ValueError, match=words):
        read_table(text.replace(old, new))


def test_from_suspicion_to_closing() -> None:
    ledger = after(sold(price=900_000), award("W1", "V1", 900_000), payees("V1"))
    assert state(ledger) == "disposed"
    assert of(ledger, "cash") == 900_000
    ledger = then(ledger, paid(("W1", 900_000)), ev("closed", "A1", reference="end"))
    assert state(ledger) == "closed"
    assert of(ledger, "paid_to_victims") == 900_000
    assert of(ledger, "confiscated") == 1_000_000  # its value then; sold for less
    assert of(ledger, "revalued") == -100_000
    assert not off_balance(ledger.books)
    assert [name for name, _ in ledger.assets["A1"].history] == [
        "suspected",
        "identified",
        "frozen",
        "confiscated_first_instance",
        "confiscated_final",
        "disposed",
        "distributed",
        "closed",
    ]


def test_sold_early_is_money_that_is_managed() -> None:
    sale = ev(
        "sold_early",
        "A1",
        when=1,
        order=order("SALE", 1),
        method="auction",
        money=eur(800_000),
        party="buyer",
    )
    ledger = then(after(frozen()), sale)
    assert state(ledger) == "managed_cash"
    assert (of(ledger, "asset"), of(ledger, "cash"), of(ledger, "frozen")) == (
        0,
        800_000,
        1_000_000,
    )
    assert of(ledger, "revalued") == -200_000


FILED = ev("victim_claim_filed", victim="V1", claim="C1", head="x", money=eur(1))

#: (events before, the event, words of the refusal)
REFUSED: list[tuple[list[AssetEvent], AssetEvent, str]] = [
    (
        frozen()[:2],
        ev("frozen", "A1", order=order("O"), by=("A. Officer", "a.  OFFICER ")),
        "two different persons",
    ),
    (frozen()[:2], ev("frozen", "A1", order=order("O"), by=("A", "")), "two different"),
    ([], ev("thawed", "A1"), "no such event"),
    ([], ev("frozen", "A2", order=order("O")), "no asset A2"),
    ([], ev("frozen", order=order("O")), "name the asset"),
    (frozen(), ev("frozen", "A1", order=order("O")), "is frozen; possible when identified"),
    (frozen()[:2], ev("frozen", "A1"), r"needs `order` \[UNTOC art. 12\(2\)"),
    (frozen()[:2], ev("frozen", "A1", order=order("O"), victim="V1"), "`victim` has no place"),
    (frozen()[:2], ev("frozen", "A1", order=order("O", expires=None)), "the order's expiry"),
    (
        frozen()[:2],
        ev("frozen", "A1", order=replace(order("O"), authority=" ")),
        "the order's authority",
    ),
    (
        frozen()[:2],
        ev("frozen", "A1", order=replace(order("O"), legal_basis="")),
        "the order's legal basis",
    ),
    (frozen()[:2], ev("frozen", "A1", order=order("O", 3)), "is later than"),
    (
        frozen("A1", kind="bank")[:2],
        ev("frozen", "A1", order=order("O")),
        "the sum that was frozen",
    ),
    # An expired order carries nothing.
    (
        frozen(),
        ev(
            "sold_early",
            "A1",
            when=366,
            order=order("SALE", expires=500),
            method="auction",
            money=eur(1),
            party="buyer",
        ),
        "O-A1 expired on",
    ),
    (frozen(), ev("managed", "A1", when=366, manager="M", place="P"), "expired on"),
    (frozen(), ev("order_renewed", "A1", when=366, order=order("R", 366, expires=500)), "expired"),
    (frozen(), ev("frozen_again", "A1", when=1, order=order("R", 1)), "still holds"),
    (frozen(), ev("order_renewed", "A1", order=order("R", expires=365)), "an expiry after"),
    (
        frozen(),
        ev(
            "sold_early",
            "A1",
            order=order("O-A1"),
            method="auction",
            money=eur(1),
            party="buyer",
        ),
        "an order for the sale",
    ),
    (
        frozen(),
        ev(
            "sold_early",
            "A1",
            when=91,
            order=order("SALE"),
            method="auction",
            money=eur(1),
            party="buyer",
        ),
        "a valuation of the last 90 days",
    ),
    (
        frozen(),
        ev(
            "sold_early",
            "A1",
            order=order("SALE", remedy=3),
            method="auction",
            money=eur(1),
            party="buyer",
        ),
        "can no longer be challenged",
    ),
    # Finality.
    (
        [
            *frozen(),
            ev("confiscated_first_instance", "A1", basis="proceeds", order=order("J", remedy=30)),
        ],
        ev("confiscated_final", "A1", when=30, finality=Finality(reference="F", on=on(30))),
        "the end of the time for remedies",
    ),
    (
        confiscated()[:-1],
        ev("confiscated_final", "A1", finality=Finality(reference="", on=on(0))),
        "proof of finality",
    ),
    (
        confiscated()[:-1],
        ev("confiscated_final", "A1", finality=Finality(reference="F", on=on(1))),
        "finality that began",
    ),
    (
        [*frozen(), ev("remedy_filed", "A1", remedy="R1", party="boss", authority="Court of X")],
        ev(
            "sold_early",
            "A1",
            order=order("SALE"),
            method="auction",
            money=eur(1),
            party="buyer",
        ),
        "a decision on the remedy R1",
    ),
    # Disposal.
    (
        confiscated(),
        ev("disposed", "A1", when=91, method="auction", money=eur(1), party="buyer"),
        "a valuation of the last 90 days",
    ),
    (
        confiscated(),
        ev("disposed", "A1", method="gift", money=eur(1), party="buyer"),
        "a method out of auction",
    ),
    (
        confiscated(),
        ev("disposed", "A1", method="auction", money=eur(1), party="boss"),
        "boss is registered as controller",
    ),
    (
        confiscated(),
        ev("disposed", "A1", method="auction", money=Money(minor=1, currency="USD"), party="buyer"),
        "a sum in EUR",
    ),
    (
        confiscated(),
        ev("disposed", "A1", method="auction", money=eur(0), party="buyer"),
        "a sum above 0",
    ),
    (
        [*confiscated(), ev("third_party_claimed", "A1", claim="T1", party="buyer", reason="mine")],
        ev("disposed", "A1", method="auction", money=eur(1), party="buyer"),
        "a decision on the claim T1",
    ),
    (
        [*confiscated(), award("W1", "V1", 5, kind="restitution", reference="A1")],
        ev("disposed", "A1", method="auction", money=eur(1), party="buyer"),
        "restitution to V1 first",
    ),
    # Return and social use.
    (
        confiscated(),
        ev("returned", "A1", agreement=TERMS, party="there"),
        "the victims heard first",
    ),
    (
        [NOTICE, *confiscated()],
        ev("returned", "A1", agreement=TERMS, party="there"),
        "victims can claim until",
    ),
    (
        [NOTICE, *confiscated(), award("W1", "V1", 5)],
        ev("returned", "A1", when=6, agreement=TERMS, party="there"),
        "award W1 of V1 is owed",
    ),
    (
        [NOTICE, *confiscated(), award("W1", "V1", 1_000_001)],
        ev("returned", "A1", when=6, agreement=replace(TERMS, covers=("W1",)), party="there"),
        "property worth the awards",
    ),
    (
        [NOTICE, *confiscated()],
        ev("returned", "A1", when=6, agreement=replace(TERMS, monitor=""), party="there"),
        "the agreement's monitor",
    ),
    (
        [
            NOTICE,
            *confiscated(),
            ev("victim_claim_filed", victim="V1", claim="C1", head="x", money=eur(1)),
        ],
        ev("social_use", "A1", when=6, agreement=TERMS, party="school", purpose="classrooms"),
        "claim C1 of V1 is not decided",
    ),
    # Costs, closing, times.
    (
        frozen("A1", kind="bank"),
        ev("cost_paid", "A1", money=eur(1), reference="bill", paid_from="income"),
        "income enough",
    ),
    (sold(), ev("closed", "A1", reference="end"), "cash has 10,000.00 EUR"),
    (
        frozen(),
        replace(ev("managed", "A1", manager="M", place="P"), at=ev("x", when=-1).at),
        "is before the last event",
    ),
    (frozen("A1", kind="bank"), ev("lost", "A1", reason="?", reference="x"), "no money held"),
    (
        confiscated(),
        ev("released", "A1", order=order("X"), party="boss", reason="?"),
        "is confiscated_final; possible when frozen",
    ),
    (
        frozen(),
        ev("released", "A1", order=order("X"), party="buyer", reason="?"),
        "the holder boss",
    ),
]


@pytest.mark.parametrize(
    ("before", "event", "words"),
    REFUSED,
    ids=range(len(REFUSED)),
)
def test_what_may_not_happen_is_refused_with_what_is_missing(
    before: list[AssetEvent], event: AssetEvent, words: str
) -> None:
    ledger = after(before)
    with pytest.raises(Refused, match=words):
        then(ledger, event)


@pytest.mark.parametrize("which", range(len(REFUSED)))
def test_what_is_refused_leaves_the_ledger_usable(which: int) -> None:
    """A refused event changes nothing: the same events after it give the same ledger."""
    before, event, _ = REFUSED[which]
    ledger = after(before)
    with pytest.raises(Refused):
        then(ledger, event)
    assert ledger == after(before)


def test_income_pays_costs_and_the_principal_does_not() -> None:
    house = frozen("A1", kind="realty")
    ledger = then(
        after(house),
        ev("income_received", "A1", money=eur(300), reference="rent"),
        ev("cost_paid", "A1", money=eur(200), reference="roof", paid_from="income"),
        ev("cost_paid", "A1", money=eur(500), reference="roof", paid_from="advance"),
    )
    assert (of(ledger, "cash"), of(ledger, "costs_advanced")) == (100, 500)
    with pytest.raises(Refused, match=r"income enough; 1\.00 EUR is left"):
        then(ledger, ev("cost_paid", "A1", money=eur(101), reference="x", paid_from="income"))


def test_a_third_party_in_good_faith_has_its_share() -> None:
    ledger = then(
        after(confiscated()),
        ev("third_party_claimed", "A1", claim="T1", party="school", reason="a lien"),
        ev("third_party_claim_upheld", "A1", claim="T1", order=order("X"), money=eur(400_000)),
    )
    assert (of(ledger, "asset"), of(ledger, "to_third_party")) == (600_000, 400_000)


def test_an_upheld_claim_of_a_holder_counts_unless_somebody_blocked_stands_behind_it() -> None:
    firm = ev("party_registered", party="firm", name="Firm", roles=("third_party",))
    owned = ev(
        "party_registered",
        party="firm",
        name="Firm",
        roles=("third_party",),
        owners=(Holding(owner="boss", share=100),),
    )
    for first, good in ((firm, True), (owned, False)):
        held = [
            replace(one, facts=replace(one.facts, holder="firm"))
            if one.event == "identified"
            else one
            for one in confiscated()
        ]
        ledger = then(
            after(first, held),
            ev("third_party_claimed", "A1", claim="T1", party="firm", reason="bought it"),
        )
        upheld = ev(
            "third_party_claim_upheld", "A1", claim="T1", order=order("X"), money=eur(1_000_000)
        )
        if good:
            assert of(then(ledger, upheld), "to_third_party") == 1_000_000
        else:
            with pytest.raises(
                Refused, match="boss is registered as controller, and owns 1 % of firm"
            ):
                then(ledger, upheld)


def test_a_lapsed_order_is_replaced_and_a_sale_is_possible_again() -> None:
    ledger = then(
        after(frozen()),
        ev("frozen_again", "A1", when=370, order=order("O2", 370, expires=500)),
        ev("valued", "A1", when=370, valuation=worth(500_000, 370)),
        ev(
            "sold_early",
            "A1",
            when=371,
            order=order("SALE", 371, expires=500),
            method="direct",
            money=eur(500_000),
            party="buyer",
        ),
    )
    assert of(ledger, "cash") == 500_000


def test_requests_to_other_states_have_their_own_states() -> None:
    sent = ev("request_sent", "A1", request="Q1", kind="freezing", authority="Z", day=on(0))
    executed = ev("request_executed", "A1", request="Q1", day=on(1))
    ledger = then(after(frozen()), sent)
    with pytest.raises(Refused, match="a request that is recognised"):
        then(ledger, executed)
    ledger = then(ledger, ev("request_recognised", "A1", request="Q1", day=on(1)), executed)
    assert ledger.assets["A1"].requests["Q1"].state == "executed"


def test_events_are_the_same_after_writing_and_reading() -> None:
    event = ev(
        "suspected",
        "A1",
        kind="bank",
        description="account; =cmd()|' \n second line",
        currency="EUR",
        basis="proceeds",
        identifiers=(Identifier(scheme="IBAN", value="XX11"),),
    )
    for one in [*confiscated(), event, paid(("W1", 10**30))]:
        assert read_event(as_plain(one), "x") == one
