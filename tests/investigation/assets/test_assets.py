"""`palermo assets`: a folder that shows any change, files in and out, errors in plain words."""

import csv
import hashlib
import json
import re
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.money.assets import Ledger, apply, state_table
from palermo.analysis.money.assets.codec import read_event
from palermo.doors.cli import run
from palermo.investigation.assets import chain, enter, read_events
from palermo.model import Refused, Unreadable
from palermo.model.asset import Facts

EVENTS = """
events:
  - {event: party_registered, facts: {party: boss, name: Firm, roles: [controller]}}
  - {event: party_registered, facts: {party: V1, name: Blue <b>, roles: [victim]}}
  - event: suspected
    asset: A1
    facts: {kind: bank, description: "=cmd()", currency: EUR, basis: proceeds, jurisdiction: XX}
  - event: identified
    asset: A1
    facts:
      holder: boss
      valuation:
        {on: 2026-01-05, value: {minor: 5000, currency: EUR}, method: balance, valuer: bank}
  - event: frozen
    asset: A1
    facts:
      money: {minor: 5000, currency: EUR}
      order: {reference: O1, authority: Court, made: 2026-01-06, legal_basis: Code 1,
              expires: 2026-12-31}
"""
VALUED = """
event: valued
asset: A1
facts: {valuation: {on: DAY, method: a, valuer: b, value: {minor: 1, currency: EUR}}}
"""
INCOME = """
event: income_received
asset: A1
facts: {reference: x, money: {minor: SUM, currency: EUR}}
"""
KINDS, WHICH = sorted(state_table().events), st.sampled_from(["", "A1"])
NAMES = st.sampled_from([one.name for one in fields(Facts)] + ["minor", "currency", "made"])
NOW = ("--at", "2026-01-10T09:00:00Z")
TWO = ("--by", "A. Officer", "--by", "B. Judge")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    folder, file = tmp_path / "ledger", tmp_path / "events.yaml"
    file.write_text(EVENTS)
    assert run(["assets", "init", str(folder), "--case", "C-1"]) == 0
    assert run(["assets", "event", str(folder), str(file), *TWO, *NOW]) == 0
    return folder


def shown(ledger: Path, *more: str) -> int:
    return run(["assets", "show", str(ledger), *NOW, *more])


