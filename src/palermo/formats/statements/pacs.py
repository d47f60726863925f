"""Customer credit transfers between banks (pacs.008), versions 1 to 13.

Guarantees a row a payment, from the debtor's account to the creditor's, in the currency in which
banks settle it; and that the chain of banks it passes is in the memo, in the order of passing.
Source: ISO 20022 message definition FIToFICustomerCreditTransfer.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from palermo.formats.statements.amounts import currency_code, minor_units
from palermo.formats.statements.iso_entry import Reach, joined, side, value_day
from palermo.formats.statements.moments import Clock
from palermo.formats.statements.parties import name_key
from palermo.formats.statements.parts import (
    Draft,
    Gathered,
    Pieces,
    Remark,
    Row,
    Source,
    Wrong,
    shown,
    tx_id,
)
from palermo.formats.statements.xml_pull import Broken, XmlFile

_CHAIN = (
    "DbtrAgt", "PrvsInstgAgt1", "PrvsInstgAgt2", "PrvsInstgAgt3", "InstgAgt", "InstdAgt",
    "IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3", "CdtrAgt",
)  # fmt: skip


def read_pacs(source: Source, message: str, namespace: str) -> Pieces:
    """Read a file whose messages are of `namespace`, a version of `message`.

    Raises:
        Unreadable: it declares a document type or cannot be opened.
    """
    yield from _Pacs(source, message, namespace).pieces()


class _Pacs:
    """The state of reading one file."""

    def __init__(self, source: Source, message: str, namespace: str) -> None:
        self.source = source
        self.reach = Reach(namespace)
        self.clock = Clock(source.zone)
        self.out = Gathered()
        self.group_day: str | None = None
        self.line = 0
        self.draft = Draft(
            name=f"{source.name}#1", document=source.sha256, format=message, kind="payments"
        )

    def pieces(self) -> Pieces:
        """Yield rows, the message as a statement without account, and remarks."""
        xml = XmlFile(lambda: self.source.path.open("rb"), self.source.name)
        try:
            yield from self._read(xml)
        except Broken as broken:
            self.out.aside.append(Wrong("", "", f"breaks off: {broken}").at(self.line + 1))
            self.draft.whole = False
        yield from self.out.flush()
        yield self.draft.sealed()
        yield from self.clock.remarks()
        if xml.replaced:
            yield Remark("the file is not UTF-8 everywhere; what cannot be read became U+FFFD")

    def _read(self, xml: XmlFile) -> Pieces:
        tags = self.reach.tags
        top, group, payment = (
            tags[name] for name in ("FIToFICstmrCdtTrf", "GrpHdr", "CdtTrfTxInf")
        )
        current: Element | None = None
        for event, element in xml.events():
            if event == "start":
                if element.tag == top:
                    current = element
            elif current is not None and element.tag in {group, payment}:
                if element.tag == group:
                    self._group(element)
                else:
                    self._payment(element)
                current.clear()
                xml.record_done()
                if self.out.full:
                    yield from self.out.flush()

    def _group(self, element: Element) -> None:
        reach, draft = self.reach, self.draft
        self.group_day = reach.text(element, "IntrBkSttlmDt")
        if stated := reach.text(element, "MsgId"):
            draft.name = f"{self.source.name}#{stated[:60]}"
        count = reach.text(element, "NbOfTxs") or ""
        if count.isascii() and count.isdigit() and len(count) <= 15:
            draft.stated_rows = int(count)
        total = reach.money(element, "TtlIntrBkSttlmAmt")
        if total is not None:
            try:
                draft.currency = currency_code(total[1])
                draft.stated_minor = minor_units(total[0], draft.currency, "TtlIntrBkSttlmAmt")
            except Wrong as wrong:
                self.out.aside.append(wrong.at(0))

    def _payment(self, element: Element) -> None:
        self.line += 1
        try:
            self.out.rows.append(self._row(element))
        except Wrong as wrong:
            self.draft.count(0)
            self.out.aside.append(wrong.at(self.line))

    def _row(self, element: Element) -> Row:
        reach = self.reach
        text, stated = reach.money(element, "IntrBkSttlmAmt") or ("", "")
        currency = currency_code(stated, "IntrBkSttlmAmt Ccy")
        amount = minor_units(text, currency, "IntrBkSttlmAmt")
        if amount <= 0:
            raise Wrong("IntrBkSttlmAmt", text, "expected more than 0")
        day = reach.text(element, "IntrBkSttlmDt") or self.group_day
        if day is None:
            raise Wrong("IntrBkSttlmDt", "", "is missing")
        at = self.clock.iso(day, "IntrBkSttlmDt")
        if told := reach.text(element, "AccptncDtTm"):
            at = self.clock.refined(at, self.clock.iso(told, "AccptncDtTm"))
        debtor, creditor = (side(reach, element, element, who) for who in ("Dbtr", "Cdtr"))
        ends = [one.account or name_key(one.name) for one in (debtor, creditor)]
        if ends[0] is None or ends[1] is None:
            raise Wrong("Dbtr" if ends[0] is None else "Cdtr", "", "neither account nor name")
        refs = reach.down(element, "PmtId")
        self.draft.count(amount)
        return Row(
            tx_id=tx_id(self.source, self.line),
            ts=at.ts,
            day=at.day,
            src=ends[0],
            dst=ends[1],
            amount_minor=amount,
            currency=currency,
            value_date=value_day(day),
            day_only=at.day_only,
            zone=at.zone,
            channel="transfer",
            memo=joined((*self._told(element), self._chain(element))),
            src_name=debtor.name,
            dst_name=creditor.name,
            bank_ref=reach.text(refs, "UETR") or reach.text(refs, "TxId"),
            statement=self.draft.name,
            line=self.line,
            reversal=False,
            end_to_end=reach.text(refs, "EndToEndId"),
        )

    def _told(self, element: Element) -> Iterator[str | None]:
        for one in self.reach.all(self.reach.down(element, "RmtInf"), "Ustrd"):
            yield one.text

    def _chain(self, element: Element) -> str | None:
        banks: list[str] = []
        for name in _CHAIN:
            agent = self.reach.down(element, name, "FinInstnId")
            bank = self.reach.text(agent, "BICFI") or self.reach.text(agent, "BIC")
            bank = bank or self.reach.text(agent, "Nm")
            if bank and bank not in banks:
                banks.append(shown(bank))
        return f"[via {' > '.join(banks)}]" if banks else None
