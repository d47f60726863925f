"""`palermo hold`: keeps an exhibit from being erased, and lets go of it again."""

from pathlib import Path

import click

from palermo.doors.cli.console import node, now


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("exhibit", required=False)
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    help="Authority file that covers the measure 'preserve'.",
)
@click.option("--release", "name", metavar="HOLD", help="Let go of this hold.")
@click.option("--list", "listing", is_flag=True, help="Show the holds in force.")
def command(
    case: Path, exhibit: str | None, authority: Path | None, name: str | None, *, listing: bool
) -> None:
    r"""Put EXHIBIT of CASE on legal hold, so that nobody can erase it; or release a hold.

    \b
    Example:
      palermo hold case 3f1c… --authority preserve.yaml
      palermo hold case --list
      palermo hold case --release 5b2e… --authority preserve.yaml
    """
    from palermo.evidence import CaseFolder, holds_in_force
    from palermo.investigation import hold, release
    from palermo.model import Unreadable

    if listing:
        if not (case / "custody.sqlite3").is_file():
            raise Unreadable(f"{case}: expected a case folder")
        with CaseFolder(case).log(node().signer()) as log:
            for one in holds_in_force(log.entries()):
                click.echo(f"{one.event_id}  event {one.seq}  {one.power}")
                for covered in sorted(one.exhibits):
                    click.echo(f"  {covered}")
        return
    if authority is None:
        raise Unreadable("hold: name the authority with --authority")
    if name is not None:
        release(case, name, authority=authority, at=now(), node=node())
        click.echo(f"Released: {name}")
    elif exhibit is not None:
        click.echo(f"Hold: {hold(case, exhibit, authority=authority, at=now(), node=node())}")
    else:
        raise Unreadable("hold: name an exhibit, or --release a hold, or --list them")
