"""Reading tables of payments and of accounts: CSV, TSV or Parquet, no row lost in silence.

Guarantees what `typed_table` guarantees, also for days and for yes and no: a day that is none sets
its row aside with the reason.
"""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palermo.formats.typed_table import SetAside, TypedTable, read_typed
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

_TX_NAMES = {
    "tx_id": ("id", "transaction", "transaction_id"),
    "ts": ("timestamp", "time", "date", "booked_at"),
    "src": ("from", "source", "sender", "payer"),
    "dst": ("to", "target", "receiver", "payee"),
    "amount_minor": ("amount_minor_units",),
    "currency": ("ccy",),
}
_ACCOUNT_NAMES = {"account": ("iban", "account_id", "id", "wallet"), "holder": ("name",)}
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read_payments(path: Path) -> TypedTable:
    """Read payments as STATEMENT_ROWS; all but the columns of TRANSACTIONS may be missing."""
    return _read(path, STATEMENT_ROWS, _TX_NAMES)


def read_accounts(path: Path) -> TypedTable:
    """Read accounts as ACCOUNTS; all but `account` may be missing."""
    return _read(path, ACCOUNTS, _ACCOUNT_NAMES)


def _read(path: Path, schema: pa.Schema, names: dict[str, tuple[str, ...]]) -> TypedTable:
    as_text = pa.schema(
        [
            pa.field(field.name, pa.string(), nullable=field.nullable)
            if _special(field.type)
            else field
            for field in schema
        ]
    )
    read = read_typed(path, as_text, names=names)
    table, keep = read.table, [True] * read.table.num_rows
    aside = list(read.set_aside)
    for at, field in enumerate(schema):
        if pa.types.is_string(field.type):
            blank = pc.equal(pc.utf8_trim_whitespace(table.column(at)), "")
            if field.nullable:
                text = pc.if_else(pc.fill_null(blank, False), None, table.column(at))  # noqa: FBT003
                table = table.set_column(at, field, text)
                continue
            told = [(place, "", "is empty") for place in pc.indices_nonzero(blank).to_pylist()]
        elif _special(field.type):
            values, told = [], []
            for place, said in enumerate(table.column(at).to_pylist()):
                value, reason = _value(said, field.type)
                values.append(value)
                if reason:
                    told.append((place, said, reason))
            table = table.set_column(at, field, pa.array(values, field.type))
        else:
            continue
        for place, said, reason in told:
            keep[place] = False
            row = read.rows[place].as_py()
            aside.append(SetAside(row=row, field=field.name, value=said[:80], reason=reason))
    mask = pa.array(keep, pa.bool_())
    return TypedTable(
        table=table.filter(mask).cast(schema),
        rows=read.rows.filter(mask),
        set_aside=tuple(sorted(aside, key=lambda one: (one.row, one.field))),
        without_zone=read.without_zone,
    )


def _special(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind) or pa.types.is_boolean(kind))


def _value(text: str | None, kind: pa.DataType) -> tuple[date | bool | None, str]:
    if text is None or not text.strip():
        return None, ""
    if pa.types.is_boolean(kind):
        known = _TRUTH.get(text.strip().lower())
        return known, "" if known is not None else "expected true or false"
    try:
        return date.fromisoformat(text.strip()[:10]), ""
    except ValueError:
        return None, "expected a day such as 2026-03-01"


def with_ids(table: pa.Table, tx_ids: pa.Array) -> pa.Table:
    """Return the payments whose `tx_id` is among `tx_ids`, by time, then as the table has them."""
    kept = table.filter(pc.is_in(table["tx_id"], tx_ids))
    order = pc.sort_indices(
        kept.append_column("place", pa.array(range(kept.num_rows), pa.int64())),
        [("ts", "ascending"), ("place", "ascending")],
    )
    return kept.take(order)
