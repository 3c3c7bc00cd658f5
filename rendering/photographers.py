"""Where a photographer would stand: on the bank, in a boat, in the air, on and under the bridge."""

import numpy as np

from rendering.bridges.common import road_at
from rendering.mesh import Floats
from rendering.score import Place, ground_at
from rendering.view import View


def propose(place: Place, kind: str, shape: str, rng: np.random.Generator) -> View:
    """Make one view of a kind at random."""
    makers = {
        "bank": from_bank,
        "water": from_water,
        "air": from_air,
        "deck": from_deck,
        "below": from_below,
        "detail": close_up,
        "trees": through_trees,
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


def through_trees(place: Place, shape: str, rng: np.random.Generator) -> View:
    """Stand farther back on the land, where trees can frame the view."""
    plan, terrain = place.plan, place.terrain
    y = rng.choice([-1, 1]) * rng.uniform(0.35, 1.2) * float(np.clip(plan.span, 40, 320))
    shore = terrain.half_water + terrain.land.slope + rng.uniform(4, 40)
    x = float(terrain.middle(np.array([y]))[0]) + rng.choice([-1, 1]) * shore
    z = ground_at(terrain, x, y) + rng.uniform(1.6, 3.0)
    return framed(place, "trees", shape, np.array([x, y, z]), rng)


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
