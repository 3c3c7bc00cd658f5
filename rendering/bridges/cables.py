"""Bridges hung from cables: suspension, cable-stayed and extradosed."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from itertools import pairwise

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    add_lamps,
    add_pier,
    add_road,
    deck_line,
    lowest,
    road,
    road_at,
    stations,
)
from rendering.mesh import Floats, Parts, rectangle, vec
from rendering.plan import BridgePlan

HANGER_STEP = 12.0


def build_suspension(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build two towers, two parabolic cables and a stiffened deck."""
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
    if plan.variant == "portal towers":
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
            parts["paint"].sweep(chord, rectangle(0.6, 0.6))
        even, odd = low[::2], high[1::2]
        count = min(len(even), len(odd))
        parts["paint"].beams(even[:count], odd[:count], 0.35, 0.35)
        parts["paint"].beams(odd[: len(even) - 1], even[1:][: len(odd)], 0.35, 0.35)
    floor = [[-plan.width / 2, -deep - 0.5], [plan.width / 2, -deep - 0.5]]
    ends = np.stack([line + vec(0, y, z) for y, z in floor], axis=1)
    cross = slice(None, None, 2)
    parts["paint"].beams(ends[cross, 0], ends[cross, 1], 0.5, 0.6)


def add_suspenders(parts: Parts, plan: BridgePlan, cable: Floats, y: float) -> Floats:
    """Hang the deck from one cable; return deck end and cable end of every hanger."""
    x = stations(-plan.length / 2, plan.length / 2, HANGER_STEP)
    z = np.interp(x, cable[:, 0], cable[:, 2])
    low = road(plan, x) - 0.3
    used = (z - low > 2.0) & (np.abs(np.abs(x) - plan.span / 2) > HANGER_STEP / 2)
    foot = np.stack([x, np.full_like(x, y), low], axis=1)[used]
    top = np.stack([x, np.full_like(x, y), z], axis=1)[used]
    parts["cable"].tubes(foot, top, 0.06 + plan.span / 9000, 5)
    return np.stack([foot, top], axis=1)


def add_tower(parts: Parts, plan: BridgePlan, ground: Ground, x: float, aside: float) -> Floats:
    """Stand one tower: two tapering legs with portals or crosses between them."""
    material = "concrete" if plan.variant == "portal towers" else "paint"
    foot = lowest(ground, x, plan.width)
    top = tower_top(plan)
    wide = plan.span / 75 + 1.5
    steps = 3 if "deco" in plan.variant else 1
    for y in (-aside, aside):
        for step in range(steps):
            high = top + 1.5 - (top - foot) * 0.24 * step
            grow = 1 + 0.18 * step
            ends = np.array([[x, y, foot], [x, y, high]])
            size = np.array([[1.25], [0.85]]) * wide * grow
            add_leg(parts, material, ends, size, size * 0.7)
        parts["concrete"].box([x, y, 0.5], [wide * 2.6, wide * 2.2, 5])
    parts["concrete"].box([x, 0, 0.0], [wide * 2.2, 2 * aside, 3])
    add_portals(parts, plan, material, x, aside, wide)
    return np.array([[x, -aside, top], [x, aside, top]])


def add_leg(parts: Parts, material: str, ends: Floats, deep: Floats, wide: Floats) -> None:
    """Add a tapering leg of rectangular section; `deep` lies along the bridge."""
    ring = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    rings = np.repeat(ends[:, None], 4, axis=1)
    rings[:, :, 0] += deep * ring[:, 0]
    rings[:, :, 1] += wide * ring[:, 1]
    parts[material].loft(rings)


