"""Says of a database, as one item, which tables it has, which were read, and what was deleted.

Guarantees that no table is passed over in silence: each is named with its number of rows.
"""

import struct
from collections.abc import Iterable

from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.database import Database

_WAL = 2
_ENCODINGS = {1: "UTF-8", 2: "UTF-16le", 3: "UTF-16be"}


def summary(database: Database, head: bytes, applications: Iterable[str]) -> Found:
    """Describe `database`, of which `head` is the beginning; counts tables that were not read."""
    names = list(applications)
    others = sorted({table.name for table in database.tables.values()} - set(database.read))
    rest = {name: sum(1 for _ in database.rows(name)) for name in others}
    read = {name: count for name, count in database.read.items() if name not in rest}
    text = "\n".join(
        [
            f"[SQLite database: {', '.join(names) if names else 'of no application that is read'}]",
            f"tables read: {_counted(read)}",
            f"tables not read: {_counted(rest)}",
            *([f"not run: {_listed(database.unreal)}"] if database.unreal else []),
        ]
    )
    return Found(
        kind=Kind.FILE,
        text=text,
        within="database",
        platform="sqlite",
        extra={**_header(head), **_opening(database)},
    )


def shortfall(head: bytes, size: int) -> str | None:
    """Say by how much a file of `size` bytes is shorter than its header states; None if it is not.

    SQLite fills a last page that is cut with zeros and goes on without a word.
    """
    stated = _header(head)
    page, pages = stated.get("page_size"), stated.get("pages")
    if not isinstance(page, int) or not page:
        return None
    whole = size - size % page + (page if size % page else 0)
    # The number of pages is valid if it was written with the last change (section 1.3.7).
    if isinstance(pages, int) and head[24:28] == head[92:96]:
        whole = max(whole, pages * page)
    missing = whole - size
    return f"the last {missing} of {whole} bytes are missing" if missing else None


def _header(head: bytes) -> dict[str, Value]:
    """Read what the first 100 bytes state (https://www.sqlite.org/fileformat.html, section 1.3)."""
    if len(head) < 100:
        return {}
    size = struct.unpack(">H", head[16:18])[0]
    pages, free = struct.unpack(">I", head[28:32])[0], struct.unpack(">I", head[36:40])[0]
    return {
        "page_size": 65536 if size == 1 else size,
        "pages": pages or None,
        "free_pages": free,
        "encoding": _ENCODINGS.get(struct.unpack(">I", head[56:60])[0]),
        "user_version": struct.unpack(">i", head[60:64])[0],
        "write_ahead_log": head[18] == _WAL or head[19] == _WAL,
    }


def _opening(database: Database) -> dict[str, Value]:
    opened = database.opened
    return {
        "applied": "; ".join(opened.companions) or None,
        "not_applied": "; ".join(opened.ignored) or None,
        "salvaged": "the size or the schema of the file is wrong" if opened.salvaged else None,
    }


def _counted(tables: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count} rows)" for name, count in sorted(tables.items())) or "none"


def _listed(unreal: dict[str, str]) -> str:
    return ", ".join(f"{kind} {name}" for name, kind in sorted(unreal.items()))
