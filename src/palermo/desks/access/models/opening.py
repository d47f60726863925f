"""Openings: a person has a case open, for a purpose, under an authority, for a while."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.duties import duties
from palermo.desks.access.models.case import Case, Mandate
from palermo.desks.access.models.people import Person
from palermo.desks.access.models.token import ApiToken

#: An emergency opening lasts so long at most.
EMERGENCY_MINUTES = 60


class Opening(models.Model):
    """A person opened a case for a purpose, under a mandate; `ends` is when it shuts by itself.

    With a `token` it is the token that has the case open, and no session of its owner.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="openings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="openings")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=30, choices=[(word, word) for word in duties().purposes])
    reason = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    ends = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    token = models.ForeignKey(
        ApiToken, null=True, blank=True, on_delete=models.PROTECT, related_name="openings"
    )

    class Meta:
        indexes = [models.Index(fields=["person", "case", "ends"])]

    def __str__(self) -> str:
        return f"{self.person} / {self.case.reference} ({self.purpose})"


class Emergency(models.Model):
    """Somebody asks to open a case that they may not open, because a life is at stake.

    Nothing is open before a second person agrees; then for 60 minutes at most, for reading only.
    `reference` is what was asked for, as it was written. `case` is empty when no case is called
    so: whoever asked is answered as if there were one. The data-protection officer is told of the
    request and of the answer.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="emergencies")
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="emergencies"
    )
    reference = models.CharField(_("reference"), max_length=60)
    reason = models.TextField(_("reason"))
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)
    answer = models.TextField(_("reason"), blank=True)
    ends = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["person", "case", "ends"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("person")),
                name="emergency_second_person",
            ),
            models.CheckConstraint(
                condition=Q(ends=None)
                | Q(agreed=True, case__isnull=False, answered_at__isnull=False),
                name="emergency_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} / {self.reference}"
