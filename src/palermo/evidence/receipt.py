"""A receipt for whoever gave an exhibit: proof of what was handed in, and when it was logged.

Guarantees that the receipt stands on its own: with it and the file, anyone can check offline that
this very content was taken into this log, whatever becomes of the case. It names nothing but the
one exhibit.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from palermo.evidence.checkpoint import SignedCheckpoint
from palermo.evidence.commitment import EXHIBIT, Opening
from palermo.evidence.dsse import Envelope
from palermo.evidence.entry import PAYLOAD_TYPE, Entry
from palermo.evidence.keys import VerifierKey, key_id, read_public_key
from palermo.evidence.merkle import leaf_hash, proves_inclusion
from palermo.evidence.rows import Check, Outcome
from palermo.model.errors import Refused, Unreadable

FORM = "palermo_receipt"
LARGEST = 64 << 20


def receipt(
    *,
    opening: Opening,
    name: str,
    size: int,
    leaf: bytes,
    proof: list[bytes],
    checkpoint: str,
    key: VerifierKey,
) -> bytes:
    """Write the receipt for one exhibit.

    Args:
        opening: salt and hash of the exhibit.
        name: the file's own name.
        size: its size in bytes.
        leaf: the event by which it was taken in, as it stands in the log.
        proof: the inclusion proof of that leaf (RFC 6962) in the tree of `checkpoint`.
        checkpoint: the signed checkpoint.
        key: the log's key.
    """
    written = {
        FORM: 1,
        "name": name,
        "size": size,
        "sha256": opening.sha256,
        "salt": opening.salt.hex(),
        "id": opening.commitment(EXHIBIT),
        "event": leaf.decode(),
        "inclusion_proof": [node.hex() for node in proof],
        "checkpoint": checkpoint,
        "key": str(key),
    }
    return json.dumps(written, ensure_ascii=False, indent=1).encode() + b"\n"


def is_receipt(data: bytes) -> bool:
    """Tell whether `data` looks like a receipt."""
    return f'"{FORM}"'.encode() in data[:200]


def verify_receipt(
    data: bytes, *, public_key: bytes | None = None, file: Path | None = None
) -> list[Check]:
    """Check a receipt, and the file it is for when that is given. Never raises."""
    try:
        return list(_checks(json.loads(data), public_key, file))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [Check("receipt", Outcome.FAIL, "it is not written as receipts are")]
    except (Unreadable, Refused, OSError) as error:
        return [Check("receipt", Outcome.FAIL, str(error))]


def _checks(raw: dict[str, Any], public_key: bytes | None, file: Path | None) -> Iterator[Check]:
    key = VerifierKey.parse(raw["key"])
    yield _file(raw, file)
    opening = Opening(bytes.fromhex(raw["salt"]), raw["sha256"])
    same = opening.commitment(EXHIBIT) == raw["id"]
    yield _check("commitment", "the exhibit's id commits to this content", holds=same)
    leaf = raw["event"].encode()
    envelope = Envelope.from_bytes(leaf)
    entry = Entry.from_payload(envelope.payload)
    named = any(one.id == raw["id"] and one.size == raw["size"] for one in entry.event.exhibits)
    when = f"event {entry.seq} ({entry.event.type}), logged {entry.event.logged_at.isoformat()}"
    yield _check("event", f"{when}, names the exhibit", holds=named and entry.log == key.name)
    if envelope.signatures[0].keyid != key_id(key.public_key):
        yield Check(
            "signature", Outcome.NOT_CHECKABLE, "it was signed with a later key of this log"
        )
    else:
        signed = envelope.payload_type == PAYLOAD_TYPE and envelope.signed_by(key.public_key)
        yield _check("signature", "the event is signed with the log's key", holds=signed)
    note = SignedCheckpoint.parse(raw["checkpoint"])
    head = note.checkpoint
    proof = [bytes.fromhex(node) for node in raw["inclusion_proof"]]
    inside = proves_inclusion(leaf_hash(leaf), entry.seq, head.size, proof, head.root)
    yield _check("inclusion", f"the event is in the log of {head.size} events", holds=inside)
    ours = head.origin == key.name and note.signed_by(key.public_key)
    yield _check("checkpoint signature", f"{head.origin} at {head.size} events", holds=ours)
    if public_key is None:
        detail = (
            "taken from the receipt itself: compare the fingerprint "
            f"{key_id(key.public_key)} with the organisation's, or give its key"
        )
        yield Check("public key", Outcome.NOT_CHECKABLE, detail)
    else:
        given = read_public_key(public_key) == key.public_key
        yield _check("public key", "the one given", holds=given)


def _file(raw: dict[str, Any], file: Path | None) -> Check:
    if file is None:
        detail = f"give the file that was handed in ({raw['name']!r}) to compare it"
        return Check("file", Outcome.NOT_CHECKABLE, detail)
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return _check("file", f"{file.name} is what was handed in", holds=digest == raw["sha256"])


def _check(name: str, detail: str, *, holds: bool) -> Check:
    if holds:
        return Check(name, Outcome.PASS, detail)
    return Check(name, Outcome.FAIL, f"it does not hold that {detail}")
