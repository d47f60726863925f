"""Judging what a package says against the log it carries.

Guarantees that nothing in the package is believed for being written there: originals are compared
with the commitments in the log, the lists with the events, the signed statement with the files, and
every proof is computed again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint
from palermo.evidence.commitment import EXHIBIT, OUTPUT
from palermo.evidence.contents import Recorded, failures, passed
from palermo.evidence.event import CustodyEvent
from palermo.evidence.keys import key_id, public_pem
from palermo.evidence.openings import Openings, note_commitment
from palermo.evidence.package.bag import Bag
from palermo.evidence.package.inventory import Disclosed, Inventory, Method
from palermo.evidence.package.layout import (
    CAPTURES_FILE,
    DATA,
    INVENTORY_FILE,
    KEY_PEM_FILE,
    OUTPUTS,
    STATEMENT_FILE,
)
from palermo.evidence.package.statement import (
    HAND_OVERS,
    Statement,
    contents_text,
    stated,
)
from palermo.evidence.rows import Check, Outcome, Reading
from palermo.evidence.schema import CHECKPOINT_FILE, OPENINGS_FILE
from palermo.model.errors import Unreadable

_LARGEST_RECORD = 16 << 20


@dataclass(slots=True)
class Package:
    """A package under judgement: the bag, the log in it, and what that log says."""

    bag: Bag
    reading: Reading
    said: Recorded

    def inventory(self) -> Inventory:
        """Read exhibits.json. Raises `Unreadable` when it has another form."""
        return Inventory.read(self.bag.json(INVENTORY_FILE))

    def statement(self) -> Statement:
        """Read package.dsse.json. Raises `Unreadable` when it has another form."""
        return Statement.read(self.bag.data(STATEMENT_FILE))[0]

    def openings(self) -> Openings:
        """Read openings.json, or nothing when it is not there."""
        if OPENINGS_FILE in self.bag.files:  # then it is a plain file that was hashed
            return Openings.read(self.bag.path)
        return Openings()

    def checkpoint(self) -> Checkpoint:
        """Read checkpoint.txt. Raises `Unreadable` when it has another form."""
        return SignedCheckpoint.parse(self.bag.text(CHECKPOINT_FILE)).checkpoint

    def hand_over(self) -> CustodyEvent:
        """Return the event that the statement says handed this over.

        Raises:
            Unreadable: when there is none by that number.
        """
        number = self.statement().hand_over
        for entry in self.reading.entries:
            if entry.seq == number:
                return entry.event
        raise Unreadable(f"event {number}, said to be the hand-over, is not among those shown")


def check_whole(package: Package) -> Iterator[Check]:
    """See that the checkpoint covers exactly the leaves that are there."""
    there, size = len(package.reading.leaves), package.checkpoint().size
    if there != size:
        yield Check("coverage", Outcome.FAIL, f"the checkpoint covers {size} leaves of {there}")
    elif package.reading.held_back:
        yield Check(
            "coverage",
            Outcome.NOT_CHECKABLE,
            f"{package.reading.held_back} of {there} leaves are held back: they are counted and "
            "cannot be exchanged, but what they say is not known here",
        )
    else:
        yield passed("coverage", f"all {there} leaves are shown", package.reading)


def check_statement(package: Package) -> Iterator[Check]:
    """See that the log's key signed for exactly these files."""
    name = "package signature"
    statement, envelope = Statement.read(package.bag.data(STATEMENT_FILE))
    key = package.reading.signers.all_node_keys[-1]
    if len(envelope.signatures) != 1 or not envelope.signed_by(key):
        yield Check(name, Outcome.FAIL, "the list of files is not signed with the log's key")
        return
    problems = []
    if package.reading.key is None or statement.log != package.reading.key.name:
        problems.append("it was signed for another log")
    if statement.tree_size != len(package.reading.leaves):
        problems.append(f"it was signed when the log had {statement.tree_size} leaves")
    there = stated(package.bag.files)
    problems += [
        f"{path!r} was changed, added or removed after the package was signed"
        for path in sorted(there.keys() | statement.files.keys())
        if there.get(path) != statement.files.get(path)
    ]
    if package.bag.text(KEY_PEM_FILE) != public_pem(key):
        problems.append(f"{KEY_PEM_FILE} is not the log's key")
    yield from failures(name, problems)
    if not problems:
        yield passed(name, f"{len(there)} files, by {key_id(key)}", package.reading)


def check_hand_over(package: Package) -> Iterator[Check]:
    """See that the log itself says that this was handed over."""
    name = "hand-over"
    event = package.hand_over()
    inventory = package.inventory()
    openings = package.openings()
    problems = []
    if event.type not in HAND_OVERS:
        problems.append(f"the event named is of type {event.type}, which hands nothing over")
    if {one.id for one in event.exhibits} != {one.id for one in inventory.exhibits}:
        problems.append("the event names other exhibits than exhibits.json")
    salt, text = openings.notes.get(event.note or "", (b"", ""))
    if len(salt) != 32 or note_commitment(salt, text) != event.note:
        problems.append("the event's commitment to the contents cannot be opened")
    elif INVENTORY_FILE not in package.bag.files or text != contents_text(package.bag.files):
        problems.append("exhibits.json is not the one that the log committed to")
    yield from failures(name, problems)
    if not problems:
        to = f" to {event.recipient!r}" if event.recipient else ""
        yield passed(
            name, f"{len(event.exhibits)} exhibits{to}, logged {event.logged_at}", package.reading
        )


