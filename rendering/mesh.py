"""Meshes as plain arrays, so that geometry can be made and tested without Blender."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

NONE = -1  # the fourth corner of a triangle
UP = np.array([0.0, 0.0, 1.0])
BOX_FACES = np.array(
    [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]],
    dtype=np.int32,
)


@dataclass(frozen=True)
class Mesh:
    """Vertices in metres and faces of three or four corners."""

    vertices: Floats  # (n, 3)
    faces: Ints  # (m, 4), NONE in the last column for triangles
    smooth: bool = False

    def uv(self) -> Floats:
        """Project every corner along its face's main axis: a metre of wall is one of texture."""
        corners = self.vertices[np.maximum(self.faces, 0)]  # (m, 4, 3)
        normal = np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
        axis = np.argmax(normal, axis=1)
        across = np.where(axis == 0, 1, 0)
        along = np.where(axis == 2, 1, 2)
        rows = np.arange(len(corners))[:, None]
        columns = np.arange(4)[None, :]
        picked = [corners[rows, columns, choice[:, None]] for choice in (across, along)]
        return np.asarray(np.stack(picked, axis=2)[self.faces != NONE])


@dataclass
class MeshBuilder:
    """Collects simple solids into one mesh."""

    vertices: list[Floats] = field(default_factory=list)
    faces: list[Ints] = field(default_factory=list)
    count: int = 0

    def add(self, vertices: Floats, faces: Ints) -> None:
        """Append vertices and faces that count from this piece's own first vertex."""
        self.faces.append(shifted(faces, self.count))
        self.vertices.append(np.asarray(vertices, dtype=np.float64))
        self.count += len(vertices)

    def pieces(self) -> list[tuple[Floats, Ints, int]]:
        """Return vertices, faces and number of the first vertex of each piece added."""
        first = np.cumsum([0] + [len(v) for v in self.vertices[:-1]])
        return [(v, f, int(i)) for v, f, i in zip(self.vertices, self.faces, first, strict=True)]

    def mesh(self, smooth: bool = False) -> Mesh:
        """Join everything collected so far."""
        return Mesh(np.concatenate(self.vertices), np.concatenate(self.faces), smooth)

    def box(self, centre: npt.ArrayLike, size: npt.ArrayLike, yaw: float = 0.0) -> None:
        """Add a box standing on no particular side, turned about the vertical."""
        corners = np.array(
            [(x, y, z) for z in (-1, 1) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))],
            dtype=np.float64,
        )
        corners *= np.asarray(size, dtype=np.float64) / 2
        turn = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
        self.add(corners @ turn + np.asarray(centre, dtype=np.float64), BOX_FACES)

    def beams(self, start: npt.ArrayLike, end: npt.ArrayLike, width: float, depth: float) -> None:
        """Add straight bars of rectangular section between pairs of points."""
        self._bars(start, end, np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2, width, depth)

    def tubes(
        self, start: npt.ArrayLike, end: npt.ArrayLike, radius: float, sides: int = 6
    ) -> None:
        """Add round bars between pairs of points."""
        angle = np.arange(sides) * 2 * np.pi / sides
        self._bars(start, end, np.stack([np.cos(angle), np.sin(angle)], axis=1), radius, radius)

    def _bars(
        self, start: npt.ArrayLike, end: npt.ArrayLike, ring: Floats, width: float, depth: float
    ) -> None:
        first = np.atleast_2d(np.asarray(start, dtype=np.float64))
        last = np.atleast_2d(np.asarray(end, dtype=np.float64))
        if len(first) == 0:
            return
        side, upward = across(last - first)
        offset = ring[:, 0, None] * side[:, None] * width  # (n, k, 3)
        offset = offset + ring[:, 1, None] * upward[:, None] * depth
        rings = np.stack([first[:, None] + offset, last[:, None] + offset], axis=1)
        k = len(ring)
        faces = tube_faces(2, k)
        start_at = np.repeat(np.arange(len(first)) * 2 * k, len(faces))[:, None]
        every = np.tile(faces, (len(first), 1))
        self.add(rings.reshape(-1, 3), np.where(every == NONE, NONE, every + start_at))

    def loft(self, rings: Floats, caps: bool = True) -> None:
        """Join closed rings of equally many points, shape (n, k, 3), into one skin."""
        n, k, _ = rings.shape
        self.add(rings.reshape(-1, 3), tube_faces(n, k, caps))

    def sweep(self, path: Floats, profile: Floats) -> None:
        """Carry a profile of (sideways, upward) points, (k, 2) or (n, k, 2), along a path."""
        shape = np.broadcast_to(profile, (len(path), *profile.shape[-2:]))
        side = np.cross(UP, np.gradient(path, axis=0))
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        rings = path[:, None] + shape[..., :1] * side[:, None] + shape[..., 1:] * UP
        self.loft(rings)

    def sheet(self, points: Floats) -> None:
        """Add a grid of points, shape (n, k, 3), as one open surface."""
        n, k, _ = points.shape
        index = np.arange(n * k).reshape(n, k)
        corners = [index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]]
        self.add(points.reshape(-1, 3), np.stack(corners, axis=-1).reshape(-1, 4).astype(np.int32))


