"""How many alerts a rule would raise, and for whom, before it is switched on.

Guarantees that every account that a rule finds is counted once, and that no group is left out: of
each segment, country and kind of account, how many there are and how many the rule finds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from palermo.analysis.money.typologies.alerts import Alert
from palermo.analysis.money.typologies.loading import Typologies
from palermo.analysis.money.typologies.records import Records

#: One row a rule and group of accounts. `by`: all, segment, country or kind of holder.
DRY_RUN = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),
        pa.field("by", pa.string(), nullable=False),
        pa.field("group", pa.string(), nullable=False),
        pa.field("accounts", pa.int64(), nullable=False),
        pa.field("found", pa.int64(), nullable=False),
        pa.field("found_per_10000", pa.int64(), nullable=False),
        pa.field("alerts", pa.int64(), nullable=False),
        pa.field("alerts_per_10000", pa.int64(), nullable=False),
        pa.field("alerts_only_with_it", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """`table` has DRY_RUN; `accounts` is how many were looked at."""

    table: pa.Table
    accounts: int


def dry_run(
    records: Records,
    found: Mapping[str, pa.Table],
    made: tuple[Alert, ...],
    typologies: Typologies,
) -> DryRun:
    """Count for each rule that ran whom it finds, and in which alerts it has a part.

    `alerts_only_with_it` counts alerts that would lack a second family without the rule.
    """
    own = records.people.own
    groups = _groups(records)
    part: dict[str, set[int]] = {}
    needed: dict[str, set[int]] = {}
    for alert in made:
        for name in {atom.rule for atom in alert.atoms}:
            part.setdefault(name, set()).add(alert.account)
            if len({a.family for a in alert.atoms if a.rule != name}) < len(alert.families) == 2:
                needed.setdefault(name, set()).add(alert.account)
    rows: list[dict[str, Any]] = []
    for rule in typologies.rules:
        if rule.id not in found or rule.group == "counter":
            continue
        marks = [
            _marked(own, found[rule.id]["account"].to_pylist()),
            _marked(own, part.get(rule.id, ())),
            _marked(own, needed.get(rule.id, ())),
        ]
        for by, names, codes in groups:
            counts = [np.bincount(codes[one], minlength=len(names)) for one in (own, *marks)]
            for at, name in enumerate(names):
                every, hit, alerted, only = (int(count[at]) for count in counts)
                if every:
                    rows.append(
                        {
                            "rule": rule.id,
                            "by": by,
                            "group": name,
                            "accounts": every,
                            "found": hit,
                            "found_per_10000": hit * 10_000 // every,
                            "alerts": alerted,
                            "alerts_per_10000": alerted * 10_000 // every,
                            "alerts_only_with_it": only,
                        }
                    )
    return DryRun(table=pa.Table.from_pylist(rows, schema=DRY_RUN), accounts=int(own.sum()))


def _marked(own: np.ndarray[Any, Any], accounts: Any) -> np.ndarray[Any, Any]:
    marks = np.zeros(len(own), dtype=np.bool_)
    marks[np.fromiter(accounts, dtype=np.int64)] = True
    found: np.ndarray[Any, Any] = marks & own
    return found


def _groups(records: Records) -> list[tuple[str, list[str], np.ndarray[Any, Any]]]:
    """Return ways to group accounts: its name, the groups, and the group of each account."""
    count = records.people.count
    found = [("all", ["all"], np.zeros(count, dtype=np.int64))]
    for by, column in (("segment", "segment"), ("country", "country_name")):
        coded = records.people.table[column].combine_chunks()
        names = [*coded.dictionary.to_pylist(), "not known"]
        codes = np.asarray(coded.indices.fill_null(len(names) - 1)).astype(np.int64)
        found.append((by, names, codes))
    holder = np.where(records.people.person, 0, np.where(records.people.business, 1, 2))
    return [*found, ("holder", ["person", "business", "not known"], holder)]
