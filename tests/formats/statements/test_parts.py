"""Amounts, moments, accounts: what every reader uses."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.formats.statements.amounts import localised, minor_units
from palermo.formats.statements.codes import checked_list
from palermo.formats.statements.moments import Clock, zone_named
from palermo.formats.statements.parties import STAND_INS, account_key, name_key, other_side
from palermo.formats.statements.parts import Wrong
from palermo.model import Unreadable
from palermo.model.money import digits


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.sampled_from(["EUR", "JPY", "KWD", "BTC"]))
def test_an_amount_written_out_is_read_back(units: int, currency: str) -> None:
    text = f"{Decimal(units).scaleb(-digits(currency)):f}"
    assert minor_units(text, currency) == units
    assert minor_units(text + ("0" if "." in text else ".000"), currency) == units


@given(
    st.integers(0, 10**12),
    st.sampled_from([(",", "."), (".", ","), (",", " "), (".", "'"), (",", "")]),
    st.booleans(),
)
def test_grouped_numbers_are_read_back(units: int, signs: tuple[str, str], minus: bool) -> None:
    decimal, thousands = signs
    text = f"{units // 100:,}".replace(",", thousands) + f"{decimal}{units % 100:02}"
    plain = localised(("-" if minus else "") + text, decimal, thousands)
    assert minor_units(plain, "EUR") == (-units if minus else units)


@given(st.text(max_size=70))
def test_any_text_is_an_amount_or_wrong(text: str) -> None:
    for decimal, thousands in ((".", ","), (",", ".")):
        try:
            plain = localised(text, decimal, thousands)
            units = minor_units(plain, "EUR")
        except Wrong:
            continue
        assert -(10**18) < units < 10**18
        assert Decimal(plain) * 100 == units


@given(st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
def test_hours_of_a_zone_and_their_offset_are_one_moment(naive: datetime) -> None:
    clock = Clock("Europe/Paris")
    told = clock.wall(naive)
    aware = naive.replace(tzinfo=zone_named("Europe/Paris"))
    assert datetime.fromtimestamp(0, UTC).timestamp() == 0
    assert clock.exact(aware).ts == told.ts
    assert told.day == naive.date()


@pytest.mark.parametrize(
    ("text", "ts", "zone"),
    [
        ("2026-03-01+01:00", "2026-03-01T00:00:00", None),
        ("2026-03-01T09:00:00+02:00", "2026-03-01T07:00:00", "Etc/GMT-2"),
        ("2026-03-01T09:00:00-05:00", "2026-03-01T14:00:00", "Etc/GMT+5"),
        ("2026-03-01T09:00:00+05:30", "2026-03-01T03:30:00", None),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00", "UTC"),
    ],
)
def test_a_stated_offset_names_a_zone_where_there_is_one(
    text: str, ts: str, zone: str | None
) -> None:
    found = Clock(None).iso(text)
    moment = datetime.fromtimestamp(found.ts / 1_000_000, UTC).replace(tzinfo=None)
    assert (moment.isoformat(), found.zone) == (ts, zone)
    if zone is not None:
        zone_named(zone)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-13-01", "0000-01-01", "2026-03-01T24:00:00", "2026-03-01T09:00:00+99:99",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "20260301", "", "x" * 10_000],
)  # fmt: skip
def test_what_is_no_moment_is_wrong(text: str) -> None:
    with pytest.raises(Wrong):
        Clock("Europe/Paris").iso(text)


def test_a_zone_that_is_none_is_refused() -> None:
    for name in ("Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "", "\0", "a" * 5000):
        with pytest.raises(Unreadable, match="IANA"):
            zone_named(name)


@pytest.mark.parametrize(
    ("number", "agent", "key"),
    [
        ("de89 3704 0044 0532 0130 00", None, "DE89370400440532013000"),
        ("IBAN DE89370400440532013000", None, "DE89370400440532013000"),
        ("DE89370400440532013000EUR", None, "DE89370400440532013000"),
        ("DE88370400440532013000", None, "DE88370400440532013000"),
        ("12-34 5", "coba deff", "COBADEFF/12345"),
        ("NOTPROVIDED", None, None),
        ("name:jane", None, "NAMEJANE"),
        ("", None, None),
    ],
)
def test_accounts_are_called_in_one_way(number: str, agent: str | None, key: str | None) -> None:
    assert account_key(number, agent) == key


@given(st.text(max_size=200))
def test_no_account_number_looks_like_a_stand_in(text: str) -> None:
    key = account_key(text)
    assert key is None or (not key.startswith(STAND_INS) and ":" not in key)
    name = name_key(text)
    assert name is None or (name.startswith("name:") and ":" not in name[5:])


def test_cash_that_comes_in_is_not_the_cash_that_went_out() -> None:
    ends = {
        other_side("A", account=None, name=None, channel="cash", incoming=incoming)
        for incoming in (True, False)
    }
    assert len(ends) == 2


def test_code_lists_name_their_source() -> None:
    good = {"source": "x", "date": date(2026, 1, 1), "codes": [{"code": "A", "channel": "atm"}]}
    assert checked_list("x", good) == (("A", "atm"),)
    for change in (
        {"source": ""},
        {"date": "2026"},
        {"codes": [{"code": "A", "channel": "bribe"}]},
    ):
        with pytest.raises(Unreadable):
            checked_list("x", good | change)
