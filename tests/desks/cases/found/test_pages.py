"""Pages of what was found: who sees them, and what stands on them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.desks.cases.found.sample import campaign, first_item, network, shared_phone
from tests.desks.cases.sirocco import SiroccoCase

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


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, sirocco_case: SiroccoCase) -> str:
    return PAGES[request.param](sirocco_case)


@pytest.mark.parametrize("who", ["investigator", "examiner"])
def test_those_who_may_read_see_every_page(page: str, who: str, sirocco_case: SiroccoCase) -> None:
    assert sirocco_case.client(who).get(page).status_code == 200


def test_an_outsider_is_told_that_there_is_no_such_case(
    page: str, sirocco_case: SiroccoCase
) -> None:
    assert sirocco_case.client("outsider").get(page).status_code == 404


def test_a_member_who_has_not_opened_the_case_is_led_to_opening_it(
    page: str, sirocco_case: SiroccoCase
) -> None:
    answer = sirocco_case.client("idle").get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith(
        reverse("access:open", kwargs={"key": sirocco_case.case.key})
    )


def test_nobody_signed_in_sees_nothing(page: str) -> None:
    answer = Client().get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")
