"""What the rules of unusual look-ups are given: acts counted by hour, straight from the audit."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db.models import Count
from django.db.models.functions import TruncHour

from palermo.desks.access.anomalies import Acts, Anomaly, Ended, find, rules
from palermo.desks.access.models import AuditEntry, Membership
from palermo.desks.access.own_name import OWN_NAME


def unusual(*, at: datetime) -> list[Anomaly]:
    """Return what is unusual in the time before `at`."""
    return find(acts(at=at), ended(at=at), at=at)


def acts(*, at: datetime) -> Iterator[Acts]:
    """Yield the acts of people as far back as the rules look, counted by hour."""
    known = AuditEntry.objects.filter(at__gte=at - rules().history, at__lt=at).exclude(person=None)
    counted = (
        known.annotate(hour=TruncHour("at", tzinfo=UTC))
        .order_by()
        .values_list("person_id", "case_id", "hour", "kind", "what")
        .annotate(number=Count("pk"))
    )
    for person, case, hour, kind, what, number in counted.iterator(2000):
        yield Acts(person, case, hour, kind, number, what)
    named = (
        known.filter(**{f"detail__{OWN_NAME}": True})
        .annotate(hour=TruncHour("at", tzinfo=UTC))
        .order_by()
        .values_list("person_id", "case_id", "hour")
        .annotate(number=Count("pk"))
    )
    for person, case, hour, number in named:
        # Of a kind of its own: the look itself was counted above.
        yield Acts(person, case, hour, OWN_NAME, number, own_name=True)


def ended(*, at: datetime) -> Iterator[Ended]:
    """Yield the memberships that ended and were not followed by another of the same person."""
    over = Membership.objects.filter(until__gte=at - rules().window, until__lt=at)
    for one in over.values_list("person_id", "case_id", "until"):
        person, case, until = one
        if until is not None and not (
            Membership.objects.filter(person=person, case=case, since__gte=until)
            .filter(since__lte=at)
            .exists()
        ):
            yield Ended(person, case, until)
