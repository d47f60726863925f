"""Tokens of the API: a person's own, and for the data-protection officer everybody's."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from palermo.desks.access import audit, tokens
from palermo.desks.access.duties import duties
from palermo.desks.access.models import ApiToken, Opening
from palermo.desks.access.pages import PersonRequest, duty_page, person_page
from palermo.desks.access.visibility import Viewer, open_now, visible_cases
from palermo.model import Refused

OFFICER = "data-protection-officer"


class TokenForm(forms.Form):
    """What a token is to be for."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Of the program that will use it. It is written down with every use."),
        max_length=60,
    )
    # Not a choice of rows: Django asks the database for whatever number was sent, however large.
    openings = forms.MultipleChoiceField(
        label=_("Cases"),
        help_text=_("Those that you have open now. The token keeps purpose and authority."),
        widget=forms.CheckboxSelectMultiple,
    )
    actions = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(word, f"{word}: {duties().actions[word]}") for word in tokens.ACTIONS],
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Reason, in words that name nobody"),
        help_text=_("The data-protection officer reads it."),
        max_length=500,
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        choices=[(1, _("a day")), (7, _("7 days")), (30, _("30 days")), (90, _("90 days"))],
        initial=30,
    )

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = {str(opening.pk): opening for opening in _held(viewer)}
        field = self.fields["openings"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101
        field.choices = [
            (pk, f"{one.case.reference}: {one.purpose}, {one.mandate}")
            for pk, one in self.held.items()
        ]

    def wanted(self) -> tokens.Wanted:
        """Return what was asked for."""
        data = self.cleaned_data
        return tokens.Wanted(
            name=data["name"],
            actions=data["actions"],
            openings=[self.held[pk] for pk in data["openings"]],
            reason=data["reason"],
            days=data["days"],
        )


@person_page("GET", "POST")
def mine(request: PersonRequest) -> HttpResponse:
    """List a person's tokens; make one, which is shown here and never again."""
    form = TokenForm(request.viewer, request.POST or None)
    shown, made = "", None
    if request.method == "POST" and form.is_valid():
        try:
            made, shown = tokens.make(form.wanted(), by=request.person, at=request.viewer.at)
        except Refused as problem:
            form.add_error(None, str(problem))
        else:
            form = TokenForm(request.viewer)
    return render(
        request,
        "access/tokens.html",
        {"form": form, "shown": shown, "made": made, "rows": _rows(_own(request), request)},
    )


@person_page("POST")
def revoke(request: PersonRequest, ident: str) -> HttpResponse:
    """End one of a person's own tokens."""
    tokens.revoke(_one(_own(request), ident), by=request.person, at=request.viewer.at)
    return redirect("access:tokens")


@duty_page(OFFICER, "GET")
def everybodys(request: PersonRequest) -> HttpResponse:
    """Show the officer every token: whose, for which cases, why, and when it was used last."""
    act = audit.Act(kind=audit.Kind.CONSULTATION, what="api tokens of everybody")
    audit.record(act, by=request.person, at=request.viewer.at)
    rows = _rows(ApiToken.objects.all(), request)
    return render(request, "access/tokens_all.html", {"rows": rows})


@duty_page(OFFICER, "POST")
def revoke_any(request: PersonRequest, ident: str) -> HttpResponse:
    """Let the officer end a token, with a reason."""
    token = _one(ApiToken.objects.all(), ident)
    reason = request.POST.get("reason", "").strip()[:500]
    if reason:
        tokens.revoke(token, by=request.person, at=request.viewer.at, reason=reason)
    return redirect("access:tokens-all")


def _held(viewer: Viewer) -> QuerySet[Opening]:
    return (
        open_now(viewer)
        .filter(case__in=visible_cases(viewer, "see").order_by().values("pk"))
        .select_related("case", "mandate")
        .order_by("case__reference", "-opened_at")
    )


def _own(request: PersonRequest) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(person=request.person)


def _one(among: QuerySet[ApiToken], ident: str) -> ApiToken:
    found = among.filter(ident=ident).first()
    if found is None:
        raise Http404
    return found


def _rows(among: QuerySet[ApiToken], request: PersonRequest) -> Iterable[dict[str, Any]]:
    """Return tokens as a page shows them, with why one no longer works."""
    found = among.select_related("person").prefetch_related(
        "scopes", "openings__case", "openings__mandate"
    )
    for token in found:
        yield {
            "token": token,
            "actions": [one.action for one in token.scopes.all()],
            "openings": token.openings.all(),
            "ended": tokens.ended(token, at=request.viewer.at),
        }
