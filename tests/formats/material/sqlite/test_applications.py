"""What the samples do not have: other versions, empty fields, pictures, people."""

import base64
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from tests.formats.conftest import read_path
from tests.formats.material.evidence import at, database, extra, kinds

from palermo.formats.material.sqlite.skype import plain
from palermo.formats.material.sqlite.tango import decoded
from palermo.formats.material.sqlite.typedstream import words

UTC = dt.UTC
CHAT = """
CREATE TABLE message (ROWID INTEGER PRIMARY KEY, guid TEXT, text TEXT, attributedBody BLOB,
                      handle_id INTEGER, date INTEGER, is_from_me INTEGER, service TEXT,
                      item_type INTEGER, group_title TEXT);
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, mime_type TEXT, transfer_name TEXT);
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);
"""


def archived(text: str, kind: bytes = b"\x84\x84\x84\x0fNSMutableString\x01\x84\x84") -> bytes:
    """Archive a string as NSArchiver does, as far as the string goes."""
    data = text.encode()
    size = len(data)
    length = bytes([size]) if size < 0x80 else b"\x81" + size.to_bytes(2, "little")
    if size >= 1 << 15:
        length = b"\x82" + size.to_bytes(4, "little")
    head = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00"
    return head + kind + b"\x08NSString\x01\x95\x84\x01+" + length + data + b"\x86\x84\x02iI"


@pytest.mark.parametrize("text", ["ok", "a" * 127, "ш" * 64, "b" * 128, "漢字" * 9_000])
def test_styled_text(text: str) -> None:
    assert words(archived(text)) == text


@pytest.mark.parametrize(
    "stream",
    [
        None, "text", b"", b"\x04\x0bstreamtyped", archived("cut short")[:-8],
        b"bplist00", archived("")[:-3] + b"\x00", b"\x04\x0bstreamtypedNSString\x84\x01+\x83\x00",
        b"\x04\x0bstreamtypedNSString\x84\x01+",
    ],
)  # fmt: skip
def test_what_is_no_styled_text(stream: Any) -> None:
    assert words(stream) is None


def test_imessage_of_later_versions(tmp_path: Path) -> None:
    """Nanoseconds, the text in `attributedBody` alone, pictures, and notices of groups."""
    nanoseconds = 700_000_000_123_456_789
    path = database(
        tmp_path / "renamed",
        CHAT,
        {
            "message": [
                (1, "A", None, archived("Where are you?"), 1, nanoseconds, 0, "iMessage", 0, None),
                (2, "B", "\ufffc", None, 1, nanoseconds, 1, "iMessage", 0, None),
                (3, "C", None, None, 1, 0, 0, "SMS", 0, None),
                (4, "D", None, None, 0, nanoseconds, 0, "iMessage", 2, "The girls"),
                (5, "E", None, b"not an archive", 7, 2**62, 0, "RCS", 0, None),
            ],
            "handle": [(1, "+393330000001")],
            "attachment": [(1, "image/jpeg", "IMG_1.jpg")],
            "message_attachment_join": [(2, 1)],
        },
    )
    outcome = read_path(path)
    assert kinds(outcome) == {"message": 5, "contact": 1, "file": 1}
    first = at(outcome, "message/ROWID=1")
    assert first["text"] == "Where are you?"
    assert first["posted_at"] == dt.datetime(2023, 3, 8, 20, 26, 40, 123_457, tzinfo=UTC)
    assert first["account"] == "+393330000001"
    picture = at(outcome, "message/ROWID=2")
    assert picture["text"] == "[image/jpeg, no text]"
    assert extra(picture)["attachments"] == "IMG_1.jpg"
    assert picture["account"] is None  # its own address is in none of the columns
    nothing = at(outcome, "message/ROWID=3")
    assert (nothing["text"], nothing["platform"]) == ("[SMS, no text]", "sms")
    assert (nothing["posted_at"], nothing["time_note"]) == (None, "time not set (0)")
    assert at(outcome, "message/ROWID=4")["text"] == "[group event of type 2]\nThe girls"
    absurd = at(outcome, "message/ROWID=5")
    assert absurd["posted_at"] is None
    assert absurd["time_note"].startswith("time outside 1990 to 2099")


