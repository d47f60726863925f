"""What comes in: names that attack, files that nobody can read, links out of the inbox, limits."""

import gzip
import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from pytest_django import Settings
from tests.desks.cases.running.conftest import Desk, do_all, posts

from palermo.desks.access.models import AuditEntry
from palermo.desks.cases.material import inbox
from palermo.desks.cases.models import Item, Material, Run


def bring(desk: Desk, *files: tuple[str, bytes], **how: str) -> str:
    """Bring files in; return the page that follows."""
    page = desk.client.post(
        desk.url("material/"),
        {
            "uploads": [SimpleUploadedFile(name, data) for name, data in files],
            "language": "en",
            **how,
        },
        follow=True,
    )
    return page.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/out.csv",
        "/etc/passwd.csv",
        "..\\..\\out.csv",
        "a\nb.csv",
        "x" * 300 + ".csv",
    ],
)
def test_a_name_is_data_and_no_path(desk: Desk, node_home: Path, name: str) -> None:
    bring(desk, (name, posts(1)))
    kept = Material.rows.of(desk.case).get()
    place = Path(kept.path)
    assert place.name == "0000.csv"
    assert place.resolve().is_relative_to((node_home / "cases" / desk.case.key).resolve())
    assert place.stat().st_mode & 0o077 == 0


def test_what_cannot_be_read_is_refused_with_its_reason_and_not_kept(
    desk: Desk, node_home: Path
) -> None:
    page = bring(desk, ("program.exe", b"MZ\x90\0"), ("good.csv", posts(1)), ("empty.csv", b""))
    assert "program.exe: this kind of file cannot be read" in page
    assert "empty.csv: the file is empty" in page
    assert [one.name for one in Material.rows.of(desk.case)] == ["good.csv"]
    # What was refused lies nowhere, and nothing was started over half of what was meant.
    left = [path for path in node_home.rglob("*") if path.is_file() and b"MZ" in path.read_bytes()]
    assert left == []
    assert not Run.rows.of(desk.case).exists()
    assert AuditEntry.objects.filter(kind="collection").count() == 1


def test_a_table_without_a_text_is_refused_until_the_column_is_named(desk: Desk) -> None:
    table = posts(1, text="zzz")
    page = bring(desk, ("odd.csv", table))
    assert "no column looks like the text of an item" in page
    assert "zzz" in page
    assert not Material.rows.of(desk.case).exists()
    bring(desk, ("odd.csv", table), column_text="zzz")
    do_all(desk.case)
    assert Item.rows.of(desk.case).count() == 1


def test_the_kind_is_told_by_the_content(desk: Desk) -> None:
    """A chat export is one whatever it is called; an ending alone makes nothing readable."""
    chat = "".join(f"[1/2/26, 10:00:0{n}] Ana: Work abroad, call +12025550143\n" for n in range(3))
    bring(desk, ("_chat.txt", chat.encode()))
    assert Material.rows.of(desk.case).get().media_type not in {"", "text/csv"}
    page = bring(desk, ("photo.jpg", b"not a photo at all"))
    assert "photo.jpg: this kind of file cannot be read" in page


def test_a_journal_stays_with_its_database(desk: Desk, tmp_path: Path) -> None:
    import sqlite3

    place = tmp_path / "messages.db"
    database = sqlite3.connect(place)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA wal_autocheckpoint = 0")
    database.execute(
        "CREATE TABLE sms (_id INTEGER PRIMARY KEY, address TEXT, date INTEGER, body TEXT)"
    )
    database.commit()
    files = [(one.name, one.read_bytes()) for one in (place, tmp_path / "messages.db-wal")]
    database.close()
    bring(desk, *files[::-1])
    base = Material.rows.of(desk.case).get(name="messages.db")
    side = Material.rows.of(desk.case).get(name="messages.db-wal")
    assert (side.lies_beside_id, side.suffix, side.path) == (base.pk, "-wal", f"{base.path}-wal")
    # By itself it is nothing.
    assert "alone.db-wal: this kind of file" in bring(desk, ("alone.db-wal", files[1][1]))


