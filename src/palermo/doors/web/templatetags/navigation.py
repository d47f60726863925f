"""Where one can go from here: the node's pages, and the parts of a case.

Guarantees that a place is offered only where the duty, or the role in the case, gives what its page
needs; a place that does not exist fails at once. What may be seen is decided by the page, not here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import template
from django.db.models import Q
from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case, Membership
from palermo.desks.access.pages import Needs

register = template.Library()
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """A page to go to; `parts` are the pages that belong to it, by the names of their views."""

    view: str
    label: Words
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offered:
    """A place with its address, as a template needs it."""

    label: Words
    address: str
    current: str


@dataclass(frozen=True, slots=True)
class Group:
    """Places under a heading."""

    heading: Words
    places: list[Offered] = field(default_factory=list)


def _place(view: str, label: Words, *parts: str) -> Place:
    return Place(view, label, frozenset(parts))


NODE = (
    _place("cases:list", _("Cases"), "cases:new"),
    _place("cases:search_all", _("Search")),
    _place("access:people", _("People"), "access:person", "access:invite"),
    _place("access:leaderless", _("Cases without a lead")),
    _place("access:approvals", _("Emergencies to answer")),
    _place("access:audit", _("Audit"), "access:anomalies", "access:entry"),
    _place("access:notices", _("Told to the officer")),
    _place("access:tokens-all", _("Tokens of everybody")),
    _place("access:emergencies", _("Emergency"), "access:emergency"),
    _place("access:own_looks", _("Written down about you")),
    _place("cases:agreement", _("Decisions in numbers")),
    _place("cases:offers", _("Cases offered")),
)
CASE: tuple[tuple[Words, tuple[Place, ...]], ...] = (
    (
        "",
        (
            _place("cases:case", _("Overview")),
            _place("cases:search", _("Search")),
        ),
    ),
    (
        _("Found"),
        (
            _place("cases:networks", _("Networks"), "cases:network", "cases:graph"),
            _place("cases:campaigns", _("Campaigns"), "cases:campaign"),
            _place("cases:identifiers", _("Identifiers"), "cases:identifier"),
            _place("cases:items", _("Items"), "cases:item"),
            _place("cases:timeline", _("Timeline")),
            _place("cases:places", _("Places")),
        ),
    ),
    (
        _("Evidence"),
        (
            _place("cases:material", _("Material"), "cases:run"),
            _place("cases:evidence", _("Exhibits"), "cases:exhibit", "cases:verify"),
            _place("cases:custody", _("Custody")),
            _place("cases:dossier", _("Dossier")),
            _place("cases:packages", _("Packages"), "cases:package"),
        ),
    ),
    (
        _("Work"),
        (
            _place("cases:notes", _("Notebook")),
            _place("cases:tasks", _("Tasks")),
            _place("cases:claims", _("Claims")),
            _place("cases:review", _("Links to judge"), "cases:review_network"),
            _place("cases:judgements", _("Judgements"), "cases:judged"),
            _place("cases:decisions", _("Decisions"), "cases:decision"),
            _place("cases:handover", _("Hand-over")),
            _place("cases:activity", _("Activity")),
            _place("cases:oversight", _("Decisions in numbers")),
        ),
    ),
    (
        _("Access"),
        (
            _place("access:members", _("Members")),
            _place("access:mandates", _("Authorities"), "access:mandate"),
            _place("access:conflicts", _("Conflicts of interest")),
        ),
    ),
)


@register.simple_tag(takes_context=True)
def node_places(context: dict[str, Any]) -> list[Offered]:
    """Return the node's pages that the person may open by their duties."""
    held = context.get("held_duties", set())

    def given(needs: Needs) -> bool:
        return needs.whom != "duty" or needs.word in held

    return list(_offered(NODE, context.get("request"), given, {}))


@register.simple_tag(takes_context=True)
def case_places(context: dict[str, Any], case: Case) -> list[Group]:
    """Return the parts of `case` that the person's role gives, in groups."""
    request = context["request"]
    roles = _roles(request, case)
    actions = {action for role in roles for action in duties().roles[role]}
    # Somebody in an emergency has no role: the pages themselves say what may be read.
    offered = actions or {"see", "read", "search"}

    def given(needs: Needs) -> bool:
        return needs.whom != "case" or needs.word in offered

    groups = [
        Group(heading, list(_offered(places, request, given, {"key": case.key})))
        for heading, places in CASE
    ]
    return [group for group in groups if group.places]


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any]) -> Words:
    """Return what the present part of a case is called, for titles."""
    view = _view(context.get("request"))
    places = [place for _heading, places in CASE for place in places]
    return next((one.label for one in places if view == one.view or view in one.parts), "")


def _roles(request: HttpRequest, case: Case) -> list[str]:
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return []
    held = Membership.objects.filter(
        Q(until=None) | Q(until__gt=viewer.at),
        person=viewer.person,
        case=case,
        since__lte=viewer.at,
    )
    return list(held.order_by().values_list("role", flat=True))


def _offered(
    places: Iterable[Place], request: HttpRequest | None, given: Any, named: dict[str, str]
) -> Iterator[Offered]:
    view = _view(request)
    for place in places:
        address = reverse(place.view, kwargs=named)
        if not given(getattr(resolve(address).func, "needs", Needs("person"))):
            continue
        current = "page" if view == place.view else "true" if view in place.parts else ""
        yield Offered(place.label, address, current)


def _view(request: HttpRequest | None) -> str:
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else ""
