"""Verifying a case folder, offline and without trusting whoever made it.

Guarantees an answer: whatever lies in the folder, `verify_case` returns checks and raises nothing.
Each check is `pass`, `fail` or `not-checkable`; a folder is sound when none fails.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from palermo.evidence import contents, times
from palermo.evidence.checkpoint import WitnessKey
from palermo.evidence.files import small_text
from palermo.evidence.judge import judge_checkpoint, read_log
from palermo.evidence.keys import VerifierKey, key_id, read_public_key
from palermo.evidence.openings import Openings
from palermo.evidence.receipt import LARGEST, is_receipt, verify_receipt
from palermo.evidence.rows import ROW_CHECKS, Check, Outcome, Reading
from palermo.evidence.schema import CHECKPOINT_FILE, KEY_FILE, LOG_FILE
from palermo.evidence.verify_log import verify_log
from palermo.model.errors import Unreadable

Step = tuple[str, Callable[[], Iterable[Check]]]


def verify_case(
    path: Path,
    *,
    public_key: bytes | None = None,
    checkpoints: Sequence[str] = (),
    roots: Sequence[bytes] = (),
    witnesses: Sequence[str] = (),
    opener: contents.Opener | None = None,
) -> list[Check]:
    """Verify the case folder at `path`.

    Args:
        path: the folder.
        public_key: the log's key as the reader knows it from elsewhere: 32 raw bytes, PEM, or the
            line of custody.pub. Without it the folder's own key is used, and one check says so.
        checkpoints: texts of earlier checkpoint.txt files that were kept elsewhere: a log that was
            cut or rewritten since then does not agree with them, whoever holds the key.
        roots: root certificates (PEM) of time authorities that the reader trusts.
        witnesses: public key lines of witnesses that the reader trusts.
        opener: decrypts an exhibit and compares it with its commitment (`Vault.check`), where the
            node's key is at hand.

    Raises:
        Unreadable: when a root or a witness that the reader gave cannot be read.
    """
    trusted = times.read_roots(roots)
    known = [WitnessKey.parse(line) for line in witnesses]
    checks: list[Check] = []
    if not path.is_dir():
        return [Check("case folder", Outcome.FAIL, f"{path} is no folder")]
    given = given_key(public_key, checks)
    reading = read_log(path / LOG_FILE)
    said = contents.recorded(reading)
    external = times.read_external(path, reading, trusted)
    steps: list[Step] = [
        ("log", lambda: row_checks(reading)),
        ("times", lambda: check_times(reading)),
        ("time stamps", lambda: times.check_stamps(external)),
        (
            "stamped times",
            lambda: times.check_stamped_times(reading, external, Openings.read(path)),
        ),
        ("witnesses", lambda: times.check_witnesses(external, known)),
        ("revoked keys", lambda: times.check_revoked(reading, external, Openings.read(path))),
        ("public key", lambda: check_key(small_text(path / KEY_FILE), reading, given)),
        ("checkpoint", lambda: judge_checkpoint(reading, small_text(path / CHECKPOINT_FILE))),
        *(
            ("kept checkpoint", partial(judge_checkpoint, reading, note, kept=True))
            for note in checkpoints
        ),
        ("exhibits", lambda: contents.check_exhibits(path, reading, said)),
        ("contents", lambda: contents.check_openings(reading, said, opener)),
        ("erased", lambda: contents.check_erased(path, reading, said)),
        ("vault", lambda: contents.check_vault(path, reading, said)),
        ("outputs", lambda: contents.check_outputs(path, reading, said, Openings.read(path))),
        ("other files", lambda: contents.check_others(path, said)),
    ]
    checks.extend(answered(steps))
    return checks


def verify(
    path: Path,
    *,
    public_key: bytes | None = None,
    checkpoints: Sequence[str] = (),
    roots: Sequence[bytes] = (),
    witnesses: Sequence[str] = (),
    opener: contents.Opener | None = None,
    file: Path | None = None,
) -> list[Check]:
    """Verify what is at `path`: a case folder, a package, a custody log by itself, or a receipt.

    `file` is what a receipt is for; the other arguments are those of `verify_case`.

    Raises:
        Unreadable: when it is neither, or a root or a witness cannot be read.
    """
    if path.is_file() and path.stat().st_size < LARGEST and is_receipt(path.read_bytes()):
        return verify_receipt(path.read_bytes(), public_key=public_key, file=file)
    if path.is_file():
        return verify_log(
            path,
            public_key=public_key,
            checkpoints=checkpoints,
            roots=roots,
            witnesses=witnesses,
        )
    if not path.is_dir():
        raise Unreadable(f"{path}: expected a case folder, an exhibit package or a custody log")
    if os.path.lexists(path / "bagit.txt"):
        # It builds on this module.
        from palermo.evidence.package.verify import verify_package  # noqa: PLC0415

        return verify_package(
            path,
            public_key=public_key,
            checkpoints=checkpoints,
            roots=roots,
            witnesses=witnesses,
        )
    return verify_case(
        path,
        public_key=public_key,
        checkpoints=checkpoints,
        roots=roots,
        witnesses=witnesses,
        opener=opener,
    )


def answered(steps: Iterable[Step]) -> Iterator[Check]:
    """Take the steps one by one; one that cannot be finished is a failed check, not an error."""
    for name, step in steps:
        try:
            yield from list(step())
        except Unreadable as error:
            yield Check(name, Outcome.FAIL, str(error))
        except Exception as error:  # noqa: BLE001 - hostile input must not end without an answer
            yield Check(name, Outcome.FAIL, f"could not be finished: {error!r}"[:300])


def given_key(public_key: bytes | None, checks: list[Check]) -> bytes | None:
    """Return the reader's own key, 32 bytes; a damaged one is a failed check."""
    if public_key is None:
        return None
    try:
        return read_public_key(public_key)
    except Unreadable as error:
        checks.append(Check("public key", Outcome.FAIL, str(error)))
        return b""  # no log was begun with it


