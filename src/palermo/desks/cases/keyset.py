"""Pages of long lists by the place where the last one ended, never by a count of rows to skip.

Guarantees that page one thousand costs what page one does, that going forth and back shows every
row exactly once, and that rows without a value in the column that orders come last either way.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.http import Http404

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Order:
    """How a list stands: by `column`, then by `tie`, which no two rows share.

    `nullable` columns may be empty.
    """

    name: str
    column: str
    descending: bool = False
    tie: str = "id"
    tie_descending: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of a page, and how to ask for those after and before; empty where there are none."""

    rows: Sequence[Row]
    after: str = ""
    before: str = ""

    def __iter__(self) -> Any:
        return iter(self.rows)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins or ends: the values of the two columns there."""

    value: Any
    tie: Any


def page(
    rows: QuerySet[Row], order: Order, *, after: str = "", before: str = "", size: int = 50
) -> Page[Row]:
    """Return the page of `rows` after, or before, a place that an earlier page named.

    Raises:
        Http404: the place is not one that a page of this list names.
    """
    back = bool(before)
    place = _read(before or after, order, rows.model)
    found = _take(rows, order, place, size + 1, back=back)
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return Page(())
    first, last = _written(found[0], order), _written(found[-1], order)
    return Page(
        found,
        after=last if more or back else "",
        before=first if (more if back else place is not None) else "",
    )


def _take(
    rows: QuerySet[Row], order: Order, place: _Place | None, size: int, *, back: bool
) -> list[Row]:
    """Read the part with values, then the one without; going back, the other way round."""
    parts = [True, False] if order.nullable else [True]
    found: list[Row] = []
    reached = place is None
    for valued in reversed(parts) if back else parts:
        part = rows.filter(**{f"{order.column}__isnull": not valued}) if order.nullable else rows
        if place is not None and not reached:
            if (place.value is not None) != valued:
                continue
            reached = True
            part = part.filter(_beyond(order, place, valued=valued, back=back))
        found += part.order_by(*_ordering(order, valued=valued, back=back))[: size - len(found)]
        if len(found) >= size:
            break
    return found


def _ordering(order: Order, *, valued: bool, back: bool) -> list[Any]:
    tie = F(order.tie)
    by_tie = tie.desc() if order.tie_descending != back else tie.asc()
    if not valued:
        return [by_tie]
    column = F(order.column)
    return [column.desc() if order.descending != back else column.asc(), by_tie]


def _beyond(order: Order, place: _Place, *, valued: bool, back: bool) -> Q:
    further = "lt" if order.tie_descending != back else "gt"
    past_tie = Q(**{f"{order.tie}__{further}": place.tie})
    if not valued:
        return past_tie
    past = "lt" if order.descending != back else "gt"
    # The first condition alone lets an index begin at the place; the second is exact.
    return Q(**{f"{order.column}__{past}e": place.value}) & (
        Q(**{f"{order.column}__{past}": place.value}) | past_tie
    )


def _written(row: Model, order: Order) -> str:
    value, tie = getattr(row, order.column), getattr(row, order.tie)
    if isinstance(value, datetime):
        value = value.isoformat()
    raw = json.dumps([order.name, value, tie], ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(text: str, order: Order, model: type[Model]) -> _Place | None:
    if not text:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        name, value, tie = json.loads(raw)
        place = _Place(_field(model, order.column, value), _field(model, order.tie, tie))
    except (ValueError, TypeError, OverflowError, ValidationError):
        raise Http404 from None
    strange = place.tie is None or (place.value is None and not order.nullable)
    if name != order.name or strange or "\0" in raw or "\\u0000" in raw:
        raise Http404
    return place


def _field(model: type[Model], name: str, value: object) -> Any:
    """Return `value`, which came from outside, as one of the column."""
    field = model._meta.get_field(name)
    made = cast("Field[Any, Any]", field).to_python(value)
    if isinstance(made, int) and not -(2**63) <= made < 2**63:
        raise OverflowError
    if isinstance(made, datetime) and made.tzinfo is None:
        raise ValueError("no time zone")
    return made
