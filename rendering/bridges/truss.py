"""Through trusses: traffic runs inside a cage of steel."""

from itertools import pairwise

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_girders,
    add_lamps,
    add_road,
    lowest,
    road,
    road_at,
)
from rendering.bridges.masonry import add_stone_pier
from rendering.mesh import Floats, Parts, vec
from rendering.plan import BridgePlan


def build_truss(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a through truss for every main span, on stone piers."""
    parts = Parts()
    line = add_road(parts, plan, 0.3)
    add_girders(parts, plan, plan.depth * 0.5, "paint")
    places = plan.stations
    tops = [add_span(parts, plan, a, b) for a, b in pairwise(places)]
    for x in places[1:-1]:
        top = road_at(plan, x) - plan.depth - 0.4
        add_stone_pier(parts, ground, x, top, 2.6, plan.width + 1.2, 0.03)
    add_abutments(parts, plan, ground, "stone")
    if lowest(ground, 0.0, plan.width) < -5:
        add_lamps(parts, plan, 45.0)
    main = np.concatenate(tops)
    return Bridge(parts.meshes(), line, main, features=main[::3])


def panel_count(plan: BridgePlan) -> int:
    """Return an even number of panels, about as long as the truss is high."""
    return 2 * max(3, round(plan.span / plan.rise / 2 * 1.1))


def top_height(plan: BridgePlan, count: int) -> Floats:
    """Return the height of the upper chord above the road at every inner panel point."""
    place = np.linspace(-1, 1, count + 1)[1:-1]
    if plan.variant == "curved pratt":
        return plan.rise * (1.12 - 0.42 * place**2)
    return np.full(count - 1, plan.rise)


def add_span(parts: Parts, plan: BridgePlan, start: float, end: float) -> Floats:
    """Add both side trusses of one span and what ties them together; return the upper chord."""
    count = panel_count(plan)
    x = np.linspace(start + 0.6, end - 0.6, count + 1)
    high = top_height(plan, count)
    inner = x[1:-1]
    aside = plan.width / 2 + 0.5
    low = np.stack([x, np.zeros_like(x), road(plan, x) - 0.6], axis=1)
    top = np.stack([inner, np.zeros_like(inner), road(plan, inner) + high], axis=1)
    for y in (-aside, aside):
        add_side(parts, plan, low + vec(0, y, 0), top + vec(0, y, 0))
    add_ties(parts, plan, low, top, aside)
    return top


def add_side(parts: Parts, plan: BridgePlan, low: Floats, top: Floats) -> None:
    """Add chords, end posts and web members of one side."""
    steel = parts["paint"]
    heavy, light = plan.rise / 14, plan.rise / 22
    steel.beams(low[:-1], low[1:], heavy * 0.8, heavy)
    steel.beams(top[:-1], top[1:], heavy, heavy)
    steel.beams(low[[0, -1]], top[[0, -1]], heavy, heavy)
    inner, middle = low[1:-1], len(top) // 2
    if plan.variant == "warren":
        odd, even = top[::2], inner[1::2]
        steel.beams(odd[:-1], even, light, light)
        steel.beams(even, odd[1:], light, light)
        return
    steel.beams(inner, top, light, light)
    if plan.variant == "warren with verticals":
        steel.beams(top[:-1:2], inner[1::2], light, light)
        steel.beams(inner[1::2], top[2::2], light, light)
        return
    steel.beams(top[:middle], inner[1 : middle + 1], light, light * 0.7)
    steel.beams(top[middle + 1 :], inner[middle:-1], light, light * 0.7)


def add_ties(parts: Parts, plan: BridgePlan, low: Floats, top: Floats, aside: float) -> None:
    """Tie the sides together with floor beams, struts, wind bracing and portals."""
    steel, light = parts["paint"], plan.rise / 26
    left, right = np.array([0, -aside, 0]), np.array([0, aside, 0])
    steel.beams(low + left, low + right, 0.4, 0.9)
    steel.beams(top + left, top + right, light, light * 1.4)
    steel.beams(top[:-1] + left, top[1:] + right, light * 0.6, light * 0.6)
    steel.beams(top[:-1] + right, top[1:] + left, light * 0.6, light * 0.6)
    drop = np.array([0, 0, -min(1.2, plan.rise - 5.5)])
    steel.beams(top + left + drop, top + right + drop, light * 0.7, light * 0.7)
    steel.beams(top + left + drop * 1.6, top + drop * [0, 1, 1] + right * 0.6, light * 0.6, light)
    steel.beams(top + right + drop * 1.6, top + drop * [0, 1, 1] + left * 0.6, light * 0.6, light)
