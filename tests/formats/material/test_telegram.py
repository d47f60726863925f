"""Telegram exports in JSON and HTML: whole, damaged, and with two times that do not agree."""

import json
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import media_type, read_items
from palermo.formats.material.found import Source
from palermo.formats.material.telegram import TELEGRAM
from palermo.model import Unreadable

SAMPLES = [
    folder / "shared/data/evidence/chat-miner/test/telegram"
    for folder in (Path(__file__).resolve().parents[4], Path(__file__).resolve().parents[3].parent)
]
Export = Callable[..., tuple[list[dict[str, Any]], list[dict[str, Any]]]]


def read(path: Path, zone: Any = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    items: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for reading in read_items(path, exhibit="0" * 64, zone=zone):
        reading.items.validate(full=True)
        items += reading.items.to_pylist()
        notes += reading.rejected.to_pylist()
    for item in items:
        item["extra"] = json.loads(item["extra"] or "{}")
    return items, [note for note in notes if not note["kept"]]


@pytest.fixture
def export(tmp_path: Path) -> Export:
    def write_and_read(
        data: Any, name: str = "result.json", zone: Any = None
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        path = tmp_path / name
        text = data if isinstance(data, (str, bytes)) else json.dumps(data, indent=1)
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return read(path, zone)

    return write_and_read


def message(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2021-02-03T05:05:06",
        "date_unixtime": "1612325106",
        "from": "Anna",
        "from_id": "user7",
        "text": f"text {number}",
        "text_entities": [{"type": "plain", "text": f"text {number}"}],
        **more,
    }


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"name": "Jobs", "type": "private_group", "id": 99, "messages": list(messages), **more}


@pytest.mark.parametrize("name", ["test_single_export.json", "test_batch_export.json"])
def test_samples(name: str) -> None:
    folder = next((folder for folder in SAMPLES if folder.is_dir()), None)
    if folder is None:
        pytest.skip("the chat samples are not beside the checkout")
    items, aside = read(folder / name)
    assert not aside
    target = json.loads((folder / "target.json").read_text("utf-8"))
    assert [
        (item["posted_at"].strftime("%Y-%m-%dT%H:%M:%S"), item["account"]) for item in items
    ] == [(message["timestamp"], message["author"]) for message in target]
    # The other parser puts blanks between the pieces of a text, which are not there.
    assert [item["text"] for item in items] == ["Minimal Message", "Link:https://telegram.org/"]
    assert items[1]["extra"]["links"] == "https://telegram.org/"
    assert {item["time_note"] for item in items} == {None}


def test_a_message_with_all_it_has(export: Export) -> None:
    pieces = [
        "Call ",
        {"type": "phone", "text": "+39 06 1"},
        {"type": "text_link", "text": "here", "href": "https://a.example/x"},
        {"type": "mention", "text": "@bo"},
    ]
    (item,), aside = export(
        chat(
            message(
                5, text=pieces, text_entities=[], reply_to_message_id=4, forwarded_from="Channel",
                edited="2021-02-03T05:06:06", edited_unixtime="1612325166",
                photo="photos/photo_1.jpg", width=10, reactions=[{"emoji": "x", "count": 2}],
                location_information={"latitude": 38.1157, "longitude": 13.3615},
            )
        )
    )  # fmt: skip
    assert not aside
    assert item["text"] == "Call +39 06 1here@bo"
    assert (item["id"], item["account"], item["kind"]) == ("telegram/99/5", "user7", "message")
    assert item["within"] == "messages[0]"
    assert item["posted_at"].isoformat() == "2021-02-03T04:05:06+00:00"
    extra = item["extra"]
    assert (extra["chat"], extra["chat_type"], extra["from"]) == ("Jobs", "private_group", "Anna")
    assert (extra["phones"], extra["mentions"]) == ("+39 06 1", "@bo")
    assert extra["links"] == "https://a.example/x"
    assert (extra["reply_to_message_id"], extra["forwarded_from"]) == (4, "Channel")
    assert extra["edited"] == "2021-02-03T04:06:06+00:00"
    assert extra["location_information.latitude"] == 38.1157
    assert json.loads(extra["reactions"]) == [{"emoji": "x", "count": 2}]
    assert extra["date"] == "2021-02-03T05:05:06"


def test_messages_without_words(export: Export) -> None:
    items, _ = export(
        chat(
            message(1, text="", text_entities=[], photo="photos/1.jpg"),
            message(2, text="", media_type="sticker", sticker_emoji="👍", file="s.webp"),
            message(3, text="", poll={"question": "When?", "answers": []}),
            message(4, type="service", actor="Bo", actor_id="user8", action="invite_members",
                    members=["Cy", "Di"], text=""),
            message(5, type="service", actor="Bo", actor_id="user8", action="phone_call",
                    duration_seconds=35, text=""),
            message(6, text="", contact_information={"phone_number": "+391"}),
        )
    )  # fmt: skip
    assert [item["text"] for item in items] == [
        "[photo, no text]", "[sticker, 👍, no text]", "[poll, When?, no text]",
        "[invite_members: Cy, Di]", "[phone_call: 35 s]", "[contact, +391, no text]",
    ]  # fmt: skip
    assert [item["account"] for item in items[3:5]] == ["user8", "user8"]
    assert items[4]["kind"] == "call"


def test_local_time_alone_has_no_zone_unless_it_is_given(export: Export) -> None:
    data = chat({k: v for k, v in message(1).items() if k != "date_unixtime"})
    (item,), _ = export(data)
    assert item["time_note"] == "zone not stated"
    (item,), _ = export(data, zone=ZoneInfo("Europe/Rome"))
    assert item["time_note"] == "zone given by the user"
    assert item["posted_at"].isoformat() == "2021-02-03T04:05:06+00:00"


def test_two_times_that_do_not_agree(export: Export) -> None:
    items, _ = export(
        chat(
            message(1),
            message(2, date="2021-02-03T05:07:06"),
            message(3, date="2019-01-01T00:00:00"),
        )
    )
    note = "date and date_unixtime do not agree"
    assert [item["time_note"] for item in items] == [None, note, note]


def test_a_whole_account(export: Export) -> None:
    items, aside = export(
        {
            "about": "Here is the data you requested.",
            "personal_information": {"user_id": 7, "first_name": "Anna", "phone_number": "+39 1"},
            "contacts": {"about": "x", "list": [
                {"first_name": "Bo", "last_name": "", "phone_number": "+39 2",
                 "date_unixtime": "1612325106"}]},
            "sessions": {"list": [{"last_ip": "192.0.2.1", "last_active": "2021-02-03T05:05:06"}]},
            "stories": [{"caption": "hi"}],
            "chats": {"about": "x", "list": [chat(message(1)),
                                               chat(message(1), id=100, name="Two")]},
            "left_chats": {"list": [chat(message(9), id=101, name="Left")]},
        }
    )  # fmt: skip
    assert not aside
    assert [(item["kind"], item["within"]) for item in items] == [
        ("account", "personal_information"), ("contact", "contacts.list[0]"),
        ("account", "sessions.list[0]"), ("account", "stories[0]"),
        ("message", "chats.list[0].messages[0]"), ("message", "chats.list[1].messages[0]"),
        ("message", "left_chats.list[0].messages[0]"),
    ]  # fmt: skip
    assert items[0]["account"] == "user7"
    assert items[1]["text"] == "Bo +39 2"
    assert items[2]["time_note"] == "zone not stated"
    assert "192.0.2.1" in items[2]["text"]
    assert [item["extra"]["chat"] for item in items[4:]] == ["Jobs", "Two", "Left"]


def test_a_file_that_breaks_off(export: Export) -> None:
    text = json.dumps(chat(*(message(n) for n in range(1, 6))))
    for cut in range(text.index('"text 3"') + 10, text.index('"text 4"') - 10):
        items, aside = export(text[:cut])
        assert [item["extra"]["message_id"] for item in items[:3]] == ["1", "2", "3"][: len(items)]
        assert len(items) in {2, 3}
        assert [note["reason"] for note in aside] == ["damaged_file"]


def test_a_damaged_message_costs_no_other(export: Export) -> None:
    text = json.dumps(chat(*(message(n) for n in range(1, 6))))
    for wrong in (text.replace('"text 3"', '"text 3'), text.replace('"id": 3', '"id": #'),
                  text.replace('"id": 3,', '"id": 3'),
                  text.replace('{"id": 3', '{"id": 3]')):  # fmt: skip
        assert wrong != text
        items, aside = export(wrong)
        assert [item["extra"]["message_id"] for item in items] == ["1", "2", "4", "5"]
        assert [note["reason"] for note in aside] == ["bad_json"]


def test_damage_that_may_reach_into_another_chat(export: Export) -> None:
    chats = [chat(message(1), message(2)), chat(message(3), message(4), name="Two", id=2)]
    text = json.dumps({"chats": {"list": chats}})
    items, (aside,) = export(text.replace('"text 2"', '"text 2'))
    assert aside["reason"] == "bad_json"
    assert [item["extra"].get("chat") for item in items] == ["Jobs", None, None]
    assert "perhaps of another chat" in items[1]["within"]


def test_a_missing_comma_loses_nothing(export: Export) -> None:
    text = json.dumps(chat(message(1), message(2))).replace("]}, {", "]} {", 1)
    items, aside = export(text)
    assert (len(items), aside) == (2, [])


def test_bytes_that_are_not_utf8(export: Export) -> None:
    text = json.dumps(chat(message(1), message(2))).encode("utf-8")
    (one, two), _ = export(text.replace(b'"text 1"', b'"caf\xe9"'))
    assert one["text"] == "café"
    assert "Windows-1252" in one["extra"]["encoding"]
    assert "encoding" not in two["extra"]


def test_repeated_keys_and_long_numbers_are_kept(export: Export) -> None:
    text = json.dumps(chat(message(1))).replace('"from": "Anna"', '"from": "Anna", "from": "Bo"')
    (item,), _ = export(text.replace('"id": 1', '"id": 1, "n": ' + "9" * 40))
    assert (item["extra"]["from"], item["extra"]["from#2"]) == ("Anna", "Bo")
    assert item["extra"]["n"] == "9" * 40


def test_a_large_export_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    with path.open("w", encoding="utf-8") as file:
        file.write('{"name": "x", "type": "personal_chat", "id": 1, "messages": [')
        for number in range(10_000):
            file.write(("," if number else "") + json.dumps(message(number, text="x" * 2000)))
        file.write("]}")
    assert path.stat().st_size > 20_000_000
    source = Source(path=path, name=path.name, head=b"")
    tracemalloc.start()
    try:
        count = sum(1 for _ in TELEGRAM.read(source))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "data",
    [
        {"messages": [{"text": "a", "id": 1}]},
        {"type": "FeatureCollection", "features": []},
        [{"id": 1, "text": "a", "type": "message", "date": "2021-01-01"}],
    ],
)
def test_other_json_is_not_claimed(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    try:
        items = [item for reading in read_items(path, exhibit="0" * 64) for item in
                 reading.items.to_pylist()]  # fmt: skip
    except Unreadable:
        assert isinstance(data, dict)
    else:
        assert [(item["text"], item["kind"]) for item in items] == [("a", None)]


HTML = """<!DOCTYPE html><html><body><div class="page_wrap"><div class="page_header">
<div class="content"><div class="text bold">
Jobs &amp; more
</div></div></div><div class="page_body chat_page"><div class="history">
 <div class="message service" id="message-1"><div class="body details">3 February 2021</div></div>
 <div class="message default clearfix" id="message5">
  <div class="pull_left userpic_wrap"><div class="userpic"><div class="initials">A</div></div></div>
  <div class="body">
   <div class="pull_right date details" title="03.02.2021 05:05:06 UTC+01:00">05:05</div>
   <div class="from_name">
Anna
   </div>
   <div class="reply_to details">In reply to <a href="#go_to_message4">this message</a></div>
   <div class="text">
Call <a href="tel:+391">+39 1</a><br>now &lt;3
   </div>
  </div>
 </div>
 <div class="message default clearfix joined" id="message6"><div class="body">
   <div class="pull_right date details" title="03.02.2021 05:06:06">05:06</div>
   <div class="media_wrap clearfix"><a class="photo_wrap clearfix" href="photos/photo_1.jpg">
   </a></div>
 </div></div>
 <div class="message default clearfix" id="message7"><div class="body">
   <div class="pull_right date details" title="03.02.2021 05:07:06">05:07</div>
   <div class="from_name">Bo</div>
   <div class="forwarded body"><div class="from_name">Cy <span class="date details"
     title="01.02.2021 00:00:00"> 01.02.2021 00:00:00</span></div>
   <div class="text">old news</div></div>
 </div></div>
</div></div></div></body></html>"""


def test_html(export: Export) -> None:
    items, aside = export(HTML, "messages.html", zone=ZoneInfo("Europe/Rome"))
    assert not aside
    service, first, second, third = items
    assert (service["text"], service["account"]) == ("3 February 2021", None)
    assert service["extra"]["system"] is True
    assert first["text"] == "Call +39 1\nnow <3"
    assert (first["account"], first["time_note"]) == ("Anna", None)
    assert first["posted_at"].isoformat() == "2021-02-03T04:05:06+00:00"
    assert first["within"].startswith("message5 at offset ")
    assert first["extra"] == {
        "chat": "Jobs & more", "links": "tel:+391", "reply_to_message_id": "4",
    }  # fmt: skip
    assert HTML.encode()[int(first["within"].split()[-1]) :].startswith(b'<div class="message')
    assert (second["account"], second["text"]) == ("Anna", "[file, no text]")
    assert second["extra"]["file"] == "photos/photo_1.jpg"
    assert second["time_note"] == "zone given by the user"
    assert (third["account"], third["text"]) == ("Bo", "old news")
    assert third["extra"]["forwarded_from"] == "Cy"
    assert third["extra"]["forwarded_date"] == "01.02.2021 00:00:00"
    assert third["posted_at"].isoformat() == "2021-02-03T04:07:06+00:00"


def test_html_in_pieces_and_with_one_message_too_large(export: Export) -> None:
    one = '<div class="message default clearfix" id="message{}"><div class="text">x{}</div></div>\n'
    start = '<html><div class="history">\n'
    many = start + "".join(one.format(n, "y" * 900) for n in range(9_000))
    items, aside = export(many, "messages.html")
    assert (len(items), aside) == (9_000, [])
    assert items[8_500]["within"].startswith("message8500 at offset")
    where = int(items[8_500]["within"].split()[-1])
    assert many[where:].startswith('<div class="message default clearfix" id="message8500">')
    large = start + one.format(1, "") + one.format(2, "y" * 13_000_000) + one.format(3, "")
    items, (note,) = export(large, "messages.html")
    assert [item["text"] for item in items] == ["x", "x"]
    assert note["reason"] == "field_too_large"


VALID = json.dumps({"chats": {"list": [chat(message(1), message(2)), chat(message(3))]}}).encode()


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200
)
@given(st.integers(0, len(VALID)), st.integers(0, 40), st.binary(max_size=20), st.booleans())
def test_any_damage_is_read_or_unreadable(
    tmp_path: Path, start: int, length: int, wrong: bytes, html: bool
) -> None:
    whole = HTML.encode() if html else VALID
    path = tmp_path / ("messages.html" if html else "result.json")
    path.write_bytes(whole[:start] + wrong + whole[start + length :])
    with suppress(Unreadable):
        media_type(path)
        read(path)
