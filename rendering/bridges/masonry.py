"""Stone and brick: arch bridges, viaducts and aqueducts."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from itertools import pairwise

import numpy as np

from rendering.bridges.common import (
    FOUNDATION,
    Bridge,
    Ground,
    add_abutments,
    add_strip,
    deck_line,
    lowest,
    road,
)
from rendering.bridges.fittings import add_lamps
from rendering.mesh import Floats, Parts, rectangle, vec
from rendering.plan import BridgePlan

PARAPET = 1.1


def pier_width(plan: BridgePlan) -> float:
    """Return the thickness of the piers between two arches."""
    return plan.span / (5 if plan.type == "stone arch" else 6)


def springing(plan: BridgePlan) -> float:
    """Return the height at which the arches below the road begin."""
    rise = plan.rise * (plan.span - pier_width(plan)) / plan.span
    return plan.clearance - plan.depth - 0.35 - rise


def arc(clear: float, rise: float, count: int = 33) -> Floats:
    """Return (x, z) along a circular arch that springs from z = 0."""
    radius = (clear**2 / 4 + rise**2) / (2 * rise)
    half = np.arctan2(clear / 2, radius - rise)
    angle = np.linspace(-half, half, count)
    return np.stack([radius * np.sin(angle), radius * np.cos(angle) - (radius - rise)], axis=1)


def add_arcade(
    parts: Parts,
    edges: Floats,
    width: float,
    pier: float,
    spring: float,
    rise: float,
    thick: float,
    top: Floats,
) -> Floats:
    """Add a row of arches with the wall above them; `top` gives (x, z) of the wall's upper edge."""
    crowns: list[Floats] = []
    for left, right in pairwise(edges):
        curve = arc(right - left - pier, rise) + vec((left + right) / 2, spring)
        add_wall(parts, curve, width, top)
        add_voussoirs(parts, curve, (left + right) / 2, spring, width, thick)
        crowns.append(curve)
    for x in edges:
        ends = np.array([[x - pier / 2 - 0.01, spring], [x + pier / 2 + 0.01, spring]])
        add_wall(parts, ends, width, top)
    return np.concatenate(crowns)


def add_wall(
    parts: Parts, curve: Floats, width: float, top: Floats, material: str = "stone"
) -> None:
    """Fill the space between a lower curve and the wall's upper edge, through the whole width."""
    x, low = curve.T
    high = np.interp(x, top[:, 0], top[:, 1])
    half = np.full_like(x, width / 2)
    ring = [(x, -half, low), (x, half, low), (x, half, high), (x, -half, high)]
    parts[material].loft(np.stack([np.stack(corner, axis=1) for corner in ring], axis=1))


def add_voussoirs(
    parts: Parts, curve: Floats, middle: float, spring: float, width: float, thick: float
) -> None:
    """Add the ring of wedge stones with open joints, each a little proud of the wall."""
    outward = curve - [middle, spring - 0.6 * np.ptp(curve[:, 0])]
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    lines = [curve - outward * 0.04, curve + outward * thick]
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    many = 2 * max(4, round(run[-1] / max(0.55, thick * 0.8) / 2)) + 1
    joint = 0.025 / run[-1] * many
    for index in range(many):
        key = index == many // 2
        at = (index + np.array([joint, 1 - joint])) / many * run[-1]
        low, high = (
            np.stack([np.interp(at, run, line[:, k]) for k in (0, 1)], axis=1) for line in lines
        )
        high = high + (high - low) * (0.22 if key else 0.07 * (index % 2))
        half = width / 2 + (0.2 if key else 0.09 + 0.025 * (index % 2))
        ring = [(low, -half), (low, half), (high, half), (high, -half)]
        corners = [np.insert(line, 1, y, axis=1) for line, y in ring]
        parts["voussoir"].loft(np.stack(corners, axis=1))


