"""Statements of account: what a document says of one account besides its rows.

Guarantees that balances stand beside the rows that should explain them, so that the sum can be
proved; a balance that the document does not give is absent, never derived.
"""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from palermo.model.transaction import STATEMENT_ROWS

#: Rows as a reader gives them: the columns of a statement and what proof and comparison need.
#: `own` is the account that the statement is of (absent in a list of payments between others);
#: `effect_minor` is what the row does to its balance, signed; `reversal` says that the row takes an
#: earlier one back; `end_to_end` is the reference that travels with the payment; `day` is
#: that of `ts` where it was booked.
READ_ROWS = pa.schema(
    [
        *STATEMENT_ROWS,
        pa.field("own", pa.string()),
        pa.field("effect_minor", pa.int64()),
        pa.field("reversal", pa.bool_()),
        pa.field("end_to_end", pa.string()),
        pa.field("day", pa.date32()),
    ]
)
#: What a document is. Only a `statement` lists all that was booked in its period; `interim` is a
#: report of the day, `notice` tells of single entries, `payments` are messages between banks,
#: `export` a list from a bank's or explorer's page, `ledger` the book of a remitter.
KINDS = ("statement", "interim", "notice", "payments", "export", "ledger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement (or page of one) of one account, in whole minor units of `currency`.

    Args:
        name: the document and the statement in it, as in the column `statement` of its rows.
        document: SHA-256 of the file, hexadecimal.
        format: such as `camt.053`; `kind` is one of KINDS.
        sequence: its number, as the bank counts them; `page` within that number.
        first: first day of its period, and `last` the last, as stated.
        stated_rows: how many entries it says that it has; `entries` how many it had.
        stated_minor: what it says that their amounts add up to, signs aside; `entries_minor` what
            they do.
        newest_first: the latest row stands first; None if the document does not say.
        whole: False if it breaks off, so that rows are missing.
    """

    name: str
    document: str
    format: str
    kind: str
    account: str | None = None
    holder: str | None = None
    currency: str | None = None
    sequence: int | None = None
    page: int | None = None
    first: date | None = None
    last: date | None = None
    opening_minor: int | None = None
    opening_date: date | None = None
    closing_minor: int | None = None
    closing_date: date | None = None
    stated_rows: int | None = None
    stated_minor: int | None = None
    entries: int = 0
    entries_minor: int = 0
    newest_first: bool | None = False
    whole: bool = True
