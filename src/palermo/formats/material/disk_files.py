"""The files of one volume of a disk image, with their times as the file system has them.

Guarantees that every entry that can be reached is an item or counted; that no link is followed;
that no loop, and no file longer than its disk, keeps the reading from ending.
"""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from palermo.formats.material.found import Found, Kind, Records, Source, Trouble, Value
from palermo.formats.material.inside import read_inside

#: Up to here the content of a file is handed to its own reader.
INSIDE_BYTES = 256 << 20
_PIECE = 1 << 20
_IN_MEMORY = 1 << 23
_DEEPEST = 256
#: All content read together may be so many times the size of the disk, where files share blocks.
_OVER_AND_OVER = 10
_TIMES = ("modification", "access", "change", "creation", "added", "backup", "deletion")
_PRECISION = {"1s": None, "2s": "2 s precision", "1m": "minute precision", "1d": "day precision"}


@dataclass(slots=True)
class Walk:
    """Reads the volume at `place` of the image `source`; `medium` is the size of the disk."""

    source: Source
    place: str
    system: str
    medium: int
    read_errors: tuple[type[BaseException], ...]
    _counts: Counter[str] = field(default_factory=Counter)
    _read: int = 0

    def records(self, root: Any) -> Records:
        """Yield every file below `root`, depth first, then what was counted."""
        waiting = [(root, "", 0)]
        seen: set[object] = set()
        while waiting:
            folder, path, depth = waiting.pop()
            identity = _identity(folder)
            if identity is not None and identity in seen:
                yield Trouble(within=self._within(path), detail="the folder contains itself")
                continue
            seen.add(identity)
            below: list[tuple[Any, str, int]] = []
            try:
                for entry in folder.sub_file_entries:
                    name = f"{path}/{entry.name}" if path else str(entry.name)
                    if entry.entry_type is None:  # made up by the library, like `$FAT1`
                        continue
                    self._counts[str(entry.entry_type)] += 1
                    if not entry.IsDirectory():
                        yield from self._entry(entry, name)
                    elif depth < _DEEPEST:
                        below.append((entry, name, depth + 1))
                    else:
                        yield Trouble(within=self._within(name), detail="nested too deep; not read")
            except self.read_errors as error:
                detail = f"the folder cannot be read on: {_said(error)}"
                yield Trouble(within=self._within(path), detail=detail)
            waiting += reversed(below)
        yield self._summary()

    def _entry(self, entry: Any, path: str) -> Iterator[Found | Trouble]:
        within = self._within(path)
        try:
            extra, at, note = self._described(entry)
            streams = [""] if entry.IsFile() else []
            streams += [str(s.name) for s in entry.data_streams if s.name] if streams else []
        except self.read_errors as error:
            yield Trouble(within=within, detail=f"the entry cannot be read: {_said(error)}")
            return
        if not streams:
            yield Found(
                kind=Kind.FILE, text=path, within=within, at=at, time_note=note, extra=extra
            )
        for stream in streams:
            place = f"{within}:{stream}" if stream else within
            text = f"{path}:{stream}" if stream else path
            found = Found(
                kind=Kind.FILE, text=text, within=place, at=at, time_note=note, extra=extra
            )
            yield from self._content(entry, stream, found)

    def _content(self, entry: Any, stream: str, found: Found) -> Iterator[Found | Trouble]:
        extra = dict(found.extra)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
            digest, size, wrong = hashlib.sha256(), 0, None
            try:
                file = entry.GetFileObject(data_stream_name=stream)
                stated = int(file.get_size()) if file is not None else 0
                wrong = self._refused(stated)
                while file is not None and wrong is None and (piece := file.read(_PIECE)):
                    size += len(piece)
                    self._read += len(piece)
                    digest.update(piece)
                    if stated <= INSIDE_BYTES:
                        copy.write(piece)
                if wrong is None and size != stated:
                    wrong = f"{size} of {stated} bytes could be read"
            except self.read_errors as error:
                wrong = f"the content cannot be read from byte {size} on: {_said(error)}"
            extra["size"] = size if wrong is None else stated_size(entry)
            if wrong is None:
                extra["sha256"] = digest.hexdigest()
            else:
                extra["content"] = wrong
            yield replace(found, extra=extra)
            if wrong is not None:
                yield Trouble(within=f"{found.within} (content)", detail=wrong)
            elif 0 < size <= INSIDE_BYTES:
                yield from read_inside(self.source, copy, found.within)

    def _refused(self, stated: int) -> str | None:
        if stated > self.medium:
            return f"not read: it claims {stated} bytes, more than the disk has"
        if self._read + stated > _OVER_AND_OVER * self.medium:
            return "not read: the files together claim many times the size of the disk"
        return None

    def _described(self, entry: Any) -> tuple[dict[str, Value], datetime | None, str | None]:
        extra: dict[str, Value] = {"entry": str(entry.entry_type)}
        for name in ("inode", "mft_entry", "identifier"):
            if (number := getattr(entry.path_spec, name, None)) is not None:
                extra[name] = str(number)
        extra["allocated"] = bool(entry.IsAllocated())
        if entry.IsLink():
            extra["link to"] = str(entry.link)
        stat = entry.GetStatAttribute()
        for name in ("owner_identifier", "group_identifier", "mode", "number_of_links"):
            if stat is not None and (value := getattr(stat, name, None)) is not None:
                extra[name] = oct(value) if name == "mode" else int(value)
        for name in _TIMES:
            moment = getattr(entry, f"{name}_time", None)
            if moment is not None:
                extra[f"{name} time"] = _written(moment)
        at, note = _moment(getattr(entry, "modification_time", None), self.source.zone)
        return extra, at, note

    def _within(self, path: str) -> str:
        return "/".join(part for part in (self.place, path) if part) or "/"

    def _summary(self) -> Found:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(self._counts.items()))
        name = self.place or "without partitions"
        extra: dict[str, Value] = {f"{kind} entries": n for kind, n in self._counts.items()}
        extra |= {"file system": self.system, "bytes of content read": self._read}
        return Found(
            kind=Kind.FILE,
            text=f"[volume {name}: {self.system}, {counts or 'empty'}]",
            within=self.place or "/",
            extra=extra,
        )


