"""What people write in a case: notes, tasks, claims.

Nothing here is edited. What no longer holds is withdrawn, by somebody, at some time, and stays.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.rows import CaseRow
from palermo.model import (
    HandlingCode,
    InformationGrade,
    SourceReliability,
    Standing,
    SubjectCategory,
)

PERSON = settings.AUTH_USER_MODEL


class Subject(models.TextChoices):
    """What a row of somebody's work is about; `subject_key` then says which one."""

    CASE = "case", _("case")
    ITEM = "item", _("item")
    IDENTIFIER = "identifier", _("identifier")
    CAMPAIGN = "campaign", _("campaign")
    NETWORK = "network", _("network")
    LINK = "link", _("link")


#: 600 characters of four bytes each still fit into one entry of an index of PostgreSQL.
KEY_LENGTH = 600


class Work(CaseRow):
    """A row written by somebody at some time about something."""

    subject = models.CharField(max_length=12, choices=Subject.choices, default=Subject.CASE)
    subject_key = models.CharField(max_length=KEY_LENGTH, blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(CaseRow.Meta):
        abstract = True


class Withdrawable(Work):
    """Work that can be withdrawn: it stays, marked with who withdrew it and when."""

    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(CaseRow.Meta):
        abstract = True


class Note(Withdrawable):
    """A free text."""

    text = models.TextField(_("text"))

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["case", "subject", "subject_key"])]

    def __str__(self) -> str:
        return self.text[:80]


class Task(Work):
    """Something to be done, by somebody, until some day."""

    text = models.TextField(_("task"))
    assignee = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due = models.DateField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(CaseRow.Meta):
        ordering = [models.F("done_at").desc(nulls_first=True), "due", "id"]
        indexes = [
            models.Index(fields=["case", "done_at"]),
            models.Index(fields=["assignee", "done_at"]),
            models.Index(fields=["case", "subject", "subject_key"]),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Claim(Withdrawable):
    """Something that a source says: `predicate` and `value` about the subject, graded 4×4.

    `standing` keeps fact and assessment apart, `category` says whose data it is (Directive (EU)
    2016/680, Articles 7 and 6). Both are written by a person and never inferred.
    """

    predicate = models.CharField(_("what is said"), max_length=120)
    value = models.TextField(_("value"))
    source = models.CharField(_("source"), max_length=200)
    said_at = models.DateTimeField(_("said at"))
    standing = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in Standing],
        default=Standing.ASSESSMENT.value,
    )
    category = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in SubjectCategory],
        default=SubjectCategory.UNKNOWN.value,
    )
    reliability = models.CharField(
        max_length=1, choices=[(one.value, one.value) for one in SourceReliability], default="X"
    )
    information = models.CharField(
        max_length=1, choices=[(one.value, one.value) for one in InformationGrade], default="4"
    )
    handling = models.CharField(
        max_length=2, choices=[(one.value, one.value) for one in HandlingCode], default="H2"
    )
    restrictions = models.TextField(_("further restrictions"), blank=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["case", "subject", "subject_key"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(handling=HandlingCode.H3.value) | ~models.Q(restrictions=""),
                name="claim_h3_says_which",
            )
        ]

    def __str__(self) -> str:
        return f"{self.predicate}: {self.value[:60]}"

    @property
    def written_by(self) -> str:
        """Who wrote it, by name, for tables that leave."""
        return str(self.by)


class Release(CaseRow):
    """A lead's permission that a claim leaves the node in spite of its handling code.

    `way` is where it may go (`handling.Way`). A permission is taken back by `ended_at`.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=10)
    reason = models.TextField(_("why"))
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "way"], condition=models.Q(ended_at=None), name="release_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.way}"
