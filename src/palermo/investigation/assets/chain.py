"""The file of events, `events.jsonl`: one line an event, each bound to all lines before it.

Guarantees that a line, once written, can not be changed, removed from the middle, put elsewhere or
put in without being found and named, and that an event is on the disk when `append` returns.
Lines cut off at the end leave a shorter chain that is whole: who keeps the last hash elsewhere
(every command prints it) finds that too, with `expected`.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palermo.analysis.money.assets.codec import as_plain, read_event
from palermo.evidence.durable import fsync_directory
from palermo.model import Refused, Unreadable
from palermo.model.asset import AssetEvent

LEDGER_FILE, EVENTS_FILE = "ledger.json", "events.jsonl"
#: Longer lines are none of ours.
LONGEST = 1 << 20
_KEYS = {"seq", "previous", "event", "sha256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What stands in a folder: the case, its events in order, and the hash of the last line."""

    case: str
    events: tuple[AssetEvent, ...]
    head: str
    hashes: tuple[str, ...]


def canonical(value: object) -> str:
    """Write plain data in the one form that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def start(folder: Path, case: str) -> str:
    """Make the folder of a case that has none yet; return the hash that its first event follows.

    Raises:
        Refused: there is a ledger.
        Unreadable: the case has no name, or the folder can not be made.
    """
    if not case.strip():
        raise Unreadable("the case has no name; give one")
    folder.mkdir(parents=True, exist_ok=True)
    text = canonical({"palermo_assets": 1, "case": case.strip()}) + "\n"
    try:
        with (folder / LEDGER_FILE).open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Refused(f"{folder}: there is an asset ledger already; it is only added to") from None
    (folder / EVENTS_FILE).touch()
    fsync_directory(folder)
    return _sha256(text)


def read(folder: Path, *, expected: str = "") -> Chain:
    """Read and check the whole chain of `folder`.

    Args:
        folder: where `init` made the ledger.
        expected: a hash that was noted earlier and has to be in the chain still.

    Raises:
        Refused: a line was changed, moved, put in or removed; it is named.
        Unreadable: there is no ledger, or a line is none.
    """
    case, previous = _head(folder)
    events, hashes = [], [previous]
    path = folder / EVENTS_FILE
    for number, line in enumerate(_lines(path), 1):
        where = f"{path}: line {number}"
        raw = _parsed(line, where)
        body = {"seq": raw["seq"], "previous": raw["previous"], "event": raw["event"]}
        if canonical(raw) != line or _sha256(canonical(body)) != raw["sha256"]:
            raise Refused(f"{where}: was changed after it was written; its hash does not fit")
        if raw["seq"] != number or raw["previous"] != hashes[-1]:
            raise Refused(
                f"{where}: does not follow the line before it; one is missing, was moved or put in"
            )
        events.append(read_event(raw["event"], where))
        hashes.append(raw["sha256"])
    if expected and expected not in hashes:
        raise Refused(
            f"{path}: the line {expected[:16]} noted earlier is not in it; the end was cut off or "
            "all was written anew"
        )
    return Chain(case=case, events=tuple(events), head=hashes[-1], hashes=tuple(hashes))


def append(folder: Path, events: Sequence[AssetEvent], *, after: Chain) -> str:
    """Write `events` behind the chain `after`, all of them or none; return the new last hash.

    Raises:
        Refused: somebody else wrote in the meantime.
    """
    path = folder / EVENTS_FILE
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if read(folder).head != after.head:
            raise Refused(f"{path}: somebody wrote in it in the meantime; look and try again")
        previous, seq, text = after.head, len(after.events), ""
        for event in events:
            seq += 1
            body: dict[str, Any] = {"seq": seq, "previous": previous, "event": as_plain(event)}
            previous = _sha256(canonical(body))
            text += canonical({**body, "sha256": previous}) + "\n"
        end = file.seek(0, os.SEEK_END)
        try:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise
    return previous


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _head(folder: Path) -> tuple[str, str]:
    path = folder / LEDGER_FILE
    try:
        text = path.read_text("utf-8")
        raw = json.loads(text)
        if not (
            isinstance(raw, dict) and raw["palermo_assets"] == 1 and canonical(raw) + "\n" == text
        ):
            raise Refused(f"{path}: was changed after it was written")
        return str(raw["case"]), _sha256(text)
    except FileNotFoundError:
        raise Unreadable(
            f"{folder}: no asset ledger; make one with `palermo assets init`"
        ) from None
    except (ValueError, KeyError, OSError) as error:
        raise Unreadable(f"{path}: can not be read as the head of a ledger ({error})") from None


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: can not be read ({error.strerror})") from None
    if data and not data.endswith(b"\n"):
        raise Refused(
            f"{path}: line {data.count(chr(10).encode()) + 1}: is not whole; a writer was stopped. "
            "Compare with a copy, and remove that line if the copy ends before it"
        )
    try:
        return data.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Refused(f"{path}: line {line}: was changed; it is not UTF-8") from None


def _parsed(line: str, where: str) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise Refused(f"{where}: was changed; it is longer than any event")
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused(f"{where}: was changed; it is not JSON") from None
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise Refused(f"{where}: was changed; expected {', '.join(sorted(_KEYS))}")
    return raw
