"""What is done to pictures to make copies of them, as it happens to pictures on their way."""

import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFont

Change = Callable[[Image.Image], bytes]


def _encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _jpeg(quality: int) -> Change:
    return lambda image: _encoded(image, "JPEG", quality=quality)


def _webp(quality: int) -> Change:
    return lambda image: _encoded(image, "WEBP", quality=quality)


def _bright(factor: float) -> Change:
    return lambda image: _encoded(ImageEnhance.Brightness(image).enhance(factor))


def _half(image: Image.Image) -> Image.Image:
    size = max(1, image.width // 2), max(1, image.height // 2)
    return image.resize(size, Image.Resampling.LANCZOS)


def _cut(share: float) -> Change:
    """Cut this share of the width and of the height away, one half of it at each side."""

    def change(image: Image.Image) -> bytes:
        width, height = (round(side * share / 2) for side in image.size)
        return _encoded(image.crop((width, height, image.width - width, image.height - height)))

    return change


def _captioned(image: Image.Image) -> bytes:
    """Write a line into the lower left corner, in letters of a twentieth of the height."""
    image = image.copy()
    font = ImageFont.load_default(size=max(8, image.height / 20))
    place = image.width * 0.03, image.height * 0.92
    pen = ImageDraw.Draw(image)
    pen.text(place, "The bridge, 1924", "white", font, stroke_width=1, stroke_fill="black")
    return _encoded(image, "JPEG", quality=85)


CHANGES: Final[dict[str, Change]] = {
    "JPEG, quality 95": _jpeg(95),
    "JPEG, quality 75": _jpeg(75),
    "JPEG, quality 50": _jpeg(50),
    "JPEG, quality 30": _jpeg(30),
    "WebP, quality 80": _webp(80),
    "WebP, quality 50": _webp(50),
    "half the size": lambda image: _encoded(_half(image)),
    "half the size, JPEG, quality 50": lambda image: _encoded(_half(image), "JPEG", quality=50),
    "a tenth brighter": _bright(1.1),
    "a tenth darker": _bright(0.9),
    "a line of writing": _captioned,
    "2 % cut off": _cut(0.02),
    "4 % cut off": _cut(0.04),
}
