"""`palermo ftm`: a case as FollowTheMoney entities, out and in again."""

import json
from pathlib import Path

import click

from palermo.doors.cli.console import now

_FILE = click.Path(path_type=Path)


@click.group()
def command() -> None:
    r"""Hand a case to tools that read FollowTheMoney, or take such a file in.

    \b
    Example:
      palermo ftm export case --alerts alerts.json -o case.ftm.json
    """


@command.command("export")
@click.argument("case", required=False, type=_FILE)
@click.option("--transactions", type=_FILE, metavar="T", help="Payments, else the case's own.")
@click.option("--accounts", type=_FILE, metavar="K", help="Accounts, else the case's own.")
@click.option("--alerts", type=_FILE, metavar="A", help="Alerts; they say who may be a victim.")
@click.option("--assets", type=_FILE, help="Assets as a JSON list.")
@click.option("--protect", type=_FILE, help="More to hold back: lines of kind,value.")
@click.option("--with-victims", is_flag=True, help="Let data of possible victims go.")
@click.option("--authority", type=_FILE, help="Authority that names `victims` in its scope.")
@click.option("-o", "--out", type=_FILE, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def export(
    *,
    case: Path | None,
    transactions: Path | None,
    accounts: Path | None,
    alerts: Path | None,
    assets: Path | None,
    protect: Path | None,
    with_victims: bool,
    authority: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    r"""Write accounts, holders, payments by month, ads, numbers, links, alerts and assets.

    Possible victims, and every value that names one, stay out. What the format cannot carry is
    listed in OUT.losses.json.

    \b
    Example:
      palermo ftm export --transactions tx.parquet --accounts accounts.parquet \
        --alerts alerts.json -o case.ftm.json
    """
    from palermo.investigation.money.exchange import ExportRequest, export_file

    done = export_file(
        ExportRequest(
            out=out,
            case=case,
            transactions=transactions,
            accounts=accounts,
            alerts=alerts,
            assets=assets,
            protect=protect,
            with_victims=with_victims,
            authority=authority,
        ),
        at=now(),
    )
    if as_json:
        click.echo(
            json.dumps(
                {
                    "entities": dict(done.entities),
                    "losses": list(done.losses),
                    "held_back": dict(done.held_back),
                    "set_aside": done.set_aside,
                    "out": str(out),
                }
            )
        )
        return
    for schema, count in done.entities.items():
        click.echo(f"{count:>12,}  {schema}")
    if done.held_back:
        click.echo(
            f"Held back to protect possible victims: {sum(done.held_back.values()):,} values"
        )
    if done.set_aside:
        click.echo(f"{done.set_aside:,} rows of the tables could not be read and are left out")
    click.echo(
        f"Written: {out}; {len(done.losses)} kinds of data it cannot carry: {out}.losses.json"
    )


@command.command("import")
@click.argument("file", type=_FILE)
@click.option("-o", "--out", type=_FILE, required=True, help="Folder to write.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def import_(*, file: Path, out: Path, as_json: bool) -> None:
    """Take FILE in as tables; entities that are in none are kept word for word."""
    from palermo.investigation.money.exchange import import_file

    done = import_file(file, out)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "tables": dict(done.tables),
                    "other": done.other,
                    "set_aside": done.set_aside,
                    "secrets_not_taken_in": done.secrets,
                    "out": str(out),
                }
            )
        )
        return
    for name, count in done.tables.items():
        click.echo(f"{count:>12,}  {name}")
    click.echo(f"{done.other:>12,}  other entities, kept as they are in other.jsonl")
    if done.set_aside:
        click.echo(f"{done.set_aside:,} lines could not be read: see import.json")
    if done.secrets:
        click.echo(f"{done.secrets:,} passwords or private keys were not taken in")
    click.echo(f"Written: {out}")
