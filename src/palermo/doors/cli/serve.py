"""`palermo serve`: the desks."""

import os
from pathlib import Path

import click


@click.command()
@click.option(
    "--node",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the node; else PALERMO_HOME.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option(
    "--practice",
    type=click.Path(path_type=Path, file_okay=False),
    help="Fill a new node with this practice case (palermo scenario sirocco) before serving.",
)
def command(
    *, folder: Path | None, host: str, port: int, processes: int, practice: Path | None
) -> int:
    r"""Serve the desks of the node, with one worker for what runs in the background.

    Listens on loopback unless told otherwise; others reach it through a server that speaks HTTPS
    (docs/how-to/serve.md). The first start prints a one-time link, with which the administrator
    chooses a password: there is no default one.

    \b
    Example:
      palermo serve --node /srv/palermo --port 8000
    """
    if folder is not None:
        os.environ["PALERMO_HOME"] = str(folder.resolve())
    from palermo.doors.web.serving import serve

    return serve(host=host, port=port, processes=processes, tell=click.echo, practice=practice)
