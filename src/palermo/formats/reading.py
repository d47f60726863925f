"""One entrance for every input format: a file goes in, batches of items and of notes come out.

Each record of the file is in exactly one of the two, or in both when it was kept with a note.
"""

from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from palermo.formats.assemble import Assembly, Reading
from palermo.formats.columns import Columns
from palermo.formats.csv_reader import read_csv
from palermo.formats.identity import SeenIds
from palermo.formats.json_reader import read_json
from palermo.formats.material import PhotoSeen, read_material, reader_of
from palermo.formats.parquet_reader import read_parquet
from palermo.formats.records import Records
from palermo.formats.source import Buffer, Form, checked, form_of

_NO_COLUMNS = Columns()


def read_items(
    path: Path,
    *,
    exhibit: str,
    columns: Columns = _NO_COLUMNS,
    seen: SeenIds | None = None,
    name: str | None = None,
    zone: tzinfo | None = None,
    photo_seen: PhotoSeen | None = None,
) -> Iterator[Reading]:
    """Read the items of `path`, about 10,000 a batch.

    Args:
        path: a table, whose ending says its format: `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.json`,
            `.parquet`; all but the last also packed, with `.gz` after it. Or material that one of
            the readers of `palermo.formats.material` recognises.
        exhibit: SHA-256 of the file, under which it is sealed; every item carries it.
        columns: names of columns that usual names do not find.
        seen: the ids of files read before; share one among the files of a case.
        name: the file's own name, when `path` is a sealed copy without an ending.
        zone: the time zone of clocks that state none, where somebody knows it.
        photo_seen: told of every photo in the file, and in files inside it, with its SHA-256, while
            its bytes lie on disk. The items are the same whether somebody looks or not.

    Returns:
        An iterator of readings; the concatenation of their parts is the file.

    Raises:
        Unreadable: at once if the file is missing, closed, a folder or of an unknown kind; while
            iterating if it has no readable header, no text column, or is no file of its kind.
    """
    assembly = Assembly(exhibit, SeenIds() if seen is None else seen)
    reader = reader_of(path, name)
    if reader is not None:
        found = read_material(
            path, reader, name=str(name or path), zone=zone, photo_seen=photo_seen
        )
        return _readings(found, assembly)
    form = checked(path, name)
    return _readings(_records(path, form, str(name or path), columns), assembly)


def media_type(path: Path, name: str | None = None) -> str:
    """Return the media type of `path`: what a reader recognises, else what its ending stands for.

    `name` is the file's own, where it lies under another.

    Raises:
        Unreadable: for kinds of files that Palermo does not read.
    """
    reader = reader_of(path, name)
    return form_of(Path(name or path)).media if reader is None else reader.media


def _records(path: Path, form: Form, name: str, columns: Columns) -> Iterator[Records]:
    if form.kind == "parquet":
        yield from read_parquet(path, name, columns)
        return
    with Buffer(path, name, compressed=form.compressed) as buffer:
        if form.kind in {"csv", "tsv"}:
            delimiter = "\t" if form.kind == "tsv" else None
            yield from read_csv(buffer, columns, delimiter=delimiter)
        else:
            yield from read_json(buffer, columns, either=form.kind == "json")
        yield Records([], [], [], notes=buffer.notes)


def _readings(batches: Iterator[Records], assembly: Assembly) -> Iterator[Reading]:
    for records in batches:
        reading = assembly.reading(records)
        if reading.items.num_rows or reading.rejected.num_rows:
            yield reading
    if (ending := assembly.ending()) is not None:
        yield ending
