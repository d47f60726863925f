"""Campaigns among texts that lie where only a cluster reaches them, written there as well.

Guarantees the campaigns of `palermo campaigns` on the same rows. No text and no result comes to
this process; an output that is there already is never touched.
"""

from collections.abc import Sequence

from palermo.analysis.campaigns import plans
from palermo.engine import ENGINES, Engine, EngineName, Progress, silent
from palermo.investigation.spread import spread_campaigns
from palermo.model import Unreadable


def campaigns_at(
    inputs: Sequence[str],
    out: str,
    *,
    engine: EngineName = "spark",
    id_column: str = "id",
    text_column: str = "text",
    progress: Progress = silent,
) -> dict[str, int]:
    """Find the campaigns among the rows of Parquet `inputs`; write (id, campaign) to `out`.

    Args:
        inputs: addresses of files or folders that the engine reaches (s3a://, hdfs://, a path).
        out: address of the folder to write, where nothing may be yet.
        engine: which one; addresses beyond this machine need Spark.
        id_column: the column that names a row; no row may be without.
        text_column: the column of the text; a row without one belongs to no campaign.
        progress: told how far it is.

    Returns:
        Counts of items, of those in campaigns, of contents, and of pairs proposed and verified.

    Raises:
        Unreadable: an input is not there, lacks a column, or has rows without an id.
        Refused: there is something at `out` already.
    """
    with ENGINES[engine]() as running:
        running.must_be_free(out)
        parts = []
        for number, address in enumerate(inputs):
            running.load({f"input_{number}": address})
            parts.append(_rows(running, number, address, id_column, text_column))
        found = spread_campaigns(running, " UNION ALL ".join(parts), progress=progress)
        assignment = f"SELECT id, campaign FROM ({plans.ASSIGNMENT}) AS assignment"
        (counts,) = running.query(
            f"SELECT count(*) AS items, count(campaign) AS in_campaigns FROM ({assignment}) AS a"
        ).to_pylist()
        running.save(assignment, out)
    return {
        **counts,
        "contents": found.contents,
        "pairs_proposed": found.proposed,
        "pairs_verified": found.verified,
    }


def _rows(engine: Engine, number: int, address: str, id_column: str, text_column: str) -> str:
    """Return a plan for the ids and texts of one input, once they are known to be there."""
    table = f"input_{number}"
    there = engine.query(f"SELECT * FROM {table} LIMIT 0").column_names
    for column in (id_column, text_column):
        if column not in there:
            raise Unreadable(
                f"{address}: no column {column!r} among {', '.join(there)}; name it with "
                "--id-column or --text-column"
            )
    key, text = (name.replace('"', '""') for name in (id_column, text_column))
    (without,) = engine.query(f'SELECT count(*) AS n FROM {table} WHERE "{key}" IS NULL')[
        "n"
    ].to_pylist()
    if without:
        raise Unreadable(
            f"{address}: {without:,} rows have no {id_column!r}; give each a name first"
        )
    return f'SELECT CAST("{key}" AS VARCHAR) AS id, CAST("{text}" AS VARCHAR) AS text FROM {table}'
