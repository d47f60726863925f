"""ZIP archives: what is in them is listed and read; what attacks the reader finds nothing."""

import hashlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import media_type, read_items
from palermo.formats.material import archive as reader
from palermo.model import Unreadable

CHAT = "31/12/2020, 23:59 - Cy: hello\n31/12/2020, 23:59 - Cy: a.ogg (file attached)\n"
Both = tuple[list[dict[str, Any]], list[dict[str, Any]]]
Read = Callable[..., Both]


@pytest.fixture
def unzip(tmp_path: Path) -> Read:
    def write_and_read(data: bytes, name: str = "WhatsApp Chat - Cy.zip") -> Both:
        path = tmp_path / name
        path.write_bytes(data)
        items: list[dict[str, Any]] = []
        notes: list[dict[str, Any]] = []
        for reading in read_items(path, exhibit="0" * 64):
            reading.items.validate(full=True)
            items += reading.items.to_pylist()
            notes += reading.rejected.to_pylist()
        for item in items:
            item["extra"] = json.loads(item["extra"] or "{}")
        return items, [note for note in notes if not note["kept"]]

    return write_and_read


def packed(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_a_chat_with_media(unzip: Read, tmp_path: Path) -> None:
    items, aside = unzip(packed({"_chat.txt": CHAT, "media/": "", "media/a.ogg": b"OggS"}))
    assert not aside
    assert [(item["kind"], item["within"]) for item in items] == [
        ("file", "_chat.txt"), ("message", "_chat.txt!line 1"), ("message", "_chat.txt!line 2"),
        ("file", "media/a.ogg"),
    ]  # fmt: skip
    extra = items[3]["extra"]
    assert (extra["name"], extra["size"]) == ("media/a.ogg", 4)
    assert extra["sha256"] == hashlib.sha256(b"OggS").hexdigest()
    assert items[2]["extra"]["attachment"] == "a.ogg"
    assert media_type(tmp_path / "WhatsApp Chat - Cy.zip") == "application/zip"


def test_names_that_lead_out_do_no_harm(unzip: Read, tmp_path: Path) -> None:
    names = ["../../evil.txt", "/etc/evil", "C:\\evil", "..\\evil", "a/../../../evil"]
    before = {path.name for path in tmp_path.rglob("*")}
    items, aside = unzip(packed(dict.fromkeys(names, "31/12/2020, 23:59 - Cy: x\n")))
    assert not aside
    files = [item for item in items if item["kind"] == "file"]
    assert [item["extra"]["unsafe_name"] for item in files] == [True] * 5
    assert "../../evil.txt!line 1" in [item["within"] for item in items]
    assert {path.name for path in tmp_path.rglob("*")} - before == {"WhatsApp Chat - Cy.zip"}


def test_a_bomb_is_not_unpacked(unzip: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "GZIP_FREE", 1 << 20)
    data = packed({"bomb.txt": b"0" * (8 << 20), "_chat.txt": CHAT})
    items, (note,) = unzip(data)
    assert note["reason"] == "field_too_large"
    assert note["detail"].startswith("bomb.txt: ")
    assert [item["kind"] for item in items] == ["file", "message", "message"]


def test_bombs_in_archives_share_what_may_be_unpacked(
    unzip: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    from palermo.formats import material

    monkeypatch.setattr(material, "GZIP_FREE", 4 << 20)
    monkeypatch.setattr(material, "GZIP_RATIO", 1)
    inner = packed({f"{n}.bin": b"0" * (1 << 20) for n in range(3)})
    items, notes = unzip(packed({f"{n}.zip": inner for n in range(5)}, zipfile.ZIP_STORED))
    unpacked = sum(item["extra"]["size"] for item in items)
    assert unpacked <= 4 << 20
    assert {note["reason"] for note in notes} == {"field_too_large"}
    # Once everything is spent, what follows is said, not passed over.
    assert [item["within"] for item in items if item["within"] == "4.zip"] == []
    assert any(note["detail"].startswith("4.zip: ") for note in notes)


def test_archives_in_archives_end(unzip: Read) -> None:
    data = packed({"_chat.txt": CHAT})
    for _ in range(6):
        data = packed({"in.zip": data})
    items, _ = unzip(data)
    assert [item["within"] for item in items] == [
        "!".join(["in.zip"] * depth) for depth in range(1, 5)
    ]


def test_an_encrypted_file_is_set_aside(unzip: Read) -> None:
    data = bytearray(packed({"secret.txt": "x", "_chat.txt": CHAT}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    items, (note,) = unzip(bytes(data))
    assert "encrypted" in note["detail"]
    assert len(items) == 3


def test_a_damaged_file_costs_no_other(unzip: Read) -> None:
    noise = random.Random(1).randbytes(2000)
    data = bytearray(packed({"a.bin": noise, "_chat.txt": CHAT}, zipfile.ZIP_STORED))
    data[data.index(noise) + 10] ^= 1
    items, (note,) = unzip(bytes(data))
    assert note["detail"].startswith("a.bin: cannot be unpacked")
    assert len(items) == 3


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_that_breaks_off_is_read_up_to_there(unzip: Read, method: int) -> None:
    noise = random.Random(1).randbytes(50_000)
    whole = packed({"_chat.txt": CHAT, "a.bin": noise, "b.bin": noise}, method)
    whole_items, _ = unzip(whole)
    items, notes = unzip(whole[:70_000])
    assert [item["within"] for item in items] == [item["within"] for item in whole_items[:4]]
    assert items[3]["extra"]["sha256"] == hashlib.sha256(noise).hexdigest()
    assert items[3]["extra"]["rescued"] is True
    assert [note["reason"] for note in notes] == ["unreadable_record", "damaged_file"]
    assert notes[0]["detail"].startswith("b.bin: ")
    items, notes = unzip(whole[: whole.index(b"PK\x01\x02")])
    assert len(items) == 5
    assert [note["reason"] for note in notes] == ["damaged_file"]


def test_an_archive_written_as_a_stream_is_rescued_too(unzip: Read) -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: Any) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", CHAT)
        archive.writestr("a.bin", random.Random(1).randbytes(5000))
    data = stream.getvalue()
    assert struct.unpack("<H", data[6:8])[0] & 8
    items, notes = unzip(data[: data.index(b"PK\x01\x02")])
    assert [item["within"] for item in items] == [
        "_chat.txt", "_chat.txt!line 1", "_chat.txt!line 2", "a.bin",
    ]  # fmt: skip
    assert [note["reason"] for note in notes] == ["damaged_file"]


def test_what_is_wrong_inside_stays_inside(unzip: Read) -> None:
    wrong = json.dumps({"type": "personal_chat", "messages": [{"type": "message", "text": "a"}]})
    items, notes = unzip(packed({"a/result.json": wrong[:-4], "empty.eml": "", "_chat.txt": CHAT}))
    assert [item["within"] for item in items][-3:] == [
        "_chat.txt", "_chat.txt!line 1", "_chat.txt!line 2",
    ]  # fmt: skip
    assert len(notes) == 2


def test_documents_are_not_taken_apart(tmp_path: Path) -> None:
    for name, first in (
        ("a.docx", "[Content_Types].xml"),
        ("a.odt", "mimetype"),
        ("b", "mimetype"),
    ):
        path = tmp_path / name
        path.write_bytes(packed({first: "application/x"}, zipfile.ZIP_STORED))
        with pytest.raises(Unreadable, match="this kind of file"):
            media_type(path)


VALID = packed(
    {"_chat.txt": CHAT, "b/result.json": '{"messages": []}', "c.zip": packed({"x": "y"})}
)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300
)
@given(st.integers(4, len(VALID)), st.integers(0, 30), st.binary(max_size=12))
def test_any_damage_is_read_or_unreadable(
    unzip: Read, start: int, length: int, wrong: bytes
) -> None:
    with suppress(Unreadable):
        unzip(VALID[:start] + wrong + VALID[start + length :])
