"""Checking what a custody log speaks of: exhibits, outputs, and what was erased.

Guarantees that sealed copies are hashed again without any key, that what was erased is gone, and
that a file of which the log says nothing is named rather than passed over.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from palermo.evidence.commitment import OUTPUT
from palermo.evidence.event import EventType, ExhibitRef, FileRef
from palermo.evidence.files import files_below, hash_within
from palermo.evidence.openings import Openings
from palermo.evidence.rows import Check, Outcome, Reading
from palermo.evidence.schema import OWN_FILES, VAULT, VAULT_OWN_FILES
from palermo.model.errors import Refused

SHOWN = 20  # problems of one kind that are listed one by one
_ID = re.compile("[0-9a-f]{64}")

#: Decrypts an exhibit and recomputes its commitment; raises `Refused` when it does not hold.
Opener = Callable[[str], object]


@dataclass(slots=True)
class Recorded:
    """What the log says is there: exhibits and outputs by name, and what was erased since."""

    exhibits: dict[str, ExhibitRef] = field(default_factory=dict)
    outputs: dict[str, FileRef] = field(default_factory=dict)
    shredded: dict[str, ExhibitRef] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


def recorded(reading: Reading) -> Recorded:
    """Fold the entries; of two records of a path the later counts."""
    found = Recorded()
    for entry in reading.entries:
        event = entry.event
        if event.type is EventType.SHRED:
            for exhibit in event.exhibits:
                found.exhibits.pop(exhibit.id, None)
                found.shredded[exhibit.id] = exhibit
            for output in event.inputs:
                found.outputs.pop(output.path, None)
                found.gone.add(output.path)
            continue
        found.exhibits.update({one.id: one for one in event.exhibits})
        found.outputs.update({one.path: one for one in event.outputs})
        found.gone.difference_update(one.path for one in event.outputs)
    return found


def failures(name: str, problems: list[str]) -> Iterator[Check]:
    """Yield a failed check a problem, and one for all beyond the first twenty."""
    for problem in problems[:SHOWN]:
        yield Check(name, Outcome.FAIL, problem)
    if len(problems) > SHOWN:
        yield Check(name, Outcome.FAIL, f"and {len(problems) - SHOWN} more of this kind")


def passed(name: str, detail: str, reading: Reading) -> Check:
    """Pass, unless the log itself could not be read to its end."""
    if "log file" in reading.problems or "events" in reading.problems:
        return Check(name, Outcome.NOT_CHECKABLE, f"{detail}, as far as the log could be read")
    return Check(name, Outcome.PASS, detail)


def check_exhibits(path: Path, reading: Reading, said: Recorded) -> Iterator[Check]:
    """Hash every sealed copy again; needs no key."""
    if (path / VAULT / "location.json").exists() and said.exhibits:
        yield Check(
            "exhibits",
            Outcome.NOT_CHECKABLE,
            f"{len(said.exhibits)} sealed copies rest elsewhere (vault/location.json); "
            "verify at the node that can reach them",
        )
        return
    problems, total = [], 0
    for name, exhibit in said.exhibits.items():
        place = f"{VAULT}/{name[:2]}/{name}"
        try:
            found, size = hash_within(path, place)
        except Refused as error:
            problems.append(str(error))
            continue
        total += size
        if found != exhibit.sealed_sha256:
            problems.append(f"{place} was altered, its bytes hash to {found}")
    yield from failures("exhibits", problems)
    if not problems:
        yield passed(
            "exhibits", f"{len(said.exhibits)} sealed copies hashed again, {total:,} bytes", reading
        )


def check_openings(reading: Reading, said: Recorded, opener: Opener | None) -> Iterator[Check]:
    """Decrypt every exhibit and recompute its commitment, where the node's key is at hand."""
    if opener is None:
        yield Check(
            "contents",
            Outcome.NOT_CHECKABLE,
            "the originals are encrypted and no key was given: at the node that holds it, or in "
            "an exhibit package, they are compared with their commitments",
        )
        return
    problems = []
    for name in said.exhibits:
        try:
            opener(name)
        except Refused as error:
            problems.append(str(error))
    yield from failures("contents", problems)
    if not problems:
        yield passed(
            "contents", f"{len(said.exhibits)} decrypted and equal to their commitments", reading
        )


def check_erased(path: Path, reading: Reading, said: Recorded) -> Iterator[Check]:
    """See that what the log says was destroyed is not there."""
    if not said.shredded and not said.gone:
        return
    left = [f"{VAULT}/{name[:2]}/{name}" for name in said.shredded if _ID.fullmatch(name)]
    problems = [
        f"{place} was to be destroyed and is still there"
        for place in [*left, *sorted(said.gone & set(files_below(path, skip=OWN_FILES)))]
        if (path / place).exists()
    ]
    yield from failures("erased", problems)
    if not problems:
        detail = f"{len(said.shredded)} exhibits and {len(said.gone)} outputs are gone, as recorded"
        yield passed("erased", detail, reading)


def check_vault(path: Path, reading: Reading, said: Recorded) -> Iterator[Check]:
    """Find what lies in the vault without being recorded."""
    known = {f"{name[:2]}/{name}" for name in [*said.exhibits, *said.shredded]}
    unknown, unfinished = [], 0
    for place in files_below(path / VAULT, skip=VAULT_OWN_FILES):
        if place.startswith((".incoming/", ".plain/")):
            unfinished += 1
        elif place not in known:
            unknown.append(f"{place!r} is in the vault but in no event")
    yield from failures("vault", unknown)
    if unfinished:
        yield Check(
            "vault",
            Outcome.NOT_CHECKABLE,
            f"{unfinished} unfinished files in {VAULT}, left by an interrupted process; the next "
            "opening of the vault finishes or removes them",
        )
    if not unknown:
        yield passed("vault", "it holds nothing that is not recorded", reading)


def check_outputs(
    path: Path, reading: Reading, said: Recorded, openings: Openings
) -> Iterator[Check]:
    """Hash every recorded output again and open its commitment."""
    problems, closed = [], 0
    for output in said.outputs.values():
        try:
            found, _ = hash_within(path, output.path, size=output.size)
        except Refused as error:
            problems.append(str(error))
            continue
        opening = openings.outputs.get(output.path)
        if opening is None:
            closed += 1
        elif opening.sha256 != found:
            problems.append(f"{output.path!r} was altered since it was recorded")
        elif opening.commitment(OUTPUT) != output.commitment:
            problems.append(f"{output.path!r} or its opening is not what the log recorded")
    yield from failures("outputs", problems)
    if closed:
        yield Check("outputs", Outcome.FAIL, f"{closed} outputs have no opening: it was removed")
    if not problems and not closed:
        yield passed("outputs", f"{len(said.outputs)} hashed again", reading)


def check_others(path: Path, said: Recorded) -> Iterator[Check]:
    """Name what lies beside the case without being recorded: nothing can be said about it."""
    others = sorted(set(files_below(path, skip=OWN_FILES)) - said.outputs.keys() - said.gone)
    if others:
        shown = ", ".join(map(repr, others[:SHOWN])) + (" …" if len(others) > SHOWN else "")
        yield Check("other files", Outcome.NOT_CHECKABLE, f"{len(others)} are in no event: {shown}")