def check_listed(package: Package) -> Iterator[Check]:
    """See that every exhibit of the log is in the package, or named as missing from it."""
    name = "exhibits"
    inventory, said = package.inventory(), package.said
    lists: dict[str, Mapping[str, Any]] = {
        "given": {one.id: one for one in inventory.exhibits},
        "held back": {one.id: one for one in inventory.held_back},
        "erased": {one.id: one for one in inventory.erased},
    }
    problems = []
    if sum(map(len, lists.values())) != len(set().union(*lists.values())):
        problems.append("an exhibit is in two lists")
    if package.reading.key is None or inventory.log != package.reading.key.name:
        problems.append("the list belongs to another log")
    known = {**said.shredded, **said.exhibits}
    problems += [
        f"{ident} is in the log and in no list: it was left out silently"
        for ident in sorted(known.keys() - set().union(*lists.values()))
    ]
    for word, named in lists.items():
        for ident, one in named.items():
            ref = known.get(ident)
            if ref is None:
                problems.append(f"{ident}, {word}, is in no event that is shown")
            elif (one.size, one.media_type) != (ref.size, ref.media_type):
                problems.append(f"{ident} has another size or media type than in the log")
            elif (ident in said.shredded) != (word == "erased"):
                problems.append(f"{ident} is listed as {word}, which the log contradicts")
    problems += _unlisted_events(package, inventory)
    yield from failures(name, problems)
    if problems:
        return
    detail = f"{len(inventory.exhibits)} given, {len(inventory.erased)} erased, 0 held back"
    if inventory.held_back:
        detail = detail.replace(", 0 held back", "")
        yield Check(
            name,
            Outcome.NOT_CHECKABLE,
            f"{len(inventory.held_back)} held back: {', '.join(sorted(lists['held back']))}"[:2000],
        )
    yield passed(name, detail, package.reading)


def _unlisted_events(package: Package, inventory: Inventory) -> Iterator[str]:
    """Events and method listed with an exhibit are those of the log, up to the hand-over."""
    last = package.statement().hand_over
    naming: dict[str, list[int]] = {}
    made: dict[str, list[Method]] = {}
    for entry in package.reading.entries:
        event = entry.event
        method = Method(
            event=entry.seq,
            type=event.type.value,
            tool=event.tool.name,
            version=event.tool.version,
        )
        for ref in event.exhibits if entry.seq < last else ():
            naming.setdefault(ref.id, []).append(entry.seq)
            made.setdefault(ref.id, []).append(method)
    for one in inventory.exhibits:
        if list(one.events) != naming.get(one.id, []):
            yield f"{one.id} is listed with other events than name it in the log"
        if one.method is not None and one.method not in made.get(one.id, []):
            yield f"{one.id} is listed with a method that no event of the log records"


def check_originals(package: Package) -> Iterator[Check]:
    """Compare every original with its commitment in the log."""
    problems = []
    exhibits = package.inventory().exhibits
    places = {one.path for one in exhibits}
    for one in exhibits:
        found = package.bag.files.get(one.path)
        if found is None or not one.path.startswith(f"{DATA}/"):
            problems.append(f"{one.id}: {one.path!r} is not there")
        elif (found.sha256, found.size) != (one.sha256, one.size):
            problems.append(f"{one.path!r} is not the original: it hashes to {found.sha256}")
        elif one.opening.commitment(EXHIBIT) != one.id:
            problems.append(f"{one.path!r} does not open the commitment {one.id}")
    if len(places) != len(exhibits):
        problems.append("two exhibits are said to be one file")
    problems += [
        f"{path!r} is no exhibit and no output"
        for path in package.bag.payload()
        if path not in places and not path.startswith(f"{OUTPUTS}/")
    ]
    yield from failures("originals", problems)
    if not problems:
        yield passed(
            "originals", f"{len(exhibits)} open their commitments in the log", package.reading
        )


def check_outputs(package: Package) -> Iterator[Check]:
    """Compare the outputs that were given with what the log recorded of them."""
    openings = package.openings().outputs
    problems, count = [], 0
    for path, found in package.bag.payload().items():
        name = path.removeprefix(f"{OUTPUTS}/")
        if name == path:
            continue
        count += 1
        ref, opening = package.said.outputs.get(name), openings.get(name)
        if ref is None or opening is None:
            problems.append(f"{path!r} is in no event that is shown, or has no opening")
        elif (found.sha256, found.size) != (opening.sha256, ref.size) or (
            opening.commitment(OUTPUT) != ref.commitment
        ):
            problems.append(f"{path!r} is not the output that the log recorded")
    yield from failures("outputs", problems)
    if not problems and count:
        yield passed("outputs", f"{count} open their commitments in the log", package.reading)


def check_captures(package: Package) -> Iterator[Check]:
    """See that capture.json repeats the capture records among the exhibits, and nothing else."""
    records = {one.id: one for one in package.inventory().exhibits if is_capture(one)}
    if CAPTURES_FILE not in package.bag.files and not records:
        return
    given = package.bag.json(CAPTURES_FILE)
    real = captures({ident: package.bag.data(one.path) for ident, one in records.items()})
    if given != real:
        yield Check("captures", Outcome.FAIL, f"{CAPTURES_FILE} differs from the sealed records")
    else:
        yield passed("captures", f"{len(records)} records as sealed", package.reading)


def is_capture(one: Disclosed) -> bool:
    """Tell whether an exhibit is the record of a capture: it goes by its name, and is small."""
    return one.name == CAPTURES_FILE and one.size <= _LARGEST_RECORD


def captures(records: Mapping[str, bytes]) -> list[dict[str, object]]:
    """Gather capture records by the id of their exhibit; one that is no JSON becomes null."""
    gathered = []
    for ident, data in sorted(records.items()):
        try:
            record = json.loads(data)
        except (ValueError, RecursionError):
            record = None
        gathered.append({"exhibit": ident, "record": record})
    return gathered
