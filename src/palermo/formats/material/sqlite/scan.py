"""Reads the rows of one table in the order of their numbers, around whatever is damaged.

Guarantees that it ends: numbers must rise, a table cannot hold more than its file, and no more than
so many gaps are jumped. What could not be read is told as gaps between row numbers.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

#: What SQLite raises; and Python, when a message of SQLite's quotes a name that is no UTF-8.
FAILURES = (sqlite3.Error, UnicodeDecodeError)
Cell = str | int | float | bytes | None

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_MOST_GAPS = 1_000
#: A row takes a pointer of two bytes, a length, and a header.
_SMALLEST_ROW = 4


class _Disorder(Exception):
    """The rows of a damaged or forged table do not add up."""


@dataclass(slots=True)
class Scan:
    """One pass over a table.

    `rowid` is a name under which SQLite gives the number of a row, None where rows have none.
    `capacity` is the size of the file in bytes. After the pass, `gaps` says what is missing.
    """

    connection: sqlite3.Connection
    table: str
    columns: Sequence[str]
    rowid: str | None
    capacity: int
    gaps: list[str] = field(default_factory=list)
    _rows: int = 0
    _size: int = 0
    _prior: int = 0
    _last: int = 0

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Yield the number of each row, counted from 1 where it has none, and its cells."""
        if self.rowid is None:
            yield from self._in_turn()
            return
        low: int | None = _LOWEST
        while low is not None:
            self._prior = self._last = low - 1
            try:
                for number, *cells in self._select(low):
                    self._follow(number)
                    self._weigh(cells)
                    yield self._last, cells
            except (*FAILURES, _Disorder) as error:
                low = None
                for number, *cells in self._withheld(self._last + 1):
                    low = self._resume(number, error)
                    yield self._last, cells
                if low is None:
                    low = self._after(self._last, error)
            else:
                low = None

    def _resume(self, number: Cell, error: Exception) -> int | None:
        """Go on behind the row that was found after an error.

        Nothing is missing before it, unless the error was a row out of order, which is skipped.
        """
        if not isinstance(number, int):
            return None
        if isinstance(error, _Disorder):
            self._gap(self._last, number - 1, error)
        self._last = number
        self._rows += 1
        return number + 1 if number < _HIGHEST else None

    def _follow(self, number: Cell) -> None:
        """Go on to the row of this number, which must be larger than the one before.

        Or than the one before that: then the number between them was damaged, one row only.
        """
        if not isinstance(number, int) or number <= self._prior or number == self._last:
            raise _Disorder("the row numbers of this table do not rise")
        if number > self._last:
            self._prior = self._last
        else:
            self.gaps.append(f"the row numbered {self._last} stands before row {number}")
        self._last = number

    def _in_turn(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        number = 0
        try:
            for number, cells in enumerate(self._select(), 1):
                self._weigh(cells)
                yield number, cells[: len(self.columns)]
        except (*FAILURES, _Disorder) as error:
            for cells in self._withheld(number):
                number += 1
                yield number, cells[: len(self.columns)]
            self.gaps.append(f"the rows after the first {number} could not be read: {error}")

    def _select(self, start: int = 0, limit: int = -1) -> Iterator[Sequence[Cell]]:
        """Select from row number `start` on; without row numbers, after as many rows."""
        # Columns get names of ours: Python would decode the evidence's, which may be no text.
        names = [f"{quoted(column)} AS c{n}" for n, column in enumerate(self.columns)]
        table = quoted(self.table)
        if self.rowid is None:
            query = f"SELECT {', '.join(names or ['NULL'])} FROM {table} LIMIT ?2 OFFSET ?1"  # noqa: S608
        else:
            # The name of a rowid is one of three and stays bare: in quotes it might be a column.
            query = (
                f"SELECT {', '.join([f'{self.rowid} AS number', *names])} FROM {table} NOT INDEXED "  # noqa: S608
                f"WHERE {self.rowid} >= ?1 ORDER BY {self.rowid} LIMIT ?2"
            )
        yield from self.connection.execute(query, (start, limit))

    def _withheld(self, start: int) -> Iterator[Sequence[Cell]]:
        """Yield the row before the damage, if there is one.

        Python's cursor reads one row ahead. When that fails, it drops the row it holds.
        """
        if (
            len(self.gaps) >= _MOST_GAPS
            or self._overdrawn()
            or start > _HIGHEST
            or not self._readable(start)
        ):
            return
        yield from self._select(start, 1)

    def _weigh(self, cells: Sequence[Cell]) -> None:
        self._rows += 1
        self._size += sum(len(cell) for cell in cells if isinstance(cell, str | bytes))
        if self._overdrawn():
            raise _Disorder("the table claims more than the file can hold")

    def _overdrawn(self) -> bool:
        return self._rows * _SMALLEST_ROW > self.capacity or self._size > 2 * self.capacity

    def _after(self, last: int, error: Exception) -> int | None:
        """Note a gap after row `last`; return the row number to go on from, None if there is none.

        The next number that can be read is found by doubling steps, then by halving the last one:
        a damaged page costs some hundred seeks at most, however many numbers it spans.
        """
        spent = len(self.gaps) >= _MOST_GAPS or self._overdrawn() or last >= _HIGHEST
        low = None if spent else self._next_readable(last + 1)
        self._gap(last, None if low is None else low - 1, error)
        return low

    def _gap(self, last: int, until: int | None, error: Exception) -> None:
        above = f"above {last}" if last >= _LOWEST else "from the first on"
        end = "" if until is None or until == last else f" up to {until}"
        self.gaps.append(f"rows numbered {above}{end} could not be read: {error}")

    def _next_readable(self, start: int) -> int | None:
        fails, works, step = start, min(start + 1, _HIGHEST), 1
        while not self._readable(works):
            if works == _HIGHEST:
                return None
            step *= 2
            fails, works = works, min(start + step, _HIGHEST)
        while works - fails > 1:
            middle = (fails + works) // 2
            if self._readable(middle):
                works = middle
            else:
                fails = middle
        return works

    def _readable(self, number: int) -> bool:
        try:
            found = next(self._select(number, 1), None)
        except FAILURES:
            return False
        if found is None or self.rowid is None:
            return True
        return isinstance(found[0], int) and found[0] >= number


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