def test_it_shows_where_everything_stands(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert shown(ledger, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["assets"][0]["state"] == "frozen"
    assert found["books"] == {"cash": {"EUR": "50.00 EUR"}, "frozen": {"EUR": "50.00 EUR"}}
    assert found["events"] == 5


def test_the_same_events_give_the_same_bytes(ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert run(["assets", "init", str(other), "--case", "C-1"]) == 0
    assert run(["assets", "event", str(other), str(tmp_path / "events.yaml"), *TWO, *NOW]) == 0
    assert (other / "events.jsonl").read_bytes() == (ledger / "events.jsonl").read_bytes()


def test_all_events_of_a_file_or_none(ledger: Path, tmp_path: Path) -> None:
    before = (ledger / "events.jsonl").read_bytes()
    file = tmp_path / "more.yaml"
    file.write_text(
        "events:\n"
        "  - {event: managed, asset: A1, facts: {manager: office, place: here}}\n"
        "  - {event: closed, asset: A1, facts: {reference: x}}\n"
    )
    assert run(["assets", "event", str(ledger), str(file), *TWO, *NOW]) == 1
    assert (ledger / "events.jsonl").read_bytes() == before


def lines(ledger: Path) -> list[str]:
    return (ledger / "events.jsonl").read_text().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("changed", "line 5: was changed after it was written"),
        ("recomputed", "line 5: does not follow"),
        ("removed", "line 3: does not follow"),
        ("swapped", "line 3: does not follow"),
        ("doubled", "line 6: does not follow"),
        ("other form", "line 1: was changed"),
        ("torn", "line 5: is not whole"),
        ("no json", "line 2: was changed; it is not JSON"),
        ("not utf-8", "line 2: was changed; it is not UTF-8"),
        ("huge number", "line 2: was changed"),
        ("another case", "line 1: does not follow"),
        ("deep", "line 2: was changed"),
    ],
)
def test_tampering_is_found_and_named(
    ledger: Path, capsys: pytest.CaptureFixture[str], name: str, words: str
) -> None:
    all_ = lines(ledger)
    data: bytes
    match name:
        case "changed":
            data = "".join(all_).replace('"minor":5000},"order"', '"minor":4000},"order"').encode()
        case "recomputed":
            raw = json.loads(all_[4])
            raw["previous"] = "0" * 64
            body = {key: raw[key] for key in ("seq", "previous", "event")}
            text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            raw["sha256"] = hashlib.sha256(text.encode()).hexdigest()
            last = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            data = "".join([*all_[:4], last + "\n"]).encode()
        case "removed":
            data = "".join(all_[:2] + all_[3:]).encode()
        case "swapped":
            data = "".join([*all_[:2], all_[3], all_[2], all_[4]]).encode()
        case "doubled":
            data = "".join([*all_, all_[4]]).encode()
        case "other form":
            data = "".join(all_).replace('"seq":1,', '"seq": 1,').encode()
        case "torn":
            data = "".join(all_).encode()[:-20]
        case "no json":
            data = "".join([all_[0], "{\n", *all_[2:]]).encode()
        case "not utf-8":
            data = all_[0].encode() + b"\xff\n" + "".join(all_[2:]).encode()
        case "huge number":
            data = "".join([all_[0], "1" * 5000 + "\n", *all_[2:]]).encode()
        case "another case":
            data = "".join(all_).encode()
            head = ledger / "ledger.json"
            head.write_text(head.read_text().replace("C-1", "C-2"))
        case _:
            data = "".join([all_[0], "[" * 100_000 + "\n", *all_[2:]]).encode()
    (ledger / "events.jsonl").write_bytes(data)
    assert shown(ledger) == 1
    assert words in capsys.readouterr().err


def test_an_end_that_was_cut_off_is_found_by_a_hash_noted_before(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert shown(ledger, "--json") == 0
    head = json.loads(capsys.readouterr().out)["head"]
    assert shown(ledger, "--expect", head) == 0
    (ledger / "events.jsonl").write_text("".join(lines(ledger)[:-1]))
    assert shown(ledger) == 0
    assert shown(ledger, "--expect", head) == 1
    assert "the end was cut off" in capsys.readouterr().err


def test_two_writers_never_write_over_each_other(ledger: Path, tmp_path: Path) -> None:
    """The second, who read before the first wrote, is refused and has changed nothing."""
    file = tmp_path / "income.yaml"
    file.write_text(INCOME.replace("SUM", "1"))
    events = read_events(file, at=datetime(2026, 1, 11, tzinfo=UTC), by=("a", "b"))
    before = chain.read(ledger)
    enter(ledger, events)
    written = (ledger / "events.jsonl").read_bytes()
    with pytest.raises(Refused, match="somebody wrote in it in the meantime"):
        chain.append(ledger, events, after=before)
    assert (ledger / "events.jsonl").read_bytes() == written


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(facts=st.dictionaries(NAMES, JSON, max_size=6), event=st.sampled_from(KINDS), asset=WHICH)
def test_any_event_is_taken_in_or_refused_in_words(
    facts: dict[str, object], event: str, asset: str
) -> None:
    raw = {"event": event, "at": "2026-01-10T09:00:00Z", "by": ["a", "b"], "asset": asset}
    with suppress(Unreadable, Refused):
        apply(Ledger(), read_event({**raw, "facts": facts}, "x"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("event: frozen\nasset: A1\nfacts: {order: {reference: x}}\n", "no `authority`"),
        ("event: frozen\nasset: A1\nfacts: {ordre: x}\n", "`ordre` is not known"),
        (
            VALUED.replace("DAY", "5.1.2026"),
            "expected a day such as",
        ),
        (
            INCOME.replace("SUM", "12.50"),
            "expected a whole number of minor units",
        ),
        (
            INCOME.replace("SUM", "9" * 50),
            "expected a whole number of minor units",
        ),
        ("events: []\n", "no events in it"),
        ("events: x\n", "expected one event, or a list"),
        ("- a\n", "expected lines of the form"),
        ("event: frozen\nat: yesterday\n", "expected a moment such as"),
    ],
)
def test_wrong_files_exit_2_with_the_place(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    assert run(["assets", "event", str(ledger), str(file), *TWO, *NOW]) == 2
    assert words in capsys.readouterr().err


def test_a_folder_is_not_made_twice_nor_read_where_there_is_none(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["assets", "init", str(ledger), "--case", "C-1"]) == 1
    assert run(["assets", "show", str(tmp_path / "nowhere")]) == 2
    assert "palermo assets init" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["freezing", "confiscation", "aro", "untoc13"])
def test_certificates_and_requests_are_data_and_a_page(
    ledger: Path, tmp_path: Path, kind: str
) -> None:
    given, out = tmp_path / "given.yaml", tmp_path / "form"
    given.write_text("facts: <script>alert(1)</script>\n")
    command = "certificate" if kind in {"freezing", "confiscation"} else "request"
    arguments = ["assets", command, str(ledger), "--kind", kind, "--asset", "A1", "-o", str(out)]
    assert run([*arguments, "--given", str(given)]) == 0
    page = (out / f"{kind}.html").read_text()
    assert "<script>" not in page
    assert "to be filled" in page
    data = json.loads((out / f"{kind}.json").read_text())
    assert data["missing"]
    jsonschema.validate(data, json.loads((out / f"{kind}.schema.json").read_text()))
    assert run([*arguments[:-3], "A9", "-o", str(out)]) == 2


def test_the_plan_is_written_as_table_data_and_page(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    assert run(["assets", "waterfall", str(ledger), "-o", str(out), *NOW]) == 0
    assert {one.name for one in out.iterdir()} == {
        f"waterfall.{e}" for e in ("csv", "json", "html")
    }
    assert json.loads((out / "waterfall.json").read_text())["stops"]


def test_statistics_are_written(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert run(["assets", "statistics", str(ledger), "-o", str(out), *NOW]) == 0
    assert json.loads(out.read_text())["figures"][0]["minor"] == 5000


def test_events_are_listed_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assets", "events"]) == 0
    assert "UNTOC arts. 14(2) and 25(2)" in capsys.readouterr().out


WORK = "victim,place,first,last,due,ordinary_minutes,overtime_minutes,received_minor,"
WORK += """received_is,currency,evidence
=Blue,XX,2026-01-01,2026-01-31,2026-02-05,10080,3600,40000,net,EUR,exhibit 1
Green,XX,2026-01-01,2026-01-31,2026-02-05,10080,0,0,perhaps,EUR,exhibit 2
Green,XX,2026-01-01,2026-01-31,2026-02-05,99999999,0,0,net,EUR,exhibit 2
Green,XX,2026-01-01,2026-01-31,2026-02-05,100,0,0,net,EUR,
"""
WAGES = """place,first,last,hourly_minor,overtime_percent,currency,source
XX,2026-01-01,2026-12-31,1200,150,EUR,decree
"""


@pytest.fixture
def claim(tmp_path: Path) -> list[str]:
    for name, text in (
        ("work", WORK),
        ("wages", WAGES),
        ("payees", "victim,account\n=Blue,XX 11\n"),
        ("blocked", "account,role\nxx11,controller\nYY22,possible victim\n"),
    ):
        (tmp_path / f"{name}.csv").write_text(text)
    return [
        "assets",
        "wages",
        str(tmp_path / "work.csv"),
        "--wages",
        str(tmp_path / "wages.csv"),
        "-o",
        str(tmp_path / "out"),
    ]


def test_wrong_rows_of_work_are_set_aside_and_said(claim: list[str], tmp_path: Path) -> None:
    assert run(claim) == 0
    text = (tmp_path / "out" / "schedule.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert len(rows) == 2
    assert rows[1][0] == "'=Blue"  # no formula for a spreadsheet
    aside = (tmp_path / "out" / "not_counted.csv").read_text()
    for words in ("expected net or gross", "the period has 44640", "is empty"):
        assert words in aside
    page = (tmp_path / "out" / "claim.html").read_text()
    assert "3 rows are not counted" in page
    assert re.search(r"2,696\.00 EUR", page)


def test_an_account_of_a_controller_is_refused_and_stands_nowhere(
    claim: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--payees", str(tmp_path / "payees.csv"), "--blocked", str(tmp_path / "blocked.csv")]
    assert run([*claim, *more]) == 1
    assert "is not safe: used by a controller" in capsys.readouterr().err
    for file in (tmp_path / "out").iterdir():
        assert "XX 11" not in file.read_text()
    (tmp_path / "payees.csv").write_text("victim,account\n=Blue,YY22\n")
    assert run([*claim, *more]) == 0


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("wages", WAGES.replace("1200", "-1"), "row 1: hourly_minor -1"),
        ("wages", WAGES.replace("1200", "9" * 17), "row 1: hourly_minor"),
        ("wages", WAGES.replace("2026-12-31", "0001-01-01"), "expected a day"),
        ("wages", WAGES.replace("hourly_minor", "hourly"), "no column `hourly_minor`"),
        ("interest", "day_count: act/400\nuntil: 2026-11-25\nrates: []\n", "day_count"),
        ("interest", "day_count: act/365\nuntil: 2026-11-25\nrates: []\n", "rates"),
        ("interest", "day_count: act/365\nrates: [x]\n", "no `until`"),
        (
            "interest",
            "day_count: act/365\nuntil: 2026-11-25\nrates: [{since: 2026-01-01, hundredths: 4.5}]",
            "hundredths '4.5'",
        ),
    ],
)
def test_wrong_wages_or_interest_stop_everything(
    claim: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    text: str,
    words: str,
) -> None:
    path = tmp_path / (f"{file}.csv" if file == "wages" else f"{file}.yaml")
    path.write_text(text)
    more = ["--interest", str(path)] if file == "interest" else []
    assert run([*claim, *more]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
