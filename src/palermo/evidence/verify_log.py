"""Verifying a custody log by itself: the database of a case, or the text form of a package.

Guarantees the same checks on leaves, signatures, times and checkpoints as for a whole case folder;
what lies beside the log (key, checkpoint, stamps) is used when it is there, and missed by name.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from palermo.evidence import contents, times
from palermo.evidence.checkpoint import WitnessKey
from palermo.evidence.files import small_text
from palermo.evidence.judge import judge_checkpoint, read_log
from palermo.evidence.openings import Openings
from palermo.evidence.portable import read_portable
from palermo.evidence.rows import Check, Outcome, Reading
from palermo.evidence.schema import CHECKPOINT_FILE, KEY_FILE

_SQLITE = b"SQLite format 3\0"
_ZIP = b"PK\x03\x04"


def verify_log(
    path: Path,
    *,
    public_key: bytes | None = None,
    checkpoints: Sequence[str] = (),
    roots: Sequence[bytes] = (),
    witnesses: Sequence[str] = (),
) -> list[Check]:
    """Verify the custody log in the file `path`; the arguments are those of `verify_case`."""
    # This module and `verify` use each other's parts.
    from palermo.evidence.verify import (  # noqa: PLC0415
        answered,
        check_key,
        check_times,
        given_key,
        row_checks,
    )

    checks: list[Check] = []
    given = given_key(public_key, checks)
    beside = path.parent
    reading = _read(path)
    trusted = times.read_roots(roots)
    known = [WitnessKey.parse(line) for line in witnesses]
    external = times.read_external(beside, reading, trusted)
    checks.extend(
        answered(
            [
                ("log", lambda: row_checks(reading)),
                ("times", lambda: check_times(reading)),
                ("time stamps", lambda: times.check_stamps(external)),
                (
                    "stamped times",
                    lambda: times.check_stamped_times(reading, external, Openings.read(beside)),
                ),
                ("witnesses", lambda: times.check_witnesses(external, known)),
                (
                    "revoked keys",
                    lambda: times.check_revoked(reading, external, Openings.read(beside)),
                ),
                (
                    "public key",
                    lambda: _beside(
                        beside / KEY_FILE,
                        "public key",
                        lambda line: check_key(line, reading, given),
                    ),
                ),
                (
                    "checkpoint",
                    lambda: _beside(
                        beside / CHECKPOINT_FILE,
                        "checkpoint",
                        lambda note: judge_checkpoint(reading, note),
                    ),
                ),
                *(
                    ("kept checkpoint", partial(judge_checkpoint, reading, note, kept=True))
                    for note in checkpoints
                ),
                ("exhibits", lambda: _spoken_of(reading)),
            ]
        )
    )
    return checks


def _read(path: Path) -> Reading:
    with path.open("rb") as file:
        head = file.read(len(_SQLITE))
    if head == _SQLITE:
        return read_log(path)
    if head.startswith(_ZIP):
        reading = Reading()
        reading.problem(
            "log file",
            "this is an archive, not a log: whoever re-packs one makes its own hashes right, so by "
            "itself it proves nothing; verify the case or the package in which it was sealed",
        )
        return reading
    key = path.with_name(KEY_FILE)
    if key.exists():
        return read_portable(path, small_text(key))
    reading = Reading()
    reading.problem("log file", f"{KEY_FILE} must lie beside it, to say whose log it is")
    return reading


def _beside(path: Path, name: str, check: Callable[[str], Iterator[Check]]) -> Iterator[Check]:
    if path.exists():
        yield from check(small_text(path))
    else:
        yield Check(name, Outcome.NOT_CHECKABLE, f"there is no {path.name} beside the log")


def _spoken_of(reading: Reading) -> Iterator[Check]:
    said = contents.recorded(reading)
    yield Check(
        "exhibits",
        Outcome.NOT_CHECKABLE,
        f"the log speaks of {len(said.exhibits)} exhibits and {len(said.outputs)} outputs; verify "
        "the case folder or the package to check them",
    )
