"""Hashes of 256 bits as four 64-bit words, and as the hexadecimal that lists exchange.

Guarantees that `from_hex(to_hex(words))` gives the words back, and that the hexadecimal is the one
other programs write: most significant bit first, bit 16 i + j for the frequency in row i, column j.
"""

import re

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled
from palermo.model import Unreadable

#: Shape (n, 4), or (4,) for one hash; word 0 holds the 64 least significant bits.
Words = npt.NDArray[np.uint64]

BITS = 256
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def to_hex(words: Words) -> list[str]:
    """Write each of n hashes, shape (n, 4), as 64 hexadecimal digits in lower case."""
    return [row[::-1].tobytes().hex() for row in words.astype("<u8").view(np.uint8)]


def from_hex(texts: list[str]) -> Words:
    """Read hashes of 64 hexadecimal digits each; shape (n, 4).

    Raises:
        Unreadable: a text is no such hash; the message names its number, counted from 1.
    """
    for number, text in enumerate(texts, start=1):
        if not _HEX.fullmatch(text):
            raise Unreadable(
                f"hash {number}: expected 64 hexadecimal digits, found {text[:80]!r}; "
                "write one PDQ hash a line"
            )
    raw = np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(-1, BITS // 8)
    return np.ascontiguousarray(raw[:, ::-1]).view("<u8").astype(np.uint64)


@compiled
def ones(word: np.uint64) -> np.int64:
    """Count the bits that are set in one word."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def distance(a: Words, b: Words) -> np.int64:
    """Count the bits in which two hashes, shape (4,), differ."""
    return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]) + ones(a[2] ^ b[2]) + ones(a[3] ^ b[3])
