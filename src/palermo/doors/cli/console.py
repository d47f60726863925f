"""What the commands share: the clock, progress on the error stream, options used by several.

Results go to standard output, everything else to the error stream, so output can be piped.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from palermo.model import Unreadable

if TYPE_CHECKING:
    from palermo.evidence import Signer
    from palermo.investigation import Node, Texts

F = TypeVar("F", bound=Callable[..., Any])


def now() -> datetime:
    """Return the current time, the only place where a command reads the clock.

    `PALERMO_NOW` (ISO 8601 with offset) sets it, for repeating a run as of another day.

    Raises:
        Unreadable: `PALERMO_NOW` is set and is not such a time.
    """
    given = os.environ.get("PALERMO_NOW")
    if not given:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unreadable(
            f"PALERMO_NOW is '{given}'; expected a time with offset such as 2026-03-01T09:00:00Z."
        )
    return moment.astimezone(UTC)


def node_directory() -> Path:
    """Where this node keeps its key: `PALERMO_HOME`, else `~/.local/share/palermo`."""
    given = os.environ.get("PALERMO_HOME")
    return Path(given) if given else Path.home() / ".local" / "share" / "palermo"


def node() -> "Node":
    """Return this installation, with its passphrase and what is known of its clock.

    With `PALERMO_PKCS11_MODULE` set, the node signs with a key in hardware.

    The passphrase is the first line of the file that `PALERMO_PASSPHRASE_FILE` names; it is never
    taken from the command line or the environment itself, where others may see it.

    Raises:
        Unreadable: the file cannot be read.
    """
    from palermo.evidence import Clock
    from palermo.investigation import Node

    if os.environ.get("PALERMO_NOW"):
        clock = Clock(source="PALERMO_NOW", synced=False)
    else:
        synced = Path("/run/systemd/timesync/synchronized").exists()
        clock = Clock(source="system", synced=True if synced else None)
    return Node(
        folder=node_directory(),
        passphrase=passphrase(),
        clock=clock,
        token=_token(),
    )


@cache
def _token() -> "Signer | None":
    """Open the node's token once: a process may not open it twice."""
    from palermo.evidence import token_signer

    return token_signer(os.environ)


def passphrase(variable: str = "PALERMO_PASSPHRASE_FILE") -> bytes | None:
    """Return the first line of the file that the environment's `variable` names, if it is set."""
    name = os.environ.get(variable)
    if not name:
        return None
    try:
        return Path(name).read_bytes().split(b"\n")[0].rstrip(b"\r")
    except OSError as error:
        raise Unreadable(f"{variable}: {name} cannot be read ({error.strerror})") from None


class Steps:
    """Progress of a run: a bar that redraws on a terminal, a line per finished step elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._name = ""
        self._started = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        """Report that `done` of `total` items of `step` are finished (`total` 0 = unknown)."""
        if self._quiet:
            return
        if step != self._name:
            self._name, self._started = step, time.monotonic()
        finished = bool(total) and done >= total
        seconds = time.monotonic() - self._started
        if self._terminal:
            width = 24
            filled = width * done // total if total else 0
            bar = "█" * filled + "░" * (width - filled)
            count = f"{done:,}/{total:,}" if total else f"{done:,}"
            click.echo(f"\r  {bar} {step:<28} {count:>20} {seconds:6.1f} s", err=True, nl=finished)
        elif finished:
            click.echo(f"  {step}: {done:,} in {seconds:.1f} s", err=True)


def column_options(command: F) -> F:
    """Add `--id-column`, `--text-column` and their like."""
    for name, what in reversed(
        [
            ("id", "the item's id"),
            ("text", "its text"),
            ("lang", "its language"),
            ("posted-at", "when it was posted"),
            ("platform", "the service it was found on"),
            ("account", "the account that posted it"),
            ("url", "its address"),
            ("place", "the place it names"),
        ]
    ):
        command = click.option(
            f"--{name}-column", metavar="NAME", help=f"Column with {what} (guessed if not given)."
        )(command)
    return command


def engine_option(command: F) -> F:
    """Add `--engine`."""
    return click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark"]),
        default="duckdb",
        show_default=True,
        help="What runs the heavy part; the result is the same (docs/how-to/cluster.md).",
    )(command)


def load_texts(
    inputs: tuple[Path, ...], columns: dict[str, str | None], rejected: Path | None, steps: Steps
) -> "Texts":
    """Read the texts of a laboratory command; write rows with trouble to `rejected` if asked."""
    from palermo.formats import Columns, write_table
    from palermo.investigation import read_texts

    named = Columns(**{name.removesuffix("_column"): value for name, value in columns.items()})
    texts = read_texts(inputs, columns=named, progress=steps)
    if rejected is not None:
        write_table(texts.rejected, rejected)
    return texts


def report(counts: dict[str, int], set_aside: int, out: Path, *, as_json: bool) -> None:
    """Say what was found, what was set aside, and where it was written."""
    everything = {**counts, "set_aside": set_aside, "out": str(out)}
    if as_json:
        click.echo(json.dumps(everything))
        return
    if set_aside:
        counts = {**counts, "rows set aside (see them with --rejected FILE)": set_aside}
    report_counts(counts, str(out), as_json=False)


def report_counts(counts: dict[str, int], out: str, *, as_json: bool) -> None:
    """Say what was found and where it was written."""
    if as_json:
        click.echo(json.dumps({**counts, "out": out}))
        return
    for name, number in counts.items():
        click.echo(f"{number:>12,}  {name.replace('_', ' ')}")
    click.echo(f"Written: {out}")
