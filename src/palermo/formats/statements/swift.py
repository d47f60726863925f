"""SWIFT statements: MT940 (statement), MT942 (report of the day) and MT950, read as a stream.

Guarantees that a row which cannot be read costs that row alone; that an amount is read exactly; and
that `line` is the line of the file on which field 61 begins. The envelope of the network (blocks 1
to 5) may be there or not. Source: SWIFT Standards MT, category 9, fields 20, 25, 28C, 60a, 61, 62a,
86, 13D, 90D and 90C.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple

from palermo.formats.lines import read_text
from palermo.formats.source import Buffer
from palermo.formats.statements.amounts import currency_code, minor_units
from palermo.formats.statements.codes import channel_of
from palermo.formats.statements.moments import Clock
from palermo.formats.statements.parties import account_key, other_side
from palermo.formats.statements.parts import (
    Balance,
    Draft,
    Gathered,
    Names,
    Pieces,
    Row,
    Source,
    Wrong,
    clean,
    tx_id,
)
from palermo.formats.statements.swift_purpose import Purpose, purpose
from palermo.formats.statements.tables import opened

_TAG = re.compile(r":([0-9]{2}[A-Z]?):")
_FIELD_BYTES = 1 << 16
_LINE_BYTES = 1 << 16
_BALANCE = re.compile(r"([DC])([0-9]{6})([A-Z]{3})([0-9]+(?:,[0-9]*)?)")
#: Field 61: value date, entry date, mark, third letter of the currency, amount, type, references.
_MOVED = re.compile(
    r"([0-9]{6})([0-9]{4})?(R|E)?([DC])([A-Z])?([0-9]+(?:,[0-9]*)?)"
    r"(?:([NFS])([A-Z0-9]{3})([^\n]*))?(?:\n(.*))?",
    re.DOTALL,
)
_TOTAL = re.compile(r"([0-9]{1,5})([A-Z]{3})([0-9]+(?:,[0-9]*)?)")


class Tag(NamedTuple):
    """One field: its line in the file, its tag, and its text with the lines below it."""

    line: int
    name: str
    text: str


def read_swift(source: Source) -> Pieces:
    """Read a file of one or more statements.

    Raises:
        Unreadable: it cannot be opened.
    """
    with opened(source) as buffer:
        yield from _Swift(source).pieces(buffer)


def tags(buffer: Buffer) -> Iterator[Tag]:
    """Yield the fields of all messages, and one without name at the end of each."""
    name, line, pieces, size = "", 0, list[str](), 0
    for number, text in _lines(buffer):
        found = _TAG.match(text)
        ended = text.startswith(("-}", "{1:")) or text.strip() == "-"
        if found is None and not ended:
            if name and size < _FIELD_BYTES:
                pieces.append(text)
                size += len(text)
            continue
        if name:
            yield Tag(line, name, "\n".join(pieces).rstrip())
        name = ""
        if found is None:
            yield Tag(number, "", "")
        else:
            name, line, pieces, size = found[1], number, [text[found.end() :]], len(text)
    if name:
        yield Tag(line, name, "\n".join(pieces).rstrip())


def _lines(buffer: Buffer) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers; of a line beyond all measure, the beginning."""
    number = 0
    while True:
        buffer.fill(1 << 20)
        data = buffer.data
        if not data:
            return
        # A carriage return at the very end may be half of a line's end.
        end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
        if buffer.ended or not end:
            end = len(data)
        for raw in data[:end].splitlines():
            number += 1
            yield number, read_text(raw[:_LINE_BYTES]).text
        buffer.take(end)


