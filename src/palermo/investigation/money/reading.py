"""Reads the files of an import, each in its format, into rows and the statements they belong to.

Guarantees that a file which cannot be read costs that file alone, and is listed; that a file given
twice is read once; and that every statement has a name of its own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palermo.formats.statements import Pieces, Profile, Remark, Source, detect
from palermo.formats.typed_table import SetAside
from palermo.model import Unreadable
from palermo.model.statement import READ_ROWS, Statement


@dataclass(slots=True, kw_only=True)
class FileRead:
    """What one file gave.

    Args:
        name: what it is called in the result; `path` as it was given, `sha256` its hash.
        format: as found from its content; None if it could not be read, and `trouble` says why.
        again: the name of an earlier file that has the same bytes.
        tables: rows (READ_ROWS) of each of `statements`, in the order of the document.
    """

    name: str
    path: Path
    sha256: str = ""
    format: str | None = None
    trouble: str | None = None
    again: str | None = None
    statements: list[Statement] = field(default_factory=list)
    tables: list[pa.Table] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read_files(
    paths: Sequence[Path], *, zone: str | None, profiles: Sequence[Profile]
) -> list[FileRead]:
    """Read files in the order given."""
    seen: dict[str, str] = {}
    done = []
    for path, name in zip(paths, _names(paths), strict=True):
        one = FileRead(name=name, path=path)
        done.append(one)
        try:
            one.sha256 = _sha256(path, name)
            if one.sha256 in seen:
                one.again = seen[one.sha256]
                continue
            seen[one.sha256] = name
            _read(one, zone, profiles)
        except Unreadable as trouble:
            one.trouble = str(trouble)
    return done


def _names(paths: Sequence[Path]) -> list[str]:
    """Call files by the last part of their paths; where two are alike, add a number."""
    taken: dict[str, int] = {}
    names = []
    for path in paths:
        base = path.name or str(path)
        taken[base] = taken.get(base, 0) + 1
        names.append(base if taken[base] == 1 else f"{base} ({taken[base]})")
    return names


def _sha256(path: Path, name: str) -> str:
    try:
        if not path.is_file():
            said = "this is not a file" if path.exists() else "there is no such file"
            raise Unreadable(f"{name}: {said}; check the name")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Unreadable(f"{name}: cannot be opened: {why}") from None


def _read(one: FileRead, zone: str | None, profiles: Sequence[Profile]) -> None:
    """Read a file; a table with the first profile that its columns fit, or as a known layout."""
    found = detect(one.path, one.name)
    tables = found.format in {"table", "xlsx"}
    refusals = []
    for profile in [*profiles, None] if tables else [None]:
        source = Source(path=one.path, name=one.name, sha256=one.sha256, zone=zone, profile=profile)
        one.set_aside, one.remarks = [], []
        try:
            _collect(one, found.read(source))
        except Unreadable as refusal:
            refusals.append(refusal)
        else:
            one.format = one.statements[0].format if one.statements else found.format
            return
    raise refusals[0]


def _collect(one: FileRead, pieces: Pieces) -> None:
    batches: list[Any] = []
    statements: list[Statement] = []
    for piece in pieces:
        if isinstance(piece, Statement):
            statements.append(piece)
        elif isinstance(piece, SetAside):
            one.set_aside.append(piece)
        elif isinstance(piece, Remark):
            one.remarks.append(piece)
        else:
            batches.append(piece)
    rows = pa.Table.from_batches(batches, schema=READ_ROWS)
    one.statements, one.tables = statements, _divided(rows, statements)


def _divided(rows: pa.Table, statements: Sequence[Statement]) -> list[pa.Table]:
    """Return the rows of each statement, in the order of the document."""
    names = pa.array([one.name for one in statements], pa.string())
    if not rows.num_rows:
        return [rows] * len(statements)
    place = np.asarray(pc.index_in(rows["statement"].combine_chunks(), names))
    order = np.argsort(place, kind="stable")
    cuts = np.searchsorted(place[order], np.arange(len(statements) + 1))
    ordered = rows.take(pa.array(order)).combine_chunks()
    return [
        ordered.slice(first, last - first)
        for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    ]
