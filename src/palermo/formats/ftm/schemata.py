"""The schemata that entities are written in: those of the public model we use, and our own.

Guarantees that an entity we write has only properties that its schema knows, with values of their
types, and that our own schemata (`schemata/*.yaml`, in the public model's own form, so that other
tools can load them) extend public ones only.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from palermo.formats.ftm.entity import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property: its type, and for ids the schema that they point at."""

    type: str
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A schema: all it extends, itself first, its properties with the inherited ones, its edge.

    `own` tells ours from those of the public model.
    """

    name: str
    lineage: tuple[str, ...]
    properties: Mapping[str, Property]
    edge: tuple[str, ...] = ()
    abstract: bool = False
    own: bool = False


#: How values of a type are written; types that are not here take any text.
_FORMS = MappingProxyType(
    {
        "date": r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2})?)?)?",
        "number": r"-?[0-9]+(\.[0-9]+)?",
        "country": r"[a-z]{2}",
        "language": r"[a-z]{3}",
        "phone": r"\+[1-9][0-9]{6,14}",
        "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
        "url": r"https?://\S+",
    }
)


@cache
def schemata() -> Mapping[str, Schema]:
    """Return all schemata by name."""
    here = files("palermo.formats.ftm")
    raw: dict[str, tuple[dict[str, Any], bool]] = {
        name: (entry, False)
        for name, entry in yaml.safe_load(here.joinpath("known.yaml").read_text("utf-8"))[
            "schemata"
        ].items()
    }
    for file in sorted(here.joinpath("schemata").iterdir(), key=lambda one: one.name):
        for name, entry in yaml.safe_load(file.read_text("utf-8")).items():
            raw[name] = (entry, True)
    return MappingProxyType({name: _schema(name, raw) for name in raw})


def _schema(name: str, raw: Mapping[str, tuple[dict[str, Any], bool]]) -> Schema:
    entry, own = raw[name]
    lineage = [name]
    properties: dict[str, Property] = {}
    edge = _edge(entry)
    for parent in entry.get("extends", ()):
        above = _schema(parent, raw)
        lineage += [one for one in above.lineage if one not in lineage]
        properties.update(above.properties)
        edge = edge or above.edge
    for key, said in entry.get("properties", {}).items():
        if isinstance(said, str):
            properties[key] = Property(type=said)
        else:
            properties[key] = Property(
                type=said.get("type", "string"), to=said.get("to", said.get("range", ""))
            )
    return Schema(
        name=name,
        lineage=tuple(lineage),
        properties=properties,
        edge=edge,
        abstract=entry.get("abstract", False),
        own=own,
    )


def _edge(entry: Mapping[str, Any]) -> tuple[str, ...]:
    said = entry.get("edge", ())
    return (said["source"], said["target"]) if isinstance(said, dict) else tuple(said)


def fits(type_name: str, value: str) -> bool:
    """Tell whether `value` is written as its type asks."""
    form = _FORMS.get(type_name)
    return form is None or re.fullmatch(form, value) is not None


def problems(entity: Entity, ids: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with an entity; `ids` gives the schema of every entity by its id."""
    schema = schemata().get(entity.schema)
    if schema is None or schema.abstract:
        yield f"{entity.id}: no schema {entity.schema}"
        return
    for name, values in entity.properties.items():
        known = schema.properties.get(name)
        if known is None:
            yield f"{entity.id}: {entity.schema} has no property {name}"
            continue
        for value in values:
            if known.type == "entity":
                found = ids.get(value)
                if found is None or known.to not in schemata()[found].lineage:
                    yield f"{entity.id}: {name} points at {found or 'nothing'}, not {known.to}"
            elif not value or not fits(known.type, value):
                yield f"{entity.id}: {name} is {value[:40]!r}, no {known.type}"
    for end in schema.edge:
        if len(entity.properties.get(end, ())) != 1:
            yield f"{entity.id}: an edge has one {end}"
