"""Photos in a case: who carries them, what links, and what hostile pictures cost."""

import base64
import io
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from palermo.analysis.images import ImageHashes, hash_image, hash_pixels
from palermo.investigation import Node, Request, hash_files, investigate, photo_finder, replay
from palermo.investigation.looking import Looking
from palermo.model import Unreadable
from palermo.scenario.pictures import ALTERATIONS, draw, saved

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
AUTHORITY = """\
palermo_authority: 1
organisation: Test
power: eu/dsa-own-initiative
legal_basis: Regulation (EU) 2022/2065, Article 7
purpose: a test on drawn pictures
case: PHOTOS
authorised_by: {name: nobody, role: compliance-officer}
from: 2026-01-01T00:00:00Z
until: 2036-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {material: [messages], measures: [detect, preserve]}
"""
LOGO = saved(draw(77, (320, 240)))
SIZE = (320, 240)


def photo(number: int, alteration: str | None = None) -> bytes:
    picture = draw(number, SIZE)
    return saved(picture if alteration is None else ALTERATIONS[alteration](picture), quality=85)


def telegram(account: int, photos: dict[str, bytes]) -> bytes:
    """An export of one chat in which `account` sends photos."""
    messages = [
        {
            "id": number,
            "type": "message",
            "date": f"2026-01-0{number % 9 + 1}T10:00:00",
            "from": f"Person {account}",
            "from_id": f"user{account}",
            "photo": name,
            "text": "",
        }
        for number, name in enumerate(photos, start=1)
    ]
    chat = {"name": "C", "type": "personal_chat", "id": account, "messages": messages}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("export/result.json", json.dumps(chat))
        for name, data in photos.items():
            archive.writestr(f"export/{name}", data)
    return out.getvalue()