def add_parapets(parts: Parts, plan: BridgePlan, line: Floats) -> None:
    """Add a solid parapet with coping and a string course on both sides."""
    for side in (-1, 1):
        y = side * (plan.width / 2 - 0.2)
        parts["stone"].sweep(line, rectangle(0.4, PARAPET, top=PARAPET) + vec(y, 0))
        parts["voussoir"].sweep(line, rectangle(0.56, 0.2, top=PARAPET + 0.2) + vec(y, 0))
        parts["voussoir"].sweep(line, rectangle(0.5, 0.25, top=0.05) + vec(y + side * 0.1, 0))


def add_stone_pier(
    parts: Parts, ground: Ground, x: float, top: float, thick: float, width: float, batter: float
) -> None:
    """Stand a pier that widens downwards, with pointed cutwaters where it meets water."""
    foot = lowest(ground, x, width)
    spread = batter * (top - foot)
    rings = []
    for z, grow in ((foot, spread), (top, 0.0)):
        a, b = thick / 2 + grow, width / 2 + grow
        rings.append([[x - a, -b, z], [x + a, -b, z], [x + a, b, z], [x - a, b, z]])
    parts["stone"].loft(np.array(rings))
    parts["voussoir"].box([x, 0, top], [thick + 0.5, width + 0.5, 0.45])
    if foot < -FOUNDATION - 0.3:
        add_cutwater(parts, x, foot, min(top - 0.4, 3.5), thick + spread, width + 2 * spread)


def add_cutwater(
    parts: Parts, x: float, foot: float, top: float, thick: float, width: float
) -> None:
    """Add pointed noses up and down the stream."""
    half, nose = thick / 2, width / 2 + thick * 0.75
    outline = np.array([[-half, -width / 2], [0, -nose], [half, -width / 2]])
    outline = np.concatenate([outline, -outline])
    ring = np.insert(outline + vec(x, 0), 2, foot, axis=1)
    lid = np.insert(outline * 0.75 + [x, 0], 2, top + 0.9, axis=1)
    parts["stone"].loft(np.stack([ring, ring + vec(0, 0, top - foot), lid]))


def wall_top(plan: BridgePlan) -> Floats:
    """Return (x, z) of the road's line, along which the walls end."""
    x = np.linspace(-plan.length / 2 - 2, plan.length / 2 + 2, 101)
    return np.stack([x, road(plan, x)], axis=1)


