"""Bridges from 50 seeds: whole, plausible and the same every time. None of this needs Blender."""

from functools import cache

import numpy as np
import pytest

from rendering.bridges import BUILDERS, build_bridge
from rendering.bridges.arch import springing
from rendering.bridges.cables import tower_top
from rendering.bridges.common import Bridge, road
from rendering.mesh import NONE, MeshBuilder
from rendering.plan import TYPES, BridgePlan, plan_bridge
from rendering.proportions import PROPORTIONS
from rendering.terrain import Terrain

SEEDS = range(50)


@cache
def built(seed: int) -> tuple[BridgePlan, Terrain, Bridge]:
    plan = plan_bridge(seed)
    terrain = Terrain(plan)
    return plan, terrain, build_bridge(plan, terrain.height)


def of_type(*names: str) -> list[int]:
    return [seed for seed in SEEDS if plan_bridge(seed).type in names]


def test_every_type_has_a_builder_and_proportions_and_comes_within_the_seeds() -> None:
    assert set(BUILDERS) == set(TYPES) == set(PROPORTIONS)
    assert {plan_bridge(seed).type for seed in SEEDS} == set(TYPES)


@pytest.mark.parametrize("seed", SEEDS)
def test_meshes_are_finite_and_faces_name_existing_vertices(seed: int) -> None:
    for mesh in built(seed)[2].meshes.values():
        assert np.isfinite(mesh.vertices).all()
        assert mesh.faces[:, :3].min() >= 0
        assert mesh.faces.max() < len(mesh.vertices)
        assert len(mesh.uv()) == (mesh.faces != NONE).sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_deck_runs_from_abutment_to_abutment_without_a_step(seed: int) -> None:
    plan, _, bridge = built(seed)
    assert bridge.deck[[0, -1], 0] == pytest.approx([-plan.length / 2, plan.length / 2])
    steps = np.diff(bridge.deck, axis=0)
    assert (steps[:, 0] > 0).all()
    assert np.abs(steps[:, 2] / steps[:, 0]).max() < 0.2
    assert steps[:, 0].max() < 13


@pytest.mark.parametrize("seed", SEEDS)
def test_ground_meets_the_road_at_both_ends_and_stays_below_it_between(seed: int) -> None:
    plan, terrain, _ = built(seed)
    beyond = np.array([-1.0, 1.0]) * (plan.length / 2 + 4)
    gap = road(plan, beyond) - terrain.height(beyond, np.zeros(2))
    assert (gap > 0).all()
    assert (gap < 1.5).all()
    x = np.linspace(-plan.length / 2 + 1, plan.length / 2 - 1, 200)
    assert (terrain.height(x, np.zeros_like(x)) < road(plan, x)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_proportions_lie_within_the_stated_ranges(seed: int) -> None:
    plan = plan_bridge(seed)
    shape = PROPORTIONS[plan.type]
    assert shape.span[0] - 0.1 <= plan.span <= shape.span[1] + 0.1
    assert shape.width[0] <= plan.width <= shape.width[1]
    assert shape.depth[0] <= plan.depth / plan.span <= shape.depth[1]
    assert plan.rise >= shape.least_rise
    assert plan.rise <= max(shape.rise[1] * plan.span, shape.least_rise) + 1e-9
    assert plan.clearance >= shape.least_clearance


@pytest.mark.parametrize("seed", [0, 3, 7, 8, 11])
def test_a_seed_gives_the_same_arrays_again(seed: int) -> None:
    plan = plan_bridge(seed)
    again = build_bridge(plan, Terrain(plan).height)
    for material, mesh in built(seed)[2].meshes.items():
        np.testing.assert_array_equal(mesh.vertices, again.meshes[material].vertices)
        np.testing.assert_array_equal(mesh.faces, again.meshes[material].faces)


def test_different_seeds_give_different_bridges() -> None:
    assert len({(p.type, p.span, p.width) for p in map(plan_bridge, SEEDS)}) == len(SEEDS)


@pytest.mark.parametrize("seed", of_type("suspension", "through arch", "footbridge"))
def test_hangers_touch_the_deck_and_what_they_hang_from(seed: int) -> None:
    plan, _, bridge = built(seed)
    foot, top = bridge.hangers[:, 0], bridge.hangers[:, 1]
    assert np.abs(foot[:, 2] - road(plan, foot[:, 0])).max() < 0.5
    inside = np.abs(top[:, 0]) <= plan.span / 2
    curve = np.interp(top[inside, 0], bridge.main[:, 0], bridge.main[:, 2])
    np.testing.assert_allclose(top[inside, 2], curve, atol=0.6)
    assert (top[:, 2] > foot[:, 2]).all()


@pytest.mark.parametrize("seed", of_type("cable-stayed", "extradosed"))
def test_stays_rise_from_the_deck_to_a_pylon(seed: int) -> None:
    plan, _, bridge = built(seed)
    foot, top = bridge.hangers[:, 0], bridge.hangers[:, 1]
    np.testing.assert_allclose(foot[:, 2], road(plan, foot[:, 0]), atol=0.01)
    gaps = np.abs(top[:, :1] - np.array(plan.stations)[None, :]).min(axis=1)
    assert gaps.max() < 0.01
    assert (np.abs(foot[:, 1]) <= plan.width / 2 + 0.5).all()


@pytest.mark.parametrize("seed", of_type("suspension"))
def test_cable_hangs_from_saddle_to_saddle(seed: int) -> None:
    plan, _, bridge = built(seed)
    assert bridge.main[[0, -1], 2] == pytest.approx(tower_top(plan))
    assert np.ptp(bridge.main[:, 2]) == pytest.approx(plan.rise, rel=1e-6)


@pytest.mark.parametrize("seed", of_type("steel deck arch", "concrete deck arch"))
def test_deck_arches_spring_from_the_ground(seed: int) -> None:
    plan, terrain, bridge = built(seed)
    assert bridge.main[0, 2] == pytest.approx(springing(plan))
    ends = bridge.main[[0, -1]]
    ground = terrain.height(ends[:, 0], ends[:, 1])
    assert np.abs(ground - ends[:, 2]).max() < max(12.0, plan.span / 8)
    assert bridge.main[:, 2].max() < road(plan, np.zeros(1))[0]


def test_beams_of_every_direction_keep_their_section() -> None:
    builder = MeshBuilder()
    builder.beams([[0, 0, 0], [0, 0, 0], [0, 0, 0]], [[3, 0, 0], [0, 0, 3], [1, 1, 1]], 0.2, 0.4)
    rings = builder.mesh().vertices.reshape(3, 2, 4, 3)
    diagonal = np.linalg.norm(rings[:, :, 0] - rings[:, :, 2], axis=-1)
    np.testing.assert_allclose(diagonal, np.hypot(0.2, 0.4))
