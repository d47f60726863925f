"""Photos: the real samples, pictures written by another program, and files that lie."""

import datetime as dt
import io
import struct
import time
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin
from tests.formats.conftest import EXHIBIT, Outcome, read_path
from tests.formats.material.evidence import extra, read_sample, sample

from palermo.formats import read_items
from palermo.formats.material.photo import PHOTOS
from palermo.formats.material.photo.window import Outside, Window
from palermo.formats.reading import media_type

UTC = dt.UTC
SAMPLES = {
    "DSCN0010": (1, "43.467448, 11.885127", "2008-10-22 16:28:39", "2008-10-23T14:27:07.240000"),
    "DSCN0012": (1, "43.467157, 11.885395", "2008-10-22 16:29:49", "2008-10-23T14:28:17.240000"),
    "DSCN0021": (1, "43.467082, 11.884538", "2008-10-22 16:38:20", "2008-10-23T14:36:47.230000"),
    "DSCN0025": (1, "43.468365, 11.881635", "2008-10-22 16:43:21", "2008-10-23T14:41:49.030000"),
}


def only(outcome: Outcome) -> dict[str, Any]:
    (item,) = outcome.items
    assert item["kind"] == "photo"
    return item


def tags(**more: Any) -> Image.Exif:
    """The tags of a made-up picture; `more` are those of its EXIF directory."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Esempio"
    exif[ExifTags.Base.Model] = "Camera 1"
    exif[ExifTags.Base.Orientation] = 6
    inside = exif.get_ifd(ExifTags.IFD.Exif)
    inside[ExifTags.Base.DateTimeOriginal] = "2023:05:06 10:11:12"
    for name, value in more.items():
        inside[getattr(ExifTags.Base, name)] = value
    return exif


def located(exif: Image.Exif, **gps: Any) -> Image.Exif:
    usual = {
        "GPSLatitudeRef": "S",
        "GPSLatitude": (33.0, 52.0, 7.5),
        "GPSLongitudeRef": "W",
        "GPSLongitude": (151.0, 12.0, 30.25),
    }
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    for name, value in {**usual, **gps}.items():
        if value is not None:
            place[getattr(ExifTags.GPS, name)] = value
    return exif


def written(form: str, exif: Image.Exif | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    if form == "TIFF" and exif is not None:  # Pillow leaves the inner directories out of a TIFF
        exif[ExifTags.Base.ImageWidth], exif[ExifTags.Base.ImageLength] = 60, 40
        return exif.tobytes()[6:]
    if exif is not None:
        options["exif"] = exif
    Image.new("RGB", (60, 40), "red").save(file, form, **options)
    return file.getvalue()


def read(path: Path, data: bytes, zone: dt.tzinfo | None = None) -> Outcome:
    path.write_bytes(data)
    return read_path(path) if zone is None else zoned(path, zone)


def zoned(path: Path, zone: dt.tzinfo) -> Outcome:
    readings = list(read_items(path, exhibit=EXHIBIT, zone=zone))
    items = [row for reading in readings for row in reading.items.to_pylist()]
    return Outcome(items, [row for reading in readings for row in reading.rejected.to_pylist()])


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str) -> None:
    orientation, place, clock, satellites = SAMPLES[name]
    outcome = read_sample(f"exif/{name}.jpg")
    item = only(outcome)
    said = extra(item)
    assert item["text"] == "[image/jpeg, no text]"
    assert item["place"] == place
    assert item["posted_at"] == dt.datetime.fromisoformat(clock).replace(tzinfo=UTC)
    assert item["time_note"].startswith("zone not stated; ")
    assert outcome.reasons["no_zone"] == 1
    assert said["gps_time_utc"] == f"{satellites}+00:00"
    assert (said["Make"], said["Model"]) == ("NIKON", "COOLPIX P6000")
    assert (said["width"], said["height"], said["thumbnail"]) == (640, 480, True)
    assert (said["Orientation"], said["orientation"]) == (orientation, "upright")
    assert said["GPSMapDatum"] == "WGS-84"
    assert not outcome.set_aside
    # The camera was a day slow; the pictures say so themselves.
    assert said["camera_clock_ahead_s"] // 60 == -1319
    assert "the satellites' time differs by more than any zone" in item["time_note"]


def test_a_sample_with_a_description() -> None:
    item = only(read_sample("exif/45-gps_ifd.jpg"))
    assert item["text"] == "[image/jpeg, no text]\nGran Turismo 5"
    assert item["place"] is None  # its GPS directory is empty
    assert extra(item)["Copyright"].startswith("TM&Copyright (C) 2010")


@pytest.mark.parametrize("name", [*SAMPLES, "45-gps_ifd"])
def test_tags_agree_with_another_program(name: str) -> None:
    path = sample(f"exif/{name}.jpg")
    said = extra(only(read_path(path)))
    with Image.open(path) as image:
        exif = image.getexif()
        inside = exif.get_ifd(ExifTags.IFD.Exif)
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        assert (said["width"], said["height"]) == image.size
    for tag in ("Make", "Model", "Software", "DateTime", "Copyright", "Orientation"):
        assert said.get(tag) == exif.get(getattr(ExifTags.Base, tag))
    for tag in ("DateTimeOriginal", "DateTimeDigitized", "OffsetTimeOriginal"):
        assert said.get(tag) == inside.get(getattr(ExifTags.Base, tag))
    if gps:
        parts = [Fraction(part.numerator, part.denominator) for part in gps[2]]
        degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
        assert abs(Fraction(said["gps_latitude"]) - degrees) <= Fraction(1, 2_000_000)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_form(tmp_path: Path, form: str) -> None:
    exif = located(tags(OffsetTimeOriginal="+02:00", SubsecTimeOriginal="25", BodySerialNumber="7"))
    outcome = read(tmp_path / "renamed", written(form, exif))
    item = only(outcome)
    said = extra(item)
    assert item["text"] == f"[image/{form.lower()}, no text]"
    assert item["posted_at"] == dt.datetime(2023, 5, 6, 8, 11, 12, 250_000, tzinfo=UTC)
    assert item["time_note"] is None
    assert item["place"] == "-33.868750, -151.208403"
    assert (said["width"], said["height"]) == (60, 40)
    assert (said["Model"], said["BodySerialNumber"]) == ("Camera 1", "7")
    assert said["orientation"] == "turned by 90°"
    assert media_type(tmp_path / "renamed") == f"image/{form.lower()}"
    assert not outcome.notes or outcome.reasons.keys() <= {"empty_id"}


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}])
def test_webp_without_tags(tmp_path: Path, options: dict[str, Any]) -> None:
    said = extra(only(read(tmp_path / "x.webp", written("WEBP", **options))))
    assert (said["width"], said["height"], said["exif"]) == (60, 40, False)


def test_heic(tmp_path: Path) -> None:
    exif = located(tags(OffsetTimeOriginal="-05:00")).tobytes()
    for version in (0, 1, 2):
        outcome = read(tmp_path / "x.heic", heic(exif, version))
        item = only(outcome)
        said = extra(item)
        assert item["text"] == "[image/heic, no text]"
        assert item["posted_at"] == dt.datetime(2023, 5, 6, 15, 11, 12, tzinfo=UTC)
        assert item["place"] == "-33.868750, -151.208403"
        assert (said["width"], said["height"], said["Make"]) == (4032, 3024, "Esempio")
        assert not outcome.set_aside


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def heic(exif: bytes, version: int = 1) -> bytes:
    """The boxes around a picture from a phone, without the picture."""
    kind = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    item = struct.pack(">I", 6) + exif  # six bytes, `Exif\0\0`, before the TIFF header
    number = struct.pack(">I" if version == 2 else ">H", 7)

    def meta(place: int) -> bytes:
        entry = box(b"infe", b"\2\0\0\0", struct.pack(">HH4s", 7, 0, b"Exif"), b"\0")
        sides = [box(b"ispe", bytes(4), struct.pack(">II", *side)) for side in SIDES]
        method = bytes(2) if version else b""
        extent = struct.pack(">HII", 1, place, len(item))
        located = number + method + bytes(2) + extent
        count = struct.pack(">I" if version == 2 else ">H", 1)
        return box(
            b"meta",
            bytes(4),
            box(b"hdlr", bytes(24)),
            box(b"iprp", box(b"ipco", *sides)),
            box(b"iinf", bytes(4), struct.pack(">H", 1), entry),
            box(b"iloc", bytes([version, 0, 0, 0, 0x44, 0]), count, located),
        )

    place = len(kind) + len(meta(0)) + 8
    return kind + meta(place) + box(b"mdat", item)


SIDES = ((512, 512), (4032, 3024), (320, 240))


def test_clocks_without_a_zone(tmp_path: Path) -> None:
    data = written("JPEG", tags())
    item = only(read(tmp_path / "x.jpg", data))
    assert item["time_note"] == "zone not stated"
    rome = dt.timezone(dt.timedelta(hours=2))
    item = only(read(tmp_path / "x.jpg", data, rome))
    assert item["posted_at"] == dt.datetime(2023, 5, 6, 8, 11, 12, tzinfo=UTC)
    assert item["time_note"] == "zone given by the user"


def test_times_that_are_none(tmp_path: Path) -> None:
    for text in ("0000:00:00 00:00:00", "    :  :     :  :  ", "soon", "2023:13:01 00:00:00"):
        exif = tags(DateTimeOriginal=text)
        assert only(read(tmp_path / "x.jpg", written("JPEG", exif)))["posted_at"] is None
    exif = tags(DateTimeOriginal="0000:00:00 00:00:00")
    exif[ExifTags.Base.DateTime] = "2023:05:06 12:00:00"
    item = only(read(tmp_path / "x.jpg", written("JPEG", exif)))
    assert item["time_note"] == "time of the last change; zone not stated"


def test_the_time_of_the_satellites_alone(tmp_path: Path) -> None:
    exif = located(Image.Exif(), GPSDateStamp="2023:05:06", GPSTimeStamp=(8.0, 11.0, 12.5))
    item = only(read(tmp_path / "x.jpg", written("JPEG", exif)))
    assert item["posted_at"] == dt.datetime(2023, 5, 6, 8, 11, 12, 500_000, tzinfo=UTC)
    assert item["time_note"] == "time of the satellites"


def test_a_clock_that_agrees_with_the_satellites(tmp_path: Path) -> None:
    exif = located(tags(), GPSDateStamp="2023:05:06", GPSTimeStamp=(8.0, 11.0, 12.0))
    item = only(read(tmp_path / "x.jpg", written("JPEG", exif)))
    assert item["time_note"] == "zone not stated"
    exif = located(
        tags(OffsetTimeOriginal="+04:00"), GPSDateStamp="2023:05:06", GPSTimeStamp=(8.0, 11.0, 12.0)
    )
    item = only(read(tmp_path / "x.jpg", written("JPEG", exif)))
    assert "differs by more than an hour" in item["time_note"]


@pytest.mark.parametrize(
    "gps",
    [
        {"GPSLatitudeRef": None},
        {"GPSLatitudeRef": "?"},
        {"GPSLatitude": (91.0, 0.0, 0.0)},
        {"GPSLatitude": (1.0, 2.0)},
        {"GPSLongitude": None},
        {"GPSLatitude": (0.0, 0.0, 0.0), "GPSLongitude": (0.0, 0.0, 0.0)},
    ],
)
def test_no_place_is_guessed(tmp_path: Path, gps: dict[str, Any]) -> None:
    assert only(read(tmp_path / "x.jpg", written("JPEG", located(tags(), **gps))))["place"] is None


def test_another_datum_stands_beside_the_place(tmp_path: Path) -> None:
    """The same numbers in the datum of Tokyo are 400 metres from where WGS 84 puts them."""
    exif = located(tags(), GPSMapDatum="TOKYO", GPSAltitude=12.5, GPSAltitudeRef=b"\1")
    item = only(read(tmp_path / "x.jpg", written("JPEG", exif)))
    assert item["place"] == "-33.868750, -151.208403 (TOKYO)"
    assert extra(item)["gps_altitude_m"] == "-12.50"


def test_words(tmp_path: Path) -> None:
    exif = tags(UserComment=b"UNICODE\0" + "кафе".encode("utf-16-be"))
    exif[ExifTags.Base.ImageDescription] = "Room 12"
    exif[ExifTags.Base.XPComment] = "ask for Mia\0".encode("utf-16-le")
    item = only(read(tmp_path / "x.jpg", written("JPEG", exif, comment=b"posted by admin")))
    assert item["text"].splitlines() == [
        "[image/jpeg, no text]", "Room 12", "ask for Mia", "кафе", "posted by admin",
    ]  # fmt: skip


def test_words_of_png(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "mia")
    info.add_itxt("Title", "кафе", zip=True)
    info.add_text("Comment", "call +39 333 000 0001", zip=True)
    info.add_text("bomb", "x" * 1_000_000, zip=True)
    text = only(read(tmp_path / "x.png", written("PNG", pnginfo=info)))["text"]
    assert text.splitlines()[1:4] == [
        "Author: mia", "Title: кафе", "Comment: call +39 333 000 0001",
    ]  # fmt: skip
    assert len(text) < 70_000


def test_a_picture_of_a_thousand_million_pixels_costs_nothing(tmp_path: Path) -> None:
    """No pixel is decoded, so there is nothing to blow up."""
    data = bytearray(written("PNG"))
    header = b"IHDR" + struct.pack(">II", 60_000, 60_000) + bytes(data[24:29])
    data[12:33] = header + struct.pack(">I", zlib.crc32(header))
    start = time.monotonic()
    said = extra(only(read(tmp_path / "x.png", bytes(data))))
    assert (said["width"], said["height"]) == (60_000, 60_000)
    assert time.monotonic() - start < 1


def test_tags_that_all_claim_the_whole_file(tmp_path: Path) -> None:
    """60,000 tags of a megabyte each: only those that are known are read, and each is bounded."""
    count = 60_000
    size = 8 + 2 + 12 * count + 4
    entries = b"".join(struct.pack("<HHII", tag, 7, 1 << 20, 8) for tag in range(count))
    data = b"II*\0" + struct.pack("<IH", 8, count) + entries + bytes(4)
    start = time.monotonic()
    outcome = read(tmp_path / "x.tif", data)
    assert len(data) == size
    assert only(outcome)["kind"] == "photo"
    assert time.monotonic() - start < 5


def test_directories_that_point_at_each_other(tmp_path: Path) -> None:
    entries = struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<HHII", 0x8825, 4, 1, 8)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 8)
    assert only(read(tmp_path / "x.tif", data))["text"] == "[image/tiff, no text]"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_file_that_breaks_off(tmp_path: Path, form: str) -> None:
    data = written(form, located(tags()))
    place = data.index(b"Esempio")
    outcome = read(tmp_path / "x", data[: place - 2])
    assert only(outcome)["kind"] == "photo"
    assert outcome.reasons["damaged_file"]


@pytest.mark.parametrize(
    "data",
    [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*\xff\xff\xff\xff", heic(b"")[:40]],
)
def test_hardly_a_photo(tmp_path: Path, data: bytes) -> None:
    outcome = read(tmp_path / "x", data)
    assert only(outcome)["text"].startswith("[image/")
    assert outcome.reasons["damaged_file"]


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"RIFF....WAVE", heic(b"").replace(b"heic", b"isom")]
)
def test_no_photo(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data.replace(b"mif1", b"mp42"))
    from palermo.formats.material import reader_of

    assert reader_of(path) not in PHOTOS


WHOLE = {
    "JPEG": written("JPEG", located(tags()), comment=b"words"),
    "PNG": written("PNG", located(tags())),
    "TIFF": written("TIFF", located(tags())),
    "WEBP": written("WEBP", located(tags())),
    "HEIC": heic(located(tags()).tobytes()),
}


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    form=st.sampled_from(sorted(WHOLE)),
    kept=st.integers(20, 2_000),
    changes=st.lists(st.tuples(st.integers(12, 1_500), st.integers(0, 255)), max_size=10),
)
def test_no_damage_raises(
    tmp_path: Path, form: str, kept: int, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(WHOLE[form][:kept])
    for place, byte in changes:
        if place < len(data):
            data[place] = byte
    assert only(read(tmp_path / "x", bytes(data)))["kind"] == "photo"


def test_nothing_outside_a_window_is_read() -> None:
    window = Window(io.BytesIO(b"0123456789"), 2, 5)
    assert window.at(0, 5) == b"23456"
    assert window.part(3, 100).at(0, 2) == b"56"
    for offset, size in ((0, 6), (5, 1), (-1, 2), (0, 1 << 21)):
        with pytest.raises(Outside):
            window.at(offset, size)
