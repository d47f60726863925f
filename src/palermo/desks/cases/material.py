"""Material on its way into a case: uploaded, or chosen in the node's inbox.

Guarantees that a name is data and never part of a path; that what cannot be read is refused with
its reason and not kept; that from the inbox nothing is taken that lies outside it or behind a link;
and that a plain copy is removed once its bytes are sealed.
"""

import hashlib
import re
import secrets
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import UploadedFile

from palermo.desks.access.models import Case, Person
from palermo.desks.cases.background import folder_of
from palermo.desks.cases.inbox import Put, inbox, inbox_folder, linked, moved
from palermo.desks.cases.models import Material
from palermo.formats import Columns, media_type
from palermo.investigation import BESIDE, Given, How, check_readable
from palermo.model import Refused, Unreadable

INCOMING = "incoming"
_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,10}){1,2}\Z", re.ASCII)
_TABLES = frozenset(
    {
        "text/csv", "text/tab-separated-values", "application/jsonl", "application/x-ndjson",
        "application/json", "application/vnd.apache.parquet", "application/gzip",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How somebody says that files are to be read: columns by part of an item, and a time zone."""

    columns: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""

    @property
    def how(self) -> How:
        """The same, for the room that reads."""
        return How(
            columns=Columns(**{part: name for part, name in self.columns.items() if name}),
            zone=ZoneInfo(self.zone) if self.zone else None,
        )


@dataclass(frozen=True, slots=True)
class Brought:
    """What was kept, and what was refused: names with the reason."""

    kept: list[Material]
    refused: list[tuple[str, str]]


def keep_uploads(
    case: Case,
    uploads: Sequence[UploadedFile[bytes]],
    choices: Choices,
    *,
    by: Person,
    at: datetime,
) -> Brought:
    """Keep uploaded files until they are sealed."""
    files = [(Path(one.name or "file").name, moved(one)) for one in uploads]
    return _keep(case, files, choices, by=by, at=at)


def keep_from_inbox(
    case: Case, places: Collection[str], choices: Choices, *, by: Person, at: datetime
) -> Brought:
    """Keep files of the inbox until they are sealed. They stay in the inbox as well."""
    offered = {one.place for one in inbox(case)}
    refused = [(place, "it is not in the inbox (any more)") for place in sorted(places)
               if place not in offered]  # fmt: skip
    files = [
        (Path(place).name, linked(inbox_folder(), place)) for place in sorted(offered & set(places))
    ]
    brought = _keep(case, files, choices, by=by, at=at, from_inbox=True)
    return Brought(brought.kept, refused + brought.refused)


def leave_out(material: Material, why: str, *, by: Person, at: datetime) -> None:
    """Read `material` no more. What is sealed stays sealed; a plain copy is removed."""
    for one in [material, *Material.rows.of(material.case).filter(lies_beside=material)]:
        remove_plain(one)
        one.left_out_at, one.left_out_by, one.left_out_why = at, by, why
        one.save()


def remove_plain(material: Material) -> None:
    """Remove the plain copy of `material`, if it is still there.

    It is unlinked, not overwritten: on a journalling or copying file system, or a solid-state disk,
    overwriting promises what it cannot keep. The disk of a node is encrypted as a whole.
    """
    if material.path:
        place = Path(material.path)
        place.unlink(missing_ok=True)
        if place.parent.is_dir() and not any(place.parent.iterdir()):
            place.parent.rmdir()
        material.path = ""


def hash_missing(material: Material) -> None:
    """Hash a file that was too large to be hashed on a page."""
    if not material.sha256:
        with Path(material.path).open("rb") as file:
            material.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        material.save(update_fields=["sha256"])


def _keep(
    case: Case,
    files: Sequence[tuple[str, Put]],
    choices: Choices,
    *,
    by: Person,
    at: datetime,
    from_inbox: bool = False,
) -> Brought:
    folder = folder_of(case) / INCOMING / secrets.token_hex(8)
    folder.mkdir(mode=0o700, parents=True)
    brought = Brought([], [])
    main, side = _paired([name for name, _ in files])
    kept: dict[int, Material] = {}
    for index in [*main, *side]:
        name, put = files[index]
        base = kept.get(side[index][0]) if index in side else None
        path = folder / f"{index:04d}{_ending(name)}"
        if base is not None:
            path = Path(f"{base.path}{side[index][1]}")
        material = Material(
            case=case,
            name=name[:255],
            path=str(path),
            columns=dict(choices.columns),
            zone=choices.zone,
            lies_beside=base,
            suffix=side[index][1] if index in side else "",
            from_inbox=from_inbox,
            added_at=at,
            added_by=by,
        )
        try:
            material.size, material.sha256 = put(path)
            material.media_type = _recognised(material, choices, beside=index in side)
        except (Refused, Unreadable, OSError) as problem:
            path.unlink(missing_ok=True)
            brought.refused.append((name, _told(problem, path, name)))
        else:
            material.save()
            kept[index] = material
            brought.kept.append(material)
    if not brought.kept:
        shutil.rmtree(folder, ignore_errors=True)
    return brought


def _paired(names: Sequence[str]) -> tuple[list[int], dict[int, tuple[int, str]]]:
    """Tell files by themselves from those that lie beside a database of the same upload."""
    side = {
        index: (names.index(name.removesuffix(suffix)), suffix)
        for index, name in enumerate(names)
        for suffix in BESIDE
        if name.endswith(suffix) and name.removesuffix(suffix) in names
    }
    return [index for index in range(len(names)) if index not in side], side


def _recognised(material: Material, choices: Choices, *, beside: bool) -> str:
    """Return the media type of a file, told by its content.

    Raises:
        Unreadable: no reader knows it, or a table lacks a column.
    """
    path = Path(material.path)
    if not material.size:
        raise Unreadable(f"{material.name}: the file is empty")
    if beside:
        if material.lies_beside is None:
            raise Unreadable(f"{material.name}: the database that it belongs to was not taken")
        return BESIDE[material.suffix]
    media = media_type(path, material.name)
    if media in _TABLES:
        # Only tables: a reader of archives would read the whole file here.
        check_readable([Given(path=path, name=material.name, how=choices.how)])
    return media


def _told(problem: Exception, path: Path, name: str) -> str:
    """Say what is wrong with the file under the name that the user knows it by."""
    if isinstance(problem, OSError):
        return f"it cannot be kept ({problem.strerror or problem})"
    return str(problem).replace(str(path), name).replace("--text-column", "“text”")


def _ending(name: str) -> str:
    """Return the ending of a name, which tells readers the kind of file; nothing else of it."""
    found = _ENDING.search(name)
    return found[0].lower() if found else ""
