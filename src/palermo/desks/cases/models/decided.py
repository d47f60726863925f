"""What people hold of what was found, and decide: judgements, decisions, hand-overs.

Nothing here is edited: a judgement is followed by another one, a decision is confirmed, refused or
undone once, by a person whose name, role and unit at that time stay beside it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import Case, Unit
from palermo.desks.access.rows import CaseRow
from palermo.desks.cases.models.work import PERSON, Work
from palermo.desks.cases.steps import steps


class Judgement(Work):
    """What somebody holds of a proposed link. The newest one of a subject counts; all are kept.

    `about` says what was judged in words that outlive a run: the items and the value of a link,
    the values that held a network together. `role` and `unit` are those of `by` at that time.
    """

    class Verdict(models.TextChoices):
        """The same hands, not the same, unsure; or no judgement any more."""

        SAME = "same", _("same")
        NOT_SAME = "not_same", _("not the same")
        UNSURE = "unsure", _("unsure")
        UNDONE = "undone", _("taken back")

    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField(_("why"))
    about = models.JSONField(default=dict)
    role = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["case", "subject", "subject_key", "-id"])]

    def __str__(self) -> str:
        return f"{self.subject_key}: {self.verdict}"


class Decision(Work):
    """A referral or another step that affects a person: proposed with a reason, then confirmed.

    `indicated` keeps what the program had indicated at that time and what spoke against it,
    `follows` whether the step is what that suggested (None: it suggested nothing either way), so
    that it can be counted how often people followed it. `care` is what is done for somebody who
    asks for help, before an adverse step.
    """

    step = models.CharField(_("step"), max_length=20, choices=steps().choices)
    reason = models.TextField(_("why"))
    care = models.TextField(blank=True)
    indicated = models.JSONField(default=dict)
    follows = models.BooleanField(null=True)
    needs_second = models.BooleanField(default=True)
    role = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    seconded_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seconded_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)
    second_reason = models.TextField(blank=True)
    second_role = models.CharField(max_length=20, blank=True)
    second_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    undone_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_reason = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["case", "subject", "subject_key"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seconded_by=None) | ~models.Q(seconded_by=models.F("by")),
                name="decision_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(seconded_by=None, seconded_at=None, agreed=None)
                | models.Q(
                    seconded_by__isnull=False, seconded_at__isnull=False, agreed__isnull=False
                ),
                name="decision_second_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.subject_key}"

    @property
    def state(self) -> str:
        """Where it stands: `undone`, `refused`, `holds` or, without the second person, `waits`."""
        if self.undone_at is not None:
            return "undone"
        if self.agreed is False:
            return "refused"
        return "holds" if self.agreed or not self.needs_second else "waits"


class HandOver(models.Model):
    """The case is shared with, or handed over to, another unit, whose lead takes it up.

    No row of a case's contents, on purpose: whoever is asked reads it before they may see the case.
    `keeps_until` is the moment until which the unit that hands over goes on reading (None: not at
    all); it is without meaning where the case is shared.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_lead = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    share = models.BooleanField(default=True)
    keeps_until = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(_("why"))
    taken_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True)
    recalled_by = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["to_lead", "taken_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(taken_at=None, refused_at=None, recalled_at=None),
                name="hand_over_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(to_lead=models.F("by")), name="hand_over_to_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case.reference} to {self.to_unit}"

    @property
    def state(self) -> str:
        """Where it stands: `taken`, `refused`, `recalled` or `waits`."""
        for word in ("taken", "refused", "recalled"):
            if getattr(self, f"{word}_at") is not None:
                return word
        return "waits"
