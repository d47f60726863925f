"""Who may sign an entry: a fold over the key events of the log, from its first entry on.

Guarantees that a signature counts only if the key belonged to the actor when the entry was written:
the log's own key signs for the node, other actors' keys are added by it, and a key that was revoked
or rotated away signs nothing after that entry. A stolen key is caught by the order of the log; what
it signed before its revocation is judged by time stamps (`doubtful`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from palermo.evidence.entry import Entry
from palermo.evidence.event import NODE, CustodyEvent, EventType
from palermo.evidence.keys import Signer
from palermo.model.errors import Refused

KEY_EVENTS = frozenset({EventType.KEY_ADD, EventType.KEY_ROTATE, EventType.KEY_REVOKE})


@dataclass(frozen=True, slots=True)
class Revocation:
    """A key that is no longer believed: since when, by which entry."""

    public_key: bytes
    since: datetime
    seq: int


@dataclass(slots=True)
class Signers:
    """The keys in force, by actor; begins with the log's own key."""

    node: bytes
    current: dict[str, bytes] = field(init=False)
    all_node_keys: list[bytes] = field(init=False)
    revoked: list[Revocation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.current = {NODE: self.node}
        self.all_node_keys = [self.node]

    def key_of(self, actor: str) -> bytes | None:
        """Return the key with which `actor` signs now."""
        return self.current.get(actor)

    def follow(self, entry: Entry) -> str | None:
        """Take up a key event; return what is wrong with it, or None."""
        event = entry.event
        if event.type not in KEY_EVENTS:
            return None
        if event.key is None:
            return "names no key"
        try:
            key = bytes.fromhex(event.key.public_key)
        except ValueError:
            key = b""
        if len(key) != 32:
            return "names something that is no Ed25519 key"
        actor = event.key.actor
        match event.type:
            case EventType.KEY_ADD:
                return self._add(event.actor.id, actor, key)
            case EventType.KEY_ROTATE:
                return self._rotate(event.actor.id, actor, key)
            case _:
                return self._revoke(entry, actor, key)

    def _add(self, by: str, actor: str, key: bytes) -> str | None:
        if by != NODE:
            return "adds a key, which only the node may do"
        if actor in self.current:
            return "adds a key for an actor who has one"
        if self._was_revoked(key):
            return "adds a key that was revoked"
        self.current[actor] = key
        return None

    def _rotate(self, by: str, actor: str, key: bytes) -> str | None:
        if by not in {actor, NODE} or (actor == NODE and by != NODE):
            return "rotates the key of another actor"
        if actor not in self.current:
            return "rotates the key of an actor who has none"
        if self._was_revoked(key):
            return "rotates to a key that was revoked"
        self.current[actor] = key
        if actor == NODE:
            self.all_node_keys.append(key)
        return None

    def _revoke(self, entry: Entry, actor: str, key: bytes) -> str | None:
        if entry.event.actor.id not in {actor, NODE}:
            return "revokes the key of another actor"
        if actor == NODE and self.current[NODE] == key:
            return "revokes the log's own key, which can only be rotated first"
        if self.current.get(actor) == key:
            del self.current[actor]
        since = entry.event.since or entry.event.logged_at
        self.revoked.append(Revocation(key, since, entry.seq))
        return None

    def _was_revoked(self, key: bytes) -> bool:
        return any(one.public_key == key for one in self.revoked)


def signing(
    signers: Signers, event: CustodyEvent, hands: Sequence[Signer | None], log: str
) -> list[Signer]:
    """Return who of `hands` signs `event`: the actor, and the second person if there is one.

    Raises:
        Refused: when a hand is missing, or not that of the person it signs for.
    """
    persons = [event.actor] + ([event.second] if event.second is not None else [])
    chosen = []
    for person, hand in zip(persons, hands, strict=False):
        known = signers.key_of(person.id)
        if hand is None:
            raise Refused(f"{log}: {person.id} must sign as well")
        if known is None:
            raise Refused(f"{log}: {person.id} has no key in this log; add it first")
        if known != hand.public_key:
            raise Refused(f"{log}: the key given is not the one {person.id} signs with")
        chosen.append(hand)
    return chosen
