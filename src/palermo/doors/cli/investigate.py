"""`palermo investigate`: the main job."""

import json
from pathlib import Path
from typing import Any

import click

from palermo.doors.cli.console import Steps, column_options, node_directory, now


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    required=True,
    help="Authority file (YAML): who may do this, under which power, until when.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Case folder.")
@click.option(
    "--material",
    default="",
    metavar="KIND",
    help="Kind of material (ads, posts, messages, pages, …); else the first the authority names.",
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option("--engine", type=click.Choice(["duckdb"]), default="duckdb", show_default=True)
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    *,
    inputs: tuple[Path, ...],
    authority: Path,
    out: Path,
    material: str,
    language: str,
    engine: str,  # noqa: ARG001  one engine so far; the option is part of the contract
    as_json: bool,
    quiet: bool,
    **columns: str | None,
) -> None:
    r"""Find the networks in INPUT... and leave a case folder that anyone can check.

    Inputs are CSV, JSON Lines or Parquet files of ads, posts or messages. Every file is sealed
    first; `dossier.html` in the case folder is for reading, `findings.json` and `tables/` for
    machines. Nothing runs without an authority that covers it.

    \b
    Example:
      palermo investigate ads.csv --authority authority.yaml --out case --text-column body
    """
    from palermo.formats import Columns
    from palermo.investigation import Request, investigate

    outcome = investigate(
        Request(
            inputs=inputs,
            authority=authority,
            out=out,
            material=material,
            language="fr" if language == "fr" else "en",
            columns=Columns(**{name.removesuffix("_column"): v for name, v in columns.items()}),
            node=node_directory(),
        ),
        at=now(),
        progress=Steps(quiet=quiet or as_json),
    )
    if as_json:
        click.echo(json.dumps({"out": str(out), "counts": outcome.counts}, indent=1))
    else:
        _report(outcome.counts, out)


def _report(counts: dict[str, int], out: Path) -> None:
    lines: list[tuple[str, Any]] = [
        ("rows read", counts["rows_read"]),
        ("rows set aside, with the reason", counts["rows_set_aside"]),
        ("rows kept with a note", counts["rows_with_remark"]),
        ("identifiers found", counts["identifier_values"]),
        ("campaigns (texts of one template)", counts["campaigns"]),
        ("networks proposed", counts["networks"]),
        ("shared values not used as links", counts["values_not_used"]),
        ("items asking for help: look at these first", counts["support_first"]),
    ]
    for what, number in lines:
        click.echo(f"{number:>12,}  {what}")
    click.echo(f"Dossier: {out / 'dossier.html'}")
    click.echo(f"Check it: palermo verify {out}")
