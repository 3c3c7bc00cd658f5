"""What every material of a scene looks like: colours, roughness and kind of surface."""

from typing import Any

import numpy as np

from rendering.plan import BridgePlan

Look = dict[str, Any]

LEAVES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "summer": ((0.070, 0.150, 0.025), (0.095, 0.165, 0.030), (0.060, 0.120, 0.028)),
    "spring": ((0.150, 0.260, 0.045), (0.190, 0.280, 0.060), (0.120, 0.220, 0.050)),
    "autumn": ((0.420, 0.170, 0.025), (0.340, 0.085, 0.020), (0.450, 0.280, 0.040)),
    "winter": ((0.080, 0.065, 0.050),) * 3,
}
GRASS = {
    "summer": (0.095, 0.150, 0.035),
    "spring": (0.120, 0.200, 0.040),
    "autumn": (0.190, 0.160, 0.055),
    "winter": (0.170, 0.150, 0.090),
}
REEDS = {
    "summer": (0.120, 0.160, 0.045),
    "spring": (0.200, 0.200, 0.080),
    "autumn": (0.300, 0.215, 0.095),
    "winter": (0.320, 0.260, 0.150),
}
WATERS = (
    (0.010, 0.030, 0.036),
    (0.018, 0.030, 0.022),
    (0.030, 0.026, 0.016),
    (0.006, 0.026, 0.045),
)
CARS = ((0.5, 0.03, 0.02), (0.6, 0.6, 0.6), (0.03, 0.08, 0.3), (0.03, 0.03, 0.03), (0.7, 0.68, 0.6))
COATS = (
    (0.40, 0.04, 0.03),
    (0.03, 0.05, 0.14),
    (0.45, 0.33, 0.06),
    (0.05, 0.05, 0.05),
    (0.50, 0.48, 0.44),
    (0.06, 0.20, 0.12),
)
CONCRETES = (
    (0.46, 0.45, 0.42),
    (0.54, 0.52, 0.48),
    (0.38, 0.375, 0.36),
    (0.48, 0.43, 0.36),
    (0.41, 0.43, 0.44),
)
WALLS = (
    (0.45, 0.38, 0.30),
    (0.30, 0.13, 0.09),
    (0.38, 0.40, 0.42),
    (0.55, 0.52, 0.47),
    (0.2, 0.23, 0.26),
)


def looks(plan: BridgePlan) -> dict[str, Look]:
    """Return the look of each material of one bridge and its surroundings."""
    rng = np.random.default_rng([plan.seed, 11])
    snow = plan.season == "winter"
    return built(plan, snow) | grown(plan, rng, snow) | made(rng, snow)


def plain(colour: tuple[float, ...], rough: float, **more: float) -> Look:
    """Describe a surface of one colour with a little weathering."""
    return {"kind": "surface", "colour": list(colour), "rough": rough, **more}


def built(plan: BridgePlan, snow: bool) -> dict[str, Look]:
    """Describe what the bridge is made of."""
    stone = plan.tint if plan.type in ("stone arch", "viaduct", "aqueduct") else STONE
    brick = plan.colour == "brick"
    concrete = CONCRETES[int(np.random.default_rng([plan.seed, 14]).integers(len(CONCRETES)))]
    size = (0.5, 0.16) if brick else (0.95, 0.42)
    dressed = tuple(min(1.0, c * 1.02 + 0.01) for c in (STONE if brick else stone))
    return {
        "paint": plain(plan.tint, 0.42, dirt=0.35),
        "concrete": plain(concrete, 0.8, dirt=0.8, bump=0.3),
        "kerb": plain((0.5, 0.49, 0.46), 0.85, dirt=0.4, snow=0.75 * snow, wets=0.7),
        "stone": {"kind": "masonry", "colour": list(stone), "rough": 0.9, "size": list(size)},
        "voussoir": plain(dressed, 0.88, dirt=0.7, bump=0.4),
        "asphalt": plain((0.055, 0.055, 0.058), 0.85, dirt=0.3, snow=0.4 * snow, wets=0.8),
        "ballast": plain((0.16, 0.145, 0.125), 0.95, dirt=0.9, bump=1.0, snow=0.6 * snow),
        "marking": plain((0.6, 0.6, 0.56), 0.7, wets=0.6),
        "railing": plain((0.20, 0.22, 0.23), 0.5, metal=0.4),
        "rail": plain((0.25, 0.19, 0.15), 0.4, metal=0.8),
        "cable": plain(tuple(c * 0.8 + 0.05 for c in plan.tint), 0.5),
        "stay": plain((0.62, 0.63, 0.63), 0.45),
        "wood": plain((0.20, 0.125, 0.07), 0.85, dirt=0.8, wets=0.6),
        "boards": {"kind": "boards", "colour": list(plan.tint), "rough": 0.8},
        "roof": plain((0.13, 0.085, 0.07), 0.8, dirt=0.7, snow=0.95 * snow),
        "lamp": {"kind": "glow", "colour": [1.0, 0.72, 0.38]},
        "beacon": {"kind": "glow", "colour": [1.0, 0.05, 0.03]},
    }


