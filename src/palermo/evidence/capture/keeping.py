"""Puts a capture into a case: seals its files and writes custody events.

The one module of this package that touches the case, so that it follows when the case changes.
Guarantees that the events name every sealed file, and that of a stopped capture only the notice is
there.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from palermo.evidence.capture.order import Capture, StopNotice
from palermo.evidence.capture.record import written
from palermo.evidence.case import CaseFolder
from palermo.evidence.event import CustodyEvent, EventType, ExhibitRef, FileRef
from palermo.evidence.log import CustodyLog
from palermo.evidence.vault import Vault
from palermo.model import Exhibit

#: Makes an event of a type at a time; whoever calls knows actor, ground and purpose.
MakeEvent = Callable[..., CustodyEvent]
FOLDER = "captures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a capture left in the case: its exhibits, the archive first, the record last."""

    exhibits: tuple[Exhibit, ...]
    record: FileRef


def keep(
    capture: Capture,
    case: CaseFolder,
    log: CustodyLog,
    *,
    vault: Vault,
    make_event: MakeEvent,
    at: datetime,
    authority_file: bytes,
) -> Kept:
    """Seal a capture and log it: one event for the page, one for the record of how it was made."""
    exhibits: list[Exhibit] = []
    ids: dict[str, str] = {}
    for one in capture.files:
        sealed = vault.seal(
            io.BytesIO(one.data),
            name=one.name,
            media_type=one.media_type,
            at=at,
            parent=ids.get(one.parent) if one.parent else None,
        )
        ids[sealed.sha256] = sealed.id
        exhibits.append(sealed)
    made = log.append(
        make_event(EventType.CAPTURE, at=at, exhibits=tuple(ExhibitRef.of(one) for one in exhibits))
    )
    record = written(capture.record)
    sealed = vault.seal(
        io.BytesIO(record),
        name="capture.json",
        media_type="application/json",
        at=at,
        parent=exhibits[0].id,
    )
    exhibits.append(sealed)
    outputs = (
        _write(case, f"{FOLDER}/{capture.id}/capture.json", record),
        _write(case, f"{FOLDER}/{capture.id}/authority.yaml", authority_file),
    )
    log.append(
        make_event(
            EventType.RECEIVE,
            at=at,
            exhibits=(ExhibitRef.of(sealed),),
            outputs=outputs,
            refers_to=made.entry.event_id,
        )
    )
    return Kept(exhibits=tuple(exhibits), record=outputs[0])


def keep_notice(
    notice: StopNotice,
    case: CaseFolder,
    log: CustodyLog,
    *,
    make_event: MakeEvent,
    at: datetime,
    report_to: list[dict[str, str]],
    authority_file: bytes,
) -> FileRef:
    """Log a capture that was stopped: address, hash, size, time, list, and where to report."""
    content = notice.content() | {"at": at.isoformat(), "report_to": report_to}
    name = f"{FOLDER}/stopped-{len(log.leaves()):06d}"
    outputs = (
        _write(case, f"{name}/stopped.json", json.dumps(content, indent=1).encode() + b"\n"),
        _write(case, f"{name}/authority.yaml", authority_file),
    )
    log.append(make_event(EventType.CAPTURE, at=at, outputs=outputs, outcome="stopped"))
    return outputs[0]


def _write(case: CaseFolder, path: str, data: bytes) -> FileRef:
    place = case.path / path
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.draft")
    draft.write_bytes(data)
    draft.rename(place)
    return case.record(path)[0]
