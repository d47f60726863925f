"""Repeating a run from the case alone: the answer to whoever doubts the tool.

Guarantees that what is compared was derived anew from the sealed exhibits by the program at hand,
under an authority that covers looking at them, and that the look itself is logged.
"""

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from palermo.engine import Progress, silent
from palermo.evidence import CaseFolder, EventType, Openings, this_tool
from palermo.evidence.entry import Entry
from palermo.investigation import custody
from palermo.investigation.custody import Node
from palermo.investigation.derive import derive
from palermo.investigation.recipe import RECIPE_FILE, Recipe
from palermo.investigation.run import MEASURE
from palermo.investigation.sealed import sealed_before
from palermo.law import check, law_book, read_authority
from palermo.model import Unreadable

#: The case's copy of the authority is an input of the run, not one of its outputs.
_GIVEN = {"authority.yaml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """What came of it: outputs that are the same, that differ, and which program made them first.

    `same_tool` is False when another version of the program made the outputs: then a difference
    may come from the program.
    """

    same: tuple[str, ...]
    different: tuple[str, ...]
    first_tool: str
    this_tool: str

    @property
    def same_tool(self) -> bool:
        """Whether the very same code made both."""
        return self.first_tool == self.this_tool


def replay(
    folder: Path,
    *,
    authority: Path,
    at: datetime,
    node: Node,
    workers: int | None = None,
    progress: Progress = silent,
) -> Repeated:
    """Derive the outputs of the last run of the case in `folder` again, and compare them.

    Raises:
        Refused: the authority does not cover it, or an exhibit was altered.
        Unreadable: there is no such case, no recipe, or the node has no key to its vault.
    """
    if not (folder / "custody.sqlite3").is_file():
        raise Unreadable(f"{folder}: expected a case folder")
    granted = read_authority(authority)
    case = CaseFolder(folder)
    with case.log(node.signer()) as log:
        run = _last_run(folder, log.entries())
        recipe = Recipe.read((folder / RECIPE_FILE).read_bytes())
        check(granted, law_book(), at=at, measure=MEASURE, material=recipe.material)
        first = read_authority(folder / "authority.yaml")
        grant = check(
            first,
            law_book(),
            at=run.event.occurred_at,
            measure=MEASURE,
            material=recipe.material,
        )
        vault = node.vault(case)
        sealed = sealed_before(folder, vault, recipe)
        derived = derive(
            sealed, vault, recipe=recipe, grant=grant, workers=workers, progress=progress
        )
        with tempfile.TemporaryDirectory() as scratch:
            derived.write(Path(scratch))
            same, different = _compared(folder, Path(scratch), run)
        log.append(
            custody.event(
                EventType.ACCESS,
                granted,
                at=at,
                node=node,
                exhibits=sealed.everything,
                match=not different,
                refers_to=run.event_id,
            )
        )
    return Repeated(
        same=tuple(same),
        different=tuple(different),
        first_tool=run.event.tool.sha256 or "",
        this_tool=this_tool().sha256 or "",
    )


def _last_run(folder: Path, entries: Iterable[Entry]) -> Entry:
    runs = [
        entry
        for entry in entries
        if entry.event.type is EventType.ANALYSE
        and any(output.path == RECIPE_FILE for output in entry.event.outputs)
    ]
    if not runs:
        raise Unreadable(f"{folder}: no run with a recipe ({RECIPE_FILE}) is in the log")
    return runs[-1]


def _compared(folder: Path, again: Path, run: Entry) -> tuple[list[str], list[str]]:
    """Compare by what the log committed to, so that an altered output is no yardstick."""
    openings = Openings.read(folder).outputs
    same: list[str] = []
    different: list[str] = []
    for output in run.event.outputs:
        path = again / output.path
        if output.path in _GIVEN or not path.is_relative_to(again):
            continue
        opening = openings.get(output.path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        alike = opening is not None and opening.sha256 == digest
        (same if alike else different).append(output.path)
    return same, different
