"""A sketch of the embeddings: what a quarter of the reading tells of every score.

Ranking is bound by memory: it takes as long as reading the embeddings does. Most of what tells
them apart lies along a few principal axes, so those coordinates are kept by themselves. A score is
estimated from them, and only the rows of the best estimates are read in full.
"""

from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

# With fewer rows, reading all of them takes less than a millisecond.
FEWEST: Final = 16_384
# The axes hold this share of the embeddings' squared length, if that takes few enough of them:
# with more, reading the sketch takes as long as reading everything.
_SHARE: Final = 0.7
_MOST_AXES: Final = 3 / 8
# From so many rows the axes are known well enough.
_SAMPLE: Final = 16_384
_BLOCK: Final = 65_536
# How much alike two pictures are assumed to be in what the axes do not see. A kind of picture that
# is rare in the gallery has most of its length there, and would else be passed over.
_ALIKE: Final = 0.5


class Sketch:
    """values: float32 (K + 1, D + N), as `Sketch.of` makes and a bundle stores them.

    Its columns are those of the D unit vectors, which are the axes, and then those of the N
    embeddings. The last row is the length of what the K axes do not see.
    """

    def __init__(self, values: NDArray[np.float32], dimensions: int) -> None:
        self.values = values
        self._axes = values[:-1, :dimensions]
        self._columns = values[:, dimensions:]

    @classmethod
    def of(cls, embeddings: NDArray[np.float32]) -> Self | None:
        """Sketch embeddings, float32 (N, D) of unit length; None where a sketch saves nothing."""
        count, dimensions = embeddings.shape
        if count < FEWEST:
            return None
        axes = _principal_axes(embeddings[:: -(-count // _SAMPLE)])
        if len(axes) > _MOST_AXES * dimensions:
            return None
        return cls(_columns(axes, embeddings), dimensions)

    def extended(self, added: NDArray[np.float32]) -> Self:
        """Return a sketch of more embeddings, float32 (n, D): the axes stay as they are."""
        dimensions = self._axes.shape[1]
        columns = _columns(self._axes, added)[:, dimensions:]
        return type(self)(np.concatenate([self.values, columns], axis=1), dimensions)

    def part(self, rows: NDArray[np.int64]) -> Self | None:
        """Return a sketch of some rows; None where so few need none."""
        if len(rows) < FEWEST:
            return None
        dimensions = self._axes.shape[1]
        kept = np.concatenate([np.arange(dimensions), dimensions + rows])
        return type(self)(self.values[:, kept], dimensions)

    @property
    def count(self) -> int:
        """N."""
        return int(self._columns.shape[1])

    def estimates(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Estimate the cosine similarity of `query`, float32 (D,), with every row: float32 (N,)."""
        seen = self._axes @ query
        coordinates = np.append(seen, _ALIKE * _unseen(seen)).astype(np.float32)
        estimates: NDArray[np.float32] = coordinates @ self._columns
        return estimates


def _columns(axes: NDArray[np.float32], embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values of a sketch along axes, float32 (K, D): float32 (K + 1, D + N)."""
    dimensions, count = axes.shape[1], len(embeddings)
    values = np.zeros((len(axes) + 1, dimensions + count), np.float32)
    values[:-1, :dimensions] = axes
    for start in range(0, count, _BLOCK):
        seen = axes @ embeddings[start : start + _BLOCK].T
        place = slice(dimensions + start, dimensions + start + seen.shape[1])
        values[:-1, place] = seen
        values[-1, place] = _unseen(seen)
    return values


def _principal_axes(sample: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the axes, float32 (K, D), that hold enough of the sample's squared length."""
    lengths, directions = np.linalg.eigh(sample.T @ sample)  # the longest come last
    share = np.cumsum(lengths[::-1]) / lengths.sum()
    needed = int(np.searchsorted(share, _SHARE)) + 1
    return np.ascontiguousarray(directions[:, ::-1][:, :needed].T)


def _unseen(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the length of what is left of unit vectors, given their coordinates (K, ...)."""
    length: NDArray[np.float32] = np.sqrt(np.maximum(1.0 - np.square(seen).sum(axis=0), 0.0))
    return length
