"""Outside formats: what comes in becomes items without loss, what goes out is written whole."""

from palermo.formats.assemble import Reading
from palermo.formats.columns import Columns
from palermo.formats.identity import SeenIds
from palermo.formats.material import PhotoSeen
from palermo.formats.material.sqlite import SQLITE
from palermo.formats.reading import media_type, read_items
from palermo.formats.write import write_table

#: The media type of databases that may have a write-ahead log or a journal beside them.
SQLITE_MEDIA = SQLITE.media

__all__ = [
    "SQLITE_MEDIA",
    "Columns",
    "PhotoSeen",
    "Reading",
    "SeenIds",
    "media_type",
    "read_items",
    "write_table",
]
