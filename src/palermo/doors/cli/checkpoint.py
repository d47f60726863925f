"""`palermo checkpoint`: has time authorities and witnesses vouch for a case's custody log."""

import json
from pathlib import Path

import click

from palermo.doors.cli.console import node, node_directory, now


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--tsa", "authorities", multiple=True, metavar="URL", help="Time authority (RFC 3161)."
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    nargs=2,
    metavar="WHERE KEYFILE",
    help="Witness: its URL or folder, and the file with its public key line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(
    case: Path,
    authorities: tuple[str, ...],
    witnesses: tuple[tuple[str, str], ...],
    *,
    as_json: bool,
) -> int:
    r"""Sign a checkpoint of CASE, and have others stamp and cosign it.

    Without options, the time authorities and witnesses of `node.yaml` in PALERMO_HOME are asked.
    Keep a copy of checkpoint.txt elsewhere in any case. Exit 1 when one of them did not answer.

    \b
    Example:
      palermo checkpoint case --tsa http://tsa.example.org --witness http://127.0.0.1:8099 w.pub
    """
    from palermo.investigation import read_settings, vouch

    settings = read_settings(node_directory())
    keys = [(place, Path(key).read_text("utf-8")) for place, key in witnesses]
    done = vouch(
        case,
        authorities=authorities or settings.time_authorities,
        witnesses=keys or settings.witnesses,
        at=now(),
        node=node(),
    )
    if as_json:
        click.echo(
            json.dumps(
                {
                    "size": done.size,
                    "stamps": done.stamps,
                    "witnesses": done.witnesses,
                    "troubles": done.troubles,
                }
            )
        )
    else:
        click.echo(f"Checkpoint over {done.size} events: {case / 'checkpoints'}/{done.size}.txt")
        for what, some in (("Stamped by", done.stamps), ("Cosigned by", done.witnesses)):
            for one in some:
                click.echo(f"{what} {one}")
        if not done.stamps:
            click.echo("No external time: nothing but this machine's clock says when.")
        for trouble in done.troubles:
            click.echo(f"Not answered: {trouble}", err=True)
    return 1 if done.troubles else 0
