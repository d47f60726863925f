"""ISO 20022 statements (camt.053), reports of the day (camt.052) and notices (camt.054).

Guarantees the order of the document, one row a payment where the details add up to their entry, and
that entries which are announced but not booked are set aside, never counted. The whole is read as a
stream; an entry is forgotten as soon as it became rows.
"""

from palermo.formats.statements.camt_head import Head
from palermo.formats.statements.iso_entry import (
    Detail,
    Entry,
    channel,
    detail,
    entry,
    joined,
    merged,
    shares,
    value_day,
)
from palermo.formats.statements.iso_shapes import HOLDERS
from palermo.formats.statements.moments import Clock, Moment
from palermo.formats.statements.parties import other_side
from palermo.formats.statements.parts import (
    Draft,
    Gathered,
    Names,
    Pieces,
    Remark,
    Row,
    Source,
    Wrong,
    tx_id,
)
from palermo.formats.statements.xml_records import Broken, Fields, XmlFile

_DETAILS = 100_000


def read_camt(source: Source, message: str, namespace: str) -> Pieces:
    """Read a file whose messages are of `namespace`, a version of `message`.

    Raises:
        Unreadable: it declares a document type or cannot be opened.
    """
    yield from _Camt(source, message, namespace).pieces()


class _Camt:
    """The state of reading one file: where in it, and what of the statement is known."""

    def __init__(self, source: Source, message: str, namespace: str) -> None:
        self.source, self.message = source, message
        self.shape, self.kind = HOLDERS[message]
        self.namespace = namespace
        self.clock = Clock(source.zone)
        self.out = Gathered()
        self.details: list[Detail] = []
        self.head: Head | None = None
        self.names = Names(source.name)
        self.line = self.unsplit = 0

    def pieces(self) -> Pieces:
        """Yield rows, statements and remarks; where the file breaks off, what came before."""
        xml = XmlFile(lambda: self.source.path.open("rb"), self.source.name)
        try:
            yield from self._read(xml)
        except Broken as broken:
            self.out.aside.append(Wrong("", "", f"breaks off: {broken}").at(self.line + 1))
            if self.head is not None:
                self.head.draft.whole = False
                yield from self._close(self.head)
        yield from self.out.flush()
        yield from self.clock.remarks()
        if self.unsplit:
            yield Remark("entries whose details do not add up to them, kept as one", self.unsplit)
        if xml.replaced:
            yield Remark("the file is not UTF-8 everywhere; what cannot be read became U+FFFD")

    def _read(self, xml: XmlFile) -> Pieces:
        for record, fields in xml.records(self.shape, self.namespace):
            if record == "detail":
                self._detail(fields or {})
                continue
            if fields is None:
                self.head = self._open()
                continue
            head = self.head
            if head is None:
                continue
            if record == "entry":
                self._entry(head.draft, fields)
            elif record == "statement":
                yield from self._close(head)
            else:
                self._head(head, record, fields)
            if self.out.full:
                yield from self.out.flush()

    def _open(self) -> Head:
        draft = Draft(
            name="",
            document=self.source.sha256,
            format=self.message,
            kind=self.kind,
        )
        return Head(draft, self.names)

    def _close(self, head: Head) -> Pieces:
        yield from self.out.flush()
        head.draft.name = head.draft.name or self.names.given(None)
        head.close()
        self.head = None
        yield head.draft.sealed()

    def _head(self, head: Head, record: str, fields: Fields) -> None:
        try:
            head.take(record, fields)
        except Wrong as wrong:
            self.out.aside.append(wrong.at(self.line))

    def _detail(self, fields: Fields) -> None:
        if len(self.details) >= _DETAILS:
            raise Broken(f"more than {_DETAILS:,} payments in one entry")
        self.details.append(detail(fields))

    def _entry(self, draft: Draft, fields: Fields) -> None:
        details, self.details = self.details, []
        draft.name = draft.name or self.names.given(None)
        try:
            whole = entry(fields)
            draft.count(whole.effect)
            self.out.rows += self._rows(draft, whole, details)
        except Wrong as wrong:
            self.line += 1
            self.out.aside.append(wrong.at(self.line))

    def _rows(self, draft: Draft, whole: Entry, details: list[Detail]) -> list[Row]:
        if not whole.booked:
            raise Wrong("Sts", whole.status or "", "is announced, not booked; not counted")
        stated = whole.booked_at or whole.value_date
        if stated is None:
            raise Wrong("BookgDt", "", "neither a booking nor a value date")
        booked = self.clock.iso(stated, "BookgDt")
        parts = shares(whole, details) if len(details) > 1 else None
        if parts is None:
            self.unsplit += len(details) > 1
            parts, details = [whole.effect], [merged(details) if details else Detail()]
        told = [self._moment(booked, one) for one in details]
        return [
            self._row(draft, whole, one, effect, at)
            for one, effect, at in zip(details, parts, told, strict=True)
        ]

    def _moment(self, booked: Moment, one: Detail) -> Moment:
        if one.told_at is None:
            return booked
        return self.clock.refined(booked, self.clock.iso(one.told_at, "TxDtTm"))

    def _row(self, draft: Draft, whole: Entry, one: Detail, effect: int, at: Moment) -> Row:
        self.line += 1
        way = channel(one.code) or channel(whole.code)
        own, incoming = draft.own, effect > 0
        reversal = whole.reversal or one.returned
        # The parties of a payment that came back are those of the payment.
        others = (one.debtor, one.creditor)
        other, spare = others if incoming != reversal else others[::-1]
        if other.account in {None, own} and spare.account not in {None, own}:
            other = spare
        key = other_side(
            own, account=other.account, name=other.name, channel=way, incoming=incoming
        )
        there, here = (key, other.name), (own, draft.holder)
        (src, src_name), (dst, dst_name) = (there, here) if incoming else (here, there)
        return Row(
            tx_id=tx_id(self.source, self.line),
            ts=at.ts,
            day=at.day,
            src=src,
            dst=dst,
            amount_minor=abs(effect),
            currency=whole.currency,
            value_date=value_day(whole.value_date),
            day_only=at.day_only,
            zone=at.zone,
            channel=way,
            memo=joined((one.memo, whole.memo)),
            src_name=src_name,
            dst_name=dst_name,
            bank_ref=one.bank_ref or whole.bank_ref,
            status=whole.status,
            statement=draft.name,
            line=self.line,
            own=own,
            effect_minor=effect,
            reversal=reversal,
            end_to_end=one.end_to_end,
        )
