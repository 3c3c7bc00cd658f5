"""What a photographer would step round, and the trees that frame a view."""

import numpy as np
import numpy.typing as npt

from rendering.mesh import Floats
from rendering.score import Place, ground_at
from rendering.view import View

FRAME = 0.62  # trees that frame a view stand outside this part of it


def in_the_way(view: View, copies: Floats, radius: float, tall: float) -> npt.NDArray[np.int64]:
    """Return which copies stand too large before the bridge and should be left out."""
    if not len(copies):
        return np.zeros(0, dtype=np.int64)
    centre = copies[:, :3] + np.outer(copies[:, 4], [0, 0, tall / 2])
    seen = view.project(centre)
    away = np.linalg.norm(centre - view.eye, axis=1)
    size = copies[:, 4] * radius / np.maximum(away, 0.1) / np.tan(view.angle / 2)
    middle = FRAME if view.kind == "trees" else 0.75
    inside = (np.abs(seen[:, 0]) < middle + size) & (seen[:, 2] > 0)
    distance = float(np.linalg.norm(view.target - view.eye))
    blocks = inside & (away < distance * 0.9) & (size > 0.09)
    near = 7 if view.kind == "trees" else 11
    return np.flatnonzero(blocks | (away < near + radius * copies[:, 4]))


def framing_trees(place: Place, view: View, seed: int) -> Floats:
    """Return two or three trees at the sides of a view, as rows of x, y, z, turn and size."""
    rng = np.random.default_rng([seed, 17])
    rows = []
    for side in [-1, 1, int(rng.choice([-1, 1]))][: int(rng.integers(2, 4))]:
        away, size = rng.uniform(13, 26), rng.uniform(0.8, 1.25)
        crown = 3.2 * size / away / np.tan(view.angle / 2)
        turn = view.heading - np.arctan(side * (0.82 + 0.4 * crown) * np.tan(view.angle / 2))
        x, y = view.eye[:2] + away * np.array([np.cos(turn), np.sin(turn)])
        z = ground_at(place.terrain, x, y)
        if z > 0.6 and abs(y) > place.plan.width / 2 + 8:
            rows.append([x, y, z, rng.uniform(0, 6.28), size])
    return np.array(rows).reshape(-1, 5)
