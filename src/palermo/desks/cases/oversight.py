"""How often people followed what the program indicated, and each other: a fold over rows.

Guarantees that every count can be taken back to rows; that each rate stands with its numbers and
the interval that so few cases allow; and that a unit in which nobody ever disagrees is named as a
possible automation bias (Regulation (EU) 2024/1689, Article 14(4)(b)), not as a good result.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

#: Below this many a rate says little, and no warning is drawn from it.
FEW = 20
#: The value of the normal distribution for an interval of 95 %.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """One act to be counted. `agreed` None: there was nothing to agree with."""

    what: str
    unit: str
    role: str
    agreed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often people of one unit and role agreed, of how many."""

    what: str
    unit: str
    role: str
    agreed: int
    departed: int
    not_counted: int

    @property
    def n(self) -> int:
        """How many acts agreed or departed."""
        return self.agreed + self.departed

    @property
    def few(self) -> bool:
        """Whether there are too few to say much."""
        return self.n < FEW

    @property
    def never_departed(self) -> bool:
        """Whether nobody ever disagreed, in numbers in which somebody should have."""
        return self.departed == 0 and not self.few

    @property
    def departed_between(self) -> tuple[float, float]:
        """The share of departures with 95 % confidence (Wilson's interval)."""
        return wilson(self.departed, self.n)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return Wilson's interval of 95 % for `hits` of `n`; everything is possible for none."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == n else min(1.0, middle + half)
    return low, high


def rates(acts: Iterable[Act]) -> list[Rate]:
    """Count acts by what was done, unit and role."""
    tally: dict[tuple[str, str, str], dict[bool | None, int]] = {}
    for act in acts:
        mine = tally.setdefault((act.what, act.unit, act.role), {})
        mine[act.agreed] = mine.get(act.agreed, 0) + 1
    return [
        Rate(
            what=what,
            unit=unit,
            role=role,
            agreed=found.get(True, 0),
            departed=found.get(False, 0),
            not_counted=found.get(None, 0),
        )
        for (what, unit, role), found in sorted(tally.items())
    ]
