"""A report as a tree of elements, read from and written to XML without loss.

Guarantees that what was read and written again is read the same: names, attributes, values, order,
comments and processing instructions, known or not; only the white space between elements is layout
and made anew. A document type is refused before any entity could count; size, depth and number of
elements are bounded. Same tree, same bytes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from palermo.model import Unreadable

MAX_BYTES = 256 << 20
MAX_DEPTH = 64
MAX_ELEMENTS = 8_000_000
MAX_ATTRIBUTES = 64

#: Names of what is kept although it is no element.
COMMENT, INSTRUCTION, TEXT = "#comment", "#instruction", "#text"
_BLOCK = 1 << 20
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENCODINGS = ("utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "latin-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An element with either a value or elements in it; `line` is where it began in the file."""

    name: str
    text: str = ""
    children: tuple["Node", ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    line: int = field(default=0, compare=False)

    def all(self, name: str) -> Iterator["Node"]:
        """Yield the elements called `name` directly in this one."""
        return (child for child in self.children if child.name == name)

    def first(self, *path: str) -> "Node | None":
        """Return the first element down `path`, or None."""
        found: Node | None = self
        for name in path:
            found = next(found.all(name), None) if found is not None else None
        return found

    def value(self, *path: str) -> str | None:
        """Return the value of the first element down `path`, without white space around it."""
        found = self.first(*path)
        return None if found is None else found.content.strip() or None

    @property
    def content(self) -> str:
        """The value, also where comments stand in it."""
        return self.text or "".join(child.text for child in self.all(TEXT))


@dataclass(slots=True)
class _Open:
    """An element being read."""

    name: str
    line: int
    attributes: tuple[tuple[str, str], ...]
    text: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)


class _Refusal(Exception):
    """What a report never holds and we will not read."""


def read_xml(path: Path) -> Node:
    """Read the XML file at `path`.

    Raises:
        Unreadable: it cannot be read, is no well-formed XML, or holds what is refused.
    """
    builder = _Builder()
    try:
        with path.open("rb") as file:
            builder.feed(iter(lambda: file.read(_BLOCK), b""))
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror}); give its path") from None
    except (_Refusal, expat.ExpatError, LookupError, ValueError) as error:
        raise Unreadable(f"{path}, line {builder.line}: {_why(error)}") from None
    return builder.root


def parse_xml(data: bytes, name: str = "report") -> Node:
    """Read XML from `data`; `name` is what errors call it."""
    builder = _Builder()
    try:
        builder.feed(iter((data,)))
    except (_Refusal, expat.ExpatError, LookupError, ValueError) as error:
        raise Unreadable(f"{name}, line {builder.line}: {_why(error)}") from None
    return builder.root


def _why(error: Exception) -> str:
    if isinstance(error, expat.ExpatError):
        words = expat.errors.messages.get(error.code, "unknown")
        return f"not well-formed XML ({words}); export the file anew"
    return str(error)


class _Builder:
    """Builds the tree from the events of the parser."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.CommentHandler = self._comment
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.XmlDeclHandler = self._declaration
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._count = 0

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    @property
    def root(self) -> Node:
        if self._root is None:  # the parser refuses a file without a root before this
            raise Unreadable("no element in the file")
        return self._root

    def feed(self, blocks: Iterator[bytes]) -> None:
        size = 0
        for block in blocks:
            size += len(block)
            if size > MAX_BYTES:
                raise _Refusal(f"more than {MAX_BYTES >> 20} MiB; send it in several reports")
            self._parser.Parse(block, False)  # noqa: FBT003  expat's own interface
        self._parser.Parse(b"", True)  # noqa: FBT003

    def _start(self, name: str, attributes: list[str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH:
            raise _Refusal(f"elements stand in each other more than {MAX_DEPTH} deep")
        if self._count > MAX_ELEMENTS:
            raise _Refusal(f"more than {MAX_ELEMENTS:,} elements; send it in several reports")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise _Refusal(f"an element has more than {MAX_ATTRIBUTES} attributes")
        pairs = tuple(zip(attributes[::2], attributes[1::2], strict=True))
        self._open.append(_Open(name, self.line, pairs))

    def _end(self, _: str) -> None:
        done = self._open.pop()
        text = "".join(done.text)
        if done.children:
            self._stray(done)
            text = ""
        node = Node(
            name=done.name,
            text=text,
            children=tuple(done.children),
            attributes=done.attributes,
            line=done.line,
        )
        if self._open:
            self._add(node)
        else:
            self._root = node

    def _add(self, node: Node) -> None:
        """Put `node` into the element that is open, behind text that says anything."""
        if not self._open:
            return  # a comment outside the report belongs to the file, not to the report
        parent = self._open[-1]
        self._stray(parent)
        parent.children.append(node)

    def _stray(self, parent: _Open) -> None:
        text = "".join(parent.text)
        parent.text.clear()
        if text.strip():
            parent.children.append(Node(name=TEXT, text=text.strip(), line=self.line))

    def _text(self, data: str) -> None:
        if self._open:
            self._open[-1].text.append(data)

    def _comment(self, data: str) -> None:
        self._add(Node(name=COMMENT, text=data, line=self.line))

    def _instruction(self, target: str, data: str) -> None:
        self._add(Node(name=INSTRUCTION, text=f"{target} {data}".strip(), line=self.line))

    def _doctype(self, *_: object) -> None:
        raise _Refusal("it declares a document type, which may define entities; remove that line")

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise _Refusal(f"its encoding is {encoding[:40]}; expected UTF-8, save it so")


def write_xml(root: Node) -> bytes:
    """Write the tree as UTF-8 with two blanks a level.

    Raises:
        Unreadable: a value holds a character that XML cannot carry.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(root, 0, lines.append, root.name)
    return "".join(lines).encode("utf-8")


def _write(node: Node, depth: int, out: Callable[[str], None], path: str) -> None:
    blanks = "  " * depth
    if node.name in _OTHER:
        out(f"{blanks}{_OTHER[node.name](_legal(node.text, path))}\n")
        return
    attributes = "".join(
        f' {name}="{_escaped(_legal(value, path), _IN_ATTRIBUTE)}"'
        for name, value in node.attributes
    )
    if not node.children:
        text = _escaped(_legal(node.text, path), _IN_TEXT)
        end = f">{text}</{node.name}>" if text else "/>"
        out(f"{blanks}<{node.name}{attributes}{end}\n")
        return
    out(f"{blanks}<{node.name}{attributes}>\n")
    for child in node.children:
        _write(child, depth + 1, out, f"{path}/{child.name}")
    out(f"{blanks}</{node.name}>\n")


_IN_TEXT: Mapping[str, str] = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE: Mapping[str, str] = {**_IN_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_OTHER: Mapping[str, Callable[[str], str]] = {
    COMMENT: lambda text: f"<!--{text}-->",
    INSTRUCTION: lambda text: f"<?{text}?>",
    TEXT: lambda text: _escaped(text, _IN_TEXT),
}


def _escaped(text: str, forms: Mapping[str, str]) -> str:
    return "".join(forms.get(char, char) for char in text) if set(text) & set(forms) else text


def _legal(text: str, path: str) -> str:
    found = _NOT_XML.search(text)
    if found:
        raise Unreadable(
            f"{path}: character U+{ord(found[0]):04X} cannot stand in XML; remove it from the value"
        )
    return text
