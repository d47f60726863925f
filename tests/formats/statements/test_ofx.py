"""OFX 1 and 2: both dialects alike, times, signs, bad rows, and an outside judge."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from ofxtools.Parser import OFXTree
from tests.formats.statements.samples import OFX_HEAD, ofx, ofx_transaction, read, written

from palermo.model import Unreadable

OWN = "37040044/0532013000"


def as_xml(text: str) -> str:
    """Close every tag that holds a value, and put the head of OFX 2 before it."""
    body = text.removeprefix(OFX_HEAD)
    pieces = []
    for piece in body.split("<")[1:]:
        tag, _, value = piece.partition(">")
        closed = f"</{tag}>" if value and not tag.startswith("/") else ""
        pieces.append(f"<{tag}>{value}{closed}")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'  # noqa: E501
    return head + "".join(pieces)


def test_rows_and_closing_balance(tmp_path: Path) -> None:
    text = ofx(
        ofx_transaction("-10.00", "20260302", "a1", "<NAME>Jane &amp; Co<MEMO>thanks"),
        ofx_transaction("25", "20260303154501.5[+1:CET]", "a2", "<NAME>Bob"),
    )
    found = read(written(tmp_path, text))
    first, second = found.rows
    assert (first["src"], first["dst"], first["effect_minor"]) == (OWN, "name:jane & co", -1000)
    assert (first["bank_ref"], first["memo"], first["day_only"]) == ("a1", "thanks", True)
    assert (second["src"], second["effect_minor"]) == ("name:bob", 2500)
    assert second["ts"] == datetime(2026, 3, 3, 14, 45, 1, 500_000, tzinfo=UTC)
    (one,) = found.statements
    assert (one.account, one.currency, one.closing_minor) == (OWN, "EUR", 10000)
    assert (one.opening_minor, one.closing_date) == (None, date(2026, 3, 31))
    assert (one.first, one.last) == (date(2026, 3, 1), date(2026, 3, 31))


def test_both_dialects_give_the_same(tmp_path: Path) -> None:
    text = ofx(
        ofx_transaction("-10.00", "20260302120000[-5:EST]", "a1"),
        ofx_transaction(
            "-1,50", "20260302", "a2", "<NAME>x<BANKACCTTO><BANKID>1<ACCTID>2</BANKACCTTO>"
        ),
    )
    first = read(written(tmp_path, text)).rows
    second = read(written(tmp_path, as_xml(text), "two")).rows
    strip = ("statement",)
    assert [{k: v for k, v in row.items() if k not in strip} for row in first] == [
        {k: v for k, v in row.items() if k not in strip} for row in second
    ]
    assert first[1]["dst"] == "1/2"


@pytest.mark.parametrize(
    ("told", "day_only", "ts"),
    [
        ("20260302", True, "2026-03-01T23:00:00"),
        ("20260302000000", True, "2026-03-01T23:00:00"),
        ("20260302120000[0:GMT]", True, "2026-03-01T23:00:00"),
        ("20260302120001[0:GMT]", False, "2026-03-02T12:00:01"),
        ("20260302230000[-3.5:NST]", False, "2026-03-03T02:30:00"),
        ("20260302230000[+5.75:NPT]", False, "2026-03-02T17:15:00"),
        ("20260702230000", False, "2026-07-02T21:00:00"),
    ],
)
def test_moments(told: str, day_only: bool, ts: str, tmp_path: Path) -> None:
    (row,) = read(written(tmp_path, ofx(ofx_transaction("1.00", told, "a")))).rows
    assert (row["day_only"], row["ts"].replace(tzinfo=None).isoformat()) == (day_only, ts)


@pytest.mark.parametrize(
    "bad",
    [
        ofx_transaction("ten", "20260302", "b"),
        ofx_transaction("1.005", "20260302", "b"),
        ofx_transaction("9" * 500, "20260302", "b"),
        ofx_transaction("1.00", "20260230", "b"),
        ofx_transaction("1.00", "20260302250000", "b"),
        ofx_transaction("1.00", "yesterday", "b"),
        ofx_transaction("1.00", "20260302", "b", "<CORRECTFITID>a1<CORRECTACTION>DELETE"),
        ofx_transaction("1.00", "20260302", "b", "<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY>"),
        "<STMTTRN></STMTTRN>",
    ],
)
def test_a_bad_transaction_costs_that_one_alone(bad: str, tmp_path: Path) -> None:
    good = [ofx_transaction(f"{k}.00", "20260302", f"a{k}") for k in (1, 2)]
    found = read(written(tmp_path, ofx(good[0], bad, good[1])))
    assert found.column("effect_minor") == [100, 200]
    assert [one.row for one in found.aside] == [2]
    assert found.statements[0].entries == 3


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    text = as_xml(ofx()).replace("<OFX>", '<!DOCTYPE OFX [<!ENTITY a "b">]><OFX>')
    with pytest.raises(Unreadable, match="document type"):
        read(written(tmp_path, text))


def test_character_sets_of_the_header(tmp_path: Path) -> None:
    text = ofx(ofx_transaction("1.00", "20260302", "a", "<NAME>Иван"))
    cyrillic = text.replace("CHARSET:1252", "CHARSET:1251").encode("cp1251")
    assert read(written(tmp_path, cyrillic)).column("src_name") == ["Иван"]
    latin = ofx(ofx_transaction("1.00", "20260302", "a", "<NAME>Jürgen")).encode("cp1252")
    assert read(written(tmp_path, latin)).column("src_name") == ["Jürgen"]


def test_a_value_across_pieces_of_the_file_stays_whole(tmp_path: Path) -> None:
    rows = [
        ofx_transaction("1.00", "20260302", f"a{k}", f"<MEMO>{'m' * 300}{k}") for k in range(9000)
    ]
    found = read(written(tmp_path, ofx(*rows)))
    assert found.column("memo") == ["m" * 300 + str(k) for k in range(9000)]


def test_sections_of_characters(tmp_path: Path) -> None:
    rows = [ofx_transaction("1.00", "20260302", f"a{k}", f"<MEMO><![CDATA[a <b> & c {k}]]>")
            for k in range(12_000)]  # fmt: skip
    assert read(written(tmp_path, ofx(*rows))).column("memo") == [
        f"a <b> & c {k}" for k in range(12_000)
    ]


def test_an_outside_reader_finds_the_same(tmp_path: Path) -> None:
    text = ofx(
        *(
            ofx_transaction(f"{k}.{k:02}", f"202603{k:02}", f"f{k}", f"<NAME>N{k}")
            for k in range(1, 28)
        )
    ).replace("OTHER", "CREDIT")
    tree = OFXTree()
    tree.parse(io.BytesIO(text.encode()))
    theirs = tree.convert().statements[0].transactions
    ours = read(written(tmp_path, text)).rows
    assert [Decimal(row["effect_minor"]) / 100 for row in ours] == [one.trnamt for one in theirs]
    assert [row["bank_ref"] for row in ours] == [one.fitid for one in theirs]
    assert [row["day"] for row in ours] == [one.dtposted.date() for one in theirs]
