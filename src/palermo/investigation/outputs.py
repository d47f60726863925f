"""The outputs of a run, from a folder beside the case into the case.

Guarantees that the case holds the outputs of one run, those that its log commits to. They are
written and hashed beside the case, then the log names them, and only then do they move in. A
process that is killed leaves them there: what the log names moves in at the next `settle`, what it
does not name is removed.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palermo.evidence import CaseFolder, CustodyLog, EventType, FileRef, Openings
from palermo.evidence.commitment import OUTPUT
from palermo.evidence.files import files_below, hash_within
from palermo.evidence.schema import OPENINGS_FILE
from palermo.model import Refused

_TABLES = "tables/"


def staging(case: Path) -> Path:
    """Return where the outputs of a run are until the log of `case` names them."""
    return case.with_name(f".{case.name}.run")


@contextmanager
def staged(case: Path) -> Iterator[Path]:
    """Yield an empty folder for outputs; unless `put` moved them in, they go when the block fails.

    Whoever calls this has called `settle` before.

    Raises:
        Refused: another run is writing its outputs.
    """
    stage = staging(case)
    try:
        stage.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise Refused(f"{case}: another run is at work in it; wait until it has ended") from None
    try:
        yield stage
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise


def record(case: Path, stage: Path) -> tuple[FileRef, ...]:
    """Hash what the case will hold beside vault and log, and return how an event names it.

    The openings of the commitments are staged with the rest.

    Raises:
        Refused: when a file is no plain file.
    """
    openings = Openings.read(case)
    fresh = set(files_below(stage))
    kept = {
        path
        for path in CaseFolder(case).beside()
        if path not in fresh and not path.startswith(_TABLES)
    }
    # Tables are replaced as a whole.
    for path in [path for path in openings.outputs if path.startswith(_TABLES)]:
        del openings.outputs[path]
    refs = [
        openings.add_file(stage if path in fresh else case, path) for path in sorted(fresh | kept)
    ]
    openings.write(stage)
    return tuple(refs)


def put(case: Path) -> None:
    """Move what is staged into the case. Doing it again after a crash finishes it."""
    stage = staging(case)
    fresh = stage / _TABLES
    if fresh.is_dir():
        shutil.rmtree(case / _TABLES, ignore_errors=True)
        fresh.rename(case / _TABLES)
    # The openings last: as long as they are staged, `settle` can tell what the log names.
    for path in sorted(stage.iterdir(), key=lambda one: one.name == OPENINGS_FILE):
        path.rename(case / path.name)
    stage.rmdir()


def settle(case: Path, log: CustodyLog) -> None:
    """Finish or remove what an interrupted run left beside the case."""
    stage = staging(case)
    if not stage.is_dir():
        return
    if _named(case, stage, log):
        put(case)
    else:
        shutil.rmtree(stage)


def _named(case: Path, stage: Path, log: CustodyLog) -> bool:
    """Tell whether the last run in the log is the one that is staged."""
    runs = [one for one in log.entries() if one.event.type is EventType.ANALYSE]
    if not (stage / OPENINGS_FILE).is_file():
        # Staged openings move last, so either nothing was logged yet, or all has moved in.
        return False
    openings = Openings.read(stage).outputs
    return bool(runs) and all(
        output.path in openings
        and openings[output.path].commitment(OUTPUT) == output.commitment
        and _there(case, stage, output.path) == openings[output.path].sha256
        for output in runs[-1].event.outputs
    )


def _there(case: Path, stage: Path, path: str) -> str:
    """Return the hash of an output, staged or moved in already."""
    for folder in (stage, case):
        try:
            return hash_within(folder, path)[0]
        except Refused:
            continue
    return ""
