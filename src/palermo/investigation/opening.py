"""Opening one exhibit's original bytes for a person.

Guarantees that it happens under an authority that covers looking at it now, and that the custody
log says so, and for whom, before the first byte is given.
"""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from palermo.evidence import CaseFolder, EventType
from palermo.investigation import custody
from palermo.investigation.custody import Node
from palermo.investigation.run import MEASURE
from palermo.law import check, law_book
from palermo.model import Authority, Unreadable


def open_exhibit(
    folder: Path, ident: str, *, authority: Authority, on_behalf: str, node: Node, at: datetime
) -> BinaryIO:
    """Return the original bytes of exhibit `ident` of the case in `folder`, seekable.

    `on_behalf` names the person by their handle.

    Raises:
        Refused: the authority does not cover it, or the exhibit was altered or erased.
        Unreadable: there is no such case.
    """
    if not (folder / "custody.sqlite3").is_file():
        raise Unreadable(f"{folder}: expected a case folder")
    material = next(iter(authority.scope.material), "posts")
    check(authority, law_book(), at=at, measure=MEASURE, material=material)
    case = CaseFolder(folder)
    vault = node.vault(case)
    exhibit = vault.get(ident)
    opened = vault.open(ident)
    try:
        with case.log(node.signer()) as log:
            log.append(
                custody.event(
                    EventType.ACCESS,
                    authority,
                    at=at,
                    node=node,
                    exhibits=[exhibit],
                    on_behalf=on_behalf,
                )
            )
    except BaseException:
        opened.close()
        raise
    return opened
