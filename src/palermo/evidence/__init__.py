"""The evidence room: sealed exhibits, the custody log, and their verification."""

from palermo.evidence.case import CaseFolder
from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint, WitnessKey
from palermo.evidence.cosigning import HttpRoute, Route, cosign
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
from palermo.evidence.merkle import consistency_proof
from palermo.evidence.openings import Openings
from palermo.evidence.rows import Check, Outcome
from palermo.evidence.timestamp import verify_stamp
from palermo.evidence.tool import this_tool
from palermo.evidence.tsa import request_stamp
from palermo.evidence.vault import (
    FsspecStore,
    Incoming,
    LocalStore,
    Opening,
    Store,
    Vault,
)
from palermo.evidence.verify import verify_case
from palermo.evidence.witness_folder import FolderRoute

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
    "FolderRoute",
    "FsspecStore",
    "Ground",
    "Hold",
    "HttpRoute",
    "Incoming",
    "Keystore",
    "LocalStore",
    "Logged",
    "Opening",
    "Openings",
    "Outcome",
    "Route",
    "SignedCheckpoint",
    "Signer",
    "Store",
    "Tool",
    "Vault",
    "VerifierKey",
    "WitnessKey",
    "actors",
    "consistency_proof",
    "cosign",
    "holds_in_force",
    "key_id",
    "protect",
    "public_pem",
    "read_public_key",
    "request_stamp",
    "this_tool",
    "verify_case",
    "verify_stamp",
    "wrapping_keys",
]
