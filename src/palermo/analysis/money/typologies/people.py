"""Accounts as the rules see them: what is known of each, as codes; who is close to whom.

Guarantees that two accounts count as related only for what their holders share: surname, address,
telephone, mail or name. A surname is compared for being the same and for nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]
Marks = npt.NDArray[np.bool_]

UNKNOWN = -1
#: Kinds of account that are places where money goes, not somebody's account.
_PLACES = ("cash", "outside")


@dataclass(frozen=True, slots=True)
class Coded:
    """Values and their codes: the place in `values`."""

    values: pa.Array

    def codes(self, column: Any) -> Codes:
        """Return the code of each value, -1 for null and for what is not there."""
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if not len(self.values):
            return np.full(len(column), UNKNOWN, dtype=np.int32)
        seen = column.dictionary_encode()
        of = pc.fill_null(pc.index_in(seen.dictionary, self.values), UNKNOWN)
        codes = np.append(np.asarray(of), [UNKNOWN]).astype(np.int32)
        places: Codes = np.asarray(pc.fill_null(seen.indices, UNKNOWN))
        return codes[places]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One entry an account, in the order of `accounts`.

    `own` marks those that are looked at; `table` is what plans know as `acc`, `contact` lists the
    telephone, mail and name of each.
    """

    accounts: Coded
    own: Marks
    person: Marks
    business: Marks
    segment: pa.Array
    country: pa.Array
    surname: Codes
    names: Coded
    surnames: Coded
    cities: Coded
    devices: Coded
    home: Codes
    shared: Mapping[str, Codes]
    table: pa.Table
    contact: pa.Table

    @property
    def count(self) -> int:
        """How many accounts there are."""
        return len(self.own)

    def codes(self, names: Any) -> Codes:
        """Return the number of each account named."""
        return self.accounts.codes(names)

    def surnames_of(self, names: Any) -> Codes:
        """Return the code of the surname in each full name."""
        return self.surnames.codes(_surnames(names))

    def related(self, one: Codes, other: Codes) -> Marks:
        """Mark pairs whose holders share a surname, an address, a telephone, a mail or a name."""
        found = np.zeros(len(one), dtype=np.bool_)
        both = self.person[one] & self.person[other]
        found |= both & (self.surname[one] == self.surname[other]) & (self.surname[one] >= 0)
        for codes in self.shared.values():
            found |= (codes[one] == codes[other]) & (codes[one] >= 0)
        return found

    def apart(self, one: Codes, other: Codes) -> Marks:
        """Mark pairs in two countries; unknown is not apart."""
        country = self.country.dictionary_encode()
        codes = np.asarray(pc.fill_null(country.indices, UNKNOWN)).astype(np.int32)
        found: Marks = codes[one] != codes[other]
        return found & (codes[one] >= 0) & (codes[other] >= 0)

    def country_names(self, of: Codes) -> pa.DictionaryArray:
        """Return the country of each account as text."""
        country = self.country.dictionary_encode()
        return pa.DictionaryArray.from_arrays(
            country.indices.take(pa.array(of)), country.dictionary
        )

    def does(self, segments: Sequence[str]) -> Marks:
        """Mark accounts whose holder says to do one of these."""
        plain = pc.utf8_lower(pc.utf8_trim_whitespace(self.segment))
        found: Marks = np.asarray(pc.is_in(plain, pa.array(segments, pa.string())))
        return found


def _surnames(names: Any) -> pa.Array:
    """Return the last word of each name in small letters; null where there is only one."""
    if isinstance(names, pa.ChunkedArray):
        names = names.combine_chunks()
    parts = pc.utf8_split_whitespace(pc.utf8_lower(pc.utf8_trim_whitespace(names)))
    enough = pc.greater(pc.list_value_length(parts), 1)
    last = [
        part[-1] if fits else None
        for part, fits in zip(parts.to_pylist(), enough.to_pylist(), strict=True)
    ]
    return pa.array(last, pa.string())


def _coded(*columns: Any) -> Coded:
    """Give codes to the values of all columns, in the order of the text."""
    chunks = [one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one for one in columns]
    values = pc.unique(pa.concat_arrays([pc.unique(one) for one in chunks])).drop_null()
    return Coded(values.take(pc.sort_indices(values)))


def people(transactions: pa.Table, accounts: pa.Table | None, words: Mapping[str, Any]) -> People:
    """Number all accounts that occur in either table, and code what is known of them."""
    ends = [transactions["src"], transactions["dst"]]
    listed = None if accounts is None else accounts["account"].combine_chunks()
    numbered = _coded(*ends, *([] if listed is None else [listed]))
    if listed is None:
        at = pa.nulls(len(numbered.values), pa.int32())
        facts = pa.table({name: pa.nulls(0, kind) for name, kind in _FACTS.items()})
    else:
        at = pc.index_in(numbered.values, listed)
        facts = accounts
    column = {
        name: facts[name].combine_chunks().take(at)
        if name in facts.column_names
        else pa.nulls(len(at), kind)
        for name, kind in _FACTS.items()
    }
    return _described(
        numbered, column, transactions, words, listed=pc.is_valid(at), none=listed is None
    )


