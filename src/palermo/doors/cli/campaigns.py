"""`palermo campaigns`: which texts come from one template, as a table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palermo.doors.cli.console import (
    Steps,
    column_options,
    engine_option,
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
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    help="Directory to keep what a later run with --against needs (ids and hashes, no texts).",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="Store of an earlier run; INPUT... are new texts that join its campaigns.",
)
@click.option(
    "--changes",
    type=click.Path(path_type=Path),
    help="With --against: table of known items whose campaign is another now.",
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
    store: Path | None,
    against: Path | None,
    changes: Path | None,
    rejected: Path | None,
    engine: "EngineName",
    as_json: bool,
    **columns: str | None,
) -> None:
    r"""Find campaigns: texts of INPUT... that were made from one template.

    Columns written: id, campaign (null for texts that belong to none). The same input gives the
    same campaigns under the same names. Works on data you already hold; nothing is sealed, and no
    text is kept.

    With --against, the table is that of the new texts, campaigns keep their names, and the
    templates written are those of the new texts' campaigns, built from the new texts alone: a store
    keeps no text.

    With --engine spark, INPUT... and --out may be addresses (s3a://, hdfs://) of Parquet, which
    the cluster reads and writes itself: see docs/how-to/cluster.md.

    \b
    Example:
      palermo campaigns ads.csv -o campaigns.parquet --templates templates.json --store known
      palermo campaigns today.csv -o today.parquet --against known --store known
    """
    import pyarrow as pa

    from palermo.formats import Columns, write_table
    from palermo.investigation import (
        assign_against,
        assign_campaigns,
        assign_gathered,
        campaigns_at,
        gather_texts,
        largest_templates,
    )

    if changes is not None and against is None:
        raise Unreadable("--changes: there is nothing to compare with; give --against STORE too")
    steps = Steps(quiet=as_json)
    if (there := addresses(inputs, out)) is not None:
        if engine != "spark" or any((templates, rejected, store, against)):
            raise Unreadable(
                "addresses: they need --engine spark, and go without --templates, --rejected, "
                "--store and --against"
            )
        found_there = campaigns_at(
            *there,
            id_column=columns["id_column"] or "id",
            text_column=columns["text_column"] or "text",
            progress=steps,
        )
        report_counts(found_there, there[1], as_json=as_json)
        return
    if engine != "duckdb" and (store is not None or against is not None):
        raise Unreadable("--engine spark: --store and --against are for one machine; leave it out")
    out = Path(out)
    named = Columns(**{name.removesuffix("_column"): value for name, value in columns.items()})
    texts = gather_texts(
        tuple(map(Path, inputs)),
        columns=named,
        keep=templates is not None or engine != "duckdb",
        folder=out.parent,
        progress=steps,
    )
    if rejected is not None:
        write_table(texts.rejected, rejected)
    steps("campaigns", 0, len(texts.ids))
    counts: dict[str, int] = {}
    if engine != "duckdb":
        items = pa.table([texts.ids, texts.texts], ["id", "text"])
        assignment = assign_campaigns(items, progress=steps, engine=engine)
    elif against is None:
        assignment = assign_gathered(texts, store=store)
    else:
        addition = assign_against(texts, against, store=store)
        assignment, counts = addition.assignment, addition.counts
        if changes is not None:
            write_table(addition.changes, changes)
    steps("campaigns", len(texts.ids), len(texts.ids))
    write_table(assignment, out)
    in_campaigns = len(texts.ids) - assignment["campaign"].null_count
    counts = {"items": len(texts.ids), "in_campaigns": in_campaigns, **counts}
    if templates is not None:
        data = largest_templates(texts.texts, assignment["campaign"], largest)
        templates.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
        counts["templates"] = len(data)
    report(counts, texts.set_aside, out, as_json=as_json)
