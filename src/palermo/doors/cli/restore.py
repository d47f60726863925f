"""`palermo restore`: a node from its backup, with proof."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palermo.doors.cli.backup import backup_passphrase

if TYPE_CHECKING:
    from palermo.doors.web.operations.proving import Proof


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--node",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="New folder of the node; it must not exist, or be empty.",
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the backup's passphrase; else PALERMO_BACKUP_PASSPHRASE_FILE.",
)
@click.option("--plain", is_flag=True, help="The backup was made with --plain.")
@click.option(
    "--database",
    metavar="URL",
    default="",
    help="Empty PostgreSQL database: postgresql://role@host/name",
)
@click.option(
    "--settings",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Another node.yaml in place of the one in the backup.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Public key of the node, got from elsewhere.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Earlier checkpoint of the node's log, kept elsewhere (may be repeated).",
)
@click.option("--manifest", metavar="SHA256", default="", help="Manifest hash of the backup meant.")
@click.option("--even-damaged", is_flag=True, help="Restore although a log or case does not hold.")
@click.option("--json", "as_json", is_flag=True, help="Print the proof for machines.")
def command(
    *,
    file: Path,
    folder: Path,
    passphrase_file: Path | None,
    database: str,
    settings: Path | None,
    keys: tuple[Path, ...],
    checkpoints: tuple[Path, ...],
    manifest: str,
    plain: bool,
    even_damaged: bool,
    as_json: bool,
) -> None:
    r"""Restore the backup FILE as a node in a new folder, and print what proves it.

    Everything is read, compared with the signed manifest and verified before anything appears under
    the name of the node. Exit 1 when the backup was changed, cut or swapped, or is damaged. Do not
    let the old node and the restored one both go on: their logs would contradict each other.

    \b
    Example:
      palermo restore /backup/2026-11-25.palermo --node /srv/palermo-restored \
          --passphrase-file /etc/palermo/backup-passphrase --key node.pem
    """
    from palermo.doors.web.operations.restoring import Wanted, restore
    from palermo.evidence import read_public_key

    proofs: list[Proof] = []

    def tell(proof: "Proof") -> None:
        proofs.append(proof)
        if not as_json:
            click.echo(f"{proof.what:<16}{proof.found}")
            for sentence in proof.damage:
                click.echo(f"{'':<16}DAMAGED: {sentence}")

    os.umask(0o077)
    read = restore(
        Wanted(
            file=file,
            node=folder.absolute(),
            passphrase=backup_passphrase(passphrase_file, plain=plain),
            database=database,
            settings=settings,
            keys=[read_public_key(key.read_bytes()) for key in keys],
            checkpoints=[one.read_text("utf-8", "replace") for one in checkpoints],
            manifest=manifest.strip().lower(),
            even_damaged=even_damaged,
        ),
        tell,
    )
    if as_json:
        rows = [{"what": p.what, "found": p.found, "damage": p.damage} for p in proofs]
        click.echo(json.dumps({"node": str(folder), "manifest": read.sha256, "proof": rows}))
    else:
        click.echo(f"Restored: {folder}")
