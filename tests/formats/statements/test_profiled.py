"""Banks' tables with a column profile, in CSV and in workbooks."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.formats.statements.samples import OWN, SHOP, read, written

from palermo.analysis.money.statements import prove
from palermo.formats.statements import Profile, profile_of, read_profile
from palermo.model import Unreadable

BASE: dict[str, Any] = {
    "name": "Example",
    "date_format": "%d.%m.%Y",
    "decimal": ",",
    "thousands": ".",
    "currency": "EUR",
    "account": OWN,
    "columns": {
        "date": "Booked",
        "amount": "Amount",
        "balance": "Balance",
        "memo": ["Text", "More"],
        "counterparty_name": "Name",
        "counterparty_account": "IBAN",
    },
}
TABLE = f"""Account;{OWN}
Period;March 2026

Booked;Name;IBAN;Text;More;Amount;Balance
01.03.2026;Jane;;rent;march;1.200,00;2.200,00
02.03.2026;Shop;{SHOP};;goods;-200,50;1.999,50
"""


def profile(**changes: Any) -> Profile:
    columns = BASE["columns"] | changes.pop("columns", {})
    kept = {field: name for field, name in columns.items() if name is not None}
    return profile_of(BASE | {"columns": kept} | changes, "test")


def test_a_table_below_lines_about_the_account(tmp_path: Path) -> None:
    found = read(written(tmp_path, TABLE), profile=profile())
    first, second = found.rows
    assert (first["src"], first["dst"], first["effect_minor"]) == ("name:jane", OWN, 120_000)
    assert (first["balance_minor"], first["memo"], first["line"]) == (220_000, "rent march", 1)
    assert (second["dst"], second["effect_minor"], second["memo"]) == (SHOP, -20_050, "goods")
    (one,) = found.statements
    assert (one.account, one.kind, one.newest_first) == (OWN, "export", False)
    assert prove(one, found.table).state == "running"


def test_the_latest_row_may_stand_first(tmp_path: Path) -> None:
    head, rows = TABLE.split("Balance\n")
    turned = head + "Balance\n" + "\n".join(reversed(rows.strip().split("\n"))) + "\n"
    found = read(written(tmp_path, turned), profile=profile())
    assert found.statements[0].newest_first is True
    assert prove(found.statements[0], found.table).state == "running"


@pytest.mark.parametrize(
    ("changes", "header", "row", "effect", "reversal"),
    [
        ({"sign": "inverse"}, "Booked;Amount", "01.03.2026;12,50", -1250, False),
        ({"sign": "columns", "columns": {"amount": None, "debit": "Out", "credit": "In"}},
         "Booked;Out;In", "01.03.2026;12,50;", -1250, False),
        ({"sign": "columns", "columns": {"amount": None, "debit": "Out", "credit": "In"}},
         "Booked;Out;In", "01.03.2026;0,00;7,00", 700, False),
        ({"sign": "columns", "columns": {"amount": None, "debit": "Out", "credit": "In"}},
         "Booked;Out;In", "01.03.2026;-12,50;", 1250, True),
        ({"sign": "columns", "negative_debits": True,
          "columns": {"amount": None, "debit": "Out", "credit": "In"}},
         "Booked;Out;In", "01.03.2026;-12,50;", -1250, False),
        ({"sign": "mark", "columns": {"mark": "DC"}, "credit": ["H", "CR"], "debit": ["S"]},
         "Booked;Amount;DC", "01.03.2026;12,50;s", -1250, False),
        ({"sign": "mark", "columns": {"mark": "DC"}, "credit": ["H", "CR"], "debit": ["S"]},
         "Booked;Amount;DC", "01.03.2026;12,50;H", 1250, False),
        ({"sign": "mark", "columns": {"mark": "DC"}, "credit": ["H", "CR"], "debit": ["S"]},
         "Booked;Amount;DC", "01.03.2026;-12,50;S", 1250, True),
        ({}, "Booked;Amount", "01.03.2026;12,50-", -1250, False),
        ({}, "Booked;Amount", "01.03.2026;(12,50)", -1250, False),
        ({}, "Booked;Amount", "01.03.2026;EUR −12,50", -1250, False),
        ({"thousands": " "}, "Booked;Amount", "01.03.2026;1\u202f234\u00a0567,5", 123_456_750,
         False),
    ],
)  # fmt: skip
def test_sign_conventions(
    changes: dict[str, Any], header: str, row: str, effect: int, reversal: bool, tmp_path: Path
) -> None:
    nothing = dict.fromkeys(("balance", "memo", "counterparty_name", "counterparty_account"))
    chosen = profile(**(changes | {"columns": nothing | changes.get("columns", {})}))
    (one,) = read(written(tmp_path, f"{header}\n{row}\n"), profile=chosen).rows
    assert (one["effect_minor"], one["reversal"]) == (effect, reversal)
    assert one["amount_minor"] == abs(effect)


@pytest.mark.parametrize(
    ("cell", "field"),
    [("1.2345,00", "amount"), ("1,2,3", "amount"), ("12,505", "amount"), ("1e3", "amount"),
     ("", "amount"), ("9" * 30, "amount"), ("=1+1", "amount"), ("12.50", "amount")],
)  # fmt: skip
def test_a_number_that_could_be_two_is_set_aside(cell: str, field: str, tmp_path: Path) -> None:
    text = TABLE.replace("1.200,00", cell)
    found = read(written(tmp_path, text), profile=profile())
    assert found.column("effect_minor") == [-20_050]
    assert [(one.row, one.field) for one in found.aside] == [(1, field)]


def test_hours_zones_and_their_gaps(tmp_path: Path) -> None:
    chosen = profile(
        zone="Europe/Paris",
        columns={"time": "Time", "balance": None, "memo": None, "counterparty_name": None,
                 "counterparty_account": None},
        time_format="%H:%M",
    )  # fmt: skip
    rows = ["28.03.2026;23:30;1,00", "29.03.2026;02:30;1,00", "25.10.2026;02:30;1,00",
            "25.10.2026;;1,00"]  # fmt: skip
    found = read(written(tmp_path, "Booked;Time;Amount\n" + "\n".join(rows)), profile=chosen)
    assert [ts.isoformat()[:16] for ts in found.column("ts")] == [
        "2026-03-28T22:30",
        "2026-03-29T01:30",
        "2026-10-25T00:30",
        "2026-10-24T22:00",
    ]
    assert found.column("day_only") == [False, False, False, True]
    assert set(found.column("zone")) == {"Europe/Paris"}
    (remark,) = found.remarks
    assert remark.count == 2  # one hour skipped, one that came twice


def test_rows_of_another_width_cost_those_rows(tmp_path: Path) -> None:
    found = read(written(tmp_path, TABLE + "total;1\n"), profile=profile())
    assert len(found.rows) == 2
    assert len(found.aside) == 1


def test_other_character_sets(tmp_path: Path) -> None:
    text = TABLE.replace("Jane", "Ивана")
    found = read(written(tmp_path, text.encode("cp1251")), profile=profile(encoding="cp1251"))
    assert found.column("src_name")[0] == "Ивана"
    utf16 = read(written(tmp_path, text.encode("utf-16"), "wide"), profile=profile())
    assert utf16.column("src_name")[0] == "Ивана"


def test_several_accounts_in_one_table(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("balance", "memo", "counterparty_name", "counterparty_account"))
    chosen = profile(columns=nothing | {"account": "Account", "currency": "Ccy"})
    text = f"Account;Ccy;Booked;Amount\n{OWN};EUR;01.03.2026;1,00\n{SHOP};EUR;01.03.2026;2,00\n{OWN};JPY;01.03.2026;3\n"  # noqa: E501
    found = read(written(tmp_path, text), profile=chosen)
    assert [(one.account, one.currency, one.entries) for one in found.statements] == [
        (OWN, "EUR", 1),
        (SHOP, "EUR", 1),
        (OWN, "JPY", 1),
    ]
    assert found.column("amount_minor") == [100, 200, 3]


def test_channels_by_pattern(tmp_path: Path) -> None:
    chosen = profile(channels={"cash machine|geldautomat": "atm"})
    text = TABLE.replace("rent;march", "GELDAUTOMAT 12;x")
    row = read(written(tmp_path, text), profile=chosen).rows[0]
    assert (row["channel"], row["src"]) == ("atm", f"cash:{OWN}:in")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sign": "columns"}, "needs a column for 'debit'"),
        ({"sign": "mark", "columns": {"mark": "X"}}, "needs the marks"),
        ({"thousands": ","}, "are the same"),
        ({"date_format": "%x"}, "date_format"),
        ({"encoding": "no-such"}, "no character set"),
        ({"unknown": 1}, "unknown"),
        ({"columns": {"amount": None}}, "amount"),
        ({"channels": {"(": "atm"}}, "channels"),
        ({"channels": {"x": "bribe"}}, "bribe"),
    ],
)
def test_a_profile_that_leaves_something_open_is_refused(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(Unreadable, match=said):
        profile(**changes)


@pytest.mark.parametrize(
    "text", ["a: [", "- 1", "null", "a: &a [*a]", "\0", "!!python/name:os.system"]
)
def test_a_profile_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read_profile(written(tmp_path, text))


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="'Booked' for `date`"):
        read(written(tmp_path, "a;b\n1;2\n"), profile=profile())


def workbook(rows: Sequence[Any], *, sheet: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


COLUMNS = ["Booked", "Name", "IBAN", "Text", "More", "Amount", "Balance"]


def test_a_workbook_as_spreadsheets_write_it(tmp_path: Path) -> None:
    data = workbook(
        [
            ["Account", OWN],
            [],
            COLUMNS,
            [date(2026, 3, 1), "Jane", None, "rent", None, 1200, 2200],
            [datetime(2026, 3, 2), "Shop", SHOP, "a", "b", -0.1 - 0.2, 2199.7],  # noqa: DTZ001
        ]
    )
    chosen = profile(decimal=".", thousands="")
    found = read(written(tmp_path, data), profile=chosen)
    assert found.column("effect_minor") == [120_000, -30]
    assert found.column("day") == [date(2026, 3, 1), date(2026, 3, 2)]
    assert found.column("line") == [4, 5]
    assert found.statements[0].format == "xlsx"
    assert prove(found.statements[0], found.table).state == "running"


def test_numbers_of_a_workbook_count_whatever_the_profile_of_texts(tmp_path: Path) -> None:
    """A number in a cell has no decimal sign of its own; a text in one has the bank's."""
    rows = [COLUMNS, [date(2026, 3, 1), "J", None, "", None, 1234.5, None],
            ["02.03.2026", "J", None, "", None, "1.234,50", None]]  # fmt: skip
    found = read(written(tmp_path, workbook(rows)), profile=profile())
    assert found.column("effect_minor") == [123_450, 123_450]
    assert found.column("day") == [date(2026, 3, 1), date(2026, 3, 2)]


