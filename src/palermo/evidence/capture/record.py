"""The capture record: how a page was captured, item by item, or why an item is missing.

Guarantees that a record which `check_record` lets pass has every item of items.yaml or a reason
code for it, never both and never neither.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from palermo.model import Refused

_HERE = files("palermo.evidence.capture")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a record holds; `places` are dotted paths, one of which must be filled."""

    name: str
    title: str
    origin: str
    places: tuple[str, ...]


@cache
def items() -> tuple[Item, ...]:
    """Return the items of items.yaml, in its order."""
    return tuple(
        Item(
            name=entry["item"],
            title=entry["title"],
            origin=entry["from"],
            places=tuple(entry["at"]),
        )
        for entry in _table()["items"]
    )


@cache
def reasons() -> Mapping[str, str]:
    """Return the codes that say why an item is missing, with their meaning."""
    return dict(_table()["reasons"])


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(_HERE.joinpath("items.yaml").read_bytes())
    return table


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_HERE.joinpath("record.schema.json").read_text("utf-8")))


def holds(record: Mapping[str, Any], item: Item) -> bool:
    """Tell whether the record holds something at one of the item's places."""
    return any(_found(record, place) not in (None, "", [], {}) for place in item.places)


def check_record(record: Mapping[str, Any]) -> None:
    """Judge a capture record.

    Raises:
        Refused: naming the item or the place that is wrong.
    """
    error = best_match(_validator().iter_errors(record))
    if error is not None:
        where = "/".join(map(str, error.absolute_path)) or "top level"
        raise Refused(f"capture record, {where}: {error.message}; see capture/record.schema.json")
    missing = record["missing"]
    names = {item.name for item in items()}
    for name, why in missing.items():
        if name not in names:
            raise Refused(f"capture record: `{name}` is missing by reason but no item of the list")
        if why["code"] not in reasons():
            known = ", ".join(reasons())
            raise Refused(
                f"capture record, {name}: reason `{why['code']}`; expected one of {known}"
            )
    for item in items():
        there = holds(record, item)
        if not there and item.name not in missing:
            raise Refused(
                f"capture record: `{item.name}` ({item.title}) is neither there nor explained; "
                "record it or give a reason code under `missing`"
            )
        if there and item.name in missing:
            raise Refused(f"capture record: `{item.name}` is there and yet said to be missing")


def written(record: Mapping[str, Any]) -> bytes:
    """Write a record as the file that is sealed."""
    return json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n"


def _found(record: Mapping[str, Any], place: str) -> Any:
    here: Any = record
    for part in place.split("."):
        if not isinstance(here, Mapping):
            return None
        here = here.get(part)
    return here
