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
@click.option(
    "--money",
    type=click.IntRange(min=2_000, max=5_000_000),
    metavar="N",
    help="Also write accounts and N transactions with their truth.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary for machines.")
def command(
    name: str, out: Path, size: int, seed: int, money: int | None, *, as_json: bool
) -> None:
    r"""Write the generated practice case NAME (`sirocco`) with its truth.

    Everything in it is fictional. The same size and seed give the same bytes.

    \b
    Example:
      palermo scenario sirocco --out practice --size 5000 --seed 7
    """
    from palermo.model import Unreadable
    from palermo.scenario import SCENARIOS, write_money

    if name not in SCENARIOS:
        raise Unreadable(f"no scenario '{name}'; there is: {', '.join(sorted(SCENARIOS))}.")
    summary = SCENARIOS[name](out, size=size, seed=seed)
    more = {}
    if money is not None:
        written = write_money(out, money, seed=seed, size=size)
        more = {"transactions": written.count, "accounts": written.accounts.num_rows}
    if as_json:
        click.echo(json.dumps({"out": str(out), **asdict(summary), **more}, default=str))
    else:
        click.echo(f"Wrote the generated case '{name}' ({size:,} items, seed {seed}) to {out}")
        for what, count in more.items():
            click.echo(f"  {what}: {count:,}")
