"""What is indicated about a thing, what speaks against it, and whether a decision follows that.

Guarantees that nothing here decides: `suggested` says what the program's indications suggest, to be
shown beside the counter-evidence and to be counted afterwards; that help comes first wherever
somebody asks for it; and that the snapshot kept with a decision holds both sides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import Count, Q, QuerySet

from palermo.analysis.indicators import assess
from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import (
    Claim,
    Indication,
    Item,
    Judgement,
    Link,
    Mention,
    Run,
    Subject,
)
from palermo.desks.cases.steps import steps
from palermo.desks.cases.things import Thing
from palermo.model import SubjectCategory

#: Rules named in the snapshot, for and against alike: the most frequent ones.
_MOST = 20


def indicated(viewer: Viewer, thing: Thing) -> dict[str, Any]:
    """Return what the last run indicates about `thing` and what speaks against it, as plain data.

    It states how many items were looked at, so that nothing indicated in no items is not read as
    an all-clear.
    """
    case = thing.case
    items = _items(viewer, thing)
    hits = Indication.rows.visible_to(viewer).of(case).order_by()
    if items is not None:
        hits = hits.filter(item__in=items.order_by().values("pk"))
    rows = [
        {"id": str(one.pop("item_id")), **one}
        for one in hits.values("item_id", "rule", "dimension", "strength", "polarity").distinct()
    ]
    found = asdict(assess(rows))
    for name in ("rules", "held_back", "reported"):
        found[name] = list(found[name])
    rules = {
        polarity: [one for one in found["rules"] if one["polarity"] == polarity]
        for polarity in ("for", "against", "support")
    }
    return {
        "items": _count(viewer, case, items),
        "indicated": list(found["indicated"]),
        "open": list(found["open"]),
        "counter": list(found["counter"]),
        "adult_pattern": found["adult_pattern"],
        "child_review": found["child_review"],
        "support_first": found["support_first"] or person_in_need(viewer, thing),
        "rules": {name: _most(found) for name, found in rules.items()},
        "judgements": _judged(viewer, thing),
        "run": Run.rows.visible_to(viewer).of(case).values_list("pk", flat=True).first(),
    }


def suggested(found: Mapping[str, Any]) -> frozenset[str]:
    """Return the steps that what is indicated suggests; empty when it suggests neither way."""
    follows = steps().follows
    named = [name for name in ("support_first", "adult_pattern", "child_review") if found[name]]
    if named:
        return frozenset().union(*(follows[name] for name in named))
    if found["indicated"] or found["open"] or not found["items"]:
        return frozenset()
    return follows["not_indicated"]


def follows(step: str, found: Mapping[str, Any]) -> bool | None:
    """Return whether `step` is what was suggested; None when nothing was."""
    options = suggested(found)
    return step in options if options else None


def person_in_need(viewer: Viewer, thing: Thing) -> bool:
    """Whether somebody wrote that a person of this thing is, or may be, a victim."""
    return (
        Claim.rows.visible_to(viewer)
        .of(thing.case)
        .filter(
            subject=thing.subject,
            subject_key=thing.key,
            category=SubjectCategory.VICTIM.value,
            withdrawn_at=None,
        )
        .exists()
    )


def needs_care(viewer: Viewer, thing: Thing) -> bool:
    """Whether somebody of this thing asks for help, in its texts or by what people wrote.

    Of a whole case only what people wrote counts: among thousands of texts somebody always does.
    """
    if person_in_need(viewer, thing):
        return True
    items = _items(viewer, thing)
    if items is None:
        return False
    asking = Indication.rows.visible_to(viewer).of(thing.case).filter(polarity="support")
    return asking.filter(item__in=items.order_by().values("pk")).exists()


def _items(viewer: Viewer, thing: Thing) -> QuerySet[Any] | None:
    """Return the items that a thing consists of; None means all of the case."""
    items = Item.rows.visible_to(viewer).of(thing.case)
    match thing.subject:
        case Subject.CASE:
            return None
        case Subject.ITEM:
            return items.filter(ident=thing.key)
        case Subject.CAMPAIGN:
            return items.filter(campaign=thing.key)
        case Subject.NETWORK:
            return items.filter(network=thing.key)
        case Subject.LINK:
            return items.filter(pk__in=[thing.row.a_id, thing.row.b_id])
        case _:
            return _carriers(viewer, thing, items)


def _carriers(viewer: Viewer, thing: Thing, items: QuerySet[Any]) -> QuerySet[Any]:
    """Return the items that carry a value: by a mention, as their account, or by their links."""
    kind, _colon, value = thing.key.partition(":")
    if thing.row is not None:
        mentions = Mention.rows.visible_to(viewer).of(thing.case)
        return items.filter(pk__in=mentions.filter(identifier=thing.row).values("item"))
    if kind == "account":
        return items.filter(account=value)
    links = Link.rows.visible_to(viewer).of(thing.case).filter(reason=thing.key)
    return items.filter(Q(pk__in=links.values("a")) | Q(pk__in=links.values("b")))


def _count(viewer: Viewer, case: Case, items: QuerySet[Any] | None) -> int:
    return (Item.rows.visible_to(viewer).of(case) if items is None else items).count()


def _most(rules: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(rules, key=lambda one: (-one["items"], one["rule"]))
    return [
        {name: one[name] for name in ("rule", "dimension", "strength", "items")}
        for one in ordered[:_MOST]
    ]


def _judged(viewer: Viewer, thing: Thing) -> dict[str, int]:
    """Count the judgements of this very thing, by verdict."""
    rows = (
        Judgement.rows.visible_to(viewer)
        .of(thing.case)
        .filter(subject=thing.subject, subject_key=thing.key)
        .order_by()
        .values("verdict")
        .annotate(n=Count("pk"))
    )
    return {row["verdict"]: row["n"] for row in rows}
