"""Pylons of cable-stayed bridges, from single masts to diamonds."""

# ruff: noqa: PLR0913, PLR0917 - where solids stand and how large they are takes many numbers

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rendering.bridges.common import FOUNDATION, Ground, lowest, road_at
from rendering.mesh import Floats, Parts
from rendering.plan import BridgePlan

OUTSIDE = 1.2  # metres from the deck's edge to the middle of a leg


@dataclass(frozen=True)
class Plane:
    """One plane of stays: where it meets the deck, and how it meets the pylon."""

    edge: float  # metres aside at the deck
    upper: float  # metres aside on the pylon at the deck's height
    lean: float = 0.0  # metres nearer to the axis per metre above the deck
    along: float = 0.0  # metres along the bridge per metre above the deck


@dataclass(frozen=True)
class Site:
    """Where one pylon stands and how large it is."""

    x: float
    foot: float  # lowest ground below it
    deck: float
    under: float  # lower side of the deck
    high: float  # above the deck
    thick: float
    half: float  # half the deck's width

    @property
    def top(self) -> float:
        """Return the height of its top."""
        return self.deck + self.high


def add_leg(parts: Parts, material: str, ends: Floats, deep: Floats, wide: Floats) -> None:
    """Add a tapering leg of rectangular section; `deep` lies along the bridge."""
    ring = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    rings = np.repeat(ends[:, None], 4, axis=1)
    rings[:, :, 0] += deep * ring[:, 0]
    rings[:, :, 1] += wide * ring[:, 1]
    parts[material].loft(rings)


def plinth(
    parts: Parts, ground: Ground, x: float, aside: float, wide: float, material: str
) -> float:
    """Set the block on which a tower's legs stand; return the height of its top."""
    foot = lowest(ground, x, 2 * aside + wide * 2)
    floor = max(float(ground(np.full(2, x), np.array([-aside, aside])).max()) + 1.0, 3.0)
    for y in (-aside, aside):
        size = [wide * 2.6, wide * 2.2, floor - foot]
        parts[material].box([x, y, (floor + foot) / 2], size)
    size = [wide * 2.0, 2 * aside, floor - foot - 1.2]
    parts[material].box([x, 0, (floor + foot) / 2 - 0.6], size)
    return floor


def add_pylon(
    parts: Parts, plan: BridgePlan, ground: Ground, x: float, under: float
) -> list[Plane]:
    """Add a pylon of the plan's shape; return its planes of stays."""
    foot = lowest(ground, x, plan.width)
    thick = plan.span / 75 + 0.8
    site = Site(x, foot, road_at(plan, x), under, plan.rise, thick, plan.width / 2)
    base = [thick * 3.2, plan.width * 1.35, 5]
    parts["concrete"].box([x, 0, max(0.5, foot + FOUNDATION + 1)], base)
    makers: dict[str, Callable[[Parts, Site], list[Plane]]] = {
        "A": a_frame,
        "H": h_frame,
        "diamond": diamond,
        "inverted Y": inverted_y,
        "single": mast,
        "free masts": free_masts,
        "leaning mast": leaning,
    }
    planes = makers[plan.pylon](parts, site)
    tip = planes[0]
    aside = abs(tip.upper - tip.lean * site.high)
    aside = aside if aside > thick else 0.0
    for y in {-aside, aside}:
        place = [x + tip.along * site.high, y, site.top + 0.35]
        parts["beacon"].box(place, [0.5, 0.5, 0.9])
    return planes


def legs(parts: Parts, site: Site, shape: list[tuple[float, float]], material: str) -> None:
    """Add two mirrored legs through points of (aside, height)."""
    size = np.linspace(1.35, 0.85, len(shape))[:, None] * site.thick
    for side in (-1, 1):
        ends = np.array([[site.x, side * y, z] for y, z in shape])
        add_leg(parts, material, ends, size, size * 0.7)


def cross_beam(parts: Parts, site: Site, z: float, aside: float, material: str) -> None:
    """Join both legs at one height."""
    size = [site.thick * 0.8, 2 * aside, site.thick * 0.8]
    parts[material].box([site.x, 0, z], size)


def carrier(parts: Parts, site: Site, aside: float, material: str = "concrete") -> None:
    """Add the beam under the deck, with bearings upon it."""
    z = site.under - 0.3 - site.thick * 0.4
    cross_beam(parts, site, z, aside, material)
    for y in (-site.half * 0.45, site.half * 0.45):
        parts["railing"].box([site.x, y, site.under - 0.15], [1.0, 1.0, 0.4])