def test_multimedia_messages_of_android(tmp_path: Path) -> None:
    path = database(
        tmp_path / "mms",
        """
        CREATE TABLE sms (_id INTEGER PRIMARY KEY, thread_id, address, date, type, body);
        CREATE TABLE pdu (_id INTEGER PRIMARY KEY, date, msg_box, sub, m_type);
        CREATE TABLE part (_id INTEGER PRIMARY KEY, mid, seq, ct, name, text);
        CREATE TABLE addr (_id INTEGER PRIMARY KEY, msg_id, address, type);
        """,
        {
            "sms": [(1, 1, "+393330000001", 1_700_000_000_000, 1, "")],
            "pdu": [
                (1, 1_700_000_000, 1, None, 132),
                (2, 1_700_000_001, 2, "Room", 128),
                (3, 1_700_000_002, 1, None, 130),
            ],
            "part": [
                (1, 1, -1, "application/smil", "smil.xml", "<smil/>"),
                (2, 1, 0, "image/jpeg", "a.jpg", None),
                (3, 2, 1, "text/plain", None, "second"),
                (4, 2, 0, "text/plain", None, "first"),
            ],
            "addr": [
                (1, 1, "+393330000002", 137),
                (2, 1, "insert-address-token", 151),
                (3, 2, "+393330000003", 151),
                (4, 2, "+393330000004", 151),
                (5, 2, "insert-address-token", 137),
            ],
        },
    )
    outcome = read_path(path)
    assert at(outcome, "sms/_id=1")["text"] == "[SMS, no text]"
    received, sent = at(outcome, "pdu/_id=1"), at(outcome, "pdu/_id=2")
    assert received["text"] == "[image/jpeg, no text]"
    assert received["account"] == "+393330000002"
    assert received["posted_at"] == dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert extra(received)["attachments"] == "a.jpg"
    assert sent["text"] == "Room\nfirst\nsecond"
    assert sent["account"] is None
    assert extra(sent)["to"] == "+393330000003, +393330000004"
    assert at(outcome, "pdu/_id=3")["text"] == "[MMS not fetched, no text]"


def test_people_of_android(tmp_path: Path) -> None:
    path = database(
        tmp_path / "contacts",
        """
        CREATE TABLE data (_id INTEGER PRIMARY KEY, mimetype_id, raw_contact_id, data1, data4);
        CREATE TABLE mimetypes (_id INTEGER PRIMARY KEY, mimetype);
        CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY, account_id, contact_id, deleted,
                                   display_name);
        CREATE TABLE contacts (_id INTEGER PRIMARY KEY, last_time_contacted);
        CREATE TABLE accounts (_id INTEGER PRIMARY KEY, account_name, account_type);
        """,
        {
            "data": [
                (1, 1, 5, "+393330000001", "+393330000001"),
                (2, 2, 5, "mia@example.org", None),
                (3, 3, 5, "Mia Esempio", None),
                (4, 4, 5, "photo-key", None),
                (5, 1, 6, "+393330000009", None),
            ],
            "mimetypes": [
                (1, "vnd.android.cursor.item/phone_v2"),
                (2, "vnd.android.cursor.item/email_v2"),
                (3, "vnd.android.cursor.item/name"),
                (4, "vnd.android.cursor.item/photo"),
            ],
            "raw_contacts": [(5, 1, 8, 1, "Mia Esempio")],
            "contacts": [(8, 1_700_000_000_000)],
            "accounts": [(1, "owner@example.org", "com.example")],
        },
    )
    outcome = read_path(path)
    assert kinds(outcome) == {"contact": 2, "account": 1, "file": 1}
    mia = at(outcome, "raw_contacts/_id=5")
    assert mia["text"] == "Mia Esempio\n+393330000001\nmia@example.org"
    assert extra(mia)["deleted"] == 1
    assert extra(mia)["last_contacted"] == "2023-11-14T22:13:20+00:00"
    orphan = at(outcome, "data/_id=5")  # its raw contact is gone, its number is not
    assert orphan["text"] == "+393330000009"
    assert at(outcome, "accounts/_id=1")["account"] == "owner@example.org"


