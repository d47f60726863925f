"""Draws that repeat: the same seed and stream give the same numbers on every machine.

Only raw output of the Philox generator is used, and only arithmetic that is exact or rounded the
same everywhere; shapes come from tables of quantiles instead of logarithms.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


class Dice:
    """One stream of one seed."""

    def __init__(self, seed: int, stream: str) -> None:
        digest = hashlib.blake2b(f"money {seed}:{stream}".encode(), digest_size=16).digest()
        self._philox = np.random.Philox(key=int.from_bytes(digest))

    def units(self, count: int) -> Floats:
        """Return `count` numbers in [0, 1)."""
        raw = np.asarray(self._philox.random_raw(count))
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """Return one number in [low, high)."""
        return low + (high - low) * float(self.units(1)[0])

    def whole(self, low: int, high: int) -> int:
        """Return one whole number from `low` to `high`."""
        return low + int(float(self.units(1)[0]) * (high - low + 1))

    def wholes(self, low: int, high: int, count: int) -> Ints:
        """Return whole numbers from `low` to `high`."""
        return low + (self.units(count) * (high - low + 1)).astype(np.int64)

    def says(self, share: float) -> bool:
        """Return true with that chance."""
        return float(self.units(1)[0]) < share

    def marks(self, share: float | Floats, count: int) -> Marks:
        """Return true with that chance, for each."""
        return self.units(count) < share

    def quantile(self, table: Sequence[float], count: int) -> Floats:
        """Draw from a table of equally spaced quantiles, least to most, straight in between."""
        place = self.units(count) * (len(table) - 1)
        low = place.astype(np.int64)
        values = np.asarray(table, dtype=np.float64)
        return values[low] + (values[np.minimum(low + 1, len(table) - 1)] - values[low]) * (
            place - low
        )

    def weighted(self, weights: Sequence[float], count: int) -> Ints:
        """Draw places of `weights`."""
        bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
        places = np.searchsorted(bounds, self.units(count) * bounds[-1], side="right")
        found: Ints = np.minimum(places, len(bounds) - 1).astype(np.int64)
        return found

    def pick(self, values: Any, count: int, *, skew: int = 1) -> Any:
        """Draw from an array, with repetition; `skew` above 1 prefers what comes first."""
        place = self.units(count)
        share = place.copy()
        for _ in range(skew - 1):
            share *= place
        return np.asarray(values)[(share * len(values)).astype(np.int64)]

    def one(self, values: Sequence[Any]) -> Any:
        """Draw one of a list."""
        return values[int(float(self.units(1)[0]) * len(values))]

    def some(self, values: Any, count: int) -> Any:
        """Draw different ones from an array, in random order; all if there are fewer."""
        values = np.asarray(values)
        if count * 20 > len(values):
            return values[np.argsort(self.units(len(values)), kind="stable")][:count]
        found: dict[int, None] = {}
        while len(found) < count:
            for place in (self.units(count) * len(values)).astype(np.int64).tolist():
                found.setdefault(place)
        return values[np.array(list(found)[:count], dtype=np.int64)]
