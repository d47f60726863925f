"""Writes the generated money, a row group at a time: memory does not grow with the texts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from palermo.model.transaction import CHANNELS, STATEMENT_ROWS
from palermo.scenario.money.book import COINS
from palermo.scenario.money.places import NONE

ROWS = 131_072

#: What is true of an account: `role` in a crime of a `kind` (scheme by number), or the kind of
#: `look_alike` that an innocent one is; null everywhere for everybody else.
TRUE_ACCOUNTS = pa.schema(
    [
        pa.field("account", pa.string(), nullable=False),
        pa.field("role", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("scheme", pa.int64()),
        pa.field("look_alike", pa.string()),
    ]
)
#: The payments that belong to a crime.
TRUE_PAYMENTS = pa.schema(
    [
        pa.field("tx_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("scheme", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The generated money. `columns` are codes by row in the order of time, see `Book`.

    `names`, `holders`, `devices` by account; `accounts` is ACCOUNTS, `truth` TRUE_ACCOUNTS.
    `case` names the accounts of the rings of the scenario's own case.
    """

    accounts: pa.Table
    truth: pa.Table
    columns: Mapping[str, Any]
    names: pa.Array
    holders: pa.Array
    devices: pa.Array
    payees: pa.Array
    memos: pa.Array
    cities: pa.Array
    countries: pa.Array
    zones: pa.Array
    schemes: Sequence[str]
    case: Sequence[str]
    seed: int

    @property
    def count(self) -> int:
        """How many payments there are."""
        return len(self.columns["ts"])

    def batches(self) -> Iterator[pa.Table]:
        """Yield STATEMENT_ROWS, in the order of time."""
        for start in range(0, self.count, ROWS):
            yield self._rows(start, min(start + ROWS, self.count))

    def transactions(self) -> pa.Table:
        """Return all of STATEMENT_ROWS."""
        return pa.concat_tables([STATEMENT_ROWS.empty_table(), *self.batches()])

    def crimes(self) -> pa.Table:
        """Return TRUE_PAYMENTS."""
        scheme = self.columns["scheme"]
        rows = np.flatnonzero(scheme >= 0)
        return pa.table(
            {
                "tx_id": _ids(self.seed, rows),
                "kind": [self.schemes[one] for one in scheme[rows].tolist()],
                "scheme": scheme[rows].astype(np.int64),
            },
            schema=TRUE_PAYMENTS,
        )

    def _rows(self, start: int, stop: int) -> pa.Table:
        part = {name: column[start:stop] for name, column in self.columns.items()}
        coin = part["coin"]
        minor = part["minor"] * np.array(list(COINS.values()))[coin]
        src, dst = pa.array(part["src"]), pa.array(part["dst"])
        payee = part["payee"]
        dst_name = self.holders.take(dst).to_pylist()
        for row in np.flatnonzero(payee >= 0).tolist():
            dst_name[row] = self.payees[int(payee[row])].as_py()
        mcc = part["mcc"]
        codes = pa.array(
            [str(code) if code else None for code in range(int(mcc.max(initial=0)) + 1)],
            pa.string(),
        )
        values: dict[str, Any] = {
            "tx_id": _ids(self.seed, np.arange(start, stop)),
            "ts": pa.array(part["ts"] * 1_000_000).cast(pa.timestamp("us", tz="UTC")),
            "src": self.names.take(src),
            "dst": self.names.take(dst),
            "amount_minor": minor,
            "currency": pa.array(list(COINS)).take(pa.array(coin)),
            "zone": self.zones.take(pa.array(part["country"])),
            "channel": pa.array(CHANNELS).take(pa.array(part["channel"])),
            "mcc": codes.take(pa.array(mcc)),
            "memo": self.memos.take(pa.array(part["memo"])),
            "src_name": self.holders.take(src),
            "dst_name": pa.array(dst_name, pa.string()),
            "city": _taken(self.cities, part["city"]),
            "country": self.countries.take(pa.array(part["country"])),
            "device": _taken(self.devices, part["device"]),
        }
        rows = stop - start
        return pa.table(
            [
                values[f.name] if f.name in values else pa.nulls(rows, f.type)
                for f in STATEMENT_ROWS
            ],
            schema=STATEMENT_ROWS,
        )


def _taken(values: pa.Array, codes: Any) -> pa.Array:
    return values.take(pa.array(codes, mask=codes == NONE))


def _ids(seed: int, rows: Any) -> list[str]:
    return [f"t{seed}-{row:08d}" for row in rows.tolist()]


def write(money: Money, out: Path) -> None:
    """Write accounts.parquet, transactions.parquet and what is true below `out`."""
    (out / "truth").mkdir(parents=True, exist_ok=True)
    pq.write_table(money.accounts, out / "accounts.parquet", compression="zstd")
    with pq.ParquetWriter(out / "transactions.parquet", STATEMENT_ROWS, compression="zstd") as file:
        for table in money.batches():
            file.write_table(table)
    pq.write_table(money.truth, out / "truth" / "accounts.parquet", compression="zstd")
    pq.write_table(money.crimes(), out / "truth" / "payments.parquet", compression="zstd")
