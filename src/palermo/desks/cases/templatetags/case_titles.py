"""How rows of people's work are written on a page: `{% load case_titles %}`."""

from django import template
from django.utils.formats import number_format

from palermo.desks.cases.models import Work
from palermo.desks.cases.things import titled

register = template.Library()


@register.filter
def thing_title(row: Work) -> str:
    """Return what a row of work is about."""
    return titled(row.subject, row.subject_key)


@register.filter
def percent_range(interval: tuple[float, float]) -> str:
    """Return an interval of shares in per cent."""
    low, high = (number_format(100 * share, decimal_pos=1) for share in interval)
    return f"{low}–{high} %"
