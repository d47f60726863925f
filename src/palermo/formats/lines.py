"""Bytes become lines of text: valid UTF-8 as it is, any other byte as Windows-1252, and said so.

A line ends with LF, CR LF or CR. NUL characters are taken out. Nothing else is changed.
"""

import codecs
from typing import NamedTuple

from palermo.formats.notes import Note

_FALLBACK = "palermo-windows-1252"


def _one_byte_each(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    # Five bytes mean nothing in Windows-1252; Latin-1 gives them a control character.
    return "".join(_CHARACTERS[byte] for byte in wrong), error.end


_CHARACTERS = [
    bytes([byte]).decode("cp1252" if byte not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")
    for byte in range(256)
]
codecs.register_error(_FALLBACK, _one_byte_each)


class Line(NamedTuple):
    """What reading one line that was not plain UTF-8 came to."""

    text: str
    problems: tuple[str, ...]


def read_text(raw: bytes) -> Line:
    """Decode `raw`, saying by reason (`encoding`, `nul`) what was wrong with it."""
    problems: tuple[str, ...] = ()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", _FALLBACK)
        problems = ("encoding",)
    if "\0" in text:
        text = text.replace("\0", "")
        problems = (*problems, "nul")
    return Line(text, problems)


def read_lines(raw: list[bytes]) -> tuple[list[str], dict[int, tuple[str, ...]]]:
    """Decode lines; also return the problems of those that had any, by index."""
    try:
        texts = [line.decode("utf-8") for line in raw]
    except UnicodeDecodeError:
        pass
    else:
        if not any("\0" in text for text in texts):
            return texts, {}
    read = [read_text(line) for line in raw]
    problems = {index: line.problems for index, line in enumerate(read) if line.problems}
    return [line.text for line in read], problems


_DETAIL = {
    "encoding": "bytes that are not UTF-8 were read as Windows-1252",
    "nul": "NUL characters were taken out",
}


def problem_notes(row: int, problems: tuple[str, ...], text: str) -> list[Note]:
    """Turn the problems of the lines of record `row` into notes, one a kind."""
    return [Note(row, reason, _DETAIL[reason], text) for reason in _DETAIL if reason in problems]
