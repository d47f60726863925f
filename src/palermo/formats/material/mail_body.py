"""Finds the words of a mail, and the files it carries.

The text is that of the plain parts; of the HTML parts where there is no plain one. A character set
that cannot be what the bytes are is not believed, and `extra` says so.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message

from palermo.formats.lines import read_text
from palermo.formats.material.charset import decoded
from palermo.formats.material.found import Value
from palermo.formats.material.html_text import page_text
from palermo.formats.material.mail_headers import decoded_header

#: Deeper parts in parts are no mail but an attack on whoever reads it.
_DEEPEST = 50
_SINGLE_BYTE = ("cp", "iso8859", "koi8", "mac")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is no text of the mail: its number in the mail, such as `2.1`, and the part."""

    number: str
    part: Message


@dataclass(slots=True)
class Body:
    """The words of a mail, its attached files, and mails within it."""

    text: str = ""
    files: list[Part] = field(default_factory=list)
    mails: list[Part] = field(default_factory=list)
    facts: dict[str, Value] = field(default_factory=dict)


def body_of(message: Message) -> Body:
    """Take a mail apart."""
    body = Body()
    plain: list[str] = []
    pages: list[str] = []
    for number, part in _leaves(message, "", 0):
        kind = content_type(part)
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            body.mails.append(Part(number, part))
        elif _is_file(part, kind):
            body.files.append(Part(number, part))
        elif kind == "text/html":
            pages.append(_text_of(part, kind, body.facts))
        else:
            plain.append(_text_of(part, kind, body.facts))
    _words(body, plain, pages)
    return body


def _words(body: Body, plain: list[str], pages: list[str]) -> None:
    body.text = "\n\n".join(text.strip("\r\n") for text in plain if text.strip())
    if not pages:
        return
    shown = [page_text(page) for page in pages]
    if body.text:
        # It should say the same; whether it does, the exhibit shows.
        body.facts["other_version"] = f"text/html, {sum(map(len, pages))} characters"
    else:
        body.text = "\n\n".join(page.visible for page in shown if page.visible)
        body.facts["text_from"] = "text/html"
    body.facts["html_hidden"] = "\n".join(page.hidden for page in shown if page.hidden) or None
    links = [link for page in shown for link in page.contacts]
    body.facts["html_contacts"] = "\n".join(links) or None


def _leaves(part: Message, number: str, depth: int) -> list[tuple[str, Message]]:
    """Return the parts that hold no others; a mail within the mail is one of them."""
    payload = part.get_payload()
    if not isinstance(payload, list) or content_type(part) == "message/rfc822":
        return [(number or "1", part)]
    if depth >= _DEEPEST:
        return [(number, part)]
    result = []
    for index, inner in enumerate(payload, start=1):
        if isinstance(inner, Message):
            place = f"{number}.{index}" if number else str(index)
            result += _leaves(inner, place, depth + 1)
    return result


def content_type(part: Message) -> str:
    """Return the media type of a part, lower case; `text/plain` where it states none."""
    try:
        return part.get_content_type()
    except (ValueError, LookupError, TypeError, AttributeError):
        return "text/plain"


def file_name(part: Message) -> str | None:
    """Return the name a part gives its file; never to be used as a name on disk."""
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    text = decoded_header(name) if isinstance(name, str) else ""
    return text[:500] or None


def content(part: Message) -> bytes:
    """Return what a part holds, its transfer encoding undone as far as that goes."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        data = None
    if isinstance(data, bytes):
        return data
    payload = part.get_payload()
    # Parts nested too deeply, and mails within that are none: as they stand, as far as they can be.
    inner = payload if isinstance(payload, list) else [payload]
    return "\n".join(map(str, inner)).encode("utf-8", "surrogateescape")


def _is_file(part: Message, kind: str) -> bool:
    stated = part.get("content-disposition")
    if stated is not None and str(stated).strip().lower().startswith("attachment"):
        return True
    if kind not in {"text/plain", "text/html"}:
        # A part that should hold parts and holds words was cut off or never closed.
        words = kind.startswith(("text/", "multipart/"))
        return not words or file_name(part) is not None
    return file_name(part) is not None


def _text_of(part: Message, kind: str, facts: dict[str, Value]) -> str:
    data = content(part)
    stated = _charset(part)
    if stated is None and kind != "text/html":
        line = read_text(data)
        if "encoding" in line.problems:
            facts["charset"] = "none stated; read as UTF-8 with Windows-1252"
        return line.text.replace("\r\n", "\n")
    sent_as = f"{kind}; charset={stated}" if stated else kind
    result = decoded(data, sent_as, markup=kind == "text/html")
    text, note = result.text, result.note
    if result.codec.startswith(_SINGLE_BYTE) and not data.isascii():
        with suppress(UnicodeDecodeError):
            # Every byte is a character there, so only that the bytes are UTF-8 shows the lie.
            text, note = data.decode("utf-8"), f"{stated or 'none'} stated; it is UTF-8"
    elif "\ufffd" in text and note:
        text, note = read_text(data).text, f"{stated} stated; read as UTF-8 with Windows-1252"
    if note:
        facts["charset"] = note
    return text.replace("\r\n", "\n")


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
