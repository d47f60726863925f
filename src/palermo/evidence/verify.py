"""Verifying a case folder, offline and without trusting whoever made it.

Guarantees an answer: whatever lies in the folder, `verify_case` returns checks and raises nothing.
Each check is `pass`, `fail` or `not-checkable`; a folder is sound when none fails.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from palermo.evidence.case import CaseFolder, hash_within
from palermo.evidence.event import EventType, ExhibitRef, FileRef
from palermo.evidence.judge import ROW_CHECKS, Check, Outcome, Reading, judge_checkpoint, read_log
from palermo.evidence.keys import VerifierKey, key_id, read_public_key
from palermo.evidence.log import CHECKPOINT_FILE, KEY_FILE, LOG_FILE
from palermo.evidence.vault import INCOMING
from palermo.model import Refused, Unreadable

_SHOWN = 20  # problems of one kind that are listed one by one
_SMALL = 1 << 16  # no key or checkpoint is longer than this


def verify_case(
    path: Path, *, public_key: bytes | None = None, checkpoints: Sequence[str] = ()
) -> list[Check]:
    """Verify the case folder at `path`.

    `public_key` is the log's key as the reader knows it from elsewhere: 32 raw bytes, PEM, or the
    line of custody.pub. Without it the folder's own key is used, and one check says so.
    `checkpoints` are texts of earlier checkpoint.txt files that were kept elsewhere: a log that was
    cut or rewritten since then does not agree with them, whoever holds the key.
    """
    checks: list[Check] = []
    if not path.is_dir():
        return [Check("case folder", Outcome.FAIL, f"{path} is no folder")]
    given = _given(public_key, checks)
    reading = read_log(path / LOG_FILE, given)
    own = reading.key.public_key if reading.key else b""
    used = own if given is None else given
    steps: tuple[tuple[str, Callable[[], Iterable[Check]]], ...] = (
        ("log", lambda: _rows(reading)),
        ("times", lambda: _times(reading)),
        ("public key", lambda: _key(path, reading, given)),
        ("checkpoint", lambda: judge_checkpoint(reading, _small(path / CHECKPOINT_FILE), used)),
        *(
            ("kept checkpoint", partial(judge_checkpoint, reading, note, used, kept=True))
            for note in checkpoints
        ),
        ("exhibits", lambda: _exhibits(path, reading)),
        ("vault", lambda: _vault(path, reading)),
        ("outputs", lambda: _outputs(path, reading)),
        ("other files", lambda: _others(path, reading)),
    )
    for name, step in steps:
        try:
            checks.extend(step())
        except Unreadable as error:
            checks.append(Check(name, Outcome.FAIL, str(error)))
        except Exception as error:  # noqa: BLE001 - hostile input must not end without an answer
            checks.append(Check(name, Outcome.FAIL, f"could not be finished: {error!r}"[:300]))
    return checks


def _given(public_key: bytes | None, checks: list[Check]) -> bytes | None:
    if public_key is None:
        return None
    try:
        return read_public_key(public_key)
    except Unreadable as error:
        checks.append(Check("public key", Outcome.FAIL, str(error)))
        return b""  # no signature verifies with it


def _rows(reading: Reading) -> Iterator[Check]:
    """Report on the rows of the log, each check passed or with its problems."""
    broken = "log file" in reading.problems
    for name, holds in ROW_CHECKS.items():
        problems = reading.problems.get(name, [])
        yield from _failures(name, problems)
        if problems:
            continue
        if broken:
            yield Check(name, Outcome.NOT_CHECKABLE, "the log could not be read to its end")
        else:
            yield Check(name, Outcome.PASS, f"{holds} ({len(reading.leaves)})")


def _failures(name: str, problems: list[str]) -> Iterator[Check]:
    for problem in problems[:_SHOWN]:
        yield Check(name, Outcome.FAIL, problem)
    if len(problems) > _SHOWN:
        yield Check(name, Outcome.FAIL, f"and {len(problems) - _SHOWN} more of this kind")


def _times(reading: Reading) -> Iterator[Check]:
    """Name events whose times contradict each other: the clock was wrong, or somebody lied."""
    odd, last = [], None
    for entry in reading.entries:
        event = entry.event
        if last is not None and event.logged_at < last:
            odd.append(f"event {entry.seq} was logged before the event it follows")
        if event.occurred_at > event.logged_at:
            odd.append(f"event {entry.seq} was logged before it occurred")
        last = event.logged_at
    for detail in odd[:_SHOWN]:
        yield Check("times", Outcome.NOT_CHECKABLE, f"{detail}: the clock cannot be relied on")
    if not odd:
        yield _all("times", "they do not contradict each other; they are claims", reading)


def _key(path: Path, reading: Reading, given: bytes | None) -> Iterator[Check]:
    """See that custody.pub, the log and the reader's own knowledge name the same key."""
    name = "public key"
    line = _small(path / KEY_FILE)
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
    elif claimed.public_key != given:
        yield Check(name, Outcome.FAIL, "the log was signed with another key than the one given")
    else:
        yield Check(name, Outcome.PASS, f"the one given, {key_id(given)}")


