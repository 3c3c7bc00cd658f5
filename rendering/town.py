"""What people put around a bridge: city blocks, houses, roads, vehicles and boats."""

import numpy as np

from rendering.bridges.common import add_strip, road
from rendering.mesh import Floats, Mesh, Parts, rectangle
from rendering.plan import BridgePlan
from rendering.terrain import Terrain

LAMPS_LIT = 9  # more lights than that make a grainy picture
BELOW_HEAD = np.array([0.0, 0.0, 0.4])
FACADES = 4
STREET = 62.0
FLOODED_TOWERS = ("suspension", "cable-stayed fan", "cable-stayed harp", "extradosed")
UNLIT = ("stone arch", "viaduct", "aqueduct", "covered", "footbridge")


def blocks(plan: BridgePlan, terrain: Terrain) -> Floats:
    """Return buildings as rows of x, y, ground, length, depth, height."""
    if plan.setting not in ("city", "harbour"):
        return np.zeros((0, 6))
    rng = np.random.default_rng([plan.seed, 7])
    rows = []
    tall = 1.0 if plan.setting == "city" else 0.55
    start = max(terrain.half_water + 45, plan.length / 2 - 30)
    for side in (-1, 1):
        for column, row in np.ndindex(7, 19):
            x, y = side * (start + column * STREET), (row - 9) * STREET * 1.05
            if abs(y) < plan.width / 2 + 24 or rng.random() < 0.1:
                continue
            height = tall * rng.lognormal(3.05, 0.45) * (2.4 if rng.random() < 0.07 else 1)
            size = rng.uniform(24, 46, 2)
            rows.append([x, y, 0.0, *size, min(max(height, 9.0), 120.0)])
    found = np.array(rows)
    found[:, 2] = terrain.height(found[:, 0], found[:, 1])
    return found


def add_blocks(parts: Parts, buildings: Floats, seed: int) -> None:
    """Raise the buildings, with setbacks on tall ones and machinery on the roofs."""
    rng = np.random.default_rng([seed, 8])
    for x, y, ground, long, deep, high in buildings:
        facade = f"facade{int(rng.integers(FACADES))}"
        parts[facade].box([x, y, ground + high / 2 - 1], [long, deep, high + 2])
        parts["roofing"].box([x, y, ground + high + 0.25], [long + 0.5, deep + 0.5, 0.7])
        top = ground + high + 0.6
        if high > 40:
            parts[facade].box([x, y, top + high * 0.12], [long * 0.7, deep * 0.7, high * 0.24])
            top += high * 0.24
        shift = rng.uniform(-0.2, 0.2, 2) * [long, deep]
        parts["roofing"].box([x + shift[0], y + shift[1], top + 1.2], [5, 4, 2.6])


def add_roads(parts: Parts, plan: BridgePlan) -> None:
    """Lead the road on from both abutments."""
    rail = plan.type in ("viaduct", "aqueduct")
    for side in (-1, 1):
        x = side * np.linspace(plan.length / 2 - 0.5, plan.length / 2 + 420, 60)
        line = np.stack([x, np.zeros_like(x), road(plan, x)], axis=1)
        half = plan.width / 2 - (0.4 if rail else min(1.8, plan.width * 0.14))
        surface = "ballast" if rail else "asphalt"
        if side < 0:
            half = -half
        add_strip(parts, surface, line, -half, half, 0.03)


def house() -> dict[str, Mesh]:
    """Build a small house with a gabled roof."""
    parts = Parts()
    parts["plaster"].box([0, 0, 2.2], [11, 8, 6.4])
    line = np.array([[-6.0, 0, 0], [0, 0, 0], [6.0, 0, 0]])
    parts["roof"].sweep(line, np.array([[-4.8, 5.0], [4.8, 5.0], [0.1, 8.6], [-0.1, 8.6]]))
    parts["voussoir"].box([2.5, 1.2, 8], [0.9, 0.9, 2.4])
    for x in (-3.4, 0, 3.4):
        for z in (1.7, 4.1):
            parts["pane"].box([x, 0, z], [1.1, 8.06, 1.3])
    return parts.meshes()


