"""From alerts, payments and accounts to the skeleton of a report.

Guarantees that the report rests on the payments that the alerts name and no others; that its reason
is in plain words, says for each account why and what speaks against it, and calls a possible victim
so; that nothing in it asks to close or restrict an account; and that what only a person can know is
listed and not invented. The moment is passed in: same input, same bytes out.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palermo.formats.money_tables import read_accounts, read_payments, with_ids
from palermo.formats.reports import ToFill, Written, report_format
from palermo.investigation.money.alerts import read_alerts
from palermo.model import Unreadable
from palermo.model.money import written
from palermo.model.report import POSSIBLE_VICTIM, Alert, Atom, Draft, Paid, Party

#: Letters that formats of reports have room for; alerts beyond it are counted in words.
MAX_REASON = 7_800
_ROLE_WORDS = {
    "controller": "indicated as controlling money that others receive",
    POSSIBLE_VICTIM: "indicated as a possible victim's account",
    "buyer": "indicated as a payer for exploitation",
    "facilitator": "indicated as facilitating",
}
_VICTIM_WORDS = (
    "The holder may be a victim of trafficking, acting under the control of others. This report "
    "makes no allegation against them and asks for no measure against the account: access to it "
    "may be all they have. If contact is made, it should be safe for them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What is to be reported, in which format and under which profile.

    `only` limits the report to alerts of these accounts. `currency` is the local one; else the
    profile's, else the only one of the payments.
    """

    alerts: Path
    transactions: Path
    accounts: Path
    profile: str
    out: Path
    format: str = "goaml"
    reference: str = ""
    currency: str = ""
    only: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What was written: how much is in it, what is to be filled in, what was not found."""

    alerts: int
    payments: int
    accounts: int
    to_fill: tuple[ToFill, ...]
    problems: tuple[str, ...]
    not_found: tuple[str, ...] = field(default=())
    set_aside: int = 0
    sha256: str = ""


def report(request: ReportRequest, *, at: datetime) -> Reported:
    """Write the skeleton to `request.out` and the list of what is to be filled in beside it.

    Raises:
        Unreadable: an input cannot be read, or no alert is left.
    """
    alerts = read_alerts(request.alerts)
    if request.only:
        alerts = tuple(one for one in alerts if one.account in set(request.only))
    if not alerts:
        raise Unreadable(f"{request.alerts}: no alert to report; check --only")
    paid, known = read_payments(request.transactions), read_accounts(request.accounts)
    wanted = dict.fromkeys(tx for one in alerts for atom in one.atoms for tx in atom.tx_ids)
    rows = with_ids(paid.table, pa.array(list(wanted), pa.string()))
    payments = tuple(_paid(row) for row in rows.to_pylist())
    draft = Draft(
        reference=request.reference or reference(alerts),
        at=at,
        currency=request.currency or _currency(payments),
        reason=reason(alerts, payments),
        rules=tuple(dict.fromkeys(atom.rule for one in alerts for atom in one.atoms)),
        payments=payments,
        parties=_parties(alerts, payments, known.table),
    )
    done = report_format(request.format).write(draft, request.profile)
    _put(request.out, done)
    found = {one.tx_id for one in payments}
    return Reported(
        alerts=len(alerts),
        payments=len(payments),
        accounts=len(draft.parties),
        to_fill=done.to_fill,
        problems=tuple(str(one) for one in done.issues),
        not_found=tuple(tx for tx in wanted if tx not in found),
        set_aside=len(paid.set_aside) + len(known.set_aside),
        sha256=hashlib.sha256(done.data).hexdigest(),
    )


def reference(alerts: Sequence[Alert]) -> str:
    """Return a reference that the same alerts give again."""
    said = json.dumps(
        [[one.account, one.role, [[a.rule, *a.tx_ids] for a in one.atoms]] for one in alerts]
    )
    return f"palermo-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def reason(alerts: Sequence[Alert], payments: Sequence[Paid]) -> str:
    """Say in plain words what is indicated, on what evidence, and what speaks against it."""
    by_id = {one.tx_id: one for one in payments}
    victims = sum(one.role == POSSIBLE_VICTIM for one in alerts)
    opening = (
        f"Indications of trafficking in persons in {_number(len(payments), 'payment')} and "
        f"{_number(len(alerts), 'account')}. What follows are indications found by rules, not "
        "findings of fact."
    )
    if victims:
        opening += f" {_number(victims, 'account')} may belong to a victim: see below."
    told, room = [opening], MAX_REASON - len(opening)
    for number, one in enumerate(alerts):
        words = _told(one, by_id)
        room -= len(words) + 2
        if room < 0:
            told.append(f"{len(alerts) - number} further alerts stand in the file of alerts.")
            break
        told.append(words)
    return "\n\n".join(told)


def _told(alert: Alert, by_id: dict[str, Paid]) -> str:
    lines = [f"Account {alert.account}: {_ROLE_WORDS[alert.role]}."]
    if alert.role == POSSIBLE_VICTIM:
        lines.append(_VICTIM_WORDS)
    for atom in alert.atoms:
        mine = [by_id[tx] for tx in atom.tx_ids if tx in by_id]
        details = [
            f"version {atom.version}" if atom.version else "",
            f"found {atom.value}" if atom.value else "",
            f"window {atom.window}" if atom.window else "",
            f"parameters {atom.parameters}" if atom.parameters else "",
            f"source {atom.source}" if atom.source else "",
        ]
        stated = "; ".join(one for one in details if one)
        sums = ", ".join(_sums(mine))
        lines.append(
            f"Rule {atom.rule}{f' ({stated})' if stated else ''}: "
            f"{_payments(atom)}{f', {sums}' if sums else ''}."
        )
    against = "; ".join(one.rstrip(".") for one in alert.against)
    lines.append(f"What speaks against it: {against or 'nothing recorded; this was not examined'}.")
    return " ".join(lines)


def _payments(atom: Atom) -> str:
    named = len(atom.tx_ids)
    if atom.payments > named:
        return f"{_number(atom.payments, 'payment')}, the first {named} of which are named"
    return _number(named, "payment")


def _sums(payments: Sequence[Paid]) -> Iterator[str]:
    totals: Counter[str] = Counter()
    for one in payments:
        totals[one.currency] += one.amount_minor
    return (written(units, currency) for currency, units in sorted(totals.items()))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _paid(row: dict[str, Any]) -> Paid:
    back = row["amount_minor"] < 0  # a reversal: the money went the other way
    src, dst = (row["dst"], row["src"]) if back else (row["src"], row["dst"])
    return Paid(
        tx_id=row["tx_id"],
        ts=row["ts"],
        src=src,
        dst=dst,
        amount_minor=abs(row["amount_minor"]),
        currency=row["currency"],
        **{name: row[name] for name in ("value_date", "channel", "memo", "city", "bank_ref")},
    )


def _currency(payments: Sequence[Paid]) -> str:
    found = {one.currency for one in payments}
    return found.pop() if len(found) == 1 else ""


def _parties(
    alerts: Sequence[Alert], payments: Sequence[Paid], known: pa.Table
) -> dict[str, Party]:
    names = dict.fromkeys(
        [*(one.account for one in alerts), *(end for one in payments for end in (one.src, one.dst))]
    )
    roles: dict[str, str] = {}
    for one in alerts:  # a possible victim stays one, whatever else is indicated for the account
        if roles.get(one.account) != POSSIBLE_VICTIM:
            roles[one.account] = one.role
    wanted = known.filter(pc.is_in(known["account"], pa.array(list(names), pa.string())))
    rows = {row["account"]: row for row in wanted.to_pylist()}
    return {name: _party(name, roles.get(name, ""), rows.get(name)) for name in names}


def _party(name: str, role: str, row: dict[str, Any] | None) -> Party:
    if row is None:
        return Party(account=name, role=role)
    return Party(
        account=name,
        role=role,
        client=row["kind"] != "outside" and row["holder"] is not None,
        **{
            key: row[key]
            for key in (
                "kind",
                "holder",
                "holder_kind",
                "country",
                "city",
                "address",
                "phone",
                "email",
                "opened",
                "currency",
            )
        },
    )


def _put(out: Path, done: Written) -> None:
    listed = "".join(
        f"- [ ] `{one.path}`: {one.expected}"
        f"{f' ({one.hint})' if one.hint else ''}"
        f"{f'; in {one.places} places' if one.places > 1 else ''}\n"
        for one in done.to_fill
    )
    try:
        out.write_bytes(done.data)
        out.with_suffix(".fill-in.md").write_text(
            f"# To be filled in before sending: {len(done.to_fill)}\n\n{listed}", "utf-8"
        )
    except OSError as error:
        raise Unreadable(f"{out}: cannot be written ({error.strerror})") from None
