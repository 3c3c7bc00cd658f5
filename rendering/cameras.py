"""Where a photographer would stand, and a score that finds the places worth standing at."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rendering.bridges.common import Bridge, road_at
from rendering.mesh import UP, Floats
from rendering.plan import BridgePlan
from rendering.terrain import Terrain

KINDS = ("bank", "water", "air", "deck", "below", "detail")
FORMATS = {"landscape": 3 / 2, "wide": 16 / 9, "portrait": 2 / 3, "panorama": 7 / 3}
GRID = (16, 24)  # cells of the frame that count how much of it the bridge fills
LEAST_COVER = {"bank": 0.09, "water": 0.09, "air": 0.09, "deck": 0.2, "below": 0.2, "detail": 0.22}
TRIES = 22
RAYS = 140  # points of the bridge that are checked for what hides them


@dataclass(frozen=True)
class View:
    """One camera: place, aim and lens."""

    kind: str
    format: str
    eye: Floats
    target: Floats
    angle: float  # horizontal field of view, radians

    @property
    def aspect(self) -> float:
        """Return width / height."""
        return FORMATS[self.format]

    @property
    def heading(self) -> float:
        """Return the direction of view in plan, radians from the x axis."""
        ahead = self.target - self.eye
        return float(np.arctan2(ahead[1], ahead[0]))

    def size(self, width: int) -> tuple[int, int]:
        """Return pixels of about the area that a 3:2 picture of this width has."""
        area = width * width / 1.5
        wide = round((area * self.aspect) ** 0.5 / 2) * 2
        return wide, round(wide / self.aspect / 2) * 2

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Return the unit vectors ahead, to the right and upwards."""
        ahead = (self.target - self.eye) / np.linalg.norm(self.target - self.eye)
        right = np.cross(ahead, UP)
        right /= np.linalg.norm(right)
        return ahead, right, np.cross(right, ahead)

    def matrix(self) -> Floats:
        """Return the camera's place in the world as a 4x4 matrix; it looks down its own -z."""
        ahead, right, up = self.axes()
        world = np.eye(4)
        world[:3] = np.stack([right, up, -ahead, self.eye], axis=1)
        return world

    def project(self, points: Floats) -> Floats:
        """Return (u, v, depth) of points; the frame is [-1, 1] in both u and v."""
        ahead, right, up = self.axes()
        away = points - self.eye
        depth = away @ ahead
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        half = np.tan(self.angle / 2)
        u = away @ right / safe / half
        v = away @ up / safe / half * self.aspect
        return np.stack([u, v, depth], axis=1)


@dataclass(frozen=True)
class Place:
    """Everything that a camera has to reckon with."""

    plan: BridgePlan
    bridge: Bridge
    terrain: Terrain
    buildings: Floats
    samples: Floats  # points spread over the bridge


def sample_bridge(bridge: Bridge, count: int = 5000) -> Floats:
    """Return points on the bridge, so that slender parts count as well as massive ones."""
    rng = np.random.default_rng(0)
    centres, weights = [], []
    for mesh in bridge.meshes.values():
        corners = mesh.vertices[np.maximum(mesh.faces, 0)]
        edges = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
        sides = np.linalg.norm(corners[:, 2] - corners[:, 1], axis=1)
        mix = rng.dirichlet(np.ones(3), len(corners))
        centres.append(np.einsum("nk,nkd->nd", mix, corners[:, :3]))
        weights.append(np.sqrt(edges * sides) + np.maximum(edges, sides) * 0.3)
    where, weight = np.concatenate(centres), np.concatenate(weights)
    picked = rng.choice(len(where), count, p=weight / weight.sum())
    points = where[picked]
    return points[points[:, 2] > 0.3]


def choose_view(place: Place, kind: str, rng: np.random.Generator) -> tuple[View, float]:
    """Try many places of one kind and keep the best view with its score."""
    shape = choose_format(kind, place.plan, rng)
    views = [propose(place, kind, shape, rng) for _ in range(TRIES)]
    scores = [rate(place, view) * rng.uniform(0.85, 1.0) for view in views]
    best = int(np.argmax(scores))
    return views[best], scores[best]


