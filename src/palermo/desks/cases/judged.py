"""Judgements in the database: read in the form of `judging`, and what is kept with a new one."""

from collections.abc import Iterable, Iterator
from typing import Any

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.judging import (
    LINK,
    NETWORK,
    Judged,
    LinkRow,
    Split,
    after,
    value_of,
)
from palermo.desks.cases.models import Judgement, Link, Network, Subject
from palermo.desks.cases.things import Thing, network_links

#: So many of the values that hold a network together are kept with a judgement of it.
_VALUES = 20


def judged(viewer: Viewer, case: Case) -> list[Judged]:
    """Return all judgements of the case, as `judging` takes them."""
    rows = (
        Judgement.rows.visible_to(viewer)
        .of(case)
        .order_by("pk")
        .values_list("pk", "subject", "subject_key", "verdict", "about")
    )
    return [
        Judged(
            order=pk,
            subject=subject,
            key=key,
            verdict=verdict,
            ends=(about.get("a", ""), about.get("b", "")),
            reason=about.get("reason", ""),
        )
        for pk, subject, key, verdict, about in rows
    ]


def split_of(viewer: Viewer, case: Case, network: str) -> Split | None:
    """Return a network after judgement; None when no judgement touches its links.

    The links of the network are read only when one does: most networks were never judged.
    """
    touching = [one for one in judged(viewer, case) if one.subject != NETWORK]
    values = {
        one.reason if one.subject == LINK else value_of(one.subject, one.key) for one in touching
    }
    rows = Link.rows.visible_to(viewer).of(case).filter(network=network).order_by()
    if not any(rows.filter(reason__in=some).exists() for some in _by_hundreds(sorted(values))):
        return None
    return after(network_links(viewer, case, network), touching)


def about_thing(viewer: Viewer, thing: Thing) -> dict[str, Any]:
    """Return what is kept with a judgement of `thing`, to be understood when the run is gone.

    `proposed` says whether the program holds it to tie items together.
    """
    links = Link.rows.visible_to(viewer).of(thing.case)
    match thing.subject:
        case Subject.LINK:
            row = thing.row
            return {"a": row.a.ident, "b": row.b.ident, "reason": row.reason, "proposed": True}
        case Subject.NETWORK:
            values = network_links(viewer, thing.case, thing.key)
            return {"items": thing.row.items, "values": _most(values), "proposed": True}
        case _:
            value = value_of(thing.subject, thing.key)
            return {"reason": value, "proposed": links.filter(reason=value).exists()}


def earlier(viewer: Viewer, thing: Thing) -> list[Judgement]:
    """Return judgements of networks of earlier runs that were held together by the same values."""
    shown = set(Network.rows.visible_to(viewer).of(thing.case).values_list("key", flat=True))
    rows = Judgement.rows.visible_to(viewer).of(thing.case).filter(subject=Subject.NETWORK)
    gone = [one for one in rows.select_related("by") if one.subject_key not in shown]
    if not gone:
        return []
    values = {link.reason for link in network_links(viewer, thing.case, thing.key)}
    return [one for one in gone if values & set(one.about.get("values", ()))]


def _by_hundreds(values: list[str]) -> Iterator[list[str]]:
    """Yield pieces that every database takes as the parameters of one query."""
    for start in range(0, len(values), 500):
        yield values[start : start + 500]


def _most(links: Iterable[LinkRow]) -> list[str]:
    """Name the values with the most links: in rows of one value each, so by counting."""
    counts: dict[str, int] = {}
    for link in links:
        counts[link.reason] = counts.get(link.reason, 0) + 1
    return sorted(counts, key=lambda value: (-counts[value], value))[:_VALUES]
