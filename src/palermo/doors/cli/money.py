"""`palermo money`: statements taken in, and what their movements indicate."""

import importlib
import json
from pathlib import Path

import click

#: Subcommand -> module and the name of the command in it. Imported only when asked for.
SUBCOMMANDS = {
    "alerts": ("palermo.doors.cli.money_alerts", "command"),
    "import": ("palermo.doors.cli.money", "import_command"),
    "screen": ("palermo.doors.cli.money_screen", "command"),
}


class _Money(click.Group):
    """A group that imports a subcommand's module when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's interface
        return sorted(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in SUBCOMMANDS:
            return None
        module, name = SUBCOMMANDS[cmd_name]
        found: click.Command = getattr(importlib.import_module(module), name)
        return found


@click.group(cls=_Money)
def command() -> None:
    r"""Statements, transactions, and what their movements indicate.

    \b
    Example:
      palermo money import march.xml april.sta -o tx.parquet
      palermo money alerts tx.parquet --accounts accounts.parquet -o alerts
      palermo money screen accounts.parquet --list names.jsonl -o screening
    """


@click.command("import")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to write (.parquet); the report and the lists are written beside it.",
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Column profile (YAML) of a bank's CSV or XLSX; may be repeated, the first that fits.",
)
@click.option("--zone", help="Time zone of hours and days that state none, such as Europe/Paris.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def import_command(
    *,
    files: tuple[Path, ...],
    out: Path,
    profiles: tuple[Path, ...],
    zone: str | None,
    as_json: bool,
) -> None:
    r"""Read statements into one table of transactions, and prove them.

    Read are camt.052, camt.053, camt.054, pacs.008, MT940, MT942, OFX, goAML reports, tables of
    banks (CSV, XLSX) with a column profile, lists of block explorers and wallets, and remitters'
    books; the format is told from the content. Beside the table are import.json (balance proofs,
    gaps), duplicates.csv and set_aside.csv. Exit code 0 also with gaps: they are said.

    \b
    Example:
      palermo money import march.xml april.sta shop.csv --profile bank.yaml -o tx.parquet
    """
    from palermo.investigation.money import ImportRequest, import_statements, spoken

    done = import_statements(ImportRequest(files=files, out=out, profiles=profiles, zone=zone))
    if as_json:
        click.echo(json.dumps({**done.facts, "out": str(out)}))
        return
    for line in spoken(done.files, done.proofs, done.between):
        click.echo(line)
    gaps = done.facts["gaps"]
    click.echo(
        f"{done.transactions:,} transactions, {done.duplicates:,} duplicates left out, "
        f"{done.set_aside:,} rows set aside, {gaps:,} gap{'' if gaps == 1 else 's'}."
    )
    if gaps:
        click.echo(
            "The record is not whole: do not rely on balances before the gaps are explained."
        )
    click.echo(f"Table: {out}; report: {out.with_name('import.json')}")
