"""Giving a receipt for an exhibit, so that whoever handed it in can prove what it was."""

from collections.abc import Iterable
from pathlib import Path

from palermo.evidence import CaseFolder, EventType, receipt
from palermo.evidence.entry import Entry
from palermo.investigation.custody import Node
from palermo.model import Refused, Unreadable

_TAKEN_IN = {EventType.RECEIVE, EventType.SEIZE, EventType.CAPTURE, EventType.TRANSFER_IN}


def give_receipt(folder: Path, exhibit: str, *, node: Node) -> bytes:
    """Return the receipt for `exhibit` (its id, or the SHA-256 of its bytes).

    Raises:
        Unreadable: there is no such case or exhibit.
        Refused: it was erased, or came in under a signature shared with others.
    """
    if not (folder / "custody.sqlite3").is_file():
        raise Unreadable(f"{folder}: expected a case folder")
    case = CaseFolder(folder)
    vault = node.vault(case)
    found = vault.find(exhibit) if len(exhibit) == 64 else None
    sealed = found if found is not None else vault.get(exhibit)
    with case.log(node.signer()) as log:
        entry = _taken_in(folder, log.entries(), sealed.id)
        log.checkpoint()
        leaf = list(log.leaf_data())[entry.seq]
        if not leaf.startswith(b'{"payload":'):
            raise Refused(
                f"{folder}: event {entry.seq} shares its signature with others; hand over a "
                "package instead"
            )
        return receipt(
            opening=vault.opening(sealed.id),
            name=sealed.name,
            size=sealed.size,
            leaf=leaf,
            proof=log.inclusion_proof(entry.seq),
            checkpoint=(folder / "checkpoint.txt").read_text("utf-8"),
            key=log.key,
        )


def _taken_in(folder: Path, entries: Iterable[Entry], exhibit: str) -> Entry:
    for entry in entries:
        event = entry.event
        if event.type in _TAKEN_IN and any(one.id == exhibit for one in event.exhibits):
            return entry
    raise Unreadable(f"{folder}: no event by which {exhibit} was taken in")
