"""Reads the header of a mail as far as it can be read; no header makes a mail unreadable.

Encoded words are decoded. Bytes beyond ASCII that stand in a header undecoded, which they should
not, are read as UTF-8, else as Windows-1252, and said so. Headers are taken from the message as
they stand there and not through `policy.default`, which replaces such bytes, raises on some broken
headers, and takes long for hostile ones.
"""

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from palermo.formats.lines import read_text
from palermo.formats.material.found import Value
from palermo.formats.material.plain_values import VALUE_CHARACTERS, cut
from palermo.formats.material.wall_clock import NO_ZONE

_FOLD = re.compile(r"\r?\n[ \t]*")
_UTC_OF_UNKNOWN_PLACE = re.compile(r"-0000\s*(?:\(.*\))?\s*$")
#: Headers kept in `extra` under their own names, in lower case; those that repeat, line by line.
KEPT = (
    "from", "sender", "reply-to", "to", "cc", "bcc", "date", "message-id", "in-reply-to",
    "references", "return-path", "delivered-to", "x-originating-ip", "x-mailer", "user-agent",
    "resent-from", "resent-to", "resent-date", "list-id", "received", "authentication-results",
    "content-language", "x-gmail-labels",
)  # fmt: skip
_MOST_RECEIVED = 60


def header(message: Message, name: str) -> str | None:
    """Return the first header called `name` as text; None if there is none or it is blank."""
    return next(iter(headers(message, name)), None)


def headers(message: Message, name: str) -> list[str]:
    """Return all headers called `name` that are not blank, as text, in order."""
    raw = (str(value) for key, value in message.raw_items() if key.lower() == name)
    return [text for value in raw if (text := decoded_header(value))]


def decoded_header(raw: str) -> str:
    """Unfold and decode the value of a header.

    >>> decoded_header("=?utf-8?q?caf=C3=A9?= today")
    'café today'
    """
    plain = _FOLD.sub(" ", read_text(_bytes_of(raw)).text).strip()
    if "=?" not in plain or len(plain) > VALUE_CHARACTERS:
        return plain
    try:
        pieces = decode_header(plain)
    except (HeaderParseError, ValueError, IndexError):  # base64 that is none
        return plain
    return "".join(_piece(piece, charset) for piece, charset in pieces)


def _piece(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    if charset is None:
        return piece.decode("raw-unicode-escape", "replace")
    try:
        return piece.decode(charset)
    except (LookupError, ValueError):
        return read_text(piece).text


def _bytes_of(raw: str) -> bytes:
    return raw.encode("utf-8", "surrogateescape")


def has_raw_bytes(message: Message) -> bool:
    """Tell whether some header holds bytes that should have been encoded."""
    return any(not str(value).isascii() for _, value in message.raw_items())


def addresses(message: Message, name: str) -> list[str]:
    """Return the addresses in all headers called `name`, without the names of people."""
    raw = [decoded_header(str(value)) for key, value in message.raw_items() if key.lower() == name]
    try:
        pairs = getaddresses([cut(value, VALUE_CHARACTERS) for value in raw])
    except (ValueError, IndexError, TypeError):
        return []
    return [address for _, address in pairs if address]


def sender(message: Message) -> str | None:
    """Return the address in From; what stands there if it holds none; else that in Sender."""
    for name in ("from", "sender"):
        if found := addresses(message, name):
            return found[0].lower()
        if stated := header(message, name):
            return cut(stated, 500)
    return None


def sent_at(message: Message) -> tuple[datetime | None, str | None]:
    """Return the time in Date, which is the sender's statement, and what it leaves open."""
    stated = header(message, "date")
    if stated is None:
        return None, "no date in the header"
    try:
        at = parsedate_to_datetime(stated)
        at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, "the date in the header cannot be read"
    if at.tzinfo is not None:
        return at, None
    if _UTC_OF_UNKNOWN_PLACE.search(stated):  # RFC 5322, 3.3
        return at.replace(tzinfo=UTC), "zone of the sender not stated"
    return at, NO_ZONE


def facts(message: Message) -> dict[str, Value]:
    """Return the headers worth keeping, by name in lower case; repeated ones line by line."""
    result: dict[str, Value] = {}
    for name in KEPT:
        if found := headers(message, name):
            result[name] = cut("\n".join(found[:_MOST_RECEIVED]))
    for name in ("to", "cc", "bcc"):
        if found := addresses(message, name):
            result[f"{name}_addresses"] = cut("\n".join(address.lower() for address in found))
    if has_raw_bytes(message):
        result["header_bytes"] = "undecoded bytes, read as UTF-8 or Windows-1252"
    return result
