"""Screening subjects against lists: candidates by identifier and by name, then field by field.

Guarantees that an identifier that is the same is always found; that each pair of subject and entry
gives one match, by the best of its names; and one order: subjects as given, their matches by bits.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.money.screening.grading import (
    AGREES,
    AT_LEAST,
    DISAGREES,
    GRADES,
    Evidence,
    NameMatch,
    grade,
    weigh,
)
from palermo.analysis.money.screening.index import compared
from palermo.analysis.money.screening.kernel import Ints, pairs
from palermo.model.screening import LISTED, MATCHES, SUBJECTS

#: What names must have alike for a pair to be weighed, in millibits.
FLOOR = 9_000
#: Field of a subject and of an entry that may hold the same identifier.
_SAME = (
    ("wallet", "account", "wallets"),
    ("account", "account", "accounts"),
    ("phone", "phone", "phones"),
    ("email", "email", "emails"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """The matches (MATCHES), and how many there are of each grade from `least` on."""

    matches: pa.Table
    by_grade: Mapping[str, int]


def screen(subjects: pa.Table, listed: pa.Table, *, least: str = "possible") -> Screened:
    """Compare `subjects` (SUBJECTS) with `listed` (LISTED); keep grade `least` and better.

    Raises:
        ValueError: a table has another schema, or `least` is no grade.
    """
    if subjects.schema != SUBJECTS or listed.schema != LISTED or least not in GRADES:
        raise ValueError("subjects and lists have the schemas of the model, `least` is a grade")
    by_identifier = _same_identifiers(subjects, listed)
    by_name = _same_names(subjects, listed, least)
    wanted = sorted({*by_identifier, *by_name})
    rows = _Rows(subjects), _Rows(listed)
    counts = dict.fromkeys(GRADES[: GRADES.index(least) + 1], 0)
    kept: list[dict[str, Any]] = []
    for subject, batch in _by_subject(wanted):
        found = []
        for entry in batch:
            own, theirs = rows[0][subject], rows[1][entry]
            name = by_name.get((subject, entry))
            evidence = weigh(own, theirs, name, by_identifier.get((subject, entry), ()))
            reached = grade(evidence)
            if reached in counts:
                counts[reached] += 1
                found.append(_match(own, theirs, name, evidence, reached))
        found.sort(
            key=lambda one: (
                GRADES.index(one["grade"]),
                -one["millibits"],
                one["list"],
                one["entity"],
            )
        )
        kept += found
    return Screened(matches=pa.Table.from_pylist(kept, schema=MATCHES), by_grade=counts)


def _match(
    own: dict[str, Any],
    theirs: dict[str, Any],
    name: NameMatch | None,
    evidence: Evidence,
    reached: str,
) -> dict[str, Any]:
    return {
        "subject": own["subject"],
        "entity": theirs["entity"],
        "list": theirs["list"],
        "caption": theirs["caption"],
        "grade": reached,
        "millibits": evidence.millibits,
        "name": own["name"],
        "listed_name": name.listed if name else None,
        "agreed": evidence.agreed,
        "disagreed": evidence.disagreed,
        "missing": evidence.missing,
        "topics": theirs["topics"],
        "why": "; ".join(evidence.said),
    }


class _Rows:
    """Rows of a table, made when they are asked for."""

    def __init__(self, table: pa.Table) -> None:
        self._columns = {name: table[name].combine_chunks() for name in table.column_names}
        self._made: dict[int, dict[str, Any]] = {}

    def __getitem__(self, at: int) -> dict[str, Any]:
        if at not in self._made:
            self._made[at] = {name: column[at].as_py() for name, column in self._columns.items()}
        return self._made[at]


def _by_subject(wanted: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    gathered: dict[int, list[int]] = defaultdict(list)
    for subject, entry in wanted:
        gathered[subject].append(entry)
    yield from gathered.items()


def identifier(field: str, value: str) -> str:
    """Return an identifier in the one form in which it is compared.

    >>> identifier("wallet", "0xAB"), identifier("account", "gb82 we"), identifier("phone", "+1 2")
    ('0xab', 'GB82WE', '12')
    """
    compact = "".join(value.split())
    if field == "wallet":
        lower = compact.lower()
        return lower if lower.startswith(("0x", "bc1", "tb1", "ltc1")) else compact
    if field == "phone":
        return "".join(char for char in compact if char.isdigit()).removeprefix("00")
    return compact.lower() if field == "email" else compact.upper()


def _same_identifiers(
    subjects: pa.Table, listed: pa.Table
) -> dict[tuple[int, int], list[tuple[str, str]]]:
    found: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    for field, own, theirs in _SAME:
        known: dict[str, list[int]] = defaultdict(list)
        column = listed[theirs].combine_chunks()
        for entry, value in zip(
            pc.list_parent_indices(column).to_pylist(), column.flatten().to_pylist(), strict=True
        ):
            key = identifier(field, value)
            if len(key) >= _SHORTEST[field]:
                known[key].append(entry)
        if not known:
            continue
        for subject, value in enumerate(subjects[own].to_pylist()):
            if value:
                for entry in dict.fromkeys(known.get(identifier(field, value), ())):
                    found[subject, entry].append((field, value))
    return found


#: Shorter ones are no identifiers: an account called 7 is a row number of somebody's list.
_SHORTEST = {"wallet": 20, "account": 6, "phone": 7, "email": 6}


def _same_names(
    subjects: pa.Table, listed: pa.Table, least: str
) -> dict[tuple[int, int], NameMatch]:
    """Return, for each pair of subject and entry, the best of their pairs of names."""
    queries = pc.unique(subjects["name"].drop_null()).to_pylist()
    names: list[str] = []
    entries: list[int] = []
    weak: list[bool] = []
    for column_name, is_weak in (("names", False), ("weak_names", True)):
        column = listed[column_name].combine_chunks()
        names += column.flatten().to_pylist()
        entries += pc.list_parent_indices(column).to_pylist()
        weak += [is_weak] * (len(names) - len(weak))
    if not queries or not names:
        return {}
    both = compared(queries, names)
    found = pairs(both.words, both.alike, both.sides, FLOOR)
    subject, found = _of_subjects(found, subjects["name"], queries)
    entry = np.array(entries, dtype=np.int64)[found[:, 1]]
    reach = _score(found) + _most(subjects, listed, subject, entry)
    worth = reach >= AT_LEAST[least]
    best: dict[tuple[int, int], NameMatch] = {}
    for own, theirs, (query, name, alike, over_query, over_name) in zip(
        subject[worth].tolist(), entry[worth].tolist(), found[worth].tolist(), strict=True
    ):
        match = NameMatch(
            name=queries[query],
            listed=names[name],
            alike=alike,
            over_query=over_query,
            over_listed=over_name,
            weak=weak[name],
        )
        known = best.get((own, theirs))
        if known is None or match.score > known.score:
            best[own, theirs] = match
    return best


def _of_subjects(found: Ints, column: pa.ChunkedArray, queries: list[str]) -> tuple[Ints, Ints]:
    """Repeat each pair for every subject who has the name of the query."""
    query_of = pc.index_in(column, pa.array(queries, pa.string())).fill_null(-1)
    query_of = np.asarray(query_of).astype(np.int64)
    rows = np.argsort(query_of, kind="stable")
    rows = rows[query_of[rows] >= 0]
    counts = np.bincount(query_of[rows], minlength=len(queries))
    starts = np.cumsum(counts) - counts
    many = counts[found[:, 0]]
    repeated = np.repeat(found, many, axis=0)
    within = np.arange(len(repeated)) - np.repeat(np.cumsum(many) - many, many)
    subject: Ints = rows[starts[repeated[:, 0]] + within].astype(np.int64)
    return subject, repeated


def _score(found: Ints) -> Ints:
    """Return the score of each pair as `NameMatch.score` does, aliases at their full worth."""
    alike, over_query, over_name = found[:, 2], found[:, 3], found[:, 4]
    both = np.minimum(over_query, over_name)
    one = np.maximum(over_query, over_name) - both
    score: Ints = alike - both - one // 4
    return score


def _most(subjects: pa.Table, listed: pa.Table, subject: Ints, entry: Ints) -> Ints:
    """Return what birth, country and kind can add to each pair at most."""
    own, first, last = _years(subjects["birth"]), *_spans(listed["birth"])
    known = (own[subject] > 0) & (first[entry] > 0)
    outside = known & ((own[subject] < first[entry]) | (own[subject] > last[entry]))
    full = max((len(one) for one in pc.unique(subjects["birth"]).to_pylist() if one), default=0)
    born = AGREES["date of birth"] if full >= 10 else AGREES["year of birth"]
    added = np.where(outside, -DISAGREES["year of birth"], np.where(known, born, 0))
    kinds = pa.array(["person", "organisation"], pa.string())
    left, right = (
        np.asarray(pc.index_in(table["kind"], kinds).fill_null(-1)) for table in (subjects, listed)
    )
    both = (left[subject] >= 0) & (right[entry] >= 0)
    differ = both & (left[subject] != right[entry])
    added = added + np.where(differ, -DISAGREES["kind"], np.where(both, AGREES["kind"], 0))
    most: Ints = added + AGREES["country"]
    return most


def _years(column: pa.ChunkedArray) -> Ints:
    """Return the year of each date, 0 where there is none."""
    digits = pc.utf8_slice_codeunits(column, 0, 4)
    good = pc.fill_null(pc.match_substring_regex(digits, "^[0-9]{4}$"), False)  # noqa: FBT003
    years: Ints = np.asarray(pc.if_else(good, digits, "0").cast(pa.int64()).fill_null(0))
    return years


def _spans(column: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """Return the first and the last year of each list of dates, 0 where there is none."""
    lists = column.combine_chunks()
    parents = np.asarray(pc.list_parent_indices(lists))
    years = _years(lists.flatten())
    first = np.full(len(lists), 10_000, dtype=np.int64)
    last = np.zeros(len(lists), dtype=np.int64)
    np.minimum.at(first, parents, np.where(years > 0, years, 10_000))
    np.maximum.at(last, parents, years)
    return np.where(first == 10_000, 0, first), last
