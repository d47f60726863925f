"""Transactions and claims as arrays, in the order in which they count.

Guarantees one order, whatever the order of the rows: by time, and within one time as the table
lists them (the line of the statement). A claim stands after the money that came in at its time and
before the money that went out; an account is one per currency.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.money.tracing.sweeps import Codes, Ints, claim_positions
from palermo.model import Unreadable
from palermo.model.transaction import CLAIMS

#: Sums stay below 2^62, so that no addition of two of them leaves 64 bits.
LARGEST = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What a rule works on. Arrays of one row a transaction are in the order in which they count.

    Args:
        accounts: names, one per account and currency; `currencies` beside it, same length.
        row: the row of the table each transaction came from.
        src: who gave, as an index into `accounts`; `dst` who received.
        amount: minor units, positive.
        claimants: their names.
        claim_at: number of transactions before each claim; claims are in this order.
        claim_account: where it stands; `claim_owner` whose it is; `claim_amount` how much.
    """

    accounts: tuple[str, ...]
    currencies: tuple[str, ...]
    row: Ints
    src: Codes
    dst: Codes
    amount: Ints
    claimants: tuple[str, ...]
    claim_at: Ints
    claim_account: Codes
    claim_owner: Codes
    claim_amount: Ints


def ledger(transactions: pa.Table, claims: pa.Table) -> Ledger:
    """Order `transactions` (TRANSACTIONS) and `claims` (CLAIMS).

    A claim without a currency is in the only one that its account has.

    Raises:
        Unreadable: an amount is zero or below in a claim or too large, a claim names a transaction
            that is not there, or a currency that cannot be known.
    """
    _check_amounts(transactions, claims)
    claims = with_currencies(claims, transactions)
    ts = np.asarray(transactions["ts"].cast(pa.int64()))
    order = np.argsort(ts, kind="stable").astype(np.int64)
    ts = ts[order]
    amount = np.asarray(transactions["amount_minor"])[order]
    keys = [_joined(transactions[name], transactions["currency"]) for name in ("src", "dst")]
    claim_keys = _joined(claims["account"], claims["currency"])
    names = pc.unique(pa.concat_arrays([*keys, claim_keys]))
    src, dst = (
        np.asarray(pc.index_in(key, names).cast(pa.int32()))[order].astype(np.int32) for key in keys
    )
    back = amount < 0  # a reversal: the money went the other way
    src, dst = np.where(back, dst, src), np.where(back, src, dst)
    account = np.asarray(pc.index_in(claim_keys, names)).astype(np.int32)
    positions = claim_positions(*_span(claims, ts), account, dst)
    place = _named_places(claims, transactions, order)
    _check_named(place, claims, dst=dst, account=account, amount=np.abs(amount))
    positions = np.where(place >= 0, place + 1, positions)
    first = np.argsort(positions, kind="stable").astype(np.int64)
    claimants = pc.unique(claims["claimant"]).to_pylist()
    owner = np.asarray(pc.index_in(claims["claimant"], pa.array(claimants, pa.string())))
    halves = [name.rsplit("\x00", 1) for name in names.to_pylist()]
    return Ledger(
        accounts=tuple(half[0] for half in halves),
        currencies=tuple(half[1] for half in halves),
        row=order,
        src=src,
        dst=dst,
        amount=np.abs(amount),
        claimants=tuple(claimants),
        claim_at=positions[first],
        claim_account=account[first],
        claim_owner=owner.astype(np.int32)[first],
        claim_amount=np.asarray(claims["amount_minor"])[first],
    )


def _check_amounts(transactions: pa.Table, claims: pa.Table) -> None:
    if _sum(np.asarray(transactions["amount_minor"])) >= LARGEST:
        raise Unreadable("transactions: the amounts add up to more than can be counted exactly")
    wanted = np.asarray(claims["amount_minor"])
    if len(wanted) and (bad := np.flatnonzero(wanted <= 0)).size:
        raise Unreadable(
            f"claims: row {bad[0] + 1}: amount_minor is {wanted[bad[0]]}; expected more than 0"
        )
    # An account may hold what came in and, undocumented, all that is claimed of it.
    if _sum(wanted) + _sum(np.asarray(transactions["amount_minor"])) >= LARGEST:
        raise Unreadable("claims: the amounts add up to more than can be counted exactly")


