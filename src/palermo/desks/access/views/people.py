"""The administrator's pages: accounts, duties, units. Nothing here shows a case."""

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palermo.desks.access import audit, people
from palermo.desks.access.accounts import INVITATION_HOURS
from palermo.desks.access.duties import duties
from palermo.desks.access.models import Duty, FactorReset, Person, Unit
from palermo.desks.access.pages import PersonRequest, duty_page
from palermo.desks.access.signing_in import FACTORS
from palermo.desks.access.views.acting import ReasonForm, attempt, say_errors
from palermo.model import Refused


class NewPerson(forms.Form):
    """Somebody to invite."""

    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    full_name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Unit"), queryset=Unit.objects.order_by("name"), required=False
    )


class Details(forms.ModelForm[Person]):
    """What an account is called, and the unit."""

    class Meta:
        model = Person
        fields = ("full_name", "unit")
        labels = {"full_name": gettext_lazy("Name"), "unit": gettext_lazy("Unit")}


class DutyForm(forms.Form):
    """A duty to give."""

    duty = forms.ChoiceField(
        label=gettext_lazy("Duty"),
        choices=[(word, f"{word}: {text}") for word, text in duties().duties.items()],
    )


class UnitForm(forms.ModelForm[Unit]):
    """A unit's name."""

    class Meta:
        model = Unit
        fields = ("name",)


@duty_page("administrator", "GET")
def person_list(request: PersonRequest) -> HttpResponse:
    """Show every account with its duties and how it signs in."""
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    found = (
        Person.objects.select_related("unit")
        .prefetch_related("duties")
        .annotate(factor=Exists(factor))
        .order_by("-is_active", "full_name", "username")
    )
    rows = [
        (one, [duty.duty for duty in one.duties.all() if duty.ended_at is None]) for one in found
    ]
    waiting = FactorReset.objects.filter(answered_at=None).select_related("person", "asked_by")
    return render(request, "access/people.html", {"rows": rows, "resets": waiting})


@duty_page("administrator", "GET", "POST")
def invite(request: PersonRequest) -> HttpResponse:
    """Make an account, and show its one-time link: here, now, and never again."""
    form = NewPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person, token = people.create(
                data["username"],
                data["full_name"],
                data["unit"],
                by=request.person,
                at=request.viewer.at,
            )
        except Refused as problem:
            form.add_error("username", str(problem))
        else:
            return _link(request, person, token)
    return render(request, "access/invite.html", {"form": form})


