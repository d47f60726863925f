"""Web archive packages: WACZ files (versions 1.0 and 1.1), ZIP files that hold WARC files.

Guarantees that every file of the package is compared with the package's manifest, the manifest with
its digest, and the digest with its signature; that what does not hold is said and its content read
all the same; and that all archives in the package are read as WARC files are. These checks prove
nothing against whoever made the package: they show damage and clumsy change, no more.
"""

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from palermo.formats.material.found import (
    HEAD_BYTES,
    Found,
    Kind,
    Reader,
    Records,
    Source,
    Trouble,
    Value,
)
from palermo.formats.material.wacz_package import ZIP_ERRORS, Listed, Package, listed_files
from palermo.formats.material.wacz_pages import Pages
from palermo.formats.material.wacz_salvage import Salvaged, copy_out, salvaged
from palermo.formats.material.wacz_signature import FALSE, Checked, checked
from palermo.formats.material.warc import read_warc
from palermo.formats.material.warc_item import stated_time
from palermo.model import Unreadable

MANIFEST, DIGEST = "datapackage.json", "datapackage-digest.json"
_ARCHIVE = re.compile(r"archive/[^/]+\.warc(?:\.gz)?", re.IGNORECASE)
_PAGES = re.compile(r"pages/[^/]+\.jsonl", re.IGNORECASE)
_SMALL = 64 << 20


@dataclass(slots=True)
class _Reading:
    source: Source
    package: Package
    listed: dict[str, Listed | None] = field(default_factory=dict)
    pages: Pages = field(default_factory=Pages)
    held: int = 0
    about: dict[str, Value] = field(default_factory=dict)

    def records(self) -> Records:
        for name, why in self.package.refused:
            yield Trouble(within=name, detail=why)
        yield from self._manifest()
        names = list(self.package.members)
        archives = [name for name in names if _ARCHIVE.fullmatch(name)]
        for name in names:
            if _PAGES.fullmatch(name):
                yield from self._small(name)
        for name in archives:
            yield from self._archive(name)
        for name in names:
            if (
                name not in archives
                and not _PAGES.fullmatch(name)
                and name not in {MANIFEST, DIGEST}
            ):
                yield from self._compared(name, *self._read(name, None))
        yield from self.pages.rest()
        for name in sorted(self.listed.keys() - self.package.members.keys()):
            yield Trouble(
                within=name, reason="does_not_hold", detail="the manifest lists it; it is not there"
            )
        if not archives:
            yield Trouble(within="archive/", detail="the package holds no WARC file")
        yield self._summary(len(archives))

    def _manifest(self) -> Iterator[Trouble]:
        if MANIFEST not in self.package.members:
            yield Trouble(within=MANIFEST, detail="the package has no manifest; nothing is checked")
            return
        data, trouble = self._bytes(MANIFEST)
        yield from trouble
        manifest, why = _json(data)
        if manifest is None:
            yield Trouble(within=MANIFEST, detail=why, raw=data[:2000].decode("utf-8", "replace"))
        else:
            self.listed = dict(listed_files(manifest))
            for name in ("title", "description", "created", "modified", "software", "wacz_version",
                         "mainPageUrl", "mainPageDate"):  # fmt: skip
                if manifest.get(name) is not None:
                    self.about[name] = str(manifest[name])[:2000]
        found = self.package.copy(MANIFEST, None).hash
        self.about["manifest hash"] = found
        yield from self._digest(found)

    def _digest(self, found: str) -> Iterator[Trouble]:
        self.about["signature"] = "none"
        if DIGEST not in self.package.members:
            self.about["manifest digest"] = "none"
            return
        data, trouble = self._bytes(DIGEST)
        yield from trouble
        digest, why = _json(data)
        if digest is None:
            yield Trouble(within=DIGEST, detail=why, raw=data[:2000].decode("utf-8", "replace"))
            return
        stated = str(digest.get("hash", ""))
        self.about["manifest digest"] = "holds" if stated == found else "does not hold"
        if stated != found:
            detail = f"the manifest should be {stated[:200]}, it is {found}"
            yield Trouble(within=DIGEST, reason="does_not_hold", detail=detail)
        if "signedData" in digest:
            yield from self._signature(checked(digest["signedData"], found))

    def _signature(self, made: Checked) -> Iterator[Trouble]:
        self.about |= {
            "signature": made.verdict,
            "signature kind": made.kind,
            "signature remarks": made.why,
            "signed by": made.signer,
            "signed at, as stated": made.created,
            "signing software": made.software,
            "signing key": made.fingerprint,
            "signature time stamp": made.time_stamp,
        }
        if made.verdict == FALSE:
            yield Trouble(within=DIGEST, reason="does_not_hold", detail=f"signature: {made.why}")

    def _small(self, name: str) -> Records:
        data, trouble = self._bytes(name)
        yield from trouble
        yield from self.pages.read(data, name)

    def _archive(self, name: str) -> Records:
        with tempfile.TemporaryDirectory(prefix="palermo-") as folder:
            path = Path(folder) / "archive"  # never under a name that the package gives
            with path.open("wb") as out:
                read = self._read(name, out)
            yield from self._compared(name, *read)
            yield from _archived(self.source, path, name, self.pages)

    def _bytes(self, name: str) -> tuple[bytes, list[Trouble]]:
        if self.package.members[name].file_size > _SMALL:
            return b"", [Trouble(within=name, detail=f"it is larger than {_SMALL} bytes")]
        out = io.BytesIO()
        read = self._read(name, out)
        return out.getvalue(), list(self._compared(name, *read))

    def _read(self, name: str, out: Any) -> tuple[str, int, str | None]:
        listed = self.listed.get(name)
        made = self.package.copy(name, out, listed.algorithm if listed else "sha256")
        return made.hash, made.length, made.wrong

    def _compared(self, name: str, found: str, length: int, wrong: str | None) -> Iterator[Trouble]:
        """Say what is wrong with a file: damage, a false hash, or that nobody lists it."""
        if wrong is not None:
            yield Trouble(within=name, reason="damaged_file", detail=wrong)
        if name in {MANIFEST, DIGEST} or not self.listed:
            return
        if name not in self.listed:
            detail = f"it is in the package but not in its manifest; it is {found}"
            yield Trouble(within=name, reason="does_not_hold", detail=detail)
            return
        listed = self.listed[name]
        if listed is None:
            yield Trouble(within=name, detail="the manifest gives no hash of a known kind for it")
        elif listed.stated != found or listed.length not in {None, length}:
            detail = (
                f"the manifest says {listed.stated}, {listed.length} bytes; "
                f"it is {found}, {length} bytes"
            )
            yield Trouble(within=name, reason="does_not_hold", detail=detail)
        else:
            self.held += 1

    def _summary(self, archives: int) -> Found:
        files = len(self.package.members)
        extra: dict[str, Value] = {
            "files": files,
            "files listed": len(self.listed),
            "files that hold their hash": self.held,
            "archives": archives,
        }
        at, note = stated_time(str(self.about.get("created") or ""))
        return Found(
            kind=Kind.FILE,
            text=f"[web archive package: {files} files, {archives} of them archives]",
            within=MANIFEST,
            at=at,
            time_note=note,
            extra=extra | self.about,
        )


