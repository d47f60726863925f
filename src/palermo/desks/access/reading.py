"""Reading the audit: which entries, how many of each kind, page by page and as a table.

Guarantees that a page is found by the number of its first entry and not by counting, so that the
last page of a million entries comes as fast as the first.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from palermo.desks.access.models import AuditEntry, Person

#: Entries on a page.
PAGE = 100
COLUMNS = (
    "entry", "at", "kind", "person", "handle", "case", "purpose", "what", "of", "reason",
    "recipient", "detail",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for; an empty part asks for everything. `until` is the first instant after."""

    person: Person | None = None
    reference: str = ""
    kind: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def facts(self) -> dict[str, Any]:
        """Return the filter as the log keeps it."""
        return {
            "person": str(self.person.handle) if self.person else None,
            "reference": self.reference,
            "kind": self.kind,
            "what": self.what,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
        }


def entries(wanted: Filter) -> QuerySet[AuditEntry]:
    """Return the entries that `wanted` asks for, the newest first."""
    found = AuditEntry.objects.select_related("person", "case").order_by("-seq")
    for condition in (
        Q(person=wanted.person) if wanted.person else None,
        Q(case__reference=wanted.reference.strip()) if wanted.reference.strip() else None,
        Q(kind=wanted.kind) if wanted.kind else None,
        Q(what__icontains=wanted.what.strip()) if wanted.what.strip() else None,
        Q(at__gte=wanted.since) if wanted.since else None,
        Q(at__lt=wanted.until) if wanted.until else None,
    ):
        if condition is not None:
            found = found.filter(condition)
    return found


def totals(found: QuerySet[AuditEntry]) -> list[tuple[str, int]]:
    """Return how many entries there are of each kind, with the kind's name."""
    counted = found.order_by().values_list("kind").annotate(number=Count("pk"))
    number = {str(kind): int(count) for kind, count in counted}
    return [(str(kind.label), number[kind.value]) for kind in AuditEntry.Kind if kind in number]


def page(found: QuerySet[AuditEntry], before: int | None) -> tuple[list[AuditEntry], int | None]:
    """Return the entries of the page below entry `before`, and where the next page begins."""
    if before is not None:
        found = found.filter(seq__lt=before)
    taken = list(found[: PAGE + 1])
    name(taken)
    return taken[:PAGE], taken[PAGE - 1].seq if len(taken) > PAGE else None


def name(found: Iterable[AuditEntry]) -> None:
    """Say whom an entry is about, where it names somebody by what the custody log calls them."""
    found = list(found)
    handles = {one.pk: handle for one in found if (handle := _handle(one.of)) is not None}
    people = {one.handle: one for one in Person.objects.filter(handle__in=handles.values())}
    for one in found:
        one.about = people.get(handles[one.pk]) if one.pk in handles else None  # type: ignore[attr-defined]


def _handle(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def table(found: QuerySet[AuditEntry]) -> Iterator[tuple[object, ...]]:
    """Yield the entries as rows, what the columns are called first."""
    yield COLUMNS
    for one in found.iterator(2000):
        yield (
            one.seq,
            one.at,
            one.kind,
            one.person.get_username() if one.person else "",
            one.person.handle if one.person else "",
            one.case.reference if one.case else "",
            one.purpose,
            one.what,
            one.of,
            one.reason,
            one.recipient,
            json.dumps(one.detail, sort_keys=True, ensure_ascii=False) if one.detail else "",
        )
