"""Arches of steel and concrete: above the road, through it and below it."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from itertools import pairwise

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_girders,
    girder_places,
    girder_soffit,
    lowest,
    parabola,
    rib,
    road,
    road_at,
    stations,
)
from rendering.bridges.fittings import add_joint, add_lamps, add_road
from rendering.bridges.masonry import add_wall, arc
from rendering.bridges.piers import add_approach_piers, add_support
from rendering.mesh import Floats, Parts, vec
from rendering.plan import DECK_SHARE, BridgePlan

HEADROOM = 6.5  # metres that bracing keeps free above the road
LEAST_HANGER = 1.6
DEEPEST_TIE = 2.6


def build_through(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build two ribs above the road, tied by the deck and hung with cables."""
    parts = Parts()
    line = add_road(parts, plan, 0.35)
    add_girders(parts, plan, tie_depth(plan), "paint")
    lean = 0.17 if plan.variant == "inclined ribs" else 0.0
    thick = plan.span / 75
    left, right = add_ribs(parts, plan, tied_axis(plan), lean, thick)
    lift = plan.rise * 0.42 if plan.variant == "network hangers" else 0.0
    hangers = add_hangers(parts, plan, left, right, lift)
    add_bracing(parts, plan, left, right)
    for x in (-plan.span / 2, plan.span / 2):
        low = girder_soffit(plan, x, tie_depth(plan))
        places = np.array([left[0, 1], -plan.width * 0.2, plan.width * 0.2, right[0, 1]])
        style = plan.pier if plan.pier != "hammerhead" else "wall"
        add_support(parts, plan, ground, x, low, 3.2, places, style)
        add_end_beam(parts, plan, x, float(right[0, 1]), thick)
        add_joint(parts, plan, x)
    add_approach_piers(parts, plan, ground, tie_depth(plan))
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    return Bridge(parts.meshes(), line, (left + right) / 2, hangers, left[[0, 15, 30, 45, 60]])


def add_end_beam(parts: Parts, plan: BridgePlan, x: float, aside: float, thick: float) -> None:
    """Join the ribs' feet under the road and set each on the pier."""
    low = girder_soffit(plan, x, tie_depth(plan))
    high = road_at(plan, x) - 0.32
    parts["paint"].box([x, 0, (low + high) / 2], [1.2, 2 * aside, high - low])
    for y in (-aside, aside):
        parts["paint"].box([x, y, (low + high + 0.6) / 2], [2.0, thick, high + 0.6 - low])


def tie_depth(plan: BridgePlan) -> float:
    """Return the depth of the girders under a through arch's road."""
    return min(plan.depth * 0.8, DEEPEST_TIE)


def tied_axis(plan: BridgePlan) -> Floats:
    """Return the axis of an arch that springs from the road."""
    return parabola(plan.span, plan.rise, road_at(plan, plan.span / 2))


def add_ribs(
    parts: Parts, plan: BridgePlan, axis: Floats, lean: float, thick: float
) -> tuple[Floats, Floats]:
    """Add both ribs beside the road; with `lean` they approach each other at the crown."""
    aside = plan.width / 2 + thick * 0.6 - lean * np.maximum(axis[:, 2] - road(plan, axis[:, 0]), 0)
    aside = np.maximum(aside, plan.width * 0.2)
    material = "concrete" if plan.variant == "concrete ribs" else "paint"
    ribs = [axis + np.stack([0 * aside, sign * aside, 0 * aside], axis=1) for sign in (-1, 1)]
    for side in ribs:
        spread = (0.3, 1.5) if plan.type == "through arch" else (1.6, 0.9)
        trussed = plan.variant == "trussed ribs"
        add_rib(parts, material, side, thick * 0.8, thick, trussed, spread)
    return ribs[0], ribs[1]


def mirror(count: int) -> list[int]:
    """Return indices that run up to the middle and back."""
    half = count // 2
    return [*range(half + 1), *range(half - 1, -1, -1)]


def add_hangers(
    parts: Parts, plan: BridgePlan, left: Floats, right: Floats, lean: float = 0.0
) -> Floats:
    """Hang the deck from both ribs, upright or crossing; return deck and rib ends."""
    ends: list[Floats] = []
    many = max(6, min(26, round(plan.span / 8)))
    low = np.linspace(-plan.span / 2, plan.span / 2, many + 2)[1:-1]
    for line in (left, right):
        high = np.interp(low, line[:, 0], line[:, 2]) - road(plan, low)
        used = low[high > LEAST_HANGER]
        for shift in (-lean, lean) if lean else (0.0,):
            x = np.clip(used + shift, -plan.span * 0.47, plan.span * 0.47)
            top = np.stack([np.interp(x, line[:, 0], line[:, axis]) for axis in range(3)], axis=1)
            edge = np.full_like(used, np.sign(line[30, 1]) * plan.width / 2)
            foot = np.stack([used, edge, road(plan, used)], axis=1)
            parts["cable"].tubes(foot, top, 0.05 + plan.span / 4000)
            for place in foot:
                parts["paint"].box(place, [0.5, 0.3, 0.7])
            ends.append(np.stack([foot, top], axis=1))
    return np.concatenate(ends)


