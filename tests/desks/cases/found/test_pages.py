"""Pages of what was found: who sees them, and what stands on them."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.desks.cases.found.sample import campaign, first_item, network, shared_phone
from tests.desks.cases.sirocco import SiroccoCase

from palermo.desks.access.models import AuditEntry
from palermo.desks.cases.models import Indication, Item, Mention, Network
from palermo.desks.cases.timeline import UNITS, over_time

Address = Callable[[SiroccoCase], str]


def _of(name: str, *rest: Callable[[SiroccoCase], object]) -> Address:
    return lambda made: reverse(f"cases:{name}", args=[made.case.key, *(one(made) for one in rest)])


PAGES: dict[str, Address] = {
    "items": _of("items"),
    "item": _of("item", lambda made: first_item(made).pk),
    "identifiers": _of("identifiers"),
    "identifier": _of("identifier", lambda made: shared_phone(made).pk),
    "campaigns": _of("campaigns"),
    "campaign": _of("campaign", lambda made: campaign(made).key),
    "networks": _of("networks"),
    "network": _of("network", lambda made: network(made).key),
    "nodes": _of("nodes", lambda made: network(made).key),
    "graph": _of("graph", lambda made: network(made).key),
    "graph_data": _of("graph_data", lambda made: network(made).key),
    "timeline": _of("timeline"),
    "places": _of("places"),
    "search": lambda made: _of("search")(made) + "?q=visa",
}


@pytest.mark.parametrize("who", ["investigator", "examiner"])
def test_those_who_may_read_see_every_page(who: str, sirocco_case: SiroccoCase) -> None:
    client = sirocco_case.client(who)
    for name, page in PAGES.items():
        assert client.get(page(sirocco_case)).status_code == 200, name


def test_an_outsider_is_told_that_there_is_no_such_case(sirocco_case: SiroccoCase) -> None:
    client = sirocco_case.client("outsider")
    for name, page in PAGES.items():
        assert client.get(page(sirocco_case)).status_code == 404, name


def test_a_member_who_has_not_opened_the_case_is_led_to_opening_it(
    sirocco_case: SiroccoCase,
) -> None:
    client = sirocco_case.client("idle")
    opening = reverse("access:open", kwargs={"key": sirocco_case.case.key})
    for name, page in PAGES.items():
        answer = client.get(page(sirocco_case))
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, opening), name


def test_nobody_signed_in_sees_nothing(sirocco_case: SiroccoCase) -> None:
    for name, page in PAGES.items():
        answer = Client().get(page(sirocco_case))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/account/login/"), name


def test_things_of_another_case_are_not_found_under_the_key_of_ones_own(
    sirocco_case: SiroccoCase, other_case: SiroccoCase
) -> None:
    client, mine = sirocco_case.client(), sirocco_case.case.key
    for name, key in (("item", first_item(other_case)), ("identifier", shared_phone(other_case))):
        address = reverse(f"cases:{name}", args=[mine, key.pk])
        assert client.get(address).status_code == 404, name


def test_names_that_nothing_has_are_not_found(sirocco_case: SiroccoCase) -> None:
    client, key = sirocco_case.client(), sirocco_case.case.key
    for name, rest in (
        ("item", 2**70),
        ("identifier", 0),
        ("campaign", "c-none"),
        ("network", "n-none"),
        ("nodes", "n-none"),
        ("graph", "n-none"),
        ("graph_data", "n-none"),
    ):
        assert client.get(reverse(f"cases:{name}", args=[key, rest])).status_code == 404, name
    for name in ("items", "identifiers", "campaigns", "networks"):
        address = reverse(f"cases:{name}", args=[key])
        assert client.get(address, {"after": "nonsense"}).status_code == 404, name


def test_every_look_is_written_down(sirocco_case: SiroccoCase) -> None:
    client = sirocco_case.client()
    for name, page in PAGES.items():
        before = AuditEntry.objects.count()
        client.get(page(sirocco_case))
        entry = AuditEntry.objects.latest("seq")
        assert AuditEntry.objects.count() == before + 1, name
        assert (entry.kind, entry.case) == ("consultation", sirocco_case.case), name


def test_no_page_asks_the_database_once_for_every_row(
    sirocco_case: SiroccoCase, django_assert_max_num_queries: Any
) -> None:
    client = sirocco_case.client()
    for page in PAGES.values():
        address = page(sirocco_case)
        with django_assert_max_num_queries(45):
            client.get(address)


def test_an_identifier_is_shown_in_other_cases_that_are_open_and_that_is_written_down(
    sirocco_case: SiroccoCase, other_case: SiroccoCase
) -> None:
    phone = shared_phone(sirocco_case)
    address = reverse("cases:identifier", args=[sirocco_case.case.key, phone.pk])
    assert "OTHER-1" in sirocco_case.client("investigator").get(address).content.decode()
    entry = AuditEntry.objects.latest("seq")
    assert (entry.kind, entry.detail) == ("combination", {"with": other_case.case.key})
    assert "OTHER-1" not in sirocco_case.client("analyst").get(address).content.decode()
    assert AuditEntry.objects.latest("seq").kind == "consultation"


def test_an_item_shows_its_text_with_all_that_was_found_in_it(sirocco_case: SiroccoCase) -> None:
    viewer = sirocco_case.viewer()
    indicated = Indication.rows.visible_to(viewer).filter(polarity="support").earliest("pk")
    mentions = Mention.rows.visible_to(viewer).filter(item=indicated.item).count()
    hits = Indication.rows.visible_to(viewer).filter(item=indicated.item).count()
    address = reverse("cases:item", args=[sirocco_case.case.key, indicated.item.pk])
    page = sirocco_case.client().get(address).content.decode()
    assert page.count('<sup class="ref">') == mentions + hits
    assert indicated.item.row_hash in page
    assert indicated.item.exhibit in page
    assert "victim-support service" in page


def test_a_network_says_what_speaks_for_and_against_and_calls_nobody_names(
    sirocco_case: SiroccoCase,
) -> None:
    client = sirocco_case.client()
    for found in Network.rows.of(sirocco_case.case):
        address = reverse("cases:network", args=[sirocco_case.case.key, found.key])
        page = client.get(address).content.decode()
        assert "What speaks against" in page
        for rule in found.facts["rules"]:
            assert f"({rule['rule']}" in page
        for word in ("trafficker", "perpetrator", "suspect"):
            assert word not in page.lower()


def test_the_timeline_and_the_places_add_up(either: SiroccoCase) -> None:
    items = Item.rows.of(either.case)
    found = over_time(items)
    assert sum(n for _day, n in found.line.bins) + found.line.undated == items.count()
    for unit in UNITS:
        assert sum(n for _day, n in over_time(items, unit).line.bins) == found.dated
    days = {row.posted_at.date() for row in items if row.posted_at}
    assert {day for day, _n in over_time(items, "day").line.bins} == days
    page = either.client().get(reverse("cases:places", args=[either.case.key]))
    counted = {row["place"]: row["n"] for row in page.context["rows"]}
    expected = Counter(row.place for row in items if row.place)
    assert counted == dict(expected.most_common(len(counted)))
