"""Claims: written with source and grading, withdrawn, released by a lead, taken out as a table.

Guarantees that what leaves is what `handling.leaving` lets go, with the number held back in it; and
that somebody who may need help is not written down as a suspect without a person saying so, which
sets a task to look at the case under the principle that victims are not punished.
"""

from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases import exporting, handling
from palermo.desks.cases.deciding import needs_care
from palermo.desks.cases.models import Claim, Release, Task
from palermo.desks.cases.signing import may
from palermo.desks.cases.things import Thing, titled
from palermo.desks.cases.views.posting import about, again, back, thing_of
from palermo.desks.cases.work_forms import ClaimForm, Why
from palermo.model import SubjectCategory

#: What of a claim stands in an export: all of it but who withdrew it, since none of those leaves.
COLUMNS = (
    "subject", "subject_key", "predicate", "value", "source", "said_at", "standing", "category",
    "reliability", "information", "handling", "restrictions", "written_by", "at",
)  # fmt: skip
_ACCUSED = {SubjectCategory.SUSPECT.value, SubjectCategory.CONVICTED.value}


@case_page("read", "GET", what="claims")
def claim_list(request: CaseRequest) -> HttpResponse:
    """Show the claims of the case, with the permissions given."""
    claims = Claim.rows.visible_to(request.viewer).of(request.case).select_related("by")
    shown = list(claims[:500])
    released: dict[int, list[Release]] = {}
    rows = Release.rows.visible_to(request.viewer).of(request.case).filter(ended_at=None)
    for one in rows.select_related("by"):
        released.setdefault(one.claim_id, []).append(one)
    ways = handling.ways()
    return render(
        request,
        "cases/work/claims.html",
        {
            "case": request.case,
            "claims": [
                {
                    "claim": claim,
                    "title": titled(claim.subject, claim.subject_key),
                    "means": handling.means(claim.handling),
                    "released": [(one, ways[one.way]) for one in released.get(claim.pk, ())],
                }
                for claim in shown
            ],
            "ways": ways,
            "may_release": may(request, "assign"),
            "may_export": may(request, "export"),
            "held": handling.leaving(
                request.viewer, request.case, handling.Way.EXPORT, action="read"
            ).held,
        },
    )


@case_page("note", "GET", "POST", what="claim form")
def add(request: CaseRequest) -> HttpResponse:
    """Write a claim; the form stands on a page of its own."""
    thing = thing_of(request)
    need = needs_care(request.viewer, thing)
    form = ClaimForm(request, request.POST or None, need=need)
    if not form.is_valid():
        return again(request, form, title=_("Claim"), button=_("Write the claim"), thing=thing)
    data = dict(form.cleaned_data)
    data.pop("in_need", None)
    with transaction.atomic():
        claim = Claim.rows.create(**about(thing), by=request.person, at=request.viewer.at, **data)
        write_down(
            request,
            audit.Kind.ALTERATION,
            "claim",
            of=str(claim.pk),
            detail={"on": thing.subject, "handling": claim.handling, "category": claim.category},
        )
        if need and claim.category in _ACCUSED:
            not_punished(request, thing)
    return back(request, thing.address, said=_("The claim was written."))


@case_page("note", "POST", what="claim withdrawn")
def withdraw(request: CaseRequest, pk: int) -> HttpResponse:
    """Withdraw one's own claim, or any as lead, with a reason; it stays, marked."""
    form = Why(request.POST)
    with transaction.atomic():
        claim = _claim(request, pk, "note")
        if claim.by_id != request.person.pk and not may(request, "assign"):
            raise Http404
        if not form.is_valid():
            thing = Thing(case=request.case, subject="case", key="", title=str(claim))
            return again(
                request, form, title=_("Withdraw a claim"), button=_("Withdraw"), thing=thing
            )
        if claim.withdrawn_at is None:
            claim.withdrawn_at, claim.withdrawn_by = request.viewer.at, request.person
            claim.withdrawn_why = form.cleaned_data["reason"]
            claim.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
            write_down(request, audit.Kind.ALTERATION, "claim withdrawn", of=str(pk))
    return back(request, _claims(request), said=_("The claim was withdrawn; it stays, marked."))


