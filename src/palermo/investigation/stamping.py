"""Having others vouch for a custody log: time stamps and witnesses for its checkpoint.

Guarantees that a stamp is checked before it is kept, that the log takes up the stamp's hash so that
later events are provably younger, and that an authority or witness which cannot be reached leaves
the log as sound as before, and is named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from palermo.evidence import (
    NODE,
    CaseFolder,
    Checkpoint,
    CustodyEvent,
    CustodyLog,
    EventType,
    FolderRoute,
    HttpRoute,
    Route,
    WitnessKey,
    consistency_proof,
    cosign,
    request_stamp,
    verify_stamp,
)
from palermo.evidence.durable import write_whole
from palermo.evidence.schema import CHECKPOINTS
from palermo.investigation.custody import Node
from palermo.model import Refused, Unreadable

_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """What came of it: the checkpoint's size, who stamped, who cosigned, and who did not."""

    size: int
    stamps: tuple[str, ...]
    witnesses: tuple[str, ...]
    troubles: tuple[str, ...]


def vouch(
    folder: Path,
    *,
    authorities: Sequence[str],
    witnesses: Sequence[tuple[str, str]],
    at: datetime,
    node: Node,
) -> Vouched:
    """Sign a checkpoint of the log in `folder`, have it stamped and cosigned, and log the stamps.

    Args:
        folder: the case folder.
        authorities: URLs of RFC 3161 time authorities.
        witnesses: URL or folder of each witness, with its public key line.
        at: the time.
        node: this installation.

    Raises:
        Refused: the log does not agree with its checkpoint, or a witness saw another history.
        Unreadable: there is no such case, or it has no events yet.
    """
    if not (folder / "custody.sqlite3").is_file():
        raise Unreadable(f"{folder}: expected a case folder")
    case = CaseFolder(folder)
    with case.log(node.signer()) as log:
        last = _last(log, folder)
        checkpoint = log.checkpoint(keep=True)
        note = folder / CHECKPOINTS / f"{checkpoint.size}.txt"
        stamps, troubles = _stamps(note, checkpoint, authorities)
        cosigned = _cosigned(note, checkpoint, log, witnesses, troubles)
        if stamps:
            log.append(_stamp_event(last, case, stamps, at=at, node=node))
    return Vouched(
        size=checkpoint.size,
        stamps=tuple(f"{tsa} at {when.isoformat()}" for tsa, when, _ in stamps),
        witnesses=tuple(cosigned),
        troubles=tuple(troubles),
    )


_Stamp = tuple[str, datetime, str]  # who, when, the file's path in the case


def _last(log: CustodyLog, folder: Path) -> CustodyEvent:
    last = None
    for entry in log.entries():
        last = entry.event
    if last is None:
        raise Unreadable(f"{folder}: the log has no events yet; there is nothing to vouch for")
    return last


def _stamps(
    note: Path, checkpoint: Checkpoint, authorities: Sequence[str]
) -> tuple[list[_Stamp], list[str]]:
    stamps: list[_Stamp] = []
    troubles: list[str] = []
    data = note.read_bytes()
    number = len(list(note.parent.glob(f"{checkpoint.size}.*.tsr")))
    for url in authorities:
        try:
            response = request_stamp(url, data, timeout=_TIMEOUT)
            stamp = verify_stamp(response, data, roots=(), at=None)
        except (Refused, Unreadable) as trouble:
            troubles.append(str(trouble))
            continue
        number += 1
        name = f"{checkpoint.size}.{number}.tsr"
        write_whole(note.with_name(name), response)
        stamps.append((stamp.tsa, stamp.gen_time, f"{CHECKPOINTS}/{name}"))
    return stamps, troubles


def _cosigned(
    note: Path,
    checkpoint: Checkpoint,
    log: CustodyLog,
    witnesses: Sequence[tuple[str, str]],
    troubles: list[str],
) -> list[str]:
    names: list[str] = []
    target = note.with_name(f"{checkpoint.size}.witnessed.txt")
    text = (target if target.exists() else note).read_text("utf-8")
    leaves = log.leaves()[: checkpoint.size]
    proof_of: Callable[[int], Sequence[bytes]] = lambda size: consistency_proof(leaves, size)  # noqa: E731
    for place, line in witnesses:
        route = _route(place, WitnessKey.parse(line))
        try:
            text = cosign(text, proof_of, route)
        except Unreadable as trouble:  # a refusal is an alarm and ends the run
            troubles.append(str(trouble))
            continue
        names.append(route.key.name)
        write_whole(target, text.encode())
    return names


def _route(place: str, key: WitnessKey) -> Route:
    if place.startswith(("http://", "https://")):
        return HttpRoute(place, key, timeout=_TIMEOUT)
    return FolderRoute(Path(place), key)


def _stamp_event(
    last: CustodyEvent, case: CaseFolder, stamps: Sequence[_Stamp], *, at: datetime, node: Node
) -> CustodyEvent:
    """Build the event by which the log takes the stamps up, under the ground of the last event."""
    return replace(
        CustodyEvent(
            type=EventType.STAMP,
            actor=replace(last.actor, id=NODE, role="node"),
            ground=last.ground,
            purpose=last.purpose,
            occurred_at=min(at, max(when for _, when, _ in stamps).astimezone(UTC)),
            logged_at=at,
            tool=last.tool,
            clock=node.clock,
        ),
        outputs=case.record(*(path for _, _, path in stamps)),
    )
