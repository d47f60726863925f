"""What every table of a case is built on, so that no row is read past `visible_cases`.

A model that derives from `CaseRow` has no `objects`: it has `rows`, which pages and the API use
through `visible_to`, and whatever works for the case itself (its background tasks) through `of`.
"""

from typing import Self

from django.db import models

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer, visible_cases


class RowsQuerySet(models.QuerySet):  # type: ignore[type-arg]  # of any table of a case
    """Rows of cases."""

    def visible_to(self, viewer: Viewer, action: str = "read") -> Self:
        """Keep the rows of cases in which `viewer` may do `action`."""
        return self.filter(case__in=visible_cases(viewer, action).order_by().values("pk"))

    def of(self, case: Case) -> Self:
        """Keep the rows of one case; for work on behalf of the case, never for a page."""
        return self.filter(case=case)


class CaseRow(models.Model):
    """A row of a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")

    rows = RowsQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "rows"
        default_manager_name = "rows"
