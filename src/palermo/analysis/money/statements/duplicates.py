"""Rows that are in two records: overlapping statements, a notice and its statement, both sides.

Guarantees that two equal payments of one day stay two: a row repeats at most one row of another
series, and never one of its own; so what stays is, of each kind of row, as many as the fullest
series has. A row that names another bank reference than its like, in the same format, repeats
nothing. Every repeat says which row it repeats, and why that is believed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Why a row is believed to repeat another, the surest first.
REASONS = {
    "batch": "the sum of payments that another record tells one by one, same reference and day",
    "reference": "same account, amount, bank reference and day",
    "counterparty": "same account, amount, day and counterparty",
    "amount": "same account, amount and day; one of the two names less",
    "other_side": "the same payment in the statement of the account on its other side",
}
#: How many days the two banks of a payment may book it apart.
_APART = 5
#: How many rows that stand are compared with a row: bounds the work on odd data.
_LOOKED_AT = 200
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Repeat:
    """Row `row` repeats row `of`; `why` is one of REASONS."""

    row: int
    of: int
    why: str


class _Seen(NamedTuple):
    """What of a row is compared."""

    row: int
    series: int
    ref: str | None
    end_to_end: str | None
    other: str
    value_date: int | None
    day: int
    form: str


def repeated(
    rows: pa.Table, series: npt.NDArray[np.int64], formats: Sequence[str], stand_ins: Sequence[str]
) -> list[Repeat]:
    """Find the rows that repeat others.

    Args:
        rows: READ_ROWS, in the order in which they shall stand.
        series: of each row, its series; lower ones stand, higher ones repeat.
        formats: of each row, the format it came in.
        stand_ins: beginnings of names that stand for an account which is not named.
    """
    gone = np.zeros(rows.num_rows, bool)
    found = _batches(rows, series)
    gone[[one.row for one in found]] = True
    found += _within(rows, series, formats, tuple(stand_ins), gone)
    gone[[one.row for one in found]] = True
    found += _other_sides(rows, gone, tuple(stand_ins))
    return sorted(found, key=lambda one: one.row)


def _codes(*columns: Any) -> npt.NDArray[np.int64]:
    """Number the distinct combinations of columns."""
    total = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        codes = np.asarray(array.dictionary_encode(null_encoding="encode").indices).astype(np.int64)
        combined = total * (int(codes.max(initial=0)) + 1) + codes
        total = np.unique(combined, return_inverse=True)[1].astype(np.int64)
    return total


def _groups(codes: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]) -> Iterable[Any]:
    """Yield the places of equal codes among those chosen, groups of two or more."""
    places = np.flatnonzero(chosen)
    order = places[np.argsort(codes[places], kind="stable")]
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    for group in np.split(order, cuts):
        if group.size > 1:
            yield group


def _sides(rows: pa.Table) -> tuple[Any, Any]:
    """Return whose row it is and who is on the other side; without an account, both ends."""
    own = rows["own"].combine_chunks()
    src, dst = rows["src"].combine_chunks(), rows["dst"].combine_chunks()
    other = pc.if_else(pc.equal(own, src), dst, src)
    ends = pc.binary_join_element_wise(src, dst, "\x00")
    return pc.coalesce(own, ends), pc.if_else(pc.is_valid(own), other, dst)


def _batches(rows: pa.Table, series: npt.NDArray[np.int64]) -> list[Repeat]:
    """Find rows that are the sum of several rows of another record, as statement and notice are."""
    referenced = np.asarray(pc.is_valid(rows["bank_ref"].combine_chunks()))
    if not referenced.any() or len(np.unique(series)) < 2:
        return []
    codes = _codes(rows["own"], rows["currency"], rows["bank_ref"], rows["day"])
    effects = np.asarray(rows["effect_minor"].combine_chunks().fill_null(0))
    found = []
    for group in _groups(codes, referenced):
        numbers, counts = np.unique(series[group], return_counts=True)
        if len(numbers) < 2 or counts.min() > 1 or counts.max() < 2:
            continue
        several = group[series[group] == numbers[counts.argmax()]]
        total = sum(effects[several].tolist())
        found += [
            Repeat(int(row), int(several[0]), "batch")
            for row in group[np.isin(series[group], numbers[counts == 1])]
            if int(effects[row]) == total
        ]
    return found


def _within(
    rows: pa.Table,
    series: npt.NDArray[np.int64],
    formats: Sequence[str],
    stand_ins: tuple[str, ...],
    before: npt.NDArray[np.bool_],
) -> list[Repeat]:
    """Find repeats among rows of one account, by reference and then by day."""
    if not rows.num_rows or len(np.unique(series)) < 2:
        return []
    own, other = _sides(rows)
    effect = pc.coalesce(rows["effect_minor"], rows["amount_minor"])
    base = _codes(own, rows["currency"], effect)
    keys = [
        _codes(pa.array(base), rows["bank_ref"]),
        _codes(pa.array(base), rows["day"]),
    ]
    chosen = [np.asarray(pc.is_valid(rows["bank_ref"].combine_chunks())), np.ones(len(base), bool)]
    gone = before.copy()
    matched: set[tuple[int, int]] = set()
    found: list[Repeat] = []
    told = _Columns(rows, series, formats, other)
    for key, choice in zip(keys, chosen, strict=True):
        for group in _groups(key, choice & ~gone):
            if len(np.unique(series[group])) > 1:
                for repeat in _matched(told.of(group), stand_ins, matched):
                    gone[repeat.row] = True
                    found.append(repeat)
    return found


class _Columns:
    """Columns of the rows, from which those of a group are taken out."""

    def __init__(
        self, rows: pa.Table, series: npt.NDArray[np.int64], formats: Sequence[str], other: Any
    ) -> None:
        self.rows, self.series, self.formats, self.other = rows, series, formats, other
        self.days = [rows[name].cast(pa.int32()) for name in ("value_date", "day")]

    def of(self, group: npt.NDArray[np.int64]) -> list[_Seen]:
        """Return the rows of a group, those of lower series first."""
        at = pa.array(group)
        refs, travels = (
            self.rows[name].take(at).to_pylist() for name in ("bank_ref", "end_to_end")
        )
        others = self.other.take(at).to_pylist()
        valued, days = (day.take(at).to_pylist() for day in self.days)
        seen = [
            _Seen(
                row=row,
                series=int(self.series[row]),
                ref=refs[place],
                end_to_end=travels[place],
                other=others[place],
                value_date=valued[place],
                day=days[place],
                form=self.formats[row],
            )
            for place, row in enumerate(group.tolist())
        ]
        return sorted(seen, key=lambda one: (one.series, one.row))


def _matched(
    seen: list[_Seen], stand_ins: tuple[str, ...], matched: set[tuple[int, int]]
) -> list[Repeat]:
    """Match the rows of each series with those that stand, the surest first, each once."""
    standing: dict[str, dict[str | None, list[_Seen]]] = {why: {} for why in REASONS}
    found = []
    for number in sorted({one.series for one in seen}):
        left = [one for one in seen if one.series == number]
        for why in ("reference", "counterparty", "amount"):
            rest = []
            for one in left:
                alike = standing[why].get(_index(one, why), [])
                like = next(
                    (
                        old
                        for old in islice(
                            (old for old in alike if (old.row, number) not in matched), _LOOKED_AT
                        )
                        if _likeness(old, one, stand_ins) == why
                    ),
                    None,
                )
                if like is None:
                    rest.append(one)
                else:
                    matched.add((like.row, number))
                    found.append(Repeat(one.row, like.row, why))
            left = rest
        for one in left:
            for why, index in standing.items():
                index.setdefault(_index(one, why), []).append(one)
    return found


def _index(one: _Seen, why: str) -> str | None:
    """Return what must be alike for this reason, so that few rows are compared."""
    return {"reference": one.ref, "counterparty": one.other}.get(why)


def _likeness(old: _Seen, new: _Seen, stand_ins: tuple[str, ...]) -> str | None:
    """Return why `new` may be `old` again; None if something speaks against it."""
    if old.ref is not None and old.ref == new.ref:
        valued = old.value_date is not None and old.value_date == new.value_date
        return "reference" if valued or old.day == new.day else None
    if old.day != new.day or (old.form == new.form and _contradict(old, new)):
        return None
    if old.other == new.other and not old.other.startswith("unnamed:"):
        return "counterparty"
    return None if _apart(old.other, new.other, stand_ins) else "amount"


def _contradict(old: _Seen, new: _Seen) -> bool:
    """Tell whether both name a reference and not the same one."""
    pairs = ((old.ref, new.ref), (old.end_to_end, new.end_to_end))
    return any(None not in pair and pair[0] != pair[1] for pair in pairs)


def _apart(first: str, second: str, stand_ins: tuple[str, ...]) -> bool:
    """Tell whether two counterparties, not alike, are certainly not the same."""
    if not first.startswith(stand_ins) and not second.startswith(stand_ins):
        return True
    named = first.startswith("name:") and second.startswith("name:")
    return named and not _abridged(first, second)


def _abridged(first: str, second: str) -> bool:
    """Tell whether one name is the beginning of the other: formats cut names off."""
    return len(min(first, second, key=len)) > len("name:xxx") and (
        first.startswith(second) or second.startswith(first)
    )


def _other_sides(
    rows: pa.Table, gone: npt.NDArray[np.bool_], stand_ins: tuple[str, ...]
) -> list[Repeat]:
    """Find payments that two accounts' statements, or a bank's message besides, tell of."""
    own = rows["own"].combine_chunks()
    src, dst = rows["src"].combine_chunks(), rows["dst"].combine_chunks()
    owned = pc.unique(own.drop_null())
    from_own, to_own = pc.is_in(src, owned), pc.is_in(dst, owned)
    nobodys = pc.is_null(own)
    either = pc.and_(nobodys, pc.or_(from_own, to_own))
    candidate = np.asarray(pc.or_(pc.and_(from_own, to_own), either)) & ~gone
    # One statement and a bank's message suffice; so rows that a message may repeat count too.
    told = pc.unique(pc.binary_join_element_wise(src, dst, "\x00").filter(either))
    candidate |= np.asarray(pc.is_in(pc.binary_join_element_wise(src, dst, "\x00"), told)) & ~gone
    for prefix in stand_ins:
        for end in (src, dst):
            candidate &= ~np.asarray(pc.starts_with(end, prefix))
    if not candidate.any():
        return []
    codes = _codes(src, dst, rows["currency"], rows["amount_minor"])
    times = np.asarray(rows["ts"].cast(pa.int64()))
    refs = rows["end_to_end"].to_pylist()
    owners, sources = own.to_pylist(), src.to_pylist()
    found = []
    for group in _groups(codes, candidate):
        sides: dict[str, list[int]] = {"debit": [], "credit": [], "message": []}
        for row in group.tolist():
            owner = owners[row]
            side = "message" if owner is None else "debit" if owner == sources[row] else "credit"
            sides[side].append(row)
        credits_too = _paired(sides["debit"], sides["credit"], times, refs)
        paired = {one.row for one in credits_too}
        standing = sides["debit"] + [row for row in sides["credit"] if row not in paired]
        found += credits_too + _paired(standing, sides["message"], times, refs)
    return found


def _paired(
    standing: list[int], others: list[int], times: npt.NDArray[np.int64], refs: list[str | None]
) -> list[Repeat]:
    """Pair rows of two kinds, each once: those of one reference first, then the nearest in time."""
    free, left = sorted(others, key=lambda row: (times[row], row)), list(standing)
    found = []
    for sure in (True, False):
        for stays in list(left):
            at = int(times[stays])
            first = bisect_left(free, at - _APART * _DAY, key=lambda row: int(times[row]))
            near = [
                row
                for row in free[first : first + _LOOKED_AT]
                if int(times[row]) <= at + _APART * _DAY
                and (refs[row] == refs[stays] is not None if sure else _agree(refs, row, stays))
            ]
            if near:
                best = min(near, key=lambda row: (abs(int(times[row]) - at), row))
                free.remove(best)
                left.remove(stays)
                found.append(Repeat(best, stays, "other_side"))
    return found


def _agree(refs: list[str | None], first: int, second: int) -> bool:
    return None in {refs[first], refs[second]} or refs[first] == refs[second]
