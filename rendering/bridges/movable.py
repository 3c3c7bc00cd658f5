"""Bridges that let ships pass: leaves that tip up, and arms that turn on a pier."""

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_girders,
    deck_line,
    girder_places,
    girder_soffit,
    lowest,
    piece,
    road,
    road_at,
)
from rendering.bridges.fittings import add_joint, add_lamps, add_road
from rendering.bridges.frame import Frame, add_plane, add_ties
from rendering.bridges.piers import add_support
from rendering.mesh import Floats, Parts, rectangle, vec
from rendering.plan import BridgePlan

HOUSE = 9.0  # length of the hollow pier that takes a leaf's tail
GAP = 0.12  # between moving and fixed parts
APPROACH_DEPTH = 1.0
HEADROOM = 6.2


def build_bascule(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build one or two leaves between hollow piers with a bridge keeper's house."""
    parts = Parts()
    half = plan.span / 2
    single = "single" in plan.variant
    for side in (-1, 1):
        add_hollow_pier(parts, plan, ground, side)
    add_approaches(parts, plan, ground, half + HOUSE)
    reach = plan.span if single else half
    for side in (-1,) if single else (-1, 1):
        leaf = make_leaf(plan, side, reach)
        angle = np.radians(np.random.default_rng([plan.seed, 3]).uniform(65, 80)) * plan.open
        pivot = vec(side * (half + 0.6), 0, road_at(plan, half) - 0.9)
        parts.take(leaf, tipped(angle * side), pivot)
    add_keeper_house(parts, plan, ground, 1 if plan.seed % 2 else -1)
    if not plan.open and not single:
        add_joint(parts, plan, 0.0)
    add_abutments(parts, plan, ground, "concrete")
    top = road_at(plan, half)
    features = np.array([[-half, 0, top], [half, 0, top], [0, 0, top]])
    return Bridge(parts.meshes(), deck_line(plan), deck_line(plan), features=features)


def tipped(angle: float) -> Floats:
    """Return a rotation about the axis across the bridge; positive lifts what lies at lower x."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])


def turned(angle: float) -> Floats:
    """Return a rotation about the vertical."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])


def make_leaf(plan: BridgePlan, side: int, reach: float) -> Parts:
    """Build one leaf as it lies when closed, its heel at the pier on the given side."""
    leaf = Parts()
    heel = side * plan.span / 2 + side * -GAP
    tip = heel - side * (reach - (2 * GAP))
    line = piece(plan, min(heel, tip), max(heel, tip), 2.0)
    add_road(leaf, plan, 0.25, "paint", line)
    share = np.abs(line[:, 0] - tip) / reach  # 0 at the tip, 1 at the heel
    deep = plan.depth + (plan.rise * reach / plan.span * 1.6 - plan.depth) * share**1.6
    profile = np.stack([rectangle(0.4, float(d), top=-0.25) for d in np.maximum(deep, plan.depth)])
    places = np.linspace(-plan.width * 0.42, plan.width * 0.42, 4 if plan.width > 13 else 3)
    for y in places:
        leaf["paint"].sweep(line, profile + vec(y, 0))
    for x, z in zip(line[::2, 0], line[::2, 2], strict=True):
        leaf["paint"].box([x, 0, z - 0.25 - plan.depth * 0.35], [0.35, plan.width * 0.9, 0.7])
    tail = heel + side * 1.2
    low = road_at(plan, heel) - 0.3 - float(deep.max()) * 0.5
    for y in places:
        leaf["paint"].box([(heel + tail) / 2, y, low], [1.6, 0.8, float(deep.max()) * 0.9])
    leaf["railing"].tubes(
        [heel + side * 0.7, places[0], low], [heel + side * 0.7, places[-1], low], 0.4, 10
    )
    return leaf


def add_hollow_pier(parts: Parts, plan: BridgePlan, ground: Ground, side: int) -> None:
    """Stand the pier that holds machinery and counterweight, with road on its roof."""
    near, far = side * (plan.span / 2 + GAP), side * (plan.span / 2 + HOUSE)
    middle = (near + far) / 2
    foot = min(lowest(ground, near, plan.width), lowest(ground, far, plan.width))
    top = road_at(plan, middle) - 0.05
    material = "stone" if plan.seed % 3 == 0 else "concrete"
    wide = plan.width + 2.4
    room = 2.6  # the recess in front, in which the heel turns
    body = middle + side * room / 2
    parts[material].box([body, 0, (foot + top) / 2], [HOUSE - room, wide, top - foot])
    for y in (-wide / 2 + 0.43, wide / 2 - 0.43):
        parts[material].box(
            [near + side * room / 2, y, (foot + top) / 2], [room + 0.1, 0.8, top - foot - 0.02]
        )
    sill = max(top - plan.rise - 2.2, 1.2)
    parts[material].box(
        [near + side * room / 2, 0, (foot + sill) / 2], [room - 0.1, wide - 0.8, sill - foot]
    )
    heel = near + side * 0.72
    axle = road_at(plan, plan.span / 2) - 0.9
    parts["railing"].tubes([heel, -wide / 2 + 0.5, axle], [heel, wide / 2 - 0.5, axle], 0.3, 10)
    parts["voussoir"].box([body, 0, top - 1.0], [HOUSE - room + 0.3, wide + 0.3, 0.5])
    if foot < -3.3:
        parts[material].box([middle, 0, -0.2], [HOUSE + 2.5, wide + 2.5, 3.2])
    slot = room * 0.6 if plan.open else 0.0  # room for the road of a raised leaf
    start, stop = sorted((near + side * slot, far))
    line = piece(plan, start, stop, 2.0)
    add_road(parts, plan, 0.2, "concrete", line)


def add_approaches(parts: Parts, plan: BridgePlan, ground: Ground, inner: float) -> None:
    """Carry the road on girders from the abutments to the movable part."""
    end = plan.length / 2
    for side in (-1, 1):
        start, stop = sorted((side * (inner + GAP), side * end))
        line = piece(plan, start, stop)
        add_road(parts, plan, 0.3, "concrete", line)
        add_girders(parts, plan, APPROACH_DEPTH, "paint", line)
    for x in plan.stations[1:-1]:
        if abs(x) > inner + 4:
            low = girder_soffit(plan, x, APPROACH_DEPTH)
            add_support(parts, plan, ground, x, low, 1.6, girder_places(plan))
            add_joint(parts, plan, x)
    add_lamps(parts, plan, 18.0, inner + 1.0)


def add_keeper_house(parts: Parts, plan: BridgePlan, ground: Ground, side: int) -> None:
    """Stand the bridge keeper's house beside the road, windows all around its upper floor."""
    rng = np.random.default_rng([plan.seed, 4])
    size, tall = rng.uniform(3.4, 4.6), rng.uniform(6.0, 9.5)
    x = side * (plan.span / 2 + HOUSE - size / 2 - 0.6)
    y = plan.width / 2 + size / 2 + 0.3
    floor = road_at(plan, x)
    base, foot = lowest(ground, x, plan.width + 2 * size), floor - 1.0
    pier = "stone" if plan.seed % 3 == 0 else "concrete"
    parts[pier].box([x, y, (base + floor) / 2 - 0.2], [size + 0.5, size + 0.5, floor - base - 0.4])
    wall = "stone" if plan.seed % 3 == 0 else "plaster"
    parts[wall].box([x, y, (foot + floor + tall) / 2], [size, size, tall + 1.0])
    parts["pane"].box([x, y, floor + tall - 1.5], [size + 0.06, size * 0.8, 1.5])
    parts["pane"].box([x, y, floor + tall - 1.5], [size * 0.8, size + 0.06, 1.5])
    eave = floor + tall
    ring = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (size / 2 + 0.5)
    low = np.insert(ring + vec(x, y), 2, eave, axis=1)
    high = np.insert(ring * 0.08 + vec(x, y), 2, eave + size * 0.55, axis=1)
    parts["roof"].loft(np.stack([low, low + vec(0, 0, 0.15), high]))
    parts["lamp"].box([x, y - size / 2 - 0.55, floor + 2.6], [0.3, 0.3, 0.3])
    parts["railing"].box([x, y - size / 2 - 0.25, floor + 2.75], [0.1, 0.7, 0.08])


def build_swing(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build two equal arms on a round pier, closed for the road or turned for ships."""
    parts = Parts()
    arm = plan.span
    add_approaches(parts, plan, ground, arm)
    arms = make_arms(plan, arm - GAP)
    turn = np.radians(np.random.default_rng([plan.seed, 3]).uniform(55, 88)) * plan.open
    parts.take(arms, turned(turn), np.zeros(3))
    low = girder_soffit(plan, 0.0, swing_depth(plan))
    add_pivot(parts, plan, ground, low, turn)
    for x in (-arm, arm):
        places = girder_places(plan)
        add_support(parts, plan, ground, x, low, 2.6, places, "wall")
        parts["concrete"].box([x, 0, low - 0.6], [2.9, plan.width + 1.2, 0.6])
    add_abutments(parts, plan, ground, "stone")
    top = road_at(plan, 0) + plan.rise
    main = np.array([[-arm, 0, top * 0.6], [0, 0, top], [arm, 0, top * 0.6]])
    return Bridge(parts.meshes(), deck_line(plan), main, features=main * [0.5, 0, 1])


def swing_depth(plan: BridgePlan) -> float:
    """Return the depth of the girders under a swing bridge's road."""
    return max(plan.depth, APPROACH_DEPTH)


def make_arms(plan: BridgePlan, reach: float) -> Parts:
    """Build the part that turns, as it lies when closed."""
    arms = Parts()
    line = piece(plan, -reach, reach, 2.0)
    add_road(arms, plan, 0.25, "paint", line)
    add_girders(arms, plan, swing_depth(plan), "paint", line)
    aside = plan.width / 2 + 0.4
    if "plate" in plan.variant:
        side_plates(arms, plan, line, aside, reach)
    else:
        side_trusses(arms, plan, aside, reach)
    add_cabin(arms, plan)
    return arms


def side_plates(arms: Parts, plan: BridgePlan, line: Floats, aside: float, reach: float) -> None:
    """Stiffen the arms with plates beside the road, deepest in the middle."""
    share = 1 - np.abs(line[:, 0]) / reach
    high = 0.7 + (plan.rise - 1.4) * share
    profile = np.array([[[-0.2, -0.9], [0.2, -0.9], [0.2, h], [-0.2, h]] for h in high])
    flange = np.array([[[-0.45, h], [0.45, h], [0.45, h + 0.1], [-0.45, h + 0.1]] for h in high])
    for y in (-aside, aside):
        arms["paint"].sweep(line, profile + vec(y, 0))
        arms["paint"].sweep(line, flange + vec(y, 0))
        for x, h in zip(line[::2, 0], high[::2], strict=True):
            middle = road_at(plan, float(x)) + (h - 0.9) / 2
            arms["paint"].box([x, y, middle], [0.1, 0.8, h + 0.9])
    for x in line[::3, 0]:
        arms["paint"].box([x, 0, road_at(plan, float(x)) - 0.75], [0.35, 2 * aside, 0.5])


def side_trusses(arms: Parts, plan: BridgePlan, aside: float, reach: float) -> None:
    """Add trusses beside the road that rise to a peak over the pivot."""
    count = 4 * max(2, round(reach / 14))
    x = np.linspace(-reach + 0.4, reach - 0.4, count + 1)
    share = 1 - np.abs(np.linspace(-1, 1, count + 1))
    rng = np.random.default_rng([plan.seed, 5])
    high = plan.rise * (0.58 + 0.42 * share ** rng.uniform(0.9, 1.7))
    low = np.stack([x, 0 * x, road(plan, x) - 0.55], axis=1)
    top = np.stack([x, 0 * x, road(plan, x) + high], axis=1)
    pattern = str(rng.choice(["pratt", "warren with verticals"]))
    frame = Frame(low, top, pattern, x[:-1] > -0.1, True)
    for y in (-aside, aside):
        add_plane(arms, frame.moved(y), plan.rise / 22, plan.rise / 32)
    add_ties(arms, frame, aside, plan.rise / 34, road(plan, x) + HEADROOM)


def add_cabin(arms: Parts, plan: BridgePlan) -> None:
    """Set the keeper's cabin beside the middle of the arms."""
    y = plan.width / 2 + 2.2
    floor = road_at(plan, 0.0)
    arms["paint"].box([0, plan.width / 2 + 1.6, floor - 0.3], [4.4, 3.8, 0.4])
    arms["boards"].box([0, y, floor + 1.2], [3.2, 2.4, 2.7])
    arms["pane"].box([0, y, floor + 1.7], [3.26, 1.8, 0.9])
    arms["roof"].box([0, y, floor + 2.65], [3.9, 3.1, 0.25])
    arms["lamp"].box([0, y, floor + 2.95], [0.3, 0.3, 0.4])


def add_pivot(parts: Parts, plan: BridgePlan, ground: Ground, low: float, turn: float) -> None:
    """Stand the round pier with its ring of rollers, and the jetty that guards the turned arms."""
    foot = lowest(ground, 0.0, plan.width + 4)
    radius = plan.width / 2 + 1.2
    material = "stone" if plan.seed % 2 else "concrete"
    parts[material].tubes([0, 0, foot], [0, 0, low - 1.1], radius, 28)
    parts["voussoir"].tubes([0, 0, low - 1.5], [0, 0, low - 1.0], radius + 0.25, 28)
    parts["railing"].tubes([0, 0, low - 1.05], [0, 0, low + 0.05], radius * 0.72, 28)
    away = plan.span * 0.97
    way = turn or np.radians(90)
    half, wide = vec(np.cos(way), np.sin(way), 0) * away, 2.0
    across = vec(-np.sin(way), np.cos(way), 0) * wide
    outline = [half * 0.93 + across, half, half * 0.93 - across]
    outline += [-half * 0.93 - across, -half, -half * 0.93 + across]
    ring = np.array(outline)
    top = min(low - 1.6, 2.2)
    rings = [ring + vec(0, 0, foot), ring + vec(0, 0, top)]
    parts["concrete"].loft(np.stack(rings))
    for sign in (-1, 1):
        place = half * 0.9 * sign
        parts["railing"].box([*place[:2], (top + low) / 2], [0.7, 0.7, low - top + 0.1])
