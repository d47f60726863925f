"""`palermo assets`: the ledger of a case's assets, from suspicion to compensation."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from palermo.model import Refused

_FOLDER = click.argument("folder", metavar="LEDGER", type=click.Path(path_type=Path))
_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")


class _Moment(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases only
    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a moment with its zone."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(f"{value!r}: expected a moment such as 2026-03-01T09:00:00Z", param, ctx)
        return moment


def _at(function: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--at",
        type=_Moment(),
        default=lambda: datetime.now(UTC),
        help="The moment that counts as now; give it to repeat a result.",
    )(function)


def _expected(function: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--expect", "expected", default="", help="A hash noted earlier that must be in the ledger."
    )(function)


@click.group()
def command() -> None:
    r"""Keep the ledger of a case's assets; plan payments, victims first.

    \b
    Example:
      palermo assets init ledger --case C-2026-7
      palermo assets event ledger events.yaml --by "A. Officer" --by "B. Judge"
      palermo assets waterfall ledger -o plan
    """


@command.command("init")
@_FOLDER
@click.option("--case", required=True, help="Name of the case.")
def init(*, folder: Path, case: str) -> None:
    """Make a new ledger in the folder LEDGER."""
    from palermo.investigation.assets import start

    click.echo(f"Ledger of {case}: {folder}\nHead {start(folder, case)}")


@command.command("event")
@_FOLDER
@click.argument("file", metavar="EVENTS.yaml", type=_PATH)
@click.option("--by", multiple=True, help="Who enters it and who confirms it; give it twice.")
@_at
@_expected
@_JSON
def event(
    *,
    folder: Path,
    file: Path,
    by: tuple[str, ...],
    at: datetime,
    expected: str,
    as_json: bool,
) -> None:
    r"""Enter the events of a file: all of them, or none if one may not happen.

    \b
    A file holds one event, or several under `events`:
      event: frozen
      asset: A1
      facts:
        order: {reference: O-1, authority: Court of X, made: 2026-03-01,
                legal_basis: "Code, article 1", expires: 2026-09-01}
    """
    from palermo.investigation.assets import enter, read_events

    events = read_events(file, at=at, by=by)
    opened = enter(folder, events, expected=expected)
    if as_json:
        click.echo(json.dumps({"entered": len(events), "head": opened.chain.head}))
        return
    click.echo(f"Entered {len(events)} events; {opened.ledger.count} in all.")
    click.echo(f"Head {opened.chain.head}")


@command.command("events")
def events() -> None:
    """List all events: where they may happen, what they state, and on what the rule rests."""
    from palermo.analysis.money.assets import state_table

    table = state_table()
    for kind in table.events.values():
        states = [state for state in table.states if state in kind.sources]
        click.echo(kind.name)
        if states:
            click.echo(f"  when    {', '.join(states)}")
        if kind.to:
            click.echo(f"  then    {kind.to}")
        click.echo(f"  states  {', '.join(kind.needs)}")
        if kind.may:
            click.echo(f"  may     {', '.join(kind.may)}")
        click.echo(f"  source  {kind.source}{' (wording not checked)' if kind.unchecked else ''}")


@command.command("show")
@_FOLDER
@_at
@_expected
@_JSON
def show(*, folder: Path, at: datetime, expected: str, as_json: bool) -> None:
    """Check the ledger and show where everything stands."""
    from palermo.investigation.assets import day_of, open_ledger, state_of

    found = state_of(open_ledger(folder, expected=expected), day_of(at))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"Case {found['case']}, {found['events']} events, head {found['head']}")
    for one in found["warnings"]:
        click.echo(f"WARNING {one}")
    for asset in found["assets"]:
        click.echo(f"{asset['id']}  {asset['state']}  {asset['value']}  {asset['description']}")
    for award in found["awards"]:
        paid = "restored" if award["restored"] else f"paid {award['paid']}"
        covered = f", taken over by {award['covered_by']}" if award["covered_by"] else ""
        click.echo(f"{award['id']}  {award['victim']}  {award['awarded']}  {paid}{covered}")
    for one in found["pending_claims"]:
        click.echo(f"claim {one} is not decided")
    for one in found["deadlines"]:
        passed = "  (passed)" if one.get("passed") else ""
        click.echo(f"{one['day']}  {one.get('asset', '')}  {one['words']}{passed}")
    for account, totals in found["books"].items():
        click.echo(f"{account.replace('_', ' ')}: {', '.join(totals.values())}")


@command.command("waterfall")
@_FOLDER
@click.option("-o", "--out", type=_PATH, help="Folder for waterfall.csv, .json and .html.")
@_at
@_expected
def waterfall(*, folder: Path, out: Path | None, at: datetime, expected: str) -> None:
    """Plan who is paid what, victims before any State; nothing is paid by it."""
    from palermo.investigation.assets import day_of, open_ledger, waterfall_files
    from palermo.model.money import written

    plan = waterfall_files(open_ledger(folder, expected=expected), day_of(at), out)
    for currency, units in plan.fund.items():
        click.echo(f"Fund {written(units, currency)}")
    for one in plan.lines:
        kept = f", kept {written(one.kept, one.currency)}" if one.kept else ""
        click.echo(
            f"{one.tier}  {one.of}  {one.payee}  now {written(one.now, one.currency)}{kept}  "
            f"({one.why})"
        )
    for stop in plan.stops:
        click.echo(f"Nobody behind the victims yet: {stop}")


@command.command("wages")
@click.argument("work", metavar="WORK", type=_PATH)
@click.option("--wages", type=_PATH, required=True, help="Table of legal wages with sources.")
@click.option("--losses", type=_PATH, help="Table of recruitment fees and deductions.")
@click.option("--interest", type=_PATH, help="YAML: day_count, until, rates.")
@click.option("--payees", type=_PATH, help="Table: victim, account.")
@click.option("--blocked", type=_PATH, help="Table of controllers' accounts: account, role.")
@click.option("--ledger", "folder", type=_PATH, help="Ledger whose blocked accounts count, too.")
@click.option("-o", "--out", type=_PATH, required=True, help="Folder to write.")
def wages(
    *,
    work: Path,
    wages: Path,
    losses: Path | None,
    interest: Path | None,
    payees: Path | None,
    blocked: Path | None,
    folder: Path | None,
    out: Path,
) -> None:
    """Work out what workers were not paid; schedule of the claim as CSV and HTML.

    Ends with exit code 1, after the schedule is written, when a named account is not safe.
    """
    from palermo.investigation.assets import WageRequest, claim_files, open_ledger
    from palermo.model.money import written

    found = claim_files(
        WageRequest(
            work=work,
            wages=wages,
            out=out,
            losses=losses,
            interest=interest,
            payees=payees,
            blocked=blocked,
        ),
        open_ledger(folder).ledger if folder else None,
    )
    for (victim, currency), units in found.totals.items():
        click.echo(f"{victim}  {written(units, currency)}")
    if found.not_counted:
        click.echo(f"{len(found.not_counted)} rows are not counted: {out / 'not_counted.csv'}")
    click.echo(f"Schedule: {out / 'claim.html'}")
    refused = [one for one in found.payees if one.refused]
    if refused:
        raise Refused(
            f"the account named for {refused[0].victim} is not safe: {refused[0].refused} "
            f"({len(refused)} refused; the schedule is written without)"
        )


@command.command("certificate")
@_FOLDER
@click.option("--kind", type=click.Choice(["freezing", "confiscation"]), required=True)
@click.option("--asset", required=True, help="Which asset.")
@click.option("--given", type=_PATH, help="YAML of what a person fills in: field: value.")
@click.option("-o", "--out", type=_PATH, required=True, help="Folder to write.")
def certificate(*, folder: Path, kind: str, asset: str, given: Path | None, out: Path) -> None:
    """Contents of a freezing or confiscation certificate (Regulation (EU) 2018/1805)."""
    _form(folder, kind, asset=asset, given=given, out=out)


@command.command("request")
@_FOLDER
@click.option("--kind", type=click.Choice(["aro", "untoc13"]), required=True)
@click.option("--asset", required=True, help="Which asset.")
@click.option("--given", type=_PATH, help="YAML of what a person fills in: field: value.")
@click.option("-o", "--out", type=_PATH, required=True, help="Folder to write.")
def request(*, folder: Path, kind: str, asset: str, given: Path | None, out: Path) -> None:
    """Contents of a request to an asset recovery office, or under UNTOC article 13."""
    _form(folder, kind, asset=asset, given=given, out=out)


def _form(folder: Path, kind: str, *, asset: str, given: Path | None, out: Path) -> None:
    from palermo.investigation.assets import FormRequest, form_files, open_ledger

    filled = form_files(
        open_ledger(folder), FormRequest(name=kind, asset=asset, out=out, given=given)
    )
    click.echo(f"{filled.form.title}: {out / f'{kind}.html'}")
    for one in filled.missing:
        click.echo(f"to be filled  {one.section}  {one.field.label}")
    click.echo(f"{len(filled.to_consider)} further fields are needed in some cases only")


@command.command("statistics")
@_FOLDER
@click.option("-o", "--out", type=_PATH, help="JSON file to write.")
@_at
def statistics(*, folder: Path, out: Path | None, at: datetime) -> None:
    """Figures: frozen, confiscated, to victims, days in each state (Directive (EU) 2024/1260)."""
    from palermo.investigation.assets import figures, open_ledger
    from palermo.model.money import written

    found = figures(open_ledger(folder), at, out)
    for one in found.figures:
        click.echo(f"{one.heading}: {one.assets} assets, {written(one.minor, one.currency)}")
    click.echo(f"victims paid: {found.victims_paid}")
    for state, (days, assets) in found.days.items():
        click.echo(f"{state.replace('_', ' ')}: {days} days, {assets} assets")
