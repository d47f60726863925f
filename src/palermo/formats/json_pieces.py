"""Divides a JSON file into the bytes of its records: lines, or elements of a list.

Memory stays bounded. Nothing is judged but size: a piece over 8 MiB comes as `Oversized`, with its
beginning only.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from palermo.formats.records import BLOCK_BYTES, RECORD_BYTES
from palermo.formats.source import Buffer

_SHOWN_BYTES = 8_000
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},"]', re.DOTALL)
_BLANK = b" \t\r\n"


class Oversized(NamedTuple):
    """A piece that is too large to be read; `size` in bytes."""

    start: bytes
    size: int


class Stray(NamedTuple):
    """Bytes of a list file that are no element: `why` says what is wrong."""

    start: bytes
    why: str


Piece = bytes | Oversized | Stray


def lines(buffer: Buffer) -> Iterator[Piece]:
    """Yield the lines of a file that are not blank."""
    while True:
        buffer.fill(BLOCK_BYTES)
        if not buffer.data:
            return
        if not _has_line(buffer):
            buffer.fill(RECORD_BYTES)
        if not _has_line(buffer):
            yield _long_line(buffer)
            continue
        raw = buffer.data.splitlines(keepends=True)
        if not buffer.ended and not raw[-1].endswith(b"\n"):
            raw.pop()
        buffer.take(sum(map(len, raw)))
        for line in raw:
            if stripped := line.strip(_BLANK):
                yield stripped


def _has_line(buffer: Buffer) -> bool:
    # A CR at the very end may yet turn out to be half of a CR LF.
    return buffer.ended or b"\n" in buffer.data or b"\r" in buffer.data[:-1]


def _long_line(buffer: Buffer) -> Oversized:
    start, size = buffer.data[:_SHOWN_BYTES], 0
    while buffer.data:
        ends = [place for place in (buffer.data.find(b"\n"), buffer.data.find(b"\r")) if place >= 0]
        taken = min(ends) + 1 if ends else len(buffer.data)
        size += taken
        buffer.take(taken)
        if ends:
            break
        buffer.fill(BLOCK_BYTES)
    return Oversized(start, size)


def is_list(buffer: Buffer) -> bool:
    """Tell whether a file begins with `[`, taking the blanks before it off."""
    buffer.fill(BLOCK_BYTES)
    buffer.take(len(buffer.data) - len(buffer.data.lstrip(_BLANK)))
    return buffer.data.startswith(b"[")


def elements(buffer: Buffer) -> Iterator[Piece]:
    """Yield the elements of the list a file consists of, divided by its commas and brackets."""
    buffer.take(1)
    first = True
    while True:
        buffer.fill(BLOCK_BYTES)
        end = _element_end(buffer.data, ended=buffer.ended)
        if end < 0 and not buffer.ended:
            buffer.fill(RECORD_BYTES)
            end = _element_end(buffer.data, ended=buffer.ended)
        if end < 0:
            yield from _unfinished(buffer)
            return
        # Take as many elements as there are complete before fetching more.
        place = 0
        while end >= 0:
            element = buffer.data[place:end].strip(_BLANK)
            closing = buffer.data[end : end + 1] == b"]"
            if element:
                yield element
            elif not (closing and first):
                yield Stray(b"", "an element is missing between two commas")
            first = False
            place = end + 1
            if closing:
                buffer.take(place)
                yield from _after(buffer)
                return
            end = _element_end(buffer.data, start=place, ended=buffer.ended)
        buffer.take(place)


def _element_end(data: bytes, *, ended: bool, start: int = 0) -> int:
    """Find the comma or bracket that ends the element at `start`; -1 if it is not there yet."""
    depth = 0
    for token in _TOKEN.finditer(data, start):
        kind = token[0][:1]
        if kind == b'"':
            if len(token[0]) == 1:
                if not ended:
                    return -1
                break
        elif kind in b"[{":
            depth += 1
        elif depth == 0:
            # A stray closing brace is left in the element, which then is no JSON.
            if kind != b"}":
                return token.start()
        elif kind in b"]}":
            depth -= 1
    return -1


def _unfinished(buffer: Buffer) -> Iterator[Piece]:
    """Deal with an element that does not end: too large, or the file breaks off."""
    if buffer.broken is not None:
        # The reader reports the whole rest as one record.
        buffer.tail = buffer.data + buffer.tail
        buffer.take(len(buffer.data))
        return
    start, size = buffer.data[:_SHOWN_BYTES], 0
    large = not buffer.ended
    while buffer.data:
        size += len(buffer.data)
        buffer.take(len(buffer.data))
        buffer.fill(BLOCK_BYTES)
    if large:
        yield Oversized(start, size)
    else:
        yield Stray(start, "the list is not closed; nothing could be read from here on")


def _after(buffer: Buffer) -> Iterator[Piece]:
    start, other = b"", False
    while True:
        buffer.fill(BLOCK_BYTES)
        if not buffer.data:
            break
        start = start or buffer.data.strip(_BLANK)[:_SHOWN_BYTES]
        other = other or bool(start)
        buffer.take(len(buffer.data))
    if other:
        yield Stray(start, "something follows the end of the list")
