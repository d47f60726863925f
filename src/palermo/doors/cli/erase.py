"""`palermo erase`: destroys an exhibit for good. Two persons, an authority, and no hold."""

import json
from pathlib import Path

import click

from palermo.doors.cli.console import node, now


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("exhibit")
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    required=True,
    help="Authority file that covers the measure 'erase'; its purpose is logged as the ground.",
)
@click.option("--by", "first", required=True, metavar="PERSON", help="Who erases (has a key here).")
@click.option("--second", required=True, metavar="PERSON", help="Who agrees (has a key here).")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(
    case: Path, exhibit: str, authority: Path, first: str, second: str, *, yes: bool, as_json: bool
) -> None:
    r"""Destroy EXHIBIT of CASE: its key, its salt, its sealed copy, and all that was made from it.

    EXHIBIT is its id in the custody log or the SHA-256 of its bytes. The log keeps a signed event
    that says who erased it, why, and under which authority; every proof still holds afterwards.
    Run the same command again if it was interrupted.

    \b
    Example:
      palermo keys new ada
      palermo keys new ben
      palermo erase case 3f1c… --authority erase.yaml --by ada --second ben
    """
    from palermo.investigation import erase

    if not yes:
        click.confirm(f"Destroy {exhibit} in {case} for good?", abort=True, err=True)
    done = erase(case, exhibit, authority=authority, persons=(first, second), at=now(), node=node())
    if as_json:
        click.echo(
            json.dumps(
                {
                    "exhibit": done.exhibit,
                    "derived": done.derived,
                    "outputs": done.outputs,
                    "event": done.seq,
                }
            )
        )
        return
    click.echo(f"Erased: {done.exhibit} (event {done.seq})")
    if done.derived:
        click.echo(f"Exhibits made from it, erased too: {', '.join(done.derived)}")
    if done.outputs:
        click.echo(f"Made from it and erased too: {', '.join(done.outputs)}")
        click.echo("Run palermo investigate again to make them anew from what is left.")
    click.echo("Older backups of the vault's keys still open it until palermo keys rewrap.")
