"""The evidence room: sealed exhibits, the custody log, stamps, witnesses, verification."""

from palermo.evidence.case import CaseFolder
from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint, WitnessKey
from palermo.evidence.cosigning import HttpRoute, Pending, cosign
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
from palermo.evidence.hardware import TokenSigner, token_signer
from palermo.evidence.judge import Check, Outcome
from palermo.evidence.keys import Keystore, Signer, VerifierKey, key_id, read_public_key
from palermo.evidence.log import CustodyLog, Logged
from palermo.evidence.timestamp import NotGranted, Stamp, openssl_commands, verify_stamp
from palermo.evidence.tsa import request_stamp
from palermo.evidence.vault import Vault
from palermo.evidence.verify import verify_case
from palermo.evidence.witness import Declined, Witness, witness_key
from palermo.evidence.witness_folder import FolderRoute, answer_folder
from palermo.evidence.witness_server import WitnessServer

__all__ = [
    "Actor",
    "CaseFolder",
    "Check",
    "Checkpoint",
    "CustodyEvent",
    "CustodyLog",
    "Declined",
    "Entry",
    "EventType",
    "ExhibitRef",
    "FileRef",
    "FolderRoute",
    "Ground",
    "HttpRoute",
    "Keystore",
    "Logged",
    "NotGranted",
    "Outcome",
    "Pending",
    "SignedCheckpoint",
    "Signer",
    "Stamp",
    "TokenSigner",
    "Tool",
    "Vault",
    "VerifierKey",
    "Witness",
    "WitnessKey",
    "WitnessServer",
    "answer_folder",
    "cosign",
    "key_id",
    "openssl_commands",
    "read_public_key",
    "request_stamp",
    "token_signer",
    "verify_case",
    "verify_stamp",
    "witness_key",
]
