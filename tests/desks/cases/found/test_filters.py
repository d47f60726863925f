"""Filters: every condition keeps just the items that fulfil it, and is said in words."""

from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
from django.http import QueryDict
from django.urls import reverse
from tests.desks.cases.found.sample import campaign, network, shared_phone
from tests.desks.cases.sirocco import SiroccoCase

from palermo.desks.cases.filters import ItemFilter

Row = dict[str, Any]


def _table(made: SiroccoCase, name: str) -> list[Row]:
    rows: list[Row] = pq.read_table(made.folder / "tables" / f"{name}.parquet").to_pylist()
    return rows


def _expected(made: SiroccoCase, keep: Callable[[Row], bool]) -> set[str]:
    """Which items to expect, by the tables of the case alone."""
    campaigns = {row["id"]: row["campaign"] for row in _table(made, "campaigns")}
    networks = {row["id"]: row["network"] for row in _table(made, "networks")}
    said: dict[str, list[Row]] = {}
    for name in ("identifiers", "indications"):
        for row in _table(made, name):
            said.setdefault(row["id"], []).append(row)
    return {
        row["id"]
        for row in _table(made, "items")
        if keep(
            row
            | {
                "campaign": campaigns[row["id"]],
                "network": networks.get(row["id"]),
                "said": said.get(row["id"], []),
            }
        )
    }


def _says(**wanted: str) -> Callable[[Row], bool]:
    return lambda row: any(wanted.items() <= one.items() for one in row["said"])


def test_every_condition_keeps_what_fulfils_it(either: SiroccoCase) -> None:
    phone, ring, template = shared_phone(either), network(either), campaign(either)
    one = next(row for row in _table(either, "items") if row["place"])
    conditions: list[tuple[dict[str, str], Callable[[Row], bool]]] = [
        ({"platform": "sirocco-jobs"}, lambda row: row["platform"] == "sirocco-jobs"),
        ({"lang": "ar"}, lambda row: row["lang"] == "ar"),
        ({"place": one["place"]}, lambda row: row["place"] == one["place"]),
        ({"account": one["account"]}, lambda row: row["account"] == one["account"]),
        ({"since": "2026-06-01"}, lambda row: f"{row['posted_at']:%F}" >= "2026-06-01"),
        ({"until": "2026-06-01"}, lambda row: f"{row['posted_at']:%F}" <= "2026-06-01"),
        ({"network": ring.key}, lambda row: row["network"] == ring.key),
        ({"campaign": template.key}, lambda row: row["campaign"] == template.key),
        ({"polarity": "support"}, _says(polarity="support")),
        ({"polarity": "against"}, _says(polarity="against")),
        ({"rule": "A3.1"}, _says(rule="A3.1")),
        ({"kind": "telegram"}, _says(kind="telegram")),
        ({"value": phone.value}, _says(value=phone.value)),
        ({"kind": "phone", "value": phone.value}, _says(kind="phone", value=phone.value)),
        ({"kind": "email", "value": phone.value}, lambda _: False),
    ]
    together: dict[str, str] = {
        "platform": "sirocco-jobs",
        "polarity": "for",
        "since": "2026-03-01",
    }
    conditions.append(
        (
            together,
            lambda row: (
                row["platform"] == "sirocco-jobs"
                and _says(polarity="for")(row)
                and f"{row['posted_at']:%F}" >= "2026-03-01"
            ),
        )
    )
    for given, keep in conditions:
        form = ItemFilter(given, either.viewer(), either.case)
        found = set(form.items().values_list("ident", flat=True))
        expected = _expected(either, keep)
        assert found == expected, given
        assert expected or given.get("kind") == "email", given
        assert len(form.words()) == len(given), given


def test_a_condition_that_makes_no_sense_is_said_and_not_applied(
    sirocco_case: SiroccoCase,
) -> None:
    page = sirocco_case.client().get(
        reverse("cases:items", args=[sirocco_case.case.key]), {"since": "yesterday"}
    )
    assert "errorlist" in page.content.decode()
    assert page.context["words"] == []


def test_a_filter_is_kept_from_page_to_page(sirocco_case: SiroccoCase) -> None:
    client = sirocco_case.client()
    address = reverse("cases:items", args=[sirocco_case.case.key])
    page = client.get(address, {"platform": "sirocco-jobs", "order": "oldest"})
    seen: list[str] = []
    while True:
        seen += [row.ident for row in page.context["page"].rows]
        after = page.context["page"].after
        if not after:
            break
        following = QueryDict(f"platform=sirocco-jobs&order=oldest&after={after}").urlencode()
        assert following.replace("&", "&amp;") in page.content.decode()
        page = client.get(f"{address}?{following}")
    expected = _expected(sirocco_case, lambda row: row["platform"] == "sirocco-jobs")
    assert len(seen) == len(expected) > 50
    assert set(seen) == expected


def test_choices_cannot_break_out_of_their_list(sirocco_case: SiroccoCase) -> None:
    evil = '"><script>alert(1)</script>'
    page = sirocco_case.client().get(
        reverse("cases:items", args=[sirocco_case.case.key]), {"place": evil, "rule": evil}
    )
    assert "<script>alert" not in page.content.decode()
