"""Open Financial Exchange: OFX 1.x (SGML, most tags never closed) and 2.x (XML), bank and card.

Guarantees that a transaction which cannot be read costs that one alone; that no document type is
interpreted; and that both dialects give the same rows. OFX states a closing balance but no opening
one, so a single file proves nothing by itself. Source: OFX 2.2, chapters 3 and 11.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from html import unescape

from palermo.formats.lines import read_text
from palermo.formats.source import Buffer
from palermo.formats.statements.amounts import currency_code, minor_units
from palermo.formats.statements.codes import channel_of
from palermo.formats.statements.moments import Clock, Moment
from palermo.formats.statements.parties import account_key, other_side
from palermo.formats.statements.parts import (
    Draft,
    Gathered,
    Pieces,
    Row,
    Source,
    Wrong,
    clean,
    tx_id,
)
from palermo.model import Unreadable

_PIECE = re.compile(rb"<(/?)([A-Za-z0-9_.]{1,40})[^<>]{0,200}>([^<]*)")
_WINDOW = 1 << 20
_VALUE_BYTES = 1 << 14
_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_CHARSET = re.compile(rb"^\s*CHARSET:\s*([A-Za-z0-9-]{1,20})", re.MULTILINE)
_STATEMENTS = {"STMTRS": "statement", "CCSTMTRS": "statement"}
_WHEN = re.compile(
    r"([0-9]{8})(?:([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?)?"
    r"(?:\[([+-]?[0-9]{1,2})(?:\.([0-9]{1,2}))?(?::[A-Za-z0-9 /_+-]*)?\])?"
)
#: Hours that banks write where they know only the day.
_NO_HOUR = {("00", "00", "00"), ("12", "00", "00")}


def encoding_of(head: bytes) -> str | None:
    """Return the character set that an OFX 1 header names, if not Windows-1252 or UTF-8."""
    found = _CHARSET.search(head[:2048])
    if found is None:
        return None
    name = found[1].decode("ascii").lower()
    known = {"1250", "1251", "1253", "1254", "1255", "1256", "1257", "1258"}
    if name in known:
        return f"cp{name}"
    return name if re.fullmatch(r"iso-8859-(?:[2-9]|1[0-6])", name) else None


def read_ofx(source: Source) -> Pieces:
    """Read a file of one or more statements.

    Raises:
        Unreadable: it cannot be opened, or declares a document type.
    """
    with source.path.open("rb") as file:
        encoding = encoding_of(file.read(2048))
    with Buffer(source.path, source.name, encoding=encoding) as buffer:
        yield from _Ofx(source).pieces(tokens(buffer))


def tokens(buffer: Buffer) -> Iterator[tuple[bool, str, str]]:
    """Yield each tag: whether it closes, its name, and the text behind it.

    Raises:
        Unreadable: the file declares a document type.
    """
    while True:
        buffer.fill(_WINDOW)
        data = buffer.data
        if not data:
            return
        if _DOCTYPE.search(data):
            raise Unreadable(
                f"{buffer.name}: declares a document type, which may define entities; ask for a "
                "file without"
            )
        end = len(data) if buffer.ended else _cut(data)
        for found in _PIECE.finditer(_without_cdata(data[:end])):
            text = read_text(found[3][:_VALUE_BYTES]).text.strip()
            yield bool(found[1]), found[2].decode("ascii").upper(), text
        buffer.take(end)


def _cut(data: bytes) -> int:
    """Return where to stop: before the last transaction, or at least before the last tag."""
    return max(data.rfind(b"<STMTTRN>"), 0) or max(data.rfind(b"<"), 0) or len(data)


def _without_cdata(data: bytes) -> bytes:
    """Write sections of characters as other text is written; one without an end stays."""
    first, *others = data.split(b"<![CDATA[")
    pieces = [first]
    for piece in others:
        inside, ended, behind = piece.partition(b"]]>")
        if ended:
            inside = inside.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
        pieces += [inside, behind]
    return b"".join(pieces)


class _Ofx:
    """The state of reading one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.clock = Clock(source.zone)
        self.out = Gathered()
        self.draft: Draft | None = None
        self.fields: dict[str, str] | None = None
        self.account: dict[str, str] = {}
        self.balance: dict[str, str] = {}
        self.within = ""
        self.line = self.number = 0

    def pieces(self, found: Iterator[tuple[bool, str, str]]) -> Pieces:
        """Yield rows, statements and remarks."""
        for closes, name, text in found:
            if name in _STATEMENTS:
                yield from self._close()
                if not closes:
                    self._open(name)
            elif self.draft is not None:
                self._take(self.draft, name, text, closes=closes)
            if self.out.full:
                yield from self.out.flush()
        yield from self._close()
        yield from self.clock.remarks()

    def _open(self, name: str) -> None:
        self.number += 1
        self.draft = Draft(
            name=f"{self.source.name}#{self.number}",
            document=self.source.sha256,
            format="ofx",
            kind=_STATEMENTS[name],
            newest_first=None,
        )
        self.account, self.balance, self.within = {}, {}, ""

    def _close(self) -> Pieces:
        if self.draft is None:
            return
        self._settle(self.draft)
        yield from self.out.flush()
        yield self.draft.sealed()
        self.draft = None

    def _take(self, draft: Draft, name: str, text: str, *, closes: bool) -> None:
        if name == "STMTTRN":
            self._settle(draft)
            self.fields = None if closes else {}
            self.within = ""
        elif name in {"BANKACCTFROM", "CCACCTFROM", "LEDGERBAL", "AVAILBAL", "BANKACCTTO",
                      "CCACCTTO", "PAYEE", "CURRENCY", "ORIGCURRENCY", "BALLIST"}:  # fmt: skip
            if closes and name.endswith("ACCTFROM"):
                self._named(draft)
            self.within = "" if closes else name
        elif closes or not text:
            if name == "BANKTRANLIST" and closes:
                self._settle(draft)
        else:
            self._leaf(draft, name, unescape(text))

    def _leaf(self, draft: Draft, name: str, text: str) -> None:
        if self.fields is not None:
            place = f"{self.within}.{name}" if self.within in _NESTED else name
            self.fields.setdefault(place, text)
        elif self.within.endswith("ACCTFROM"):
            self.account.setdefault(name, text)
            self._named(draft)
        elif self.within == "LEDGERBAL":
            self.balance.setdefault(name, text)
            self._balanced(draft)
        elif self.within == "":
            self._about(draft, name, text)

    def _about(self, draft: Draft, name: str, text: str) -> None:
        try:
            if name == "CURDEF":
                draft.currency = currency_code(text, "CURDEF")
            elif name in {"DTSTART", "DTEND"}:
                setattr(draft, "first" if name == "DTSTART" else "last", _day(text, name))
        except Wrong as wrong:
            self.out.aside.append(wrong.at(self.line))

    def _named(self, draft: Draft) -> None:
        number = self.account.get("ACCTID")
        draft.account = account_key(number, self.account.get("BANKID")) if number else None

    def _balanced(self, draft: Draft) -> None:
        if {"BALAMT", "DTASOF"} <= self.balance.keys() and draft.currency:
            try:
                amount = _amount(self.balance["BALAMT"])
                draft.closing_minor = minor_units(amount, draft.currency, "BALAMT")
                draft.closing_date = _day(self.balance["DTASOF"], "DTASOF")
            except Wrong as wrong:
                self.out.aside.append(wrong.at(self.line))

    def _settle(self, draft: Draft) -> None:
        """Make a row of the transaction whose fields were read."""
        fields, self.fields = self.fields, None
        if fields is None:
            return
        self.line += 1
        try:
            self.out.rows.append(self._row(draft, fields))
        except Wrong as wrong:
            draft.count(0)
            self.out.aside.append(wrong.at(self.line))

    def _row(self, draft: Draft, fields: dict[str, str]) -> Row:
        if draft.currency is None:
            raise Wrong("CURDEF", "", "the statement names no currency")
        if "CORRECTFITID" in fields:
            raise Wrong("CORRECTFITID", fields["CORRECTFITID"], "corrects an earlier one by hand")
        if "CURRENCY.CURSYM" in fields and fields["CURRENCY.CURSYM"] != draft.currency:
            raise Wrong("CURSYM", fields["CURRENCY.CURSYM"], f"the account is in {draft.currency}")
        effect = minor_units(_amount(fields.get("TRNAMT", "")), draft.currency, "TRNAMT")
        at = self._moment(fields.get("DTPOSTED") or fields.get("DTUSER") or "")
        if "DTUSER" in fields:
            at = self.clock.refined(at, self._moment(fields["DTUSER"]))
        draft.count(effect)
        way = channel_of("ofx_types", fields.get("TRNTYPE", "").upper())
        name = clean(fields.get("NAME") or fields.get("PAYEE.NAME") or fields.get("EXTDNAME"))
        there = fields.get("BANKACCTTO.ACCTID") or fields.get("CCACCTTO.ACCTID")
        bank = fields.get("BANKACCTTO.BANKID")
        incoming = effect > 0
        key = other_side(
            draft.own,
            account=account_key(there, bank) if there else None,
            name=name,
            channel=way,
            incoming=incoming,
        )
        theirs, ours = (key, name), (draft.own, draft.holder)
        (src, src_name), (dst, dst_name) = (theirs, ours) if incoming else (ours, theirs)
        return Row(
            tx_id=tx_id(self.source, self.line),
            ts=at.ts,
            day=at.day,
            src=src,
            dst=dst,
            amount_minor=abs(effect),
            currency=draft.currency,
            day_only=at.day_only,
            zone=at.zone,
            channel=way,
            mcc=clean(fields.get("SIC")),
            memo=clean(fields.get("MEMO")),
            src_name=src_name,
            dst_name=dst_name,
            city=clean(fields.get("PAYEE.CITY")),
            bank_ref=clean(fields.get("FITID")),
            statement=draft.name,
            line=self.line,
            own=draft.own,
            effect_minor=effect,
            reversal=False,
            end_to_end=clean(fields.get("REFNUM") or fields.get("CHECKNUM")),
        )

    def _moment(self, text: str) -> Moment:
        found = _matched(text, "DTPOSTED")
        day, hour, minute, second, fraction, east, more = found.groups()
        if hour is None or ((hour, minute, second) in _NO_HOUR and not fraction):
            return self.clock.day(_date(day, "DTPOSTED"))
        try:
            naive = datetime.strptime(day + hour + minute + second, "%Y%m%d%H%M%S")  # noqa: DTZ007
            naive = naive.replace(microsecond=int((fraction or "").ljust(6, "0")))
            if east is None:
                return self.clock.wall(naive)
            minutes = round(float(f"0.{more}") * 60) if more else 0
            signed = -minutes if east.startswith("-") else minutes
            offset = timedelta(hours=int(east), minutes=signed)
            return self.clock.exact(naive.replace(tzinfo=timezone(offset)))
        except (ValueError, OverflowError):
            raise Wrong("DTPOSTED", text, "there is no such moment") from None


_NESTED = frozenset({"BANKACCTTO", "CCACCTTO", "PAYEE", "CURRENCY", "ORIGCURRENCY"})


def _matched(text: str, field: str) -> re.Match[str]:
    found = _WHEN.fullmatch(text.strip()) if len(text) < 80 else None
    if found is None:
        raise Wrong(field, text, "expected a moment such as 20260301120000[+1:CET]")
    return found


def _date(text: str, field: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise Wrong(field, text, "there is no such day") from None


def _day(text: str, field: str) -> date:
    return _date(_matched(text, field)[1], field)


def _amount(text: str) -> str:
    """Return an amount with a full stop: OFX allows a comma, and no sign between thousands."""
    return text.strip().replace(",", ".") if text.count(",") == 1 and "." not in text else text
