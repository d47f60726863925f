"""Which statements follow each other, and what is missing between them.

A statement follows another of its account if it opens with the balance at which that one closed and
not before that day, or bears the next number. Statements that follow each other are one series:
nothing is in two of them. Different series of one account may overlap, and are compared row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from palermo.analysis.money.statements.proof import Gap
from palermo.model.statement import Statement

#: Whose rows stand when the same row is in several: the fuller record first.
RANK = {"statement": 0, "export": 1, "interim": 2, "notice": 3, "payments": 4, "ledger": 5}


@dataclass(frozen=True, slots=True)
class Series:
    """Statements that follow each other, as places in the list that was given, in their order."""

    places: tuple[int, ...]


def series_of(statements: Sequence[Statement]) -> list[Series]:
    """Divide statements into series, those of the fullest kind first, then by their beginning."""
    groups: list[list[int]] = []
    order = sorted(range(len(statements)), key=lambda place: _when(statements[place], place))
    for place in order:
        one = statements[place]
        fit = [group for group in groups if _follows(statements[group[-1]], one)]
        own = [group for group in fit if statements[group[-1]].document == one.document]
        if fit:
            (own or fit)[0].append(place)
        else:
            groups.append([place])
    return [Series(tuple(group)) for group in groups]


def _when(one: Statement, place: int) -> tuple[int, date, int, int, int]:
    began = one.opening_date or one.first or one.closing_date or date.max
    return RANK[one.kind], began, one.sequence or 0, one.page or 0, place


def _follows(last: Statement, one: Statement) -> bool:
    if (last.account, last.currency, last.kind) != (one.account, one.currency, one.kind):
        return False
    if last.account is None and last.document != one.document:
        return False
    in_order = not _numbered(last, one) or (
        (last.sequence or 0, last.page or 0) < (one.sequence or 0, one.page or 0)
    )
    if last.closing_minor is not None and one.opening_minor is not None:
        dated = last.closing_date is not None and one.opening_date is not None
        in_time = not dated or (one.opening_date or date.min) >= (last.closing_date or date.min)
        meet = last.closing_minor == one.opening_minor
        return meet and in_time and in_order and not _same(last, one)
    # Without balances: parts of one document, unless one repeats the other.
    return last.document == one.document and not _same(last, one)


def _numbered(last: Statement, one: Statement) -> bool:
    """Tell whether the numbers of two statements can be compared."""
    same_year = (last.closing_date or date.min).year == (one.closing_date or date.min).year
    known = last.sequence is not None and one.sequence is not None
    return known and same_year and last.format == one.format


def _same(last: Statement, one: Statement) -> bool:
    """Tell whether two statements say that they are the same one."""
    return (
        (last.sequence, last.page, last.opening_minor, last.opening_date, last.first, last.last)
        == (one.sequence, one.page, one.opening_minor, one.opening_date, one.first, one.last)
        and (last.closing_minor, last.closing_date) == (one.closing_minor, one.closing_date)
        and last.entries == one.entries
    )


def missing_between(statements: Sequence[Statement], found: Sequence[Series]) -> list[Gap]:
    """Name what is missing: between series of one account, and numbers left out within one."""
    gaps = []
    for series in found:
        for place, following in pairwise(series.places):
            gaps += _number_gap(statements[place], statements[following])
    latest: dict[tuple[str, str | None], Statement] = {}
    for series in found:
        first, last = statements[series.places[0]], statements[series.places[-1]]
        if first.kind != "statement" or first.account is None:
            continue
        key = (first.account, first.currency)
        before = latest.get(key)
        if before is not None and _after(before, first):
            gaps.append(
                Gap(
                    kind="between",
                    statement=first.name,
                    before=before.name,
                    expected=before.closing_minor,
                    found=first.opening_minor,
                )
            )
            gaps += _number_gap(before, first)
        if before is None or not (before.closing_date and last.closing_date) or (
            last.closing_date >= before.closing_date
        ):  # fmt: skip
            latest[key] = last
    return gaps


def _after(before: Statement, one: Statement) -> bool:
    """Tell whether `one` begins where `before` has ended, though not with the same balance."""
    if before.closing_minor is None or one.opening_minor is None:
        return False
    if before.closing_date is None or one.opening_date is None:
        return False
    return one.opening_date >= before.closing_date and before.closing_minor != one.opening_minor


def _number_gap(before: Statement, after: Statement) -> list[Gap]:
    if before.sequence is None or after.sequence is None or before.format != after.format:
        return []
    step = after.sequence - before.sequence
    pages = (after.page or 0) - (before.page or 0)
    if step > 1 or (step == 0 and pages > 1):
        number, there = (before.sequence, after.sequence) if step else (before.page, after.page)
        return [
            Gap(
                kind="number",
                statement=after.name,
                before=before.name,
                expected=(number or 0) + 1,
                found=there,
            )
        ]
    return []
