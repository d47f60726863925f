"""Input made to harm: bombs, endless numbers, deep nesting, wrong encodings, and chance changes."""

import io
import itertools
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from bench.fuzz_statements import SEEDS, changed, tried
from tests.formats.statements.samples import (
    OFX_HEAD,
    document,
    entry,
    ofx,
    ofx_transaction,
    read,
    statement,
    swift,
    written,
)
from tests.formats.statements.test_profiled import COLUMNS, TABLE, profile, workbook

from palermo.model import Unreadable

GOOD = document(statement("0.00", "1.00", [entry("1.00", "CRDT", "2026-03-02")]))
LAUGHS = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10 if k else "ha"}">' for k in range(12))
BOMB = f"<!DOCTYPE Document [{LAUGHS}]>"
OUTSIDE = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def _with_doctype(doctype: str) -> str:
    return GOOD.replace("<Document", f"{doctype}<Document", 1)


@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        OUTSIDE,
        "<!DOCTYPE Document>",
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
    ids=["laughs", "outside", "plain", "address"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_document_type_is_interpreted(doctype: str, encoding: str, tmp_path: Path) -> None:
    text = _with_doctype(doctype).replace("UTF-8", encoding).replace("thanks", "&x;&l9;")
    started = time.process_time()
    with pytest.raises(Unreadable):
        read(written(tmp_path, text.encode(encoding)))
    assert time.process_time() - started < 2


def test_a_document_type_far_behind_is_refused_too(tmp_path: Path) -> None:
    """Behind a comment longer than what the detector looks at, and than one piece of the file."""
    text = GOOD.replace("<Document", f"<!--{'x' * 200_000}-->{BOMB}<Document", 1)
    with pytest.raises(Unreadable):
        read(written(tmp_path, text))


@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 100_000,
        "<Ntry>" * 100_000,
        "<SplmtryData>" + "<x>" * 5_000 + "</x>" * 5_000 + "</SplmtryData>",
        "<!--" + "x" * (12 << 20) + "-->",
        f"<Nm>{'x' * (12 << 20)}</Nm>",
        f"<Ntry><NtryRef>{'x' * (12 << 20)}</NtryRef></Ntry>",
        "<Ntry " + " ".join(f'a{k}="{k}"' for k in range(900_000)) + "/>",
        "<Ntry>" + "<TxDtls/>" * 950_000 + "</Ntry>",
        "<Ntry><NtryDtls>" + "<TxDtls/>" * 101_000 + "</NtryDtls></Ntry>",
    ],
    ids=lambda text: text[:20],
)
def test_what_grows_beyond_bounds_ends_the_file_there(inside: str, tmp_path: Path) -> None:
    """What came before stays; memory and time stay small."""
    text = GOOD.replace("</Stmt>", f"{inside}</Stmt>", 1)
    path = written(tmp_path, text)
    tracemalloc.start()
    started = time.process_time()
    try:
        found = read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.column("effect_minor") == [100]
    assert found.statements[0].whole is False
    assert "breaks off" in found.aside[-1].reason
    assert peak < 160 << 20
    assert time.process_time() - started < 10


@pytest.mark.parametrize("digits", [19, 61, 5_000, 1_000_000])
def test_numbers_beyond_measure(digits: int, tmp_path: Path) -> None:
    """Also a million digits, which Python takes minutes to turn into a number."""
    nines = "9" * digits
    files = {
        "camt": GOOD.replace(">1.00<", f">{nines}<"),
        "mt": swift(f":61:260302C{nines},00NTRF1"),
        "ofx": ofx(ofx_transaction(nines, "20260302", "a")),
        "csv": TABLE.replace("1.200,00", nines),
        "eth": "hash,time,from,to,value,chain\nh,1772359200,a,b," + nines + ",bitcoin\n",
        "book": "date,sender,receiver,amt_in,ccy_in,amt_out,ccy_out\n2026-03-01,a,b,"
        + nines + ",USD,1,EUR\n",
    }  # fmt: skip
    started = time.process_time()
    for name, text in files.items():
        chosen = profile() if name == "csv" else None
        found = read(written(tmp_path, text, name), profile=chosen)
        assert all(abs(amount) < 10**18 for amount in found.column("amount_minor"))
        assert found.aside, name
        assert all(len(one.value) <= 80 for one in found.aside)
    assert time.process_time() - started < 10


