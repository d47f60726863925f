"""People, their duties in the node, their roles in cases, and the conflicts that keep them out."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.duties import duties
from palermo.desks.access.models.case import Case, Unit


class Person(AbstractUser):
    """Somebody with an account. `handle` names them in the custody log, which holds no names.

    `epoch` is part of what a session is checked against: raising it ends every session they have.
    """

    handle = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    full_name = models.CharField(_("name"), max_length=150, blank=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.SET_NULL)
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    discreet = models.BooleanField(_("titles and icon that say nothing"), default=False)
    epoch = models.PositiveIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.full_name or self.get_username()

    def has_duty(self, duty: str) -> bool:
        """Whether this person holds `duty` now."""
        return self.is_active and self.duties.filter(duty=duty, ended_at=None).exists()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's, with the epoch: for the present secret key and for earlier ones alike."""
        return salted_hmac(
            "palermo.desks.access.session",
            f"{self.epoch}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Duty(models.Model):
    """A duty that somebody holds in the node, from when it was given until it was ended."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="duties")
    duty = models.CharField(max_length=40, choices=[(word, word) for word in duties().duties])
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "duty"],
                condition=Q(ended_at=None),
                name="duty_held_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.duty}"


class Membership(models.Model):
    """Somebody's role in a case; `until` is the first instant at which it no longer holds."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(word, word) for word in duties().roles])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["person", "case"])]

    def __str__(self) -> str:
        return f"{self.person} as {self.role} of {self.case.reference}"


class Conflict(models.Model):
    """A conflict of interest: keeps a person out of a case, whatever their role, until lifted."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conflicts")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="conflicts")
    reason = models.TextField()
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["person", "case"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_by=None) | ~Q(lifted_by=F("person")),
                name="conflict_lifted_by_another",
            ),
            models.UniqueConstraint(
                fields=["person", "case"], condition=Q(lifted_at=None), name="conflict_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} / {self.case.reference}"


class Invitation(models.Model):
    """A one-time link by which somebody sets their password; only a hash of it is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ends = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person} until {self.ends:%Y-%m-%d %H:%M}"


class FactorReset(models.Model):
    """A lost second factor: one administrator asks for it to be taken away, another agrees.

    With the factor gone a password alone signs in, so that neither may do this alone, nor for
    themselves. The data-protection officer is told of both steps.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.TextField(_("reason"))
    answered_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)
    answer = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked_by=F("person"))
                & (
                    Q(answered_by=None)
                    | (~Q(answered_by=F("person")) & ~Q(answered_by=F("asked_by")))
                ),
                name="factor_reset_two_others",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(answered_at=None), name="factor_reset_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.asked_at:%Y-%m-%d})"
