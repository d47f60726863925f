"""A list of photo hashes, such as a stop list, and whether a picture is on it.

Guarantees that no entry within 31 bits of the picture, turned in any of eight ways, with its border
or without, is missed. Nothing of the picture is in the answer.
"""

from dataclasses import dataclass

from palermo.analysis.images.bits import Words, to_hex
from palermo.analysis.images.hashing import ImageHashes, hash_image
from palermo.analysis.images.index import HashIndex
from palermo.analysis.images.matching import Codes, matches_of, variant_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The entry that a picture comes nearest to.

    `entry` is its number on the list, from 0; `value` its hash in hexadecimal; `distance` the bits
    that differ; `variant` how the picture must be turned or trimmed to look like it.
    """

    entry: int
    value: str
    distance: int
    variant: str


class PhotoList:
    """Hashes to look pictures up in. `words` has shape (n, 4)."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._index = HashIndex(words)

    def __len__(self) -> int:
        return len(self._words)

    def find(self, photo: ImageHashes) -> Listed | None:
        """Return the nearest entry within 31 bits, the first of equals; None if there is none.

        A photo that is not `usable` is on no list.
        """
        found = matches_of(Codes.of([photo]), self._index)
        if not len(found):
            return None
        best = int(found.distance.argmin())
        entry = int(found.b[best])
        return Listed(
            entry=entry,
            value=to_hex(self._words[entry : entry + 1])[0],
            distance=int(found.distance[best]),
            variant=variant_name(int(found.variant[best])),
        )

    def find_data(self, data: bytes) -> Listed | None:
        """Look up the picture that `data` holds.

        Raises:
            Unreadable: it cannot be decoded, so nothing is known of it.
        """
        return self.find(hash_image(data))
