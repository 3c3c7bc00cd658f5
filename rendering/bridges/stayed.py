"""Cable-stayed and extradosed bridges: straight stays from pylons to the deck."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    deck_line,
    road,
    road_at,
)
from rendering.bridges.fittings import add_lamps, add_road
from rendering.bridges.piers import add_support
from rendering.bridges.pylons import Plane, add_leg, add_pylon
from rendering.mesh import Floats, Parts, vec
from rendering.plan import BridgePlan

LEAST_DEPTH = 1.8
STEP = 13.0  # metres between stays along the deck


def build_stayed(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build pylons with many straight stays, as a fan or as a harp."""
    parts = Parts()
    line = add_road(parts, plan, 0.4)
    deep = max(plan.depth, LEAST_DEPTH)
    add_slim_box(parts, plan, deep, "paint" if plan.seed % 3 == 0 else "concrete")
    places = plan.stations[1:-1]
    stays = [add_pylon_and_stays(parts, plan, ground, x, deep) for x in places]
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan, 45.0)
    tops = np.array([[x, 0, road_at(plan, x) + plan.rise] for x in places])
    return Bridge(parts.meshes(), line, line, np.concatenate(stays), tops)


def add_slim_box(parts: Parts, plan: BridgePlan, deep: float, material: str) -> None:
    """Add a shallow box with sloping edges under the road."""
    half = plan.width / 2
    shape = [[-half * 0.5, -deep], [half * 0.5, -deep], [half * 0.98, -0.7], [half, -0.3]]
    profile = np.array([*shape, [-half, -0.3], [-half * 0.98, -0.7]])
    parts[material].sweep(deck_line(plan, 6.0), profile)


def add_pylon_and_stays(
    parts: Parts, plan: BridgePlan, ground: Ground, x: float, deep: float
) -> Floats:
    """Stand one pylon and lead its stays out to both sides."""
    planes = add_pylon(parts, plan, ground, x, road_at(plan, x) - deep)
    reach = plan.span * (0.92 if plan.variant == "one pylon" else 0.48)
    many = max(8, round(reach / STEP))
    feet = np.linspace(0.09, 1.0, many) * reach
    heights = road_at(plan, x) + anchors(plan, feet / reach) * plan.rise
    return np.concatenate([add_stays(parts, plan, x, plane, feet, heights) for plane in planes])


def anchors(plan: BridgePlan, share: Floats) -> Floats:
    """Return the anchors' parts of the pylon's height for stays that reach parts of the span."""
    if plan.type == "cable-stayed harp":
        return np.asarray(share * 0.97)
    pure = plan.pylon in ("A", "H") and plan.seed % 2 == 0
    return np.linspace(0.86 if pure else 0.6, 0.97, len(share))


def add_stays(
    parts: Parts, plan: BridgePlan, x: float, plane: Plane, feet: Floats, heights: Floats
) -> Floats:
    """Add one plane of stays on both sides of a pylon; return deck and pylon ends."""
    ends: list[Floats] = []
    above = heights - road_at(plan, x)
    for side in (-1, 1):
        place = x + side * feet
        used = np.abs(place) < plan.length / 2 - 2
        foot = np.stack([place, np.full_like(place, plane.edge), road(plan, place)], axis=1)
        aside = plane.upper - plane.lean * above
        top = np.stack([x + plane.along * above, aside, heights], axis=1)
        parts["cable"].tubes(foot[used], top[used], 0.09 + plan.span / 4500, 5)
        for anchor in foot[used]:
            parts["railing"].box(anchor + vec(0, 0, 0.1), [0.9, 0.45, 0.7])
        ends.append(np.stack([foot[used], top[used]], axis=1))
    return np.concatenate(ends)


def build_extradosed(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a stout girder with low posts and flat stays."""
    parts = Parts()
    line = add_road(parts, plan, 0.4)
    add_slim_box(parts, plan, plan.depth, "concrete")
    stays = [add_post(parts, plan, ground, x) for x in plan.stations[1:-1]]
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan, 40.0)
    tops = np.array([[x, 0, road_at(plan, x) + plan.rise * 0.6] for x in plan.stations[1:-1]])
    return Bridge(parts.meshes(), line, line, np.concatenate(stays), tops)


def add_post(parts: Parts, plan: BridgePlan, ground: Ground, x: float) -> Floats:
    """Stand a pier with one or two posts upon it and lead their stays to the deck."""
    deck, half = road_at(plan, x), plan.width / 2
    middle = plan.pylon == "middle posts"
    places = np.array([-half * 0.5, half * 0.5]) if middle else np.array([-half, half])
    low = deck - plan.depth
    style = plan.pier if middle else "wall"
    add_support(parts, plan, ground, x, low, plan.span / 30, places, style)
    flat = 0.62 if plan.variant == "fan" else 0.2
    heights = deck + np.linspace(flat, 0.96, 8) * plan.rise
    feet = np.linspace(0.16, 0.42, 8) * plan.span
    out = 0.14 if plan.pylon == "flared posts" else 0.0
    made: list[Floats] = []
    for side in (0,) if middle else (-1, 1):
        y = side * (half + 0.3)
        ends = np.array(
            [[x, y, low], [x, y, deck], [x, y + side * out * plan.rise, deck + plan.rise]]
        )
        deep, wide = np.array([[3.4], [3.2], [2.2]]), np.array([[1.6], [1.5], [1.2]])
        add_leg(parts, "concrete", ends, deep, wide)
        edges = (-0.4, 0.4) if middle else (y * 0.97,)
        for edge in edges:
            plane = Plane(edge, edge if middle else y, -side * out)
            made.append(add_stays(parts, plan, x, plane, feet, heights))
    return np.concatenate(made)