def car(number: int) -> dict[str, Mesh]:
    """Build a car, or for the last number a lorry."""
    parts = Parts()
    body = f"car{number}"
    if number == 2:
        parts[body].box([-1.5, 0, 2.2], [7.5, 2.4, 2.8])
        parts["pane"].box([3.4, 0, 1.7], [1.9, 2.3, 1.9])
        wheels = [-4.2, -3.1, 3.2]
    else:
        parts[body].box([0, 0, 0.62], [4.3, 1.75, 0.62])
        parts["pane"].box([-0.25, 0, 1.15], [2.3, 1.55, 0.5])
        parts[body].box([-0.25, 0, 1.43], [2.0, 1.5, 0.09])
        wheels = [-1.35, 1.35]
    for x in wheels:
        parts["tyre"].tubes([x, -0.95, 0.34], [x, 0.95, 0.34], 0.34, 10)
    return parts.meshes()


def boat(sail: bool) -> dict[str, Mesh]:
    """Build a small boat, with or without a sail."""
    parts = Parts()
    stations = np.array([-5.5, -3, 0, 3, 5.4, 6.6])
    beam = np.array([1.3, 1.6, 1.75, 1.45, 0.7, 0.05])
    keel = [
        np.stack([stations, s * beam * k, np.full(6, z)], 1)
        for s, k, z in [(-1, 0.55, -0.5), (1, 0.55, -0.5), (1, 1.0, 1.0), (-1, 1.0, 1.0)]
    ]
    parts["hull"].loft(np.stack(keel, axis=1))
    parts["hull"].box([-1.2, 0, 1.45], [4, 1.9, 1.1])
    parts["pane"].box([-0.9, 0, 1.6], [3.5, 1.94, 0.4])
    if sail:
        parts["railing"].tubes([0.6, 0, 0.8], [0.6, 0, 12], 0.07)
        leech = np.array([[[0.4, 0, 2.0], [-4.2, 0.5, 2.1]], [[0.4, 0, 11.6], [0.2, 0.0, 11.4]]])
        parts["sail"].sheet(leech)
    return parts.meshes()


def shapes() -> dict[str, dict[str, Mesh]]:
    """Build everything that is copied."""
    return {
        "house": house(),
        "boat0": boat(False),
        "boat1": boat(True),
        "car0": car(0),
        "car1": car(1),
        "car2": car(2),
    }


def scatter(plan: BridgePlan, terrain: Terrain) -> dict[str, Floats]:
    """Return the copies of each shape as rows of x, y, z, turn and size."""
    rng = np.random.default_rng([plan.seed, 10])
    placed = vehicles(rng, plan)
    placed |= boats(rng, terrain)
    if plan.setting in ("river", "farmland", "lake", "fjord"):
        placed["house"] = houses(rng, plan, terrain)
    return placed


def vehicles(rng: np.random.Generator, plan: BridgePlan) -> dict[str, Floats]:
    """Put traffic on the road, right-hand side, none where no cars run."""
    if plan.open or plan.type in ("viaduct", "aqueduct", "footbridge", "covered"):
        return {}
    lane = plan.width / 2 - min(1.8, plan.width * 0.14)
    count = max(2, int(plan.length / 34))
    x = rng.uniform(-plan.length / 2 - 60, plan.length / 2 + 60, count)
    x = np.sort(x)
    x = x[np.diff(x, prepend=-1e9) > 9]
    side = np.where(rng.random(len(x)) < 0.5, 1.0, -1.0)
    rows = np.column_stack([x, -side * lane * 0.5, road(plan, x) + 0.04, side * 0.0, 0 * x + 1])
    rows[:, 3] = np.where(side > 0, 0, np.pi)
    kind = rng.choice(3, len(x), p=[0.45, 0.4, 0.15])
    return {f"car{number}": rows[kind == number] for number in range(3)}


