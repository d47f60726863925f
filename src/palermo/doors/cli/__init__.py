"""The `palermo` command.

Every command exits 0 when done, 1 when the thing checked failed (a tampered case, a refused
power) and 2 on wrong use or unreadable input, with one clear line on the error stream. A stack
trace is shown only when `PALERMO_DEBUG=1` is set.
"""

import importlib
import os
import sys
from collections.abc import Sequence

import click

from palermo import __version__
from palermo.model import Refused, Unreadable

#: Command name -> module that defines `command`. Imported only when asked for, so `--help` is fast.
COMMANDS = {
    "backup": "palermo.doors.cli.backup",
    "assets": "palermo.doors.cli.assets",
    "campaigns": "palermo.doors.cli.campaigns",
    "capture": "palermo.doors.cli.capture",
    "checkpoint": "palermo.doors.cli.checkpoint",
    "doctor": "palermo.doors.cli.doctor",
    "erase": "palermo.doors.cli.erase",
    "ftm": "palermo.doors.cli.ftm",
    "goaml": "palermo.doors.cli.goaml",
    "hold": "palermo.doors.cli.hold",
    "identifiers": "palermo.doors.cli.identifiers",
    "investigate": "palermo.doors.cli.investigate",
    "keys": "palermo.doors.cli.keys",
    "law": "palermo.doors.cli.law",
    "measure": "palermo.doors.cli.measure",
    "money": "palermo.doors.cli.money",
    "package": "palermo.doors.cli.package",
    "photos": "palermo.doors.cli.photos",
    "receive": "palermo.doors.cli.receive",
    "receipt": "palermo.doors.cli.receipt",
    "replay": "palermo.doors.cli.replay",
    "restore": "palermo.doors.cli.restore",
    "scenario": "palermo.doors.cli.scenario",
    "serve": "palermo.doors.cli.serve",
    "trace": "palermo.doors.cli.trace",
    "verify": "palermo.doors.cli.verify",
    "witness": "palermo.doors.cli.witness",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's interface
        """Names of all commands, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="palermo")
def palermo() -> None:
    r"""From an online signal of trafficking to sealed evidence and a human decision.

    \b
    Example:
      palermo scenario sirocco --out practice
      palermo investigate practice/items.parquet --authority practice/authority.yaml --out case
      palermo verify case
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises."""
    try:
        result = palermo.main(args=arguments, prog_name="palermo", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as trouble:
        if os.environ.get("PALERMO_DEBUG") and not isinstance(trouble, click.ClickException):
            raise
        if isinstance(trouble, click.exceptions.NoArgsIsHelpError):
            click.echo(trouble.format_message(), err=True)
        else:
            click.echo(f"palermo: {' '.join(_plainly(trouble).split())}", err=True)
        return 1 if isinstance(trouble, Refused) else 2
    return result if isinstance(result, int) else 0


def _plainly(trouble: BaseException) -> str:
    """Say in one sentence what went wrong, for a person who cannot read a stack trace."""
    match trouble:
        case Refused() | Unreadable():
            return str(trouble)
        case click.ClickException():
            return trouble.format_message()
        case click.Abort() | KeyboardInterrupt():
            return "stopped before it was done; nothing half-made was left under a final name."
        case OSError():
            where = f" ({trouble.filename})" if trouble.filename else ""
            return f"the system refused a file operation: {trouble.strerror}{where}"
        case _:
            return (
                f"internal error, please report it: {type(trouble).__name__}: {trouble} "
                "(set PALERMO_DEBUG=1 to see where)"
            )


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run())