def choose_format(kind: str, plan: BridgePlan, rng: np.random.Generator) -> str:
    """Choose the picture's format: panoramas suit long bridges, portraits suit close views."""
    upright = {"below": 0.3, "detail": 0.35, "deck": 0.15}.get(kind, 0.0)
    broad = 0.2 if kind in ("bank", "water") and plan.length > 120 else 0.0
    chances = [0.72 - upright / 2 - broad / 2, 0.28 - upright / 2 - broad / 2, upright, broad]
    return str(rng.choice(list(FORMATS), p=np.array(chances) / sum(chances)))


def propose(place: Place, kind: str, shape: str, rng: np.random.Generator) -> View:
    """Make one view of a kind at random."""
    makers = {
        "bank": from_bank,
        "water": from_water,
        "air": from_air,
        "deck": from_deck,
        "below": from_below,
        "detail": close_up,
    }
    return makers[kind](place, shape, rng)


def from_bank(place: Place, shape: str, rng: np.random.Generator) -> View:
    """Stand near the water, to one side of the bridge."""
    plan, terrain = place.plan, place.terrain
    y = rng.choice([-1, 1]) * rng.uniform(0.45, 1.5) * float(np.clip(plan.span, 45, 420))
    side = rng.choice([-1, 1])
    shore = terrain.half_water + terrain.land.slope * 0.7 + rng.uniform(1, 22)
    x = float(terrain.middle(np.array([y]))[0]) + side * shore
    z = ground_at(terrain, x, y) + rng.choice([1.7, 2.5, 6.0], p=[0.5, 0.3, 0.2])
    return framed(place, "bank", shape, np.array([x, y, z]), rng)


def from_water(place: Place, shape: str, rng: np.random.Generator) -> View:
    """Look from a boat."""
    plan = place.plan
    y = rng.choice([-1, 1]) * rng.uniform(0.6, 1.6) * float(np.clip(plan.span, 45, 480))
    middle = float(place.terrain.middle(np.array([y]))[0])
    x = middle + rng.uniform(-0.75, 0.75) * place.terrain.half_water
    return framed(place, "water", shape, np.array([x, y, rng.uniform(1.2, 4.5)]), rng)


def from_air(place: Place, shape: str, rng: np.random.Generator) -> View:
    """Look down from a drone or an aeroplane."""
    plan = place.plan
    reach = max(min(plan.length, plan.span * 2.2), 50.0)
    away = reach * rng.uniform(0.65, 1.25)
    turn = np.radians(rng.uniform(18, 75)) * rng.choice([-1, 1]) + rng.choice([0, np.pi])
    rise = np.radians(rng.uniform(13, 36))
    ahead = np.array([np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise)])
    eye = ahead * away + [0, 0, plan.clearance]
    return framed(place, "air", shape, eye, rng)


def from_deck(place: Place, shape: str, rng: np.random.Generator) -> View:
    """Stand on the pavement or drive along the road."""
    plan = place.plan
    x = rng.uniform(0.05, 0.52) * plan.length
    y = rng.choice([-1, 1]) * rng.uniform(0.1, 0.9) * (plan.width / 2 - 0.9)
    side = rng.choice([-1, 1])
    eye = np.array([side * x, y, road_at(plan, side * x) + rng.uniform(1.7, 3.2)])
    top = float(place.bridge.points()[:, 2].max())
    rise = np.clip((top - eye[2]) * 0.18, 0.0, 14.0)
    target = np.array([side * (x - 60), y * 0.2, eye[2] + rise - 1.0])
    return View("deck", shape, eye, target, np.radians(rng.uniform(52, 76)))


def from_below(place: Place, shape: str, rng: np.random.Generator) -> View:
    """Stand almost under the bridge and look along it."""
    plan = place.plan
    x = rng.uniform(-0.5, 0.5) * plan.length
    y = rng.choice([-1, 1]) * rng.uniform(0.35, 1.6) * plan.width
    z = max(ground_at(place.terrain, x, y), 0.0) + rng.uniform(1.6, 2.6)
    far = -np.sign(x) * plan.span * rng.uniform(0.3, 0.8) + x
    aim = road_at(plan, float(np.clip(far, -plan.length / 2, plan.length / 2)))
    target = np.array([far, -y * 0.15, z + (aim - z) * rng.uniform(0.5, 0.85)])
    return View("below", shape, np.array([x, y, z]), target, np.radians(rng.uniform(55, 78)))


