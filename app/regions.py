"""Where one is on the map: a rectangle of it, its parts and neighbours; and where a query would be.

A region of depth z is one of 2**z by 2**z equal rectangles. Its address gives a point in it, x and
y from 0 to 1, so that the map with scripts and the lists without them share their addresses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.tiles import Box
from model.mapping.atlas import Atlas
from model.mapping.plane import Cells

# A region is shown in so many parts along each direction.
PARTS: Final = 4
_DEEPER: Final = 2  # levels: 2**2 parts
# Matches farther from the middle one than this share of the map do not say where the query is.
_NEAR: Final = 0.1


class Point(NamedTuple):
    """What an address says: a point, 0 to 1 along each direction, and how deep."""

    x: float
    y: float
    z: float


@dataclass(frozen=True)
class Region:
    """z: its depth. x, y: which rectangle, from 0. columns, lines: places of the whole map."""

    z: int
    x: int
    y: int
    columns: int
    lines: int

    @classmethod
    def at(cls, atlas: Atlas, point: Point) -> "Region":
        """Return the region of a point. Regions are never smaller than a place."""
        columns, lines = atlas.info.columns, atlas.info.lines
        most = min(columns, lines).bit_length() - 1
        z = max(0, min(int(point.z), most))
        x, y = (min(int(share * 2**z), 2**z - 1) for share in (point.x, point.y))
        return cls(z, x, y, columns, lines)

    @property
    def box(self) -> Box:
        """The places of the region."""
        left, right = (self.columns * step >> self.z for step in (self.x, self.x + 1))
        top, bottom = (self.lines * step >> self.z for step in (self.y, self.y + 1))
        return Box(left, top, right - left, bottom - top)

    @property
    def address(self) -> dict[str, str]:
        """What stands behind the question mark of its address."""
        x, y = ((step + 0.5) / 2**self.z for step in (self.x, self.y))
        return {"x": f"{x:g}", "y": f"{y:g}", "z": str(self.z)}

    @property
    def around(self) -> "Region | None":
        """The region that this one is a part of, as it is shown; none is around the whole."""
        if not self.z:
            return None
        up = min(self.z, _DEEPER)
        return Region(self.z - up, self.x >> up, self.y >> up, self.columns, self.lines)

    def parts(self) -> "list[Region]":
        """Return its parts, line by line; none when they would be smaller than a place."""
        z = self.z + _DEEPER
        if min(self.columns, self.lines) >> z < 1:
            return []
        first = (self.x * PARTS, self.y * PARTS)
        return [
            Region(z, first[0] + x, first[1] + y, self.columns, self.lines)
            for y in range(PARTS)
            for x in range(PARTS)
        ]

    def beside(self, right: int, down: int) -> "Region | None":
        """Return the region so many steps away, or None past the edge."""
        x, y = self.x + right, self.y + down
        if not (0 <= x < 2**self.z and 0 <= y < 2**self.z):
            return None
        return Region(self.z, x, y, self.columns, self.lines)

    def rows(self, cells: Cells) -> NDArray[np.intp]:
        """Return the rows of its pictures, line by line as they hang."""
        box = self.box
        inside = (cells >= box[:2]).all(axis=1) & (cells < np.add(box[:2], box[2:])).all(axis=1)
        rows = np.flatnonzero(inside)
        return rows[np.lexsort(cells[rows].T)]


def whereabouts(cells: Cells, rows: Sequence[int]) -> tuple[float, float]:
    """Return the column and line at which a query stands whose best matches are these rows.

    The nearer a match, the more it counts. The one in the middle of all decides where on the map
    (a mean of two far crowds would lie in neither); those around it decide the place.
    """
    found = cells[list(rows)].astype(float)
    weights = 1 / np.arange(1, len(found) + 1)
    apart = np.linalg.norm(found[:, None] - found[None], axis=-1)
    middle = int((apart @ weights).argmin())
    near = apart[middle] <= max(1.5, _NEAR * float(cells.max()))
    column, line = np.average(found[near], axis=0, weights=weights[near])
    return float(column), float(line)
