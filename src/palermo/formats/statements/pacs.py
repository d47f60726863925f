"""Customer credit transfers between banks (pacs.008), versions 1 to 13.

Guarantees a row a payment, from the debtor's account to the creditor's, in the currency in which
banks settle it; and that the chain of banks it passes is in the memo, in the order of passing.
Source: ISO 20022 message definition FIToFICustomerCreditTransfer.
"""

from palermo.formats.statements.amounts import currency_code, minor_units
from palermo.formats.statements.iso_entry import memo, side, value_day
from palermo.formats.statements.iso_shapes import CHAIN, PAYMENTS
from palermo.formats.statements.moments import Clock
from palermo.formats.statements.parties import name_key
from palermo.formats.statements.parts import (
    Draft,
    Gathered,
    Names,
    Pieces,
    Remark,
    Row,
    Source,
    Wrong,
    clean,
    tx_id,
)
from palermo.formats.statements.xml_records import Broken, Fields, XmlFile

_VIA = {"DbtrAgt": "debtor_bank", "CdtrAgt": "creditor_bank"}


def read_pacs(source: Source, message: str, namespace: str) -> Pieces:
    """Read a file whose messages are of `namespace`, a version of `message`.

    Raises:
        Unreadable: it declares a document type or cannot be opened.
    """
    yield from _Pacs(source, message, namespace).pieces()


class _Pacs:
    """The state of reading one file."""

    def __init__(self, source: Source, message: str, namespace: str) -> None:
        self.source, self.namespace = source, namespace
        self.clock = Clock(source.zone)
        self.out = Gathered()
        self.names = Names(source.name)
        self.group_day: str | None = None
        self.line = 0
        self.draft = Draft(name="", document=source.sha256, format=message, kind="payments")

    def pieces(self) -> Pieces:
        """Yield rows, each message as a statement without account, and remarks."""
        xml = XmlFile(lambda: self.source.path.open("rb"), self.source.name)
        try:
            yield from self._read(xml)
        except Broken as broken:
            self.out.aside.append(Wrong("", "", f"breaks off: {broken}").at(self.line + 1))
            self.draft.whole = False
        yield from self._close()
        yield from self.clock.remarks()
        if xml.replaced:
            yield Remark("the file is not UTF-8 everywhere; what cannot be read became U+FFFD")

    def _read(self, xml: XmlFile) -> Pieces:
        for record, fields in xml.records(PAYMENTS, self.namespace):
            if record == "payment":
                self._payment(fields or {})
            elif record == "group":
                self._group(fields or {})
            else:
                yield from self._close()
            if self.out.full:
                yield from self.out.flush()

    def _close(self) -> Pieces:
        yield from self.out.flush()
        draft = self.draft
        if draft.name or not draft.whole:
            draft.name = draft.name or self.names.given(None)
            yield draft.sealed()
        self.group_day = None
        self.draft = Draft(name="", document=draft.document, format=draft.format, kind=draft.kind)

    def _group(self, fields: Fields) -> None:
        draft = self.draft
        draft.name = self.names.given(fields.get("id"))
        self.group_day = fields.get("day")
        count = fields.get("count", "")
        if count.isascii() and count.isdigit() and len(count) <= 15:
            draft.stated_rows = int(count)
        if "amount" in fields:
            try:
                draft.currency = currency_code(fields.get("currency"), "TtlIntrBkSttlmAmt Ccy")
                draft.stated_minor = minor_units(
                    fields["amount"], draft.currency, "TtlIntrBkSttlmAmt"
                )
            except Wrong as wrong:
                self.out.aside.append(wrong.at(self.line))

    def _payment(self, fields: Fields) -> None:
        self.line += 1
        self.draft.name = self.draft.name or self.names.given(None)
        try:
            self.out.rows.append(self._row(fields))
        except Wrong as wrong:
            self.draft.count(0)
            self.out.aside.append(wrong.at(self.line))

    def _row(self, fields: Fields) -> Row:
        text = fields.get("amount", "")
        currency = currency_code(fields.get("currency"), "IntrBkSttlmAmt Ccy")
        amount = minor_units(text, currency, "IntrBkSttlmAmt")
        if amount <= 0:
            raise Wrong("IntrBkSttlmAmt", text, "expected more than 0")
        day = fields.get("day") or self.group_day
        if day is None:
            raise Wrong("IntrBkSttlmDt", "", "is missing")
        at = self.clock.iso(day, "IntrBkSttlmDt")
        if told := fields.get("accepted_at"):
            at = self.clock.refined(at, self.clock.iso(told, "AccptncDtTm"))
        debtor, creditor = side(fields, "debtor"), side(fields, "creditor")
        src, dst = (one.account or name_key(one.name) for one in (debtor, creditor))
        if src is None or dst is None:
            raise Wrong("Dbtr" if src is None else "Cdtr", "", "neither account nor name")
        self.draft.count(amount)
        return Row(
            tx_id=tx_id(self.source, self.line),
            ts=at.ts,
            day=at.day,
            src=src,
            dst=dst,
            amount_minor=amount,
            currency=currency,
            value_date=value_day(day),
            day_only=at.day_only,
            zone=at.zone,
            channel="transfer",
            memo=memo(fields, _chain(fields)),
            src_name=debtor.name,
            dst_name=creditor.name,
            bank_ref=clean(fields.get("uetr") or fields.get("tx_id")),
            statement=self.draft.name,
            line=self.line,
            reversal=False,
            end_to_end=clean(fields.get("end_to_end")),
        )


def _chain(fields: Fields) -> str | None:
    """Name the banks that a payment passes, each once."""
    banks = [fields.get(_VIA.get(agent, f"via_{agent}")) for agent in CHAIN]
    known = list(dict.fromkeys(bank for bank in banks if bank))
    return f"[via {' > '.join(known)}]" if known else None