def tube_faces(n: int, k: int, caps: bool = True) -> Ints:
    """Return the faces that join n rings of k points into one skin."""
    here = np.arange(k)
    there = (here + 1) % k
    skin = np.stack([here, there, there + k, here + k], axis=1)
    faces: list[npt.NDArray[np.integer]] = [skin + i * k for i in range(n - 1)]
    if caps and k == 4:
        faces += [np.arange(4)[None, ::-1], np.arange(4)[None] + (n - 1) * 4]
    elif caps:
        faces += [fan(k)[:, [2, 1, 0, 3]], shifted(fan(k), (n - 1) * k)]
    return np.concatenate(faces).astype(np.int32)


def fan(k: int) -> Ints:
    """Return triangles that fill a convex ring of k points."""
    middle = np.arange(1, k - 1)
    columns = [np.zeros_like(middle), middle, middle + 1, np.full_like(middle, NONE)]
    return np.stack(columns, axis=1).astype(np.int32)


def shifted(faces: Ints, by: int) -> Ints:
    """Renumber faces, leaving the missing corner of triangles alone."""
    return np.where(faces == NONE, NONE, faces + by).astype(np.int32)


def across(direction: Floats) -> tuple[Floats, Floats]:
    """Return the horizontal and the upward unit vectors at right angles to directions (n, 3)."""
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    along = direction / np.maximum(length, 1e-9)
    steep = np.abs(along[:, 2:]) >= 0.99
    reference = np.where(steep, np.array([1.0, 0.0, 0.0]), UP)
    side = np.cross(reference, along)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return side, np.cross(along, side)


class Parts(dict[str, MeshBuilder]):
    """One mesh builder for each material, made when it is first asked for."""

    def __missing__(self, material: str) -> MeshBuilder:
        self[material] = MeshBuilder()
        return self[material]

    def take(self, other: "Parts", turn: Floats, about: Floats) -> None:
        """Add another's solids, turned by a rotation matrix (3, 3) about a point."""
        for material, builder in other.items():
            for vertices, faces, first in builder.pieces():
                moved = (vertices - about) @ turn.T + about
                self[material].add(moved, np.where(faces == NONE, NONE, faces - first))

    def meshes(self) -> dict[str, Mesh]:
        """Join each material's solids."""
        return {material: builder.mesh() for material, builder in self.items()}


def vec(*values: float) -> Floats:
    """Return numbers as an array, for shifting points."""
    return np.array(values, dtype=np.float64)


def rectangle(width: float, depth: float, top: float = 0.0) -> Floats:
    """Return a rectangular profile whose upper side lies at `top`."""
    half = width / 2
    return np.array([[-half, top - depth], [half, top - depth], [half, top], [-half, top]])
