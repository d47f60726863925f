"""Divides an MBOX file into its messages, one in memory at a time.

A message begins with a line `From … year` at the start of the file or after a blank line, and ends
before the next. Lines within it that begin with `>From ` have one `>` too many, which is taken off
and counted. Source: RFC 4155, and the `mboxrd` way of quoting.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: A larger message is set aside.
MESSAGE_BYTES = 256 << 20
_LINE_BYTES = 1 << 20
START = re.compile(rb"From [^\r\n]*\b(?:19|20)[0-9]{2}\b[^\r\n]*\r?\n")
_QUOTED = re.compile(rb">+From ")


class Letter(NamedTuple):
    """A message: its place, its `From ` line and its bytes, None if they are too many."""

    offset: int
    envelope: str
    data: bytes | None
    size: int
    unquoted: int


def letters(path: Path) -> Iterator[Letter]:
    """Yield the messages of an MBOX file in order; what stands before the first is one too."""
    with path.open("rb") as file:
        lines: list[bytes] = []
        offset = size = place = unquoted = 0
        envelope = b""
        blank = whole = True
        while line := file.readline(_LINE_BYTES):
            if whole and blank and START.fullmatch(line):
                if place:
                    yield _letter(offset, envelope, lines, size, unquoted)
                lines, offset, size, unquoted, envelope = [], place, 0, 0, line
            else:
                if whole and _QUOTED.match(line):
                    line = line[1:]
                    unquoted += 1
                size += len(line)
                if size <= MESSAGE_BYTES:
                    lines.append(line)
                else:
                    lines.clear()
            blank = whole and line in (b"\n", b"\r\n")
            whole = line.endswith(b"\n")
            place = file.tell()
        if place:
            yield _letter(offset, envelope, lines, size, unquoted)


def _letter(offset: int, envelope: bytes, lines: list[bytes], size: int, unquoted: int) -> Letter:
    data = b"".join(lines) if size <= MESSAGE_BYTES else None
    stated = envelope.decode("utf-8", "replace").strip()
    return Letter(offset, stated, data, size, unquoted)
