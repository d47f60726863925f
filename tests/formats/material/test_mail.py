"""Mail as it is and not as the standards want it: EML, MBOX, attachments, and every kind of lie."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import media_type, read_items
from palermo.formats.material.mbox import letters
from palermo.model import Unreadable

Both = tuple[list[dict[str, Any]], list[dict[str, Any]]]
Read = Callable[..., Both]


@pytest.fixture
def mail(tmp_path: Path) -> Read:
    def write_and_read(data: bytes, name: str = "a.eml", zone: Any = None) -> Both:
        path = tmp_path / name
        path.write_bytes(data)
        items: list[dict[str, Any]] = []
        notes: list[dict[str, Any]] = []
        for reading in read_items(path, exhibit="0" * 64, zone=zone):
            reading.items.validate(full=True)
            items += reading.items.to_pylist()
            notes += reading.rejected.to_pylist()
        for item in items:
            item["extra"] = json.loads(item["extra"] or "{}")
        return items, [note for note in notes if not note["kept"]]

    return write_and_read


def letter(body: bytes = b"Hello\r\n", **more: str) -> bytes:
    fields = {
        "From": "Anna <Anna@a.example>",
        "To": "Bo <bo@b.example>, cy@c.example",
        "Subject": "Work",
        "Date": "Wed, 3 Feb 2021 05:05:06 +0100",
        "Message-ID": "<1@a.example>",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + body


def test_a_mail(mail: Read) -> None:
    received = "by mx.b.example; Wed, 3 Feb 2021 04:05:08 +0000"
    data = b"Received: " + received.encode() + b"\r\nReceived: by two\r\n" + letter()
    (item,), aside = mail(data)
    assert not aside
    assert item["text"] == "Work\n\nHello"
    assert (item["kind"], item["account"], item["id"]) == (
        "mail",
        "anna@a.example",
        "<1@a.example>",
    )
    assert item["posted_at"].isoformat() == "2021-02-03T04:05:06+00:00"
    assert (item["time_note"], item["within"]) == (None, "message")
    extra = item["extra"]
    assert extra["from"] == "Anna <Anna@a.example>"
    assert extra["to_addresses"] == "bo@b.example\ncy@c.example"
    assert extra["received"] == f"{received}\nby two"
    assert extra["date"] == "Wed, 3 Feb 2021 05:05:06 +0100"


@pytest.mark.parametrize(
    ("date", "moment", "note"),
    [
        ("Wed, 3 Feb 2021 04:05:06 -0000", "2021-02-03T04:05:06+00:00",
         "zone of the sender not stated"),
        ("Wed, 3 Feb 2021 05:05:06", "2021-02-03T05:05:06+00:00", "zone not stated"),
        ("Tue, 2 Feb 2021 23:05:06 EST", "2021-02-03T04:05:06+00:00", None),
        ("yesterday", None, "the date in the header cannot be read"),
        ("", None, "no date in the header"),
        ("Wed, 3 Feb 99999 05:05:06 +0100", None, "the date in the header cannot be read"),
    ],
)  # fmt: skip
def test_dates(mail: Read, date: str, moment: str | None, note: str | None) -> None:
    (item,), _ = mail(letter(Date=date))
    assert (item["posted_at"] and item["posted_at"].isoformat()) == moment
    assert item["time_note"] == note


def test_encoded_words_and_bytes_that_should_have_been_encoded(mail: Read) -> None:
    (item,), _ = mail(letter(Subject="=?utf-8?q?caf=C3=A9?=\r\n =?utf-8?b?8J+kkw==?="))
    assert item["text"].startswith("café🤓\n\n")
    assert "header_bytes" not in item["extra"]
    (item,), _ = mail(letter(Subject="café œuf", From="Ren\udce9 <r@a.example>"))
    assert item["text"].startswith("café œuf\n\n")
    assert item["extra"]["from"] == "René <r@a.example>"
    assert "undecoded bytes" in item["extra"]["header_bytes"]
    for wrong in ("=?utf-8?b?!!!?=", "=?nope?q?a=E9?=", "=?utf-8?q?=FF?=", "=?utf-8?b?A?="):
        (item,), _ = mail(letter(Subject=wrong))
        assert item["text"].endswith("\n\nHello")


@pytest.mark.parametrize(
    ("stated", "raw", "text", "note"),
    [
        ("utf-8", "café œ".encode(), "café œ", None),
        ("iso-8859-1", "café".encode("latin-1"), "café", None),
        ("windows-1251", "привет".encode("cp1251"), "привет", None),
        ("us-ascii", "café œ".encode(), "café œ", "it is UTF-8"),
        ("iso-8859-1", "café œ".encode(), "café œ", "it is UTF-8"),
        ("utf-8", b"caf\xe9", "café", "Windows-1252"),
        ("x-nonsense", "café".encode(), "café", "unknown character set"),
    ],
)
def test_character_sets_and_lies_about_them(
    mail: Read, stated: str, raw: bytes, text: str, note: str | None
) -> None:
    (item,), _ = mail(letter(raw, Content_Type=f"text/plain; charset={stated}"))
    assert item["text"] == f"Work\n\n{text}"
    assert (note is None and "charset" not in item["extra"]) or note in item["extra"]["charset"]


def whole() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@a.example", "b@b.example", "Files"
    message["Message-ID"], message["Date"] = "<2@a.example>", "Wed, 3 Feb 2021 05:05:06 +0100"
    message.set_content("See the files.")
    message.add_alternative("<p>See <b>the</b> files.</p>", subtype="html")
    message.add_attachment(b"\x89PNG 1", maintype="image", subtype="png", filename="../../été.png")
    message.add_attachment(
        b"31/12/2020, 23:59 - Cy: hello\n", maintype="text", subtype="plain", filename="_chat.txt"
    )
    message.add_attachment(message_from_bytes(letter(Message_ID="<3@a.example>"), policy=default))
    return bytes(message)


def test_attachments_are_files_and_are_read(mail: Read) -> None:
    items, aside = mail(whole())
    assert not aside
    outer, inner, picture, text, chat = items
    assert outer["text"] == "Files\n\nSee the files."
    assert outer["extra"]["attachments"] == "../../été.png\n_chat.txt"
    assert outer["extra"]["other_version"].startswith("text/html, ")
    assert (inner["kind"], inner["id"], inner["within"]) == (
        "mail", "<3@a.example>", "message/part 4",
    )  # fmt: skip
    assert inner["extra"]["attached_to"] == "<2@a.example>"
    assert picture["kind"] == "file"
    assert picture["text"] == "[../../été.png, image/png, 6 bytes, no text]"
    assert picture["extra"]["sha256"] == hashlib.sha256(b"\x89PNG 1").hexdigest()
    assert (picture["extra"]["size"], picture["extra"]["attached_to"]) == (6, "<2@a.example>")
    assert text["within"] == "message/part 3"
    assert (chat["platform"], chat["account"], chat["text"]) == ("WhatsApp", "Cy", "hello")
    assert chat["within"] == "message/part 3/_chat.txt!line 1"
    assert chat["extra"]["attached_to"] == "<2@a.example>"


def test_html_alone_becomes_text(mail: Read) -> None:
    page = b"<html><head><style>p{}</style></head><body><p>Call&nbsp;me</p><p hidden>secret</p>x"
    (item,), _ = mail(letter(page, Content_Type="text/html"))
    assert item["text"] == "Work\n\nCall me\nx"
    assert item["extra"]["html_hidden"] == "secret"
    assert item["extra"]["text_from"] == "text/html"


def test_an_archive_in_a_mail(mail: Read, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("_chat.txt", "31/12/2020, 23:59 - Cy: hello\n")
    message = EmailMessage()
    message["From"] = "a@a.example"
    message.set_content("x")
    packed = (tmp_path / "c.zip").read_bytes()
    message.add_attachment(packed, maintype="application", subtype="zip", filename="c.zip")
    items, aside = mail(bytes(message))
    assert not aside
    assert [item["within"] for item in items] == [
        "message", "message/part 2", "message/part 2/c.zip!_chat.txt",
        "message/part 2/c.zip!_chat.txt!line 1",
    ]  # fmt: skip


def test_broken_mime_is_read_as_far_as_it_goes(mail: Read) -> None:
    data = whole()
    (outer, *_), _ = mail(data[: data.index(b"_chat.txt")])
    assert outer["text"] == "Files\n\nSee the files."
    assert "CloseBoundaryNotFoundDefect" in outer["extra"]["defects"]
    (item,), _ = mail(letter(b"aGVsbG8=!!!", Content_Transfer_Encoding="base64"))
    assert item["text"].startswith("Work\n\nhello")
    (item,), _ = mail(letter(Content_Type="multipart/mixed"))
    assert "Hello" in item["text"]
    assert "NoBoundaryInMultipartDefect" in item["extra"]["defects"]


def test_parts_in_parts_beyond_all_measure(mail: Read) -> None:
    data = letter()
    for number in range(120):
        head = f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n".encode()
        data = head + data + f"\r\n--b{number}--\r\n".encode()
    items, _ = mail(b"From: a@a.example\r\n" + data)
    assert items[0]["account"] == "a@a.example"
    data = letter()
    for _ in range(30):
        data = letter(data, Content_Type="message/rfc822")
    items, aside = mail(data)
    assert len(items) == 9
    assert "beyond what is read" in aside[-1]["detail"]


def test_a_very_long_mail_is_cut_and_says_so(mail: Read) -> None:
    (item,), _ = mail(letter(b"x" * 1_200_000))
    assert len(item["text"]) == 1_000_000
    assert item["extra"]["text_cut"] == "the first 1000000 of 1200006 characters"


def test_a_mailbox(mail: Read) -> None:
    first = letter(b"Hello\r\n>From here on\r\n>>From there\r\nFrom me to you\r\n")
    data = (
        b"From a@a.example Wed Feb  3 05:05:06 2021\r\n" + first + b"\r\n"
        b"From b@b.example Wed Feb  3 06:05:06 2021\n" + letter(Message_ID="<2@a.example>")
    )  # fmt: skip
    (one, two), aside = mail(data, "box.mbox")
    assert not aside
    assert one["text"] == "Work\n\nHello\nFrom here on\n>From there\nFrom me to you"
    assert one["extra"]["from_lines_unquoted"] == 2
    assert one["extra"]["envelope"] == "From a@a.example Wed Feb  3 05:05:06 2021"
    assert one["within"] == "offset 0"
    offset = int(two["within"].split()[1])
    assert data[offset:].startswith(b"From b@b.example")


def test_a_mailbox_needs_no_ending(mail: Read, tmp_path: Path) -> None:
    data = b"From a@a.example Wed Feb  3 05:05:06 2021\n" + letter()
    items, _ = mail(data, "Inbox")
    assert len(items) == 1
    assert media_type(tmp_path / "Inbox") == "application/mbox"


def test_lines_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / "box"
    start = b"From a Wed Feb  3 05:05:06 2021\n"
    body = b"\n" + b"y" * (1 << 20) + b"From b Wed Feb  3 05:05:06 2021\n"
    path.write_bytes(start + body + b"\n" + start + b"z\n")
    assert [(one.offset, one.size) for one in letters(path)] == [
        (0, len(body) + 1), (len(start) + len(body) + 1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Subject: a note\nFrom: me\n\nNo mail at all\n",
        "From the minutes of 2021\n\nFirst: we met.\n",
        "Name: x\nDate: y\nTo: z\n",
    ],
)
def test_other_texts_are_not_claimed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable, match="this kind of file"):
        media_type(path)


def test_an_empty_mail(mail: Read) -> None:
    with pytest.raises(Unreadable, match="is empty"):
        mail(b"\r\n", "a.eml")


WHOLE = whole()
header_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300
)
@given(st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=30), st.booleans())
def test_any_damage_is_read_or_unreadable(
    mail: Read, start: int, length: int, wrong: bytes, box: bool
) -> None:
    data = WHOLE[:start] + wrong + WHOLE[start + length :]
    if box:
        data = b"From a Wed Feb  3 05:05:06 2021\n" + data + b"\n\nFrom b Wed Feb  3 2021\n" + data
    with suppress(Unreadable):
        mail(data, "a.mbox" if box else "a.eml")


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200
)
@given(
    st.sampled_from(["From", "To", "Date", "Subject", "Content-Type", "Content-Disposition",
                     "Content-Transfer-Encoding", "Message-ID"]),
    header_text | st.from_regex(r"\A=\?[a-z0-9-]{1,8}\?[bqx]\?.{0,20}\?=.*\Z")
    | st.from_regex(r"\A[a-z]+/[a-z0-9]+; (charset|boundary|name\*?0?\*?)=.{0,20}\Z"),
)  # fmt: skip
def test_no_header_makes_a_mail_unreadable(mail: Read, name: str, value: str) -> None:
    items, aside = mail(letter(b"Hello\r\n", **{name.replace("-", "_"): value}))
    assert len(items) + len(aside) >= 1
