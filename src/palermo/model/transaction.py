"""Transactions: money that one account gave to another, as a record says; and its accounts.

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

#: What a statement may tell besides; every one may be missing. `zone` is the IANA time zone in
#: which the hour of `ts` was one of day or night; `day_only` says that the record gave no hour.
#: `channel` is one of CHANNELS. `city` and `country` (ISO 3166-1, two letters) are where it took
#: place. `reverses` is the `tx_id` that this row takes back. `statement` names the document, `line`
#: the row in it.
STATEMENT_ROWS = pa.schema(
    [
        *TRANSACTIONS,
        pa.field("value_date", pa.date32()),
        pa.field("day_only", pa.bool_()),
        pa.field("zone", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("mcc", pa.string()),
        pa.field("memo", pa.string()),
        pa.field("src_name", pa.string()),
        pa.field("dst_name", pa.string()),
        pa.field("city", pa.string()),
        pa.field("country", pa.string()),
        pa.field("device", pa.string()),
        pa.field("bank_ref", pa.string()),
        pa.field("status", pa.string()),
        pa.field("reverses", pa.string()),
        pa.field("balance_minor", pa.int64()),
        pa.field("statement", pa.string()),
        pa.field("line", pa.int64()),
    ]
)
CHANNELS = (
    "atm",
    "card",
    "cash",
    "cheque",
    "crypto",
    "fee",
    "interest",
    "other",
    "p2p",
    "remittance",
    "transfer",
)

#: What the holder of the records knows of an account. Nationality and ethnicity have no column, so
#: that no rule can use them. `segment` is the peer group: what the holder says they do for a
#: living. `kind`: bank, card, wallet, cash, remittance, outside; `holder_kind`: person, business.
#: `income_minor` is declared, a month; `staff` is declared by a business.
ACCOUNTS = pa.schema(
    [
        pa.field("account", pa.string(), nullable=False),
        pa.field("kind", pa.string()),
        pa.field("holder", pa.string()),
        pa.field("holder_kind", pa.string()),
        pa.field("segment", pa.string()),
        pa.field("country", pa.string()),
        pa.field("city", pa.string()),
        pa.field("address", pa.string()),
        pa.field("phone", pa.string()),
        pa.field("email", pa.string()),
        pa.field("device", pa.string()),
        pa.field("opened", pa.date32()),
        pa.field("birth_year", pa.int64()),
        pa.field("income_minor", pa.int64()),
        pa.field("staff", pa.int64()),
        pa.field("currency", pa.string()),
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
