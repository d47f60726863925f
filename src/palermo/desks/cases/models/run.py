"""Material that was brought into a case, and the runs of the main job over it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import Mandate
from palermo.desks.access.rows import CaseRow


class Material(CaseRow):
    """A file brought into the case; `path` is where the node keeps it until it is sealed."""

    name = models.CharField(max_length=255)
    path = models.TextField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sealed = models.BooleanField(default=False)

    class Meta(CaseRow.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Run(CaseRow):
    """One run over the material. A run whose `beat` is old was cut off and is taken up again."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=30)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    language = models.CharField(max_length=8, default="en")
    options = models.JSONField(default=dict)
    step = models.CharField(max_length=60, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    step_began = models.DateTimeField(null=True)
    beat = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    trouble = models.TextField(blank=True)
    counts = models.JSONField(default=dict)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"run {self.pk} ({self.state})"
