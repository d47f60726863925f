"""What a check is, what it looks at, and how all are run.

Guarantees an answer for every check of the table: fine, failed with its sentences, or not known
with the reason; a check that breaks is not known, and never hides the others.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

from palermo.doors.web.node_settings import DeskSettings, read_desk_settings
from palermo.doors.web.operations.databases import EVERY_CASE
from palermo.model import Refused, Unreadable

#: What must be there for a check: the folder always is.
Need = Literal["folder", "settings", "django", "database"]


class Severity(StrEnum):
    """How bad it is when a check fails."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Outcome(StrEnum):
    """How a check came out."""

    FINE = "fine"
    FAILED = "failed"
    UNKNOWN = "unknown"


class CannotTell(Exception):
    """It cannot be told here, or does not matter here; the argument says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The node that is looked at, as of `at`.

    `troubles` says why the settings, Django or the database are not at hand.
    """

    folder: Path
    at: datetime
    deep: bool
    desks: DeskSettings
    troubles: dict[Need, str]


Look = Callable[[Seen], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A row of the table: what is looked at, why it matters, and how to mend it."""

    id: str
    what: str
    why: str
    mend: str
    severity: Severity
    needs: Need
    look: Look


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check came out: what is wrong, or why it is not known."""

    check: Check
    outcome: Outcome
    details: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the node must not go on like this."""
        return self.outcome is Outcome.FAILED and self.check.severity is Severity.ERROR


def look_at(folder: Path, *, at: datetime, deep: bool) -> Seen:
    """Return the node at `folder`, with Django ready and the database connected where possible."""
    os.environ["PALERMO_HOME"] = str(folder)
    os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} {EVERY_CASE}".strip()
    troubles: dict[Need, str] = {}
    desks = DeskSettings()
    try:
        desks = read_desk_settings(folder)
    except Unreadable as problem:
        troubles["settings"] = str(problem)
    steps: tuple[tuple[Need, Callable[[], object]], ...] = (
        ("django", _ready),
        ("database", _connect),
    )
    before: Need = "settings"
    for need, step in steps:
        if before in troubles:
            troubles[need] = troubles[before]
        else:
            try:
                step()
            except Exception as problem:  # noqa: BLE001  whatever it is, it is told
                troubles[need] = _sentence(problem)
        before = need
    return Seen(folder=folder, at=at, deep=deep, desks=desks, troubles=troubles)


def examine(checks: Iterable[Check], seen: Seen) -> Iterator[Finding]:
    """Run the checks in order."""
    for check in checks:
        if check.needs in seen.troubles:
            yield Finding(check, Outcome.UNKNOWN, (seen.troubles[check.needs],))
            continue
        try:
            wrong = tuple(check.look(seen))
        except CannotTell as reason:
            yield Finding(check, Outcome.UNKNOWN, (str(reason),))
        except (Refused, Unreadable) as problem:
            yield Finding(check, Outcome.FAILED, (str(problem),))
        except Exception as problem:  # noqa: BLE001  one broken check must not hide the others
            yield Finding(check, Outcome.UNKNOWN, (f"broke: {_sentence(problem)}",))
        else:
            yield Finding(check, Outcome.FAILED if wrong else Outcome.FINE, wrong)


def first(sentences: Iterable[str], most: int = 5) -> Iterator[str]:
    """Yield the first sentences, and how many more there are."""
    more = 0
    for number, sentence in enumerate(sentences):
        if number < most:
            yield sentence
        else:
            more += 1
    if more:
        yield f"and {more:,} more like these"


def _ready() -> None:
    from palermo.doors.web.serving import set_up  # noqa: PLC0415

    set_up()


def _connect() -> None:
    from django.db import connection  # noqa: PLC0415  needs Django ready

    connection.ensure_connection()


def _sentence(problem: Exception) -> str:
    if isinstance(problem, Refused | Unreadable):
        return str(problem)
    return f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}"
