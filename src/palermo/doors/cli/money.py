"""`palermo money`: what follows the money."""

import importlib

import click

#: Command -> module that defines `command`. Imported only when asked for.
COMMANDS = {"alerts": "palermo.doors.cli.money_alerts"}


class _Money(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's interface
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return found


@click.group(cls=_Money)
def command() -> None:
    r"""Follow the money: look for indicators of trafficking in payments.

    \b
    Example:
      palermo money alerts tx.parquet --accounts accounts.parquet -o alerts
    """
