"""`palermo witness`: keeps a witness for the custody logs of other nodes."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palermo.doors.cli.console import now

if TYPE_CHECKING:
    from palermo.evidence import Signer, Witness

_KEYS = "keys"


@click.group()
def command() -> None:
    r"""Cosign checkpoints of other nodes' custody logs, and never two histories of one log.

    A witness belongs on a machine that the logs' owners do not run.

    \b
    Example:
      palermo witness init w --name witness.example/1 --log custody.pub
      palermo witness serve w
      palermo witness cosign w /media/usb/requests
    """


def _trust(witness: "Witness", logs: tuple[Path, ...], *, every: bool) -> None:
    from palermo.evidence import VerifierKey

    for log in logs:
        key = VerifierKey.parse(log.read_text("utf-8", "replace"))
        witness.trust(key, every=every)
        shared = f"{key.name.rpartition('/')[0]}/…" if every else key.name
        click.echo(f"Trusts: {shared}")


def _open(directory: Path) -> "Witness":
    from palermo.evidence import Witness, witness_key

    key = witness_key(directory)  # before the keystore, which would make a key where none is
    return Witness(directory, signer=_signer(directory, key.name))


def _signer(directory: Path, name: str) -> "Signer":
    """Take the hardware key that the environment names, else the key file of the witness."""
    from palermo.evidence import Keystore, token_signer

    return token_signer(os.environ) or Keystore.open(directory / _KEYS, actor=name)


_directory = click.argument("directory", type=click.Path(path_type=Path))
_logs = click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Public key of a log to cosign for (its custody.pub); may be repeated.",
)
_every = click.option(
    "--every",
    is_flag=True,
    help="Cosign for all logs of that key, named alike up to the last `/`: a case has its own log.",
)


@command.command()
@_directory
@click.option("--name", required=True, help="Name of the witness, unique as an address is.")
@_logs
@_every
def init(directory: Path, name: str, logs: tuple[Path, ...], *, every: bool) -> None:
    """Make a witness in DIRECTORY, with a key file of its own or a hardware key.

    PALERMO_PKCS11_MODULE, _TOKEN, _KEY and _PIN_FILE name a hardware key.
    """
    from palermo.evidence import Witness
    from palermo.evidence.witness import check_new

    check_new(directory, name=name)
    witness = Witness.make(directory, name=name, signer=_signer(directory, name))
    _trust(witness, logs, every=every)
    click.echo(f"Give this key to those who check: {directory / 'witness.pub'}")
    click.echo(str(witness.key))


@command.command()
@_directory
@_logs
@_every
def trust(directory: Path, logs: tuple[Path, ...], *, every: bool) -> None:
    """Let the witness in DIRECTORY cosign for further logs."""
    _trust(_open(directory), logs, every=every)


@command.command()
@_directory
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8362, show_default=True, type=click.IntRange(0, 65535))
def serve(directory: Path, host: str, port: int) -> None:
    """Answer over HTTP until interrupted.

    There is no encryption and no limit on rates: beyond this machine, put a web server in front.
    """
    from palermo.evidence import WitnessServer

    witness = _open(directory)

    def report(line: str) -> None:
        click.echo(f"{now():%Y-%m-%dT%H:%M:%SZ} {line}", err=True)

    with WitnessServer(witness, (host, port), clock=now, report=report) as server:
        click.echo(f"{witness.key.name} listens at {server.url}")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)


@command.command()
@_directory
@click.argument("folder", type=click.Path(path_type=Path))
def cosign(directory: Path, folder: Path) -> int:
    """Answer the requests that nodes left in FOLDER. Exit 1 when one was declined."""
    from palermo.evidence import answer_folder

    answers = answer_folder(_open(directory), folder, clock=now)
    for answer in answers:
        said = "cosigned" if answer.status == 200 else f"declined: {answer.detail}"
        click.echo(f"{answer.request.name}: {said}")
    if not answers:
        click.echo(f"{folder}: nothing new to answer")
    return 1 if any(answer.status not in {200, 409} for answer in answers) else 0
