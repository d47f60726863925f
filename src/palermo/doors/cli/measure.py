"""`palermo measure`: compares a case with the known truth of a generated scenario."""

import json
from pathlib import Path

import click


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--truth", type=click.Path(path_type=Path), required=True, help="Folder of the scenario."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures for machines.")
def command(case: Path, truth: Path, *, as_json: bool) -> None:
    r"""Say how right a case folder is, measured against a scenario's truth.

    \b
    Example:
      palermo measure case --truth practice
    """
    from palermo.investigation import measure

    scores = measure(case, truth)
    if as_json:
        rows = [
            {
                "name": s.name,
                "precision": s.precision,
                "recall": s.recall,
                "right": s.right,
                "found": s.found,
                "true": s.true,
            }
            for s in scores
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    click.echo(f"{'against the known truth':<26}{'precision':>10}{'recall':>10}{'true':>14}")
    for s in scores:
        click.echo(f"{s.name:<26}{_share(s.precision):>10}{_share(s.recall):>10}{s.true:>14,}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
