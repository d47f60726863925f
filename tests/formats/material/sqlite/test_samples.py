"""Every real sample: how many records of each kind, and some of them to the letter."""

import datetime as dt
import hashlib
from collections import Counter

import pytest
from tests.formats.material.evidence import at, extra, kinds, read_sample, sample, summary

from palermo.formats.reading import media_type

UTC = dt.UTC


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plaso/sqlite/imessage_chat.db", {"message": 10, "contact": 7, "file": 1}),
        ("plaso/ios/kik.sqlite", {"message": 60, "contact": 25, "file": 1}),
        (
            "plaso/sqlite/skype_main.db",
            {"message": 16, "call": 1, "contact": 2, "account": 1, "file": 3},
        ),
        ("plaso/android/mmssms.db", {"message": 9, "file": 1}),
        ("plaso/android/contacts2.db", {"call": 3, "file": 1}),
        ("plaso/android/viber_data", {"call": 4, "contact": 5, "account": 1, "file": 1}),
        ("plaso/android/tango_profile.db", {"contact": 56, "account": 1, "file": 1}),
        (
            "plaso/android/burners.sqlite",
            {"message": 14, "call": 2, "contact": 4, "account": 1, "file": 1},
        ),
        ("plaso/android/webview.db", {"file": 9, "account": 2}),
        ("plaso/chrome/History", {"visit": 72, "file": 3}),
        ("plaso/firefox/places.sqlite", {"visit": 1, "page": 91, "file": 1}),
        ("plaso/safari/History.db", {"visit": 25, "file": 7}),
    ],
)
def test_counts(name: str, expected: dict[str, int]) -> None:
    path = sample(name)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    outcome = read_sample(name)
    assert kinds(outcome) == Counter(expected)
    assert not outcome.set_aside
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert media_type(path) == "application/vnd.sqlite3"


def test_every_row_of_a_table_of_messages_is_an_item() -> None:
    outcome = read_sample("plaso/sqlite/imessage_chat.db")
    places = [i["within"] for i in outcome.items if i["kind"] == "message"]
    assert places == [f"message/ROWID={number}" for number in range(1, 11)]
    assert "message (10 rows)" in summary(outcome)
    assert "tables not read: _SqliteDatabaseProperties (7 rows), deleted_messages (226 rows)" in (
        summary(outcome)
    )
    assert extra(at(outcome, "database"))["free_pages"] == 100


def test_imessage() -> None:
    outcome = read_sample("plaso/sqlite/imessage_chat.db")
    received, sent = at(outcome, "message/ROWID=8"), at(outcome, "message/ROWID=9")
    assert received["text"] == "Did you try to send me a message?"
    assert received["posted_at"] == dt.datetime(2015, 11, 30, 10, 48, 40, tzinfo=UTC)
    assert received["time_note"] is None
    assert (received["account"], received["platform"]) == ("xxxxxx2015@icloud.com", "imessage")
    assert received["id"] == "211C37F9-0128-4CE3-8DC3-DB2F713655F1"
    assert extra(received)["direction"] == "incoming"
    assert extra(received)["chat"] == "jondoh2015@icloud.com"
    assert extra(received)["date_read_utc"] == "2015-11-30T10:53:52+00:00"
    assert sent["account"] == "ken.doh@icloud.com"
    assert extra(sent)["direction"] == "outgoing"
    assert extra(sent)["handle"] == "xxxxxx2015@icloud.com"


def test_a_text_that_differs_from_its_styled_twin_shows_both() -> None:
    outcome = read_sample("plaso/sqlite/imessage_chat.db")
    changed = [
        item["within"]
        for item in outcome.items
        if item["kind"] == "message" and "attributedBody" in extra(item)
    ]
    assert changed == ["message/ROWID=6", "message/ROWID=10"]  # somebody edited the sample
    last = at(outcome, "message/ROWID=10")
    assert "with Open Office on it" in last["text"]
    assert "with Microsoft Office on it" in extra(last)["attributedBody"]


