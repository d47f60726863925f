"""What leaves as a table: the right rows, harmless cells, and an entry in the log."""

import csv
import hashlib
import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from tests.desks.cases.found.sample import campaign, network
from tests.desks.cases.sirocco import SiroccoCase

from palermo.desks.access.csv_cells import safe
from palermo.desks.access.models import AuditEntry
from palermo.desks.cases import exporting
from palermo.desks.cases.models import Campaign, Item


def _take(made: SiroccoCase, what: str, who: str = "investigator", **given: str) -> bytes:
    answer = made.client(who).post(
        reverse("cases:export", args=[made.case.key, what]), {"as": "csv", **given}
    )
    assert answer.status_code == 200, answer.status_code
    assert "attachment" in answer["Content-Disposition"]
    return answer.content


def _rows(body: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    head = [line for line in lines if line[0].startswith("# ")]
    columns, *rows = lines[len(head) :]
    return (
        {line[0][2:]: line[1] for line in head},
        [dict(zip(columns, row, strict=True)) for row in rows],
    )


def test_the_list_that_is_shown_is_the_list_that_leaves(sirocco_case: SiroccoCase) -> None:
    head, rows = _rows(_take(sirocco_case, "items", query="platform=sirocco-jobs&order=oldest"))
    expected = Item.rows.of(sirocco_case.case).filter(platform="sirocco-jobs")
    assert [row["ident"] for row in rows] == list(
        expected.order_by("posted_at", "id").values_list("ident", flat=True)
    )
    assert head["case"] == "SIROCCO-1"
    assert head["taken out by"] == "Investigator"
    assert head["purpose"] == "investigate"
    assert head["at"] == "2026-11-25T09:00:00+00:00"
    assert head["rows"] == str(len(rows))
    assert "sirocco-jobs" in head["conditions"]


def test_what_leaves_is_written_down_before_it_does(sirocco_case: SiroccoCase) -> None:
    body = _take(sirocco_case, "networks", **{"as": "json"})
    entry = AuditEntry.objects.latest("seq")
    assert entry.kind == "disclosure"
    assert entry.recipient == str(sirocco_case.people["investigator"].handle)
    assert entry.detail["sha256"] == hashlib.sha256(body).hexdigest()
    assert entry.detail["rows"] == len(json.loads(body)["rows"])


@pytest.mark.parametrize("who", ["analyst", "second", "examiner"])
def test_a_role_without_export_takes_nothing_out(sirocco_case: SiroccoCase, who: str) -> None:
    address = reverse("cases:export", args=[sirocco_case.case.key, "items"])
    answer = sirocco_case.client(who).post(address, {"as": "csv"})
    assert answer.status_code == 403
    assert b"s1-0000" not in answer.content
    assert AuditEntry.objects.latest("seq").kind == "refusal"


def test_looking_at_the_address_takes_nothing_out(sirocco_case: SiroccoCase) -> None:
    address = reverse("cases:export", args=[sirocco_case.case.key, "items"])
    assert sirocco_case.client().get(address).status_code == 405


def test_another_site_cannot_make_a_person_take_things_out(sirocco_case: SiroccoCase) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = sirocco_case.client().cookies
    address = reverse("cases:export", args=[sirocco_case.case.key, "items"])
    assert client.post(address, {"as": "csv"}).status_code == 403


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_run_by_a_spreadsheet(sirocco_case: SiroccoCase, start: str) -> None:
    Item.rows.of(sirocco_case.case).filter(ident="s1-0000001").update(text=start, account=start)
    _head, rows = _rows(_take(sirocco_case, "items"))
    (row,) = [row for row in rows if row["ident"] == "s1-0000001"]
    # Reading a CSV turns a carriage return in a cell into a line feed.
    assert row["account"].replace("\n", "\r") == "'" + start.replace("\n", "\r")


def test_numbers_stay_numbers() -> None:
    assert safe(-3) == "-3"
    assert safe("-3") == "'-3"


def test_a_table_that_was_cut_says_so(
    sirocco_case: SiroccoCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 10)
    head, rows = _rows(_take(sirocco_case, "items"))
    assert len(rows) == 10
    assert head["rows"].startswith("10 (cut")
    assert AuditEntry.objects.latest("seq").detail["cut"] is True


def test_a_campaign_leaves_with_its_template(sirocco_case: SiroccoCase) -> None:
    found = campaign(sirocco_case)
    whole = json.loads(
        _take(sirocco_case, "campaign", query=f"campaign={found.key}", **{"as": "json"})
    )
    assert whole["template"]["parts"] == found.template["parts"]
    assert len(whole["rows"]) == found.items


def test_every_list_leaves_in_both_forms(sirocco_case: SiroccoCase) -> None:
    query = f"network={network(sirocco_case).key}"
    for what in ("items", "identifiers", "campaigns", "networks", "nodes"):
        _head, rows = _rows(_take(sirocco_case, what, query=query))
        whole = json.loads(_take(sirocco_case, what, query=query, **{"as": "json"}))
        assert len(rows) == len(whole["rows"]) > 0, what


@pytest.mark.parametrize(("what", "form"), [("people", "csv"), ("items", "xml")])
def test_what_is_no_list_is_not_found(sirocco_case: SiroccoCase, what: str, form: str) -> None:
    address = reverse("cases:export", args=[sirocco_case.case.key, what])
    assert sirocco_case.client().post(address, {"as": form}).status_code == 404


def test_a_campaign_of_another_case_does_not_leave(
    sirocco_case: SiroccoCase, other_case: SiroccoCase
) -> None:
    Campaign.rows.of(other_case.case).filter(key=campaign(other_case).key).update(key="c-secret")
    address = reverse("cases:export", args=[sirocco_case.case.key, "campaign"])
    answer = sirocco_case.client().post(address, {"as": "json", "query": "campaign=c-secret"})
    assert answer.status_code == 404
