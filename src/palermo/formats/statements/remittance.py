"""The book of a remitter or hawaladar: what was paid in here and paid out there.

Guarantees two rows a transfer, which share the reference: the sender's money to the remitter it was
given to, and the other remitter's money to the receiver; between the remitters no money went, they
settle otherwise. A fee stated apart is a row of its own. People are told apart by telephone where
the book has one, else by name. No standard for such books was found; the columns are those of our
own form (`palermo money import --help`), and other names for them can be given in a profile.

Dates may be of the Gregorian or the Solar Hijri calendar (Iran, Afghanistan), as `calendar` says.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from palermo.formats.columns import plain
from palermo.formats.statements.amounts import currency_code, minor_units
from palermo.formats.statements.moments import Clock, Moment
from palermo.formats.statements.parties import name_key
from palermo.formats.statements.parts import (
    BLOCK_ROWS,
    Draft,
    Pieces,
    Row,
    Source,
    Wrong,
    block,
    clean,
    tx_id,
)
from palermo.formats.statements.profiled import Cells
from palermo.formats.typed_table import SetAside

#: Fields that a table must have to be such a book.
NEEDS = ("date", "sender", "receiver", "amt_in", "ccy_in", "amt_out", "ccy_out")
_CALENDARS: Mapping[str, str] = MappingProxyType(
    {
        "": "gregorian", "gregorian": "gregorian", "g": "gregorian",
        "solar_hijri": "solar", "jalali": "solar", "shamsi": "solar", "persian": "solar",
        "afghan": "solar", "hijri_shamsi": "solar",
    }
)  # fmt: skip
_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")


def is_ledger(header: Sequence[str]) -> bool:
    """Tell whether a table has the columns of such a book."""
    return set(NEEDS) <= {plain(title) for title in header}


def read_ledger(source: Source, header: Sequence[str], cells: Cells) -> Pieces:
    """Read the rows below `header`."""
    book = _Book(source, header)
    rows: list[Row] = []
    for item in cells:
        if isinstance(item, SetAside):
            yield item
            continue
        number, values = item
        if not any(value and value.strip() for value in values):
            continue
        try:
            rows += book.rows(number, values)
        except Wrong as wrong:
            yield wrong.at(number)
        if len(rows) >= BLOCK_ROWS:
            yield block(rows)
            rows = []
    if rows:
        yield block(rows)
    yield book.draft.sealed()
    yield from book.clock.remarks()


class _Leg(NamedTuple):
    """One way that money went: between whom, and the columns of its amount and currency."""

    src: str
    dst: str
    amount: str
    currency: str
    part: str
    channel: str


class _Book:
    """One book and its columns."""

    def __init__(self, source: Source, header: Sequence[str]) -> None:
        self.source = source
        self.clock = Clock(source.zone)
        self.at = {plain(title): at for at, title in reversed(list(enumerate(header)))}
        self.draft = Draft(
            name=f"{source.name}#1", document=source.sha256, format="remittance", kind="ledger"
        )

    def rows(self, number: int, values: Sequence[str | None]) -> list[Row]:
        """Return the rows of one transfer.

        Raises:
            Wrong: a field cannot be read; then none of its rows stands.
        """
        text = {field: clean(values[at]) for field, at in self.at.items() if at < len(values)}
        at = self._moment(text)
        sender = _person(text, "sender", "s_phone")
        receiver = _person(text, "receiver", "r_phone")
        given = _remitter(text, "hawaladar_from", self.source)
        giving = _remitter(text, "hawaladar_to", self.source)
        legs = [_Leg(sender, given, "amt_in", "ccy_in", "", "remittance")]
        if (text.get("fee") or "").strip("0.") and not _within(text):
            legs.append(_Leg(sender, given, "fee", "ccy_in", "-fee", "fee"))
        legs.append(_Leg(giving, receiver, "amt_out", "ccy_out", "-out", "remittance"))
        found = [self._row(number, text, at, leg) for leg in legs]
        for _ in found:
            self.draft.count(0)
        return found

    def _row(self, number: int, text: Mapping[str, str | None], at: Moment, leg: _Leg) -> Row:
        code = currency_code(text.get(leg.currency), leg.currency)
        stated = text.get(leg.amount) or ""
        units = minor_units(stated, code, leg.amount)
        if units <= 0:
            raise Wrong(leg.amount, stated, "expected more than 0")
        out = leg.part == "-out"
        return Row(
            tx_id=tx_id(self.source, number, leg.part),
            ts=at.ts,
            day=at.day,
            src=leg.src,
            dst=leg.dst,
            amount_minor=units,
            currency=code,
            day_only=at.day_only,
            zone=at.zone,
            channel=leg.channel,
            memo=_memo(text),
            src_name=text.get("hawaladar_to" if out else "sender"),
            dst_name=text.get("receiver" if out else "hawaladar_from"),
            bank_ref=text.get("token") or text.get("code") or text.get("settle_ref"),
            statement=self.draft.name,
            line=number,
            reversal=False,
            end_to_end=text.get("ledger_id"),
        )

    def _moment(self, text: Mapping[str, str | None]) -> Moment:
        stated = text.get("date") or ""
        told = plain(text.get("calendar") or "")
        calendar = _CALENDARS.get(told)
        if calendar is None:
            raise Wrong("calendar", told, "expected gregorian or solar_hijri")
        if calendar == "gregorian":
            return self.clock.iso(stated, "date")
        found = _DAY.fullmatch(stated.strip())
        if found is None:
            raise Wrong("date", stated, "expected a date such as 1404-12-10")
        return self.clock.day(solar_hijri(*(int(part) for part in found.groups())))


def solar_hijri(year: int, month: int, day: int) -> date:
    """Return the Gregorian date of a day of the Solar Hijri calendar, years 1244 to 1472.

    By the cycle of 33 years, which agrees with the astronomical calendar in these years.

    >>> solar_hijri(1404, 1, 1)
    datetime.date(2025, 3, 21)

    Raises:
        Wrong: there is no such day, or it is beyond those years.
    """
    written = f"{year}-{month}-{day}"
    if not (1244 <= year <= 1472 and 1 <= month <= 12):
        raise Wrong("date", written, "expected a year from 1244 to 1472 and a month to 12")
    length = 31 if month <= 6 else 30 if month <= 11 else 29 + _leap(year)
    if not 1 <= day <= length:
        raise Wrong("date", written, "there is no such day")
    before = sum(365 + _leap(one) for one in range(1244, year))
    days = before + sum(31 if one <= 6 else 30 for one in range(1, month)) + day - 1
    return date(1865, 3, 21) + timedelta(days=days)


def _leap(year: int) -> bool:
    return year % 33 in {1, 5, 9, 13, 17, 22, 26, 30}


def _person(text: Mapping[str, str | None], who: str, phone: str) -> str:
    number = re.sub(r"[^0-9+]", "", text.get(phone) or "")
    key = f"phone:{number}" if len(number) >= 7 else name_key(text.get(who))
    if key is None:
        raise Wrong(who, text.get(who) or "", "neither telephone nor name")
    return key


def _remitter(text: Mapping[str, str | None], field: str, source: Source) -> str:
    key = name_key(text.get(field))
    if key is None:
        return f"remitter:{source.sha256[:12]}:{field.removeprefix('hawaladar_')}"
    return f"remitter:{key.removeprefix('name:')}"


def _within(text: Mapping[str, str | None]) -> bool:
    return (text.get("fee_included") or "").lower() in {"yes", "true", "1"}


def _memo(text: Mapping[str, str | None]) -> str | None:
    told: Iterator[str] = (
        f"{field}: {value}"
        for field in ("corridor", "rate", "payer_id_seen", "settle_ref", "memo")
        if (value := text.get(field))
    )
    return "; ".join(told) or None
