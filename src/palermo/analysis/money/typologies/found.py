"""What every rule finds, and what kernels share: choosing payments, collecting findings.

Guarantees rows in the order of time for every finding, and the accounts that are looked at only.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from palermo.analysis.money import motifs
from palermo.analysis.money.motifs import Edges
from palermo.analysis.money.typologies.records import Marks, Records

#: What every rule finds, by kernel or plan: the account, how much of what, the rows that show it,
#: the role if the rule tells one by account, and the account on the other side if there is one.
FOUND = pa.schema(
    [
        pa.field("account", pa.int32(), nullable=False),
        pa.field("value", pa.int64(), nullable=False),
        pa.field("rows", pa.list_(pa.int32()), nullable=False),
        pa.field("role", pa.string()),
        pa.field("other", pa.int32()),
    ]
)


class Findings:
    """Collects findings of accounts that are looked at."""

    def __init__(self, records: Records) -> None:
        self._own = records.people.own
        self._rows: list[tuple[int, int, list[int], str | None, int | None]] = []

    def add(
        self,
        account: int,
        value: int,
        rows: Iterable[int],
        *,
        role: str | None = None,
        other: int | None = None,
    ) -> None:
        """Add one finding, unless the account is not looked at."""
        if self._own[account]:
            whole = sorted({int(row) for row in rows})
            self._rows.append((int(account), int(value), whole, role, other))

    def table(self) -> pa.Table:
        """Return FOUND."""
        columns = list(zip(*self._rows, strict=True)) or [()] * len(FOUND)
        return pa.table(
            [pa.array(c, f.type) for c, f in zip(columns, FOUND, strict=True)], schema=FOUND
        )


def channel(records: Records, *names: str) -> Marks:
    """Mark the payments made in one of these ways."""
    column = records.tx["channel"].combine_chunks()
    listed = column.dictionary.to_pylist()
    wanted = [listed.index(name) for name in names if name in listed]
    found: Marks = np.isin(np.asarray(column.indices), wanted)
    return found


def spends(records: Records, name: str) -> Marks:
    """Mark the payments for this kind of thing."""
    column = records.tx["spend"].combine_chunks()
    at = column.dictionary.to_pylist().index(name)
    found: Marks = np.asarray(column.indices.fill_null(-1)) == at
    return found


def only(records: Records, keep: Marks) -> Edges:
    """Return the payments marked (one mark a row of `tx`)."""
    return motifs.chosen(records.edges, keep[records.edges.row])