STONE = (0.31, 0.29, 0.26)


def grown(plan: BridgePlan, rng: np.random.Generator, snow: bool) -> dict[str, Look]:
    """Describe land, water and plants."""
    leaves = LEAVES[plan.season]
    city = plan.setting in ("city", "harbour")
    grass = (0.15, 0.15, 0.145) if city else GRASS[plan.season]
    warm = rng.uniform(0.85, 1.15)
    rock = (0.165 * warm, 0.155, 0.14 / warm)
    return {
        "terrain": {
            "kind": "terrain",
            "colour": list(grass),
            "rock": list(rock),
            "snow": float(snow),
            "field": 1.0 if plan.setting in ("farmland", "river") else 0.0,
            "city": float(city),
        },
        "water": {"kind": "water", "colour": list(WATERS[int(rng.integers(len(WATERS)))])},
        "bark": plain((0.075, 0.055, 0.042), 0.95, snow=0.3 * snow),
        "needle": {"kind": "leaf", "colour": [0.030, 0.070, 0.030], "snow": 0.62 * snow},
        "grass": {"kind": "leaf", "colour": [c * 1.1 for c in grass], "snow": 0.3 * snow},
        "reed": {"kind": "leaf", "colour": list(REEDS[plan.season]), "snow": 0.2 * snow},
        "driftwood": plain((0.24, 0.20, 0.16), 0.95, dirt=0.6, snow=0.5 * snow),
        "rock": plain(rock, 0.92, dirt=0.9, bump=0.8, snow=0.8 * snow, wets=0.6),
        **{
            f"leaf{i}": {"kind": "leaf", "colour": list(c), "snow": 0.4 * snow}
            for i, c in enumerate(leaves)
        },
    }


def made(rng: np.random.Generator, snow: bool) -> dict[str, Look]:
    """Describe buildings, cars and boats."""
    walls = rng.permutation(len(WALLS))
    cars = rng.permutation(len(CARS))
    coats = rng.permutation(len(COATS))
    facades: dict[str, Look] = {
        f"facade{i}": {
            "kind": "facade",
            "colour": list(WALLS[walls[i]]),
            "size": [float(rng.uniform(1.6, 3.2)), float(rng.uniform(2.9, 3.6))],
        }
        for i in range(4)
    }
    return facades | {
        "roofing": plain((0.22, 0.21, 0.20), 0.9, dirt=0.5, snow=0.9 * snow),
        "plaster": plain((0.62, 0.56, 0.46), 0.9, dirt=0.4),
        "pane": {"kind": "pane", "colour": [0.03, 0.04, 0.05]},
        "tyre": plain((0.02, 0.02, 0.02), 0.8),
        "hull": plain((0.7, 0.7, 0.68), 0.35),
        "skin": plain((0.42, 0.27, 0.19), 0.7),
        "trousers": plain((0.035, 0.04, 0.06), 0.85),
        **{f"coat{i}": plain(COATS[coats[i]], 0.85) for i in range(4)},
        "sail": plain((0.8, 0.79, 0.74), 0.8),
        **{f"car{i}": plain(CARS[cars[i]], 0.25) for i in range(3)},
    }
