"""The order of networks in a dossier: by size, reach over time and indications, and explained.

No score is computed for anybody. Each network gets its place in three lists; the order is that of
the sum of its places. Equal values share a place, so the order does not depend on the input's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from palermo.investigation.dossier.content import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a network is ranked by: items, days with posts, and dimensions indicated."""

    id: str
    size: int
    days_active: int
    indicated: int


def _places(values: list[int]) -> list[int]:
    """Give each value its place, largest first; equal values share the better place."""
    first: dict[int, int] = {}
    for place, value in enumerate(sorted(values, reverse=True), start=1):
        first.setdefault(value, place)
    return [first[value] for value in values]


def rank(measures: Iterable[Measure]) -> tuple[Place, ...]:
    """Order networks by the sum of their three places; ties by size, then by id.

    >>> [p.id for p in rank([Measure(id="a", size=9, days_active=1, indicated=0),
    ...                      Measure(id="b", size=5, days_active=8, indicated=2)])]
    ['b', 'a']
    """
    rows = list(measures)
    by_size = _places([row.size for row in rows])
    by_days = _places([row.days_active for row in rows])
    by_indications = _places([row.indicated for row in rows])
    places = list(zip(rows, by_size, by_days, by_indications, strict=True))
    places.sort(key=lambda entry: (sum(entry[1:]), -entry[0].size, entry[0].id))
    return tuple(
        Place(id=row.id, rank=number, by_size=size, by_days=days, by_indications=indications)
        for number, (row, size, days, indications) in enumerate(places, start=1)
    )
