"""WhatsApp exports: every clock and order of dates, and nothing taken for certain that is not."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import media_type, read_items
from palermo.formats.material.whatsapp_stamps import Survey, read_stamp
from palermo.model import Unreadable

SAMPLES = (
    Path(__file__).resolve().parents[4] / "shared/data/evidence/chat-miner/test/whatsapp",
    Path(__file__).resolve().parents[3].parent / "shared/data/evidence/chat-miner/test/whatsapp",
)
Chat = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    """Read lines as a chat; items with their `extra` as an object."""

    def read(*lines: str, name: str = "_chat.txt", zone: Any = None) -> list[dict[str, Any]]:
        path = tmp_path / name
        path.write_bytes("\n".join(lines).encode("utf-8"))
        items: list[dict[str, Any]] = []
        for reading in read_items(path, exhibit="0" * 64, zone=zone):
            items += reading.items.to_pylist()
        for item in items:
            item["extra"] = json.loads(item["extra"] or "{}")
        return items

    return read


def wall(item: dict[str, Any]) -> str | None:
    return None if item["posted_at"] is None else item["posted_at"].strftime("%Y-%m-%d %H:%M:%S")


def samples() -> Path:
    for path in SAMPLES:
        if path.is_dir():
            return path
    pytest.skip("the chat samples are not beside the checkout")


@pytest.mark.parametrize(
    "name",
    [
        "test_[mmddyy]_24hrs.txt", "test_ddmmyy_24hrs.txt", "test_mmddyy_24hrs.txt",
        "test_mmddyyyy_12hrs.txt", "test_yyyymmdd_24hrs.txt",
    ],
)  # fmt: skip
def test_samples(name: str) -> None:
    folder = samples()
    items: list[dict[str, Any]] = []
    for reading in read_items(folder / name, exhibit="0" * 64):
        items += reading.items.to_pylist()
    assert [item["within"] for item in items] == [f"line {n}" for n in (1, 2, 3, 5, 6, 7, 8, 9, 10)]
    found = {
        (item["posted_at"].strftime("%Y-%m-%dT%H:%M:%S"), item["account"]): item["text"]
        for item in items
    }
    for message in json.loads((folder / "target.json").read_text("utf-8")):
        text = found[message["timestamp"], message["author"]]
        assert " ".join(text.split()) == message["message"]
    # The other parser drops these three.
    assert found["2019-01-20T11:23:00", "John Doe"] == "."
    assert found["2020-06-20T00:08:00", None] == '+12 345 578 created group "Groupname"'
    assert found["2020-06-30T09:10:00", None] == "You were added"
    assert {item["time_note"] for item in items} == {"zone not stated; minute precision"}


@pytest.mark.parametrize(
    ("head", "time"),
    [
        ("31/12/20, 23:59 - ", "2020-12-31 23:59:00"),
        ("12/31/20, 11:59 PM - ", "2020-12-31 23:59:00"),
        ("12/31/20, 11:59\u202fPM - ", "2020-12-31 23:59:00"),
        ("12/31/20, 12:05\u202fAM - ", "2020-12-31 00:05:00"),
        ("31.12.20, 23:59 - ", "2020-12-31 23:59:00"),
        ("31-12-2020 23:59 - ", "2020-12-31 23:59:00"),
        ("2020-12-31 23:59 - ", "2020-12-31 23:59:00"),
        ("31/12/2020 à 23:59 - ", "2020-12-31 23:59:00"),
        ("31.12.2020 klo 23.59 - ", "2020-12-31 23:59:00"),
        ("31.12.20 г., 23:59 ч. - ", "2020-12-31 23:59:00"),
        ("31/12/20, 12:05 a. m. - ", "2020-12-31 00:05:00"),
        ("31/12/20, 11:59 p.\u00a0m. - ", "2020-12-31 23:59:00"),
        ("31/12/20, 11:59 μ.μ. - ", "2020-12-31 23:59:00"),
        ("[31/12/2020, 23:59:58] ", "2020-12-31 23:59:58"),
        ("[31.12.20, 23:59:58] ", "2020-12-31 23:59:58"),
        ("\u200e[12/31/20, 11:59:58 PM] ", "2020-12-31 23:59:58"),
        ("[2020/12/31 下午11:59:58] ", "2020-12-31 23:59:58"),
        ("[2020/12/31 上午12:05:58] ", "2020-12-31 00:05:58"),
        ("[20. 12. 31. 오후 11:59:58] ", "2020-12-31 23:59:58"),
        ("[2020. 12. 31. 23:59:58] ", "2020-12-31 23:59:58"),
        ("٣١\u200f/١٢\u200f/٢٠٢٠، ١١:٥٩ م - ", "2020-12-31 23:59:00"),
        ("31/12/2563 23:59 - ", "2020-12-31 23:59:00"),
        ("\ufeff31/12/20, 23:59 - ", "2020-12-31 23:59:00"),
    ],
)
def test_heads_of_the_world(chat: Chat, head: str, time: str) -> None:
    item, _ = chat(
        f"{head}Anna: Hola: amigo", f"{head.replace('31', '08').replace('٣١', '٠٨')}Anna: x"
    )
    assert (wall(item), item["account"], item["text"]) == (time, "Anna", "Hola: amigo")
    assert "not certain" not in item["time_note"]
    assert ("minute" in item["time_note"]) == time.endswith(":00")


def test_one_date_beyond_twelve_decides_for_the_whole_file(chat: Chat) -> None:
    items = chat("05/06/20, 10:00 - A: one", "06/06/20, 10:00 - A: two", "13/06/20, 10:00 - A: x")
    assert wall(items[0]) == "2020-06-05 10:00:00"
    items = chat("05/06/20, 10:00 - A: one", "06/06/20, 10:00 - A: two", "06/13/20, 10:00 - A: x")
    assert wall(items[0]) == "2020-05-06 10:00:00"
    assert all("not certain" not in item["time_note"] for item in items)


def test_the_only_ascending_order_is_taken_but_not_for_certain(chat: Chat) -> None:
    items = chat(
        *(f"{day:02}/0{month}/21, 10:00 - A: x" for month in (1, 2) for day in range(1, 12))
    )
    assert wall(items[1]) == "2021-01-02 10:00:00"
    assert "day and month not certain: read day first" in items[1]["time_note"]
    assert items[1]["extra"]["time_stated"] == "02/01/21, 10:00"
    # The first of January is that in both readings.
    assert "not certain" not in items[0]["time_note"]


def test_what_nothing_decides_stays_open(chat: Chat) -> None:
    one, two, three = chat(
        "05/06/20, 10:00 - A: x", "06/07/20, 10:00 - A: x", "8/8/20, 10:00 - A: x"
    )
    assert (wall(one), one["time_note"]) == (None, "day and month not certain")
    assert one["extra"]["time_stated"] == "05/06/20, 10:00"
    assert wall(two) is None
    assert wall(three) == "2020-08-08 10:00:00"


def test_a_line_slipped_into_a_message_decides_little(chat: Chat) -> None:
    slipped = "06/25/20, 09:00 - B: pay"
    lines = [f"{day:02}/06/20, 10:00 - A: x" for day in range(5, 10)]
    items = chat(*lines, slipped, "11/06/20, 10:00 - A: x")
    assert all("not certain" in item["time_note"] for item in (items[0], *items[2:5]))
    lines = [f"{day:02}/06/20, 10:00 - A: x" for day in range(5, 29)]
    items = chat(*lines, slipped)
    assert wall(items[0]) == "2020-06-05 10:00:00"
    assert "not certain" not in items[0]["time_note"]
    assert (wall(items[24]), items[24]["extra"]["time_stated"]) == (None, "06/25/20, 09:00")


def test_a_short_year_in_front(chat: Chat) -> None:
    items = chat("20/12/30, 10:00 - A: x", "20/12/31, 10:00 - A: x", "21/1/2, 10:00 - A: x")
    assert [wall(item) for item in items][::2] == ["2020-12-30 10:00:00", "2021-01-02 10:00:00"]
    # 10 to 12 December 2020, or the 20th of three years? The usual order is read, and said so.
    items = chat("13/12/20, 10:00 - A: x", "14/12/20, 10:00 - A: x")
    assert wall(items[0]) == "2020-12-13 10:00:00"
    assert "not certain: read day first" in items[0]["time_note"]


def test_both_orders_in_one_file(chat: Chat) -> None:
    items = chat("25/06/20, 10:00 - A: x", "06/26/20, 10:00 - A: x", "05/06/20, 10:00 - A: x")
    assert [wall(item) for item in items] == ["2020-06-25 10:00:00", "2020-06-26 10:00:00", None]


def test_a_zone_that_the_user_gives(chat: Chat) -> None:
    lines = ["24/10/2020, 12:00 - A: x", "25/10/2020, 02:30 - A: x", "26/10/2020, 12:00 - A: x"]
    first, second, third = chat(*lines, zone=ZoneInfo("Europe/Rome"))
    assert wall(first) == "2020-10-24 10:00:00"
    assert wall(third) == "2020-10-26 11:00:00"
    assert first["time_note"] == "zone given by the user; minute precision"
    assert "the clock change" in second["time_note"]


def test_lines_belong_together(chat: Chat) -> None:
    items = chat(
        "31/12/2020, 23:58 - Anna: one", "", "two", "31/12/2020, 23:59 - Bo: three", "", "four", ""
    )
    assert [item["text"] for item in items] == ["one\n\ntwo", "three\n\nfour"]
    assert [item["within"] for item in items] == ["line 1", "line 4"]


def test_a_pasted_chat_of_another_form_is_text(chat: Chat) -> None:
    items = chat(
        "01/02/2021, 10:00 - Anna: look", "[31.12.20, 09:00:00] Bo: pay me", "and more",
        "13/02/2021, 10:00 - Anna: well?",
    )  # fmt: skip
    assert [item["account"] for item in items] == ["Anna", "Anna"]
    assert "Bo: pay me" in items[0]["text"]


def test_a_pasted_line_of_the_same_form_shows_as_out_of_order(chat: Chat) -> None:
    items = chat("13/02/2021, 10:00 - A: x", "13/01/2021, 10:00 - B: x", "14/02/2021, 10:00 - A: x")
    assert [item["extra"].get("out_of_order") for item in items] == [None, True, None]


def test_what_the_app_wrote_is_marked(chat: Chat) -> None:
    items = chat(
        "31/12/2020, 23:50 - Anna: <Media omitted>",
        "31/12/2020, 23:51 - Anna: IMG-20201231-WA0001.jpg (file attached)",
        "Happy new year",
        "31/12/2020, 23:52 - Anna: This message was deleted",
        "31/12/2020, 23:53 - Anna: see you <This message was edited>",
        "31/12/2020, 23:54 - Anna: passport.pdf (Datei angehängt)",
        "31/12/2020, 23:55 - Anna: This message was deleted by nobody, I think",
        "31/12/2020, 23:56 - Anna: ",
        '31/12/2020, 23:57 - Bo changed the subject to "Work: July"',
    )
    extra = [item["extra"] for item in items]
    assert extra[0] == {"media_omitted": True}
    assert extra[1] == {"attachment": "IMG-20201231-WA0001.jpg"}
    assert items[1]["text"] == "IMG-20201231-WA0001.jpg (file attached)\nHappy new year"
    assert extra[2] == {"deleted": True}
    assert extra[3] == {"edited": True}
    assert items[3]["text"] == "see you <This message was edited>"
    assert extra[4] == {"attachment": "passport.pdf"}
    assert extra[5] == {}
    assert items[6]["text"] == "[no text]"
    assert (items[7]["account"], extra[7]) == (None, {"system": True})


def test_iphone(chat: Chat) -> None:
    items = chat(
        "[31.12.20, 23:59:01] Work group: \u200eMessages and calls are end-to-end encrypted.",
        "[31.12.20, 23:59:02] Work group: \u200eAnna created this group",
        "[31.12.20, 23:59:03] \u202a+44 7700 900000\u202c: hello",
        "\u200e[31.12.20, 23:59:04] Anna: \u200e<angehängt: 00000012-PHOTO-2020-12-31.jpg>",
        "\u200e[31.12.20, 23:59:05] Anna: \u200eimage omitted",
    )
    assert [item["account"] for item in items] == [None, None, "+44 7700 900000", "Anna", "Anna"]
    assert items[1]["extra"] == {"attributed_to": "Work group", "system": True}
    assert items[3]["extra"] == {"attachment": "00000012-PHOTO-2020-12-31.jpg"}
    assert items[4]["extra"] == {"media_omitted": True}


def test_names_with_colons(chat: Chat) -> None:
    lines = [f"31/12/2020, 23:5{n} - Dr: Who: text {n}" for n in range(4)]
    items = chat(*lines, "31/12/2020, 23:59 - Anna: note: milk")
    assert [item["account"] for item in items] == ["Dr: Who"] * 4 + ["Anna"]
    assert items[4]["text"] == "note: milk"


def test_the_name_of_the_chat_is_that_of_the_file(chat: Chat) -> None:
    (item,) = chat("31/12/2020, 23:50 - Anna: x", name="WhatsApp-Chat mit Anna B.txt")
    assert item["extra"] == {"chat": "Anna B"}


@pytest.mark.parametrize(
    "text",
    [
        "Dear all,\n12/31/20, we met.\nRegards",
        "[2020-12-31 23:59:59] ERROR: disk full\n[2020-12-31 23:59:59] INFO: ok\n",
        "12/31/20\n12/30/20\n",
        "2020-12-31 23:59:59,123 INFO started\n",
        "",
        "id,text\n1,x\n",
    ],
)
def test_other_texts_are_not_claimed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable, match="this kind of file"):
        media_type(path)


def test_damage_is_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "_chat.txt"
    path.write_bytes(
        b"lost beginning\n31/12/20, 23:50 - Ren\xe9: caf\xe9\n31/12/20, 23:51 - B: "
        + b"x" * 1_100_000 + b"\n31/12/20, 23:52 - B: fine\n"
    )  # fmt: skip
    (reading, *_) = read_items(path, exhibit="0" * 64)
    items = reading.items.to_pylist()
    assert [(item["account"], item["text"]) for item in items] == [("René", "café"), ("B", "fine")]
    assert "Windows-1252" in items[0]["extra"]
    aside = [note for note in reading.rejected.to_pylist() if not note["kept"]]
    assert [(note["row"], note["reason"]) for note in aside] == [
        (1, "unreadable_record"), (3, "field_too_large"),
    ]  # fmt: skip


def test_utf16(tmp_path: Path) -> None:
    path = tmp_path / "_chat.txt"
    path.write_bytes("31/12/20, 23:50 - Ánna: œuf\r\n".encode("utf-16"))
    (reading, *_) = read_items(path, exhibit="0" * 64)
    (item,) = reading.items.to_pylist()
    assert (item["account"], item["text"]) == ("Ánna", "œuf")


days = st.dates(min_value=datetime(2010, 1, 1).date(), max_value=datetime(2030, 1, 1).date())  # noqa: DTZ001


@given(
    st.lists(days, min_size=1, max_size=60).map(sorted), st.sampled_from(["%d/%m/%y", "%m/%d/%y"])
)
def test_no_order_is_certain_and_wrong(dates: list[Any], form: str) -> None:
    """Whatever the dates: those that are read for certain are right; so are those that are not."""
    stamps = [read_stamp(f"{day.strftime(form)}, 10:00 - A: x") for day in dates]
    survey = Survey()
    for stamp in stamps:
        assert stamp is not None
        survey.add(stamp)
    reading = survey.reading()
    assert reading is not None
    for stamp, day in zip(stamps, dates, strict=True):
        assert stamp is not None
        at, note = reading.time(stamp)
        assert at is None or at.date() == day or "not certain" in (note or "")


line = st.text(max_size=60) | st.from_regex(
    r"\A\[?[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4},? [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
    r"( [ap]m)?(\]| -) (A: )?.*\Z"
)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150
)
@given(
    st.binary(max_size=300)
    | st.lists(line, max_size=8).map(lambda x: "\n".join(x).encode("utf-8", "replace"))
)
def test_any_bytes_are_a_chat_or_unreadable(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "_chat.txt"
    path.write_bytes(data)
    with suppress(Unreadable):
        for reading in read_items(path, exhibit="0" * 64):
            reading.items.validate(full=True)