def test_more_than_the_limit_is_not_written(
    desk: Desk, node_home: Path, settings: Settings
) -> None:
    settings.PALERMO_UPLOAD_BYTES = 10_000
    page = bring(desk, ("large.csv", posts(*range(500))))
    assert "is not taken from a page" in page
    assert not Material.rows.of(desk.case).exists()
    assert list((node_home / "incoming").iterdir()) == []


def test_nothing_is_written_for_somebody_who_is_not_signed_in(
    desk: Desk, node_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    monkeypatch.setattr(
        TemporaryFileUploadHandler,
        "receive_data_chunk",
        lambda _, data, __: written.append(len(data)),
    )
    answer = Client().post(
        desk.url("material/"), {"uploads": SimpleUploadedFile("a.csv", posts(1))}
    )
    assert answer.status_code == 302
    assert written == []
    assert list((node_home / "incoming").iterdir()) == []


def test_the_inbox_offers_plain_files_and_nothing_behind_a_link(
    desk: Desk, node_home: Path, tmp_path: Path
) -> None:
    box = node_home / "inbox"
    (tmp_path / "secret.csv").write_bytes(posts(7))
    (box / "plain.csv").write_bytes(posts(1))
    (box / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(box / "pipe.csv")
    (box / "other-case").mkdir()
    (box / "other-case" / "theirs.csv").write_bytes(posts(2))
    (box / desk.case.key).mkdir()
    (box / desk.case.key / "ours.csv").write_bytes(posts(3))
    ours = f"{desk.case.key}/ours.csv"
    assert [one.place for one in inbox(desk.case)] == ["plain.csv", ours]
    for place in (
        "link.csv",
        "pipe.csv",
        "other-case/theirs.csv",
        "../keys/desks.secret",
        "/etc/passwd",
    ):
        desk.client.post(
            desk.url("material/inbox/"), {"inbox-places": [place], "inbox-language": "en"}
        )
        assert not Material.rows.of(desk.case).exists(), place
    desk.client.post(
        desk.url("material/inbox/"),
        {"inbox-places": ["plain.csv", ours], "inbox-language": "en"},
    )
    do_all(desk.case)
    assert set(Item.rows.of(desk.case).values_list("ident", flat=True)) == {"p1", "p3"}
    assert (box / "plain.csv").exists()
    assert {one.sealed for one in Material.rows.of(desk.case)} == {True}


def test_an_inbox_that_is_itself_a_link_is_not_followed(
    desk: Desk, node_home: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.csv").write_bytes(posts(1))
    (node_home / "inbox" / desk.case.key).symlink_to(outside)
    assert inbox(desk.case) == []


def test_what_is_left_out_is_read_no_more(desk: Desk) -> None:
    bring(desk, ("good.csv", posts(1)), ("bad.csv.gz", gzip.compress(posts(2))[:-9]))
    do_all(desk.case)
    bring(desk, ("more.csv", posts(5)))
    bad = Material.rows.of(desk.case).get(name="more.csv")
    answer = desk.client.post(desk.url(f"material/{bad.pk}/"), {"why": "twice"})
    assert answer.status_code == 302
    desk.client.post(desk.url("material/investigate/"))
    do_all(desk.case)
    assert "p5" not in Item.rows.of(desk.case).values_list("ident", flat=True)
    assert AuditEntry.objects.get(what="material left out").reason == "twice"


def test_how_a_file_is_read_can_be_changed_later(desk: Desk) -> None:
    bring(desk, ("first.csv", b"id,text,other\n1,one text,another text\n"))
    do_all(desk.case)
    assert Item.rows.of(desk.case).get().text == "one text"
    kept = Material.rows.of(desk.case).get()
    desk.client.post(desk.url(f"material/{kept.pk}/"), {"column_text": "other", "zone": ""})
    desk.client.post(desk.url("material/investigate/"))
    do_all(desk.case)
    assert desk.last().trouble == ""
    assert Item.rows.of(desk.case).get().text == "another text"


def test_the_same_bytes_twice_are_one_exhibit_read_as_was_said_last(desk: Desk) -> None:
    data = b"id,text,other\n1,one text,another text\n"
    bring(desk, ("first.csv", data))
    do_all(desk.case)
    bring(desk, ("again.csv", data), column_text="other")
    do_all(desk.case)
    assert desk.last().trouble == ""
    assert Item.rows.of(desk.case).get().text == "another text"
