"""Reads the tables of a case folder by columns, and puts them together by position.

Guarantees that an item is known by its place in `items.parquet` alone: what other tables call by
its id is looked up once, for a whole column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Places = npt.NDArray[np.int64]
#: What two parts of a key are joined by; stands in no kind.
_BETWEEN = "\0"


@dataclass(frozen=True, slots=True)
class Columns:
    """Narrow columns of the items of a case, in the order of the items.

    `narrow` has account, platform, lang, place, kind, exhibit and posted_at.
    """

    ids: pa.Array
    narrow: pa.Table
    campaign: pa.Array
    network: pa.Array

    def positions(self, folder: Path, table: str, column: str) -> Places:
        """Return the place of every item that `column` of `table` names."""
        return _places(_column(folder, table, column), self.ids, f"{table}.{column}")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The distinct identifiers of a case.

    `rows` has kind, value, items, accounts, campaigns, first and last seen, used, reason.
    `of_mention` and `item` are, by mention, places in `rows` and in the items.
    """

    rows: list[tuple[Any, ...]]
    of_mention: npt.NDArray[np.int32]
    item: Places


def read_columns(folder: Path) -> Columns:
    """Read what landing needs of the items as a whole."""
    ids = _column(folder, "items", "id")
    narrow = pq.read_table(
        _file(folder, "items"),
        columns=["account", "platform", "lang", "place", "kind", "exhibit", "posted_at"],
        read_dictionary=["platform", "lang", "place", "kind", "exhibit"],
    ).combine_chunks()
    return Columns(
        ids=ids,
        narrow=narrow,
        campaign=_spread(folder, "campaigns", "campaign", ids),
        network=_spread(folder, "networks", "network", ids),
    )


def identifiers(folder: Path, columns: Columns) -> Identifiers:
    """Put the mentions of each identifier together."""
    item = columns.positions(folder, "identifiers", "id")
    mentions = pq.read_table(_file(folder, "identifiers"), columns=["kind", "value"])
    keys = _keys(mentions).dictionary_encode()
    of_mention = keys.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    account = columns.narrow["account"].combine_chunks().dictionary_encode().indices
    joined = pa.table(
        {
            "identifier": of_mention,
            "item": item,
            "account": account.take(pa.array(item)),
            "at": columns.narrow["posted_at"].combine_chunks().take(pa.array(item)),
        }
    )
    counted = (
        joined.group_by("identifier", use_threads=False)
        .aggregate(
            [
                ("item", "count_distinct"),
                ("account", "count_distinct"),
                ("at", "min"),
                ("at", "max"),
            ]
        )
        .sort_by("identifier")
    )
    quality = _quality(folder)
    rows = []
    for key, row in zip(keys.dictionary.to_pylist(), counted.to_pylist(), strict=True):
        kind, value = key.split(_BETWEEN, 1)
        known = quality.get(key, (0, None, ""))
        rows.append(
            (
                kind, value, row["item_count_distinct"], row["account_count_distinct"], known[0],
                row["at_min"], row["at_max"], known[1], known[2],
            )
        )  # fmt: skip
    return Identifiers(rows=rows, of_mention=of_mention, item=item)


def campaigns(columns: Columns) -> Iterator[tuple[Any, ...]]:
    """Yield each campaign: key, items, accounts, first and last seen, a network of its items."""
    table = pa.table(
        {
            "campaign": columns.campaign,
            "account": columns.narrow["account"],
            "at": columns.narrow["posted_at"],
            "network": columns.network.cast(pa.string()),
        }
    ).filter(pc.is_valid(columns.campaign))
    grouped = table.group_by("campaign", use_threads=False).aggregate(
        [
            ([], "count_all"),
            ("account", "count_distinct"),
            ("at", "min"),
            ("at", "max"),
            ("network", "max"),
        ]
    )
    for row in grouped.to_pylist():
        yield (
            row["campaign"], row["count_all"], row["account_count_distinct"], row["at_min"],
            row["at_max"], row["network_max"] or "",
        )  # fmt: skip


def _file(folder: Path, table: str) -> Path:
    return folder / "tables" / f"{table}.parquet"


def _column(folder: Path, table: str, column: str) -> pa.Array:
    return pq.read_table(_file(folder, table), columns=[column])[column].combine_chunks()


def _spread(folder: Path, table: str, column: str, ids: pa.Array) -> pa.DictionaryArray:
    """Return, for each of `ids`, what `table` says of it, or null."""
    said = pq.read_table(_file(folder, table), columns=["id", column])
    where = pc.index_in(ids, value_set=said["id"].combine_chunks())
    return said[column].combine_chunks().dictionary_encode().take(where)


def _places(names: pa.Array, ids: pa.Array, what: str) -> Places:
    found = pc.index_in(names, value_set=ids)
    if found.null_count:
        raise ValueError(f"{what}: {found.null_count} rows name no item")
    places: Places = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def _keys(table: pa.Table) -> pa.Array:
    joined = pc.binary_join_element_wise(
        table["kind"].cast(pa.string()), table["value"].cast(pa.string()), _BETWEEN
    )
    return joined.combine_chunks()


def _quality(folder: Path) -> dict[str, tuple[int, bool, str]]:
    """Return, by kind and value, in how many campaigns, whether used as a link, and why (not)."""
    table = pq.read_table(
        _file(folder, "quality"), columns=["kind", "value", "campaigns", "used", "reason"]
    )
    rest = (table[name].to_pylist() for name in ("campaigns", "used", "reason"))
    return dict(zip(_keys(table).to_pylist(), zip(*rest, strict=True), strict=True))
