"""The transactions of a report as rows of a statement.

Guarantees that each transaction is a row or set aside with the reason; that a sum is whole minor
units exactly as written; and that nobody is made a payer by guess: a transaction of several parties
is a row only where the profile says which roles gave and received, and one did each.
"""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from palermo.formats.goaml.profile import Profile
from palermo.formats.goaml.tree import Node
from palermo.formats.goaml.values import is_iban, moment
from palermo.formats.reports import ReportRows
from palermo.formats.typed_table import SetAside
from palermo.model.money import digits
from palermo.model.transaction import STATEMENT_ROWS

_LARGEST = (1 << 63) - 1


class _Unclear(Exception):
    """A transaction that is no row: the field, its value, the reason."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(field, value, reason)
        self.field, self.value, self.reason = field, value, reason


def transactions(report: Node, *, profile: Profile, name: str = "") -> ReportRows:
    """Return the transactions of `report`; `name` is what the statement is called.

    Moments without a zone are read as UTC; one at midnight is taken for a day without an hour. The
    row of a set-aside transaction is its place in the report, from 1.
    """
    currency = report.value("currency_code_local") or profile.currency
    rows, aside = [], []
    for number, one in enumerate(report.all("transaction"), 1):
        try:
            rows.append(_row(one, currency, profile, name))
        except _Unclear as unclear:
            aside.append(
                SetAside(
                    row=number,
                    field=unclear.field,
                    value=unclear.value[:80],
                    reason=unclear.reason,
                )
            )
    return ReportRows(
        table=pa.Table.from_pylist(rows, schema=STATEMENT_ROWS), set_aside=tuple(aside)
    )


def _row(one: Node, currency: str, profile: Profile, name: str) -> dict[str, Any]:
    at = _at(one)
    if not currency:
        raise _Unclear("currency_code_local", "", "the report states no currency")
    giver, taker = _sides(one, profile)
    value_date = moment(one.value("value_date") or "")
    channels = {code: word for word, code in list(profile.writing.channels.items())[::-1]}
    tx_id = one.value("transactionnumber")
    if not tx_id:
        raise _Unclear("transactionnumber", "", "is empty")
    return {
        "tx_id": tx_id,
        "ts": at,
        "src": account_of(giver),
        "dst": account_of(taker),
        "amount_minor": _minor(one, currency),
        "currency": currency,
        "value_date": None if value_date is None else _day(value_date),
        "day_only": (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0),
        "channel": channels.get(one.value("transmode_code") or ""),
        "memo": one.value("transaction_description"),
        "src_name": _name(giver),
        "dst_name": _name(taker),
        "city": one.value("transaction_location"),
        "bank_ref": one.value("internal_ref_number"),
        "status": one.value("transaction_status"),
        "statement": name or None,
        "line": one.line,
    }


def _at(one: Node) -> datetime:
    text = one.value("date_transaction") or ""
    at = moment(text)
    if at is None:
        raise _Unclear("date_transaction", text, "expected a moment such as 2026-03-01T09:00:00")
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _day(at: datetime) -> date:
    return at.date()


def _minor(one: Node, currency: str) -> int:
    text = one.value("amount_local") or ""
    try:
        amount = Decimal(text) if len(text) <= 40 else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise _Unclear("amount_local", text, "expected an amount such as 12.50")
    units = amount.scaleb(digits(currency))
    if units != units.to_integral_value():
        raise _Unclear("amount_local", text, f"{currency} has {digits(currency)} digits")
    if not 0 <= units <= _LARGEST:
        raise _Unclear("amount_local", text, "below zero, or more than can be counted")
    return int(units)


def _sides(one: Node, profile: Profile) -> tuple[Node, Node]:
    """Return the account, person or entity on each side.

    Raises:
        _Unclear: it is not told who gave or who received.
    """
    parties = one.first("involved_parties")
    if parties is not None:
        given, taken = (
            [party for party in parties.all("party") if _gave(party, profile) == side]
            for side in ("from", "to")
        )
        if len(given) != 1 or len(taken) != 1:
            raise _Unclear(
                "involved_parties",
                ", ".join(party.value("role") or "" for party in parties.all("party")),
                "expected one party that gave and one that received, by `sides` of the profile",
            )
        return _subject(given[0], ""), _subject(taken[0], "")
    found = []
    for side in ("from", "to"):
        sides = [node for name in (f"t_{side}_my_client", f"t_{side}") for node in one.all(name)]
        if len(sides) != 1:
            raise _Unclear(f"t_{side}", "", f"expected one {side} side, found {len(sides)}")
        found.append(_subject(sides[0], f"{side}_"))
    return found[0], found[1]


def _gave(party: Node, profile: Profile) -> str:
    return profile.sides.get(party.value("role") or "", "")


def _subject(side: Node, prefix: str) -> Node:
    for kind in ("account", "person", "entity"):
        for ending in ("", "_my_client"):
            found = side.first(f"{prefix}{kind}{ending}")
            if found is not None:
                return Node(name=kind, children=found.children, line=found.line)
    raise _Unclear(side.name, "", "names no account, person or entity")


def account_of(subject: Node) -> str:
    """Return what an account, person or entity is called in a table: its IBAN, number or name.

    Raises:
        _Unclear: it has neither.
    """
    iban = subject.value("iban")
    if iban and is_iban(iban):
        return iban.replace(" ", "").upper()
    number = subject.value("account")
    if number:
        return number
    name = _name(subject)
    if name:
        return f"{subject.name}:{name}"
    raise _Unclear(subject.name, "", "has neither number nor name")


def _name(subject: Node) -> str | None:
    if subject.name == "person":
        parts = (subject.value("first_name"), subject.value("last_name"))
        return " ".join(part for part in parts if part) or None
    if subject.name == "entity":
        return subject.value("name")
    return subject.value("account_name") or subject.value("t_entity", "name")
