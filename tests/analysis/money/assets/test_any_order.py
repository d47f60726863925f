"""Whatever the order of events: books balance, no money is made or lost, victims come before any
State, nothing reaches an offender, and an expired order carries no sale.

What is checked is counted anew from the events that were taken in, not from the books.
"""

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.analysis.money.assets.cases import PEOPLE, TERMS, award, eur, ev, on, order, worth

from palermo.analysis.money.assets import Ledger, apply, replay, waterfall
from palermo.analysis.money.assets.books import off_balance
from palermo.model import Refused
from palermo.model.asset import AssetEvent, Finality, Holding, Payment

ASSETS = st.sampled_from(["A1", "A2", "A3"])
KINDS = {"A1": "vehicle", "A2": "bank", "A3": "realty"}
EVERYBODY = ["boss", "V1", "V2", "office", "here", "there", "buyer", "school", "shell", "front"]
SUMS, FEW = st.integers(1, 1500), st.integers(1, 150)
STATES_MONEY = {"costs_repaid", "shared", "state_received", "returned", "social_use"}
OUT_OF_HAND = STATES_MONEY | {"restituted", "disposed", "sold_early", "third_party_claim_upheld"}


class Machine(RuleBasedStateMachine):
    """Any event at any time, with arguments that are right more often than not."""

    def __init__(self) -> None:
        super().__init__()
        shell = ev(
            "party_registered",
            party="shell",
            name="Shell",
            roles=("organisation",),
            owners=(Holding(owner="boss", share=1),),
        )
        front = ev(
            "party_registered",
            party="front",
            name="Front",
            roles=("buyer",),
            owners=(Holding(owner="shell", share=9000),),
        )
        self.ledger: Ledger = replay([*PEOPLE, shell, front])
        self.day = 0
        self.cash = 0
        self.property: dict[str, int] = defaultdict(int)
        self.owed: dict[str, int] = {}
        self.expires: dict[str, int] = {}
        self.banned = {"boss", "shell", "front"}
        self.income: dict[str, int] = defaultdict(int)
        self.claims_until = -1
        self.asked = 0

    def enter(self, event: str, asset: str = "", **facts: Any) -> bool:
        """Try an event; keep what the test itself knows of it when it is taken in."""
        made = ev(event, asset, when=self.day, **facts)
        held = self.held(asset)
        try:
            after = apply(self.ledger, made)
        except Refused:
            return False
        self.judge(made, held)
        self.ledger = after
        return True

    def held(self, asset: str) -> tuple[int, int]:
        books = self.ledger.books
        return books.of("asset", asset, "EUR"), books.of("cash", asset, "EUR")

    def judge(self, made: AssetEvent, held: tuple[int, int]) -> None:
        """What the laws behind the ledger demand of an event that was taken in."""
        facts, name = made.facts, made.event
        money = facts.money.minor if facts.money else 0
        if name in STATES_MONEY:
            covered = facts.agreement.covers if facts.agreement else ()
            left = {one for one, units in self.owed.items() if units} - set(covered)
            assert not left, f"{name} while {left} is owed"
            for one in covered:
                self.owed[one] = 0
            if name != "costs_repaid":
                assert 0 <= self.claims_until < self.day, f"{name} before victims were heard"
        if name in OUT_OF_HAND and facts.party:
            assert facts.party not in self.banned, f"{name} to {facts.party}"
        if name in {"sold_early", "managed"}:
            assert self.expires[made.asset] >= self.day, "an expired order"
        if name in {"frozen", "order_renewed", "frozen_again"} and facts.order:
            assert facts.order.expires is not None
            self.expires[made.asset] = (facts.order.expires - on(0)).days
        if name == "award_made":
            self.owed[facts.award] = money
        if name == "restituted":
            self.owed[facts.award] = 0
        for payment in facts.payments:
            self.owed[payment.award] -= payment.money.minor
            assert self.owed[payment.award] >= 0, "more than was awarded"
        self.count(name, made, held, money)

    def count(self, name: str, made: AssetEvent, held: tuple[int, int], money: int) -> None:
        """Money that came in and went out, by the events alone."""
        counted = name == "frozen" and KINDS[made.asset] == "bank"
        if counted or name in {"income_received", "disposed", "sold_early"}:
            self.cash += money
            self.income[made.asset] += money if name == "income_received" else 0
        elif name == "cost_paid":
            if made.facts.paid_from == "income":
                self.cash -= money
                self.income[made.asset] -= money
                assert self.income[made.asset] >= 0, "costs out of what belongs to victims"
        elif name in {"costs_repaid", "shared", "state_received"}:
            self.cash -= money
        elif name in {"partly_released", "third_party_claim_upheld"}:
            self.cash -= 0 if held[0] else money
        elif name in {"released", "returned", "restituted", "social_use"}:
            self.cash -= held[1]
        elif name == "distributed":
            self.cash -= sum(one.money.minor for one in made.facts.payments)

    # -- what may happen ---------------------------------------------------------------------------

    @rule(asset=ASSETS, value=SUMS, steps=st.integers(1, 6))
    def onward(self, asset: str, value: int, steps: int) -> None:
        """The ordinary way, some steps of it, so that the far end is reached often enough."""
        for _ in range(steps):
            found = self.ledger.assets.get(asset)
            match found.state if found else "":
                case "":
                    self.into_control(asset=asset, value=value, expires=700)
                case "frozen" | "managed" | "managed_cash":
                    self.judged(asset=asset)
                case "confiscated_first_instance":
                    self.final(asset=asset)
                case "confiscated_final":
                    self.disposed(asset=asset, price=value, party="buyer")
                case _:
                    return

    @rule(changed=st.sampled_from([0, 0, 0, 1, -1]))
    def victims_served(self, changed: int) -> None:
        self.notice()
        self.day += 6
        for victim in ("V1", "V2"):
            self.payee(victim=victim, account="SAFE")
        self.distributed(changed=changed)

    @rule()
    def remainder_served(self) -> None:
        self.victims_served(changed=0)
        self.day += 6
        self.rest_as_planned(party="here")

    @rule(days=st.sampled_from([1, 1, 1, 7, 60, 200]))
    def time_passes(self, days: int) -> None:
        self.day += days

    @rule(asset=ASSETS, value=SUMS, expires=st.sampled_from([5, 100, 700]))
    def into_control(self, asset: str, value: int, expires: int) -> None:
        self.enter(
            "suspected",
            asset,
            kind=KINDS[asset],
            description="x",
            currency="EUR",
            basis="proceeds",
        )
        self.enter("identified", asset, holder="boss", valuation=worth(value, self.day))
        self.enter(
            "frozen",
            asset,
            order=order(f"O{self.day}", self.day, expires=self.day + expires),
            **({"money": eur(value)} if KINDS[asset] == "bank" else {}),
        )

    @rule(asset=ASSETS, expires=st.integers(1, 900), lapsed=st.booleans())
    def order_again(self, asset: str, expires: int, lapsed: bool) -> None:
        self.enter(
            "frozen_again" if lapsed else "order_renewed",
            asset,
            order=order(f"R{self.day}", self.day, expires=self.day + expires),
        )

    @rule(asset=ASSETS, value=SUMS)
    def valued(self, asset: str, value: int) -> None:
        self.enter("valued", asset, valuation=worth(value, self.day))

    @rule(asset=ASSETS)
    def managed(self, asset: str) -> None:
        self.enter("managed", asset, manager="office", place="yard")

    @rule(asset=ASSETS, units=FEW, source=st.sampled_from(["income", "advance"]))
    def income_and_cost(self, asset: str, units: int, source: str) -> None:
        if source == "income":
            self.enter("income_received", asset, money=eur(units), reference="rent")
        self.enter("cost_paid", asset, money=eur(units), reference="bill", paid_from=source)

    @rule(
        asset=ASSETS,
        price=SUMS,
        party=st.sampled_from(["buyer"] * 5 + ["boss", "front"]),
        fresh=st.sampled_from([True, True, False]),
        wait=st.sampled_from([0, 50, 200]),
    )
    def sold_early(self, asset: str, price: int, party: str, fresh: bool, wait: int) -> None:
        self.day += wait
        if fresh:
            self.enter("valued", asset, valuation=worth(price, self.day))
        self.enter(
            "sold_early",
            asset,
            order=order("SALE", self.day, expires=self.day + 30),
            method="auction",
            money=eur(price),
            party=party,
        )

    @rule(asset=ASSETS)
    def judged(self, asset: str) -> None:
        self.enter(
            "confiscated_first_instance",
            asset,
            basis="proceeds",
            order=order("J", self.day, expires=None),
        )

    @rule(asset=ASSETS)
    def final(self, asset: str) -> None:
        proof = Finality(reference="F", on=on(self.day))
        self.enter("confiscated_final", asset, finality=proof)

    @rule(asset=ASSETS, price=SUMS, party=st.sampled_from(["buyer", "buyer", *EVERYBODY]))
    def disposed(self, asset: str, price: int, party: str) -> None:
        self.enter("valued", asset, valuation=worth(price, self.day))
        self.enter("disposed", asset, method="auction", money=eur(price), party=party)

    @rule(asset=ASSETS, party=st.sampled_from(["boss", "V1"]), units=FEW, part=st.booleans())
    def released(self, asset: str, party: str, units: int, part: bool) -> None:
        self.enter(
            "partly_released" if part else "released",
            asset,
            order=order("X", self.day),
            party=party,
            reason="a court says so",
            **({"money": eur(units)} if part else {}),
        )

    @rule(asset=ASSETS, party=st.sampled_from(EVERYBODY), units=FEW, upheld=st.booleans())
    def third_party(self, asset: str, party: str, units: int, upheld: bool) -> None:
        name = f"T{self.asked}"
        self.asked += 1
        self.enter("third_party_claimed", asset, claim=name, party=party, reason="mine")
        decided = order("X", self.day)
        if upheld and self.enter(
            "third_party_claim_upheld", asset, claim=name, order=decided, money=eur(units)
        ):
            assert party not in self.banned
        else:
            self.enter("third_party_claim_rejected", asset, claim=name, order=decided)

    @rule(asset=ASSETS)
    def lost(self, asset: str) -> None:
        self.enter("lost", asset, reason="fire", reference="report")

    @rule(victim=st.sampled_from(["V1", "V2"]), units=SUMS)
    def awarded(self, victim: str, units: int) -> None:
        if sum(1 for left in self.owed.values() if left) > 2:
            return
        made = award(f"W{len(self.owed)}", victim, units)
        facts = {name: getattr(made.facts, name) for name in ("award", "kind", "head", "order")}
        self.enter("award_made", victim=victim, money=eur(units), **facts)

    @rule(asset=ASSETS, victim=st.sampled_from(["V1", "V2"]))
    def restituted(self, asset: str, victim: str) -> None:
        name = f"W{len(self.owed)}"
        self.enter(
            "award_made",
            award=name,
            victim=victim,
            kind="restitution",
            head="hers",
            money=eur(100),
            reference=asset,
            order=order("D", self.day, expires=None),
        )
        self.enter("restituted", asset, award=name)

    @rule(victim=st.sampled_from(["V1", "V2"]), account=st.sampled_from(["SAFE", "XX11", "xx 11"]))
    def payee(self, victim: str, account: str) -> None:
        if self.enter("payee_named", victim=victim, account=account):
            assert account == "SAFE"

    @rule()
    def notice(self) -> None:
        until = self.day + 5
        if self.enter("victims_notified", authority="X", day=on(self.day), until=on(until)):
            self.claims_until = until

    @rule(changed=st.integers(-1, 1))
    def distributed(self, changed: int) -> None:
        lines = waterfall(self.ledger, on(self.day)).payable("victims", "EUR")
        payments = [Payment(award=one.of, money=eur(one.now)) for one in lines]
        if payments and changed:
            first = payments[0]
            payments[0] = Payment(award=first.award, money=eur(first.money.minor + changed))
            assert not self.enter("distributed", payments=tuple(payments))
        else:
            self.enter("distributed", payments=tuple(payments))

    @rule(units=SUMS, party=st.sampled_from(EVERYBODY))
    def state_takes_what_it_likes(self, units: int, party: str) -> None:
        self.enter("state_received", money=eur(units), party=party)
        self.enter("costs_repaid", money=eur(units), party=party)

    @rule(party=st.sampled_from(["here", "office", *EVERYBODY]))
    def rest_as_planned(self, party: str) -> None:
        for tier, event in (("costs", "costs_repaid"), ("state", "state_received")):
            for one in waterfall(self.ledger, on(self.day)).payable(tier, "EUR"):
                self.enter(event, money=eur(one.now), party=party)
        for tier in ("sharing", "social"):
            for one in waterfall(self.ledger, on(self.day)).payable(tier, "EUR"):
                self.enter("shared", money=eur(one.now), assignment=one.of)

    @rule(party=st.sampled_from(EVERYBODY), share=st.integers(1, 6000), social=st.booleans())
    def assigned(self, party: str, share: int, social: bool) -> None:
        taken = self.enter(
            "remainder_assigned",
            assignment=f"S{len(self.ledger.assignments)}",
            party=party,
            kind="social" if social else "sharing",
            share=share,
            agreement=TERMS,
        )
        assert not (taken and party in self.banned)

    @rule(asset=ASSETS, party=st.sampled_from(EVERYBODY), social=st.booleans())
    def given_away(self, asset: str, party: str, social: bool) -> None:
        more = {"purpose": "classrooms"} if social else {}
        self.enter(
            "social_use" if social else "returned", asset, agreement=TERMS, party=party, **more
        )

    @rule(asset=ASSETS)
    def closed(self, asset: str) -> None:
        if self.enter("closed", asset, reference="end"):
            assert self.held(asset) == (0, 0)

    # -- what always holds -------------------------------------------------------------------------

    @invariant()
    def books_balance(self) -> None:
        assert not off_balance(self.ledger.books)
        for entry in self.ledger.books.entries:
            assert sum(one.minor for one in entry.postings) == 0

    @invariant()
    def money_is_neither_made_nor_lost(self) -> None:
        assert self.ledger.books.total("cash").get("EUR", 0) == self.cash

    @invariant()
    def nothing_reached_somebody_banned(self) -> None:
        for entry in self.ledger.books.entries:
            if entry.event not in {"released", "partly_released"}:
                assert entry.payee not in self.banned, entry

    @invariant()
    def a_plan_never_gives_more_than_there_is(self) -> None:
        plan = waterfall(self.ledger, on(self.day))
        for currency, fund in plan.fund.items():
            lines = [one for one in plan.lines if one.currency == currency]
            given = sum(one.now + one.kept for one in lines if one.tier != "restitution")
            assert given + plan.waiting.get(currency, 0) == fund


TestAnyOrder = Machine.TestCase
TestAnyOrder.settings = settings(
    max_examples=80,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
