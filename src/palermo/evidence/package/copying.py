"""Copying what is handed over into a package: originals, capture records, outputs.

Guarantees that nothing is copied without being compared, while it is copied, with what the log
commits to; one difference refuses the whole package.
"""

import json
from collections.abc import Iterator, Sequence

from palermo.evidence.case import CaseFolder
from palermo.evidence.commitment import EXHIBIT, OUTPUT, commit
from palermo.evidence.entry import Entry
from palermo.evidence.event import EventType, ExhibitRef
from palermo.evidence.files import hash_within
from palermo.evidence.openings import Openings
from palermo.evidence.package.bagging import BagWriter
from palermo.evidence.package.inventory import Disclosed, Inventory, Method
from palermo.evidence.package.judging import captures, is_capture
from palermo.evidence.package.layout import CAPTURES_FILE, OUTPUTS, original_path, safe_name
from palermo.evidence.package.selection import Chosen
from palermo.evidence.schema import CHECKPOINTS
from palermo.evidence.vault import Vault
from palermo.model import Refused

#: Events that tell how an exhibit came to be, for exhibits with a parent and for those without.
_MADE_BY = {
    True: frozenset({EventType.DERIVE, EventType.CAPTURE}),
    False: frozenset({EventType.CAPTURE}),
}


def copy_originals(
    bag: BagWriter, vault: Vault, given: Sequence[ExhibitRef], shown: Sequence[Entry]
) -> Iterator[Disclosed]:
    """Decrypt exhibits into the bag and yield what the inventory says of them.

    `shown` are the entries that are handed over too.

    Raises:
        Refused: when an exhibit is missing or was altered.
    """
    naming: dict[str, list[Entry]] = {}
    for entry in shown:
        for ref in entry.event.exhibits:
            naming.setdefault(ref.id, []).append(entry)
    for ref in given:
        yield _original(bag, vault, ref, naming.get(ref.id, []))


def _original(bag: BagWriter, vault: Vault, ref: ExhibitRef, entries: Sequence[Entry]) -> Disclosed:
    exhibit, opening = vault.get(ref.id), vault.opening(ref.id)
    derived = exhibit.parent is not None
    path = original_path(ref.id, exhibit.name, derived=derived)
    with vault.open(ref.id) as source:
        found = bag.add_stream(path, source)
    if (found.sha256, found.size) != (opening.sha256, ref.size) or ref.id != commit(
        EXHIBIT, opening.salt, found.sha256
    ):
        raise Refused(f"{ref.id}: the exhibit was altered; run palermo verify --decrypt")
    return Disclosed(
        id=ref.id,
        name=exhibit.name,
        media_type=ref.media_type,
        size=found.size,
        sha256=found.sha256,
        salt=opening.salt,
        path=path,
        parent=exhibit.parent,
        method=_method(entries, derived=derived),
        sealed_at=exhibit.sealed_at.isoformat(),
        events=tuple(entry.seq for entry in entries),
    )


def copy_captures(bag: BagWriter, inventory: Inventory) -> None:
    """Gather the capture records among the exhibits in capture.json, if there are any."""
    records = {
        one.id: (bag.folder / one.path).read_bytes()
        for one in inventory.exhibits
        if is_capture(one)
    }
    if records:
        gathered = json.dumps(captures(records), ensure_ascii=False, indent=1)
        bag.add_text(CAPTURES_FILE, f"{gathered}\n")


def copy_outputs(
    bag: BagWriter, case: CaseFolder, chosen: Chosen, entries: Sequence[Entry]
) -> Openings:
    """Copy the outputs of the case and return the openings of the log's commitments to them.

    Raises:
        Refused: when something is held back, since outputs quote from everything; or when an output
            is not what the log recorded.
    """
    if chosen.held_back or chosen.events:
        raise Refused(
            "outputs quote from the whole case, also from what is held back: "
            "leave --with-outputs out, or hold nothing back"
        )
    recorded = {ref.path: ref for entry in entries for ref in entry.event.outputs}
    known = Openings.read(case.path)
    given = sorted(set(case.beside()) & recorded.keys())
    for path in given:
        if any(safe_name(part) != part for part in path.split("/")):
            raise Refused(f"{path!r}: a package cannot carry this name; rename it and record again")
        opening = known.outputs.get(path)
        if opening is None or opening.commitment(OUTPUT) != recorded[path].commitment:
            raise Refused(f"{path}: the log's commitment to it cannot be opened; run verify")
        found, _ = hash_within(case.path, path)
        with (case.path / path).open("rb") as source:
            copied = bag.add_stream(f"{OUTPUTS}/{path}", source)
        if not opening.sha256 == found == copied.sha256:
            raise Refused(f"{path}: was changed since it was recorded; run palermo verify")
    return known.only(given)


def stamp_openings(case: CaseFolder) -> Openings:
    """Return the openings of the time stamps, by which a stranger sees when the log knew them."""
    known = Openings.read(case.path)
    return known.only(path for path in known.outputs if path.startswith(f"{CHECKPOINTS}/"))


def _method(entries: Sequence[Entry], *, derived: bool) -> Method | None:
    for entry in entries:
        event = entry.event
        if event.type in _MADE_BY[derived]:
            return Method(
                event=entry.seq,
                type=event.type.value,
                tool=event.tool.name,
                version=event.tool.version,
            )
    return None
