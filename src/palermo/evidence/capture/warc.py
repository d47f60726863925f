"""WARC 1.1 (ISO 28500:2017): what was asked and answered, record by record.

Guarantees SHA-256 digests on every record, each record a gzip member of its own, and bytes that
depend on the exchanges and the record ids alone. Where the way of capture saw the bytes as they
came, they are written as they came. A browser hands over bodies after content coding and HTTP/2
without a start line; then the head says so, in fields beginning with `X-Palermo-Original-`.
"""

import base64
import gzip
import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from palermo.evidence.capture.exchange import Exchange, Headers

MEDIA_TYPE = "application/warc"
_CRLF = "\r\n"
#: Response headers that describe the bytes on the wire, not those in the record.
_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """Where a response lies in the WARC, for the index."""

    url: str
    method: str
    at: datetime
    media_type: str
    status: int
    digest: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warc:
    """A finished WARC file and the places of its responses."""

    data: bytes
    index: tuple[Indexed, ...]


def _new_id() -> str:
    return str(uuid.uuid4())


def write_warc(
    exchanges: Sequence[Exchange],
    *,
    began: datetime,
    software: str,
    about: Sequence[tuple[str, str]] = (),
    new_id: Callable[[], str] = _new_id,
) -> Warc:
    """Write every exchange that has a response, and the bare request of those that have none.

    `began` is the timezone-aware moment from which the exchanges count; `about` goes into the
    warcinfo record.
    """
    file = _File(new_id)
    fields = [("software", software), ("format", "WARC File Format 1.1"), *about]
    info = "".join(f"{key}: {_line(value)}{_CRLF}" for key, value in fields).encode()
    file.add("warcinfo", began, info, {"Content-Type": "application/warc-fields"})
    index = []
    for one in exchanges:
        at = began + timedelta(seconds=one.began)
        if not one.status:
            file.add("request", at, _request(one), _request_fields(one))
            continue
        block, payload = _response(one)
        fields_ = {"WARC-Target-URI": one.url, "Content-Type": "application/http;msgtype=response"}
        if one.address:
            fields_["WARC-IP-Address"] = one.address
        if one.truncated:
            fields_["WARC-Truncated"] = one.truncated
        fields_["WARC-Payload-Digest"] = digest = _digest(payload)
        name, offset, length = file.add("response", at, block, fields_)
        file.add("request", at, _request(one), _request_fields(one) | {"WARC-Concurrent-To": name})
        index.append(
            Indexed(
                url=one.url,
                method=one.method,
                at=at,
                media_type=one.header("content-type").partition(";")[0].strip().lower(),
                status=one.status,
                digest=digest,
                offset=offset,
                length=length,
            )
        )
    return Warc(data=file.data(), index=tuple(index))


class _File:
    """Records, one after the other."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._parts: list[bytes] = []
        self._size = 0

    def add(
        self, kind: str, at: datetime, block: bytes, fields: dict[str, str]
    ) -> tuple[str, int, int]:
        """Append a record; return its id, where it begins and how long it is."""
        name = f"<urn:uuid:{self._new_id()}>"
        head = {
            "WARC-Type": kind,
            "WARC-Record-ID": name,
            "WARC-Date": _date(at),
            **fields,
            "WARC-Block-Digest": _digest(block),
            "Content-Length": str(len(block)),
        }
        text = "WARC/1.1\r\n" + "".join(f"{key}: {_line(value)}\r\n" for key, value in head.items())
        record = gzip.compress(text.encode() + b"\r\n" + block + b"\r\n\r\n", mtime=0)
        offset = self._size
        self._parts.append(record)
        self._size += len(record)
        return name, offset, len(record)

    def data(self) -> bytes:
        return b"".join(self._parts)


def _date(at: datetime) -> str:
    """Write a moment as WARC 1.1 wants it: UTC, to the microsecond."""
    if at.utcoffset() != timedelta(0):
        at = (at - (at.utcoffset() or timedelta(0))).replace(tzinfo=None)
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _digest(data: bytes) -> str:
    return "sha256:" + base64.b32encode(hashlib.sha256(data).digest()).decode()


def _line(text: str) -> str:
    """Keep a stranger's text from ending its line."""
    return "".join(
        character if character.isprintable() else f"%{ord(character):02X}" for character in text
    )


def _request_fields(one: Exchange) -> dict[str, str]:
    fields = {"WARC-Target-URI": one.url, "Content-Type": "application/http;msgtype=request"}
    if one.address:
        fields["WARC-IP-Address"] = one.address
    return fields | {"WARC-Payload-Digest": _digest(one.request_body)}


def _request(one: Exchange) -> bytes:
    rest = one.url.split("/", 3)
    path = "/" + (rest[3] if len(rest) > 3 else "")
    path = path.partition("#")[0]
    # A request over HTTP/2 has pseudo-headers in place of a start line.
    headers = [(key, value) for key, value in one.request_headers if not key.startswith(":")]
    if not any(key.lower() == "host" for key, _ in headers):
        host = (rest[2] if len(rest) > 2 else "").partition("?")[0].partition("#")[0]
        headers.insert(0, ("Host", host))
    return _message(f"{one.method} {path} HTTP/1.1", tuple(headers)) + one.request_body


def _response(one: Exchange) -> tuple[bytes, bytes]:
    """Return the block and the payload, which is the body as the block carries it."""
    if one.raw:
        return one.raw, one.raw.partition(b"\r\n\r\n")[2]
    headers: list[tuple[str, str]] = []
    for key, value in one.response_headers:
        if key.startswith(":"):
            continue
        changed = key.lower() in _OF_THE_WIRE and not (
            key.lower() == "content-length" and value.strip() == str(len(one.body))
        )
        headers.append((f"X-Palermo-Original-{key}" if changed else key, value))
    if not any(key.lower() == "content-length" for key, _ in headers):
        headers.append(("Content-Length", str(len(one.body))))
    if one.protocol != "http/1.1":
        headers.append(("X-Palermo-Original-Protocol", one.protocol))
    start = f"HTTP/1.1 {one.status} {one.reason}".rstrip()
    return _message(start, tuple(headers)) + one.body, one.body


def _message(start: str, headers: Headers) -> bytes:
    lines = [start, *(f"{key}: {value}" for key, value in headers)]
    # Bytes beyond ASCII came in as Latin-1 and go out so; others have no place in a head.
    return "".join(f"{_one_line(line)}{_CRLF}" for line in lines).encode("latin-1", "replace") + (
        _CRLF.encode()
    )


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ")
