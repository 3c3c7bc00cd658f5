"""Covered wooden bridges: a truss that a house with a roof keeps dry."""

import numpy as np

from rendering.bridges.common import (
    Bridge,
    Ground,
    add_abutments,
    deck_line,
    road,
    road_at,
)
from rendering.bridges.masonry import add_stone_pier
from rendering.mesh import Floats, Parts, rectangle, vec
from rendering.plan import BridgePlan

OVERHANG = 0.9


def build_covered(plan: BridgePlan, ground: Ground) -> Bridge:
    """Build floor, walls and roof on stone abutments."""
    parts = Parts()
    line = deck_line(plan, 2.0)
    parts["wood"].sweep(line, rectangle(plan.width - 0.2, 0.35))
    for y in np.linspace(-plan.width * 0.35, plan.width * 0.35, 4):
        parts["wood"].sweep(line, rectangle(0.4, 0.55, top=-0.35) + vec(y, 0))
    frame = add_frame(parts, plan)
    for side in (-1, 1):
        add_siding(parts, plan, line, side)
    add_roof(parts, plan, line)
    add_gables(parts, plan)
    for x in plan.stations[1:-1]:
        add_stone_pier(parts, ground, x, road_at(plan, x) - 1.0, 2.2, plan.width + 0.6, 0.05)
    add_abutments(parts, plan, ground, "stone")
    return Bridge(parts.meshes(), line, frame, features=frame[::4])


def add_frame(parts: Parts, plan: BridgePlan) -> Floats:
    """Add the posts and crossing braces that carry the load; return the upper chord."""
    half = plan.length / 2 - 0.4
    x = np.linspace(-half, half, max(5, round(plan.length / 2.6)))
    for y in (-plan.width / 2 + 0.25, plan.width / 2 - 0.25):
        low = np.stack([x, np.full_like(x, y), road(plan, x)], axis=1)
        top = low + vec(0, 0, plan.rise - 0.3)
        parts["wood"].beams(low, top, 0.28, 0.28)
        parts["wood"].beams(low[:-1], top[1:], 0.16, 0.2)
        parts["wood"].beams(top[:-1], low[1:], 0.16, 0.2)
    return np.stack([x, np.zeros_like(x), road(plan, x) + plan.rise - 0.3], axis=1)


def add_siding(parts: Parts, plan: BridgePlan, line: Floats, side: int) -> None:
    """Close one side with boards, all of it or only the lower part."""
    y = side * plan.width / 2
    full = plan.rise * {"boarded": 0.74, "open sides": 0.36}.get(plan.variant, 0.4)
    if plan.variant == "windows":
        upper = rectangle(0.1, plan.rise * 0.28, top=plan.rise * 0.9)
        parts["boards"].sweep(line, upper + vec(y, 0))
        for x in np.linspace(line[0, 0], line[-1, 0], max(4, round(plan.length / 3.2))):
            middle = road_at(plan, float(x)) + plan.rise * 0.52
            parts["boards"].box([x, y, middle], [1.1, 0.09, plan.rise * 0.34])
    parts["boards"].sweep(line, rectangle(0.1, full + 0.7, top=full) + vec(y, 0))
    parts["boards"].sweep(line, rectangle(0.14, 0.3, top=plan.rise) + vec(y, 0))


def add_roof(parts: Parts, plan: BridgePlan, line: Floats) -> None:
    """Add a gabled roof with eaves."""
    eave, ridge = plan.width / 2 + OVERHANG, plan.width * 0.42
    low = plan.rise - 0.35
    outer = [[-eave, low], [0, low + ridge], [eave, low]]
    inner = [[eave, low + 0.18], [0, low + ridge + 0.22], [-eave, low + 0.18]]
    beyond = line.copy()
    beyond[[0, -1], 0] += [-OVERHANG, OVERHANG]
    for half in (
        np.array([outer[0], outer[1], inner[1], inner[2]]),
        np.array([outer[1], outer[2], inner[0], inner[1]]),
    ):
        parts["roof"].sweep(beyond, half)


def add_gables(parts: Parts, plan: BridgePlan) -> None:
    """Board both ends above and beside the way in."""
    for x in (-plan.length / 2, plan.length / 2):
        floor, half = road_at(plan, x), plan.width / 2
        for y in (-half + 0.3, half - 0.3):
            parts["boards"].box([x, y, floor + plan.rise / 2], [0.2, 0.7, plan.rise])
        eave, ridge = floor + plan.rise * 0.8, floor + plan.rise + plan.width * 0.38
        outline = np.array([[-half, eave], [half, eave], [half, eave + 0.9], [0, ridge]])
        outline = np.concatenate([outline, [[-half, eave + 0.9]]])
        ends = [np.insert(outline, 0, x + shift, axis=1) for shift in (-0.07, 0.07)]
        parts["boards"].loft(np.stack(ends))
