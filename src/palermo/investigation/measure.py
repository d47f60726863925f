"""Compares a case with the known truth of a generated scenario: how right was Palermo?

Every figure is a count of pairs or mentions, so anyone can recount it. Truth is only known for
generated material; figures for real material stand in the documentation with their source.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from palermo.model import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Precision, recall and their counts for one thing measured. None where nothing was counted."""

    name: str
    right: int
    found: int
    true: int

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of what is true that was found."""
        return self.right / self.true if self.true else None


def measure(case: Path, truth: Path) -> list[Score]:
    """Score a case folder against a scenario folder.

    Raises:
        Unreadable: one of the folders lacks a table.
    """
    true_items = _read(truth / "truth" / "items.parquet")
    ids: list[str] = true_items["id"].to_pylist()
    rings: list[str | None] = true_items["ring"].to_pylist()
    scores = identifier_scores(
        _read(case / "tables" / "identifiers.parquet"),
        _read(truth / "truth" / "identifiers.parquet"),
    )
    campaign_of = _mapping(_read(case / "tables" / "campaigns.parquet"), "campaign")
    network_of = _mapping(_read(case / "tables" / "networks.parquet"), "network")
    scores.append(
        pair_score(
            "campaign pairs",
            [campaign_of.get(i) for i in ids],
            true_items["campaign"].to_pylist(),
        )
    )
    # An innocent item belongs to nobody's ring: found beside a ring item, each such pair is wrong.
    # Pairs of two innocents say nothing about rings and are left out.
    scores.append(ring_score("network pairs (rings)", [network_of.get(i) for i in ids], rings))
    return scores


def identifier_scores(found: pa.Table, truth: pa.Table) -> list[Score]:
    """Score distinct (item, kind, value) mentions, a row for every kind in either table."""
    got, want = _mentions(found), _mentions(truth)
    kinds = sorted({kind for _, kind, _ in got | want})
    right = Counter(kind for _, kind, _ in got & want)
    found_count = Counter(kind for _, kind, _ in got)
    true_count = Counter(kind for _, kind, _ in want)
    return [
        Score(name=kind, right=right[kind], found=found_count[kind], true=true_count[kind])
        for kind in kinds
    ]


def pair_score(name: str, found: list[str | None], truth: list[str | None]) -> Score:
    """Score pairs of items put together, null standing for "alone" on both sides."""
    both = Counter(
        (f, t) for f, t in zip(found, truth, strict=True) if f is not None and t is not None
    )
    return Score(
        name=name,
        right=sum(_pairs(n) for n in both.values()),
        found=sum(_pairs(n) for n in Counter(f for f in found if f is not None).values()),
        true=sum(_pairs(n) for n in Counter(t for t in truth if t is not None).values()),
    )


def ring_score(name: str, found: list[str | None], ring: list[str | None]) -> Score:
    """Score pairs with at least one ring item; such a pair is right when both are of one ring."""
    everyone = Counter(f for f in found if f is not None)
    innocent = Counter(f for f, r in zip(found, ring, strict=True) if f is not None and r is None)
    plain = pair_score(name, found, ring)
    return Score(
        name=name,
        right=plain.right,
        found=sum(_pairs(n) - _pairs(innocent[f]) for f, n in everyone.items()),
        true=plain.true,
    )


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


def _mentions(table: pa.Table) -> set[tuple[str, str, str]]:
    return set(
        zip(
            table["id"].to_pylist(),
            table["kind"].to_pylist(),
            table["value"].to_pylist(),
            strict=True,
        )
    )


def _mapping(table: pa.Table, column: str) -> dict[str, str | None]:
    return dict(zip(table["id"].to_pylist(), table[column].to_pylist(), strict=True))


def _read(path: Path) -> pa.Table:
    if not path.is_file():
        raise Unreadable(f"{path}: no such table; expected a case folder and a scenario folder.")
    try:
        return pq.read_table(path)
    except pa.ArrowInvalid as trouble:
        raise Unreadable(f"{path}: not a Parquet table ({trouble}).") from trouble
