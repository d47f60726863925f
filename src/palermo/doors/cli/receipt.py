"""`palermo receipt`: a receipt for whoever handed an exhibit in."""

from pathlib import Path

import click

from palermo.doors.cli.console import node


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("exhibit")
@click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Receipt (JSON).")
def command(case: Path, exhibit: str, out: Path) -> None:
    r"""Write the receipt for EXHIBIT of CASE (its id, or the SHA-256 of its bytes).

    With the receipt, and the file they kept, whoever gave it can show that this very content was
    taken in, and when that was logged.

    \b
    Example:
      palermo receipt case $(sha256sum phone.zip | cut -c1-64) -o receipt.json
      palermo verify receipt.json --file phone.zip
    """
    from palermo.investigation import give_receipt

    out.write_bytes(give_receipt(case, exhibit, node=node()))
    click.echo(f"Receipt: {out}")
