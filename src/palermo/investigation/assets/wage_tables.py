"""The tables that a claim for wages is worked out from: columns, limits, and what is set aside.

Guarantees that every number is small enough for sums to stay exact in 64 bits, and that a row that
can not be counted is named with its reason.
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from palermo.analysis.money.assets import Ledger, why_blocked
from palermo.analysis.money.assets.interest import DAY_COUNTS, Rate, Terms
from palermo.analysis.money.assets.parties import account_blocked, plain_account
from palermo.analysis.money.assets.wages import HEADS, LegalWage, Loss, NotCounted, Work
from palermo.formats.typed_table import read_typed
from palermo.law.plain_yaml import read_plain
from palermo.model import Unreadable

V = TypeVar("V")
#: Most minor units of a sum, of an hour's wage, and hundredths of a per cent of a rate.
_MOST, _MOST_HOURLY, _MOST_RATE = 10**15, 10**10, 10_000
_S, _I = pa.string(), pa.int64()


def _schema(needed: Mapping[str, pa.DataType], may: Mapping[str, pa.DataType]) -> pa.Schema:
    return pa.schema(
        [pa.field(name, kind, nullable=False) for name, kind in needed.items()]
        + [pa.field(name, kind) for name, kind in may.items()]
    )


WORK = _schema(
    {
        "victim": _S,
        "place": _S,
        "first": _S,
        "last": _S,
        "due": _S,
        "ordinary_minutes": _I,
        "overtime_minutes": _I,
        "received_minor": _I,
        "received_is": _S,
        "currency": _S,
        "evidence": _S,
    },
    {"agreed_hourly_minor": _I},
)
LEGAL_WAGES = _schema(
    {
        "place": _S,
        "first": _S,
        "last": _S,
        "hourly_minor": _I,
        "overtime_percent": _I,
        "currency": _S,
        "source": _S,
    },
    {},
)
LOSSES = _schema(
    {
        "victim": _S,
        "head": _S,
        "day": _S,
        "amount_minor": _I,
        "currency": _S,
        "from_wage": _S,
        "evidence": _S,
    },
    {},
)
PAYEES = _schema({"victim": _S, "account": _S}, {})
BLOCKED = _schema({"account": _S}, {"role": _S, "reason": _S})
#: Roles of alerts whose account is no reason to refuse a payment.
_HARMLESS = ("possible victim", "possible_victim", "victim")


def rows(
    path: Path,
    schema: pa.Schema,
    table: str,
    aside: list[NotCounted],
    make: Callable[[int, Mapping[str, Any]], V],
) -> list[V]:
    """Read a table row by row; rows that `make` can not take are put into `aside`.

    Raises:
        Unreadable: the file can not be read, or a column is missing.
    """
    read = read_typed(path, schema)
    for one in read.set_aside:
        reason = f"{one.field} {one.value!r}: {one.reason}"
        aside.append(NotCounted(table=table, row=one.row, victim="", reason=reason))
    found = []
    for number, row in zip(read.rows.to_pylist(), read.table.to_pylist(), strict=True):
        try:
            _complete(row, schema)
            found.append(make(number, row))
        except ValueError as error:
            victim = str(row.get("victim", ""))
            aside.append(NotCounted(table=table, row=number, victim=victim, reason=str(error)))
    return found


def _complete(row: Mapping[str, Any], schema: pa.Schema) -> None:
    """Every line is linked to evidence: a text that has to be there is not blank."""
    for field in schema:
        if not field.nullable and isinstance(row[field.name], str) and not row[field.name].strip():
            raise ValueError(f"{field.name}: is empty")


def _day(row: Mapping[str, Any], name: str) -> date:
    try:
        day = date.fromisoformat(str(row[name]))
    except ValueError:
        day = date.min
    if not 1900 <= day.year <= 2200:
        raise ValueError(f"{name} {str(row[name])[:40]!r}: expected a day such as 2026-03-01")
    return day


def _within(row: Mapping[str, Any], *names: str, most: int) -> None:
    for name in names:
        if row[name] is not None and not 0 <= row[name] <= most:
            raise ValueError(f"{name} {row[name]}: expected 0 to {most}")


def _one_of(row: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    if row[name] not in words:
        raise ValueError(f"{name} {row[name]!r}: expected {' or '.join(words)}")
    return str(row[name])


def work_row(number: int, row: Mapping[str, Any]) -> Work:
    """Make a period of work of a row; ValueError says what is wrong with it."""
    _within(row, "ordinary_minutes", "overtime_minutes", "received_minor", most=_MOST)
    _within(row, "agreed_hourly_minor", most=_MOST_HOURLY)
    first, last = _day(row, "first"), _day(row, "last")
    if last < first:
        raise ValueError(f"last {last}: is before first {first}")
    if (last - first).days > 366:
        raise ValueError(f"{first} to {last}: more than a year; divide the period")
    minutes = row["ordinary_minutes"] + row["overtime_minutes"]
    if minutes > (most := ((last - first).days + 1) * 24 * 60):
        raise ValueError(f"{minutes} minutes: the period has {most}")
    return Work(
        row=number,
        victim=row["victim"],
        place=row["place"],
        first=first,
        last=last,
        due=_day(row, "due"),
        ordinary=row["ordinary_minutes"],
        overtime=row["overtime_minutes"],
        received=row["received_minor"],
        received_is=_one_of(row, "received_is", ("net", "gross")),
        currency=row["currency"],
        evidence=row["evidence"],
        agreed=row["agreed_hourly_minor"],
    )


def loss_row(number: int, row: Mapping[str, Any]) -> Loss:
    """Make a fee or deduction of a row; ValueError says what is wrong with it."""
    _within(row, "amount_minor", most=_MOST)
    return Loss(
        row=number,
        victim=row["victim"],
        head=_one_of(row, "head", HEADS[1:]),
        day=_day(row, "day"),
        amount=row["amount_minor"],
        currency=row["currency"],
        from_wage=_one_of(row, "from_wage", ("yes", "no")) == "yes",
        evidence=row["evidence"],
    )


def legal_wages(path: Path) -> list[LegalWage]:
    """Read the legal wages; a wrong row stops everything, as it may concern every claim."""
    read = read_typed(path, LEGAL_WAGES)
    if read.set_aside:
        one = read.set_aside[0]
        raise Unreadable(f"{path}: row {one.row}: {one.field} {one.value!r}: {one.reason}")
    found = []
    for number, row in zip(read.rows.to_pylist(), read.table.to_pylist(), strict=True):
        try:
            _complete(row, LEGAL_WAGES)
            _within(row, "hourly_minor", most=_MOST_HOURLY)
            _within(row, "overtime_percent", most=1000)
            found.append(
                LegalWage(
                    place=row["place"],
                    first=_day(row, "first"),
                    last=_day(row, "last"),
                    hourly=row["hourly_minor"],
                    overtime_percent=row["overtime_percent"],
                    currency=row["currency"],
                    source=row["source"],
                )
            )
        except ValueError as error:
            raise Unreadable(f"{path}: row {number}: {error}") from None
    return found


def terms(path: Path) -> Terms:
    """Read the terms of interest from YAML: day_count, until (not counted), rates."""
    try:
        raw = read_plain(path.read_bytes(), name=str(path))
        return Terms(
            day_count=_one_of(raw, "day_count", tuple(DAY_COUNTS)),
            until=_day(raw, "until"),
            rates=_rates(raw["rates"]),
        )
    except OSError as error:
        raise Unreadable(f"{path}: can not be read ({error.strerror})") from None
    except KeyError as error:
        raise Unreadable(f"{path}: no `{error.args[0]}`; write it") from None
    except ValueError as error:
        raise Unreadable(f"{path}: {error}") from None


def _rates(listed: object) -> tuple[Rate, ...]:
    if not isinstance(listed, list) or not listed:
        raise ValueError("rates: expected a list of `since`, `hundredths` and `source`")
    found = []
    for one in listed:
        if not isinstance(one, dict):
            raise ValueError(f"rates: {one!r}; expected `since`, `hundredths` and `source`")  # noqa: TRY004
        digits = str(one["hundredths"])
        if not (digits.isascii() and digits.isdigit() and int(digits[:9]) <= _MOST_RATE):
            raise ValueError(f"hundredths {digits[:20]!r}: expected 0 to {_MOST_RATE}")
        found.append(
            Rate(since=_day(one, "since"), hundredths=int(digits), source=str(one["source"]))
        )
    return tuple(found)


def pairs(path: Path, aside: list[NotCounted]) -> list[tuple[str, str]]:
    """Read who is to be paid where."""
    return rows(path, PAYEES, "payees", aside, lambda _, row: (row["victim"], row["account"]))


def unsafe_by(path: Path | None, ledger: Ledger | None) -> Callable[[str, str], str]:
    """Say why an account is not safe: by a table of alerts, and by what the ledger knows."""
    blocked: dict[str, str] = {}
    if path is not None:
        read = read_typed(path, BLOCKED)
        if read.set_aside:
            one = read.set_aside[0]
            raise Unreadable(f"{path}: row {one.row}: {one.field} {one.value!r}: {one.reason}")
        for row in read.table.to_pylist():
            role = (row["role"] or "controller").strip().lower()
            if role not in _HARMLESS:
                reason = f"used by a {role}" + (f": {row['reason']}" if row["reason"] else "")
                blocked.setdefault(plain_account(row["account"]), reason)

    def unsafe(victim: str, account: str) -> str:
        if reason := blocked.get(plain_account(account)):
            return reason
        if ledger is None:
            return ""
        if victim in ledger.parties:
            return why_blocked(ledger, victim, account)
        return account_blocked(ledger, account)

    return unsafe
