"""Pages of the node itself: the way in, the way out, and each person's own way."""

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from palermo.desks.access import audit
from palermo.desks.access.models import Person
from palermo.desks.access.pages import PersonRequest, anyone, person_page


class Preferences(forms.ModelForm):  # type: ignore[type-arg]  # of Person
    """What each person sets for themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    discreet = forms.BooleanField(
        label=_("Neutral titles"),
        required=False,
        help_text=_(
            "The title of the window and its icon then say nothing of what this is, on this "
            "device also before you sign in."
        ),
    )

    class Meta:
        """Which fields."""

        model = Person
        fields = ["language", "discreet"]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar: its first day, and its weeks with None outside the month."""

    first: date
    weeks: list[list[date | None]]


@anyone
def home(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Lead to the list of cases."""
    return redirect("cases:list")


@anyone
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say whether the node answers and reaches its database, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@anyone
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, for good where somebody is signed in (POST only)."""
    response: HttpResponse = set_language(request)
    wanted = request.POST.get("language", "")
    known = translation.check_for_language(wanted) and wanted in dict(settings.LANGUAGES)
    if request.method == "POST" and known and isinstance(request.user, Person):
        Person.objects.filter(pk=request.user.pk).update(language=wanted)
    return response


@anyone
@csrf_exempt
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session at once and lead to a page that says nothing.

    Without a token on purpose: leaving must work from a page whose token is stale. No other site
    can use it against somebody, because the session's cookie does not travel with its requests.
    """
    logout(request)
    return redirect("calendar")


@anyone
@never_cache
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a calendar: the neutral page to which the quick exit leads."""
    today = settings.PALERMO_CLOCK().date()
    shown = list(_months(today.replace(day=1), 3))
    days = [day for day in shown[0].weeks[1] if day]
    return render(
        request, "plain/calendar.html", {"today": today, "months": shown, "weekdays": days}
    )


@person_page("GET", "POST", second_factor=False)
def preferences(request: PersonRequest) -> HttpResponse:
    """Show and change what each person sets for themselves."""
    person = request.person
    initial = {"language": person.language or translation.get_language()}
    form = Preferences(request.POST or None, instance=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            act = audit.Act(kind=audit.Kind.ACCESS, what="preferences")
            audit.record(act, by=person, at=request.viewer.at)
            form.save()
        with translation.override(person.language):
            messages.success(request, gettext("Saved."))
        return redirect("preferences")
    return render(request, "web/preferences.html", {"form": form})


def _months(first: date, count: int) -> Iterator[Month]:
    year, month = first.year, first.month
    for _number in range(count):
        weeks = months.Calendar(firstweekday=0).monthdatescalendar(year, month)
        kept = [[day if day.month == month else None for day in week] for week in weeks]
        yield Month(date(year, month, 1), kept)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
