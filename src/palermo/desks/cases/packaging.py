"""Exhibit packages: made in the background, kept sealed until they are fetched.

Guarantees that a package is made under the authority that was given for it and judged at that
moment; that one which was cut off leaves no decrypted original behind and is corrected in the log;
and that what lies on the node for fetching is encrypted like any exhibit.
"""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from palermo.desks.access.models import Case
from palermo.desks.cases.background import Beat, case_folder, folder_of
from palermo.desks.cases.models import Package, Run
from palermo.evidence import CaseFolder, Vault
from palermo.evidence.package.selection import Selection
from palermo.investigation import HandOver, Node, correct_unfinished, hand_over

_LEAVING = "leaving"
_KEPT = "packages"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20


def vault_for(case: Case) -> Vault:
    """Return the vault in which finished packages of `case` lie; the evidence has its own."""
    node: Node = settings.PALERMO_NODE
    return node.vault(CaseFolder(folder_of(case) / _KEPT))


def open_package(package: Package) -> BinaryIO:
    """Open the ZIP for reading.

    Raises:
        Refused: it was altered.
    """
    return vault_for(package.case).open(package.sealed)


def remove(package: Package) -> None:
    """Destroy the ZIP; that it was handed over stays on record."""
    if package.sealed:
        vault_for(package.case).shred(package.sealed)
    package.sealed, package.removed_at = "", settings.PALERMO_CLOCK()
    package.save(update_fields=["sealed", "removed_at"])


def do(run: Run, beat: Beat) -> None:
    """Make the package, as a ZIP, and seal it."""
    package = Package.rows.of(run.case).get(run=run)
    at = settings.PALERMO_CLOCK()
    leaving = folder_of(run.case) / _LEAVING
    shutil.rmtree(leaving, ignore_errors=True)  # of a process that was killed
    leaving.mkdir(mode=0o700)
    try:
        authority = leaving / "authority.yaml"
        authority.write_bytes(bytes(package.document))
        order = HandOver(
            case=case_folder(run.case),
            out=leaving / "package",
            authority=authority,
            recipient=package.recipient,
            node=settings.PALERMO_NODE,
            act=package.act,
            seal=package.seal or None,
            selection=Selection(only=tuple(package.only)),
            outputs=package.outputs,
            language="fr" if package.language == "fr" else "en",
        )
        beat("exhibits packed", 0, 0)
        begun = _begun(run, order)
        if run.tries > 1:
            correct_unfinished(order, begun, at=at)
        packed = hand_over(order, at=at)
        archive = leaving / "package.zip"
        zipped(order.out, archive, beat)
        vault = vault_for(run.case)
        sealed = vault.seal(archive, name=archive.name, media_type="application/zip", at=at)
    finally:
        shutil.rmtree(leaving, ignore_errors=True)
    with transaction.atomic():
        package.event, package.sealed = packed.event, sealed.id
        package.size, package.sha256 = sealed.size, sealed.sha256
        package.save()
        run.result = {"exhibits": packed.exhibits, "held_back": packed.held_back}
        run.state, run.ended_at = Run.State.DONE, settings.PALERMO_CLOCK()
        run.save(update_fields=["result", "state", "ended_at"])


def zipped(folder: Path, archive: Path, progress: Callable[[str, int, int], None]) -> None:
    """Write every file of `folder` into `archive`, below one folder, the same bytes each time."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "x", allowZip64=True) as target:
        archive.chmod(0o600)
        for number, path in enumerate(files, start=1):
            entry = zipfile.ZipInfo(f"package/{path.relative_to(folder).as_posix()}", _ZIP_DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            with path.open("rb") as source, target.open(entry, "w", force_zip64=True) as to:
                shutil.copyfileobj(source, to, _PIECE)
            progress("package zipped", number, len(files))


def _begun(run: Run, order: HandOver) -> int:
    """Return how long the log was when this run first began: later hand-overs may be its own."""
    if "log" not in run.result:
        with CaseFolder(order.case).log(order.node.signer()) as log:
            run.result = {"log": log.size}
        run.save(update_fields=["result"])
    return int(run.result["log"])
