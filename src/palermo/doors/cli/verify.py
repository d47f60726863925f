"""`palermo verify`: checks a case folder offline. Exit 1 when any check fails."""

import json
from pathlib import Path

import click


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
@click.option("--json", "as_json", is_flag=True, help="Print the checks for machines.")
def command(path: Path, key: Path | None, checkpoints: tuple[Path, ...], *, as_json: bool) -> int:
    r"""Check a case folder: seals, custody log, and every file the log speaks of.

    Needs no network. Each check is named and says pass, fail or not-checkable. Without --key the
    folder is checked against the key it carries, which shows damage but not a forger's own key.

    \b
    Example:
      palermo verify case --key node.pub --checkpoint kept/checkpoint.txt
    """
    from palermo.evidence import read_public_key, verify_case
    from palermo.model import Unreadable

    if not path.is_dir():
        raise Unreadable(f"{path}: expected a case folder.")
    checks = verify_case(
        path,
        public_key=read_public_key(key.read_bytes()) if key else None,
        checkpoints=tuple(
            kept.read_text(encoding="utf-8", errors="replace") for kept in checkpoints
        ),
    )
    failed = [check for check in checks if check.outcome == "fail"]
    if as_json:
        rows = [{"name": c.name, "outcome": c.outcome, "detail": c.detail} for c in checks]
        click.echo(json.dumps({"path": str(path), "holds": not failed, "checks": rows}, indent=1))
    else:
        for check in checks:
            click.echo(f"{check.outcome.upper():<14}{check.name}: {check.detail}")
        verdict = f"FAILED: {len(failed)} of {len(checks)} checks" if failed else "holds"
        click.echo(f"{path}: {verdict}")
    return 1 if failed else 0