def test_chromium_of_today(tmp_path: Path) -> None:
    path = database(
        tmp_path / "History",
        """
        CREATE TABLE urls (id INTEGER PRIMARY KEY, url, title, last_visit_time);
        CREATE TABLE visits (id INTEGER PRIMARY KEY, url, visit_time, transition);
        CREATE TABLE downloads (id INTEGER PRIMARY KEY, target_path, start_time, end_time,
                                tab_url, mime_type);
        CREATE TABLE downloads_url_chains (id, chain_index, url);
        """,
        {
            "urls": [
                (1, "https://a.example/", "A", 13_344_473_600_000_001),
                (2, "https://b.example/", "", 0),
            ],
            "visits": [(1, 1, 13_344_473_600_000_001, 1), (2, 9, 13_344_473_600_000_001, 255)],
            "downloads": [
                (1, "/home/x.pdf", 13_344_473_600_000_001, 0, "https://tab.example/", "")
            ],
            "downloads_url_chains": [(1, 1, "https://end.example/"), (1, 0, "https://r.example/")],
        },
    )
    outcome = read_path(path)
    assert kinds(outcome) == {"visit": 2, "page": 1, "file": 2}
    assert at(outcome, "visits/id=1")["posted_at"] == dt.datetime(
        2023, 11, 14, 22, 13, 20, 1, tzinfo=UTC
    )
    assert extra(at(outcome, "visits/id=1"))["reached_by"] == "typed"
    assert at(outcome, "visits/id=2")["text"].startswith("[visit of an address that is no longer")
    assert at(outcome, "urls/id=2")["text"] == "https://b.example/"
    download = at(outcome, "downloads/id=1")
    assert download["url"] == "https://end.example/"
    assert extra(download)["redirected_from"] == "https://r.example/"


def test_a_saved_password_is_told_and_not_copied(tmp_path: Path) -> None:
    path = database(
        tmp_path / "webview.db",
        """
        CREATE TABLE cookies (_id INTEGER PRIMARY KEY, name, value, domain, expires);
        CREATE TABLE formurl (_id INTEGER PRIMARY KEY, url);
        CREATE TABLE formdata (_id INTEGER PRIMARY KEY, urlid, name, value);
        CREATE TABLE password (_id INTEGER PRIMARY KEY, host, username, password);
        """,
        {"password": [(1, "https://ads.example", "mia", "hunter2")]},
    )
    outcome = read_path(path)
    login = at(outcome, "password/_id=1")
    assert login["text"] == "mia\nhttps://ads.example"
    assert "[kept in the exhibit]" in login["extra"]
    assert "hunter2" not in str(outcome.items)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ('<a href="https://x.example">https://x.example</a> now', "https://x.example now"),
        ('<ss type="smile">:)</ss>', ":)"),
        ('<sms alt="call &quot;me&quot;"><price>1</price></sms>', 'call "me"'),
        ("2 < 3", "2 < 3"),
        ("<partlist/>", None),
        (None, None),
    ],
)
def test_words_of_skype(body: str | None, text: str | None) -> None:
    assert plain(body) == text


@pytest.mark.parametrize("text", ["Hank", "Élodie", "梅"])
def test_names_of_tango(text: str) -> None:
    assert decoded(base64.b64encode(text.encode()).decode()) == text


def test_a_name_that_is_no_base64_stays() -> None:
    assert decoded("Hank!") == "Hank!"
    assert decoded("/////w==") == "/////w=="  # Base64, but of no text
    assert decoded(None) is None


