"""Keys with which a program acts for a person, and how much it may ask.

Guarantees that a token itself is stored nowhere: only a public name for it and the hash of its
secret. A token has openings of its own, one for each case that it is for (`Opening.token`), so it
gives nothing that its owner's sessions opened, and the other way round.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.duties import duties
from palermo.desks.access.models.people import Person


class ApiToken(models.Model):
    """A token. `ident` is its public name, by which pages, the audit and its owner know it."""

    ident = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    made_at = models.DateTimeField()
    ends = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("made_at")), name="api_token_ends")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.ident})"


class ApiScope(models.Model):
    """An action that a token is for; it needs the same of its owner as a page would."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="scopes")
    action = models.CharField(max_length=20, choices=[(word, word) for word in duties().actions])

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["token", "action"], name="api_scope_once")]

    def __str__(self) -> str:
        return self.action


class Allowance(models.Model):
    """How much of an allowance is used up: the instant, in microseconds, at which all is back."""

    key = models.CharField(max_length=80, unique=True)
    back_at = models.BigIntegerField()

    def __str__(self) -> str:
        return self.key
