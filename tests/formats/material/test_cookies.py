"""Safari's cookies: the real sample, and files that lie."""

import contextlib
import datetime as dt
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.conftest import EXHIBIT, Outcome, read_path
from tests.formats.material.evidence import at, extra, kinds, read_sample, sample

from palermo.formats import read_items
from palermo.formats.reading import media_type
from palermo.model import Unreadable

UTC = dt.UTC
CREATED = 700_000_000.5


def cookie(name: str = "id", value: str = "42", created: float = CREATED) -> bytes:
    texts = [part.encode() + b"\0" for part in ("shop.example", name, "/", value)]
    offsets, place = [], 56
    for text in texts:
        offsets.append(place)
        place += len(text)
    head = struct.pack("<4I5I4xdd", place, 0, 5, 0, *offsets, 0, 0.0, created)
    return head + b"".join(texts)


def page(*cookies: bytes) -> bytes:
    start = 8 + 4 * len(cookies) + 4
    places = [start + sum(map(len, cookies[:index])) for index in range(len(cookies))]
    head = b"\0\0\1\0" + struct.pack(f"<I{len(places)}I", len(places), *places) + bytes(4)
    return head + b"".join(cookies)


def jar(*pages: bytes) -> bytes:
    sizes = struct.pack(f">I{len(pages)}I", len(pages), *map(len, pages))
    return b"cook" + sizes + b"".join(pages) + bytes(8)


def read(path: Path, data: bytes) -> Outcome:
    path.write_bytes(data)
    return read_path(path)


def test_the_sample() -> None:
    outcome = read_sample("plaso/Cookies.binarycookies")
    assert kinds(outcome) == {"file": 91}
    assert not outcome.set_aside
    first = at(outcome, "offset 140")
    assert first["text"] == "cookie en.wikipedia.org/ centralnotice_bucket=0-4.2"
    assert first["posted_at"] == dt.datetime(2013, 7, 8, 17, 24, 28, tzinfo=UTC)
    assert extra(first)["expires_utc"] == "2013-07-15T17:24:28+00:00"
    assert media_type(sample("plaso/Cookies.binarycookies")) == "application/x-apple-binarycookies"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    outcome = read(tmp_path / "x", jar(page(cookie("a"), cookie("b", "ü")), page(cookie("c"))))
    assert outcome.texts == [
        "cookie shop.example/ a=42",
        "cookie shop.example/ b=ü",
        "cookie shop.example/ c=42",
    ]
    first = outcome.items[0]
    assert first["posted_at"] == dt.datetime(2023, 3, 8, 20, 26, 40, 500_000, tzinfo=UTC)
    assert extra(first)["flags"] == "secure, http only"
    assert extra(first)["expires_utc"] == "time not set (0)"


@pytest.mark.parametrize("created", [float("nan"), float("inf"), -1e300, 0.0])
def test_times_that_are_none(tmp_path: Path, created: float) -> None:
    (item,) = read(tmp_path / "x", jar(page(cookie(created=created)))).items
    assert item["posted_at"] is None
    assert item["time_note"]


def test_a_damaged_page_costs_that_page(tmp_path: Path) -> None:
    outcome = read(tmp_path / "x", jar(page(cookie("a")), b"x" * 40, page(cookie("c"))))
    assert outcome.texts == ["cookie shop.example/ a=42", "cookie shop.example/ c=42"]
    assert outcome.only("unreadable_record")["detail"].endswith("no page of cookies begins here")


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    whole = jar(page(cookie("a"), cookie("b")))
    outcome = read(tmp_path / "x", whole[:-20])
    assert outcome.texts == ["cookie shop.example/ a=42"]
    assert outcome.reasons["damaged_file"] == 1
    assert outcome.reasons["unreadable_record"] == 1


def test_one_cookie_a_thousand_times(tmp_path: Path) -> None:
    """Places that all point at one large cookie would make gigabytes out of a small file."""
    large = cookie(value="v" * 50_000)
    count = 1_000
    start = 12 + 4 * count
    body = b"\0\0\1\0" + struct.pack(f"<I{count}I", count, *[start] * count) + bytes(4) + large
    outcome = read(tmp_path / "x", jar(body))
    assert len(outcome.items) == 1
    assert "take more room than it has" in outcome.only("damaged_file")["detail"]


@pytest.mark.parametrize("data", [b"cook", b"cook\0\0\0\2\0\0\0\1", b"cook\xff\xff\xff\xff"])
def test_no_list_of_pages(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="the list of pages of this file of cookies breaks off"):
        list(read_items(path, exhibit=EXHIBIT))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kept=st.integers(4, 400),
    changes=st.lists(st.tuples(st.integers(4, 399), st.integers(0, 255)), max_size=8),
)
def test_no_damage_raises_anything_else(
    tmp_path: Path, kept: int, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(jar(page(cookie("a"), cookie("b")), page(cookie("c")))[:kept])
    for place, byte in changes:
        if place < len(data):
            data[place] = byte
    with contextlib.suppress(Unreadable):
        read(tmp_path / "x", bytes(data))