def _sum(amounts: Ints) -> int:
    """Add up the sizes of `amounts`, however large: by halves, each of which fits 64 bits."""
    sizes = np.abs(amounts).view(np.uint64)
    upper, lower = sizes >> np.uint64(32), sizes & np.uint64(0xFFFFFFFF)
    return (int(upper.sum()) << 32) + int(lower.sum())


def _joined(account: pa.ChunkedArray, currency: pa.ChunkedArray) -> pa.Array:
    return pc.binary_join_element_wise(account, currency, "\x00").combine_chunks()


def with_currencies(claims: pa.Table, transactions: pa.Table) -> pa.Table:
    """Give each claim that states no currency the only one that its account has.

    Raises:
        Unreadable: the account has none, or several.
    """
    given = claims["currency"]
    if not given.null_count:
        return claims
    found = []
    for row, (account, currency) in enumerate(
        zip(claims["account"].to_pylist(), given.to_pylist(), strict=True)
    ):
        if currency is None:
            touching = pc.or_(
                pc.equal(transactions["src"], account), pc.equal(transactions["dst"], account)
            )
            known = sorted(pc.unique(transactions["currency"].filter(touching)).to_pylist())
            if len(known) != 1:
                raise Unreadable(
                    f"claims: row {row + 1}: account {account} has "
                    f"{' and '.join(known) or 'no transactions'}; name the claim's `currency`"
                )
        found.append(currency or known[0])
    at = claims.schema.get_field_index("currency")
    return claims.set_column(at, CLAIMS.field(at), pa.array(found, pa.string()))


def _span(claims: pa.Table, ts: Ints) -> tuple[Ints, Ints]:
    """Return the first transaction at or after the time of each claim, and the first after it."""
    since = np.asarray(claims["from_ts"].cast(pa.int64()))
    return (
        np.searchsorted(ts, since, side="left").astype(np.int64),
        np.searchsorted(ts, since, side="right").astype(np.int64),
    )


def _named_places(claims: pa.Table, transactions: pa.Table, order: Ints) -> Ints:
    """Return where in the order the transaction stands that each claim names, -1 for none.

    Raises:
        Unreadable: there is none of that name, or several.
    """
    found = np.full(claims.num_rows, -1, dtype=np.int64)
    named = claims["tx_id"]
    if named.null_count == len(named):
        return found
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    wanted = pc.unique(named.drop_null())
    rows = pc.indices_nonzero(pc.is_in(transactions["tx_id"], wanted)).to_numpy()
    at: dict[str, list[int]] = {}
    for row, tx_id in zip(rows, transactions["tx_id"].take(rows).to_pylist(), strict=True):
        at.setdefault(tx_id, []).append(int(row))
    for row, tx_id in enumerate(named.to_pylist()):
        if tx_id is None:
            continue
        rows_of = at.get(tx_id, [])
        if len(rows_of) != 1:
            many = f"{len(rows_of)} transactions have" if rows_of else "no transaction has"
            raise Unreadable(f"claims: row {row + 1}: {many} tx_id {tx_id}; expected one")
        found[row] = place[rows_of[0]]
    return found


def _check_named(
    place: Ints, claims: pa.Table, *, dst: Codes, account: Codes, amount: Ints
) -> None:
    """A claim to the money that a transaction brought: into that account, and no more than that."""
    wanted = np.asarray(claims["amount_minor"])
    for row in np.flatnonzero(place >= 0):
        at = place[row]
        where = f"claims: row {row + 1}: transaction {claims['tx_id'][row]}"
        if dst[at] != account[row]:
            raise Unreadable(
                f"{where} brought nothing into account {claims['account'][row]} in "
                f"{claims['currency'][row]}; name the account that it came into"
            )
        together = wanted[place == at][account[place == at] == account[row]].sum()
        if together > amount[at]:
            raise Unreadable(
                f"{where} brought {amount[at]}, {together} is claimed of it; "
                "claim no more than it brought"
            )
