"""The parts of a picture that a teacher is asked about: the whole, and crops that never change.

What a teacher says of the whole is wrong for a crop, and asking it at every step costs more than
the training; so each picture has a few views, fixed by its content, and each view its own answer
(L. Beyer and others, "Knowledge distillation: A good teacher is patient and consistent", 2022).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.images import SIDE
from model.training.data import Pixels

SMALLEST: Final = 0.5  # side of a crop, as a share of the picture's
_WIDEST: Final = 4 / 3  # of a crop, width by height, in shares; and its inverse


def boxes_of(sha256: str, count: int) -> NDArray[np.float32]:
    """Return the views of a picture by its content's hash: float32 (V, 4), y0 x0 y1 x1 in [0, 1].

    The first is the whole picture; of the others, more views begin with the same ones.
    """
    chance = np.random.default_rng(int(sha256[:16], 16))
    draws = chance.random((count, 4))
    sides = SMALLEST + (1.0 - SMALLEST) * draws[:, 0]
    shapes = _WIDEST ** (draws[:, 1] - 0.5)
    heights, widths = np.minimum(sides / shapes, 1.0), np.minimum(sides * shapes, 1.0)
    tops, lefts = draws[:, 2] * (1.0 - heights), draws[:, 3] * (1.0 - widths)
    boxes = np.stack([tops, lefts, tops + heights, lefts + widths], axis=1)
    boxes[0] = (0.0, 0.0, 1.0, 1.0)
    return boxes.astype(np.float32)


def cut(pixels: Pixels, boxes: Sequence[NDArray[np.float32]]) -> Pixels:
    """Cut one box out of each picture: uint8 (B, 256, 256, 3) to the same."""
    cropped = [
        Image.fromarray(picture).resize(
            (SIDE, SIDE), Image.Resampling.BICUBIC, box=(x0 * SIDE, y0 * SIDE, x1 * SIDE, y1 * SIDE)
        )
        for picture, (y0, x0, y1, x1) in zip(pixels, boxes, strict=True)
    ]
    return np.stack([np.asarray(picture) for picture in cropped])
