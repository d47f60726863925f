"""Hostile and damaged pictures end in one sentence, never in pixels or a stack trace."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from palermo.analysis.images import hash_image, to_hex
from palermo.analysis.images.decode import MOST_PIXELS, decode
from palermo.analysis.images.pdq import pdq
from palermo.model import Unreadable
from palermo.scenario.pictures import draw, saved

PICTURE = draw(1, (160, 120))
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"]


def png(width: int, height: int, rows: bytes) -> bytes:
    """A PNG of 8 bits grey that claims a size, whatever it holds."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize("form", FORMATS)
def test_formats_that_are_promised_are_decoded(form: str) -> None:
    found = hash_image(saved(PICTURE, form))
    assert (found.width, found.height) == (160, 120)
    assert found.usable


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_cut_off_pictures_are_refused(form: str) -> None:
    whole = saved(PICTURE, form)
    for share in (0.0, 0.1, 0.5, 0.9):
        with pytest.raises(Unreadable):
            hash_image(whole[: int(len(whole) * share)])


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (60_000, 60_000), (MOST_PIXELS, 2), (2**31 - 1, 1)]
)
def test_bombs_are_refused_by_what_they_claim(width: int, height: int) -> None:
    with pytest.raises(Unreadable):
        hash_image(png(width, height, bytes(1000)))


@pytest.mark.parametrize("form", ["EPS", "PDF", "ICO", "PPM", "TGA", "JPEG2000"])
def test_other_formats_are_not_opened(form: str) -> None:
    with pytest.raises(Unreadable, match="convert it"):
        hash_image(saved(PICTURE.resize((64, 64)), form))


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_bytes_give_a_hash_or_a_sentence(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORMATS))
    raw = bytearray(saved(PICTURE, form))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        said = hash_image(bytes(raw)).hex
    except Unreadable as error:
        said = str(error)
    assert said
    assert "\n" not in said


@given(st.binary(max_size=400))
def test_bytes_that_are_no_picture(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        hash_image(raw)


def test_what_is_transparent_is_white_as_on_a_page() -> None:
    hidden = PICTURE.copy()
    hidden.putalpha(0)
    assert (decode(saved(hidden, "PNG")) == 255).all()
    palette = Image.new("P", (50, 50))
    assert (decode(saved(palette, "PNG", transparency=0)) == 255).all()


def test_sixteen_bits_keep_their_brightness() -> None:
    grey = np.asarray(PICTURE.convert("L"))
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    assert (decode(saved(deep, "PNG"))[..., 0] == grey).all()
    assert (decode(saved(deep, "TIFF"))[..., 0] == grey).all()


def test_samples_that_have_no_fixed_range_are_refused() -> None:
    floats = Image.fromarray(np.zeros((50, 50), np.float32))
    with pytest.raises(Unreadable, match="samples"):
        hash_image(saved(floats, "TIFF"))


def test_of_moving_pictures_the_first_counts() -> None:
    out = io.BytesIO()
    PICTURE.save(out, "GIF", save_all=True, append_images=[draw(2, (160, 120))])
    assert hash_image(out.getvalue()).hex == hash_image(saved(PICTURE, "GIF")).hex


def test_large_pictures_are_hashed_nearly_as_they_are() -> None:
    data = saved(PICTURE.resize((6400, 4800)), "JPEG", quality=90)
    with Image.open(io.BytesIO(data)) as image:
        as_it_is = to_hex(pdq(np.asarray(image)).words[:1])[0]
    found = hash_image(data)
    assert found.width * found.height <= 16_000_000
    assert (int(found.hex, 16) ^ int(as_it_is, 16)).bit_count() <= 4
