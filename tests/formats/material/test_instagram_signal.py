"""Instagram and Messenger downloads, and Signal chats exported as text."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import media_type, read_items
from palermo.model import Unreadable

SAMPLES = [
    folder / "shared/data/evidence/chat-miner/test"
    for folder in (Path(__file__).resolve().parents[4], Path(__file__).resolve().parents[3].parent)
]
Both = tuple[list[dict[str, Any]], list[dict[str, Any]]]
Write = Callable[..., Both]


def read(path: Path, zone: Any = None) -> Both:
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
def write(tmp_path: Path) -> Write:
    def write_and_read(data: Any, name: str, zone: Any = None) -> Both:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        return read(path, zone)

    return write_and_read


@pytest.mark.parametrize("service", ["instagram/test_export.json", "signal/test_export.txt"])
def test_samples(service: str) -> None:
    folder = next((folder for folder in SAMPLES if folder.is_dir()), None)
    if folder is None:
        pytest.skip("the chat samples are not beside the checkout")
    items, aside = read(folder / service)
    target = json.loads((folder / service).with_name("target.json").read_text("utf-8"))
    assert not aside
    found = [
        (f"{item['posted_at']:%Y-%m-%dT%H:%M:%S}", item["account"], " ".join(item["text"].split()))
        for item in items
    ]
    wanted = [(one["timestamp"], one["author"], one["message"]) for one in target]
    assert sorted(found) == sorted(wanted)


def as_service(value: Any) -> str:
    """Write JSON as these services do: UTF-8 bytes as escapes of Latin-1 characters."""
    return json.dumps(json.loads(json.dumps(value, ensure_ascii=False).encode().decode("latin-1")))


THREAD = {
    "participants": [{"name": "Zoë"}, {"name": "Bo"}],
    "messages": [
        {"sender_name": "Zoë", "timestamp_ms": 1612325106789, "content": "café 🤓",
         "reactions": [{"reaction": "❤", "actor": "Bo"}], "is_geoblocked_for_viewer": False},
        {"sender_name": "Bo", "timestamp_ms": 1612325100000,
         "photos": [{"uri": "your_instagram_activity/messages/inbox/x/photos/1.jpg"}]},
        {"sender_name": "Bo", "timestamp_ms": 1612325000000, "call_duration": 12},
        {"sender_name": "Bo", "timestamp_ms": 1612324000000, "share": {"link": "https://a.example/"}},
    ],
    "title": "Zoë",
    "is_still_participant": True,
    "thread_path": "inbox/zoe_1",
}  # fmt: skip


def test_a_thread(write: Write) -> None:
    items, aside = write(as_service(THREAD), "message_1.json")
    assert not aside
    zoe, bo, first, photo, call, share = items
    assert [(item["kind"], item["account"]) for item in (zoe, bo)] == [
        ("contact", "Zoë"), ("contact", "Bo"),
    ]  # fmt: skip
    assert zoe["extra"]["repaired"] == "name"
    assert (first["account"], first["text"]) == ("Zoë", "café 🤓")
    assert first["extra"]["repaired"] == "sender_name, content, reactions.reaction"
    assert "❤" in first["extra"]["reactions"]
    assert first["extra"]["chat"] == "Zoë"
    assert first["posted_at"].isoformat() == "2021-02-03T04:05:06.789000+00:00"
    assert first["time_note"] is None
    assert (photo["text"], call["text"], call["kind"]) == (
        "[photos, no text]", "[call_duration, no text]", "call",
    )  # fmt: skip
    assert "photos/1.jpg" in photo["extra"]["photos"]
    assert share["text"] == "[share, https://a.example/, no text]"
    assert {item["platform"] for item in items} == {"Instagram"}
    assert [item["within"] for item in items[2:]] == [f"messages[{n}]" for n in range(4)]


def test_what_needs_no_repair_is_left_alone(write: Write) -> None:
    items, _ = write(json.dumps(THREAD, ensure_ascii=False), "message_1.json")
    assert items[2]["text"] == "café 🤓"
    assert "repaired" not in items[2]["extra"]


@given(st.text(max_size=50))
def test_every_repair_can_be_reversed(text: str) -> None:
    from palermo.formats.material.instagram import _repaired

    result, changed = _repaired(text)
    if changed:
        assert result.encode("utf-8").decode("latin-1") == text
    else:
        assert result == text


def test_messenger(write: Write) -> None:
    text = as_service(THREAD).replace("your_instagram_activity", "your_facebook_activity")
    items, _ = write(text, "message_1.json")
    assert {item["platform"] for item in items} == {"Messenger"}


def test_a_thread_that_breaks_off(write: Write) -> None:
    text = as_service(THREAD)
    items, aside = write(text[: text.index('"call_duration"')], "message_1.json")
    assert [item["kind"] for item in items] == ["contact", "contact", "message", "message"]
    assert [note["reason"] for note in aside] == ["damaged_file"]


def test_times_that_are_none(write: Write) -> None:
    times: tuple[Any, ...] = (None, "soon", 10**30, -1e300, [])
    thread = {"messages": [
        {"sender_name": "A", "timestamp_ms": wrong, "content": "x"}
        for wrong in times
    ]}  # fmt: skip
    items, aside = write(json.dumps(thread), "message_1.json")
    assert (len(items), aside) == (5, [])
    assert all(item["posted_at"] is None and item["time_note"] for item in items)


def test_signal(write: Write) -> None:
    text = (
        "[2020-10-24, 12:00] Me: hello\n\n[2020-10-24, 12:01] Bo: ![photo](./media/a.jpg)  \nlook\n"
        "(- Me: 👍 -)\n[2020-10-24, 12:02] Bo changed the name\n[2020-13-24, 12:02] Bo: x\n"
    )
    items, aside = write(text, "chat.md", ZoneInfo("Europe/Rome"))
    assert not aside
    assert [item["text"] for item in items][:1] == ["hello"]
    assert items[0]["posted_at"].isoformat() == "2020-10-24T10:00:00+00:00"
    assert items[0]["time_note"] == "zone given by the user; minute precision"
    assert items[1]["extra"] == {"attachment": "./media/a.jpg", "reactions": "Me: 👍"}
    assert [item["within"] for item in items] == ["line 1", "line 3", "line 6", "line 7"]
    assert (items[2]["account"], items[2]["extra"]) == (None, {"system": True})
    assert (items[3]["posted_at"], items[3]["time_note"]) == (None, "no date of the calendar")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "[2020-10-24] Me: hello\n"),
        ("a.txt", "[2020-10-24, 12:00] \n"),
        ("rows.json", '{"sender_name": "a", "timestamp_ms": 1, "text": "x"}\n'),
        ("rows.json", '[{"sender_name": "a", "timestamp_ms": 1, "text": "x"}]'),
    ],
)
def test_other_files_are_not_claimed(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    if name.endswith(".json"):
        items, _ = read(path)
        assert [(item["text"], item["kind"]) for item in items] == [("x", None)]
    else:
        with pytest.raises(Unreadable, match="this kind of file"):
            media_type(path)


SIGNAL = b"[2020-10-24, 12:00] Me: hello\nmore\n[2020-10-24, 12:01] Bo: yes\n"


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200
)
@given(
    st.sampled_from(["s.txt", "m.json"]),
    st.integers(0, 900),
    st.integers(0, 40),
    st.binary(max_size=20),
)
def test_any_damage_is_read_or_unreadable(
    tmp_path: Path, name: str, start: int, length: int, wrong: bytes
) -> None:
    whole = SIGNAL if name == "s.txt" else as_service(THREAD).encode()
    path = tmp_path / name
    path.write_bytes(whole[:start] + wrong + whole[start + length :])
    with suppress(Unreadable):
        read(path)
