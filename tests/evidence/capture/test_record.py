"""The record: an item is there, or the reason why not; anything else is refused."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.capture.site import AT, CONTEXT, Site

from palermo.evidence.capture import Capture, Order, check_record, collect, items, reasons
from palermo.evidence.capture.claims import read_claims
from palermo.evidence.capture.record import written
from palermo.model import Refused


@pytest.fixture
def record(site: Site, order: Callable[..., Order]) -> dict[str, Any]:
    site.routes["/"] = (b"<title>t</title><meta name=author content=x><p>text", "text/html")
    asked = order(site.url(), method="plain", collector="K.", persona="p-1")
    found = collect(asked, CONTEXT, at=AT)
    assert isinstance(found, Capture)
    return copy.deepcopy(found.record)


def empty(record: dict[str, Any], place: str) -> None:
    *path, last = place.split(".")
    here = record
    for part in path:
        here = here.setdefault(part, {})
    here.pop(last, None) if path and path[0] == "files" else here.__setitem__(
        last, type(here.get(last, ""))()
    )


@pytest.mark.parametrize("item", items(), ids=lambda item: item.name)
def test_an_item_missing_without_a_reason_is_refused(record: dict[str, Any], item: Any) -> None:
    check_record(record)
    for place in item.places:
        empty(record, place)
    record["missing"].pop(item.name, None)
    with pytest.raises(Refused):
        check_record(record)


def test_a_reason_must_be_a_known_one_for_a_known_item(record: dict[str, Any]) -> None:
    record["missing"]["dom"]["code"] = "no-idea"
    with pytest.raises(Refused, match="expected one of not-stated"):
        check_record(record)
    record["missing"]["dom"]["code"] = "not-rendered"
    record["missing"]["nonsense"] = {"code": "none-found", "detail": ""}
    with pytest.raises(Refused, match="no item of the list"):
        check_record(record)


def test_an_item_cannot_be_there_and_missing(record: dict[str, Any]) -> None:
    record["missing"]["target-address"] = {"code": "none-found", "detail": ""}
    with pytest.raises(Refused, match="there and yet said to be missing"):
        check_record(record)


def test_the_protocol_s_collection_list_is_covered() -> None:
    named = {item.name for item in items() if item.origin == "berkeley"}
    assert named == {
        "target-address", "html-source", "screenshot", "capture-time", "embedded-media",
        "embedded-metadata", "contextual-data", "collector", "collecting-address",
        "virtual-identity", "clock", "tool", "hash-values",
    }  # fmt: skip
    assert {item.origin for item in items()} == {"berkeley", "palermo"}
    assert all(reasons().values())


def test_it_is_written_as_plain_json(record: dict[str, Any]) -> None:
    assert json.loads(written(record)) == record


def test_claims_are_kept_with_their_place() -> None:
    page = """<title> a
    b </title><title>c</title><meta property="og:updated_time" content="2026-01-01">
    <meta itemprop=uploadDate content="2026-01-02"><time datetime="2026-01-03">x</time>
    <script type="application/ld+json">{"dateCreated" : "2026-01-04"}</script>"""
    claims = read_claims(page.encode("utf-16"), content_type="text/html; charset=utf-16")
    assert claims.title == "a b"
    assert {(one["where"], one["value"]) for one in claims.times} == {
        ("meta og:updated_time", "2026-01-01"), ("meta uploadDate", "2026-01-02"),
        ("time element", "2026-01-03"), ("JSON-LD dateCreated", "2026-01-04"),
    }  # fmt: skip


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_markup_gives_claims_or_none(markup: bytes, content_type: str) -> None:
    claims = read_claims(markup, content_type=content_type)
    assert len(claims.title) <= 2000
