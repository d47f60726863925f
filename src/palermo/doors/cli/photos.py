"""`palermo photos`: perceptual hashes of photos, as a table, and which are on a list."""

import json
from pathlib import Path

import click

from palermo.doors.cli.console import Steps


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Table to write (.parquet, .csv or .jsonl).",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="List of PDQ hashes, one a line: report which photos are on it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print counts and hits for machines.")
def command(
    *, inputs: tuple[Path, ...], out: Path | None, against: Path | None, as_json: bool
) -> None:
    r"""Hash the photos INPUT... (files or folders) and compare them with a list.

    Columns written: path, sha256, pdq, quality, note (why a photo is not compared or has no
    hash). A photo is on the list when an entry differs in at most 31 of 256 bits, turned, mirrored
    or without its border; a person confirms it. No picture is shown, copied or kept.

    \b
    Example:
      palermo photos pictures/ -o hashes.parquet
      palermo photos pictures/ --against list.txt
    """
    from palermo.formats import write_table
    from palermo.investigation import hash_files

    if out is None and against is None:
        raise click.UsageError("nothing to do: give -o FILE for a table or --against LIST.")
    found = hash_files(inputs, against, progress=Steps(quiet=as_json))
    files, hits = found.files, found.on_list
    if out is not None:
        write_table(files, out)
    counts = {"files": files.num_rows, "hashed": files.num_rows - files["pdq"].null_count}
    counts["with_note"] = files.num_rows - files["note"].null_count
    if against is not None:
        counts["on_list"] = hits.num_rows
    if as_json:
        click.echo(json.dumps({**counts, "hits": hits.to_pylist()}))
        return
    for hit in hits.to_pylist():
        click.echo(
            f"{hit['path']}: on the list, line {hit['line']}, "
            f"{hit['distance']} bits apart, {hit['variant']}"
        )
    for name, number in counts.items():
        click.echo(f"{number:>12,}  {name.replace('_', ' ')}")
    if out is not None:
        click.echo(f"Written: {out}")
