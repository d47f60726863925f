"""Statements in, timed: a generated camt.053 file read as a stream, then imported whole.

    python bench/statements.py [--megabytes 100] [--runs 3]

Each run is a process of its own; MB are 10^6 bytes, seconds are wall time and processor time of
that process, memory is its peak. `read` consumes the reader and forgets its blocks; `import` is all
of `palermo money import`, with the proof, the comparison and the files written.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from palermo.formats.statements import Source, detect
from palermo.investigation.money import ImportRequest, import_statements
from run import machine  # type: ignore[import-not-found]  # the file beside this one

ACCOUNT = "DE89370400440532013000"
SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
START = date(2025, 1, 1)


def entry(number: int) -> tuple[int, str]:
    """Return what entry `number` moves, and the entry."""
    units = 100 + number * 7919 % 99_900
    credit = number % 3 != 0
    who, mark = ("Dbtr", "CRDT") if credit else ("Cdtr", "DBIT")
    day = START + timedelta(days=number // 400)
    text = (
        f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">{units // 100}.{units % 100:02}</Amt>'
        f"<CdtDbtInd>{mark}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>2025{number:012}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
        f"<Cd>{'RCDT' if credit else 'ICDT'}</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>INV-{number}</EndToEndId></Refs>"
        f'<Amt Ccy="EUR">{units // 100}.{units % 100:02}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<RltdPties><{who}><Pty><Nm>Customer {number % 5000}</Nm><PstlAdr><Ctry>FR</Ctry>"
        f"<AdrLine>1 rue de l'Exemple</AdrLine></PstlAdr></Pty></{who}><{who}Acct><Id>"
        f"<Othr><Id>{number % 5000:011}</Id></Othr></Id></{who}Acct></RltdPties>"
        f"<RltdAgts><{who}Agt><FinInstnId><BICFI>EXAMFRPP</BICFI></FinInstnId></{who}Agt></RltdAgts>"
        f"<RmtInf><Ustrd>invoice {number} of the month, with thanks</Ustrd></RmtInf></TxDtls>"
        "</NtryDtls></Ntry>\n"
    )
    return (units if credit else -units), text


def balance(kind: str, units: int, day: date) -> str:
    """Return the element of one balance."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{abs(units) // 100}.{abs(units) % 100:02}</Amt>'
        f"<CdtDbtInd>{'CRDT' if units >= 0 else 'DBIT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def generate(path: Path, size: int, *, opening: int = 1_000_000) -> int:
    """Write a statement of about `size` bytes that adds up; return how many entries it has."""
    count, total, written = 0, 0, 0
    while written < size:
        units, text = entry(count)
        count, total, written = count + 1, total + units, written + len(text)
    last = START + timedelta(days=count // 400)
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{SPACE}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-01-01T00:00:00Z</CreDtTm></GrpHdr><Stmt>"
        f"<Id>S1</Id><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balance('OPBD', opening, START)}{balance('CLBD', opening + total, last)}\n"
    )
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(entry(number)[1] for number in range(count))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")
    return count


def measure(what: str, path: Path) -> None:
    """Do the work in this process and print the figures as JSON."""
    wall, cpu = time.perf_counter(), time.process_time()
    if what == "read":
        rows = 0
        source = Source(path=path, name=path.name, sha256="0" * 64, zone="Europe/Berlin")
        for piece in detect(path, path.name).read(source):
            rows += getattr(piece, "num_rows", 0)
    else:
        done = import_statements(
            ImportRequest(files=[path], out=path.with_name("tx.parquet"), zone="Europe/Berlin")
        )
        if done.facts["gaps"]:
            raise SystemExit("the generated statement must add up")
        rows = done.transactions
    figures = {
        "rows": rows,
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure[0], Path(chosen.measure[1]))
        return
    print(machine())
    print("| what | MB | rows | wall s | CPU s | MB per CPU s | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for size in (max(chosen.megabytes // 10, 1), chosen.megabytes):
            path = Path(folder) / f"{size}.xml"
            generate(path, size * 1_000_000)
            megabytes = path.stat().st_size / 1e6
            for what in ("read", "import"):
                runs = [run(what, path) for _ in range(chosen.runs)]
                wall, cpu, peak = (
                    statistics.median(one[key] for one in runs) for key in ("wall", "cpu", "peak")
                )
                print(
                    f"| {what} | {megabytes:.0f} | {runs[0]['rows']:,.0f} | {wall:.2f} | {cpu:.2f} "
                    f"| {megabytes / cpu:.1f} | {peak / 2**20:.0f} |"
                )


def run(what: str, path: Path) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--measure", what, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