def add_portals(
    parts: Parts, plan: BridgePlan, material: str, x: float, aside: float, wide: float
) -> None:
    """Join a tower's legs above and below the road."""
    deck, top = road_at(plan, x), tower_top(plan)
    levels = np.linspace(deck + 9, top - 1, 4)
    thick = wide * (1.0 if plan.variant == "portal towers" else 0.6)
    for z in [deck - plan.depth - thick, *(levels if thick < wide else levels[[1, 3]])]:
        parts[material].box([x, 0, z], [wide * 0.7, 2 * aside, thick])
    if plan.variant == "braced towers":
        for low, high in pairwise(levels):
            for sign in (-1, 1):
                ends = [[x, -sign * aside, low], [x, sign * aside, high]]
                parts[material].beams(ends[0], ends[1], wide * 0.3, wide * 0.3)


def add_anchorages(
    parts: Parts, plan: BridgePlan, ground: Ground, cable: Floats, aside: float
) -> None:
    """Hold the cables' ends in blocks of concrete."""
    for side in (-1, 1):
        x = side * (plan.length / 2 + 7)
        foot = lowest(ground, x, plan.width)
        for y in (-aside - 1.5, aside + 1.5):
            height = float(cable[0, 2]) + 2.0 - foot
            parts["concrete"].box([x, y, foot + height / 2], [18, 4.5, height])


