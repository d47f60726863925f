"""Checks of what the node has on record: its log and audit, people, authorities, runs, backups."""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from palermo.doors.cli.console import node
from palermo.doors.web.operations.backing_up import BACKUP
from palermo.doors.web.operations.examining.checks import CannotTell, Seen, first
from palermo.doors.web.operations.node_files import case_folders
from palermo.doors.web.operations.proving import prove_audit
from palermo.evidence import verify_case
from palermo.evidence.checkpoint import SignedCheckpoint
from palermo.evidence.judge import read_log
from palermo.evidence.judgement import failed
from palermo.evidence.rows import Reading
from palermo.evidence.schema import CHECKPOINT_FILE, LOG_FILE
from palermo.evidence.verify import verify
from palermo.model import Refused, Unreadable

if TYPE_CHECKING:
    from palermo.desks.access.models import Person

_SOON, _BACKUP_AGE, _WAITING = timedelta(days=14), timedelta(days=7), timedelta(minutes=10)
#: A run at work gives a sign of life every few seconds.
_SILENCE = timedelta(minutes=5)
#: A clock may be adjusted by so much.
_ADJUSTED = timedelta(minutes=1)
#: So many events after the last checkpoint could be cut off the log without a trace.
_UNCOVERED = 1000


def custody_log(seen: Seen) -> Iterator[str]:
    """The node's log holds, and is signed with the node's key."""
    known = _reading(seen).signers.all_node_keys
    try:
        key = node().signer(create=False).public_key
    except (Refused, Unreadable):
        key = None  # told by another check
    if key is not None and key not in known:
        yield "it is signed with another key than that of this node"
    yield from first(f"{one.name}: {one.detail}" for one in failed(verify(seen.folder / LOG_FILE)))


def uncovered(seen: Seen) -> Iterator[str]:
    """A signed checkpoint covers nearly all of the log."""
    events = len(_reading(seen).leaves)
    try:
        note = (seen.folder / CHECKPOINT_FILE).read_text("utf-8", "replace")
        covered = SignedCheckpoint.parse(note).checkpoint.size
    except (OSError, Unreadable):
        raise CannotTell("its checkpoint cannot be read; see the check of the log") from None
    if events - covered > _UNCOVERED:
        yield f"{events - covered:,} of {events:,} events came after the last checkpoint"


def clock_back(seen: Seen) -> Iterator[str]:
    """Nothing was logged in what is the future now."""
    entries = _reading(seen).entries
    if entries and entries[-1].event.logged_at > seen.at + _ADJUSTED:
        yield f"the last event was logged at {entries[-1].event.logged_at:%Y-%m-%d %H:%M} UTC"


def audit_agrees(_: Seen) -> Iterator[str]:
    """The words of the audit are those that were logged."""
    yield from first(prove_audit().damage)


def cases_verify(seen: Seen) -> Iterator[str]:
    """Every case folder holds."""
    if not seen.deep:
        raise CannotTell("takes long, and is done with --deep")
    for key, case in case_folders(seen.folder):
        yield from first(
            f"case {key}: {one.name}: {one.detail}" for one in failed(verify_case(case.path))
        )


def administrators(_: Seen) -> Iterator[str]:
    """Somebody can keep accounts."""
    if not _holders("administrator"):
        yield "nobody who can sign in is administrator"


def second_administrator(_: Seen) -> Iterator[str]:
    """Somebody can help the administrator who lost a factor."""
    if len(_holders("administrator")) == 1:
        yield "only one person is administrator"


def officer(_: Seen) -> Iterator[str]:
    """Somebody reads the audit."""
    if not _holders("data-protection-officer"):
        yield "nobody who can sign in is data-protection officer"


def second_factors(_: Seen) -> Iterator[str]:
    """Whoever can sign in has a second factor."""
    from allauth.mfa.models import Authenticator  # noqa: PLC0415  needs Django ready

    from palermo.desks.access.models import Person  # noqa: PLC0415

    people = Person.objects.filter(is_active=True).exclude(
        pk__in=Authenticator.objects.exclude(type="recovery_codes").values("user")
    )
    yield from first(
        f"{one.get_username()}: has a password and no second factor"
        for one in people.order_by("username")
        if _can_sign_in(one)
    )


def mandates(seen: Seen) -> Iterator[str]:
    """Open cases have an authority that holds for a while."""
    from palermo.desks.access.models import Case, Mandate  # noqa: PLC0415  needs Django ready

    for case in Case.objects.filter(status=Case.Status.OPEN).order_by("key"):
        holding = Mandate.objects.filter(
            case=case, withdrawn_at=None, begins__lte=seen.at, ends__gt=seen.at
        )
        last = holding.order_by("-ends").first()
        if last is None:
            yield f"case {case.key}: no authority holds; nobody can open it"
        elif last.ends - seen.at < _SOON:
            yield f"case {case.key}: its last authority ends at {last.ends:%Y-%m-%d %H:%M} UTC"


def runs(seen: Seen) -> Iterator[str]:
    """Runs get on."""
    from palermo.desks.cases.models import Run  # noqa: PLC0415  needs Django ready

    for run in Run.rows.filter(state__in=[Run.State.WAITING, Run.State.RUNNING]).order_by("pk"):
        if run.state == Run.State.RUNNING and run.beat and seen.at - run.beat > _SILENCE:
            yield f"run {run.pk}: gave its last sign of life at {run.beat:%Y-%m-%d %H:%M} UTC"
        elif run.state == Run.State.WAITING and seen.at - run.asked_at > _WAITING:
            yield f"run {run.pk}: waits since {run.asked_at:%Y-%m-%d %H:%M} UTC"


def backups(seen: Seen) -> Iterator[str]:
    """A backup was made lately."""
    from palermo.desks.access.models import AuditEntry  # noqa: PLC0415  needs Django ready

    last = AuditEntry.objects.filter(what=BACKUP).order_by("-seq").first()
    if last is None:
        yield "no backup was ever made"
    elif seen.at - last.at > _BACKUP_AGE:
        yield f"the last backup was made at {last.at:%Y-%m-%d %H:%M} UTC"


def plain_backups(_: Seen) -> Iterator[str]:
    """Backups are encrypted."""
    from palermo.desks.access.models import AuditEntry  # noqa: PLC0415  needs Django ready

    last = AuditEntry.objects.filter(what=BACKUP).order_by("-seq").first()
    if last is None:
        raise CannotTell("no backup was ever made")
    if not last.detail.get("encrypted"):
        yield f"the backup of {last.at:%Y-%m-%d %H:%M} UTC is not encrypted"


def _holders(duty: str) -> list[str]:
    """Return who holds `duty` and can sign in."""
    from palermo.desks.access.models import Duty  # noqa: PLC0415  needs Django ready

    held = Duty.objects.filter(duty=duty, ended_at=None, person__is_active=True)
    return sorted(
        one.person.get_username()
        for one in held.select_related("person")
        if _can_sign_in(one.person)
    )


def _can_sign_in(person: "Person") -> bool:
    """Tell whether a password was chosen; whoever was invited has none yet."""
    return person.is_active and bool(person.password) and person.has_usable_password()


def _reading(seen: Seen) -> Reading:
    """Return the node's log; it is read and judged once for all checks.

    Raises:
        CannotTell: there is none.
    """
    path = seen.folder / LOG_FILE
    if not path.exists():
        raise CannotTell("there is no custody log yet: the node was never started")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> Reading:
    return read_log(path)
