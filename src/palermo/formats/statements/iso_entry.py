"""One entry of an ISO 20022 statement: its fields, whatever the version of the message.

An entry is what the account was moved by; its details say of which payments it consists. Details
whose amounts add up to the entry become a row each; otherwise the entry is one row, so that the sum
over rows is always the sum over entries. Sources: ISO 20022 message definitions camt.052, 053 and
054, versions 2 to 13 (ReportEntry, EntryTransaction). From version 8 on parties stand in `Pty`, the
status in `Cd`; from version 3 on a detail has an amount of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from palermo.formats.statements.amounts import currency_code, minor_units
from palermo.formats.statements.codes import channel_of
from palermo.formats.statements.parties import account_key
from palermo.formats.statements.parts import Wrong, clean


class Tags(dict[str, str]):
    """Local names as the parser writes them, with the namespace of the document."""

    def __init__(self, namespace: str) -> None:
        super().__init__()
        self._before = f"{{{namespace}}}" if namespace else ""

    def __missing__(self, local: str) -> str:
        self[local] = full = self._before + local
        return full


class Reach:
    """Finds elements below others by their local names."""

    def __init__(self, namespace: str) -> None:
        self.tags = Tags(namespace)

    def down(self, element: Element | None, *names: str) -> Element | None:
        """Return the first element at the end of a way; None if there is none."""
        for name in names:
            if element is None:
                return None
            element = element.find(self.tags[name])
        return element

    def text(self, element: Element | None, *names: str) -> str | None:
        """Return the text there, trimmed; None if there is none."""
        found = self.down(element, *names)
        return None if found is None else clean(found.text)

    def all(self, element: Element | None, name: str) -> list[Element]:
        """Return all elements of that name directly below."""
        return [] if element is None else element.findall(self.tags[name])

    def money(self, element: Element | None, *names: str) -> tuple[str, str] | None:
        """Return the text and the currency of an amount."""
        found = self.down(element, *names)
        return None if found is None else (found.text or "", found.get("Ccy", ""))


@dataclass(frozen=True, slots=True)
class Side:
    """A party and its account."""

    name: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What one payment within an entry says."""

    amount: tuple[str, str] | None = None
    credit: str | None = None
    debtor: Side = Side()
    creditor: Side = Side()
    bank_ref: str | None = None
    end_to_end: str | None = None
    memo: str | None = None
    mcc: str | None = None
    code: str | None = None
    told_at: str | None = None
    country: str | None = None
    city: str | None = None
    returned: bool = False


def side(reach: Reach, parties: Element | None, agents: Element | None, who: str) -> Side:
    """Return the debtor or creditor (`who` is `Dbtr` or `Cdtr`)."""
    party = reach.down(parties, who)
    name = reach.text(party, "Nm") or reach.text(party, "Pty", "Nm")
    identity = reach.down(parties, f"{who}Acct", "Id")
    number = reach.text(identity, "IBAN")
    if number is None:
        number = reach.text(identity, "Othr", "Id")
        agent = reach.down(agents, f"{who}Agt", "FinInstnId")
        bank = reach.text(agent, "BICFI") or reach.text(agent, "BIC")
        return Side(name, account_key(number, bank) if number else None)
    return Side(name, account_key(number))


def detail(reach: Reach, element: Element) -> Detail:
    """Read a `TxDtls`."""
    refs = reach.down(element, "Refs")
    parties, agents = reach.down(element, "RltdPties"), reach.down(element, "RltdAgts")
    dates, card = reach.down(element, "RltdDts"), reach.down(element, "CardTx")
    amounts = reach.down(element, "AmtDtls")
    shop = reach.down(card, "POI", "Id") if card is not None else None
    return Detail(
        amount=reach.money(element, "Amt") or reach.money(amounts, "TxAmt", "Amt"),
        credit=reach.text(element, "CdtDbtInd"),
        debtor=side(reach, parties, agents, "Dbtr"),
        creditor=side(reach, parties, agents, "Cdtr"),
        bank_ref=reach.text(refs, "AcctSvcrRef"),
        end_to_end=_given(reach.text(refs, "EndToEndId")) or reach.text(refs, "TxId"),
        memo=_memo(reach, element, parties),
        mcc=_anywhere(reach, card, "MrchntCtgyCd"),
        code=transaction_code(reach, element),
        told_at=reach.text(dates, "TxDtTm") or reach.text(dates, "AccptncDtTm"),
        country=_anywhere(reach, shop, "Ctry"),
        city=_anywhere(reach, shop, "TwnNm"),
        returned=reach.down(element, "RtrInf") is not None,
    )


def _given(reference: str | None) -> str | None:
    return None if reference in {"NOTPROVIDED", "NONREF", "NONE"} else reference


