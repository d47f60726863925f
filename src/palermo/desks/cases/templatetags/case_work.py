"""The parts of pages that show people's work: `{% load case_work %}`.

Guarantees that every row comes through `visible_to` the person who looks, and that a form is shown
only to somebody who may send it; the page behind it asks again.

- `{% work_panel case "item" item.ident %}`: notes, claims, tasks, judgements of a thing.
- `{% judged_panel case network.key %}`: what judgements make of a network.
- `{% my_tasks case %}`, `{% recent_activity case %}`, `{% waiting_for_me case %}`: the first page.
- `{% my_tasks_everywhere %}`, `{% my_offers %}`: the list of cases.
"""

from typing import Any

from django import template

from palermo.desks.access import audit
from palermo.desks.access.models import Case, Person
from palermo.desks.access.pages import CaseRequest
from palermo.desks.access.visibility import open_now, visible_cases
from palermo.desks.cases import handling
from palermo.desks.cases.activity import entries, told
from palermo.desks.cases.judged import earlier, split_of
from palermo.desks.cases.models import Claim, Decision, Judgement, Note, Subject, Task
from palermo.desks.cases.signing import may
from palermo.desks.cases.things import Thing, find, titled
from palermo.desks.cases.views.hand_overs import offered
from palermo.desks.cases.views.judgements import JUDGED, buttons
from palermo.desks.cases.work_forms import JudgementForm, NoteForm, TaskForm, Why

register = template.Library()

#: Rows of each kind that a panel shows; the rest is a link away.
_ROWS = 20
_QUESTIONS = {
    Subject.LINK: "link",
    Subject.IDENTIFIER: "value",
    Subject.CAMPAIGN: "value",
    Subject.NETWORK: "network",
}


@register.inclusion_tag("cases/work/panel.html", takes_context=True)
def work_panel(context: dict[str, Any], case: Case, subject: str, key: str) -> dict[str, Any]:
    """Show what people wrote about and hold of one thing, with forms to add to it."""
    request: CaseRequest = context["request"]
    thing = find(request.viewer, case, subject, key)
    if thing is None:
        return {"thing": None}
    judged = _about(request, Judgement, thing) if subject in JUDGED else None
    newest = judged.first() if judged is not None else None
    claims = _about(request, Claim, thing)[:_ROWS]
    return {
        "request": request,
        "case": case,
        "thing": thing,
        "person": request.person,
        "here": request.get_full_path(),
        "notes": _about(request, Note, thing).select_related("by", "withdrawn_by")[:_ROWS],
        "tasks": _about(request, Task, thing).select_related("assignee", "by")[:_ROWS],
        "claims": [(claim, handling.means(claim.handling)) for claim in claims],
        "decisions": _about(request, Decision, thing)[:_ROWS],
        "question": _QUESTIONS.get(Subject(subject)),
        "newest": None if newest is None or newest.verdict == "undone" else newest,
        "judgements": judged[:_ROWS] if judged is not None else (),
        "earlier": earlier(request.viewer, thing) if subject == Subject.NETWORK else (),
        "verdicts": buttons(),
        "note_form": NoteForm(auto_id="note_%s"),
        "task_form": TaskForm(request, auto_id="task_%s"),
        "judgement_form": JudgementForm(auto_id="judgement_%s"),
        "why_form": Why(auto_id="why_%s"),
        "may_note": may(request, "note"),
        "may_judge": may(request, "judge"),
        "may_decide": may(request, "decide"),
        "leads": may(request, "assign"),
    }


@register.inclusion_tag("cases/work/_judged.html", takes_context=True)
def judged_panel(context: dict[str, Any], case: Case, network: str) -> dict[str, Any]:
    """Show whether a network still hangs together after what people judged."""
    request: CaseRequest = context["request"]
    return {
        "case": case,
        "network": network,
        "split": split_of(request.viewer, case, network),
        "may_judge": may(request, "judge"),
        "brief": True,
    }


@register.inclusion_tag("cases/work/_my_tasks.html", takes_context=True)
def my_tasks(context: dict[str, Any], case: Case) -> dict[str, Any]:
    """Show the open tasks of whoever looks, in this case."""
    request: CaseRequest = context["request"]
    rows = Task.rows.visible_to(request.viewer).of(case)
    return {
        "request": request,
        "case": case,
        "tasks": rows.filter(assignee=request.person, done_at=None)[:_ROWS],
        "unassigned": rows.filter(assignee=None, done_at=None).count(),
        "today": request.viewer.at.date(),
        "here": request.get_full_path(),
        "may_note": may(request, "note"),
    }


@register.inclusion_tag("cases/work/_recent.html", takes_context=True)
def recent_activity(context: dict[str, Any], case: Case) -> dict[str, Any]:
    """Show what was done last in this case."""
    request: CaseRequest = context["request"]
    page = entries(case, refusals=False).select_related("person")[:10]
    return {"case": case, "acts": told(request.viewer, case, page)}


@register.inclusion_tag("cases/work/_waiting.html", takes_context=True)
def waiting_for_me(context: dict[str, Any], case: Case) -> dict[str, Any]:
    """Show the decisions that wait for a second person, to those who may be one."""
    request: CaseRequest = context["request"]
    if not may(request, "second"):
        return {"case": case, "decisions": ()}
    rows = Decision.rows.visible_to(request.viewer, "second").of(case)
    waiting = rows.filter(needs_second=True, agreed=None, undone_at=None)
    mine = waiting.exclude(by=request.person).select_related("by")[:_ROWS]
    return {
        "case": case,
        "decisions": [(one, titled(one.subject, one.subject_key)) for one in mine],
    }


@register.inclusion_tag("cases/work/_everywhere.html", takes_context=True)
def my_tasks_everywhere(context: dict[str, Any]) -> dict[str, Any]:
    """Show the open tasks of whoever looks, of the cases that they have open.

    A task is contents of its case, so showing it is logged as a look.
    """
    request: Any = context["request"]
    mine = Task.rows.filter(assignee=request.person, done_at=None).select_related("case")
    shown = list(mine.visible_to(request.viewer)[:_ROWS])
    for case in {task.case.pk: task.case for task in shown}.values():
        act = audit.Act(
            kind=audit.Kind.CONSULTATION,
            what="own tasks",
            case=case,
            opening=_opening(request, case),
        )
        audit.record(act, by=request.person, at=request.viewer.at)
    shut = visible_cases(request.viewer, "see").exclude(
        pk__in=visible_cases(request.viewer, "read").order_by().values("pk")
    )
    return {"tasks": shown, "shut": shut.exists(), "today": request.viewer.at.date()}


@register.simple_tag(takes_context=True)
def my_offers(context: dict[str, Any]) -> int:
    """Return how many cases of other units wait for this person's answer."""
    request: Any = context["request"]
    if not isinstance(getattr(request, "person", None), Person):
        return 0
    count: int = offered(request).count()
    return count


def _opening(request: Any, case: Case) -> Any:
    return open_now(request.viewer).filter(case=case).select_related("mandate").first()


def _about(request: CaseRequest, model: Any, thing: Thing) -> Any:
    rows = model.rows.visible_to(request.viewer).of(thing.case)
    return rows.filter(subject=thing.subject, subject_key=thing.key).select_related("by")
