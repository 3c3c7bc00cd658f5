"""What a seed decides before any geometry exists: type, size, place and season."""

from dataclasses import dataclass

import numpy as np

from rendering.balance import setting_of
from rendering.proportions import PROPORTIONS, Proportions

SETTINGS: dict[str, tuple[str, ...]] = {
    "beam": ("river", "farmland", "lake", "city"),
    "cable-stayed fan": ("river", "harbour", "fjord", "city"),
    "stone arch": ("river", "farmland", "city"),
    "half-through arch": ("river", "fjord", "city", "lake"),
    "deck truss": ("gorge", "river", "fjord"),
    "suspension": ("fjord", "harbour", "lake"),
    "bascule": ("harbour", "city", "river"),
    "viaduct": ("farmland", "river", "lake"),
    "steel deck arch": ("gorge",),
    "through truss": ("river", "farmland", "lake"),
    "footbridge": ("city", "river", "lake"),
    "extradosed": ("river", "lake", "fjord"),
    "covered": ("farmland", "river"),
    "through arch": ("river", "city", "fjord", "harbour"),
    "cantilever truss": ("river", "fjord", "harbour", "lake"),
    "box girder": ("fjord", "gorge", "river", "lake"),
    "aqueduct": ("river", "farmland"),
    "cable-stayed harp": ("river", "harbour", "lake", "city"),
    "swing": ("harbour", "river", "lake"),
    "concrete deck arch": ("gorge",),
}
TYPES = tuple(SETTINGS)
SEASONS = ("summer", "autumn", "spring", "winter", "summer", "autumn")
PAINTS = {
    "white": (0.72, 0.73, 0.72),
    "grey": (0.32, 0.35, 0.37),
    "green": (0.10, 0.24, 0.18),
    "light blue": (0.22, 0.42, 0.55),
    "blue": (0.05, 0.15, 0.36),
    "red": (0.45, 0.07, 0.04),
    "orange": (0.55, 0.13, 0.04),
    "rust brown": (0.20, 0.08, 0.045),
    "yellow": (0.58, 0.36, 0.06),
    "dark grey": (0.10, 0.11, 0.12),
}
STAY_PAINTS = ("white", "white", "grey", "yellow", "red", "light blue", "dark grey")
BOARDS = {
    "red": PAINTS["red"],
    "brown": (0.16, 0.09, 0.05),
    "white": (0.62, 0.61, 0.57),
    "grey": (0.24, 0.22, 0.20),
}
BOARD_SHARES = (0.4, 0.25, 0.15, 0.2)
DECK_SHARE = 0.42  # of the rise of a half-through arch that lies below its deck
STONES = {
    "granite": (0.36, 0.35, 0.33),
    "sandstone": (0.47, 0.36, 0.23),
    "limestone": (0.55, 0.51, 0.43),
    "brick": (0.34, 0.12, 0.07),
    "red sandstone": (0.38, 0.19, 0.12),
}


@dataclass(frozen=True)
class BridgePlan:
    """The numbers that a bridge is built from; lengths in metres."""

    seed: int
    type: str
    variant: str
    setting: str
    season: str
    span: float  # the main span
    spans: tuple[float, ...]  # every span from abutment to abutment
    width: float
    depth: float  # of the deck at midspan
    clearance: float  # road level above the water at the abutments
    rise: float  # of arch, cable sag, truss or pylon above the deck, by type
    pylon: str  # shape of pylons or towers, empty where there are none
    pier: str
    railing: str
    lamps: str
    colour: str
    tint: tuple[float, float, float]
    materials: tuple[str, ...]

    @property
    def length(self) -> float:
        """Return the distance between the abutments."""
        return sum(self.spans)

    @property
    def below(self) -> float:
        """Return how far the structure reaches below the road."""
        special = {
            "suspension": max(self.depth, 2.6) * 1.7 + 1.0,
            "deck truss": self.rise * 1.05 + 2.2,
            "box girder": self.rise + 0.6,
            "cantilever truss": self.span / 80 + 1.0,
        }
        return special.get(self.type, self.depth)

    @property
    def open(self) -> bool:
        """Say whether a movable bridge lets ships pass, and so no traffic."""
        return self.variant.startswith(("raised", "turned"))

    @property
    def stations(self) -> tuple[float, ...]:
        """Return the places of all supports along the axis, the abutments first and last."""
        edges = np.cumsum((0.0, *self.spans)) - self.length / 2
        return tuple(float(edge) for edge in edges)


