"""`palermo campaigns`: which texts come from one template, as a table."""

import json
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
@click.option("--templates", type=click.Path(path_type=Path), help="JSON file of the templates.")
@click.option(
    "--largest",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Number of campaigns, largest first, whose templates are written.",
)
@click.option("--rejected", type=click.Path(path_type=Path), help="Table of rows with trouble.")
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the counts for machines.")
def command(
    *,
    inputs: tuple[Path, ...],
    out: Path,
    templates: Path | None,
    largest: int,
    rejected: Path | None,
    as_json: bool,
    **columns: str | None,
) -> None:
    r"""Find campaigns: texts of INPUT... that were made from one template.

    Columns written: id, campaign (null for texts that belong to none). The same input gives the
    same campaigns under the same names. Works on data you already hold; nothing is sealed or kept.

    \b
    Example:
      palermo campaigns ads.csv -o campaigns.parquet --templates templates.json
    """
    from palermo.formats import write_table
    from palermo.investigation import assign_campaigns, largest_templates, template_json

    steps = Steps(quiet=as_json)
    texts = load_texts(inputs, columns, rejected, steps)
    assignment = assign_campaigns(texts.items, progress=steps)
    write_table(assignment, out)
    counts = {
        "items": texts.items.num_rows,
        "in_campaigns": texts.items.num_rows - assignment["campaign"].null_count,
    }
    if templates is not None:
        found = largest_templates(texts.items, assignment, largest)
        data = {name: template_json(template) for name, template in found.items()}
        templates.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
        counts["templates"] = len(found)
    report(counts, texts, out, as_json=as_json)
