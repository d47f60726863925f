"""The custody log of a case in words, and its verification."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from palermo.desks.access import audit
from palermo.desks.access.models import Person
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.access.row_security import working_for
from palermo.desks.cases.background import case_folder
from palermo.desks.cases.models import Exhibit, Run
from palermo.desks.cases.progress import Progress
from palermo.desks.cases.runs import ask
from palermo.evidence import CaseFolder, Entry, EventType
from palermo.model import Refused, Unreadable

PAGE = 50

#: What happened, in words.
WORDS = {
    EventType.RECEIVE: _("Material was taken in"),
    EventType.SEIZE: _("Material was seized"),
    EventType.CAPTURE: _("Pages were captured"),
    EventType.ANALYSE: _("The material was investigated"),
    EventType.ACCESS: _("An original was opened, or the run repeated"),
    EventType.TRANSFER_IN: _("A package was taken over"),
    EventType.TRANSFER_OUT: _("Exhibits were transferred to another authority"),
    EventType.EXPORT: _("Exhibits were exported to a court"),
    EventType.DISCLOSE: _("Exhibits were disclosed to a party"),
    EventType.HOLD: _("A legal hold was placed"),
    EventType.RELEASE: _("A legal hold was lifted"),
    EventType.SHRED: _("An exhibit was erased"),
    EventType.KEY_ADD: _("A key was added"),
    EventType.KEY_ROTATE: _("The node's key was changed"),
    EventType.KEY_REVOKE: _("A key was revoked"),
    EventType.STAMP: _("The log was time-stamped"),
    EventType.CORRECT: _("An earlier entry was corrected"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry as the page says it."""

    seq: int
    at: datetime
    what: str
    who: str
    power: str
    legal_basis: str
    purpose: str
    recipient: str
    tool: str
    exhibits: list[tuple[str, str]]
    more: int
    outputs: int


@case_page("read", "GET", what="custody log")
def log(request: CaseRequest) -> HttpResponse:
    """Show the entries of the log, the newest first."""
    lines: list[Line] = []
    trouble, size, before = "", 0, None
    folder = CaseFolder(case_folder(request.case))
    if (folder.path / "custody.sqlite3").is_file():
        try:
            with folder.log(settings.PALERMO_NODE.signer()) as opened:
                size = opened.size
                end = min(_number(request.GET.get("before", ""), size), size)
                begin = max(0, end - PAGE)
                lines = _lines(request, list(opened.entries(begin, end))[::-1])
                before = begin or None
        except (Refused, Unreadable) as problem:
            trouble = str(problem)
    return render(
        request,
        "cases/custody.html",
        {"case": request.case, "lines": lines, "size": size, "before": before, "trouble": trouble},
    )


@case_page("verify", "POST", what="verification")
def verify_now(request: CaseRequest) -> HttpResponse:
    """Verify the case in the background."""
    assert request.opening is not None  # noqa: S101  who verifies has it open: no emergency gives it
    # The run is the case's own work: whoever may only look writes nothing into it.
    with transaction.atomic(), working_for(request.case):
        run = ask(request.case, request.opening, at=request.viewer.at, kind=Run.Kind.VERIFY)
        write_down(request, audit.Kind.CONSULTATION, "verification asked", of=str(run.pk))
    return redirect("cases:verify", request.case.key)


@case_page("read", "GET", what="verification")
def verify(request: CaseRequest) -> HttpResponse:
    """Show what the last verification found."""
    runs = Run.rows.visible_to(request.viewer).of(request.case).filter(kind=Run.Kind.VERIFY)
    last = runs.first()
    return render(
        request,
        "cases/verify.html",
        {
            "case": request.case,
            "run": last,
            "progress": Progress.of_run(last, request.viewer.at) if last else None,
            "earlier": runs.filter(state=Run.State.DONE)[:10],
        },
    )


def _lines(request: CaseRequest, entries: list[Entry]) -> list[Line]:
    handles = {entry.event.on_behalf for entry in entries if entry.event.on_behalf}
    people = {
        str(one.handle): str(one) for one in Person.objects.filter(handle__in=_uuids(handles))
    }
    idents = {one.id for entry in entries for one in entry.event.exhibits[:10]}
    names = dict(
        Exhibit.rows.visible_to(request.viewer)
        .of(request.case)
        .filter(ident__in=idents)
        .values_list("ident", "name")
    )
    return [_line(entry, people, names) for entry in entries]


def _line(entry: Entry, people: dict[str, str], names: dict[str, str]) -> Line:
    event = entry.event
    who = f"{event.actor.id}, {event.actor.organisation}"
    if event.on_behalf:
        who = f"{people.get(event.on_behalf, event.on_behalf)} ({who})"
    return Line(
        seq=entry.seq,
        at=event.logged_at,
        what=str(WORDS.get(event.type, event.type)),
        who=who,
        power=event.ground.power,
        legal_basis=event.ground.legal_basis,
        purpose=event.purpose,
        recipient=event.recipient or "",
        tool=f"{event.tool.name} {event.tool.version}",
        exhibits=[(one.id, names.get(one.id, one.id[:12])) for one in event.exhibits[:10]],
        more=max(0, len(event.exhibits) - 10),
        outputs=len(event.outputs),
    )


def _uuids(handles: set[str]) -> list[str]:
    return [one for one in handles if len(one) == 36 and one.count("-") == 4]


def _number(given: str, otherwise: int) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 else otherwise
