"""`palermo money screen`: accounts, names and numbers looked up in lists, graded and explained."""

import json
from pathlib import Path

import click


@click.command("screen")
@click.argument("table", metavar="TX-or-ACCOUNTS", type=click.Path(path_type=Path))
@click.option(
    "--list",
    "lists",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="TagPack (.yaml) or OpenSanctions/FollowTheMoney entities (.json); may be repeated.",
)
@click.option(
    "--least",
    type=click.Choice(["strong", "probable", "possible", "weak"]),
    default="possible",
    show_default=True,
    help="The lowest grade to write.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(*, table: Path, lists: tuple[Path, ...], least: str, out: Path, as_json: bool) -> None:
    r"""Look up holders, accounts, wallets, phones and addresses of a table in lists.

    A match says what agreed, what disagreed and what nobody knew. It is a lead for a person, no
    verdict: namesakes are many.

    \b
    Example:
      palermo money screen accounts.parquet --list targets.nested.json -o matches.csv
    """
    from palermo.investigation.money.screening import ScreeningRequest, screen_files

    done = screen_files(ScreeningRequest(table=table, lists=lists, out=out, least=least))
    lost = {path: len(rows) for path, rows in done.set_aside.items() if rows}
    if as_json:
        click.echo(
            json.dumps(
                {
                    "subjects": done.subjects,
                    "entries": done.entries,
                    "by_grade": dict(done.by_grade),
                    "written": done.written,
                    "set_aside": lost,
                    "not_compared": dict(done.not_compared),
                    "out": str(out),
                }
            )
        )
        return
    click.echo(f"Compared {done.subjects:,} with {done.entries:,} entries.")
    for grade, count in done.by_grade.items():
        click.echo(f"{count:>12,}  {grade}")
    for path, rows in done.set_aside.items():
        for one in rows[:5]:
            where = f"{one.field} {one.value!r}: " if one.field else ""
            click.echo(f"{path}, {one.row}: {where}{one.reason}; set aside", err=True)
        if len(rows) > 5:
            click.echo(f"{path}: {len(rows) - 5:,} more set aside", err=True)
    click.echo(f"Written: {out} ({done.written:,} matches, {least} or better)")
