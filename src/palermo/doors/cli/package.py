"""`palermo package`: hands exhibits over as a package that a stranger can check."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palermo.doors.cli.console import node, now
from palermo.model import Unreadable

if TYPE_CHECKING:
    from palermo.evidence.package.papers import Declaration

_DECLARED = ("declarant", "position", "qualification", "place")


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The package, new.")
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    required=True,
    help="Authority file that covers the measure 'disclose'; its purpose is logged.",
)
@click.option("--to", "recipient", required=True, metavar="OFFICE", help="To whom it goes.")
@click.option(
    "--act",
    type=click.Choice(["transfer", "export", "disclose"]),
    default="transfer",
    show_default=True,
    help="Transfer to an authority, export to a court, disclose to a party.",
)
@click.option("--by", metavar="PERSON", help="Who hands over and signs (has a key here).")
@click.option("--seal", metavar="NUMBER", help="Seal or bag that it travels under.")
@click.option("--material", default="", metavar="KIND", help="Else the first the authority names.")
@click.option("--only", multiple=True, metavar="ID", help="Give only this exhibit (repeatable).")
@click.option("--hold-back", multiple=True, metavar="ID", help="Do not give this exhibit.")
@click.option(
    "--hold-back-events", multiple=True, type=int, metavar="SEQ", help="Show only its hash."
)
@click.option("--with-outputs", is_flag=True, help="Add dossier, findings and tables.")
@click.option(
    "--certificate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML with declarant, position, qualification, place: writes a certificate to sign.",
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(
    *,
    case: Path,
    out: Path,
    authority: Path,
    recipient: str,
    act: str,
    by: str | None,
    seal: str | None,
    material: str,
    only: tuple[str, ...],
    hold_back: tuple[str, ...],
    hold_back_events: tuple[int, ...],
    with_outputs: bool,
    certificate: Path | None,
    language: str,
    as_json: bool,
) -> None:
    r"""Hand exhibits of CASE over as one folder with originals, log, proofs and a report.

    What is held back stays counted: the receiver can see that nothing was left out, and not what it
    says. Key events, batch signatures and erasures cannot be held back. The originals in the
    package are not encrypted: carry it accordingly.

    \b
    Example:
      palermo package case --authority hand-over.yaml --to "Court of Example" --out package
    """
    from palermo.evidence import NODE
    from palermo.evidence.package.selection import Selection
    from palermo.investigation import HandOver, hand_over

    request = HandOver(
        case=case,
        out=out,
        authority=authority,
        recipient=recipient,
        node=node(),
        act=act,
        by=by or NODE,
        seal=seal,
        material=material,
        selection=Selection(
            only=only, hold_back=hold_back, hold_back_events=tuple(hold_back_events)
        ),
        outputs=with_outputs,
        language="fr" if language == "fr" else "en",
        declaration=_declaration(certificate) if certificate else None,
    )
    packed = hand_over(request, at=now())
    if as_json:
        counts = {
            "exhibits": packed.exhibits,
            "held_back": packed.held_back,
            "held_back_events": packed.held_back_events,
        }
        head = {"size": packed.checkpoint.size, "root": packed.checkpoint.root.hex()}
        click.echo(
            json.dumps({"out": str(out), "event": packed.event, **counts, "checkpoint": head})
        )
        return
    click.echo(f"Handed over: {packed.exhibits} exhibits (event {packed.event})")
    if packed.held_back or packed.held_back_events:
        click.echo(
            f"Held back, named and counted: {packed.held_back} exhibits, "
            f"{packed.held_back_events} events"
        )
    click.echo(f"Report: {out / 'REPORT.html'}")
    click.echo(f"Check it: palermo verify {out}")


def _declaration(path: Path) -> "Declaration":
    """Read what the declarant says of themselves."""
    import yaml

    from palermo.evidence.package.papers import Declaration

    try:
        raw = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError):
        raw = None
    if not isinstance(raw, Mapping):
        raise Unreadable(f"{path}: expected YAML with {', '.join(_DECLARED)}")
    known = {*_DECLARED, "inside_us", "sources"}
    if unknown := sorted(str(key) for key in raw if key not in known):
        raise Unreadable(f"{path}: unknown key `{unknown[0]}`; use {', '.join(sorted(known))}")
    for key in _DECLARED:
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            raise Unreadable(f"{path}: `{key}` is missing; write it as a text")
    sources = raw.get("sources", {})
    if not isinstance(sources, Mapping) or not all(
        isinstance(part, str) for pair in sources.items() for part in pair
    ):
        raise Unreadable(f"{path}: `sources`: expected ids of exhibits (quoted), each with a text")
    inside = raw.get("inside_us", False)
    if not isinstance(inside, bool):
        raise Unreadable(f"{path}: `inside_us`: expected true or false")
    return Declaration(
        **{key: raw[key].strip() for key in _DECLARED}, inside_us=inside, sources=dict(sources)
    )
