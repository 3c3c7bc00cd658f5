"""Puts new pictures on a map that exists, each beside what it looks most like."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.mapping.plane import Cells

_FREE: Final = -1
_BLOCK: Final = 1024
# Right, left, down and up, as (line, column).
_WAYS: Final = ((0, 1), (0, -1), (1, 0), (-1, 0))


def joined(embeddings: NDArray[np.float32], cells: Cells, known: NDArray[np.bool_]) -> Cells:
    """Return the places, int64 (N, 2), of all pictures; `cells` has those of the known ones.

    A new picture stands beside the known one that is nearest to it. Where no place is free there,
    those between it and the nearest free place move by one. Free places are what pictures left
    that are gone, and all around the map, which grows at its edges.
    """
    field = _Field(cells[known], np.flatnonzero(known))
    for row, beside in _nearest(embeddings, known):
        field.put(row, beside)
    return field.cells(len(embeddings))


def _nearest(embeddings: NDArray[np.float32], known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return each new row with the known row that is nearest to it."""
    old, new = np.flatnonzero(known), np.flatnonzero(~known)
    settled = embeddings[old]
    found: list[tuple[int, int]] = []
    for start in range(0, len(new), _BLOCK):
        rows = new[start : start + _BLOCK]
        best = (embeddings[rows] @ settled.T).argmax(axis=1)
        found += zip(rows.tolist(), old[best].tolist(), strict=True)
    return found


class _Field:
    """Which row each place holds, with a free edge all around."""

    def __init__(self, cells: Cells, rows: NDArray[np.intp]) -> None:
        self._rows = np.full(cells.max(axis=0)[::-1] + 3, _FREE)
        self._rows[cells[:, 1] + 1, cells[:, 0] + 1] = rows
        self._at = {
            int(row): (y + 1, x + 1) for row, (x, y) in zip(rows, cells.tolist(), strict=True)
        }

    def put(self, row: int, beside: int) -> None:
        """Put a row beside another, in the direction in which the nearest place is free."""
        y, x = self._at[beside]
        ways = [self._way(y, x, *way) for way in _WAYS]
        path = min(ways, key=len)
        for place, previous in zip(path[::-1], path[-2::-1], strict=False):
            self._set(place, int(self._rows[previous]))
        self._set(path[0], row)
        self._widen()

    def cells(self, count: int) -> Cells:
        """Return the places, int64 (count, 2), counted from the first column and line in use."""
        found: Cells = np.zeros((count, 2), np.int64)
        for row, (y, x) in self._at.items():
            found[row] = (x, y)
        found -= found.min(axis=0)
        return found

    def _way(self, y: int, x: int, down: int, right: int) -> list[tuple[int, int]]:
        """Return the places from the one beside (y, x) to the first free one."""
        path = [(y + down, x + right)]
        while self._rows[path[-1]] != _FREE:
            path.append((path[-1][0] + down, path[-1][1] + right))
        return path

    def _set(self, place: tuple[int, int], row: int) -> None:
        self._rows[place] = row
        self._at[row] = place

    def _widen(self) -> None:
        """Add a free edge where a row has reached the last one."""
        edges = (self._rows[0], self._rows[-1], self._rows[:, 0], self._rows[:, -1])
        if all((edge == _FREE).all() for edge in edges):
            return
        self._rows = np.pad(self._rows, 1, constant_values=_FREE)
        self._at = {row: (y + 1, x + 1) for row, (y, x) in self._at.items()}
