"""Beam and box girder bridges."""

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_girders,
    add_lamps,
    add_pier,
    add_road,
    deck_line,
    road,
    road_at,
)
from rendering.mesh import Floats, Parts
from rendering.plan import BridgePlan


def build_beam(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build girders of constant depth on column piers."""
    parts = Parts()
    line = add_road(parts, plan, 0.3)
    steel = plan.variant == "plate girders"
    add_girders(parts, plan, plan.depth, "paint" if steel else "concrete")
    for x in plan.stations[1:-1]:
        add_pier(parts, plan, ground, x, road_at(plan, x) - plan.depth - 0.45, 1.5)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    return Bridge(parts.meshes(), line, line, features=supports(plan, plan.depth))


def build_box(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a box that grows deeper towards its piers, as cantilevered bridges do."""
    parts = Parts()
    line = add_road(parts, plan, 0.3)
    fine = deck_line(plan, 2.0)
    depth = box_depth(plan, fine[:, 0])
    parts["concrete"].sweep(fine, box_profile(plan.width, depth))
    for x in plan.stations[1:-1]:
        top = road_at(plan, x) - plan.rise
        add_pier(parts, plan, ground, x, top, plan.span / 32, plan.variant)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    soffit = np.stack([fine[:, 0], fine[:, 1], road(plan, fine[:, 0]) - depth], axis=1)
    return Bridge(parts.meshes(), line, soffit, features=supports(plan, plan.rise))


def box_depth(plan: BridgePlan, x: Floats) -> Floats:
    """Return the girder's depth: a parabola from midspan to each pier."""
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
