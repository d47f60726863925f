"""Hands out the lines of a text file with their numbers, whatever its encoding and size.

A line ends with LF or CR LF and nothing else: chats hold other separators within messages. Memory
stays bounded; a line over 8 MiB comes in several pieces under one number.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from palermo.formats.lines import read_text
from palermo.formats.records import BLOCK_BYTES, RECORD_BYTES
from palermo.formats.source import Buffer

ENCODING = "bytes that are not UTF-8 were read as Windows-1252"


class TextLine(NamedTuple):
    """One line without its end. `damaged`: some of its bytes are not UTF-8."""

    number: int
    text: str
    damaged: bool


def numbered_lines(path: Path, name: str) -> Iterator[TextLine]:
    """Yield every line of `path`, blank ones too, counted from 1."""
    with Buffer(path, name) as buffer:
        number = 1
        while True:
            buffer.fill(BLOCK_BYTES)
            if not buffer.data:
                return
            if b"\n" not in buffer.data:
                buffer.fill(RECORD_BYTES)
            lines = buffer.data.split(b"\n")
            rest = b"" if buffer.ended or len(lines) == 1 else lines.pop()
            if buffer.ended and not lines[-1]:
                lines.pop()
            ends = buffer.data.count(b"\n")
            buffer.take(len(buffer.data) - len(rest))
            for index, raw in enumerate(lines):
                yield _line(number + index, raw)
            number += ends


def head_lines(head: bytes, most: int = 400) -> list[str]:
    """Return the first lines of what is seen of a file; of UTF-16 and UTF-32 with a mark too."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    else:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return [line.removesuffix("\r") for line in text.split("\n", most)[:most]]


def _line(number: int, raw: bytes) -> TextLine:
    line = read_text(raw.removesuffix(b"\r"))
    return TextLine(number, line.text, "encoding" in line.problems)
