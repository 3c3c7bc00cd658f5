"""Sorts pictures on their places until each resembles those around it. Needs NumPy only.

The method is that of self-sorting maps (Strong and Gong, "Self-Sorting Map: An Efficient Algorithm
for Presenting Multimedia Data in Structured Layouts", IEEE Transactions on Multimedia 16, 2014),
with the smoothed targets of Barthel and others ("Improved Evaluation and Generation of Grid Layouts
using Distance Preservation Quality and Linear Assignment Sorting", Computer Graphics Forum 42,
2023): two pictures change places when each is more like the mean of the other's surroundings. The
surroundings are wide at first, and shrink.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.mapping.plane import Cells, block, shared_out

Vectors = NDArray[np.float32]

# So many principal axes are compared: the others change the order little, and cost time.
_AXES: Final = 48
_SHRINK: Final = 0.9
_MEANS: Final = 2  # for each width of the surroundings,
_SWAPS: Final = 12  # and rounds of swaps for each mean
_SEED: Final = 0


def laid_out(embeddings: Vectors) -> Cells:
    """Return a place, int64 (N, 2), for each of N embeddings, float32 (N, D)."""
    vectors = along_axes(embeddings)
    cells = block(len(vectors))
    start = np.zeros((len(vectors), 2), np.float32)
    start[:, : vectors.shape[1]] = vectors[:, :2]
    return settled(vectors, shared_out(start, cells), reach=len(vectors) ** 0.5 / 2)


def along_axes(embeddings: Vectors) -> Vectors:
    """Return the coordinates along the principal axes, the longest first: float32 (N, K)."""
    centred = embeddings - embeddings.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    axes = directions[:, ::-1][:, :_AXES]
    # An axis has no sign of its own: without this rule the map might be mirrored the next time.
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])] < 0, -1, 1)
    return np.ascontiguousarray(centred @ axes, np.float32)


def settled(vectors: Vectors, cells: Cells, reach: float) -> Cells:
    """Return the same places, int64 (N, 2), given anew to vectors, float32 (N, K).

    reach: how far the surroundings go at first, in places.
    """
    chance = np.random.default_rng(_SEED)
    held = np.arange(len(cells))  # which vector each place holds
    while reach >= 1:
        for _ in range(_MEANS):
            wanted = _surroundings(vectors[held], cells, round(reach))
            for _ in range(_SWAPS):
                _swap(vectors, held, wanted, *_pairs(cells, reach, chance))
        reach *= _SHRINK
    given = np.empty_like(cells)
    given[held] = cells
    return given


def _surroundings(vectors: Vectors, cells: Cells, reach: int) -> Vectors:
    """Return the mean of the vectors within `reach` of each place, along both directions."""
    columns, lines = cells.max(axis=0) + 1
    field = np.zeros((lines, columns, vectors.shape[1] + 1), np.float32)
    field[cells[:, 1], cells[:, 0], :-1] = vectors
    field[cells[:, 1], cells[:, 0], -1] = 1
    for axis in (0, 1):
        field = _summed(field, reach, axis)
    found = field[cells[:, 1], cells[:, 0]]
    return np.divide(found[:, :-1], found[:, -1:], dtype=np.float32)


def _summed(field: Vectors, reach: int, axis: int) -> Vectors:
    """Sum along an axis over windows that go `reach` to both sides."""
    size = field.shape[axis]
    sums = np.cumsum(field, axis=axis, dtype=np.float64)
    sums = np.concatenate((np.zeros_like(sums.take([0], axis)), sums), axis)
    at = np.arange(size)
    ends = sums.take(np.minimum(at + reach + 1, size), axis)
    return (ends - sums.take(np.maximum(at - reach, 0), axis)).astype(np.float32)


def _pairs(
    cells: Cells, reach: float, chance: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of places that lie in one square, chosen by chance; none is in two pairs."""
    side = max(2, round(reach))
    squares = (cells + chance.integers(side, size=2)) // side
    number = squares[:, 1] * (squares[:, 0].max() + 1) + squares[:, 0]
    order = np.lexsort((chance.random(len(cells)), number))
    # The first of each two must not always be the first of its square.
    one, other = order[:-1:2], order[1::2]
    same = number[one] == number[other]
    return one[same], other[same]


def _swap(
    vectors: Vectors,
    held: NDArray[np.intp],
    wanted: Vectors,
    one: NDArray[np.intp],
    other: NDArray[np.intp],
) -> None:
    """Let the vectors of two places change where that brings both nearer to what is wanted."""
    difference = vectors[held[one]] - vectors[held[other]]
    better = np.einsum("nk,nk->n", difference, wanted[other] - wanted[one]) > 0
    one, other = one[better], other[better]
    held[one], held[other] = held[other], held[one]
