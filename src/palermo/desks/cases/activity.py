"""What was done in a case: the audit of the case without looks, told with the rows of the work.

Guarantees that contents come from rows that the viewer may read, never from the audit, which holds
none; and that refusals of others are left to those who manage members.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import AuditEntry, Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import Claim, Decision, HandOver, Judgement, Note, Task
from palermo.desks.cases.things import titled

_Kind = AuditEntry.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An act in words: what, on what, and the row of it if there is one."""

    entry: AuditEntry
    words: str | Promise
    about: str = ""
    text: str = ""


def entries(case: Case, *, refusals: bool) -> QuerySet[AuditEntry]:
    """Return the acts in `case`, the newest first; looks are left out."""
    hidden = [_Kind.CONSULTATION] if refusals else [_Kind.CONSULTATION, _Kind.REFUSAL]
    return AuditEntry.objects.filter(case=case).exclude(kind__in=hidden).order_by("-seq")


def told(viewer: Viewer, case: Case, page: Iterable[AuditEntry]) -> list[Told]:
    """Tell the acts of one page, with one query for each kind of row in it."""
    page = list(page)
    wanted: dict[type[Any], set[int]] = {}
    for entry in page:
        if (model := _ROWS.get(entry.what)) and entry.of.isdecimal():
            wanted.setdefault(model, set()).add(int(entry.of[:18]))
    found: dict[tuple[type[Model], int], Any] = {}
    for model, keys in wanted.items():
        rows = (
            HandOver.objects.filter(case=case) if model is HandOver else _mine(model, viewer, case)
        )
        for row in rows.filter(pk__in=keys):
            found[model, row.pk] = row
    return [_told(entry, found) for entry in page]


def _mine(model: type[Any], viewer: Viewer, case: Case) -> Any:
    return model.rows.visible_to(viewer).of(case)


def _told(entry: AuditEntry, found: dict[tuple[type[Model], int], Any]) -> Told:
    model = _ROWS.get(entry.what)
    key = int(entry.of[:18]) if model and entry.of.isdecimal() else 0
    row = found.get((model, key)) if model else None
    words = WORDS.get(entry.what, entry.what)
    if model is None or row is None:
        return Told(entry=entry, words=words, text=entry.of)
    return Told(
        entry=entry,
        words=words,
        about="" if model is HandOver else titled(row.subject, row.subject_key),
        text=_TEXTS[model](row),
    )


_ROWS: dict[str, type[Any]] = {
    "note": Note,
    "note withdrawn": Note,
    "task": Task,
    "task done": Task,
    "task reopened": Task,
    "task given": Task,
    "claim": Claim,
    "claim withdrawn": Claim,
    "claim released": Claim,
    "release ended": Claim,
    "judgement": Judgement,
    "decision": Decision,
    "decision seconded": Decision,
    "decision undone": Decision,
    "hand-over proposed": HandOver,
    "hand-over recalled": HandOver,
    "hand-over taken up": HandOver,
    "hand-over refused": HandOver,
}

_TEXTS: dict[type[Any], Callable[[Any], str]] = {
    Note: lambda row: row.text[:200],
    Task: lambda row: row.text[:200],
    Claim: str,
    Judgement: lambda row: f"{row.get_verdict_display()}: {row.reason[:200]}",
    Decision: lambda row: f"{row.get_step_display()}: {row.reason[:200]}",
    HandOver: lambda row: str(row.to_unit),
}

#: Acts in words. What is not here is shown under the name in which it was logged.
WORDS: dict[str, str | Promise] = {
    "note": _("wrote a note"),
    "note withdrawn": _("withdrew a note"),
    "task": _("set a task"),
    "task done": _("did a task"),
    "task reopened": _("reopened a task"),
    "task given": _("gave a task"),
    "claim": _("wrote a claim"),
    "claim withdrawn": _("withdrew a claim"),
    "claim released": _("permitted that a claim leaves"),
    "release ended": _("took the permission for a claim back"),
    "claims export": _("exported claims"),
    "judgement": _("judged"),
    "decision": _("proposed a step"),
    "decision seconded": _("answered as second person"),
    "decision undone": _("undid a decision"),
    "hand-over proposed": _("proposed a hand-over"),
    "hand-over recalled": _("recalled a hand-over"),
    "hand-over taken up": _("took the case up"),
    "hand-over refused": _("refused the case"),
    "new case": _("created the case"),
    "opening": _("opened the case"),
    "shutting": _("shut the case"),
    "material": _("brought material in"),
    "cancel": _("cancelled a run"),
}