def a_frame(parts: Parts, site: Site) -> list[Plane]:
    """Add two legs that meet at the top."""
    aside = site.half + OUTSIDE
    lean = (aside - site.thick * 0.25) / site.high
    spread = aside + lean * 0.5 * (site.deck - site.foot)
    shape = [(spread, site.foot), (aside, site.deck), (aside - lean * site.high, site.top)]
    legs(parts, site, shape, "concrete")
    carrier(parts, site, aside)
    cross_beam(parts, site, site.deck + site.high * 0.62, aside * 0.4, "concrete")
    return [Plane(s * (site.half - 0.1), s * aside, s * lean) for s in (-1, 1)]


def h_frame(parts: Parts, site: Site) -> list[Plane]:
    """Add two upright legs joined above and below the deck."""
    aside = site.half + OUTSIDE
    legs(
        parts, site, [(aside * 1.08, site.foot), (aside, site.deck), (aside, site.top)], "concrete"
    )
    carrier(parts, site, aside)
    for share in (0.5, 0.94):
        cross_beam(parts, site, site.deck + site.high * share, aside, "concrete")
    return [Plane(s * (site.half - 0.1), s * aside) for s in (-1, 1)]


def diamond(parts: Parts, site: Site) -> list[Plane]:
    """Add legs that come together under the deck as well as at the top."""
    aside = site.half + OUTSIDE
    lean = (aside - site.thick * 0.25) / site.high
    foot = max(aside * 0.35, aside - 0.5 * (site.deck - site.foot))
    shape = [(foot, site.foot), (aside, site.deck), (aside - lean * site.high, site.top)]
    legs(parts, site, shape, "concrete")
    carrier(parts, site, aside)
    return [Plane(s * (site.half - 0.1), s * aside, s * lean) for s in (-1, 1)]


def inverted_y(parts: Parts, site: Site) -> list[Plane]:
    """Add two legs that join below a single mast, which holds all stays."""
    aside, fork = site.half + OUTSIDE, site.deck + site.high * 0.52
    slope = (aside - site.thick * 0.3) / (fork - site.deck)
    spread = aside + slope * 0.4 * (site.deck - site.foot)
    shape = [(spread, site.foot), (aside, site.deck), (site.thick * 0.3, fork)]
    legs(parts, site, shape, "concrete")
    carrier(parts, site, aside)
    ends = np.array([[site.x, 0, fork - site.thick], [site.x, 0, site.top]])
    size = np.array([[1.0], [0.8]]) * site.thick
    add_leg(parts, "concrete", ends, size, size * 1.3)
    return [Plane(s * (site.half - 0.1), s * site.thick * 0.45) for s in (-1, 1)]


def stem(parts: Parts, site: Site) -> None:
    """Add the pier under the deck that carries a mast in the road's middle."""
    ends = np.array([[site.x, 0, site.foot], [site.x, 0, site.under + 0.1]])
    deep = np.array([[1.8], [1.8]]) * site.thick
    add_leg(parts, "concrete", ends, deep, np.array([[1.0], [1.26]]) * site.half)


def mast(parts: Parts, site: Site) -> list[Plane]:
    """Add one mast in the road's middle with a pier as wide as the box below it."""
    stem(parts, site)
    ends = np.array([[site.x, 0, site.deck - 1], [site.x, 0, site.top]])
    deep, wide = np.array([[1.6], [0.9]]) * site.thick, np.array([[0.8], [0.5]]) * site.thick
    add_leg(parts, "concrete", ends, deep, wide)
    return [Plane(s * 0.7, s * 0.2 * site.thick) for s in (-1, 1)]


def free_masts(parts: Parts, site: Site) -> list[Plane]:
    """Add two slender steel masts that nothing joins above the road."""
    aside = site.half + OUTSIDE
    legs(parts, site, [(aside, site.foot), (aside, site.deck - 0.5)], "concrete")
    carrier(parts, site, aside)
    size = np.array([[0.9], [0.5]]) * site.thick
    for s in (-1, 1):
        ends = np.array([[site.x, s * aside, site.deck - 1], [site.x, s * aside, site.top]])
        add_leg(parts, "paint", ends, size, size)
    return [Plane(s * (site.half - 0.1), s * aside) for s in (-1, 1)]


def leaning(parts: Parts, site: Site) -> list[Plane]:
    """Add one mast in the middle that leans away from the main span."""
    stem(parts, site)
    along = float(np.sign(site.x) or 1.0) * 0.28
    ends = np.array([[site.x, 0, site.deck - 1], [site.x + along * site.high, 0, site.top]])
    deep, wide = np.array([[2.1], [0.8]]) * site.thick, np.array([[0.9], [0.5]]) * site.thick
    add_leg(parts, "paint", ends, deep, wide)
    return [Plane(s * 0.7, s * 0.2 * site.thick, 0.0, along) for s in (-1, 1)]
