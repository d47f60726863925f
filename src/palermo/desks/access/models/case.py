"""Cases, as far as access goes: what people are members of and authorities are for.

What is in a case belongs to other desks; they point here.
"""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def random_key() -> str:
    """Return 12 characters for an address: it tells nobody how many cases there are."""
    return secrets.token_urlsafe(9)


class Unit(models.Model):
    """A unit of the organisation, such as the cyber unit or the anti-trafficking unit."""

    name = models.CharField(_("name"), max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """A case. `key` names its address and folder; `reference` is the organisation's."""

    class Status(models.TextChoices):
        """Whether work goes on."""

        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    key = models.CharField(max_length=16, unique=True, default=random_key, editable=False)
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cases")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"


class Mandate(models.Model):
    """An authority file given to a case: what may be done in it, until when.

    `document` is the file as it was given; `ends` is the first instant at which it no longer holds.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="mandates")
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    power = models.CharField(max_length=120)
    legal_basis = models.TextField()
    purpose = models.TextField()
    measures = models.JSONField(default=list)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "sha256"], name="mandate_once")]

    def __str__(self) -> str:
        return f"{self.power} ({self.ends:%Y-%m-%d})"