def row_checks(reading: Reading) -> Iterator[Check]:
    """Report on the rows of the log, each check passed or with its problems."""
    broken = "log file" in reading.problems
    for name, holds in ROW_CHECKS.items():
        problems = reading.problems.get(name, [])
        yield from contents.failures(name, problems)
        if problems:
            continue
        if broken:
            yield Check(name, Outcome.NOT_CHECKABLE, "the log could not be read to its end")
        else:
            held = f", {reading.held_back} of them held back" if reading.held_back else ""
            yield Check(name, Outcome.PASS, f"{holds} ({len(reading.leaves)}{held})")


def check_times(reading: Reading) -> Iterator[Check]:
    """Name events whose times contradict each other: the clock was wrong, or somebody lied."""
    odd, last = [], None
    for entry in reading.entries:
        event = entry.event
        if last is not None and event.logged_at < last:
            odd.append(f"event {entry.seq} was logged before the event it follows")
        if event.occurred_at > event.logged_at:
            odd.append(f"event {entry.seq} was logged before it occurred")
        last = event.logged_at
    for detail in odd[: contents.SHOWN]:
        yield Check("times", Outcome.NOT_CHECKABLE, f"{detail}: the clock cannot be relied on")
    if not odd:
        yield contents.passed(
            "times", "they do not contradict each other; they are claims", reading
        )


def check_key(line: str, reading: Reading, given: bytes | None) -> Iterator[Check]:
    """See that custody.pub, the log and the reader's own knowledge name the same key."""
    name = "public key"
    claimed = VerifierKey.parse(line)
    if reading.key is None:
        yield Check(name, Outcome.NOT_CHECKABLE, "the log names no key to compare with")
    elif line != f"{reading.key}\n":
        yield Check(name, Outcome.FAIL, f"{KEY_FILE} and the log name different keys")
    elif given is None:
        yield Check(
            name,
            Outcome.NOT_CHECKABLE,
            "taken from the folder itself, so it proves no origin: compare the fingerprint "
            f"{key_id(claimed.public_key)} with the organisation's, or give its key",
        )
    elif given not in reading.signers.all_node_keys:
        yield Check(name, Outcome.FAIL, "the log was signed with another key than the one given")
    else:
        yield Check(name, Outcome.PASS, f"the one given, {key_id(given)}")
