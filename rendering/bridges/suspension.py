"""Suspension bridges: two towers, two parabolic cables and a stiffened deck."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from itertools import pairwise

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    deck_line,
    lowest,
    road,
    road_at,
    stations,
)
from rendering.bridges.fittings import add_joint, add_lamps, add_road
from rendering.bridges.pylons import add_leg, plinth
from rendering.mesh import Floats, Parts, rectangle, vec
from rendering.plan import BridgePlan

HANGER_STEP = 12.0


def build_suspension(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build towers, cables, hangers, deck and anchorages."""
    parts = Parts()
    line = add_road(parts, plan, 0.5)
    add_stiffening(parts, plan)
    aside = plan.width / 2 + 0.6
    cable = main_cable(plan)
    thick = plan.span / 1500 + 0.1
    hangers: list[Floats] = []
    for y in (-aside, aside):
        parts["cable"].tubes(cable[:-1] + vec(0, y, 0), cable[1:] + vec(0, y, 0), thick, 8)
        hangers.append(add_suspenders(parts, plan, cable, y))
    tops = [add_tower(parts, plan, ground, side * plan.span / 2, aside) for side in (-1, 1)]
    for side in (-1, 1):
        add_joint(parts, plan, side * plan.span / 2)
    add_anchorages(parts, plan, ground, cable, aside)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan, 60.0)
    middle = cable[np.abs(cable[:, 0]) <= plan.span / 2 + 0.01]
    return Bridge(parts.meshes(), line, middle, np.concatenate(hangers), np.concatenate(tops))


def tower_top(plan: BridgePlan) -> float:
    """Return the height of the saddles: the sag, and what the cable keeps above the crest."""
    return road_at(plan, 0.0) + 2.5 + plan.rise


def main_cable(plan: BridgePlan) -> Floats:
    """Return the cable's line from anchorage to anchorage."""
    half, top = plan.span / 2, tower_top(plan)
    x = np.linspace(-half, half, 81)
    middle = np.stack([x, 0 * x, top - plan.rise * (1 - (x / half) ** 2)], axis=1)
    end = plan.length / 2
    t = np.linspace(0, 1, 17)[:-1]
    low = road_at(plan, end) + 1.0
    drop = plan.rise * (1 - half / end) * 0.35
    side = np.stack([-end + (end - half) * t, 0 * t, low + (top - low) * t], axis=1)
    side[:, 2] -= 4 * drop * t * (1 - t)
    return np.concatenate([side, middle, side[::-1] * [-1, 1, 1]])


def add_stiffening(parts: Parts, plan: BridgePlan) -> None:
    """Stiffen the deck with a streamlined box or with trusses at both edges."""
    line = deck_line(plan, 6.0)
    deep = max(plan.depth, 2.6)
    if plan.variant == "box deck":
        half = plan.width / 2
        shape = [[-half * 0.6, -deep], [half * 0.6, -deep], [half + 0.9, -0.9], [half, -0.4]]
        parts["paint"].sweep(line, np.array([*shape, [-half, -0.4], [-half - 0.9, -0.9]]))
        return
    deep *= 1.7
    x = stations(-plan.length / 2, plan.length / 2, deep * 1.3)
    for y in (-plan.width / 2, plan.width / 2):
        high = np.stack([x, np.full_like(x, y), road(plan, x) - 0.5], axis=1)
        low = high - [0, 0, deep]
        for chord in (high, low):
            parts["paint"].sweep(chord, rectangle(0.7, 0.7, top=0.35))
        even, odd = low[::2], high[1::2]
        count = min(len(even), len(odd))
        parts["paint"].beams(even[:count], odd[:count], 0.35, 0.35)
        parts["paint"].beams(odd[: len(even) - 1], even[1:][: len(odd)], 0.35, 0.35)
        parts["paint"].beams(low, high, 0.25, 0.25)
    left = np.stack([x, np.full_like(x, -plan.width / 2), road(plan, x) - 0.5 - deep], axis=1)
    right = left + vec(0, plan.width, 0)
    parts["paint"].beams(left, right, 0.5, 0.6)
    parts["paint"].beams(left[:-1], right[1:], 0.35, 0.35)


def add_suspenders(parts: Parts, plan: BridgePlan, cable: Floats, y: float) -> Floats:
    """Hang the deck from one cable; return deck end and cable end of every hanger."""
    x = stations(-plan.length / 2, plan.length / 2, HANGER_STEP)
    z = np.interp(x, cable[:, 0], cable[:, 2])
    low = road(plan, x) - 0.3
    used = (z - low > 2.0) & (np.abs(np.abs(x) - plan.span / 2) > HANGER_STEP / 2)
    foot = np.stack([x, np.full_like(x, y), low], axis=1)[used]
    top = np.stack([x, np.full_like(x, y), z], axis=1)[used]
    parts["cable"].tubes(foot, top, 0.06 + plan.span / 9000, 5)
    for place in foot:
        parts["paint"].box(place - vec(0, np.sign(y) * 0.4, 0.1), [0.7, 1.1, 0.5])
    for place in top:
        parts["cable"].box(place, [0.8, plan.span / 700 + 0.3, plan.span / 700 + 0.3])
    return np.stack([foot, top], axis=1)


