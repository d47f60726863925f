"""Alerts as records and tables that people and programs read.

Guarantees that every alert says what it rests on, what speaks against it and what it is no ground
for; and that no step that moves money or shuts an account is ever written.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from palermo.analysis.money.typologies import Alert, Atom, Records
from palermo.investigation.alerts.evaluate import Looked

#: Payments named by an atom; how many there are in all is told beside them.
ROWS = 50


def alert_records(records: Records, made: Sequence[Alert]) -> list[dict[str, Any]]:
    """Return one record an alert, in order."""
    names = records.people.accounts.values
    facts = records.people.table.select(["segment", "country_name"])
    found = []
    for rank, alert in enumerate(made, start=1):
        fact = facts.slice(alert.account, 1).to_pylist()[0]
        found.append(
            {
                "rank": rank,
                "account": names[alert.account].as_py(),
                "segment": fact["segment"],
                "country": fact["country_name"],
                "role": alert.role,
                "role_title": alert.advice.title,
                "roles": dict(alert.roles),
                "kind": alert.kind,
                "score": alert.score,
                "families": list(alert.families),
                "note": alert.advice.note,
                "steps": [{"action": s.action, "text": s.text} for s in alert.advice.steps],
                "evidence": [_atom(records, atom) for atom in alert.atoms],
                "against": [_atom(records, atom) for atom in alert.against],
                "may_be_explained_by": list(alert.said_against),
            }
        )
    return found


def _atom(records: Records, atom: Atom) -> dict[str, Any]:
    named = records.tx_id.take(pa.array(atom.rows[:ROWS], pa.int64())).to_pylist()
    return {
        "rule": atom.rule,
        "version": atom.version,
        "name": atom.name,
        "family": atom.family,
        "parameters": dict(atom.parameters),
        "value": atom.value,
        "unit": atom.unit,
        "window": [_moment(atom.since), _moment(atom.until)],
        "rows": named,
        "rows_in_all": len(atom.rows),
        "source": [dict(one) for one in atom.source],
        "weight": atom.weight,
        "share_of_peers": atom.peers,
        "role": atom.role,
        "other_account": None
        if atom.other is None
        else records.people.accounts.values[atom.other].as_py(),
        "in_part": atom.reduced,
    }


def _moment(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def alert_table(listed: Sequence[dict[str, Any]]) -> pa.Table:
    """Return one row an alert, for a spreadsheet."""
    rows = [
        {
            "rank": one["rank"],
            "account": one["account"],
            "role": one["role_title"],
            "kind": one["kind"],
            "score": f"{one['score']:.4f}",
            "families": ", ".join(one["families"]),
            "evidence": "; ".join(
                f"{atom['rule']} {atom['name']} ({atom['value']} {atom['unit']})"
                for atom in one["evidence"]
            ),
            "speaks against it": "; ".join(atom["name"] for atom in one["against"]),
            "may be explained by": "; ".join(one["may_be_explained_by"]),
            "note": one["note"],
            "next": " ".join(step["text"] for step in one["steps"]),
        }
        for one in listed
    ]
    schema = pa.schema(
        [
            pa.field("rank", pa.int64()),
            *(
                pa.field(name, pa.string())
                for name in (
                    "account",
                    "role",
                    "kind",
                    "score",
                    "families",
                    "evidence",
                    "speaks against it",
                    "may be explained by",
                    "note",
                    "next",
                )
            ),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def role_table(records: Records, made: Sequence[Alert], within: int) -> pa.Table:
    """Return every account that is indicated, also those below the budget."""
    accounts = pa.array([one.account for one in made], pa.int64())
    return pa.table(
        {
            "account": records.people.accounts.values.take(accounts),
            "role": pa.array([one.role for one in made], pa.string()),
            "kind": pa.array([one.kind for one in made], pa.string()),
            "score": pa.array([f"{one.score:.4f}" for one in made], pa.string()),
            "rules": pa.array(
                [", ".join(sorted({atom.rule for atom in one.atoms})) for one in made], pa.string()
            ),
            "within_budget": pa.array([at < within for at in range(len(made))], pa.bool_()),
        }
    )


def left_table(looked: Looked, records: Records) -> pa.Table:
    """Return what was not looked at, or only in part, and why."""
    rows: list[dict[str, Any]] = [
        {"what": one.rule, "name": one.name, "why": one.why, "rows": None}
        for one in looked.not_looked
    ]
    rows += [
        {"what": "records", "name": "", "why": why, "rows": count}
        for why, count in (*records.left_out.items(), *records.limits.items())
    ]
    schema = pa.schema(
        [
            pa.field("what", pa.string()),
            pa.field("name", pa.string()),
            pa.field("why", pa.string()),
            pa.field("rows", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)
