"""`palermo goaml`: reports to a financial intelligence unit, checked and begun."""

import json
from pathlib import Path

import click

from palermo.doors.cli.console import now
from palermo.model import Refused

_SHOWN = 50


@click.group()
def command() -> None:
    r"""Check a goAML report, or begin one from alerts.

    \b
    Example:
      palermo goaml validate report.xml --profile example-5
    """


@command.command("validate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--profile", metavar="P", help="Profile of the jurisdiction, by name or file.")
@click.option("--json", "as_json", is_flag=True, help="Print everything for machines.")
@click.option("--all", "everything", is_flag=True, help="Print every problem, not the first 50.")
def validate(*, file: Path, profile: str | None, as_json: bool, everything: bool) -> None:
    """Say what is wrong with FILE, where, and what to do. Exit 1 when it would be sent back."""
    from palermo.formats.reports import report_format

    judged = report_format("goaml").judge(file, profile)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "file": str(file),
                    "profile": judged.profile,
                    "errors": judged.errors,
                    "transactions": judged.transactions,
                    "issues": [
                        {
                            name: getattr(one, name)
                            for name in ("severity", "rule", "path", "line", "message", "advice")
                        }
                        for one in judged.issues
                    ],
                }
            )
        )
    else:
        shown = judged.issues if everything else judged.issues[:_SHOWN]
        for one in shown:
            click.echo(f"{one.severity}: {one}")
        if len(shown) < len(judged.issues):
            click.echo(f"and {len(judged.issues) - len(shown)} more (see them with --all)")
        click.echo(
            f"{file}: {judged.transactions} transactions, {judged.errors} errors under "
            f"{judged.title}"
        )
        if judged.unchecked:
            click.echo("This profile has not been checked against what the FIU publishes.")
    if judged.errors:
        raise Refused(f"{file}: {judged.errors} errors; correct them before sending")


@command.command("write")
@click.option("--alerts", type=click.Path(path_type=Path), required=True, help="alerts.json")
@click.option("--transactions", type=click.Path(path_type=Path), required=True, metavar="T")
@click.option("--accounts", type=click.Path(path_type=Path), required=True, metavar="K")
@click.option("--profile", required=True, metavar="P", help="Profile, by name or file.")
@click.option("--only", multiple=True, metavar="ACCOUNT", help="Only alerts of this account.")
@click.option("--reference", default="", help="Your own reference; else made from the alerts.")
@click.option("--currency", default="", metavar="CCY", help="Local currency of the report.")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def write(
    *,
    alerts: Path,
    transactions: Path,
    accounts: Path,
    profile: str,
    only: tuple[str, ...],
    reference: str,
    currency: str,
    out: Path,
    as_json: bool,
) -> None:
    r"""Begin a report from alerts: the money trail, the indicators, and a reason in plain words.

    What nobody but you can know is not invented: it is left out and listed beside the report.

    \b
    Example:
      palermo goaml write --alerts alerts.json --transactions tx.parquet \
        --accounts accounts.parquet --profile example-5 -o report.xml
    """
    from palermo.investigation.money.reporting import ReportRequest, report

    done = report(
        ReportRequest(
            alerts=alerts,
            transactions=transactions,
            accounts=accounts,
            profile=profile,
            out=out,
            reference=reference,
            currency=currency,
            only=only,
        ),
        at=now(),
    )
    if as_json:
        click.echo(
            json.dumps(
                {
                    "out": str(out),
                    "alerts": done.alerts,
                    "payments": done.payments,
                    "accounts": done.accounts,
                    "to_fill": [{"path": one.path, "hint": one.hint} for one in done.to_fill],
                    "problems": list(done.problems),
                    "not_found": list(done.not_found),
                    "set_aside": done.set_aside,
                    "sha256": done.sha256,
                }
            )
        )
        return
    click.echo(
        f"Written: {out} ({done.alerts} alerts, {done.payments} payments, {done.accounts} accounts)"
    )
    for problem in done.problems:
        click.echo(f"  {problem}")
    if done.not_found:
        click.echo(f"{len(done.not_found)} payments that alerts name are not in {transactions}")
    if done.set_aside:
        click.echo(f"{done.set_aside} rows of the tables could not be read and are left out")
    click.echo(f"To be filled in: {len(done.to_fill)} fields, {out.with_suffix('.fill-in.md')}")


@command.command("schema")
@click.option("--profile", required=True, metavar="P", help="Profile, by name or file.")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True)
def schema(*, profile: str, out: Path) -> None:
    """Write the XSD of a profile, for a validator of your own."""
    from palermo.formats.goaml import read_profile, schema_text

    out.write_text(schema_text(read_profile(profile)), "utf-8")
    click.echo(f"Written: {out}")


@command.command("profiles")
def profiles() -> None:
    """List the profiles that come with Palermo."""
    from palermo.formats.goaml import profiles as names
    from palermo.formats.goaml import read_profile

    for name in names():
        found = read_profile(name)
        click.echo(f"{name}: {found.title}{' (example)' if found.example else ''}")
