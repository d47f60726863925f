"""`palermo money import`: from files to a table that can be traced, and what is said about it."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.formats.statements.samples import (
    OWN,
    SHOP,
    THERE,
    document,
    entry,
    ofx,
    ofx_transaction,
    payment,
    statement,
    swift,
    transfer,
    written,
)

from palermo.doors.cli import run
from palermo.investigation.money import Import, ImportRequest, import_statements
from palermo.model import Unreadable
from palermo.model.transaction import STATEMENT_ROWS

RENT = entry("50.00", "CRDT", "2026-03-02", ref="R1", name="Jane", account=THERE)
GOODS = entry("4.50", "DBIT", "2026-03-03", ref="R2", name="Shop", account=SHOP)
MARCH = statement("100.00", "145.50", [RENT, GOODS], last="2026-03-31")
MAY = statement(
    "200.00", "195.50", [entry("4.50", "DBIT", "2026-05-03", ref="R3", name="Shop", account=SHOP)],
    name="S3", number=3, first="2026-05-01", last="2026-05-31",
)  # fmt: skip
PROFILE = """name: Example
date_format: "%d.%m.%Y"
decimal: ","
currency: EUR
account: {account}
columns: {{date: Booked, amount: Amount, memo: Text, counterparty_account: IBAN}}
"""


def imported(folder: Path, *files: Path, zone: str = "Europe/Berlin", **more: Any) -> Import:
    return import_statements(
        ImportRequest(files=files, out=folder / "out" / "tx.parquet", zone=zone, **more)
    )


def rows_of(folder: Path, name: str = "tx") -> list[dict[str, Any]]:
    if name == "tx":
        table = pq.read_table(folder / "out" / "tx.parquet")
        assert table.schema.equals(STATEMENT_ROWS)
        return list(table.to_pylist())
    with (folder / "out" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_gaps_are_said_and_the_exit_code_is_nought(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    march, may = (
        written(tmp_path, document(one), name) for one, name in ((MARCH, "m"), (MAY, "y"))
    )
    out = tmp_path / "out" / "tx.parquet"
    assert run(["money", "import", str(may), str(march), "-o", str(out), "--zone", "UTC"]) == 0
    told = capsys.readouterr().out
    assert "GAP between m#S1 and y#S3: closes with 145.50 EUR, opens with 200.00 EUR" in told
    assert "number 2 is missing" in told
    assert "3 transactions, 0 duplicates left out, 0 rows set aside, 2 gaps." in told
    assert "not whole" in told
    facts = json.loads((tmp_path / "out" / "import.json").read_text())
    assert [one["state"] for file in facts["files"] for one in file["statements"]] == ["proven"] * 2
    assert [gap["kind"] for gap in facts["between"]] == ["between", "number"]
    assert [row["statement"] for row in rows_of(tmp_path)] == ["m#S1", "m#S1", "y#S3"]


def test_the_outcome_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, document(MARCH))
    out = tmp_path / "out" / "tx.parquet"
    assert run(["money", "import", str(path), "-o", str(out), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["transactions"], facts["gaps"], facts["set_aside"]) == (2, 0, 0)
    assert facts["files"][0]["remarks"][0]["count"] == 2  # without zone


def test_overlapping_statements_of_several_formats(tmp_path: Path) -> None:
    """One account in camt, MT940 and a table; the shop's own statement tells the other side."""
    camt = written(tmp_path, document(MARCH), "a.xml")
    mt = written(
        tmp_path,
        swift(
            ":61:260302C50,00NTRFX//R1",
            f":86:166?00X?31{THERE}?32Jane",
            ":61:260303D4,50NTRFY//R2",
            f":86:166?00X?31{SHOP}?32Shop",
            closing="C260331EUR145,50",
        ),
        "b.sta",
    )
    table = written(tmp_path, f"Booked;Amount;Text;IBAN\n02.03.2026;50,00;rent;{THERE}\n", "c.csv")
    came = entry("4.50", "CRDT", "2026-03-04", name="E", account=OWN)
    shop = written(tmp_path, document(statement(None, None, [came], account=SHOP)), "d.xml")
    group = "<GrpHdr><IntrBkSttlmDt>2026-03-03</IntrBkSttlmDt></GrpHdr>"
    text = document(group, transfer("4.50"), message="pacs.008")
    message = written(tmp_path, text, "e.xml")
    profile = written(tmp_path, PROFILE.format(account=OWN), "p.yaml")
    done = imported(tmp_path, mt, table, message, shop, camt, profiles=[profile])
    kept = rows_of(tmp_path)
    assert [(row["src"], row["dst"], row["amount_minor"]) for row in kept] == [
        (THERE, OWN, 5000),
        (OWN, SHOP, 450),
    ]
    repeats = rows_of(tmp_path, "duplicates")
    assert done.duplicates == len(repeats) == 5
    known = {row["tx_id"] for row in kept}
    assert {row["repeats_tx_id"] for row in repeats} <= known
    assert done.facts["duplicates"] == {"counterparty": 1, "other_side": 2, "reference": 2}


