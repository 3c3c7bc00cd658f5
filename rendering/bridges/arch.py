"""Arches of steel and concrete, above the road and below it."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_approach_piers,
    add_girders,
    add_lamps,
    add_pier,
    add_road,
    lowest,
    parabola,
    rib,
    road,
    road_at,
    stations,
)
from rendering.mesh import Floats, Parts, vec
from rendering.plan import BridgePlan

HEADROOM = 6.5  # metres that bracing keeps free above the road


def build_through(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build two ribs above the road, tied by the deck and hung with cables."""
    parts = Parts()
    line = add_road(parts, plan, 0.35)
    add_girders(parts, plan, plan.depth * 0.8, "paint")
    lean = 0.17 if plan.variant == "inclined ribs" else 0.0
    left, right = tied_ribs(parts, plan, lean, plan.span / 75)
    hangers = add_hangers(parts, plan, left, right)
    add_bracing(parts, plan, left, right)
    for x in (-plan.span / 2, plan.span / 2):
        add_pier(parts, plan, ground, x, road_at(plan, x) - plan.depth, 3.2, "wall")
    add_approach_piers(parts, plan, ground, plan.depth)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    return Bridge(parts.meshes(), line, (left + right) / 2, hangers, left[[0, 15, 30, 45, 60]])


