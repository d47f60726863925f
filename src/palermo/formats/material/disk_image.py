"""A disk image as a whole: what it says of itself, whether its checksums hold, its volumes.

Guarantees that the image is only read; that no other file is opened than the one given, even where
its kind may have further segments; and that every volume is read or said not to be.
"""

import contextlib
import hashlib
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pyewf
import pytsk3
from dfvfs.helpers import source_scanner
from dfvfs.lib import definitions, errors
from dfvfs.resolver import context, resolver

from palermo.formats.material.disk import E01, ImageForm
from palermo.formats.material.disk_files import Walk
from palermo.formats.material.found import Found, Kind, Records, Source, Trouble, Value
from palermo.model import Unreadable

# The library's own choice for FAT, libfsfat, reads dates a month late (seen in 20260826: a file of
# 6 May 2024 as 7 June). The Sleuth Kit reads them right, and says that they are in local time.
definitions.PREFERRED_FAT_BACK_END = definitions.TYPE_INDICATOR_TSK

#: What the libraries below are known to raise for images that are damaged.
READ_ERRORS = (
    errors.Error, OSError, ValueError, RuntimeError, OverflowError, KeyError, TypeError,
    AttributeError, MemoryError,
)  # fmt: skip
_PIECE = 1 << 20
_TSK_NAMES = {
    name.removeprefix("TSK_FS_TYPE_"): getattr(pytsk3, name)
    for name in dir(pytsk3)
    if name.startswith("TSK_FS_TYPE_") and not name.endswith("_DETECT")
}
_ENCRYPTED = {"BDE": "BitLocker", "FVDE": "FileVault", "LUKSDE": "LUKS", "APFS_CONTAINER": "APFS"}
_NO_MEDIA = frozenset({definitions.TYPE_INDICATOR_OS, definitions.TYPE_INDICATOR_RAW})


class _Scanner(source_scanner.SourceScanner):  # type: ignore[misc]  # publishes no types
    """Finds volumes; one that is damaged is noted in `failed` and does not stop the others."""

    def __init__(self, opened: Any) -> None:
        super().__init__(resolver_context=opened)
        self.failed: dict[int, str] = {}

    def _ScanNode(  # noqa: N802  (the library's name)
        self, scan_context: Any, scan_node: Any, auto_recurse: bool = True
    ) -> None:
        try:
            super()._ScanNode(scan_context, scan_node, auto_recurse=auto_recurse)
        except READ_ERRORS as error:
            self.failed[id(scan_node)] = said(error)


def read_image(source: Source, form: ImageForm) -> Records:
    """Read a disk image: first itself, then volume after volume.

    Raises:
        Unreadable: when the image cannot be opened, or shows no volume.
    """
    with tempfile.TemporaryDirectory(prefix="palermo-") as folder:
        # The libraries go by the ending of the name, and look for further segments beside it.
        link = Path(folder) / f"image{form.ending}"
        link.symlink_to(source.path.resolve())
        opened = context.Context()
        scan = source_scanner.SourceScannerContext()
        scan.OpenSourcePath(str(link))
        scanner = _Scanner(opened)
        scanner.Scan(scan)
        leaves = [node for node in _leaves(scan.GetRootScanNode()) if not _outside(node)]
        if not any(_is_file_system(node) or _locked(scan, node) for node in leaves):
            why = scanner.failed.get(id(scan.GetRootScanNode()))
            why = why or "no partition and no file system was found in it"
            raise _unreadable(source, form, why.replace(str(link), "the image"))
        size = yield from _media(source, form, link, _media_node(leaves[0]), opened)
        for node in leaves:
            why = _failed(scanner.failed, node)
            yield from _volume(source, scan, node, size, opened, why=why)


def _volume(
    source: Source, scan: Any, node: Any, size: int, opened: Any, *, why: str | None
) -> Records:
    place = _place(node)
    within = place or "whole image"
    if _locked(scan, node):
        name = _ENCRYPTED.get(node.type_indicator, node.type_indicator)
        detail = f"the volume is encrypted ({name}); nothing in it was read; decrypt it into a copy"
        yield Trouble(within=within, detail=detail)
    elif node.type_indicator == definitions.TYPE_INDICATOR_VSHADOW:
        yield Trouble(
            within=within, detail="an earlier state of the volume (shadow copy); not read"
        )
    elif not _is_file_system(node):
        name = _ENCRYPTED.get(node.type_indicator)
        detail = "no file system that can be read was found here"
        detail = f"an encrypted volume ({name}) that cannot be opened" if name else detail
        yield Trouble(within=within, detail=f"{detail}: {why}" if why else detail)
    else:
        try:
            system = resolver.Resolver.OpenFileSystem(node.path_spec, resolver_context=opened)
            root, name = system.GetRootFileEntry(), _system_name(node, system)
        except READ_ERRORS as error:
            yield Trouble(within=within, detail=f"the file system cannot be opened: {said(error)}")
            return
        yield from Walk(source, place, name, size, READ_ERRORS).records(root)


