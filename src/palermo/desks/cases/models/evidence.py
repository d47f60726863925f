"""What a case holds as evidence, and how much of everything: kept from the last run for pages.

The vault and the custody log say what is so; these rows say it fast.
"""

from django.db import models

from palermo.desks.access.rows import CaseRow


class Exhibit(CaseRow):
    """A sealed original. `rows_read` is null while no run has read it.

    `ident` is its id, the commitment to its bytes; `event` the number of the custody event by which
    it came in.
    """

    ident = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    sealed_sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=120)
    sealed_at = models.DateTimeField()
    parent = models.CharField(max_length=64, blank=True)
    event = models.BigIntegerField(null=True)
    rows_read = models.BigIntegerField(null=True)
    rows_kept = models.BigIntegerField(null=True)
    rows_set_aside = models.BigIntegerField(null=True)

    class Meta(CaseRow.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "ident"], name="exhibit_ident")]
        indexes = [models.Index(fields=["case", "sha256"])]

    def __str__(self) -> str:
        return self.name


class SetAside(CaseRow):
    """A row that was set aside, or kept with a note (`kept`); row 0 is the file as a whole."""

    exhibit = models.CharField(max_length=64)
    row = models.BigIntegerField()
    ident = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=60)
    detail = models.TextField()
    kept = models.BooleanField()
    raw = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case", "exhibit", "id"]),
            models.Index(fields=["case", "reason", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.reason} in row {self.row}"


class Fact(CaseRow):
    """A number about the case, so that no page has to count: `number` items of `name` `value`.

    Totals (`items`, `identifiers`, `mentions`, `campaigns`, `networks`, `links`, …) have no value.
    The others are `platform`, `lang`, `place`, `kind`, `exhibit`, `month` (of posting, `2026-03`),
    `rule` (of an indication), `identifier` (its kind) and `set_aside` (why, of rows).
    """

    name = models.CharField(max_length=30)
    value = models.CharField(max_length=200, blank=True)
    number = models.BigIntegerField()

    class Meta(CaseRow.Meta):
        ordering = ["name", "-number", "value"]
        constraints = [models.UniqueConstraint(fields=["case", "name", "value"], name="fact_once")]
        indexes = [models.Index(fields=["case", "name", "-number"])]

    def __str__(self) -> str:
        return f"{self.name} {self.value}: {self.number}"
