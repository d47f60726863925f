"""The vault of a case: sealed originals that can be erased for good."""

from palermo.evidence.commitment import Opening
from palermo.evidence.vault.batch import Incoming
from palermo.evidence.vault.plain import PLAIN
from palermo.evidence.vault.records import commitment
from palermo.evidence.vault.remote import LOCATION_FILE, FsspecStore
from palermo.evidence.vault.store import INCOMING, Draft, LocalStore, Store
from palermo.evidence.vault.stream import sealed_size
from palermo.evidence.vault.table import KEYS_FILE
from palermo.evidence.vault.upkeep import LOCK_FILE
from palermo.evidence.vault.vault import Vault

#: What lies in a vault's folder beside the exhibits without being recorded anywhere.
OWN_FILES = frozenset({KEYS_FILE, f"{KEYS_FILE}-journal", LOCATION_FILE, LOCK_FILE})

__all__ = [
    "INCOMING",
    "KEYS_FILE",
    "LOCATION_FILE",
    "OWN_FILES",
    "PLAIN",
    "Draft",
    "FsspecStore",
    "Incoming",
    "LocalStore",
    "Opening",
    "Store",
    "Vault",
    "commitment",
    "sealed_size",
]
