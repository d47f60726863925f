"""Takes material in: seals each file, then reads the sealed exhibit, never the original.

Guarantees: no file is read into a case without a grant; every row of every file is among the items
or among the rejected, and the numbers add up; a row from a platform that the authority does not
reach is set aside, not analysed.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palermo.engine import Progress, silent
from palermo.evidence import Vault
from palermo.formats import (
    SQLITE_MEDIA,
    Columns,
    PhotoSeen,
    Reading,
    SeenIds,
    media_type,
    read_items,
)
from palermo.investigation.recipe import How
from palermo.model import ITEMS, REJECTED, Authority, Exhibit, Refused, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedInput:
    """One sealed file and what became of its rows: read = kept + set aside."""

    exhibit: Exhibit
    rows_read: int
    rows_kept: int
    rows_set_aside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """All material of a run. `items` and `rejected` have the schemas of the model."""

    inputs: tuple[SealedInput, ...]
    items: pa.Table
    rejected: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A file to be taken in: where it lies, what it is called, and how it is read."""

    path: Path
    name: str
    how: How = field(default_factory=How)


def check_readable(given: Iterable[Given]) -> None:
    """Look at the beginning of every file, so that a wrong name is told before a case is begun.

    Raises:
        Unreadable: a file is missing, of an unknown kind, or lacks a column.
    """
    for one in given:
        beginning = read_items(one.path, exhibit="0" * 64, columns=one.how.columns, name=one.name)
        try:
            next(iter(beginning), None)
        except Unreadable as trouble:
            raise Unreadable(str(trouble).replace(str(one.path), one.name)) from trouble


