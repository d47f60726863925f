"""Context: an account counts more when those it deals with, or lives with, are indicated too.

Guarantees that context never finds anybody: it is added only to accounts that other rules found;
and that what is passed on is what the others were indicated by without context, so that nothing
goes round in circles.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from palermo.analysis.money.typologies.records import Records

#: More accounts than this at one address or device are a house or a shop, and say nothing.
CROWD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What context says of one account: how many indicated others, how much, by which payments."""

    others: int
    weight: float
    rows: tuple[int, ...]
    strongest: int


def dealings(
    records: Records,
    scores: Mapping[int, float],
    rows: Mapping[int, Iterable[int]],
    *,
    least: float,
    part: float,
    most: float,
) -> dict[int, Link]:
    """Link accounts by payments that rules found on either side.

    Args:
        records: what is looked at.
        scores: of accounts, without context.
        rows: the payments that rules found, by account.
        least: smallest score of another that counts.
        part: how much of the other's score is passed on.
        most: most that is passed on in all.
    """
    src, dst = records.column("src"), records.column("dst")
    bought = np.asarray(records.tx["spend"].combine_chunks().indices.is_valid())
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in sorted({row for found in rows.values() for row in found}):
        if bought[row]:
            continue  # a purchase ties nobody to the shop
        one, other = int(src[row]), int(dst[row])
        if scores.get(one, 0.0) >= least or scores.get(other, 0.0) >= least:
            pairs[one, other].append(row)
    near: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (one, other), between in pairs.items():
        for me, you in ((one, other), (other, one)):
            if me in scores and scores.get(you, 0.0) >= least:
                near[me][you] += between
    return {me: _link(scores, others, part, most) for me, others in near.items()}


def shared(
    records: Records, scores: Mapping[int, float], *, least: float, part: float, most: float
) -> dict[int, Link]:
    """Link accounts by an address, a telephone or a device that they share."""
    near: dict[int, dict[int, list[int]]] = defaultdict(dict)
    for name in ("address", "phone", "device"):
        codes = np.asarray(records.people.table[name].combine_chunks())
        together: dict[int, list[int]] = defaultdict(list)
        for account in sorted(scores):
            if codes[account] >= 0:
                together[int(codes[account])].append(account)
        for members in together.values():
            if len(members) > CROWD:
                continue
            for me in members:
                for you in members:
                    if me != you and scores[you] >= least:
                        near[me][you] = []
    return {me: _link(scores, others, part, most) for me, others in near.items()}


def _link(
    scores: Mapping[int, float], others: Mapping[int, list[int]], part: float, most: float
) -> Link:
    left = 1.0
    for you in sorted(others):
        left *= 1.0 - part * scores[you]
    return Link(
        others=len(others),
        weight=min(most, 1.0 - left),
        rows=tuple(sorted({row for between in others.values() for row in between})),
        strongest=min(others, key=lambda one: (-scores[one], one)),
    )
