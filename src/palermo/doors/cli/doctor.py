"""`palermo doctor`: what is wrong with a node, in plain words, with what to do."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from palermo.doors.cli.console import node_directory, now

if TYPE_CHECKING:
    from palermo.doors.web.operations.examining import Finding


@click.command()
@click.option(
    "--node",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the node; else PALERMO_HOME.",
)
@click.option("--deep", is_flag=True, help="Also verify every case folder, which takes long.")
@click.option("--strict", is_flag=True, help="Warnings count as failures.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings for machines.")
def command(folder: Path | None, *, deep: bool, strict: bool, as_json: bool) -> int:
    r"""Look at settings, keys, clock, disk, database, people, log, audit, runs and backups.

    Changes nothing. Each check says what is wrong, why it matters and how to mend it. Exit 1 when
    one failed that must not (with --strict, also one that should not).

    \b
    Example:
      palermo doctor --node /srv/palermo
    """
    from palermo.doors.web.operations.examining import CHECKS, Severity, examine, look_at
    from palermo.model import Unreadable

    place = (folder or node_directory()).absolute()
    if not place.is_dir():
        raise Unreadable(f"{place}: there is no node; palermo serve makes one")
    findings = list(examine(CHECKS, look_at(place, at=now(), deep=deep)))
    if as_json:
        checks = [_row(one) for one in findings]
        click.echo(json.dumps({"node": str(place), "checks": checks}, indent=1))
    else:
        for one in findings:
            _tell(one)
        click.echo(_summary(findings))
    counted = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return 1 if any(_failed(one) and one.check.severity in counted for one in findings) else 0


def _failed(finding: "Finding") -> bool:
    return finding.outcome == "failed"


def _tell(finding: "Finding") -> None:
    check = finding.check
    mark = {
        "fine": "ok",
        "unknown": "-",
        "failed": check.severity.upper(),
    }[finding.outcome]
    click.echo(f"{mark:<9}{check.what} ({check.id})")
    for sentence in finding.details:
        click.echo(f"{'':<11}{sentence}")
    if _failed(finding):
        click.echo(f"{'':<9}Why it matters: {check.why}\n{'':<9}What to do: {check.mend}")


def _summary(findings: "list[Finding]") -> str:
    failed = [one.check.severity.value for one in findings if _failed(one)]
    unknown = sum(one.outcome == "unknown" for one in findings)
    fine = len(findings) - len(failed) - unknown
    counts = ", ".join(
        f"{failed.count(word)} {word}{'' if failed.count(word) == 1 else 's'}"
        for word in ("error", "warning", "hint")
    )
    return f"{len(findings)} checks: {fine} fine, {counts}, {unknown} not told"


def _row(finding: "Finding") -> dict[str, Any]:
    check = finding.check
    return {
        "id": check.id,
        "what": check.what,
        "outcome": finding.outcome.value,
        "severity": check.severity.value,
        "details": list(finding.details),
        "why": check.why,
        "mend": check.mend,
    }
