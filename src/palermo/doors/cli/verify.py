"""`palermo verify`: checks a case folder or a package offline. Exit 1 when any check fails."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from palermo.evidence.contents import Opener


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Public key of the node, got from elsewhere than the folder itself.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Earlier checkpoint.txt kept elsewhere (may be repeated): finds a log cut or rewritten.",
)
@click.option(
    "--tsa",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Root certificate (PEM) of a time authority that you trust (may be repeated).",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Public key line of a witness that you trust (may be repeated).",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file that a receipt is for.",
)
@click.option(
    "--decrypt", is_flag=True, help="Also open every exhibit, with the keys of this node."
)
@click.option("--json", "as_json", is_flag=True, help="Print the checks for machines.")
def command(
    path: Path,
    key: Path | None,
    checkpoints: tuple[Path, ...],
    roots: tuple[Path, ...],
    witnesses: tuple[Path, ...],
    *,
    file: Path | None,
    decrypt: bool,
    as_json: bool,
) -> int:
    r"""Check a case folder or an exhibit package: seals, custody log, and every file in it.

    Needs no network. Each check is named and says pass, fail or not-checkable. Without --key the
    folder is checked against the key it carries, which shows damage but not a forger's own key.

    \b
    Example:
      palermo verify case --key node.pub --checkpoint kept/checkpoint.txt
    """
    from palermo.evidence import judgement, read_public_key
    from palermo.evidence.verify import verify

    checks = verify(
        path,
        public_key=read_public_key(key.read_bytes()) if key else None,
        checkpoints=[kept.read_text(encoding="utf-8", errors="replace") for kept in checkpoints],
        roots=[root.read_bytes() for root in roots],
        witnesses=[line.read_text(encoding="utf-8", errors="replace") for line in witnesses],
        opener=_opener(path) if decrypt else None,
        file=file,
    )
    write = judgement.as_json if as_json else judgement.as_text
    click.echo(write(str(path), checks))
    return 1 if judgement.failed(checks) else 0


def _opener(path: Path) -> "Opener":
    """Decrypt with this node's key, when it has sealed the case."""
    from palermo.doors.cli.console import node
    from palermo.evidence import CaseFolder

    return node().vault(CaseFolder(path)).check
