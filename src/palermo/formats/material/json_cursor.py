"""Walks through a JSON file of any size, decoding no more of it at a time than one record.

Where the file is damaged, the walk goes on at the next element of the list that the caller takes
for a record; where it breaks off, everything before the break has been handed over. Of a repeated
key no value is lost. Bytes that are not UTF-8 are read as Windows-1252, and the record says so.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from palermo.formats.material.json_plain import DECODER, RAW_BYTES, mended
from palermo.formats.records import BLOCK_BYTES, RECORD_BYTES
from palermo.formats.source import Buffer

#: How much of a damaged place is shown.
SHOWN = 2_000
#: Trying to find the next record behind a damage may cost this many characters of parsing.
_TRIES = 64 << 20
_LEVELS = 50
_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_HALVES = re.compile("[\ud800-\udfff]")
_NEXT = re.compile(r"[,\[]\s*(?=\{)")
_LIST_OF_RECORDS = re.compile(r'"messages"\s*:')
#: An error this near to the end of what was read may be no error but the end.
_MARGIN = 64


class Damage(Exception):
    """From character `offset` on the file is no JSON; `shown` is what stands there."""

    def __init__(self, detail: str, offset: int, shown: str) -> None:
        super().__init__(detail)
        self.detail = f"{detail} at character {offset}"
        self.offset = offset
        self.shown = _printable(shown[:SHOWN])


class Lost(NamedTuple):
    """An element that could not be read. `crossed`: what follows may belong to another list."""

    detail: str
    shown: str
    crossed: bool


class Element(NamedTuple):
    """An element of a list: its value, or what was lost in its place."""

    number: int
    value: Any
    lost: Lost | None
    damaged: bool  # some bytes were not UTF-8


class _Short(Exception):
    """The value may go on behind what has been read so far."""


class JsonCursor:
    """A place in a JSON file. It only moves forward."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._at = 0
        self._base = 0
        self._damaged = False

    @property
    def position(self) -> int:
        """How many characters have been passed."""
        return self._base + self._at

    def kind(self) -> str:
        """Return the first character of the next value; nothing at the end of the file."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def members(self, level: int = 0) -> Iterator[str]:
        """Yield the keys of the object here; a value that the caller does not take is skipped."""
        self._expect("{")
        if self.kind() == "}":
            self._at += 1
            return
        while True:
            if self.kind() != '"' or not isinstance(key := self.value(), str):
                raise self._broken("a key was expected")
            self._expect(":")
            self.kind()
            before = self.position
            yield key
            if self.position == before:
                self.skip(level)
            if self._separator("}"):
                return

    def elements(self, level: int = 0) -> Iterator[int]:
        """Yield the indices of the list here; an element that is not taken is skipped."""
        self._expect("[")
        if self.kind() == "]":
            self._at += 1
            return
        index = 0
        while True:
            self.kind()
            before = self.position
            yield index
            if self.position == before:
                self.skip(level)
            index += 1
            if self._separator("]"):
                return

    def records(self, is_record: Callable[[dict[str, Any]], bool]) -> Iterator[Element]:
        """Yield the elements of the list here, going on behind damaged ones where it can."""
        self._expect("[")
        if self.kind() == "]":
            self._at += 1
            return
        index = 0
        while True:
            self.kind()
            try:
                value, damaged = self._value()
                yield Element(index, value, None, damaged)
                index += 1
                if self.kind() != "{" and self._separator("]"):  # a missing comma loses nothing
                    return
            except Damage as damage:
                crossed = self._resume(damage, is_record)
                lost = Lost(damage.detail, damage.shown, crossed)
                yield Element(index, None, lost, damaged=False)
                index += 1

    def value(self) -> Any:
        """Return the next value; at most 8 MiB of it."""
        return self._value()[0]

    def skip(self, level: int = 0) -> None:
        """Pass over the next value, however large."""
        try:
            self._value()
        except _TooLarge:
            if level > _LEVELS or (kind := self.kind()) not in "[{":
                raise
            for _ in (self.members if kind == "{" else self.elements)(level + 1):
                pass

    def _value(self) -> tuple[Any, bool]:
        self.kind()
        wanted = BLOCK_BYTES
        while True:
            try:
                value, end = self._decoded()
                break
            except _Short:
                if len(self._text) - self._at > RECORD_BYTES:
                    raise self._broken("a value of more than 8 MiB stands", _TooLarge) from None
                self._more(wanted)
                wanted *= 2
        damaged = self._damaged and bool(RAW_BYTES.search(self._text, self._at, end))
        value = mended(value) if damaged else value
        self._at = end
        return value, damaged

    def _decoded(self) -> tuple[Any, int]:
        """Decode the value here, or tell whether more of the file is needed or it is damaged."""
        ended = self._buffer.ended
        try:
            value, end = DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            open_string = error.msg.startswith("Unterminated string")
            if not ended and (open_string or error.pos >= len(self._text) - _MARGIN):
                raise _Short from None
            if open_string or error.pos >= len(self._text):
                raise self._broken("the file breaks off in a value that begins") from None
            raise self._broken(f"no JSON ({error.msg}) in the value") from None
        except RecursionError:
            raise self._broken("a value nested too deeply begins") from None
        if end == len(self._text) and not ended:
            raise _Short
        return value, end

    def _resume(self, damage: Damage, is_record: Callable[[dict[str, Any]], bool]) -> bool:
        """Move to the next record of some list; tell whether it may be another list."""
        crossed, budget = False, _TRIES
        self._at += 1
        while budget > 0:
            place = self._at
            for match in _NEXT.finditer(self._text, self._at):
                crossed = crossed or bool(_LIST_OF_RECORDS.search(self._text, place, match.end()))
                place = match.end()
                tried = self._tried(place, is_record)
                if tried is None and len(self._text) - place <= RECORD_BYTES:
                    place = match.start()
                    break
                budget -= tried or 0
                if tried == 0 or budget <= 0:
                    break
            else:
                place = max(place, len(self._text) - _MARGIN)
            self._at = place
            if self.kind() == "{" and budget > 0 and self._tried(self._at, is_record) == 0:
                return crossed
            if not self._more():
                break
        raise damage

    def _tried(self, place: int, is_record: Callable[[dict[str, Any]], bool]) -> int | None:
        """Return 0 for a record at `place`, None if it goes on, else what the trial cost."""
        ended = self._buffer.ended
        try:
            value, end = DECODER.raw_decode(self._text, place)
        except json.JSONDecodeError as error:
            if not ended and error.pos >= len(self._text) - _MARGIN:
                return None
            if error.msg.startswith("Unterminated string"):
                return len(self._text) - place if ended else None
            return error.pos - place + 1
        except RecursionError:
            return _MARGIN
        return 0 if isinstance(value, dict) and is_record(value) else end - place

    def _separator(self, closing: str) -> bool:
        """Pass a comma, or the end of the object or list; tell whether it was the end."""
        found = self.kind()
        if found not in (",", closing):
            raise self._broken(f"a comma or '{closing}' was expected" if found else _BREAKS_OFF)
        self._at += 1
        return found == closing

    def _expect(self, character: str) -> None:
        found = self.kind()
        if found != character:
            raise self._broken(f"'{character}' was expected" if found else _BREAKS_OFF)
        self._at += 1

    def _broken(self, detail: str, kind: type[Damage] = Damage) -> Damage:
        return kind(detail, self.position, self._text[self._at : self._at + SHOWN])

    def _more(self, size: int = 0) -> bool:
        """Read `size` bytes on, a block if that is 0; False at the end of the file."""
        if self._buffer.ended and not self._buffer.data:
            return False
        self._buffer.fill(size or BLOCK_BYTES)
        raw = self._buffer.data
        self._buffer.take(len(raw))
        piece = self._decoder.decode(raw, self._buffer.ended)
        self._damaged = self._damaged or bool(RAW_BYTES.search(piece))
        self._base += self._at
        self._text = self._text[self._at :] + piece
        self._at = 0
        return bool(raw)


class _TooLarge(Damage):
    """A value that is too large to be decoded at once."""


_BREAKS_OFF = "the file breaks off"


def _printable(text: str) -> str:
    return _HALVES.sub("\ufffd", text)
