"""Says how good a view is: whether it stands free, and how much of the bridge it shows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rendering.bridges.common import Bridge
from rendering.mesh import Floats
from rendering.plan import BridgePlan
from rendering.terrain import Terrain
from rendering.view import View

GRID = (16, 24)  # cells of the frame that count how much of it the bridge fills
LEAST_COVER = {"deck": 0.2, "below": 0.2, "detail": 0.22}
COVER = 0.09  # of the other kinds
RAYS = 100  # points of the bridge that are checked for what hides them
WHOLE = ("bank", "water", "air", "trees")  # kinds that show the bridge as a whole


@dataclass(frozen=True)
class Place:
    """Everything that a camera has to reckon with."""

    plan: BridgePlan
    bridge: Bridge
    terrain: Terrain
    buildings: Floats
    samples: Floats  # points spread over the bridge


def sample_bridge(bridge: Bridge, count: int = 5000) -> Floats:
    """Return points on the bridge, so that slender parts count as well as massive ones."""
    rng = np.random.default_rng(0)
    centres, weights = [], []
    for mesh in bridge.meshes.values():
        corners = mesh.vertices[np.maximum(mesh.faces, 0)]
        edges = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
        sides = np.linalg.norm(corners[:, 2] - corners[:, 1], axis=1)
        mix = rng.dirichlet(np.ones(3), len(corners))
        centres.append(np.einsum("nk,nkd->nd", mix, corners[:, :3]))
        weights.append(np.sqrt(edges * sides) + np.maximum(edges, sides) * 0.3)
    where, weight = np.concatenate(centres), np.concatenate(weights)
    picked = rng.choice(len(where), count, p=weight / weight.sum())
    points = where[picked]
    return points[points[:, 2] > 0.3]


def ground_at(terrain: Terrain, x: float, y: float) -> float:
    """Return the ground's height at one place."""
    return float(terrain.height(np.array([x]), np.array([y]))[0])


def rate(place: Place, view: View) -> float:
    """Return how good a view is: 0 if it is impossible, more the more bridge it shows well."""
    if not stands_free(place, view):
        return 0.0
    seen = view.project(place.samples)
    inside = (np.abs(seen[:, :2]) < 1).all(axis=1) & (seen[:, 2] > 0.5)
    if inside.sum() < 30:
        return 0.0
    clear = unblocked(place, view.eye, place.samples[inside])
    cover = covered(seen[inside][clear])
    share = float(clear.mean())
    wanted = LEAST_COVER.get(view.kind, COVER)
    full = min(cover / (wanted * 2.2), 1.0)
    crowded = 1.0 if cover < 0.62 else 0.5 if cover < 0.75 else 0.1
    near = 1.0 if float(seen[inside][:, 2].min()) > 1.2 else 0.3
    kept = 0.4 + 0.6 * float(inside.mean()) if view.kind in WHOLE else 1.0
    calm = 1.0 if view.kind in ("deck", "below") else float(np.clip(2.2 - view.angle, 0.2, 1.0))
    return full * share**2 * calm * crowded * near * kept * (1.0 if cover > wanted else 0.3)


def stands_free(place: Place, view: View) -> bool:
    """Say whether the camera is above ground and water, out of walls and off its subject."""
    eye = view.eye
    x = eye[0] + np.array([0, 4, -4, 0, 0])
    y = eye[1] + np.array([0, 0, 0, 4, -4])
    floor = float(place.terrain.height(x, y).max())
    if view.kind != "deck" and eye[2] < max(floor + 0.9, 0.9):
        return False
    b = place.buildings
    if len(b) and view.kind != "deck":
        near = (np.abs(eye[0] - b[:, 0]) < b[:, 3] / 2 + 8) & (
            np.abs(eye[1] - b[:, 1]) < b[:, 4] / 2 + 8
        )
        if (near & (eye[2] < b[:, 2] + b[:, 5] * 1.4 + 8)).any():
            return False
        if crowds(view, b):
            return False
    gap = np.linalg.norm(place.samples - eye, axis=1).min()
    return bool(gap > {"deck": 1.0, "below": 4.0}.get(view.kind, 6.0))


def crowds(view: View, buildings: Floats) -> bool:
    """Say whether a building stands large in the foreground."""
    roofs = buildings[:, :3] + np.outer(buildings[:, 5], [0, 0, 1.0])
    distance = float(np.linalg.norm(view.target - view.eye))
    for point in (roofs, buildings[:, :3]):
        seen = view.project(point)
        near = (seen[:, 2] > 0) & (seen[:, 2] < distance * 0.55)
        if (near & (np.abs(seen[:, :2]) < 1.15).all(axis=1)).any():
            return True
    return False


def unblocked(place: Place, eye: Floats, points: Floats) -> npt.NDArray[np.bool_]:
    """Say which points neither ground nor buildings hide from the eye."""
    t = np.linspace(0.02, 0.97, 22)[None, :]
    step = max(1, len(points) // RAYS)
    chosen = points[::step]
    line = eye + (chosen - eye)[:, None] * t[..., None]  # (n, 22, 3)
    clear = (place.terrain.height(line[..., 0], line[..., 1]) < line[..., 2] + 0.3).all(axis=1)
    for x, y, ground, long, deep, high in place.buildings:
        inside = (np.abs(line[..., 0] - x) < long / 2) & (np.abs(line[..., 1] - y) < deep / 2)
        clear &= ~(inside & (line[..., 2] < ground + high)).any(axis=1)
    return np.asarray(np.repeat(clear, step)[: len(points)])


def covered(seen: Floats) -> float:
    """Return the part of the frame's cells in which the bridge is seen."""
    if not len(seen):
        return 0.0
    cells = np.zeros(GRID, dtype=bool)
    row = ((seen[:, 1] + 1) / 2 * GRID[0]).astype(int)
    column = ((seen[:, 0] + 1) / 2 * GRID[1]).astype(int)
    cells[np.clip(row, 0, GRID[0] - 1), np.clip(column, 0, GRID[1] - 1)] = True
    return float(cells.mean())