def _zip(parts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return data.getvalue()


def _parts(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


SHEET = "xl/worksheets/sheet1.xml"
_ROW = b'<row r="3"><c r="%s" t="n"><v>%s</v></c></row></sheetData>'


def _books() -> Iterator[tuple[str, bytes]]:
    parts = _parts(workbook([COLUMNS, ["01.03.2026", "J", None, "", None, 1, 1]]))
    yield (
        "far",
        _zip(parts | {SHEET: parts[SHEET].replace(b"</sheetData>", _ROW % (b"XFD3", b"1"))}),
    )
    far_down = parts[SHEET].replace(b"</sheetData>", b'<row r="1048576"/></sheetData>')
    yield "down", _zip(parts | {SHEET: far_down})
    for value in (b"1e308", b"9" * 4_000, b"1e-999999999", b"nan", b"inf", b"0x1", b""):
        changed_part = parts[SHEET].replace(b"</sheetData>", _ROW % (b"F3", value))
        yield f"number {value[:9]!r}", _zip(parts | {SHEET: changed_part})
    bomb = b'<?xml version="1.0"?>' + BOMB.replace("Document", "worksheet").encode()
    yield "laughs", _zip(parts | {SHEET: bomb + parts[SHEET].removeprefix(b"\xef\xbb\xbf")})
    yield "zeros", _zip(parts | {SHEET: b"<worksheet>" + bytes(300 << 20)})
    blanks = b" " * (300 << 20)
    yield "blanks", _zip(parts | {"xl/sharedStrings.xml": b"<sst>" + blanks + b"</sst>"})
    yield "no sheet", _zip({name: part for name, part in parts.items() if name != SHEET})
    yield "no book", _zip({"a": b"b"})
    yield "half", workbook([COLUMNS])[:900]
    whole = bytearray(workbook([COLUMNS]))
    whole[200:400] = bytes(200)
    yield "damaged", bytes(whole)


@pytest.mark.parametrize(("name", "data"), [pytest.param(*one, id=one[0]) for one in _books()])
def test_workbooks_made_to_harm(name: str, data: bytes, tmp_path: Path) -> None:
    tracemalloc.start()
    started = time.process_time()
    try:
        read(written(tmp_path, data), profile=profile())
    except Unreadable:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 64 << 20
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "text",
    [
        OFX_HEAD + "<OFX>" + "<A>" * 300_000,
        OFX_HEAD + "<OFX>" + "<" * 2_000_000,
        OFX_HEAD + "<OFX><STMTRS><CURDEF>EUR" + "<STMTTRN>" * 200_000,
        OFX_HEAD + "<OFX><STMTRS><CURDEF>EUR<STMTTRN><NAME>" + "x" * 3_000_000,
        OFX_HEAD + "<OFX>" + "<![CDATA[" * 100_000,
        ":20:X\n:25:1\n:60F:C260301EUR1,00\n" + ":61:\n" * 100_000,
        ":20:X\n:25:1\n:60F:C260301EUR1,00\n:61:260302C1,00NTRF1\n:86:" + "a?" * 500_000,
        ":20:X\n:25:1\n:60F:C260301EUR1,00\n:61:260302C1,00NTRF1\n:86:166?00" + "?20x" * 300_000,
        ":20:X\n:25:1\n:60F:C260301EUR1,00\n:61:260302C1,00NTRF1\n:86:" + "/NAME/" * 300_000,
        ":20:X\n:25:1\n" + ":20:Y\n" * 30_000,
        ":20:X\n:25:1\n:86:" + "\n" * 1_000_000,
        "\n:20:" * 100_000,
        ("a" * 1_000_000 + ";") * 3 + "\n",
        '"' * 1_000_000,
        ",".join(["x"] * 20_000) + "\n",
        "\0" * 100_000 + "x",
    ],
    ids=lambda text: text[-20:].replace("\n", "|"),
)
def test_texts_made_to_harm(text: str, tmp_path: Path) -> None:
    started = time.process_time()
    with suppress(Unreadable):
        read(written(tmp_path, text))
    assert time.process_time() - started < 10


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037"])
@pytest.mark.parametrize("kind", ["camt", "mt", "ofx", "csv"])
def test_whatever_the_bytes_it_ends_well(kind: str, encoding: str, tmp_path: Path) -> None:
    text = {"camt": GOOD, "mt": swift(":61:260302C1,00NTRF1"), "ofx": ofx(), "csv": TABLE}[kind]
    with suppress(Unreadable):
        read(written(tmp_path, text.encode(encoding)), profile=profile())


@pytest.mark.parametrize(
    "encoding", ["utf-7", "utf-32", "rot13", "idna", "x" * 39, "unicode_escape", "cp037"]
)
def test_encodings_that_a_file_may_not_ask_for(encoding: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="which is not read"):
        read(written(tmp_path, GOOD.replace("UTF-8", encoding)))


@pytest.mark.parametrize("kind", sorted(SEEDS))
def test_chance_changes_end_well(kind: str) -> None:
    """The same changes each time; bench/fuzz_statements.py runs for as long as one likes."""
    chance = random.Random(kind)
    with tempfile.TemporaryDirectory() as folder:
        assert tried(Path(folder), kind, SEEDS[kind]) == "rows"
        for _ in range(120):
            tried(Path(folder), kind, changed(kind, chance))


def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """A hundred megabytes are read, and a process grows by less than as many."""
    path = tmp_path / "large.xml"
    row = entry("1.00", "CRDT", "2026-03-02", name="x" * 2_000)
    head, tail = document(statement("0.00", "45000.00", ["\0"])).split("\0")
    with path.open("w") as file:
        file.write(head)
        file.writelines(itertools.repeat(row, 45_000))
        file.write(tail)
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from palermo.formats.statements import Source, detect\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "path = Path(sys.argv[1])\n"
        "source = Source(path=path, name='x', sha256='0' * 64, zone='UTC')\n"
        "rows = sum(getattr(one, 'num_rows', 0) for one in detect(path, 'x').read(source))\n"
        "print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True
    )
    rows, grown = map(int, done.stdout.split())
    assert rows == 45_000
    assert path.stat().st_size > 100_000_000
    assert grown < 100_000  # KiB, for blocks of ten thousand rows with names of 2 kB
