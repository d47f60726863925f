"""From tables of work, losses and legal wages to a schedule of the claim, as CSV, JSON and HTML.

Guarantees that a row that can not be counted is listed with its reason and takes no other row with
it, that the same files give the same bytes, and that an account that is not safe stands nowhere in
the schedule.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo import __version__
from palermo.analysis.money.assets import Ledger
from palermo.analysis.money.assets.wages import NotCounted, Schedule, schedule
from palermo.engine import staged_directory
from palermo.formats import write_table
from palermo.investigation.assets.pages import page
from palermo.investigation.assets.wage_tables import (
    LOSSES,
    WORK,
    legal_wages,
    loss_row,
    pairs,
    rows,
    terms,
    unsafe_by,
    work_row,
)

_S, _I = pa.string(), pa.int64()


@dataclass(frozen=True, slots=True, kw_only=True)
class WageRequest:
    """The files of a claim; all but `work` and `wages` may be missing."""

    work: Path
    wages: Path
    out: Path
    losses: Path | None = None
    interest: Path | None = None
    payees: Path | None = None
    blocked: Path | None = None


def claim_files(request: WageRequest, ledger: Ledger | None = None) -> Schedule:
    """Work out the claim and leave `request.out` with schedule.csv, claim.json and claim.html.

    Raises:
        Unreadable: a file can not be read, or a legal wage or interest is wrong: these concern
            every row, so that none is set aside in silence.
    """
    aside: list[NotCounted] = []
    found = schedule(
        rows(request.work, WORK, "work", aside, work_row),
        rows(request.losses, LOSSES, "losses", aside, loss_row) if request.losses else [],
        legal_wages(request.wages),
        terms=terms(request.interest) if request.interest else None,
        payees=pairs(request.payees, aside) if request.payees else [],
        unsafe=unsafe_by(request.blocked, ledger),
    )
    found = replace(found, not_counted=(*aside, *found.not_counted))
    with staged_directory(request.out) as stage:
        write_table(_lines(found), stage / "schedule.csv", spreadsheet_safe=True)
        write_table(_not_counted(found), stage / "not_counted.csv", spreadsheet_safe=True)
        text = json.dumps(_facts(found), ensure_ascii=False, indent=1, sort_keys=True)
        (stage / "claim.json").write_text(text + "\n", "utf-8")
        html = page("claim.html", found=found, version=__version__)
        (stage / "claim.html").write_text(html, "utf-8")
    return found


def _lines(found: Schedule) -> pa.Table:
    names = (
        "victim",
        "head",
        "first",
        "last",
        "owed",
        "received",
        "claimed",
        "interest",
        "total",
        "currency",
        "evidence",
        "working",
        "source",
    )
    sums = {"owed", "received", "claimed", "interest", "total"}
    return pa.table(
        {
            f"{name}_minor" if name in sums else name: pa.array(
                [
                    getattr(one, name) if name in sums else str(getattr(one, name))
                    for one in found.lines
                ],
                _I if name in sums else _S,
            )
            for name in names
        }
    )


def _not_counted(found: Schedule) -> pa.Table:
    return pa.table(
        {
            "table": pa.array([one.table for one in found.not_counted], _S),
            "row": pa.array([one.row for one in found.not_counted], _I),
            "victim": pa.array([one.victim for one in found.not_counted], _S),
            "reason": pa.array([one.reason for one in found.not_counted], _S),
        }
    )


def _facts(found: Schedule) -> Mapping[str, Any]:
    return {
        "palermo": __version__,
        "totals": [
            {"victim": victim, "currency": currency, "total_minor": units}
            for (victim, currency), units in found.totals.items()
        ],
        "payees": [
            {"victim": one.victim, "account": one.account}
            for one in found.payees
            if not one.refused
        ],
        "payees_refused": [
            {"victim": one.victim, "reason": one.refused} for one in found.payees if one.refused
        ],
        "lines": len(found.lines),
        "not_counted": len(found.not_counted),
    }
