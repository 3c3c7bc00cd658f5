"""Trees, bushes, rocks and tufts of grass: a few shapes, and where copies of them stand."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

import numpy as np

from rendering.mesh import Floats, Mesh, MeshBuilder
from rendering.noise import fractal_noise
from rendering.plan import BridgePlan
from rendering.terrain import Terrain

SHAPES_EACH = 3
FORESTS = {"river": 0.12, "farmland": 0.42, "lake": -0.05, "fjord": -0.08, "gorge": -0.2}
CONIFERS = {"river": 0.15, "farmland": 0.05, "lake": 0.45, "fjord": 0.8, "gorge": 0.6}


def shapes(seed: int, bare: bool) -> dict[str, dict[str, Mesh]]:
    """Build the shapes that are copied, each as meshes by material."""
    rng = np.random.default_rng([seed, 5])
    made: dict[str, dict[str, Mesh]] = {}
    for number in range(SHAPES_EACH):
        made[f"broadleaf{number}"] = broadleaf(rng, number, bare)
        made[f"conifer{number}"] = conifer(rng)
        made[f"rock{number}"] = {"rock": rock(rng)}
    made["bush0"] = bush(rng, bare)
    made["tuft0"] = {"grass": tuft(rng)}
    return made


def cards(rng: np.random.Generator, centres: Floats, size: float, stretch: float = 1.0) -> Mesh:
    """Put one randomly turned quadrilateral at each place."""
    first = rng.normal(size=centres.shape)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(first, rng.normal(size=centres.shape))
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    scale = size * rng.uniform(0.6, 1.3, (len(centres), 1))
    a, b = first * scale * stretch, second * scale
    corners = np.stack([centres - a, centres - b * 0.6, centres + a, centres + b * 0.6], axis=1)
    faces = np.arange(4 * len(centres), dtype=np.int32).reshape(-1, 4)
    return Mesh(corners.reshape(-1, 3), faces)


def broadleaf(rng: np.random.Generator, number: int, bare: bool) -> dict[str, Mesh]:
    """Grow a trunk, branches and a crown of leaves about ten metres high."""
    wood = MeshBuilder()
    height = rng.uniform(8, 11)
    wood.tubes([0, 0, -0.6], [0, 0, height * 0.55], 0.19, 7)
    clumps = rng.normal(size=(22, 3))
    clumps /= np.linalg.norm(clumps, axis=1, keepdims=True)
    clumps *= rng.uniform(0.45, 1.0, (22, 1)) * [height * 0.33, height * 0.33, height * 0.32]
    clumps[:, 2] += height * 0.66
    fork = np.tile([0, 0, height * 0.32], (22, 1)) + rng.uniform(0, 1.5, (22, 1)) * [0, 0, 1]
    wood.tubes(fork, clumps, 0.06, 4)
    if bare:
        twigs = clumps[rng.integers(22, size=260)]
        wood.tubes(twigs, twigs + rng.normal(size=(260, 3)) * [0.8, 0.8, 0.7], 0.018, 3)
        return {"bark": wood.mesh()}
    spread = rng.normal(size=(1500, 3)) * 0.075 * height
    leaves = clumps[rng.integers(22, size=1500)] + spread
    return {"bark": wood.mesh(), f"leaf{number}": cards(rng, leaves, 0.27)}


def conifer(rng: np.random.Generator) -> dict[str, Mesh]:
    """Grow a straight trunk with drooping whorls, about fourteen metres high."""
    height = rng.uniform(12, 17)
    wood = MeshBuilder()
    wood.tubes([0, 0, -0.6], [0, 0, height], 0.13, 6)
    level = np.repeat(np.linspace(0.1, 0.99, 26), 44)
    reach = (1.02 - level) * height * rng.uniform(0.17, 0.23) + 0.12
    away = reach * rng.uniform(0.1, 1.0, level.shape) ** 0.7
    angle = rng.uniform(0, 2 * np.pi, level.shape)
    sway = 1 + 0.25 * np.sin(angle * 5 + level * 40)
    z = level * height - away * 0.38 + rng.normal(size=level.shape) * 0.08
    places = np.stack([np.cos(angle) * away * sway, np.sin(angle) * away * sway, z], axis=1)
    return {"bark": wood.mesh(), "needle": cards(rng, places, 0.3, 1.3)}


def bush(rng: np.random.Generator, bare: bool) -> dict[str, Mesh]:
    """Grow a low round shrub."""
    places = rng.normal(size=(330, 3)) * [0.6, 0.6, 0.42] + [0, 0, 0.6]
    return {"bark" if bare else "leaf0": cards(rng, places, 0.04 if bare else 0.16, 1.6)}


def tuft(rng: np.random.Generator) -> Mesh:
    """Grow a handful of blades."""
    many = 36
    foot = np.insert(rng.normal(size=(many, 2)) * 0.16, 2, -0.05, axis=1)
    lean = np.insert(rng.normal(size=(many, 2)) * 0.14, 2, rng.uniform(0.2, 0.55, many), axis=1)
    side = np.insert(rng.normal(size=(many, 2)) * 0.012, 2, 0, axis=1)
    corners = np.stack([foot - side, foot + side, foot + lean + side * 0.2, foot + lean], axis=1)
    return Mesh(corners.reshape(-1, 3), np.arange(4 * many, dtype=np.int32).reshape(-1, 4))


def rock(rng: np.random.Generator, steps: int = 12) -> Mesh:
    """Break a sphere into facets by cutting it with random planes."""
    theta, phi = np.meshgrid(
        np.linspace(0, np.pi, steps), np.linspace(0, 2 * np.pi, 2 * steps), indexing="ij"
    )
    ball = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
    for _ in range(16):
        normal = rng.normal(size=3)
        normal /= np.linalg.norm(normal)
        beyond = np.maximum(ball @ normal - rng.uniform(0.55, 0.85), 0)
        ball = ball - beyond[..., None] * normal
    builder = MeshBuilder()
    builder.sheet(ball * [1.2, 0.95, 0.7])
    return builder.mesh()


def scatter(plan: BridgePlan, terrain: Terrain) -> dict[str, Floats]:
    """Return for each shape its copies as rows of x, y, z, turn and size."""
    rng = np.random.default_rng([plan.seed, 6])
    trees = tree_places(rng, plan, terrain)
    mixed = rng.random(len(trees)) < CONIFERS.get(plan.setting, 0.0)
    placed: dict[str, Floats] = {}
    for name, chosen in (("conifer", trees[mixed]), ("broadleaf", trees[~mixed])):
        share_out(placed, rng, name, chosen, 0.7, 1.35)
    low, high = (0.15, 2.6) if plan.setting not in ("city", "harbour") else (9e9, 9e9)
    shore = places(rng, plan, terrain, 5000, 0.6)
    rocks = shore[(shore[:, 2] > -0.5) & (shore[:, 2] < high)][:900]
    share_out(placed, rng, "rock", rocks, 0.25, 1.5)
    bushes = shore[(shore[:, 2] > max(low, 0.9)) & (shore[:, 2] < 30)][:700]
    placed["bush0"] = dressed(rng, bushes, 0.5, 1.7)
    return placed


def share_out(
    placed: dict[str, Floats],
    rng: np.random.Generator,
    name: str,
    where: Floats,
    small: float,
    large: float,
) -> None:
    """Give every variety of a shape an equal part of the places."""
    for number in range(SHAPES_EACH):
        placed[f"{name}{number}"] = dressed(rng, where[number::SHAPES_EACH], small, large)


def dressed(rng: np.random.Generator, where: Floats, small: float, large: float) -> Floats:
    """Add a random turn and size to places."""
    turn = rng.uniform(0, 2 * np.pi, len(where))
    size = rng.uniform(small, large, len(where))
    return np.column_stack([where, turn, size])


def places(
    rng: np.random.Generator, plan: BridgePlan, terrain: Terrain, count: int, spread: float
) -> Floats:
    """Return random dry places, denser near the bridge, clear of road and bridge."""
    reach = max(500.0, 1.6 * plan.length) * spread
    away = reach * rng.random(count) ** 0.75
    angle = rng.uniform(0, 2 * np.pi, count)
    x, y = away * np.cos(angle), away * np.sin(angle)
    x += np.sign(x) * terrain.half_water * 0.8
    z = terrain.height(x, y)
    clear = np.abs(y) > plan.width / 2 + 7
    return np.asarray(np.stack([x, y, z], axis=1)[clear & (z > -0.6)])


def tree_places(rng: np.random.Generator, plan: BridgePlan, terrain: Terrain) -> Floats:
    """Return where trees stand: in woods where noise says so, not on cliffs, not in town."""
    if plan.setting in ("city", "harbour"):
        return street_trees(rng, plan, terrain)
    where = places(rng, plan, terrain, 11000, 1.5)
    x, y, z = where.T
    wooded = fractal_noise(x / 130, y / 130, plan.seed + 50, 4) > FORESTS[plan.setting]
    steep = np.abs(terrain.height(x + 2, y) - z) + np.abs(terrain.height(x, y + 2) - z)
    lone = rng.random(len(where)) < 0.035
    return np.asarray(where[(z > 1.1) & (steep < 3.2) & (wooded | lone)][:5200])


def street_trees(rng: np.random.Generator, plan: BridgePlan, terrain: Terrain) -> Floats:
    """Return rows of trees along both quays."""
    y = np.arange(-500, 500, 11.0) + rng.normal(size=91) * 0.8
    y = y[(np.abs(y) > plan.width / 2 + 12) & (rng.random(91) < 0.8)]
    rows = [np.stack([np.full_like(y, side * (terrain.half_water + 9)), y], 1) for side in (-1, 1)]
    x, y = np.concatenate(rows).T
    return np.stack([x, y, terrain.height(x, y)], axis=1)


def grass_near(plan: BridgePlan, terrain: Terrain, eye: Floats, ahead: Floats, seed: int) -> Floats:
    """Return tufts of grass in front of a camera that stands on the ground."""
    rng = np.random.default_rng([seed, 9])
    distance = 1.5 + 30 * rng.random(1500) ** 1.6
    angle = np.arctan2(ahead[1], ahead[0]) + rng.uniform(-0.9, 0.9, 1500)
    x, y = eye[0] + distance * np.cos(angle), eye[1] + distance * np.sin(angle)
    z = terrain.height(x, y)
    clear = (z > 0.45) & ((np.abs(y) > plan.width / 2 + 2) | (np.abs(x) < plan.length / 2))
    return dressed(rng, np.stack([x, y, z], axis=1)[clear], 0.5, 1.25)
