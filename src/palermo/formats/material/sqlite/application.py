"""An application whose database is read: which tables and columns show that it is the one.

Files are known by their tables, not by their names: exports are renamed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from palermo.formats.material.found import Found
from palermo.formats.material.sqlite.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application, the tables and columns without which it is not recognised, and its reader.

    `read` yields what it finds; what is damaged it leaves to the `Database` to tell.
    """

    name: str
    needs: Mapping[str, tuple[str, ...]]
    read: Callable[[Database], Iterator[Found]]

    def fits(self, database: Database) -> bool:
        """Tell whether all that is needed is there, as real tables."""
        return all(database.has(table, columns) for table, columns in self.needs.items())

    def imitated(self, database: Database) -> Iterator[str]:
        """Name the views and virtual tables that stand where this application keeps a table.

        Empty unless everything else is there: a view of that name in another database is nothing.
        """
        unreal = [table for table in self.needs if table.lower() in database.unreal]
        others = [
            database.has(table, columns)
            for table, columns in self.needs.items()
            if table not in unreal
        ]
        if unreal and all(others):
            yield from unreal


def lines(*parts: str | None) -> str:
    """Join the parts that say something, each once, one a line."""
    return "\n".join(dict.fromkeys(part for part in parts if part and not part.isspace()))


def no_text(what: Iterable[str | None], otherwise: str) -> str:
    """Return the text of a message without words: `[image/jpeg, no text]`."""
    named = ", ".join(dict.fromkeys(part for part in what if part)) or otherwise
    return f"[{named}, no text]"


def call_text(direction: str | None, seconds: int | None, *parts: str | None) -> str:
    """Return the text of a call: `[outgoing call, 98 seconds]`, then with whom, one a line."""
    title = f"{direction} call" if direction else "call"
    lasted = "" if seconds is None else f", {seconds} seconds"
    return lines(f"[{title}{lasted}]", *parts)
