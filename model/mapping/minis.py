"""What the map shows of a picture from afar: a mini, and from farther a swatch."""

import io
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.images import webp

# A mini fits this box, pixels: a place of 64 by 48 with a little air around the picture.
BOX: Final = (60, 45)
# A swatch is the whole picture, drawn into a place of this width and height, pixels.
SWATCH: Final = (8, 6)
_QUALITY: Final = 60


class Mini(NamedTuple):
    """picture: a WebP that fits `BOX`. swatch: uint8 (6, 8, 3), RGB."""

    picture: bytes
    swatch: NDArray[np.uint8]


def mini_of(image: Image.Image) -> Mini:
    """Return what the map shows of a picture, RGB."""
    swatch = image.resize(SWATCH, Image.Resampling.BOX, reducing_gap=3.0)
    return Mini(webp(image, BOX, quality=_QUALITY), np.asarray(swatch, np.uint8))


def mini_from(thumbnail: bytes) -> Mini:
    """Return what the map shows of a picture, made from its small thumbnail, a WebP."""
    with Image.open(io.BytesIO(thumbnail), formats=("WEBP",)) as image:
        return mini_of(image.convert("RGB"))
