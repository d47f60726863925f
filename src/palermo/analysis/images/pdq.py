"""The PDQ perceptual hash: 256 bits that stay nearly the same when a picture is saved anew.

Guarantees the bits of the reference implementation: sums are taken in single precision and in its
order, so that hashes agree with lists that others made. The tests compare with it.

Source: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019,
sections on PDQ. In short: brightness, blurred twice by a box as wide as half a cell of a grid of
64 x 64, sampled on that grid; the 16 x 16 lowest frequencies but the constant ones (DCT-II); each
bit says whether a frequency is stronger than the median of all.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled
from palermo.analysis.images.bits import Words

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

_GRID = 64
_KEPT = 16
_PASSES = 2
#: Smaller than this on a side has no hash at all (as in the reference).
SMALLEST = 5


class Turn(StrEnum):
    """The eight ways to turn and mirror a picture. A rotation is counter-clockwise."""

    NONE = "as it is"
    ROTATED_90 = "rotated 90"
    ROTATED_180 = "rotated 180"
    ROTATED_270 = "rotated 270"
    UPSIDE_DOWN = "upside down"
    MIRRORED = "mirrored"
    TRANSPOSED = "transposed"
    TRANSVERSED = "transversed"


#: Turn -> what it does to the frequencies: exchange rows and columns; then change the sign of
#: those that are odd along the rows, along the columns. Mirroring changes the sign of odd cosines.
_TURNS: dict[Turn, tuple[bool, bool, bool]] = {
    Turn.NONE: (False, False, False),
    Turn.ROTATED_90: (True, True, False),
    Turn.ROTATED_180: (False, True, True),
    Turn.ROTATED_270: (True, False, True),
    Turn.UPSIDE_DOWN: (False, True, False),
    Turn.MIRRORED: (False, False, True),
    Turn.TRANSPOSED: (True, False, False),
    Turn.TRANSVERSED: (True, True, True),
}
TURNS: tuple[Turn, ...] = tuple(_TURNS)


@dataclass(frozen=True, slots=True)
class Pdq:
    """`words` are the hashes of the picture turned in each of `TURNS`, shape (8, 4).

    `quality` is 0 (flat) to 100 (rich in contours).
    """

    words: Words
    quality: int


def pdq(pixels: Pixels) -> Pdq:
    """Hash a picture: red, green and blue of shape (height, width, 3)."""
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST:
        return Pdq(np.zeros((len(TURNS), 4), np.uint64), 0)
    luma = _luma(pixels)
    other = np.empty_like(luma)
    across, down = _window(width), _window(height)
    for _ in range(_PASSES):
        _blur_rows(luma, other, across)
        _blur_columns(other, luma, down)
    grid = np.ascontiguousarray(luma[np.ix_(_sampled(height), _sampled(width))])
    frequencies = _frequencies(grid, _COSINES)
    words = np.concatenate([_words(_turned(frequencies, turn)) for turn in TURNS])
    return Pdq(words, _quality(grid))


def _window(side: int) -> int:
    return (side + 2 * _GRID - 1) // (2 * _GRID)


def _sampled(side: int) -> npt.NDArray[np.int64]:
    """Rows or columns at the centres of the cells of the grid."""
    return ((np.arange(_GRID) + 0.5) * side / _GRID).astype(np.int64)


def _cosines() -> Floats:
    row = np.arange(1, _KEPT + 1)[:, None]
    column = np.arange(_GRID)[None, :]
    scale = np.float64(np.float32(np.sqrt(2.0 / _GRID)))
    cosines = np.cos(np.pi / 2 / _GRID * row * (2 * column + 1))
    single: Floats = (scale * cosines).astype(np.float32)
    return single


_COSINES = _cosines()


def _turned(frequencies: Floats, turn: Turn) -> Floats:
    exchange, rows, columns = _TURNS[turn]
    out: Floats = (frequencies.T if exchange else frequencies).copy()
    # Row 0 holds the first frequency, which is odd.
    if rows:
        out[0::2] *= np.float32(-1)
    if columns:
        out[:, 0::2] *= np.float32(-1)
    return out


def _words(frequencies: Floats) -> Words:
    flat = frequencies.ravel()
    median = np.sort(flat)[len(flat) // 2 - 1]  # the lower of the two in the middle
    packed = np.packbits(flat > median, bitorder="little")
    return packed.view("<u8").astype(np.uint64).reshape(1, 4)


@compiled
def _luma(pixels: Pixels) -> Floats:
    height, width = pixels.shape[:2]
    out = np.empty((height, width), np.float32)
    for i in range(height):
        for j in range(width):
            red, green, blue = pixels[i, j, 0], pixels[i, j, 1], pixels[i, j, 2]
            out[i, j] = red * 0.299 + green * 0.587 + blue * 0.114
    return out


@compiled
def _blur_rows(source: Floats, out: Floats, window: int) -> None:
    """Write the mean of `window` neighbours along each row; fewer at the edges."""
    height, width = source.shape
    ahead, behind = window // 2, (window - 1) // 2
    for i in range(height):
        total = np.float32(0)
        count = 0
        for j in range(min(ahead, width)):
            total += source[i, j]
            count += 1
        for j in range(width):
            if j + ahead < width:
                total += source[i, j + ahead]
                count += 1
            if j - behind > 0:
                total -= source[i, j - behind - 1]
                count -= 1
            out[i, j] = total / np.float32(count)


@compiled
def _blur_columns(source: Floats, out: Floats, window: int) -> None:
    """Write the mean of `window` neighbours along each column; all columns move on together."""
    height, width = source.shape
    ahead, behind = window // 2, (window - 1) // 2
    totals = np.zeros(width, np.float32)
    count = 0
    for i in range(min(ahead, height)):
        for j in range(width):
            totals[j] += source[i, j]
        count += 1
    for i in range(height):
        if i + ahead < height:
            count += 1
            for j in range(width):
                totals[j] += source[i + ahead, j]
        if i - behind > 0:
            count -= 1
            for j in range(width):
                totals[j] -= source[i - behind - 1, j]
        for j in range(width):
            out[i, j] = totals[j] / np.float32(count)


@compiled
def _frequencies(grid: Floats, cosines: Floats) -> Floats:
    """The product cosines x grid x transposed cosines, shape (16, 16)."""
    kept, size = cosines.shape
    half = np.empty((kept, size), np.float32)
    out = np.empty((kept, kept), np.float32)
    for i in range(kept):
        for j in range(size):
            total = np.float32(0)
            for k in range(size):
                total += cosines[i, k] * grid[k, j]
            half[i, j] = total
    for i in range(kept):
        for j in range(kept):
            total = np.float32(0)
            for k in range(size):
                total += half[i, k] * cosines[j, k]
            out[i, j] = total
    return out


def _quality(grid: Floats) -> int:
    """Sum of steps between neighbours, in whole percent of the range each, scaled to 0 … 100."""
    steps = 0
    for axis in (0, 1):
        # Differences are taken as the reference takes them: earlier minus later, towards zero.
        change = -np.diff(grid, axis=axis) * np.float32(100) / np.float32(255)
        steps += int(np.abs(np.trunc(change)).sum(dtype=np.float64))
    return min(100, steps // 90)