def add_bracing(parts: Parts, plan: BridgePlan, left: Floats, right: Floats) -> None:
    """Brace the ribs against each other where traffic has room below."""
    rng = np.random.default_rng([plan.seed, 3])
    index = np.linspace(0, 60, int(rng.choice([9, 13, 17]))).round().astype(int)
    high = [i for i in index if left[i, 2] - road_at(plan, left[i, 0]) > HEADROOM]
    size = plan.span / 180
    parts["paint"].beams(left[high], right[high], size, size * 1.3)
    if rng.random() < 0.35:
        return
    parts["paint"].beams(left[high[:-1]], right[high[1:]], size * 0.6, size * 0.6)
    parts["paint"].beams(right[high[:-1]], left[high[1:]], size * 0.6, size * 0.6)


def build_half_through(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build ribs that rise from the banks through the deck: columns below it, hangers above."""
    parts = Parts()
    line = add_road(parts, plan, 0.35)
    depth = plan.depth * 0.7
    add_girders(parts, plan, depth, "paint")
    thick = plan.span / 62
    axis = parabola(plan.span, plan.rise, half_springing(plan))
    left, right = add_ribs(parts, plan, axis, 0.0, thick)
    hangers = add_hangers(parts, plan, left, right)
    add_bracing(parts, plan, left, right)
    add_cross_beams(parts, plan, axis, float(right[0, 1]), depth)
    foundations(parts, plan, ground, half_springing(plan), depth, float(right[0, 1]) + thick)
    add_approach_piers(parts, plan, ground, depth)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    return Bridge(parts.meshes(), line, (left + right) / 2, hangers, left[[2, 15, 30, 45, 58]])


def half_springing(plan: BridgePlan) -> float:
    """Return the height at which a half-through arch leaves its foundations."""
    return road_at(plan, plan.span / 2) - DECK_SHARE * plan.rise


def add_cross_beams(
    parts: Parts, plan: BridgePlan, axis: Floats, aside: float, depth: float
) -> None:
    """Carry the deck on beams from rib to rib, and on columns where the ribs are below it."""
    material = "concrete" if plan.variant == "concrete ribs" else "paint"
    many = max(6, min(26, round(plan.span / 8)))
    for x in np.linspace(-plan.span / 2, plan.span / 2, many + 2)[1:-1]:
        deck = road_at(plan, float(x))
        high = deck - 0.3 - depth
        arch = float(np.interp(x, axis[:, 0], axis[:, 2]))
        parts["paint"].box([x, 0, high - 0.1], [0.6, 2 * aside, 0.9])
        size = max(0.6, plan.span / 190)
        for y in (-aside, aside) if arch < high else ():
            parts[material].box([x, y, (arch + high) / 2], [size, size, high - arch + 0.6])
        if deck < arch:
            for y in (-aside, aside):
                parts["paint"].box([x, y - np.sign(y) * 0.3, high + 0.5], [0.6, 0.9, 1.6])


def foundations(
    parts: Parts, plan: BridgePlan, ground: Ground, spring: float, depth: float, reach: float
) -> None:
    """Set the foundations of an arch, and a pier for the deck upon each."""
    for side in (-1, 1):
        x = side * plan.span / 2
        foot = lowest(ground, x, plan.width)
        top = spring + plan.span / 40
        long = plan.span / 18
        size = [long, 2 * reach + 0.6, top - foot]
        parts["concrete"].box([x + side * plan.span / 60, 0, (top + foot) / 2], size)
        pier = x + side * plan.span / 50
        low = girder_soffit(plan, pier, depth)
        add_support(parts, plan, ground, pier, low, plan.span / 70, girder_places(plan), "columns")
        add_joint(parts, plan, pier)


def springing(plan: BridgePlan) -> float:
    """Return the height at which a deck arch leaves its foundations."""
    return plan.clearance - plan.depth - plan.span / 45 - plan.rise


def reach_below(plan: BridgePlan, x: Floats) -> Floats:
    """Return how far arches and their foundations reach below the road, 0 for other bridges."""
    base = {"steel deck arch": springing, "concrete deck arch": springing}
    base["half-through arch"] = half_springing
    if plan.type not in base:
        return np.zeros_like(x)
    away = np.abs(x)
    thick = plan.span / (33 if "trussed" in plan.variant else 60) + 0.6
    axis = base[plan.type](plan) + plan.rise * (1 - np.minimum(2 * away / plan.span, 1.0) ** 2)
    beyond = np.maximum(away - plan.span / 2 - plan.span / 20, 0)
    return np.asarray(np.maximum(road(plan, x) - axis + thick - 1.2 * beyond, 0))


def build_steel_deck(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build steel ribs, solid or trussed, that carry the road on columns."""
    return build_deck_arch(plan, ground, "paint", plan.variant == "trussed rib", 2)


def build_concrete_deck(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build concrete ribs that carry the road on slender walls."""
    return build_deck_arch(plan, ground, "concrete", False, 2 if "twin" in plan.variant else 1)


def build_deck_arch(
    plan: BridgePlan, ground: Ground, material: str, trussed: bool, ribs: int
) -> Bridge:
    """Build an arch below the road with columns between them."""
    parts = Parts()
    line = add_road(parts, plan, 0.35)
    depth = plan.depth * 0.6
    add_girders(parts, plan, depth, material)
    axis = parabola(plan.span, plan.rise, springing(plan))
    places = [-plan.width * 0.33, plan.width * 0.33] if ribs == 2 else [0.0]
    wide = plan.span / 85 if ribs == 2 else plan.width * 0.62
    for y in places:
        add_rib(parts, material, axis + vec(0, y, 0), wide, plan.span / 55, trussed)
    if plan.variant == "spandrel arches":
        add_spandrels(parts, plan, axis, wide, depth)
    else:
        add_columns(parts, plan, material, axis, places, wide)
    if ribs == 2:
        add_struts(parts, material, axis, places, plan.span / 140)
    foundations(parts, plan, ground, springing(plan), depth, plan.width / 2)
    add_approach_piers(parts, plan, ground, depth)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    return Bridge(parts.meshes(), line, axis, features=axis[[4, 15, 30, 45, 56]])


def add_rib(
    parts: Parts,
    material: str,
    axis: Floats,
    wide: float,
    thick: float,
    trussed: bool,
    spread: tuple[float, float] = (1.6, 0.9),
) -> None:
    """Add one rib; a trussed one has two chords, spread at foot and crown as told, and a zigzag."""
    if not trussed:
        rib(parts, material, axis, wide, np.linspace(1.5, 1.0, 31)[mirror(61)] * thick)
        return
    lift = np.linspace(*spread, 31)[mirror(61)][:, None] * thick * np.array([0, 0, 1.0])
    upper, lower = axis + lift, axis - lift
    rib(parts, material, upper, wide, thick * 0.35)
    rib(parts, material, lower, wide, thick * 0.35)
    parts[material].beams(lower[0:-2:2], upper[1:-1:2], wide * 0.35, thick * 0.14)
    parts[material].beams(upper[1:-1:2], lower[2::2], wide * 0.35, thick * 0.14)
    parts[material].beams(lower[1:-1:2], upper[1:-1:2], wide * 0.35, thick * 0.14)


def add_columns(
    parts: Parts, plan: BridgePlan, material: str, axis: Floats, places: list[float], wide: float
) -> None:
    """Stand columns on the ribs at equal steps, where there is room for them."""
    step = plan.span / int(np.random.default_rng([plan.seed, 3]).integers(10, 15))
    for x in stations(-plan.span / 2, plan.span / 2, step)[1:-1]:
        low = float(np.interp(x, axis[:, 0], axis[:, 2]))
        high = girder_soffit(plan, float(x), plan.depth * 0.6)
        for y in places:
            thick = max(0.5, plan.span / 170)
            across = wide if len(places) == 1 else wide * 0.75
            size = [thick, across, max(high - low, 0.3)]
            parts[material].box([x, y, (low + high) / 2], size)
        beam = [max(0.6, plan.span / 150), plan.width * 0.86, 0.8]
        parts[material].box([x, 0, high - 0.2], beam)


def add_spandrels(parts: Parts, plan: BridgePlan, axis: Floats, wide: float, depth: float) -> None:
    """Carry the deck on walls joined by small arches, solid where the large arch is close."""
    xs = stations(-plan.span / 2, plan.span / 2, plan.span / 14)
    thick = max(0.7, plan.span / 130)
    top = np.stack([axis[:, 0], road(plan, axis[:, 0]) - 0.4 - depth * 0.5], axis=1)
    for a, b in pairwise(xs):
        inner = axis[(axis[:, 0] > a - 1e-6) & (axis[:, 0] < b + 1e-6)]
        clear = float(b - a) - thick
        room = girder_soffit(plan, float(a + b) / 2, depth) - float(inner[:, 2].max()) - 0.9
        if room < 1.5:
            add_wall(parts, inner[:, [0, 2]], wide, top, "concrete")
            continue
        rise = min(clear / 2, room * 0.8)
        crown = girder_soffit(plan, float(a + b) / 2, depth) - 0.3
        add_wall(parts, arc(clear, rise) + vec((a + b) / 2, crown - rise), wide, top, "concrete")
    for x in xs[1:-1]:
        low = float(np.interp(x, axis[:, 0], axis[:, 2]))
        high = road_at(plan, float(x)) - 0.4 - depth * 0.5
        parts["concrete"].box([x, 0, (low + high) / 2], [thick + 0.02, wide, max(high - low, 0.2)])


def add_struts(parts: Parts, material: str, axis: Floats, places: list[float], size: float) -> None:
    """Brace two ribs against each other, straight and crosswise."""
    index = np.linspace(3, 57, 13).round().astype(int)
    left, right = axis[index] + [0, places[0], 0], axis[index] + [0, places[1], 0]
    parts[material].beams(left, right, size, size)
    if material == "paint":
        parts[material].beams(left[:-1], right[1:], size * 0.5, size * 0.5)
        parts[material].beams(right[:-1], left[1:], size * 0.5, size * 0.5)
