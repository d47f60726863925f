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

from palermo.desks.access.models import (
    AuditEntry,
    Case,
    Emergency,
    Mandate,
    Notice,
    Opening,
    Person,
)
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
#: The purpose that an emergency opening is logged with.
EMERGENCY = "emergency"


#: Entries read from the database at a time.
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is done: `what` names the kind of page or record, `of` which one.

    It is done under an opening, a mandate or an emergency, or else under the node's own duty to
    log. With `tell_officer` the data-protection officer finds it among what is unseen.
    """

    kind: AuditEntry.Kind
    what: str
    of: str = ""
    case: Case | None = None
    opening: Opening | None = None
    mandate: Mandate | None = None
    emergency: Emergency | None = None
    purpose: str = ""
    reason: str = ""
    recipient: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    tell_officer: bool = False


def record(act: Act, *, by: Person | None, at: datetime) -> AuditEntry:
    """Write `act` down, done by `by` (None: the node itself) at `at`.

    Raises:
        Unreadable: the log cannot be written; then the act must not happen.
    """
    purpose = act.purpose or (act.opening.purpose if act.opening else "")
    detail = act.detail
    if act.emergency is not None:
        purpose, detail = purpose or EMERGENCY, {**detail, EMERGENCY: act.emergency.pk}
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
        detail=detail,
    )
    event = CustodyEvent(
        type=_TYPES[act.kind],
        actor=Actor(id=NODE, role="node", organisation=settings.PALERMO_ORGANISATION),
        on_behalf=str(by.handle) if by else None,
        ground=_ground(act),
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
        if act.tell_officer:
            Notice.objects.create(entry=entry)
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
    entries = AuditEntry.objects.select_related("person", "case").order_by("seq").iterator(_AT_ONCE)
    entry = next(entries, None)
    for logged in _log().entries():
        while entry is not None and entry.seq < logged.seq:
            yield _slipped_in(entry)
            entry = next(entries, None)
        found = entry if entry is not None and entry.seq == logged.seq else None
        if found is not None:
            entry = next(entries, None)
        if logged.event.note is None:
            if found is not None:
                yield _slipped_in(found)
        elif found is None:
            yield f"entry {logged.seq}: its words are missing (removed, or the act failed)"
        elif note_commitment(bytes(found.salt), words(found)) != logged.event.note:
            yield f"entry {logged.seq}: its words were changed after they were logged"
    while entry is not None:
        yield _slipped_in(entry)
        entry = next(entries, None)


def _slipped_in(entry: AuditEntry) -> str:
    return f"entry {entry.seq}: stands beside the log and not in it"


def _ground(act: Act) -> Ground:
    mandate = act.mandate or (act.opening.mandate if act.opening else None)
    key = act.case.key if act.case else ""
    if mandate is not None:
        return Ground(
            power=mandate.power, legal_basis=mandate.legal_basis, case=key, sha256=mandate.sha256
        )
    if act.emergency is not None:
        asked = f"{act.emergency.pk}:{act.emergency.reason}"
        return Ground(
            power="node/emergency",
            legal_basis="agreed to by a second person because a life is at stake",
            case=key or "node",
            sha256=hashlib.sha256(asked.encode()).hexdigest(),
        )
    return NODE_GROUND


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
