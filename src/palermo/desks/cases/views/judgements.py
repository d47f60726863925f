"""Judging links, values and networks; and the queue in which the links of a network are reviewed.

Guarantees that a judgement is about something of this case; that taking one back is a judgement
too; and that nothing is asked twice before all was asked once.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases.judged import about_thing, judged, split_of
from palermo.desks.cases.models import Identifier, Item, Judgement, Network, Subject
from palermo.desks.cases.reviewing import Question, questions
from palermo.desks.cases.signing import may, role_of
from palermo.desks.cases.things import Thing, find, network_links
from palermo.desks.cases.views.posting import about, again, back, thing_of
from palermo.desks.cases.work_forms import VERDICTS, JudgementForm, Why

#: Items shown beside a question: both of a link, the first ones of a value.
_ITEMS = 4
#: What can be judged.
JUDGED = frozenset({Subject.LINK, Subject.IDENTIFIER, Subject.CAMPAIGN, Subject.NETWORK})


def buttons() -> list[tuple[str, Any, str]]:
    """Return the verdicts with their words and access keys."""
    return [
        (verdict, words, key) for (verdict, words), key in zip(VERDICTS.items(), "123", strict=True)
    ]


@case_page("judge", "POST", what="judgement")
def judge(request: CaseRequest) -> HttpResponse:
    """Judge a link, a value or a network."""
    thing, form = thing_of(request), JudgementForm(request.POST)
    if thing.subject not in JUDGED:
        raise Http404
    if not form.is_valid():
        return again(request, _whole(form), title=_("Judgement"), button=_("Judge"), thing=thing)
    _keep(request, thing, form.cleaned_data["verdict"], form.cleaned_data["reason"])
    return back(request, thing.address, said=_("Your judgement is on record."))


@case_page("judge", "POST", what="judgement taken back")
def take_back(request: CaseRequest, pk: int) -> HttpResponse:
    """Take the judgement of a thing back, whoever gave it: a further judgement, with a reason."""
    rows = Judgement.rows.visible_to(request.viewer, "judge").of(request.case)
    found = get_object_or_404(rows, pk=pk)
    form = Why(request.POST)
    thing = Thing(case=request.case, subject=found.subject, key=found.subject_key, title=str(found))
    if not form.is_valid():
        return again(
            request, form, title=_("Take a judgement back"), button=_("Take back"), thing=thing
        )
    _keep(request, thing, Judgement.Verdict.UNDONE, form.cleaned_data["reason"], kept=found.about)
    there = find(request.viewer, request.case, thing.subject, thing.key)
    return back(
        request,
        there.address if there else reverse("cases:judgements", args=[request.case.key]),
        said=_("The judgement was taken back; it stays on record."),
    )


@case_page("read", "GET", what="judgements")
def judgement_list(request: CaseRequest) -> HttpResponse:
    """Show all judgements of the case, the newest first."""
    rows = Judgement.rows.visible_to(request.viewer).of(request.case)
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    page = list(rows.select_related("by", "unit")[:51])
    return render(
        request,
        "cases/work/judgements.html",
        {
            "case": request.case,
            "judgements": page[:50],
            "next": page[49].pk if len(page) > 50 else None,
        },
    )


@case_page("read", "GET", what="network after judgement")
def judged_network(request: CaseRequest, network: str) -> HttpResponse:
    """Show what people's judgements make of a network."""
    _network(request, network)
    return render(
        request,
        "cases/work/judged.html",
        {
            "case": request.case,
            "network": network,
            "split": split_of(request.viewer, request.case, network),
            "may_judge": may(request, "judge"),
        },
    )


@case_page("judge", "GET", "POST", what="review")
def review(request: CaseRequest, network: str) -> HttpResponse:
    """Put the links of a network to a person, one at a time, what matters most first."""
    found = _network(request, network)
    form = JudgementForm(request.POST or None)
    if request.method == "POST":
        thing = thing_of(request)
        if thing.subject not in JUDGED:
            raise Http404
        if form.is_valid():
            _keep(request, thing, form.cleaned_data["verdict"], form.cleaned_data["reason"])
            here = reverse("cases:review", args=[request.case.key, network])
            return back(request, here, said=_("Your judgement is on record."))
    asked = questions(
        network_links(request.viewer, request.case, network), judged(request.viewer, request.case)
    )
    at = min(_number(request.GET.get("skip", "")), max(len(asked) - 1, 0))
    if form.is_bound:
        key = request.POST.get("subject_key", "")
        at = next((n for n, one in enumerate(asked) if one.key == key), at)
    return render(
        request,
        "cases/work/review.html",
        {
            "case": request.case,
            "network": found,
            "left": len(asked),
            "at": at + 1,
            "shown": _shown(request, asked[at]) if asked else None,
            "form": form,
            "verdicts": buttons(),
            "skip": at + 1 if at + 1 < len(asked) else None,
        },
        status=422 if form.is_bound else 200,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A question with what a person needs to answer it."""

    question: Question
    items: list[Item]
    carriers: int
    identifier: Identifier | None


def _shown(request: CaseRequest, question: Question) -> _Shown:
    """Fetch the two items of a link, or the first ones of a value."""
    names = [question.links[0].a, *(link.b for link in question.links)][:_ITEMS]
    rows = Item.rows.visible_to(request.viewer).of(request.case).filter(ident__in=names)
    by_name = {item.ident: item for item in rows}
    kind, _colon, value = question.reason.partition(":")
    return _Shown(
        question=question,
        items=[by_name[name] for name in names if name in by_name],
        carriers=len(question.links) + 1,
        identifier=Identifier.rows.visible_to(request.viewer)
        .of(request.case)
        .filter(kind=kind, value=value)
        .first(),
    )


def _whole(form: JudgementForm) -> JudgementForm:
    """Show the verdict as a field of the form: by itself it has no buttons of its own."""
    form.fields["verdict"].label = _("Verdict")
    return form


def _network(request: CaseRequest, key: str) -> Network:
    rows = Network.rows.visible_to(request.viewer).of(request.case)
    found: Network = get_object_or_404(rows, key=key)
    return found


def _keep(
    request: CaseRequest, thing: Thing, verdict: str, reason: str, kept: Any = None
) -> Judgement:
    with transaction.atomic():
        judgement: Judgement = Judgement.rows.create(
            **about(thing),
            by=request.person,
            at=request.viewer.at,
            verdict=verdict,
            reason=reason,
            about=about_thing(request.viewer, thing) if kept is None else kept,
            role=role_of(request, "judge"),
            unit=request.person.unit,
        )
        write_down(
            request,
            audit.Kind.ALTERATION,
            "judgement",
            of=str(judgement.pk),
            detail={"on": thing.subject, "verdict": verdict},
        )
    return judgement


def _number(text: str) -> int:
    return int(text[:9]) if text.isdecimal() else 0
