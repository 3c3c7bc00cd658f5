"""The ground: a valley with water in it, shaped so that the bridge of the plan fits across."""

from dataclasses import dataclass

import numpy as np

from rendering.bridges import arch
from rendering.bridges.common import road
from rendering.mesh import Floats, Mesh, MeshBuilder
from rendering.noise import fractal_noise
from rendering.plan import BridgePlan

WATER_DEPTH = 6.0
ROAD_BED = 0.35  # metres from the road's surface down to the ground beside it


@dataclass(frozen=True)
class Land:
    """How the country of one setting rises and rolls; metres."""

    bank: float  # height of the ground just above the water
    slope: float  # width of the bank
    far: float  # how much the country rises beyond the bridge
    roll: float  # height of the small hills
    water: float  # width of the water / length of the bridge
    bend: float  # how far the river swings aside
    mountain: float = 0.0


LANDS: dict[str, Land] = {
    "river": Land(1.6, 9, 25, 8, 0.72, 90),
    "farmland": Land(1.4, 7, 9, 3, 0.5, 60),
    "lake": Land(1.3, 12, 60, 16, 0.82, 30),
    "fjord": Land(2.5, 10, 130, 40, 0.86, 120, 420),
    "gorge": Land(2.5, 5, 60, 18, 0.3, 50, 160),
    "city": Land(3.6, 1.5, 2, 0.4, 0.8, 0),
    "harbour": Land(2.6, 4, 12, 2, 0.86, 0),
}


class Terrain:
    """Heights of the ground for one plan."""

    def __init__(self, plan: BridgePlan) -> None:
        self.plan = plan
        self.land = LANDS[plan.setting]
        self.half_water = self._half_water()
        self._away, self._high = self._valley()

    def _half_water(self) -> float:
        plan = self.plan
        if plan.type in ("steel deck arch", "concrete deck arch"):
            return plan.span * 0.26
        if plan.type in ("viaduct", "aqueduct"):
            return plan.span * 1.4
        return max(plan.length * self.land.water / 2, min(plan.span * 0.55, plan.length * 0.45))

    def _valley(self) -> tuple[Floats, Floats]:
        """Return distances from the river's middle and the ground's height at each."""
        plan, land, water = self.plan, self.land, self.half_water
        end, top = plan.length / 2, plan.clearance - ROAD_BED
        points = [(0.0, -WATER_DEPTH), (water - land.slope, -WATER_DEPTH * 0.6)]
        points.append((water + land.slope * 0.6, min(land.bank, top)))
        if plan.type in ("steel deck arch", "concrete deck arch"):
            points.append((plan.span / 2, arch.springing(plan) + 1.0))
        flat = land.mountain == 0 and plan.setting != "lake" and plan.clearance < 26
        edge = max(end, water + land.slope + 2)
        points.append((edge, min(land.bank + 1.5, top) if flat else top))
        points.append((edge + 500, points[-1][1] + land.far))
        points.append((edge + 1500, points[-1][1] + land.far * 0.5 + land.mountain))
        away, high = np.array(sorted(points)).T
        return away, high

    def middle(self, y: Floats) -> Floats:
        """Return where the river's middle lies; it passes straight under the bridge."""
        bend = self.land.bend * (1 - np.cos(y / 330 + self.plan.seed)) / 2
        straight = self.land.bend * (1 - np.cos(float(self.plan.seed))) / 2
        return np.asarray((bend - straight) * np.clip(np.abs(y) / 150, 0, 1))

    def natural(self, x: Floats, y: Floats) -> Floats:
        """Return the ground before roads were built."""
        land, seed = self.land, self.plan.seed
        ragged = 0 if land.bend == 0 else 0.5 * land.slope * fractal_noise(x / 40, y / 40, seed, 3)
        away = np.abs(x - self.middle(y)) + ragged
        blur = land.slope * 0.5
        valley = sum(np.interp(away + d * blur, self._away, self._high) for d in (-1, 0, 1)) / 3
        dry = np.clip((away - self.half_water) / 60, 0, 1)
        hills = land.roll * fractal_noise(x / 210, y / 210, seed + 10) * dry
        small = 0.5 * fractal_noise(x / 9, y / 9, seed + 20, 3) * np.clip(dry * 8, 0, 1)
        far = np.clip((np.hypot(x, y) - 900) / 1600, 0, 1) * np.clip(dry * 2, 0, 1)
        peaks = land.mountain * np.abs(fractal_noise(x / 900, y / 900, seed + 30, 6)) * far
        return np.asarray(valley + hills + small + peaks)

    def height(self, x: Floats, y: Floats) -> Floats:
        """Return the ground as it is, with cuttings and banks along the road."""
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        ground = self.natural(x, y)
        plan = self.plan
        bed = road(plan, x) - ROAD_BED
        beside = np.maximum(np.abs(y) - plan.width / 2 - 2.5, 0)
        on_land = np.clip((np.abs(x) - plan.length / 2 + 1) / 2.5, 0, 1)
        gap = np.abs(ground - bed)
        near = np.clip(1 - beside / (6 + 1.7 * gap), 0, 1) * on_land
        near = near * near * (3 - 2 * near)
        ground = ground * (1 - near) + bed * near
        below = bed - self._headroom(x)
        under = np.clip(1 - np.maximum(np.abs(y) - plan.width / 2 - 6, 0) / 25, 0, 1) * (
            1 - on_land
        )
        return np.where(under > 0, np.minimum(ground, below + (1 - under) * 40), ground)

    def _headroom(self, x: Floats) -> Floats:
        """Return how far the ground stays below the road: little at the abutments, more inside."""
        inside = self.plan.length / 2 - np.abs(x)
        slope = 0.6 if self.plan.type == "deck truss" else 0.45
        deck = np.clip(0.3 + inside * slope, 0.3, max(2.2, self.plan.below + 1.6))
        return np.maximum(deck, arch.reach_below(self.plan, x))

    def mesh(self) -> Mesh:
        """Return the surface, fine near the bridge and coarse far away."""
        reach = max(3600.0, self.plan.length * 4)
        x = spaced(reach, self.plan.length / 2 + 60, 230)
        y = spaced(reach, 140, 230)
        grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
        points = np.dstack([grid, self.height(grid[..., 0], grid[..., 1])])
        builder = MeshBuilder()
        builder.sheet(points)
        return builder.mesh(smooth=True)


def spaced(reach: float, dense: float, count: int) -> Floats:
    """Return coordinates in [-reach, reach]: equal steps within `dense`, growing ones outside."""
    t = np.linspace(-1, 1, count)
    inner = 0.68
    linear = t / inner * dense
    grown = np.clip((np.abs(t) - inner) / (1 - inner), 0, 1)
    return linear + np.sign(t) * grown**3 * (reach - dense / inner)
