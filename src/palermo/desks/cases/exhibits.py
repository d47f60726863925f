"""The exhibits of a case as rows, and their originals for reading.

Guarantees that the rows are taken from the vault, the custody log and the findings; and that an
original is opened only under an authority that covers looking at it at that moment, and only after
the log of the case says who opens it.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from palermo.desks.access import mandates
from palermo.desks.access.models import Case, Mandate, Person
from palermo.desks.cases import bulk
from palermo.desks.cases.background import case_folder
from palermo.desks.cases.models import Exhibit
from palermo.evidence import CaseFolder, Entry, EventType
from palermo.investigation import Node, open_exhibit

TAKEN_IN = frozenset({EventType.RECEIVE, EventType.SEIZE, EventType.CAPTURE, EventType.TRANSFER_IN})
_COLUMNS = (
    "case_id", "ident", "sha256", "sealed_sha256", "size", "name", "media_type", "sealed_at",
    "parent", "event", "rows_read", "rows_kept", "rows_set_aside",
)  # fmt: skip


def taken_in(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the exhibits that came in, each with the number of the first event that says so."""
    found: dict[str, int] = {}
    for entry in entries:
        if entry.event.type in TAKEN_IN:
            for one in entry.event.exhibits:
                found.setdefault(one.id, entry.seq)
    return found


def take_stock(case: Case, folder: Path) -> None:
    """Make the rows of the exhibits anew, within the caller's transaction.

    Without a custody log nothing was taken in, and there are none.
    """
    bulk.clear(Exhibit, case.pk)
    if not (folder / "custody.sqlite3").is_file():
        return
    node: Node = settings.PALERMO_NODE
    opened = CaseFolder(folder)
    with opened.log(node.signer()) as log:
        events = taken_in(log.entries())
    read = _read(folder)

    def rows() -> Iterator[tuple[Any, ...]]:
        for one in node.vault(opened).exhibits():
            yield (
                case.pk, one.id, one.sha256, one.sealed_sha256, one.size, one.name, one.media_type,
                one.sealed_at, one.parent or "", events.get(one.id),
                *read.get(one.sha256, (None, None, None)),
            )  # fmt: skip

    bulk.write(Exhibit, _COLUMNS, rows())


def open_original(exhibit: Exhibit, mandate: Mandate, *, by: Person, at: datetime) -> BinaryIO:
    """Open the original bytes of `exhibit` for `by`.

    Raises:
        Refused: the authority does not cover it, or the exhibit was altered or erased.
        Unreadable: the vault or the log cannot be used.
    """
    return open_exhibit(
        case_folder(exhibit.case),
        exhibit.ident,
        authority=mandates.read(bytes(mandate.document)),
        on_behalf=str(by.handle),
        node=settings.PALERMO_NODE,
        at=at,
    )


def _read(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return, by hash, how many rows of each exhibit the last run read, kept and set aside."""
    with suppress(FileNotFoundError):
        findings = json.loads((folder / "findings.json").read_text("utf-8"))
        return {
            one["sha256"]: (one["rows_read"], one["rows_kept"], one["rows_set_aside"])
            for one in findings["inputs"]
        }
    return {}
