"""`palermo investigate`: the main job."""

import json
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from palermo.doors.cli.console import Steps, column_options, engine_option, node, now
from palermo.model import Unreadable

if TYPE_CHECKING:
    from palermo.engine import EngineName


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
@click.option(
    "--timezone",
    metavar="ZONE",
    help="Time zone of clocks in the material that state none, such as Europe/Paris.",
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@engine_option
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    *,
    inputs: tuple[Path, ...],
    authority: Path,
    out: Path,
    material: str,
    timezone: str | None,
    language: str,
    engine: "EngineName",
    as_json: bool,
    quiet: bool,
    **columns: str | None,
) -> None:
    r"""Find the networks in INPUT... and leave a case folder that anyone can check.

    Inputs are tables of ads, posts or messages (CSV, JSON Lines, Parquet), chat exports, mail,
    databases of phones and browsers, web archives, photos or disk images. Every file is sealed
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
            node=node(),
            zone=read_zone(timezone),
            engine=engine,
        ),
        at=now(),
        progress=Steps(quiet=quiet or as_json),
    )
    if as_json:
        click.echo(json.dumps({"out": str(out), "counts": outcome.counts}, indent=1))
    else:
        _report(outcome.counts, out)


def read_zone(name: str | None) -> tzinfo | None:
    """Return the time zone called `name`.

    Raises:
        Unreadable: there is no such zone.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unreadable(f"--timezone: no zone is called {name!r}; try Europe/Paris") from None


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
