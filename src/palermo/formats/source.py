"""Opens an input file and hands out its bytes as UTF-8, in pieces, never the whole of it.

UTF-8 passes unchanged (a byte order mark is taken off); UTF-16 and UTF-32 are recognised by their
mark and translated. Bytes that are not UTF-8 pass too: the line reader deals with them. A file that
is missing, a folder, closed to us or of an unknown kind is `Unreadable` before anything is read.
"""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from palermo.formats.notes import Note
from palermo.model import Unreadable

CHUNK = 1 << 20

#: A compressed file may grow to this many times its size, or to this many bytes if that is more.
GZIP_RATIO, GZIP_FREE = 200, 100_000_000


class Form(NamedTuple):
    """What the ending of a file name says: `kind` is the reader, `media` the media type."""

    kind: str
    media: str
    compressed: bool = False


_PLAIN = {
    ".csv": Form("csv", "text/csv"),
    ".tsv": Form("tsv", "text/tab-separated-values"),
    ".jsonl": Form("jsonl", "application/jsonl"),
    ".ndjson": Form("jsonl", "application/x-ndjson"),
    ".json": Form("json", "application/json"),
    ".parquet": Form("parquet", "application/vnd.apache.parquet"),
}
FORMS = _PLAIN | {
    f"{ending}.gz": Form(form.kind, "application/gzip", compressed=True)
    for ending, form in _PLAIN.items()
    if form.kind != "parquet"
}

_MARKS = (  # longest first: the mark of UTF-32 LE begins with that of UTF-16 LE
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, ""),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def form_of(path: Path) -> Form:
    """Return what the ending of `path` says; `Unreadable` for endings Palermo does not know."""
    endings = [suffix.lower() for suffix in path.suffixes[-2:]]
    for ending in ("".join(endings), *endings[-1:]):
        if ending in FORMS:
            return FORMS[ending]
    raise Unreadable(
        f"{path}: this kind of file cannot be read; rename or convert it to one of "
        f"{', '.join(FORMS)}"
    )


def checked(path: Path, name: str | None = None) -> Form:
    """Return the form of `path` after making sure that it is a file that can be opened.

    The ending of `name` counts when it is given: a sealed copy has no ending of its own.
    """
    try:
        if not path.exists():
            raise Unreadable(f"{path}: there is no such file; check the name")
        if not path.is_file():
            raise Unreadable(f"{path}: this is not a file; name a file, not a folder or a device")
        form = form_of(Path(name) if name else path)
        with path.open("rb"):
            return form
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: cannot be opened: {_why(error)}") from error


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class Buffer:
    """The unread part of a file: `data` begins at the next byte that nobody has taken yet.

    `name` is the file's in messages; `encoding` its character set, where somebody said so; `notes`
    holds what was wrong with the file as a whole, and `broken` why it ends too early, if it does.
    Use as a context manager.
    """

    def __init__(
        self, path: Path, name: str, *, compressed: bool = False, encoding: str | None = None
    ) -> None:
        self.name = name
        self.data = b""
        self.ended = False
        self.notes: list[Note] = []
        self._file = path.open("rb")
        self.broken: str | None = None
        self.tail = b""  # of a broken file: the line it breaks off in
        self._trimmed = False
        raw = self._unpacked(path.stat().st_size) if compressed else _plain(self._file)
        self._pieces = (
            _translated(b"", raw, encoding, self.notes) if encoding else _as_utf8(raw, self.notes)
        )

    def __enter__(self) -> "Buffer":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def fill(self, size: int) -> None:
        """Read on until `data` has at least `size` bytes, or the file has ended."""
        pieces, have = [self.data], len(self.data)
        while have < size and not self.ended:
            try:
                piece = next(self._pieces, None)
            except OSError as error:
                raise Unreadable(f"{self.name}: cannot be read on: {_why(error)}") from error
            if piece is None:
                self.ended = True
            else:
                pieces.append(piece)
                have += len(piece)
        self.data = b"".join(pieces)
        if self.ended and self.broken is not None and not self._trimmed:
            self._trimmed = True
            self.tail = self.data[self.data.rfind(b"\n") + 1 :]
            self.data = self.data[: len(self.data) - len(self.tail)]

    def take(self, size: int) -> None:
        """Mark the first `size` bytes as read."""
        self.data = self.data[size:]

    def _unpacked(self, packed: int) -> Iterator[bytes]:
        """Unpack, stopping where the file is damaged and refusing what grows beyond all measure."""
        limit = max(GZIP_FREE, GZIP_RATIO * packed)
        total = 0
        with gzip.GzipFile(fileobj=self._file) as unpacked:
            while True:
                try:
                    piece = unpacked.read1(CHUNK)
                except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                    if not total:
                        raise Unreadable(
                            f"{self.name}: not a readable gzip file ({error}); unpack it by hand "
                            "or fetch it again"
                        ) from error
                    self.broken = f"the gzip file breaks off after {total} bytes: {error}"
                    return
                if not piece:
                    return
                total += len(piece)
                if total > limit:
                    raise Unreadable(
                        f"{self.name}: unpacks to more than {limit} bytes, {GZIP_RATIO} times its "
                        "size; unpack it by hand if it is what it should be"
                    )
                yield piece


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _as_utf8(pieces: Iterator[bytes], notes: list[Note]) -> Iterator[bytes]:
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= 4:
            break
    encoding = ""
    for mark, name in _MARKS:
        if first.startswith(mark):
            first, encoding = first[len(mark) :], name
            break
    else:
        encoding = _unmarked(first, notes)
    if not encoding:
        if first:
            yield first
        yield from pieces
        return
    yield from _translated(first, pieces, encoding, notes)


def _unmarked(first: bytes, notes: list[Note]) -> str:
    """Recognise UTF-16 without a mark: in a header of Latin letters every second byte is NUL."""
    header = first[: first.find(b"\n") if b"\n" in first else 1000]
    pairs = len(header) // 2
    for name, high, low in (
        ("utf-16-le", header[1::2], header[0::2]),
        ("utf-16-be", header[0::2], header[1::2]),
    ):
        if pairs >= 3 and high.count(0) >= 0.9 * pairs and not low.count(0):
            notes.append(Note(0, "encoding", f"the file has no mark but looks like {name}"))
            return name
    return ""


def _translated(
    first: bytes, rest: Iterator[bytes], encoding: str, notes: list[Note]
) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    strict = codecs.getincrementaldecoder(encoding)("strict")
    damaged = False

    def decoded(piece: bytes, *, final: bool) -> bytes:
        nonlocal damaged
        if not damaged:
            try:
                strict.decode(piece, final)
            except UnicodeDecodeError:
                damaged = True
                notes.append(Note(0, "encoding", f"what is not {encoding} was replaced by U+FFFD"))
        return decoder.decode(piece, final).encode("utf-8", "replace")

    yield decoded(first, final=False)
    for piece in rest:
        yield decoded(piece, final=False)
    yield decoded(b"", final=True)