class _Swift:
    """The state of reading one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.clock = Clock(source.zone)
        self.out = Gathered()
        self.draft: Draft | None = None
        self.moved: tuple[int, re.Match[str]] | None = None
        self.names = Names(source.name)
        self.closed = False
        self.readers = {
            "25": self._account,
            "25P": self._account,
            "28": self._numbered,
            "28C": self._numbered,
            "60F": self._opening,
            "60M": self._opening,
            "61": self._movement,
            "86": self._told,
            "62F": self._closing,
            "62M": self._closing,
            "13D": self._of_the_day,
            "34F": self._of_the_day,
            "90D": self._total,
            "90C": self._total,
        }

    def pieces(self, buffer: Buffer) -> Pieces:
        """Yield rows, statements and remarks."""
        for tag in tags(buffer):
            if tag.name in {"20", ""}:
                yield from self._close()
            try:
                self._take(tag)
            except Wrong as wrong:
                self.out.aside.append(wrong.at(tag.line))
            if self.out.full:
                yield from self.out.flush()
        yield from self._close()
        yield from self.clock.remarks()

    def _close(self) -> Pieces:
        self._settle(None)
        yield from self.out.flush()
        if self.draft is not None:
            yield self.draft.sealed()
        self.draft = None

    def _take(self, tag: Tag) -> None:
        if tag.name == "20":
            self._open(tag.text)
        if self.draft is None:
            return
        if tag.name not in {"86", ""}:
            self._settle(None)
        reader = self.readers.get(tag.name)
        if reader is not None:
            reader(self.draft, tag)

    def _open(self, text: str) -> None:
        self.closed = False
        self.draft = Draft(
            name=self.names.given(text.split("\n", maxsplit=1)[0]),
            document=self.source.sha256,
            format="mt940",
            kind="statement",
        )

    def _account(self, draft: Draft, tag: Tag) -> None:
        """Divide the number from the bank's code before a slash."""
        bare = tag.text.split("\n", maxsplit=1)[0].strip()
        bank, _, number = bare.rpartition("/")
        draft.account = account_key(number, bank or None) if number else account_key(bare)

    def _numbered(self, draft: Draft, tag: Tag) -> None:
        number, _, page = tag.text.strip().partition("/")
        for value, name in ((number, "sequence"), (page, "page")):
            if value.isascii() and value.isdigit() and len(value) <= 9:
                setattr(draft, name, int(value))

    def _opening(self, draft: Draft, tag: Tag) -> None:
        draft.opening_minor, draft.opening_date = _balance(draft, tag)

    def _closing(self, draft: Draft, tag: Tag) -> None:
        self.closed = True
        draft.closing_minor, draft.closing_date = _balance(draft, tag)

    def _of_the_day(self, draft: Draft, tag: Tag) -> None:
        draft.format, draft.kind = "mt942", "interim"
        if tag.name == "34F" and draft.currency is None:
            draft.currency = currency_code(tag.text[:3], "34F")

    def _total(self, draft: Draft, tag: Tag) -> None:
        found = _TOTAL.fullmatch(tag.text.strip())
        if found is None:
            raise Wrong(tag.name, tag.text, "expected a count and a sum such as 12EUR1234,56")
        units = minor_units(found[3].replace(",", "."), found[2], tag.name)
        draft.stated_rows = (draft.stated_rows or 0) + int(found[1])
        draft.stated_minor = (draft.stated_minor or 0) + units

    def _movement(self, draft: Draft, tag: Tag) -> None:
        found = _MOVED.fullmatch(tag.text.rstrip()) if len(tag.text) < 4096 else None
        if found is None:
            draft.count(0)
            raise Wrong("61", tag.text, "expected such as 2603010301D12,50NTRFREF//BANKREF")
        self.moved = (tag.line, found)

    def _told(self, _: Draft, tag: Tag) -> None:
        # What field 86 tells behind the closing balance is of the statement, not of a row.
        if self.moved is not None and not self.closed:
            self._settle(tag.text)

    def _settle(self, told: str | None) -> None:
        """Make a row of the movement that waits for what is told of it."""
        if self.moved is None or self.draft is None:
            return
        (line, found), self.moved = self.moved, None
        try:
            self.out.rows.append(self._row(self.draft, line, found, told))
        except Wrong as wrong:
            self.draft.count(0)
            self.out.aside.append(wrong.at(line))

    def _row(self, draft: Draft, line: int, found: re.Match[str], told: str | None) -> Row:
        valued, entered, back, side, _, amount, _, kind, refs, more = found.groups()
        if draft.currency is None:
            raise Wrong("61", found[0], "no balance before it names the currency")
        if back == "E":
            raise Wrong("61", found[0], "is expected, not booked; not counted")
        units = minor_units(amount.replace(",", "."), draft.currency, "61")
        # RC takes a credit back, so it is money that left.
        incoming = (side == "C") != (back == "R")
        value_date = _day(valued, "61")
        at = self.clock.day(_entry_day(value_date, entered))
        draft.count(units)
        said = purpose(told or "")
        way = _channel(said, kind)
        key = other_side(
            draft.own, account=said.account, name=said.name, channel=way, incoming=incoming
        )
        there, here = (key, said.name), (draft.own, draft.holder)
        (src, src_name), (dst, dst_name) = (there, here) if incoming else (here, there)
        customer, _, bank = (refs or "").partition("//")
        return Row(
            tx_id=tx_id(self.source, line),
            ts=at.ts,
            day=at.day,
            src=src,
            dst=dst,
            amount_minor=units,
            currency=draft.currency,
            value_date=value_date,
            day_only=True,
            zone=at.zone,
            channel=way,
            memo=clean(" ".join(piece for piece in (said.memo, more) if piece)),
            src_name=src_name,
            dst_name=dst_name,
            bank_ref=_reference(bank),
            statement=draft.name,
            line=line,
            own=draft.own,
            effect_minor=units if incoming else -units,
            reversal=back == "R",
            end_to_end=said.end_to_end or _reference(customer),
        )


def _channel(said: Purpose, kind: str | None) -> str | None:
    way = channel_of("business_codes", said.code) if said.code else None
    return way or (channel_of("swift_types", kind) if kind else None)


def _balance(draft: Draft, tag: Tag) -> Balance:
    found = _BALANCE.fullmatch(tag.text.strip())
    if found is None:
        raise Wrong(tag.name, tag.text, "expected a balance such as C260301EUR1234,56")
    side, day, currency, amount = found.groups()
    draft.currency = draft.currency or currency
    if currency != draft.currency:
        raise Wrong(tag.name, tag.text, f"the account is in {draft.currency}")
    units = minor_units(amount.replace(",", "."), currency, tag.name)
    return (units if side == "C" else -units), _day(day, tag.name)


def _reference(text: str) -> str | None:
    bare = clean(text)
    return None if bare in {None, "NONREF", "NOTPROVIDED"} else bare


def _day(text: str, field: str) -> date:
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise Wrong(field, text, "there is no such day") from None


def _entry_day(value: date, entered: str | None) -> date:
    """Return the day of booking: written without a year, it is the one nearest the value date."""
    if entered is None:
        return value
    near = []
    for year in (value.year - 1, value.year, value.year + 1):
        with suppress(ValueError):
            near.append(date(year, int(entered[:2]), int(entered[2:])))
    if not near:
        raise Wrong("61", entered, "there is no such day of booking")
    return min(near, key=lambda day: abs(day - value))
