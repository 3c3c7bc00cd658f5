"""Supports between the abutments, with the bearings that carry the deck on them."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

import numpy as np

from rendering.bridges.common import (
    FOUNDATION,
    Ground,
    girder_places,
    girder_soffit,
    lowest,
)
from rendering.bridges.masonry import add_stone_pier
from rendering.mesh import Floats, Parts, vec
from rendering.plan import BridgePlan

BEARING = 0.3  # metres between a pier and what it carries


def add_bearings(parts: Parts, x: float, low: float, places: Floats, size: float = 0.7) -> None:
    """Set a block of rubber and steel below each girder; they reach into both their neighbours."""
    for y in places:
        parts["railing"].box([x, y, low - BEARING / 2], [size, size, BEARING + 0.06])


def add_support(
    parts: Parts,
    plan: BridgePlan,
    ground: Ground,
    x: float,
    low: float,
    thick: float,
    places: Floats,
    style: str = "",
) -> None:
    """Carry what ends at height `low` on bearings at `places` (metres aside) and a pier."""
    add_bearings(parts, x, low, places, min(0.9, thick * 0.6))
    reach = float(np.abs(places).max()) + 0.6
    add_pier(parts, plan, ground, x, low - BEARING, thick, reach, style or plan.pier)


def add_pier(
    parts: Parts,
    plan: BridgePlan,
    ground: Ground,
    x: float,
    top: float,
    thick: float,
    reach: float,
    style: str,
) -> None:
    """Add one pier that is `reach` metres wide to each side at its top."""
    foot = lowest(ground, x, plan.width)
    if style == "stone":
        add_stone_pier(parts, ground, x, top - 0.22, max(thick, 2.2), 2 * reach, 0.03)
        return
    if style == "steel towers" and top - foot - FOUNDATION > 10:
        add_trestle(parts, ground, x, top, reach)
        return
    makers = {"wall": wall, "hammerhead": hammerhead, "twin-leaf piers": twin_leaf}
    if style == "three columns":
        columns(parts, x, foot, top, thick, reach, 3)
    else:
        makers.get(style, columns)(parts, x, foot, top, thick, reach)
    if foot < -FOUNDATION:
        parts["concrete"].box([x, 0, 0.2], [thick * 2.2 + 1.2, reach * 2, 2.4])


def columns(
    parts: Parts, x: float, foot: float, top: float, thick: float, reach: float, many: int = 2
) -> None:
    """Stand round columns below a cross beam."""
    cap = thick * 1.1
    for y in np.linspace(-reach * 0.62, reach * 0.62, many):
        parts["concrete"].tubes([x, y, foot], [x, y, top - cap / 2], thick / 2, sides=14)
    parts["concrete"].box([x, 0, top - cap / 2], [thick * 1.25, 2 * reach, cap])


def wall(parts: Parts, x: float, foot: float, top: float, thick: float, reach: float) -> None:
    """Stand a wall with rounded ends and a wider cap."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, 7)
    half = thick / 2
    edge = reach * 0.86 - half
    nose = np.stack([half * np.sin(turn), edge + half * np.cos(turn)], axis=1)
    outline = np.concatenate([nose, -nose]) + vec(x, 0)
    rings = [np.insert(outline, 2, z, axis=1) for z in (foot, top - 0.5)]
    parts["concrete"].loft(np.stack(rings))
    parts["concrete"].box([x, 0, top - 0.4], [thick * 1.2, 2 * reach, 0.8])


def twin_leaf(parts: Parts, x: float, foot: float, top: float, thick: float, reach: float) -> None:
    """Stand two thin walls, one behind the other."""
    middle, height = (foot + top) / 2, top - foot
    for shift in (-thick * 0.8, thick * 0.8):
        parts["concrete"].box([x + shift, 0, middle], [thick * 0.5, reach * 1.7, height])
    parts["concrete"].box([x, 0, top - 0.35], [thick * 2.3, reach * 1.8, 0.7])


def hammerhead(parts: Parts, x: float, foot: float, top: float, thick: float, reach: float) -> None:
    """Stand one stem that spreads into a head."""
    stem, tall = max(reach * 0.4, thick * 0.7), min(reach * 0.45, (top - foot) * 0.3)
    sizes = [(foot, stem), (top - tall - 0.6, stem), (top - 0.6, reach), (top, reach)]
    rings = [
        [[x - h, -w, z], [x + h, -w, z], [x + h, w, z], [x - h, w, z]]
        for (z, w), h in zip(sizes, [thick * 0.6] * 4, strict=True)
    ]
    parts["concrete"].loft(np.array(rings))


def add_trestle(parts: Parts, ground: Ground, x: float, top: float, reach: float) -> None:
    """Stand four steel legs that spread downwards, braced, on blocks of concrete."""
    spread, long = reach * 1.5, 4.0
    steel = parts["paint"]
    y = np.array([-spread, spread])
    base = [
        float(ground(np.array([x + s * long]), y[i : i + 1])[0]) for s in (-1, 1) for i in (0, 1)
    ]
    floor = max(max(base) + 1.0, 1.5)
    ends: list[tuple[Floats, Floats]] = []
    for index, (s, side) in enumerate((s, t) for s in (-1, 1) for t in (-1, 1)):
        low, high = (
            vec(x + s * long, side * spread, floor),
            vec(x + s * 1.2, side * reach, top - 0.3),
        )
        block = min(base[index], base[0]) - FOUNDATION
        parts["concrete"].box(
            [low[0], low[1], (block + floor) / 2 + 0.1], [2.2, 2.2, floor - block + 0.2]
        )
        steel.beams(low, high, 0.6, 0.6)
        ends.append((low, high))
    steel.box([x, 0, top - 0.35], [3.4, 2 * reach + 0.8, 0.7])
    brace(parts, ends, max(2, round((top - floor) / 9)))


def brace(parts: Parts, legs: list[tuple[Floats, Floats]], floors: int) -> None:
    """Brace neighbouring legs crosswise, floor by floor."""
    share = np.linspace(0, 1, floors + 1)[:, None]
    lines = [low + (high - low) * share for low, high in legs]
    for a, b in ((0, 1), (2, 3), (0, 2), (1, 3)):
        parts["paint"].beams(lines[a][:-1], lines[b][1:], 0.22, 0.22)
        parts["paint"].beams(lines[b][:-1], lines[a][1:], 0.22, 0.22)
        parts["paint"].beams(lines[a][1:], lines[b][1:], 0.3, 0.3)


def add_approach_piers(parts: Parts, plan: BridgePlan, ground: Ground, depth: float) -> None:
    """Set piers under girders of this depth at every support outside the main span."""
    for x in plan.stations[1:-1]:
        if abs(x) > plan.span / 2 + 1:
            low = girder_soffit(plan, x, depth)
            thick = min(2.2, 1.1 + low * 0.025)
            style = "columns" if plan.pier in ("steel towers", "twin-leaf piers") else plan.pier
            add_support(parts, plan, ground, x, low, thick, girder_places(plan), style)