#: What SQLite keeps beside a database: changes that are not in it yet, or no longer.
BESIDE = {"-wal": "application/vnd.sqlite3.wal", "-journal": "application/vnd.sqlite3.journal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The exhibits of a run, and by their ids how each is read.

    `beside` has, by the id of a database, what lay beside it.
    """

    exhibits: tuple[Exhibit, ...]
    beside: Mapping[str, Mapping[str, Exhibit]]
    how: Mapping[str, How]

    @property
    def everything(self) -> tuple[Exhibit, ...]:
        """All exhibits, those beside others too: what the custody log names."""
        more = [one for some in self.beside.values() for one in some.values()]
        return tuple({one.id: one for one in [*self.exhibits, *more]}.values())


def seal(given: Sequence[Given], vault: Vault, *, at: datetime, progress: Progress) -> Sealed:
    """Seal every file; the same file given twice is one exhibit.

    A file that the case holds already under another name is read by the name it has now. Beside a
    database its write-ahead log or journal is sealed as an exhibit of its own, since it may hold
    the last messages.
    """
    sealed: dict[str, Exhibit] = {}
    beside: dict[str, dict[str, Exhibit]] = {}
    how: dict[str, How] = {}
    for number, one in enumerate(given, start=1):
        media = media_type(one.path, one.name)
        exhibit = vault.seal(one.path, name=one.name, media_type=media, at=at)
        exhibit = replace(exhibit, name=one.name, media_type=media)
        sealed.setdefault(exhibit.sha256, exhibit)
        how.setdefault(exhibit.id, one.how)
        for suffix, kind in BESIDE.items() if media == SQLITE_MEDIA else ():
            other = one.path.with_name(one.path.name + suffix)
            if other.is_file() and other.stat().st_size:
                found = vault.seal(other, name=f"{one.name}{suffix}", media_type=kind, at=at)
                beside.setdefault(exhibit.id, {})[suffix] = found
        progress("files sealed", number, len(given))
    return Sealed(exhibits=tuple(sealed.values()), beside=beside, how=how)


@contextmanager
def all_or_none(vault: Vault) -> Iterator[None]:
    """When the block fails, take out of the vault what it put there: no event names it."""
    before = {one.id for one in vault.exhibits()}
    try:
        yield
    except BaseException:
        for ident in {one.id for one in vault.exhibits()} - before:
            vault.shred(ident)
        raise


def read(
    sealed: Sealed,
    vault: Vault,
    *,
    authority: Authority,
    photo_seen: PhotoSeen | None = None,
    progress: Progress,
) -> Intake:
    """Read sealed files into items; `photo_seen` is shown their photos.

    Raises:
        Unreadable: a file as a whole cannot be read as items.
        Refused: no row lies within the authority's platforms.
    """
    seen = SeenIds()
    items: list[pa.RecordBatch] = []
    rejected: list[pa.RecordBatch] = []
    inputs = []
    for exhibit in sealed.exhibits:
        kept = set_aside = 0
        for reading in _readings(exhibit, sealed, vault, seen=seen, photo_seen=photo_seen):
            within, outside = _within_scope(reading.items, authority)
            items.append(within)
            rejected.extend([reading.rejected, outside])
            kept += within.num_rows
            set_aside += outside.num_rows + rows_set_aside(reading.rejected)
            progress("rows read", kept + set_aside, 0)
        progress("rows read", kept + set_aside, kept + set_aside)
        inputs.append(
            SealedInput(
                exhibit=exhibit,
                rows_read=kept + set_aside,
                rows_kept=kept,
                rows_set_aside=set_aside,
            )
        )
    intake = Intake(
        inputs=tuple(inputs),
        items=pa.Table.from_batches(items, schema=ITEMS),
        rejected=pa.Table.from_batches(rejected, schema=REJECTED),
    )
    _refuse_if_nothing_in_scope(intake, authority)
    return intake


def _readings(
    exhibit: Exhibit,
    sealed: Sealed,
    vault: Vault,
    *,
    seen: SeenIds,
    photo_seen: PhotoSeen | None,
) -> Iterator[Reading]:
    how = sealed.how[exhibit.id]
    with vault.plain(exhibit.id) as path:
        for suffix, other in sealed.beside.get(exhibit.id, {}).items():
            # In the folder of the plain copy, so that it is overwritten with it.
            with (
                vault.open(other.id) as source,
                path.with_name(path.name + suffix).open("xb") as to,
            ):
                shutil.copyfileobj(source, to)
        try:
            yield from read_items(
                path,
                exhibit=exhibit.sha256,
                columns=how.columns,
                seen=seen,
                name=exhibit.name,
                zone=how.zone,
                photo_seen=photo_seen,
            )
        except Unreadable as trouble:
            # The user knows the file by its own name, not by that of its plain copy.
            raise Unreadable(str(trouble).replace(str(path), exhibit.name)) from trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts read for a laboratory command, outside any case."""

    items: pa.Table
    rejected: pa.Table
    set_aside: int


def read_texts(paths: Sequence[Path], *, columns: Columns, progress: Progress = silent) -> Texts:
    """Read files without sealing them, for work on data that the user already holds.

    Raises:
        Unreadable: a file as a whole cannot be read as items.
    """
    items: list[pa.RecordBatch] = []
    rejected: list[pa.RecordBatch] = []
    set_aside = 0
    for reading in readings(paths, columns=columns, progress=progress):
        items.append(reading.items)
        rejected.append(reading.rejected)
        set_aside += rows_set_aside(reading.rejected)
    return Texts(
        items=pa.Table.from_batches(items, schema=ITEMS),
        rejected=pa.Table.from_batches(rejected, schema=REJECTED),
        set_aside=set_aside,
    )


def readings(
    paths: Sequence[Path], *, columns: Columns, progress: Progress = silent
) -> Iterator[Reading]:
    """Read files batch by batch, without sealing them.

    Raises:
        Unreadable: a file as a whole cannot be read as items.
    """
    seen = SeenIds()
    rows = 0
    for path in paths:
        # Rows are named by the file's hash here too, so that made-up ids agree with a case's.
        media_type(path)
        with path.open("rb") as file:
            exhibit = hashlib.file_digest(file, "sha256").hexdigest()
        for reading in read_items(path, exhibit=exhibit, columns=columns, seen=seen):
            rows += reading.items.num_rows
            progress("rows read", rows, 0)
            yield reading
    progress("rows read", rows, rows)


def rows_set_aside(rejected: pa.RecordBatch) -> int:
    """Count the rows that were set aside, not kept with a note."""
    # One row may carry several notes, but is set aside once; row 0 is the file itself.
    out = rejected.filter(pc.and_(pc.invert(rejected["kept"]), pc.greater(rejected["row"], 0)))
    return int(pc.count_distinct(out["row"]).as_py())


def _within_scope(
    items: pa.RecordBatch, authority: Authority
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Split rows by the authority's platforms. A row that names no platform stays."""
    nothing = pa.RecordBatch.from_pylist([], schema=REJECTED)
    reach = authority.scope.platforms
    if not reach:
        return items, nothing
    # Names of services are compared without case, as the law room does.
    names = pa.array([name.casefold() for name in reach], pa.string())
    inside = pc.or_kleene(
        pc.is_null(items["platform"]), pc.is_in(pc.utf8_lower(items["platform"]), names)
    )
    outside = items.filter(pc.invert(inside))
    if not outside.num_rows:
        return items, nothing
    notes = [
        {
            "exhibit": row["exhibit"],
            "row": row["row"],
            "id": row["id"],
            "reason": "out_of_scope",
            "detail": f"platform '{row['platform']}' is outside the authority's scope",
            "kept": False,
            "raw": None,
        }
        for row in outside.to_pylist()
    ]
    return items.filter(inside), pa.RecordBatch.from_pylist(notes, schema=REJECTED)


def _refuse_if_nothing_in_scope(intake: Intake, authority: Authority) -> None:
    reasons = set(intake.rejected["reason"].to_pylist())
    if intake.items.num_rows == 0 and "out_of_scope" in reasons:
        raise Refused(
            f"{authority.power}: every row comes from a platform outside the authority's scope "
            f"({', '.join(authority.scope.platforms)}); get an authority that reaches it."
        )
