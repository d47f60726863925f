"""What others' clocks and witnesses say of a custody log.

Three times are kept apart: what an event claims, when it says it was logged, and the interval in
which time authorities put it. Guarantees that an event logged outside that interval fails, and that
a log nobody outside vouches for is told as such. The interval is proved, not claimed: an event is
older than any stamp over a checkpoint that covers it, and younger than any stamp whose hash the log
took up before it.
"""

import bisect
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from palermo.evidence.checkpoint import SignedCheckpoint, WitnessKey
from palermo.evidence.commitment import OUTPUT
from palermo.evidence.entry import Entry
from palermo.evidence.event import EventType
from palermo.evidence.files import small_bytes, small_text
from palermo.evidence.merkle import root
from palermo.evidence.openings import Openings
from palermo.evidence.rows import Check, Outcome, Reading
from palermo.evidence.schema import CHECKPOINTS
from palermo.evidence.timestamp import Stamp, openssl_commands, verify_stamp
from palermo.model.errors import Refused, Unreadable

#: A clock may be this far off before its log contradicts a time authority.
TOLERANCE = timedelta(minutes=1)
_SHOWN = 20
_LARGEST = 1 << 20  # no time stamp is longer than this


@dataclass(frozen=True, slots=True)
class Stamped:
    """A stamp over the first `size` leaves; `path` is that of the response in the folder."""

    size: int
    path: str
    sha256: str
    stamp: Stamp


@dataclass(slots=True)
class External:
    """What the folder `checkpoints` holds: good stamps and cosigned notes, and what is wrong."""

    stamps: list[Stamped] = field(default_factory=list)
    cosigned: list[SignedCheckpoint] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Interval:
    """Within which an entry was written, by trusted stamps; None where no stamp bounds it."""

    after: datetime | None
    before: datetime | None


def read_roots(pems: Sequence[bytes]) -> list[x509.Certificate]:
    """Read the certificates of time authorities that the reader trusts.

    Raises:
        Unreadable: one is no certificate in PEM.
    """
    roots = []
    for pem in pems:
        try:
            roots += x509.load_pem_x509_certificates(pem)
        except ValueError:
            raise Unreadable("time authority: expected its root certificate in PEM") from None
    return roots


def read_external(folder: Path, reading: Reading, roots: Sequence[x509.Certificate]) -> External:
    """Read and check every checkpoint, stamp and cosigned note below `folder`."""
    found = External()
    place = folder / CHECKPOINTS
    try:
        names = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    except OSError as error:
        found.problems.append(f"{CHECKPOINTS} cannot be read ({error.strerror})")
        return found
    for name in names:
        try:
            size = int(name.split(".")[0])
            if name.endswith(".tsr"):
                _note(place / f"{size}.txt", size, reading)
                found.stamps.append(_stamped(place, name, size, roots))
            elif name.endswith(".txt"):
                note = _note(place / name, size, reading)
                if name.endswith(".witnessed.txt"):
                    found.cosigned.append(note)
            else:
                found.problems.append(f"{name!r} is neither a checkpoint nor a time stamp")
        except (Refused, Unreadable, ValueError) as error:
            found.problems.append(f"{CHECKPOINTS}/{name}: {error}")
    return found


def _note(path: Path, size: int, reading: Reading) -> SignedCheckpoint:
    signed = SignedCheckpoint.parse(small_text(path))
    checkpoint = signed.checkpoint
    if reading.key is None or checkpoint.origin != reading.key.name or checkpoint.size != size:
        raise Refused("it is a checkpoint of another log or size")
    if not any(signed.signed_by(key) for key in reading.signers.all_node_keys):
        raise Refused("it is not signed with a key of this log")
    if size > len(reading.leaves) or checkpoint.root != root(reading.leaves[:size]):
        raise Refused("the log is not the one that this checkpoint was signed for")
    return signed


def _stamped(place: Path, name: str, size: int, roots: Sequence[x509.Certificate]) -> Stamped:
    data = small_bytes(place / name, largest=_LARGEST)
    stamp = verify_stamp(data, small_bytes(place / f"{size}.txt"), roots=roots, at=None)
    return Stamped(size, f"{CHECKPOINTS}/{name}", hashlib.sha256(data).hexdigest(), stamp)


def intervals(
    reading: Reading, stamps: Sequence[Stamped], openings: Openings
) -> Callable[[int], Interval]:
    """Return the function that gives the interval of an entry by its number."""
    trusted = [one for one in stamps if one.stamp.trusted]
    upper = sorted((one.size, one.stamp.latest) for one in trusted)
    lower = sorted(_taken_up(reading.entries, trusted, openings))

    def interval(seq: int) -> Interval:
        later = [moment for size, moment in upper if size > seq]
        known = bisect.bisect_left(lower, (seq,))
        earlier = [moment for _, moment in lower[:known]]
        return Interval(max(earlier, default=None), min(later, default=None))

    return interval


