"""How much there is of everything in a case: counted once a run, read by every page.

Guarantees that a number shown is that of the last run that landed, and that a viewer gets numbers
only of cases that they may read.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import Fact
from palermo.desks.cases.tables import Columns

#: Of a facet with more values than this only the most frequent are kept: nobody picks from a list
#: of fifty thousand places. How many there are in all is kept as `<name>_values`.
MOST_VALUES = 2000

_FACETS = ("platform", "lang", "place", "kind", "exhibit")


def counts(viewer: Viewer, case: Case) -> dict[str, int]:
    """Return the totals of `case` by name; what was never counted is not there."""
    found = Fact.rows.visible_to(viewer).of(case).filter(value="")
    return dict(found.values_list("name", "number"))


def facet(viewer: Viewer, case: Case, name: str, *, most: int = 200) -> list[tuple[str, int]]:
    """Return the values of a facet with their number of items, the most frequent first."""
    found = Fact.rows.visible_to(viewer).of(case).filter(name=name).exclude(value="")
    return list(found.order_by("-number", "value").values_list("value", "number")[:most])


def gather(
    folder: Path, columns: Columns, findings: Mapping[str, Any]
) -> Iterator[tuple[str, str, int]]:
    """Yield every fact of a run as name, value and number."""
    told = findings["counts"]
    for name, number in {
        "items": len(columns.ids),
        "identifiers": told["identifier_values"],
        "mentions": told["identifiers"],
        "indications": _rows(folder, "indications"),
        "notes_on_rows": _rows(folder, "rejected"),
        **{
            name: told[name]
            for name in (
                "campaigns", "networks", "links", "rows_read", "rows_set_aside",
                "rows_with_remark", "values_not_used", "support_first",
            )
        },
    }.items():  # fmt: skip
        yield name, "", number
    for name in _FACETS:
        yield from _facet(name, columns.narrow[name])
    yield from _facet("month", pc.strftime(columns.narrow["posted_at"], format="%Y-%m"))
    yield from _facet("set_aside", _column(folder, "rejected", "reason"))
    yield from _facet("rule", _column(folder, "indications", "rule"))
    distinct = pq.read_table(
        folder / "tables" / "identifiers.parquet", columns=["kind", "value"]
    ).group_by(["kind", "value"])
    yield from _facet("identifier", distinct.aggregate([])["kind"])


def _facet(name: str, column: pa.ChunkedArray) -> Iterator[tuple[str, str, int]]:
    tally = [
        (str(row["values"]), row["counts"])
        for row in pc.value_counts(column).to_pylist()
        if row["values"] not in {None, ""}
    ]
    tally.sort(key=lambda pair: (-pair[1], pair[0]))
    yield f"{name}_values", "", len(tally)
    for value, number in tally[:MOST_VALUES]:
        yield name, value, number


def _rows(folder: Path, table: str) -> int:
    return int(pq.ParquetFile(folder / "tables" / f"{table}.parquet").metadata.num_rows)


def _column(folder: Path, table: str, column: str) -> pa.ChunkedArray:
    return pq.read_table(folder / "tables" / f"{table}.parquet", columns=[column])[column]
