"""What a web server sent: the head of its answer, and the body freed of its encodings.

Guarantees that a body is handed over whatever its encodings are worth: where one is damaged, or
stated but not there, what can be had is kept and a note says so. Decoding stops, with a note, where
a body grows beyond all measure. Memory stays bounded; bodies rest in private temporary files.
"""

import re
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import brotli

from palermo.formats.source import GZIP_FREE, GZIP_RATIO

_PIECE = 1 << 16
_IN_MEMORY = 1 << 23
_MOST_HEADERS = 1 << 18
_STATUS = re.compile(rb"HTTP/[0-9.]{1,4}[ \t]+([0-9]{3})")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an answer: its status, its fields (names in small letters), where it ends."""

    status: int | None
    fields: Mapping[str, str]
    size: int


@dataclass(frozen=True, slots=True)
class Body:
    """A body after one step of decoding. `note` says what went wrong in that step."""

    file: IO[bytes]
    step: str
    note: str | None = None


class _Damaged(Exception):
    """The encoding is damaged here; what was decoded before is kept."""


def head_of(block: IO[bytes]) -> Head | None:
    """Read the head of an HTTP answer at the start of `block`; None if there is none."""
    block.seek(0)
    status = _STATUS.match(block.readline(_MOST_HEADERS))
    if status is None:
        return None
    fields: dict[str, str] = {}
    name = ""
    while block.tell() < _MOST_HEADERS and (line := block.readline(_MOST_HEADERS)):
        text = line.decode("latin-1").rstrip("\r\n")
        if not text:
            break
        if text[0] in " \t" and name:
            fields[name] += " " + text.strip()
            continue
        head, _, value = text.partition(":")
        name = head.strip().lower()
        fields[name] = f"{fields[name]}, {value.strip()}" if name in fields else value.strip()
    return Head(int(status[1]), fields, block.tell())


def bodies(block: IO[bytes], head: Head | None) -> list[Body]:
    """Return the body as stored and after each step of decoding; the last is the content.

    The files are open until they are closed with `close_all`; the first is `block` itself.
    """
    start = 0 if head is None else head.size
    made = [Body(block, "as stored")]
    if head is None:
        return made
    if "chunked" in head.fields.get("transfer-encoding", "").lower():
        made.append(_step(made[-1].file, start, "chunked", _dechunked, "after transfer decoding"))
        start = 0
    stated = head.fields.get("content-encoding", "").lower()
    for encoding in reversed([part.strip() for part in stated.split(",")]):
        if encoding in {"", "identity"}:
            continue
        decode = _DECODERS.get(encoding)
        if decode is None:
            note = f"the content encoding {encoding[:40]!r} is not one that can be undone here"
            made.append(Body(_copy(made[-1].file, start), "after content decoding", note))
            return made
        made.append(_step(made[-1].file, start, encoding, decode, "after content decoding"))
        start = 0
    return made


def close_all(made: list[Body]) -> None:
    """Close what `bodies` opened."""
    for body in made[1:]:
        body.file.close()


def _step(
    file: IO[bytes],
    start: int,
    name: str,
    decode: Callable[[IO[bytes]], Iterator[bytes]],
    step: str,
) -> Body:
    size = file.seek(0, 2) - start
    limit = max(GZIP_FREE, GZIP_RATIO * size)
    file.seek(start)
    out: Any = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  (close_all)
    note = None
    try:
        for piece in decode(file):
            out.write(piece)
            if out.tell() > limit:
                note = f"decoding {name} was stopped: it grows to more than {limit} bytes"
                break
    except _Damaged as error:
        if out.tell() or not size:
            note = f"the {name} encoding is damaged after {out.tell()} bytes: {error}"
        else:
            out.close()
            out = _copy(file, start)
            note = f"stated as {name} but not so encoded; taken as it stands"
    out.seek(0)
    return Body(out, step, note)


def _copy(file: IO[bytes], start: int) -> Any:
    out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  (close_all)
    file.seek(start)
    while piece := file.read(_PIECE):
        out.write(piece)
    out.seek(0)
    return out


def _dechunked(file: IO[bytes]) -> Iterator[bytes]:
    while True:
        line = file.readline(4096)
        stated = line.split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", stated):
            raise _Damaged("a chunk has no readable length")
        left = int(stated, 16)
        if not left:
            return
        while left:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise _Damaged("a chunk breaks off")
            left -= len(piece)
            yield piece
        if file.readline(2) not in {b"\r\n", b"\n"}:
            raise _Damaged("a chunk does not end where its length says")


def _inflated(bits: int) -> Callable[[IO[bytes]], Iterator[bytes]]:
    def decode(file: IO[bytes]) -> Iterator[bytes]:
        inflater = zlib.decompressobj(bits)
        try:
            while raw := inflater.unconsumed_tail or file.read(_PIECE):
                if piece := inflater.decompress(raw, _PIECE):
                    yield piece
                if not inflater.eof:
                    continue
                if inflater.unused_data[:2] != b"\x1f\x8b":
                    return
                # The members of one gzip file follow each other.
                file.seek(-len(inflater.unused_data), 1)
                inflater = zlib.decompressobj(bits)
            yield inflater.flush()  # without a checksum behind it, the last bytes may still be in
        except zlib.error as error:
            raise _Damaged(str(error)) from error
        if not inflater.eof:
            raise _Damaged("it breaks off")

    return decode


def _deflated(file: IO[bytes]) -> Iterator[bytes]:
    """Undo `deflate`, which some servers send with and some without the header of zlib."""
    start = file.tell()
    first = file.read(2)
    file.seek(start)
    wrapped = len(first) == 2 and first[0] & 0x0F == 8 and int.from_bytes(first, "big") % 31 == 0
    yield from _inflated(15 if wrapped else -15)(file)


def _unbrotlied(file: IO[bytes]) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    try:
        while not decoder.is_finished():
            raw = file.read(_PIECE) if decoder.can_accept_more_data() else b""
            piece = decoder.process(raw, output_buffer_limit=_PIECE)
            if piece:
                yield piece
            elif not raw:
                raise _Damaged("it breaks off")
    except brotli.error as error:
        raise _Damaged(str(error)) from error


_DECODERS = {
    "gzip": _inflated(31),
    "x-gzip": _inflated(31),
    "deflate": _deflated,
    "br": _unbrotlied,
}
