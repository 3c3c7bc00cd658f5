"""Trusses around the road, under it, and cantilevered from pier to pier."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from itertools import pairwise

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_girders,
    lowest,
    road,
    road_at,
)
from rendering.bridges.fittings import add_joint, add_lamps, add_road
from rendering.bridges.frame import Frame, across_panels, add_plane, add_ties
from rendering.bridges.piers import add_support
from rendering.mesh import Floats, Parts, vec
from rendering.plan import BridgePlan

SILL = 0.6  # metres from the road down to a through truss's lower chord
SUSPENDED = 0.4  # of a cantilever's main span
HEADROOM = 6.2


def build_through(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a through truss for every main span."""
    parts = Parts()
    line = add_road(parts, plan, 0.3)
    add_girders(parts, plan, plan.depth * 0.5, "paint")
    places = plan.stations
    tops = [add_span(parts, plan, a, b) for a, b in pairwise(places)]
    aside = plan.width / 2 + 0.5
    for x in places[1:-1]:
        low = road_at(plan, x) - SILL - plan.rise / 28
        add_support(parts, plan, ground, x, low, 2.6, np.array([-aside, aside]))
        add_joint(parts, plan, x)
    add_abutments(parts, plan, ground, "stone")
    if lowest(ground, 0.0, plan.width) < -5:
        add_lamps(parts, plan, 45.0)
    main = np.concatenate(tops)
    return Bridge(parts.meshes(), line, main, features=main[::3])


def panel_count(plan: BridgePlan) -> int:
    """Return an even number of panels, about as long as the truss is high."""
    return 2 * max(3, round(plan.span / plan.rise / 2 * (1.4 if "k" in web(plan) else 1.1)))


def web(plan: BridgePlan) -> str:
    """Return the pattern of the web members."""
    return plan.variant.removeprefix("curved ")


def add_span(parts: Parts, plan: BridgePlan, start: float, end: float) -> Floats:
    """Add both side trusses of one through span; return the upper chord."""
    count = panel_count(plan)
    x = np.linspace(start + 0.6, end - 0.6, count + 1)
    place = np.linspace(-1, 1, count + 1)
    curved = plan.variant.startswith("curved")
    high = plan.rise * (1.12 - 0.42 * place**2) if curved else np.full(count + 1, plan.rise)
    low = np.stack([x, 0 * x, road(plan, x) - SILL], axis=1)
    top = np.stack([x, 0 * x, road(plan, x) + high], axis=1)
    frame = Frame(low, top, web(plan), x[:-1] < (start + end) / 2 - 0.1, True)
    aside = plan.width / 2 + 0.5
    for y in (-aside, aside):
        add_plane(parts, frame.moved(y), plan.rise / 14, plan.rise / 22)
    add_ties(parts, frame, aside, plan.rise / 26, road(plan, x) + HEADROOM)
    return top[1:-1]