def stated_size(entry: Any) -> int | None:
    """Return the size that a directory states for a file."""
    size = entry.size
    return None if size is None else int(size)


def _moment(moment: Any, zone: tzinfo | None) -> tuple[datetime | None, str | None]:
    """Read the time of a file: aware where the file system keeps UTC, naive where it does not."""
    if moment is None:
        return None, None
    try:
        at = datetime.fromisoformat(_microseconds(_written(moment) or ""))
    except (TypeError, ValueError):
        return None, "no readable time"
    notes = [_PRECISION.get(moment.precision)]
    if at.tzinfo is None and zone is not None:
        at = at.replace(tzinfo=zone)
        notes.append("zone given by the user")
    elif at.tzinfo is None:
        notes.append("zone not stated")
    return at, "; ".join(note for note in notes if note) or None


def _written(moment: Any) -> str | None:
    """Write a time of a file as the file system has it; None where it has none."""
    if not moment.is_local_time:
        written = moment.CopyToDateTimeStringISO8601()
        return None if written is None else str(written)
    # The library took the clock of the disk for that of this machine. Back through that same clock
    # comes what stands on the disk, whatever this machine's zone is.
    seconds = moment.CopyToPosixTimestamp()
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds).isoformat()  # noqa: DTZ006


def _microseconds(written: str) -> str:
    """Cut fractions of a second to the six digits that a moment can hold."""
    head, point, rest = written.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[: min(digits, 6)]}{rest[digits:]}" if point else written


def _identity(entry: Any) -> object:
    spec = entry.path_spec
    for name in ("inode", "mft_entry", "identifier"):
        if (number := getattr(spec, name, None)) is not None:
            return number
    return None


def _said(error: BaseException) -> str:
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
