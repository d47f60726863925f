"""Chance that repeats: the same seed and stream give the same numbers on every machine and version.

Only raw output of the Philox counter-based generator is used, whose stream NumPy guarantees; the
drawing of ranges, orders and choices from it is done here. Streams are independent of each other.
"""

import hashlib
from array import array
from itertools import cycle
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

T = TypeVar("T")

#: Draws kept ready for one item; when they run out, they start again.
DRAWS = 192


def _key(seed: int, stream: str) -> int:
    """128 bits that name one stream of one seed."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{stream}".encode(), digest_size=16).digest())


def raw(seed: int, stream: str, count: int) -> "NDArray[np.uint64]":
    """`count` uniform 64-bit numbers of the stream."""
    return np.random.Philox(key=_key(seed, stream)).random_raw(count)


def uniform(seed: int, stream: str, count: int) -> "NDArray[np.float64]":
    """`count` numbers in [0, 1), multiples of 2**-53."""
    return (raw(seed, stream, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def order(seed: int, stream: str, count: int) -> "NDArray[np.int64]":
    """A permutation of `range(count)`."""
    return np.argsort(raw(seed, stream, count), kind="stable")


def rows(seed: int, stream: str, count: int) -> "list[Sequence[int]]":
    """`count` rows of `DRAWS` numbers in [0, 65536), one row an item."""
    words = raw(seed, stream, count * DRAWS // 4).astype("<u8").view("<u2")
    numbers = array("H", words.astype(np.uint16).tobytes())
    return [numbers[at : at + DRAWS] for at in range(0, len(numbers), DRAWS)]


def source(row: "Sequence[int]") -> "Callable[[], int]":
    """A function that gives the row's numbers one after the other, without end."""
    return cycle(row).__next__


def drawer(seed: int, stream: str) -> "Callable[[], int]":
    """A function that gives numbers in [0, 65536) for work done once in a scenario."""
    return source([int(n & 0xFFFF) for n in raw(seed, stream, 4093)])


def shuffled(values: "Sequence[T]", draw: "Callable[[], int]") -> "list[T]":
    """A copy of `values` in an order given by `draw` (Fisher and Yates)."""
    result = list(values)
    for last in range(len(result) - 1, 0, -1):
        other = draw() % (last + 1)
        result[last], result[other] = result[other], result[last]
    return result
