"""What templates use to show what was found: words, addresses that keep a filter, marked texts."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from palermo.desks.cases.figures import Number
from palermo.desks.cases.marking import Piece, Sort
from palermo.desks.cases.words import Words, called
from palermo.investigation.dossier import marked

register = template.Library()

#: The look of a mark, as the style sheets name it.
_LOOKS: dict[Sort, str] = {
    "identifier": "identifier",
    "for": "indication",
    "against": "counter",
    "support": "support",
    "found": "found",
}


@register.filter
def word(value: str, group: str) -> Words:
    """Return what a word of the laboratory is called."""
    return called(group, value)


@register.filter
def account_query(value: str) -> str:
    """Return the query string for the items of an account, named as links name it."""
    platform, _, account = value.partition(":")
    return f"?{urlencode({'platform': platform, 'account': account})}"


@register.filter
def unseen(text: str) -> SafeString:
    """Return `text` with characters that cannot be seen written as their code."""
    return mark_safe(marked(text))  # noqa: S308  escaped there, piece by piece


@register.simple_tag(takes_context=True)
def address(context: dict[str, Any], **changes: object) -> str:
    """Return the query string of this page with some values changed; empty ones go away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def between(context: dict[str, Any], first: date, last: date) -> str:
    """Return the query string of this page for items posted from `first` to `last`."""
    return address(context, since=first.isoformat(), until=last.isoformat(), unit="")


@register.simple_tag
def sort_state(order: str, ascending: str, descending: str) -> SafeString:
    """Return the `aria-sort` of a column, where the list stands by it."""
    state = {ascending: "ascending", descending: "descending"}.get(order)
    return format_html(' aria-sort="{}"', state) if state else mark_safe("")


@register.simple_tag
def marked_text(pieces: list[Piece[Any]]) -> SafeString:
    """Return a text with its marks; each mark ends in the number of its line in the list."""
    return format_html_join("", "{}", ((_piece(one),) for one in pieces))


def _piece(piece: Piece[Any]) -> SafeString:
    shown = unseen(piece.text)
    if piece.sort is None:
        return shown
    notes = format_html_join(
        "",
        '<sup class="ref"><a href="#mark-{}" id="place-{}">{}</a></sup>',
        ((mark.number, mark.number, mark.number) for mark in piece.ending),
    )
    return format_html('<mark class="{}">{}</mark>{}', _LOOKS[piece.sort], shown, notes)


@register.simple_tag
def address_if_any(name: str, *parts: object) -> str:
    """Return the address of a page, or nothing where the node has no such page."""
    try:
        return reverse(name, args=parts)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("cases/_many.html")
def many(number: Number) -> dict[str, Number]:
    """Say how many, exactly or as a lower bound."""
    return {"number": number}
