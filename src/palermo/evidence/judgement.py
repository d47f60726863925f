"""Says in words and in JSON what was checked: the same lines from the command and the lone file."""

import json
from collections.abc import Sequence

from palermo.evidence.rows import Check, Outcome


def failed(checks: Sequence[Check]) -> list[Check]:
    """Return the checks that failed."""
    return [check for check in checks if check.outcome is Outcome.FAIL]


def as_text(path: str, checks: Sequence[Check]) -> str:
    """Write one line a check, and a last one that says whether what is at `path` holds."""
    lines = []
    for check in checks:
        lines.append(f"{check.outcome.upper():<14}{check.name}: {check.detail}")
        lines += [f"              by hand: {command}" for command in check.by_hand]
    wrong = len(failed(checks))
    verdict = f"FAILED: {wrong} of {len(checks)} checks" if wrong else "holds"
    return "\n".join([*lines, f"{path}: {verdict}"])


def as_json(path: str, checks: Sequence[Check]) -> str:
    """Write the checks for machines."""
    rows = [
        {
            "name": check.name,
            "outcome": str(check.outcome),
            "detail": check.detail,
            **({"by_hand": check.by_hand} if check.by_hand else {}),
        }
        for check in checks
    ]
    return json.dumps(
        {"path": path, "holds": not failed(checks), "checks": rows}, indent=1, ensure_ascii=False
    )
