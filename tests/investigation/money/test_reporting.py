"""From alerts to a report: the trail, plain words, nothing invented, nobody's account closed."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lxml import etree

from palermo.doors.cli import run
from palermo.formats import write_table
from palermo.formats.goaml import parse_xml, read_profile, read_xml, schema_text, transactions
from palermo.investigation.money.alerts import read_alerts, read_victims
from palermo.investigation.money.reporting import reason
from palermo.model import Unreadable
from palermo.model.report import Alert, Atom
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS


def paid(number: str, src: str, dst: str, units: int, **more: Any) -> dict[str, Any]:
    known = {
        "tx_id": number,
        "ts": datetime(2026, 3, 1, 22, len(number), tzinfo=UTC),
        "src": src,
        "dst": dst,
        "amount_minor": units,
        "currency": "EUR",
        "channel": "p2p",
    }
    return {**known, **more}


ALERTS = [
    {
        "account": "V1",
        "role": "possible_victim",
        "score": 0.75,
        "atoms": [
            {
                "rule": "S05",
                "version": "2",
                "parameters": {"share": 0.8, "h": 48},
                "window": ["2026-03-01", "2026-03-02"],
                "tx_ids": ["t1", "t2", "gone"],
                "value": 0.8,
                "source": "FT21",
            }
        ],
        "against": ["only two payments."],
    },
    {
        "account": "C1",
        "role": "controller",
        "score": 0.9,
        "atoms": [{"rule": "S06", "tx_ids": ["t2"]}, {"rule": "G03", "tx_ids": ["t3"]}],
        "against": [],
    },
]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALERMO_NOW", "2026-04-01T00:00:00Z")
    payments = [
        paid("t2", "V1", "C1", 12_000, memo="a & b <c>"),
        paid("t1", "B1", "V1", 15_000),
        paid("t3", "X9", "C1", -9_000, currency="USD", channel="cash"),  # a reversal: C1 gave
        paid("other", "N1", "N2", 1),
    ]
    accounts = [
        {"account": "V1", "kind": "bank", "holder": "Kim Sample", "holder_kind": "person",
         "country": "XA", "city": "Port", "address": "1 Quay", "phone": "+12025550143",
         "opened": date(2026, 1, 2), "currency": "EUR"},
        {"account": "C1", "kind": "bank", "holder": "Spa Ltd", "holder_kind": "business",
         "country": "XA", "currency": "EUR"},
        {"account": "X9", "kind": "outside", "country": "XB"},
    ]  # fmt: skip
    write_table(pa.Table.from_pylist(payments, schema=STATEMENT_ROWS), tmp_path / "tx.parquet")
    write_table(pa.Table.from_pylist(accounts, schema=ACCOUNTS), tmp_path / "accounts.parquet")
    (tmp_path / "alerts.json").write_text(json.dumps(ALERTS))
    return tmp_path


def write(folder: Path, profile: str = "example-5", *more: str) -> int:
    return run(
        [
            "goaml", "write", "--alerts", str(folder / "alerts.json"),
            "--transactions", str(folder / "tx.parquet"),
            "--accounts", str(folder / "accounts.parquet"),
            "--profile", profile, "-o", str(folder / "report.xml"), "--currency", "EUR", *more,
        ]
    )  # fmt: skip


@pytest.mark.parametrize("profile", ["example-4", "example-5"])
def test_the_trail_is_the_payments_of_the_alerts(files: Path, profile: str) -> None:
    assert write(files, profile) == 0
    report = read_xml(files / "report.xml")
    numbers = [one.value("transactionnumber") for one in report.all("transaction")]
    assert numbers == ["t2", "t1", "t3"]
    sums = [one.value("amount_local") for one in report.all("transaction")]
    assert sorted(one for one in sums if one) == ["120.00", "150.00"]
    foreign = report.first("transaction") and next(
        one for one in report.all("transaction") if one.value("transactionnumber") == "t3"
    )
    assert foreign
    side = foreign.first("t_from_my_client")
    assert side is not None  # the reversal is turned round: the money went from C1
    assert side.value("from_foreign_currency", "foreign_amount") == "90.00"
    assert side.value("from_foreign_currency", "foreign_currency_code") == "USD"
    indicators = report.first("report_indicators")
    assert indicators is not None
    found = {one.text for one in indicators.all("indicator")}
    assert found == ({"HT-CTRL", "ML-FUNNEL"} if profile == "example-4" else {"THBSX", "MLLAY"})


def test_the_reason_is_plain_and_asks_for_no_closing(files: Path) -> None:
    assert write(files) == 0
    reason = read_xml(files / "report.xml").value("reason") or ""
    assert "possible victim" in reason
    assert "asks for no measure against the account" in reason
    assert "What speaks against it: only two payments." in reason
    assert "nothing recorded; this was not examined" in reason
    assert "Rule S05 (version 2; found 0.8; window 2026-03-01 to 2026-03-02;" in reason
    assert "parameters h=48, share=0.8" in reason
    assert "270.00 EUR" in reason
    everything = (files / "report.xml").read_text()
    asked = re.compile(
        r"(please|must|should|request\w*|ask\w*)[^.]{0,40}\b(clos|block|freez)", re.IGNORECASE
    )
    for found in asked.finditer(everything):
        assert "Nothing in this report asks" in everything[found.start() - 60 : found.end()]
    victim = [
        one
        for transaction in read_xml(files / "report.xml").all("transaction")
        for side in transaction.children
        if (one := side.first("from_account") or side.first("to_account"))
        and one.value("account") == "V1"
    ]
    assert victim
    assert all("Possible victim" in (one.value("comments") or "") for one in victim)


def test_what_nobody_knows_is_listed_and_not_invented(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(files, "example-5", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    paths = {one["path"].split("/", 2)[-1] for one in done["to_fill"]}
    assert any(path.endswith("t_person/first_name") for path in paths)
    assert any(path.endswith("amount_local") for path in paths)
    assert done["not_found"] == ["gone"]
    hints = {one["hint"] for one in done["to_fill"]}
    assert "account V1, holder as recorded: Kim Sample" in hints
    text = (files / "report.xml").read_text()
    assert "<first_name>" not in text
    assert "<ssn>" not in text
    listed = (files / "report.fill-in.md").read_text()
    assert listed.count("- [ ]") == len(done["to_fill"])
    assert "in 2 places" in listed
    assert done["problems"] == []


@pytest.mark.parametrize("profile", ["example-4", "example-5"])
def test_filled_in_the_report_is_sound_for_both_engines(
    files: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fill in what is listed, as a person would, until nothing is left."""
    assert write(files, profile) == 0
    text = (files / "report.xml").read_text()
    person = (
        "<first_name>Kim</first_name><last_name>Sample</last_name>"
        "<birthdate>2000-01-01T00:00:00</birthdate><ssn>1</ssn><nationality1>XA</nationality1>"
        "<residence>XA</residence><phones>"
    )
    account = "<institution_name>Bank</institution_name><institution_code>B</institution_code>"
    old = profile == "example-4"
    status, role, kind = ("A", "H", "CUR") if old else ("ACT", "HOLD", "CURR")
    number = "<client_number>7</client_number>" if old else ""
    signatory = (
        "<signatory><t_person>"
        f"{person}<phone><tph_contact_type>{'O' if old else 'OTHR'}</tph_contact_type>"
        f"<tph_communication_type>{'M' if old else 'MOB'}</tph_communication_type>"
        "<tph_number>1</tph_number></phone></phones><occupation>x</occupation></t_person>"
        f"<role>{role}</role></signatory>"
    )
    filled = re.sub(r">\s+<", "><", text)
    filled = filled.replace("<report>", "<report><rentity_id>7</rentity_id>", 1)
    if old:
        filled = filled.replace(
            "<submission_code>", "<rentity_branch>Port</rentity_branch><submission_code>"
        )
    else:
        filled = filled.replace(
            "<reason>",
            "<reporting_person><first_name>R</first_name><last_name>E</last_name>"
            "</reporting_person><reason>",
        )
    filled = filled.replace(
        "<foreign_amount>90.00</foreign_amount>",
        "<foreign_amount>90.00</foreign_amount><foreign_exchange_rate>1</foreign_exchange_rate>",
    )
    filled = re.sub(
        r"(</transmode_code>)(?!<amount)", r"\1<amount_local>90.00</amount_local>", filled
    )
    filled = re.sub(
        r"(</transactionnumber>)(?!<transaction_loc)",
        r"\1<transaction_location>Port</transaction_location>",
        filled,
    )
    filled = re.sub(
        r"(</transaction_location>)(?!<transaction_des)",
        r"\1<transaction_description>none</transaction_description>",
        filled,
    )
    filled = re.sub(r"(<(?:from|to)_account>)", rf"\1{account}", filled)
    filled = filled.replace("<account>V1</account>", "<branch>P</branch><account>V1</account>")
    filled = filled.replace("<account>C1</account>", "<branch>P</branch><account>C1</account>")
    filled = re.sub(
        rf"(<account_name>[^<]*</account_name>)(<personal_account_type>{kind})",
        rf"\1{number}\2",
        filled,
    )
    filled = filled.replace("<t_person><phones>", f"<t_person>{person}")
    filled = filled.replace(
        "</t_person></signatory>",
        f"<occupation>x</occupation></t_person><role>{role}</role></signatory>",
    )
    filled = filled.replace("</opened>", f"</opened><status_code>{status}</status_code>")
    filled = filled.replace(
        "<name>Spa Ltd</name></t_entity>",
        "<name>Spa Ltd</name><incorporation_legal_form>L</incorporation_legal_form>"
        "<incorporation_number>1</incorporation_number><business>spa</business>"
        "<incorporation_country_code>XA</incorporation_country_code>"
        "<incorporation_date>2020-01-01T00:00:00</incorporation_date></t_entity>"
        f"{signatory}<opened>2020-01-01T00:00:00</opened><status_code>{status}</status_code>",
    )
    filled = re.sub(
        r"(</(from|to)_account>)(?!<(?:from|to)_country)", r"\1<\2_country>XB</\2_country>", filled
    )
    (files / "filled.xml").write_text(filled)
    capsys.readouterr()
    assert run(["goaml", "validate", str(files / "filled.xml"), "--profile", profile]) == 0, (
        capsys.readouterr().out
    )
    xsd = files / "schema.xsd"
    assert run(["goaml", "schema", "--profile", profile, "-o", str(xsd)]) == 0
    assert etree.XMLSchema(etree.parse(xsd)).validate(etree.fromstring(filled.encode()))
    rows = transactions(parse_xml(filled.encode()), profile=read_profile(profile))
    assert sorted(rows.table["tx_id"].to_pylist()) == ["t1", "t2", "t3"]
    assert rows.set_aside == ()


