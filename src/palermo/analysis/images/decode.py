"""From the bytes of a picture to its pixels, within limits that a hostile file cannot move.

Guarantees that only formats named here are opened, whatever the file says of itself; that no more
is unpacked than `MOST_PIXELS`; and that whatever is wrong ends in `Unreadable`, never in pixels
that were made up. Of moving pictures the first one counts; what is transparent is white, as on a
page.
"""

import io
import warnings
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from palermo.analysis.images.pdq import Pixels
from palermo.model import Unreadable

#: What is decoded: bitmaps without scripts, outlines or references to other files.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
#: More than the largest sensor of a telephone that is common in 2026 (108 million).
MOST_PIXELS = 120_000_000
#: Pictures with more pixels are made smaller by a whole number first, to bound memory. The hash
#: looks at a grid of 64 x 64, so this changes a bit or two at most.
_LARGE = 16_000_000
#: Samples of 16 bits, of which the eight upper ones are kept.
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
_FLAT = ("1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV", "RGBX")
_CLEAR = ("LA", "La", "PA", "RGBA", "RGBa")

_TROUBLE = (
    OSError,
    SyntaxError,  # what Pillow raises for some broken PNG files
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    EOFError,
    OverflowError,
    RuntimeError,
    MemoryError,
    ZeroDivisionError,
    Image.DecompressionBombError,
)


def decode(data: bytes) -> Pixels:
    """Return red, green and blue of a picture, shape (height, width, 3).

    Raises:
        Unreadable: unknown format, too many pixels, or damaged anywhere.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures and odd tags; what is too large is refused below.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _refuse_too_large(image.size)
                return _pixels(_upright(image))
    except UnidentifiedImageError:
        raise Unreadable(
            f"no picture in a format that is decoded; convert it to one of {', '.join(FORMATS)}"
        ) from None
    except _TROUBLE as error:
        raise Unreadable(
            f"the picture cannot be decoded ({_why(error)}); look at the original"
        ) from error


def _refuse_too_large(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise Unreadable(
            f"the picture claims {width} x {height} pixels; expected at most {MOST_PIXELS:,}; "
            "make it smaller if it is what it should be"
        )


def _upright(image: Any) -> Any:
    """Decode into eight bits of red, green and blue."""
    image.load()
    if image.mode in _DEEP:
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in _CLEAR or (image.mode in _FLAT and image.has_transparency_data):
        clear = image.convert("RGBA")
        page = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(page, clear).convert("RGB")
    if image.mode in _FLAT:
        return image.convert("RGB")
    raise ValueError(f"samples of kind {image.mode}")


def _pixels(image: Any) -> Pixels:
    factor = 1
    while (image.width // factor) * (image.height // factor) > _LARGE:
        factor += 1
    smaller = image.reduce(factor) if factor > 1 else image
    pixels: Pixels = np.ascontiguousarray(np.asarray(smaller, dtype=np.uint8))
    return pixels


def _why(error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    return said or type(error).__name__
