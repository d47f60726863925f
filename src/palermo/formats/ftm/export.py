"""A case as entities.

Guarantees that no entity points at one that is not there; that what the format cannot carry is
listed, by table and column, with how many values; that possible victims and all that names them
stay out unless the caller says that an authority lets them go; and one order: same case, same
bytes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from palermo.formats.ftm.entity import Entity
from palermo.formats.ftm.making import Loss, Maker
from palermo.formats.ftm.protection import Protection, protection
from palermo.formats.ftm.schemata import schemata
from palermo.formats.ftm.tables import CaseTables
from palermo.model.report import POSSIBLE_VICTIM

#: Properties that hold words of people rather than values of a record.
_FREE = frozenset({"text", "purpose", "description", "evidence", "against", "summary", "bodyText"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Entities in order, what is not carried, and what was held back to protect, counted."""

    entities: tuple[Entity, ...]
    losses: tuple[Loss, ...]
    held_back: dict[str, int]


def export_case(
    case: CaseTables,
    *,
    with_victims: bool = False,
    victims: Iterable[str] = (),
    protect: Iterable[tuple[str, str]] = (),
    dataset: str = "palermo",
) -> Exported:
    """Make entities of `case`.

    Args:
        case: the tables.
        with_victims: an authority lets data of possible victims go; the caller has checked it.
        victims: accounts of possible victims besides those that the alerts name.
        protect: further values that name people to protect, each with its kind: `name`, `phone`,
            `email`, `account` or `address`.
        dataset: what the entities say they come from.
    """
    guard = Protection()
    if not with_victims:
        named = {one.account for one in case.alerts if one.role == POSSIBLE_VICTIM}
        guard = protection(named | set(victims), case.accounts.to_pylist(), protect)
    maker = Maker(case, guard)
    entities = maker.make()
    kept = _closed(_swept(entities, guard, maker.held), maker.held)
    return Exported(
        entities=tuple(
            Entity(
                id=one.id,
                schema=one.schema,
                properties=one.properties,
                extra={"datasets": [dataset]},
            )
            for one in sorted(kept, key=lambda one: (one.schema, one.id))
        ),
        losses=tuple(maker.losses()),
        held_back={name: count for name, count in sorted(maker.held.items()) if count},
    )


def _swept(entities: Sequence[Entity], guard: Protection, held: Counter[str]) -> Iterator[Entity]:
    """Leave out values that name somebody protected, and entities whose id does."""
    for one in entities:
        if not guard:
            yield one
            continue
        if guard.names(one.id):
            held[f"{one.schema}"] += 1
            continue
        properties = {}
        for name, values in one.properties.items():
            kept = tuple(value for value in values if not guard.names(value, free=name in _FREE))
            held[f"{one.schema}.{name}"] += len(values) - len(kept)
            if kept:
                properties[name] = kept
        if _ESSENTIAL.get(one.schema, frozenset()) <= set(properties):
            yield Entity(id=one.id, schema=one.schema, properties=properties)
        else:
            held[one.schema] += 1


#: Without these an entity says nothing, and is left out with them.
_ESSENTIAL = {
    "BankAccount": frozenset({"accountNumber"}),
    "CryptoWallet": frozenset({"publicKey"}),
    "PhoneNumber": frozenset({"number"}),
    "Advertisement": frozenset({"text", "itemId"}),
    "UserAccount": frozenset({"username"}),
    "Alert": frozenset({"account"}),
    "RestrainedAsset": frozenset({"assetId"}),
}


def _closed(entities: Iterable[Entity], held: Counter[str]) -> list[Entity]:
    """Leave out what points at nothing, until everything points at something."""
    kept = list(entities)
    while True:
        ids = {one.id for one in kept}
        remaining, changed = [], False
        for one in kept:
            schema = schemata()[one.schema]
            properties = {}
            for name, values in one.properties.items():
                points = schema.properties[name].type == "entity"
                there = tuple(value for value in values if not points or value in ids)
                if there:
                    properties[name] = there
            needed = {*schema.edge, *(_ESSENTIAL.get(one.schema, ()))}
            if needed <= set(properties):
                changed |= properties != one.properties
                remaining.append(Entity(id=one.id, schema=one.schema, properties=properties))
            else:
                changed = True
                held[one.schema] += 1
        kept = remaining
        if not changed:
            return kept
