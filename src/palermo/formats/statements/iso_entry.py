"""One entry of an ISO 20022 statement, and the payments of which it says that it consists.

An entry is what the account was moved by. Details whose amounts add up to it become a row each;
otherwise the entry is one row, so that the sum over rows is always the sum over entries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from palermo.formats.statements.amounts import currency_code, minor_units
from palermo.formats.statements.codes import channel_of
from palermo.formats.statements.parties import account_key
from palermo.formats.statements.parts import Wrong, clean
from palermo.formats.statements.xml_records import Fields

_SIGNS = {"CRDT": 1, "DBIT": -1}
_TOLD, _MEMO = 20, 2_000
_NOT_GIVEN = frozenset({"NOTPROVIDED", "NONREF", "NONE"})


class Side(NamedTuple):
    """A party and its account."""

    name: str | None = None
    account: str | None = None


class Detail(NamedTuple):
    """What one payment within an entry says."""

    debtor: Side = Side()
    creditor: Side = Side()
    amount: str | None = None
    currency: str | None = None
    mark: str | None = None
    bank_ref: str | None = None
    end_to_end: str | None = None
    memo: str | None = None
    code: str | None = None
    told_at: str | None = None
    returned: bool = False


def side(fields: Fields, who: str) -> Side:
    """Return the debtor or creditor, as `who` says."""
    number = fields.get(f"{who}_iban")
    bank = None
    if number is None:
        number, bank = fields.get(f"{who}_number"), fields.get(f"{who}_bank")
    return Side(clean(fields.get(f"{who}_name")), account_key(number, bank) if number else None)


def detail(fields: Fields) -> Detail:
    """Read the fields of a `TxDtls`."""
    get = fields.get
    own = "amount" in fields
    travels = get("end_to_end")
    if travels is None or travels in _NOT_GIVEN:
        travels = get("uetr") or get("tx_id")
    return Detail(
        debtor=side(fields, "debtor"),
        creditor=side(fields, "creditor"),
        amount=get("amount" if own else "told_amount"),
        currency=get("currency" if own else "told_currency"),
        mark=get("mark"),
        bank_ref=clean(get("bank_ref")),
        end_to_end=clean(travels),
        memo=memo(fields),
        code=transaction_code(fields),
        told_at=get("told_at") or get("accepted_at"),
        returned="returned" in fields,
    )


def memo(fields: Fields, *more: str | None) -> str | None:
    """Join what is told of the purpose; those for whom the parties act stand there too."""
    acting = (
        f"[{who.replace('_', ' ')}: {fields[who]}]"
        for who in ("ultimate_debtor", "ultimate_creditor")
        if who in fields
    )
    return joined((fields.get("memo"), *acting, *more))


def joined(pieces: Iterable[str | None]) -> str | None:
    """Join what is there by blanks."""
    return clean(" ".join(piece for piece in pieces if piece))


def transaction_code(fields: Fields) -> str | None:
    """Return the bank transaction code as `domain/family/sub-family`."""
    if "domain" not in fields:
        return None
    return f"{fields['domain']}/{fields.get('family', '')}/{fields.get('sub_family', '')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the account was moved by: a signed amount, and where it stands in time."""

    effect: int
    currency: str
    booked: bool
    status: str | None
    reversal: bool
    booked_at: str | None
    value_date: str | None
    bank_ref: str | None
    code: str | None
    memo: str | None


def signed(fields: Fields, field: str) -> int:
    """Return the amount with the sign of its credit or debit indicator.

    Raises:
        Wrong: one of them cannot be read.
    """
    mark = fields.get("mark", "")
    sign = _SIGNS.get(mark)
    if sign is None:
        raise Wrong(f"{field} CdtDbtInd", mark, "expected CRDT or DBIT")
    currency = currency_code(fields.get("currency"), f"{field} Ccy")
    return sign * minor_units(fields.get("amount", ""), currency, field)


def entry(fields: Fields) -> Entry:
    """Read the fields of an `Ntry`.

    Raises:
        Wrong: it has no amount, no side, or one that cannot be read.
    """
    status = fields.get("status_code") or fields.get("status")
    return Entry(
        effect=signed(fields, "Amt"),
        currency=fields["currency"].strip().upper(),
        booked=status in {None, "BOOK"},
        status=clean(status),
        reversal=fields.get("reversal") in {"true", "1"},
        booked_at=fields.get("booked_at"),
        value_date=fields.get("value_date"),
        bank_ref=clean(fields.get("bank_ref")),
        code=transaction_code(fields),
        memo=clean(fields.get("memo")),
    )


def channel(code: str | None) -> str | None:
    """Return the channel that a bank transaction code means."""
    return channel_of("bank_transaction_codes", code) if code else None


def shares(whole: Entry, details: list[Detail]) -> list[int] | None:
    """Return what each detail moved, if they add up to the entry; None if they do not say so."""
    moved = []
    sign = 1 if whole.effect > 0 else -1
    for one in details:
        if one.amount is None or one.currency != whole.currency:
            return None
        try:
            units = minor_units(one.amount, whole.currency)
        except Wrong:
            return None
        moved.append(_SIGNS.get(one.mark or "", sign) * units)
    return moved if sum(moved) == whole.effect else None


def merged(details: list[Detail]) -> Detail:
    """Return what several details of one row have in common, and what they tell."""
    if len(details) == 1:
        return details[0]
    debtors, creditors = {one.debtor for one in details}, {one.creditor for one in details}
    told = joined(one.memo for one in details[:_TOLD]) or ""
    return Detail(
        debtor=debtors.pop() if len(debtors) == 1 else Side(),
        creditor=creditors.pop() if len(creditors) == 1 else Side(),
        memo=told[:_MEMO] or None,
    )


def value_day(text: str | None) -> date | None:
    """Return the value date; None if it is missing or no date."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