def _anywhere(reach: Reach, element: Element | None, name: str) -> str | None:
    found = None if element is None else next(element.iter(reach.tags[name]), None)
    return None if found is None else clean(found.text)


def _memo(reach: Reach, element: Element, parties: Element | None) -> str | None:
    """Join what is told of the purpose; those for whom the parties act stand there too."""
    told = reach.down(element, "RmtInf")
    pieces = [clean(one.text) for one in reach.all(told, "Ustrd")]
    pieces += [
        clean(one.text)
        for structured in reach.all(told, "Strd")
        for one in structured.iter()
        if one.tag in (reach.tags["Ref"], reach.tags["Nb"], reach.tags["AddtlRmtInf"])
    ]
    for who, word in (("UltmtDbtr", "ultimate debtor"), ("UltmtCdtr", "ultimate creditor")):
        party = reach.down(parties, who)
        name = reach.text(party, "Nm") or reach.text(party, "Pty", "Nm")
        pieces.append(f"[{word}: {name}]" if name else None)
    pieces.append(reach.text(element, "AddtlTxInf"))
    return joined(pieces)


def joined(pieces: Iterable[str | None]) -> str | None:
    """Join what is there by blanks."""
    return " ".join(piece for piece in pieces if piece) or None


def transaction_code(reach: Reach, element: Element) -> str | None:
    """Return the bank transaction code as `domain/family/sub-family`."""
    domain = reach.down(element, "BkTxCd", "Domn")
    if domain is None:
        return None
    family = reach.down(domain, "Fmly")
    parts = (reach.text(domain, "Cd"), reach.text(family, "Cd"), reach.text(family, "SubFmlyCd"))
    return "/".join(part or "" for part in parts)


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


_TOLD, _MEMO = 20, 2_000
_SIGNS = {"CRDT": 1, "DBIT": -1}


def signed(text: str, currency: str, indicator: str | None, field: str) -> int:
    """Return an amount with the sign of its credit or debit indicator.

    Raises:
        Wrong: the amount or the indicator cannot be read.
    """
    sign = _SIGNS.get(indicator or "")
    if sign is None:
        raise Wrong(f"{field} CdtDbtInd", indicator or "", "expected CRDT or DBIT")
    return sign * minor_units(text, currency, field)


def entry(reach: Reach, element: Element) -> Entry:
    """Read an `Ntry`, without its details.

    Raises:
        Wrong: it has no amount, no side, or one that cannot be read.
    """
    amount = reach.money(element, "Amt")
    if amount is None:
        raise Wrong("Amt", "", "is missing")
    currency = currency_code(amount[1], "Amt Ccy")
    status = reach.text(element, "Sts", "Cd") or reach.text(element, "Sts")
    return Entry(
        effect=signed(amount[0], currency, reach.text(element, "CdtDbtInd"), "Amt"),
        currency=currency,
        booked=status in {None, "BOOK"},
        status=status,
        reversal=reach.text(element, "RvslInd") in {"true", "1"},
        booked_at=_date(reach, element, "BookgDt"),
        value_date=_date(reach, element, "ValDt"),
        bank_ref=reach.text(element, "AcctSvcrRef"),
        code=transaction_code(reach, element),
        memo=reach.text(element, "AddtlNtryInf"),
    )


def _date(reach: Reach, element: Element, name: str) -> str | None:
    holder = reach.down(element, name)
    return reach.text(holder, "DtTm") or reach.text(holder, "Dt")


def channel(code: str | None) -> str | None:
    """Return the channel that a bank transaction code means."""
    return channel_of("bank_transaction_codes", code) if code else None


def shares(whole: Entry, details: list[Detail]) -> list[int] | None:
    """Return what each detail moved, if they add up to the entry; None if they do not say so."""
    moved = []
    sign = 1 if whole.effect > 0 else -1
    for one in details:
        if one.amount is None or one.amount[1] != whole.currency:
            return None
        own = _SIGNS.get(one.credit or "", sign)
        try:
            moved.append(own * minor_units(one.amount[0], whole.currency))
        except Wrong:
            return None
    return moved if sum(moved) == whole.effect else None


def merged(details: list[Detail]) -> Detail:
    """Return what several details of one row have in common, and all that they tell."""
    if len(details) == 1:
        return details[0]
    sides = [{getattr(one, who) for one in details} for who in ("debtor", "creditor")]
    debtor, creditor = (found.pop() if len(found) == 1 else Side() for found in sides)
    memo = joined(one.memo for one in details[:_TOLD]) or ""
    return Detail(debtor=debtor, creditor=creditor, memo=memo[:_MEMO] or None)


def value_day(text: str | None) -> date | None:
    """Return the value date; None if it is missing or no date."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
