"""Kernels against the definition, on random small worlds full of ties, and on planted shapes."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.money.motifs import reference
from tests.analysis.money.motifs.reference import Paid

from palermo.analysis.money import motifs
from palermo.analysis.money.motifs import Edges

DAY = 86_400


def edges(paid: Sequence[Paid], accounts: int = 8) -> Edges:
    columns = np.array(paid, dtype=np.int64).reshape(-1, 4).T
    return motifs.edges(
        columns[0],
        columns[1].astype(np.int32),
        columns[2].astype(np.int32),
        columns[3],
        accounts=accounts,
    )


@st.composite
def worlds(draw: st.DrawFn, *, accounts: int = 6, step: int = 5) -> list[Paid]:
    """Payments in the order of time; times and sums are few, so that ties and ratios are common."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 12),
                st.integers(0, accounts - 1),
                st.integers(0, accounts - 1),
                st.sampled_from([70, 80, 85, 90, 95, 100, 100, 200]),
            ),
            max_size=28,
        )
    )
    paid = [Paid(ts * step, src, dst, amount) for ts, src, dst, amount in rows if src != dst]
    return sorted(paid, key=lambda one: one.ts)


@settings(max_examples=150, deadline=None)
@given(worlds(), st.booleans(), st.integers(0, 30), st.integers(1, 4))
def test_fans(paid: list[Paid], inward: bool, window: int, least: int) -> None:
    found = motifs.fans(edges(paid), inward=inward, window=window, least=least)
    assert dict(zip(found.account.tolist(), found.most.tolist(), strict=True)) == reference.fans(
        paid, inward=inward, window=window, least=least
    )


@settings(max_examples=60, deadline=None)
@given(worlds(), st.booleans())
def test_a_fan_tells_the_payments_that_show_it(paid: list[Paid], inward: bool) -> None:
    of = edges(paid)
    found = motifs.fans(of, inward=inward, window=20, least=2)
    index, other = (of.got, of.src) if inward else (of.paid, of.dst)
    for at in range(len(found.account)):
        positions = index.at[found.first[at] : found.last[at] + 1]
        assert len(set(other[positions].tolist())) == found.most[at]
        assert of.ts[positions[-1]] - of.ts[positions[0]] <= 20
        assert of.amount[positions].sum() == found.total[at]


@settings(max_examples=200, deadline=None)
@given(worlds(), st.integers(0, 60), st.integers(2, 4))
def test_cycles(paid: list[Paid], window: int, longest: int) -> None:
    found = motifs.cycles(edges(paid), window=window, longest=longest)
    assert found.hubs == 0
    rings = [tuple(at for at in ring if at >= 0) for ring in found.payments.tolist()]
    assert len(rings) == len(set(rings))
    assert set(rings) == reference.cycles(paid, window=window, kept=(85, 100), longest=longest)


def test_a_hub_is_not_gone_through_and_is_told() -> None:
    fares = [Paid(10, 1, 2 + n % 5, 100) for n in range(6)]
    paid = [Paid(0, 0, 1, 100), *fares, Paid(20, 1, 0, 100)]
    assert len(motifs.cycles(edges(paid), window=60, hub=100).payments) == 1
    passed = motifs.cycles(edges(paid), window=60, hub=6)
    assert (len(passed.payments), passed.hubs) == (0, 1)


def test_cycles_longer_than_four_are_refused() -> None:
    with pytest.raises(ValueError, match="2 to 4"):
        motifs.cycles(edges([]), window=1, longest=5)


@settings(max_examples=200, deadline=None)
@given(worlds(), st.integers(0, 40), st.integers(1, 3))
def test_scatter_gather(paid: list[Paid], window: int, least: int) -> None:
    found = motifs.scatter_gather(edges(paid), window=window, least=least)
    ends = zip(found.source.tolist(), found.sink.tolist(), strict=True)
    assert dict(zip(ends, found.hands.tolist(), strict=True)) == reference.scatter_gather(
        paid, window=window, least=least, kept=(70, 100)
    )
    for number, first, second in found.legs.tolist():
        assert paid[first].src == found.source[number]
        assert paid[first].dst == paid[second].src
        assert paid[second].dst == found.sink[number]


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(0, 40), st.integers(1, 3))
def test_gather_scatter(paid: list[Paid], window: int, least: int) -> None:
    found = motifs.gather_scatter(edges(paid), window=window, least=least)
    assert set(found.account.tolist()) == reference.gather_scatter(
        paid, window=window, least=least, kept=(70, 100)
    )