def build_deck(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build trusses under the road, with girders on the approaches."""
    parts = Parts()
    line = add_road(parts, plan, 0.35)
    depth = max(plan.depth * 0.5, 1.2)
    add_girders(parts, plan, depth, "paint")
    reach = plan.width * 0.36
    inner = [x for x in plan.stations if abs(x) < plan.length / 2 - plan_approach(plan) + 0.1]
    lows = [add_deck_span(parts, plan, a, b, reach, depth) for a, b in pairwise(inner)]
    sides = np.array([-reach, reach])
    for x in plan.stations[1:-1]:
        low = road_at(plan, x) - depth - 0.42
        if any(abs(x - place) < 0.1 for place in inner):
            low -= plan.rise + plan.rise / 26
        thick = max(2.4, plan.span / 34)
        add_support(parts, plan, ground, x, low, thick, sides)
        add_joint(parts, plan, x)
    for x in (inner[0], inner[-1]):
        add_end_post(parts, plan, x, depth)
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan)
    main = np.concatenate(lows)
    return Bridge(parts.meshes(), line, main, features=main[::3])


def plan_approach(plan: BridgePlan) -> float:
    """Return the length of the girder spans at each end."""
    return sum(span for span in plan.spans if span != plan.span) / 2


def add_end_post(parts: Parts, plan: BridgePlan, x: float, depth: float) -> None:
    """Carry the approach girders' ends on the truss with a beam across."""
    low = road_at(plan, x) - depth - 0.42
    parts["paint"].box([x, 0, low - 0.3], [1.6, plan.width * 0.86, 0.7])


def add_deck_span(
    parts: Parts, plan: BridgePlan, start: float, end: float, reach: float, depth: float
) -> Floats:
    """Add both trusses of one span under the road; return the lower chord."""
    count = panel_count(plan)
    x = np.linspace(start + 0.5, end - 0.5, count + 1)
    high = road(plan, x) - depth - 0.42 - plan.rise / 30
    top = np.stack([x, 0 * x, high], axis=1)
    low = top - vec(0, 0, plan.rise)
    frame = Frame(low, top, web(plan), x[:-1] < (start + end) / 2 - 0.1, False)
    for y in (-reach, reach):
        add_plane(parts, frame.moved(y), plan.rise / 13, plan.rise / 20)
    add_ties(parts, frame, reach, plan.rise / 24, np.full(count + 1, np.inf))
    across_panels(parts, frame, reach, plan.rise / 28)
    for place in top:
        parts["paint"].box(place + vec(0, 0, plan.rise / 60), [0.4, plan.width * 0.84, 0.6])
    return low


def build_cantilever(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build arms that reach out from two piers and carry a suspended span between them."""
    parts = Parts()
    line = add_road(parts, plan, 0.35)
    add_girders(parts, plan, 0.9, "paint")
    side = (plan.length - plan.span) / 2 - plan_outer(plan)
    x = panels(plan, side)
    low, top = outline(plan, x, side)
    fall = (np.abs(x[:-1] + x[1:]) / 2 < plan.span / 2) == (x[:-1] + x[1:] < 0)
    frame = Frame(low, top, web(plan), fall, True)
    aside = plan.width / 2 + 0.9
    heavy = plan.span / 160
    for y in (-aside, aside):
        add_plane(parts, frame.moved(y), heavy, heavy * 0.7)
    add_ties(parts, frame, aside, heavy * 0.6, road(plan, x) + HEADROOM)
    for place in (-plan.span / 2 - side, -plan.span / 2, plan.span / 2, plan.span / 2 + side):
        index = int(np.argmin(np.abs(x - place)))
        tall = abs(place) < plan.span / 2 + 1
        under = float(low[index, 2]) - heavy / 2
        thick = max(3.0, plan.span / 40) if tall else 3.0
        add_support(parts, plan, ground, float(x[index]), under, thick, np.array([-aside, aside]))
        if tall:
            add_tower_posts(parts, frame, index, aside, heavy)
    add_outer_piers(parts, plan, ground, side)
    add_abutments(parts, plan, ground, "stone")
    add_lamps(parts, plan, 45.0)
    return Bridge(parts.meshes(), line, top, features=top[3:-3:4])


def plan_outer(plan: BridgePlan) -> float:
    """Return the length of the approach spans beyond one anchor arm."""
    half = len(plan.spans) // 2
    return sum(plan.spans[: half - 1])


def panels(plan: BridgePlan, side: float) -> Floats:
    """Return the panel points of anchor arms and main span, even in number within each."""
    step = max(9.0, plan.span / 24)
    main = 2 * round(plan.span / step / 2)
    arm = 2 * max(2, round(side / step / 2))
    half = plan.span / 2
    left = np.linspace(-half - side + 0.6, -half, arm + 1)
    return np.concatenate([left, np.linspace(-half, half, main + 1)[1:-1], -left[::-1]])


def outline(plan: BridgePlan, x: Floats, side: float) -> tuple[Floats, Floats]:
    """Return lower and upper chord: highest over the piers, level in the suspended span."""
    rng = np.random.default_rng([plan.seed, 3])
    bend, dip = rng.uniform(1.0, 1.9), float(rng.choice([0.0, 0.3]))
    away = np.abs(np.abs(x) - plan.span / 2)
    reach = np.where(np.abs(x) < plan.span / 2, plan.span * (1 - SUSPENDED) / 2, side)
    near = np.clip(1 - away / reach, 0, 1) ** bend
    level = max(plan.span * SUSPENDED / 6.2, 8.5)
    deep = min(plan.rise * dip, max(plan.clearance - 12.0, 0.0))
    floor = road(plan, x)
    low = floor - SILL - deep * np.clip(1 - away / reach, 0, 1) ** 2
    top = floor + level + (plan.rise - level) * near
    return np.stack([x, 0 * x, low], axis=1), np.stack([x, 0 * x, top], axis=1)


def add_tower_posts(parts: Parts, frame: Frame, index: int, aside: float, heavy: float) -> None:
    """Strengthen the posts over a pier, with crosses between them above the traffic."""
    low, top = frame.low[index], frame.top[index]
    for y in (-aside, aside):
        parts["paint"].beams(low + vec(0, y, 0), top + vec(0, y, heavy), heavy * 1.3, heavy * 1.5)
        parts["beacon"].box(top + vec(0, y, heavy + 0.4), [0.5, 0.5, 0.8])


def add_outer_piers(parts: Parts, plan: BridgePlan, ground: Ground, side: float) -> None:
    """Support the approach girders outside the anchor arms."""
    edge = plan.span / 2 + side
    for x in plan.stations[1:-1]:
        if abs(x) > edge + 1:
            low = road_at(plan, x) - 0.3 - 0.9 - 0.12
            places = np.linspace(-plan.width * 0.4, plan.width * 0.4, 4)
            add_support(parts, plan, ground, x, low, 2.2, places)