def add_tower(parts: Parts, plan: BridgePlan, ground: Ground, x: float, aside: float) -> Floats:
    """Stand one tower: two tapering legs with portals, crosses or a pointed arch between them."""
    top = tower_top(plan)
    wide = plan.span / 75 + 1.5
    foot = lowest(ground, x, plan.width)
    stone = plan.pylon == "stone towers"
    material = {"portal towers": "concrete", "stone towers": "stone"}.get(plan.pylon, "paint")
    floor = plinth(parts, ground, x, aside, wide, "stone" if stone else "concrete")
    steps = 3 if "deco" in plan.pylon else 1
    for y in (-aside, aside):
        for step in range(steps):
            high = top + 1.5 - (top - foot) * 0.24 * step
            grow = 1 + 0.18 * step + 0.7 * stone
            ends = np.array([[x, y, floor - 0.5], [x, y, high]])
            size = np.array([[1.25], [0.85]]) * wide * grow
            add_leg(parts, material, ends, size, size * 0.7)
        parts["concrete"].box([x, y, top + 1.6], [wide * 1.1, wide * 0.7, 1.2])
        parts["beacon"].box([x, y, top + 2.5], [0.6, 0.6, 0.8])
    if stone:
        add_pointed_wall(parts, plan, x, aside, wide)
    else:
        add_portals(parts, plan, material, x, aside, wide)
    return np.array([[x, -aside, top], [x, aside, top]])


def add_portals(
    parts: Parts, plan: BridgePlan, material: str, x: float, aside: float, wide: float
) -> None:
    """Join a tower's legs above and below the road."""
    deck, top = road_at(plan, x), tower_top(plan)
    levels = np.linspace(deck + 9, top - 1, 4)
    heavy = plan.pylon == "portal towers"
    thick = wide * (1.0 if heavy else 0.6)
    under = deck - max(plan.depth, 2.6) * (1.0 if plan.variant == "box deck" else 1.7) - 0.8
    for z in [under - thick / 2, *(levels[[1, 3]] if heavy else levels)]:
        parts[material].box([x, 0, z], [wide * 0.7, 2 * aside, thick])
    parts["railing"].box([x, 0, under + 0.15], [1.2, aside, 0.9])
    if plan.pylon == "braced towers":
        for low, high in pairwise(levels):
            for sign in (-1, 1):
                ends = [[x, -sign * aside, low], [x, sign * aside, high]]
                parts[material].beams(ends[0], ends[1], wide * 0.3, wide * 0.3)


def add_pointed_wall(parts: Parts, plan: BridgePlan, x: float, aside: float, wide: float) -> None:
    """Close a stone tower above a pointed opening, and join its legs under the road."""
    deck, top = road_at(plan, x), tower_top(plan)
    y = np.linspace(-aside, aside, 25)
    rise = min((top - deck) * 0.35, aside * 1.7)
    spring = max(deck + 8.0, top - rise - (top - deck) * 0.2)
    low = spring + rise * (1 - (np.abs(y) / aside) ** 1.5)
    half = wide * 0.7
    low = np.minimum(low, top - 2.0)
    ring = [(-half, low), (half, low), (half, np.full_like(y, top)), (-half, np.full_like(y, top))]
    rings = np.stack([np.stack([x + s + 0 * y, y, z], axis=1) for s, z in ring], axis=1)
    parts["stone"].loft(rings)
    parts["voussoir"].box([x, 0, top + 0.5], [wide * 2.2, 2 * aside + wide * 1.6, 1.2])
    under = deck - max(plan.depth, 2.6) * 1.7 - 1.2
    parts["stone"].box([x, 0, under - 1.5], [wide * 1.4, 2 * aside, 3.0])
    parts["railing"].box([x, 0, under + 0.35], [1.2, aside, 1.0])


def add_anchorages(
    parts: Parts, plan: BridgePlan, ground: Ground, cable: Floats, aside: float
) -> None:
    """Hold the cables' ends in blocks that slope with the cable."""
    for side in (-1, 1):
        x = side * (plan.length / 2 + 7)
        foot = lowest(ground, x, plan.width)
        top = float(cable[0, 2]) + 2.0
        for y in (-aside - 1.5, aside + 1.5):
            profile = [[-9, foot], [-9, top], [3, top - 1], [9, top - 7], [9, foot]]
            points = np.array(profile)
            ring = np.stack([x + side * points[:, 0], 0 * points[:, 0] + y, points[:, 1]], axis=1)
            parts["concrete"].loft(np.stack([ring + vec(0, -2.2, 0), ring + vec(0, 2.2, 0)]))
