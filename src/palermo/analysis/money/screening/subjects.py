"""Whom to look up: holders of accounts, or the two ends of payments."""

import pyarrow as pa
import pyarrow.compute as pc

from palermo.model.screening import SUBJECTS

_KINDS = {"person": "person", "business": "organisation"}


def of_accounts(accounts: pa.Table) -> pa.Table:
    """Return the holders of `accounts` (ACCOUNTS) as SUBJECTS, in their order.

    Of a birth the year is known. The country is where the account or its holder is.
    """
    kinds = [_KINDS.get(one or "") for one in accounts["holder_kind"].to_pylist()]
    return pa.table(
        {
            "subject": accounts["account"],
            "kind": pa.array(kinds, pa.string()),
            "name": accounts["holder"],
            "birth": accounts["birth_year"].cast(pa.string()),
            "country": accounts["country"],
            "phone": accounts["phone"],
            "email": accounts["email"],
            "account": accounts["account"],
        },
        schema=SUBJECTS,
    )


def of_payments(payments: pa.Table) -> pa.Table:
    """Return both ends of `payments` (STATEMENT_ROWS) as SUBJECTS, each account and name once."""
    ends = pa.concat_tables(
        [
            pa.table(
                {
                    "account": payments[side],
                    "name": payments[f"{side}_name"].cast(pa.string()),
                }
            )
            for side in ("src", "dst")
        ]
    )
    once = ends.group_by(["account", "name"], use_threads=False).aggregate([])
    named = once.filter(pc.is_valid(once["name"]))["account"]
    # An account of which some row gives the name is not looked up a second time without it.
    double = pc.and_(pc.is_null(once["name"]), pc.is_in(once["account"], named.combine_chunks()))
    kept = once.filter(pc.invert(double))
    nothing = pa.nulls(kept.num_rows, pa.string())
    return pa.table(
        {
            "subject": kept["account"],
            "kind": nothing,
            "name": kept["name"],
            "birth": nothing,
            "country": nothing,
            "phone": nothing,
            "email": nothing,
            "account": kept["account"],
        },
        schema=SUBJECTS,
    )