def plan_bridge(seed: int) -> BridgePlan:
    """Decide everything about one bridge; types and their variants take turns."""
    rng = np.random.default_rng([seed, 1])
    turn, place = divmod(seed, len(TYPES))
    kind = TYPES[place]
    setting = setting_of(seed, SETTINGS)
    shape = PROPORTIONS[kind]
    variant = shape.variants[turn % len(shape.variants)]
    span = float(np.round(draw(rng, shape.span), 1))
    colour, tint = pick_colour(rng, kind, shape)
    depth = span * draw(rng, shape.depth)
    rise = max(
        shape.least_rise if "plate" not in variant else 0, span * draw(rng, shape.rise_of(variant))
    )
    below = variant in ("stress ribbon", "arch below")
    usual = span * draw(rng, shape.clearance_of(variant))
    level = road_level(rng, f"{kind} below" if below else kind, usual, depth, rise)
    return BridgePlan(
        seed=seed,
        type=kind,
        variant=variant,
        setting=setting,
        season=SEASONS[int(rng.integers(len(SEASONS)))],
        span=span,
        spans=lay_out(rng, shape, span, variant),
        width=draw(rng, shape.width),
        depth=depth,
        clearance=max(shape.least_clearance, level),
        rise=rise,
        pylon=shape.pylons[(turn + turn // len(shape.variants)) % len(shape.pylons)],
        pier=shape.piers[(turn + turn // len(shape.variants)) % len(shape.piers)],
        railing=str(rng.choice(shape.railings)),
        lamps=str(rng.choice(shape.lamps)),
        colour=colour,
        tint=tint,
        materials=(colour if colour == "brick" else shape.materials[0], *shape.materials[1:]),
    )


def road_level(
    rng: np.random.Generator, kind: str, usual: float, depth: float, rise: float
) -> float:
    """Return the height of the road above the water; arches and ribbons decide it by their rise."""
    if kind == "stone arch":
        return rise + depth
    if kind == "half-through arch":
        return rise * DECK_SHARE + rise * 0.13 + draw(rng, (1.5, 3.5))
    return max(usual, rise + {"deck truss": 9.0, "footbridge below": 4.5}.get(kind, -rise))


def draw(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    """Pick a number between two bounds."""
    return float(rng.uniform(*bounds))


def lay_out(
    rng: np.random.Generator, shape: Proportions, span: float, variant: str
) -> tuple[float, ...]:
    """Set main spans in a row with the side and approach spans of the type around them."""
    many = int(rng.integers(shape.count[0], shape.count[1] + 1))
    if variant == "one pylon":
        return (span, round(span * draw(rng, (0.5, 0.75)), 1))
    side = span * draw(rng, shape.side)
    approach = [shape.approach] * int(rng.integers(*shape.approaches))
    ends = ([side] if side else []) + approach
    return (*reversed(ends), *([span] * many), *ends)


def pick_colour(
    rng: np.random.Generator, kind: str, shape: Proportions
) -> tuple[str, tuple[float, float, float]]:
    """Choose the paint or the stone that gives the bridge its colour."""
    if kind.startswith("cable-stayed"):
        name = str(rng.choice(STAY_PAINTS))
        return name, PAINTS[name]
    palette = STONES if shape.materials[0] == "stone" else PAINTS
    if shape.materials[0] == "concrete":
        return "pale grey", (0.50, 0.49, 0.46)
    if shape.materials[0] == "wood":
        name = str(rng.choice(list(BOARDS), p=list(BOARD_SHARES)))
        return name, BOARDS[name]
    name = str(rng.choice(sorted(palette)))
    return name, palette[name]
