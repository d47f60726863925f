"""Reads the rows of one table in the order of their numbers, around whatever is damaged.

Guarantees that it ends: numbers must rise, a table cannot hold more than its file, and no more than
so many gaps are jumped. What could not be read is told as gaps between row numbers.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Yield the number of each row, counted from 1 where it has none, and its cells."""
        if self.rowid is None:
            yield from self._in_turn()
            return
        low: int | None = _LOWEST
        while low is not None:
            last = low - 1
            try:
                for number, *cells in self._select(low):
                    last = _rising(last, number)
                    self._weigh(cells)
                    yield last, cells
            except (sqlite3.Error, _Disorder) as error:
                low = self._after(last, error)
            else:
                low = None

    def _in_turn(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        number = 0
        try:
            for number, cells in enumerate(self._select(None), 1):
                self._weigh(cells)
                yield number, cells
        except (sqlite3.Error, _Disorder) as error:
            self.gaps.append(f"the rows after the first {number} could not be read: {error}")

    def _select(self, low: int | None, *, limit: int = -1) -> Iterator[Sequence[Cell]]:
        names = [quoted(column) for column in self.columns]
        if low is None:
            query = f"SELECT {', '.join(names or ['NULL'])} FROM {quoted(self.table)} LIMIT ?"  # noqa: S608
            yield from self.connection.execute(query, (limit,))
            return
        # The name of a rowid is one of three and stays bare: in quotes it might mean a column.
        query = (
            f"SELECT {', '.join([self.rowid or '', *names])} FROM {quoted(self.table)} NOT INDEXED "  # noqa: S608
            f"WHERE {self.rowid} >= ? ORDER BY {self.rowid} LIMIT ?"
        )
        yield from self.connection.execute(query, (low, limit))

    def _weigh(self, cells: Sequence[Cell]) -> None:
        self._rows += 1
        self._size += sum(len(cell) for cell in cells if isinstance(cell, str | bytes))
        if self._rows * _SMALLEST_ROW > self.capacity or self._size > 2 * self.capacity:
            raise _Disorder("the table claims more than the file can hold")

    def _after(self, last: int, error: Exception) -> int | None:
        """Note a gap after row `last`; return the row number to go on from, None if there is none.

        The next number that can be read is found by doubling steps, then by halving the last one:
        a damaged page costs some hundred seeks at most, however many numbers it spans.
        """
        spent = len(self.gaps) >= _MOST_GAPS or self._rows * _SMALLEST_ROW > self.capacity
        start = last + 1
        low = None if spent or start > _HIGHEST or self._size > 2 * self.capacity else start
        if low is not None:
            low = self._next_readable(start)
        above = f"above {last}" if last >= _LOWEST else "from the first on"
        until = f" up to {low - 1}" if low is not None else ""
        self.gaps.append(f"rows numbered {above}{until} could not be read: {error}")
        return low

    def _next_readable(self, start: int) -> int | None:
        step = 1
        while not self._readable(start + step):
            step *= 2
            if start + step > _HIGHEST:
                return None
        fails, works = start + step // 2, start + step
        while works - fails > 1:
            middle = (fails + works) // 2
            if self._readable(middle):
                works = middle
            else:
                fails = middle
        return works

    def _readable(self, number: int) -> bool:
        try:
            found = next(self._select(number, limit=1), None)
        except sqlite3.Error:
            return False
        return found is None or (isinstance(found[0], int) and found[0] >= number)


def _rising(last: int, number: Cell) -> int:
    if not isinstance(number, int) or number <= last:
        raise _Disorder("the row numbers of this table do not rise")
    return number


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
