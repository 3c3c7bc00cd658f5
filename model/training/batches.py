"""Which pictures a step sees, and how they vary: a function of seed and step, and of nothing else.

So a training that was interrupted sees the same batches as one that was not.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.training.configuration import Augmentation
from model.training.data import Pictures, Pixels

_ORDER, _VARIATION = 0, 1  # streams of random numbers that must not meet


class Batch(NamedTuple):
    """pixels: uint8 (B, 256, 256, 3). boxes: float32 (B, 4), y0 x0 y1 x1 in [0, 1] to cut out.

    A box with x1 < x0 mirrors its picture.
    """

    pixels: Pixels
    boxes: NDArray[np.float32]


class Plan:
    """The batches of a training; the last pictures of an epoch that fill no batch wait."""

    def __init__(
        self, pictures: Pictures, *, size: int, seed: int, augmentation: Augmentation
    ) -> None:
        self._pictures = pictures
        self._size = min(size, len(pictures))
        self._seed = seed
        self._augmentation = augmentation
        self.steps_per_epoch = len(pictures) // self._size

    def batches(self, first: int, end: int) -> Iterator[Batch]:
        """Yield the batches of the steps from `first` up to, but not including, `end`."""
        order, epoch_of_order = np.arange(0), -1
        for step in range(first, end):
            epoch, place = divmod(step, self.steps_per_epoch)
            if epoch != epoch_of_order:
                order, epoch_of_order = self._order(epoch), epoch
            rows = order[place * self._size : (place + 1) * self._size]
            yield Batch(self._pictures.pixels(rows), self._boxes(step))

    def _order(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng([self._seed, _ORDER, epoch]).permutation(len(self._pictures))

    def _boxes(self, step: int) -> NDArray[np.float32]:
        chance = np.random.default_rng([self._seed, _VARIATION, step])
        sides = chance.uniform(self._augmentation.smallest_crop, 1.0, self._size)
        tops, lefts = chance.random((2, self._size)) * (1.0 - sides)
        mirrored = self._augmentation.mirror & (chance.random(self._size) < 0.5)
        rights = lefts + sides
        x0, x1 = np.where(mirrored, rights, lefts), np.where(mirrored, lefts, rights)
        return np.stack([tops, x0, tops + sides, x1], axis=1).astype(np.float32)
