"""The files of a disk image: all of them, as they are, and nothing written to the image."""

import builtins
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from tests.formats.conftest import EXHIBIT, Outcome, Read, read_path
from tests.formats.material.web import response

from palermo.formats import read_items
from palermo.formats.material.disk import E01, RAW, image_form
from palermo.formats.material.found import HEAD_BYTES, Source
from palermo.model import Unreadable

SECTOR = 512


def installed() -> None:
    pytest.importorskip("dfvfs", reason="the extra palermo[disks] is not installed")


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed; see tools/system-packages")
    return found


@pytest.fixture
def images(shared_data: Path) -> Path:
    installed()
    return shared_data / "evidence/disk"


def files(outcome: Outcome) -> dict[str, Any]:
    """What is said of every entry of a file system, by place."""
    told = {item["within"]: json.loads(item["extra"]) for item in outcome.items}
    return {place: said for place, said in told.items() if "entry" in said}


def test_the_same_file_system_in_two_containers(images: Path) -> None:
    e01, qcow2 = read_path(images / "ext2.E01"), read_path(images / "ext2.qcow2")
    assert files(e01) == files(qcow2)
    assert {place: said.get("sha256", "")[:16] for place, said in files(e01).items()} == {
        "passwords.txt": "02a2a6af2f1ecf47",
        "a_directory/a_file": "4a49638d0e1055fd",
        "a_directory/another_file": "c7fbc0e821c08718",
        "a_link": "",
    }
    media = [json.loads(outcome.items[0]["extra"])["medium sha256"] for outcome in (e01, qcow2)]
    assert media[0] == media[1]
    assert [item["posted_at"] for item in e01.items] == [item["posted_at"] for item in qcow2.items]


def test_a_file_of_an_image(images: Path) -> None:
    outcome = read_path(images / "ext2.E01")
    (item,) = [one for one in outcome.items if one["within"] == "a_directory/a_file"]
    assert (item["kind"], item["text"]) == ("file", "a_directory/a_file")
    assert item["posted_at"].isoformat() == "2021-07-22T14:07:32+00:00"
    assert item["time_note"] is None
    said = json.loads(item["extra"])
    assert (said["inode"], said["size"], said["allocated"]) == ("13", 53, True)
    assert said["access time"] == "2021-07-22T14:07:32+00:00"
    assert files(outcome)["a_link"]["link to"] == "a_directory/another_file"


def test_the_acquisition_of_an_e01(images: Path) -> None:
    said = json.loads(read_path(images / "ext2.E01").items[0]["extra"])
    assert said["acquisition md5"] == "196066add11fb71c4c49cf1bb50d6d24"
    assert said["acquisition md5 checked"] == "holds"
    assert said["E01 case_number"] == "case"


def test_an_e01_whose_hash_is_another(images: Path, tmp_path: Path) -> None:
    data = bytearray((images / "ext2.E01").read_bytes())
    place = data.find(bytes.fromhex("196066add11fb71c4c49cf1bb50d6d24"))
    while place >= 0:
        data[place : place + 16] = b"\x11" * 16
        # The section that holds the hash ends with a checksum over it.
        data[place + 32 : place + 36] = struct.pack("<I", zlib.adler32(data[place : place + 32]))
        place = data.find(bytes.fromhex("196066add11fb71c4c49cf1bb50d6d24"))
    path = tmp_path / "false.E01"
    path.write_bytes(data)
    outcome = read_path(path)
    assert "11" * 16 in outcome.only("does_not_hold")["detail"]
    assert "passwords.txt" in files(outcome)


def test_partitions_and_resource_forks_of_a_dmg(images: Path) -> None:
    outcome = read_path(images / "hfsplus_zlib.dmg")
    assert not outcome.notes
    assert files(outcome)["p1/a_directory/a_resourcefork:rsrc"]["size"] == 17
    assert outcome.texts[-1] == "[volume p1: HFS, 3 directory, 4 file, 1 link]"


