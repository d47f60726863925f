"""`palermo keys`: the signing keys of this node and its people."""

import os
from datetime import datetime
from pathlib import Path

import click

from palermo.doors.cli.console import node, now, passphrase


@click.group()
def command() -> None:
    r"""Make, list and protect keys; rotate or revoke one in a case.

    Keys lie in `PALERMO_HOME/keys`, readable by their owner alone. With
    PALERMO_PASSPHRASE_FILE set they rest encrypted.

    \b
    Example:
      palermo keys new ada
      palermo keys list
      palermo keys revoke case ada --authority authority.yaml --since 2026-11-20T00:00:00Z
    """


@command.command()
@click.argument("person")
def new(person: str) -> None:
    """Make a signing key for PERSON and print its fingerprint."""
    from palermo.evidence import key_id

    click.echo(f"{person}  {key_id(node().signer(person).public_key)}")


@command.command(name="list")
def list_keys() -> None:
    """Print who has a key here, with its fingerprint."""
    from palermo.evidence import actors, key_id

    here = node()
    for person in actors(here.folder / "keys"):
        click.echo(f"{person}  {key_id(here.signer(person, create=False).public_key)}")


@command.command()
@click.argument("person", default="node")
def public(person: str) -> None:
    """Print the public key of PERSON (the node's own when left out) as PEM."""
    from palermo.evidence import public_pem

    click.echo(public_pem(node().signer(person, create=False).public_key), nl=False)


@command.command()
def protect() -> None:
    """Encrypt all keys with the passphrase in the file PALERMO_NEW_PASSPHRASE_FILE names."""
    from palermo.evidence import protect as encrypt
    from palermo.model import Unreadable

    words = passphrase("PALERMO_NEW_PASSPHRASE_FILE")
    if not words:
        raise Unreadable("keys: put the new passphrase into a file and name it in "
                         "PALERMO_NEW_PASSPHRASE_FILE")  # fmt: skip
    here = node()
    owners = encrypt(here.folder / "keys", old=here.passphrase, new=words)
    click.echo(f"Protected: {', '.join(owners)}. Set PALERMO_PASSPHRASE_FILE from now on.")


@command.command()
def token_create() -> None:
    """Make the node's signing key in the token that the PALERMO_PKCS11_ variables name."""
    from palermo.evidence import key_id, token_signer
    from palermo.model import Unreadable

    signer = token_signer(os.environ, create=True)
    if signer is None:
        raise Unreadable("keys: set PALERMO_PKCS11_MODULE, _TOKEN, _KEY and _PIN_FILE first")
    with signer:
        click.echo(f"node  {key_id(signer.public_key)}")


@command.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("person")
@click.option("--authority", type=click.Path(path_type=Path), required=True)
@click.option("--since", metavar="TIME", help="From when the key is not to be believed.")
def revoke(case: Path, person: str, authority: Path, since: str | None) -> None:
    """Log in CASE that the key of PERSON is not to be believed any more."""
    from palermo.investigation import revoke_key

    revoke_key(case, person, authority=authority, since=_time(since), at=now(), node=node())
    click.echo(f"Revoked in {case}: {person}")


@command.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--destroy-old", is_flag=True, help="Destroy the old key: all cases are named.")
def rewrap(cases: tuple[Path, ...], *, destroy_old: bool) -> None:
    """Wrap the keys of the vaults of CASES under a new key of this node.

    Once the old key is destroyed, no older backup of a vault's keys opens anything, and neither
    does what an erasure may have left on the disk. Name every case of the node before you use
    --destroy-old: a case that was left out is lost with the old key.
    """
    from palermo.investigation import rewrap_vaults

    rewrap_vaults(cases, node=node(), destroy_old=destroy_old)
    click.echo(f"{len(cases)} vaults are under the new key.")
    if not destroy_old:
        click.echo("The old key is kept as vault.old.key until you run this with --destroy-old.")


def _time(text: str | None) -> datetime | None:
    from palermo.model import Unreadable

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unreadable(f"--since: expected a time with offset, found {text!r}")
    return moment
