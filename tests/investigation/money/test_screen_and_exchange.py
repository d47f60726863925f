"""Commands of screening and FollowTheMoney: what is written, what is refused, what stays out."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from palermo.doors.cli import run
from palermo.doors.cli.money_screen import command as screen_command
from palermo.formats import write_table
from palermo.investigation.tables import SCHEMAS
from palermo.model import Unreadable
from palermo.model.screening import MATCHES
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

AUTHORITY = """palermo_authority: 1
organisation: Example prosecution office
power: eu/led-transmission
legal_basis: made up national law
purpose: Hand over to the court
case: 2026-0042
authorised_by: {{name: A. Example, role: public-prosecutor}}
from: 2026-01-01T00:00:00Z
until: 2026-07-01T00:00:00Z
offences: [trafficking-in-persons]
scope:
  material: [{material}]
  measures: [disclose]
"""
WALLET = "3K35dyL85fR9ht7UgzPfd1gLRRXQtNTqE3"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALERMO_NOW", "2026-04-01T00:00:00Z")
    accounts = [
        {"account": "V1-ACCOUNT", "kind": "bank", "holder": "Kim Sample", "holder_kind": "person",
         "phone": "+12025550143", "opened": date(2026, 1, 2), "birth_year": 2001},
        {"account": WALLET, "kind": "wallet", "holder": "Yevgeny Zakharchenko",
         "holder_kind": "person", "birth_year": 1970},
    ]  # fmt: skip
    payments = [
        {"tx_id": f"t{n}", "ts": datetime(2026, 3, n, tzinfo=UTC), "src": "V1-ACCOUNT",
         "dst": WALLET, "amount_minor": n, "currency": "EUR", "dst_name": "=Yevgeny Zakharchenko"}
        for n in (1, 2)
    ]  # fmt: skip
    write_table(pa.Table.from_pylist(payments, schema=STATEMENT_ROWS), tmp_path / "tx.parquet")
    write_table(pa.Table.from_pylist(accounts, schema=ACCOUNTS), tmp_path / "accounts.parquet")
    (tmp_path / "alerts.json").write_text(
        json.dumps([{"account": "V1-ACCOUNT", "role": "possible victim", "atoms": []}])
    )
    person = {
        "id": "Q1",
        "schema": "Person",
        "properties": {"name": ["Захарченко Евгений"], "birthDate": ["1970-05-05"]},
    }
    (tmp_path / "list.json").write_text(json.dumps(person) + "\nbroken\n")
    (tmp_path / "pack.yaml").write_text(
        f"title: t\ncreator: c\nlabel: l\nsource: s\ncurrency: BTC\ntags:\n- address: {WALLET}\n"
    )
    return tmp_path


def screened(table: str, folder: Path, out: str, *more: str) -> dict[str, Any]:
    lists = ["--list", str(folder / "list.json"), "--list", str(folder / "pack.yaml")]
    context = screen_command.make_context(
        "screen", [str(folder / table), *lists, "-o", str(folder / out), "--json", *more]
    )
    with context:
        screen_command.invoke(context)
    return {}


def test_accounts_and_payments_are_screened(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screened("accounts.parquet", files, "m.parquet")
    told = json.loads(capsys.readouterr().out)
    assert (told["subjects"], told["entries"], told["written"]) == (2, 2, 2)
    assert told["set_aside"] == {str(files / "list.json"): 1}
    table = pq.read_table(files / "m.parquet")
    assert table.schema.equals(MATCHES)
    rows = {row["entity"]: row for row in table.to_pylist()}
    assert rows[f"BTC:{WALLET}"]["grade"] == "strong"
    assert rows["Q1"]["agreed"] == ["name", "year of birth", "kind"]
    screened("tx.parquet", files, "m.jsonl", "--least", "weak")
    assert json.loads(capsys.readouterr().out)["subjects"] == 2


def test_no_cell_of_a_csv_is_run_as_a_formula(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screened("tx.parquet", files, "m.csv", "--least", "weak")
    capsys.readouterr()
    text = (files / "m.csv").read_text()
    assert "'=Yevgeny" in text
    assert ",=Yevgeny" not in text
    first = (files / "m.csv").read_bytes()
    screened("tx.parquet", files, "m.csv", "--least", "weak")
    assert (files / "m.csv").read_bytes() == first


def test_wrong_files_are_told(files: Path) -> None:
    (files / "list.json").rename(files / "list.txt")
    for table, listed, words in (
        ("accounts.parquet", "list.txt", "expected a TagPack"),
        ("accounts.parquet", "none.json", "give its path"),
        ("pack.yaml", "pack.yaml", "cannot be read"),
    ):
        arguments = [str(files / table), "--list", str(files / listed), "-o", str(files / "m.csv")]
        with pytest.raises(Unreadable, match=words):
            screen_command(arguments, standalone_mode=False)
    with pytest.raises(click.UsageError):
        screen_command([str(files / "tx.parquet"), "-o", "m.csv"], standalone_mode=False)


def export(folder: Path, *more: str) -> int:
    return run(
        ["ftm", "export", "--transactions", str(folder / "tx.parquet"),
         "--accounts", str(folder / "accounts.parquet"), "--alerts", str(folder / "alerts.json"),
         "-o", str(folder / "case.ftm.json"), *more]
    )  # fmt: skip


def test_a_possible_victim_stays_out_and_is_counted(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(files, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    text = (files / "case.ftm.json").read_text()
    for word in ("V1-ACCOUNT", "Kim", "Sample", "2025550143"):
        assert word not in text
    beside = json.loads((files / "case.ftm.json.losses.json").read_text())
    assert beside["held_back"] == told["held_back"]
    assert (told["held_back"]["accounts"], told["held_back"]["payments"]) == (1, 2)
    assert beside["with_victims"] is False
    for word in ("V1-ACCOUNT", "Kim"):
        assert word not in json.dumps(beside)


@pytest.mark.parametrize(
    ("material", "allowed"), [("statements, victims", True), ("statements", False)]
)
def test_only_an_authority_that_names_victims_lets_them_go(
    material: str, allowed: bool, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = files / "authority.yaml"
    authority.write_text(AUTHORITY.format(material=material))
    code = export(files, "--with-victims", "--authority", str(authority))
    assert code == (0 if allowed else 1)
    assert (files / "case.ftm.json").exists() == allowed
    if allowed:
        assert "V1-ACCOUNT" in (files / "case.ftm.json").read_text()
    else:
        assert "victims" in capsys.readouterr().err


def test_without_or_with_an_unlimited_or_expired_authority_nothing_is_written(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export(files, "--with-victims") == 1
    assert "--authority" in capsys.readouterr().err
    authority = files / "authority.yaml"
    unlimited = AUTHORITY.format(material="x").replace("  material: [x]\n", "")
    authority.write_text(unlimited)
    assert export(files, "--with-victims", "--authority", str(authority)) == 1
    assert "does not name `victims`" in capsys.readouterr().err
    authority.write_text(AUTHORITY.format(material="victims"))
    monkeypatch.setenv("PALERMO_NOW", "2026-08-01T00:00:00Z")
    assert export(files, "--with-victims", "--authority", str(authority)) == 1
    assert "ended on" in capsys.readouterr().err
    assert not (files / "case.ftm.json").exists()


def test_further_values_to_hold_back_come_from_a_file(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = files / "hidden.csv"
    hidden.write_text(f"name,Yevgeny Zakharchenko\n\naccount,{WALLET}\n")
    assert export(files, "--protect", str(hidden)) == 0
    assert "Zakharchenko" not in (files / "case.ftm.json").read_text()
    hidden.write_text("nom,Yevgeny\n")
    capsys.readouterr()
    assert export(files, "--protect", str(hidden)) == 2
    assert "line 1: expected a kind" in capsys.readouterr().err


def test_a_possible_victim_beyond_the_budget_stays_out_too(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "alerts.json").write_text("[]")
    (files / "roles.csv").write_text("account,role\nV1-ACCOUNT,possible-victim\n")
    assert export(files) == 0
    assert "Kim" not in (files / "case.ftm.json").read_text()
    assert "V1-ACCOUNT" not in (files / "case.ftm.json").read_text()


def test_out_and_in_again(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "alerts.json").write_text("[]")
    assert export(files) == 0
    capsys.readouterr()
    out = files / "in"
    assert run(["ftm", "import", str(files / "case.ftm.json"), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tables"]["accounts"], told["tables"]["flows"], told["other"]) == (2, 1, 0)
    (flow,) = pq.read_table(out / "flows.parquet").to_pylist()
    assert (flow["amount_minor"], flow["payments"], flow["tx_ids"]) == (3, 2, ["t1", "t2"])
    names = {path.name for path in out.iterdir()}
    assert {"alerts.json", "assets.json", "import.json", "other.jsonl"} < names


def test_a_case_folder_is_exported(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = files / "case" / "tables"
    tables.mkdir(parents=True)
    item = {"id": "ad1", "text": "Call Kim", "exhibit": "e", "row": 1, "row_hash": "h"}
    for name in ("items", "identifiers", "links"):
        rows = [item, {**item, "id": "ad2", "text": "Rooms"}] if name == "items" else []
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMAS[name]), tables / f"{name}.parquet")
    for name, source in (("transactions", "tx"), ("accounts", "accounts")):
        (tables / f"{name}.parquet").write_bytes((files / f"{source}.parquet").read_bytes())
    (tables / "alerts.json").write_bytes((files / "alerts.json").read_bytes())
    out = files / "out.json"
    assert run(["ftm", "export", str(files / "case"), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entities"]["Advertisement"] == 1
    assert "Rooms" in out.read_text()
    assert "Kim" not in out.read_text()


def test_without_alerts_nobody_knows_the_victims_and_nothing_leaves(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = files / "x.json"
    assert run(["ftm", "export", "--transactions", str(files / "tx.parquet"), "-o", str(out)]) == 1
    assert "who may be a victim" in capsys.readouterr().err
    assert not out.exists()


def test_nothing_to_export_and_no_case_are_told(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts = ["--alerts", str(files / "alerts.json")]
    assert run(["ftm", "export", "-o", str(files / "x.json"), *alerts]) == 2
    assert "nothing to export" in capsys.readouterr().err
    assert run(["ftm", "export", str(files), "-o", str(files / "x.json")]) == 2
    assert "is this a case?" in capsys.readouterr().err
    (files / "assets.json").write_text('[{"kind": "van"}]')
    assert export(files, "--assets", str(files / "assets.json")) == 2
    assert "each with `asset_id`" in capsys.readouterr().err