def test_every_row_is_in_the_table_a_duplicate_or_set_aside(tmp_path: Path) -> None:
    bad = RENT.replace("50.00", "fifty")
    pending = entry("9.00", "CRDT", "2026-03-04", status="PDNG")
    first = written(
        tmp_path, document(statement("0.00", "45.50", [RENT, bad, GOODS, pending])), "a"
    )
    second = written(tmp_path, document(statement("0.00", "50.00", [RENT])), "b")
    done = imported(tmp_path, first, second)
    assert (done.transactions, done.duplicates, done.set_aside) == (2, 1, 2)
    assert [(row["file"], row["row"], row["value"]) for row in rows_of(tmp_path, "set_aside")] == [
        ("a", "2", "fifty"),
        ("a", "4", "PDNG"),
    ]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, document(MARCH, MAY))
    outs = []
    for name in ("one", "two"):
        import_statements(
            ImportRequest(files=[path], out=tmp_path / name / "tx.parquet", zone="Europe/Berlin")
        )
        outs.append({one.name: one.read_bytes() for one in sorted((tmp_path / name).iterdir())})
    assert outs[0] == outs[1]
    assert set(outs[0]) == {"tx.parquet", "import.json", "set_aside.csv", "duplicates.csv"}


def test_a_file_that_cannot_be_read_costs_that_file_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = written(tmp_path, document(MARCH), "good.xml")
    files = [good, tmp_path / "missing", written(tmp_path, "%PDF-1.7", "a.pdf"),
             written(tmp_path, "", "empty"), written(tmp_path, document(MARCH), "again.xml"),
             tmp_path]  # fmt: skip
    out = tmp_path / "out" / "tx.parquet"
    assert run(["money", "import", *map(str, files), "-o", str(out), "--zone", "UTC"]) == 0
    told = capsys.readouterr().out
    assert told.count("NOT READ") == 4
    assert "AGAIN     again.xml: the same file as good.xml" in told
    assert len(rows_of(tmp_path)) == 2


def test_nothing_readable_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out" / "tx.parquet"
    path = written(tmp_path, "a,b\n1,2\n")
    assert run(["money", "import", str(path), "-o", str(out)]) == 2
    assert "--profile (found a, b)" in capsys.readouterr().err
    assert not out.exists()
    with pytest.raises(Unreadable, match="parquet"):
        import_statements(ImportRequest(files=[path], out=tmp_path / "tx.csv"))
    assert run(["money", "import", str(path), "-o", str(out), "--zone", "Moon/Crater"]) == 2


def test_the_first_profile_that_fits_is_taken(tmp_path: Path) -> None:
    other = PROFILE.format(account=SHOP).replace("Amount", "Betrag")
    profiles = [written(tmp_path, PROFILE.format(account=OWN), "p.yaml"),
                written(tmp_path, other, "q.yaml")]  # fmt: skip
    head = "Booked;{};Text;IBAN\n02.03.2026;7,00;x;\n"
    files = [written(tmp_path, head.format(name), f"{name}.csv") for name in ("Betrag", "Amount")]
    imported(tmp_path, *files, profiles=profiles)
    assert {row["dst"] for row in rows_of(tmp_path)} == {OWN, SHOP}


