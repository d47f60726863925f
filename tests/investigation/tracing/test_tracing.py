"""`palermo trace`: the same folder each time, rows left out are said, errors in plain words."""

import csv
import json
import re
from importlib.resources import files as resources
from pathlib import Path

import pytest
import yaml

from palermo.doors.cli import run
from palermo.investigation.tracing import LANGUAGES
from palermo.investigation.tracing.words import checked
from palermo.model.money import written

TX = """tx_id,ts,src,dst,amount_minor,currency
t1,2026-01-01T00:00:00Z,own,M,10000,EUR
t2,2026-01-01T01:00:00Z,crime,M,5000,EUR
t3,2026-01-01T02:00:00Z,M,X,6000,EUR
t4,2026-01-01T03:00:00Z,own,M,3000,EUR
t5,2026-01-01T04:00:00Z,M,Y,9000,EUR
"""
CLAIMS = "claimant,account,amount_minor,from\nV1,M,5000,2026-01-01T01:00:00Z\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    tx, claims = tmp_path / "tx.csv", tmp_path / "claims.csv"
    tx.write_text(TX)
    claims.write_text(CLAIMS)
    return tx, claims


def traced(files: tuple[Path, Path], out: Path, *more: str) -> int:
    return run(["trace", str(files[0]), "--claims", str(files[1]), "-o", str(out), *more])


