"""What the tests of `palermo doctor` share."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from palermo.doors.web.node_settings import DeskSettings
from palermo.doors.web.operations.examining import CHECKS, Outcome, Seen, examine

BY_ID = {one.id: one for one in CHECKS}


def seen(folder: Path, desks: DeskSettings | None = None, **more: Any) -> Seen:
    """Return the node in `folder` as the doctor sees it now."""
    told: dict[str, Any] = {"at": datetime.now(UTC), "deep": True, "troubles": {}, **more}
    return Seen(folder=folder, desks=desks or DeskSettings(), **told)


def outcome(name: str, at: Seen) -> tuple[Outcome, str]:
    (finding,) = examine([BY_ID[name]], at)
    return finding.outcome, "; ".join(finding.details)
