"""What goes out of a ledger: plans, certificates and requests, figures, and its state in words.

Guarantees that a folder appears whole or not at all, that the same ledger and day give the same
bytes, and that the page and the data beside it say the same.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa

from palermo import __version__
from palermo.analysis.money.assets import Ledger, Waterfall, tiers, waterfall
from palermo.analysis.money.assets.books import ACCOUNTS
from palermo.analysis.money.assets.codec import as_plain
from palermo.analysis.money.assets.deadlines import deadlines
from palermo.analysis.money.assets.form import FilledForm, fill, form
from palermo.analysis.money.assets.form_data import as_data, schema
from palermo.analysis.money.assets.known import known, persons
from palermo.analysis.money.assets.parties import why_blocked
from palermo.analysis.money.assets.statistics import Statistics, statistics
from palermo.engine import staged_directory
from palermo.formats import write_table
from palermo.investigation.assets.pages import page
from palermo.investigation.assets.record import Opened
from palermo.law.plain_yaml import Plain, read_plain
from palermo.model import Unreadable
from palermo.model.money import written


def day_of(moment: datetime) -> date:
    """Return the UTC day."""
    return moment.astimezone(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRequest:
    """Which form for which asset, what a person gives, and where it goes."""

    name: str
    asset: str
    out: Path
    given: Path | None = None


def form_files(opened: Opened, request: FormRequest) -> FilledForm:
    """Fill a form and leave `<form>.json`, its schema, and `<form>.html` in a folder.

    Raises:
        Unreadable: there is no such asset or form, or a value given is wrong.
    """
    ledger = opened.ledger
    if request.asset not in ledger.assets:
        names = ", ".join(sorted(ledger.assets)) or "none"
        raise Unreadable(f"no asset {request.asset}; the ledger has {names}")
    asset = ledger.assets[request.asset]
    given: dict[str, Plain] = {}
    if request.given is not None:
        try:
            given = read_plain(request.given.read_bytes(), name=str(request.given))
        except OSError as error:
            raise Unreadable(f"{request.given}: can not be read ({error.strerror})") from None
    chosen = form(request.name)
    filled = fill(chosen, known(ledger, opened.chain.case, asset), persons(ledger, asset), given)
    data, own = as_data(filled), schema(chosen)
    jsonschema.validate(data, own, cls=jsonschema.Draft202012Validator)
    data |= {"asset": asset.id, "case": opened.chain.case, "ledger": opened.chain.head}
    own["properties"] |= {name: {"type": "string"} for name in ("asset", "case", "ledger")}
    with staged_directory(request.out) as stage:
        _write(stage / f"{request.name}.json", data)
        _write(stage / f"{request.name}.schema.json", own)
        html = page(
            "form.html", filled=filled, asset=asset.id, version=__version__, head=opened.chain.head
        )
        (stage / f"{request.name}.html").write_text(html, "utf-8")
    return filled


def waterfall_files(opened: Opened, today: date, out: Path | None) -> Waterfall:
    """Plan all payments; with `out`, leave waterfall.csv, .json and .html there."""
    plan = waterfall(opened.ledger, today)
    if out is None:
        return plan
    with staged_directory(out) as stage:
        write_table(_plan_table(plan), stage / "waterfall.csv", spreadsheet_safe=True)
        _write(
            stage / "waterfall.json",
            {
                "day": today.isoformat(),
                "ledger": opened.chain.head,
                "fund": dict(plan.fund),
                "lines": [as_plain(one) for one in plan.lines],
                "stops": list(plan.stops),
                "waiting": dict(plan.waiting),
            },
        )
        html = page(
            "waterfall.html",
            plan=plan,
            tiers=tiers(),
            case=opened.chain.case,
            today=today,
            version=__version__,
            head=opened.chain.head,
        )
        (stage / "waterfall.html").write_text(html, "utf-8")
    return plan


def _plan_table(plan: Waterfall) -> pa.Table:
    numbers = ("owed", "due", "now", "kept")
    texts = ("tier", "of", "payee", "account", "currency", "why")
    return pa.table(
        {name: pa.array([getattr(one, name) for one in plan.lines], pa.string()) for name in texts}
        # As text: virtual assets have more digits than a 64-bit number.
        | {
            f"{name}_minor": pa.array([str(getattr(one, name)) for one in plan.lines], pa.string())
            for name in numbers
        }
    )


def figures(opened: Opened, until: datetime, out: Path | None) -> Statistics:
    """Count; with `out`, write the figures there as JSON."""
    found = statistics(opened.chain.events, until)
    if out is not None:
        _write(
            out,
            {
                "until": until.astimezone(UTC).isoformat(),
                "source": found.source,
                "figures": [as_plain(one) for one in found.figures],
                "days": {
                    state: {"days": days, "assets": assets}
                    for state, (days, assets) in found.days.items()
                },
                "victims_paid": found.victims_paid,
                "ledger": opened.chain.head,
            },
        )
    return found


def state_of(opened: Opened, today: date) -> dict[str, Any]:
    """Return the ledger as it stands: assets, what victims are owed, deadlines, books, warnings."""
    ledger = opened.ledger
    return {
        "case": opened.chain.case,
        "events": ledger.count,
        "head": opened.chain.head,
        "assets": [
            {
                "id": asset.id,
                "kind": asset.kind,
                "description": asset.description,
                "state": asset.state,
                "since": asset.history[-1][1].astimezone(UTC).isoformat(),
                "holder": asset.holder,
                "value": written(asset.valuation.value.minor, asset.valuation.value.currency)
                if asset.valuation
                else "",
                "open": [*asset.open_remedies, *asset.open_third_claims],
                "requests": {name: one.state for name, one in asset.requests.items()},
            }
            for asset in ledger.assets.values()
        ],
        "awards": [
            {
                "id": award.id,
                "victim": award.victim,
                "head": award.head,
                "awarded": written(award.money.minor, award.money.currency),
                "paid": written(award.paid, award.money.currency),
                "restored": award.restored,
                "covered_by": award.covered_by,
            }
            for award in ledger.awards.values()
        ],
        "pending_claims": [one.id for one in ledger.claims.values() if one.state == "pending"],
        "deadlines": [as_plain(one) for one in deadlines(ledger, today)],
        "books": {
            account: {currency: written(units, currency) for currency, units in total.items()}
            for account in ACCOUNTS
            if (
                total := {
                    name: units for name, units in ledger.books.total(account).items() if units
                }
            )
        },
        "warnings": warnings(ledger),
    }


def warnings(ledger: Ledger) -> list[str]:
    """Say what a person must look at: payments to somebody who is known to be blocked since."""
    found = []
    for entry in ledger.books.entries:
        if not entry.payee or entry.event in {"released", "partly_released"}:
            continue
        if reason := why_blocked(ledger, entry.payee, entry.payee_account):
            found.append(
                f"event {entry.number} {entry.event} went to {entry.payee}, of whom it is known "
                f"since: {reason}; recover it"
            )
    return found


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
