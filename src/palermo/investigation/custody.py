"""How this room writes custody events: always under an authority, always with tool and clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from palermo.evidence import (
    NODE,
    Actor,
    ActorKey,
    CaseFolder,
    Clock,
    CustodyEvent,
    CustodyLog,
    EventType,
    ExhibitRef,
    FileRef,
    Ground,
    Keystore,
    Signer,
    Vault,
    this_tool,
    wrapping_keys,
)
from palermo.model import Authority, Exhibit, Refused, Unreadable

SYSTEM_CLOCK = Clock(source="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """This installation: its folder, the passphrase of its keys, and the clock it reads.

    `token` is the node's own key where it lies in hardware; people's keys lie in the keystore.
    """

    folder: Path
    passphrase: bytes | None = None
    clock: Clock = SYSTEM_CLOCK
    token: Signer | None = None

    def signer(self, actor: str = NODE, *, create: bool = True) -> Signer:
        """Open the signing key of `actor`."""
        if actor == NODE and self.token is not None:
            return self.token
        return Keystore.open(
            self.folder / "keys", actor=actor, passphrase=self.passphrase, create=create
        )

    def vault(self, case: CaseFolder) -> Vault:
        """Open the vault of `case` for sealing and reading.

        While the wrapping key is being changed, a vault may be under the old or the new one.

        Raises:
            Refused: when it is under neither.
        """
        current, *others = wrapping_keys(self.folder / "keys", passphrase=self.passphrase)
        for kek in others:
            try:
                return case.vault(kek)
            except Refused:
                continue
        return case.vault(current)


def event(
    kind: EventType,
    authority: Authority,
    *,
    at: datetime,
    node: Node,
    actor: str = NODE,
    exhibits: Sequence[Exhibit] = (),
    outputs: tuple[FileRef, ...] = (),
    **more: object,
) -> CustodyEvent:
    """Build an event under `authority`; `more` are further fields of `CustodyEvent`."""
    return CustodyEvent(
        type=kind,
        actor=_actor(actor, authority),
        ground=Ground.of(authority),
        purpose=authority.purpose,
        occurred_at=at,
        logged_at=at,
        tool=this_tool(),
        clock=node.clock,
        exhibits=tuple(ExhibitRef.of(exhibit) for exhibit in exhibits),
        outputs=outputs,
        **more,  # type: ignore[arg-type]  # named by the caller, checked by the dataclass
    )


def second_person(name: str, authority: Authority) -> Actor:
    """Return the second person of an act that needs two."""
    return Actor(id=name, role="second person", organisation=authority.organisation)


def introduce(
    log: CustodyLog, signer: Signer, actor: str, authority: Authority, *, at: datetime, node: Node
) -> None:
    """Add the key of `actor` to the log unless it is there: the node vouches for its people."""
    if actor != NODE and log.key_of(actor) is None:
        key = ActorKey(actor=actor, public_key=signer.public_key.hex())
        log.append(event(EventType.KEY_ADD, authority, at=at, node=node, key=key))


def _actor(name: str, authority: Authority) -> Actor:
    role = "node" if name == NODE else "person"
    return Actor(id=name, role=role, organisation=authority.organisation)


def check_folder(out: Path) -> None:
    """Take an empty or new folder, or a case folder of ours; never somebody's other files.

    Raises:
        Unreadable: saying what is there instead.
    """
    if out.exists() and not out.is_dir():
        raise Unreadable(f"{out}: expected a folder for the case, found a file.")
    if out.is_dir() and any(out.iterdir()) and not (out / "custody.sqlite3").is_file():
        raise Unreadable(f"{out}: not empty and not a case folder; name another folder.")


def read_as(exhibit: Exhibit, *, name: str, media_type: str) -> Exhibit:
    """Return `exhibit` under the name by which a run read it: readers go by the ending."""
    return replace(exhibit, name=name, media_type=media_type)