def read_wacz(source: Source) -> Records:
    """Read a web archive package.

    Raises:
        Unreadable: when it is no ZIP file, or one with nothing in it.
    """
    try:
        opened = zipfile.ZipFile(source.path)
    except ZIP_ERRORS as error:
        found = list(salvaged(source.path))
        if not found:
            raise Unreadable(
                f"{source.name}: not a readable web archive package (WACZ): {error}; fetch it again"
            ) from error
        yield from _salvage(source, found, str(error))
        return
    with opened:
        package = Package(opened, source.path.stat().st_size)
        if not package.members and not package.refused:
            raise Unreadable(f"{source.name}: this web archive package is empty; fetch it again")
        yield from _Reading(source, package).records()


def _archived(source: Source, path: Path, name: str, pages: Pages) -> Records:
    """Read the archive `name`, whose content was put at `path`."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    try:
        for record in read_warc(replace(source, path=path, name=name, head=head), pages.knows):
            yield replace(record, within=f"{name}!{record.within}")
    except Unreadable as error:
        yield Trouble(within=name, detail=str(error))


def _salvage(source: Source, found: list[Salvaged], why: str) -> Records:
    """Read the archives of a broken package; nothing in it can be compared with its manifest."""
    pages = Pages()
    for wanted in (_PAGES, _ARCHIVE):
        for one in found:
            if not wanted.fullmatch(one.name):
                continue
            with tempfile.TemporaryDirectory(prefix="palermo-") as folder:
                path = Path(folder) / "archive"
                with path.open("wb") as out:
                    copy_out(source.path, one, out)
                if wanted is _ARCHIVE:
                    yield from _archived(source, path, one.name, pages)
                elif path.stat().st_size <= _SMALL:
                    yield from pages.read(path.read_bytes(), one.name)
    yield from pages.rest()
    detail = f"the package breaks off ({why}); what is in it was read, but compared with nothing"
    yield Trouble(within="whole package", reason="damaged_file", detail=detail)


def _json(data: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        read = json.loads(data)
    except (ValueError, RecursionError) as error:
        return None, f"it is no JSON: {error}"
    return (read, "") if isinstance(read, dict) else (None, "a JSON object was expected")


def _is_wacz(source: Source) -> bool:
    if source.ends(".wacz"):
        return True
    inside = re.search(rb"(?:archive/[^/\0]{1,200}\.warc|pages/pages\.jsonl)", source.head)
    return source.head.startswith(b"PK\x03\x04") and inside is not None


WACZ = Reader(
    name="web archive package (WACZ)",
    media="application/wacz",
    recognises=_is_wacz,
    read=read_wacz,
)
