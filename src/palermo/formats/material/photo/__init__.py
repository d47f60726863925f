"""Photos: what is written in and around the picture. No pixel is ever decoded.

Guarantees one item a photo, whatever state it is in, with the SHA-256 of its bytes, and that parts
which cannot be read are told. Whoever wants to see the picture itself is shown the file (see
`Source.photo_seen`), and what comes of that is not part of the item.
The parsers read only the tags they know and bound every length, since the files come from outside;
an image library would load all that a file claims to hold.
"""

import hashlib

from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.photo.boxed import brand, heif
from palermo.formats.material.photo.chunked import jpeg, png, webp
from palermo.formats.material.photo.facts import Facts, facts, size
from palermo.formats.material.photo.shell import Shell
from palermo.formats.material.photo.tiff import Tiff
from palermo.formats.material.photo.window import Window

__all__ = ["PHOTOS"]

_JPEG, _PNG, _TIFF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", (b"II*\0", b"MM\0*")
_BOXED = ("image/heic", "image/heif", "image/avif")
_CHUNKED = {"image/jpeg": jpeg, "image/png": png, "image/webp": webp}


def _media(head: bytes) -> str | None:
    if head.startswith(_JPEG):
        return "image/jpeg"
    if head.startswith(_PNG):
        return "image/png"
    if head.startswith(_TIFF):
        return "image/tiff"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return brand(head)


def _reader(media: str) -> Reader:
    def recognises(source: Source) -> bool:
        return _media(source.head) == media

    def read(source: Source) -> Records:
        return _read(source, media)

    return Reader(name=f"photo {media}", media=media, recognises=recognises, read=read)


def _read(source: Source, media: str) -> Records:
    with source.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        window = Window(file, 0, source.path.stat().st_size)
        shell = _shell(window, media)
        tiffs = [Tiff(block) for block in shell.exif]
        found = facts(tiffs[0], source.zone) if tiffs else Facts()
        if shell.media == "image/tiff" and (sides := size(tiffs[0])):
            shell.size(*sides)
    if source.photo_seen is not None:
        source.photo_seen(source.path, sha256)
    yield _item(shell, found, sha256)
    for problem in (*shell.problems, *(tiffs[0].problems if tiffs else ())):
        yield Trouble(within="photo", detail=problem, reason="damaged_file")


def _shell(window: Window, media: str) -> Shell:
    if media == "image/tiff":
        return Shell(media, exif=[window])
    if media in _BOXED:
        return heif(window, media)
    return _CHUNKED[media](window)


def _item(shell: Shell, found: Facts, sha256: str) -> Found:
    extra: dict[str, Value] = {
        **found.extra,
        "sha256": sha256,
        "width": shell.width,
        "height": shell.height,
        "exif": bool(shell.exif),
        "exif_blocks": len(shell.exif) if len(shell.exif) > 1 else None,
        "also_has": ", ".join(dict.fromkeys(shell.has)) or None,
    }
    said = dict.fromkeys(part for part in (*found.words, *shell.comments) if part.strip())
    return Found(
        kind=Kind.PHOTO,
        text="\n".join([f"[{shell.media}, no text]", *said]),
        within="photo",
        at=found.at,
        time_note=found.time_note,
        place=found.place,
        extra=extra,
    )


PHOTOS: tuple[Reader, ...] = tuple(map(_reader, ("image/tiff", *_CHUNKED, *_BOXED)))
