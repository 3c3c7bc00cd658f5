"""Footbridges: arches, ribbons and cables on a small scale."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

import numpy as np

from rendering.bridges.arch import add_hangers, add_ribs, tied_axis
from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_girders,
    deck_line,
    lowest,
    parabola,
    rib,
    road,
    road_at,
    stations,
)
from rendering.bridges.fittings import add_lamps, add_walkway
from rendering.bridges.pylons import add_leg
from rendering.mesh import Floats, Parts, rectangle, vec
from rendering.plan import BridgePlan

NO_HANGERS = np.zeros((0, 2, 3))


def build_footbridge(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build the kind of footbridge that the plan names."""
    parts = Parts()
    makers = {
        "tied arch": tied_arch,
        "leaning arch": tied_arch,
        "stress ribbon": ribbon,
        "suspension": hung,
        "cable-stayed": stayed,
        "arch below": arch_below,
    }
    stone = plan.variant in ("stress ribbon", "arch below")
    add_walkway(parts, plan, 0.25, "concrete" if stone else "wood")
    main, hangers = makers[plan.variant](parts, plan, ground)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan, 16.0)
    features = main[:: max(1, len(main) // 4)]
    return Bridge(parts.meshes(), deck_line(plan, 2.0), main, hangers, features)


def tied_arch(parts: Parts, plan: BridgePlan, ground: Ground) -> tuple[Floats, Floats]:
    """Hang the deck from two slender ribs, upright or leaning together."""
    del ground  # the ribs end on the deck
    add_girders(parts, plan, max(plan.depth * 0.8, 0.4), "paint")
    lean = 0.3 if plan.variant == "leaning arch" else 0.0
    left, right = add_ribs(parts, plan, tied_axis(plan), lean, 0.55)
    hangers = add_hangers(parts, plan, left, right)
    for index in range(12, 49, 6):
        if left[index, 2] - road_at(plan, left[index, 0]) > 3.0:
            parts["paint"].tubes(left[index], right[index], 0.12, 8)
    add_feet(parts, plan, float(right[0, 1]))
    return (left + right) / 2, hangers


def add_feet(parts: Parts, plan: BridgePlan, aside: float) -> None:
    """Join the ribs' feet to the deck with a beam across."""
    for x in (-plan.span / 2 + 0.4, plan.span / 2 - 0.4):
        parts["paint"].box([x, 0, road_at(plan, x) - 0.3], [0.7, 2 * aside + 0.3, 0.5])


def ribbon(parts: Parts, plan: BridgePlan, ground: Ground) -> tuple[Floats, Floats]:
    """Let the deck itself hang between two anchor blocks, with joints between its planks."""
    line = deck_line(plan, 2.0)
    for y in (-plan.width * 0.3, plan.width * 0.3):
        parts["concrete"].sweep(line, rectangle(0.5, 0.2, top=-0.25) + vec(y, 0))
    for side in (-1, 1):
        x = side * (plan.span / 2 - 1.6)
        foot = lowest(ground, x, plan.width)
        top = road_at(plan, x) - 0.2
        outline = np.array([[-1.8, foot], [1.8, foot], [1.8, top], [-2.2, top - 0.2]])
        ring = np.stack([x + side * outline[:, 0], 0 * outline[:, 0], outline[:, 1]], axis=1)
        half = vec(0, plan.width / 2 + 0.1, 0)
        parts["concrete"].loft(np.stack([ring - half, ring + half]))
    return line, NO_HANGERS


def arch_below(parts: Parts, plan: BridgePlan, ground: Ground) -> tuple[Floats, Floats]:
    """Carry the deck on a flat concrete arch with a few thin walls."""
    reach = plan.span * 0.82
    crown = road_at(plan, 0.0) - 0.55
    axis = parabola(reach, plan.rise, crown - plan.rise)
    wide = plan.width * 0.7
    rib(parts, "concrete", axis, wide, 0.55)
    for x in stations(-reach / 2, reach / 2, reach / 14):
        low = float(np.interp(x, axis[:, 0], axis[:, 2]))
        high = road_at(plan, float(x)) - 0.2
        if high - low > 0.5:
            parts["concrete"].box([x, 0, (low + high) / 2], [0.3, wide, high - low])
    for side in (-1, 1):
        x = side * reach / 2
        foot = min(lowest(ground, x, plan.width), float(axis[0, 2]) - 2)
        top = float(axis[0, 2]) + 0.5
        parts["concrete"].box([x + side * 0.6, 0, (foot + top) / 2], [2.4, wide + 1, top - foot])
    return axis, NO_HANGERS


def hung(parts: Parts, plan: BridgePlan, ground: Ground) -> tuple[Floats, Floats]:
    """Hang the deck from two cables over light steel portals."""
    add_girders(parts, plan, 0.4, "paint")
    half, aside = plan.span / 2, plan.width / 2 + 0.5
    top = road_at(plan, 0.0) + 1.5 + plan.rise
    x = np.linspace(-half, half, 41)
    cable = np.stack([x, 0 * x, top - plan.rise * (1 - (x / half) ** 2)], axis=1)
    places = stations(-half, half, 3.0)[1:-1]
    made: list[Floats] = []
    for y in (-aside, aside):
        line = cable + vec(0, y, 0)
        parts["cable"].tubes(line[:-1], line[1:], 0.07, 6)
        foot = np.stack([places, np.full_like(places, y), road(plan, places) - 0.1], axis=1)
        high = foot.copy()
        high[:, 2] = np.interp(places, cable[:, 0], cable[:, 2])
        parts["cable"].tubes(foot, high, 0.025, 5)
        for place in foot:
            parts["paint"].box(place - vec(0, np.sign(y) * 0.35, 0.1), [0.2, 0.9, 0.16])
        made.append(np.stack([foot, high], axis=1))
    for side in (-1, 1):
        add_portal(parts, plan, ground, side, aside, top)
    return cable, np.concatenate(made)


def add_portal(
    parts: Parts, plan: BridgePlan, ground: Ground, side: int, aside: float, top: float
) -> None:
    """Stand two posts beside the abutment and tie them back to the ground."""
    x = side * plan.span / 2
    back = side * (plan.span / 2 + (top - plan.clearance) * 1.9)
    for y in (-aside, aside):
        add_block(parts, ground, x, y, plan.clearance + 0.2, 1.4)
        ends = np.array([[x, y, plan.clearance - 0.2], [x, y, top + 0.3]])
        size = np.array([[0.55], [0.4]])
        add_leg(parts, "paint", ends, size, size)
        floor = max(float(ground(np.array([back]), np.array([y]))[0]), 0.0) + 0.6
        add_block(parts, ground, back, y, floor, 2.0)
        parts["cable"].tubes([x, y, top], [back, y, floor - 0.2], 0.07, 6)
    for z in (top, plan.clearance + (top - plan.clearance) * 0.72):
        if z > plan.clearance + 3.0:
            parts["paint"].box([x, 0, z], [0.35, 2 * aside, 0.4])


def add_block(parts: Parts, ground: Ground, x: float, y: float, top: float, size: float) -> None:
    """Set a block of concrete into the ground."""
    foot = min(float(ground(np.array([x]), np.array([y]))[0]) - 2.0, top - 1.0)
    parts["concrete"].box([x, y, (foot + top) / 2], [size, size, top - foot])


def stayed(parts: Parts, plan: BridgePlan, ground: Ground) -> tuple[Floats, Floats]:
    """Hold the deck from one A-shaped mast at an end, tied back to the ground."""
    add_girders(parts, plan, 0.45, "paint")
    side = 1 if plan.seed % 2 else -1
    x, aside = side * (plan.span / 2 - 0.8), plan.width / 2 + 0.7
    lean = side * 0.12 * plan.rise
    top = vec(x + lean, 0, plan.clearance + plan.rise)
    for y in (-aside, aside):
        add_block(parts, ground, x, y, plan.clearance - 0.6, 1.5)
        ends = np.array([[x, y, plan.clearance - 0.9], top + vec(0, np.sign(y) * 0.25, 0)])
        size = np.array([[0.7], [0.45]])
        add_leg(parts, "paint", ends, size, size)
    parts["paint"].box(top, [0.6, 0.9, 0.8])
    made: list[Floats] = []
    reach = np.linspace(0.14, 0.97, max(6, round(plan.span / 7)))
    for y in (-plan.width / 2 - 0.05, plan.width / 2 + 0.05):
        place = side * (plan.span / 2 - reach * plan.span)
        foot = np.stack([place, np.full_like(place, y), road(plan, place)], axis=1)
        heads = top + np.linspace(-0.22, -0.02, len(place))[:, None] * vec(lean, 0, plan.rise)
        heads[:, 1] = np.sign(y) * np.linspace(0.22, 0.02, len(place)) * aside
        parts["cable"].tubes(foot, heads, 0.04, 5)
        for anchor in foot:
            parts["railing"].box(anchor - vec(0, 0, 0.1), [0.35, 0.3, 0.4])
        made.append(np.stack([foot, heads], axis=1))
        back = side * (plan.span / 2 + plan.rise * 0.9)
        outer = float(np.sign(y)) * (aside + 1.0)
        floor = max(float(ground(np.array([back]), np.array([outer]))[0]), 0.0) + 0.6
        add_block(parts, ground, back, outer, floor, 2.2)
        for share in (0.0, 0.12):
            high = top - share * vec(lean, 0, plan.rise)
            parts["cable"].tubes(high, [back + side * share * 4, outer, floor - 0.2], 0.06, 5)
    return deck_line(plan, 2.0), np.concatenate(made)
