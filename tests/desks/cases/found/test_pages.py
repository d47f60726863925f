"""Pages of what was found: who sees them, and what stands on them."""

from django.urls import reverse
from tests.desks.cases.sirocco import SiroccoCase


def test_the_items_of_the_practice_case_are_listed(sirocco_case: SiroccoCase) -> None:
    page = sirocco_case.client().get(reverse("cases:items", args=[sirocco_case.case.key]))
    assert page.status_code == 200
    assert "s1-0000000" in page.content.decode()


def test_an_outsider_is_told_that_there_is_no_such_case(sirocco_case: SiroccoCase) -> None:
    page = sirocco_case.client("outsider").get(reverse("cases:items", args=[sirocco_case.case.key]))
    assert page.status_code == 404