def build_arch_bridge(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a road bridge of one or more segmental arches."""
    return build_row(plan, ground, "asphalt", 0.0)


def build_viaduct(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a railway viaduct of semicircular arches on tall piers."""
    return build_row(plan, ground, "ballast", 0.004 if "straight" in plan.variant else 0.022)


def build_row(plan: BridgePlan, ground: Ground, surface: str, batter: float) -> Bridge:
    """Build one tier of arches under a road or a track."""
    parts = Parts()
    line = deck_line(plan, 2.0)
    edges = np.array(plan.stations)
    pier, spring = pier_width(plan), springing(plan)
    rise = plan.rise * (plan.span - pier) / plan.span
    axis = add_arcade(
        parts, edges, plan.width, pier, spring, rise, plan.depth * 0.8, wall_top(plan)
    )
    for x in edges[1:-1]:
        add_stone_pier(parts, ground, float(x), spring, pier, plan.width, batter)
        if plan.variant == "banded piers":
            add_bands(parts, plan, ground, float(x), spring, batter)
    if plan.seed // 2 % 2:
        add_pilasters(parts, plan, edges[1:-1], spring)
    if surface == "asphalt":
        add_lamps(parts, plan, 14.0)
    finish(parts, plan, ground, line, surface)
    main = np.insert(axis, 1, 0.0, axis=1)
    return Bridge(parts.meshes(), line, main, features=main[16::33] + vec(0, plan.width / 2, 0))


def add_pilasters(parts: Parts, plan: BridgePlan, places: Floats, spring: float) -> None:
    """Continue the piers up to the parapet as flat pilasters with a cap."""
    wide = pier_width(plan) * 0.62
    for x in places:
        top = float(road(plan, np.array([x]))[0]) + PARAPET + 0.3
        for side in (-1, 1):
            y = side * (plan.width / 2 + 0.05)
            parts["stone"].box([x, y, (spring + top) / 2], [wide, 0.75, top - spring])
            parts["voussoir"].box([x, y, top], [wide + 0.25, 1.0, 0.3])


def add_bands(
    parts: Parts, plan: BridgePlan, ground: Ground, x: float, spring: float, batter: float
) -> None:
    """Bind a pier with courses of larger stones."""
    foot = lowest(ground, x, plan.width)
    for z in np.arange(spring - 6.0, max(foot + FOUNDATION, 0) + 3.0, -6.0):
        grow = 2 * batter * (spring - z) + 0.3
        size = [pier_width(plan) + grow, plan.width + grow, 0.6]
        parts["voussoir"].box([x, 0, z], size)


def build_aqueduct(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build one to three tiers of arches with a channel on top, each tier narrower."""
    parts = Parts()
    line = deck_line(plan, 2.0)
    edges = np.array(plan.stations)
    pier = pier_width(plan)
    tiers = {"one tier": 1, "two tiers": 2, "three tiers": 3}[plan.variant]
    crown, upper = plan.clearance, plan.width
    if tiers > 1:
        upper = plan.width * 0.8
        crown = add_small_tier(parts, plan, edges, upper)
    for tier in range(tiers - 1 if tiers > 1 else 1):
        low_rise = (plan.span - pier) / 2
        spring = crown - plan.depth - low_rise
        wide = plan.width * (1 + 0.16 * tier)
        top = np.array([[edges[0] - 2, crown], [edges[-1] + 2, crown]])
        axis = add_arcade(parts, edges, wide, pier, spring, low_rise, plan.depth * 0.8, top)
        if tiers > 1:
            parts["voussoir"].box([0, 0, crown], [plan.length, wide + 0.6, 0.4])
        crown = spring - plan.span * 0.12
        last = tier == max(tiers - 2, 0)
        for x in edges[1:-1]:
            if last:
                add_stone_pier(parts, ground, float(x), spring, pier, wide, 0.01)
            else:
                middle = (spring + crown) / 2
                parts["stone"].box([x, 0, middle], [pier, wide, spring - crown + 0.2])
        for x in edges[[0, -1]] if not last else ():
            middle = (spring + crown) / 2
            parts["stone"].box([x, 0, middle], [pier, wide, spring - crown + 0.2])
    parts["voussoir"].sweep(line, rectangle(upper + 0.5, 0.35, top=1.2))
    parts["stone"].sweep(line, rectangle(upper + 0.1, 1.2, top=1.0))
    add_abutments(parts, plan, ground, "stone")
    main = np.insert(axis, 1, 0.0, axis=1)
    return Bridge(parts.meshes(), line, main, features=main[16::33] + vec(0, plan.width / 2, 0))


def add_small_tier(parts: Parts, plan: BridgePlan, edges: Floats, width: float) -> float:
    """Add the upper tier of arches half as wide; return the height on which it stands."""
    small = np.linspace(edges[0], edges[-1], 2 * len(edges) - 1)
    slim = plan.span / 2 / 4
    rise = (plan.span / 2 - slim) / 2
    spring = plan.clearance - plan.depth * 0.7 - rise
    ledge = spring - plan.span * 0.16
    add_arcade(parts, small, width, slim, spring, rise, 0.5, wall_top(plan))
    for x in small:
        parts["stone"].box([x, 0, (ledge + spring) / 2], [slim, width, spring - ledge + 0.2])
    return ledge


def finish(parts: Parts, plan: BridgePlan, ground: Ground, line: Floats, surface: str) -> None:
    """Add the carriageway or the track, parapets and abutments."""
    half = plan.width / 2 - 0.4
    add_strip(parts, surface, line, -half, half, 0.04)
    if surface == "ballast":
        for y in (-0.75, 0.75):
            parts["rail"].sweep(line, rectangle(0.1, 0.2, top=0.3) + vec(y, 0))
        for x in np.arange(line[0, 0] + 1, line[-1, 0], 0.9):
            parts["wood"].box([x, 0, plan.clearance + 0.08], [0.3, 2.5, 0.14])
    add_parapets(parts, plan, line)
    add_abutments(parts, plan, ground, "stone")