def test_kik() -> None:
    outcome = read_sample("plaso/ios/kik.sqlite")
    first, sent = at(outcome, "ZKIKMESSAGE/Z_PK=1"), at(outcome, "ZKIKMESSAGE/Z_PK=2")
    assert first["text"].startswith("Welcome to Kik, the super fast smartphone messenger!")
    assert first["posted_at"] == dt.datetime(2015, 6, 29, 8, 46, 12, 24_000, tzinfo=UTC)
    assert first["account"] == "kikteam"
    assert sent["account"] is None
    assert extra(sent)["direction"] == "outgoing"
    assert extra(sent)["user"] == "ken.doh"
    group = at(outcome, "ZKIKUSER/Z_PK=24")
    assert extra(group)["members"].count(",") == 3
    with_picture = at(outcome, "ZKIKMESSAGE/Z_PK=20")
    assert extra(with_picture)["attachments"] == "a7160843-c595-4afb-a359-4151dcd79157"
    directions = Counter(
        extra(item)["direction"] for item in outcome.items if item["kind"] == "message"
    )
    assert directions == {"incoming": 31, "outgoing": 24, "group notice": 5}


def test_skype() -> None:
    outcome = read_sample("plaso/sqlite/skype_main.db")
    link = at(outcome, "Messages/id=54")
    assert link["text"] == "https://www.dropbox.com/s/3t95y5d8j64azsj/Recipes.docx"
    assert extra(link)["body_xml"].startswith('<a href="https://www.dropbox.com')
    assert link["account"] == "gen.beringer"
    assert link["posted_at"] == dt.datetime(2013, 7, 30, 21, 30, 11, tzinfo=UTC)
    request = at(outcome, "Messages/id=47")
    assert "I'd like to add you as a contact" in request["text"]
    assert at(outcome, "Messages/id=51")["text"] == "[Skype message of type 51, no text]"
    sms = at(outcome, "Messages/id=61")
    assert sms["text"].startswith("f you want I can copy some documents for you")
    assert sms["posted_at"] is None  # 13727168620 seconds are in the year 2405
    assert sms["time_note"] == "time outside 1990 to 2099: 13727168620"
    call = at(outcome, "Calls/id=110")
    assert call["text"].startswith("[outgoing call, 646 seconds]\neuropean.bbq.competitor")
    assert call["posted_at"] == dt.datetime(2013, 7, 1, 22, 12, 17, tzinfo=UTC)
    account = at(outcome, "Accounts/id=1")
    assert "genberinger@gmail.com" in account["text"]
    assert at(outcome, "Transfers/id=1094")["text"].splitlines() == [
        "secret-project.pdf",
        "/Users/gberinger/Desktop/secret-project.pdf",
    ]


def test_android_messages() -> None:
    outcome = read_sample("plaso/android/mmssms.db")
    received, sent = at(outcome, "sms/_id=3"), at(outcome, "sms/_id=5")
    assert received["text"] == "What message?"
    assert received["posted_at"] == dt.datetime(2013, 10, 29, 17, 5, 41, 303_000, tzinfo=UTC)
    assert received["account"] == "15555215554"
    assert extra(received)["date_sent"] == 1383066340000
    assert sent["account"] is None  # written by the owner of the phone, who is not named
    assert extra(sent)["address"] == "1 555-521-5554"
    assert extra(sent)["direction"] == "outgoing"
    assert "not run: virtual table words" in summary(outcome)


