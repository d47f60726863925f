"""Verifying a case in the background, as `palermo verify --decrypt` does; its checks are kept."""

from dataclasses import asdict

from django.conf import settings

from palermo.desks.cases.background import Beat, case_folder
from palermo.desks.cases.models import Exhibit, Run
from palermo.evidence import CaseFolder, Outcome, verify_case
from palermo.investigation import Node, settle
from palermo.model import Unreadable


def do(run: Run, beat: Beat) -> None:
    """Verify the case folder, opening every exhibit."""
    folder = CaseFolder(case_folder(run.case))
    node: Node = settings.PALERMO_NODE
    if not (folder.path / "custody.sqlite3").is_file():
        raise Unreadable("there is no evidence in this case yet; bring material in first")
    with folder.log(node.signer()) as log:
        settle(folder.path, log)
    vault = node.vault(folder)
    total = Exhibit.rows.of(run.case).count()
    opened = 0
    beat("exhibits checked", 0, total)

    def check(ident: str) -> int:
        nonlocal opened
        size = vault.check(ident)
        opened += 1
        beat("exhibits checked", opened, max(total, opened))
        return size

    checks = verify_case(folder.path, opener=check)
    run.result = {
        "holds": all(one.outcome is not Outcome.FAIL for one in checks),
        "checks": [asdict(one) for one in checks],
    }
    run.state, run.ended_at = Run.State.DONE, settings.PALERMO_CLOCK()
    run.save(update_fields=["result", "state", "ended_at"])
