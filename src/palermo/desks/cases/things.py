"""What people's work can be about, found in the case by what it is called.

Guarantees that a thing is found only in a case that the viewer may read, and only while the last
run still shows it: nobody writes about, judges or decides on something of another case.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.judging import LinkRow, ends_of, link_key
from palermo.desks.cases.models import Campaign, Identifier, Item, Link, Network, Subject

#: Things whose page is found by the number of their row; that of others by their name.
_BY_NUMBER = frozenset({Subject.ITEM, Subject.IDENTIFIER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something in a case. `row` is its row of this run, None for the case itself."""

    case: Case
    subject: str
    key: str
    title: str
    row: Any = None

    @property
    def address(self) -> str:
        """Its own page, where it has one; else the page of what was written about it."""
        if self.subject == Subject.CASE:
            return reverse("cases:case", args=[self.case.key])
        key = self.row.pk if self.subject in _BY_NUMBER and self.row else self.key
        try:
            return reverse(f"cases:{self.subject}", args=[self.case.key, key])
        except NoReverseMatch:
            return self.about

    @property
    def about(self) -> str:
        """The page of what was written about it."""
        if self.subject == Subject.CASE:
            return reverse("cases:notebook", args=[self.case.key])
        return reverse("cases:about", args=[self.case.key, self.subject, self.key])


def find(viewer: Viewer, case: Case, subject: str, key: str) -> Thing | None:
    """Return the thing, or None when the viewer's case shows none of that name."""
    finder = _FINDERS.get(subject)
    return finder(viewer, case, key) if finder else None


def titled(subject: str, key: str) -> str:
    """Return how a thing is named on a page, from its name alone: it may be gone by now."""
    if subject == Subject.CASE:
        return _("the case")
    if subject == Subject.LINK and (ends := ends_of(key)):
        return _("link %(a)s – %(b)s") % {"a": ends[0], "b": ends[1]}
    return f"{Subject(subject).label} {key}"


def network_links(viewer: Viewer, case: Case, network: str) -> list[LinkRow]:
    """Return the proposed links of a network."""
    rows = (
        Link.rows.visible_to(viewer)
        .of(case)
        .filter(network=network)
        .order_by()
        .values_list("a__ident", "b__ident", "reason", "strength")
    )
    return [LinkRow(*row) for row in rows.iterator(chunk_size=5000)]


def _case(viewer: Viewer, case: Case, key: str) -> Thing | None:
    del viewer  # the page asked already
    return _thing(case, Subject.CASE, "", None) if key == "" else None


def _item(viewer: Viewer, case: Case, key: str) -> Thing | None:
    rows = Item.rows.visible_to(viewer).of(case).filter(ident=key)
    return _first(case, Subject.ITEM, key, rows)


def _identifier(viewer: Viewer, case: Case, key: str) -> Thing | None:
    """Find an identifier, or another value that links items: an account, a photo."""
    kind, colon, value = key.partition(":")
    rows = Identifier.rows.visible_to(viewer).of(case).filter(kind=kind, value=value)
    found = _first(case, Subject.IDENTIFIER, key, rows) if colon else None
    if found is None and Link.rows.visible_to(viewer).of(case).filter(reason=key).exists():
        found = _thing(case, Subject.IDENTIFIER, key, None)
    return found


def _campaign(viewer: Viewer, case: Case, key: str) -> Thing | None:
    rows = Campaign.rows.visible_to(viewer).of(case).filter(key=key)
    return _first(case, Subject.CAMPAIGN, key, rows)


def _network(viewer: Viewer, case: Case, key: str) -> Thing | None:
    rows = Network.rows.visible_to(viewer).of(case).filter(key=key)
    return _first(case, Subject.NETWORK, key, rows)


def _link(viewer: Viewer, case: Case, key: str) -> Thing | None:
    if (ends := ends_of(key)) is None:
        return None
    a, b = ends
    rows = (
        Link.rows.visible_to(viewer)
        .of(case)
        .filter(Q(a__ident=a, b__ident=b) | Q(a__ident=b, b__ident=a))
        .select_related("a", "b")
    )
    same = (row for row in rows if link_key(row.a.ident, row.b.ident, row.reason) == key)
    return _first(case, Subject.LINK, key, same)


def _first(case: Case, subject: str, key: str, rows: Iterable[Any]) -> Thing | None:
    row = next(iter(rows), None)
    return None if row is None else _thing(case, subject, key, row)


def _thing(case: Case, subject: str, key: str, row: Any) -> Thing:
    return Thing(case=case, subject=subject, key=key, title=titled(subject, key), row=row)


_FINDERS: dict[str, Callable[[Viewer, Case, str], Thing | None]] = {
    Subject.CASE: _case,
    Subject.ITEM: _item,
    Subject.IDENTIFIER: _identifier,
    Subject.CAMPAIGN: _campaign,
    Subject.NETWORK: _network,
    Subject.LINK: _link,
}
