"""What bridges of every type share: the road's line, girders, abutments and ribs."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rendering.mesh import Floats, Mesh, Parts, rectangle, vec
from rendering.plan import BridgePlan

Ground = Callable[[Floats, Floats], Floats]  # terrain height at x, y

FOUNDATION = 3.0  # metres that footings reach into the ground
Y_AXIS = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Bridge:
    """The finished solids by material, and the lines that cameras and tests ask about."""

    meshes: dict[str, Mesh]
    deck: Floats  # (n, 3) along the middle of the road
    main: Floats  # (m, 3) arch axis, cable or girder line of the main span
    hangers: Floats = field(default_factory=lambda: np.zeros((0, 2, 3)))  # deck end, upper end
    features: Floats = field(default_factory=lambda: np.zeros((0, 3)))  # worth a close look

    @property
    def lamps(self) -> Floats:
        """Return the middles (n, 3) of the lamp heads; each is a box of the material `lamp`."""
        heads = self.meshes.get("lamp")
        return np.zeros((0, 3)) if heads is None else heads.vertices.reshape(-1, 8, 3).mean(axis=1)

    def points(self) -> Floats:
        """Return every vertex, for measuring views."""
        return np.concatenate([mesh.vertices for mesh in self.meshes.values()])


def camber(plan: BridgePlan) -> float:
    """Return how much the road's middle lies above its ends."""
    if plan.type == "stone arch" and plan.variant == "humped":
        return min(0.045 * plan.length, 1.8)
    if plan.variant == "stress ribbon":
        return -plan.rise
    level = ("viaduct", "aqueduct", "bascule", "swing")
    return 0.0 if plan.type in level else min(0.008 * plan.length, 4.0)


def road(plan: BridgePlan, x: Floats) -> Floats:
    """Return the road's height: a gentle crest on the bridge, level beyond it."""
    inside = np.clip(2 * np.asarray(x) / plan.length, -1, 1)
    return np.asarray(plan.clearance + camber(plan) * (1 - inside**2))


def road_at(plan: BridgePlan, x: float) -> float:
    """Return the road's height at one place."""
    return float(road(plan, np.array([x]))[0])


def deck_line(plan: BridgePlan, spacing: float = 4.0) -> Floats:
    """Return points along the middle of the road from abutment to abutment."""
    x = np.linspace(-plan.length / 2, plan.length / 2, max(9, int(plan.length / spacing)))
    return np.stack([x, np.zeros_like(x), road(plan, x)], axis=1)


def stations(start: float, end: float, spacing: float) -> Floats:
    """Divide a length into equal steps near the wanted spacing."""
    return np.linspace(start, end, max(2, round((end - start) / spacing) + 1))


def piece(plan: BridgePlan, start: float, end: float, spacing: float = 4.0) -> Floats:
    """Return points along the middle of a part of the road."""
    x = stations(start, end, spacing)
    return np.stack([x, np.zeros_like(x), road(plan, x)], axis=1)


def lane_half(plan: BridgePlan) -> float:
    """Return half the width between the kerbs."""
    return plan.width / 2 - min(1.8, plan.width * 0.14)


def lowest(ground: Ground, x: float, width: float) -> float:
    """Return the lowest ground under a wall that stands across the bridge."""
    y = np.linspace(-width / 2, width / 2, 5)
    return float(np.min(ground(np.full_like(y, x), y))) - FOUNDATION


def add_strip(
    parts: Parts, material: str, line: Floats, left: float, right: float, lift: float
) -> None:
    """Add a flat strip along a line."""
    edges = [line + vec(0, offset, lift) for offset in (left, right)]
    parts[material].sheet(np.stack(edges, axis=1)[:, ::-1])


def add_abutments(parts: Parts, plan: BridgePlan, ground: Ground, material: str) -> None:
    """Close both ends with a wall across and wing walls along the road."""
    for side in (-1, 1):
        x = side * plan.length / 2
        foot = min(lowest(ground, x - side * 2, plan.width), plan.clearance - 3)
        height = plan.clearance - 0.05 - foot
        parts[material].box([x + side * 1.4, 0, foot + height / 2], [2.8, plan.width + 0.6, height])
        for y in (-plan.width / 2 - 0.13, plan.width / 2 + 0.13):
            middle = [x + side * 5.07, y, foot + height / 2 + 0.4]
            parts[material].box(middle, [10, 0.5, height + 0.8])


def girder_places(plan: BridgePlan) -> Floats:
    """Return how far aside the parallel girders under a slab lie."""
    return np.linspace(-plan.width * 0.4, plan.width * 0.4, max(2, round(plan.width / 2.8)))


def add_girders(
    parts: Parts, plan: BridgePlan, depth: float, material: str, line: Floats | None = None
) -> None:
    """Add parallel girders of constant depth under the slab."""
    line = deck_line(plan) if line is None else line
    for y in girder_places(plan):
        web = rectangle(0.3, depth, top=-0.3) + vec(y, 0)
        flange = rectangle(0.75, 0.12, top=-0.3 - depth) + vec(y, 0)
        parts[material].sweep(line, web)
        parts[material].sweep(line, flange)


def girder_soffit(plan: BridgePlan, x: float, depth: float) -> float:
    """Return the height of the girders' lower side."""
    return road_at(plan, x) - depth - 0.42


def rib(parts: Parts, material: str, path: Floats, width: float, depth: Floats | float) -> None:
    """Add a curved member of rectangular section in a plane along the bridge."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    normal = np.cross(along, Y_AXIS)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    half = np.broadcast_to(np.asarray(depth, dtype=np.float64), (len(path),))[:, None] / 2
    across = Y_AXIS * width / 2
    ring = [path - across - normal * half, path + across - normal * half]
    ring += [path + across + normal * half, path - across + normal * half]
    parts[material].loft(np.stack(ring, axis=1))


def parabola(span: float, rise: float, base: float, count: int = 61) -> Floats:
    """Return an arch axis in the plane y = 0, springing at `base`."""
    x = np.linspace(-span / 2, span / 2, count)
    return np.stack([x, np.zeros_like(x), base + rise * (1 - (2 * x / span) ** 2)], axis=1)
