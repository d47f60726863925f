"""Pages of a list, each beginning after the last row of the one before.

Guarantees that no row is skipped or repeated, whatever is added meanwhile; that all pages of what a
run found come from one run; and that a place in a list is taken back only by the list, and in the
case, that gave it out (it is signed).
"""

from typing import Annotated, Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from ninja import Schema
from pydantic import Field, StringConstraints

from palermo.doors.api.door import ApiRequest
from palermo.doors.api.problems import Problem, invalid

T = TypeVar("T")
_MOST = 1000
_SIGNER = Signer(salt="palermo.api.paging", sep=".")


class Paging(Schema):
    """Where in a list."""

    limit: Annotated[int, Field(ge=1, le=_MOST, description="Rows in a page.")] = 100
    after: Annotated[
        Annotated[str, StringConstraints(max_length=1500, pattern=r"^[A-Za-z0-9_.-]+$")] | None,
        Field(description="“next” of the page before."),
    ] = None


class Page(Schema, Generic[T]):
    """A page of a list."""

    data: list[T]
    next: Annotated[
        str | None, Field(description="Give it as “after” for the next page; null on the last.")
    ]


class FoundPage(Page[T], Generic[T]):
    """A page of what a run found."""

    run: Annotated[int, Field(description="The run that made these rows; 0 before any.")]


def page_of(
    rows: QuerySet[Any], paging: Paging, request: ApiRequest, *, order: tuple[str, ...] = ("id",)
) -> dict[str, Any]:
    """Return the page of `rows` in `order`, whose last field must tell all rows apart."""
    run = getattr(request, "run", 0)
    name = f"{request.case.pk} {request.path}"
    if paging.after is not None:
        rows = rows.filter(_beyond(order, _place(paging.after, name, run)))
    found = list(rows.order_by(*order)[: paging.limit + 1])
    more = len(found) > paging.limit
    found = found[: paging.limit]
    last = [getattr(found[-1], field.lstrip("-")) for field in order] if more else []
    return {
        "run": run,
        "data": found,
        "next": _SIGNER.sign_object([name, run, last]) if more else None,
    }


def _place(after: str, name: str, run: int) -> list[Any]:
    try:
        of, then, last = _SIGNER.unsign_object(after)
    except (BadSignature, ValueError):
        raise invalid("query.after", "expected “next” of an earlier page") from None
    if of != name:
        raise invalid("query.after", "expected “next” of a page of this very list")
    if then != run:
        raise Problem("rows-replaced")
    return list(last)


def _beyond(order: tuple[str, ...], last: list[Any]) -> Q:
    beyond = Q()
    same: dict[str, Any] = {}
    for field, value in zip(order, last, strict=True):
        name = field.lstrip("-")
        side = "lt" if field.startswith("-") else "gt"
        beyond |= Q(**same, **{f"{name}__{side}": value})
        same[name] = value
    return beyond
