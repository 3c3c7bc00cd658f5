"""A teacher that needs no library: a fixed random projection of small grey pictures."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

NAME: Final = "stand-in"
asked: list[int] = []  # how many pictures it was asked about, each time


class StandIn:
    """Describes each of 2x2 places by 96 numbers."""

    name = NAME

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Describe uint8 (B, 256, 256, 3): float32 (B, 2, 2, 96)."""
        asked.append(len(pixels))
        small = pixels.reshape(-1, 2, 16, 8, 2, 16, 8, 3).mean(axis=(3, 6)) / 255.0
        places = small.transpose(0, 1, 3, 2, 4, 5).reshape(len(pixels), 2, 2, -1)
        axes = np.random.default_rng(0).normal(size=(16 * 16 * 3, 96))
        found: NDArray[np.float32] = (places @ axes).astype(np.float32)
        return found


def open_teacher() -> StandIn:
    """Return it, as `find_teacher` asks."""
    return StandIn()