def build_footbridge(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a slender tied arch with a timber deck for people on foot."""
    parts = Parts()
    line = add_road(parts, plan, 0.2, "wood")
    add_girders(parts, plan, max(plan.depth * 0.8, 0.4), "paint")
    left, right = tied_ribs(parts, plan, 0.3 if plan.variant == "leaning arch" else 0.0, 0.55)
    hangers = add_hangers(parts, plan, left, right)
    for index in range(12, 49, 6):
        if left[index, 2] - road_at(plan, left[index, 0]) > 3.0:
            parts["paint"].tubes(left[index], right[index], 0.12, 8)
    add_abutments(parts, plan, ground, "concrete")
    return Bridge(parts.meshes(), line, (left + right) / 2, hangers, left[[0, 15, 30, 45]])


def tied_ribs(parts: Parts, plan: BridgePlan, lean: float, thick: float) -> tuple[Floats, Floats]:
    """Add the ribs of a tied arch; with `lean` they approach each other at the crown."""
    axis = parabola(plan.span, plan.rise, road_at(plan, plan.span / 2))
    aside = plan.width / 2 + thick * 0.6 - lean * (axis[:, 2] - axis[0, 2])
    aside = np.maximum(aside, plan.width * 0.2)
    ribs = [axis + np.stack([0 * aside, sign * aside, 0 * aside], axis=1) for sign in (-1, 1)]
    for side in ribs:
        rib(parts, "paint", side, thick * 0.8, np.linspace(1.3, 1.0, 31)[mirror(61)] * thick)
    return ribs[0], ribs[1]


def mirror(count: int) -> list[int]:
    """Return indices that run up to the middle and back."""
    half = count // 2
    return [*range(half + 1), *range(half - 1, -1, -1)]


def add_hangers(parts: Parts, plan: BridgePlan, left: Floats, right: Floats) -> Floats:
    """Hang the deck from both ribs, upright or crossing; return deck and rib ends."""
    ends: list[Floats] = []
    many = max(8, min(22, round(plan.span / 8)))
    low = np.linspace(-plan.span / 2, plan.span / 2, many + 2)[1:-1]
    lean = plan.rise * 0.42 if plan.variant == "network hangers" else 0.0
    for line in (left, right):
        for shift in (-lean, lean) if lean else (0.0,):
            x = np.clip(low + shift, -plan.span * 0.47, plan.span * 0.47)
            top = np.stack([np.interp(x, line[:, 0], line[:, axis]) for axis in range(3)], axis=1)
            edge = np.sign(line[30, 1]) * plan.width / 2
            foot = np.stack([low, np.full_like(low, edge), road(plan, low)], axis=1)
            parts["cable"].tubes(foot, top, 0.05 + plan.span / 4000)
            ends.append(np.stack([foot, top], axis=1))
    return np.concatenate(ends)


def add_bracing(parts: Parts, plan: BridgePlan, left: Floats, right: Floats) -> None:
    """Brace the ribs against each other where traffic has room below."""
    index = np.linspace(0, 60, 13).round().astype(int)
    high = [i for i in index if left[i, 2] - road_at(plan, left[i, 0]) > HEADROOM]
    size = plan.span / 180
    parts["paint"].beams(left[high], right[high], size, size * 1.3)
    parts["paint"].beams(left[high[:-1]], right[high[1:]], size * 0.6, size * 0.6)
    parts["paint"].beams(right[high[:-1]], left[high[1:]], size * 0.6, size * 0.6)


def springing(plan: BridgePlan) -> float:
    """Return the height at which a deck arch leaves its foundations."""
    return plan.clearance - plan.depth - plan.span / 45 - plan.rise


def build_steel_deck(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build steel ribs, solid or trussed, that carry the road on columns."""
    return build_deck_arch(plan, ground, "paint", plan.variant == "trussed rib", 2)


def build_concrete_deck(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build concrete ribs that carry the road on slender walls."""
    return build_deck_arch(plan, ground, "concrete", False, 1 if "single" in plan.variant else 2)


def build_deck_arch(
    plan: BridgePlan, ground: Ground, material: str, trussed: bool, ribs: int
) -> Bridge:
    """Build an arch below the road with columns between them."""
    parts = Parts()
    line = add_road(parts, plan, 0.35)
    add_girders(parts, plan, plan.depth * 0.6, material)
    axis = parabola(plan.span, plan.rise, springing(plan))
    places = [-plan.width * 0.33, plan.width * 0.33] if ribs == 2 else [0.0]
    wide = plan.span / 85 if ribs == 2 else plan.width * 0.55
    for y in places:
        add_rib(parts, material, axis + vec(0, y, 0), wide, plan.span / 55, trussed)
    add_columns(parts, plan, material, axis, places, wide)
    if ribs == 2:
        add_struts(parts, material, axis, places, plan.span / 140)
    add_skewbacks(parts, plan, ground)
    add_approach_piers(parts, plan, ground, plan.depth)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    return Bridge(parts.meshes(), line, axis, features=axis[[4, 15, 30, 45, 56]])


def add_rib(
    parts: Parts, material: str, axis: Floats, wide: float, thick: float, trussed: bool
) -> None:
    """Add one rib; a trussed one has two chords with a zigzag between them."""
    if not trussed:
        rib(parts, material, axis, wide, np.linspace(1.5, 1.0, 31)[mirror(61)] * thick)
        return
    lift = np.linspace(1.6, 0.9, 31)[mirror(61)][:, None] * thick * np.array([0, 0, 1.0])
    upper, lower = axis + lift, axis - lift
    rib(parts, material, upper, wide, thick * 0.35)
    rib(parts, material, lower, wide, thick * 0.35)
    parts[material].beams(lower[0:-2:2], upper[1:-1:2], wide * 0.35, thick * 0.14)
    parts[material].beams(upper[1:-1:2], lower[2::2], wide * 0.35, thick * 0.14)


def add_columns(
    parts: Parts, plan: BridgePlan, material: str, axis: Floats, places: list[float], wide: float
) -> None:
    """Stand columns on the ribs at equal steps, where there is room for them."""
    for x in stations(-plan.span / 2, plan.span / 2, plan.span / 12)[1:-1]:
        low = float(np.interp(x, axis[:, 0], axis[:, 2]))
        high = road_at(plan, x) - plan.depth * 0.6
        for y in places:
            thick = max(0.5, plan.span / 170)
            across = wide if len(places) == 1 else wide * 0.75
            size = [thick, across, high - low]
            parts[material].box([x, y, (low + high) / 2], size)
        beam = [max(0.6, plan.span / 150), plan.width * 0.84, 0.8]
        parts[material].box([x, 0, high - 0.2], beam)


def add_struts(parts: Parts, material: str, axis: Floats, places: list[float], size: float) -> None:
    """Brace two ribs against each other, straight and crosswise."""
    index = np.linspace(3, 57, 13).round().astype(int)
    left, right = axis[index] + [0, places[0], 0], axis[index] + [0, places[1], 0]
    parts[material].beams(left, right, size, size)
    if material == "paint":
        parts[material].beams(left[:-1], right[1:], size * 0.5, size * 0.5)
        parts[material].beams(right[:-1], left[1:], size * 0.5, size * 0.5)


def add_skewbacks(parts: Parts, plan: BridgePlan, ground: Ground) -> None:
    """Set the foundations of a deck arch, and a pier upon each."""
    for side in (-1, 1):
        x = side * plan.span / 2
        foot = lowest(ground, x, plan.width)
        top = springing(plan) + plan.span / 40
        size = [plan.span / 18, plan.width * 1.0, top - foot]
        parts["concrete"].box([x + side * plan.span / 60, 0, (top + foot) / 2], size)
        pier = x + side * plan.span / 50
        add_pier(parts, plan, ground, pier, road_at(plan, x) - plan.depth * 0.6, plan.span / 70)
