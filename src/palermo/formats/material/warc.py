"""Web archives: WARC files (ISO 28500, versions 1.0 and 1.1), plain or packed with gzip.

Guarantees that every record is an item or counted. Answers with words become pages, other answers
files, repeated visits to pages pages that say so; requests, metadata and what else there is are
counted, with the place of the first of each, in one item for the archive. Digests that do not hold
are said in the item and once more for the whole file; the content is read all the same.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.warc_item import answer, revisit
from palermo.formats.material.warc_records import Damage, WarcRecord, warc_records
from palermo.formats.material.warc_stream import GZIP_MAGIC, RECORD_MAGIC
from palermo.model import Unreadable

_ANSWERS = frozenset({"response", "resource", "conversion"})
_DESCRIPTION_CHARACTERS = 4_000
#: So many false digests are shown one by one; all are counted.
_FALSE_SHOWN = 20

#: Lets who reads the package around an archive add what it knows of a page.
Knows = Callable[[Found], Found]


@dataclass(slots=True)
class _Archive:
    """What was seen of an archive as a whole."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    described: dict[str, Value] = field(default_factory=dict)
    software: str | None = None
    false: list[str] = field(default_factory=list)

    def count(self, record: WarcRecord) -> str:
        kind = record.fields.get("warc-type", "of no type").lower()[:40]
        self.counts[kind] += 1
        self.first.setdefault(kind, record.place)
        if kind == "warcinfo":
            self._describe(record.block)
        return kind

    def summary(self) -> Found:
        parts = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
        extra: dict[str, Value] = {f"first {kind}": place for kind, place in self.first.items()}
        extra |= {f"{kind} records": count for kind, count in self.counts.items()}
        return Found(
            kind=Kind.FILE,
            text=f"[web archive: {parts or 'no'} records]",
            within="whole archive",
            extra=extra | self.described,
        )

    def _describe(self, block: IO[bytes]) -> None:
        block.seek(0)
        text = block.read(_DESCRIPTION_CHARACTERS).decode("utf-8", "replace")
        for line in text.splitlines():
            name, colon, value = line.partition(":")
            if colon and value.strip():
                self.described.setdefault(f"warcinfo {name.strip()}", value.strip())
                if name.strip().lower() == "software":
                    self.software = value.strip()


def read_warc(source: Source, knows: Knows | None = None) -> Records:
    """Read the pages and files of a web archive.

    Args:
        source: the archive.
        knows: is asked about every page that was found.

    Raises:
        Unreadable: when there is no record that can be read.
    """
    archive = _Archive()
    last: Damage | None = None
    for record in warc_records(source.path):
        if isinstance(record, WarcRecord):
            for found in _of(record, source, archive):
                if knows and isinstance(found, Found) and found.kind is Kind.PAGE:
                    yield knows(found)
                else:
                    yield found
        elif record.last:
            last = record
        else:
            yield Trouble(within=record.place, detail=record.detail, raw=record.shown)
    if not archive.counts:
        why = f"{last.place}: {last.detail}" if last else "it is empty"
        raise Unreadable(f"{source.name}: not a readable web archive (WARC): {why}; fetch it again")
    if archive.false:
        shown = "; ".join(archive.false[:_FALSE_SHOWN])
        more = len(archive.false) - _FALSE_SHOWN
        shown += f"; and {more} more" if more > 0 else ""
        yield Trouble(
            within="whole archive",
            reason="does_not_hold",
            detail=f"{len(archive.false)} digests do not hold; {shown}",
        )
    yield archive.summary()
    if last is not None:
        yield Trouble(within=last.place, detail=last.detail, reason="damaged_file", raw=last.shown)


def _of(record: WarcRecord, source: Source, archive: _Archive) -> Iterator[Found | Trouble]:
    kind = archive.count(record)
    if kind in _ANSWERS:
        yield from answer(record, source, archive.software, archive.false)
    elif kind == "revisit":
        again = revisit(record, archive.software)
        if again is not None:
            yield again


def _is_warc(source: Source) -> bool:
    if source.head.startswith(RECORD_MAGIC) or source.ends(".warc", ".warc.gz"):
        return True
    if not source.head.startswith(GZIP_MAGIC):
        return False
    try:
        start = zlib.decompressobj(31).decompress(source.head, len(RECORD_MAGIC))
    except zlib.error:
        return False
    return start == RECORD_MAGIC


WARC = Reader(
    name="web archive (WARC)", media="application/warc", recognises=_is_warc, read=read_warc
)
