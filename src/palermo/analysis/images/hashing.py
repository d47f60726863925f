"""The hashes of one picture: turned in all eight ways, with its border and without.

Guarantees that a picture too flat or too small to be told from others says so in `usable`; nothing
compares such hashes.
"""

from dataclasses import dataclass

import numpy as np

from palermo.analysis.images.bits import Words, to_hex
from palermo.analysis.images.borders import trimmed
from palermo.analysis.images.decode import decode
from palermo.analysis.images.pdq import TURNS, Pdq, Pixels, Turn, pdq

#: Hashes of lower quality are not compared (threshold of the reference's documentation).
LEAST_QUALITY = 50
#: Icons and counting pixels have no content that would tell one site from another.
LEAST_SIDE = 32

#: Pictures whose longer side is no longer than this are mirrored themselves.
_SMALL = 1024
#: Steps through rows and columns -> the turn they make, and the one with rows as columns.
_MIRRORED = (
    ((-1, 1), Turn.UPSIDE_DOWN, Turn.ROTATED_270),
    ((1, -1), Turn.MIRRORED, Turn.ROTATED_90),
    ((-1, -1), Turn.ROTATED_180, Turn.TRANSVERSED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHashes:
    """Hashes of one picture.

    `whole` and `inner` have shape (8, 4), in the order of `TURNS`; row 0 is the picture as it is.
    `inner` is the picture without its plain border, None when it has none that matters or what is
    left is too flat. `quality` (0 to 100) is that of the whole. `width` and `height` are as hashed.
    """

    whole: Words
    inner: Words | None
    quality: int
    width: int
    height: int

    @property
    def usable(self) -> bool:
        """Whether the hash of the whole may be compared."""
        return self.quality >= LEAST_QUALITY and min(self.width, self.height) >= LEAST_SIDE

    @property
    def hex(self) -> str:
        """The hash of the picture as it is, as lists write it."""
        return to_hex(self.whole[:1])[0]


def hash_image(data: bytes) -> ImageHashes:
    """Hash the picture that `data` holds.

    Raises:
        Unreadable: it cannot be decoded; see `palermo.analysis.images.decode`.
    """
    return hash_pixels(decode(data))


def hash_pixels(pixels: Pixels) -> ImageHashes:
    """Hash a picture: red, green and blue of shape (height, width, 3)."""
    whole = _in_all_turns(pixels)
    return ImageHashes(
        whole=whole.words,
        inner=_inner(pixels),
        quality=whole.quality,
        width=pixels.shape[1],
        height=pixels.shape[0],
    )


def _in_all_turns(pixels: Pixels) -> Pdq:
    """Hash a picture as it is and as it would be hashed by someone who has it turned.

    The frequencies of the picture give all turns at once, but for the grid's samples lying a part
    of a pixel beside the middle of their cells, which tells in small pictures. These are mirrored
    themselves; exchanging rows and columns is exact in any case.
    """
    found = pdq(pixels)
    if max(pixels.shape[:2]) > _SMALL:
        return found
    words = found.words.copy()
    for (rows, columns), turn, transposed in _MIRRORED:
        other = pdq(np.ascontiguousarray(pixels[::rows, ::columns])).words
        words[TURNS.index(turn)] = other[TURNS.index(Turn.NONE)]
        words[TURNS.index(transposed)] = other[TURNS.index(Turn.TRANSPOSED)]
    return Pdq(words, found.quality)


def _inner(pixels: Pixels) -> Words | None:
    inner = trimmed(pixels)
    if inner is None or min(inner.shape[:2]) < LEAST_SIDE:
        return None
    found = _in_all_turns(inner)
    return found.words if found.quality >= LEAST_QUALITY else None