_FACTS = {
    "kind": pa.string(),
    "holder": pa.string(),
    "holder_kind": pa.string(),
    "segment": pa.string(),
    "country": pa.string(),
    "city": pa.string(),
    "address": pa.string(),
    "phone": pa.string(),
    "email": pa.string(),
    "device": pa.string(),
    "opened": pa.date32(),
    "birth_year": pa.int64(),
    "income_minor": pa.int64(),
    "staff": pa.int64(),
    "currency": pa.string(),
}


def _described(
    numbered: Coded,
    column: Mapping[str, Any],
    transactions: pa.Table,
    words: Mapping[str, Any],
    *,
    listed: Any,
    none: bool,
) -> People:
    places = np.asarray(pc.fill_null(pc.is_in(column["kind"], pa.array(_PLACES)), False))  # noqa: FBT003
    own = ~places & (np.ones(len(places), np.bool_) if none else np.asarray(listed))
    kind = pc.utf8_lower(column["holder_kind"])
    person = np.asarray(pc.fill_null(pc.equal(kind, "person"), False))  # noqa: FBT003
    business = np.asarray(pc.fill_null(pc.equal(kind, "business"), False))  # noqa: FBT003
    texts = [
        transactions[name] for name in ("src_name", "dst_name") if name in transactions.column_names
    ]
    memo_names = _named_in(transactions, words["passenger"])
    names = _coded(column["holder"], *texts, memo_names)
    surname_text = _surnames(column["holder"])
    surnames = _coded(surname_text)
    surname = np.where(person, surnames.codes(surname_text), UNKNOWN).astype(np.int32)
    cities = _coded(
        column["city"], *([transactions["city"]] if "city" in transactions.column_names else [])
    )
    devices = _coded(
        column["device"],
        *([transactions["device"]] if "device" in transactions.column_names else []),
    )
    shared = {
        name: _coded(column[name]).codes(column[name]) for name in ("address", "phone", "email")
    }
    shared["holder"] = names.codes(column["holder"])
    home = cities.codes(column["city"])
    table, segment = _table(column, words, transactions)
    table = table | {
        "own": own,
        "person": person,
        "business": business,
        "surname": surname,
        "name": shared["holder"],
        "city": home,
        "device": devices.codes(column["device"]),
        **{name: shared[name] for name in ("address", "phone", "email")},
    }
    contact = [
        (n, v) for name in ("phone", "email") for n, v in enumerate(column[name].to_pylist()) if v
    ]
    contact += list(enumerate(numbered.values.to_pylist()))
    return People(
        accounts=numbered,
        own=own,
        person=person,
        business=business,
        segment=segment,
        country=column["country"],
        surname=surname,
        names=names,
        surnames=surnames,
        cities=cities,
        devices=devices,
        home=home,
        shared=shared,
        table=pa.table({"account": pa.array(np.arange(len(own), dtype=np.int32)), **table}),
        contact=pa.table(
            {
                "account": pa.array([n for n, _ in contact], pa.int32()),
                "value": pa.array([v for _, v in contact], pa.string()),
            }
        ),
    )


def _named_in(transactions: pa.Table, pattern: str) -> pa.Array:
    if "memo" not in transactions.column_names:
        return pa.nulls(0, pa.string())
    rule = re.compile(pattern)
    found = (rule.match(text) for text in pc.unique(transactions["memo"]).to_pylist() if text)
    return pa.array([one["name"].strip() for one in found if one], pa.string())


def _table(
    column: Mapping[str, Any], words: Mapping[str, Any], transactions: pa.Table
) -> tuple[dict[str, Any], pa.Array]:
    """Return columns of facts for plans, and what each holder says to do."""
    segment = pc.utf8_lower(pc.utf8_trim_whitespace(column["segment"]))
    last = pc.max(transactions["ts"]).as_py() if transactions.num_rows else None
    year = last.year if last is not None else 1970
    sectors = {
        name: np.asarray(pc.is_in(segment, pa.array(values, pa.string())))
        for name, values in words["sectors"].items()
    }
    return {
        "segment": segment.dictionary_encode(),
        "country_name": column["country"].dictionary_encode(),
        "opened": column["opened"].cast(pa.int32()),
        "age": pc.subtract(year, column["birth_year"]),
        "income": column["income_minor"],
        "staff": column["staff"],
        **sectors,
    }, segment
