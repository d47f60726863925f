"""Runs every rule over the records: plans on the engine, kernels in the laboratory.

Guarantees that a rule either ran or is listed with the reason why not; and that findings do not
depend on the order in which the engine returns them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.money.typologies import FOUND, KERNELS, LISTS, Records, Rule, Typologies
from palermo.engine import DuckEngine
from palermo.model import Unreadable

#: Lists that the holder of the records may add, as plans know them. Without `licences`, nobody has
#: one; the other lists switch their rules off when they are not there.
LIST_SCHEMAS: Mapping[str, pa.Schema] = {
    "ads": pa.schema([("value", pa.string()), ("last_seen", pa.int64())]),
    "tags": pa.schema([("account", pa.int32()), ("category", pa.string())]),
    "register": pa.schema([("account", pa.int32())]),
    "licences": pa.schema([("account", pa.int32())]),
    "flags": pa.schema([("account", pa.int32())]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLooked:
    """A rule that did not run, or a thing that was not looked at, and why."""

    rule: str
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Findings (FOUND) by rule, and what was not looked at."""

    found: Mapping[str, pa.Table]
    not_looked: tuple[NotLooked, ...]


def look(
    records: Records,
    typologies: Typologies,
    lists: Mapping[str, pa.Table] | None = None,
    *,
    progress: Callable[[str, int, int], None] | None = None,
) -> Looked:
    """Run all rules that are on and have what they need.

    Args:
        records: what is looked at.
        typologies: the rules.
        lists: tables by name, as LIST_SCHEMAS.
        progress: told the rule, how many are done, and of how many.
    """
    given = dict(lists or {})
    found: dict[str, pa.Table] = {}
    skipped: list[NotLooked] = []
    with DuckEngine(memory_limit="2GB") as engine:
        engine.load(
            {
                "tx": records.tx,
                "acc": records.people.table,
                "contact": records.people.contact,
                **{n: given.get(n, s.empty_table()) for n, s in LIST_SCHEMAS.items()},
            }
        )
        order = _ordered(typologies)
        for done, rule in enumerate(order):
            why = _why_not(rule, set(given), found)
            if why is not None:
                skipped.append(NotLooked(rule=rule.id, name=rule.name, why=why))
                continue
            if rule.kernel is not None:
                table = KERNELS[rule.kernel](records, rule.parameters)
            else:
                table = _run(engine, rule, records)
            found[rule.id] = table
            engine.load({f"found_{rule.id}": table})
            if progress is not None:
                progress(f"rule {rule.id}", done + 1, len(order))
    partly = [
        NotLooked(rule=rule.id, name=rule.name, why=f"in part: {rule.reduced}")
        for rule in order
        if rule.reduced and rule.id in found
    ]
    return Looked(
        found=found,
        not_looked=tuple(sorted([*skipped, *partly], key=lambda one: (one.rule, one.why))),
    )


def _ordered(typologies: Typologies) -> list[Rule]:
    """Put each rule behind those it builds on."""
    done: list[Rule] = []
    names: set[str] = set()
    # Context is made from what all others found, when alerts are.
    waiting = [rule for rule in typologies.rules if rule.group != "context"]
    while waiting:
        ready = [rule for rule in waiting if names.issuperset(rule.after)]
        if not ready:
            raise Unreadable(f"rule {waiting[0].id}: it builds on itself by way of others")
        done += ready
        names |= {rule.id for rule in ready}
        waiting = [rule for rule in waiting if rule.id not in names]
    return done


def _why_not(rule: Rule, given: set[str], found: Mapping[str, pa.Table]) -> str | None:
    """Say why a rule cannot run, or None."""
    if not rule.on:
        return "switched off"
    if rule.needs:
        return f"needs {', '.join(rule.needs)}, which the records do not hold"
    if lacking := [name for name in rule.lists if name not in given]:
        return f"needs the list `{lacking[0]}`, which was not given"
    if lacking := [other for other in rule.after if other not in found]:
        return f"builds on {lacking[0]}, which did not run"
    return None


def _run(engine: DuckEngine, rule: Rule, records: Records) -> pa.Table:
    plan = re.sub(r"\$([a-z_]+)", lambda one: str(int(rule.parameters[one[1]])), rule.sql or "")
    table = engine.query(plan)
    columns = []
    for field in FOUND:
        if field.name in table.column_names:
            columns.append(table[field.name].combine_chunks().cast(field.type))
        else:
            columns.append(pa.nulls(table.num_rows, field.type))
    found = pa.table(columns, names=FOUND.names)
    own = pa.array(records.people.own[np.asarray(found["account"])])
    found = found.filter(own).cast(FOUND)
    first = pc.fill_null(pc.list_element(_padded(found["rows"]), 0), -1)
    order = pc.sort_indices(
        found.append_column("first", first),
        sort_keys=[
            ("account", "ascending"),
            ("value", "descending"),
            ("first", "ascending"),
            ("role", "ascending"),
        ],
    )
    return found.take(order)


def _padded(rows: pa.ChunkedArray) -> pa.Array:
    """Give every list an element, so that its first can be taken."""
    whole = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
    return pa.array([one or [-1] for one in whole.to_pylist()], pa.list_(pa.int32()))


def known_lists() -> tuple[str, ...]:
    """Return the names of the lists that may be given."""
    return LISTS
