"""What bridges of every type share: the road, railings, lamps, piers and abutments."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rendering.mesh import Floats, Mesh, Parts, rectangle, vec
from rendering.plan import BridgePlan

Ground = Callable[[Floats, Floats], Floats]  # terrain height at x, y

LANE_DASH = 4.0
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

    def points(self) -> Floats:
        """Return every vertex, for measuring views."""
        return np.concatenate([mesh.vertices for mesh in self.meshes.values()])


def camber(plan: BridgePlan) -> float:
    """Return how much the road's middle lies above its ends."""
    if plan.type == "stone arch" and plan.variant == "humped":
        return min(0.045 * plan.length, 1.8)
    return 0.0 if plan.type in ("viaduct", "aqueduct") else min(0.008 * plan.length, 4.0)


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


def add_road(
    parts: Parts, plan: BridgePlan, slab: float, slab_material: str = "concrete"
) -> Floats:
    """Add slab, carriageway, kerbs, railings and lane marks; return the deck's line."""
    line = deck_line(plan)
    parts[slab_material].sweep(line, rectangle(plan.width, slab, top=-0.02))
    lane = plan.width / 2 - min(1.8, plan.width * 0.14)
    add_strip(parts, "asphalt", line, -lane, lane, 0.03)
    for side in (-1, 1):
        middle = side * (lane + plan.width / 2) / 2
        kerb = rectangle(plan.width / 2 - lane, 0.3, top=0.16) + vec(middle, 0)
        parts["kerb"].sweep(line, kerb)
        add_railing(parts, plan, side * (plan.width / 2 - 0.15))
    add_marks(parts, plan, lane)
    return line


def add_strip(
    parts: Parts, material: str, line: Floats, left: float, right: float, lift: float
) -> None:
    """Add a flat strip along a line."""
    edges = [line + vec(0, offset, lift) for offset in (left, right)]
    parts[material].sheet(np.stack(edges, axis=1)[:, ::-1])


def add_marks(parts: Parts, plan: BridgePlan, lane: float) -> None:
    """Add dashes along the middle and lines along the edges of the carriageway."""
    line = deck_line(plan)
    for side in (-1, 1):
        add_strip(parts, "marking", line, side * lane - 0.35 * side, side * lane - 0.2 * side, 0.05)
    for x in np.arange(-plan.length / 2, plan.length / 2 - LANE_DASH, LANE_DASH * 2.5):
        along = np.array([x, x + LANE_DASH])
        dash = np.stack([along, np.zeros(2), road(plan, along)], axis=1)
        for offset in (0.0,) if plan.width < 17 else (-lane / 2, -0.15, 0.15, lane / 2):
            add_strip(parts, "marking", dash, offset - 0.08, offset + 0.08, 0.05)


def add_railing(parts: Parts, plan: BridgePlan, y: float, material: str = "railing") -> None:
    """Add posts and three rails along one side."""
    x = stations(-plan.length / 2, plan.length / 2, max(2.0, plan.length / 220))
    foot = np.stack([x, np.full_like(x, y), road(plan, x)], axis=1)
    parts[material].beams(foot, foot + vec(0, 0, 1.15), 0.09, 0.09)
    for height in (0.45, 0.8, 1.15):
        parts[material].sweep(foot + vec(0, 0, height), rectangle(0.07, 0.07))


def add_lamps(parts: Parts, plan: BridgePlan, spacing: float = 32.0) -> Floats:
    """Add street lamps on both sides; return the lamps' places."""
    x = stations(-plan.length / 2 + 6, plan.length / 2 - 6, spacing)
    side = np.where(np.arange(len(x)) % 2 == 0, -1, 1) * (plan.width / 2 - 0.4)
    foot = np.stack([x, side, road(plan, x)], axis=1)
    top = foot + vec(0, 0, 7.5)
    head: Floats = top - np.sign(side)[:, None] * Y_AXIS * 1.3 + vec(0, 0, 0.25)
    parts["railing"].tubes(foot, top, 0.09)
    parts["railing"].tubes(top, head, 0.06)
    for place in head:
        parts["lamp"].box(place - [0, 0, 0.05], [0.34, 0.75, 0.16])
    return head


def lowest(ground: Ground, x: float, width: float) -> float:
    """Return the lowest ground under a wall that stands across the bridge."""
    y = np.linspace(-width / 2, width / 2, 5)
    return float(np.min(ground(np.full_like(y, x), y))) - FOUNDATION


def add_pier(
    parts: Parts,
    plan: BridgePlan,
    ground: Ground,
    x: float,
    top: float,
    thick: float,
    style: str = "columns",
) -> None:
    """Add one support: a wall, a pair of thin walls, or columns below a cross beam."""
    foot = lowest(ground, x, plan.width)
    wide = plan.width * 0.62
    middle, height = (foot + top) / 2, top - foot
    if style == "columns":
        for y in (-wide / 2, wide / 2):
            parts["concrete"].tubes([x, y, foot], [x, y, top - thick * 0.8], thick / 2, sides=14)
        parts["concrete"].box([x, 0, top - thick * 0.5], [thick * 1.15, wide + thick * 1.6, thick])
        return
    gap = thick * 1.6 if style == "twin-leaf piers" else 0.0
    for shift in (-gap, gap) if gap else (0.0,):
        parts["concrete"].box([x + shift, 0, middle], [thick * (0.55 if gap else 1), wide, height])
    if foot < -FOUNDATION:
        parts["concrete"].box([x, 0, 0.2], [thick * 2 + gap * 2, wide * 1.25, 2.4])


def add_abutments(parts: Parts, plan: BridgePlan, ground: Ground, material: str) -> None:
    """Close both ends with a wall across and wing walls along the road."""
    for side in (-1, 1):
        x = side * plan.length / 2
        foot = min(lowest(ground, x - side * 2, plan.width), plan.clearance - 3)
        height = plan.clearance - 0.05 - foot
        parts[material].box([x + side * 1.4, 0, foot + height / 2], [2.8, plan.width + 0.6, height])
        for y in (-plan.width / 2 - 0.05, plan.width / 2 + 0.05):
            parts[material].box([x + side * 5, y, foot + height / 2 + 0.4], [10, 0.5, height + 0.8])


def add_approach_piers(parts: Parts, plan: BridgePlan, ground: Ground, below: float) -> None:
    """Set columns under every support outside the main span."""
    for x in plan.stations[1:-1]:
        if abs(x) > plan.span / 2 + 1:
            top = road_at(plan, x) - below
            add_pier(parts, plan, ground, x, top, min(2.2, 1.0 + top * 0.03))


def add_girders(parts: Parts, plan: BridgePlan, depth: float, material: str) -> None:
    """Add parallel girders of constant depth under the slab."""
    line = deck_line(plan)
    many = max(2, round(plan.width / 2.8))
    for y in np.linspace(-plan.width * 0.4, plan.width * 0.4, many):
        web = rectangle(0.3, depth, top=-0.3) + vec(y, 0)
        flange = rectangle(0.75, 0.12, top=-0.3 - depth) + vec(y, 0)
        parts[material].sweep(line, web)
        parts[material].sweep(line, flange)


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
