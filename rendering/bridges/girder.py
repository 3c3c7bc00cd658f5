"""Beam and box girder bridges."""

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_girders,
    deck_line,
    girder_places,
    girder_soffit,
    road,
    road_at,
)
from rendering.bridges.fittings import add_joint, add_lamps, add_road
from rendering.bridges.piers import add_support
from rendering.mesh import Floats, Parts
from rendering.plan import BridgePlan


def build_beam(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build girders of constant depth on piers."""
    parts = Parts()
    line = add_road(parts, plan, 0.3)
    steel = plan.variant == "plate girders"
    add_girders(parts, plan, plan.depth, "paint" if steel else "concrete")
    if steel:
        add_stiffeners(parts, plan)
    for x in plan.stations[1:-1]:
        low = girder_soffit(plan, x, plan.depth)
        add_support(parts, plan, ground, x, low, 1.6, girder_places(plan))
        add_joint(parts, plan, x)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    return Bridge(parts.meshes(), line, line, features=supports(plan, plan.depth))


def add_stiffeners(parts: Parts, plan: BridgePlan) -> None:
    """Stiffen the outer webs of plate girders with upright plates."""
    for y in girder_places(plan)[[0, -1]]:
        for x in deck_line(plan, 2.6)[1:-1, 0]:
            middle = road_at(plan, float(x)) - 0.3 - plan.depth / 2
            parts["paint"].box([x, y, middle], [0.08, 0.62, plan.depth])


def build_box(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a box, level or deeper towards its piers as cantilevered bridges are."""
    parts = Parts()
    line = add_road(parts, plan, 0.3)
    fine = deck_line(plan, 2.0)
    depth = box_depth(plan, fine[:, 0])
    parts["concrete"].sweep(fine, box_profile(plan.width, depth))
    edge = plan.width * 0.2
    for x in plan.stations[1:-1]:
        low = road_at(plan, x) - float(box_depth(plan, np.array([x]))[0])
        add_support(parts, plan, ground, x, low, plan.span / 32, np.array([-edge, edge]))
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    soffit = np.stack([fine[:, 0], fine[:, 1], road(plan, fine[:, 0]) - depth], axis=1)
    return Bridge(parts.meshes(), line, soffit, features=supports(plan, plan.rise))


def box_depth(plan: BridgePlan, x: Floats) -> Floats:
    """Return the girder's depth: the same everywhere, or a parabola from midspan to each pier."""
    if plan.variant == "level":
        return np.full_like(x, plan.rise)
    depth = np.full_like(x, plan.depth)
    for pier in plan.stations[1:-1]:
        away = np.clip(np.abs(x - pier) / (plan.span / 2), 0, 1)
        depth = np.maximum(depth, plan.depth + (plan.rise - plan.depth) * (1 - away) ** 2)
    return depth


def box_profile(width: float, depth: Floats) -> Floats:
    """Return a box with sloping webs below the slab, one profile for each depth."""
    top, slope = width * 0.30, 0.12
    bottom = top - slope * np.minimum(depth, 4.0)
    low = -depth
    high = np.full_like(depth, -0.3)
    corners = [(-bottom, low), (bottom, low), (np.full_like(depth, top), high)]
    corners.append((np.full_like(depth, -top), high))
    return np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)


def supports(plan: BridgePlan, below: float) -> Floats:
    """Return the tops of the inner piers."""
    return np.array([[x, 0, road_at(plan, x) - below] for x in plan.stations[1:-1]] or [[0, 0, 0]])
