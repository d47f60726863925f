"""Layouts: tables whose columns are known beforehand, those of block explorers and wallets.

Guarantees that `explorers.yaml` and `tokens.yaml` name their sources and only chains whose
addresses can be checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from palermo.formats.columns import plain
from palermo.formats.statements.addresses import CHAINS
from palermo.model import Unreadable

_FIELDS = (
    "hash", "time", "from", "to", "in", "out", "value", "signed", "other", "token", "contract",
    "fee", "failed", "status", "confirmed", "created", "note", "chain_column",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of table; `fields` are the names of the columns of each field, first found first."""

    name: str
    chain: str
    needs: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    grouped: bool = False
    raw_units: bool = False
    wallet: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """A block chain's coin, and the contracts that stand behind the symbols of tokens."""

    coin: str
    tokens: Mapping[str, str]


def _load(name: str) -> Any:
    raw: Any = yaml.safe_load(files("palermo.formats.statements").joinpath(name).read_text("utf-8"))
    if not raw.get("source") or not isinstance(raw.get("date"), date):
        raise Unreadable(f"{name}: expected `source` and `date`")
    return raw


@cache
def layouts() -> tuple[Layout, ...]:
    """Return the layouts, the most particular first.

    Raises:
        Unreadable: one names a chain or field that is not known.
    """
    found = []
    for entry in _load("explorers.yaml")["layouts"]:
        known = {*_FIELDS, "name", "chain", "needs", "grouped", "raw_units", "wallet"}
        if unknown := sorted(set(entry) - known):
            raise Unreadable(f"explorers.yaml, {entry['name']}: {unknown[0]} is no field")
        if entry["chain"] not in {"", *CHAINS}:
            raise Unreadable(f"explorers.yaml, {entry['name']}: no chain {entry['chain']!r}")
        flags = {name: entry[name] for name in ("grouped", "raw_units", "wallet") if name in entry}
        fields = {name: tuple(entry[name]) for name in _FIELDS if name in entry}
        found.append(
            Layout(
                name=entry["name"],
                chain=entry["chain"],
                needs=tuple(entry["needs"]),
                fields=fields,
                **flags,
            )
        )
    return tuple(sorted(found, key=lambda one: -len(one.needs)))


@cache
def chains() -> dict[str, Chain]:
    """Return coin and tokens by chain."""
    raw = _load("tokens.yaml")["chains"]
    return {name: Chain(entry["coin"], entry["tokens"]) for name, entry in raw.items()}


def place(header: Sequence[str], names: Sequence[str]) -> int | None:
    """Return the place of the first column that has one of `names`; `Value_IN(*` is a beginning."""
    titles = [plain(title) for title in header]
    for name in names:
        wanted = plain(name.removesuffix("*"))
        for at, title in enumerate(titles):
            if title == wanted or (name.endswith("*") and title.startswith(wanted)):
                return at
    return None


def layout_of(header: Sequence[str]) -> Layout | None:
    """Return the layout whose columns are all in `header`; None if there is none."""
    return next(
        (one for one in layouts() if all(place(header, (name,)) is not None for name in one.needs)),
        None,
    )
