"""Entering events from a file, and the ledger of a folder.

Guarantees that the events of one file are taken in all together or not at all, and that the folder
is checked from its first line before anything is read from it or written to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from palermo.analysis.money.assets import Ledger, apply, replay
from palermo.analysis.money.assets.codec import read_event
from palermo.investigation.assets import chain
from palermo.law.plain_yaml import read_plain
from palermo.model import Unreadable
from palermo.model.asset import AssetEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A checked ledger: the chain in the folder and what it adds up to."""

    chain: chain.Chain
    ledger: Ledger


def open_ledger(folder: Path, *, expected: str = "") -> Opened:
    """Read, check and add up the ledger in `folder`; see `chain.read` for what is refused."""
    found = chain.read(folder, expected=expected)
    return Opened(chain=found, ledger=replay(found.events))


def read_events(path: Path, *, at: datetime, by: Sequence[str]) -> list[AssetEvent]:
    """Read a YAML file with one event, or with several under `events`.

    `at` and `by` stand for those that an event does not state itself.

    Raises:
        Unreadable: naming the event, the field and what was expected.
    """
    try:
        raw = read_plain(path.read_bytes(), name=str(path))
    except OSError as error:
        raise Unreadable(f"{path}: can not be read ({error.strerror})") from None
    several = raw.get("events")
    if several is None:
        listed: list[object] = [raw]
    elif isinstance(several, list) and set(raw) == {"events"}:
        listed = list(several)
    else:
        raise Unreadable(f"{path}: expected one event, or a list of them under `events`")
    found = []
    for number, one in enumerate(listed, 1):
        if not isinstance(one, dict):
            raise Unreadable(f"{path}: event {number}: expected lines of the form `key: value`")
        filled = {"at": at.isoformat(), "by": list(by), **one}
        found.append(read_event(filled, f"{path}: event {number}"))
    if not found:
        raise Unreadable(f"{path}: no events in it")
    return found


def enter(folder: Path, events: Sequence[AssetEvent], *, expected: str = "") -> Opened:
    """Take `events` into the ledger of `folder`.

    Raises:
        Refused: one of them may not happen (nothing is written then), or the chain does not hold.
    """
    opened = open_ledger(folder, expected=expected)
    ledger = opened.ledger
    for event in events:
        ledger = apply(ledger, event)
    chain.append(folder, events, after=opened.chain)
    return Opened(chain=chain.read(folder), ledger=ledger)
