"""Chance changes to statements of every format: nothing but `Unreadable`, no hang, no growth.

    python bench/fuzz_statements.py [--seconds 60] [--seed 1]

Each change is made from the seed, so that what is found can be found again: `--seed` and the number
printed name it. Time and memory are watched; whatever is above a bound is reported with the file,
which is kept in the system's temporary folder.
"""

import argparse
import io
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

from palermo.formats.statements import Profile, Source, detect, profile_of
from palermo.investigation.money import ImportRequest, import_statements
from palermo.model import Unreadable

_SPACE = "urn:iso:std:iso:20022:tech:xsd:{}.001.08"
_SLOW = 5.0
#: Pieces that have broken readers elsewhere.
_PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", b"9" * 5_000, b"-", b"1e999999999", b"NaN", b"<",
    b"</", b"]]>", b"<!--", b"<![CDATA[", b"&#0;", b"&#x110000;", b"&lol;",
    b'<!DOCTYPE a [<!ENTITY a "aaaa">]>', b"<?xml version='1.0' encoding='utf-16'?>", b'"', b"'",
    b";", b",", b"\r", b"\n", b"\r\n", b":61:", b":86:", b":20:", b"-}", b"{4:", b"?20", b"//",
    b"<a>" * 200, b"\xf0\x9f\x92\xa9", "١٢٣".encode(), "\u202e".encode(), b"0000-00-00",
    b"99999999999999", b"2026-02-30", b" " * 3_000, b"=1+1", b"%s%n", b"../../etc/passwd",
)  # fmt: skip


def _camt(message: str, holder: str, top: str) -> bytes:
    entry = (
        '<Ntry><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>{}</CdtDbtInd><RvslInd>false</RvslInd><Sts><Cd>'
        "BOOK</Cd></Sts><BookgDt><DtTm>2026-03-02T10:00:00+01:00</DtTm></BookgDt><ValDt><Dt>"
        "2026-03-02</Dt></ValDt><AcctSvcrRef>R{}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>"
        "RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>"
        '<EndToEndId>E1</EndToEndId></Refs><Amt Ccy="EUR">12.50</Amt><RltdPties><Dbtr><Pty><Nm>Jane'
        "</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>GB29NWBK60161331926819</IBAN></Id></DbtrAcct>"
        "</RltdPties><RmtInf><Ustrd>rent</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>"
        for code in ("OPBD", "CLBD")
    )
    rows = "".join(entry.format(mark, k) for k, mark in enumerate(("CRDT", "DBIT") * 3))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{_SPACE.format(message)}"><{top}>'
        f"<{holder}><Id>S</Id><ElctrncSeqNb>1</ElctrncSeqNb><Acct><Id><IBAN>DE89370400440532013000"
        f"</IBAN></Id><Ccy>EUR</Ccy></Acct>{balances}<TxsSummry><TtlNtries><NbOfNtries>6"
        f"</NbOfNtries></TtlNtries></TxsSummry>{rows}</{holder}></{top}></Document>"
    ).encode()


