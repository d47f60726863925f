"""One event after the other: the ledger is a fold over its events.

Guarantees that an event is either taken in whole, with books that balance, or refused with what is
missing and the source of the rule; that two different persons stand behind every event; and that
events never go back in time.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import fields, replace
from types import MappingProxyType

from palermo.analysis.money.assets.books import CASH, Entry
from palermo.analysis.money.assets.effects import affected
from palermo.analysis.money.assets.guards import GUARDS, Case
from palermo.analysis.money.assets.ledger import Asset, Ledger
from palermo.analysis.money.assets.postings import posted
from palermo.analysis.money.assets.states import EventKind, state_table
from palermo.model import Refused
from palermo.model.asset import AssetEvent, Facts


def replay(events: Iterable[AssetEvent]) -> Ledger:
    """Fold `events` into a ledger.

    Raises:
        Refused: one of them may not happen; the message begins with its number from 1.
    """
    ledger = Ledger()
    for event in events:
        ledger = apply(ledger, event)
    return ledger


def apply(ledger: Ledger, event: AssetEvent) -> Ledger:
    """Return the ledger after `event`.

    Raises:
        Refused: the event is not in the table, may not happen now, or something is missing.
    """
    where = f"event {ledger.count + 1} {event.event}"
    kind = state_table().events.get(event.event)
    if kind is None:
        raise Refused(f"{where}: no such event; `palermo assets events` lists them")
    asset = _asset(ledger, event, kind, where)
    _persons(event, where)
    if event.at.tzinfo is None:
        raise Refused(f"{where}: its time has no zone; write it with an offset or Z")
    if ledger.last is not None and event.at < ledger.last:
        raise Refused(f"{where}: {event.at.isoformat()} is before the last event; entries go on")
    _stated(event, kind, where)
    _state(asset, kind, where)
    case = Case(ledger, event, asset)
    for name in kind.guards:
        if lacking := GUARDS[name](case):
            raise Refused(f"{where}{_of(event)}: needs {lacking} [{kind.source}]")
    entry = posted(case)
    after = _moved(affected(case), event, kind, entry)
    return replace(
        after,
        count=ledger.count + 1,
        last=event.at,
        books=ledger.books.entered(entry) if entry else ledger.books,
    )


def _of(event: AssetEvent) -> str:
    return f" of {event.asset}" if event.asset else ""


def _asset(ledger: Ledger, event: AssetEvent, kind: EventKind, where: str) -> Asset | None:
    if kind.of_case:
        if event.asset:
            raise Refused(f"{where}: concerns the whole case; leave out the asset")
        return None
    if not event.asset.strip():
        raise Refused(f"{where}: name the asset")
    found = ledger.assets.get(event.asset)
    if found is None and kind.sources:
        raise Refused(f"{where}: no asset {event.asset}; enter it with the event suspected")
    return found


def _persons(event: AssetEvent, where: str) -> None:
    """Two persons, whatever the spelling of their names."""
    plain = {
        " ".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in event.by
    } - {""}
    if len(plain) < 2:
        raise Refused(f"{where}: needs two different persons (by): who does it and who confirms it")


_EMPTY = Facts()
_NAMES = tuple(one.name for one in fields(Facts))


def _stated(event: AssetEvent, kind: EventKind, where: str) -> None:
    stated = {name for name in _NAMES if getattr(event.facts, name) != getattr(_EMPTY, name)}
    for name in kind.needs:
        if name not in stated:
            raise Refused(f"{where}{_of(event)}: needs `{name}` [{kind.source}]")
    if strange := stated - {*kind.needs, *kind.may}:
        raise Refused(f"{where}: `{min(strange)}` has no place in this event; leave it out")


def _state(asset: Asset | None, kind: EventKind, where: str) -> None:
    if asset is not None and kind.sources and asset.state not in kind.sources:
        order = [state for state in state_table().states if state in kind.sources]
        raise Refused(
            f"{where} of {asset.id}: is {asset.state}; possible when {', '.join(order)} "
            f"[{kind.source}]"
        )


def _moved(ledger: Ledger, event: AssetEvent, kind: EventKind, entry: Entry | None) -> Ledger:
    """Move the asset, or those whose money was paid out, to the state that the event leads to."""
    if kind.to is None:
        return ledger
    concerned = [event.asset]
    if kind.of_case:
        paying = entry.postings if entry else ()
        concerned = sorted({one.asset for one in paying if one.account == CASH})
    assets = dict(ledger.assets)
    for name in concerned:
        asset = assets[name]
        if asset.state != kind.to or not asset.history:
            assets[name] = replace(
                asset, state=kind.to, history=(*asset.history, (kind.to, event.at))
            )
    return replace(ledger, assets=MappingProxyType(assets))