@pytest.mark.parametrize("name", ["ext2.E01", "ext2.qcow2", "hfsplus_zlib.dmg"])
def test_an_image_is_only_read(images: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes((images / name).read_bytes())
    before, stat = hashlib.sha256(path.read_bytes()).digest(), path.stat()
    assert read_path(path).items
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (stat.st_mtime_ns, stat.st_size)
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_sealed_image_without_an_ending(images: Path, tmp_path: Path) -> None:
    path = tmp_path / ("ab" * 32)
    path.write_bytes((images / "ext2.E01").read_bytes())
    readings = list(read_items(path, exhibit=EXHIBIT, name="seized.E01"))
    assert sum(reading.items.num_rows for reading in readings) == 6


@pytest.fixture
def ext4(tmp_path: Path) -> bytes:
    """An ext4 file system with a web archive, a file that claims 3 GB, and a link to its folder."""
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    (tree / "deep/page.warc").write_bytes(response(b"<p>inside the disk"))
    with (tree / "huge").open("wb") as huge:
        huge.truncate(3 << 30)
    (tree / "loop").symlink_to("deep")
    for one in (tree / "deep/page.warc", tree / "huge"):
        os.utime(one, (1_700_000_000, 1_700_000_000))
    image = tmp_path / "ext4.img"
    make = [tool("mke2fs"), "-q", "-t", "ext4", "-d", str(tree), str(image), "16M"]
    subprocess.run(make, check=True, capture_output=True)
    return image.read_bytes()


def partitioned(*volumes: tuple[int, bytes]) -> bytes:
    """A disk with an MBR and `volumes`, each a type and its content."""
    start, table, content = 2048, b"", bytes(2047 * SECTOR)
    for kind, data in volumes:
        table += bytes([0, 0, 0, 0, kind, 0, 0, 0]) + struct.pack("<II", start, len(data) // SECTOR)
        start += len(data) // SECTOR
        content += data
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa" + content


def test_a_disk_with_a_damaged_volume_keeps_the_other(read: Read, ext4: bytes) -> None:
    installed()
    luks = (b"LUKS\xba\xbe\x00\x01" + b"aes").ljust(SECTOR, b"\0") + bytes(1 << 20)
    outcome = read(partitioned((0x83, luks), (0x83, ext4), (0x83, bytes(1 << 20))), "disk.dd")
    page = next(item for item in outcome.items if item["kind"] == "page")
    assert page["text"] == "inside the disk"
    assert page["within"] == "p2/deep/page.warc!offset 0"
    told = {note["detail"].partition(":")[0]: note["detail"] for note in outcome.notes}
    assert "encrypted volume (LUKS)" in told["p1"]
    assert "no file system" in told["p3"]


def test_links_are_not_followed_and_impossible_sizes_not_believed(read: Read, ext4: bytes) -> None:
    installed()
    outcome = read(ext4, "stick.raw")
    assert files(outcome)["loop"]["link to"] == "deep"
    assert not any(item["within"].startswith("loop/") for item in outcome.items)
    assert "sha256" not in files(outcome)["huge"]
    assert "3221225472 bytes, more than the disk has" in outcome.notes[0]["detail"]
    times = {item["within"]: item["posted_at"].timestamp() for item in outcome.items
             if item["within"] in {"huge", "deep/page.warc"}}  # fmt: skip
    assert set(times.values()) == {1_700_000_000}


@pytest.mark.parametrize("machine_zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_fat_keeps_the_clock_of_the_camera(tmp_path: Path, machine_zone: str) -> None:
    installed()
    image, note = tmp_path / "card.img", tmp_path / "note.txt"
    image.write_bytes(bytes(8 << 20))
    note.write_text("hello")
    os.utime(note, (1_714_997_595, 1_714_997_595))  # 2024-05-06 12:13:15 UTC
    subprocess.run([tool("mkfs.vfat"), str(image)], check=True, capture_output=True)
    copy = [tool("mcopy"), "-m", "-i", str(image), str(note), "::NOTE.TXT"]
    subprocess.run(copy, check=True, env=os.environ | {"TZ": "UTC"})
    program = (
        "import sys; from pathlib import Path; from palermo.formats import read_items\n"
        f"for reading in read_items(Path({str(image)!r}), exhibit='{EXHIBIT}'):\n"
        "    for item in reading.items.to_pylist():\n"
        "        print(item['within'], item['posted_at'], item['time_note'], sep='|')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env=os.environ | {"TZ": machine_zone},
    )  # fmt: skip
    wanted = "NOTE.TXT|2024-05-06 12:13:14+00:00|2 s precision; zone not stated"
    assert wanted in run.stdout.splitlines()


@pytest.mark.parametrize("name", ["ext2.E01", "ext2.qcow2", "hfsplus_zlib.dmg"])
def test_a_broken_image_is_refused_or_read_in_part(images: Path, tmp_path: Path, name: str) -> None:
    whole = (images / name).read_bytes()
    path = tmp_path / name
    for size in (0, 100, len(whole) // 2, len(whole) - 50):
        path.write_bytes(whole[:size])
        said = ""
        try:
            assert read_path(path).items
        except Unreadable as error:
            said = str(error)
        assert not said or name in said
        assert "palermo-" not in said  # no private place shows


def test_without_the_extra_an_image_is_refused_with_the_way_to_install_it(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that has none of the libraries."""
    for module in [
        name for name in sys.modules if name.startswith("palermo.formats.material.disk_")
    ]:
        monkeypatch.delitem(sys.modules, module)
    load = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] in {"dfvfs", "pyewf", "pytsk3"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Unreadable, match=r"a\.E01.*pip install 'palermo\[disks\]'"):
        read(b"EVF\x09\x0d\x0a\xff\x00" + bytes(100), "a.E01")


def form_of(head: bytes, name: str) -> object:
    return image_form(Source(path=Path(name), name=name, head=head.ljust(HEAD_BYTES, b"\0")))


def test_images_are_known_by_what_they_begin_with() -> None:
    assert form_of(b"EVF\x09\x0d\x0a\xff\x00", "sealed") == E01
    assert form_of(bytes(510) + b"\x55\xaa", "disk.DD") == RAW
    assert form_of(bytes(1080) + b"\x53\xef", "disk.img") == RAW
    assert form_of(bytes(510) + b"\x55\xaa", "boot.com") is None
    assert form_of(b"\xff\xd8\xff", "photo.img") is None
    assert form_of(b"id,text\n", "ads.csv") is None
