"""`palermo identifiers`: the identifiers that texts state, as a table."""

from pathlib import Path

import click

from palermo.doors.cli.console import Steps, column_options, load_texts, report


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to write (.parquet, .csv or .jsonl).",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="CC",
    help="Country whose national phone numbers are expected (may be repeated).",
)
@click.option("--rejected", type=click.Path(path_type=Path), help="Table of rows with trouble.")
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the counts for machines.")
def command(
    *,
    inputs: tuple[Path, ...],
    out: Path,
    regions: tuple[str, ...],
    rejected: Path | None,
    as_json: bool,
    **columns: str | None,
) -> None:
    r"""Find phones, addresses, handles, wallets and more in the texts of INPUT....

    Columns written: id, kind, value (normalised), raw, start, end (code points of the text),
    confidence, reason. Works on data you already hold; nothing is sealed or kept.

    \b
    Example:
      palermo identifiers ads.csv -o identifiers.parquet --text-column body
    """
    from palermo.formats import write_table
    from palermo.investigation import extract_identifiers

    steps = Steps(quiet=as_json)
    texts = load_texts(inputs, columns, rejected, steps)
    found = extract_identifiers(texts.items, regions=regions, progress=steps)
    write_table(found, out)
    report(
        {"items": texts.items.num_rows, "mentions": found.num_rows},
        texts.set_aside,
        out,
        as_json=as_json,
    )
