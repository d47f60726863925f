"""Material on its way into a case: uploaded, or chosen in the node's inbox.

Guarantees that a name is data and never part of a path; that what cannot be read is refused with
its reason and not kept; that from the inbox nothing is taken that lies outside it or behind a link;
and that a plain copy is removed once its bytes are sealed.
"""

import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from palermo.desks.access.models import Case, Person
from palermo.desks.cases.background import folder_of
from palermo.desks.cases.models import Material
from palermo.formats import Columns, media_type
from palermo.investigation import BESIDE, Given, How, check_readable
from palermo.model import Refused, Unreadable

INCOMING = "incoming"
INBOX = "inbox"
#: More files than this are not listed; somebody should sort them first.
MOST_LISTED = 500
#: A file in the inbox up to this size is hashed when it is chosen, a larger one by the run.
_HASHED_AT_ONCE = 256 << 20
_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,10}){1,2}\Z", re.ASCII)
_TABLES = frozenset(
    {
        "text/csv", "text/tab-separated-values", "application/jsonl", "application/x-ndjson",
        "application/json", "application/vnd.apache.parquet", "application/gzip",
    }
)  # fmt: skip
_PIECE = 1 << 20

#: Puts a file at the path it is given, and returns its size and, when known, its SHA-256.
Put = Callable[[Path], tuple[int, str]]


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


@dataclass(frozen=True, slots=True)
class InInbox:
    """A file in the inbox: `place` is relative to it."""

    place: str
    size: int
    changed: float


def keep_uploads(
    case: Case,
    uploads: Sequence[UploadedFile[bytes]],
    choices: Choices,
    *,
    by: Person,
    at: datetime,
) -> Brought:
    """Keep uploaded files until they are sealed."""
    files = [(Path(one.name or "file").name, _moved(one)) for one in uploads]
    return _keep(case, files, choices, by=by, at=at)


def keep_from_inbox(
    case: Case, places: Collection[str], choices: Choices, *, by: Person, at: datetime
) -> Brought:
    """Keep files of the inbox until they are sealed. They stay in the inbox as well."""
    offered = {one.place for one in inbox(case)}
    refused = [(place, "it is not in the inbox (any more)") for place in sorted(places)
               if place not in offered]  # fmt: skip
    files = [
        (Path(place).name, _linked(inbox_folder(), place))
        for place in sorted(offered & set(places))
    ]
    brought = _keep(case, files, choices, by=by, at=at, from_inbox=True)
    return Brought(brought.kept, refused + brought.refused)


def inbox_folder() -> Path:
    """Return the folder in which whoever runs the node puts files too large for a page."""
    folder: Path = settings.PALERMO_NODE.folder / INBOX
    return folder


def inbox(case: Case) -> list[InInbox]:
    """List what the inbox offers to `case`: files directly in it, and in its folder for the case.

    The folder for a case is called by the case's key. Links and other folders are not looked at, so
    that files for one case are not shown in another.
    """
    found: list[InInbox] = []
    for folder, before in ((inbox_folder(), ""), (inbox_folder() / case.key, f"{case.key}/")):
        try:
            if not stat.S_ISDIR(folder.lstat().st_mode):
                continue
            entries = sorted(os.scandir(folder), key=lambda one: one.name)
        except OSError:
            continue
        for entry in entries:
            facts = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(facts.st_mode) and not entry.name.startswith("."):
                found.append(InInbox(before + entry.name, facts.st_size, facts.st_mtime))
    return found[:MOST_LISTED]


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


def _moved(upload: UploadedFile[bytes]) -> Put:
    def put(path: Path) -> tuple[int, str]:
        temporary = getattr(upload, "temporary_file_path", None)
        digest = getattr(upload, "sha256", "")
        if temporary is not None and digest:
            # On its way to the disk it was hashed; it need not be copied again.
            shutil.move(temporary(), path)
            return int(upload.size or 0), digest
        return _copied(iter(upload.chunks()), path)

    return put


def _linked(inbox: Path, place: str) -> Put:
    def put(path: Path) -> tuple[int, str]:
        *folders, name = Path(place).parts
        here = os.open(inbox, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                there = os.open(folder, flags, dir_fd=here)
                os.close(here)
                here = there
            descriptor = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here
            )
        finally:
            os.close(here)
        with open(descriptor, "rb") as source:  # noqa: PTH123  of a descriptor
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable(f"{place}: no plain file")
            try:
                # The very file that was opened, under a name of ours: no copy of a disk image.
                os.link(f"/proc/self/fd/{descriptor}", path, follow_symlinks=True)
            except OSError:
                return _copied(iter(lambda: source.read(_PIECE), b""), path)
            size = os.fstat(descriptor).st_size
            if size > _HASHED_AT_ONCE:
                return size, ""
            return size, hashlib.file_digest(source, "sha256").hexdigest()

    return put


def _copied(pieces: Iterator[bytes], path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    return size, digest.hexdigest()
