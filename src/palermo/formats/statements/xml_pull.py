"""Reads XML from outside piece by piece, so that no file can make the reader do more than read.

Guarantees that a document type declaration is refused before it is interpreted (so no entity is
ever defined, no other file or address opened); that depth, and bytes between two finished records,
are bounded; and that everything before the place where a file breaks off is delivered.

Bytes that are not the UTF-8 that a file claims to be are replaced by U+FFFD and counted.
"""

import codecs
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from palermo.model import Unreadable

_CHUNK = 1 << 16
_DEEPEST = 64
#: More than this without a finished record is no statement.
RECORD_BYTES = 8 << 20
_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")


class Broken(Exception):
    """The file cannot be read on: why. What came before has been delivered."""


class XmlFile:
    """The elements of one XML file, as they begin and end.

    Whoever takes a record out calls `record_done`, and clears the element: only what is kept by the
    caller stays in memory. `replaced` counts pieces of the file that were not UTF-8.
    """

    def __init__(self, opener: Callable[[], IO[bytes]], name: str, *, limit: int = 0) -> None:
        """Prepare to read what `opener` opens; of something unpacked, at most `limit` bytes."""
        self.name = name
        self.replaced = 0
        self._opener, self._limit = opener, limit
        self._since = 0

    def record_done(self) -> None:
        """Say that a record was finished here."""
        self._since = 0

    def events(self) -> Iterator[tuple[str, Element]]:
        """Yield `start` and `end` of elements, namespaces in braces before their names.

        Raises:
            Broken: the file is not XML from some place on, or goes beyond the bounds.
            Unreadable: it declares a document type, or cannot be opened.
        """
        try:
            with self._opener() as file:
                yield from self._parsed(file)
        except OSError as error:
            why = error.strerror or error
            raise Unreadable(f"{self.name}: cannot be read: {why}") from None
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise Broken(f"what is packed here is damaged ({error})") from None

    def _parsed(self, file: IO[bytes]) -> Iterator[tuple[str, Element]]:
        parser = _puller()
        prolog = _Prolog(self.name)
        depth = total = 0
        for chunk in self._chunks(file):
            total += len(chunk)
            if self._limit and total > self._limit:
                raise Broken(f"it unpacks to more than {self._limit >> 20} MiB")
            self._since += len(chunk)
            if self._since > RECORD_BYTES:
                raise Broken(f"more than {RECORD_BYTES >> 20} MiB without a finished record")
            prolog.feed(chunk)
            for event, element in _fed(parser, chunk):
                depth += 1 if event == "start" else -1
                if depth > _DEEPEST:
                    raise Broken(f"elements stand more than {_DEEPEST} deep in each other")
                yield event, element
        yield from _fed(parser, None)

    def _chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield the bytes, made UTF-8 where the file says it is UTF-8 and is not everywhere."""
        head = file.read(_CHUNK)
        stated = _ENCODING.match(head.removeprefix(codecs.BOM_UTF8))
        if head.startswith(_WIDE) or (stated and stated[1].lower() not in {b"utf-8", b"utf8"}):
            while head:
                yield head
                head = file.read(_CHUNK)
            return
        strict = codecs.getincrementaldecoder("utf-8")("strict")
        lenient = codecs.getincrementaldecoder("utf-8")("replace")
        while head:
            if self.replaced:
                yield lenient.decode(head).encode()
            else:
                state = strict.getstate()
                try:
                    strict.decode(head)
                    yield head
                except UnicodeDecodeError:
                    self.replaced += 1
                    # What the strict decoder held back was given to the parser already.
                    yield _mended(state[0], head, lenient)
            head = file.read(_CHUNK)


def _mended(held: bytes, piece: bytes, lenient: codecs.IncrementalDecoder) -> bytes:
    """Decode `piece`, which goes on with `held`: bytes of a character begun before it."""
    if held:
        needed = 1
        while needed < 4 and needed <= len(piece):
            try:
                (held + piece[:needed]).decode()
            except UnicodeDecodeError as error:
                if error.reason != "unexpected end of data":
                    raise Broken("a character is cut off where it is not UTF-8") from None
                needed += 1
            else:
                return piece[:needed] + lenient.decode(piece[needed:]).encode()
    return lenient.decode(piece).encode()


def _puller() -> "XMLPullParser[Any]":
    return XMLPullParser(("start", "end"))


def _fed(parser: "XMLPullParser[Any]", chunk: bytes | None) -> Iterator[tuple[str, Element]]:
    """Give the parser a chunk (None: the end) and yield what it found up to the first error."""
    try:
        if chunk is None:
            parser.close()
        else:
            parser.feed(chunk)
        yield from parser.read_events()  # type: ignore[misc]  # of start and end only
    except ParseError as error:
        # Without the words of the file, which may be anybody's.
        line, column = error.position
        what = expat.ErrorString(error.code)
        raise Broken(f"not XML from line {line}, column {column} on ({what})") from None
    except (LookupError, ValueError) as error:
        raise Broken(f"its encoding cannot be read ({error})") from None


class _Prolog:
    """Reads up to the first element, with the same parser, and refuses what may stand before it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parser: expat.XMLParserType | None = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._element

    def feed(self, chunk: bytes) -> None:
        if self._parser is not None:
            try:
                self._parser.Parse(chunk, False)  # noqa: FBT003  expat's own interface
            except (expat.ExpatError, LookupError, ValueError):
                self._parser = None  # the other parser says what is wrong, and where

    def _doctype(self, *_: object) -> None:
        raise Unreadable(
            f"{self._name}: declares a document type, which may define entities; no statement "
            "needs one; ask the sender for a file without"
        )

    def _element(self, *_: object) -> None:
        self._parser = None
