"""What the model is measured against: descriptions of a picture that need no training.

Each takes uint8 (256, 256, 3) and returns a float32 vector to compare by dot product after it was
brought to unit length.
"""

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.images import SIDE

Vector = NDArray[np.float32]
Baseline = Callable[[NDArray[np.uint8]], Vector]


class MissingLibrary(Exception):
    """A baseline needs a library that serving does not; its text says which."""


def colour_histogram(pixels: NDArray[np.uint8]) -> Vector:
    """Return the square roots of an 8x8x8 RGB histogram, (512,): their dot is Bhattacharyya's."""
    cells = pixels.reshape(-1, 3) // 32
    places = cells @ np.array([64, 8, 1])
    return np.sqrt(np.bincount(places, minlength=512).astype(np.float32))


def grey_pixels(pixels: NDArray[np.uint8]) -> Vector:
    """Return the picture as 32x32 grey values around their mean, (1024,)."""
    grey = pixels.mean(axis=2).reshape(32, SIDE // 32, 32, SIDE // 32).mean(axis=(1, 3)).ravel()
    return np.asarray(grey - grey.mean(), dtype=np.float32)


def hog(pixels: NDArray[np.uint8]) -> Vector:
    """Return histograms of oriented gradients (Dalal and Triggs, CVPR 2005), 16-pixel cells.

    Raises MissingLibrary where scikit-image is not installed.
    """
    return _hog()(pixels)


@cache
def _hog() -> Baseline:
    try:
        from skimage.feature import hog as describe  # noqa: PLC0415 - not in the serving set
    except ImportError:
        raise MissingLibrary("needs scikit-image, which requirements.txt installs") from None
    options = {"pixels_per_cell": (16, 16), "cells_per_block": (2, 2), "channel_axis": 2}
    return lambda pixels: np.asarray(describe(pixels, **options), dtype=np.float32)


BASELINES: Final[dict[str, Baseline]] = {
    "colour histogram": colour_histogram,
    "32x32 grey pixels": grey_pixels,
    "HOG": hog,
}
