"""`palermo trace`: claims traced through accounts by each legal rule."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from palermo.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from palermo.investigation.tracing import Language


@click.command()
@click.argument("transactions", metavar="TX", type=click.Path(path_type=Path))
@click.option(
    "--claims",
    type=click.Path(path_type=Path),
    required=True,
    help="Table of claims: claimant, account, amount_minor, from (and currency, tx_id).",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    default=("all",),
    show_default=True,
    help="fifo, lifo, haircut, libr, pari_passu, poison, or all (may be repeated).",
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder to write."
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=("en",),
    show_default=True,
    type=click.Choice(["en", "fr", "es", "ar", "ru", "zh"]),
    help="Language of the exhibit (may be repeated; the first is exhibit.html).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(
    *,
    transactions: Path,
    claims: Path,
    rules: tuple[str, ...],
    out: Path,
    languages: tuple[str, ...],
    as_json: bool,
) -> None:
    r"""Trace claims through the accounts of TX by the legal rules, side by side.

    TX has at least tx_id, ts, src, dst, amount_minor (whole minor units) and currency. Written are
    holdings.csv, common.csv, path.csv, undocumented.csv, set_aside.csv, trace.json and, for a
    court, exhibit.html. The court chooses the rule.

    \b
    Example:
      palermo trace tx.parquet --claims claims.csv --rule all -o tracing
    """
    from palermo.investigation.tracing import RULES, TraceRequest, trace_files

    if unknown := sorted(set(rules) - {"all", *RULES}):
        raise Unreadable(f"--rule {unknown[0]}: expected all or one of {', '.join(RULES)}")
    chosen = RULES if "all" in rules else tuple(rule for rule in RULES if rule in rules)
    done = trace_files(
        TraceRequest(
            transactions=transactions,
            claims=claims,
            out=out,
            rules=chosen,
            languages=cast("Sequence[Language]", tuple(dict.fromkeys(languages))),
        )
    )
    facts = {
        "transactions": done.transactions,
        "claims": done.claims,
        "set_aside": done.set_aside,
        "without_zone": done.without_zone,
        "sha256": done.sha256,
        "out": str(out),
    }
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(f"Traced {done.claims} claims through {done.transactions:,} transactions.")
    if done.set_aside:
        click.echo(f"{done.set_aside} rows could not be read and are left out: set_aside.csv")
    click.echo(f"Result {done.sha256}")
    click.echo(f"Exhibit: {out / 'exhibit.html'}")
