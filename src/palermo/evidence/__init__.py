"""The evidence room: sealed exhibits, the custody log, and their verification."""

from palermo.evidence.case import CaseFolder
from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint, WitnessKey
from palermo.evidence.commitment import new_salt
from palermo.evidence.cosigning import HttpRoute, Pending, Route, cosign
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
from palermo.evidence.hardware import TokenSigner, token_signer
from palermo.evidence.holds import Hold, holds_in_force
from palermo.evidence.keys import Signer, VerifierKey, key_id, public_pem, read_public_key
from palermo.evidence.keystore import Keystore, actors, protect, wrapping_keys
from palermo.evidence.log import CustodyLog, Logged
from palermo.evidence.log_copy import copy_log, log_size
from palermo.evidence.merkle import consistency_proof
from palermo.evidence.openings import Openings, note_commitment
from palermo.evidence.receipt import receipt, verify_receipt
from palermo.evidence.rows import Check, Outcome
from palermo.evidence.sealed_stream import SealedReader, SealedWriter, is_sealed
from palermo.evidence.timestamp import NotGranted, Stamp, openssl_commands, verify_stamp
from palermo.evidence.tool import this_tool
from palermo.evidence.tsa import request_stamp
from palermo.evidence.vault import FsspecStore, Incoming, LocalStore, Opening, Store, Vault
from palermo.evidence.verify import verify_case
from palermo.evidence.witness import Declined, Witness, witness_key
from palermo.evidence.witness_folder import FolderRoute, answer_folder
from palermo.evidence.witness_server import WitnessServer

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
    "Declined",
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
    "NotGranted",
    "Opening",
    "Openings",
    "Outcome",
    "Pending",
    "Route",
    "SealedReader",
    "SealedWriter",
    "SignedCheckpoint",
    "Signer",
    "Stamp",
    "Store",
    "TokenSigner",
    "Tool",
    "Vault",
    "VerifierKey",
    "Witness",
    "WitnessKey",
    "WitnessServer",
    "actors",
    "answer_folder",
    "consistency_proof",
    "copy_log",
    "cosign",
    "holds_in_force",
    "is_sealed",
    "key_id",
    "log_size",
    "new_salt",
    "note_commitment",
    "openssl_commands",
    "protect",
    "public_pem",
    "read_public_key",
    "receipt",
    "request_stamp",
    "this_tool",
    "token_signer",
    "verify_case",
    "verify_receipt",
    "verify_stamp",
    "witness_key",
    "wrapping_keys",
]