def _pacs() -> bytes:
    return (
        f'<Document xmlns="{_SPACE.format("pacs.008")}"><FIToFICstmrCdtTrf><GrpHdr><MsgId>1</MsgId>'
        '<NbOfTxs>1</NbOfTxs><TtlIntrBkSttlmAmt Ccy="EUR">5</TtlIntrBkSttlmAmt><IntrBkSttlmDt>'
        "2026-03-02</IntrBkSttlmDt></GrpHdr><CdtTrfTxInf><PmtId><TxId>1</TxId></PmtId>"
        '<IntrBkSttlmAmt Ccy="EUR">5</IntrBkSttlmAmt><Dbtr><Nm>A</Nm></Dbtr><Cdtr><Nm>B</Nm></Cdtr>'
        "</CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    ).encode()


def _swift() -> bytes:
    rows = "".join(
        f":61:2603{day:02}03{day:02}{mark}{day},50NTRFREF{day}//BANK{day}\r\n"
        f":86:166?00TEXT?20EREF+E{day}SVWZ+rent?31DE89370400440532013000?32Jane?33Doe\r\n"
        for day, mark in enumerate(("C", "D", "RC", "RD"), 2)
    )
    told = ":86:/NAME/The Shop/IBAN/FR1420041010050500013M02606/REMI/goods/EREF/E\r\n"
    return (
        "{1:F01COBADEFFXXXX0000000000}{2:O940}{4:\r\n:20:START\r\n:25:DE89370400440532013000\r\n"
        f":28C:1/1\r\n:60F:C260301EUR100,00\r\n{rows}:61:260309D1,NTRFX\r\n{told}"
        ":62F:C260331EUR90,00\r\n:64:C260331EUR90,00\r\n:86:end\r\n-}\r\n"
    ).encode()


def _ofx() -> bytes:
    rows = "".join(
        f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>2026030{k}103000[+1:CET]<TRNAMT>-{k}.50<FITID>{k}<NAME>"
        "A &amp; B<MEMO>x<BANKACCTTO><BANKID>1<ACCTID>2</BANKACCTTO></STMTTRN>"
        for k, kind in enumerate(("ATM", "XFER", "FEE"), 1)
    )
    return (
        "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nENCODING:USASCII\r\nCHARSET:1252\r\n\r\n"
        "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1<ACCTID>3"
        f"</BANKACCTFROM><BANKTRANLIST><DTSTART>20260301<DTEND>20260331{rows}</BANKTRANLIST>"
        "<LEDGERBAL><BALAMT>1.00<DTASOF>20260331</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1>"
        "</OFX>"
    ).encode()


_TABLE = (
    "Account;x\n\nBooked;Name;IBAN;Text;Amount;Balance\n"
    '01.03.2026;Jane;;"rent; of March";1.200,00;2.200,00\n'
    "02.03.2026;Shop;FR1420041010050500013M02606;goods;-200,50;1.999,50\n"
)


def _workbook() -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    titles = ("Booked", "Name", "IBAN", "Text", "Amount", "Balance")
    cells = "".join(f'<c r="{c}1" t="s"><v>{k}</v></c>' for k, c in enumerate("ABCDEF"))
    row = (
        '<row r="2"><c r="A2" s="1"><v>46082</v></c><c r="B2" t="inlineStr"><is><t>J</t></is></c>'
        '<c r="E2"><v>12.5</v></c><c r="F2"><v>12.5</v></c></row>'
    )
    parts = {
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><workbookPr/>'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}"><Relationship'
        ' Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'{head}<sst xmlns="{main}">'
        + "".join(f"<si><t>{title}</t></si>" for title in titles)
        + "</sst>",
        "xl/styles.xml": f'{head}<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{main}"><sheetData><row r="1">{cells}'
        f"</row>{row}</sheetData></worksheet>",
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


_ETHER = (
    '"Transaction Hash","UnixTimestamp","From","To","ContractAddress","Value_IN(ETH)",'
    '"Value_OUT(ETH)","TxnFee(ETH)","Status","ErrCode"\n'
    '"0xaa","1772000000","0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",'
    '"0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359","","1.123456789123456789","0","0.001","",""\n'
)
_CHAINS = (
    "hash,time,from,to,value,chain,token,contract,fee,status\n"
    "h,2026-03-01T10:00:00Z,1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa,"
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4,0.5,bitcoin,,,0.0001,\n"
    "h,1772359200,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8,2,tron,,,,\n"
)
_BOOK = (
    "ledger_id,date,calendar,sender,s_phone,receiver,amt_in,ccy_in,amt_out,ccy_out,fee,token,"
    "hawaladar_from,hawaladar_to\n1,1404-12-10,solar_hijri,Ali,+93700000001,Sara,1000,USD,920,EUR,"
    "20,T,Haji,Rue\n"
)
SEEDS: dict[str, bytes] = {
    "camt.052": _camt("camt.052", "Rpt", "BkToCstmrAcctRpt"),
    "camt.053": _camt("camt.053", "Stmt", "BkToCstmrStmt"),
    "camt.054": _camt("camt.054", "Ntfctn", "BkToCstmrDbtCdtNtfctn"),
    "pacs.008": _pacs(),
    "mt940": _swift(),
    "ofx": _ofx(),
    "csv": _TABLE.encode(),
    "xlsx": _workbook(),
    "ether": _ETHER.encode(),
    "chains": _CHAINS.encode(),
    "book": _BOOK.encode(),
}
PROFILE: Profile = profile_of(
    {
        "name": "Example",
        "date_format": "%d.%m.%Y",
        "decimal": ",",
        "thousands": ".",
        "currency": "EUR",
        "account": "DE89370400440532013000",
        "columns": {
            "date": "Booked",
            "amount": "Amount",
            "balance": "Balance",
            "memo": "Text",
            "counterparty_name": "Name",
            "counterparty_account": "IBAN",
        },
    },
    "bench",
)


def changed(kind: str, chance: random.Random) -> bytes:
    """Return a statement with one to eight changes; half the workbooks are packed anew."""
    if kind != "xlsx" or chance.random() < 0.3:
        return _recoded(_changed(SEEDS[kind], chance), chance)
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SEEDS[kind])) as old, zipfile.ZipFile(data, "w") as new:
        chosen = chance.choice([*old.namelist(), *["xl/worksheets/sheet1.xml"] * 6])
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, _changed(part, chance) if name == chosen else part)
    return data.getvalue()


