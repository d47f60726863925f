"""What the EXIF tags of a photo state: when, where, with what, and in what words.

Guarantees that a clock without a zone stays without one, that coordinates keep their sign and
datum, and that the satellites' time stands beside the camera's: where they differ by more than any
zone explains, the camera's clock is wrong, and the item says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from palermo.formats.material.epochs import EARLIEST, LATEST
from palermo.formats.material.found import Value
from palermo.formats.material.photo.tiff import Number, Tag, Tiff, numbers, whole, words

_EXIF, _GPS = 0x8769, 0x8825
_THUMBNAIL, _WIDTH, _HEIGHT, _ORIENTATION = 0x0201, 0x0100, 0x0101, 0x0112
_ACROSS, _DOWN = 0xA002, 0xA003
_USER_COMMENT = 0x9286
_NAMES = {
    0x010F: "Make", 0x0110: "Model", 0x0131: "Software", 0x013B: "Artist", 0x013C: "HostComputer",
    0x0132: "DateTime", 0x8298: "Copyright", 0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized", 0x9010: "OffsetTime", 0x9011: "OffsetTimeOriginal",
    0x9012: "OffsetTimeDigitized", 0x9290: "SubSecTime", 0x9291: "SubSecTimeOriginal",
    0x9292: "SubSecTimeDigitized", 0xA420: "ImageUniqueID", 0xA430: "CameraOwnerName",
    0xA431: "BodySerialNumber", 0xA433: "LensMake", 0xA434: "LensModel",
    0xA435: "LensSerialNumber", 0xC62F: "CameraSerialNumber",
}  # fmt: skip
_DESCRIPTION = 0x010E
#: Windows keeps its own titles and comments, in UTF-16.
_WINDOWS = {
    0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
}  # fmt: skip
_MAIN = {*_NAMES, *_WINDOWS, _DESCRIPTION, _USER_COMMENT, _ORIENTATION, _WIDTH, _HEIGHT, _ACROSS,
         _DOWN, _EXIF, _GPS}  # fmt: skip
#: The time of the picture, with its fraction and zone, in order of preference.
_TIMES = (
    (0x9003, 0x9291, 0x9011, None),
    (0x9004, 0x9292, 0x9012, "time of digitising"),
    (0x0132, 0x9290, 0x9010, "time of the last change"),
)
ORIENTATIONS = {
    1: "upright", 2: "mirrored", 3: "turned by 180°", 4: "mirrored, turned by 180°",
    5: "mirrored, turned by 270°", 6: "turned by 90°", 7: "mirrored, turned by 90°",
    8: "turned by 270°",
}  # fmt: skip
#: Zones reach from -12 to +14 hours, and a summer time may have been set by hand.
_ANY_ZONE = timedelta(hours=15)


@dataclass(slots=True)
class Facts:
    """What a photo's tags say. `words` are its descriptions and comments."""

    at: datetime | None = None
    time_note: str | None = None
    place: str | None = None
    words: list[str] = field(default_factory=list)
    extra: dict[str, Value] = field(default_factory=dict)


def facts(tiff: Tiff, zone: tzinfo | None) -> Facts:
    """Read the tags of `tiff`; `zone` is what the user said of the camera's clock."""
    main, second = tiff.directory(tiff.first, _MAIN)
    exif, _ = tiff.directory(whole(main, _EXIF) or 0, _MAIN)
    gps, _ = tiff.directory(whole(main, _GPS) or 0, range(0x20))
    preview, _ = tiff.directory(second, {_THUMBNAIL})
    tags = {**exif, **main}
    found = Facts()
    found.words = [said for tag in (_DESCRIPTION, *_WINDOWS) if (said := _said(tags, tag))]
    if comment := _comment(tags.get(_USER_COMMENT), tiff.order):
        found.words.append(comment)
    found.extra = {name: words(tags, tag) for tag, name in _NAMES.items()}
    found.extra |= {name: _said(tags, tag) for tag, name in _WINDOWS.items()}
    turned = whole(tags, _ORIENTATION)
    found.extra["Orientation"] = turned
    found.extra["orientation"] = ORIENTATIONS.get(turned or 0)
    found.extra["PixelXDimension"] = whole(exif, _ACROSS)
    found.extra["PixelYDimension"] = whole(exif, _DOWN)
    found.extra["thumbnail"] = True if preview else None
    _time(found, tags, zone)
    _position(found, gps)
    _satellites(found, gps)
    return found


def size(tiff: Tiff) -> tuple[int, int] | None:
    """Return width and height of the first picture of a TIFF file."""
    tags, _ = tiff.directory(tiff.first, {_WIDTH, _HEIGHT})
    width, height = whole(tags, _WIDTH), whole(tags, _HEIGHT)
    return None if width is None or height is None else (width, height)


def _said(tags: Mapping[int, Tag], tag: int) -> str | None:
    if tag not in _WINDOWS:
        return words(tags, tag)
    units = tags.get(tag)
    if not isinstance(units, tuple):
        return None
    return _bytes(units).decode("utf-16-le", "replace").split("\0", 1)[0].strip() or None


def _bytes(units: tuple[Number | None, ...]) -> bytes:
    return bytes(unit for unit in units if isinstance(unit, int) and 0 <= unit < 256)


