"""Takes a bridge apart into its solids and finds those that nothing carries."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from rendering.bridges.common import Bridge
from rendering.mesh import NONE, Floats, Mesh
from rendering.terrain import Terrain

REACH = 0.06  # metres between two parts that still count as touching


@dataclass(frozen=True)
class Solids:
    """All solids of a bridge with the bounding boxes of themselves and of each face."""

    material: list[str]
    low: Floats  # (n, 3)
    high: Floats  # (n, 3)
    faces: list[tuple[Floats, Floats]]  # n times (m, 3) low and high corners
    vertices: list[Floats]

    @classmethod
    def of(cls, bridge: Bridge) -> Self:
        """Split every mesh where no face joins one vertex to the next."""
        pieces = [
            (name, *piece) for name, mesh in bridge.meshes.items() for piece in split(name, mesh)
        ]
        vertices = [piece[1] for piece in pieces]
        faces = [(corners.min(axis=1), corners.max(axis=1)) for _, _, corners in pieces]
        low = np.array([points.min(axis=0) for points in vertices])
        high = np.array([points.max(axis=0) for points in vertices])
        return cls([name for name, _, _ in pieces], low, high, faces, vertices)

    def describe(self, index: int) -> tuple[str, list[float], list[float]]:
        """Return material, middle and size of one solid, for a message."""
        middle, size = (self.low + self.high)[index] / 2, (self.high - self.low)[index]
        return self.material[index], middle.round(1).tolist(), size.round(1).tolist()


def split(name: str, mesh: Mesh) -> list[tuple[Floats, Floats]]:
    """Return vertices (k, 3) and corners of faces (m, 4, 3) of each solid in a mesh."""
    del name
    faces = np.where(mesh.faces == NONE, mesh.faces[:, :1], mesh.faces)
    steps = np.zeros(len(mesh.vertices) + 1, dtype=np.int64)
    np.add.at(steps, faces.min(axis=1), 1)
    np.add.at(steps, faces.max(axis=1), -1)
    joined = np.cumsum(steps)[:-1] > 0  # whether a face joins vertex i and i + 1
    starts = np.flatnonzero(np.concatenate([[True], ~joined[:-1]]))
    owner = np.searchsorted(starts, faces[:, 0], side="right") - 1
    order = np.argsort(owner, kind="stable")
    cuts = np.searchsorted(owner[order], np.arange(1, len(starts)))
    corners = np.split(mesh.vertices[faces[order]], cuts)
    return list(zip(np.split(mesh.vertices, starts[1:]), corners, strict=True))


def adrift(solids: Solids, terrain: Terrain) -> npt.NDArray[np.int64]:
    """Return the solids that no chain of touching solids joins to the ground."""
    sizes = np.array([len(points) for points in solids.vertices])
    every = np.concatenate(solids.vertices)
    buried = every[:, 2] < terrain.height(every[:, 0], every[:, 1])
    held = np.logical_or.reduceat(buried, np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    waiting, left = [*np.flatnonzero(held)], np.flatnonzero(~held)
    while waiting and len(left):
        waiting.sort(key=lambda index: len(solids.faces[index][0]))
        new = left[touched(solids, waiting.pop(), left)]
        waiting += list(new)
        left = np.setdiff1d(left, new, assume_unique=True)
    return left


def touched(
    solids: Solids, index: np.int64, others: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Say which of the others' boxes meet a face of one solid."""
    near = meet(solids.low[index], solids.high[index], solids.low[others], solids.high[others])
    low, high = solids.faces[index]
    for place in np.flatnonzero(near):
        other = others[place]
        near[place] = meet(solids.low[other], solids.high[other], low, high).any()
    return near


def meet(low: Floats, high: Floats, lows: Floats, highs: Floats) -> npt.NDArray[np.bool_]:
    """Say which boxes overlap one box, or come within reach of it."""
    return np.asarray(((lows <= high + REACH) & (highs >= low - REACH)).all(axis=1))