@duty_page("administrator", "GET", "POST")
def person(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one account, and change its name and unit."""
    found = get_object_or_404(Person, pk=pk)
    form = Details(request.POST or None, instance=Person.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        people.update(
            found,
            form.cleaned_data["full_name"],
            form.cleaned_data["unit"],
            by=request.person,
            at=request.viewer.at,
        )
        return redirect("access:person", pk)
    return render(
        request,
        "access/person.html",
        {
            "one": found,
            "form": form,
            "duties": found.duties.select_related("given_by").order_by("-given_at", "-pk"),
            "duty_form": DutyForm(),
            "reason_form": ReasonForm(),
            "factors": Authenticator.objects.filter(user=found).order_by("type"),
            "resets": FactorReset.objects.filter(person=found).select_related(
                "asked_by", "answered_by"
            ),
            "can_sign_in": people.can_sign_in(found),
        },
    )


@duty_page("administrator", "POST")
def invite_again(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a new one-time link for somebody who forgot their password."""
    found = get_object_or_404(Person, pk=pk)
    try:
        token = people.invite_again(found, by=request.person, at=request.viewer.at)
    except Refused as problem:
        return _refused(request, found, problem)
    return _link(request, found, token)


@duty_page("administrator", "POST")
def give_duty(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a duty."""
    found, form = get_object_or_404(Person, pk=pk), DutyForm(request.POST)
    if form.is_valid():
        duty = form.cleaned_data["duty"]
        attempt(
            request,
            _("The duty was given."),
            lambda: people.give_duty(found, duty, by=request.person, at=request.viewer.at),
        )
    else:
        say_errors(request, form)
    return redirect("access:person", pk)


@duty_page("administrator", "POST")
def end_duty(request: PersonRequest, pk: int) -> HttpResponse:
    """End a duty."""
    duty = get_object_or_404(Duty.objects.select_related("person"), pk=pk)
    attempt(
        request,
        _("The duty has ended."),
        lambda: people.end_duty(duty, by=request.person, at=request.viewer.at),
    )
    return redirect("access:person", duty.person_id)


@duty_page("administrator", "POST")
def activate(request: PersonRequest, pk: int) -> HttpResponse:
    """Deactivate an account that is active, with a reason; activate one that is not."""
    found = get_object_or_404(Person, pk=pk)
    form = ReasonForm(request.POST)
    by, at = request.person, request.viewer.at
    if not found.is_active:
        attempt(request, _("The account is active."), lambda: people.activate(found, by=by, at=at))
    elif form.is_valid():
        reason = form.cleaned_data["reason"]
        attempt(
            request,
            _("The account is deactivated, and every session of it has ended."),
            lambda: people.deactivate(found, by=by, at=at, reason=reason),
        )
    else:
        say_errors(request, form)
    return redirect("access:person", pk)


@duty_page("administrator", "POST")
def ask_reset(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for a lost second factor to be taken away."""
    found, form = get_object_or_404(Person, pk=pk), ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        attempt(
            request,
            _("Another administrator has to agree. The data-protection officer is told."),
            lambda: people.ask_reset(found, reason, by=request.person, at=request.viewer.at),
        )
    else:
        say_errors(request, form)
    return redirect("access:person", pk)


@duty_page("administrator", "POST")
def answer_reset(request: PersonRequest, pk: int) -> HttpResponse:
    """Agree to take a lost second factor away, or refuse to; with a reason of one's own."""
    reset = get_object_or_404(FactorReset.objects.select_related("person"), pk=pk)
    form = ReasonForm(request.POST)
    agreed = request.POST.get("answer") == "agree"
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        attempt(
            request,
            _("The second factor was taken away.") if agreed else _("The request was refused."),
            lambda: people.answer_reset(
                reset, reason, agreed=agreed, by=request.person, at=request.viewer.at
            ),
        )
    else:
        say_errors(request, form)
    return redirect("access:person", reset.person_id)


@duty_page("administrator", "GET", "POST")
def units(request: PersonRequest) -> HttpResponse:
    """Show the units, and make another."""
    form = UnitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _keep_unit(request, form, "unit made")
        return redirect("access:units")
    members = Count("person", filter=Q(person__is_active=True))
    found = Unit.objects.annotate(members=members).order_by("name")
    return render(request, "access/units.html", {"units": found, "form": form})


@duty_page("administrator", "GET", "POST")
def unit(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a unit another name."""
    found = get_object_or_404(Unit, pk=pk)
    form = UnitForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        _keep_unit(request, form, "unit renamed")
        return redirect("access:units")
    return render(request, "access/unit.html", {"form": form})


def _keep_unit(request: PersonRequest, form: UnitForm, what: str) -> None:
    with transaction.atomic():
        act = audit.Act(kind=audit.Kind.ACCESS, what=what, of=form.cleaned_data["name"])
        audit.record(act, by=request.person, at=request.viewer.at)
        form.save()


def _link(request: PersonRequest, found: Person, token: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("access:invitation", args=[token]))
    return render(
        request,
        "access/invited.html",
        {"one": found, "address": address, "hours": INVITATION_HOURS},
    )


def _refused(request: PersonRequest, found: Person, problem: Refused) -> HttpResponse:
    def refuse() -> None:
        raise problem

    attempt(request, "", refuse)
    return redirect("access:person", found.pk)