def run(folder: Path, files: dict[str, bytes]) -> Path:
    (folder / "authority.yaml").write_text(AUTHORITY)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    investigate(
        Request(
            inputs=tuple(folder / name for name in files),
            authority=folder / "authority.yaml",
            out=folder / "case",
            node=Node(folder=folder / "node"),
            workers=1,
        ),
        at=NOW,
    )
    return folder / "case"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two accounts share a photo, mirrored; ten others share but a logo; one is damaged."""
    mail = (
        b"From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <1@example.org>\r\n"
        b"Date: Thu, 01 Jan 2026 10:00:00 +0000\r\nSubject: see\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=X\r\n\r\n--X\r\nContent-Type: text/plain\r\n\r\n"
        b"the picture is here\r\n--X\r\nContent-Type: image/jpeg; name=a.jpg\r\n"
        b"Content-Disposition: attachment; filename=a.jpg\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(photo(1, "grey"))
        + b"--X--\r\n"
    )
    files = {
        "one.zip": telegram(1, {"photos/a.jpg": photo(1), "photos/logo.jpg": LOGO}),
        "two.zip": telegram(2, {"photos/b.jpg": photo(1, "mirrored"), "photos/c.jpg": LOGO}),
        "mail.eml": mail,
        "cut.jpg": photo(5)[:3000],
        "flat.png": saved(Image.new("RGB", (200, 200), "teal"), "PNG"),
    }
    files |= {f"other{n}.zip": telegram(10 + n, {"photos/x.jpg": LOGO}) for n in range(10)}
    return run(tmp_path_factory.mktemp("photos"), files)


def rows(case: Path, table: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pq.read_table(case / "tables" / f"{table}.parquet").to_pylist()
    return found


def test_the_same_photo_links_accounts_and_mail_and_the_logo_links_nobody(case: Path) -> None:
    items = {row["id"]: row for row in rows(case, "items")}
    groups: dict[object, set[object]] = {}
    for row in rows(case, "networks"):
        groups.setdefault(row["network"], set()).add(items[row["id"]]["account"])
    together = [accounts for accounts in groups.values() if len(accounts - {None}) > 1]
    assert together == [{"user1", "user2", "a@example.org"}]
    quality = [row for row in rows(case, "quality") if row["kind"] == "photo"]
    assert [row["used"] for row in sorted(quality, key=lambda row: str(row["items"]))] == [
        False,
        True,
    ]
    logo = next(row for row in quality if not row["used"])
    assert logo["items"] == 12
    reasons = {str(row["reason"]).partition(":")[0] for row in rows(case, "links")}
    assert "photo" in reasons


def test_the_table_says_how_photos_are_the_same(case: Path) -> None:
    links = rows(case, "same_photo")
    assert len(links) == 2
    assert {"mirrored"} <= {link["variant"] for link in links}
    assert all(int(str(link["distance"])) <= 31 for link in links)
    assert all(str(link["a"]) < str(link["b"]) for link in links)


def test_of_a_photo_and_its_message_only_the_message_stands_for_it(case: Path) -> None:
    items = {row["id"]: row for row in rows(case, "items")}
    photos = rows(case, "photos")
    standing = [items[row["id"]]["kind"] for row in photos if row["stands_for"]]
    assert sorted(map(str, standing)).count("message") == 14
    assert standing.count("mail") == 1
    assert standing.count("photo") == 2  # those that were given alone


def test_what_cannot_be_compared_says_why(case: Path) -> None:
    notes = [str(row["note"]) for row in rows(case, "photos") if row["photo"] is None]
    assert len(notes) == 2
    assert any("cannot be decoded" in note for note in notes)
    assert any("too flat" in note for note in notes)


def test_a_replay_gives_the_same_tables(case: Path) -> None:
    repeated = replay(
        case,
        authority=case.parent / "authority.yaml",
        at=NOW,
        node=Node(folder=case.parent / "node"),
    )
    assert not repeated.different


def test_the_dossier_names_the_photo_among_shared_values(case: Path) -> None:
    name = next(str(row["value"]) for row in rows(case, "quality") if row["kind"] == "photo")
    assert name in (case / "dossier.html").read_text()


def _breaks_on_red(data: bytes) -> ImageHashes:
    """A decoder that some pictures break: the whole process ends."""
    if data == b"red":
        os._exit(1)
    if data == b"bad":
        raise Unreadable("it is bad")
    return hash_pixels(np.asarray(draw(data[0], SIZE)))


def test_a_picture_that_breaks_its_decoder_costs_that_picture_alone(tmp_path: Path) -> None:
    names = [b"a", b"red", b"b", b"bad", b"c", b"d", b"e"]
    with Looking(2, _breaks_on_red) as looking:
        for data in [*names, *names]:
            path = tmp_path / data.decode()
            path.write_bytes(data)
            looking(path, data.decode())
        looked = looking.result()
    assert set(looked.hashes) == {"a", "b", "c", "d", "e"}
    assert set(looked.troubles) == {"red", "bad"}
    assert "broke down" in looked.troubles["red"]


def test_photos_that_come_after_a_breakdown_are_hashed(tmp_path: Path) -> None:
    with Looking(1, _breaks_on_red) as looking:
        for data in (b"red", b"a"):
            path = tmp_path / data.decode()
            path.write_bytes(data)
            looking(path, data.decode())
            if data == b"red":
                assert looking._pending[0].future.exception(60) is not None
        looked = looking.result()
    assert set(looked.hashes) == {"a"}
    assert set(looked.troubles) == {"red"}


def test_files_are_hashed_and_looked_up(tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "inside"
    folder.mkdir(parents=True)
    (folder / "b.jpg").write_bytes(photo(2))
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "text.txt").write_text("no picture")
    (folder / "loop").symlink_to(tmp_path)
    wanted = hash_image(photo(2, "rotated 90")).hex
    listed = tmp_path / "list.txt"
    listed.write_text(f"\ufeff# of the hotline\n\n{'0' * 64},0\n{wanted.upper()}, 98\n")
    found = hash_files([tmp_path / "pictures"], listed, workers=1)
    assert [Path(path).name for path in found.files["path"].to_pylist()] == [
        "a.jpg", "b.jpg", "text.txt",
    ]  # fmt: skip
    assert found.files["pdq"].to_pylist()[:2] == [hash_image(photo(n)).hex for n in (1, 2)]
    assert "convert it" in found.files["note"].to_pylist()[2]
    (hit,) = found.on_list.to_pylist()
    assert (Path(hit["path"]).name, hit["line"], hit["pdq"]) == ("b.jpg", 4, wanted)
    finder = photo_finder([listed])
    assert finder(photo(1)) is None
    assert finder(photo(2)) is not None


@pytest.mark.parametrize("line", ["abc", "0" * 63, "z" * 64, "0" * 128])
def test_a_list_that_is_half_understood_is_refused(tmp_path: Path, line: str) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"{'0' * 64}\n{line}\n")
    with pytest.raises(Unreadable, match="line 2"):
        photo_finder([listed])
    with pytest.raises(Unreadable):
        photo_finder([tmp_path / "missing.txt"])
    with pytest.raises(Unreadable, match="no such file"):
        hash_files([tmp_path / "nothing"])
