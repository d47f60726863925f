"""Photos are found again after what happens to them on the web, and others are not."""

import random
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from palermo.analysis.images import (
    SAME,
    ImageHashes,
    PhotoList,
    from_hex,
    hash_image,
    hash_pixels,
    match,
    review,
    same_photos,
    variant_name,
)
from palermo.model import SAME_PHOTO, Unreadable
from palermo.scenario.pictures import ALTERATIONS, draw, saved

COUNT = 25
#: Alterations after which a photo is another one, as far as 31 bits can tell.
BEYOND = {
    "band with words", "cropped by 5 %", "cropped by 10 %", "rotated by 3 degrees",
}  # fmt: skip
SIZE = (320, 240)


@cache
def originals() -> tuple[ImageHashes, ...]:
    return tuple(hash_pixels(np.asarray(draw(number, SIZE))) for number in range(COUNT))


def altered(name: str) -> list[ImageHashes]:
    change = ALTERATIONS[name]
    return [hash_pixels(np.asarray(change(draw(number, SIZE)))) for number in range(COUNT)]


@pytest.mark.parametrize("name", sorted(set(ALTERATIONS) - BEYOND))
def test_altered_photos_are_found_and_no_others(name: str) -> None:
    found = match(originals(), altered(name))
    assert (found.a == found.b).all()
    assert (found.distance <= SAME).all()
    # A mark may cover much of a plain picture.
    assert len(found) >= COUNT * 0.9


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_what_is_beyond_is_not_claimed(name: str) -> None:
    found = match(originals(), altered(name))
    assert (found.a == found.b).all()
    assert len(found) < COUNT


@pytest.mark.parametrize("name", ["cropped by 5 %", "band with words"])
def test_review_shows_what_is_further_off_and_nothing_that_matched(name: str) -> None:
    changed = altered(name)
    near, far = match(originals(), changed), review(originals(), changed)
    assert ((far.distance > SAME) & (far.distance <= 70)).all()
    pairs = set(zip(near.a.tolist(), near.b.tolist(), strict=True))
    assert not pairs & set(zip(far.a.tolist(), far.b.tolist(), strict=True))
    assert len(near) + int((far.a == far.b).sum()) >= COUNT * 0.9


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("saved as JPEG, quality 75", "as it is"),
        ("mirrored", "mirrored"),
        ("rotated 90", "rotated 90"),
        ("rotated 270", "rotated 270"),
        ("upside down", "upside down"),
        ("white frame of 3 %", "as it is, border of b removed"),
        ("frame of 10 %, mirrored", "mirrored, border of b removed"),
    ],
)
def test_the_variant_says_what_was_done(name: str, variant: str) -> None:
    found = match(originals(), altered(name))
    assert {variant_name(v) for v in found.variant.tolist()} == {variant}
    back = match(altered(name), originals())
    undone = {"rotated 90": "rotated 270", "rotated 270": "rotated 90"}.get(variant, variant)
    assert {variant_name(v) for v in back.variant.tolist()} == {
        undone.replace("border of b", "border of a")
    }


def test_a_frame_is_found_wherever_it_lies_among_the_blocks_of_a_jpeg() -> None:
    for size in ((400, 300), (404, 310), (640, 480)):
        photos = [draw(200 + number, size) for number in range(10)]
        framed = [ALTERATIONS["black frame of 10 %, JPEG 30"](photo) for photo in photos]
        found = match(*([hash_pixels(np.asarray(p)) for p in some] for some in (photos, framed)))
        assert found.a.tolist() == found.b.tolist() == list(range(len(photos)))


def test_within_one_set_each_pair_stands_once_turned_from_a_to_b() -> None:
    photo = draw(3, SIZE)
    turned = ALTERATIONS["rotated 90"](photo)
    hashes = [hash_pixels(np.asarray(one)) for one in (photo, turned)]
    for pair, wanted in ((hashes, "rotated 90"), (hashes[::-1], "rotated 270")):
        found = match(pair)
        assert found.a.tolist() == [0]
        assert found.b.tolist() == [1]
        assert variant_name(int(found.variant[0])) == wanted


def test_flat_and_tiny_pictures_match_nothing_not_even_themselves() -> None:
    flat = hash_pixels(np.full((300, 300, 3), 200, np.uint8))
    tiny = hash_pixels(np.asarray(draw(1, (31, 31))))
    assert not flat.usable
    assert not tiny.usable
    assert not len(match([flat, flat, tiny, tiny]))
    assert same_photos({"a": flat, "b": flat, "c": tiny}).name == {}


def test_groups_do_not_depend_on_order_and_copies_cost_one_link_each() -> None:
    photos = {
        f"{number:02}-{name}": hash_pixels(np.asarray(ALTERATIONS[name](draw(number, SIZE))))
        for number in range(6)
        for name in ("grey", "mirrored", "white frame of 3 %", "saved as JPEG, quality 10")
    }
    photos |= {f"copy {number}": photos["03-grey"] for number in range(500)}
    photos["flat"] = hash_pixels(np.full((300, 300, 3), 200, np.uint8))
    found = same_photos(photos)
    assert found.links.schema == SAME_PHOTO
    assert len(set(found.name.values())) == 6
    assert found.links.num_rows == len(photos) - 1 - 6
    for key, name in found.name.items():
        number = "03" if key.startswith("copy") else key[:2]
        assert name == found.name[f"{number}-grey"]
    shuffled = list(photos.items())
    random.Random(4).shuffle(shuffled)
    again = same_photos(dict(shuffled))
    assert again.links.equals(found.links)
    assert again.name == found.name


def test_no_photos_at_all() -> None:
    assert same_photos({}).links.equals(pa.Table.from_pylist([], schema=SAME_PHOTO))
    assert not len(match([]))
    assert not len(review([], []))


def test_a_list_finds_photos_however_they_are_turned() -> None:
    known = PhotoList(from_hex(["0" * 64, *(one.hex for one in originals())]))
    for number in (0, 7, 24):
        for name in ("mirrored, JPEG 30", "rotated 270", "black frame of 10 %, JPEG 30"):
            hit = known.find_data(saved(ALTERATIONS[name](draw(number, SIZE)), "PNG"))
            assert hit is not None
            assert hit.entry == number + 1
            assert hit.value == originals()[number].hex
            assert hit.distance <= SAME
    assert known.find(hash_image(saved(draw(99, SIZE)))) is None
    assert known.find_data(saved(draw(1, SIZE).resize((20, 20)))) is None
    with pytest.raises(Unreadable):
        known.find_data(b"no picture")
    assert PhotoList(from_hex([])).find(originals()[0]) is None
