"""camt.052, 053, 054: every version, signs, reversals, batches, times, and what is set aside."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.formats.statements.samples import (
    OWN,
    SHA,
    SHOP,
    THERE,
    balance,
    document,
    entry,
    payment,
    read,
    space,
    statement,
    written,
)

from palermo.formats.statements import detect
from palermo.model import Unreadable


def test_a_statement_becomes_rows_and_balances(tmp_path: Path) -> None:
    credit = entry("50.00", "CRDT", "2026-03-02", ref="R1", name="Jane Doe", account=THERE)
    debit = entry("4.50", "DBIT", "2026-03-03", ref="R2", name="Shop", account=SHOP)
    found = read(written(tmp_path, document(statement("100.00", "145.50", [credit, debit]))))
    first, second = found.rows
    assert first == {
        "tx_id": f"{SHA[:12]}-1",
        "ts": datetime(2026, 3, 1, 23, tzinfo=UTC),  # midnight in Berlin
        "src": THERE,
        "dst": OWN,
        "amount_minor": 5000,
        "currency": "EUR",
        "value_date": date(2026, 3, 2),
        "day_only": True,
        "zone": "Europe/Berlin",
        "channel": "transfer",
        "mcc": None,
        "memo": "thanks",
        "src_name": "Jane Doe",
        "dst_name": "Example Ltd",
        "city": None,
        "country": None,
        "device": None,
        "bank_ref": "R1",
        "status": "BOOK",
        "reverses": None,
        "balance_minor": None,
        "statement": "sample#S1",
        "line": 1,
        "own": OWN,
        "effect_minor": 5000,
        "reversal": False,
        "end_to_end": None,
        "day": date(2026, 3, 2),
    }
    assert (second["src"], second["dst"], second["effect_minor"]) == (OWN, SHOP, -450)
    (one,) = found.statements
    assert (one.account, one.holder, one.currency) == (OWN, "Example Ltd", "EUR")
    assert (one.opening_minor, one.closing_minor, one.entries) == (10000, 14550, 2)
    assert (one.format, one.kind, one.sequence, one.whole) == ("camt.053", "statement", 1, True)
    assert not found.aside


@pytest.mark.parametrize("message", ["camt.052", "camt.053", "camt.054"])
@pytest.mark.parametrize("version", range(2, 14))
def test_every_version_gives_the_same_rows(message: str, version: int, tmp_path: Path) -> None:
    element = {"camt.052": "Rpt", "camt.053": "Stmt", "camt.054": "Ntfctn"}[message]
    row = entry("1.00", "DBIT", "2026-03-02", name="Shop", account=SHOP, version=version)
    text = document(
        statement("5.00", "4.00", [row], element=element), message=message, version=version
    )
    found = read(written(tmp_path, text))
    (one,) = found.rows
    assert (one["dst"], one["dst_name"], one["effect_minor"]) == (SHOP, "Shop", -100)
    assert found.statements[0].format == message


@pytest.mark.parametrize(
    ("namespace", "said"),
    [
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.14", "version that is not known"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.001.001.09", "pain.001 is not a statement"),
        ("urn:example", "none of the namespaces"),
    ],
)
def test_other_namespaces_are_refused(namespace: str, said: str, tmp_path: Path) -> None:
    text = document(statement("1.00", "1.00", [])).replace(space("camt.053", 8), namespace)
    with pytest.raises(Unreadable, match=said):
        detect(written(tmp_path, text), "sample")


def test_an_envelope_around_the_document_is_passed_through(tmp_path: Path) -> None:
    inner = document(statement("1.00", "2.00", [entry("1.00", "CRDT", "2026-03-02")]))
    inner = inner.split("\n", 1)[1]
    text = f'<e:Envelope xmlns:e="urn:example"><e:Header>x</e:Header>{inner}</e:Envelope>'
    assert read(written(tmp_path, text)).column("effect_minor") == [100]


def test_a_prefix_does_not_matter(tmp_path: Path) -> None:
    text = document(statement("1.00", "2.00", [entry("1.00", "CRDT", "2026-03-02")]))
    prefixed = text.replace("<?", "\0").replace("</", "\1").replace("<", "<n:")
    prefixed = prefixed.replace("\1", "</n:").replace("\0", "<?").replace("xmlns=", "xmlns:n=")
    assert read(written(tmp_path, prefixed)).column("effect_minor") == [100]


def test_a_reversal_moves_the_money_back_to_whom_it_came_from(tmp_path: Path) -> None:
    """The entry is a credit that takes back a debit; its parties are those of the debit."""
    back = entry(
        "20.00",
        "CRDT",
        "2026-03-03",
        details=[payment("DBIT", name="Shop", account=SHOP)],
        more="<RvslInd>true</RvslInd>",
    )
    (row,) = read(written(tmp_path, document(statement("1.00", "21.00", [back])))).rows
    assert (row["src"], row["dst"], row["effect_minor"]) == (SHOP, OWN, 2000)
    assert row["reversal"] is True


def test_a_batch_becomes_its_payments_when_they_add_up(tmp_path: Path) -> None:
    parts = [
        payment("CRDT", amount="30.00", name="Ann", account=THERE, end_to_end="E1"),
        payment("CRDT", amount="12.50", name="Bob"),
    ]
    batch = entry("42.50", "CRDT", "2026-03-02", ref="B1", details=parts)
    found = read(written(tmp_path, document(statement("0.00", "42.50", [batch]))))
    assert found.column("effect_minor") == [3000, 1250]
    assert found.column("src") == [THERE, "name:bob"]
    assert found.column("bank_ref") == ["B1", "B1"]
    assert found.statements[0].entries == 1


def test_a_batch_that_does_not_add_up_stays_one_row(tmp_path: Path) -> None:
    parts = [payment("CRDT", amount="30.00", name="Ann"), payment("CRDT", amount="12.00")]
    batch = entry("42.50", "CRDT", "2026-03-02", details=parts)
    found = read(written(tmp_path, document(statement("0.00", "42.50", [batch]))))
    assert found.column("effect_minor") == [4250]
    assert any("do not add up" in remark.text for remark in found.remarks)


def test_pending_entries_are_set_aside_not_counted(tmp_path: Path) -> None:
    rows = [entry("1.00", "CRDT", "2026-03-02"), entry("9.00", "CRDT", "2026-03-02", status="PDNG")]
    found = read(written(tmp_path, document(statement("0.00", "1.00", rows))))
    assert found.column("effect_minor") == [100]
    ((row, field, value),) = [(one.row, one.field, one.value) for one in found.aside]
    assert (row, field, value) == (2, "Sts", "PDNG")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('<Amt Ccy="EUR">1.00</Amt>', '<Amt Ccy="EUR">1.005</Amt>', "Amt"),
        ('<Amt Ccy="EUR">1.00</Amt>', f'<Amt Ccy="EUR">{"9" * 400}</Amt>', "Amt"),
        ('<Amt Ccy="EUR">1.00</Amt>', "", "Amt Ccy"),
        ('<Amt Ccy="EUR">1.00</Amt>', '<Amt Ccy="EURO">1.00</Amt>', "Amt Ccy"),
        ('<Amt Ccy="EUR">1.00</Amt>', '<Amt Ccy="EUR">١</Amt>', "Amt"),
        ("<CdtDbtInd>DBIT", "<CdtDbtInd>DEBT", "Amt CdtDbtInd"),
        ("<BookgDt><Dt>2026-03-02", "<BookgDt><Dt>2026-02-30", "BookgDt"),
        ("<BookgDt><Dt>2026-03-02", "<BookgDt><Dt>02.03.2026", "BookgDt"),
    ],
)
def test_a_bad_entry_costs_that_entry_alone(old: str, new: str, field: str, tmp_path: Path) -> None:
    bad = entry("1.00", "DBIT", "2026-03-02")
    assert old in bad
    rows = [entry("2.00", "CRDT", "2026-03-01"), bad.replace(old, new, 1), bad]
    found = read(written(tmp_path, document(statement("9.00", "10.00", rows))))
    assert found.column("effect_minor") == [200, -100]
    assert found.column("line") == [1, 3]
    ((row, named),) = [(one.row, one.field) for one in found.aside]
    assert (row, named) == (2, field)


def test_currencies_have_their_own_digits(tmp_path: Path) -> None:
    rows = [
        entry("1200", "CRDT", "2026-03-02", currency="JPY"),
        entry("1.234", "CRDT", "2026-03-02", currency="KWD"),
    ]
    found = read(written(tmp_path, document(statement(None, None, rows))))
    assert found.column("amount_minor") == [1200, 1234]


def test_times_with_offset_are_exact_and_those_without_are_of_the_zone(tmp_path: Path) -> None:
    row = entry("1.00", "CRDT", "2026-03-02")
    day = "<BookgDt><Dt>2026-03-02</Dt></BookgDt>"
    times = ["2026-07-01T22:30:00+05:30", "2026-07-01T22:30:00", "2026-07-01T22:30:00.25Z"]
    rows = [row.replace(day, f"<BookgDt><DtTm>{time}</DtTm></BookgDt>") for time in times]
    found = read(written(tmp_path, document(statement("0.00", "3.00", rows))))
    assert [ts.isoformat() for ts in found.column("ts")] == [
        "2026-07-01T17:00:00+00:00",
        "2026-07-01T20:30:00+00:00",
        "2026-07-01T22:30:00.250000+00:00",
    ]
    assert found.column("day_only") == [False] * 3
    assert found.column("day") == [date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 2)]


def test_hours_without_zone_are_utc_and_counted(tmp_path: Path) -> None:
    rows = [entry("1.00", "CRDT", "2026-03-02")] * 3
    found = read(written(tmp_path, document(statement("0.00", "3.00", rows))), zone=None)
    assert found.column("ts")[0] == datetime(2026, 3, 2, tzinfo=UTC)
    assert found.column("zone") == [None] * 3
    (remark,) = found.remarks
    assert remark.count == 3
    assert "--zone" in remark.text


def test_the_hour_of_the_act_stands_only_on_the_day_of_booking(tmp_path: Path) -> None:
    told = "<RltdDts><TxDtTm>2026-03-0{}T23:15:00+01:00</TxDtTm></RltdDts>"
    rows = [
        entry("1.00", "DBIT", "2026-03-02", details=[payment("DBIT", more=told.format(day))])
        for day in (2, 1)
    ]
    found = read(written(tmp_path, document(statement("3.00", "1.00", rows))))
    assert found.column("day_only") == [False, True]
    assert found.column("ts")[0] == datetime(2026, 3, 2, 22, 15, tzinfo=UTC)
    assert any("another day" in remark.text for remark in found.remarks)


@pytest.mark.parametrize(
    ("code", "channel", "there"),
    [
        ("PMNT/CCRD/CWDL", "atm", f"cash:{OWN}:out"),
        ("PMNT/CNTR/CWDL", "cash", f"cash:{OWN}:out"),
        ("PMNT/CCRD/POSD", "card", f"unnamed:{OWN}:out"),
        ("ACMT/MDOP/CHRG", "fee", f"bank:{OWN}:out"),
        ("ACMT/MDOP/INTR", "interest", f"bank:{OWN}:out"),
        ("PMNT/ICHQ/CCHQ", "cheque", f"unnamed:{OWN}:out"),
        ("XXXX/YYYY/ZZZZ", None, f"unnamed:{OWN}:out"),
    ],
)
def test_bank_codes_name_the_channel_and_the_stand_in(
    code: str, channel: str | None, there: str, tmp_path: Path
) -> None:
    row = entry("1.00", "DBIT", "2026-03-02", code=code)
    (one,) = read(written(tmp_path, document(statement("1.00", "0.00", [row])))).rows
    assert (one["channel"], one["dst"]) == (channel, there)


def test_the_own_account_is_never_its_own_counterparty(tmp_path: Path) -> None:
    row = entry("1.00", "DBIT", "2026-03-02", name="Example Bank", account=OWN)
    (one,) = read(written(tmp_path, document(statement("1.00", "0.00", [row])))).rows
    assert (one["src"], one["dst"]) == (OWN, "name:example bank")


def test_pages_of_one_statement_have_interim_balances(tmp_path: Path) -> None:
    middle = balance("ITBD", "5.00", "2026-03-02") + balance("ITBD", "6.00", "2026-03-03")
    rows = [entry("1.00", "CRDT", "2026-03-02")]
    found = read(written(tmp_path, document(statement(None, None, rows, more=middle))))
    (one,) = found.statements
    assert (one.opening_minor, one.closing_minor) == (500, 600)


def test_statements_of_one_name_are_told_apart(tmp_path: Path) -> None:
    parts = [statement("1.00", "2.00", [entry("1.00", "CRDT", "2026-03-02")]) for _ in range(2)]
    found = read(written(tmp_path, document(*parts)))
    assert [one.name for one in found.statements] == ["sample#S1", "sample#S1 (2)"]
    assert found.column("statement") == ["sample#S1", "sample#S1 (2)"]


def test_a_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    rows = [entry("1.00", "CRDT", "2026-03-02")] * 50
    text = document(statement("0.00", "50.00", rows))
    found = read(written(tmp_path, text[: len(text) // 2]))
    assert 20 < len(found.rows) < 30
    assert found.statements[0].whole is False
    assert "breaks off" in found.aside[-1].reason


def test_latin_1_in_a_file_that_says_utf_8_costs_a_letter(tmp_path: Path) -> None:
    row = entry("1.00", "CRDT", "2026-03-02", name="J?rgen")
    text = document(statement("0.00", "1.00", [row])).encode().replace(b"J?rgen", b"J\xfcrgen")
    found = read(written(tmp_path, text))
    assert found.column("src_name") == ["J\N{REPLACEMENT CHARACTER}rgen"]
    assert any("not UTF-8" in remark.text for remark in found.remarks)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig", "windows-1252"])
def test_stated_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    row = entry("1.00", "CRDT", "2026-03-02", name="Jürgen")
    stated = encoding.removesuffix("-sig")
    text = document(statement("0.00", "1.00", [row])).replace("UTF-8", stated)
    assert read(written(tmp_path, text.encode(encoding))).column("src_name") == ["Jürgen"]


def test_letters_across_pieces_of_the_file_stay_whole(tmp_path: Path) -> None:
    """Each piece read ends within a letter of three bytes somewhere."""
    rows = [entry("1.00", "CRDT", "2026-03-02", name="寿司" * 300 + "x" * k) for k in range(60)]
    found = read(written(tmp_path, document(statement("0.00", "60.00", rows))))
    assert found.column("src_name") == ["寿司" * 300 + "x" * k for k in range(60)]
    assert not found.remarks


def test_blocks_are_bounded(tmp_path: Path) -> None:
    rows = [entry("1.00", "CRDT", "2026-03-02")] * 12_000
    found = read(written(tmp_path, document(statement("0.00", "12000.00", rows))))
    assert sum(found.blocks) == 12_000
    assert max(found.blocks) <= 10_000
