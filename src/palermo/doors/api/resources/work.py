"""What people make of it: notes, tasks, judgements. A program writes in its owner's name."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from palermo.desks.access import audit
from palermo.desks.access.models import Person
from palermo.desks.cases.judged import about_thing
from palermo.desks.cases.models import Judgement, Note, Subject, Task, Work
from palermo.desks.cases.signing import may, members, role_of
from palermo.desks.cases.views.judgements import JUDGED
from palermo.doors.api.door import ApiRequest, case_needed, note_down, refuse
from palermo.doors.api.paging import Page, Paging, page_of
from palermo.doors.api.problems import Problem, invalid
from palermo.doors.api.shapes import JudgementOut, NoteOut, TaskOut
from palermo.doors.api.subjects import named
from palermo.doors.api.words import Number, Reason, Text, Word

router = Router(tags=["work"])


class About(Paging):
    """Work about what."""

    subject: Subject | None = None
    subject_key: Word | None = None


class WorkIn(Schema):
    """What it is about: `subject_key` is empty for the case itself."""

    model_config = ConfigDict(extra="forbid")

    subject: Subject = Subject.CASE
    subject_key: Word | Annotated[str, Field(max_length=0)] = ""


class NoteIn(WorkIn):
    """A note."""

    text: Text


class TaskIn(WorkIn):
    """A task. `assignee` is the handle of a member; giving it to others needs “assign”."""

    text: Text
    assignee: UUID | None = None
    due: date | None = None


class JudgementIn(WorkIn):
    """A judgement; the newest one of a thing counts, and `undone` takes it back."""

    verdict: Judgement.Verdict
    reason: Reason


@router.get("/cases/{key}/notes", response=Page[NoteOut])
@case_needed("read", what="notes")
def notes(request: ApiRequest, about: Query[About]) -> dict[str, Any]:
    """Notes, the newest first; withdrawn ones too, marked."""
    rows = _about(Note.rows.visible_to(request.viewer).of(request.case), about)
    return page_of(rows, about, request, order=("-id",))


@router.post("/cases/{key}/notes", response={201: NoteOut})
@case_needed("note", what="note", kind=None)
def write_note(request: ApiRequest, body: NoteIn) -> Status[Note]:
    """Write a note."""
    named(request, body.subject, body.subject_key)
    with transaction.atomic():
        note = Note.rows.create(text=body.text, **_written(request, body))
        _keep(request, "note", note, {"on": body.subject})
    return Status(201, note)


@router.post("/cases/{key}/notes/{number}/withdraw", response=NoteOut)
@case_needed("note", what="note withdrawn", kind=None)
def withdraw_note(request: ApiRequest, number: Number) -> Note:
    """Withdraw a note of one's own, or with “assign” any; it stays, marked."""
    with transaction.atomic():
        note: Note = get_object_or_404(
            Note.rows.visible_to(request.viewer, "note").of(request.case).select_for_update(),
            pk=number,
        )
        if note.by_id != request.person.pk and not may(request, "assign"):
            refuse(request, "assign", case=request.case)
            raise Problem("not-allowed", "A note is withdrawn by whoever wrote it.")
        if note.withdrawn_at is None:
            note.withdrawn_at, note.withdrawn_by = request.viewer.at, request.person
            note.save(update_fields=["withdrawn_at", "withdrawn_by"])
            _keep(request, "note withdrawn", note, {})
    return note


@router.get("/cases/{key}/tasks", response=Page[TaskOut])
@case_needed("read", what="tasks")
def tasks(request: ApiRequest, about: Query[About]) -> dict[str, Any]:
    """Tasks, the newest first; those that are done too."""
    rows = _about(Task.rows.visible_to(request.viewer).of(request.case), about)
    return page_of(rows.select_related("assignee", "done_by"), about, request, order=("-id",))


