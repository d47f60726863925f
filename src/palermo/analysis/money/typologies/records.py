"""Transactions and accounts as the rules see them: typed columns, in the order of time.

Guarantees that amounts are whole euro cents (by the rates of the word list), that an hour is one
of the place where the payment was made or unknown, and that what was left out is counted: payments
taken back, zero amounts, currencies without a rate. Nationality, ethnicity and belief have no
column.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.money.motifs import Edges, edges
from palermo.analysis.money.typologies.people import People, people
from palermo.model.money import digits

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Marks = npt.NDArray[np.bool_]

UNKNOWN = -1
#: Larger amounts are set aside: a thousand million million cents is a mistake, and would overflow.
LARGEST = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What rules work on; `tx` and `edges` are in the order of time.

    Args:
        tx: one row a payment, `row` its place; see `_columns`.
        people: accounts; `people.table` is what plans know as `acc`.
        tx_id: the name of each payment, by `row`; `edges` the same payments as arrays.
        ts: seconds of each row; `channel`, `spend` dictionaries with codes by row.
        left_out: why rows are not looked at, and how many.
        limits: what the records lack, in words, with how many rows it concerns.
    """

    tx: pa.Table
    people: People
    tx_id: pa.ChunkedArray
    edges: Edges
    left_out: Mapping[str, int]
    limits: Mapping[str, int]

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a column of numbers of `tx`."""
        return np.asarray(self.tx[name].combine_chunks())


def prepare(transactions: pa.Table, accounts: pa.Table | None, words: Mapping[str, Any]) -> Records:
    """Bring `transactions` (STATEMENT_ROWS) and `accounts` (ACCOUNTS) into shape.

    Without accounts, every account that occurs is looked at, and nothing is known of it.
    """
    kept, cents, left_out = _usable(transactions, words)
    ts = np.asarray(kept["ts"].cast(pa.int64())) // 1_000_000
    order = np.argsort(ts, kind="stable")
    if (np.diff(ts) < 0).any():
        kept, ts, cents = kept.take(pa.array(order)), ts[order], cents[order]
    back = np.asarray(kept["amount_minor"]) < 0  # a reversal: the money went the other way
    known = people(kept, accounts, words)
    src, dst = known.codes(kept["src"]), known.codes(kept["dst"])
    src, dst = np.where(back, dst, src), np.where(back, src, dst)
    columns = _columns(kept, known, words, ts=ts, src=src, dst=dst, eur=cents)
    tx = pa.table(columns)
    return Records(
        tx=tx,
        people=known,
        tx_id=kept["tx_id"],
        edges=edges(ts, src, dst, cents, accounts=known.count),
        left_out=MappingProxyType({why: n for why, n in left_out.items() if n}),
        limits=MappingProxyType(_limits(kept, tx)),
    )


def _usable(table: pa.Table, words: Mapping[str, Any]) -> tuple[pa.Table, Ints, dict[str, int]]:
    """Leave out what no rule can look at, counted by reason; return the rest with euro cents."""
    amount = np.abs(np.asarray(table["amount_minor"]))
    currency = table["currency"].combine_chunks().dictionary_encode()
    factor = np.zeros((max(1, len(currency.dictionary)), 2), dtype=np.int64)
    factor[:, 1] = 1
    for code, name in enumerate(currency.dictionary.to_pylist()):
        rate = words["rates"].get(name)
        if rate is not None:
            factor[code] = rate[0], rate[1] * 10 ** digits(name)
    codes = np.asarray(currency.indices)
    above, below = factor[codes, 0], factor[codes, 1]
    rated = above > 0
    # In two steps, so that no product leaves 64 bits: whole units first, then the rest.
    whole, rest = np.divmod(amount, below)
    fits = whole < LARGEST // np.maximum(above, 1)
    whole = np.where(fits, whole, 0)
    cents = whole * above + (rest.astype(np.float64) * above // below).astype(np.int64)
    taken_back = _taken_back(table)
    reasons = {
        "currency without a rate": ~rated,
        "amount too large": rated & ~fits,
        "payment taken back, or taking one back": taken_back,
        "amount of nothing": cents == 0,
    }
    keep = np.ones(table.num_rows, dtype=np.bool_)
    counted = {}
    for why, marks in reasons.items():
        counted[why] = int((marks & keep).sum())
        keep &= ~marks
    if keep.all():
        return table, cents, counted
    return table.filter(pa.array(keep)), cents[keep], counted


def _taken_back(table: pa.Table) -> Marks:
    """Mark payments that another row reverses in full, and those rows."""
    none = np.zeros(table.num_rows, dtype=np.bool_)
    if "reverses" not in table.column_names or table["reverses"].null_count == table.num_rows:
        return none
    of = pc.index_in(table["reverses"], table["tx_id"].combine_chunks())
    rows = np.flatnonzero(np.asarray(pc.is_valid(of)) & np.asarray(pc.is_valid(table["reverses"])))
    first = np.asarray(pc.fill_null(of, 0))[rows]
    amount = np.abs(np.asarray(table["amount_minor"]))
    full = amount[rows] == amount[first]
    none[rows[full]] = True
    none[first[full]] = True
    return none


def _local(table: pa.Table) -> tuple[Codes, Codes, Codes, Codes]:
    """Return hour (-1 unknown), day since 1970, day of the month and month, where it took place."""
    rows = table.num_rows
    hour = np.full(rows, UNKNOWN, dtype=np.int32)
    utc = table["ts"].combine_chunks()
    local = np.asarray(utc.cast(pa.int64())) // 1_000_000
    zone = _text(table, "zone").dictionary_encode()
    places = np.asarray(pc.fill_null(zone.indices, UNKNOWN))
    for code, name in enumerate(zone.dictionary.to_pylist()):
        at = np.flatnonzero(places == code)
        try:
            there = pc.local_timestamp(utc.take(pa.array(at)).cast(pa.timestamp("us", name)))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue  # no such zone: the hour stays unknown, and is counted as that
        local[at] = np.asarray(there.cast(pa.int64())) // 1_000_000
        hour[at] = (local[at] % 86_400) // 3600
    if "day_only" in table.column_names:
        hour[np.asarray(pc.fill_null(table["day_only"], False))] = UNKNOWN  # noqa: FBT003
    day = (local // 86_400).astype("datetime64[D]")
    months = day.astype("datetime64[M]")
    mday = (day - months.astype("datetime64[D]")).astype(np.int32) + 1
    return hour, day.astype(np.int64).astype(np.int32), mday, months.astype(np.int32)


def _text(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    return table[name].combine_chunks()


def _columns(
    table: pa.Table,
    known: People,
    words: Mapping[str, Any],
    *,
    ts: Ints,
    src: Codes,
    dst: Codes,
    eur: Ints,
) -> dict[str, Any]:
    """Lay out the columns that plans name; `m_…` marks what the reference speaks of."""
    hour, day, mday, month = _local(table)
    memo = _text(table, "memo").dictionary_encode()
    passenger, surname = _passengers(memo, known, words["passenger"])
    return {
        "row": pa.array(np.arange(len(ts), dtype=np.int32)),
        "ts": ts,
        "day": day,
        "mday": mday,
        "month": month,
        "hour": hour,
        "src": src,
        "dst": dst,
        "eur": eur,
        "channel": pc.fill_null(_text(table, "channel"), "other").dictionary_encode(),
        "spend": _spending(table, known, words, dst),
        "city": known.cities.codes(_text(table, "city")),
        "place": _text(table, "country").dictionary_encode(),
        "device": known.devices.codes(_text(table, "device")),
        "payer": known.names.codes(_text(table, "src_name")),
        "payee": known.names.codes(_text(table, "dst_name")),
        "passenger": passenger,
        "passenger_surname": surname,
        "related": known.related(src, dst),
        "abroad": known.apart(src, dst),
        "src_country": known.country_names(src),
        "dst_country": known.country_names(dst),
        **{
            f"{side}_{what}": marks[ends]
            for side, ends in (("src", src), ("dst", dst))
            for what, marks in (
                ("own", known.own),
                ("person", known.person),
                ("business", known.business),
            )
        },
        **{f"m_{name}": _speaks(memo, phrases) for name, phrases in words["memo"].items()},
    }


def _speaks(memo: pa.DictionaryArray, phrases: list[str]) -> Marks:
    """Mark the rows whose reference has one of the phrases; each text is read once."""
    if not len(memo.dictionary):
        return np.zeros(len(memo), dtype=np.bool_)
    pattern = rf"(?i)(?:^|[^\pL\pN])(?:{'|'.join(phrases)})(?:[^\pL\pN]|$)"
    has = np.asarray(pc.match_substring_regex(memo.dictionary, pattern))
    at = np.asarray(pc.fill_null(memo.indices, UNKNOWN))
    found: Marks = np.append(has, [False])[at]
    return found


def _passengers(memo: pa.DictionaryArray, known: People, pattern: str) -> tuple[Codes, Codes]:
    """Read whom a payment is for: codes of the name and of the surname."""
    rule = re.compile(pattern)
    texts = memo.dictionary.to_pylist()
    named = [(found := rule.match(text)) and found["name"].strip() for text in texts]
    names = pa.array(named, pa.string())
    at = np.asarray(pc.fill_null(memo.indices, UNKNOWN))
    whole = np.append(known.names.codes(names), [UNKNOWN]).astype(np.int32)
    last = np.append(known.surnames_of(names), [UNKNOWN]).astype(np.int32)
    return whole[at], last[at]


def _spending(
    table: pa.Table, known: People, words: Mapping[str, Any], dst: Codes
) -> pa.DictionaryArray:
    """Say what a payment is for: by the code of the trade, else by what the payee does."""
    kinds = sorted({*words["spending"], *words["segments"]})
    mcc = _text(table, "mcc").dictionary_encode()
    by_code = np.full(len(mcc.dictionary) + 1, UNKNOWN, dtype=np.int32)
    for place, text in enumerate(mcc.dictionary.to_pylist()):
        if text.strip().isascii() and text.strip().isdigit():
            by_code[place] = _kind_of(int(text), words["spending"], kinds)
    found = by_code[np.asarray(pc.fill_null(mcc.indices, UNKNOWN))]
    by_payee = np.full(known.count, UNKNOWN, dtype=np.int32)
    for kind, segments in words["segments"].items():
        by_payee[known.does(segments)] = kinds.index(kind)
    found = np.where(found >= 0, found, by_payee[dst])
    return pa.DictionaryArray.from_arrays(
        pa.array(found, pa.int32(), mask=found < 0), pa.array(kinds, pa.string())
    )


def _kind_of(code: int, spending: Mapping[str, Any], kinds: list[str]) -> int:
    for kind, one in spending.items():
        for span in one["codes"]:
            low, high = span if isinstance(span, list) else (span, span)
            if low <= code <= high:
                return kinds.index(kind)
    return UNKNOWN


def _limits(table: pa.Table, tx: pa.Table) -> dict[str, int]:
    """Count rows for which something is not known that rules ask for."""
    hours = int((np.asarray(tx["hour"]) < 0).sum())
    found = {"rows without an hour of the day (no zone, or a date only)": hours}
    for name in ("channel", "mcc", "memo", "city"):
        missing = table[name].null_count if name in table.column_names else table.num_rows
        found[f"rows without `{name}`"] = missing
    return {what: count for what, count in found.items() if count}
