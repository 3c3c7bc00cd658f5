"""What lies and stands on a deck: carriageway, kerbs, marks, joints, railings and lamps."""

import numpy as np

from rendering.bridges.common import (
    Y_AXIS,
    add_strip,
    deck_line,
    lane_half,
    road,
    stations,
)
from rendering.mesh import Floats, Parts, rectangle, vec
from rendering.plan import BridgePlan

LANE_DASH = 4.0
WIDE = 17.0  # metres from which a road has two carriageways
OVERHANG = 0.06  # of the kerbs beyond the slab, so that no two sides coincide


def add_road(
    parts: Parts,
    plan: BridgePlan,
    slab: float,
    material: str = "concrete",
    line: Floats | None = None,
) -> Floats:
    """Add slab, carriageway, kerbs, railings, marks and joints; return the deck's line."""
    line = deck_line(plan) if line is None else line
    parts[material].sweep(line, rectangle(plan.width, slab, top=-0.02))
    lane = lane_half(plan)
    add_strip(parts, "asphalt", line, -lane, lane, 0.03)
    for side in (-1, 1):
        edge = plan.width / 2 + OVERHANG
        kerb = rectangle(edge - lane, 0.3, top=0.16) + vec(side * (lane + edge) / 2, 0)
        parts["kerb"].sweep(line, kerb)
        add_railing(parts, plan, side * (plan.width / 2 - 0.2), line)
    add_marks(parts, plan, lane, line)
    for x in line[[0, -1], 0]:
        add_joint(parts, plan, float(x))
    return line


def add_walkway(parts: Parts, plan: BridgePlan, slab: float, material: str) -> Floats:
    """Add the deck of a footbridge: planks or slab with railings; return its line."""
    line = deck_line(plan, 2.0)
    parts["concrete" if material == "concrete" else "paint"].sweep(
        line, rectangle(plan.width, slab, top=-0.02)
    )
    surface = "kerb" if material == "concrete" else material
    parts[surface].sweep(line, rectangle(plan.width - 0.5, 0.12, top=0.06))
    for side in (-1, 1):
        add_railing(parts, plan, side * (plan.width / 2 - 0.1), line)
    return line


def add_marks(parts: Parts, plan: BridgePlan, lane: float, line: Floats) -> None:
    """Add dashes along the middle and lines along the edges of the carriageway."""
    for side in (-1, 1):
        add_strip(parts, "marking", line, side * lane - 0.35 * side, side * lane - 0.2 * side, 0.05)
    for x in np.arange(line[0, 0], line[-1, 0] - LANE_DASH, LANE_DASH * 2.5):
        along = np.array([x, x + LANE_DASH])
        dash = np.stack([along, np.zeros(2), road(plan, along)], axis=1)
        for offset in (0.0,) if plan.width < WIDE else (-lane / 2, -0.15, 0.15, lane / 2):
            add_strip(parts, "marking", dash, offset - 0.08, offset + 0.08, 0.05)


def add_joint(parts: Parts, plan: BridgePlan, x: float) -> None:
    """Add the steel strip over the gap between two spans."""
    ends = np.array([x - 0.18, x + 0.18])
    line = np.stack([ends, np.zeros(2), road(plan, ends)], axis=1)
    lane = lane_half(plan)
    parts["railing"].sweep(line, rectangle(2 * lane, 0.12, top=0.06))


def add_railing(parts: Parts, plan: BridgePlan, y: float, line: Floats) -> None:
    """Add the railing of the plan's style along one side."""
    x = stations(line[0, 0], line[-1, 0], max(2.0, plan.length / 220))
    foot = np.stack([x, np.full_like(x, y), road(plan, x)], axis=1)
    makers = {"parapet": barrier, "bars": bars, "lattice": lattice, "net": net}
    makers.get(plan.railing, rails)(parts, foot)


def posts(parts: Parts, foot: Floats, high: float, size: float = 0.1) -> None:
    """Stand a post at every point."""
    parts["railing"].beams(foot - vec(0, 0, 0.05), foot + vec(0, 0, high), size, size)


def rail(parts: Parts, foot: Floats, height: float, size: float = 0.07) -> None:
    """Lead a rail along all posts."""
    parts["railing"].sweep(foot + vec(0, 0, height), rectangle(size, size))


def rails(parts: Parts, foot: Floats) -> None:
    """Add posts and three rails."""
    posts(parts, foot, 1.15)
    for height in (0.45, 0.8, 1.18):
        rail(parts, foot, height)


def between(foot: Floats, step: float) -> Floats:
    """Return points along a railing at about this step."""
    length = float(foot[-1, 0] - foot[0, 0])
    x = stations(foot[0, 0], foot[-1, 0], max(step, length / 900))
    return np.stack([np.interp(x, foot[:, 0], foot[:, axis]) for axis in range(3)], axis=1)


