"""What the sender signs about a package as a whole, and what its log says of it beforehand.

Guarantees two bonds. The hand-over event carries a commitment to `contents_text`: the inventory is
fixed before the log is written out, so that not even the sender can change it later. The statement,
signed with the log's key, lists every file, also those that come after the event, such as the
report.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from palermo.evidence.dsse import Envelope, canonical
from palermo.evidence.event import EventType
from palermo.evidence.keys import Signer
from palermo.evidence.package.bag import Hashed
from palermo.evidence.package.layout import (
    INVENTORY_FILE,
    STATEMENT_FILE,
    TAG_MANIFEST_FILE,
)
from palermo.model.errors import Unreadable

#: The events that hand exhibits over.
HAND_OVERS = frozenset({EventType.TRANSFER_OUT, EventType.EXPORT, EventType.DISCLOSE})


def contents_text(files: Mapping[str, Hashed]) -> str:
    """Return what the hand-over event's note commits to: the hash of the inventory.

    No hash of an original or an output stands here: the note is kept at the sender's, and a plain
    hash that outlives an erased exhibit would confirm a guess at it. The inventory holds salts, so
    that nobody can guess it.
    """
    return canonical({INVENTORY_FILE: files[INVENTORY_FILE].sha256}).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The sender's signed list: `hand_over` is the number of the event that handed this over."""

    log: str
    hand_over: int
    tree_size: int
    files: Mapping[str, str]

    TYPE: ClassVar[str] = "application/vnd.palermo.package+json"

    def sign(self, signer: Signer) -> bytes:
        """Write package.dsse.json."""
        return Envelope.sign(self.TYPE, self._payload(), signer).to_bytes() + b"\n"

    @classmethod
    def read(cls, data: bytes) -> tuple[Self, Envelope]:
        """Read package.dsse.json; the signature is the caller's to check.

        Raises:
            Unreadable: when it is written in any other form.
        """
        envelope = Envelope.from_bytes(data.removesuffix(b"\n"))
        try:
            raw = json.loads(envelope.payload)
            one = cls(
                log=raw["log"],
                hand_over=raw["hand_over"],
                tree_size=raw["tree_size"],
                files=dict(raw["files"]),
            )
            same = (
                envelope.payload_type == cls.TYPE
                and one._payload() == envelope.payload
                and type(one.hand_over) is int
                and type(one.tree_size) is int
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            same = False
        if not same:
            raise Unreadable(f"{STATEMENT_FILE} is not a statement of this version")
        return one, envelope

    def _payload(self) -> bytes:
        return canonical(
            {
                "v": 1,
                "log": self.log,
                "hand_over": self.hand_over,
                "tree_size": self.tree_size,
                "files": dict(self.files),
            }
        )


def stated(files: Mapping[str, Hashed]) -> dict[str, str]:
    """Return what a statement lists: all but itself and the tag manifest, which covers it."""
    return {
        name: one.sha256
        for name, one in files.items()
        if name not in {STATEMENT_FILE, TAG_MANIFEST_FILE}
    }