def test_the_same_input_gives_the_same_bytes(files: Path) -> None:
    assert write(files) == 0
    first = (files / "report.xml").read_bytes()
    assert write(files) == 0
    assert (files / "report.xml").read_bytes() == first
    assert schema_text(read_profile("example-5")) == schema_text(read_profile("example-5"))


def test_only_chosen_accounts_are_reported(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert write(files, "example-5", "--only", "C1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["alerts"] == 1
    assert "possible victim" not in (files / "report.xml").read_text()
    assert write(files, "example-5", "--only", "nobody") == 2


def test_an_alert_without_payments_becomes_an_activity(files: Path) -> None:
    (files / "alerts.json").write_text(
        json.dumps(
            {"alerts": [{"account": "C1", "role": "facilitator", "atoms": [{"rule": "L01"}]}]}
        )
    )
    assert write(files) == 0
    report = read_xml(files / "report.xml")
    assert report.first("transaction") is None
    party = report.first("activity", "report_parties", "report_party")
    assert party is not None
    assert party.value("account_my_client", "account") == "C1"
    assert party.value("reason") == "Indicated role: facilitator."


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("{", "not JSON"),
        ("3", "expected a list of alerts"),
        ("[3]", "alert 1: expected an object"),
        ('[{"account": "A", "role": "criminal"}]', "role 'criminal'; expected one of controller"),
        ('[{"role": "buyer"}]', "names no account"),
        ('[{"account": "A", "role": "buyer", "atoms": [{}]}]', "names no rule"),
        ('[{"account": "A", "role": "buyer", "atoms": 3}]', "are lists"),
        ("[]", "no alert to report"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_bad_alerts_are_refused_in_plain_words(
    raw: str, words: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "alerts.json").write_text(raw)
    assert write(files) == 2
    assert words in capsys.readouterr().err


def test_validate_says_what_is_wrong_and_exits_1(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(files) == 0
    capsys.readouterr()
    assert run(["goaml", "validate", str(files / "report.xml"), "--profile", "example-5"]) == 1
    assert "missing, expected one; fill it in" in capsys.readouterr().out
    assert run(["goaml", "validate", str(files / "report.xml"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["profile"] == "core-5.0"
    assert told["errors"] == sum(one["severity"] == "error" for one in told["issues"])
    assert run(["goaml", "profiles"]) == 0
    assert "example-4: " in capsys.readouterr().out


def test_tables_may_be_csv_and_bad_days_are_set_aside(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csv = files / "tx.csv"
    csv.write_text(
        "tx_id,ts,src,dst,amount_minor,currency,value_date,day_only\n"
        "t1,2026-03-01T22:10:00Z,B1,V1,15000,EUR,2026-03-01,false\n"
        "t2,2026-03-01T23:10:00Z,V1,C1,12000,EUR,soon,false\n"
        "t3,2026-03-01T23:10:00Z,V1,C1,12000,EUR,,perhaps\n"
    )
    assert (
        run(
            ["goaml", "write", "--alerts", str(files / "alerts.json"), "--transactions", str(csv),
             "--accounts", str(files / "accounts.parquet"), "--profile", "example-5",
             "-o", str(files / "r.xml"), "--json"]
        ) == 0
    )  # fmt: skip
    done = json.loads(capsys.readouterr().out)
    assert (done["payments"], done["set_aside"]) == (1, 2)
    assert "<value_date>2026-03-01T00:00:00</value_date>" in (files / "r.xml").read_text()


def test_alerts_as_the_command_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "alerts.json"
    atom = {
        "rule": "S05",
        "version": 1,
        "value": 0.8,
        "unit": "of inflow",
        "rows": ["t1", "t2"],
        "rows_in_all": 70,
        "source": [{"work": "FT21", "section": "2"}],
        "window": ["2026-03-01T00:00:00Z", None],
    }
    path.write_text(
        json.dumps(
            {
                "alerts_listed": [
                    {
                        "account": "V1",
                        "role": "possible-victim",
                        "score": 0.5,
                        "evidence": [atom],
                        "against": [{"name": "Long known", "value": 9, "unit": "years"}],
                        "may_be_explained_by": ["a family abroad"],
                    }
                ]
            }
        )
    )
    (alert,) = read_alerts(path)
    assert (alert.role, alert.against) == (
        "possible victim",
        ("Long known (9 years)", "a family abroad"),
    )
    (found,) = alert.atoms
    assert (found.tx_ids, found.payments, found.value) == (("t1", "t2"), 70, "0.8 of inflow")
    assert found.source == "section=2, work=FT21"
    assert "70 payments, the first 2 of which are named" in reason([alert], [])


def test_possible_victims_beyond_the_budget_are_known_from_the_roles(tmp_path: Path) -> None:
    alerts = tmp_path / "alerts.json"
    assert read_victims(alerts) == frozenset()
    roles = tmp_path / "roles.csv"
    roles.write_text(
        "account,role\nA,possible-victim\nB,controller\nC,Possible victim\n'+1,victim\n"
    )
    assert read_victims(alerts) == {"A", "C", "'+1", "+1"}
    roles.write_text("account,role\nA\n")
    with pytest.raises(Unreadable, match="unprotected"):
        read_victims(alerts)


def test_a_long_reason_ends_with_a_count_of_what_it_leaves_out() -> None:
    alerts = [
        Alert(account=f"A{n}", role="controller", atoms=(Atom(rule="S06", source="x" * 90),))
        for n in range(90)
    ]
    words = reason(alerts, [])
    assert len(words) <= 8000
    told = sum(f"Account A{n}:" in words for n in range(90))
    assert 10 < told < 90
    assert words.endswith(f"{90 - told} further alerts stand in the file of alerts.")
