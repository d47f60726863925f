"""Pages by the place where the last one ended: every row once, forth and back."""

import base64
import json
from datetime import timedelta

import pytest
from django.http import Http404
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desks.cases.sirocco import AT, SiroccoCase

from palermo.desks.cases.filters import ORDERS
from palermo.desks.cases.keyset import Order, page
from palermo.desks.cases.models import Campaign, Item

LARGEST = Order("largest", "items", descending=True, tie="key")


def _filled(made: SiroccoCase, minutes: list[int | None]) -> None:
    Item.rows.of(made.case).filter(ident__startswith="k").delete()
    Item.rows.bulk_create(
        Item(
            case=made.case,
            ident=f"k{n}",
            text="",
            posted_at=None if minute is None else AT + timedelta(minutes=minute),
            exhibit="0" * 64,
            row=n,
            row_hash="0" * 64,
        )
        for n, minute in enumerate(minutes)
    )


@pytest.mark.parametrize("name", ORDERS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(minutes=st.lists(st.none() | st.integers(0, 4), max_size=23), size=st.integers(1, 7))
def test_forth_and_back_show_every_row_once(
    sirocco_case: SiroccoCase, name: str, minutes: list[int | None], size: int
) -> None:
    _filled(sirocco_case, minutes)
    rows = Item.rows.of(sirocco_case.case).filter(ident__startswith="k").order_by()
    order = ORDERS[name]
    forth, at, last = [], "", None
    while True:
        found = page(rows, order, after=at, size=size)
        forth.append([row.pk for row in found.rows])
        last, at = found, found.after
        if not at:
            break
    flat = [key for one in forth for key in one]
    assert len(flat) == len(set(flat)) == len(minutes)
    back = [forth[-1]]
    while last.before:
        last = page(rows, order, before=last.before, size=size)
        back.append([row.pk for row in last.rows])
    assert [key for one in reversed(back) for key in one] == flat


@pytest.mark.parametrize("name", ["newest", "oldest"])
def test_rows_stand_in_order_and_those_without_a_time_last(
    sirocco_case: SiroccoCase, name: str
) -> None:
    _filled(sirocco_case, [3, None, 1, 2, None, 2])
    rows = Item.rows.of(sirocco_case.case).filter(ident__startswith="k")
    found = page(rows, ORDERS[name], size=10)
    times = [row.posted_at for row in found.rows]
    assert times[-2:] == [None, None]
    dated = [one for one in times if one is not None]
    assert dated == sorted(dated, reverse=name == "newest")


def test_columns_that_go_different_ways(sirocco_case: SiroccoCase) -> None:
    rows = Campaign.rows.of(sirocco_case.case)
    expected = sorted((-one.items, one.key) for one in rows)
    shown, at = [], ""
    while True:
        found = page(rows, LARGEST, after=at, size=4)
        shown += [(-one.items, one.key) for one in found.rows]
        at = found.after
        if not at:
            break
    assert shown == expected


def _place(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "place",
    [
        "x",
        "====",
        "é",
        _place(),
        _place("newest"),
        _place("other", "2026-01-01T00:00:00+00:00", 1),
        _place("newest", "2026-01-01T00:00:00", 1),
        _place("newest", "no time", 1),
        _place("newest", 3, 1),
        _place("newest", [1], 1),
        _place("newest", "2026-01-01T00:00:00+00:00", None),
        _place("newest", "2026-01-01T00:00:00+00:00", "one"),
        _place("newest", "2026-01-01T00:00:00+00:00", 2**80),
        _place("newest", "2026-01-01T00:00:00+00:00", float("nan")),
        _place({"newest": 1}, {}, {}),
    ],
)
def test_a_place_that_no_page_named_is_not_found(sirocco_case: SiroccoCase, place: str) -> None:
    with pytest.raises(Http404):
        page(Item.rows.of(sirocco_case.case), ORDERS["newest"], after=place)


@pytest.mark.parametrize("place", [_place("largest", 3, "a\0b"), _place("largest", "3x", "c-1")])
def test_a_place_with_a_strange_text_is_not_found(sirocco_case: SiroccoCase, place: str) -> None:
    with pytest.raises(Http404):
        page(Campaign.rows.of(sirocco_case.case), LARGEST, after=place)
