"""What a seed decides before any geometry exists: type, size, place and season."""

from dataclasses import dataclass

import numpy as np

from rendering.balance import setting_of
from rendering.proportions import PROPORTIONS, Proportions

SETTINGS: dict[str, tuple[str, ...]] = {
    "beam": ("river", "farmland", "lake", "city"),
    "box girder": ("fjord", "gorge", "river", "lake"),
    "stone arch": ("river", "farmland", "city"),
    "through arch": ("river", "city", "fjord", "harbour"),
    "steel deck arch": ("gorge",),
    "concrete deck arch": ("gorge",),
    "truss": ("river", "farmland", "lake"),
    "suspension": ("fjord", "harbour", "lake"),
    "cable-stayed": ("river", "harbour", "fjord", "city"),
    "extradosed": ("river", "lake", "fjord"),
    "viaduct": ("farmland", "river", "lake"),
    "aqueduct": ("river", "farmland"),
    "covered": ("farmland", "river"),
    "footbridge": ("city", "river", "lake"),
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
}
STONES = {
    "granite": (0.36, 0.35, 0.33),
    "sandstone": (0.47, 0.36, 0.23),
    "limestone": (0.55, 0.51, 0.43),
    "brick": (0.34, 0.12, 0.07),
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
    colour: str
    tint: tuple[float, float, float]
    materials: tuple[str, ...]

    @property
    def length(self) -> float:
        """Return the distance between the abutments."""
        return sum(self.spans)

    @property
    def stations(self) -> tuple[float, ...]:
        """Return the places of all supports along the axis, the abutments first and last."""
        edges = np.cumsum((0.0, *self.spans)) - self.length / 2
        return tuple(float(edge) for edge in edges)


def plan_bridge(seed: int) -> BridgePlan:
    """Decide everything about one bridge; types take turns, so each is shown equally often."""
    rng = np.random.default_rng([seed, 1])
    kind = TYPES[seed % len(TYPES)]
    setting = setting_of(seed, SETTINGS)
    shape = PROPORTIONS[kind]
    span = float(np.round(draw(rng, shape.span), 1))
    variant = str(rng.choice(shape.variants))
    colour, tint = pick_colour(rng, shape)
    depth = span * draw(rng, shape.depth)
    rise = max(shape.least_rise, span * draw(rng, shape.rise))
    above = rise + depth if kind == "stone arch" else span * draw(rng, shape.clearance)
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
        clearance=max(shape.least_clearance, above),
        rise=rise,
        colour=colour,
        tint=tint,
        materials=(colour if colour == "brick" else shape.materials[0], *shape.materials[1:]),
    )


def draw(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    """Pick a number between two bounds."""
    return float(rng.uniform(*bounds))


def lay_out(
    rng: np.random.Generator, shape: Proportions, span: float, variant: str
) -> tuple[float, ...]:
    """Set main spans in a row with the side and approach spans of the type around them."""
    many = int(rng.integers(shape.count[0], shape.count[1] + 1))
    if variant.startswith("one pylon"):
        return (span, span * 0.62)
    side = span * draw(rng, shape.side)
    approach = [shape.approach] * int(rng.integers(*shape.approaches))
    ends = ([side] if side else []) + approach
    return (*reversed(ends), *([span] * many), *ends)


def pick_colour(
    rng: np.random.Generator, shape: Proportions
) -> tuple[str, tuple[float, float, float]]:
    """Choose the paint or the stone that gives the bridge its colour."""
    palette = STONES if shape.materials[0] == "stone" else PAINTS
    if shape.materials[0] == "concrete":
        return "pale grey", (0.50, 0.49, 0.46)
    if shape.materials[0] == "wood":
        return ("red", PAINTS["red"]) if rng.random() < 0.6 else ("brown", (0.16, 0.09, 0.05))
    name = str(rng.choice(sorted(palette)))
    return name, palette[name]
