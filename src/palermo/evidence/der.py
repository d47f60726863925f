"""Reading DER, as far as a time stamp needs it (ITU-T X.690, sections 8 to 11).

Guarantees that every accepted element has exactly one encoding: definite and shortest lengths,
shortest integers and object identifiers, nothing left over. What is nested deeper, longer or more
numerous than any time stamp is refused before it costs anything. The order of a SET OF is not
checked: `openssl ts` and well-known authorities write certificates unsorted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from palermo.model.errors import Unreadable

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8_STRING, GENERALIZED_TIME, SEQUENCE, SET = 0x0C, 0x18, 0x30, 0x31

LONGEST = 1 << 20  # a stamp with its certificates takes a few thousand bytes
_DEEPEST = 16
_MOST = 1_000  # elements directly within one
_TIME = re.compile(rb"(\d{14})(?:\.(\d*[1-9]))?Z")  # RFC 3161, section 2.4.2: no trailing zeros


def context(number: int, *, constructed: bool = True) -> int:
    """Return the identifier octet of the context-specific tag `number` (0 to 30)."""
    return (0xA0 if constructed else 0x80) | number


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its identifier octet, its contents, and all its bytes as they were found."""

    tag: int
    content: bytes
    whole: bytes
    depth: int = 0

    @classmethod
    def read(cls, data: bytes) -> "Element":
        """Read `data` as exactly one element.

        Raises:
            Unreadable: it is none, or something follows it.
        """
        if len(data) > LONGEST:
            raise Unreadable(f"DER: {len(data):,} bytes are more than any time stamp has")
        element, end = _element(data, 0, 0)
        if end != len(data):
            raise Unreadable(f"DER: {len(data) - end} bytes follow where nothing should")
        return element

    def fields(self, tag: int = SEQUENCE) -> "Fields":
        """Open a constructed element, expected to be tagged `tag`."""
        return Fields(list(self._within(tag)))

    def within(self, tag: int) -> list["Element"]:
        """Return the elements of a constructed one, expected to be tagged `tag`."""
        return list(self._within(tag))

    def _within(self, tag: int) -> Iterator["Element"]:
        self.expect(tag)
        if not tag & 0x20:
            raise Unreadable(f"DER: tag {tag:#04x} holds no other elements")
        if self.depth >= _DEEPEST:
            raise Unreadable("DER: nested deeper than any time stamp")
        place, count = 0, 0
        while place < len(self.content):
            element, place = _element(self.content, place, self.depth + 1)
            count += 1
            if count > _MOST:
                raise Unreadable("DER: more elements in one than any time stamp has")
            yield element

    def expect(self, tag: int) -> "Element":
        """Return the element itself when it is tagged `tag`; raise `Unreadable` otherwise."""
        if self.tag != tag:
            raise Unreadable(f"DER: tag {tag:#04x} was expected, {self.tag:#04x} is there")
        return self

    def integer(self, tag: int = INTEGER) -> int:
        """Read an INTEGER (under `tag` when its tag is implicit)."""
        data = self.expect(tag).content
        if not data or (len(data) > 1 and (data[0], data[1] >> 7) in {(0, 0), (0xFF, 1)}):
            raise Unreadable("DER: an integer that is not written in its shortest form")
        if len(data) > 64:
            raise Unreadable("DER: an integer longer than any in a time stamp")
        return int.from_bytes(data, "big", signed=True)

    def boolean(self) -> bool:
        """Read a BOOLEAN."""
        data = self.expect(BOOLEAN).content
        if data not in {b"\x00", b"\xff"}:
            raise Unreadable("DER: a truth value is neither 00 nor FF")
        return data == b"\xff"

    def octets(self) -> bytes:
        """Read an OCTET STRING in its one, primitive form."""
        return self.expect(OCTET_STRING).content

    def oid(self) -> str:
        """Read an OBJECT IDENTIFIER in dotted form, such as `1.2.840.113549.1.7.2`."""
        data = self.expect(OID).content
        if not data or data[-1] & 0x80 or len(data) > 64:
            raise Unreadable("DER: an object identifier that does not end or is too long")
        arcs, arc, fresh = [], 0, True
        for byte in data:
            if fresh and byte == 0x80:
                raise Unreadable("DER: an object identifier not written in its shortest form")
            arc, fresh = arc << 7 | byte & 0x7F, not byte & 0x80
            if fresh:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))

    def time(self) -> datetime:
        """Read a GeneralizedTime as RFC 3161 restricts it: UTC, to the second or finer.

        What is finer than a microsecond is cut off.
        """
        match = _TIME.fullmatch(self.expect(GENERALIZED_TIME).content)
        whole, fraction = match.groups(b"") if match else (b"", b"")
        try:
            moment = datetime.strptime(whole.decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise Unreadable("DER: a time in another form than YYYYMMDDhhmmss[.s]Z") from None
        return moment.replace(microsecond=int(fraction[:6].ljust(6, b"0")))


class Fields:
    """The fields of a SEQUENCE, taken one after the other as its definition lists them."""

    def __init__(self, elements: list[Element]) -> None:
        self._left = elements[::-1]

    def take(self, tag: int | None = None) -> Element:
        """Take the next field, tagged `tag` unless None; raise `Unreadable` when it is not."""
        if not self._left:
            raise Unreadable("DER: a field is missing at the end of a sequence")
        element = self._left.pop()
        return element if tag is None else element.expect(tag)

    def maybe(self, *tags: int) -> Element | None:
        """Take the next field if it is tagged with one of `tags`."""
        return self._left.pop() if self._left and self._left[-1].tag in tags else None

    def done(self) -> None:
        """Raise `Unreadable` when fields are left that the definition does not list."""
        if self._left:
            raise Unreadable(f"DER: an unexpected field, tag {self._left[-1].tag:#04x}")


def _element(data: bytes, start: int, depth: int) -> tuple[Element, int]:
    """Read the element at `start`; return it and where it ends."""
    if len(data) - start < 2:
        raise Unreadable("DER: the data ends within an element")
    tag, length, place = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:
        raise Unreadable("DER: a tag above 30, which no time stamp has")
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise Unreadable("DER: a length that is indefinite (BER) or beyond all bounds")
        written = data[place : place + octets]
        length, place = int.from_bytes(written, "big"), place + octets
        if len(written) != octets or written[0] == 0 or length < 0x80:
            raise Unreadable("DER: a length that is not written in its shortest form")
    end = place + length
    if end > len(data):
        raise Unreadable("DER: an element is longer than what holds it")
    return Element(tag, data[place:end], data[start:end], depth), end