def _media(
    source: Source, form: ImageForm, link: Path, node: Any, opened: Any
) -> Generator[Found | Trouble, None, int]:
    """Read the medium once, to hash it; yields what the image says of itself; returns its size."""
    extra: dict[str, Value] = {"image format": form.name}
    stated = _acquisition(link, extra) if form is E01 else {}
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in {"sha256", *stated}}
    size, damaged = _hashed(link, node, opened, digests)
    extra |= {"medium bytes": size, "medium sha256": digests["sha256"].hexdigest()}
    troubles = []
    for name, value in stated.items():
        found = digests[name].hexdigest()
        extra[f"acquisition {name}"] = value
        extra[f"acquisition {name} checked"] = "holds" if found == value else "does not hold"
        if found != value:
            detail = f"the {name} stored when the disk was copied is {value}; the medium is {found}"
            troubles.append(Trouble(within="whole image", reason="does_not_hold", detail=detail))
    if form is E01 and not stated:
        extra["acquisition hash"] = "none is stored"
    if damaged:
        troubles.append(Trouble(within="whole image", reason="damaged_file", detail=damaged))
    yield Found(
        kind=Kind.FILE,
        text=f"[disk image: {form.name}, {size} bytes]",
        within="whole image",
        extra=extra,
    )
    yield from troubles
    return max(size, source.path.stat().st_size)


def _hashed(link: Path, node: Any, opened: Any, digests: dict[str, Any]) -> tuple[int, str | None]:
    size = 0
    try:
        with contextlib.ExitStack() as stack:
            if node is None:
                medium: Any = stack.enter_context(link.open("rb"))
            else:
                medium = resolver.Resolver.OpenFileObject(node.path_spec, resolver_context=opened)
            while piece := medium.read(_PIECE):
                size += len(piece)
                for digest in digests.values():
                    digest.update(piece)
    except READ_ERRORS as error:
        return size, f"the medium cannot be read from byte {size} on: {said(error)}"
    return size, None


def _acquisition(link: Path, extra: dict[str, Value]) -> dict[str, str]:
    """Add what an E01 says of its acquisition to `extra`; return the hashes stored in it."""
    handle = pyewf.handle()
    try:
        handle.open([str(link)])
        extra |= {f"E01 {name}": str(value) for name, value in handle.get_header_values().items()}
        hashes = handle.get_hash_values()
        handle.close()
    except READ_ERRORS as error:
        extra["E01 remarks"] = f"its header cannot be read: {said(error)}"
        return {}
    known = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256"}
    return {known[name]: str(value).lower() for name, value in hashes.items() if name in known}


def _leaves(node: Any) -> Iterator[Any]:
    """Yield the nodes of a scan that have nothing below them: file systems, or what has none."""
    if not node.sub_nodes:
        yield node
    for below in node.sub_nodes:
        yield from _leaves(below)


def _outside(node: Any) -> bool:
    """Tell whether a node is no volume but space outside of all partitions."""
    partition = node.type_indicator == definitions.TYPE_INDICATOR_TSK_PARTITION
    return partition and getattr(node.path_spec, "location", None) is None


def _system_name(node: Any, system: Any) -> str:
    if node.type_indicator != definitions.TYPE_INDICATOR_TSK:
        return str(node.type_indicator)
    kind = system.GetFsType()
    return next((name for name, value in _TSK_NAMES.items() if value == kind), "TSK")


def _media_node(node: Any) -> Any:
    """Return the node of the unpacked medium above `node`; None if the file itself is it."""
    above, medium = node, None
    while above is not None:
        if above.path_spec.type_indicator in definitions.STORAGE_MEDIA_IMAGE_TYPE_INDICATORS | {
            definitions.TYPE_INDICATOR_MODI
        }:
            medium = above
        above = above.parent_node
    return None if medium is None or medium.type_indicator in _NO_MEDIA else medium


def _failed(failed: dict[int, str], node: Any) -> str | None:
    while node is not None:
        if id(node) in failed:
            return failed[id(node)]
        node = node.parent_node
    return None


def _is_file_system(node: Any) -> bool:
    return node.type_indicator in definitions.FILE_SYSTEM_TYPE_INDICATORS


def _locked(scan: Any, node: Any) -> bool:
    return bool(scan.IsLockedScanNode(node.path_spec))


def _place(node: Any) -> str:
    """Return the place of a volume, `p1` or `p2/apfs1`; empty where there are no partitions."""
    parts: list[str] = []
    above = node
    while above is not None:
        location = getattr(above.path_spec, "location", None)
        volume = above.type_indicator in definitions.VOLUME_SYSTEM_TYPE_INDICATORS
        if volume and location and location != "/":
            parts.insert(0, location.strip("/"))
        above = above.parent_node
    return "/".join(parts)


def _unreadable(source: Source, form: ImageForm, why: str) -> Unreadable:
    more = "; an image in several segments must be joined into one first" if form is E01 else ""
    return Unreadable(f"{source.name}: not a readable disk image ({form.name}): {why}{more}")


def said(error: object) -> str:
    """Return the first sentence of what a library says."""
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
