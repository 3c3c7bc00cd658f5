"""People at a distance: simple figures on bridges, quays and banks."""

import numpy as np

from rendering.bridges.common import road
from rendering.mesh import Floats, Mesh, Parts
from rendering.plan import BridgePlan
from rendering.terrain import Terrain

FIGURES = 4
NOBODY_WALKS = ("viaduct", "aqueduct", "covered")
LEVEL = 1.0  # metres that the ground may rise over two metres where people stand


def figure(number: int) -> dict[str, Mesh]:
    """Build one person about 1.75 m tall: walking, or standing still for odd numbers."""
    parts = Parts()
    step = 0.0 if number % 2 else 0.26
    coat, legs = f"coat{number}", "trousers"
    for side in (-1, 1):
        parts[legs].tubes([side * step, side * 0.1, 0.0], [0, side * 0.1, 0.88], 0.085, 6)
        hand = [-side * step * 0.9, side * 0.27, 0.82]
        parts[coat].tubes(hand, [0, side * 0.22, 1.42], 0.06, 5)
    rings = [(0.80, 0.15, 0.19), (1.1, 0.13, 0.17), (1.42, 0.14, 0.23), (1.5, 0.06, 0.08)]
    angle = np.arange(8) * np.pi / 4
    parts[coat].loft(np.stack([ellipse(angle, *ring) for ring in rings]))
    head = [(1.50, 0.05), (1.56, 0.10), (1.66, 0.11), (1.74, 0.07)]
    parts["skin"].loft(np.stack([ellipse(angle, z, r, r) for z, r in head]))
    return parts.meshes()


def ellipse(angle: Floats, z: float, long: float, wide: float) -> Floats:
    """Return a level ring of points."""
    return np.stack([long * np.cos(angle), wide * np.sin(angle), 0 * angle + z], axis=1)


def shapes() -> dict[str, dict[str, Mesh]]:
    """Build the figures that are copied."""
    return {f"person{number}": figure(number) for number in range(FIGURES)}


def scatter(plan: BridgePlan, terrain: Terrain) -> dict[str, Floats]:
    """Return for each figure its copies as rows of x, y, z, turn and size."""
    rng = np.random.default_rng([plan.seed, 14])
    rows = np.concatenate([on_bridge(rng, plan), on_banks(rng, plan, terrain)])
    kind = rng.integers(FIGURES, size=len(rows))
    return {f"person{number}": rows[kind == number] for number in range(FIGURES)}


def on_bridge(rng: np.random.Generator, plan: BridgePlan) -> Floats:
    """Walk along the pavements, or anywhere on a footbridge, some side by side."""
    if plan.type in NOBODY_WALKS:
        return np.zeros((0, 5))
    many = int(rng.integers(2, 6 + min(14, int(plan.length / 40))))
    x = rng.uniform(-0.48, 0.48, many) * plan.length
    x = np.concatenate([x, x[: many // 3] + rng.uniform(-0.3, 0.3, many // 3)])
    edge = plan.width / 2 - 0.75
    walk = 0.3 if plan.type == "footbridge" else max(0.0, edge - 0.45)
    y = rng.choice([-1, 1], len(x)) * rng.uniform(walk, edge, len(x))
    lift = 0.03 if plan.type == "footbridge" else 0.16
    turn = rng.choice([0, np.pi], len(x)) + rng.normal(size=len(x)) * 0.15
    return np.column_stack([x, y, road(plan, x) + lift, turn, rng.uniform(0.93, 1.06, len(x))])


def on_banks(rng: np.random.Generator, plan: BridgePlan, terrain: Terrain) -> Floats:
    """Stand and walk where the ground beside the water is level."""
    many = 90 if plan.setting in ("city", "harbour") else 45
    y = rng.choice([-1, 1], many) * rng.uniform(plan.width / 2 + 4, 220, many)
    shore = terrain.half_water + terrain.land.slope + rng.uniform(1.5, 16, many)
    x = terrain.middle(y) + rng.choice([-1, 1], many) * shore
    z = terrain.height(x, y)
    rise = np.abs(terrain.height(x + 2, y) - z) + np.abs(terrain.height(x, y + 2) - z)
    turn = rng.uniform(0, 2 * np.pi, many)
    rows = np.column_stack([x, y, z, turn, rng.uniform(0.93, 1.06, many)])
    return rows[(rise < LEVEL) & (z > 1.0)][: many // 3]
