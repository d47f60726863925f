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
#: What other fields can add to a name at most.
_ADDED = AGREES["date of birth"] + AGREES["country"] + AGREES["kind"]
#: Field of a subject and of an entry that may hold the same identifier.
_SAME = (
    ("wallet", "account", "wallets"),
    ("account", "account", "accounts"),
    ("phone", "phone", "phones"),
    ("email", "email", "emails"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """The matches (MATCHES), and how many there were of each grade, those left out with them."""

    matches: pa.Table
    by_grade: Mapping[str, int]


def screen(subjects: pa.Table, listed: pa.Table, *, least: str = "possible") -> Screened:
    """Compare `subjects` (SUBJECTS) with `listed` (LISTED); keep matches of grade `least` or better.

    Raises:
        ValueError: a table has another schema, or `least` is no grade.
    """
    if subjects.schema != SUBJECTS or listed.schema != LISTED or least not in GRADES:
        raise ValueError("subjects and lists have the schemas of the model, `least` is a grade")
    by_identifier = _same_identifiers(subjects, listed)
    by_name = _same_names(subjects, listed)
    wanted = sorted({*by_identifier, *by_name})
    rows = _Rows(subjects), _Rows(listed)
    counts = dict.fromkeys(GRADES, 0)
    kept: list[dict[str, Any]] = []
    for subject, batch in _by_subject(wanted):
        found = []
        for entry in batch:
            own, theirs = rows[0][subject], rows[1][entry]
            name = by_name.get((subject, entry))
            evidence = weigh(own, theirs, name, by_identifier.get((subject, entry), ()))
            reached = grade(evidence)
            counts[reached] += 1
            if GRADES.index(reached) <= GRADES.index(least):
                found.append(_match(own, theirs, name, evidence, reached))
        found.sort(
            key=lambda one: (
                GRADES.index(one["grade"]), -one["millibits"], one["list"], one["entity"]
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
            self._made[at] = {
                name: column[at].as_py() for name, column in self._columns.items()
            }
        return self._made[at]


def _by_subject(wanted: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    gathered: dict[int, list[int]] = defaultdict(list)
    for subject, entry in wanted:
        gathered[subject].append(entry)
    yield from gathered.items()


def identifier(field: str, value: str) -> str:
    """Return an identifier in the one form in which it is compared.

    >>> identifier("wallet", "0xAB"), identifier("account", "gb82 west"), identifier("phone", "+1 2")
    ('0xab', 'GB82WEST', '12')
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


def _same_names(subjects: pa.Table, listed: pa.Table) -> dict[tuple[int, int], NameMatch]:
    """Return, for each pair of subject and entry, the best of their pairs of names."""
    queries = pc.unique(subjects["name"].drop_null()).to_pylist()
    names, entries, weak = [], [], []
    for column_name, is_weak in (("names", False), ("weak_names", True)):
        column = listed[column_name].combine_chunks()
        names += column.flatten().to_pylist()
        entries += pc.list_parent_indices(column).to_pylist()
        weak += [is_weak] * (len(names) - len(weak))
    if not queries or not names:
        return {}
    both = compared(queries, names)
    found = pairs(both.words, both.queries, both.listed, both.postings, FLOOR)
    kept = found[_worth(found)]
    of_query = _places(subjects["name"], queries)
    best: dict[tuple[int, int], NameMatch] = {}
    for query, name, alike, over_query, over_name in kept.tolist():
        match = NameMatch(
            name=queries[query],
            listed=names[name],
            alike=alike,
            over_query=over_query,
            over_listed=over_name,
            weak=weak[name],
        )
        for subject in of_query[query]:
            known = best.get((subject, entries[name]))
            if known is None or match.score > known.score:
                best[subject, entries[name]] = match
    return best


def _worth(found: Ints) -> Any:
    """Tell which pairs could reach `possible` with everything else in their favour."""
    alike, over_query, over_name = found[:, 2], found[:, 3], found[:, 4]
    both = np.minimum(over_query, over_name)
    one = np.maximum(over_query, over_name) - both
    return alike - both - one // 4 + _ADDED >= AT_LEAST["possible"]


def _places(column: pa.ChunkedArray, queries: list[str]) -> list[list[int]]:
    numbers = {name: number for number, name in enumerate(queries)}
    places: list[list[int]] = [[] for _ in queries]
    for row, name in enumerate(column.to_pylist()):
        if name is not None:
            places[numbers[name]].append(row)
    return places