def build_stayed(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build pylons with many straight stays."""
    parts = Parts()
    line = add_road(parts, plan, 0.4)
    add_slim_box(parts, plan, max(plan.depth, 1.8))
    single = plan.variant.startswith("one pylon")
    places = [plan.stations[1]] if single else [-plan.span / 2, plan.span / 2]
    high = plan.rise * (1.75 if single else 1.0)
    stays = [add_pylon_and_stays(parts, plan, ground, x, high) for x in places]
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan, 45.0)
    tops = np.array([[x, 0, road_at(plan, x) + high] for x in places])
    return Bridge(parts.meshes(), line, line, np.concatenate(stays), tops)


def build_extradosed(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build a stout girder with low towers and flat stays along its middle."""
    parts = Parts()
    line = add_road(parts, plan, 0.4)
    add_slim_box(parts, plan, plan.depth)
    stays: list[Floats] = []
    for x in plan.stations[1:-1]:
        deck = road_at(plan, x)
        add_pier(parts, plan, ground, x, deck - plan.depth * 0.9, plan.span / 30, "wall")
        tops = np.linspace(0.62, 0.96, 8) * plan.rise + deck
        feet = np.linspace(0.16, 0.42, 8) * plan.span
        for y in (-plan.width / 2 - 0.3, plan.width / 2 + 0.3):
            ends = np.array([[x, y, deck - plan.depth], [x, y, deck + plan.rise]])
            add_leg(parts, "concrete", ends, np.array([[3.4], [2.2]]), np.array([[1.6], [1.2]]))
            stays.append(add_stays(parts, plan, x, y * 0.97, y, feet, tops))
    add_abutments(parts, plan, ground, "concrete")
    add_lamps(parts, plan, 40.0)
    tops = np.array([[x, 0, road_at(plan, x) + plan.rise * 0.6] for x in plan.stations[1:-1]])
    return Bridge(parts.meshes(), line, line, np.concatenate(stays), tops)


def add_slim_box(parts: Parts, plan: BridgePlan, deep: float) -> None:
    """Add a shallow box with sloping edges under the road."""
    half = plan.width / 2
    shape = [[-half * 0.5, -deep], [half * 0.5, -deep], [half * 0.98, -0.7], [half, -0.3]]
    profile = np.array([*shape, [-half, -0.3], [-half * 0.98, -0.7]])
    parts["concrete"].sweep(deck_line(plan, 6.0), profile)


def add_pylon_and_stays(
    parts: Parts, plan: BridgePlan, ground: Ground, x: float, high: float
) -> Floats:
    """Stand one pylon and fan its stays out to both sides."""
    lines = add_pylon(parts, plan, ground, x, high)
    reach = plan.span * (0.92 if plan.variant.startswith("one pylon") else 0.48)
    many = max(8, round(reach / 13))
    feet = np.linspace(0.09, 1.0, many) * reach
    deck = road_at(plan, x)
    span = {"harp": (0.16, 0.97), "semi-": (0.55, 0.97)}
    key = "harp" if "harp" in plan.variant else "semi-" if "semi" in plan.variant else "fan"
    low, top = span.get(key, (0.86, 0.97))
    heights = deck + np.linspace(low, top, many) * high
    stays = [
        add_stays(parts, plan, x, edge, upper, feet, heights, leg) for edge, upper, leg in lines
    ]
    return np.concatenate(stays)


def add_stays(
    parts: Parts,
    plan: BridgePlan,
    x: float,
    edge: float,
    upper: float,
    feet: Floats,
    heights: Floats,
    lean: float = 0.0,
) -> Floats:
    """Add one plane of stays on both sides of a pylon; return deck and pylon ends."""
    ends: list[Floats] = []
    deck = road_at(plan, x)
    for side in (-1, 1):
        place = x + side * feet
        used = np.abs(place) < plan.length / 2 - 2
        foot = np.stack([place, np.full_like(place, edge), road(plan, place)], axis=1)
        aside = upper - lean * (heights - deck)
        top = np.stack([np.full_like(place, x), aside, heights], axis=1)
        parts["stay"].tubes(foot[used], top[used], 0.09 + plan.span / 4500, 5)
        ends.append(np.stack([foot[used], top[used]], axis=1))
    return np.concatenate(ends)


def add_pylon(
    parts: Parts, plan: BridgePlan, ground: Ground, x: float, high: float
) -> list[tuple[float, float, float]]:
    """Add a pylon; return for each plane of stays its deck edge, pylon side and lean."""
    deck, foot = road_at(plan, x), lowest(ground, x, plan.width)
    half, top = plan.width / 2, deck + high
    thick = plan.span / 75 + 0.8
    base = [thick * 3.2, plan.width * 1.35, 5]
    parts["concrete"].box([x, 0, max(0.5, foot + FOOTING)], base)
    if "single" in plan.variant or plan.variant == "one pylon, fan":
        return single_mast(parts, x, foot, deck, top, thick, half)
    lean = {"A": (half + 1.2) / high, "H": 0.0}["H" if "harp" in plan.variant else "A"]
    lower = -0.12 if "diamond" in plan.variant else lean * 0.5
    for side in (-1, 1):
        at = side * (half + 1.2)
        points = [[x, at * (1 + lower), foot], [x, at, deck], [x, at - side * lean * high, top]]
        ends = np.array(points)
        size = np.array([[1.35], [1.1], [0.85]]) * thick
        add_leg(parts, "concrete", ends, size, size * 0.7)
    for z in (deck - plan.depth - thick * 0.6, deck + high * (0.6 if lean else 0.9)):
        wide = 2 * (half + 1.2 - lean * max(z - deck, 0))
        parts["concrete"].box([x, 0, z], [thick * 0.8, wide, thick * 0.8])
    return [(s * (half - 0.1), s * (half + 1.2), s * lean) for s in (-1, 1)]


FOOTING = 4.0


def single_mast(
    parts: Parts, x: float, foot: float, deck: float, top: float, thick: float, half: float
) -> list[tuple[float, float, float]]:
    """Add one mast in the road's middle with a pier as wide as the box below it."""
    ends = np.array([[x, 0, deck - 1], [x, 0, top]])
    add_leg(
        parts, "concrete", ends, np.array([[1.6], [0.9]]) * thick, np.array([[0.8], [0.5]]) * thick
    )
    pier = np.array([[x, 0, foot], [x, 0, deck - 0.5]])
    add_leg(
        parts,
        "concrete",
        pier,
        np.array([[1.8], [1.8]]) * thick,
        np.array([[0.7], [0.9]]) * half * 1.4,
    )
    return [(s * 0.7, s * 0.2 * thick, 0.0) for s in (-1, 1)]
