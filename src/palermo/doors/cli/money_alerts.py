"""`palermo money alerts`: accounts that show what trafficking in persons looks like."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from palermo.model import Unreadable


@click.command()
@click.argument("transactions", metavar="TX", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder to write."
)
@click.option("--accounts", type=click.Path(path_type=Path), help="Table of accounts.")
@click.option("--rules", type=click.Path(path_type=Path), help="Rule file: on, off, parameters.")
@click.option(
    "--list",
    "lists",
    multiple=True,
    metavar="NAME=FILE",
    help="A list lawfully held: ads, tags, register, licences or flags (may be repeated).",
)
@click.option("--dry-run", "dry", is_flag=True, help="Count what each rule would raise, for whom.")
@click.option(
    "--budget", default="0.005", show_default=True, help="Share of accounts people can look at."
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(
    *,
    transactions: Path,
    out: Path,
    accounts: Path | None,
    rules: Path | None,
    lists: tuple[str, ...],
    dry: bool,
    budget: str,
    as_json: bool,
) -> None:
    r"""Look for indicators of trafficking in the transactions of TX.

    An alert needs two families of evidence, names a possible role, and says what speaks against
    it. It is no verdict. Written are alerts.json, alerts.csv, roles.csv, not_looked_at.csv and
    set_aside.csv, or with --dry-run the counts by rule.

    \b
    Example:
      palermo money alerts tx.parquet --accounts accounts.parquet -o alerts
    """
    from palermo.investigation.alerts import AlertRequest, alert_files

    done = alert_files(
        AlertRequest(
            transactions=transactions,
            out=out,
            accounts=accounts,
            rules=rules,
            lists=_lists(lists),
            dry=dry,
            budget=budget,
        )
    )
    if as_json:
        click.echo(json.dumps({**asdict(done), "out": str(out)}))
        return
    click.echo(
        f"Looked at {done.accounts:,} accounts and {done.transactions:,} transactions "
        f"(typologies {done.version})."
    )
    if dry:
        click.echo(f"Dry run: {done.alerts} alerts would be raised: {out / 'dry_run.csv'}")
    else:
        click.echo(
            f"{done.within_budget} alerts, {done.alerts - done.within_budget} more below the "
            f"budget (roles.csv): {out / 'alerts.csv'}"
        )
    click.echo(f"{done.not_looked} indicators were not looked at: {out / 'not_looked_at.csv'}")
    if done.set_aside:
        click.echo(f"{done.set_aside} rows could not be read and are left out: set_aside.csv")
    click.echo(f"Result {done.sha256}")


def _lists(given: tuple[str, ...]) -> dict[str, Path]:
    found = {}
    for one in given:
        name, _, path = one.partition("=")
        if not path:
            raise Unreadable(f"--list {one}: expected NAME=FILE, such as ads=ads.csv")
        found[name] = Path(path)
    return found
