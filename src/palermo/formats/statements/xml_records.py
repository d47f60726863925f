"""Reads records out of XML from outside, so that no file can make the reader do more than read.

Guarantees that a document type declaration is refused before it is interpreted (so no entity is
ever defined, no other file or address opened); that depth, and bytes between two finished records,
are bounded; that nothing is kept but the fields asked for; and that every record before the place
where a file breaks off is delivered.

Bytes that are not the UTF-8 that a file claims to be are replaced by U+FFFD and counted.
"""

import codecs
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from palermo.formats.material.charset import codec_of
from palermo.model import Unreadable

_CHUNK = 1 << 16
_DEEPEST = 64
#: More than this without a finished record is no statement.
_DEEP = f"elements stand more than {_DEEPEST} deep in each other"
RECORD_BYTES = 8 << 20
_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_MARKS = (  # longest first: the mark of UTF-32 LE begins with that of UTF-16 LE
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """An element that is handed out when it ends, and what of it is wanted.

    Args:
        name: by which it is handed out.
        fields: way below it (`RltdPties/Dbtr/Nm`, `Amt@Ccy` an attribute, empty its own text) ->
            field. The first text found stands; of a field whose name ends in `*` all, with blanks
            between, in `+` all as they are.
        within: way -> records inside it; they are handed out before it.
        announced: also say when it begins, with no fields.
    """

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, "Record"] = field(default_factory=dict)
    announced: bool = False


class Broken(Exception):
    """The file cannot be read on: why. What came before has been delivered."""


@dataclass(slots=True)
class _Node:
    """One element on the way to what is wanted."""

    children: dict[str, "_Node"] = field(default_factory=dict)
    record: Record | None = None
    text: str | None = None
    between: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()


def _compiled(top: Record, namespace: str | None) -> _Node:
    """Turn ways into a tree, names as the parser gives them."""
    before = "" if namespace is None else f"{namespace}}}"

    def reached(node: _Node, way: str) -> _Node:
        for name in way.split("/") if way else ():
            node = node.children.setdefault(before + name, _Node())
        return node

    def filled(node: _Node, record: Record) -> None:
        for way, name in record.fields.items():
            path, _, attribute = way.partition("@")
            end = reached(node, path)
            if attribute:
                end.attributes += ((attribute, name),)
            else:
                end.text = name.rstrip("*+")
                end.between = {"*": " ", "+": ""}.get(name[-1])
        for way, inner in record.within.items():
            end = reached(node, way)
            end.record = inner
            filled(end, inner)

    root = _Node()
    filled(root, top)
    return root


class XmlFile:
    """The records of one XML file. `replaced` counts pieces of it that were not UTF-8."""

    def __init__(self, opener: Callable[[], IO[bytes]], name: str, *, limit: int = 0) -> None:
        """Prepare to read what `opener` opens; of something unpacked, at most `limit` bytes."""
        self.name = name
        self.replaced = 0
        self._opener, self._limit = opener, limit

    def records(self, top: Record, namespace: str | None) -> Iterator[tuple[str, Fields | None]]:
        """Yield records as they end; None for fields where one begins.

        Args:
            top: its `within` are looked for at any depth, through elements of any name.
            namespace: of all names; None means that namespaces are not looked at.

        Raises:
            Broken: the file is not XML from some place on, or goes beyond the bounds.
            Unreadable: it declares a document type, or cannot be opened.
        """
        try:
            with self._opener() as file:
                yield from self._parsed(file, _Builder(self.name, top, namespace))
        except OSError as error:
            why = error.strerror or error
            raise Unreadable(f"{self.name}: cannot be read: {why}") from None
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise Broken(f"what is packed here is damaged ({error})") from None

    def _parsed(self, file: IO[bytes], builder: "_Builder") -> Iterator[tuple[str, Fields | None]]:
        since = total = 0
        for chunk in self._chunks(file):
            total += len(chunk)
            since += len(chunk)
            if self._limit and total > self._limit:
                raise Broken(f"it unpacks to more than {self._limit >> 20} MiB")
            broken = builder.feed(chunk)
            if builder.done:
                since = 0
            yield from builder.take()
            if broken is not None:
                raise broken
            if since > RECORD_BYTES:
                raise Broken(f"more than {RECORD_BYTES >> 20} MiB without a finished record")
        broken = builder.feed(None)
        yield from builder.take()
        if broken is not None:
            raise broken

    def _chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield the bytes as UTF-8, whatever they were."""
        head = file.read(_CHUNK)
        encoding = encoding_of(head, self.name)
        if encoding == "utf-8":
            yield from self._mended(head, file)
            return
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        while head:
            yield decoder.decode(head).encode("utf-8", "replace")
            head = file.read(_CHUNK)
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")

    def _mended(self, head: bytes, file: IO[bytes]) -> Iterator[bytes]:
        """Yield what is UTF-8 as it is; what is not, replaced and counted."""
        held = b""
        while head:
            piece, held = self._whole_characters(held + head)
            yield piece
            head = file.read(_CHUNK)
        if held:
            self.replaced += 1
            yield "\N{REPLACEMENT CHARACTER}".encode()

    def _whole_characters(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what can be decoded, mended where it is not UTF-8, and a last part of a letter."""
        try:
            data.decode()
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and error.end == len(data):
                return data[: error.start], data[error.start :]
            self.replaced += 1
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            text = decoder.decode(data)
            return text.encode(), decoder.getstate()[0]
        return data, b""


