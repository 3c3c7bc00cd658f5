"""What makes the edge of the water untidy: reeds, driftwood and small stones."""

from itertools import pairwise

import numpy as np

from rendering.mesh import Floats, Mesh, MeshBuilder
from rendering.nature import dressed, rock
from rendering.noise import fractal_noise
from rendering.plan import BridgePlan
from rendering.terrain import Terrain

TIDY = ("city", "harbour")


def shapes(seed: int) -> dict[str, dict[str, Mesh]]:
    """Build the shapes that are copied, each as meshes by material."""
    rng = np.random.default_rng([seed, 15])
    return {
        "reed0": {"reed": reeds(rng)},
        "driftwood0": {"driftwood": driftwood(rng)},
        "pebbles0": {"rock": pebbles(rng)},
    }


def reeds(rng: np.random.Generator) -> Mesh:
    """Grow a clump of upright blades about 1.6 m high."""
    many = 46
    foot = np.insert(rng.normal(size=(many, 2)) * 0.34, 2, -0.3, axis=1)
    lean = np.insert(rng.normal(size=(many, 2)) * 0.16, 2, rng.uniform(1.0, 2.1, many), axis=1)
    turn = rng.uniform(0, np.pi, many)
    side = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1) * 0.022
    corners = np.stack([foot - side, foot + side, foot + lean + side * 0.2, foot + lean], axis=1)
    return Mesh(corners.reshape(-1, 3), np.arange(4 * many, dtype=np.int32).reshape(-1, 4))


def driftwood(rng: np.random.Generator) -> Mesh:
    """Strand a bent trunk with the stumps of a few branches."""
    builder = MeshBuilder()
    x = np.linspace(-1.6, 1.6, 6)
    line = np.stack([x, rng.normal(size=6) * 0.12, 0.12 + np.abs(rng.normal(size=6)) * 0.08], 1)
    for a, b in pairwise(line):
        builder.tubes(a, b, 0.13, 6)
    for joint in line[1:-1]:
        builder.tubes(joint, joint + rng.normal(size=3) * [0.35, 0.35, 0.25], 0.045, 5)
    return builder.mesh()


def pebbles(rng: np.random.Generator) -> Mesh:
    """Strew a patch of small stones."""
    builder = MeshBuilder()
    for _ in range(9):
        stone = rock(rng, steps=6)
        size = rng.uniform(0.06, 0.3)
        place = np.append(rng.normal(size=2) * 0.7, -0.3 * size)
        builder.add(stone.vertices * size + place, stone.faces)
    return builder.mesh()


def scatter(plan: BridgePlan, terrain: Terrain) -> dict[str, Floats]:
    """Return the copies of each shape as rows of x, y, z, turn and size."""
    if plan.setting in TIDY:
        return {}
    rng = np.random.default_rng([plan.seed, 16])
    edge = water_edge(rng, terrain, 6000)
    x, y, z = edge.T
    clear = np.abs(y) > plan.width / 2 + 1
    wet = clear & (z > -0.55) & (z < 0.35)
    beds = fractal_noise(x / 22, y / 22, plan.seed + 60, 3) > 0.12
    dry = clear & (z > 0.05) & (z < 1.2)
    many = 0 if plan.setting in ("gorge", "fjord") else 700
    return {
        "reed0": dressed(rng, edge[wet & beds][:many], 0.6, 1.25),
        "driftwood0": dressed(rng, edge[dry][:26], 0.5, 1.4),
        "pebbles0": dressed(rng, edge[dry & ~beds][26:626], 0.6, 1.6),
    }


def water_edge(rng: np.random.Generator, terrain: Terrain, count: int) -> Floats:
    """Return random places within some metres of the shore, most of them near the bridge."""
    y = rng.choice([-1, 1], count) * 260 * rng.random(count) ** 1.4
    reach = 1.4 * terrain.land.slope + 3
    away = terrain.half_water + rng.uniform(-reach, reach, count)
    x = terrain.middle(y) + rng.choice([-1, 1], count) * away
    return np.asarray(np.stack([x, y, terrain.height(x, y)], axis=1))
