"""Notes: written, withdrawn, never edited; and the page of all that was written about one thing."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases.models import Note
from palermo.desks.cases.signing import may
from palermo.desks.cases.things import find
from palermo.desks.cases.views.posting import about, again, back, thing_of
from palermo.desks.cases.work_forms import NoteForm


@case_page("read", "GET", what="written about")
def about_one(request: CaseRequest, subject: str, of: str) -> HttpResponse:
    """Show all that was written about one thing."""
    thing = find(request.viewer, request.case, subject, of)
    if thing is None:
        raise Http404
    return render(request, "cases/work/about.html", {"case": request.case, "thing": thing})


@case_page("read", "GET", what="notebook")
def notebook(request: CaseRequest) -> HttpResponse:
    """Show what was written about the case itself."""
    thing = find(request.viewer, request.case, "case", "")
    return render(request, "cases/work/about.html", {"case": request.case, "thing": thing})


@case_page("note", "POST", what="note")
def add(request: CaseRequest) -> HttpResponse:
    """Write a note."""
    thing, form = thing_of(request), NoteForm(request.POST)
    if not form.is_valid():
        return again(request, form, title=_("Note"), button=_("Write the note"), thing=thing)
    with transaction.atomic():
        note = Note.rows.create(
            **about(thing), by=request.person, at=request.viewer.at, text=form.cleaned_data["text"]
        )
        write_down(
            request, audit.Kind.ALTERATION, "note", of=str(note.pk), detail={"on": thing.subject}
        )
    return back(request, thing.address, said=_("The note was written."))


@case_page("note", "POST", what="note withdrawn")
def withdraw(request: CaseRequest, pk: int) -> HttpResponse:
    """Withdraw one's own note; whoever leads the work may withdraw any."""
    with transaction.atomic():
        note = get_object_or_404(
            Note.rows.visible_to(request.viewer, "note").of(request.case).select_for_update(), pk=pk
        )
        if note.by_id != request.person.pk and not may(request, "assign"):
            raise Http404
        if note.withdrawn_at is None:
            note.withdrawn_at, note.withdrawn_by = request.viewer.at, request.person
            note.save(update_fields=["withdrawn_at", "withdrawn_by"])
            write_down(request, audit.Kind.ALTERATION, "note withdrawn", of=str(pk))
    thing = find(request.viewer, request.case, note.subject, note.subject_key)
    return back(
        request,
        thing.address if thing else request.path,
        said=_("The note was withdrawn; it stays, marked."),
    )
