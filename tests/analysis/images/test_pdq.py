"""The hash is that of the reference implementation, bit for bit, and turns as pictures turn."""

from collections.abc import Callable

import numpy as np
import pdqhash
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from palermo.analysis.images import hash_pixels
from palermo.analysis.images.bits import distance, from_hex, to_hex
from palermo.analysis.images.pdq import TURNS, Pixels, Turn, pdq
from palermo.model import Unreadable
from palermo.scenario.pictures import draw

_OF_ARRAY: dict[str, Callable[[Pixels], Pixels]] = {
    "as it is": lambda a: a,
    "rotated 90": np.rot90,
    "rotated 180": lambda a: np.rot90(a, 2),
    "rotated 270": lambda a: np.rot90(a, 3),
    "upside down": np.flipud,
    "mirrored": np.fliplr,
    "transposed": lambda a: a.swapaxes(0, 1),
    "transversed": lambda a: np.rot90(a.swapaxes(0, 1), 2),
}


def _random(seed: int, height: int, width: int) -> Pixels:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (int(rng.integers(2, 12)), int(rng.integers(2, 12)), 3))
    image = Image.fromarray(cells.astype(np.uint8)).resize((width, height))
    return np.ascontiguousarray(np.asarray(image))


@settings(deadline=None, max_examples=100)
@given(
    st.integers(0, 2**32), st.integers(5, 400), st.integers(5, 400)
)  # 5 is the smallest side that has a hash
def test_every_bit_and_the_quality_are_those_of_the_reference(
    seed: int, height: int, width: int
) -> None:
    pixels = _random(seed, height, width)
    found = pdq(pixels)
    hashes, quality = pdqhash.compute_dihedral(pixels)
    theirs = [np.packbits(bits.astype(np.uint8)).tobytes().hex() for bits in hashes]
    assert to_hex(found.words) == theirs
    assert found.quality == quality


@pytest.mark.parametrize("turn", TURNS)
def test_the_hash_of_a_turned_picture_is_the_turned_hash(turn: str) -> None:
    # Small pictures, in which the grid's samples lie beside the middle of their cells, and a large
    # one, whose turns are worked out from its frequencies.
    for number, size in enumerate([(320, 256), (65, 130), (100, 100), (640, 480), (1600, 1200)]):
        pixels = np.asarray(draw(number, size))
        turned = np.ascontiguousarray(_OF_ARRAY[turn](pixels))
        wanted = hash_pixels(pixels).whole[TURNS.index(Turn(turn))]
        assert distance(hash_pixels(turned).whole[0], wanted) <= 6


@given(st.lists(st.binary(min_size=32, max_size=32)))
def test_hexadecimal_is_read_as_it_is_written(hashes: list[bytes]) -> None:
    texts = [one.hex() for one in hashes]
    assert to_hex(from_hex(texts)) == texts


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "g" * 64, " " + "0" * 63])
def test_what_is_no_hash_is_refused_with_its_number(text: str) -> None:
    with pytest.raises(Unreadable, match="hash 2"):
        from_hex(["0" * 64, text])


def test_a_flat_picture_has_no_quality() -> None:
    assert pdq(np.full((200, 300, 3), 127, np.uint8)).quality == 0
    assert pdq(np.zeros((3, 300, 3), np.uint8)).quality == 0