def _comment(value: Tag | None, order: str) -> str | None:
    """Read a UserComment: eight bytes name its character set (EXIF 2.32, 4.6.5, table 9)."""
    if isinstance(value, tuple):  # some writers call the bytes numbers
        value = _bytes(value)
    if not isinstance(value, bytes) or len(value) <= 8:
        return None
    charset, body = value[:8].rstrip(b"\0 "), value[8:]
    names = {b"UNICODE": "utf-16-le" if order == "<" else "utf-16-be", b"JIS": "iso2022_jp"}
    text = body.decode(names.get(charset, "utf-8"), "replace")
    return text.strip("\0 \r\n\t") or None


def _time(found: Facts, tags: Mapping[int, Tag], zone: tzinfo | None) -> None:
    for tag, fraction, offset, note in _TIMES:
        stated = words(tags, tag)
        clock = _clock(stated, words(tags, fraction))
        if clock is None:
            continue
        own = _offset(words(tags, offset))
        if own is not None:
            found.at, zone_note = clock.replace(tzinfo=own), None
        elif zone is not None:
            found.at, zone_note = clock.replace(tzinfo=zone), "zone given by the user"
        else:
            found.at, zone_note = clock, "zone not stated"
        found.time_note = "; ".join(part for part in (note, zone_note) if part) or None
        return


def _clock(text: str | None, fraction: str | None) -> datetime | None:
    """Read `2008:10:22 16:28:39`; blanks and zeros stand for a time that is not known."""
    if text is None:
        return None
    try:
        clock = datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    digits = (fraction or "").strip()
    if digits.isascii() and digits.isdigit():
        clock = clock.replace(microsecond=int(digits[:6].ljust(6, "0")))
    return clock if EARLIEST.year <= clock.year < LATEST.year else None


def _offset(text: str | None) -> tzinfo | None:
    """Read `+02:00`."""
    if text is None or len(text) != 6 or text[0] not in "+-" or text[3] != ":":
        return UTC if text == "Z" else None
    hours, minutes = text[1:3], text[4:6]
    if not (hours + minutes).isdecimal() or not (hours + minutes).isascii():
        return None
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    if ahead > _ANY_ZONE or int(minutes) > 59:
        return None
    return timezone(-ahead if text[0] == "-" else ahead)


def _position(found: Facts, gps: Mapping[int, Tag]) -> None:
    latitude = _degrees(gps, 2, 1, {"N": 1, "S": -1}, 90)
    longitude = _degrees(gps, 4, 3, {"E": 1, "W": -1}, 180)
    datum = words(gps, 0x12)
    found.extra["GPSLatitudeRef"], found.extra["GPSLongitudeRef"] = words(gps, 1), words(gps, 3)
    found.extra["GPSMapDatum"] = datum
    found.extra["GPSStatus"] = words(gps, 9)
    if height := numbers(gps, 6):
        below = gps.get(5) in {b"\1", (1,)}
        found.extra["gps_altitude_m"] = _decimal(-height[0] if below else height[0], 2)
    if exact := numbers(gps, 0x1F):
        found.extra["gps_error_m"] = _decimal(exact[0], 2)
    if facing := numbers(gps, 0x11):
        found.extra["gps_direction_degrees"] = _decimal(facing[0], 2)
    if latitude is None or longitude is None:
        return
    found.extra["gps_latitude"], found.extra["gps_longitude"] = latitude, longitude
    if Decimal(latitude) == 0 == Decimal(longitude):
        found.extra["gps_note"] = "0, 0 is what devices write that know no position"
        return
    usual = datum is None or datum.upper().replace("-", "").replace(" ", "") == "WGS84"
    found.place = f"{latitude}, {longitude}" + ("" if usual else f" ({datum})")


def _degrees(
    gps: Mapping[int, Tag], tag: int, side: int, signs: Mapping[str, int], most: int
) -> str | None:
    parts = numbers(gps, tag, 3)
    sign = signs.get((words(gps, side) or "").upper()[:1])
    if parts is None or sign is None:
        return None
    degrees = Fraction(parts[0]) + Fraction(parts[1]) / 60 + Fraction(parts[2]) / 3600
    return _decimal(sign * degrees, 6) if 0 <= degrees <= most else None


def _decimal(number: Number, places: int) -> str:
    """Write a fraction with so many decimal places: six of a degree are eleven centimetres."""
    scaled = Decimal(round(Fraction(number) * 10**places)).scaleb(-places)
    return str(scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def _satellites(found: Facts, gps: Mapping[int, Tag]) -> None:
    """Note the satellites' time, which is UTC, and judge the camera's clock by it."""
    date, parts = words(gps, 0x1D), numbers(gps, 7, 3)
    if date is None or parts is None:
        return
    day = _clock(f"{date[:10].replace('-', ':')} 00:00:00", None)
    seconds = Fraction(parts[0]) * 3600 + Fraction(parts[1]) * 60 + Fraction(parts[2])
    if day is None or not 0 <= seconds < 86_401:
        return
    fixed = day.replace(tzinfo=UTC) + timedelta(microseconds=round(seconds * 1_000_000))
    found.extra["gps_time_utc"] = fixed.isoformat()
    if found.at is None:
        found.at, found.time_note = fixed, "time of the satellites"
        return
    stated = found.at if found.at.tzinfo is not None else found.at.replace(tzinfo=UTC)
    apart = abs(stated - fixed)
    if apart > (_ANY_ZONE if found.at.tzinfo is None else timedelta(hours=1)):
        found.extra["camera_clock_ahead_s"] = (stated - fixed) // timedelta(seconds=1)
        wrong = "the satellites' time differs by more than any zone"
        if found.at.tzinfo is not None:
            wrong = "the satellites' time differs by more than an hour"
        found.time_note = "; ".join(part for part in (found.time_note, wrong) if part)