def _taken_up(
    entries: Sequence[Entry], stamps: Sequence[Stamped], openings: Openings
) -> Iterator[tuple[int, datetime]]:
    """Yield from which entry on the log provably knew a stamp, and the stamp's earliest time."""
    by_path = {one.path: one for one in stamps}
    for entry in entries:
        if entry.event.type is not EventType.STAMP:
            continue
        for output in entry.event.outputs:
            one, opening = by_path.get(output.path), openings.outputs.get(output.path)
            if one is None or opening is None or opening.sha256 != one.sha256:
                continue
            if opening.commitment(OUTPUT) == output.commitment:
                yield entry.seq, one.stamp.gen_time - (one.stamp.accuracy or timedelta())


def check_stamps(external: External) -> Iterator[Check]:
    """Say whose clock vouches for the log, and how a person repeats the check."""
    name = "time stamps"
    for problem in external.problems[:_SHOWN]:
        yield Check(name, Outcome.FAIL, problem)
    if not external.stamps:
        if not external.problems:
            detail = "no external time: only the organisation's own clock says when"
            yield Check(name, Outcome.NOT_CHECKABLE, detail)
        return
    for one in external.stamps:
        when = f"{one.stamp.gen_time:%Y-%m-%d %H:%M:%S} UTC"
        said = f"the first {one.size} events existed at {when}, says {one.stamp.tsa}"
        note = f"{CHECKPOINTS}/{one.size}.txt"
        commands = tuple(openssl_commands(one.path, note, "ROOT.pem", checked=one.stamp))
        if one.stamp.trusted:
            yield Check(name, Outcome.PASS, said, commands)
        else:
            why = f"{said}; not trusted: {one.stamp.reason} (give its root with --tsa)"
            yield Check(name, Outcome.NOT_CHECKABLE, why, commands)


def check_stamped_times(
    reading: Reading, external: External, openings: Openings
) -> Iterator[Check]:
    """Compare when events say they were logged with what the stamps prove."""
    name = "stamped times"
    if not any(one.stamp.trusted for one in external.stamps):
        return
    interval = intervals(reading, external.stamps, openings)
    wrong, bounded = [], 0
    for entry in reading.entries:
        between = interval(entry.seq)
        bounded += between.before is not None
        logged = entry.event.logged_at
        if between.after is not None and logged + TOLERANCE < between.after:
            wrong.append(
                f"event {entry.seq} says it was logged at {logged.isoformat()}, but it follows a "
                f"stamp of {between.after.isoformat()}: it was backdated"
            )
        elif between.before is not None and logged - TOLERANCE > between.before:
            wrong.append(
                f"event {entry.seq} says it was logged at {logged.isoformat()}, but was stamped "
                f"before, at {between.before.isoformat()}: its clock was ahead"
            )
    for detail in wrong[:_SHOWN]:
        yield Check(name, Outcome.FAIL, detail)
    if not wrong:
        total = len(reading.entries)
        detail = f"{bounded} of {total} events were logged when the stamps say; {total - bounded}"
        yield Check(name, Outcome.PASS, f"{detail} came after the last stamp")


def check_witnesses(external: External, witnesses: Sequence[WitnessKey]) -> Iterator[Check]:
    """Say which of the reader's witnesses saw this log, and how far."""
    name = "witnesses"
    if not witnesses:
        there = f"{len(external.cosigned)} checkpoints carry cosignatures; give the keys of "
        detail = (
            f"{there}witnesses you trust with --witness"
            if external.cosigned
            else "no witness cosigned: a second, different log could be shown to somebody else"
        )
        yield Check(name, Outcome.NOT_CHECKABLE, detail)
        return
    for key in witnesses:
        seen = [
            (note.checkpoint.size, moment)
            for note in external.cosigned
            if (moment := note.cosigned_by(key)) is not None
        ]
        if seen:
            size, moment = max(seen)
            detail = f"{key.name} cosigned the first {size} events at {moment.isoformat()}"
            yield Check(name, Outcome.PASS, detail)
        else:
            yield Check(name, Outcome.FAIL, f"{key.name} cosigned no checkpoint of this log")


def check_revoked(reading: Reading, external: External, openings: Openings) -> Iterator[Check]:
    """Name events that a key signed which may have been in a thief's hands by then."""
    if not reading.signers.revoked:
        return
    interval = intervals(reading, external.stamps, openings)
    doubtful = []
    for entry in reading.entries:
        key = reading.signed_with.get(entry.seq)
        for one in reading.signers.revoked:
            if key != one.public_key or entry.seq > one.seq:
                continue
            before = interval(entry.seq).before
            if before is None or before > one.since:
                doubtful.append(f"{entry.seq} ({entry.event.actor.id})")
    if doubtful:
        shown = ", ".join(doubtful[:_SHOWN]) + (" …" if len(doubtful) > _SHOWN else "")
        detail = (
            f"{len(doubtful)} events were signed with a key that was revoked later, and no stamp "
            f"shows that it was before the key was lost: {shown}"
        )
        yield Check("revoked keys", Outcome.NOT_CHECKABLE, detail)
    else:
        detail = "what they signed was stamped before they were lost"
        yield Check("revoked keys", Outcome.PASS, detail)