@settings(max_examples=200, deadline=None)
@given(worlds(), st.integers(1, 40), st.integers(5, 60), st.integers(1, 3))
def test_passing(paid: list[Paid], within: int, period: int, recipients: int) -> None:
    of = edges(paid)
    found = motifs.passing(
        of, within=within, period=period, recipients=recipients, least=1, share=(50, 100)
    )
    for account in range(8):
        expected = [
            (came, passed)
            for came, passed in reference.passing(
                paid, account, within=within, period=period, recipients=recipients
            )
            if passed and passed * 2 >= came
        ]
        mine = found.account == account
        got = zip(found.came[mine].tolist(), found.passed[mine].tolist(), strict=True)
        assert list(got) == expected


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_no_unit_passes_twice(paid: list[Paid]) -> None:
    found = motifs.passing(
        edges(paid), within=1000, period=10, recipients=100, least=1, share=(0, 1)
    )
    for account in range(8):
        paid_out = sum(one.amount for one in paid if one.src == account)
        assert found.passed[found.account == account].sum() <= paid_out
    assert (found.passed <= found.came).all()


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(0, 40), st.integers(1, 3))
def test_structuring(paid: list[Paid], window: int, least: int) -> None:
    found = motifs.structuring(edges(paid), limit=100, low=75, window=window, least=least)
    assert dict(
        zip(found.account.tolist(), found.most.tolist(), strict=True)
    ) == reference.structuring(paid, limit=100, low=75, window=window, least=least)


def test_a_funnel_takes_cash_in_other_towns_and_pays_on() -> None:
    town = np.array([1, 2, 3, 0, 0], dtype=np.int32)
    cash = [
        Paid(0, 7, 0, 90),
        Paid(DAY, 7, 0, 90),
        Paid(2 * DAY, 7, 0, 90),
        Paid(2 * DAY, 7, 0, 90),
    ]
    paid = [*cash, Paid(3 * DAY, 0, 5, 250)]
    of = edges(paid)
    deposits = motifs.chosen(of, of.src == 7)
    home = np.zeros(8, dtype=np.int32)

    def look(least: int = 3, limit: int = 100, soon: int = 2 * DAY) -> list[tuple[int, int, int]]:
        shape = motifs.funnel(
            deposits, town[:4], home, of, window=14 * DAY, soon=soon, least=least, limit=limit
        )
        return list(
            zip(shape.account.tolist(), shape.most.tolist(), shape.total.tolist(), strict=True)
        )

    assert look() == [(0, 3, 270)]  # the deposit at home is not one of them
    assert look(least=4) == []
    assert look(limit=90) == []
    assert look(soon=DAY // 2) == []


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Paid], list[Paid]]:
    """Receipts of accounts 0 and 1, payouts of accounts 2 and 3."""
    moment = st.tuples(st.integers(0, 8), st.integers(0, 1), st.sampled_from([100, 102, 104, 300]))
    rows = draw(st.lists(moment, max_size=14)), draw(st.lists(moment, max_size=14))
    here = sorted(Paid(ts * DAY // 2, 5, which, units) for ts, which, units in rows[0])
    there = sorted(Paid(ts * DAY // 2, 2 + which, 6, units) for ts, which, units in rows[1])
    return here, there


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.integers(0, 3), st.integers(1, 3))
def test_hawala(both: tuple[list[Paid], list[Paid]], days: int, least: int) -> None:
    receipts, payouts = both
    found = motifs.hawala(
        edges(receipts), edges(payouts), days=days, near=(3, 100), least=least, share=(50, 100)
    )
    pairs = zip(found.taker.tolist(), found.payer.tolist(), strict=True)
    assert dict(zip(pairs, found.matched.tolist(), strict=True)) == reference.hawala(
        receipts, payouts, days=days, near=(3, 100), least=least, share=(50, 100)
    )
    for number in range(len(found.taker)):
        matched = found.matches[found.matches[:, 0] == number]
        assert len(set(matched[:, 1].tolist())) == len(matched) == found.matched[number]
        assert len(set(matched[:, 2].tolist())) == len(matched)


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_depends_on_the_order_of_the_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ts = np.sort(rng.integers(0, 10**6, 400)) * 2  # all different
    ts = np.unique(ts)
    count = len(ts)
    src, dst = (rng.integers(0, 30, count).astype(np.int32) for _ in range(2))
    amount = rng.integers(90, 110, count)
    mixed = rng.permutation(count)
    one = motifs.edges(ts, src, dst, amount, accounts=30)
    other = motifs.edges(
        ts[mixed], src[mixed], dst[mixed], amount[mixed], accounts=30, row=mixed.astype(np.int64)
    )
    rings = [motifs.cycles(of, window=400_000) for of in (one, other)]
    assert len(rings[0].payments) > 5
    named = [
        np.where(r.payments >= 0, of.row[r.payments], -1)
        for r, of in zip(rings, (one, other), strict=True)
    ]
    assert (named[0] == named[1]).all()
