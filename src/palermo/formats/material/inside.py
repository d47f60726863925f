"""Files found inside a file: put on disk in a private place, and read by whoever knows them.

Guarantees that what is wrong with such a file is a `Trouble` of its own and never loses the rest of
what it was found in.
"""

import re
import tempfile
from pathlib import Path
from typing import IO

from palermo.formats.material.found import Records, Source, Trouble
from palermo.model import Unreadable

_PIECE = 1 << 20


def read_inside(source: Source, file: IO[bytes], name: str, *, start: int = 0) -> Records:
    """Read what stands in `file` from `start` on, as a file called `name` inside `source`."""
    if source.inner is None:
        return
    with tempfile.TemporaryDirectory(prefix="palermo-") as folder:
        path = Path(folder) / "inside"  # never under a name that the file itself gives
        file.seek(start)
        with path.open("wb") as out:
            while piece := file.read(_PIECE):
                out.write(piece)
        try:
            yield from source.inner(path, name)
        except Unreadable as error:
            yield Trouble(within=name, detail=str(error).replace(str(path), "it"))


def safe_name(name: str, *, media: str = "") -> str:
    """Return the last part of a path or URL as a plain file name, with an ending for its media."""
    last = re.split(r"[/\\]", name.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0])[-1]
    plain = re.sub(r"[^\w.\-]+", "_", last)[-100:].lstrip(".") or "file"
    ending = _ENDINGS.get(media, "")
    return plain if "." in plain or not ending else plain + ending


_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/avif": ".avif",
    "image/tiff": ".tiff",
    "application/zip": ".zip",
    "application/pdf": ".pdf",
    "application/warc": ".warc",
}
