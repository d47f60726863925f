"""What people write and decide in a case. Nothing here is edited: a later row takes its place."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import Unit
from palermo.desks.access.rows import CaseRow
from palermo.model import HandlingCode, InformationGrade, SourceReliability

PERSON = settings.AUTH_USER_MODEL


class Subject(models.TextChoices):
    """What a row of somebody's work is about; `subject_key` then says which one."""

    CASE = "case", _("case")
    ITEM = "item", _("item")
    IDENTIFIER = "identifier", _("identifier")
    CAMPAIGN = "campaign", _("campaign")
    NETWORK = "network", _("network")
    LINK = "link", _("link")


class Work(CaseRow):
    """A row written by somebody at some time about something."""

    subject = models.CharField(max_length=12, choices=Subject.choices, default=Subject.CASE)
    subject_key = models.CharField(max_length=600, blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(CaseRow.Meta):
        abstract = True


class Note(Work):
    """A free text. A withdrawn note stays, marked."""

    text = models.TextField(_("text"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)

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
        ordering = ["done_at", "due", "id"]
        indexes = [models.Index(fields=["case", "done_at"])]

    def __str__(self) -> str:
        return self.text[:80]


class Claim(Work):
    """Something that a source says: `predicate` and `value` about the subject, graded 4×4."""

    predicate = models.CharField(_("what is said"), max_length=120)
    value = models.TextField(_("value"))
    source = models.CharField(_("source"), max_length=200)
    said_at = models.DateTimeField(_("said at"))
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
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.predicate}: {self.value[:60]}"


class Judgement(Work):
    """What somebody holds of a proposed link. The newest one of a subject counts; all are kept."""

    class Verdict(models.TextChoices):
        """The same hands, not the same, unsure; or no judgement any more."""

        SAME = "same", _("same")
        NOT_SAME = "not_same", _("not the same")
        UNSURE = "unsure", _("unsure")
        UNDONE = "undone", _("taken back")

    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField(_("why"))

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["case", "subject", "subject_key", "-id"])]

    def __str__(self) -> str:
        return f"{self.subject_key}: {self.verdict}"


class Decision(Work):
    """A referral or another step that affects a person: proposed with a reason, then confirmed.

    `indicated` keeps what the program had indicated at that time, so that it can be counted how
    often people followed it and how often they did not.
    """

    class Step(models.TextChoices):
        """What is to be done."""

        SUPPORT = "support", _("offer of support")
        REFERRAL = "referral", _("referral to another authority")
        MEASURE = "measure", _("investigative measure")
        NOTHING = "nothing", _("no step")

    step = models.CharField(_("step"), max_length=12, choices=Step.choices)
    reason = models.TextField(_("why"))
    indicated = models.JSONField(default=dict)
    follows = models.BooleanField(null=True)
    needs_second = models.BooleanField(default=True)
    seconded_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seconded_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)
    second_reason = models.TextField(blank=True)
    undone_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_reason = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seconded_by=None) | ~models.Q(seconded_by=models.F("by")),
                name="decision_second_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.subject_key}"


class HandOver(Work):
    """The case is shared with, or handed over to, another unit, whose lead takes it up."""

    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_lead = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    share = models.BooleanField(default=True)
    reason = models.TextField(_("why"))
    taken_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.case.reference} to {self.to_unit}"
