"""Taking over an exhibit package that another node handed over.

Guarantees that nothing is taken in before the whole package was verified, that every original is
compared once more while it is sealed, that the sender's log and the package's papers are kept as
exhibits of their own, and that the log of the receiving case names the sender's checkpoint. What
was begun and cannot be finished is taken back.
"""

import hashlib
import json
import mimetypes
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from palermo.evidence import (
    CaseFolder,
    CustodyEvent,
    EventType,
    Incoming,
    Openings,
    Outcome,
    Vault,
)
from palermo.evidence.judgement import failed
from palermo.evidence.package.inventory import Disclosed
from palermo.evidence.package.judging import Package
from palermo.evidence.package.layout import DATA, OUTPUTS
from palermo.evidence.package.verify import Trust, examine_package
from palermo.evidence.portable import PORTABLE_FILE
from palermo.evidence.rows import Check
from palermo.investigation.custody import Node, check_folder, event
from palermo.law import check, law_book, read_authority
from palermo.model import Authority, Exhibit, Refused, Unreadable

#: What taking over is, in the words of the law packs.
MEASURE = "preserve"

RECORD_NAME = "package-record.zip"
_AHEAD = timedelta(minutes=5)  # a sender's clock may be this far ahead of ours
_REASONS = 5
_SPOOLED = 16 << 20
_PIECE = 1 << 20
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same package gives the same bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is to be taken over.

    Args:
        package: the folder of the package.
        out: the case folder it goes into, new or one of ours.
        authority: file of an authority that covers the measure `preserve`.
        node: this installation.
        trust: the sender's key, and checkpoints, time authorities and witnesses that we know.
        material: its kind, in the words of the law packs; else the first the authority names.
        unknown_sender: take over though no key of the sender is known; the log will say so.
        accept_times: take over though the times in the sender's log contradict each other.
    """

    package: Path
    out: Path
    authority: Path
    node: Node
    trust: Trust = field(default_factory=Trust)
    material: str = ""
    unknown_sender: bool = False
    accept_times: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What was taken over: the number of the event, and the exhibits by their id at the sender."""

    event: int
    exhibits: dict[str, Exhibit]
    others: tuple[Exhibit, ...]
    checks: tuple[Check, ...]


def receive(receipt: Receipt, *, at: datetime) -> Received:
    """Verify the package and seal what is in it.

    Raises:
        Refused: no authority covers it, or the package does not hold; nothing was taken in.
        Unreadable: the package, the authority or the case folder cannot be used.
    """
    authority = read_authority(receipt.authority)
    material = receipt.material or next(iter(authority.scope.material), "posts")
    check(authority, law_book(), at=at, measure=MEASURE, material=material)
    if not receipt.package.is_dir():
        raise Unreadable(f"{receipt.package}: expected the folder of an exhibit package")
    if receipt.trust.public_key is None and not receipt.unknown_sender:
        raise Unreadable(
            "the sender's key is not given, and without it nothing shows who made the package; "
            "give it with --key, got by another way, or say --unknown-sender"
        )
    check_folder(receipt.out)
    checks, package = examine_package(receipt.package, receipt.trust)
    _refuse(receipt, checks, package, at)
    case = CaseFolder(receipt.out)
    with case.log(receipt.node.signer()) as log:
        vault = receipt.node.vault(case)
        with _all_or_none(vault) as sealed:
            exhibits = _originals(package, vault, sealed, at)
            others = _others(package, vault, sealed, at)
            openings = Openings.read(case.path)
            note = openings.add_note(_told(receipt, package, exhibits))
            openings.write(case.path)
            taken = (*exhibits.values(), *others)
            seq = log.append(_event(receipt, authority, package, taken, note=note, at=at)).seq
    return Received(event=seq, exhibits=exhibits, others=others, checks=tuple(checks))


def _refuse(receipt: Receipt, checks: Sequence[Check], package: Package, at: datetime) -> None:
    reasons = [f"{one.name}: {one.detail}" for one in failed(checks)]
    if not receipt.accept_times:
        reasons += [
            f"{one.name}: {one.detail} (--accept-times takes it over all the same)"
            for one in checks
            if one.name == "times" and one.outcome is not Outcome.PASS
        ]
    if not reasons and (logged := package.hand_over().logged_at) > at + _AHEAD:
        reasons.append(f"times: it says that it was handed over later than now, {logged}")
    if reasons:
        more = f"; and {len(reasons) - _REASONS} more" if len(reasons) > _REASONS else ""
        raise Refused(
            f"{receipt.package}: not taken over, nothing was sealed: "
            f"{'; '.join(reasons[:_REASONS])}{more}"
        )


