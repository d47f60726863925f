"""Pictures drawn from a number, and what happens to pictures on their way through the web.

Guarantees that the same number draws the same picture, and that nothing drawn shows a person: rooms
of shapes, gradients, grain and words only. For practice and for measuring, in place of real photos.
"""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

_WORDS = ("HARBOUR", "SUMMER", "ROOM 12", "CALL NOW", "TERRACE", "MARKET", "NIGHT", "OPEN", "LUCKY")
_Alteration = Callable[[Any], Any]


def draw(number: int, size: tuple[int, int] = (640, 480)) -> Any:
    """Draw picture `number`: a Pillow image, RGB, of `size` (width, height)."""
    rng = np.random.default_rng([number, 0x5EA])
    image = _sky(rng, size)
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(12, 40))):
        _shape(rng, pen, size)
    for _ in range(int(rng.integers(0, 3))):
        place = (int(rng.integers(0, size[0] * 3 // 4)), int(rng.integers(0, size[1] * 3 // 4)))
        font = ImageFont.load_default(float(rng.integers(size[1] // 16, size[1] // 6)))
        pen.text(place, _WORDS[int(rng.integers(len(_WORDS)))], fill=_colour(rng), font=font)
    soft = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.5))))
    grain = rng.normal(0, rng.uniform(1, 8), (size[1], size[0], 1))
    return Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))


def _sky(rng: np.random.Generator, size: tuple[int, int]) -> Any:
    """A soft landscape of light: a few random values, spread out smoothly."""
    cells = rng.integers(0, 256, (int(rng.integers(2, 7)), int(rng.integers(2, 7)), 3))
    return Image.fromarray(cells.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)


def _shape(rng: np.random.Generator, pen: Any, size: tuple[int, int]) -> None:
    points = [
        (int(rng.integers(-size[0] // 8, size[0])), int(rng.integers(-size[1] // 8, size[1])))
        for _ in range(int(rng.integers(3, 6)))
    ]
    left, top = points[0]
    box = (
        left,
        top,
        left + int(rng.integers(8, size[0] // 2)),
        top + int(rng.integers(8, size[1] // 2)),
    )
    kind = int(rng.integers(4))
    if kind == 0:
        pen.rectangle(box, fill=_colour(rng))
    elif kind == 1:
        pen.ellipse(box, fill=_colour(rng))
    elif kind == 2:
        pen.polygon(points, fill=_colour(rng))
    else:
        pen.line(points, fill=_colour(rng), width=int(rng.integers(2, 20)))


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def saved(image: Any, form: str = "JPEG", **options: Any) -> bytes:
    """Return the bytes of a picture file."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _again(image: Any, form: str = "JPEG", **options: Any) -> Any:
    return Image.open(io.BytesIO(saved(image, form, **options))).convert("RGB")


def _resized(share: float) -> _Alteration:
    return lambda image: image.resize(
        (round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS
    )


def _cropped(share: float) -> _Alteration:
    def crop(image: Any) -> Any:
        x, y = round(image.width * share / 2), round(image.height * share / 2)
        return image.crop((x, y, image.width - x, image.height - y))

    return crop


def _framed(share: float, colour: str) -> _Alteration:
    return lambda image: ImageOps.expand(image, round(image.height * share), colour)


def _barred(image: Any) -> Any:
    """Black bars above and below, as telephones show a wide picture in a story."""
    return ImageOps.pad(image, (image.width, image.width * 16 // 9), color="black")


def _marked(image: Any) -> Any:
    """A half transparent mark in a corner."""
    layer = Image.new("RGBA", image.size)
    font = ImageFont.load_default(image.height / 20)
    ImageDraw.Draw(layer).text(
        (image.width * 0.65, image.height * 0.9), "@example", (255, 255, 255, 140), font
    )
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _captioned(image: Any) -> Any:
    """A band with words over the lower eighth."""
    out = image.copy()
    pen = ImageDraw.Draw(out)
    pen.rectangle((0, image.height * 7 // 8, image.width, image.height), fill="black")
    font = ImageFont.load_default(image.height / 12)
    pen.text((10, image.height * 7 // 8), "NEW IN TOWN", fill="white", font=font)
    return out


_T = Image.Transpose

#: Name -> what it does to a picture: what `palermo` claims to find, and what it does not.
ALTERATIONS: dict[str, _Alteration] = {
    "saved as JPEG, quality 75": lambda image: _again(image, quality=75),
    "saved as JPEG, quality 30": lambda image: _again(image, quality=30),
    "saved as JPEG, quality 10": lambda image: _again(image, quality=10),
    "saved as WebP, quality 50": lambda image: _again(image, "WEBP", quality=50),
    "half the size": _resized(0.5),
    "a quarter of the size": _resized(0.25),
    "half the size, JPEG 30": lambda image: _again(_resized(0.5)(image), quality=30),
    "made square": lambda image: image.resize((image.height, image.height)),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "contrast 0.6": lambda image: ImageEnhance.Contrast(image).enhance(0.6),
    "brightness 1.4": lambda image: ImageEnhance.Brightness(image).enhance(1.4),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "mirrored": lambda image: image.transpose(_T.FLIP_LEFT_RIGHT),
    "mirrored, JPEG 30": lambda image: _again(image.transpose(_T.FLIP_LEFT_RIGHT), quality=30),
    "upside down": lambda image: image.transpose(_T.FLIP_TOP_BOTTOM),
    "rotated 90": lambda image: image.transpose(_T.ROTATE_90),
    "rotated 180": lambda image: image.transpose(_T.ROTATE_180),
    "rotated 270": lambda image: image.transpose(_T.ROTATE_270),
    "white frame of 3 %": _framed(0.03, "white"),
    "black frame of 10 %, JPEG 30": lambda image: _again(_framed(0.1, "black")(image), quality=30),
    "bars above and below, JPEG 75": lambda image: _again(_barred(image), quality=75),
    "frame of 10 %, mirrored": lambda image: _framed(0.1, "teal")(
        image.transpose(_T.FLIP_LEFT_RIGHT)
    ),
    "watermark in a corner": _marked,
    "band with words": _captioned,
    "cropped by 2 %": _cropped(0.02),
    "cropped by 5 %": _cropped(0.05),
    "cropped by 10 %": _cropped(0.10),
    "rotated by 3 degrees": lambda image: image.rotate(3, Image.Resampling.BICUBIC),
}