def boats(rng: np.random.Generator, terrain: Terrain) -> dict[str, Floats]:
    """Set a few boats on wide water, well away from the bridge."""
    if terrain.half_water < 35:
        return {}
    placed = {}
    for name, many in (("boat0", rng.integers(1, 4)), ("boat1", rng.integers(0, 4))):
        y = rng.choice([-1, 1], many) * rng.uniform(40, 260, many)
        x = terrain.middle(y) + rng.uniform(-0.6, 0.6, many) * terrain.half_water
        turn = rng.uniform(0, 2 * np.pi, many)
        placed[name] = np.column_stack([x, y, 0 * x - 0.1, turn, 0 * x + rng.uniform(0.8, 1.3)])
    return placed


def houses(rng: np.random.Generator, plan: BridgePlan, terrain: Terrain) -> Floats:
    """Return houses on level dry ground near the water, none close to the bridge."""
    x = rng.choice([-1, 1], 60) * (terrain.half_water + rng.uniform(25, 220, 60))
    y = rng.choice([-1, 1], 60) * rng.uniform(plan.width + 35, 420, 60)
    z = terrain.height(x, y)
    level = np.abs(terrain.height(x + 6, y) - z) + np.abs(terrain.height(x, y + 6) - z) < 1.6
    found = np.column_stack([x, y, z - 0.2, rng.uniform(0, 3, 60), rng.uniform(0.85, 1.2, 60)])
    return found[level & (z > 1.3)][: int(rng.integers(3, 13))]


def lamps_for(heads: Floats, eye: Floats, near: bool) -> Floats:
    """Return where the few lights of a picture hang: below the lamp heads (n, 3) of the bridge.

    Those near the eye, or some along the bridge.
    """
    lamps: Floats = heads - BELOW_HEAD
    if len(lamps) <= LAMPS_LIT:
        return lamps
    if near:
        away = np.linalg.norm(lamps - eye, axis=1)
        return np.asarray(lamps[np.sort(np.argsort(away)[:LAMPS_LIT])])
    order = np.argsort(lamps[:, 0], kind="stable")
    return np.asarray(lamps[order[np.linspace(0, len(lamps) - 1, LAMPS_LIT).round().astype(int)]])


def floodlights(plan: BridgePlan) -> Floats:
    """Return rows of a light's place and its aim, on both sides: low arches, walls or towers."""
    if plan.type in FLOODED_TOWERS:
        places = [x for x in plan.stations if abs(abs(x) - plan.span / 2) < 1.0] or [0.0]
        height = plan.clearance + plan.rise * 0.55
    elif plan.type in UNLIT or "arch" in plan.type or plan.seed % 2:
        many = 2 if plan.length < 70 else 3
        places = list(np.linspace(-0.36, 0.36, many) * plan.length)
        height = plan.clearance * 0.6
    else:
        return np.zeros((0, 6))
    away = plan.width / 2 + float(np.clip(height * 0.6, 7, 40))
    rows = [
        [x, side * away, max(1.5, plan.clearance * 0.15), x, 0.0, height]
        for x in places
        for side in (-1, 1)
    ]
    return np.array(rows)


def pavement(parts: Parts, plan: BridgePlan, terrain: Terrain) -> None:
    """Edge the water with a quay's coping in town."""
    if plan.setting not in ("city", "harbour"):
        return
    y = np.linspace(-700, 700, 141)
    for side in (-1, 1):
        x = np.full_like(y, side * (terrain.half_water + terrain.land.slope * 0.6 + 0.4))
        line = np.stack([x, y, np.full_like(y, terrain.land.bank)], axis=1)
        parts["voussoir"].sweep(line, rectangle(1.6, 9.0, top=0.45))
