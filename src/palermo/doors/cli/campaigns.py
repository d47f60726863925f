"""`palermo campaigns`: which texts come from one template, as a table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palermo.doors.cli.console import (
    Steps,
    column_options,
    engine_option,
    load_texts,
    report,
    report_counts,
)
from palermo.doors.cli.places import Place, addresses
from palermo.model import Unreadable

if TYPE_CHECKING:
    from palermo.engine import EngineName


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=Place())
@click.option(
    "-o",
    "--out",
    type=Place(),
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
@engine_option
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the counts for machines.")
def command(
    *,
    inputs: tuple[Path | str, ...],
    out: Path | str,
    templates: Path | None,
    largest: int,
    rejected: Path | None,
    engine: "EngineName",
    as_json: bool,
    **columns: str | None,
) -> None:
    r"""Find campaigns: texts of INPUT... that were made from one template.

    Columns written: id, campaign (null for texts that belong to none). The same input gives the
    same campaigns under the same names. Works on data you already hold; nothing is sealed or kept.

    With --engine spark, INPUT... and --out may be addresses (s3a://, hdfs://) of Parquet, which
    the cluster reads and writes itself: see docs/how-to/cluster.md.

    \b
    Example:
      palermo campaigns ads.csv -o campaigns.parquet --templates templates.json
    """
    from palermo.formats import write_table
    from palermo.investigation import (
        assign_campaigns,
        campaigns_at,
        largest_templates,
        template_json,
    )

    steps = Steps(quiet=as_json)
    if (there := addresses(inputs, out)) is not None:
        if engine != "spark" or templates is not None or rejected is not None:
            raise Unreadable(
                "addresses: they need --engine spark, and go without --templates and --rejected"
            )
        found_there = campaigns_at(
            *there,
            id_column=columns["id_column"] or "id",
            text_column=columns["text_column"] or "text",
            progress=steps,
        )
        report_counts(found_there, there[1], as_json=as_json)
        return
    out = Path(out)
    texts = load_texts(tuple(map(Path, inputs)), columns, rejected, steps)
    assignment = assign_campaigns(texts.items, progress=steps, engine=engine)
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
