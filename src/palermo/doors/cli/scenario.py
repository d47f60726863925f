"""`palermo scenario`: writes a generated practice case with its truth."""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--size", type=click.IntRange(min=50), default=2000, show_default=True, metavar="N")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="S")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for machines.")
def command(name: str, out: Path, size: int, seed: int, *, as_json: bool) -> None:
    r"""Write the generated practice case NAME (`sirocco`) with its truth.

    Everything in it is fictional. The same size and seed give the same bytes.

    \b
    Example:
      palermo scenario sirocco --out practice --size 5000 --seed 7
    """
    from palermo.model import Unreadable
    from palermo.scenario import SCENARIOS

    if name not in SCENARIOS:
        raise Unreadable(f"no scenario '{name}'; there is: {', '.join(sorted(SCENARIOS))}.")
    summary = SCENARIOS[name](out, size=size, seed=seed)
    if as_json:
        click.echo(json.dumps({"out": str(out), **asdict(summary)}, default=str))
    else:
        click.echo(f"Wrote the generated case '{name}' ({size:,} items, seed {seed}) to {out}")
