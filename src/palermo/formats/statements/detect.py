"""Which format a file is in, told from what stands in it, whatever it is called.

Guarantees that a format is read only where its own marks are found; a table that does not explain
itself needs a profile, and the message says so.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.parsers import expat

from palermo.formats.columns import plain
from palermo.formats.statements.camt import read_camt
from palermo.formats.statements.crypto import read_crypto
from palermo.formats.statements.goaml_report import read_goaml
from palermo.formats.statements.layouts import layout_of
from palermo.formats.statements.ofx import read_ofx
from palermo.formats.statements.pacs import read_pacs
from palermo.formats.statements.parts import Pieces, Source
from palermo.formats.statements.profiled import Cells, read_profiled
from palermo.formats.statements.remittance import is_ledger, read_ledger
from palermo.formats.statements.spreadsheet import opened_workbook, workbook_cells
from palermo.formats.statements.swift import read_swift
from palermo.formats.statements.tables import cells, first_titles, header_of, opened
from palermo.formats.statements.xml_records import encoding_of
from palermo.formats.typed_table import SetAside
from palermo.model import Unreadable

_HEAD = 1 << 16
_ISO = re.compile(r"urn:iso:std:iso:20022:tech:xsd:((?:camt\.05[234]|pacs\.008)\.001\.([0-9]{2}))")
_OTHER_ISO = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})")
_VERSIONS = range(1, 14)
_SWIFT = re.compile(rb"(?:^|[\r\n])(?:\{4:[\r\n]+)?:20:[^\r\n]*[\r\n]+(?:.*[\r\n]+){0,4}?:25P?:")
#: A report begins with who reports; no namespace is asked for.
_GOAML = re.compile(rb"<report[\s>][\s\S]{0,4000}<rentity_id[\s>]")
_ENVELOPE = re.compile(rb"^\s*\{1:[A-Z0-9]{1,30}\}")
_PREAMBLE = 100


@dataclass(frozen=True, slots=True)
class Detected:
    """The name of the format, and what reads it."""

    format: str
    read: Callable[[Source], Pieces]


def detect(path: Path, name: str) -> Detected:
    """Tell the format of a file.

    Raises:
        Unreadable: it cannot be opened, is empty, or in none of the formats.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Unreadable(f"{name}: cannot be opened: {why}") from None
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable(f"{name}: the file is empty; there is nothing to read")
    if head.startswith(b"PK\3\4"):
        return Detected("xlsx", read_workbook)
    if head.startswith((b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0", b"PAR1")):
        raise Unreadable(f"{name}: {_closed(head)}")
    text = _narrow(head)
    if b"OFXHEADER" in text[:2048] or re.search(rb"<OFX[\s>]", text):
        return Detected("ofx", read_ofx)
    if text.lstrip().startswith(b"<"):
        return _xml(head, name)
    if _ENVELOPE.match(text) or _SWIFT.search(text):
        return Detected("mt940", read_swift)
    return Detected("table", read_table)


def _closed(head: bytes) -> str:
    """Say what to do with a file that is no statement but may hold one."""
    if head.startswith(b"\x1f\x8b"):
        return "is compressed; unpack it first"
    if head.startswith(b"%PDF"):
        return "is a PDF; ask the bank for the data (camt.053, MT940 or CSV)"
    if head.startswith(b"PAR1"):
        return "is a Parquet table; transactions in that form go straight to `palermo trace`"
    return "is a workbook of the old kind (.xls); save it as .xlsx or CSV"


def _narrow(head: bytes) -> bytes:
    """Return the head as one byte a letter, for looking at only."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1:2] == b"\0" or head[:1] == b"\0":
        return head.replace(b"\0", b"").lstrip(b"\xff\xfe")
    return head.removeprefix(b"\xef\xbb\xbf")


def _xml(head: bytes, name: str) -> Detected:
    spaces = namespaces(head.decode(encoding_of(head, name), "replace").encode())
    for space in spaces:
        found = _ISO.fullmatch(space)
        if found is not None:
            if int(found[2]) not in _VERSIONS:
                raise Unreadable(
                    f"{name}: {found[1]} is a version that is not known here (01 to 13 are)"
                )
            message = found[1][:8]
            read = read_pacs if message == "pacs.008" else read_camt
            return Detected(message, partial(read, message=message, namespace=space))
    for space in spaces:
        if other := _OTHER_ISO.match(space):
            raise Unreadable(
                f"{name}: {other[1]} is not a statement; camt.052, camt.053, camt.054 and pacs.008 "
                "are read"
            )
    if _GOAML.search(_narrow(head)):
        return Detected("goaml", read_goaml)
    raise Unreadable(
        f"{name}: XML, but no goAML report and in none of the namespaces of camt.052, camt.053, "
        "camt.054 or pacs.008"
        f"{'; found ' + spaces[0][:100] if spaces else ''}"
    )


def namespaces(head: bytes) -> list[str]:
    """Return the namespaces at the beginning of a file in UTF-8, outermost first."""
    found: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        space = name.rpartition("}")[0]
        if space and space not in found:
            found.append(space)

    def doctype(*_: object) -> None:
        raise expat.ExpatError

    parser = expat.ParserCreate("utf-8", "}")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    with suppress(expat.ExpatError):
        parser.Parse(head, False)  # noqa: FBT003  expat's own interface
    return found


def read_table(source: Source) -> Pieces:
    """Read a CSV or TSV file: by its profile, or as a layout that is known.

    Raises:
        Unreadable: it has no header, or needs a profile and has none.
    """
    with opened(source) as buffer:
        if source.profile is not None:
            names = [name for some in source.profile.columns.values() for name in some]
            header = header_of(buffer, names, source.profile.delimiter)
            below = cells(buffer, header)
            yield from read_profiled(source, source.profile, header.names, below, form="csv")
            return
        wanted = next((titles for titles in first_titles(buffer) if _known(titles)), None)
        header = header_of(buffer, wanted or (), None)
        yield from _laid_out(source, header.names, cells(buffer, header))


def read_workbook(source: Source) -> Pieces:
    """Read a sheet of a workbook: by its profile, or as a layout that is known.

    Raises:
        Unreadable: it is damaged, has no header, or needs a profile and has none.
    """
    profile = source.profile
    with opened_workbook(source) as archive:
        rows = workbook_cells(archive, source, profile.sheet if profile else None)
        above: list[tuple[int, Sequence[str | None]]] = []
        aside: list[SetAside] = []
        for item in rows:
            if isinstance(item, SetAside):
                aside.append(item)
                continue
            titles = [value or "" for value in item[1]]
            if _is_header(source, titles):
                yield from aside
                below = _even(rows, len(titles))
                if profile is not None:
                    yield from read_profiled(source, profile, titles, below, form="xlsx")
                else:
                    yield from _laid_out(source, titles, below)
                return
            above.append(item)
            if len(above) >= _PREAMBLE:
                break
        first = next((row for _, row in above if any(row)), ())
        raise Unreadable(_no_header(source, [value or "" for value in first]))


def _is_header(source: Source, titles: Sequence[str]) -> bool:
    if source.profile is None:
        return _known(titles)
    have = {plain(title) for title in titles}
    return all(plain(name) in have for some in source.profile.columns.values() for name in some)


def _known(titles: Sequence[str]) -> bool:
    return layout_of(titles) is not None or is_ledger(titles)


def _even(rows: Cells, width: int) -> Cells:
    """Fill rows of a sheet up to the width of its header."""
    for item in rows:
        if isinstance(item, SetAside):
            yield item
        else:
            number, values = item
            yield number, [*values, *([None] * (width - len(values)))]


def _laid_out(source: Source, header: Sequence[str], below: Cells) -> Pieces:
    layout = layout_of(header)
    if layout is not None:
        yield from read_crypto(source, layout, header, below)
    elif is_ledger(header):
        yield from read_ledger(source, header, below)
    else:
        raise Unreadable(_no_header(source, header))


def _no_header(source: Source, header: Sequence[str]) -> str:
    listed = ", ".join(title for title in header if title)[:300]
    if source.profile is not None:
        return f"{source.name}: no line has the columns of profile {source.profile.name}"
    return (
        f"{source.name}: a table that does not explain itself; say what its columns are with "
        f"--profile (found {listed or 'none'})"
    )
