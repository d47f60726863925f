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
from palermo.evidence.keys import Signer, VerifierKey, key_id, read_public_key
from palermo.evidence.keystore import Keystore, wrapping_key
from palermo.evidence.log import CustodyLog, Logged
from palermo.evidence.rows import Check, Outcome
from palermo.evidence.vault import Vault
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
    "Ground",
    "Keystore",
    "Logged",
    "Outcome",
    "SignedCheckpoint",
    "Signer",
    "Tool",
    "Vault",
    "VerifierKey",
    "key_id",
    "read_public_key",
    "verify_case",
    "wrapping_key",
]