def _changed(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        span = chance.choice((1, 1, 2, 8, 64, 512))
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + span]
            case 2:
                data[at:at] = chance.choice(_PIECES)
            case 3:
                data[at : at + span] = chance.choice(_PIECES)
            case 4:
                data[at:at] = data[at : at + span] * chance.choice((1, 2, 50))
            case 5:
                there = chance.randrange(len(data) + 1)
                data[there:there] = data[at : at + span]
            case _:
                data = data[: max(at, 1)] if chance.random() < 0.2 else data
    return bytes(data)


def _recoded(data: bytes, chance: random.Random) -> bytes:
    """Sometimes write the whole in another encoding."""
    if chance.random() > 0.05:
        return data
    text = data.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-32", "latin-1")), "replace")


def tried(folder: Path, kind: str, data: bytes) -> str:
    """Read one file; return what came of it.

    Raises:
        Exception: anything but `Unreadable`, which is what is looked for.
    """
    path = folder / "file"
    path.write_bytes(data)
    profile = PROFILE if kind in {"csv", "xlsx"} else None
    source = Source(path=path, name="file", sha256="0" * 64, zone="Europe/Paris", profile=profile)
    try:
        pieces = list(detect(path, "file").read(source))
    except Unreadable:
        return "refused"
    return "rows" if any(getattr(piece, "num_rows", 0) for piece in pieces) else "nothing"


def imported(folder: Path, data: bytes) -> None:
    """Take a file and its unchanged like through the whole import."""
    (folder / "a").write_bytes(data)
    with suppress(Unreadable):
        import_statements(
            ImportRequest(files=[folder / "a", folder / "b"], out=folder / "tx.parquet", zone="UTC")
        )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    ends = time.monotonic() + chosen.seconds
    outcomes: Counter[tuple[str, str]] = Counter()
    number, worst, failures = 0, 0.0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() < ends:
            number += 1
            chance = random.Random(f"{chosen.seed}/{number}")  # noqa: S311  not for secrets
            kind = sorted(SEEDS)[number % len(SEEDS)]
            data = changed(kind, chance)
            started = time.process_time()
            try:
                outcomes[kind, tried(folder, kind, data)] += 1
                if number % 10 == 0:
                    (folder / "b").write_bytes(SEEDS[kind])
                    imported(folder, data)
            except BaseException as error:  # noqa: BLE001  whatever it is, it is a finding
                failures += 1
                kept = Path(tempfile.gettempdir()) / f"fuzz-{chosen.seed}-{number}"
                kept.write_bytes(data)
                print(f"{number} {kind}: {type(error).__name__}: {error}; {kept}", file=sys.stderr)
                if isinstance(error, KeyboardInterrupt):
                    break
            took = time.process_time() - started
            worst = max(worst, took)
            if took > _SLOW:
                failures += 1
                print(f"{number} {kind}: {took:.1f} s", file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{number:,} files, {failures} findings; slowest {worst:.2f} s; peak {peak} MiB")
    for kind in sorted(SEEDS):
        counts = ", ".join(
            f"{what} {outcomes[kind, what]:,}" for what in ("rows", "nothing", "refused")
        )
        print(f"  {kind}: {counts}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
