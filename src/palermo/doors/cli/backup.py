"""`palermo backup`: a copy of the whole node, made while it runs."""

import json
import os
from pathlib import Path

import click

from palermo.doors.cli.console import Steps, passphrase

#: A shorter one is guessed, however dear each guess.
_SHORTEST = 12


@click.command()
@click.option(
    "--node",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the node; else PALERMO_HOME.",
)
@click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="New file.")
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File whose first line encrypts the backup; else PALERMO_BACKUP_PASSPHRASE_FILE.",
)
@click.option("--plain", is_flag=True, help="Do not encrypt: whoever has the file has the node.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(
    folder: Path | None, out: Path, passphrase_file: Path | None, *, plain: bool, as_json: bool
) -> None:
    r"""Copy database, custody logs, cases, keys and settings of the node into one file.

    The node may run meanwhile. The backup is encrypted (AES-256-GCM, the key by scrypt from the
    passphrase), signed by the node, and entered in its audit. Keep the passphrase elsewhere than
    the file, and the printed manifest hash elsewhere than both. With PostgreSQL, pg_dump of the
    server's version or newer is needed.

    \b
    Example:
      palermo backup --node /srv/palermo --out /backup/$(date +%F).palermo \
          --passphrase-file /etc/palermo/backup-passphrase
    """
    if folder is not None:
        os.environ["PALERMO_HOME"] = str(folder.resolve())
    secret = backup_passphrase(passphrase_file, plain=plain)
    from palermo.doors.web.operations.backing_up import back_up

    made = back_up(out, secret, Steps(quiet=as_json))
    if as_json:
        names = made.__dataclass_fields__
        click.echo(json.dumps({name: getattr(made, name) for name in names} | {"out": str(out)}))
        return
    click.echo(
        f"Backup: {out}\n"
        f"  {made.files:,} files, {made.bytes:,} bytes\n"
        f"  {made.rows:,} rows, {made.events:,} events\n"
        f"  manifest {made.manifest}"
    )
    for path, why in made.left_out:
        click.echo(f"Left out: {path} ({why})", err=True)
    for key in made.in_work:
        click.echo(f"In work while it was copied, taken up again if restored: case {key}", err=True)
    for where in made.elsewhere:
        click.echo(f"NOT in this backup, its ciphertexts lie elsewhere: {where}", err=True)


def backup_passphrase(file: Path | None, *, plain: bool) -> bytes | None:
    """Return the passphrase of a backup; None for a plain one.

    Raises:
        UsageError: neither or both were asked for, or it is too short.
        Refused: others may read the file.
    """
    from palermo.model import Refused

    named = os.environ.get("PALERMO_BACKUP_PASSPHRASE_FILE")
    path = file or (Path(named) if named and not plain else None)
    if plain and file is not None:
        raise click.UsageError("--plain and --passphrase-file exclude each other")
    if plain:
        return None
    if path is None:
        raise click.UsageError("name a file with --passphrase-file, or say --plain")
    if path.exists() and path.stat().st_mode & 0o077:
        raise Refused(f"{path}: others may read it; chmod 600 it")
    os.environ["PALERMO_BACKUP_PASSPHRASE_FILE"] = str(path)
    secret = passphrase("PALERMO_BACKUP_PASSPHRASE_FILE") or b""
    if len(secret) < _SHORTEST:
        raise click.UsageError(
            f"{path}: expected a passphrase of {_SHORTEST} characters or more on its first line"
        )
    return secret
