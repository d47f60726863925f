"""A file found inside another: what it is called, how large it is, and its SHA-256.

Its content is put into a private temporary file, never under a name that the outside chose.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from palermo.formats.material.found import Found, Kind, Records, Source, Trouble, Value
from palermo.formats.material.plain_values import cut
from palermo.model import Unreadable

Pieces = Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Content:
    """What a file inside consists of; `path` exists as long as the context it came from."""

    path: Path
    size: int
    sha256: str


@contextmanager
def unpacked(pieces: Pieces) -> Iterator[Content]:
    """Write `pieces` to a private temporary file, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="palermo-") as folder:
        path = Path(folder) / "content"
        digest, size = hashlib.sha256(), 0
        with path.open("xb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        yield Content(path, size, digest.hexdigest())


def file_found(
    name: str, within: str, content: Content, media: str | None, extra: Mapping[str, Value]
) -> Found:
    """Return the item of kind `file` for a file found at `within`."""
    words = [part for part in (cut(name, 500), media, f"{content.size} bytes", "no text") if part]
    return Found(
        kind=Kind.FILE,
        text=f"[{', '.join(words)}]",
        within=within,
        extra={
            "name": name,
            "size": content.size,
            "sha256": content.sha256,
            "media_type": media,
            **extra,
        },
    )


def read_inside(
    source: Source,
    content: Content,
    name: str,
    change: Callable[[Found], Found] = lambda found: found,
) -> Records:
    """Read what a reader knows of a file inside; what goes wrong there stays there.

    `change` may add to what was found, such as the mail it was attached to.
    """
    if source.inner is None:
        return
    try:
        for record in source.inner(content.path, name):
            yield record if isinstance(record, Trouble) else change(record)
    except (Unreadable, OSError) as error:
        detail = str(error).replace(str(content.path), name)
        yield Trouble(within=name, detail=detail)


def with_extra(found: Found, **values: Value) -> Found:
    """Return `found` with more in `extra`; what it has already stays."""
    return replace(found, extra={**values, **found.extra})
