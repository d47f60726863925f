"""What people's work is about, by name: a name counts only while the case shows such a thing.

A link is called by its two items and its reason, as JSON: `["a","b","phone:+33..."]`, items sorted.
"""

import json
from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from palermo.desks.cases.models import Campaign, Identifier, Item, Link, Network
from palermo.desks.cases.models.work import Subject
from palermo.doors.api.door import ApiRequest
from palermo.doors.api.problems import invalid


def named(request: ApiRequest, subject: Subject, key: str) -> None:
    """Make sure that the case of `request` shows the thing.

    Raises:
        Problem: it shows none of that name.
    """
    known = not key if subject is Subject.CASE else _rows(request, subject, key).exists()
    if not known:
        raise invalid("body.subject_key", "expected the name of something in this case")


def _rows(request: ApiRequest, subject: Subject, key: str) -> QuerySet[Any]:
    model, asked = _BY_NAME[subject](key)
    rows: QuerySet[Any] = model.rows.visible_to(request.viewer).of(request.case).filter(asked)
    return rows


def _identifier(key: str) -> tuple[type[Identifier], Q]:
    kind, _, value = key.partition(":")
    return Identifier, Q(kind=kind, value=value)


def _link(key: str) -> tuple[type[Link], Q]:
    try:
        a, b, reason = json.loads(key)
    except (ValueError, TypeError, RecursionError):
        return Link, Q(pk=None)
    if not all(isinstance(one, str) for one in (a, b, reason)) or a > b:
        return Link, Q(pk=None)
    ends = Q(a__ident=a, b__ident=b) | Q(a__ident=b, b__ident=a)
    return Link, ends & Q(reason=reason)


_BY_NAME: dict[Subject, Callable[[str], tuple[Any, Q]]] = {
    Subject.ITEM: lambda key: (Item, Q(ident=key)),
    Subject.IDENTIFIER: _identifier,
    Subject.CAMPAIGN: lambda key: (Campaign, Q(key=key)),
    Subject.NETWORK: lambda key: (Network, Q(key=key)),
    Subject.LINK: _link,
}
