"""Who carries a photo is taken from what the source says, and only where it can mean one file."""

import json
from typing import Any

import pyarrow as pa
import pytest

from palermo.investigation.carrying import carried
from palermo.model import ITEMS


def item(kind: str | None, within: str, exhibit: str = "e", **more: Any) -> dict[str, Any]:
    extra = more.pop("extra", None)
    return {
        "id": f"{exhibit}/{within}/{kind}",
        "text": "x",
        "kind": kind,
        "within": within,
        "exhibit": exhibit,
        "row": 1,
        "row_hash": "0",
        "extra": None if extra is None else json.dumps(extra),
        **more,
    }


def photo(place: str, sha256: str, exhibit: str = "e") -> dict[str, Any]:
    within = f"{place}!photo" if place else "photo"
    return item("photo", within, exhibit, extra={"sha256": sha256})


def found(*rows: dict[str, Any]) -> set[tuple[int, str, bool]]:
    table = pa.Table.from_pylist(list(rows), schema=ITEMS)
    return {(one.position, one.sha256, one.stands_for) for one in carried(table)}


@pytest.mark.parametrize(
    ("within", "extra"),
    [
        ("x/result.json!message 1", {"photo": "photos/1.jpg"}),
        ("x/messages.html!message 1", {"file": "photos/1.jpg\nvideo.mp4"}),
        ("x/photos/_chat.txt!line 3", {"attachment": "1.jpg"}),
        ("x/a/b/message_1.json!messages/1", {"photos": '[{"uri": "x/photos/1.jpg", "at": 5}]'}),
        ("y/_chat.txt!line 3", {"attachment": "photos\\1.jpg"}),
    ],
)
def test_messages_carry_the_file_they_name(within: str, extra: dict[str, str]) -> None:
    rows = (item("message", within, extra=extra), photo("x/photos/1.jpg", "aa"))
    assert found(*rows) == {(0, "aa", True), (1, "aa", False)}


def test_a_name_that_could_mean_two_files_leads_to_none() -> None:
    message = item("message", "chat.txt!line 1", extra={"attachment": "1.jpg"})
    rows = (message, photo("a/1.jpg", "aa"), photo("b/1.jpg", "bb"))
    assert found(*rows) == {(1, "aa", True), (2, "bb", True)}
    same = (message, photo("a/1.jpg", "aa"), photo("b/1.jpg", "aa"))
    assert found(*same) == {(0, "aa", True), (1, "aa", False), (2, "aa", False)}


def test_names_do_not_reach_into_another_exhibit() -> None:
    message = item("message", "chat.txt!line 1", exhibit="f", extra={"attachment": "1.jpg"})
    assert found(message, photo("1.jpg", "aa")) == {(1, "aa", True)}


def test_pages_carry_the_pictures_at_their_addresses() -> None:
    address = "https://a.example/1.jpg"
    page = item("page", "record 1", extra={"images": f"https://a.example/2.jpg\n{address}"})
    answer = item("file", "record 2", url=address, extra={"payload_sha256": "aa"})
    assert found(page, answer, photo("record 2/1.jpg", "aa")) == {(0, "aa", True), (2, "aa", False)}


def test_mails_carry_what_is_attached_to_them_the_innermost_first() -> None:
    rows = (
        item("mail", "offset 0"),
        item("mail", "offset 0/part 2"),
        photo("offset 0/part 2/part 3/a.jpg", "aa"),
        photo("offset 0/part 4/b.zip!b.jpg", "bb"),
        photo("offset 9/part 4/c.jpg", "cc"),
    )
    assert {one for one in found(*rows) if one[2]} == {
        (1, "aa", True),
        (0, "bb", True),
        (4, "cc", True),
    }


def test_rows_of_tables_carry_nothing() -> None:
    row = item(None, "", extra={"photo": "1.jpg", "sha256": "aa"})
    assert found(row, photo("1.jpg", "aa")) == {(1, "aa", True)}
    assert found() == set()