@router.post("/cases/{key}/tasks", response={201: TaskOut})
@case_needed("note", what="task", kind=None)
def write_task(request: ApiRequest, body: TaskIn) -> Status[Task]:
    """Write a task, for oneself, for a member, or for whoever takes it up."""
    named(request, body.subject, body.subject_key)
    assignee = _member(request, body.assignee) if body.assignee else None
    with transaction.atomic():
        task = Task.rows.create(
            text=body.text, assignee=assignee, due=body.due, **_written(request, body)
        )
        to = str(assignee.handle) if assignee else None
        _keep(request, "task", task, {"on": body.subject, "assignee": to})
    return Status(201, task)


@router.post("/cases/{key}/tasks/{number}/done", response=TaskOut)
@case_needed("note", what="task done", kind=None)
def task_done(request: ApiRequest, number: Number) -> Task:
    """Say that a task is done."""
    with transaction.atomic():
        task: Task = get_object_or_404(
            Task.rows.visible_to(request.viewer, "note").of(request.case).select_for_update(),
            pk=number,
        )
        if task.done_at is None:
            task.done_at, task.done_by = request.viewer.at, request.person
            task.save(update_fields=["done_at", "done_by"])
            _keep(request, "task done", task, {})
    return task


@router.get("/cases/{key}/judgements", response=Page[JudgementOut])
@case_needed("read", what="judgements")
def judgements(request: ApiRequest, about: Query[About]) -> dict[str, Any]:
    """Judgements, the newest first; those that another took the place of too."""
    rows = _about(_counting(request, "read"), about)
    return page_of(rows, about, request, order=("-id",))


@router.post("/cases/{key}/judgements", response={201: JudgementOut})
@case_needed("judge", what="judgement", kind=None)
def write_judgement(request: ApiRequest, body: JudgementIn) -> Status[Judgement]:
    """Judge whether a proposed link, or a network, is the work of the same hands."""
    if body.subject not in JUDGED:
        raise invalid("body.subject", f"expected one of {', '.join(sorted(JUDGED))}")
    thing = named(request, body.subject, body.subject_key)
    with transaction.atomic():
        made = Judgement.rows.create(
            verdict=body.verdict,
            reason=body.reason,
            about=about_thing(request.viewer, thing),
            role=role_of(request, "judge"),
            unit=request.person.unit,
            **_written(request, body),
        )
        _keep(request, "judgement", made, {"on": body.subject, "verdict": body.verdict})
    return Status(201, _counting(request, "judge").get(pk=made.pk))


def _counting(request: ApiRequest, action: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = Judgement.rows.visible_to(request.viewer, action).of(request.case)
    later = Judgement.rows.of(request.case).filter(
        subject=OuterRef("subject"), subject_key=OuterRef("subject_key"), pk__gt=OuterRef("pk")
    )
    counted: QuerySet[Any] = rows.annotate(counts=~Exists(later)).select_related("by")
    return counted


def _about(rows: QuerySet[Any], about: About) -> QuerySet[Any]:
    if about.subject is not None:
        rows = rows.filter(subject=about.subject)
    if about.subject_key is not None:
        rows = rows.filter(subject_key=about.subject_key)
    return rows.select_related("by")


def _written(request: ApiRequest, body: WorkIn) -> dict[str, Any]:
    return {
        "case": request.case,
        "subject": body.subject,
        "subject_key": body.subject_key,
        "by": request.person,
        "at": request.viewer.at,
    }


def _keep(request: ApiRequest, what: str, row: Work, detail: dict[str, Any]) -> None:
    """Log what was written by its number; in the transaction that writes it."""
    note_down(request, audit.Kind.ALTERATION, what, of=str(row.pk), detail=detail)


def _member(request: ApiRequest, handle: UUID) -> Person:
    """Return the member whom a task is given to."""
    if handle != request.person.handle and not may(request, "assign"):
        refuse(request, "assign", case=request.case)
        raise Problem("not-allowed", "Giving a task to somebody else needs “assign”.")
    found = members(request.case, request.viewer).filter(handle=handle).first()
    if found is None:
        raise invalid("body.assignee", "expected the handle of a member of the case")
    return found
