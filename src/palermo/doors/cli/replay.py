"""`palermo replay`: derives a case's outputs again from its exhibits. Exit 1 when they differ."""

import json
from pathlib import Path

import click

from palermo.doors.cli.console import Steps, node, now


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    required=True,
    help="Authority file that covers looking at the material now.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(case: Path, authority: Path, *, as_json: bool, quiet: bool) -> int:
    r"""Repeat the last run of CASE from its sealed exhibits, and compare every output.

    Anyone with access to the case may repeat an analysis and must come to the same result; this
    does it, and logs that it was done.

    \b
    Example:
      palermo replay case --authority authority.yaml
    """
    from palermo.investigation import replay

    done = replay(
        case, authority=authority, at=now(), node=node(), progress=Steps(quiet=quiet or as_json)
    )
    if as_json:
        click.echo(
            json.dumps(
                {"same": done.same, "different": done.different, "same_tool": done.same_tool}
            )
        )
    else:
        for path in done.same:
            click.echo(f"same       {path}")
        for path in done.different:
            click.echo(f"DIFFERENT  {path}")
        if not done.same_tool:
            click.echo("Another version of the program made the outputs; take the one named in")
            click.echo(f"run.json to tell its differences from others. First: {done.first_tool}")
    return 1 if done.different else 0
