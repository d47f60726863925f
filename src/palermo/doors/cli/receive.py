"""`palermo receive`: verifies an exhibit package and takes it over into a case."""

import json
from pathlib import Path

import click

from palermo.doors.cli.console import node, now

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Case folder.")
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    required=True,
    help="Authority file that covers the measure 'preserve'.",
)
@click.option("--key", type=_FILE, help="The sender's public key, got by another way.")
@click.option("--unknown-sender", is_flag=True, help="There is no such key; the log will say so.")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=_FILE,
    help="Earlier checkpoint of the sender's log kept here: finds a cut or forked log.",
)
@click.option("--tsa", "roots", multiple=True, type=_FILE, help="Root of a time authority (PEM).")
@click.option("--witness", "witnesses", multiple=True, type=_FILE, help="Key line of a witness.")
@click.option(
    "--accept-times", is_flag=True, help="Take over though times in the log contradict each other."
)
@click.option("--material", default="", metavar="KIND", help="Else the first the authority names.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(
    *,
    package: Path,
    out: Path,
    authority: Path,
    key: Path | None,
    unknown_sender: bool,
    checkpoints: tuple[Path, ...],
    roots: tuple[Path, ...],
    witnesses: tuple[Path, ...],
    accept_times: bool,
    material: str,
    as_json: bool,
) -> None:
    r"""Check PACKAGE as a whole, then seal its originals into a case. Exit 1 when it does not hold.

    The sender's log and papers are sealed too, and the log of the case names the sender's
    checkpoint, so that a second, different log shown to somebody else later stands out.

    \b
    Example:
      palermo receive package --authority take-over.yaml --key sender.pub --out case
    """
    from palermo.evidence import read_public_key
    from palermo.evidence.package.verify import Trust
    from palermo.investigation import Receipt, receive

    trust = Trust(
        public_key=read_public_key(key.read_bytes()) if key else None,
        checkpoints=tuple(one.read_text("utf-8", "replace") for one in checkpoints),
        roots=tuple(one.read_bytes() for one in roots),
        witnesses=tuple(one.read_text("utf-8", "replace") for one in witnesses),
    )
    receipt = Receipt(
        package=package,
        out=out,
        authority=authority,
        node=node(),
        trust=trust,
        material=material,
        unknown_sender=unknown_sender,
        accept_times=accept_times,
    )
    received = receive(receipt, at=now())
    ids = {old: exhibit.id for old, exhibit in received.exhibits.items()}
    if as_json:
        click.echo(json.dumps({"out": str(out), "event": received.event, "exhibits": ids}))
        return
    click.echo(f"Taken over: {len(ids)} exhibits (event {received.event})")
    click.echo(f"Also sealed: the sender's log and papers ({len(received.others)} files)")
    for one in received.checks:
        if one.outcome == "not-checkable":
            click.echo(f"Not checkable: {one.name}: {one.detail}")
    click.echo(f"Check it: palermo verify {out}")
