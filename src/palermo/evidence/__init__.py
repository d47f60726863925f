"""The evidence room: sealed exhibits, the custody log, and their verification."""

from palermo.evidence.case import CaseFolder
from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint
from palermo.evidence.entry import Entry
from palermo.evidence.event import (
    NODE,
    Actor,
    ActorKey,
    Clock,
    CustodyEvent,
    EventType,
    ExhibitRef,
    FileRef,
    Ground,
    Tool,
)
from palermo.evidence.holds import Hold, holds_in_force
from palermo.evidence.keys import Signer, VerifierKey, key_id, public_pem, read_public_key
from palermo.evidence.keystore import Keystore, actors, protect, wrapping_keys
from palermo.evidence.log import CustodyLog, Logged
from palermo.evidence.openings import Openings
from palermo.evidence.rows import Check, Outcome
from palermo.evidence.tool import this_tool
from palermo.evidence.vault import (
    FsspecStore,
    Incoming,
    LocalStore,
    Opening,
    Store,
    Vault,
)
from palermo.evidence.verify import verify_case

__all__ = [
    "NODE",
    "Actor",
    "ActorKey",
    "CaseFolder",
    "Check",
    "Checkpoint",
    "Clock",
    "CustodyEvent",
    "CustodyLog",
    "Entry",
    "EventType",
    "ExhibitRef",
    "FileRef",
    "FsspecStore",
    "Ground",
    "Hold",
    "Incoming",
    "Keystore",
    "LocalStore",
    "Logged",
    "Opening",
    "Openings",
    "Outcome",
    "SignedCheckpoint",
    "Signer",
    "Store",
    "Tool",
    "Vault",
    "VerifierKey",
    "actors",
    "holds_in_force",
    "key_id",
    "protect",
    "public_pem",
    "read_public_key",
    "this_tool",
    "verify_case",
    "wrapping_keys",
]
