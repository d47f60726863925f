"""What pages that change something share: a refusal is a message, and then one is back."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import Person
from palermo.model import Refused, Unreadable


def attempt(request: HttpRequest, done: str, act: Callable[[], object]) -> bool:
    """Do `act` and say `done`; say why not when it is refused."""
    try:
        act()
    except (Refused, Unreadable) as problem:
        messages.error(request, str(problem))
        return False
    messages.success(request, done)
    return True


def say_errors(request: HttpRequest, form: forms.Form) -> None:
    """Say what is wrong with a form that is shown on another page than this one."""
    for name, problems in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        for problem in problems:
            messages.error(request, f"{label}: {problem}" if label else str(problem))


def people() -> QuerySet[Person]:
    """Return those who can be chosen for something."""
    return Person.objects.filter(is_active=True).order_by("full_name", "username")


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # of Person
    """Somebody, by name, user name and unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Person.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Tell people of one name apart."""
        parts: Iterable[str] = (
            obj.full_name,
            obj.get_username(),
            obj.unit.name if obj.unit else "",
        )
        return " · ".join(part for part in parts if part)


class ReasonForm(forms.Form):
    """A reason, in words that name nobody."""

    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class FirstDayField(forms.DateField):
    """A first day; its value is the first instant of it, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def clean(self, value: Any) -> datetime | None:
        """Return the first instant of the day."""
        return _beginning(super().clean(value))


class LastDayField(FirstDayField):
    """A last day; its value is the first instant after it, or None."""

    def clean(self, value: Any) -> datetime | None:
        """Return the first instant after the day."""
        begins = super().clean(value)
        return begins + timedelta(days=1) if begins else None


def _beginning(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None