def encoding_of(head: bytes, name: str) -> str:
    """Return the encoding of an XML file by its mark, or as it states.

    The parser would take any codec that Python has, `unicode_escape` among them; so it is told
    UTF-8, and only character sets of the web are translated to it.

    Raises:
        Unreadable: it states one that is not known.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    stated = _ENCODING.match(head)
    if stated is None:
        return "utf-8"
    codec = codec_of(stated[1].decode("ascii"))
    if codec is None:
        raise Unreadable(
            f"{name}: states the encoding {stated[1].decode('ascii')}, which is not read; ask for "
            "UTF-8"
        )
    return "utf-8" if codec.startswith("utf-16") else codec


class _Builder:
    """Takes in what the parser finds, and keeps the fields that are wanted."""

    __slots__ = (
        "_above", "_fields", "_name", "_node", "_outside", "_parser", "_root",
        "_skipped", "_texts", "_wanted", "done",
    )  # fmt: skip

    def __init__(self, name: str, top: Record, namespace: str | None) -> None:
        self.done: list[tuple[str, Fields | None]] = []
        self._name = name
        self._root = self._node = _compiled(top, namespace)
        self._above: list[_Node] = []
        self._outside: list[Fields] = []  # of the records around the innermost one
        self._fields: Fields = {}
        self._texts: list[str] = []
        self._wanted: str | None = None
        self._skipped = 0
        parser = self._parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = (
            self._start if namespace is not None else self._start_in_any_space
        )
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def take(self) -> list[tuple[str, Fields | None]]:
        """Return the records finished since the last time."""
        done, self.done = self.done, []
        return done

    def feed(self, chunk: bytes | None) -> Broken | None:
        """Read on (None: to the end); return what is wrong instead of raising it."""
        try:
            self._parser.Parse(chunk or b"", chunk is None)
        except expat.ExpatError as error:
            # Without the words of the file, which may be anybody's.
            what = expat.ErrorString(error.code)
            return Broken(f"not XML from line {error.lineno}, column {error.offset} on ({what})")
        except Broken as broken:
            return broken
        return None

    def _doctype(self, *_: object) -> None:
        raise Unreadable(
            f"{self._name}: declares a document type, which may define entities; no statement "
            "needs one; ask the sender for a file without"
        )

    def _start_in_any_space(self, name: str, attributes: dict[str, str]) -> None:
        self._start(name.rpartition("}")[2], attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        # Called for every element: what is seldom is apart.
        if self._skipped:
            self._skip()
            return
        node = self._node
        child = node.children.get(name)
        if child is None:
            child = self._unknown(node)
            if child is None:
                return
        self._above.append(node)
        self._node = child
        self._wanted = child.text
        if child.text is not None:
            self._texts.clear()
        if child.record is not None or child.attributes:
            self._begin(child, attributes)

    def _skip(self) -> None:
        self._skipped += 1
        if self._skipped > _DEEPEST:
            raise Broken(_DEEP)

    def _unknown(self, node: _Node) -> _Node | None:
        """Pass through elements around the records, and skip those within."""
        if node is self._root and len(self._above) < _DEEPEST:
            return node
        if node is self._root:
            raise Broken(_DEEP)
        self._skipped = 1
        self._wanted = None
        return None

    def _begin(self, child: _Node, attributes: dict[str, str]) -> None:
        if child.record is not None:
            self._outside.append(self._fields)
            self._fields = {}
            if child.record.announced:
                self.done.append((child.record.name, None))
        for attribute, into in child.attributes:
            if attribute in attributes:
                self._fields.setdefault(into, attributes[attribute])

    def _end(self, _: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        node = self._node
        if self._wanted is not None:
            self._keep(self._wanted, "".join(self._texts), node.between)
            self._wanted = None
        if node.record is not None:
            self.done.append((node.record.name, self._fields))
            self._fields = self._outside.pop()
        self._node = self._above.pop()

    def _keep(self, into: str, text: str, between: str | None) -> None:
        if between != "":
            text = text.strip()
        if text and into not in self._fields:
            self._fields[into] = text
        elif text and between is not None:
            self._fields[into] += between + text

    def _characters(self, data: str) -> None:
        if self._wanted is not None:
            self._texts.append(data)
