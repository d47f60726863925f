"""`findings.json`: the result of an investigation for machines.

Guarantees: a function of the sealed input and the authority alone, without the time of the run, so
that repeating the run gives the same bytes. Keys are sorted, lists have a stated order.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow.compute as pc

from palermo import __version__
from palermo.investigation.intake import SealedInput
from palermo.investigation.summary import NetworkSummary
from palermo.investigation.tables import Tables
from palermo.investigation.templates import template_json
from palermo.model import Authority, Template

#: Raised when the shape of the file changes in a way that a reader must know of.
FORMAT = 1


def counts(
    tables: Tables, summaries: Sequence[NetworkSummary], inputs: Sequence[SealedInput]
) -> dict[str, int]:
    """Count what was read, set aside and found. Keys are those the dossier shows."""
    return {
        "rows_read": sum(entry.rows_read for entry in inputs),
        "items": tables.items.num_rows,
        "rows_set_aside": sum(entry.rows_set_aside for entry in inputs),
        "rows_with_remark": _kept_with_note(tables),
        "identifiers": tables.identifiers.num_rows,
        "identifier_values": _distinct_identifiers(tables),
        "campaigns": pc.count_distinct(tables.campaigns["campaign"], mode="only_valid").as_py(),
        "items_in_campaigns": tables.items.num_rows - tables.campaigns["campaign"].null_count,
        "links": tables.links.num_rows,
        "networks": len(summaries),
        "items_in_networks": tables.networks.num_rows,
        "values_not_used": pc.sum(pc.invert(tables.quality["used"])).as_py() or 0,
        "networks_with_pattern": sum(s.assessment.adult_pattern for s in summaries),
        "networks_for_child_review": sum(s.assessment.child_review for s in summaries),
        "support_first": _asking_for_help(tables),
    }


def findings(
    *,
    authority: Authority,
    power_article: str,
    inputs: Sequence[SealedInput],
    tables: Tables,
    summaries: Sequence[NetworkSummary],
    templates: Mapping[str, Template],
    counts: Mapping[str, int],
) -> dict[str, Any]:
    """Return the findings as plain JSON data."""
    return {
        "format": FORMAT,
        "tool": {"name": "palermo", "version": __version__},
        "case": authority.case,
        "authority": {
            "organisation": authority.organisation,
            "power": authority.power,
            "article": power_article,
            "legal_basis": authority.legal_basis,
            "purpose": authority.purpose,
            "sha256": authority.sha256,
        },
        "inputs": [
            {
                "sha256": entry.exhibit.sha256,
                "name": entry.exhibit.name,
                "size": entry.exhibit.size,
                "rows_read": entry.rows_read,
                "rows_kept": entry.rows_kept,
                "rows_set_aside": entry.rows_set_aside,
            }
            for entry in inputs
        ],
        "counts": dict(counts),
        "set_aside_by_reason": _by_reason(tables, kept=False),
        "kept_with_note_by_reason": _by_reason(tables, kept=True),
        "networks": [_network(summary) for summary in summaries],
        "templates": {name: template_json(templates[name]) for name in sorted(templates)},
        "values_not_used_as_links": _not_used(tables),
        "notice": (
            "A network is a proposal that items come from the same hands. Nothing here says that "
            "a person is an offender or a victim. People decide, and can undo."
        ),
    }


def as_json(data: Mapping[str, Any]) -> bytes:
    """Render findings as bytes: sorted keys, two spaces, UTF-8, a final newline."""
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _network(summary: NetworkSummary) -> dict[str, Any]:
    found = summary.assessment
    return {
        "id": summary.id,
        "rank": summary.place.rank,
        "items": summary.size,
        "accounts": summary.accounts,
        "platforms": list(summary.platforms),
        "languages": list(summary.languages),
        "first_seen": _time(summary.first_seen),
        "last_seen": _time(summary.last_seen),
        "days_active": summary.days_active,
        "campaigns": [{"id": name, "items": n} for name, n in summary.campaigns.items()],
        "assessment": {
            "indicated": list(found.indicated),
            "open": list(found.open),
            "counter": list(found.counter),
            "adult_pattern": found.adult_pattern,
            "child_review": found.child_review,
            "support_first": found.support_first,
        },
        "rules": [{"rule": hit.rule, "items": hit.items} for hit in summary.hits],
    }


def _not_used(tables: Tables) -> list[dict[str, Any]]:
    rows = tables.quality.filter(pc.invert(tables.quality["used"])).to_pylist()
    rows.sort(key=lambda row: (-row["items"], row["kind"], row["value"]))
    return [
        {
            "kind": row["kind"],
            "value": row["value"],
            "items": row["items"],
            "accounts": row["accounts"],
            "reason": row["reason"],
        }
        for row in rows
    ]


def _by_reason(tables: Tables, *, kept: bool) -> dict[str, int]:
    chosen = tables.rejected.filter(pc.equal(tables.rejected["kept"], kept))
    tally = pc.value_counts(chosen["reason"]).to_pylist()
    return {row["values"]: row["counts"] for row in sorted(tally, key=lambda r: str(r["values"]))}


def _kept_with_note(tables: Tables) -> int:
    kept = tables.rejected.filter(
        pc.and_(tables.rejected["kept"], pc.greater(tables.rejected["row"], 0))
    )
    return len(set(zip(kept["exhibit"].to_pylist(), kept["row"].to_pylist(), strict=True)))


def _distinct_identifiers(tables: Tables) -> int:
    return int(tables.identifiers.group_by(["kind", "value"]).aggregate([]).num_rows)


def _asking_for_help(tables: Tables) -> int:
    support = tables.indications.filter(pc.equal(tables.indications["polarity"], "support"))
    return int(pc.count_distinct(support["id"]).as_py())


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