def test_whatsapp_on_android(tmp_path: Path) -> None:
    path = database(
        tmp_path / "msgstore.db",
        """
        CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id, from_me, key_id, timestamp,
                              text_data, sender_jid_row_id, message_type);
        CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id, subject);
        CREATE TABLE jid (_id INTEGER PRIMARY KEY, user, raw_string);
        CREATE TABLE message_media (message_row_id INTEGER PRIMARY KEY, file_path, mime_type);
        CREATE VIEW message_view AS SELECT * FROM message;
        """,
        {
            "message": [
                (1, 1, 0, "A1", 1_700_000_000_123, "Hotel at nine", None, 0),
                (2, 2, 0, "A2", 1_700_000_001_000, None, 3, 1),
                (3, 1, 1, "A3", 0, "ok", None, 0),
                (4, 9, 0, "A4", 1_700_000_001_000, None, None, 7),
            ],
            "chat": [(1, 1, None), (2, 2, "Work")],
            "jid": [
                (1, "393330000001", "393330000001@s.whatsapp.net"),
                (2, "12036", "12036@g.us"),
                (3, "393330000003", "393330000003@s.whatsapp.net"),
            ],
            "message_media": [(2, "Media/IMG-1.jpg", "image/jpeg")],
        },
    )
    outcome = read_path(path)
    first, second = at(outcome, "message/_id=1"), at(outcome, "message/_id=2")
    assert first["text"] == "Hotel at nine"
    assert first["account"] == "393330000001@s.whatsapp.net"
    assert first["posted_at"] == dt.datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)
    assert second["text"] == "[image/jpeg, no text]"
    assert second["account"] == "393330000003@s.whatsapp.net"
    assert extra(second)["chat_name"] == "Work"
    assert at(outcome, "message/_id=3")["account"] is None
    assert at(outcome, "message/_id=4")["text"] == "[WhatsApp message of type 7, no text]"
    assert outcome.reasons["unreadable_record"] == 0


def test_whatsapp_on_iphone(tmp_path: Path) -> None:
    path = database(
        tmp_path / "ChatStorage.sqlite",
        """
        CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZTEXT, ZMESSAGEDATE, ZISFROMME, ZFROMJID,
                                 ZCHATSESSION, ZGROUPMEMBER, ZMEDIAITEM, ZMESSAGETYPE);
        CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, ZCONTACTJID, ZPARTNERNAME);
        CREATE TABLE ZWAGROUPMEMBER (Z_PK INTEGER PRIMARY KEY, ZMEMBERJID);
        CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZMEDIALOCALPATH, ZTITLE);
        """,
        {
            "ZWAMESSAGE": [
                (1, "hello", 700_000_000.25, 0, "12036@g.us", 1, 1, None, 0),
                (2, None, 700_000_001, 0, "393330000002@s.whatsapp.net", 1, None, 1, 1),
            ],
            "ZWACHATSESSION": [(1, "12036@g.us", "Work")],
            "ZWAGROUPMEMBER": [(1, "393330000003@s.whatsapp.net")],
            "ZWAMEDIAITEM": [(1, "Media/x.jpg", None)],
        },
    )
    outcome = read_path(path)
    first, second = at(outcome, "ZWAMESSAGE/Z_PK=1"), at(outcome, "ZWAMESSAGE/Z_PK=2")
    assert first["account"] == "393330000003@s.whatsapp.net"  # the member, not the group
    assert first["posted_at"] == dt.datetime(2023, 3, 8, 20, 26, 40, 250_000, tzinfo=UTC)
    assert second["text"] == "[attachment, no text]"
    assert extra(second)["ZMEDIALOCALPATH"] == "Media/x.jpg"


def test_messages_of_viber(tmp_path: Path) -> None:
    path = database(
        tmp_path / "viber_messages",
        """
        CREATE TABLE messages (_id INTEGER PRIMARY KEY, conversation_id, participant_id, body,
                               msg_date, send_type, extra_mime);
        CREATE TABLE participants (_id INTEGER PRIMARY KEY, participant_info_id, conversation_id);
        CREATE TABLE participants_info (_id INTEGER PRIMARY KEY, number, contact_name);
        CREATE TABLE conversations (_id INTEGER PRIMARY KEY, name);
        """,
        {
            "messages": [
                (1, 5, 2, "tonight", 1_700_000_000_000, 0, "text"),
                (2, 5, 1, None, 1_700_000_001_000, 1, "image"),
            ],
            "participants": [(1, 1, 5), (2, 2, 5)],
            "participants_info": [(1, None, "me"), (2, "+393330000001", "Boss")],
            "conversations": [(5, "Work")],
        },
    )
    outcome = read_path(path)
    assert kinds(outcome) == {"message": 2, "contact": 2, "file": 1}
    received, sent = at(outcome, "messages/_id=1"), at(outcome, "messages/_id=2")
    assert (received["text"], received["account"]) == ("tonight", "+393330000001")
    assert extra(received)["conversation"] == "Work"
    assert (sent["text"], sent["account"]) == ("[image, no text]", None)
