"""Verifying an exhibit package, offline and without trusting whoever made it.

Guarantees an answer: whatever lies in the folder, `verify_package` returns checks and raises
nothing. A package is sound when none fails; what is held back is counted and named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from palermo.evidence import times
from palermo.evidence.checkpoint import WitnessKey
from palermo.evidence.contents import failures, recorded
from palermo.evidence.judge import judge_checkpoint
from palermo.evidence.package.bag import Bag, read_bag
from palermo.evidence.package.judging import (
    Package,
    check_captures,
    check_hand_over,
    check_listed,
    check_originals,
    check_outputs,
    check_statement,
    check_whole,
)
from palermo.evidence.package.proven import check_earlier, check_proofs
from palermo.evidence.portable import PORTABLE_FILE, read_portable
from palermo.evidence.rows import Check, Outcome, Reading
from palermo.evidence.schema import CHECKPOINT_FILE, KEY_FILE
from palermo.evidence.verify import Step, answered, check_key, check_times, given_key, row_checks
from palermo.model.errors import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a reader knows from elsewhere; the parameters of `verify_package`."""

    public_key: bytes | None = None
    checkpoints: tuple[str, ...] = ()
    roots: tuple[bytes, ...] = ()
    witnesses: tuple[str, ...] = ()


def verify_package(
    path: Path,
    *,
    public_key: bytes | None = None,
    checkpoints: Sequence[str] = (),
    roots: Sequence[bytes] = (),
    witnesses: Sequence[str] = (),
) -> list[Check]:
    """Verify the exhibit package at `path`.

    Args:
        path: the folder.
        public_key: the sender's key as the reader knows it from elsewhere: 32 raw bytes, PEM, or
            the line of custody.pub. Without it the package's own is used, and one check says so.
        checkpoints: texts of earlier checkpoints of the sender's log that were kept elsewhere.
        roots: root certificates (PEM) of time authorities that the reader trusts.
        witnesses: public key lines of witnesses that the reader trusts.

    Raises:
        Unreadable: when a root or a witness that the reader gave cannot be read.
    """
    trust = Trust(
        public_key=public_key,
        checkpoints=tuple(checkpoints),
        roots=tuple(roots),
        witnesses=tuple(witnesses),
    )
    return examine_package(path, trust)[0]


def examine_package(path: Path, trust: Trust) -> tuple[list[Check], Package]:
    """Verify as `verify_package` does, and return what was read as well."""
    trusted = times.read_roots(trust.roots)
    known = [WitnessKey.parse(line) for line in trust.witnesses]
    checks: list[Check] = []
    given = given_key(trust.public_key, checks)
    bag = read_bag(path) if path.is_dir() else Bag(path, problems=[f"{path} is no folder"])
    reading = _read_log(bag)
    package = Package(bag, reading, recorded(reading))
    external = times.read_external(path, reading, trusted)
    steps: list[Step] = [
        ("bag", lambda: _bag(bag)),
        ("log", lambda: row_checks(reading)),
        ("times", lambda: check_times(reading)),
        ("time stamps", lambda: times.check_stamps(external)),
        (
            "stamped times",
            lambda: times.check_stamped_times(reading, external, package.openings()),
        ),
        ("witnesses", lambda: times.check_witnesses(external, known)),
        ("revoked keys", lambda: times.check_revoked(reading, external, package.openings())),
        ("public key", lambda: check_key(bag.text(KEY_FILE), reading, given)),
        ("checkpoint", lambda: judge_checkpoint(reading, bag.text(CHECKPOINT_FILE))),
        ("coverage", lambda: check_whole(package)),
        ("earlier checkpoints", lambda: check_earlier(package)),
        *(
            ("kept checkpoint", partial(judge_checkpoint, reading, note, kept=True))
            for note in trust.checkpoints
        ),
        ("package signature", lambda: check_statement(package)),
        ("hand-over", lambda: check_hand_over(package)),
        ("exhibits", lambda: check_listed(package)),
        ("originals", lambda: check_originals(package)),
        ("captures", lambda: check_captures(package)),
        ("outputs", lambda: check_outputs(package)),
        ("proofs", lambda: check_proofs(package)),
    ]
    checks.extend(answered(steps))
    return checks, package


def _read_log(bag: Bag) -> Reading:
    try:
        return read_portable(bag.plain(PORTABLE_FILE), bag.text(KEY_FILE))
    except Unreadable as error:
        reading = Reading()
        reading.problem("log file", str(error))
        return reading


def _bag(bag: Bag) -> list[Check]:
    if bag.problems:
        return list(failures("bag", bag.problems))
    payload = bag.payload()
    size = sum(one.size for one in payload.values())
    detail = f"complete: {len(payload)} files of {size:,} bytes, {len(bag.files)} files in all"
    return [Check("bag", Outcome.PASS, detail)]
