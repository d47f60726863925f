"""The evidence room: sealed exhibits, the custody log, and their verification."""

from palermo.evidence.case import CaseFolder
from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint
from palermo.evidence.event import (
    Actor,
    CustodyEvent,
    Entry,
    EventType,
    ExhibitRef,
    FileRef,
    Ground,
    Tool,
)
from palermo.evidence.judge import Check, Outcome
from palermo.evidence.keys import Keystore, Signer, VerifierKey, key_id, read_public_key
from palermo.evidence.log import CustodyLog, Logged
from palermo.evidence.vault import (
    FsspecStore,
    Incoming,
    LocalStore,
    Opening,
    Store,
    Vault,
    commitment,
)
from palermo.evidence.verify import verify_case

__all__ = [
    "Actor",
    "CaseFolder",
    "Check",
    "Checkpoint",
    "CustodyEvent",
    "CustodyLog",
    "Entry",
    "EventType",
    "ExhibitRef",
    "FileRef",
    "FsspecStore",
    "Ground",
    "Incoming",
    "Keystore",
    "LocalStore",
    "Logged",
    "Opening",
    "Outcome",
    "SignedCheckpoint",
    "Signer",
    "Store",
    "Tool",
    "Vault",
    "VerifierKey",
    "commitment",
    "key_id",
    "read_public_key",
    "verify_case",
]