def test_hours_and_sheets_of_a_workbook(tmp_path: Path) -> None:
    rows = [["Booked", "Time", "Amount"], [date(2026, 7, 1), time(22, 5, 6), 1]]
    chosen = profile(
        sheet="March",
        columns={"time": "Time", "balance": None, "memo": None, "counterparty_name": None,
                 "counterparty_account": None},
    )  # fmt: skip
    path = written(tmp_path, workbook(rows, sheet="March"))
    (row,) = read(path, profile=chosen).rows
    assert row["ts"] == datetime(2026, 7, 1, 20, 5, 6, tzinfo=UTC)
    with pytest.raises(Unreadable, match="no sheet 'April'; there is March"):
        read(path, profile=profile(sheet="April"))


def test_an_error_in_a_cell_costs_that_row(tmp_path: Path) -> None:
    data = workbook([COLUMNS, *([date(2026, 3, 1), "J", None, "", None, k, None] for k in (1, 2))])
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(b'<c r="F2" t="n"><v>1</v>', b'<c r="F2" t="e"><v>#REF!</v>')
                assert b"#REF!" in part
            new.writestr(name, part)
    found = read(written(tmp_path, changed.getvalue()), profile=profile())
    assert found.column("effect_minor") == [200]
    assert [(one.row, one.value) for one in found.aside] == [(2, "#REF!")]