@case_page("assign", "POST", what="claim released")
def release(request: CaseRequest, pk: int) -> HttpResponse:
    """As lead, permit that a claim leaves by one way in spite of its handling code."""
    form, way = Why(request.POST), request.POST.get("way", "")
    if way not in handling.ways():
        raise Http404
    try:
        with transaction.atomic():
            claim = _claim(request, pk, "assign")
            if not form.is_valid():
                thing = Thing(case=request.case, subject="case", key="", title=str(claim))
                return again(request, form, title=_("Permission"), button=_("Permit"), thing=thing)
            Release.rows.create(
                case=request.case,
                claim=claim,
                way=way,
                reason=form.cleaned_data["reason"],
                by=request.person,
                at=request.viewer.at,
            )
            write_down(
                request, audit.Kind.ALTERATION, "claim released", of=str(pk), detail={"way": way}
            )
    except IntegrityError:
        return back(request, _claims(request), said=_("This was permitted before."))
    return back(request, _claims(request), said=_("Permitted."))


@case_page("assign", "POST", what="release ended")
def end_release(request: CaseRequest, pk: int) -> HttpResponse:
    """Take a permission back."""
    with transaction.atomic():
        rows = Release.rows.visible_to(request.viewer, "assign").of(request.case)
        found = get_object_or_404(rows.select_for_update(), pk=pk)
        if found.ended_at is None:
            found.ended_at, found.ended_by = request.viewer.at, request.person
            found.save(update_fields=["ended_at", "ended_by"])
            write_down(request, audit.Kind.ALTERATION, "release ended", of=str(found.claim_id))
    return back(request, _claims(request), said=_("The permission was taken back."))


@case_page("export", "POST", what="claims export")
def export(request: CaseRequest) -> HttpResponse:
    """Give the claims that may leave as a table, with the number of those held back."""
    form = request.POST.get("as", "json")
    if form not in exporting.FORMATS:
        raise Http404
    found = handling.leaving(request.viewer, request.case, handling.Way.EXPORT)
    rows, more = exporting.taken(found.claims.select_related("by"), COLUMNS)
    held = ", ".join(f"{code}: {n}" for code, n in found.held_back.items())
    table = exporting.Table(
        about={
            _("case"): request.case.reference,
            _("exported at"): request.viewer.at.isoformat(),
            _("exported by"): str(request.person),
            _("purpose"): request.opening.purpose if request.opening else "",
            _("held back by handling code"): held or _("none"),
            _("claims"): f"{len(rows)} ({_('there are more')})" if more else str(len(rows)),
        },
        columns=COLUMNS,
        rows=rows,
        beside={"held_back": dict(found.held_back)},
    )
    media_type, written = exporting.FORMATS[form]
    write_down(
        request,
        audit.Kind.DISCLOSURE,
        "claims export",
        recipient=str(request.person)[:200],
        detail={"claims": len(rows), "held_back": found.held, "as": form},
    )
    response = HttpResponse(written(table), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="claims.{form}"'
    return response


def not_punished(request: CaseRequest, thing: Thing) -> None:
    """Set the task to look at the case under the principle that victims are not punished."""
    text = _(
        "Somebody who may need help is written down as suspect, or an adverse step is proposed. "
        "Look at it before anything is done: victims are not punished for what they were made to "
        "do (Directive 2011/36/EU, Article 8), and help comes first (Article 11)."
    )
    task = Task.rows.create(**about(thing), by=request.person, at=request.viewer.at, text=text)
    write_down(
        request, audit.Kind.ALTERATION, "task", of=str(task.pk), detail={"why": "not punished"}
    )


def _claim(request: CaseRequest, pk: int, action: str) -> Claim:
    rows = Claim.rows.visible_to(request.viewer, action).of(request.case).select_for_update()
    found: Claim = get_object_or_404(rows, pk=pk)
    return found


def _claims(request: CaseRequest) -> str:
    return reverse("cases:claims", args=[request.case.key])
