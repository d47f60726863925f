"""The tags of TIFF and EXIF, one directory at a time, and only those asked for.

Guarantees that it ends and stays small whatever the file says: each directory is read once, each
value is bounded. Source: TIFF 6.0, section 2; EXIF 2.32 (CIPA DC-008), section 4.6.
"""

import struct
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from palermo.formats.material.photo.window import Outside, Window

_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_ASCII, _RATIONAL, _UNDEFINED, _SIGNED_RATIONAL = 2, 5, 7, 10
#: Type of a field -> the letter that `struct` has for one value of it.
_LETTERS = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "s", 8: "h", 9: "i", 10: "ii"}
_ENTRY = 12
_MOST_VALUES = 4_096

Number = int | Fraction
Tag = str | bytes | tuple[Number | None, ...]


@dataclass(slots=True)
class Tiff:
    """A TIFF structure in `window`. `problems` says what in it could not be read."""

    window: Window
    order: str = ""
    first: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            head = self.window.at(0, 8)
        except Outside as error:
            self.problems.append(str(error))
            return
        self.order = _ORDERS.get(head[:4], "")
        if not self.order:
            self.problems.append(f"no TIFF header stands at offset {self.window.start}")
            return
        self.first = struct.unpack(f"{self.order}I", head[4:])[0]

    def directory(self, offset: int, wanted: Container[int]) -> tuple[dict[int, Tag], int]:
        """Return the wanted tags of the directory at `offset`, and the offset of the next, or 0.

        A tag that occurs twice counts as it stands first.
        """
        tags: dict[int, Tag] = {}
        if not self.order or not offset:
            return tags, 0
        try:
            count = struct.unpack(f"{self.order}H", self.window.at(offset, 2))[0]
            block = self.window.at(offset + 2, count * _ENTRY)
        except Outside as error:
            self.problems.append(f"a directory of tags: {error}")
            return tags, 0
        for entry in struct.iter_unpack(f"{self.order}HHI4s", block):
            tag = entry[0]
            if tag in wanted and tag not in tags:
                value = self._value(*entry)
                if value is not None:
                    tags[tag] = value
        try:
            after = self.window.at(offset + 2 + count * _ENTRY, 4)
        except Outside:  # writers leave it out after the last directory
            return tags, 0
        return tags, int(struct.unpack(f"{self.order}I", after)[0])

    def _value(self, tag: int, kind: int, count: int, inline: bytes) -> Tag | None:
        letters = _LETTERS.get(kind)
        if letters is None or not count:
            return None
        try:
            raw = self._raw(letters, count, inline)
        except Outside as error:
            self.problems.append(f"tag {tag}: {error}")
            return None
        if kind == _ASCII:
            return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
        if kind == _UNDEFINED:
            return raw
        values = struct.unpack(f"{self.order}{letters * count}", raw)
        if kind not in {_RATIONAL, _SIGNED_RATIONAL}:
            return values
        pairs = zip(values[::2], values[1::2], strict=True)
        return tuple(Fraction(above, below) if below else None for above, below in pairs)

    def _raw(self, letters: str, count: int, inline: bytes) -> bytes:
        """Return the bytes of a value: in the entry where they fit, else where it points to."""
        if letters != "s" and count > _MOST_VALUES:
            raise Outside(f"{count} values are too many to be read")
        size = struct.calcsize(f"{self.order}{letters}") * count
        if size <= len(inline):
            return inline[:size]
        return self.window.at(struct.unpack(f"{self.order}I", inline)[0], size)


def words(tags: Mapping[int, Tag], tag: int) -> str | None:
    """Return a tag as text, None if it is none or blank."""
    value = tags.get(tag)
    if isinstance(value, bytes):
        value = value.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    return value if isinstance(value, str) and value else None


def numbers(tags: Mapping[int, Tag], tag: int, count: int = 1) -> tuple[Number, ...] | None:
    """Return a tag as `count` numbers, None if it does not hold as many or one has no value."""
    value = tags.get(tag)
    if not isinstance(value, tuple) or len(value) < count:
        return None
    sure = tuple(number for number in value[:count] if number is not None)
    return sure if len(sure) == count else None


def whole(tags: Mapping[int, Tag], tag: int) -> int | None:
    """Return a tag as one whole number, None if it is none."""
    value = numbers(tags, tag)
    return value[0] if value is not None and isinstance(value[0], int) else None
