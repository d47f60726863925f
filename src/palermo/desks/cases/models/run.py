"""Material that was brought into a case, and what is done in the background for the case."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import Mandate
from palermo.desks.access.rows import CaseRow


class Material(CaseRow):
    """A file brought into the case, and how it is read.

    `path` is its plain copy until it is sealed, then empty: from then on `exhibit` names it. A
    database's write-ahead log or journal `lies_beside` it under the same name with `suffix`.
    `sha256` may stay empty until the first run, for files too large to hash on a page. What is
    `left_out` stays where it is, sealed or not, and is read no more.
    """

    name = models.CharField(max_length=255)
    path = models.TextField(blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=120, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    zone = models.CharField(max_length=60, blank=True)
    lies_beside = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    suffix = models.CharField(max_length=10, blank=True)
    from_inbox = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    exhibit = models.CharField(max_length=64, blank=True)
    sealed = models.BooleanField(default=False)
    left_out_at = models.DateTimeField(null=True, blank=True)
    left_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    left_out_why = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Run(CaseRow):
    """Something done in the background, in the name of `asked_by` and under `mandate`.

    `result` is what came of it, by kind: the checks of a verification, the counts of a package.
    """

    class Kind(models.TextChoices):
        """What is done."""

        INVESTIGATE = "investigate", _("investigation")
        VERIFY = "verify", _("verification")
        PACKAGE = "package", _("exhibit package")
        RECEIVE = "receive", _("taking over a package")

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INVESTIGATE)
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
    result = models.JSONField(default=dict)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["state"]), models.Index(fields=["case", "kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"

    @property
    def at_work(self) -> bool:
        """Whether it has yet to end."""
        return self.state in {self.State.WAITING, self.State.RUNNING}


class Package(CaseRow):
    """Exhibits handed over, or to be: to whom, by which act, under which authority.

    `document` is the authority file for the measure `disclose`. The package itself lies sealed
    (`sealed`, an id in the vault for packages) until it is `removed_at`. `event` is the hand-over's
    number in the custody log of the case.
    """

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="+")
    recipient = models.CharField(max_length=200)
    act = models.CharField(max_length=12)
    language = models.CharField(max_length=8, default="en")
    only = models.JSONField(default=list)
    outputs = models.BooleanField(default=False)
    seal = models.CharField(max_length=60, blank=True)
    document = models.BinaryField()
    document_sha256 = models.CharField(max_length=64)
    event = models.BigIntegerField(null=True)
    sealed = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta(CaseRow.Meta):
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed="") | Q(event__isnull=False), name="package_was_logged"
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} to {self.recipient}"
