"""The audit: what the custody log of the node commits to, in words.

An entry is written once. The log holds its commitment, so an entry that is changed, removed or
added behind the program's back no longer agrees with the log.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models.case import Case
from palermo.desks.access.models.people import Person


class AuditEntry(models.Model):
    """Who did what, with what, why, and who received it (Directive (EU) 2016/680, Article 25).

    Triggers of the database refuse to change or remove an entry (`migrations/0002_append_only`).

    `seq` is the entry of the custody log, `salt` opens its commitment. `what` names the kind of
    page or record, `of` which one, `detail` further facts; none of them holds contents.
    """

    class Kind(models.TextChoices):
        """The acts that Article 25 lists, and those by which access itself is given and used."""

        COLLECTION = "collection", _("collection")
        ALTERATION = "alteration", _("alteration")
        CONSULTATION = "consultation", _("consultation")
        DISCLOSURE = "disclosure", _("disclosure")
        COMBINATION = "combination", _("combination")
        ERASURE = "erasure", _("erasure")
        ACCESS = "access", _("access")
        REFUSAL = "refusal", _("refusal")

    seq = models.BigIntegerField(unique=True)
    salt = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    kind = models.CharField(max_length=15, choices=Kind.choices)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=30, blank=True)
    what = models.CharField(max_length=60)
    of = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    recipient = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["person", "-seq"]),
            models.Index(fields=["case", "-seq"]),
            models.Index(fields=["kind", "-seq"]),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {self.kind} {self.what}"


class Notice(models.Model):
    """What the data-protection officer is told: an entry of the audit that waits to be seen.

    Nobody sees a notice of their own act off (`palermo.desks.access.notices`).
    """

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="notice")
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=Q(seen_at=None), name="notice_unseen")]

    def __str__(self) -> str:
        return str(self.entry)