def bars(parts: Parts, foot: Floats) -> None:
    """Add upright bars between two rails."""
    posts(parts, foot, 1.15, 0.12)
    thin = between(foot, 0.3)
    parts["railing"].beams(thin + vec(0, 0, 0.2), thin + vec(0, 0, 1.12), 0.04, 0.04)
    for height in (0.24, 1.2):
        rail(parts, foot, height, 0.08)


def lattice(parts: Parts, foot: Floats) -> None:
    """Add crossing flats between two rails, as on old steel bridges."""
    posts(parts, foot, 1.2, 0.12)
    knots = between(foot, 0.8)
    low, high = knots + vec(0, 0, 0.25), knots + vec(0, 0, 1.15)
    parts["railing"].beams(low[:-1], high[1:], 0.04, 0.06)
    parts["railing"].beams(high[:-1], low[1:], 0.04, 0.06)
    for height in (0.28, 1.22):
        rail(parts, foot, height, 0.1)


def barrier(parts: Parts, foot: Floats) -> None:
    """Add a concrete barrier with one rail on top."""
    profile = np.array([[-0.2, 0.0], [0.2, 0.0], [0.12, 0.85], [-0.12, 0.85]])
    parts["concrete"].sweep(foot, profile)
    parts["railing"].beams(foot + vec(0, 0, 0.8), foot + vec(0, 0, 1.1), 0.08, 0.08)
    rail(parts, foot, 1.14, 0.09)


def net(parts: Parts, foot: Floats) -> None:
    """Add wires between posts that lean outwards a little."""
    out = vec(0, float(np.sign(foot[0, 1])) * 0.15, 1.25)
    parts["railing"].beams(foot - vec(0, 0, 0.05), foot + out, 0.07, 0.05)
    for share in np.linspace(0.15, 0.9, 7):
        parts["railing"].sweep(foot + out * share, rectangle(0.025, 0.025))
    parts["wood"].sweep(foot + out, rectangle(0.13, 0.07, top=0.05))


def add_lamps(
    parts: Parts, plan: BridgePlan, spacing: float = 32.0, from_middle: float = 0.0
) -> None:
    """Add the lamps of the plan's style on the road, none nearer to the middle than told."""
    step = min(spacing, 18.0) if plan.lamps == "lanterns" else spacing
    x = stations(-plan.length / 2 + 6, plan.length / 2 - 6, step)
    x = x[np.abs(x) >= from_middle]
    if plan.lamps == "masts":
        add_masts(parts, plan, x)
    elif plan.lamps == "lanterns":
        add_lanterns(parts, plan, x)


def add_masts(parts: Parts, plan: BridgePlan, x: Floats) -> None:
    """Add tall lamps with arms over the road: left and right in turn, or both in the middle."""
    free = plan.pylon not in ("single", "leaning mast", "middle posts")
    if plan.width > WIDE and free and plan.seed // 20 % 2 == 0:
        away = np.abs(x[:, None] - np.array(plan.stations)).min(axis=1)
        add_double_masts(parts, plan, x[away > 6])
        return
    side = np.where(np.arange(len(x)) % 2 == 0, -1, 1) * (plan.width / 2 - 0.55)
    foot = np.stack([x, side, road(plan, x)], axis=1)
    top = foot + vec(0, 0, 7.5)
    head: Floats = top - np.sign(side)[:, None] * Y_AXIS * 1.3 + vec(0, 0, 0.25)
    parts["railing"].tubes(foot, top + vec(0, 0, 0.05), 0.09)
    parts["railing"].tubes(top, head, 0.06)
    for place in head:
        parts["lamp"].box(place - vec(0, 0, 0.05), [0.34, 0.75, 0.16])


def add_double_masts(parts: Parts, plan: BridgePlan, x: Floats) -> None:
    """Add tall lamps with two arms between the carriageways."""
    foot = np.stack([x, 0 * x, road(plan, x) - 0.05], axis=1)
    top = foot + vec(0, 0, 9.5)
    parts["railing"].tubes(foot, top, 0.11)
    for y in (-1.9, 1.9):
        head = top + vec(0, y, 0.3)
        parts["railing"].tubes(top - vec(0, 0, 0.05), head, 0.06)
        for place in head:
            parts["lamp"].box(place - vec(0, 0, 0.06), [0.34, 0.8, 0.16])


def add_lanterns(parts: Parts, plan: BridgePlan, x: Floats, lift: float = 0.0) -> None:
    """Add low lamps with a lantern on top, in pairs."""
    for y in (-plan.width / 2 + 0.35, plan.width / 2 - 0.35):
        foot = np.stack([x, np.full_like(x, y), road(plan, x) + lift], axis=1)
        high = foot + vec(0, 0, 3.6)
        parts["railing"].tubes(foot - vec(0, 0, 0.05), high, 0.07)
        parts["railing"].tubes(foot, foot + vec(0, 0, 0.8), 0.12)
        for place in high:
            parts["lamp"].box(place + vec(0, 0, 0.25), [0.36, 0.36, 0.52])
            parts["railing"].box(place + vec(0, 0, 0.55), [0.48, 0.48, 0.1])
