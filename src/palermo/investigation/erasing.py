"""Erasing an exhibit for good, and the holds that forbid it.

Guarantees that nothing is erased without an authority that covers it, two persons who both sign,
and no hold in force; that the log says so before anything is destroyed; and that what was made from
the exhibit, further exhibits and outputs alike, goes with it. Calling again after an interruption
finishes the work.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from palermo.evidence import (
    CaseFolder,
    CustodyEvent,
    EventType,
    ExhibitRef,
    FileRef,
    Openings,
    holds_in_force,
)
from palermo.evidence.entry import Entry
from palermo.investigation.custody import Node, event, introduce, second_person
from palermo.law import check, law_book, read_authority
from palermo.model import Authority, Refused, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was erased: the exhibit, and the exhibits and outputs that were made from it."""

    exhibit: str
    derived: tuple[str, ...]
    outputs: tuple[str, ...]
    seq: int


def erase(
    folder: Path,
    exhibit: str,
    *,
    authority: Path,
    persons: tuple[str, str],
    at: datetime,
    node: Node,
) -> Erasure:
    """Destroy the data key, salt and sealed copy of `exhibit`, and all outputs made from it.

    Args:
        folder: the case folder.
        exhibit: its id, or the SHA-256 of its bytes.
        authority: file that covers the measure `erase`; its purpose is the ground logged.
        persons: two people of this node with keys of their own; both sign.
        at: the time.
        node: this installation.

    Raises:
        Refused: no authority, a hold in force, or the same person twice.
        Unreadable: there is no such case, exhibit or key.
    """
    granted = _granted(authority, at, "erase")
    if persons[0] == persons[1]:
        raise Refused(f"{exhibit}: erasing needs two different persons; name a second one")
    case = _case(folder)
    first, second = (node.signer(name, create=False) for name in persons)
    with case.log(node.signer()) as log:
        entries = list(log.entries())
        ref = _find(case, node, entries, exhibit)
        done = _shredded(entries, ref.id)
        if done is None:
            gone = [ref, *_derived(case, node, entries, ref)]
            for one in gone:
                _refuse_held(entries, one)
            made = tuple(_made_from(entries, {one.id for one in gone}))
            for name, key in zip(persons, (first, second), strict=True):
                introduce(log, key, name, granted, at=at, node=node)
            shred = event(
                EventType.SHRED,
                granted,
                at=at,
                node=node,
                actor=persons[0],
                second=second_person(persons[1], granted),
                inputs=made,
            )
            shred = replace(shred, exhibits=tuple(gone))
            done = log.append(shred, signer=first, second=second).entry
        _destroy(case, node, done)
    return Erasure(
        exhibit=ref.id,
        derived=tuple(one.id for one in done.event.exhibits if one.id != ref.id),
        outputs=tuple(output.path for output in done.event.inputs),
        seq=done.seq,
    )


def hold(folder: Path, exhibit: str, *, authority: Path, at: datetime, node: Node) -> str:
    """Put `exhibit` on hold and return the name of the hold, by which it is released."""
    granted = _granted(authority, at, "preserve")
    case = _case(folder)
    with case.log(node.signer()) as log:
        ref = _find(case, node, list(log.entries()), exhibit)
        return log.append(
            _about(event(EventType.HOLD, granted, at=at, node=node), ref)
        ).entry.event_id


def release(folder: Path, name: str, *, authority: Path, at: datetime, node: Node) -> None:
    """Release the hold called `name`.

    Raises:
        Unreadable: there is no such hold in force.
    """
    granted = _granted(authority, at, "preserve")
    with _case(folder).log(node.signer()) as log:
        if not any(one.event_id == name for one in holds_in_force(log.entries())):
            raise Unreadable(f"{folder}: no hold {name!r} is in force; palermo hold --list shows")
        log.append(event(EventType.RELEASE, granted, at=at, node=node, refers_to=name))


def _granted(authority: Path, at: datetime, measure: str) -> Authority:
    read = read_authority(authority)
    material = next(iter(read.scope.material), "documents")
    check(read, law_book(), at=at, measure=measure, material=material)
    return read


def _case(folder: Path) -> CaseFolder:
    if not (folder / "custody.sqlite3").is_file():
        raise Unreadable(f"{folder}: expected a case folder")
    return CaseFolder(folder)


def _find(case: CaseFolder, node: Node, entries: Iterable[Entry], exhibit: str) -> ExhibitRef:
    """Find an exhibit by id, or by plain hash as long as it is not erased."""
    known = {ref.id: ref for entry in entries for ref in entry.event.exhibits}
    if exhibit not in known:
        found = node.vault(case).find(exhibit) if len(exhibit) == 64 else None
        exhibit = found.id if found is not None else exhibit
    if exhibit not in known:
        raise Unreadable(f"{case.path}: no exhibit {exhibit[:80]!r} in the custody log")
    return known[exhibit]


def _derived(
    case: CaseFolder, node: Node, entries: Iterable[Entry], ref: ExhibitRef
) -> list[ExhibitRef]:
    """Return the exhibits that were made from `ref`, and from those, and so on."""
    logged = {one.id: one for entry in entries for one in entry.event.exhibits}
    parents = {one.id: one.parent for one in node.vault(case).exhibits()}
    found, family = [], {ref.id}
    while more := [i for i, parent in parents.items() if parent in family and i not in family]:
        family.update(more)
        found += [logged[i] for i in more if i in logged]
    return found


def _refuse_held(entries: Iterable[Entry], ref: ExhibitRef) -> None:
    for one in holds_in_force(entries):
        if ref.id in one.exhibits:
            raise Refused(
                f"{ref.id}: a hold is in force (event {one.seq}, {one.power}); "
                f"release {one.event_id} first"
            )


def _shredded(entries: Iterable[Entry], exhibit: str) -> Entry | None:
    for entry in entries:
        shred = entry.event.type is EventType.SHRED
        if shred and any(ref.id == exhibit for ref in entry.event.exhibits):
            return entry
    return None


def _made_from(entries: Iterable[Entry], exhibits: set[str]) -> Iterable[FileRef]:
    """Return the outputs that are there and were made with the help of one of `exhibits`."""
    made: dict[str, FileRef] = {}
    for entry in entries:
        used = any(ref.id in exhibits for ref in entry.event.exhibits)
        for output in entry.event.outputs:
            made.pop(output.path, None)  # a later run wrote this path anew
            if used:
                made[output.path] = output
    return made.values()


def _about(what: CustodyEvent, ref: ExhibitRef) -> CustodyEvent:
    return replace(what, exhibits=(ref,))


def _destroy(case: CaseFolder, node: Node, shred: Entry) -> None:
    node.vault(case).shred(*(exhibit.id for exhibit in shred.event.exhibits))
    openings = Openings.read(case.path)
    for output in shred.event.inputs:
        (case.path / output.path).unlink(missing_ok=True)
        openings.outputs.pop(output.path, None)
    openings.write(case.path)
