"""A second look at the nearest pictures: whether like things lie in like places of both.

An embedding adds up what all cells of a code tell, wherever they lie. Here the cells are compared
one by one: cells that choose each other (mutual nearest neighbours) vote for a shift of the one
picture against the other, upright or mirrored, and the shift with most votes counts (a Hough
transform, as D. Lowe, "Object recognition from local scale-invariant features", 1999). A bridge
from its other side is much like its mirror image.

The dimensions and the weight were chosen by `python -m model.tuning`, on photographs of 31 places
that nothing else is measured on; docs/training.md has the table.
"""

from functools import cache
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.ranking import Matches

LOOKED: Final = 100  # matches that are looked at again
DIMENSIONS: Final = 16  # of a cell: more axes of the embedding tell things apart that are alike
WEIGHT: Final = 1.0  # of a second look that finds everything in its place, beside the cosine

_ALONG: Final = 2  # cells that one picture may lie to the left or right of the other
_UP: Final = 1  # and above or below it
_SPREAD: Final = 0.6  # cells that a match may lie beside the place it votes for
_LEVELS: Final = 127

Cells = NDArray[np.int8]  # (..., 16, d)


class SecondLook:
    """The cells of a gallery, int8 (N, 16, d), ready to be compared."""

    def __init__(self, cells: Cells, *, weight: float = WEIGHT) -> None:
        self._cells = cells
        self._weight = weight

    def cells(self, row: int) -> Cells:
        """Return the cells of a row, int8 (16, d)."""
        cells: Cells = self._cells[row]
        return cells

    def again(self, found: Matches, query: Cells) -> Matches:
        """Order the first `LOOKED` matches of a query, int8 (16, d), anew.

        found: the matches from the first on. A second look never takes from a score, so what it
        did not look at stays behind. Equal scores keep their order.
        """
        scores = found.scores.copy()
        scores[:LOOKED] += self._weight * likeness(query, self._cells[found.rows[:LOOKED]])
        order = np.argsort(-scores, kind="stable")
        return Matches(found.rows[order], found.distances[order], scores[order])


def packed(cells: NDArray[np.float32], dimensions: int = DIMENSIONS) -> Cells:
    """Turn what cells bring to an embedding, float32 (..., 16, D), into directions, int8.

    dimensions: how many of a cell's numbers are kept, from the first; D where there are fewer.
    """
    first = cells[..., :dimensions]
    lengths = np.linalg.norm(first, axis=-1, keepdims=True)
    levels = np.rint(first / np.maximum(lengths, 1e-12) * _LEVELS)
    return np.asarray(levels, np.int8)


def likeness(query: Cells, cells: Cells) -> NDArray[np.float32]:
    """Compare cells (16, d) with those of n pictures, (n, 16, d): float32 (n,).

    1: every cell finds its like in its place. 0: none does, in no place.
    """
    flat = cells.reshape(-1, cells.shape[-1]).astype(np.float32)
    cosines = (flat @ query.T.astype(np.float32)).reshape(*cells.shape[:2], len(query))
    cosines /= _LEVELS**2
    mutual = (cosines == cosines.max(axis=1, keepdims=True)) & (
        cosines == cosines.max(axis=2, keepdims=True)
    )
    votes = np.where(mutual, np.maximum(cosines, 0), 0).reshape(len(cells), len(query) ** 2)
    best: NDArray[np.float32] = (votes @ _shifts(isqrt(len(query)))).max(axis=1) / len(query)
    return np.minimum(best, 1)


@cache
def _shifts(side: int) -> NDArray[np.float32]:
    """Return how well every pair of cells agrees with every shift: float32 (side**4, shifts), 0..1.

    Pairs are cells of the one picture, and for each those of the other, row by row.
    """
    along, up = np.meshgrid(np.arange(side), np.arange(side))
    places = np.stack([along.ravel(), up.ravel()], axis=1) - (side - 1) / 2
    shifted = [
        places * (turn, 1) + (x, y)
        for turn in (1, -1)
        for x in range(-_ALONG, _ALONG + 1)
        for y in range(-_UP, _UP + 1)
    ]
    apart = np.square(places[:, None, None] - np.stack(shifted, axis=1)).sum(axis=-1)
    agree = np.exp(-apart / (2 * _SPREAD**2)).reshape(side**4, -1)
    return np.asarray(agree, np.float32)