def close_up(place: Place, shape: str, rng: np.random.Generator) -> View:
    """Pick out one part of the bridge with a longer lens."""
    plan = place.plan
    aim = place.bridge.features[rng.integers(len(place.bridge.features))].copy()
    away = rng.uniform(0.35, 0.9) * float(np.clip(plan.span * 0.5, 16, 120))
    turn = np.radians(rng.uniform(25, 155)) * rng.choice([-1, 1])
    rise = np.radians(rng.uniform(-12, 16))
    eye = aim + away * np.array([np.cos(turn), np.sin(turn), np.tan(rise)])
    eye[2] = max(eye[2], max(ground_at(place.terrain, eye[0], eye[1]), 0) + 1.7)
    aim[2] = max(aim[2] - away * 0.06, 0.5)
    return View("detail", shape, eye, aim, np.radians(rng.uniform(30, 52)))


def framed(place: Place, kind: str, shape: str, eye: Floats, rng: np.random.Generator) -> View:
    """Aim and zoom so that the bridge, or its main span, fills the frame with some margin."""
    subject = place.samples
    if rng.random() < 0.65:
        near = np.abs(subject[:, 0]) < place.plan.span * rng.uniform(0.52, 0.75)
        subject = subject[near] if near.sum() > 50 else subject
    target = (subject.min(axis=0) + subject.max(axis=0)) / 2
    view = View(kind, shape, eye, target, np.radians(50))
    for _ in range(3):
        seen = view.project(subject)
        seen = seen[seen[:, 2] > 1.0]
        if len(seen) < 20:
            return view
        low, high = np.percentile(seen[:, :2], [1, 99], axis=0)
        view = recentred(view, (low + high) / 2, (high - low) / 2)
    margin = rng.uniform(1.08, 1.45)
    angle = float(np.clip(2 * np.arctan(np.tan(view.angle / 2) * margin), 0.16, 1.35))
    lift = np.array([0, 0, rng.uniform(-0.16, 0.1) * np.tan(angle / 2)])
    return View(kind, shape, eye, view.target + lift * np.linalg.norm(view.target - eye), angle)


def recentred(view: View, middle: Floats, half: Floats) -> View:
    """Turn towards the middle of what is seen and zoom to its size."""
    ahead, right, up = view.axes()
    wide = np.tan(view.angle / 2)
    aim = ahead + right * middle[0] * wide + up * middle[1] * wide / view.aspect
    distance = np.linalg.norm(view.target - view.eye)
    angle = float(np.clip(2 * np.arctan(wide * max(half[0], half[1])), 0.1, 1.5))
    return View(view.kind, view.format, view.eye, view.eye + aim * distance, angle)


def ground_at(terrain: Terrain, x: float, y: float) -> float:
    """Return the ground's height at one place."""
    return float(terrain.height(np.array([x]), np.array([y]))[0])


def rate(place: Place, view: View) -> float:
    """Return how good a view is: 0 if it is impossible, more the more bridge it shows well."""
    if not stands_free(place, view):
        return 0.0
    seen = view.project(place.samples)
    inside = (np.abs(seen[:, :2]) < 1).all(axis=1) & (seen[:, 2] > 0.5)
    if inside.sum() < 30:
        return 0.0
    clear = unblocked(place, view.eye, place.samples[inside])
    cover = covered(seen[inside][clear])
    share = float(clear.mean())
    wanted = LEAST_COVER[view.kind]
    full = min(cover / (wanted * 2.2), 1.0)
    crowded = 1.0 if cover < 0.62 else 0.5 if cover < 0.75 else 0.1
    near = 1.0 if float(seen[inside][:, 2].min()) > 1.2 else 0.3
    kept = 0.4 + 0.6 * float(inside.mean()) if view.kind in ("bank", "water", "air") else 1.0
    calm = 1.0 if view.kind in ("deck", "below") else float(np.clip(2.2 - view.angle, 0.2, 1.0))
    return full * share**2 * calm * crowded * near * kept * (1.0 if cover > wanted else 0.3)


