"""Writing acts down, in the custody log of the node and beside it in words.

Guarantees that an act is durable in the log before anything is shown or changed for it; that the
log holds commitments and handles, no names and no contents; and that an entry which was altered,
removed or slipped in is found by `verify_audit`. An act that was logged and then failed leaves an
entry without words, which is reported as that and not as tampering.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from palermo.desks.access.models import AuditEntry, Case, Mandate, Opening, Person
from palermo.desks.access.standstill import writing_down
from palermo.evidence import (
    NODE,
    Actor,
    CaseFolder,
    CustodyEvent,
    CustodyLog,
    EventType,
    Ground,
    new_salt,
    note_commitment,
    this_tool,
)
from palermo.investigation import Node

Kind = AuditEntry.Kind

_TYPES = {
    Kind.COLLECTION: EventType.RECEIVE,
    Kind.ALTERATION: EventType.ALTER,
    Kind.CONSULTATION: EventType.ACCESS,
    Kind.DISCLOSURE: EventType.DISCLOSE,
    Kind.COMBINATION: EventType.COMBINE,
    Kind.ERASURE: EventType.ALTER,
    Kind.ACCESS: EventType.GRANT,
    Kind.REFUSAL: EventType.REFUSE,
}

#: Under which rule acts outside any case are logged.
NODE_GROUND = Ground(
    power="node/logging",
    legal_basis="Directive (EU) 2016/680, Article 25 (logging)",
    case="node",
    sha256=hashlib.sha256(b"").hexdigest(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is done: `what` names the kind of page or record, `of` which one."""

    kind: AuditEntry.Kind
    what: str
    of: str = ""
    case: Case | None = None
    opening: Opening | None = None
    mandate: Mandate | None = None
    purpose: str = ""
    reason: str = ""
    recipient: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def record(act: Act, *, by: Person | None, at: datetime) -> AuditEntry:
    """Write `act` down, done by `by` (None: the node itself) at `at`.

    Raises:
        Unreadable: the log cannot be written; then the act must not happen.
    """
    purpose = act.purpose or (act.opening.purpose if act.opening else "")
    entry = AuditEntry(
        salt=new_salt(),
        at=at,
        kind=act.kind,
        person=by,
        case=act.case,
        purpose=purpose,
        what=act.what,
        of=act.of,
        reason=act.reason,
        recipient=act.recipient,
        detail=act.detail,
    )
    mandate = act.mandate or (act.opening.mandate if act.opening else None)
    event = CustodyEvent(
        type=_TYPES[act.kind],
        actor=Actor(id=NODE, role="node", organisation=settings.PALERMO_ORGANISATION),
        on_behalf=str(by.handle) if by else None,
        ground=_ground(act.case, mandate),
        purpose=purpose or "node",
        occurred_at=at,
        logged_at=at,
        tool=this_tool(),
        clock=_node().clock,
        note=note_commitment(bytes(entry.salt), words(entry)),
    )
    with transaction.atomic():
        writing_down()
        entry.seq = _log().append(event).seq
        entry.save(force_insert=True)
    return entry


def words(entry: AuditEntry) -> str:
    """Return what the log commits to: the entry in words, as canonical JSON."""
    return json.dumps(
        {
            "at": entry.at.isoformat(),
            "kind": entry.kind,
            "person": str(entry.person.handle) if entry.person else None,
            "case": entry.case.key if entry.case else None,
            "purpose": entry.purpose,
            "what": entry.what,
            "of": entry.of,
            "reason": entry.reason,
            "recipient": entry.recipient,
            "detail": entry.detail,
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def verify_audit() -> Iterator[str]:
    """Compare the log with the words beside it; yield a sentence for each disagreement."""
    known = {
        entry.seq: entry
        for entry in AuditEntry.objects.select_related("person", "case").order_by("seq")
    }
    for logged in _log().entries():
        if logged.event.note is None:
            continue
        entry = known.pop(logged.seq, None)
        if entry is None:
            yield f"entry {logged.seq}: its words are missing (removed, or the act failed)"
        elif note_commitment(bytes(entry.salt), words(entry)) != logged.event.note:
            yield f"entry {logged.seq}: its words were changed after they were logged"
    for seq in sorted(known):
        yield f"entry {seq}: stands beside the log and not in it"


def _ground(case: Case | None, mandate: Mandate | None) -> Ground:
    if mandate is None:
        return NODE_GROUND
    return Ground(
        power=mandate.power,
        legal_basis=mandate.legal_basis,
        case=case.key if case else "",
        sha256=mandate.sha256,
    )


def _node() -> Node:
    node: Node = settings.PALERMO_NODE
    return node


_own = threading.local()


def _log() -> CustodyLog:
    """The log of the node; a connection serves one thread."""
    folder = _node().folder
    if getattr(_own, "folder", None) != folder:
        _own.log = CaseFolder(folder).log(_node().signer())
        _own.folder = folder
    log: CustodyLog = _own.log
    return log
