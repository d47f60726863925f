"""`palermo law`: what the law packs say, and whether an authority file covers a measure."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from palermo.doors.cli.console import now


@click.group()
def command() -> None:
    r"""Look up the powers of the law packs, or check an authority file.

    \b
    Example:
      palermo law check authority.yaml --material ads
    """


@command.command("powers")
@click.option("--json", "as_json", is_flag=True, help="Print them for machines.")
def powers(*, as_json: bool) -> None:
    """List every power that an authority file may name."""
    from palermo.law import law_book, powers_table

    rows = powers_table(law_book())
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], default=str, indent=1))
        return
    for row in rows:
        click.echo(f"{row.power}: {row.title} ({row.article})")


@command.command("check")
@click.argument("authority", type=click.Path(path_type=Path))
@click.option("--measure", default="detect", show_default=True)
@click.option("--material", default="posts", show_default=True)
def check_authority(authority: Path, measure: str, material: str) -> None:
    """Say whether an authority file covers a measure now. Exit 1 when it does not."""
    from palermo.law import check, law_book, read_authority

    grant = check(
        read_authority(authority), law_book(), at=now(), measure=measure, material=material
    )
    click.echo(f"{authority}: covers '{measure}' of {material} until {grant.ends.isoformat()}")
    for line in (*grant.conditions, *grant.caveats):
        click.echo(f"  {line}")
