"""What a reader of chats, devices, mail, pages, photos or disks hands over, whatever the format.

A reader turns one file into `Found` and `Trouble`, one after another, in the order of the file.
Every record of the file is exactly one of the two; nothing is dropped, and nothing is guessed: a
time of unknown zone stays without one, and `time_note` says what is not known about it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from pathlib import Path

#: What a reader sees of a file to recognise it.
HEAD_BYTES = 1 << 16
#: Files in files in files: an archive in a disk image in an archive is enough.
DEEPEST = 4

Value = str | int | float | bool | None


class Kind(StrEnum):
    """What an item is. Rows of CSV, JSON Lines and Parquet files have no kind of their own."""

    MESSAGE = "message"
    CONTACT = "contact"
    CALL = "call"
    VISIT = "visit"
    FILE = "file"
    MAIL = "mail"
    PAGE = "page"
    PHOTO = "photo"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One record as the source states it.

    `within` is its exact place in the file: `message/ROWID=5`, `line 12`, `offset 4711`,
    `archive/data.warc.gz!offset 312`. `at` is timezone-aware when the source says or implies the
    zone, naive when it does not, None when there is no time. `time_note` is a short English phrase
    on what the time leaves open (`minute precision`, `zone not stated`, `zone given by the user`),
    None when it is UTC to the second or better. A record without words of its own gets a text that
    says so, in square brackets: `[image/jpeg, no text]`. `extra` keeps what has no place elsewhere,
    under the source's own names.
    """

    kind: Kind
    text: str
    within: str
    at: datetime | None = None
    time_note: str | None = None
    id: str | None = None
    platform: str | None = None
    account: str | None = None
    url: str | None = None
    place: str | None = None
    lang: str | None = None
    extra: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One record, or the rest of the file, that could not be read: where, and why.

    `reason` is one of `palermo.formats.notes.REASONS`; `raw` shows what stands there, if it can be
    shown.
    """

    within: str
    detail: str
    reason: str = "unreadable_record"
    raw: str | None = None


Records = Iterator[Found | Trouble]
#: Told of a photo while it lies on disk: where, and the SHA-256 of its bytes.
PhotoSeen = Callable[[Path, str], None]


@dataclass(slots=True)
class Allowance:
    """How many bytes a file and all files inside it may still unpack to, together."""

    bytes_left: int = 100_000_000

    def spend(self, size: int) -> bool:
        """Take `size` bytes off; False when they are no longer there."""
        self.bytes_left -= size
        return self.bytes_left >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to read: a plain file at `path`, whose own name is `name`.

    `path` is never written to. `head` is its first 64 KiB. `zone` is what the user said about
    clocks whose zone the file does not state. `inner` reads a file found inside this one (give it
    a place on disk and its name within); it yields nothing when no reader knows the file. Whoever
    unpacks spends `allowance`, which all files inside share, so that archives in archives do not
    multiply. `photo_seen` is told of every photo; what it makes of it does not change the items.
    """

    path: Path
    name: str
    head: bytes
    zone: tzinfo | None = None
    depth: int = 0
    inner: Callable[[Path, str], Records] | None = None
    allowance: Allowance = field(default_factory=Allowance)
    photo_seen: PhotoSeen | None = None

    def ends(self, *endings: str) -> bool:
        """Tell whether the file's own name ends with one of `endings`, in whatever case."""
        return self.name.lower().endswith(endings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one outside format is read.

    `recognises` looks at name and head only and never raises. `read` yields what it found; when
    the file breaks off it yields a `Trouble` last. It raises `Unreadable` when nothing at all can
    be read.
    """

    name: str
    media: str
    recognises: Callable[[Source], bool]
    read: Callable[[Source], Records]
