"""Pages of a long list by the last key shown: the hundredth costs what the first does."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """Rows of one page; `after` is what the next begins after, empty at the end."""

    rows: list[M]
    after: str

    def __iter__(self) -> "object":
        """Iterate over the rows, so that a template can."""
        return iter(self.rows)


def by_key(rows: QuerySet[M], asked: QueryDict, *, size: int = 100) -> Slice[M]:
    """Return the page of `rows`, in the order of their primary key, that `after` asks for."""
    given = asked.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
    return Slice(found[:size], str(found[size - 1].pk) if len(found) > size else "")
