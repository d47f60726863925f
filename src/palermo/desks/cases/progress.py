"""How far a run is, in words: the step, counts, and about how long this step still takes.

Guarantees that nothing is promised: the time left is the rate of this step so far, and is said only
once there is a rate.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from palermo.desks.cases.models import Run

#: The steps as the rooms below call them, in the order in which they come.
STEPS = {
    "files hashed": _("Hashing files"),
    "files sealed": _("Sealing files"),
    "rows read": _("Reading rows"),
    "campaigns": _("Finding texts of one template"),
    "identifiers": _("Finding identifiers"),
    "indicators": _("Looking for published indicators"),
    "networks": _("Proposing networks"),
    "dossier": _("Writing the dossier"),
    "items kept": _("Bringing items to the desk"),
    "identifiers kept": _("Bringing identifiers to the desk"),
    "indications kept": _("Bringing indications to the desk"),
    "links kept": _("Bringing links to the desk"),
    "rows set aside kept": _("Bringing what was set aside to the desk"),
    "rows put in place": _("Putting everything in place"),
    "exhibits checked": _("Opening and checking exhibits"),
    "exhibits packed": _("Putting exhibits together"),
    "package zipped": _("Writing the package"),
}
_INVESTIGATION = list(STEPS)[: list(STEPS).index("exhibits checked")]
#: A rate from less than this says little.
_ENOUGH = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a page says. `number` of `of` counts the steps of an investigation, else both are 0."""

    step: str
    number: int
    of: int
    done: int
    total: int
    left: str

    @classmethod
    def of_run(cls, run: Run, at: datetime) -> "Progress":
        """Say how far `run` is at `at`."""
        inside = run.step in _INVESTIGATION
        return cls(
            step=str(STEPS.get(run.step, run.step)),
            number=_INVESTIGATION.index(run.step) + 1 if inside else 0,
            of=len(_INVESTIGATION) if inside else 0,
            done=run.done,
            total=run.total,
            left=_left(run, at),
        )


def _left(run: Run, at: datetime) -> str:
    if not (run.step_began and run.total and 0 < run.done < run.total):
        return ""
    gone = at - run.step_began
    if gone < _ENOUGH:
        return ""
    seconds = gone.total_seconds() / run.done * (run.total - run.done)
    if seconds < 60:
        return gettext("less than a minute left in this step")
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext(
            "about %(n)s minute left in this step", "about %(n)s minutes left in this step", minutes
        ) % {"n": minutes}
    hours = round(seconds / 3600)
    return ngettext(
        "about %(n)s hour left in this step", "about %(n)s hours left in this step", hours
    ) % {"n": hours}
