"""Tasks: given to members only, done, reopened; everybody's and one's own."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases.models import Task
from palermo.desks.cases.signing import may
from palermo.desks.cases.views.posting import about, again, back, thing_of
from palermo.desks.cases.work_forms import TaskForm, assignable

_SHOWN = 200


@case_page("read", "GET", what="tasks")
def task_list(request: CaseRequest) -> HttpResponse:
    """Show the tasks of the case: what is to be done first, then what was done."""
    tasks = Task.rows.visible_to(request.viewer).of(request.case).select_related("assignee", "by")
    if request.GET.get("mine"):
        tasks = tasks.filter(assignee=request.person)
    if not request.GET.get("done"):
        tasks = tasks.filter(done_at=None)
    return render(
        request,
        "cases/work/tasks.html",
        {
            "case": request.case,
            "tasks": tasks[:_SHOWN],
            "shown": _SHOWN,
            "more": tasks[_SHOWN:].exists(),
            "today": request.viewer.at.date(),
            "may_note": may(request, "note"),
            "form": TaskForm(request),
            "members": assignable(request) if may(request, "assign") else (),
        },
    )


@case_page("note", "POST", what="task")
def add(request: CaseRequest) -> HttpResponse:
    """Set a task."""
    thing, form = thing_of(request), TaskForm(request, request.POST)
    if not form.is_valid():
        return again(request, form, title=_("Task"), button=_("Set the task"), thing=thing)
    with transaction.atomic():
        task = Task.rows.create(
            **about(thing), by=request.person, at=request.viewer.at, **form.cleaned_data
        )
        write_down(request, audit.Kind.ALTERATION, "task", of=str(task.pk), detail=_for(task))
    return back(request, _tasks(request), said=_("The task was set."))


@case_page("note", "POST", what="task done")
def finish(request: CaseRequest, pk: int) -> HttpResponse:
    """Mark a task as done."""
    with transaction.atomic():
        task = _locked(request, pk)
        if task.done_at is None:
            task.done_at, task.done_by = request.viewer.at, request.person
            task.save(update_fields=["done_at", "done_by"])
            write_down(request, audit.Kind.ALTERATION, "task done", of=str(pk))
    return back(request, _tasks(request), said=_("The task is done."))


@case_page("note", "POST", what="task reopened")
def reopen(request: CaseRequest, pk: int) -> HttpResponse:
    """Take up a task again."""
    with transaction.atomic():
        task = _locked(request, pk)
        if task.done_at is not None:
            task.done_at = task.done_by = None
            task.save(update_fields=["done_at", "done_by"])
            write_down(request, audit.Kind.ALTERATION, "task reopened", of=str(pk))
    return back(request, _tasks(request), said=_("The task is open again."))


@case_page("assign", "POST", what="task given")
def assign(request: CaseRequest, pk: int) -> HttpResponse:
    """Give a task to a member, or to nobody."""
    chosen = request.POST.get("assignee", "")
    person = None
    if chosen:
        if not chosen.isdecimal():
            raise Http404
        person = get_object_or_404(assignable(request), pk=int(chosen[:18]))
    with transaction.atomic():
        task = _locked(request, pk)
        task.assignee = person
        task.save(update_fields=["assignee"])
        write_down(request, audit.Kind.ALTERATION, "task given", of=str(pk), detail=_for(task))
    return back(request, _tasks(request), said=_("The task was given."))


def _locked(request: CaseRequest, pk: int) -> Task:
    rows = Task.rows.visible_to(request.viewer, "note").of(request.case).select_for_update()
    found: Task = get_object_or_404(rows, pk=pk)
    return found


def _for(task: Task) -> dict[str, Any]:
    return {"for": str(task.assignee.handle) if task.assignee else None}


def _tasks(request: CaseRequest) -> str:
    return reverse("cases:tasks", args=[request.case.key])
