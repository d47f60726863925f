"""Statements made for the tests, one builder a format, and a reader that gathers what they give."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo.formats.statements import Profile, Remark, Source, detect
from palermo.formats.typed_table import SetAside
from palermo.model.statement import READ_ROWS, Statement

OWN, THERE, SHOP = "DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606"
SHA = "ab" * 32


@dataclass
class Gathered:
    """All that a reader yielded."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    table: pa.Table = field(default_factory=READ_ROWS.empty_table)

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


def read(
    path: Path, *, zone: str | None = "Europe/Berlin", profile: Profile | None = None
) -> Gathered:
    """Read a file in the format that its content shows."""
    gathered = Gathered()
    batches = []
    source = Source(path=path, name=path.name, sha256=SHA, zone=zone, profile=profile)
    for piece in detect(path, path.name).read(source):
        if isinstance(piece, Statement):
            gathered.statements.append(piece)
        elif isinstance(piece, SetAside):
            gathered.aside.append(piece)
        elif isinstance(piece, Remark):
            gathered.remarks.append(piece)
        else:
            assert piece.schema == READ_ROWS
            gathered.blocks.append(piece.num_rows)
            batches.append(piece)
    gathered.table = pa.Table.from_batches(batches, READ_ROWS)
    gathered.rows = gathered.table.to_pylist()
    return gathered


def written(folder: Path, text: str | bytes, name: str = "sample") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def space(message: str, version: int) -> str:
    return f"urn:iso:std:iso:20022:tech:xsd:{message}.001.{version:02}"


def entry(
    amount: str,
    mark: str,
    day: str,
    *,
    ref: str | None = None,
    name: str | None = None,
    account: str | None = None,
    details: Sequence[str] | None = None,
    more: str = "",
    currency: str = "EUR",
    status: str = "BOOK",
    code: str = "PMNT/RCDT/ESCT",
    version: int = 8,
) -> str:
    """Return an `Ntry`, with one payment in it unless `details` are given."""
    if details is None:
        details = [payment(mark, name=name, account=account, version=version)]
    domain, family, sub = code.split("/")
    stated = f"<Cd>{status}</Cd>" if version >= 8 else status
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{more}'
        f"<Sts>{stated}</Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        + (f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else "")
        + f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd>"
        f"</Fmly></Domn></BkTxCd><NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    )


def payment(
    mark: str,
    *,
    amount: str | None = None,
    name: str | None = None,
    account: str | None = None,
    memo: str = "thanks",
    end_to_end: str | None = None,
    more: str = "",
    version: int = 8,
) -> str:
    """Return a `TxDtls` whose other side is the debtor of a credit, the creditor of a debit."""
    who = "Dbtr" if mark == "CRDT" else "Cdtr"
    party = f"<Nm>{name}</Nm>" if version < 8 else f"<Pty><Nm>{name}</Nm></Pty>"
    named = f"<{who}>{party}</{who}>" if name else ""
    kind = "IBAN" if account and account[:2].isalpha() else "Othr"
    identity = f"<IBAN>{account}</IBAN>" if kind == "IBAN" else f"<Othr><Id>{account}</Id></Othr>"
    held = f"<{who}Acct><Id>{identity}</Id></{who}Acct>" if account else ""
    refs = f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>" if end_to_end else ""
    stated = f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>' if amount else ""
    return (
        f"<TxDtls>{refs}{stated}<RltdPties>{named}{held}</RltdPties>"
        f"<RmtInf><Ustrd>{memo}</Ustrd></RmtInf>{more}</TxDtls>"
    )


def balance(code: str, amount: str, day: str, mark: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
    )


def statement(
    opening: str | None,
    closing: str | None,
    entries: Sequence[str],
    *,
    name: str = "S1",
    number: int | None = 1,
    first: str = "2026-03-01",
    last: str = "2026-03-31",
    account: str = OWN,
    element: str = "Stmt",
    more: str = "",
) -> str:
    """Return a `Stmt` (or `Rpt`, `Ntfctn`)."""
    numbered = f"<ElctrncSeqNb>{number}</ElctrncSeqNb>" if number is not None else ""
    return (
        f"<{element}><Id>{name}</Id>{numbered}<CreDtTm>2026-03-31T08:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>Example Ltd</Nm></Ownr>"
        "</Acct>"
        + (balance("OPBD", opening, first) if opening else "")
        + (balance("CLBD", closing, last) if closing else "")
        + more
        + "".join(entries)
        + f"</{element}>"
    )


_TOPS = {
    "camt.052": "BkToCstmrAcctRpt",
    "camt.053": "BkToCstmrStmt",
    "camt.054": "BkToCstmrDbtCdtNtfctn",
    "pacs.008": "FIToFICstmrCdtTrf",
}


def document(*parts: str, message: str = "camt.053", version: int = 8) -> str:
    """Return a whole document of one message."""
    top = _TOPS[message]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{space(message, version)}">'
        f"<{top}>{''.join(parts)}</{top}></Document>"
    )


def transfer(amount: str, *, end_to_end: str = "E1", more: str = "", currency: str = "EUR") -> str:
    """Return a `CdtTrfTxInf` from OWN to SHOP."""
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{end_to_end}</EndToEndId><TxId>T1</TxId></PmtId>"
        f'<IntrBkSttlmAmt Ccy="{currency}">{amount}</IntrBkSttlmAmt>{more}'
        "<Dbtr><Nm>Example Ltd</Nm></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{OWN}</IBAN></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></DbtrAgt>"
        "<CdtrAgt><FinInstnId><BICFI>BNPAFRPP</BICFI></FinInstnId></CdtrAgt>"
        f"<Cdtr><Nm>Shop</Nm></Cdtr><CdtrAcct><Id><IBAN>{SHOP}</IBAN></Id></CdtrAcct>"
        "</CdtTrfTxInf>"
    )


def swift(*rows: str, opening: str = "C260301EUR100,00", closing: str = "C260331EUR100,00") -> str:
    """Return an MT940 message."""
    lines = [
        ":20:START",
        f":25:{OWN}",
        ":28C:1/1",
        f":60F:{opening}",
        *rows,
        f":62F:{closing}",
        "-",
    ]
    return "\r\n".join(lines) + "\r\n"


OFX_HEAD = (
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\n"
    "CHARSET:1252\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
)


def ofx(*transactions: str, closing: str = "100.00") -> str:
    """Return an OFX 1 file of one account."""
    return (
        f"{OFX_HEAD}<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20260331120000<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>"
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>"
        "<CURDEF>EUR<BANKACCTFROM><BANKID>37040044<ACCTID>0532013000<ACCTTYPE>CHECKING"
        "</BANKACCTFROM><BANKTRANLIST><DTSTART>20260301<DTEND>20260331"
        f"{''.join(transactions)}</BANKTRANLIST><LEDGERBAL><BALAMT>{closing}<DTASOF>20260331"
        "</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


def ofx_transaction(amount: str, when: str, fitid: str, more: str = "<NAME>Jane Doe") -> str:
    return f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{when}<TRNAMT>{amount}<FITID>{fitid}{more}</STMTTRN>"