def _small(path: Path) -> str:
    """Read a small text file that nobody vouches for."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > _SMALL:
            raise Unreadable(f"{path.name} is no plain small file")
        return path.read_text("utf-8", "replace")
    except OSError as error:
        raise Unreadable(f"{path.name} is missing or unreadable ({error.strerror})") from None


def _recorded(reading: Reading) -> dict[str, ExhibitRef]:
    """Return the exhibits that the log names, without those it says were shredded since."""
    exhibits: dict[str, ExhibitRef] = {}
    for entry in reading.entries:
        for exhibit in entry.event.exhibits:
            if entry.event.type is EventType.SHRED:
                exhibits.pop(exhibit.sha256, None)
            else:
                exhibits[exhibit.sha256] = exhibit
    return exhibits


def _exhibits(path: Path, reading: Reading) -> Iterator[Check]:
    """Hash every exhibit again."""
    problems, total = [], 0
    exhibits = _recorded(reading)
    for sha256, exhibit in exhibits.items():
        place = f"vault/{sha256[:2]}/{sha256}"
        try:
            found = hash_within(path, place, size=exhibit.size)
        except Refused as error:
            problems.append(str(error))
            continue
        total += found.size
        if found.sha256 != sha256:
            problems.append(f"{place} was altered, its bytes hash to {found.sha256}")
    yield from _failures("exhibits", problems)
    if not problems:
        yield _all("exhibits", f"{len(exhibits)} hashed again, {total:,} bytes", reading)


def _vault(path: Path, reading: Reading) -> Iterator[Check]:
    """Find what lies in the vault without being recorded."""
    known = {f"vault/{sha256[:2]}/{sha256}" for sha256 in _recorded(reading)}
    unknown, unfinished = [], 0
    for place in _files(path / "vault", path):
        if place.startswith(f"vault/{INCOMING}/"):
            unfinished += 1
        elif place not in known:
            unknown.append(f"{place!r} is in the vault but in no event")
    yield from _failures("vault", unknown)
    if unfinished:
        yield Check(
            "vault",
            Outcome.NOT_CHECKABLE,
            f"{unfinished} unfinished files in vault/{INCOMING}, left by an interrupted sealing",
        )
    if not unknown:
        yield _all("vault", "it holds nothing that is not recorded", reading)


def _outputs(path: Path, reading: Reading) -> Iterator[Check]:
    """Hash every recorded output again; of two records of a path the later counts."""
    outputs = _written(reading)
    problems = []
    for output in outputs.values():
        try:
            found = hash_within(path, output.path, size=output.size)
        except Refused as error:
            problems.append(str(error))
            continue
        if found.sha256 != output.sha256:
            problems.append(f"{output.path!r} was altered since it was recorded")
    yield from _failures("outputs", problems)
    if not problems:
        yield _all("outputs", f"{len(outputs)} hashed again", reading)


def _written(reading: Reading) -> dict[str, FileRef]:
    events = (entry.event for entry in reading.entries)
    return {output.path: output for event in events for output in event.outputs}


def _others(path: Path, reading: Reading) -> Iterator[Check]:
    """Name what lies beside the case without being recorded: nothing can be said about it."""
    others = sorted(set(CaseFolder(path).beside()) - _written(reading).keys())
    if others:
        shown = ", ".join(map(repr, others[:_SHOWN])) + (" …" if len(others) > _SHOWN else "")
        yield Check("other files", Outcome.NOT_CHECKABLE, f"{len(others)} are in no event: {shown}")


def _all(name: str, detail: str, reading: Reading) -> Check:
    """Pass, unless the log itself could not be read to its end."""
    if "log file" in reading.problems or "events" in reading.problems:
        return Check(name, Outcome.NOT_CHECKABLE, f"{detail}, as far as the log could be read")
    return Check(name, Outcome.PASS, detail)


def _files(folder: Path, base: Path) -> Iterator[str]:
    """Yield every file and link below `folder`, relative to `base`, in a stable order."""
    for here, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        for name in sorted([*names, *links]):
            yield (Path(here) / name).relative_to(base).as_posix()
