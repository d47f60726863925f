"""The balance proof: opening and all rows must give the closing, and each balance between.

Guarantees that `proven` means that every unit is accounted for; that a break names the row at which
the record stops adding up, each break once; and that sums are exact, however large.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from palermo.model.statement import Statement

Ints = npt.NDArray[np.int64]
#: Sums up to here are exact in 64 bits whatever their order.
_SAFE = float(1 << 61)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What does not add up.

    Args:
        kind: `sum` (opening and rows do not give the closing), `balance` (nor the balance that a
            row states), `count` or `total` (fewer or more than stated), `broken` (breaks off),
            `between` (a closing is not the next opening), `number` (a number is missing).
        statement: its name; `before` is the one before it, of kinds `between` and `number`.
        line: of the row that states the balance.
        expected: minor units, or a count or number; `found` what stands there.
    """

    kind: str
    statement: str
    expected: int | None = None
    found: int | None = None
    line: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one statement proves.

    Args:
        state: `proven` (opening, rows and closing agree, and every balance between), `running`
            (no opening or closing is stated, but the balances of all rows agree with each other),
            `open` (there is nothing to prove it by) or `gap`.
        backwards: the latest row stands first.
        unordered: rows whose time goes against the order of the statement.
        foreign: rows in another currency than the account's, outside the sum.
    """

    statement: Statement
    state: str
    rows: int
    sum_minor: int
    gaps: tuple[Gap, ...]
    backwards: bool
    unordered: int
    foreign: int


def prove(statement: Statement, rows: pa.Table) -> Proof:
    """Prove one statement by its rows (READ_ROWS, in the order of the document)."""
    mask = pc.equal(rows["currency"], statement.currency or "")
    foreign = 0
    if statement.currency is not None:
        foreign = rows.num_rows - (pc.sum(mask).as_py() or 0)
        rows = rows.filter(mask) if foreign else rows
    effects = _filled(rows["effect_minor"])
    balances, stated = _filled(rows["balance_minor"]), _there(rows["balance_minor"])
    lines = np.asarray(rows["line"].combine_chunks().fill_null(0))
    backwards = _backwards(statement, effects, balances, stated)
    if backwards:
        effects, balances, stated = effects[::-1], balances[::-1], stated[::-1]
        lines = lines[::-1]
    total = exact_sum(effects)
    gaps = [
        *_breaks(statement, effects, balances, stated, lines),
        *_sums(statement, total, balances, stated),
        *_counts(statement, rows),
    ]
    times = np.asarray(rows["ts"].cast(pa.int64()))
    steps = np.diff(times[::-1] if backwards else times)
    return Proof(
        statement=statement,
        state=_state(statement, stated, gaps),
        rows=rows.num_rows + foreign,
        sum_minor=total,
        gaps=tuple(gaps),
        backwards=backwards,
        unordered=int((steps < 0).sum()),
        foreign=foreign,
    )


def _state(statement: Statement, stated: npt.NDArray[np.bool_], gaps: Sequence[Gap]) -> str:
    if gaps:
        return "gap"
    if statement.opening_minor is not None and statement.closing_minor is not None:
        return "proven"
    if len(stated) and bool(stated.all()):
        return "running"
    counted = statement.stated_rows is not None and statement.stated_minor is not None
    return "proven" if counted else "open"


def _filled(column: Any) -> Ints:
    return np.asarray(column.combine_chunks().fill_null(0)).astype(np.int64)


def _there(column: Any) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.is_valid(column.combine_chunks()), dtype=bool)


def exact_sum(values: Ints) -> int:
    """Add up, exactly, whatever the size of the sum."""
    if float(np.abs(values.astype(np.float64)).sum()) < _SAFE:
        return int(values.sum())
    return sum(values.tolist())


def _running(values: Ints) -> Any:
    """Return cumulative sums; as Python numbers where 64 bits might not hold them."""
    if float(np.abs(values.astype(np.float64)).sum()) < _SAFE:
        return np.cumsum(values)
    return np.cumsum(values.astype(object))


def _backwards(
    statement: Statement, effects: Ints, balances: Ints, stated: npt.NDArray[np.bool_]
) -> bool:
    """Tell whether the latest row stands first; where nothing says so, by which way adds up."""
    if statement.newest_first is not None:
        return statement.newest_first
    forward = _mismatches(effects, balances, stated)
    return _mismatches(effects[::-1], balances[::-1], stated[::-1]) < forward


def _mismatches(effects: Ints, balances: Ints, stated: npt.NDArray[np.bool_]) -> int:
    at = np.flatnonzero(stated)
    if at.size < 2:
        return 0
    sums = _running(effects)[at]
    known = balances[at].astype(sums.dtype)
    return int((np.diff(known) != np.diff(sums)).sum())


def _breaks(
    statement: Statement,
    effects: Ints,
    balances: Ints,
    stated: npt.NDArray[np.bool_],
    lines: Ints,
) -> list[Gap]:
    """Compare each stated balance with the one before it and the rows between."""
    at = np.flatnonzero(stated)
    if not at.size:
        return []
    sums = _running(effects)[at]
    known = balances[at].astype(sums.dtype)
    offsets = known - sums  # the opening balance that each one implies
    before = np.empty_like(offsets)
    before[1:] = offsets[:-1]
    opening = statement.opening_minor
    before[0] = offsets[0] if opening is None else opening
    wrong = np.flatnonzero(offsets != before)
    return [
        Gap(
            kind="balance",
            statement=statement.name,
            line=int(lines[at[place]]),
            expected=int(before[place] + sums[place]),
            found=int(known[place]),
        )
        for place in wrong
    ]


def _sums(
    statement: Statement, total: int, balances: Ints, stated: npt.NDArray[np.bool_]
) -> list[Gap]:
    gaps = []
    if not statement.whole:
        gaps.append(Gap(kind="broken", statement=statement.name))
    opening, closing = statement.opening_minor, statement.closing_minor
    if opening is not None and closing is not None and opening + total != closing:
        gaps.append(
            Gap(kind="sum", statement=statement.name, expected=closing, found=opening + total)
        )
    elif opening is None and closing is not None and stated.any() and stated[-1]:
        last = int(balances[-1])
        if last != closing:
            gaps.append(Gap(kind="sum", statement=statement.name, expected=closing, found=last))
    return gaps


def _counts(statement: Statement, rows: pa.Table) -> list[Gap]:
    gaps = []
    if statement.stated_rows is not None and statement.stated_rows != statement.entries:
        gaps.append(
            Gap(
                kind="count",
                statement=statement.name,
                expected=statement.stated_rows,
                found=statement.entries,
            )
        )
    if statement.stated_minor is not None:
        found = exact_sum(np.abs(_filled(rows["amount_minor"])))
        if found != statement.stated_minor:
            gaps.append(
                Gap(
                    kind="total",
                    statement=statement.name,
                    expected=statement.stated_minor,
                    found=found,
                )
            )
    return gaps
