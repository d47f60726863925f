"""Reads mail: single messages (EML) and mailboxes (MBOX), with what is attached to them.

The text of a mail is its subject, a blank line and its words. `account` is the address in From and
the time is that in Date: both are what the sender says, the Received chain in `extra` is what
servers add, latest first. Mails within mails are mails; attached files are items of kind `file`,
and what a reader knows of them is read.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

from palermo.formats.material.file_item import file_found, read_inside, unpacked, with_extra
from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.mail_body import Part, body_of, content, content_type, file_name
from palermo.formats.material.mail_headers import facts, header, sender, sent_at
from palermo.formats.material.mbox import MESSAGE_BYTES, START, letters
from palermo.formats.material.plain_values import TEXT_CHARACTERS, cut
from palermo.formats.source import CHUNK
from palermo.model import Unreadable

_DEEPEST = 8
_FIELD = re.compile(rb"([!-9;-~]+):[ \t]?[^\r\n]*(?:\r?\n|$)(?:[ \t][^\r\n]*(?:\r?\n|$))*")
_KNOWN = {
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"received", b"return-path",
    b"mime-version", b"delivered-to", b"content-type", b"reply-to", b"sender",
    b"dkim-signature", b"x-received", b"in-reply-to", b"references",
}  # fmt: skip
#: A header that only mail has; other texts begin with lines like `From:` too.
_ONLY_MAIL = {b"message-id", b"received", b"return-path", b"mime-version", b"delivered-to"}
_MAIL_ENDINGS = (".eml", ".mbox", ".mbx", ".mboxrd")
_PAGE_ENDINGS = (".mht", ".mhtml")


def _header_names(head: bytes) -> set[bytes]:
    """Return the known header fields at the beginning of `head`."""
    place = len(head) - len(head.lstrip(b"\xef\xbb\xbf\r\n"))
    names: set[bytes] = set()
    while found := _FIELD.match(head, place):
        names.add(found[1].lower())
        place = found.end()
    return names & _KNOWN


def _is_mailbox(source: Source) -> bool:
    start = START.match(source.head)
    if start is None:
        return source.ends(*_MAIL_ENDINGS[1:]) and not source.head
    return bool(_header_names(source.head[start.end() :]))


def _is_mail(source: Source) -> bool:
    if source.ends(*_PAGE_ENDINGS) or b"\nSnapshot-Content-Location:" in source.head:
        return False
    names = _header_names(source.head)
    if source.ends(*_MAIL_ENDINGS):
        return bool(names) or source.ends(".eml")
    return len(names) >= 3 and bool(names & _ONLY_MAIL)


def _read_mailbox(source: Source) -> Records:
    none = True
    for letter in letters(source.path):
        none = False
        place = f"offset {letter.offset}"
        if letter.data is None:
            detail = f"a message of {letter.size} bytes; take it out of the mailbox by hand"
            yield Trouble(within=place, detail=detail, reason="field_too_large")
            continue
        extra: dict[str, Value] = {"envelope": letter.envelope[:500] or None}
        if letter.unquoted:
            extra["from_lines_unquoted"] = letter.unquoted
        yield from _mail(source, letter.data, place, extra)
    if none:
        raise Unreadable(f"{source.name}: the mailbox is empty; there is nothing to read")


def _read_mail(source: Source) -> Records:
    size = source.path.stat().st_size
    if size > MESSAGE_BYTES:
        raise Unreadable(
            f"{source.name}: a mail of {size} bytes; at most {MESSAGE_BYTES} are read, so take its "
            "attachments out by hand"
        )
    data = source.path.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if not data.strip():
        raise Unreadable(f"{source.name}: the mail is empty; there is nothing to read")
    yield from _mail(source, data, "message", {})


def _mail(source: Source, data: bytes, place: str, extra: dict[str, Value]) -> Records:
    try:
        message = message_from_bytes(data)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raw = data[:2000].decode("utf-8", "replace")
        yield Trouble(within=place, detail=f"this is no mail: {error}", raw=raw)
        return
    if not message.keys() and not data.strip():
        yield Trouble(within=place, detail="there is nothing in this mail", raw=None)
        return
    yield from _message(source, message, place, extra, 0)


def _message(
    source: Source, message: Message, place: str, extra: dict[str, Value], depth: int
) -> Records:
    body = body_of(message)
    number = header(message, "message-id")
    at, note = sent_at(message)
    subject = header(message, "subject")
    text = f"{subject or '[no subject]'}\n\n{body.text or '[no text]'}"
    kept = {**extra, **facts(message), **_shortened(body.facts), "subject": _cut(subject)}
    if len(text) > TEXT_CHARACTERS:
        kept["text_cut"] = f"the first {TEXT_CHARACTERS} of {len(text)} characters"
        text = text[:TEXT_CHARACTERS]
    if defects := sorted({type(defect).__name__ for defect in _defects(message)}):
        kept["defects"] = ", ".join(defects)
    if body.files:
        names = (file_name(part.part) or f"part {part.number}" for part in body.files)
        kept["attachments"] = cut("\n".join(names))
    yield Found(
        kind=Kind.MAIL,
        text=text,
        within=place,
        at=at,
        time_note=note,
        id=cut(number, 300) if number else None,
        platform="mail",
        account=sender(message),
        extra=kept,
    )
    for part in body.mails:
        yield from _inner_mail(source, part, place, number, depth)
    for part in body.files:
        yield from _file(source, part, place, number)


def _inner_mail(source: Source, part: Part, place: str, number: str | None, depth: int) -> Records:
    within = f"{place}/part {part.number}"
    payload = part.part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message) or depth >= _DEEPEST:
        yield Trouble(within=within, detail="mails within mails beyond what is read")
        return
    yield from _message(source, inner, within, {"attached_to": _cut(number)}, depth + 1)


def _file(source: Source, part: Part, place: str, number: str | None) -> Records:
    name = file_name(part.part)
    within = f"{place}/part {part.number}"
    inside = f"{within}/{name.replace('/', '_')}" if name else within
    data = content(part.part)
    attached_to = _cut(number)
    with unpacked(data[start : start + CHUNK] for start in range(0, len(data), CHUNK)) as held:
        extra: dict[str, Value] = {
            "attached_to": attached_to,
            "content_id": _cut(header(part.part, "content-id")),
        }
        title = name or f"part {part.number}"
        yield file_found(title, within, held, content_type(part.part), extra)
        yield from read_inside(
            source, held, inside, lambda found: with_extra(found, attached_to=attached_to)
        )


def _defects(message: Message) -> Iterator[Exception]:
    """Yield what the parser found wrong with a mail, those within it aside."""
    yield from message.defects
    payload = message.get_payload()
    for part in payload if isinstance(payload, list) else []:
        if isinstance(part, Message) and content_type(message) != "message/rfc822":
            yield from _defects(part)


def _shortened(values: dict[str, Value]) -> dict[str, Value]:
    return {name: cut(value) if isinstance(value, str) else value for name, value in values.items()}


def _cut(text: str | None) -> str | None:
    return None if text is None else cut(text, 1000)


MBOX = Reader(name="mailbox", media="application/mbox", recognises=_is_mailbox, read=_read_mailbox)
EML = Reader(name="mail", media="message/rfc822", recognises=_is_mail, read=_read_mail)
