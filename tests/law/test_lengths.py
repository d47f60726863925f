"""No grant lasts longer than the widest reading of its law, and none within the narrowest fails."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from palermo.law import Period, Power, Regime, check, law_book
from palermo.model import AuthorisedBy, Authority, Refused

BOOK = law_book()
LIMITED = [
    (power, regime)
    for power in BOOK.powers()
    for regime in power.regimes
    if regime.length is not None
]
LONGEST = {"hours": 1 / 24, "days": 1, "months": 31, "years": 366}
SHORTEST = {"hours": 1 / 24, "days": 1, "months": 28, "years": 365}


def days(period: Period, table: dict[str, float]) -> float:
    return period.count * table[period.unit]


def limit(regime: Regime, renewals: int, table: dict[str, float]) -> float:
    """Return the days that the regime gives with so many renewals."""
    assert regime.length is not None
    whole = days(regime.length, table) + renewals * days(regime.renewal or regime.length, table)
    return min(whole, days(regime.total, table)) if regime.total else whole


@given(
    rule=st.sampled_from(LIMITED),
    start=st.integers(0, 400 * 24),
    share=st.floats(0.01, 2),
    renewals=st.integers(0, 9),
)
def test_grants_keep_to_the_length_of_the_law(
    rule: tuple[Power, Regime], start: int, share: float, renewals: int
) -> None:
    power, regime = rule
    begins = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=start)
    asked = share * limit(regime, renewals, LONGEST)
    authority = Authority(
        organisation="Example unit (fictional)",
        power=power.key,
        legal_basis="an order",
        purpose="find the recruiters",
        case="C-1",
        authorised_by=AuthorisedBy(name="A. Example", role=regime.authorised_by[0]),
        regime=regime.name,
        offences=power.offences or (),
        valid_from=begins,
        valid_until=begins + timedelta(days=asked),
        renewals=renewals,
    )
    measure, material = power.measures[0], (power.material or ("ads",))[0]
    try:
        check(authority, BOOK, at=begins, measure=measure, material=material)
        granted = True
    except Refused:
        granted = False
    countable = regime.renewals is None or renewals <= regime.renewals
    if granted:
        assert countable
        assert asked <= limit(regime, renewals, LONGEST) + 1e-6
    else:
        assert not countable or asked > limit(regime, renewals, SHORTEST) - 1e-6