def stands_free(place: Place, view: View) -> bool:
    """Say whether the camera is above ground and water, out of walls and off its subject."""
    eye = view.eye
    x = eye[0] + np.array([0, 4, -4, 0, 0])
    y = eye[1] + np.array([0, 0, 0, 4, -4])
    floor = float(place.terrain.height(x, y).max())
    if view.kind != "deck" and eye[2] < max(floor + 0.9, 0.9):
        return False
    b = place.buildings
    if len(b) and view.kind != "deck":
        near = (np.abs(eye[0] - b[:, 0]) < b[:, 3] / 2 + 8) & (
            np.abs(eye[1] - b[:, 1]) < b[:, 4] / 2 + 8
        )
        if (near & (eye[2] < b[:, 2] + b[:, 5] * 1.4 + 8)).any():
            return False
        if crowds(view, b):
            return False
    gap = np.linalg.norm(place.samples - eye, axis=1).min()
    return bool(gap > {"deck": 1.0, "below": 4.0}.get(view.kind, 6.0))


def crowds(view: View, buildings: Floats) -> bool:
    """Say whether a building stands large in the foreground."""
    roofs = buildings[:, :3] + np.outer(buildings[:, 5], [0, 0, 1.0])
    distance = float(np.linalg.norm(view.target - view.eye))
    for point in (roofs, buildings[:, :3]):
        seen = view.project(point)
        near = (seen[:, 2] > 0) & (seen[:, 2] < distance * 0.55)
        if (near & (np.abs(seen[:, :2]) < 1.15).all(axis=1)).any():
            return True
    return False


def unblocked(place: Place, eye: Floats, points: Floats) -> npt.NDArray[np.bool_]:
    """Say which points neither ground nor buildings hide from the eye."""
    t = np.linspace(0.02, 0.97, 26)[None, :]
    step = max(1, len(points) // RAYS)
    chosen = points[::step]
    line = eye + (chosen - eye)[:, None] * t[..., None]  # (n, 26, 3)
    clear = (place.terrain.height(line[..., 0], line[..., 1]) < line[..., 2] + 0.3).all(axis=1)
    for x, y, ground, long, deep, high in place.buildings:
        inside = (np.abs(line[..., 0] - x) < long / 2) & (np.abs(line[..., 1] - y) < deep / 2)
        clear &= ~(inside & (line[..., 2] < ground + high)).any(axis=1)
    return np.asarray(np.repeat(clear, step)[: len(points)])


def covered(seen: Floats) -> float:
    """Return the part of the frame's cells in which the bridge is seen."""
    if not len(seen):
        return 0.0
    cells = np.zeros(GRID, dtype=bool)
    row = ((seen[:, 1] + 1) / 2 * GRID[0]).astype(int)
    column = ((seen[:, 0] + 1) / 2 * GRID[1]).astype(int)
    cells[np.clip(row, 0, GRID[0] - 1), np.clip(column, 0, GRID[1] - 1)] = True
    return float(cells.mean())


def in_the_way(view: View, copies: Floats, radius: float, tall: float) -> npt.NDArray[np.int64]:
    """Return which copies stand too large before the bridge and should be left out."""
    if not len(copies):
        return np.zeros(0, dtype=np.int64)
    centre = copies[:, :3] + np.outer(copies[:, 4], [0, 0, tall / 2])
    seen = view.project(centre)
    away = np.linalg.norm(centre - view.eye, axis=1)
    size = copies[:, 4] * radius / np.maximum(away, 0.1) / np.tan(view.angle / 2)
    inside = (np.abs(seen[:, 0]) < 0.75 + size) & (seen[:, 2] > 0)
    distance = float(np.linalg.norm(view.target - view.eye))
    blocks = inside & (away < distance * 0.9) & (size > 0.09)
    return np.flatnonzero(blocks | (away < 11 + radius * copies[:, 4]))