def test_reversals_name_what_they_take_back(tmp_path: Path) -> None:
    back = entry("4.50", "CRDT", "2026-03-05", more="<RvslInd>true</RvslInd>",
                 details=[payment("DBIT", name="Shop", account=SHOP)])  # fmt: skip
    lost = entry("1.00", "CRDT", "2026-03-06", more="<RvslInd>true</RvslInd>")
    path = written(tmp_path, document(statement("9.00", "10.00", [GOODS, back, lost])))
    done = imported(tmp_path, path)
    first, second, third = rows_of(tmp_path)
    assert second["reverses"] == first["tx_id"]
    assert third["reverses"] is None
    assert (done.facts["reversals"], done.facts["reversals_without_original"]) == (2, 1)


def test_rows_of_one_moment_keep_the_order_of_the_statement(tmp_path: Path) -> None:
    rows = [entry(f"{k}.00", "CRDT", "2026-03-02", ref=f"R{k}") for k in (3, 1, 2)]
    imported(tmp_path, written(tmp_path, document(statement("0.00", "6.00", rows))))
    assert [row["bank_ref"] for row in rows_of(tmp_path)] == ["R3", "R1", "R2"]
    turned = "Booked;Amount;Text;IBAN\n03.03.2026;1;c;\n02.03.2026;1;b;\n02.03.2026;1;a;\n"
    profile = written(tmp_path, PROFILE.format(account=OWN), "p.yaml")
    imported(tmp_path, written(tmp_path, turned, "t.csv"), profiles=[profile])
    assert [row["memo"] for row in rows_of(tmp_path)] == ["a", "b", "c"]


def test_formulas_do_not_run_from_the_lists(tmp_path: Path) -> None:
    evil = "=cmd|' /C calc'!A0"
    rows = [RENT.replace("thanks", evil), RENT.replace("50.00", evil)]
    files = [written(tmp_path, document(statement("0.00", "50.00", rows), *more), name)
             for name, more in (("a", ()), ("b", (MAY,)))]  # fmt: skip
    imported(tmp_path, *files)
    for name, field in (("set_aside", "value"), ("duplicates", "memo")):
        cells = [row[field] for row in rows_of(tmp_path, name)]
        assert cells
        assert all(not cell.startswith("=") for cell in cells)


def test_the_table_can_be_traced(tmp_path: Path) -> None:
    """Jane's rent went through the account to the shop, behind 100 of its own."""
    goods = entry("120.00", "DBIT", "2026-03-03", ref="R2", name="Shop", account=SHOP)
    seed = entry("100.00", "CRDT", "2026-03-01", ref="R0", name="Own", account="99")
    path = written(tmp_path, document(statement("0.00", "30.00", [seed, RENT, goods])))
    imported(tmp_path, path)
    claims = tmp_path / "claims.csv"
    claims.write_text(f"claimant,account,amount_minor,from\nJane,{OWN},5000,2026-03-01T23:00:00Z\n")
    out = tmp_path / "traced"
    table = str(tmp_path / "out" / "tx.parquet")
    assert run(["trace", table, "--claims", str(claims), "--rule", "fifo", "-o", str(out)]) == 0
    with (out / "holdings.csv").open(newline="") as file:
        held = {row["account"]: int(row["amount_minor"]) for row in csv.DictReader(file)}
    assert held == {OWN: 3000, SHOP: 2000}
    with (out / "undocumented.csv").open(newline="") as file:
        assert OWN not in {row["account"] for row in csv.DictReader(file)}


def test_ofx_alone_cannot_be_proven_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, ofx(ofx_transaction("-1.00", "20260302", "f1")))
    out = tmp_path / "out" / "tx.parquet"
    assert run(["money", "import", str(path), "-o", str(out), "--zone", "UTC"]) == 0
    assert "cannot be proven" in capsys.readouterr().out
