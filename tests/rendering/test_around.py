"""What stands around a bridge: people, boats, plants and lamps, where they belong."""

import numpy as np
import pytest

from rendering import banks, people, town
from rendering.bridges.common import road
from rendering.clearing import framing_trees, in_the_way
from rendering.mesh import NONE, Floats
from rendering.plan import plan_bridge
from rendering.scene import build_scene, place_of
from rendering.terrain import Terrain
from rendering.view import View

SEEDS = range(20)  # one bridge of each type


def all_rows(placed: dict[str, Floats]) -> Floats:
    return np.concatenate([np.zeros((0, 5)), *placed.values()])


def test_every_shape_is_whole_and_stands_upright() -> None:
    for name, parts in (people.shapes() | banks.shapes(3) | town.shapes()).items():
        for mesh in parts.values():
            assert np.isfinite(mesh.vertices).all(), name
            assert mesh.faces[mesh.faces != NONE].max() < len(mesh.vertices), name


def test_a_figure_is_as_tall_as_a_person() -> None:
    points = np.concatenate([m.vertices for m in people.figure(0).values()])
    assert points[:, 2].min() == pytest.approx(0, abs=0.1)
    assert points[:, 2].max() == pytest.approx(1.75, abs=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_people_stand_on_the_pavement_or_on_dry_ground(seed: int) -> None:
    plan = plan_bridge(seed)
    terrain = Terrain(plan)
    x, y, z = all_rows(people.scatter(plan, terrain)).T[:3]
    on_deck = (np.abs(y) < plan.width / 2) & (np.abs(x) < plan.length / 2)
    assert np.abs(z - road(plan, x))[on_deck].max(initial=0) < 0.3
    assert np.abs(z - terrain.height(x, y))[~on_deck].max(initial=0) < 0.01
    assert z.min(initial=9) > 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_reeds_and_driftwood_lie_at_the_waters_edge(seed: int) -> None:
    plan = plan_bridge(seed)
    rows = all_rows(banks.scatter(plan, Terrain(plan)))
    assert (np.abs(rows[:, 2]) < 1.3).all()
    if plan.setting in banks.TIDY:
        assert not len(rows)


def test_near_lamps_light_a_near_view_and_all_of_the_bridge_a_far_one() -> None:
    plans = map(plan_bridge, range(400))
    plan = next(p for p in plans if p.type == "suspension" and p.lamps == "masts")
    heads = build_scene(plan.seed).bridge.lamps
    eye = np.array([plan.length / 2, 0.0, plan.clearance])
    near, far = (town.lamps_for(heads, eye, close) for close in (True, False))
    assert all(np.isclose(heads - town.BELOW_HEAD, lamp).all(axis=1).any() for lamp in near)
    assert len(near) == len(far) == town.LAMPS_LIT
    assert np.ptp(far[:, 0]) > 0.8 * plan.length
    assert near[:, 0].min() > far[:, 0].mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_floodlights_stand_outside_and_shine_inwards(seed: int) -> None:
    plan = plan_bridge(seed)
    rows = town.floodlights(plan)
    assert (np.abs(rows[:, 1]) > plan.width / 2).all()
    assert (np.abs(rows[:, 4]) < plan.width / 2).all()
    if plan.type in town.UNLIT:
        assert len(rows)


def test_trees_frame_a_view_at_its_sides_and_leave_the_middle_free() -> None:
    scene = build_scene(12)
    x = scene.terrain.half_water + 30
    eye = np.array([x, -60.0, scene.terrain.height(np.array([x]), np.array([-60.0]))[0] + 2])
    view = View("trees", "landscape", eye, np.array([0.0, 0.0, 5.0]), 0.9)
    rows = framing_trees(place_of(scene), view, 5)
    assert len(rows) >= 1
    assert (np.abs(view.project(rows[:, :3])[:, 0]) > 0.6).all()
    assert not len(in_the_way(view, rows, 0.0, 10.0))
