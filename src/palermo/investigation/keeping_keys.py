"""Keys in the life of a case: revoking a person's, and changing the one that wraps vaults' keys."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from palermo.evidence import ActorKey, CaseFolder, EventType
from palermo.evidence.keystore import NEXT, change_wrapping_key, wrapping_key
from palermo.investigation.custody import Node, event
from palermo.law import read_authority
from palermo.model import Unreadable


def revoke_key(
    folder: Path,
    person: str,
    *,
    authority: Path,
    since: datetime | None,
    at: datetime,
    node: Node,
) -> None:
    """Log that the key of `person` signs nothing any more in this case.

    What it signed after `since` and before the revocation is told as doubtful by `palermo verify`,
    unless a time stamp shows that it was signed before.

    Raises:
        Unreadable: there is no such case, or the person has no key in it.
    """
    if not (folder / "custody.sqlite3").is_file():
        raise Unreadable(f"{folder}: expected a case folder")
    granted = read_authority(authority)
    with CaseFolder(folder).log(node.signer()) as log:
        key = log.key_of(person)
        if key is None:
            raise Unreadable(f"{folder}: {person!r} has no key in force in this case")
        log.append(
            event(
                EventType.KEY_REVOKE,
                granted,
                at=at,
                node=node,
                key=ActorKey(actor=person, public_key=key.hex()),
                since=since,
            )
        )


def rewrap_vaults(folders: Sequence[Path], *, node: Node, destroy_old: bool) -> None:
    """Bring the vaults of `folders` under a new wrapping key, then put it in force.

    Calling again after an interruption goes on with the same new key.

    Raises:
        Unreadable: a folder is no case, or a vault cannot be written; the old key is in force.
    """
    for folder in folders:
        if not (folder / "vault" / "keys.sqlite3").is_file():
            raise Unreadable(f"{folder}: there is no vault with keys; name case folders")
    keys = node.folder / "keys"
    new = wrapping_key(keys, passphrase=node.passphrase, which=NEXT)
    for folder in folders:
        node.vault(CaseFolder(folder)).rekey(new)
    change_wrapping_key(keys, destroy_old=destroy_old)
