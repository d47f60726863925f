"""goAML reports taken in beside statements."""

from pathlib import Path

import pytest
from tests.formats.goaml.test_transactions import GOLDEN
from tests.formats.statements.samples import read

from palermo.formats.statements import detect
from palermo.model import Unreadable
from palermo.model.statement import READ_ROWS


def test_a_report_is_known_by_what_stands_in_it_and_gives_its_payments(tmp_path: Path) -> None:
    copy = tmp_path / "anything.dat"
    copy.write_bytes(GOLDEN.read_bytes())
    assert detect(copy, "anything.dat").format == "goaml"
    found = read(copy)
    (row,) = found.rows
    assert set(row) == set(READ_ROWS.names)
    assert row["bank_ref"] == "t1"
    assert (row["src"], row["dst"]) == ("B-100", "GB82WEST12345698765432")
    assert (row["amount_minor"], row["currency"], str(row["day"])) == (15000, "EUR", "2026-03-01")
    # Which roles give and receive is said by a jurisdiction's profile, not by a report.
    assert [one.field for one in found.aside] == ["involved_parties"]
    (statement,) = found.statements
    assert (statement.kind, statement.entries, statement.entries_minor) == ("payments", 2, 15000)
    assert row["statement"] == statement.name


def test_a_damaged_transaction_costs_itself_alone(tmp_path: Path) -> None:
    text = GOLDEN.read_text()
    broken = tmp_path / "r.xml"
    broken.write_text(text.replace("<amount_local>150", "<amount_local>abc", 1))
    assert broken.read_text() != text
    found = read(broken)
    assert found.rows == []
    assert [one.field for one in found.aside] == ["amount_local", "involved_parties"]


def test_other_reports_are_none(tmp_path: Path) -> None:
    page = tmp_path / "page.xml"
    page.write_text("<report><chapter>rentity_id</chapter></report>")
    with pytest.raises(Unreadable, match="no goAML report"):
        detect(page, "page.xml")
