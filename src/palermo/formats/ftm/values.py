"""Values of entities as ours: days, moments, sums, atoms; None where a text is none.

Guarantees that no text of a file from outside raises, whatever stands in it.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from palermo.formats.ftm.entity import Entity
from palermo.model.money import digits
from palermo.model.report import Atom

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_PARTS = ("version", "value", "window", "parameters", "source")


def atom_text(atom: Atom, hidden: frozenset[str]) -> str:
    """Write an atom as JSON, without the payments in `hidden`."""
    said = {name: getattr(atom, name) for name in ("rule", *_PARTS) if getattr(atom, name)}
    numbers = [tx for tx in atom.tx_ids if tx not in hidden]
    counted = {"payments": atom.payments} if atom.payments else {}
    return json.dumps({**said, **counted, "tx_ids": numbers}, ensure_ascii=False, sort_keys=True)


def atoms_of(evidence: Sequence[str], rules: Sequence[str]) -> tuple[Atom, ...]:
    """Read atoms as `atom_text` wrote them; of a rule whose atom is not there, its name is left."""
    found: list[Atom] = []
    for text in evidence:
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if not isinstance(said, dict) or not isinstance(said.get("rule"), str):
            continue
        numbers = said.get("tx_ids")
        found.append(
            Atom(
                rule=said["rule"],
                tx_ids=tuple(str(tx) for tx in numbers) if isinstance(numbers, list) else (),
                payments=total if isinstance(total := said.get("payments"), int) else 0,
                **{name: str(said[name]) for name in _PARTS if name in said},
            )
        )
    told = {one.rule for one in found}
    return (*found, *(Atom(rule=rule) for rule in rules if rule not in told))


def day_of(text: str | None) -> date | None:
    """Read a day; of a month alone, its first."""
    said = text or ""
    try:
        return date.fromisoformat(said[:10] if len(said) >= 10 else f"{said}-01")
    except ValueError:
        return None


def moment_of(text: str | None) -> datetime | None:
    """Read a moment; one without a zone is UTC."""
    try:
        at = datetime.fromisoformat(text or "")
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def whole_of(text: str | None) -> int | None:
    """Read a whole number that fits 64 bits."""
    return int(text) if text is not None and _WHOLE.fullmatch(text) else None


def minor_of(one: Entity, currency: str) -> int | None:
    """Return the sum in minor units: ours as it is, another's where it is exact."""
    if one.first("amountMinor") is not None:
        return whole_of(one.first("amountMinor"))
    whole, _, part = (one.first("amount") or "").partition(".")
    places, part = digits(currency), part.rstrip("0")
    if len(part) > places:
        return None
    return whole_of(f"{whole}{part.ljust(places, '0')}") if whole else None


def number_of(text: str | None) -> float:
    """Read the strength of a link; 0 where it is none."""
    try:
        return float(text or "0")
    except ValueError:
        return 0.0