def test_calls() -> None:
    android = at(read_sample("plaso/android/contacts2.db"), "calls/_id=715")
    assert android["text"] == "[outgoing call, 126 seconds]\nBarney\n+15404561685"
    assert android["posted_at"] == dt.datetime(2013, 11, 6, 21, 18, 53, 283_000, tzinfo=UTC)
    assert android["account"] == "+15404561685"
    viber = at(read_sample("plaso/android/viber_data"), "calls/_id=4")
    assert viber["text"] == "[outgoing call, 105 seconds]\n+19198887386"
    assert extra(viber)["media"] == "video"
    assert viber["posted_at"] == dt.datetime(2022, 11, 25, 20, 43, 8, 267_000, tzinfo=UTC)


def test_contacts() -> None:
    josh = at(read_sample("plaso/android/viber_data"), "phonebookcontact/_id=21")
    assert josh["text"] == "Josh Hickman\n+19195790479\n+19193912507"
    maribel = at(read_sample("plaso/android/tango_profile.db"), "profiletable/ROWID=55")
    assert maribel["text"] == "Maribel\nI am following you on Tango"
    assert maribel["account"] == "N71FKrIDkO5EVNazzZpxSA"
    assert extra(maribel)["itemLastActiveTime_utc"] == "2016-01-15T14:05:27.804000+00:00"


def test_burner() -> None:
    outcome = read_sample("plaso/android/burners.sqlite")
    sent, received = at(outcome, "messages/_id=1"), at(outcome, "messages/_id=4")
    assert sent["account"] == "+19102484781"
    assert received["account"] == "+19198887386"
    assert received["text"] == "Yep. How many numbers do you have?"
    assert received["posted_at"] == dt.datetime(2022, 12, 1, 18, 20, 2, 259_000, tzinfo=UTC)


def test_webview_form() -> None:
    entry = at(read_sample("plaso/android/webview.db"), "formdata/_id=1")
    assert entry["text"] == "hanklivingston11@gmail.com"
    assert entry["url"].startswith("https://login.skype.com/account/password-reset-request")


def test_chromium() -> None:
    outcome = read_sample("plaso/chrome/History")
    visit = at(outcome, "visits/id=1")
    assert visit["text"] == "Ubuntu Start Page\nhttp://start.ubuntu.com/10.04/Google/"
    assert visit["url"] == "http://start.ubuntu.com/10.04/Google/"
    assert visit["posted_at"] == dt.datetime(2011, 4, 7, 12, 3, 11, tzinfo=UTC)
    assert extra(visit)["source"] == "imported from Firefox"
    download = at(outcome, "downloads/id=1")
    assert download["text"].splitlines()[0] == "/home/john/Downloads/funcats_scr.exe"
    assert download["posted_at"] == dt.datetime(2011, 5, 23, 8, 35, 30, tzinfo=UTC)
    searches = [i["text"] for i in outcome.items if i["within"].startswith("keyword_search")]
    assert searches == ["funny cats", "really really funny cats", "funnycats.exe"]


def test_firefox() -> None:
    outcome = read_sample("plaso/firefox/places.sqlite")
    visit = at(outcome, "moz_historyvisits/id=1")
    assert visit["text"] == "Google News\nhttp://news.google.com/"
    assert visit["posted_at"] == dt.datetime(2011, 7, 1, 11, 16, 21, 371_935, tzinfo=UTC)
    bookmarks = [i for i in outcome.items if i["within"].startswith("moz_bookmarks/")]
    assert len(bookmarks) == 91
    assert at(outcome, "moz_bookmarks/id=101")["text"].startswith("Deadly sins\n")


def test_safari() -> None:
    outcome = read_sample("plaso/safari/History.db")
    visit = at(outcome, "history_visits/id=36")
    assert visit["posted_at"] == dt.datetime(2017, 11, 9, 21, 23, 34, 791_503, tzinfo=UTC)
    assert visit["url"] == "http://start.ubuntu.com/current/Google/?sourceid=hp"
    deleted = at(outcome, "history_tombstones/id=1")
    assert deleted["text"] == (
        "[visits deleted, from 2017-11-07T18:30:20+00:00 to 2017-11-07T19:30:20+00:00]"
    )
