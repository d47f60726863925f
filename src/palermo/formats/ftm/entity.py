"""Entities: an id, a schema, and properties that each hold texts; one JSON object a line.

Guarantees that a line that was read is written back with all its fields, and one form: same
entities, same bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from palermo.formats.entities import json_lines, parse_line
from palermo.formats.typed_table import SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity. `extra` holds the fields of its line besides id, schema and properties."""

    id: str
    schema: str
    properties: Mapping[str, tuple[str, ...]]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """Return the first value of a property, or None."""
        return next(iter(self.properties.get(name, ())), None)

    def line(self) -> bytes:
        """Return the entity as one line of JSON."""
        said = {
            **self.extra,
            "id": self.id,
            "schema": self.schema,
            "properties": {name: list(values) for name, values in self.properties.items()},
        }
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace") + b"\n"


def entity_id(*parts: str) -> str:
    """Return the id of what `parts` name; the same parts give the same id."""
    said = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return f"plm-{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def write_ftm(entities: Iterable[Entity]) -> bytes:
    """Write entities, one a line, in their order."""
    return b"".join(entity.line() for entity in entities)


def read_ftm(path: Path) -> tuple[tuple[Entity, ...], tuple[SetAside, ...]]:
    """Read entities; a line that is none is set aside with its number.

    Raises:
        Unreadable: the file cannot be read.
    """
    found: list[Entity] = []
    aside: list[SetAside] = []
    for number, line in json_lines(path):
        entity, reason = _entity(line)
        if entity is not None:
            found.append(entity)
        else:
            value = line[:80].decode("utf-8", "replace")
            aside.append(SetAside(row=number, field="", value=value, reason=reason))
    return tuple(found), tuple(aside)


def _entity(line: bytes) -> tuple[Entity | None, str]:
    raw = parse_line(line)
    if isinstance(raw, str):
        return None, raw
    properties = raw.get("properties")
    if not isinstance(raw.get("id"), str) or not isinstance(raw.get("schema"), str):
        return None, "expected `id` and `schema`, both texts"
    if not isinstance(properties, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in properties.values()
    ):
        return None, "expected `properties` that hold lists of texts"
    return Entity(
        id=raw["id"],
        schema=raw["schema"],
        properties={name: tuple(values) for name, values in properties.items()},
        extra={
            name: value for name, value in raw.items() if name not in {"id", "schema", "properties"}
        },
    ), ""
