"""A transaction: money that one account gave to another, as a record says.

Amounts are whole minor units of a currency (cents, satoshi), never fractions. `amount_minor` may be
negative only in a statement that records a reversal so; then the money went from `dst` to `src`.
"""

import pyarrow as pa

#: What tracing and typologies need at least. Rows of one `ts` keep the order of the table.
TRANSACTIONS = pa.schema(
    [
        pa.field("tx_id", pa.string(), nullable=False),
        pa.field("ts", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("src", pa.string(), nullable=False),
        pa.field("dst", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
    ]
)

#: Whose money it was: `amount_minor` of `claimant` stood in `account` from `from_ts` on. With
#: `tx_id`, it is the money that this transaction brought.
CLAIMS = pa.schema(
    [
        pa.field("claimant", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
        pa.field("currency", pa.string()),
        pa.field("from_ts", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("tx_id", pa.string()),
    ]
)
