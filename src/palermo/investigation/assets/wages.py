"""From tables of work, losses and legal wages to a schedule of the claim, as CSV, JSON and HTML.

Guarantees that a row that can not be counted is listed with its reason and takes no other row with
it, that the same files give the same bytes, and that an account that is not safe stands nowhere in
the schedule.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo import __version__
from palermo.analysis.money.assets import Ledger, why_blocked
from palermo.analysis.money.assets.interest import DAY_COUNTS, Rate, Terms
from palermo.analysis.money.assets.parties import account_blocked, plain_account
from palermo.analysis.money.assets.wages import (
    HEADS,
    LegalWage,
    Loss,
    NotCounted,
    Schedule,
    Work,
    schedule,
)
from palermo.engine import staged_directory
from palermo.formats import write_table
from palermo.formats.typed_table import read_typed
from palermo.investigation.assets.pages import page
from palermo.law.plain_yaml import read_plain
from palermo.model import Unreadable

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


@dataclass(frozen=True, slots=True, kw_only=True)
class WageRequest:
    """The files of a claim; all but `work` and `wages` may be missing."""

    work: Path
    wages: Path
    out: Path
    losses: Path | None = None
    interest: Path | None = None
    payees: Path | None = None
    blocked: Path | None = None


def claim_files(request: WageRequest, ledger: Ledger | None = None) -> Schedule:
    """Work out the claim and leave `request.out` with schedule.csv, claim.json and claim.html.

    Raises:
        Unreadable: a file can not be read, or a legal wage or interest is wrong: these concern
            every row, so that none is set aside in silence.
    """
    aside: list[NotCounted] = []
    found = schedule(
        _rows(request.work, WORK, "work", aside, _work),
        _rows(request.losses, LOSSES, "losses", aside, _loss) if request.losses else [],
        _wages(request.wages),
        terms=_terms(request.interest) if request.interest else None,
        payees=_pairs(request.payees, aside) if request.payees else [],
        unsafe=_unsafe(request.blocked, ledger),
    )
    found = Schedule(
        lines=found.lines,
        totals=found.totals,
        not_counted=(*aside, *found.not_counted),
        payees=found.payees,
    )
    with staged_directory(request.out) as stage:
        write_table(_lines(found), stage / "schedule.csv", spreadsheet_safe=True)
        write_table(_not_counted(found), stage / "not_counted.csv", spreadsheet_safe=True)
        text = json.dumps(_facts(found), ensure_ascii=False, indent=1, sort_keys=True)
        (stage / "claim.json").write_text(text + "\n", "utf-8")
        html = page("claim.html", found=found, version=__version__)
        (stage / "claim.html").write_text(html, "utf-8")
    return found


def _rows(
    path: Path,
    schema: pa.Schema,
    table: str,
    aside: list[NotCounted],
    make: Callable[[int, Mapping[str, Any]], Any],
) -> list[Any]:
    read = read_typed(path, schema)
    for one in read.set_aside:
        reason = f"{one.field} {one.value!r}: {one.reason}"
        aside.append(NotCounted(table=table, row=one.row, victim="", reason=reason))
    found = []
    for number, row in zip(read.rows.to_pylist(), read.table.to_pylist(), strict=True):
        try:
            found.append(make(number, row))
        except ValueError as error:
            victim = str(row.get("victim", ""))
            aside.append(NotCounted(table=table, row=number, victim=victim, reason=str(error)))
    return found


def _day(row: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(row[name])
    except ValueError:
        raise ValueError(f"{name} {row[name]!r}: expected a day such as 2026-03-01") from None


def _at_least_nothing(row: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if row[name] is not None and row[name] < 0:
            raise ValueError(f"{name} {row[name]}: expected 0 or more")


def _one_of(row: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    if row[name] not in words:
        raise ValueError(f"{name} {row[name]!r}: expected {' or '.join(words)}")
    return str(row[name])


def _work(number: int, row: Mapping[str, Any]) -> Work:
    _at_least_nothing(
        row, "ordinary_minutes", "overtime_minutes", "received_minor", "agreed_hourly_minor"
    )
    first, last = _day(row, "first"), _day(row, "last")
    if last < first:
        raise ValueError(f"last {last}: is before first {first}")
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


def _loss(number: int, row: Mapping[str, Any]) -> Loss:
    _at_least_nothing(row, "amount_minor")
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


def _wages(path: Path) -> list[LegalWage]:
    read = read_typed(path, LEGAL_WAGES)
    if read.set_aside:
        one = read.set_aside[0]
        raise Unreadable(f"{path}: row {one.row}: {one.field} {one.value!r}: {one.reason}")
    found = []
    for number, row in zip(read.rows.to_pylist(), read.table.to_pylist(), strict=True):
        try:
            _at_least_nothing(row, "hourly_minor", "overtime_percent")
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


def _terms(path: Path) -> Terms:
    try:
        raw = read_plain(path.read_bytes(), name=str(path))
        count, rates = raw["day_count"], raw["rates"]
        if count not in DAY_COUNTS:
            raise ValueError(f"day_count {count!r}: expected {', '.join(DAY_COUNTS)}")
        if not isinstance(rates, list) or not rates:
            raise ValueError("rates: expected a list of `since`, `hundredths` and `source`")
        return Terms(
            day_count=str(count),
            until=date.fromisoformat(str(raw["until"])),
            rates=tuple(
                Rate(
                    since=date.fromisoformat(str(one["since"])),
                    hundredths=int(str(one["hundredths"])),
                    source=str(one["source"]),
                )
                for one in rates
                if isinstance(one, dict) or _no_rate(one)
            ),
        )
    except OSError as error:
        raise Unreadable(f"{path}: can not be read ({error.strerror})") from None
    except KeyError as error:
        raise Unreadable(f"{path}: no `{error.args[0]}`; write it") from None
    except ValueError as error:
        raise Unreadable(f"{path}: {error}") from None


def _no_rate(one: object) -> bool:
    raise ValueError(f"rates: {one!r}; expected `since`, `hundredths` and `source`")


def _pairs(path: Path, aside: list[NotCounted]) -> list[tuple[str, str]]:
    return _rows(path, PAYEES, "payees", aside, lambda _, row: (row["victim"], row["account"]))


def _unsafe(path: Path | None, ledger: Ledger | None) -> Callable[[str, str], str]:
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


def _lines(found: Schedule) -> pa.Table:
    names = (
        "victim",
        "head",
        "first",
        "last",
        "owed",
        "received",
        "claimed",
        "interest",
        "total",
        "currency",
        "evidence",
        "working",
        "source",
    )
    sums = {"owed", "received", "claimed", "interest", "total"}
    return pa.table(
        {
            f"{name}_minor" if name in sums else name: pa.array(
                [
                    getattr(one, name) if name in sums else str(getattr(one, name))
                    for one in found.lines
                ],
                _I if name in sums else _S,
            )
            for name in names
        }
    )


def _not_counted(found: Schedule) -> pa.Table:
    return pa.table(
        {
            "table": pa.array([one.table for one in found.not_counted], _S),
            "row": pa.array([one.row for one in found.not_counted], _I),
            "victim": pa.array([one.victim for one in found.not_counted], _S),
            "reason": pa.array([one.reason for one in found.not_counted], _S),
        }
    )


def _facts(found: Schedule) -> Mapping[str, Any]:
    return {
        "palermo": __version__,
        "totals": [
            {"victim": victim, "currency": currency, "total_minor": units}
            for (victim, currency), units in found.totals.items()
        ],
        "payees": [
            {"victim": one.victim, "account": one.account}
            for one in found.payees
            if not one.refused
        ],
        "payees_refused": [
            {"victim": one.victim, "reason": one.refused} for one in found.payees if one.refused
        ],
        "lines": len(found.lines),
        "not_counted": len(found.not_counted),
    }