def test_all_rules_side_by_side(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert traced(files, tmp_path / "out") == 0
    with (tmp_path / "out" / "holdings.csv").open(newline="") as file:
        held = {
            (row["rule"], row["account"]): int(row["amount_minor"]) for row in csv.DictReader(file)
        }
    assert held["fifo", "Y"] == held["lifo", "X"] == 5000
    assert (held["haircut", "M"], held["haircut", "X"], held["haircut", "Y"]) == (750, 2000, 2250)
    assert (held["libr", "M"], held["libr", "Y"]) == (3000, 2000)
    page = (tmp_path / "out" / "exhibit.html").read_text()
    assert "Roscoe" in page
    assert "22.50 EUR" in page
    assert not re.search(r"https?://|<script", page)


def test_the_same_files_give_the_same_folder(files: tuple[Path, Path], tmp_path: Path) -> None:
    folders = tmp_path / "a", tmp_path / "b"
    for out in folders:
        assert traced(files, out) == 0
    first, second = (
        {path.name: path.read_bytes() for path in sorted(out.iterdir())} for out in folders
    )
    assert first == second
    files[0].write_text(TX.replace("6000", "6001"))
    assert traced(files, tmp_path / "c") == 0
    hashes = {
        json.loads((tmp_path / name / "trace.json").read_text())["sha256"] for name in ("a", "c")
    }
    assert len(hashes) == 2


def test_a_row_that_cannot_be_read_is_left_out_and_said(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files[0].write_text(TX + "t6,2026-01-01T05:00:00Z,M,Y,12.50,EUR\nt7,yesterday,M,Y,1,EUR\n")
    assert traced(files, tmp_path / "out", "--json") == 0
    assert json.loads(capsys.readouterr().out)["set_aside"] == 2
    listed = (tmp_path / "out" / "set_aside.csv").read_text()
    assert "6,amount_minor,12.50" in listed
    assert "7,ts,yesterday" in listed
    assert "could not be read and are left out" in (tmp_path / "out" / "exhibit.html").read_text()


def test_a_row_of_another_width_costs_that_row_alone(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    files[0].write_text(TX + "t6,2026-01-01T05:00:00Z,M,Y\nt7,2026-01-01T06:00:00Z,Y,Z,1,EUR\n")
    assert traced(files, tmp_path / "out") == 0
    facts = json.loads((tmp_path / "out" / "trace.json").read_text())
    assert (facts["transactions"], facts["set_aside"]) == (6, 1)
    assert (tmp_path / "out" / "set_aside.csv").read_text().splitlines()[1].startswith("6,")


def test_an_empty_cell_says_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Neither a currency of its own, nor a transaction of that name, nor an account."""
    assert traced(files, tmp_path / "plain") == 0
    files[0].write_text(TX + "t6,2026-01-01T05:00:00Z,,Y,5,EUR\n")
    files[1].write_text(
        "claimant,account,amount_minor,currency,from,tx_id\nV1,M,5000, ,2026-01-01T01:00:00Z,\n"
    )
    assert traced(files, tmp_path / "blanks") == 0
    holdings = [(tmp_path / name / "holdings.csv").read_bytes() for name in ("plain", "blanks")]
    assert holdings[0] == holdings[1]
    assert "6,src,,is empty" in (tmp_path / "blanks" / "set_aside.csv").read_text()


def test_tables_are_read_as_everywhere_else(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert traced(files, tmp_path / "plain") == 0
    files[0].write_bytes(TX.replace(",", ";").encode("utf-16"))
    assert traced(files, tmp_path / "other") == 0
    holdings = [(tmp_path / name / "holdings.csv").read_bytes() for name in ("plain", "other")]
    assert holdings[0] == holdings[1]


def test_the_exhibit_says_what_it_cuts_short(files: tuple[Path, Path], tmp_path: Path) -> None:
    """One deposit for each of 250 victims, each paid on to an account of its own."""
    days = [f"2026-02-{day:02}T00:00:00Z" for day in (1, 2)]
    paid = [
        f"a{k},{days[0]},v{k},M{k},10,EUR\nb{k},{days[1]},M{k},X{k},10,EUR\n" for k in range(250)
    ]
    files[0].write_text(TX.splitlines()[0] + "\n" + "".join(paid))
    claims = [f"V{k},M{k},10,{days[0]}\n" for k in range(250)]
    files[1].write_text("claimant,account,amount_minor,from\n" + "".join(claims))
    assert traced(files, tmp_path / "out") == 0
    page = (tmp_path / "out" / "exhibit.html").read_text()
    page = re.sub("</?bdi>", "", page)
    assert "200 of 250 lines; all are in holdings.csv" in page
    assert "60 of 250 payments" in page


def test_an_account_of_two_claimants_is_one_account(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    files[1].write_text(CLAIMS + "V2,M,10000,2026-01-01T01:00:00Z\n")
    assert traced(files, tmp_path / "out", "--rule", "haircut") == 0
    page = (tmp_path / "out" / "exhibit.html").read_text()
    concerned = re.search(r"Accounts concerned</th><td class=\"n\">(\d+)</td>", page)
    assert concerned
    assert concerned[1] == "3"  # M, X and Y, each with something of both


@pytest.mark.parametrize(
    ("tx", "claims", "words"),
    [
        (TX.replace("amount_minor", "amount"), CLAIMS, "no column `amount_minor`"),
        (TX, CLAIMS.replace("5000", "5000.5"), "row 1: amount_minor '5000.5'"),
        (TX, "claimant,account,amount_minor,from\n", "no claims"),
        (TX, CLAIMS.replace("M", "Z"), "account Z has no transactions"),
    ],
)
def test_wrong_files_exit_2_and_leave_nothing(
    files: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tx: str,
    claims: str,
    words: str,
) -> None:
    files[0].write_text(tx)
    files[1].write_text(claims)
    assert traced(files, tmp_path / "out") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unknown_rule_exits_2(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert traced(files, tmp_path / "out", "--rule", "justice") == 2


@pytest.mark.parametrize(
    ("units", "currency", "text"),
    [
        (1234567, "EUR", "12,345.67 EUR"),
        (-5, "JPY", "-5 JPY"),
        (1, "BTC", "0.00000001 BTC"),
        (2**62, "ETH", "4,611,686,018.427387904 ETH"),
    ],
)
def test_money_is_written_exactly(units: int, currency: str, text: str) -> None:
    assert written(units, currency) == text


@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [
        ("en", "ltr", "Lowest intermediate balance"),
        ("fr", "ltr", "Plus bas solde intermédiaire"),
        ("es", "ltr", "Saldo intermedio más bajo"),
        ("ar", "rtl", "أدنى رصيد بيني"),
        ("ru", "ltr", "Наименьший промежуточный остаток"),
        ("zh", "ltr", "最低中间余额"),
    ],
)
def test_the_exhibit_speaks_six_languages(
    files: tuple[Path, Path], tmp_path: Path, language: str, direction: str, words: str
) -> None:
    """The same numbers in each, and no English sentence left in another language."""
    assert traced(files, tmp_path / "en") == 0
    assert traced(files, tmp_path / "out", "--language", language) == 0
    page = (tmp_path / "out" / "exhibit.html").read_text("utf-8")
    plain = (tmp_path / "en" / "exhibit.html").read_text("utf-8")
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert words in page
    sums = re.compile(r"[\d,]+\.\d\d EUR")
    assert sums.findall(page) == sums.findall(plain)
    if language != "en":
        for english in ("The court chooses", "of the claim", "Accounts concerned", "Authority:"):
            assert english not in page
    json_files = [(tmp_path / name / "trace.json").read_bytes() for name in ("en", "out")]
    assert json_files[0] == json_files[1]


def test_several_languages_are_several_pages(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert traced(files, tmp_path / "out", "--language", "ar", "--language", "fr") == 0
    pages = sorted(one.name for one in (tmp_path / "out").glob("*.html"))
    assert pages == ["exhibit.fr.html", "exhibit.html"]


@pytest.mark.parametrize(
    ("key", "entry", "words"),
    [
        ("page.title", {"en": "x", "fr": "x"}, "expected en, fr, es, ar, ru, zh"),
        ("page.title", dict.fromkeys(LANGUAGES, " "), "expected a text"),
        ("page.title", {**dict.fromkeys(LANGUAGES, "x {n}"), "ru": "x"}, "placeholders differ"),
        ("rule.fifo.words", dict.fromkeys(LANGUAGES, "x"), "not the words of rules.yaml"),
    ],
)
def test_a_missing_translation_is_an_error(key: str, entry: dict[str, str], words: str) -> None:
    text = resources("palermo.investigation.tracing").joinpath("strings.yaml").read_text("utf-8")
    with pytest.raises(ValueError, match=words):
        checked({**yaml.safe_load(text), key: entry})


def test_what_a_claimant_is_called_is_escaped_in_every_language(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    files[1].write_text(CLAIMS.replace("V1", "<script>alert(1)</script>"))
    for language in LANGUAGES:
        assert traced(files, tmp_path / language, "--language", language) == 0
        assert "<script>" not in (tmp_path / language / "exhibit.html").read_text("utf-8")
