"""The command on the practice case: a folder that repeats, and that says what it leaves out."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from palermo.doors.cli import run
from palermo.investigation.alerts import AlertRequest, alert_files
from palermo.model import Unreadable
from palermo.scenario.money import make_money
from palermo.scenario.money.writing import write


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("money")
    write(make_money(60_000, seed=4), out)
    return out


def look(practice: Path, out: Path, *more: str) -> int:
    return run(
        [
            "money", "alerts", str(practice / "transactions.parquet"), "-o", str(out),
            "--accounts", str(practice / "accounts.parquet"), *more,
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(practice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("alerts") / "out"
    assert look(practice, out, "--budget", "0.02") == 0
    return out


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_and_its_hash(found: Path, practice: Path, tmp_path: Path) -> None:
    names = {path.name for path in found.iterdir()}
    assert names == {"alerts.json", "alerts.csv", "roles.csv", "not_looked_at.csv", "set_aside.csv"}
    assert look(practice, tmp_path / "again", "--budget", "0.02") == 0
    for name in names:
        assert (found / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_every_alert_has_evidence_that_can_be_looked_up(found: Path, practice: Path) -> None:
    document = json.loads((found / "alerts.json").read_text("utf-8"))
    known = set(
        pq.read_table(practice / "transactions.parquet", columns=["tx_id"])["tx_id"].to_pylist()
    )
    alerts = document["alerts_listed"]
    assert len(alerts) == document["within_budget"] > 5
    for alert in alerts:
        assert len(alert["families"]) >= 2
        assert {atom["family"] for atom in alert["evidence"]} == set(alert["families"])
        for atom in alert["evidence"]:
            assert set(atom["rows"]) <= known
            assert len(atom["rows"]) == min(50, atom["rows_in_all"])
            assert atom["source"]
            assert atom["parameters"]
        assert alert["score"] <= 1
    scores = [alert["score"] for alert in alerts]
    assert scores == sorted(scores, reverse=True)


def test_no_output_tells_anybody_to_shut_an_account_of_a_possible_victim(found: Path) -> None:
    document = json.loads((found / "alerts.json").read_text("utf-8"))
    victims = [one for one in document["alerts_listed"] if one["role"] == "possible-victim"]
    assert victims
    for alert in victims:
        assert alert["note"].startswith(
            "This person may be a victim. The alert is no ground to close"
        )
        text = json.dumps(alert["steps"]).lower()
        for word in ("close", "block", "freeze", "restrict", "terminate", "exit", "end the"):
            assert word not in text
    rows = [row for row in listed(found / "alerts.csv") if row["role"] == "possible victim"]
    assert all("no ground to close, block or restrict" in row["note"] for row in rows)


def test_what_lies_below_the_budget_is_told(found: Path) -> None:
    document = json.loads((found / "alerts.json").read_text("utf-8"))
    rows = listed(found / "roles.csv")
    assert len(rows) == document["alerts"] > document["within_budget"]
    within = [row["within_budget"] for row in rows]
    assert within.count("true") == document["within_budget"]


def test_what_was_not_looked_at_is_told(found: Path) -> None:
    why = {row["what"]: row["why"] for row in listed(found / "not_looked_at.csv")}
    assert "payslips" in why["L03"]
    assert "`ads`" in why["S12"]
    assert why["S09"].startswith("in part")


def test_a_dry_run_raises_nothing(practice: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("default: off\nrules:\n  S04: {parameters: {least: 5}}\n  S01: {}\n")
    assert look(practice, tmp_path / "dry", "--dry-run", "--rules", str(rules)) == 0
    assert {path.name for path in (tmp_path / "dry").iterdir()} == {
        "dry_run.json", "dry_run.csv", "not_looked_at.csv", "set_aside.csv",
    }  # fmt: skip
    rows = listed(tmp_path / "dry" / "dry_run.csv")
    assert {row["rule"] for row in rows} == {"S04", "S01"}
    students = next(r for r in rows if (r["rule"], r["group"]) == ("S04", "student"))
    assert int(students["found_per_10000"]) == int(students["found"]) * 10_000 // int(
        students["accounts"]
    )


def test_a_rule_file_changes_the_version(practice: Path, tmp_path: Path, found: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules:\n  S05: {enabled: false}\n")
    assert look(practice, tmp_path / "out", "--rules", str(rules)) == 0
    one = json.loads((tmp_path / "out" / "alerts.json").read_text("utf-8"))
    other = json.loads((found / "alerts.json").read_text("utf-8"))
    assert one["typologies"] != other["typologies"]
    used = {atom["rule"] for alert in one["alerts_listed"] for atom in alert["evidence"]}
    assert not used & {"S05", "S06"}


def test_a_cell_is_never_a_formula(practice: Path, tmp_path: Path) -> None:
    accounts = pq.read_table(practice / "accounts.parquet")
    rows = pq.read_table(practice / "transactions.parquet")

    def bad(column: Any) -> Any:
        return pa.array([None if one is None else f"=cmd|{one}" for one in column.to_pylist()])

    for name in ("src", "dst"):
        rows = rows.set_column(rows.schema.get_field_index(name), name, bad(rows[name]))
    accounts = accounts.set_column(0, "account", bad(accounts["account"]))
    pq.write_table(rows, tmp_path / "tx.parquet")
    pq.write_table(accounts, tmp_path / "accounts.parquet")
    request = AlertRequest(
        transactions=tmp_path / "tx.parquet",
        accounts=tmp_path / "accounts.parquet",
        out=tmp_path / "out",
        budget="0.02",
    )
    assert alert_files(request).within_budget
    for path in (tmp_path / "out").glob("*.csv"):
        for row in listed(path):
            assert not any((cell or "").startswith(("=", "+", "-", "@")) for cell in row.values())


def test_rows_that_cannot_be_read_are_kept_and_shown(tmp_path: Path) -> None:
    (tmp_path / "tx.csv").write_text(
        "tx_id,ts,src,dst,amount_minor,currency,day_only,value_date\n"
        "1,2026-01-01T10:00:00Z,a,b,100,EUR,true,2026-01-01\n"
        "2,2026-01-01T10:00:00Z,a,b,ten,EUR,,\n"
        "3,never,a,b,100,EUR,,\n"
        "4,2026-01-01T10:00:00Z,a,b,100,EUR,perhaps,\n"
        "5,2026-01-01T10:00:00Z,a,b,100,EUR,,2026-02-30\n"
        "6,2026-01-01T10:00:00Z,a,b,100,ZZZ,no,\n"
    )
    done = alert_files(AlertRequest(transactions=tmp_path / "tx.csv", out=tmp_path / "out"))
    assert (done.transactions, done.set_aside, done.alerts) == (1, 4, 0)
    aside = {(row["line"], row["field"]) for row in listed(tmp_path / "out" / "set_aside.csv")}
    assert aside == {("2", "amount_minor"), ("3", "ts"), ("4", "day_only"), ("5", "value_date")}
    left = {row["why"]: row["rows"] for row in listed(tmp_path / "out" / "not_looked_at.csv")}
    assert left["currency without a rate"] == "1"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--budget", "0"], "budget"),
        (["--budget", "lots"], "budget"),
        (["--list", "ads"], "NAME=FILE"),
        (["--list", "passports=x.csv"], "passports"),
        (["--rules", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_wrong_use_is_one_clear_line(
    practice: Path, tmp_path: Path, more: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(practice, tmp_path / "out", *more) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_account_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tx.csv").write_text(
        "tx_id,ts,src,dst,amount_minor,currency\n1,2026-01-01T10:00:00Z,a,b,100,EUR\n"
    )
    (tmp_path / "accounts.csv").write_text("account,holder\na,Ana\na,Bea\n")
    with pytest.raises(Unreadable, match="twice"):
        alert_files(
            AlertRequest(
                transactions=tmp_path / "tx.csv",
                accounts=tmp_path / "accounts.csv",
                out=tmp_path / "out",
            )
        )


def test_a_rule_file_is_plain_data(practice: Path, tmp_path: Path) -> None:
    for text in (
        "!!python/object/apply:os.system [true]",
        "rules: {S01: {sql: 'COPY tx TO 1'}}",
        "[" * 5000,
    ):
        (tmp_path / "rules.yaml").write_text(text)
        assert look(practice, tmp_path / "out", "--rules", str(tmp_path / "rules.yaml")) == 2