@contextmanager
def _all_or_none(vault: Vault) -> Iterator[list[Exhibit]]:
    """Give a list for what is sealed; when the block fails, what was not there before goes."""
    before = {one.id for one in vault.exhibits()}
    sealed: list[Exhibit] = []
    try:
        yield sealed
    except BaseException:
        vault.shred(*({one.id for one in sealed} - before))
        raise


def _originals(
    package: Package, vault: Vault, sealed: list[Exhibit], at: datetime
) -> dict[str, Exhibit]:
    """Seal the originals, parents before what was made from them; return them by their old id."""
    taken: dict[str, Exhibit] = {}
    waiting = {one.id: one for one in package.inventory().exhibits}
    while waiting:
        ready = [one for one in waiting.values() if one.parent not in waiting]
        if not ready:
            raise Refused(f"{package.bag.path}: exhibits are said to be made from each other")
        for one, exhibit in zip(ready, _seal(package, vault, ready, taken, at), strict=True):
            sealed.append(exhibit)
            if exhibit.sha256 != one.sha256:
                raise Refused(f"{one.path}: changed while it was being taken over; do it again")
            taken[one.id] = exhibit
            del waiting[one.id]
    return taken


def _seal(
    package: Package,
    vault: Vault,
    ready: Sequence[Disclosed],
    taken: dict[str, Exhibit],
    at: datetime,
) -> list[Exhibit]:
    return vault.seal_many(
        Incoming(
            source=package.bag.plain(one.path),
            name=one.name,
            media_type=one.media_type,
            at=at,
            parent=taken[one.parent].id if one.parent in taken else None,
        )
        for one in ready
    )


def _others(
    package: Package, vault: Vault, sealed: list[Exhibit], at: datetime
) -> tuple[Exhibit, ...]:
    """Seal the sender's log, the package's other papers, and the results that came along."""
    bag = package.bag
    incoming = [
        Incoming(
            source=bag.plain(PORTABLE_FILE),
            name=PORTABLE_FILE,
            media_type="application/jsonl",
            at=at,
        )
    ]
    for path in bag.payload():
        if path.startswith(f"{OUTPUTS}/"):
            media = mimetypes.guess_type(path)[0] or "application/octet-stream"
            incoming.append(
                Incoming(
                    source=bag.plain(path),
                    name=path.removeprefix(f"{DATA}/"),
                    media_type=media,
                    at=at,
                )
            )
    with SpooledTemporaryFile(max_size=_SPOOLED) as record:
        _record(package, cast("BinaryIO", record))
        incoming.append(
            Incoming(
                source=cast("BinaryIO", record),
                name=RECORD_NAME,
                media_type="application/zip",
                at=at,
            )
        )
        others = vault.seal_many(incoming)
    sealed += others
    return tuple(others)


def _record(package: Package, file: BinaryIO) -> None:
    """Write everything but the payload as a ZIP: with the payload it is the package again.

    Raises:
        Refused: when a file is no longer the one that was verified.
    """
    with zipfile.ZipFile(file, "w") as archive:
        for name, found in sorted(package.bag.files.items()):
            if name.startswith(f"{DATA}/"):
                continue
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            digest = hashlib.sha256()
            with (
                package.bag.plain(name).open("rb") as source,
                archive.open(entry, "w", force_zip64=True) as target,
            ):
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    target.write(piece)
            if digest.hexdigest() != found.sha256:
                raise Refused(f"{name}: changed while it was being taken over; do it again")
    file.seek(0)


def _event(
    receipt: Receipt,
    authority: Authority,
    package: Package,
    taken: Sequence[Exhibit],
    *,
    note: str,
    at: datetime,
) -> CustodyEvent:
    """Build the event; its seal names the sender's log, how long it was, and its root."""
    known = "" if receipt.trust.public_key is not None else "not proven: "
    head = package.checkpoint()
    return event(
        EventType.TRANSFER_IN,
        authority,
        at=at,
        node=receipt.node,
        exhibits=taken,
        match=True,
        sender=f"{known}{package.hand_over().actor.organisation}",
        recipient=authority.organisation,
        seal=f"{head.origin} {head.size} {head.root.hex()}",
        note=note,
    )


def _told(receipt: Receipt, package: Package, exhibits: dict[str, Exhibit]) -> str:
    """Return what is kept beside the log: which exhibit is which at the sender's."""
    head = package.checkpoint()
    said = {
        "sender_log": head.origin,
        "tree_size": head.size,
        "root": head.root.hex(),
        "hand_over": package.statement().hand_over,
        "sender_key_known": receipt.trust.public_key is not None,
        "contradicting_times_accepted": receipt.accept_times,
        "exhibits": {old: one.id for old, one in exhibits.items()},
    }
    return json.dumps(said, sort_keys=True)
